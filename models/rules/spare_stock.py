"""How many of a part are on the shelf, and when must more be ordered? (B2)

The reorder point is that of continuous review: what is used up while a delivery is on its way, plus the safety stock
(textbook formula; demand per day x lead time + safety stock). Use is what was issued in the last year. A part that
is newly kept is reckoned over at least thirty days, so that its first issue does not look like one a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

USE_DAYS, FEWEST_DAYS = 365, 30


class Movement(StrEnum):
    """What can happen to a part on the shelf."""

    RECEIPT = "receipt"
    ISSUE = "issue"
    COUNT = "count"


@dataclass(frozen=True)
class Moved:
    """One movement; movements are given in the order of their days, and of their entry within a day."""

    on: date
    kind: Movement
    quantity: Decimal


@dataclass(frozen=True)
class Level:
    """The stock after all movements."""

    quantity: Decimal
    lowest: Decimal
    """The lowest it ever was; below zero the ledger is impossible."""
    difference: Decimal
    """What counts found more or less than the ledger said, together."""


def level_after(movements: Sequence[Moved]) -> Level:
    """Run the ledger: receipts add, issues take away, a count says what is really there."""
    level = lowest = difference = Decimal(0)
    for moved in movements:
        if moved.kind is Movement.RECEIPT:
            level += moved.quantity
        elif moved.kind is Movement.ISSUE:
            level -= moved.quantity
        else:
            difference += moved.quantity - level
            level = moved.quantity
        lowest = min(lowest, level)
    return Level(level, lowest, difference)


def use_per_day(movements: Sequence[Moved], today: date) -> Decimal:
    """Units issued a day over the last year, or since the first movement if that is less, at least thirty days."""
    if not movements:
        return Decimal(0)
    first = max(movements[0].on, today - timedelta(days=USE_DAYS - 1))
    issued = sum(
        (m.quantity for m in movements if m.kind is Movement.ISSUE and first <= m.on <= today), Decimal(0)
    )
    return issued / max((today - first).days + 1, FEWEST_DAYS)


def reorder_point(per_day: Decimal, lead_days: int, safety_stock: Decimal) -> Decimal:
    """The level at which to order, rounded up to a whole unit.

    Args:
        per_day: units used a day.
        lead_days: days from the order to the shelf.
        safety_stock: units kept for what nobody foresaw.
    """
    return (per_day * lead_days + safety_stock).to_integral_value(ROUND_CEILING)
