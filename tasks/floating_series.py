"""When is the next occurrence of work that follows the work: reckoned from the last one done, or from a meter? (B2)"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import tuple_
from sqlmodel import Session, col, func, select

from models.engagement import Engagement
from models.occurrence import MeterReading, Occurrence
from models.rules.floating import Reading, Settled, meter_due, next_floating
from models.rules.planning import Meter, Planning
from models.rules.schedule import Planned
from models.rules.working_days import WorkingDays
from models.service_plan import Commitment
from models.upsert import insert_all_if_absent
from tasks.engagements import engagement_id
from tasks.moved_occurrences import move_occurrence
from tasks.plans_in_force import plan_on
from tasks.series import (
    PlannedCommitment,
    occurrence_row,
    planned_commitments,
    series_name,
    targets_of,
    working_days_of,
)

_SERIES_AT_ONCE = 400


def plan_following(
    session: Session,
    engagement: Engagement,
    on: date,
    days: WorkingDays,
    codes: Sequence[str] | None = None,
) -> None:
    """Plan the next occurrence of each series that follows the work and has none open.

    Args:
        session: the writing session.
        engagement: whose plan it is.
        on: the version in force on this day plans.
        days: the working days.
        codes: of these commitments only; all by default.
    """
    plan = plan_on(session, engagement_id(engagement), on)
    if plan is None:
        return
    following = [
        one
        for one in planned_commitments(session, engagement, plan)
        if one.planning.follows_the_work and (codes is None or one.code in codes)
    ]
    for start in range(0, len(following), _SERIES_AT_ONCE):
        batch = following[start : start + _SERIES_AT_ONCE]
        targets = targets_of(session, batch)
        places = [(one, kind, code) for one in batch for kind, code in targets.get(one.id, ())]
        for begin in range(0, len(places), _SERIES_AT_ONCE):
            _plan_next(session, engagement_id(engagement), places[begin : begin + _SERIES_AT_ONCE], days)


def _plan_next(
    session: Session, key: int, places: list[tuple[PlannedCommitment, str, str]], days: WorkingDays
) -> None:
    newest = newest_of(session, key, [series_name(one, code) for one, _kind, code in places])
    metered = {code for one, _kind, code in places if one.planning.meter is not None}
    readings = readings_of(session, key, sorted(metered)) if metered else {}
    rows: list[dict[str, Any]] = []
    for one, kind, code in places:
        last = newest.get(series_name(one, code))
        if last is not None and last.state in ("planned", "released"):
            if one.planning.meter is not None:
                _pull_earlier(session, last, one.planning.meter, readings.get(code, []))
            continue
        settled = None if last is None else Settled(last.ordinal, last.done_on or last.due_on)
        planned = next_floating(one.series, settled, days)
        if planned is None:
            continue
        due = None
        if one.planning.meter is not None:
            due = meter_due(
                one.planning.meter, None if settled is None else settled.on, readings.get(code, [])
            )
        if due is not None and due < planned.due_on:
            planned = _by_meter(planned, one, due)
        row = occurrence_row(key, one, kind, code, planned, floating=True)
        rows.append({**row, "by_meter": planned.due_on == due})
    insert_all_if_absent(session, Occurrence, rows)


def _by_meter(planned: Planned, one: PlannedCommitment, due: date) -> Planned:
    return replace(planned, due_on=due, latest_on=min(planned.latest_on, due + one.series.window))


def go_on_after(session: Session, engagement: Engagement, commitment_ids: set[int], on: date) -> set[str]:
    """Plan what follows the work of these commitments that was just settled; returns the codes that do.

    Args:
        session: the writing session.
        engagement: whose work it is.
        commitment_ids: of the orders that were recorded.
        on: the business date.
    """
    codes: set[str] = set()
    ids = sorted(commitment_ids)
    for start in range(0, len(ids), _SERIES_AT_ONCE):
        for code, planning in session.exec(
            select(Commitment.code, col(Commitment.planning)).where(
                col(Commitment.id).in_(ids[start : start + _SERIES_AT_ONCE])
            )
        ).all():
            if Planning.from_json(planning or {}).follows_the_work:
                codes.add(code)
    if codes:
        plan_following(session, engagement, on, working_days_of(engagement), sorted(codes))
    return codes


def newest_of(session: Session, key: int, names: list[str]) -> dict[str, Occurrence]:
    """The newest occurrence of each of these series."""
    newest = (
        select(Occurrence.series, func.max(Occurrence.ordinal))
        .where(Occurrence.engagement_id == key, col(Occurrence.series).in_(names))
        .group_by(col(Occurrence.series))
    )
    rows = session.exec(
        select(Occurrence).where(
            Occurrence.engagement_id == key,
            tuple_(col(Occurrence.series), col(Occurrence.ordinal)).in_(newest),
        )
    ).all()
    return {row.series: row for row in rows}


def readings_of(session: Session, key: int, tags: list[str]) -> dict[str, list[Reading]]:
    """The meter readings of some assets, in the order they were recorded."""
    found: dict[str, list[Reading]] = {}
    for start in range(0, len(tags), _SERIES_AT_ONCE):
        for tag, on, value in session.exec(
            select(MeterReading.asset_tag, col(MeterReading.read_on), col(MeterReading.value))
            .where(
                MeterReading.engagement_id == key,
                col(MeterReading.asset_tag).in_(tags[start : start + _SERIES_AT_ONCE]),
            )
            .order_by(col(MeterReading.id))
        ).all():
            found.setdefault(tag, []).append(Reading(on, value))
    return found


def _pull_earlier(session: Session, open_one: Occurrence, meter: Meter, readings: list[Reading]) -> None:
    """Let a meter make an open occurrence due now; its order, if it is out already, moves with it."""
    before = session.exec(
        select(col(Occurrence.done_on), col(Occurrence.due_on)).where(
            Occurrence.engagement_id == open_one.engagement_id,
            Occurrence.series == open_one.series,
            Occurrence.ordinal == open_one.ordinal - 1,
        )
    ).one_or_none()
    due = meter_due(meter, None if before is None else before[0] or before[1], readings)
    if due is None or due >= open_one.due_on:
        return
    window = open_one.latest_on - open_one.due_on
    open_one.by_meter = True
    move_occurrence(session, open_one, due, due + window)
