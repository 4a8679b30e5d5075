"""Do two clerks read the same on a paper form? What each typed, and which forms became answers. Double entry (D4)."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import writing
from models.errors import Terminal
from models.rules.file_values import plain_text
from models.rules.personal_data import masked
from models.rules.survey_paper import (
    COMMENT,
    SERIAL,
    CellDoubt,
    differing,
    item_columns,
    read_scores,
    text_columns,
    text_of,
)
from models.survey import Invitation, SurveyWave
from models.survey_fieldwork import SurveyIntake, SurveyPaperEntry
from tasks.engagements import business_today, engagement_id, lock_engagement
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import TableRead, read_table
from tasks.survey_paper_desk import SOURCE, DryRun, PaperDesk, PaperResult, paper_result, rows_of_codes
from tasks.survey_receipts import CodeDoor, note_intake
from tasks.surveys import needed_items, open_wave_of


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
            desk = PaperDesk(session, wave, on or business_today(engagement), CodeDoor(session, wave))
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
                reasons=desk.reasons,
            )
            keep_doubts(session, key, SOURCE, table, desk.doubts)
            result = paper_result(desk, table, entered, standing, 0, taken, same, dry_run)
            if dry_run:
                raise DryRun(result)
            if entered or taken:
                detail = {"entered": entered, "taken": taken, "not_taken": len(desk.doubts), "clerk": who}
                record_event(session, key, "survey.paper", f"{period}:{table.sha256[:12]}", detail)
            return result
    except DryRun as dry:
        return dry.result


def _typed(session: Session, wave: SurveyWave, path: Path) -> TableRead:
    """The typed forms; every item that somebody of the wave was asked has a column."""
    columns = item_columns(wave.items)
    return read_table(
        path,
        (SERIAL, *columns, *text_columns(wave.items), COMMENT),
        (SERIAL.key, *needed_items(session, wave)),
        mixed=True,
    )


def _enter_rows(desk: PaperDesk, table: TableRead, who: str) -> tuple[int, int, list[Invitation]]:
    entered = standing = 0
    touched = []
    rows_of = rows_of_codes(table)
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


def _enter(desk: PaperDesk, invitation: Invitation, who: str, scores: dict[str, int], comment: str) -> bool:
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
            "duplicate",
        )
    if len(pair) == 2:
        raise CellDoubt(
            "serial",
            "",
            "two clerks typed this form already; `steward survey paper settle` ends it",
            "duplicate",
        )
    if invitation.used_on is not None:
        raise CellDoubt(
            "serial", "", "was answered in another way; expected a form whose code is not used", "used"
        )
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


def _agreeing(desk: PaperDesk, touched: Sequence[Invitation]) -> list[tuple[Invitation, dict[str, int], str]]:
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
