"""How old is what is owed? Fees due and not paid, by age (C2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

BUCKETS = ((0, 30), (31, 60), (61, 90), (91, None))
"""Days since due, both ends included; the last one is open."""


@dataclass(frozen=True)
class Owed:
    """An instalment due and not paid."""

    due_on: date
    amount: Decimal


def aged(owed: Sequence[Owed], on: date) -> tuple[Decimal, ...]:
    """What is owed on a day, by age, one amount for each of `BUCKETS`; what is not due yet counts in none."""
    sums = [Decimal("0.00")] * len(BUCKETS)
    for one in owed:
        days = (on - one.due_on).days
        for place, (first, last) in enumerate(BUCKETS):
            if first <= days and (last is None or days <= last):
                sums[place] += one.amount
    return tuple(sums)
