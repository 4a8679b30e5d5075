"""What did both sides count at the handover? The list goes out as a sheet and comes back row by row (C4)."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from models.audit import record_event
from models.db import reading, writing
from models.errors import Terminal
from models.handover import HandoverItem
from models.rules.file_values import plain_text
from models.rules.personal_data import masked
from models.rules.return_sheet import RETURN_COLUMNS, STATE_WORDS
from reports.survey_field_sheets import field_workbook
from reports.words import HANDOVER_KINDS, voice_of
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.handover import ReturnedItem, count_item
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import CellDoubted, RowDoubt, RowsTaken, SheetRow, judge_rows, read_table

_MAX_TEXT = 500
_KINDS = {word.casefold(): code for code, names in HANDOVER_KINDS.items() for word in (code, *names)}


def handover_list(code: str, *, open_only: bool = False) -> list[dict[str, Any]]:
    """Every item to hand over and what came of it; empty before the list is drawn up."""
    with reading() as session:
        items = _items(session, engagement_id(find_engagement(session, code)))
        return [
            {
                "kind": item.kind,
                "ref": item.ref,
                "item": item.title,
                "state": item.state,
                "condition": item.condition,
                "returned": item.returned_on or "",
                "remark": item.remark,
            }
            for item in items
            if item.state == "listed" or not open_only
        ]


def counting_sheet(code: str) -> bytes:
    """The items nobody has counted yet, as a workbook to fill in on the walk.

    Raises:
        Terminal: there is no list yet, or nothing of it is left to count.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        items = _items(session, engagement_id(engagement))
        if not items:
            raise Terminal(f"{code} has no handover list yet: it is drawn up when the handover begins.")
        left = [item for item in items if item.state == "listed"]
        if not left:
            raise Terminal(f"Every item of the handover list of {code} is counted.")
        voice, zh = voice_of(engagement), engagement.language == "zh"
        rows = [(voice.word(HANDOVER_KINDS, item.kind), item.ref, item.title, "", "", "") for item in left]
        note = (
            "交还情况填“是”或“争议”；未填的行视为尚未清点。"
            if zh
            else "Returned: yes or disputed. A row left empty is not counted yet."
        )
        headings = [column.zh if zh else column.en for column in RETURN_COLUMNS]
        return field_workbook([("交接清点" if zh else "Handover count", note, headings, rows)])


def import_count(code: str, path: Path, *, on: date | None = None, dry_run: bool = False) -> RowsTaken:
    """Take in a counted list; rows without a statement wait, and what was counted before stands.

    Args:
        code: the engagement.
        path: the filled-in sheet, CSV or workbook.
        on: the day of the count; the engagement's today by default.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a list.
        Terminal: the day lies ahead.
    """
    table = read_table(path, RETURN_COLUMNS, ("kind", "ref", "state"))
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        day = on or today
        if day > today:
            raise Terminal(f"{day} lies ahead; a count is recorded on the day it was made, or later.")
        items = {(item.kind, item.ref): item for item in _items(session, key)}
        stated, doubts = judge_rows(table, lambda row: _judge(row, items))
        found: list[RowDoubt] = list(doubts)
        new = as_before = 0
        for number, entry in stated:
            item = items[entry.kind, entry.ref] if entry else None
            if entry is None or item is None:
                as_before += 1
            elif item.state == "listed":
                count_item(session, item, entry, day)
                new += 1
            elif item.state == entry.state:
                as_before += 1
            else:
                reason = f"was counted as {item.state} on {item.returned_on}, which stands"
                found.append(RowDoubt(number, "state", entry.state, reason))
        session.flush()
        if dry_run:
            session.rollback()
        elif keep_doubts(session, key, "handover", table, found) or new:
            record_event(session, key, "handover.counted", code, {"items": new, "not_taken": len(found)})
        return RowsTaken(table.file, len(table.rows), new, as_before, tuple(found))


def _judge(row: SheetRow, items: dict[tuple[str, str], HandoverItem]) -> tuple[int, ReturnedItem | None]:
    kind = _KINDS.get(plain_text(row.cells["kind"]).casefold())
    if kind is None:
        raise CellDoubted("kind", "expected asset, document, account or action")
    ref = plain_text(row.cells["ref"])
    if (kind, ref) not in items:
        raise CellDoubted("ref", f"is no {kind} of the handover list")
    said = plain_text(row.cells["state"]).casefold()
    if not said:
        return row.number, None
    state = STATE_WORDS.get(said)
    if state is None:
        raise CellDoubted("state", "expected yes (是) or disputed (争议)")
    remark = masked(plain_text(row.cells.get("remark", "")))[:_MAX_TEXT]
    if state == "disputed" and not remark:
        raise CellDoubted("remark", "a dispute needs a word on what is missing or broken")
    return row.number, ReturnedItem(
        kind, ref, state, masked(plain_text(row.cells.get("condition", "")))[:_MAX_TEXT], remark
    )


def _items(session: Session, key: int) -> list[HandoverItem]:
    return list(
        session.exec(
            select(HandoverItem)
            .where(HandoverItem.engagement_id == key)
            .order_by(HandoverItem.kind, HandoverItem.ref)
        ).all()
    )
