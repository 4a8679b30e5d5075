"""What does a row of the accountant's list of vouchers say? (C2)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.rules.file_values import ValueDoubted, plain_text, read_amount, read_date
from models.rules.handover_sheet import SheetColumn

VOUCHER_COLUMNS = (
    SheetColumn("voucher", "Voucher", "凭证号", ("voucher number", "凭证编号"), 20),
    SheetColumn("booked_on", "Date", "日期", ("booked on", "记账日期"), 13),
    SheetColumn("kind", "Income or expense", "收支", ("kind", "收支类别"), 18),
    SheetColumn("cost_item", "Item", "科目", ("cost item", "费用科目"), 30),
    SheetColumn("amount", "Amount", "金额", ("sum",), 14),
    SheetColumn("text", "Text", "摘要", ("description", "说明"), 40),
)
KIND_WORDS = {
    "income": "income",
    "收入": "income",
    "收": "income",
    "expense": "expense",
    "支出": "expense",
    "支": "expense",
}
_MAX_VOUCHER, _MAX_TEXT = 64, 200


@dataclass(frozen=True)
class Voucher:
    """One row that can be booked; a negative amount takes back what was booked too much."""

    voucher: str
    booked_on: date
    kind: str
    cost_item: str
    amount: Decimal
    text: str


class VoucherDoubted(ValueError):
    """A row that cannot be booked: its column, and what was expected."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def read_voucher(cells: Mapping[str, str], items: Mapping[str, str], last: date) -> Voucher:
    """The voucher of a row.

    Args:
        cells: of the row, by column key.
        items: code and names of every cost item in small letters, to its code.
        last: the last day that can be meant.

    Raises:
        VoucherDoubted: a cell is missing, unknown or out of its range.
    """
    number = plain_text(cells["voucher"])
    if not 1 <= len(number) <= _MAX_VOUCHER:
        raise VoucherDoubted("voucher", f"expected the number of the voucher, 1 to {_MAX_VOUCHER} characters")
    kind = KIND_WORDS.get(plain_text(cells["kind"]).casefold())
    if kind is None:
        raise VoucherDoubted("kind", "expected income (收入) or expense (支出)")
    item = items.get(plain_text(cells["cost_item"]).casefold())
    if item is None:
        raise VoucherDoubted("cost_item", f"expected one of: {', '.join(sorted(set(items.values())))}")
    return Voucher(
        number,
        _day(cells["booked_on"], last),
        kind,
        item,
        _amount(cells["amount"]),
        plain_text(cells.get("text", ""))[:_MAX_TEXT],
    )


def _day(text: str, last: date) -> date:
    try:
        return read_date(text, last)
    except ValueDoubted as doubted:
        raise VoucherDoubted("booked_on", str(doubted)) from doubted


def _amount(text: str) -> Decimal:
    written = plain_text(text)
    taken_back = written.startswith("-")
    try:
        amount = read_amount(written[1:] if taken_back else written)
    except ValueDoubted as doubted:
        raise VoucherDoubted("amount", str(doubted)) from doubted
    if not amount:
        raise VoucherDoubted("amount", "expected an amount other than 0, such as 1250.00")
    return -amount if taken_back else amount
