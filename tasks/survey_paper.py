"""Do two clerks read the same on a paper form, and what becomes of it when they do not? Double entry (D4)."""

import secrets
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.catalogue_reading import Entry
from models.db import reading, writing
from models.errors import NotReady, Terminal
from models.rules.file_values import plain_text
from models.rules.personal_data import masked
from models.rules.survey_fieldwork import read_score
from models.rules.survey_instrument import Instrument
from models.rules.survey_paper import (
    COMMENT,
    SERIAL,
    SETTLE_COLUMNS,
    SETTLE_REQUIRED,
    CellDoubt,
    differing,
    item_columns,
    read_scores,
    text_columns,
    text_of,
)
from models.survey import Invitation, SurveyWave
from models.survey_codes import code_hash, survey_code
from models.survey_fieldwork import SurveyIntake, SurveyPaperEntry
from models.survey_instruments import instrument_from_entry
from reports.pack import Language
from reports.survey_paper import PaperCopy, render_paper_forms
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import RowDoubt, SheetRow, TableRead, read_table
from tasks.survey_fieldwork import paper_states
from tasks.survey_receipts import CodeDoor, note_intake, take_answer
from tasks.survey_samples import planned_sample
from tasks.surveys import wave_of

SOURCE = "paper"


@dataclass(frozen=True)
class PaperResult:
    """What became of a file of typed forms or of settled cells: rows = entered + as before + open + not taken."""

    file: str
    rows: int
    entered: int
    """Forms typed now, or cells settled now."""
    as_before: int
    left_open: int
    """Cells of a settlement that say nothing yet, or whose form waits for them."""
    taken: int
    """Forms that became answers now."""
    typed_once: int
    differing: int
    """Forms of the wave whose two entries do not agree."""
    cells_compared: int
    cells_differing: int
    same_file_as: str
    """The other clerk who entered this very file: then it was typed once."""
    doubts: tuple[RowDoubt, ...]
    dry_run: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self) | {"not_taken": len(self.doubts)}


class _DryRun(Exception):
    """Carries the result out of a transaction that must not be kept."""

    def __init__(self, result: PaperResult) -> None:
        super().__init__("dry run")
        self.result = result


@dataclass
class _Desk:
    """The forms of a wave as one file is read."""

    session: Session
    wave: SurveyWave
    on: date
    door: CodeDoor
    forms: dict[int, list[SurveyPaperEntry]] = field(default_factory=lambda: defaultdict(list))
    doubts: list[RowDoubt] = field(default_factory=list)
    compared: int = 0
    differing: int = 0

    def load(self) -> None:
        for entry in self.session.exec(
            select(SurveyPaperEntry)
            .where(SurveyPaperEntry.wave_id == self.wave.id)
            .order_by(col(SurveyPaperEntry.entry))
        ):
            self.forms[entry.invitation_id].append(entry)

    def invitation(self, row: SheetRow, rows_of: dict[str, list[int]], *, once: bool = True) -> Invitation:
        """The invitation a row names by its serial.

        Raises:
            CellDoubt: none, an unknown one, or one that stands in several rows.
        """
        serial = plain_text(row.cells.get("serial", ""))
        if not serial:
            raise CellDoubt("serial", "", "expected the serial number printed on the form")
        twice = [number for number in rows_of[code_hash(serial)] if number != row.number]
        if once and twice:
            raise CellDoubt("serial", shown(serial), f"stands in row {twice[0]} too; expected one row a form")
        found = self.door.find(serial)
        if found is None:
            raise CellDoubt(
                "serial",
                shown(serial),
                f"{self.door.reason}; expected the serial of a form of wave {self.wave.period}",
            )
        return found

    def doubt(self, row: int, error: CellDoubt) -> None:
        self.doubts.append(RowDoubt(row, error.column, error.value, error.expected))

    def take_all(self, ready: Sequence[tuple[Invitation, dict[str, int], str]]) -> int:
        """Make answers of agreed forms, in an order that says nothing of the rows, and delete what was typed."""
        mixed = list(ready)
        secrets.SystemRandom().shuffle(mixed)
        taken = 0
        for invitation, scores, comment in mixed:
            if not take_answer(self.session, self.wave, invitation, "paper", scores, comment, self.on):
                continue
            taken += 1
            for entry in self.forms[invitation.id or 0]:
                entry.scores, entry.comment, entry.taken = {}, "", True
                self.session.add(entry)
        return taken


