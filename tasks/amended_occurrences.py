"""What becomes of the planned occurrences when the plan is amended? Done ones stay, ended series are called off."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, case
from sqlmodel import Session, col, select, update

from models.engagement import Engagement
from models.occurrence import Occurrence
from models.service_plan import Commitment, ServicePlan
from tasks.absorbing import absorb, give_back_absorbed
from tasks.engagements import engagement_id
from tasks.floating_series import plan_following
from tasks.occurrences import part_rows, plan_part, planning_parts
from tasks.plans_in_force import plan_spans
from tasks.series import planned_commitments, working_days_of

CANCELLED = "plan amended: "
"""How the reason of an order begins that an amendment of the plan cancelled."""
_FOLLOWS = (
    "commitment_id",
    "subject",
    "post_code",
    "nominal_on",
    "due_on",
    "latest_on",
    "legal_latest_on",
    "shift",
)


def align_occurrences(
    session: Session, engagement: Engagement, plan: ServicePlan, last: date, since: date
) -> None:
    """Make the occurrences from a day on those of the versions now in force; twice is once.

    What is done, missed or left out by a person stays. An occurrence the new version also has follows it; one it
    has no more is called off with the reason; what it has in addition is planned.

    Args:
        session: the transaction of the decision.
        engagement: whose plan it is.
        plan: the amended version.
        last: until when anything is planned.
        since: from which day.
    """
    key, days = engagement_id(engagement), working_days_of(engagement)
    if since > last:
        return
    for part in planning_parts(session, engagement, since, last, days):
        rows = part_rows(session, engagement, part)
        _follow(session, key, since, rows)
        plan_part(session, rows)
    governing = [span.plan for span in plan_spans(session, key, since, last)]
    for version in governing:
        _let_floating_follow(session, engagement, version, since)
    _end(
        session, key, since, [version.id or 0 for version in governing], f"{CANCELLED}version {plan.version}"
    )
    give_back_absorbed(session, key)
    plan_following(session, engagement, since, days)
    absorb(session, engagement, since, last, days)


def _follow(session: Session, key: int, since: date, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table = Occurrence.__table__  # type: ignore[attr-defined]
    called_off = table.c.state == "skipped"
    session.connection().execute(
        table.update()
        .where(
            table.c.engagement_id == key,
            table.c.series == bindparam("of_series"),
            table.c.ordinal == bindparam("of_ordinal"),
            table.c.due_on >= since,
            table.c.state != "done",  # one by one: a list cannot be part of a statement for many rows
            table.c.state != "missed",
            ~called_off | table.c.reason.startswith(CANCELLED),
        )
        .values(
            state=case((called_off, "planned"), else_=table.c.state),
            reason="",
            revision=case(
                (called_off | (table.c.due_on != bindparam("new_due_on")), table.c.revision + 1),
                else_=table.c.revision,
            ),
            release_on=bindparam("new_release_on"),
            **{name: bindparam(f"new_{name}") for name in _FOLLOWS},
        ),
        [
            {
                "of_series": row["series"],
                "of_ordinal": row["ordinal"],
                "new_release_on": row["release_on"],
                **{f"new_{name}": row[name] for name in _FOLLOWS},
            }
            for row in rows
        ],
    )


def _let_floating_follow(session: Session, engagement: Engagement, plan: ServicePlan, since: date) -> None:
    for one in planned_commitments(session, engagement, plan):
        if one.planning.follows_the_work:
            session.exec(
                update(Occurrence)
                .where(
                    col(Occurrence.engagement_id) == engagement_id(engagement),
                    col(Occurrence.commitment_code) == one.code,
                    col(Occurrence.series).startswith(f"{one.name}/", autoescape=True),
                    col(Occurrence.floating).is_(True),
                    col(Occurrence.due_on) >= since,
                    col(Occurrence.state).in_(("planned", "released")),
                )
                .values(commitment_id=one.id, post_code=one.post_code)
                .execution_options(synchronize_session=False)
            )


def _end(session: Session, key: int, since: date, governing: list[int], reason: str) -> None:
    """Call off what is open from the day on and belongs to no commitment of the versions in force."""
    session.exec(
        update(Occurrence)
        .where(
            col(Occurrence.engagement_id) == key,
            col(Occurrence.due_on) >= since,
            col(Occurrence.state).in_(("planned", "released", "absorbed")),
            col(Occurrence.commitment_id).not_in(
                select(Commitment.id).where(col(Commitment.plan_id).in_(governing)).correlate(None)
            ),
        )
        .values(state="skipped", reason=reason, revision=col(Occurrence.revision) + 1)
        .execution_options(synchronize_session=False)
    )
