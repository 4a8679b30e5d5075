"""How much of a yearly budget falls into a period?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from models.rules.periods import Period, PeriodKind, contract_months

_CENT = Decimal("0.01")
_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


@dataclass(frozen=True)
class BudgetSpan:
    """The days, both included, for which one yearly budget holds."""

    first: date
    last: date
    yearly: Mapping[str, Decimal]
    """Cost item to amount a year."""


def budget_share(yearly: Decimal, period: Period) -> Decimal:
    """The period's part of a yearly amount, by months, so that twelve months give the year to the cent.

    The rounding of one month is made good in the next: the share is the difference of two running totals.
    """
    before = 0 if period.kind is PeriodKind.YEAR else period.first.month - 1
    return _running(yearly, before + _MONTHS[period.kind]) - _running(yearly, before)


def budget_of_spans(spans: Sequence[BudgetSpan], period: Period) -> dict[str, Decimal]:
    """The period's part of budgets that followed each other, by cost item.

    Months that lie in one span cost what `budget_share` says; a month in which the budget changes is divided
    by its days, so that a change to the same amount changes nothing, to the cent. A quarter is its three months.

    Args:
        spans: neighbouring spans that cover the period's days.
        period: whole months.
    """
    found: dict[str, Decimal] = {}
    for month in contract_months(period.first, period.last):
        for span in spans:
            first, last = max(span.first, month.first), min(span.last, month.last)
            if first > last:
                continue
            for item, yearly in span.yearly.items():
                share = budget_share(yearly, month)
                part = _until(share, last.day, month) - _until(share, first.day - 1, month)
                found[item] = found.get(item, Decimal("0.00")) + part
    return found


def _running(yearly: Decimal, months: int) -> Decimal:
    return (yearly * months / 12).quantize(_CENT, ROUND_HALF_EVEN)


def _until(share: Decimal, day: int, month: Period) -> Decimal:
    return (share * day / month.days).quantize(_CENT, ROUND_HALF_EVEN)
