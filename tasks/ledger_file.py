"""Which vouchers does the accountant's list bring in? Each is booked once, in an open period (C2)."""

from collections.abc import Sequence
from pathlib import Path

from sqlmodel import Session, select

from models.accounts import LedgerEntry, Statement
from models.audit import record_event
from models.db import writing
from models.engagement import Engagement
from models.rules.account_items import ALSO_CALLED
from models.rules.file_values import plain_text
from models.rules.ledger_sheet import VOUCHER_COLUMNS, Voucher, VoucherDoubted, read_voucher
from reports.words import LEDGER_ITEMS
from tasks.accounts import closed_periods, closing_period, enter_vouchers
from tasks.engagements import business_today, engagement_id, lock_engagement
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import CellDoubted, RowDoubt, RowsTaken, SheetRow, judge_rows, read_table

ITEMS = {
    plain_text(word).casefold(): code
    for code, names in LEDGER_ITEMS.items()
    for word in (code, *names, *ALSO_CALLED.get(code, ()))
}
"""Every way to write an item of the ledger, in small letters, to its code."""
_KNOWN = ", ".join(f"{code} ({zh})" for code, (_en, zh) in LEDGER_ITEMS.items())


def import_vouchers(code: str, path: Path, *, dry_run: bool = False) -> RowsTaken:
    """Book a list of vouchers; the same list again books nothing.

    Args:
        code: the engagement.
        path: CSV or workbook with the columns of `VOUCHER_COLUMNS`, in either language.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a list.
    """
    table = read_table(path, VOUCHER_COLUMNS, ("voucher", "booked_on", "kind", "cost_item", "amount"))
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)

        def judge(row: SheetRow) -> tuple[int, Voucher]:
            try:
                return row.number, read_voucher(row.cells, ITEMS, _KNOWN, today)
            except VoucherDoubted as doubted:
                raise CellDoubted(doubted.column, str(doubted)) from doubted

        rows, doubts = judge_rows(table, judge)
        fresh, as_before, refused = _sorted_out(session, engagement, rows)
        new = enter_vouchers(session, key, fresh)
        found = tuple(sorted([*doubts, *refused], key=lambda doubt: doubt.row))
        if dry_run:
            session.rollback()  # tried in earnest, so that what it says is what would happen
        elif keep_doubts(session, key, "vouchers", table, found) or new:
            record_event(session, key, "ledger.booked", code, {"entries": new, "not_taken": len(found)})
        return RowsTaken(table.file, len(table.rows), new, as_before, found)


def _sorted_out(
    session: Session, engagement: Engagement, rows: Sequence[tuple[int, Voucher]]
) -> tuple[list[Voucher], int, list[RowDoubt]]:
    """Vouchers to book, how many were booked before as they are, and those that contradict what is on record."""
    key = engagement_id(engagement)
    known = _booked(session, key)
    closed = closed_periods(session, engagement)
    returned = set(
        session.exec(
            select(Statement.period).where(Statement.engagement_id == key, Statement.state == "returned")
        )
    )
    fresh: list[Voucher] = []
    as_before = 0
    doubts: list[RowDoubt] = []
    rows_of: dict[str, int] = {}
    for number, voucher in rows:
        booked, above = known.get(voucher.voucher), rows_of.get(voucher.voucher)
        compiled = closing_period(closed, voucher.booked_on)
        if above is not None:
            same = "the same content" if booked == voucher else "other content"
            reason = f"stands in row {above} with {same}; give each line of a voucher a number (分录号)"
            doubts.append(RowDoubt(number, "voucher", voucher.voucher, reason))
        elif booked == voucher:
            as_before += 1
        elif booked is not None:
            reason = "is booked with other content, which stands; book the difference under another number"
            doubts.append(RowDoubt(number, "voucher", voucher.voucher, reason))
        elif compiled is not None:
            reason = f"the statement of {compiled.label} is compiled; book it in the open period"
            doubts.append(RowDoubt(number, "booked_on", voucher.booked_on.isoformat(), reason))
        elif voucher.corrects and voucher.corrects not in returned:
            waiting = ", ".join(sorted(returned)) or "none is"
            reason = f"expected a period whose accounts are returned ({waiting}); else leave the cell empty"
            doubts.append(RowDoubt(number, "corrects", voucher.corrects, reason))
        else:
            known[voucher.voucher] = voucher
            fresh.append(voucher)
        rows_of.setdefault(voucher.voucher, number)
    return fresh, as_before, doubts


def _booked(session: Session, key: int) -> dict[str, Voucher]:
    entries = session.exec(select(LedgerEntry).where(LedgerEntry.engagement_id == key))
    return {
        entry.voucher: Voucher(
            entry.voucher,
            entry.booked_on,
            entry.kind,
            entry.cost_item,
            entry.amount,
            entry.text,
            entry.owed_on,
            entry.corrects,
        )
        for entry in entries
    }
