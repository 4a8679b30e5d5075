"""What must be done this month, and what was done? Planning, recording and closing work orders (B2-B5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, func, select, update

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Transient
from models.faults import fault_point
from models.occurrence import Occurrence
from models.register import Asset
from models.rules.field_records import OrderFacts, Outcome, is_late_entry
from models.rules.finding_priority import RESPONSE_TIME, finding_priority
from models.rules.periods import Period
from models.rules.weather import WEATHER
from models.upsert import insert_if_absent
from models.work import WorkOrder, WorkPhoto, WorkRecord
from tasks.absorbing import absorb
from tasks.amended_occurrences import CANCELLED
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import engagement_id, engagement_of, find_engagement, lock_engagement
from tasks.files import keep_file
from tasks.floating_series import go_on_after, plan_following
from tasks.moved_occurrences import hold_the_law
from tasks.occurrences import (
    PlanningPart,
    close_occurrences,
    part_rows,
    plan_part,
    planning_horizon,
    planning_parts,
    release,
    release_what_is_open,
    released_order,
    settle_orders,
)
from tasks.plans_in_force import plan_spans, why_nothing_drives
from tasks.series import working_days_of
from tasks.steps import step

CORRECTIVE_TIME = timedelta(days=3)


@dataclass(frozen=True)
class OpenOrder:
    """A released order as the person who does it sees it."""

    id: int
    series: str
    subject: str
    clause: str
    title: str
    target_code: str
    ordinal: int
    due_on: date
    latest_on: date
    post_code: str


@dataclass(frozen=True)
class TakenPhoto:
    """A picture that was read and may be kept."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True)
class WorkEntry:
    """What the person who did it records."""

    order_id: int
    done_on: date
    staff_ref: str
    outcome: str = "done"
    """done, passed or failed."""
    reading: str = ""
    note: str = ""
    hours: Decimal = Decimal(0)
    material_cost: Decimal = Decimal("0.00")
    done_at: datetime | None = None
    """The instant of the work, where it is known."""
    place: str = ""
    """Where; by default the order's target."""
    photos: tuple[TakenPhoto, ...] = ()
    source: str = ""
    """Hash of the work sheet it stood on."""
    corrects: int | None = None
    """Sequence of the record whose place it takes."""
    reason: str = ""


@step("Look whether a confirmed plan drives the work")
def what_keeps_the_month_closed(cycle: CycleRef) -> str:
    """Why nothing may be released, in a sentence; empty if nothing is in the way."""
    with reading() as session:
        return why_nothing_drives(session, engagement_of(session, cycle.engagement_id))


@step("Release the month's work orders")
def release_month(cycle: CycleRef) -> dict[str, int]:
    """Turn the confirmed plan's commitments into the month's work orders; the same month again adds none.

    Returns:
        New orders by subject.
    """
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        month = _within_term(Period.parse(cycle.period), engagement)
        days, horizon = working_days_of(engagement), planning_horizon(month, engagement)
        parts = planning_parts(session, engagement, month.first, horizon, days)
    for part in parts[:-1]:
        with cycle_transaction(cycle) as session:
            _lock_versions(session, cycle, parts)
            plan_part(session, part_rows(session, engagement, part))
    with cycle_transaction(cycle) as session:
        _lock_versions(session, cycle, parts)
        for part in parts[-1:]:
            plan_part(session, part_rows(session, engagement, part))
        plan_following(session, engagement, month.last, days)
        absorb(session, engagement, month.first, horizon, days)
        hold_the_law(session, engagement, month.first - timedelta(days=1), days)
        released = release(session, engagement, month.last, cycle.as_of)
        if released:
            record_event(session, cycle.engagement_id, "work.released", cycle.period, dict(released))
        fault_point("work.before_release_commit")
        return released


