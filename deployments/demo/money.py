"""Who pays, what is spent, and what does the bank say? The accountant's month."""

from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import col, select

from deployments.demo.chance import Chance
from models.db import reading
from models.rules.bank_matching import NO_CASH
from models.rules.bank_sheet import BankRow
from models.rules.budget import budget_share
from models.rules.ledger_sheet import Voucher
from models.rules.periods import Period, contract_months, quarter_of
from models.staff import StaffMember
from reports.words import LEDGER_ITEMS, Voice, voice_of
from tasks.accounts import book, record_payment, unpaid_instalments, yearly_budget
from tasks.accounts_terms import explained, give_reason
from tasks.bank_statements import record_movements
from tasks.engagements import engagement_id, find_engagement
from tasks.statement_signing import prepare_accounts

FIXED = ("remuneration", "tax")
"""Cost items that are agreed or laid down, not spent as it happens."""
STORM_MONTH, STORM_ITEM = 5, "operation"
"""A month in which one item costs far more than planned, so that a reason is asked."""
_FUND_TAKEN_OVER = Decimal("860000.00")
_WHY = (
    "Drainage pumps of the basement were repaired after the storm in May",
    "五月暴雨后抢修地下室排水泵，超出预算",
)


def keep_books(code: str, chance: Chance, term: tuple[date, date], first: date, last: date) -> int:
    """Fees come in, each month's vouchers are booked on its last day, the bank's list is taken in; returns new entries."""
    booked = 0
    for due_on, amount in unpaid_instalments(code, last):
        record_movements(code, [BankRow("", due_on, amount, "transfer", f"FEE-{due_on}")])
        booked += record_payment(code, due_on, due_on)  # last: what is paid is not looked at again
    for month in contract_months(*term):
        if first <= month.last <= last:
            vouchers = [*_expenses(code, chance, month, month.last), *_held_for_others(code, chance, month)]
            if month.first == term[0]:
                vouchers.append(_taken_over(code, term[0] - timedelta(days=1)))
            booked += book(code, vouchers)
            record_movements(code, _bank(chance, month, vouchers))
            if month.last == quarter_of(month.last).last:
                _explain(code, quarter_of(month.last).label)
    return booked


def sign_as_accountant(code: str, period: str) -> None:
    """A member of staff answers for the accounts as the one who prepared them; the custodian's person reviews them."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        refs = session.exec(
            select(StaffMember.ref).where(StaffMember.engagement_id == key).order_by(col(StaffMember.ref))
        ).all()
    prepare_accounts(code, period, next((ref for ref in refs if "manager" in ref), refs[0]))


def _expenses(code: str, chance: Chance, month: Period, booked_on: date) -> list[Voucher]:
    entries = []
    voice = _voice(code)
    for item, yearly in yearly_budget(code):
        planned = budget_share(yearly, Period.parse(month.label))
        factor = 1.0 if item in FIXED else chance.between(0.93, 1.05, "spent", month.label, item)
        if (month.first.month, item) == (STORM_MONTH, STORM_ITEM):
            factor = 1.6
        spent = planned * Decimal(str(round(factor, 4)))
        entries.append(
            Voucher(
                voucher=f"EXP-{month.label}-{item}",
                booked_on=booked_on,
                kind="expense",
                cost_item=item,
                amount=spent.quantize(Decimal("0.01")),
                text=f"{voice.word(LEDGER_ITEMS, item)} {month.label}",
            )
        )
    return entries


def _voice(code: str) -> Voice:
    with reading() as session:
        return voice_of(find_engagement(session, code))


def _held_for_others(code: str, chance: Chance, month: Period) -> list[Voucher]:
    """What is kept apart: income from common parts, utilities passed on, deposits taken."""
    voice = _voice(code)

    def voucher(name: str, kind: str, item: str, amount: Decimal) -> Voucher:
        number = f"{name}-{month.label}"
        text = f"{voice.word(LEDGER_ITEMS, item)} {month.label}"
        return Voucher(number, month.last, kind, item, amount, text)

    water = Decimal(round(chance.between(80, 120, "water", month.label)) * 100)
    return [
        voucher("ADS", "income", "common_income", Decimal("6500.00")),
        voucher("WTR", "income", "utilities", water),
        voucher("WTP", "expense", "utilities", water - 300),
        voucher("DEP", "income", "deposit", Decimal("2000.00")),
    ]


def _taken_over(code: str, on: date) -> Voucher:
    text = _voice(code)("taken over from the former manager", "接收时结余")
    return Voucher("OPEN-maintenance-fund", on, "income", "maintenance_fund", _FUND_TAKEN_OVER, text)


def _bank(chance: Chance, month: Period, vouchers: list[Voucher]) -> list[BankRow]:
    """The bank's list: nearly every voucher, and its own charge that nobody has booked yet."""
    rows = [
        BankRow(
            "",
            entry.booked_on,
            entry.amount if entry.kind == "income" else -entry.amount,
            "transfer",
            entry.voucher,
        )
        for entry in vouchers
        if entry.cost_item not in NO_CASH and not chance.happens(0.03, "not yet paid", entry.voucher)
    ]
    return [*rows, BankRow("", month.last, Decimal("-25.00"), "bank charge", "")]


def _explain(code: str, quarter: str) -> None:
    for row in explained(code, quarter):
        if row["item"] == STORM_ITEM:
            give_reason(code, quarter, STORM_ITEM, _voice(code)(*_WHY), "custodian-1")
