"""How much of a yearly budget falls into a period?"""

from decimal import ROUND_HALF_EVEN, Decimal

from models.rules.periods import Period, PeriodKind

_CENT = Decimal("0.01")
_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


def budget_share(yearly: Decimal, period: Period) -> Decimal:
    """The period's part of a yearly amount, by months, so that twelve months give the year to the cent.

    The rounding of one month is made good in the next: the share is the difference of two running totals.
    """
    before = 0 if period.kind is PeriodKind.YEAR else period.first.month - 1
    return _running(yearly, before + _MONTHS[period.kind]) - _running(yearly, before)


def _running(yearly: Decimal, months: int) -> Decimal:
    return (yearly * months / 12).quantize(_CENT, ROUND_HALF_EVEN)
