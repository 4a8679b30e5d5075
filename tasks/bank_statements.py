"""What does the bank say, and do the books say the same? Movements by sheet, set beside the vouchers (C2)."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from sqlmodel import Session, col, select

from models.accounts import BankLine, LedgerEntry
from models.audit import record_event
from models.db import reading, writing
from models.rules.bank_matching import (
    MATCH_DAYS,
    NO_CASH,
    BankComparison,
    BankMovement,
    BookMovement,
    compare_period,
)
from models.rules.bank_sheet import AMOUNT_COLUMNS, BANK_COLUMNS, BankRow, read_bank_row
from models.rules.ledger_sheet import VoucherDoubted
from models.rules.periods import Period
from models.upsert import insert_if_absent
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import CellDoubted, RowsTaken, SheetRefused, SheetRow, judge_rows, read_table
from tasks.statements import period_named, served_days


def import_bank_statement(code: str, path: Path, *, dry_run: bool = False) -> RowsTaken:
    """Take in a bank's statement; the same movements again are not taken twice, whatever file they stand in.

    Args:
        code: the engagement.
        path: CSV or workbook with the columns of `BANK_COLUMNS`, in either language.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a list.
    """
    table = read_table(path, BANK_COLUMNS, ("booked_on",))
    if table.rows and not any(column in table.rows[0].cells for column in AMOUNT_COLUMNS):
        raise SheetRefused(
            f"{path.name}: beside the date there is no column Amount/金额, nor Paid in/收入金额 and Paid out/支出金额."
        )
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)

        def judge(row: SheetRow) -> BankRow:
            try:
                return read_bank_row(row.cells, today)
            except VoucherDoubted as doubted:
                raise CellDoubted(doubted.column, str(doubted)) from doubted

        rows, doubts = judge_rows(table, judge)
        new = _enter(session, key, rows)
        if dry_run:
            session.rollback()
        elif keep_doubts(session, key, "bank", table, doubts) or new:
            record_event(session, key, "bank.taken_in", code, {"movements": new, "not_taken": len(doubts)})
        return RowsTaken(table.file, len(table.rows), new, len(rows) - new, tuple(doubts))


def record_movements(code: str, movements: Sequence[BankRow]) -> int:
    """Take in movements that come in no file; returns how many were new."""
    with writing() as session:
        key = engagement_id(lock_engagement(session, code))
        new = _enter(session, key, movements)
        if new:
            record_event(session, key, "bank.taken_in", code, {"movements": new, "not_taken": 0})
        return new


def _enter(session: Session, key: int, movements: Sequence[BankRow]) -> int:
    seen: Counter[BankRow] = Counter()
    lines = []
    for row in movements:
        seen[row] += 1
        lines.append({"engagement_id": key, "ordinal": seen[row], **vars(row)})
    return insert_if_absent(session, BankLine, lines)


def bank_comparison_of(code: str, label: str) -> BankComparison | None:
    """A period's movements beside its vouchers; None where no movement of it was taken in.

    Raises:
        Terminal: that is no period.
    """
    period_named(label)
    with reading() as session:
        engagement = find_engagement(session, code)
        return bank_comparison(session, engagement_id(engagement), served_days(engagement, label))


def bank_comparison(session: Session, key: int, period: Period) -> BankComparison | None:
    """As `bank_comparison_of`, in the caller's transaction."""
    around = timedelta(days=2 * MATCH_DAYS)
    first, last = period.first - around, period.last + around
    bank = [
        BankMovement(line.id or 0, line.booked_on, line.amount, line.reference, line.text)
        for line in session.exec(
            select(BankLine)
            .where(BankLine.engagement_id == key, BankLine.booked_on >= first, BankLine.booked_on <= last)
            .order_by(col(BankLine.booked_on), col(BankLine.id))
        ).all()
    ]
    if not any(period.contains(line.booked_on) for line in bank):
        return None
    entries = session.exec(
        select(LedgerEntry)
        .where(
            LedgerEntry.engagement_id == key,
            LedgerEntry.booked_on >= first,
            LedgerEntry.booked_on <= last,
        )
        .order_by(col(LedgerEntry.booked_on), col(LedgerEntry.voucher))
    ).all()
    books = [
        BookMovement(entry.voucher, entry.booked_on, _signed(entry), entry.text)
        for entry in entries
        if entry.cost_item not in NO_CASH
    ]
    no_cash = sum(
        (
            _signed(entry)
            for entry in entries
            if entry.cost_item in NO_CASH and period.contains(entry.booked_on)
        ),
        Decimal("0.00"),
    )
    return compare_period(bank, books, no_cash, period.first, period.last)


def _signed(entry: LedgerEntry) -> Decimal:
    return entry.amount if entry.kind == "income" else -entry.amount
