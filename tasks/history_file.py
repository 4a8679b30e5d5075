"""What was done to this building's machines before? Takes in a maintenance history, row by row (A3)."""

import unicodedata
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sqlmodel import select

from models.audit import record_event
from models.db import reading, writing
from models.diligence import MaintenanceHistory
from models.rules.file_values import ValueDoubted, plain_text, read_amount, read_date
from models.rules.handover_sheet import HISTORY_COLUMNS
from models.rules.history import HistoryKind, history_kind
from models.upsert import insert_if_absent
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.history import asset_names
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import RowDoubt, SheetRow, TableRead, read_table

REQUIRED = ("asset_tag", "date", "kind")
_MAX_TEXT = 500
_MAX_SHOWN = 80


@dataclass(frozen=True)
class HistoryRow:
    """One record as it will be kept."""

    asset_tag: str
    done_on: date
    kind: str
    text: str
    cost: Decimal | None
    downtime_hours: Decimal | None


@dataclass(frozen=True)
class HistoryImport:
    """What became of a file: rows = recorded + known before + twice in the file + not taken."""

    file: str
    sha256: str
    rows: int
    recorded: int
    known_before: int
    twice: int
    not_taken: int
    doubts: tuple[RowDoubt, ...]
    dry_run: bool

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self)


def import_history(code: str, path: Path, *, dry_run: bool = False) -> HistoryImport:
    """Record the maintenance history of a CSV or XLSX file; good rows are kept, bad ones quarantined and named.

    A record is known by asset, day and text: the same file again, or the same record in another file, adds nothing.

    Args:
        code: the engagement; its asset register is taken in before.
        path: the file, with the columns asset tag, date, kind and, where known, text, cost and downtime hours.
        dry_run: say what would become of it, and write nothing.

    Raises:
        SheetRefused: the file cannot be read as such a table.
    """
    table = read_table(path, HISTORY_COLUMNS, REQUIRED)
    with reading() as session:
        engagement = find_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        tags = asset_names(session, key)
        known = {
            (r.asset_tag, r.done_on, r.text)
            for r in session.exec(
                select(MaintenanceHistory).where(MaintenanceHistory.engagement_id == key)
            ).all()
        }
    taken, doubts = _judged(table, tags, today)
    unique = {(row.asset_tag, row.done_on, row.text): row for row in reversed(taken)}
    recorded = sum(natural not in known for natural in unique)
    if not dry_run:
        with writing() as session:
            rows = [{"engagement_id": key, **asdict(row)} for row in reversed(unique.values())]
            recorded = insert_if_absent(session, MaintenanceHistory, rows)
            changed = keep_doubts(session, key, "history", table, doubts)
            if recorded or changed:
                detail = {"sha256": table.sha256, "recorded": recorded, "doubts": len(doubts)}
                record_event(session, key, "history.imported", code, detail)
    return HistoryImport(
        file=table.file,
        sha256=table.sha256,
        rows=len(table.rows),
        recorded=recorded,
        known_before=len(unique) - recorded,
        twice=len(taken) - len(unique),
        not_taken=len(table.rows) - len(taken),
        doubts=doubts,
        dry_run=dry_run,
    )


def _judged(
    table: TableRead, exact: dict[str, str], today: date
) -> tuple[list[HistoryRow], tuple[RowDoubt, ...]]:
    tags = list(exact)
    folded: dict[str, list[str]] = {}
    for tag in tags:
        folded.setdefault(_folded(tag), []).append(exact[tag])
    rows: list[HistoryRow] = []
    doubts: list[RowDoubt] = []
    for row in table.rows:
        written = row.cells["asset_tag"]
        found = _row(row, exact.get(written) or _only(folded.get(_folded(written), [])), tags, today)
        doubts += found[1]
        if found[0] is not None:
            rows.append(found[0])
    return rows, tuple(doubts)


def _row(
    row: SheetRow, tag: str | None, tags: list[str], today: date
) -> tuple[HistoryRow | None, list[RowDoubt]]:
    doubts: list[RowDoubt] = []
    if tag is None:
        doubts.append(_doubt(row, "asset_tag", _unknown(row.cells["asset_tag"], tags)))
    done_on: date | None = None
    try:
        done_on = read_date(row.cells["date"], today)
    except ValueDoubted as error:
        doubts.append(_doubt(row, "date", str(error)))
    kind = history_kind(plain_text(row.cells["kind"]))
    if kind is None:
        expected = ", ".join(kind.value for kind in HistoryKind)
        doubts.append(
            _doubt(row, "kind", f"is no kind of work; expected {expected}, or 保养, 维修, 检查, 更换")
        )
    if tag is None or done_on is None or kind is None:
        return None, doubts
    figures: dict[str, Decimal | None] = {"cost": None, "downtime": None}
    for name in figures:
        try:
            figures[name] = read_amount(row.cells.get(name, ""))
        except ValueDoubted as error:
            doubts.append(_doubt(row, name, f"{error}; the row was taken without it", taken=True))
    text = plain_text(row.cells.get("text", ""))[:_MAX_TEXT]
    return HistoryRow(tag, done_on, kind.value, text, figures["cost"], figures["downtime"]), doubts


def _doubt(row: SheetRow, column: str, reason: str, *, taken: bool = False) -> RowDoubt:
    return RowDoubt(row.number, column, plain_text(row.cells[column])[:_MAX_SHOWN], reason, taken)


def _unknown(written: str, tags: list[str]) -> str:
    if not written:
        return "is empty; expected a tag of the register"
    if not tags:
        return "the register is empty; take it in first (`steward register import`)"
    names = {_folded(tag): tag for tag in tags}
    near = get_close_matches(_folded(written[:_MAX_SHOWN]), list(names), n=3, cutoff=0.6)
    hint = f"; near: {', '.join(names[name] for name in near)}" if near else ""
    return f"is no asset of the register{hint}"


def _folded(tag: str) -> str:
    return "".join(unicodedata.normalize("NFKC", tag).casefold().split())


def _only(found: list[str]) -> str | None:
    return found[0] if len(found) == 1 else None
