"""What does a row of the accountant's list of vouchers say? (C2)"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.rules.account_items import FEE, way_refused
from models.rules.file_values import ValueDoubted, plain_text, read_amount, read_date
from models.rules.handover_sheet import SheetColumn
from models.rules.periods import Period, PeriodKind

VOUCHER_COLUMNS = (
    SheetColumn("voucher", "Voucher", "凭证号", ("voucher number", "voucher no", "凭证编号", "凭证字号", "单据号"), 20),
    SheetColumn("line", "Line", "分录号", ("entry", "行号", "分录"), 8),
    SheetColumn("booked_on", "Date", "日期", ("booked on", "记账日期", "凭证日期", "业务日期"), 13),
    SheetColumn("kind", "Income or expense", "收支", ("kind", "收支类别", "收支方向", "类别"), 18),
    SheetColumn("cost_item", "Item", "科目", ("cost item", "费用科目", "科目名称", "费用项目", "收支项目"), 30),
    SheetColumn("amount", "Amount", "金额", ("sum", "金额(元)", "发生额"), 14),
    SheetColumn("text", "Text", "摘要", ("description", "说明", "用途", "备注"), 40),
    SheetColumn("owed_on", "Fee due on", "应收日期", ("due", "due on", "应缴日期", "费用所属日期"), 13),
    SheetColumn("corrects", "Corrects period", "更正期间", ("corrects", "correction of", "更正所属期"), 14),
)  # fmt: skip
KIND_WORDS = {
    **dict.fromkeys(("income", "received", "in", "收入", "收", "收款", "代收"), "income"),
    **dict.fromkeys(("expense", "paid", "out", "支出", "支", "付", "付款", "代付", "退还"), "expense"),
}
_MAX_VOUCHER, _MAX_LINE, _MAX_TEXT = 64, 8, 200


_FAR = date(2199, 12, 31)
_TAKEN_BACK = re.compile(r"- ?(.+)|\((.+)\)|(.+)-|红字 ?(.+)")
"""A negative amount as people and their programs write it: -12.50, (12.50), 12.50- or 红字12.50."""


@dataclass(frozen=True)
class Voucher:
    """One row that can be booked; a negative amount takes back what was booked too much."""

    voucher: str
    booked_on: date
    kind: str
    cost_item: str
    amount: Decimal
    text: str
    owed_on: date | None = None
    """The day a fee was due."""
    corrects: str = ""
    """The returned period it belongs to, whatever its day."""


class VoucherDoubted(ValueError):
    """A row that cannot be booked: its column, and what was expected."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def read_voucher(cells: Mapping[str, str], items: Mapping[str, str], known: str, last: date) -> Voucher:
    """The voucher of a row.

    Args:
        cells: of the row, by column key.
        items: code and names of every cost item in small letters, to its code.
        known: the items one may write, for the message.
        last: the last day that can be meant.

    Raises:
        VoucherDoubted: a cell is missing, unknown or out of its range.
    """
    number = plain_text(cells["voucher"])
    if not 1 <= len(number) <= _MAX_VOUCHER:
        raise VoucherDoubted("voucher", f"expected the number of the voucher, 1 to {_MAX_VOUCHER} characters")
    line = plain_text(cells.get("line", ""))
    if len(line) > _MAX_LINE:
        raise VoucherDoubted("line", "expected the number of the line within its voucher, such as 2")
    kind = KIND_WORDS.get(plain_text(cells["kind"]).casefold())
    if kind is None:
        raise VoucherDoubted("kind", "expected income (收入) or expense (支出)")
    item = items.get(plain_text(cells["cost_item"]).casefold())
    if item is None:
        raise VoucherDoubted("cost_item", f"expected one of: {known}")
    refused = way_refused(kind, item)
    if refused:
        raise VoucherDoubted("kind", refused)
    return Voucher(
        f"{number}/{line}" if line else number,
        _day("booked_on", cells["booked_on"], last),
        kind,
        item,
        read_signed("amount", cells["amount"]),
        plain_text(cells.get("text", ""))[:_MAX_TEXT],
        _owed_on(cells.get("owed_on", ""), item),
        _period(cells.get("corrects", "")),
    )


def _owed_on(text: str, item: str) -> date | None:
    if not plain_text(text):
        return None
    if item != FEE:
        raise VoucherDoubted("owed_on", "expected an empty cell: only a fee is told by the day it was due")
    return _day("owed_on", text, _FAR)


def _period(text: str) -> str:
    if not plain_text(text):
        return ""
    try:
        period = Period.parse(plain_text(text).upper())
    except ValueError as error:
        raise VoucherDoubted("corrects", str(error)) from error
    if period.kind is PeriodKind.MONTH:
        raise VoucherDoubted(
            "corrects", "expected a quarter (2027-Q1) or a year (2027): months are not audited"
        )
    return period.label


def _day(column: str, text: str, last: date) -> date:
    try:
        return read_date(text, last)
    except ValueDoubted as doubted:
        raise VoucherDoubted(column, str(doubted)) from doubted


def read_signed(column: str, text: str) -> Decimal:
    """An amount other than 0, below 0 in any of the ways people write it.

    Raises:
        VoucherDoubted: anything else.
    """
    written = plain_text(text).replace("\u2212", "-")
    found = _TAKEN_BACK.fullmatch(written)
    taken_back = found is not None
    try:
        amount = read_amount(next(part for part in found.groups() if part) if found else written)
    except ValueDoubted as doubted:
        raise VoucherDoubted(column, str(doubted)) from doubted
    if not amount:
        raise VoucherDoubted(column, "expected an amount other than 0, such as 1250.00")
    return -amount if taken_back else amount