def _lock_versions(session: Session, cycle: CycleRef, parts: Sequence[PlanningPart]) -> None:
    """Keep amendments out of this transaction, and see that none came in since the month was laid out.

    Raises:
        Transient: one did; the step tries again with the new version.
    """
    engagement = lock_engagement(session, cycle.code)
    if not parts:
        return
    first, last = parts[0].span.first, parts[-1].span.last
    now = {(s.plan.id, s.first, s.last) for s in plan_spans(session, engagement_id(engagement), first, last)}
    if not {(p.span.plan.id, p.span.first, p.span.last) for p in parts} <= now:
        raise Transient(f"{cycle.code}: the plan was amended while {cycle.period} was laid out.")


def _within_term(period: Period, engagement: Engagement) -> Period:
    return Period(
        period.kind,
        period.label,
        max(period.first, engagement.term_start),
        min(period.last, engagement.term_end),
    )


def open_orders(code: str, until: date) -> list[OpenOrder]:
    """Released orders due up to and including `until`, earliest first."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        rows = session.exec(
            select(WorkOrder)
            .where(WorkOrder.engagement_id == key, WorkOrder.state == "released", WorkOrder.due_on <= until)
            .order_by(col(WorkOrder.due_on), col(WorkOrder.series), col(WorkOrder.target_code))
        ).all()
        return [
            OpenOrder(
                order.id or 0,
                order.series,
                order.subject,
                order.clause,
                order.title,
                order.target_code,
                order.ordinal,
                order.due_on,
                order.latest_on,
                order.post_code,
            )
            for order in rows
        ]


def record_work(code: str, entries: Sequence[WorkEntry], recorded_on: date) -> int:
    """Record finished work in one transaction; an order recorded before is not recorded again.

    A failed check raises a corrective order, takes the asset out of order, and its repair puts it back.

    Args:
        code: the engagement.
        entries: what was done.
        recorded_on: the business date of the entry; later than the latest date marks a late entry.

    Returns:
        How many orders were closed.
    """
    with writing() as session:
        # An amendment accepted at this moment waits, and finds the work done.
        engagement = lock_engagement(session, code)
        by_id = {entry.order_id: entry for entry in entries}
        orders = orders_of(session, engagement_id(engagement), list(by_id), ("released",))
        settle_work(session, engagement, orders, by_id, recorded_on)
        return len(orders)


def orders_of(session: Session, key: int, ids: Sequence[int], states: Sequence[str]) -> list[WorkOrder]:
    """Those of the orders that are the engagement's and in one of the states."""
    orders: list[WorkOrder] = []
    for start in range(0, len(ids), 500):
        orders += session.exec(
            select(WorkOrder).where(
                WorkOrder.engagement_id == key,
                col(WorkOrder.id).in_(ids[start : start + 500]),
                col(WorkOrder.state).in_(states),
            )
        ).all()
    return orders


def settle_work(
    session: Session,
    engagement: Engagement,
    orders: Sequence[WorkOrder],
    by_id: Mapping[int, WorkEntry],
    recorded_on: date,
) -> None:
    """Close open or missed orders with what was recorded, in the caller's transaction.

    Args:
        session: the writing session; the engagement is held.
        engagement: whose work it is.
        orders: released or missed ones.
        by_id: what was recorded about each.
        recorded_on: the business date of the entry.
    """
    if not orders:
        return
    key = engagement_id(engagement)
    add_records(session, [(order, by_id[order.id or 0]) for order in orders], recorded_on)
    for order in orders:
        entry = by_id[order.id or 0]
        order.state, order.done_on = "done", entry.done_on
        session.add(order)
        if entry.outcome == Outcome.FAILED:
            raise_finding(session, engagement, order, entry)
        elif order.subject == "corrective" and order.target_kind == "asset":
            set_in_order(session, key, order.target_code, True)
    settle_orders(
        session,
        key,
        [(o.series, o.target_code, o.due_on, by_id[o.id or 0].done_on) for o in orders if o.commitment_id],
    )
    let_follow(session, engagement, orders, recorded_on)
    record_event(
        session,
        key,
        "work.recorded",
        engagement.code,
        {
            "orders": len(orders),
            "failed": sum(by_id[order.id or 0].outcome == Outcome.FAILED for order in orders),
            "through": str(max(by_id[order.id or 0].done_on for order in orders)),
        },
    )


