"""What holds for an engagement's accounts where both sides agreed on nothing else? (C2)

The figures are the product's proposal, not law. 物业服务收费管理办法 (发改价格[2003]1864) asks for accounts at least once a
year and leaves the day open; certainty memory.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from models.rules.periods import Period, PeriodKind


@dataclass(frozen=True)
class Terms:
    """Money in the engagement's currency."""

    reason_share: Decimal = Decimal("0.10")
    """A reason is asked for an item that is further from its budget than this share of it ..."""
    reason_amount: Decimal = Decimal("1000.00")
    """... and than this amount."""
    large_amount: Decimal = Decimal("10000.00")
    """Vouchers of this amount or more are listed one by one."""
    quarter_days: int = 15
    """Days after the end of a quarter by which its accounts are with the client."""
    year_days: int = 30
    remuneration_fixed: Decimal | None = None
    """A yearly sum instead of a share of cost, where the contract says so."""


def due_day(period: Period, terms: Terms) -> date | None:
    """The last day on which a period's accounts are in time; None for a month, which nobody audits."""
    days = {PeriodKind.QUARTER: terms.quarter_days, PeriodKind.YEAR: terms.year_days}.get(period.kind)
    return None if days is None else period.last + timedelta(days=days)


def days_late(due_on: date | None, on: date) -> int:
    """How many days after its day something is; 0 in time."""
    return 0 if due_on is None else max(0, (on - due_on).days)


def needs_reason(kind: str, actual: Decimal, budget: Decimal, terms: Terms) -> bool:
    """Whether an item is so far from its budget, either way, that the custodian has to say why.

    Spending without a budget needs a reason beyond the agreed amount; income that nobody planned needs none.
    """
    if kind == "income" and not budget:
        return False
    gap = abs(actual - budget)
    return gap > terms.reason_amount and gap > abs(budget) * terms.reason_share
