"""What must be done this month, and what was done? Planning, recording and closing work orders (B2-B5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import case
from sqlmodel import Session, col, func, select, update

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Transient
from models.faults import fault_point
from models.register import Asset
from models.rules.periods import Period
from models.upsert import insert_if_absent
from models.work import WorkOrder, WorkRecord
from tasks.absorbing import absorb
from tasks.amended_occurrences import CANCELLED
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import engagement_id, engagement_of, find_engagement, lock_engagement
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
        key = engagement_id(engagement)
        by_id = {entry.order_id: entry for entry in entries}
        orders: list[WorkOrder] = []
        ids = list(by_id)
        for start in range(0, len(ids), 500):
            orders += session.exec(
                select(WorkOrder).where(
                    WorkOrder.engagement_id == key,
                    col(WorkOrder.id).in_(ids[start : start + 500]),
                    WorkOrder.state == "released",
                )
            ).all()
        insert_if_absent(
            session, WorkRecord, [_record_row(order, by_id[order.id or 0], recorded_on) for order in orders]
        )
        for order in orders:
            entry = by_id[order.id or 0]
            order.state, order.done_on = "done", entry.done_on
            session.add(order)
            if entry.outcome == "failed":
                _raise_corrective(session, order, entry)
            elif order.subject == "corrective" and order.target_kind == "asset":
                _set_in_order(session, key, order.target_code, True)
        if orders:
            settle_orders(
                session,
                key,
                [
                    (o.series, o.target_code, o.due_on, by_id[o.id or 0].done_on)
                    for o in orders
                    if o.commitment_id
                ],
            )
            _let_follow(session, engagement, orders, recorded_on)
            record_event(
                session,
                key,
                "work.recorded",
                code,
                {
                    "orders": len(orders),
                    "failed": sum(by_id[order.id or 0].outcome == "failed" for order in orders),
                    "through": str(max(entry.done_on for entry in entries)),
                },
            )
        return len(orders)


def _let_follow(
    session: Session, engagement: Engagement, orders: Sequence[WorkOrder], recorded_on: date
) -> None:
    """Plan what is reckoned from the work just recorded, and bring forward what the law asks for after it."""
    ids = {order.commitment_id for order in orders if order.commitment_id}
    if go_on_after(session, engagement, ids, recorded_on):
        release_what_is_open(session, engagement, recorded_on)
    done_on = [order.done_on for order in orders if order.statutory and order.done_on]
    if done_on:
        hold_the_law(session, engagement, min(done_on), working_days_of(engagement))


def _record_row(order: WorkOrder, entry: WorkEntry, recorded_on: date) -> dict[str, Any]:
    return {
        "work_order_id": order.id,
        "sequence": 1,
        "done_on": entry.done_on,
        "staff_ref": entry.staff_ref,
        "outcome": entry.outcome,
        "reading": entry.reading,
        "note": entry.note,
        "hours": entry.hours,
        "material_cost": entry.material_cost,
        "late_entry": recorded_on > order.latest_on and entry.done_on <= order.latest_on,
        "recorded_at": utc_now(),
    }


def _raise_corrective(session: Session, order: WorkOrder, entry: WorkEntry) -> None:
    raise_corrective_order(
        session,
        order.engagement_id,
        series=f"finding:{order.series}:{order.due_on}",
        title=f"{order.title}: {entry.note}" if entry.note else order.title,
        target=(order.target_kind, order.target_code),
        clause=order.clause,
        post_code=order.post_code,
        on=entry.done_on,
    )
    if order.target_kind == "asset":
        _set_in_order(session, order.engagement_id, order.target_code, False)


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
) -> None:
    """Add one corrective order, due in three days, linked to what it came from by its series."""
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
                "due_on": on + CORRECTIVE_TIME,
                "latest_on": on + CORRECTIVE_TIME,
                "statutory": False,
                "post_code": post_code,
                "state": "released",
                "released_on": on,
                "reason": "",
            }
        ],
    )


def _set_in_order(session: Session, key: int, tag: str, in_order: bool) -> None:
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
        # What both sides took out of the plan was not left undone.
        ~col(WorkOrder.reason).startswith(CANCELLED),
    )
    if statutory_only:
        query = query.where(col(WorkOrder.statutory).is_(True))
    total, done = session.exec(query).one()
    return int(done or 0), int(total)
