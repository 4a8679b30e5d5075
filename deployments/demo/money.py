"""Who pays, and what is spent? The accountant's month."""

from datetime import date
from decimal import Decimal

from deployments.demo.chance import Chance
from models.rules.budget import budget_share
from models.rules.ledger_sheet import Voucher
from models.rules.periods import Period, contract_months
from tasks.accounts import book, record_payment, unpaid_instalments, yearly_budget

FIXED = ("remuneration", "tax")
"""Cost items that are agreed or laid down, not spent as it happens."""


def keep_books(code: str, chance: Chance, term: tuple[date, date], first: date, last: date) -> int:
    """Fees come in and each month's expenses are booked on its last day; returns new entries."""
    booked = 0
    for due_on, _amount in unpaid_instalments(code, last):
        booked += record_payment(code, due_on, due_on)
    for month in contract_months(*term):
        if first <= month.last <= last:
            booked += book(code, _expenses(code, chance, month, month.last))
    return booked


def _expenses(code: str, chance: Chance, month: Period, booked_on: date) -> list[Voucher]:
    entries = []
    for item, yearly in yearly_budget(code):
        planned = budget_share(yearly, Period.parse(month.label))
        factor = 1.0 if item in FIXED else chance.between(0.93, 1.05, "spent", month.label, item)
        spent = planned * Decimal(str(round(factor, 4)))
        entries.append(
            Voucher(
                voucher=f"EXP-{month.label}-{item}",
                booked_on=booked_on,
                kind="expense",
                cost_item=item,
                amount=spent.quantize(Decimal("0.01")),
                text=f"{item} {month.label}",
            )
        )
    return entries