def let_follow(
    session: Session, engagement: Engagement, orders: Sequence[WorkOrder], recorded_on: date
) -> None:
    """Plan what is reckoned from the work just recorded, and bring forward what the law asks for after it."""
    ids = {order.commitment_id for order in orders if order.commitment_id}
    if go_on_after(session, engagement, ids, recorded_on):
        release_what_is_open(session, engagement, recorded_on)
    done_on = [order.done_on for order in orders if order.statutory and order.done_on]
    if done_on:
        hold_the_law(session, engagement, min(done_on), working_days_of(engagement))


def add_records(
    session: Session,
    entries: Sequence[tuple[WorkOrder, WorkEntry]],
    recorded_on: date,
) -> None:
    """Append one record to the log of each order, with its photos; what the log holds stays as it is."""
    last: dict[int, int] = {}
    ids = [order.id or 0 for order, _entry in entries]
    for start in range(0, len(ids), 500):
        last |= dict(
            session.exec(
                select(WorkRecord.work_order_id, func.max(WorkRecord.sequence))
                .where(col(WorkRecord.work_order_id).in_(ids[start : start + 500]))
                .group_by(col(WorkRecord.work_order_id))
            ).all()
        )
    insert_if_absent(
        session,
        WorkRecord,
        [_record_row(order, entry, recorded_on, last.get(order.id or 0, 0) + 1) for order, entry in entries],
    )
    for order, entry in entries:
        if entry.photos:
            _keep_photos(session, order, entry, last.get(order.id or 0, 0) + 1)


def _record_row(order: WorkOrder, entry: WorkEntry, recorded_on: date, sequence: int) -> dict[str, Any]:
    return {
        "work_order_id": order.id,
        "sequence": sequence,
        "done_on": entry.done_on,
        "staff_ref": entry.staff_ref,
        "outcome": entry.outcome,
        "reading": entry.reading,
        "note": entry.note,
        "hours": entry.hours,
        "material_cost": entry.material_cost,
        "late_entry": is_late_entry(order_facts(order), entry.done_on, recorded_on),
        "done_at": entry.done_at,
        "place": entry.place or order.target_code,
        "corrects": entry.corrects,
        "reason": entry.reason,
        "source": entry.source,
        "recorded_at": utc_now(),
    }


def order_facts(order: WorkOrder) -> OrderFacts:
    """The order as the rules see it."""
    return OrderFacts(order.state, order.released_on, order.due_on, order.latest_on)


def _keep_photos(session: Session, order: WorkOrder, entry: WorkEntry, sequence: int) -> None:
    record_id = session.exec(
        select(WorkRecord.id).where(WorkRecord.work_order_id == order.id, WorkRecord.sequence == sequence)
    ).one()
    insert_if_absent(
        session,
        WorkPhoto,
        [
            {
                "work_record_id": record_id,
                "file_name": photo.name,
                "sha256": keep_file(session, photo.content, photo.name, photo.media_type),
            }
            for photo in entry.photos
        ],
    )


def any_record(session: Session, occurrence: Occurrence) -> bool:
    """Whether somebody has recorded anything about the order of an occurrence: begun, sent back, done."""
    order = released_order(session, occurrence)
    return order is not None and (
        session.exec(select(WorkRecord.id).where(WorkRecord.work_order_id == order.id)).first() is not None
    )


def finding_series(order: WorkOrder) -> str:
    """The series of the corrective work that what was found on this order asks for."""
    return f"finding:{order.series}:{order.due_on}"


