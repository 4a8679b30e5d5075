"""What do the remaining instalments come to when the yearly fee changes in the middle of the term?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from models.rules.contract import fee_until


@dataclass(frozen=True)
class Rate:
    """A yearly fee and the day from which it is owed."""

    since: date
    annual_fee: Decimal


@dataclass(frozen=True)
class DueAmount:
    """An instalment as it stands in the calendar."""

    due_on: date
    amount: Decimal
    fixed: bool
    """Paid or due before the change: it stays as it is, and the next one settles the difference."""


def owed_until(term_start: date, last: date, rates: Sequence[Rate]) -> Decimal:
    """The fee from the start of the term to `last` included, each day at the rate of its time.

    Args:
        term_start: first day of the term.
        last: last day counted.
        rates: oldest first; the first one counts from the start of the term.
    """
    starts = [term_start, *(max(rate.since, term_start) for rate in rates[1:]), last + timedelta(days=1)]
    total = Decimal("0.00")
    for rate, (first, following) in zip(rates, pairwise(starts), strict=True):
        end = min(following - timedelta(days=1), last)
        if end < first:
            continue
        total += fee_until(term_start, end, rate.annual_fee)
        if first > term_start:
            total -= fee_until(term_start, first - timedelta(days=1), rate.annual_fee)
    return total


def amended_calendar(
    calendar: Sequence[DueAmount], term: tuple[date, date], rates: Sequence[Rate], effective_on: date
) -> tuple[DueAmount, ...]:
    """The calendar with its free instalments recomputed; its sum is what the whole term costs, to the cent.

    Where no instalment is left to carry the difference, one due on the effective date does; where what falls due on
    that day is fixed, one on the first day after it on which nothing does.
    """
    term_start, term_end = term
    entries = sorted(calendar, key=lambda entry: entry.due_on)
    result: list[DueAmount] = []
    billed = Decimal("0.00")
    for number, entry in enumerate(entries):
        amount = entry.amount
        if not entry.fixed:
            end = entries[number + 1].due_on - timedelta(days=1) if number + 1 < len(entries) else term_end
            amount = owed_until(term_start, end, rates) - billed
        billed += amount
        result.append(DueAmount(entry.due_on, amount, entry.fixed))
    rest = owed_until(term_start, term_end, rates) - billed
    if rest:  # of what was paid ahead for days that are owed no more, or never billed
        fixed = {entry.due_on for entry in result if entry.fixed}
        day = effective_on
        while day in fixed:
            day += timedelta(days=1)
        there = sum((entry.amount for entry in result if entry.due_on == day), Decimal("0.00"))
        result = [entry for entry in result if entry.due_on != day]
        result.append(DueAmount(day, there + rest, False))
    return tuple(sorted(result, key=lambda entry: entry.due_on))
