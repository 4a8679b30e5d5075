"""What did both sides count at the handover? The list goes out as a sheet and comes back row by row (C4)."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import Session

from models.audit import record_event
from models.db import writing
from models.engagement import Engagement
from models.errors import Terminal
from models.handover import MATTERS, HandoverItem
from models.rules.file_values import plain_text
from models.rules.handover_items import FIGURED, figure_of
from models.rules.personal_data import masked
from models.rules.return_sheet import RETURN_COLUMNS, STATE_WORDS
from reports.survey_field_sheets import field_workbook
from reports.words import HANDOVER_KINDS, voice_of
from tasks.cycles import returned_protocols
from tasks.engagements import business_today, engagement_id, lock_engagement
from tasks.handover import (
    PROTOCOL_IS_OUT,
    ReturnedItem,
    count_item,
    keep_list,
    list_is_open,
    listed_items,
)
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import CellDoubted, RowDoubt, RowsTaken, SheetRow, judge_rows, read_table

_MAX_TEXT = 500
_KINDS = {word.casefold(): code for code, names in HANDOVER_KINDS.items() for word in (code, *names)}


def handover_list(code: str, *, open_only: bool = False) -> list[dict[str, Any]]:
    """Every item to hand over and open matter, brought up to date; empty before the list is drawn up.

    Args:
        code: the engagement.
        open_only: only what nobody has counted and matters nobody has settled or taken over.
    """
    with writing() as session:
        items = _up_to_date(session, lock_engagement(session, code))
        return [
            {
                "kind": item.kind,
                "ref": item.ref,
                "item": item.title,
                "state": "open" if item.kind in MATTERS and item.state == "listed" else item.state,
                "owed_by": item.owner,
                "due": item.due_on or "",
                "figure": "" if item.figure is None else f"{item.figure:f} {item.unit}".rstrip(),
                "condition": item.condition,
                "returned": item.returned_on or "",
                "remark": item.remark,
            }
            for item in items
            if item.state == "listed" or not open_only
        ]


def counting_sheet(code: str) -> bytes:
    """What nobody has counted yet and what is open, as a workbook to fill in on the walk.

    Raises:
        Terminal: there is no list yet, or nothing of it is left to count.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        items = _up_to_date(session, engagement)
        if not items:
            raise Terminal(f"{code} has no handover list yet: it is drawn up when the handover begins.")
        left = [item for item in items if item.state == "listed"]
        if not left:
            raise Terminal(f"Every item of the handover list of {code} is counted.")
        voice, zh = voice_of(engagement), engagement.language == "zh"
        rows = [
            (voice.word(HANDOVER_KINDS, item.kind), item.ref, item.title, "", "", "", "", item.unit)
            for item in left
        ]
        note = (
            "交还情况填“是”或“争议”（争议须备注）；未填的行视为尚未清点。资金与计量填写数值；本物业没有的填“无”。未结事项填“是”表示接收方已知悉，可不填。"
            if zh
            else "Returned: yes or disputed (with a remark). A row left empty is not counted yet. Of money and meters "
            "state the figure; of what the property does not have say none. "
            "Of an open matter, yes means taken over as open; it may be left empty."
        )
        headings = [column.zh if zh else column.en for column in RETURN_COLUMNS]
        return field_workbook([("交接清点" if zh else "Handover count", note, headings, rows)])


