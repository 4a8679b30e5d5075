"""What do the vouchers of a period come to: by item, and fund by fund? (C2)

Every figure is a sum of vouchers; nothing is rounded and nothing left over.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.rules.account_items import FEE, FEE_ADVANCE, FEE_ARREARS, Fund, fund_of
from models.rules.periods import Period

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class BookedSum:
    """What was booked of one kind and item, for fees by the day they were due."""

    kind: str
    cost_item: str
    owed_on: date | None
    amount: Decimal


@dataclass(frozen=True)
class BookedLine:
    """One item of a period: what was booked, and what was planned for it."""

    kind: str
    """expense or income."""
    cost_item: str
    actual: Decimal
    budget: Decimal


@dataclass(frozen=True)
class FundBalance:
    """One fund of a period: opening + received - paid = closing."""

    fund: str
    opening: Decimal
    received: Decimal
    paid: Decimal

    @property
    def closing(self) -> Decimal:
        """What is carried to the next period."""
        return self.opening + self.received - self.paid


def line_item(item: str, owed_on: date | None, period: Period) -> str:
    """The line an entry stands in: a fee due before the period is arrears, one due after it an advance."""
    if item != FEE or owed_on is None or period.contains(owed_on):
        return item
    return FEE_ARREARS if owed_on < period.first else FEE_ADVANCE


def statement_lines(
    sums: Sequence[BookedSum], planned: Mapping[tuple[str, str], Decimal], period: Period
) -> list[BookedLine]:
    """The lines of the service money, expenses first, each beside what was planned.

    Args:
        sums: what was booked in the period.
        planned: kind and item to amount.
        period: of the statement.
    """
    actual: dict[tuple[str, str], Decimal] = {}
    for booked in sums:
        if fund_of(booked.cost_item) is Fund.SERVICE:
            place = (booked.kind, line_item(booked.cost_item, booked.owed_on, period))
            actual[place] = actual.get(place, NOTHING) + booked.amount
    return [
        BookedLine(kind, item, actual.get((kind, item), NOTHING), planned.get((kind, item), NOTHING))
        for kind, item in sorted({*actual, *planned})
    ]


def fund_balances(before: Sequence[BookedSum], sums: Sequence[BookedSum]) -> list[FundBalance]:
    """Each fund that ever moved, the service money always, in a fixed order.

    Args:
        before: all that was booked before the period.
        sums: what was booked in it.
    """
    found = []
    for fund in Fund:
        opening = net_of(booked for booked in before if fund_of(booked.cost_item) is fund)
        mine = [booked for booked in sums if fund_of(booked.cost_item) is fund]
        received = sum((booked.amount for booked in mine if booked.kind == "income"), NOTHING)
        paid = sum((booked.amount for booked in mine if booked.kind == "expense"), NOTHING)
        moved = any(fund_of(booked.cost_item) is fund for booked in (*before, *sums))
        if fund is Fund.SERVICE or moved:
            found.append(FundBalance(fund.value, opening, received, paid))
    return found


def net_of(sums: Iterable[BookedSum]) -> Decimal:
    """Income less expense."""
    return sum((booked.amount if booked.kind == "income" else -booked.amount for booked in sums), NOTHING)


def reference_of(label: str, version: int) -> str:
    """Under which reference a version is put to the parties: `2027-Q1`, then `2027-Q1-v2`."""
    return label if version == 1 else f"{label}-v{version}"


def label_and_version(reference: str) -> tuple[str, int]:
    """The period and version of a reference."""
    label, _, version = reference.partition("-v")
    return label, int(version) if version.isdigit() else 1
