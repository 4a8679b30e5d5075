"""What does a row of a bank's statement say? One signed amount, or one column for each way (C2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.rules.file_values import ValueDoubted, plain_text, read_amount, read_date
from models.rules.handover_sheet import SheetColumn
from models.rules.ledger_sheet import VoucherDoubted, read_signed
from models.rules.personal_data import masked

BANK_COLUMNS = (
    SheetColumn("booked_on", "Date", "日期", ("booking date", "value date", "交易日期", "记账日期", "交易时间", "入账日期"), 13),
    SheetColumn("amount", "Amount", "金额", ("transaction amount", "交易金额", "发生额", "金额(元)"), 14),
    SheetColumn("paid_in", "Paid in", "收入金额", ("in", "credit", "deposits", "贷方", "贷方金额", "贷方发生额", "收入", "存入"), 14),
    SheetColumn("paid_out", "Paid out", "支出金额", ("out", "debit", "withdrawals", "借方", "借方金额", "借方发生额", "支出", "支取"), 14),
    SheetColumn("text", "Text", "摘要", ("description", "details", "用途", "附言", "备注", "交易摘要"), 40),
    SheetColumn("reference", "Reference", "凭证号", ("ref", "voucher", "流水号", "交易流水号", "参考号"), 24),
    SheetColumn("account", "Account", "账户", ("账号", "本方账号"), 20),
)  # fmt: skip
AMOUNT_COLUMNS = ("amount", "paid_in", "paid_out")
_MAX_TEXT, _MAX_REFERENCE, _SHOWN_OF_ACCOUNT = 200, 64, 4


@dataclass(frozen=True)
class BankRow:
    """One movement; into the account above 0."""

    account: str
    """The last four characters: enough to tell accounts apart."""
    booked_on: date
    amount: Decimal
    text: str
    reference: str


def read_bank_row(cells: Mapping[str, str], last: date) -> BankRow:
    """The movement of a row.

    Args:
        cells: of the row, by column key.
        last: the last day that can be meant.

    Raises:
        VoucherDoubted: a cell is missing or out of its range.
    """
    try:
        booked_on = read_date(cells["booked_on"].split(" ")[0], last)
    except ValueDoubted as doubted:
        raise VoucherDoubted("booked_on", str(doubted)) from doubted
    return BankRow(
        plain_text(cells.get("account", ""))[-_SHOWN_OF_ACCOUNT:],
        booked_on,
        _movement(cells),
        masked(plain_text(cells.get("text", "")))[:_MAX_TEXT],
        plain_text(cells.get("reference", ""))[:_MAX_REFERENCE],
    )


def _movement(cells: Mapping[str, str]) -> Decimal:
    if plain_text(cells.get("amount", "")):
        return read_signed("amount", cells["amount"])
    amounts = {}
    for column in ("paid_in", "paid_out"):
        try:
            amounts[column] = read_amount(cells.get(column, "")) or Decimal("0.00")
        except ValueDoubted as doubted:
            raise VoucherDoubted(column, str(doubted)) from doubted
    if bool(amounts["paid_in"]) == bool(amounts["paid_out"]):
        raise VoucherDoubted("amount", "expected one amount other than 0, paid in or paid out, not both")
    return amounts["paid_in"] - amounts["paid_out"]
