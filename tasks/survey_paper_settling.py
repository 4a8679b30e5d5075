"""What stands on the paper where two clerks read it differently? A third person settles it (D4)."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from models.audit import record_event
from models.db import reading, writing
from models.errors import Terminal
from models.rules.file_values import plain_text
from models.rules.survey_fieldwork import read_score
from models.rules.survey_paper import SETTLE_COLUMNS, SETTLE_REQUIRED, CellDoubt, differing, read_scores
from models.survey import Invitation, SurveyWave
from models.survey_codes import survey_code
from models.survey_fieldwork import SurveyPaperEntry
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import SheetRow, read_table
from tasks.survey_paper_desk import SOURCE, DryRun, PaperDesk, PaperResult, paper_result, rows_of_codes
from tasks.survey_receipts import CodeDoor
from tasks.surveys import open_wave_of, wave_of


def discrepancies(code: str, period: str) -> list[dict[str, Any]]:
    """The cells in which two entries of a form differ, to be looked up on the paper: with the form's serial."""
    with reading() as session:
        engagement = find_engagement(session, code)
        wave = wave_of(session, engagement_id(engagement), period)
        texts = {item["code"]: (item["text_en"], item["text_zh"]) for item in wave.items}
        found = session.exec(
            select(SurveyPaperEntry, Invitation.person_ref)
            .join(Invitation, col(Invitation.id) == col(SurveyPaperEntry.invitation_id))
            .where(SurveyPaperEntry.wave_id == wave.id, col(SurveyPaperEntry.taken).is_(False))
            .order_by(col(SurveyPaperEntry.entry))
        ).all()
        pairs: dict[str, list[SurveyPaperEntry]] = defaultdict(list)
        for entry, ref in found:
            pairs[survey_code(code, period, ref)].append(entry)
        zh = engagement.language == "zh"
        return [
            {
                "serial": serial,
                "item": item,
                "first": "-" if one is None else one,
                "second": "-" if other is None else other,
                "settled": "",
                "first_clerk": pair[0].clerk,
                "second_clerk": pair[1].clerk,
                "question": texts[item][zh],
            }
            for serial, pair in sorted(pairs.items())
            if len(pair) == 2
            for item, one, other in differing(pair[0].scores, pair[1].scores)
        ]


def settle_paper(
    code: str, period: str, path: Path, by: str, on: date | None = None, *, dry_run: bool = False
) -> PaperResult:
    """Take in what a third person read on the paper; a form all of whose differing cells are settled is an answer.

    Args:
        code: the engagement.
        period: of the wave.
        path: the list of discrepancies with its column `settled` filled in; `-` for not answered.
        by: reference of who looked at the paper; neither of the clerks.
        on: the business date by default.
        dry_run: only say what would become of it.

    Raises:
        SheetRefused: the file is no such table.
        Terminal: there is no such wave, it is closed, or nobody is named.
    """
    who = plain_text(by).casefold()[:40]
    if not who:
        raise Terminal("Who looked at the paper is not said; expected a reference such as --by C.")
    table = read_table(path, SETTLE_COLUMNS, SETTLE_REQUIRED, mixed=True)
    try:
        with writing() as session:
            engagement = lock_engagement(session, code)
            key = engagement_id(engagement)
            wave = open_wave_of(session, key, period)
            desk = PaperDesk(session, wave, on or business_today(engagement), CodeDoor(session, wave))
            desk.load()
            forms: dict[int, tuple[Invitation, list[SheetRow]]] = {}
            rows_of = rows_of_codes(table)
            for row in table.rows:
                try:
                    invitation = desk.invitation(row, rows_of, once=False)
                except CellDoubt as error:
                    desk.doubt(row.number, error)
                    continue
                forms.setdefault(invitation.id or 0, (invitation, []))[1].append(row)
            ready, counts = [], Counter[str]()
            for invitation, rows in forms.values():
                state, scores = _settle_form(desk, invitation, rows, who)
                counts[state] += len(rows) if state != "doubted" else 0
                if state == "settled":
                    pair = desk.forms[invitation.id or 0]
                    ready.append((invitation, scores, pair[0].comment or pair[1].comment))
            taken = desk.take_all(ready)
            desk.door.shut()
            keep_doubts(session, key, SOURCE, table, desk.doubts)
            result = paper_result(
                desk, table, counts["settled"], counts["before"], counts["open"], taken, "", dry_run
            )
            if dry_run:
                raise DryRun(result)
            if taken:
                detail = {"settled_cells": counts["settled"], "taken": taken, "by": who}
                record_event(session, key, "survey.paper_settled", f"{period}:{table.sha256[:12]}", detail)
            return result
    except DryRun as dry:
        return dry.result


def _settle_form(
    desk: PaperDesk, invitation: Invitation, rows: Sequence[SheetRow], who: str
) -> tuple[str, dict[str, int]]:
    """State of a form (before, open, settled, doubted), and its scores where it is settled."""
    pair = desk.forms[invitation.id or 0]
    if pair and pair[0].taken:
        return "before", {}
    apart = {item for item, _, _ in differing(pair[0].scores, pair[1].scores)} if len(pair) == 2 else set()
    said: dict[str, int | None] = {}
    faults: list[tuple[int, CellDoubt]] = []
    for row in rows:
        try:
            _check_settler(pair, who)
            said |= _settled_cell(desk.wave, row, apart, said)
        except CellDoubt as error:
            faults.append((row.number, error))
    if not faults and set(said) != apart:
        return "open", {}
    if not faults:
        scores = {k: v for k, v in pair[0].scores.items() if k not in apart}
        scores |= {item: score for item, score in said.items() if score is not None}
        try:
            return "settled", read_scores({k: str(v) for k, v in scores.items()}, desk.wave.items)
        except CellDoubt as error:
            faults.append((rows[0].number, error))
    # A form is settled as a whole: its good rows wait with the doubtful ones.
    named = dict(faults)
    for row in rows:
        waits = CellDoubt("", "", f"waits for row {faults[0][0]} of the same form")
        desk.doubt(row.number, named.get(row.number, waits))
    return "doubted", {}


def _check_settler(pair: Sequence[SurveyPaperEntry], who: str) -> None:
    if len(pair) != 2:
        raise CellDoubt("serial", "", "expected a form that two clerks have typed")
    if who in (pair[0].clerk, pair[1].clerk):
        raise CellDoubt("", "", f"{who} typed this form; expected a third person to settle it")


def _settled_cell(
    wave: SurveyWave, row: SheetRow, apart: set[str], said: Mapping[str, int | None]
) -> dict[str, int | None]:
    """Item and value of a row; nothing where it is left open."""
    item, text = plain_text(row.cells["item"]), row.cells["settled"]
    if item not in apart:
        raise CellDoubt("item", item[:40], f"expected an item that differs: {', '.join(sorted(apart))}")
    if item in said:
        raise CellDoubt("item", item, "stands there twice for this form")
    if not text.strip():
        return {}
    return {item: settled_score(text, next(one for one in wave.items if one["code"] == item))}


def settled_score(text: str, item: dict[str, Any]) -> int | None:
    """The settled value of a cell.

    Raises:
        CellDoubt: off the item's scale.
    """
    try:
        return read_score(text, item)
    except ValueError as error:
        raise CellDoubt("settled", text[:80], str(error).replace("nothing where", "- where")) from error
