"""Which occurrences are planned, which larger service contains which, and which become work orders now? (B2-B5)"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, bindparam, cast, literal, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, select, update

from models.engagement import Cycle, Engagement
from models.occurrence import Occurrence
from models.rules.cycles import CycleKind
from models.rules.periods import Period
from models.rules.schedule import LONGEST_SHIFT_DAYS, Planned, planned_between
from models.rules.working_days import WorkingDays
from models.service_plan import Commitment
from models.upsert import insert_all_if_absent, insert_selected_if_absent
from models.work import WorkOrder
from tasks.engagements import engagement_id
from tasks.plans_in_force import PlanSpan, plan_spans
from tasks.series import (
    PlannedCommitment,
    in_batches,
    occurrence_row,
    planned_commitments,
    targets_of,
)

CONTAINING_MISSED = "the service that contains it was missed"
_SHIFT = timedelta(days=LONGEST_SHIFT_DAYS)
_LONGEST_WINDOW = timedelta(days=200)
"""No window is longer: a tenth of five years."""


@dataclass(frozen=True)
class PlanningPart:
    """A bounded part of what is to be planned, small enough for one transaction."""

    span: PlanSpan
    commitments: list[PlannedCommitment]
    planned: dict[int, tuple[Planned, ...]]
    """The dates of each commitment, by its id."""


def planning_horizon(month: Period, engagement: Engagement) -> date:
    """When a month opens the next one is planned too: its calendar goes out, and larger services are seen."""
    return min(month.following().last, engagement.last_day)


def opened_months(session: Session, key: int) -> list[Period]:
    """The months whose work was given out, or is being given out, in order."""
    labels = session.exec(
        select(Cycle.period).where(
            Cycle.engagement_id == key,
            Cycle.kind == CycleKind.MONTH_OPEN.value,
            col(Cycle.state).in_(("started", "done")),
        )
    ).all()
    return sorted(map(Period.parse, labels), key=lambda period: period.first)


def planning_parts(
    session: Session, engagement: Engagement, first: date, last: date, days: WorkingDays
) -> list[PlanningPart]:
    """What is to be planned from `first` to `last`, each day by the version in force on it, in bounded parts."""
    parts = []
    for span in plan_spans(session, engagement_id(engagement), first, last):
        fixed = [
            one
            for one in planned_commitments(session, engagement, span.plan)
            if not one.planning.follows_the_work
        ]
        # Another version governs the days after a span that ends early.
        planned = {one.id: _planned(one, span, span.last < last, days) for one in fixed}
        dates = {key: len(found) for key, found in planned.items()}
        parts += [
            PlanningPart(span, batch, planned) for batch in in_batches(session, span.plan, fixed, dates)
        ]
    return parts


def plan_part(session: Session, rows: list[dict[str, Any]]) -> None:
    """Write the occurrences of a part that are not there yet."""
    insert_all_if_absent(session, Occurrence, rows)


def part_rows(session: Session, engagement: Engagement, part: PlanningPart) -> list[dict[str, Any]]:
    """The rows of a part, one for each date and target."""
    key = engagement_id(engagement)
    targets = targets_of(session, part.commitments)
    return [
        occurrence_row(key, one, kind, code, planned)
        for one in part.commitments
        for planned in part.planned[one.id]
        for kind, code in targets.get(one.id, ())
    ]


def _planned(
    one: PlannedCommitment, span: PlanSpan, ends_early: bool, days: WorkingDays
) -> tuple[Planned, ...]:
    """The occurrences of the span, and those a shift brought before it whose nominal date lies in it."""
    last = span.last if ends_early else span.last + timedelta(days=one.planning.lead_days)
    found = planned_between(one.series, span.first - _SHIFT, last, days)
    return tuple(
        planned
        for planned in found
        if (planned.due_on >= span.first or planned.nominal_on >= span.first)
        and not (ends_early and planned.nominal_on > span.last)
    )


def release(session: Session, engagement: Engagement, last: date, released_on: date) -> dict[str, int]:
    """Give out the orders of what is planned and to be given out up to a day, in two statements.

    Returns:
        New orders by subject.
    """
    due: tuple[ColumnElement[bool], ...] = (
        col(Occurrence.engagement_id) == engagement_id(engagement),
        col(Occurrence.state) == "planned",
        col(Occurrence.release_on) <= last,
        col(Occurrence.due_on) <= engagement.last_day,
    )
    counted = dict(
        session.exec(
            select(Occurrence.subject, func.count()).where(*due).group_by(col(Occurrence.subject))
        ).all()
    )
    if counted:
        columns, rows = _orders_of(engagement, due, released_on)
        insert_selected_if_absent(session, WorkOrder, columns, rows)
        session.exec(
            update(Occurrence)
            .where(*due)
            .values(state="released")
            .execution_options(synchronize_session=False)
        )
    return {subject: int(count) for subject, count in sorted(counted.items())}


def release_what_is_open(session: Session, engagement: Engagement, today: date) -> None:
    """Give out what was planned since for the months that are open; nothing before the first is."""
    opened = opened_months(session, engagement_id(engagement))
    if opened:
        release(session, engagement, opened[-1].last, today)


def released_order(session: Session, occurrence: Occurrence) -> WorkOrder | None:
    """The order of an occurrence while it is out and not settled."""
    return session.exec(
        select(WorkOrder).where(
            WorkOrder.engagement_id == occurrence.engagement_id,
            WorkOrder.series == occurrence.commitment_code,
            WorkOrder.target_code == occurrence.target_code,
            WorkOrder.due_on == occurrence.due_on,
            WorkOrder.state == "released",
        )
    ).one_or_none()


def _orders_of(
    engagement: Engagement, which: tuple[ColumnElement[bool], ...], released_on: date
) -> tuple[list[str], Select[Any]]:
    title = Commitment.title_zh if engagement.language == "zh" else Commitment.title_en
    values: dict[str, Any] = {
        "engagement_id": Occurrence.engagement_id,
        "commitment_id": Occurrence.commitment_id,
        "series": Occurrence.commitment_code,
        "clause": Commitment.clause,
        "subject": Occurrence.subject,
        "title": title,
        "target_kind": Occurrence.target_kind,
        "target_code": Occurrence.target_code,
        "ordinal": Occurrence.ordinal,
        "due_on": Occurrence.due_on,
        "latest_on": Occurrence.latest_on,
        "statutory": col(Commitment.statutory) != "",
        "post_code": Occurrence.post_code,
        "state": literal("released"),
        "released_on": literal(released_on),
        "reason": literal(""),
    }
    rows = (
        sa_select(*(value.label(name) for name, value in values.items()))
        .select_from(Occurrence)
        .join(Commitment, col(Commitment.id) == col(Occurrence.commitment_id))
        .where(*which)
        .order_by(col(Occurrence.id))
    )
    return list(values), rows


def mark_released(session: Session, key: int, first: date, last: date) -> None:
    """Note that the orders of what is planned between two days were given out."""
    session.exec(
        update(Occurrence)
        .where(
            col(Occurrence.engagement_id) == key,
            col(Occurrence.state) == "planned",
            col(Occurrence.due_on).between(first, last),
        )
        .values(state="released")
        .execution_options(synchronize_session=False)
    )


def order_rows(
    session: Session, engagement: Engagement, first: date, last: date, released_on: date
) -> list[dict[str, Any]]:
    """The orders that what is open between two days is or becomes, as column values."""
    which = (
        col(Occurrence.engagement_id) == engagement_id(engagement),
        col(Occurrence.state).in_(("planned", "released")),
        col(Occurrence.due_on).between(first, last),
    )
    _columns, rows = _orders_of(engagement, which, released_on)
    return [dict(row) for row in session.connection().execute(rows).mappings()]


def settle_orders(session: Session, key: int, done: list[tuple[str, str, date, date]]) -> None:
    """Note which occurrences were done: commitment, target, due day and day done of their orders.

    One that was counted as missed, or whose day is corrected, has the new day.
    """
    if not done:
        return
    table = Occurrence.__table__  # type: ignore[attr-defined]
    session.connection().execute(
        table.update()
        .where(
            table.c.engagement_id == key,
            table.c.commitment_code == bindparam("of_series"),
            table.c.target_code == bindparam("of_target"),
            table.c.due_on == bindparam("of_day"),
            # One by one: a list cannot be a parameter of many statements at once.
            or_(*(table.c.state == state for state in ("released", "missed", "done"))),
        )
        .values(state="done", done_on=bindparam("on")),
        [
            {"of_series": series, "of_target": target, "of_day": due_on, "on": done_on}
            for series, target, due_on, done_on in done
        ],
    )


def close_occurrences(session: Session, key: int, last: date) -> int:
    """Mark what was released and not done by its latest day as missed, and what it would have contained.

    Returns:
        How many were missed themselves.
    """
    mine = (col(Occurrence.engagement_id) == key, col(Occurrence.latest_on) <= last)
    missed = session.exec(
        update(Occurrence)
        .where(*mine, col(Occurrence.state) == "released")
        .values(state="missed")
        .execution_options(synchronize_session=False)
    ).rowcount
    containing = select(col(Occurrence.series) + literal("#") + cast(Occurrence.ordinal, String)).where(
        *mine, Occurrence.state == "missed", Occurrence.due_on >= last - _LONGEST_WINDOW
    )
    session.exec(
        update(Occurrence)
        .where(
            col(Occurrence.engagement_id) == key,
            col(Occurrence.state) == "absorbed",
            col(Occurrence.due_on) >= last - 2 * _LONGEST_WINDOW,
            col(Occurrence.absorbed_by).in_(containing.correlate(None)),
        )
        .values(state="missed", reason=CONTAINING_MISSED)
        .execution_options(synchronize_session=False)
    )
    return missed