def enter_paper(
    code: str, period: str, path: Path, clerk: str, on: date | None = None, *, dry_run: bool = False
) -> PaperResult:
    """Take in what one clerk typed; forms that a second one typed alike become answers.

    Args:
        code: the engagement.
        period: of the wave.
        path: CSV or XLSX, one row a form: serial and a column for each item code.
        clerk: reference of who typed it, never a name.
        on: the business date by default.
        dry_run: only say what would become of it.

    Raises:
        SheetRefused: the file is no such table.
        Terminal: there is no such wave, it is closed, or no clerk is named.
    """
    who = plain_text(clerk).casefold()[:40]
    if not who:
        raise Terminal("Who typed the forms is not said; expected a reference such as --clerk A.")
    try:
        with writing() as session:
            engagement = lock_engagement(session, code)
            key = engagement_id(engagement)
            wave = open_wave_of(session, key, period)
            table = _typed(session, wave, path)
            desk = _Desk(session, wave, on or business_today(engagement), CodeDoor(session, wave))
            desk.load()
            entered, standing, touched = _enter_rows(desk, table, who)
            taken = desk.take_all(_agreeing(desk, touched))
            batch = f"{table.sha256}:{who}"
            same = _same_file(session, wave, table.sha256, who)
            desk.door.shut()
            note_intake(
                session,
                wave,
                SOURCE,
                batch,
                received=len(table.rows),
                accepted=entered,
                rejected=len(desk.doubts),
                standing=standing,
            )
            keep_doubts(session, key, SOURCE, table, desk.doubts)
            result = _result(desk, table, entered, standing, 0, taken, same, dry_run)
            if dry_run:
                raise _DryRun(result)
            if entered or taken:
                detail = {"entered": entered, "taken": taken, "not_taken": len(desk.doubts), "clerk": who}
                record_event(session, key, "survey.paper", f"{period}:{table.sha256[:12]}", detail)
            return result
    except _DryRun as dry:
        return dry.result


def _typed(session: Session, wave: SurveyWave, path: Path) -> TableRead:
    """The typed forms; every item that somebody of the wave was asked has a column."""
    strata = set(
        session.exec(select(Invitation.stratum).where(Invitation.wave_id == wave.id).distinct()).all()
    )
    columns = item_columns(wave.items)
    asked = {str(item["code"]) for item in wave.items if "strata" not in item or strata & set(item["strata"])}
    needed = tuple(column.key for column in columns if column.key in asked)
    return read_table(path, (SERIAL, *columns, *text_columns(wave.items), COMMENT), (SERIAL.key, *needed))


def _enter_rows(desk: _Desk, table: TableRead, who: str) -> tuple[int, int, list[Invitation]]:
    entered = standing = 0
    touched = []
    rows_of = _rows_of(table)
    for row in table.rows:
        try:
            invitation = desk.invitation(row, rows_of)
            scores = read_scores(row.cells, desk.wave.items)
            fresh = _enter(desk, invitation, who, scores, masked(text_of(row.cells, desk.wave.items)))
        except CellDoubt as error:
            desk.doubt(row.number, error)
            continue
        entered += fresh
        standing += not fresh
        touched.append(invitation)
    desk.session.flush()
    return entered, standing, touched


def _enter(desk: _Desk, invitation: Invitation, who: str, scores: dict[str, int], comment: str) -> bool:
    """Keep an entry; False where this clerk typed the same before."""
    pair = desk.forms[invitation.id or 0]
    mine = next((entry for entry in pair if entry.clerk == who), None)
    if mine is not None and (mine.taken or mine.scores == scores):
        return False
    if mine is not None:
        cells = ", ".join(item for item, _, _ in differing(mine.scores, scores))
        raise CellDoubt(
            "serial",
            "",
            f"clerk {who} typed this form before, otherwise in {cells}; expected the second entry of another clerk",
        )
    if len(pair) == 2:
        raise CellDoubt(
            "serial", "", "two clerks typed this form already; `steward survey paper settle` ends it"
        )
    if invitation.used_on is not None:
        raise CellDoubt("serial", "", "was answered in another way; expected a form whose code is not used")
    entry = SurveyPaperEntry(
        wave_id=desk.wave.id or 0,
        invitation_id=invitation.id or 0,
        entry=len(pair) + 1,
        clerk=who,
        scores=scores,
        comment=comment[:1000],
    )
    desk.session.add(entry)
    pair.append(entry)
    return True