def raise_finding(session: Session, engagement: Engagement, order: WorkOrder, entry: WorkEntry) -> None:
    """Add the corrective order that a failed check asks for, and take the asset out of order."""
    key = engagement_id(engagement)
    element_class = session.exec(
        select(Asset.element_class).where(Asset.engagement_id == key, Asset.tag == order.target_code)
    ).first()
    priority = finding_priority(element_class or "", order.statutory)
    found_at = entry.done_at or datetime.combine(
        entry.done_on, time(0), ZoneInfo(engagement.timezone)
    ).astimezone(UTC)
    raise_corrective_order(
        session,
        order.engagement_id,
        series=finding_series(order),
        title=f"{order.title}: {entry.note}" if entry.note else order.title,
        target=(order.target_kind, order.target_code),
        clause=order.clause,
        post_code=order.post_code,
        on=entry.done_on,
        priority=priority,
        respond_by=found_at + RESPONSE_TIME[priority],
    )
    if order.target_kind == "asset":
        set_in_order(session, order.engagement_id, order.target_code, False)


def raise_corrective_order(
    session: Session,
    key: int,
    *,
    series: str,
    title: str,
    target: tuple[str, str],
    clause: str,
    post_code: str,
    on: date,
    priority: str = "",
    respond_by: datetime | None = None,
    due_on: date | None = None,
    latest: date | None = None,
) -> None:
    """Add one corrective order, due in three days if no day is said but not after `latest`, linked to its origin by its series."""
    due_on = due_on or on + CORRECTIVE_TIME
    if latest is not None:
        due_on = min(due_on, max(on, latest))
    insert_if_absent(
        session,
        WorkOrder,
        [
            {
                "engagement_id": key,
                "commitment_id": None,
                "series": series,
                "clause": clause,
                "subject": "corrective",
                "title": title,
                "target_kind": target[0],
                "target_code": target[1],
                "ordinal": 0,
                "due_on": due_on,
                "latest_on": due_on,
                "statutory": False,
                "post_code": post_code,
                "state": "released",
                "released_on": on,
                "reason": "",
                "priority": priority,
                "respond_by": respond_by,
            }
        ],
    )


def set_in_order(session: Session, key: int, tag: str, in_order: bool) -> None:
    """Say whether an asset is fit for use."""
    session.exec(
        update(Asset).where(col(Asset.engagement_id) == key, col(Asset.tag) == tag).values(in_order=in_order)
    )


@step("Mark what was missed")
def close_month_orders(cycle: CycleRef) -> int:
    """Give every order whose window has closed without a record the state missed: nothing vanishes.

    Returns:
        How many were missed.
    """
    with cycle_transaction(cycle) as session:
        lock_engagement(session, cycle.code)
        month = Period.parse(cycle.period)
        missed = session.exec(
            update(WorkOrder)
            .where(
                col(WorkOrder.engagement_id) == cycle.engagement_id,
                col(WorkOrder.state) == "released",
                col(WorkOrder.latest_on) <= month.last,
            )
            .values(state="missed")
        ).rowcount
        close_occurrences(session, cycle.engagement_id, month.last)
        record_event(session, cycle.engagement_id, "work.missed", cycle.period, {"orders": missed})
        return missed


def count_orders(
    session: Session, key: int, first: date, last: date, subjects: Sequence[str], statutory_only: bool = False
) -> tuple[int, int]:
    """(done in their window, all) of the orders whose window closed within the days; skipped ones count."""
    in_time = (col(WorkOrder.state) == "done") & (col(WorkOrder.done_on) <= col(WorkOrder.latest_on))
    query = select(func.count(), func.sum(case((in_time, 1), else_=0))).where(
        WorkOrder.engagement_id == key,
        WorkOrder.latest_on >= first,
        WorkOrder.latest_on <= last,
        col(WorkOrder.subject).in_(subjects),
        remained_due(),
    )
    if statutory_only:
        query = query.where(col(WorkOrder.statutory).is_(True))
    total, done = session.exec(query).one()
    return int(done or 0), int(total)


def remained_due() -> ColumnElement[bool]:
    """The condition that nobody took the order away: both sides out of the plan, or the weather that made it needless."""
    return ~col(WorkOrder.reason).startswith(CANCELLED) & ~col(WorkOrder.reason).startswith(WEATHER)