def import_count(code: str, path: Path, *, on: date | None = None, dry_run: bool = False) -> RowsTaken:
    """Take in a counted list; rows without a statement wait, and what was counted before stands.

    Two changes are taken with a remark that says why: a dispute that was settled, and anything after a side
    has sent the protocol back.

    Args:
        code: the engagement.
        path: the filled-in sheet, CSV or workbook.
        on: the day of the count; the engagement's today by default.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a list.
        Terminal: the day lies ahead, or the protocol is out.
    """
    table = read_table(path, RETURN_COLUMNS, ("kind", "ref", "state"))
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        day = on or today
        if day > today:
            raise Terminal(f"{day} lies ahead; a count is recorded on the day it was made, or later.")
        items = {(item.kind, item.ref): item for item in _up_to_date(session, engagement)}
        none = voice_of(engagement)("none here", "无此项")
        is_open, sent_back = list_is_open(session, engagement), bool(returned_protocols(session, key))
        stated, doubts = judge_rows(table, lambda row: _judge(row, items, none))
        found: list[RowDoubt] = list(doubts)
        new = as_before = 0
        for number, entry in stated:
            item = items[entry.kind, entry.ref] if entry else None
            if entry is None or item is None or item.state in (entry.state, "settled"):
                as_before += 1
                continue
            doubt = _what_speaks_against(item, entry, number, sent_back=sent_back)
            if doubt is not None:
                found.append(doubt)
                continue
            if item.state != "listed":
                changed = {"was": item.state, "is": entry.state}
                record_event(session, key, "handover.recounted", f"{item.kind}:{item.ref}", changed)
            count_item(session, item, entry, day)
            new += 1
        if new and not is_open:
            raise Terminal(PROTOCOL_IS_OUT.format(code=code))
        session.flush()
        if dry_run:
            session.rollback()
        elif keep_doubts(session, key, "handover", table, found) or new:
            record_event(session, key, "handover.counted", code, {"items": new, "not_taken": len(found)})
        return RowsTaken(table.file, len(table.rows), new, as_before, tuple(found))


def _what_speaks_against(
    item: HandoverItem, entry: ReturnedItem, number: int, *, sent_back: bool
) -> RowDoubt | None:
    """Why a count that differs from the one before is not taken; None for a first count.

    With a remark a dispute is settled, or a side that sent the protocol back says what is wrong.
    """
    if item.state == "listed" or (entry.remark and (item.state == "disputed" or sent_back)):
        return None
    if item.state == "disputed":
        return RowDoubt(
            number, "remark", entry.remark, "is in dispute; expected a remark on how it was settled"
        )
    reason = f"was counted as {item.state} on {item.returned_on}, which stands"
    return RowDoubt(number, "state", entry.state, reason)


def _judge(
    row: SheetRow, items: dict[tuple[str, str], HandoverItem], none: str
) -> tuple[int, ReturnedItem | None]:
    kind = _KINDS.get(plain_text(row.cells["kind"]).casefold())
    if kind is None:
        raise CellDoubted("kind", f"expected one of {', '.join(HANDOVER_KINDS)}")
    ref = plain_text(row.cells["ref"])
    if (kind, ref) not in items:
        raise CellDoubted("ref", f"is no {kind} of the handover list")
    said = plain_text(row.cells["state"]).casefold()
    if not said:
        return row.number, None
    state = STATE_WORDS.get(said)
    if state is None:
        raise CellDoubted(
            "state", "expected yes (是), disputed (争议), or none (无) of what the property lacks"
        )
    figure = _figure(row, kind, state)
    remark = masked(plain_text(row.cells.get("remark", "")))[:_MAX_TEXT]
    if state == "disputed" and not remark:
        raise CellDoubted("remark", "a dispute needs a word on what is missing or broken")
    condition = masked(plain_text(row.cells.get("condition", "")))[:_MAX_TEXT]
    if state == "none":
        state, condition = "returned", condition or none
    return row.number, ReturnedItem(kind, ref, state, condition, remark, figure)


def _figure(row: SheetRow, kind: str, state: str) -> Decimal | None:
    """The amount or reading of a row; money and meters are not given back without one."""
    said = plain_text(row.cells.get("figure", ""))
    if state == "none":
        if kind not in (*FIGURED, "belonging"):
            raise CellDoubted("state", "an item that was received is given back or in dispute, not none")
        return None
    if kind not in (*FIGURED, "belonging") or not said:
        if kind in FIGURED and state == "returned":
            raise CellDoubted("figure", "expected the amount or the reading, or none (无) as the state")
        return None
    figure = figure_of(said)
    if figure is None:
        raise CellDoubted("figure", "expected a plain number, for example 12345.6")
    return figure


def _up_to_date(session: Session, engagement: Engagement) -> list[HandoverItem]:
    keep_list(session, engagement, business_today(engagement))
    return listed_items(session, engagement_id(engagement))
