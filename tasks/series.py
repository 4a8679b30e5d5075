"""What does a version of the plan plan, and under which series? Read as plain values, a few at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from models.engagement import Engagement
from models.intake import WorkingCalendarForm
from models.rules.planning import Planning
from models.rules.recurrence import Recurrence
from models.rules.schedule import Planned, Series
from models.rules.working_days import WorkingDays, working_days
from models.service_plan import Commitment, CommitmentTarget, ServicePlan
from models.working_day_files import load_working_days
from tasks.engagements import engagement_id

WORK_SUBJECTS = (
    "preventive_maintenance",
    "round",
    "cleaning",
    "greening",
    "security_patrol",
    "cctv_check",
    "fire_check",
    "corrective",
)
"""Subjects whose occurrences are work orders; meetings, drills, surveys and reviews have their own cycles."""
ROWS_AT_ONCE = 20_000
"""So many occurrences are held in memory; a register may have a hundred thousand assets."""
_IDS_AT_ONCE = 500


@dataclass(frozen=True)
class PlannedCommitment:
    """What planning needs to know of one commitment."""

    id: int
    code: str
    subject: str
    post_code: str
    series: Series
    planning: Planning
    name: str
    """Its code, marked with the version where an amendment changed its rule: the front of each series' name."""


def working_days_of(engagement: Engagement) -> WorkingDays:
    """The working days of an engagement: its country's notices and what was agreed with the client."""
    agreed = WorkingCalendarForm.model_validate(engagement.working_calendar or {})
    hours = agreed.service_calendar(engagement.timezone).windows
    resting = frozenset(weekday for weekday, windows in enumerate(hours) if not windows)
    return working_days(
        load_working_days(),
        engagement.jurisdiction,
        resting,
        frozenset(agreed.holidays),
        frozenset(agreed.makeup_workdays),
    )


def planned_commitments(
    session: Session, engagement: Engagement, plan: ServicePlan
) -> list[PlannedCommitment]:
    """The commitments of a version that become work, in the order of their codes."""
    key = engagement_id(engagement)
    changed = _changed_rules(session, key, plan.version)
    first = not _older_version(session, key, plan)
    floor = engagement.term_start if first else max(plan.effective_on, engagement.term_start)
    rows = session.exec(
        select(
            Commitment.id,
            Commitment.code,
            Commitment.subject,
            Commitment.post_code,
            Commitment.rrule,
            Commitment.start_on,
            Commitment.longest_interval_days,
            Commitment.planning,
        )  # type: ignore[call-overload]  # SQLModel knows four columns at most
        .where(
            Commitment.plan_id == plan.id,
            col(Commitment.subject).in_(WORK_SUBJECTS),
            col(Commitment.on_demand).is_(False),
        )
        .order_by(Commitment.code)
    ).all()
    return [
        PlannedCommitment(
            row[0],
            row[1],
            row[2],
            row[3],
            Series(Recurrence.parse(row[4]) if row[4] else None, row[5], floor, row[6]),
            Planning.from_json(row[7] or {}),
            f"{row[1]}@{changed[row[1]]}" if row[1] in changed else row[1],
        )
        for row in rows
    ]


def _older_version(session: Session, key: int, plan: ServicePlan) -> bool:
    return (
        session.exec(
            select(ServicePlan.id).where(
                ServicePlan.engagement_id == key,
                ServicePlan.state == "confirmed",
                ServicePlan.version < plan.version,
            )
        ).first()
        is not None
    )


def _changed_rules(session: Session, key: int, version: int) -> dict[str, int]:
    """The commitments whose rule an amendment changed, with the version that gave the present one.

    A changed rule is another series: its ordinals count other dates, and what was done under the old one stays.
    """
    versions = session.exec(
        select(ServicePlan.id, ServicePlan.version)
        .where(
            ServicePlan.engagement_id == key,
            col(ServicePlan.state).in_(("confirmed", "superseded")),
            ServicePlan.version <= version,
        )
        .order_by(col(ServicePlan.version))
    ).all()
    if len(versions) < 2:
        return {}
    known: dict[str, tuple[str, date]] = {}
    changed: dict[str, int] = {}
    for plan_id, number in versions:
        for code, rrule, start_on in session.exec(
            select(Commitment.code, Commitment.rrule, col(Commitment.start_on)).where(
                Commitment.plan_id == plan_id
            )
        ).all():
            if known.setdefault(code, (rrule, start_on)) != (rrule, start_on):
                known[code], changed[code] = (rrule, start_on), number
    return changed


def in_batches(
    session: Session, plan: ServicePlan, commitments: list[PlannedCommitment], dates: dict[int, int]
) -> Iterator[list[PlannedCommitment]]:
    """The commitments in batches of a bounded number of occurrences.

    Args:
        session: to count their targets in.
        plan: the version they belong to.
        commitments: in any order.
        dates: how many dates each has, by its id.
    """
    targets = dict(
        session.exec(
            select(CommitmentTarget.commitment_id, func.count())
            .join(Commitment, col(Commitment.id) == col(CommitmentTarget.commitment_id))
            .where(Commitment.plan_id == plan.id)
            .group_by(col(CommitmentTarget.commitment_id))
        ).all()
    )
    batch: list[PlannedCommitment] = []
    size = 0
    for commitment in commitments:
        rows = targets.get(commitment.id, 0) * dates.get(commitment.id, 0)
        if batch and (size + rows > ROWS_AT_ONCE or len(batch) == _IDS_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(commitment)
        size += rows
    if batch:
        yield batch


def targets_of(session: Session, commitments: list[PlannedCommitment]) -> dict[int, list[tuple[str, str]]]:
    """Kind and code of the targets of a batch, by commitment."""
    found: dict[int, list[tuple[str, str]]] = {}
    for commitment_id, kind, code in session.exec(
        select(CommitmentTarget.commitment_id, CommitmentTarget.kind, CommitmentTarget.code)
        .where(col(CommitmentTarget.commitment_id).in_([commitment.id for commitment in commitments]))
        .order_by(col(CommitmentTarget.commitment_id), CommitmentTarget.code)
    ).all():
        found.setdefault(commitment_id, []).append((kind, code))
    return found


def series_name(commitment: PlannedCommitment, target_code: str) -> str:
    """The name of one promise at one target."""
    return f"{commitment.name}/{target_code}"


def occurrence_row(
    key: int, one: PlannedCommitment, kind: str, code: str, planned: Planned, *, floating: bool = False
) -> dict[str, Any]:
    """The row of one occurrence as it is planned."""
    return {
        "engagement_id": key,
        "series": series_name(one, code),
        "ordinal": planned.ordinal,
        "commitment_id": one.id,
        "commitment_code": one.code,
        "subject": one.subject,
        "post_code": one.post_code,
        "target_kind": kind,
        "target_code": code,
        "nominal_on": planned.nominal_on,
        "due_on": planned.due_on,
        "latest_on": planned.latest_on,
        "legal_latest_on": planned.legal_latest_on,
        "shift": planned.shift.value,
        "release_on": planned.due_on - timedelta(days=one.planning.lead_days),
        "floating": floating,
        "by_meter": False,
        "state": "planned",
        "absorbed_by": "",
        "reason": "",
        "revision": 0,
    }
