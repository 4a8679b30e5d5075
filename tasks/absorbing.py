"""Which occurrences need not be done by themselves, because a larger service contains them? (B2)"""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import String, cast, literal
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select, update

from models.engagement import Engagement
from models.occurrence import Occurrence
from models.rules.absorption import absorptions
from models.rules.schedule import LONGEST_SHIFT_DAYS, planned_between
from models.rules.working_days import WorkingDays
from models.service_plan import CommitmentTarget
from tasks.engagements import engagement_id
from tasks.plans_in_force import PlanSpan, plan_spans
from tasks.series import PlannedCommitment, planned_commitments


def absorb(session: Session, engagement: Engagement, first: date, last: date, days: WorkingDays) -> None:
    """Give the occurrences that a larger service contains the state absorbed, before they are released."""
    for span in plan_spans(session, engagement_id(engagement), first, last):
        commitments = {
            one.id: one
            for one in planned_commitments(session, engagement, span.plan)
            if not one.planning.follows_the_work
        }
        pairs = [
            (commitments[small], commitments[large])
            for small, large in _sharing_a_target(session, commitments.values())
        ]
        for small, large in sorted(
            pairs, key=lambda pair: (-pair[1].series.step_days, pair[1].code, pair[0].code)
        ):
            _absorb_pair(session, engagement_id(engagement), small, large, span, days)


def give_back_absorbed(session: Session, key: int) -> int:
    """Plan anew what was to be done with a larger service that is called off; returns how many."""
    called_off = select(col(Occurrence.series) + literal("#") + cast(Occurrence.ordinal, String)).where(
        Occurrence.engagement_id == key, Occurrence.state == "skipped"
    )
    return session.exec(
        update(Occurrence)
        .where(
            col(Occurrence.engagement_id) == key,
            col(Occurrence.state) == "absorbed",
            col(Occurrence.absorbed_by).in_(called_off.correlate(None)),
        )
        .values(state="planned", absorbed_by="", revision=col(Occurrence.revision) + 1)
        .execution_options(synchronize_session=False)
    ).rowcount


def _sharing_a_target(session: Session, commitments: Iterable[PlannedCommitment]) -> list[tuple[int, int]]:
    """Ids of a smaller and a larger commitment that contains it and has a target in common with it."""
    by_job: dict[str, list[PlannedCommitment]] = {}
    for one in commitments:
        if one.planning.job:
            by_job.setdefault(one.planning.job, []).append(one)
    pairs: list[tuple[int, int]] = []
    of_small, of_large = aliased(CommitmentTarget), aliased(CommitmentTarget)
    for _job, larger in sorted(by_job.items()):
        smaller = [s.id for name in larger[0].planning.absorbs for s in by_job.get(name, ())]
        if not smaller:
            continue
        rows = session.exec(
            select(of_small.commitment_id, of_large.commitment_id)
            .distinct()
            .where(
                of_small.kind == of_large.kind,
                of_small.code == of_large.code,
                col(of_small.commitment_id).in_(smaller),
                col(of_large.commitment_id).in_([one.id for one in larger]),
            )
        ).all()
        pairs += rows
    return pairs


def _absorb_pair(
    session: Session,
    key: int,
    small: PlannedCommitment,
    large: PlannedCommitment,
    span: PlanSpan,
    days: WorkingDays,
) -> None:
    reach = timedelta(days=2 * small.series.step_days + LONGEST_SHIFT_DAYS)
    bigger = planned_between(large.series, span.first, span.last, days)
    if not bigger:
        return
    found = absorptions(
        planned_between(small.series, max(span.first, small.series.floor) - reach, span.last + reach, days),
        bigger,
        small.series.longest_interval_days,
    )
    for one in found:
        containing = (
            select(Occurrence.target_code)
            .where(
                Occurrence.engagement_id == key,
                Occurrence.commitment_code == large.code,
                Occurrence.ordinal == one.large,
                col(Occurrence.series).startswith(f"{large.name}/", autoescape=True),
                col(Occurrence.state).in_(("planned", "released")),
            )
            .correlate(None)
        )
        mine = (
            col(Occurrence.engagement_id) == key,
            col(Occurrence.commitment_code) == small.code,
            col(Occurrence.ordinal) == one.small,
            col(Occurrence.series).startswith(f"{small.name}/", autoescape=True),
        )
        absorbed = session.exec(
            update(Occurrence)
            .where(*mine, col(Occurrence.state) == "planned", col(Occurrence.target_code).in_(containing))
            .values(
                state="absorbed",
                absorbed_by=literal(f"{large.name}/")
                + col(Occurrence.target_code)
                + literal(f"#{one.large}"),
                revision=col(Occurrence.revision) + 1,
            )
            .execution_options(synchronize_session=False)
        )
        if absorbed.rowcount:
            session.exec(
                update(Occurrence)
                .where(
                    col(Occurrence.engagement_id) == key,
                    col(Occurrence.commitment_code) == large.code,
                    col(Occurrence.ordinal) == one.large,
                    col(Occurrence.series).startswith(f"{large.name}/", autoescape=True),
                    col(Occurrence.state) == "planned",
                    col(Occurrence.latest_on) > one.large_latest_on,
                    col(Occurrence.target_code).in_(
                        select(Occurrence.target_code)
                        .where(*mine, Occurrence.state == "absorbed")
                        .correlate(None)
                    ),
                )
                .values(latest_on=one.large_latest_on)
                .execution_options(synchronize_session=False)
            )


def count_absorbed(session: Session, key: int, first: date, last: date) -> int:
    """How many occurrences due in the days have no order of their own, because a larger service contains them."""
    return session.exec(
        select(func.count()).where(
            Occurrence.engagement_id == key,
            Occurrence.state == "absorbed",
            Occurrence.due_on >= first,
            Occurrence.due_on <= last,
        )
    ).one()