def _agreeing(desk: _Desk, touched: Sequence[Invitation]) -> list[tuple[Invitation, dict[str, int], str]]:
    ready = []
    for invitation in touched:
        pair = desk.forms[invitation.id or 0]
        if len(pair) != 2 or pair[0].taken:
            continue
        first, second = pair
        apart = differing(first.scores, second.scores)
        desk.compared += len({*first.scores, *second.scores})
        desk.differing += len(apart)
        if not apart:
            ready.append((invitation, dict(first.scores), first.comment or second.comment))
    return ready


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
    table = read_table(path, SETTLE_COLUMNS, SETTLE_REQUIRED)
    try:
        with writing() as session:
            engagement = lock_engagement(session, code)
            key = engagement_id(engagement)
            wave = open_wave_of(session, key, period)
            desk = _Desk(session, wave, on or business_today(engagement), CodeDoor(session, wave))
            desk.load()
            forms: dict[int, tuple[Invitation, list[SheetRow]]] = {}
            rows_of = _rows_of(table)
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
            result = _result(
                desk, table, counts["settled"], counts["before"], counts["open"], taken, "", dry_run
            )
            if dry_run:
                raise _DryRun(result)
            if taken:
                detail = {"settled_cells": counts["settled"], "taken": taken, "by": who}
                record_event(session, key, "survey.paper_settled", f"{period}:{table.sha256[:12]}", detail)
            return result
    except _DryRun as dry:
        return dry.result


def _settle_form(
    desk: _Desk, invitation: Invitation, rows: Sequence[SheetRow], who: str
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


def paper_forms(code: str, period: str, language: Language, on: date | None = None) -> tuple[bytes, int, int]:
    """The forms of all who are asked on paper in a language and have not answered: PDF, forms, others left out.

    Raises:
        NotReady: the wave was not planned, or nobody is asked so.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        wave = wave_of(session, key, period)
        planned = planned_sample(session, key, period)
        if planned is None:
            raise NotReady(
                f"The wave {period} was opened without a plan, so there is no form of it; plan the next one with "
                "`steward survey sample plan`."
            )
        sample, units = planned
        language_of = {unit.ref: unit.language for unit in units}
        waiting = session.exec(
            select(Invitation)
            .where(
                Invitation.wave_id == wave.id, Invitation.mode == "paper", col(Invitation.used_on).is_(None)
            )
            .order_by(col(Invitation.person_ref))
        ).all()
        mine = [one for one in waiting if language_of.get(one.person_ref, "zh") == language]
        if not mine:
            raise NotReady(
                f"Nobody is asked on paper in {language} in the wave {period} and has not answered."
            )
        instrument = _instrument(sample.instrument)
        copies = [PaperCopy(survey_code(code, period, one.person_ref), one.stratum) for one in mine]
        content = render_paper_forms(
            instrument,
            copies,
            language,
            on or business_today(engagement),
            place=engagement.property_name,
            closes_on=wave.closes_on,
        )
        return content, len(mine), len(waiting) - len(mine)


def _instrument(record: dict[str, Any]) -> Instrument:
    return instrument_from_entry(Entry("the kept sample", "top level", record))


def typing_columns(code: str, period: str) -> list[str]:
    """The headings of a sheet to type forms into."""
    with reading() as session:
        wave = wave_of(session, engagement_id(find_engagement(session, code)), period)
        return [
            "serial",
            *(column.key for column in item_columns(wave.items)),
            *(column.key for column in text_columns(wave.items)),
            "comment",
        ]


def open_wave_of(session: Session, key: int, period: str) -> SurveyWave:
    """The wave of a period that takes answers.

    Raises:
        Terminal: there is none, or it is closed.
    """
    wave = wave_of(session, key, period)
    if wave.closed_on is not None:
        raise Terminal(f"The wave {period} closed on {wave.closed_on}; no answer is taken any more.")
    return wave


def shown(serial: str) -> str:
    """The beginning of a serial: enough to find the row, too little to use."""
    return serial[:4] + "…"


def _rows_of(table: TableRead) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row in table.rows:
        if serial := plain_text(row.cells.get("serial", "")):
            rows[code_hash(serial)].append(row.number)
    return rows


def _same_file(session: Session, wave: SurveyWave, sha256: str, who: str) -> str:
    other = session.exec(
        select(SurveyIntake.batch).where(
            SurveyIntake.wave_id == wave.id,
            SurveyIntake.source == SOURCE,
            col(SurveyIntake.batch).startswith(f"{sha256}:"),
            SurveyIntake.batch != f"{sha256}:{who}",
        )
    ).first()
    return "" if other is None else other.partition(":")[2]


def _result(
    desk: _Desk,
    table: TableRead,
    entered: int,
    standing: int,
    left_open: int,
    taken: int,
    same: str,
    dry_run: bool,
) -> PaperResult:
    states = paper_states(desk.forms)
    return PaperResult(
        table.file,
        len(table.rows),
        entered,
        standing,
        left_open,
        taken,
        states["typed_once"],
        states["differing"],
        desk.compared,
        desk.differing,
        same,
        tuple(sorted(desk.doubts, key=lambda doubt: doubt.row)),
        dry_run,
    )
