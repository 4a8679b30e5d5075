"""How does what somebody did become a record, and what follows from it at once? Appended, never overwritten (B2-B5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.clock import utc_now
from models.db import writing
from models.engagement import Engagement
from models.rules.field_records import Outcome, is_late_entry
from models.upsert import insert_if_absent
from models.work import WorkOrder, WorkPhoto, WorkRecord
from tasks.engagements import engagement_id, lock_engagement
from tasks.files import keep_file
from tasks.findings import put_back_in_order, raise_finding
from tasks.floating_series import go_on_after
from tasks.moved_occurrences import hold_the_law
from tasks.occurrences import release_what_is_open, settle_orders
from tasks.series import working_days_of
from tasks.work_orders import order_facts, orders_of


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
            raise_finding(session, engagement, order, on=entry.done_on, at=entry.done_at, note=entry.note)
        elif order.subject == "corrective" and order.target_kind == "asset":
            put_back_in_order(session, key, order.target_code)
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
    # Of all work, not of statutory work alone: it may contain a smaller service that the law asks for.
    done_on = [order.done_on for order in orders if order.commitment_id and order.done_on]
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
