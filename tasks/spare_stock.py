"""Which parts come, go and are counted, and which must be ordered? The append-only ledger of the shelf (B2)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.file_values import plain_text
from models.rules.spare_stock import Moved, Movement, level_after, reorder_point, use_per_day
from models.stock import StockMovement, StockPart
from models.upsert import insert_if_absent
from models.work import PartForecast
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.references import is_known_person
from tasks.work_records import kept_text, order_named

MOST = Decimal(1_000_000)
LONGEST_LEAD = 1_000
_MAX_CODE = 40


class StockRefused(Terminal):
    """The movement cannot be; the message says why."""


@dataclass(frozen=True)
class NewMovement:
    """What came, went or was counted."""

    kind: Movement
    quantity: Decimal
    reference: str = ""
    """Delivery note or number of the count; an issue to an order needs none."""
    order_id: int | None = None
    staff_ref: str = ""
    note: str = ""
    on: date | None = None


def keep_part(code: str, part: str, name: str, unit: str, lead_days: int, safety_stock: Decimal) -> str:
    """Keep a part in stock, or change its name, unit, lead time or safety stock.

    Returns:
        new, changed or as before.

    Raises:
        StockRefused: an empty code or name, or a figure that cannot be.
    """
    part, name, unit = plain_text(part), plain_text(name)[:120], plain_text(unit)[:20]
    if not part or len(part) > _MAX_CODE or not name or not unit:
        raise StockRefused(
            f"A part needs a code of 1 to {_MAX_CODE} characters, a name and a unit; found {part[:60]!r}, {name!r}, {unit!r}."
        )
    if not 0 <= lead_days <= LONGEST_LEAD:
        raise StockRefused(f"--lead-days is {lead_days}; expected 0 to {LONGEST_LEAD}.")
    _check_quantity("--safety", safety_stock)
    with writing() as session:
        key = engagement_id(lock_engagement(session, code))
        row = {"name": name, "unit": unit, "lead_days": lead_days, "safety_stock": safety_stock}
        if insert_if_absent(session, StockPart, [{"engagement_id": key, "code": part, **row}]):
            record_event(session, key, "stock.part_kept", part, {"lead_days": lead_days})
            return "new"
        known = _part(session, key, code, part)
        changed = [name for name, value in row.items() if getattr(known, name) != value]
        if not changed:
            return "as before"
        for field in changed:
            setattr(known, field, row[field])
        session.add(known)
        record_event(session, key, "stock.part_changed", part, {"fields": changed})
        return "changed"


def move_stock(code: str, part: str, new: NewMovement) -> tuple[bool, Decimal]:
    """Add a receipt, an issue or a count; the same one again adds nothing.

    Returns:
        Whether it is new, and the level after it.

    Raises:
        StockRefused: no such part or order, more than there is, a day to come, or another quantity under the
            same reference.
    """
    _check_quantity("The quantity", new.quantity)
    if new.quantity == 0 and new.kind is not Movement.COUNT:
        raise StockRefused(f"The quantity of a {new.kind} is 0; expected more.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        known = _part(session, key, code, part)
        reference, on = _reference(session, engagement, new), new.on or today
        if on > today:
            raise StockRefused(f"The {new.kind} is dated {on}, after the business date {today}.")
        if new.staff_ref and not is_known_person(session, key, new.staff_ref):
            raise StockRefused(
                "--by is no reference of a person of this engagement; expected one, never a name."
            )
        row = {
            "engagement_id": key,
            "part_code": part,
            "kind": new.kind.value,
            "reference": reference,
            "quantity": new.quantity,
            "moved_on": on,
            "work_order_id": new.order_id,
            "staff_ref": new.staff_ref,
            "note": kept_text(new.note),
            "recorded_at": utc_now(),
        }
        fresh = bool(insert_if_absent(session, StockMovement, [row]))
        if not fresh:
            _refuse_another(session, row, known)
        level = level_after(_movements(session, key, part))
        if level.lowest < 0:
            raise StockRefused(
                f"{part}: the ledger would stand at {level.lowest} {known.unit}; count the shelf "
                "(`steward stock count`) or record the receipt first."
            )
        if fresh:
            detail = {"kind": new.kind.value, "quantity": str(new.quantity), "reference": reference}
            record_event(session, key, f"stock.{new.kind.value}", part, detail)
        return fresh, level.quantity


def _reference(session: Session, engagement: Engagement, new: NewMovement) -> str:
    reference = plain_text(new.reference)[:80]
    if new.order_id is not None:
        order_named(session, engagement, new.order_id)
        return f"order {new.order_id} {reference}".strip()
    if not reference:
        raise StockRefused(
            f"A {new.kind} needs a reference (--reference): a delivery note, the number of the count, or for an issue "
            "the order (--order); without one, the same movement could be recorded twice."
        )
    return reference


def _refuse_another(session: Session, row: dict[str, Any], part: StockPart) -> None:
    natural = {name: row[name] for name in ("engagement_id", "part_code", "kind", "reference")}
    before = session.exec(select(StockMovement).filter_by(**natural)).one()
    if (before.quantity, before.moved_on) != (row["quantity"], row["moved_on"]):
        raise StockRefused(
            f"{part.code}: {row['kind']} {row['reference']!r} was recorded with {before.quantity} {part.unit} on "
            f"{before.moved_on}; nothing is overwritten. Use another --reference, or a count."
        )


def _part(session: Session, key: int, code: str, part: str) -> StockPart:
    found = session.exec(
        select(StockPart).where(StockPart.engagement_id == key, StockPart.code == part)
    ).one_or_none()
    if found is None:
        raise StockRefused(f"{code} keeps no part {part[:60]!r}; `steward stock part` takes one up.")
    return found


def _check_quantity(what: str, quantity: Decimal) -> None:
    if not quantity.is_finite() or not 0 <= quantity <= MOST:
        raise StockRefused(f"{what} is {quantity}; expected a number from 0 to {MOST}.")


def _rows(session: Session, key: int, part: str) -> list[StockMovement]:
    return list(
        session.exec(
            select(StockMovement)
            .where(StockMovement.engagement_id == key, StockMovement.part_code == part)
            .order_by(col(StockMovement.moved_on), col(StockMovement.id))
        ).all()
    )


def _movements(session: Session, key: int, part: str) -> list[Moved]:
    return [Moved(row.moved_on, Movement(row.kind), row.quantity) for row in _rows(session, key, part)]


def stock_levels(session: Session, key: int, today: date) -> dict[str, dict[str, Any]]:
    """Every part that is kept: its level, its reorder point and what forecasts will take, by code."""
    wanted = dict(
        session.exec(
            select(PartForecast.part, func.count())
            .where(PartForecast.engagement_id == key, col(PartForecast.state).in_(("reported", "approved")))
            .group_by(col(PartForecast.part))
        ).all()
    )
    found = {}
    for part in session.exec(
        select(StockPart).where(StockPart.engagement_id == key).order_by(StockPart.code)
    ).all():
        movements = _movements(session, key, part.code)
        level = level_after(movements)
        point = reorder_point(use_per_day(movements, today), part.lead_days, part.safety_stock)
        planned = wanted.get(part.code, 0)
        found[part.code] = {
            "part": part.code,
            "name": part.name,
            "level": level.quantity,
            "unit": part.unit,
            "lead_days": part.lead_days,
            "safety_stock": part.safety_stock,
            "reorder_point": point,
            "planned": planned,
            "order_now": level.quantity - planned <= point and (point > 0 or planned > level.quantity),
        }
    return found


def listed_stock(code: str, *, low: bool = False) -> list[dict[str, Any]]:
    """The parts of an engagement with their levels; with `low` only those to order now."""
    with reading() as session:
        engagement = find_engagement(session, code)
        rows = stock_levels(session, engagement_id(engagement), business_today(engagement)).values()
    return [
        {name: ("yes" if value else "") if name == "order_now" else str(value) for name, value in row.items()}
        for row in rows
        if row["order_now"] or not low
    ]


def stock_ledger(code: str, part: str) -> list[dict[str, Any]]:
    """Every movement of a part with the level after it.

    Raises:
        StockRefused: no such part.
    """
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        _part(session, key, code, part)
        rows = _rows(session, key, part)
    moved = [Moved(row.moved_on, Movement(row.kind), row.quantity) for row in rows]
    return [
        {
            "on": row.moved_on.isoformat(),
            "kind": row.kind,
            "quantity": str(row.quantity),
            "level": str(level_after(moved[: number + 1]).quantity),
            "reference": row.reference,
            "by": row.staff_ref,
            "note": row.note,
        }
        for number, row in enumerate(rows)
    ]
