"""Which answers of a file from LimeSurvey or from interviewers are taken, each code once, and which not and why? (D4)"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.people import Person
from models.rules.file_values import plain_text
from models.rules.handover_sheet import SheetColumn, find_header
from models.rules.personal_data import masked
from models.rules.survey_answer_files import (
    INTERVIEW_REQUIRED,
    NO_DATE,
    SUBMITTED,
    TOKEN,
    check_interview,
    interview_columns,
    limesurvey_columns,
    plain_answers,
    renamed_headings,
)
from models.rules.survey_fieldwork import RATING, extent
from models.rules.survey_paper import CellDoubt, read_scores, text_of
from models.rules.written_instants import InstantDoubted, read_instant
from models.survey import Invitation, SurveyWave
from models.survey_codes import survey_code
from models.survey_fieldwork import SurveyCall
from models.upsert import insert_if_absent
from reports.cells import safe_csv_cell
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.long_tables import LongTable, first_headings, open_long_table
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import (
    MAX_ROWS,
    RowDoubt,
    SheetRefused,
    SheetRow,
    TableRead,
    headings_of,
    read_table,
)
from tasks.survey_answers import quarantine_file
from tasks.survey_calls import calls_of, cases_of, is_new_call, known_to_have_answered, read_call
from tasks.survey_frame import reading_languages
from tasks.survey_paper_desk import shown
from tasks.survey_receipts import (
    CodeDoor,
    CodesClosed,
    ReadySheet,
    intake_of,
    note_intake,
    take_in_any_order,
)
from tasks.survey_samples import planned_sample
from tasks.surveys import MODES, needed_items, open_wave_of

LIMESURVEY, TELEPHONE = "limesurvey", "telephone"
"""What batches and quarantined rows of these files are called."""


KEPT_ROWS = 1000
"""Rejected rows of a long file that the quarantine names; a file the user asks for has all of them."""
Progress = Callable[[str, int, int], None]
"""Told what goes on, how far it is, and how far it goes."""


@dataclass(frozen=True)
class AnswerFile:
    """What became of a file: rows = taken + as before + calls without answers + not taken."""

    file: str
    rows: int
    taken: int
    as_before: int
    """Rows whose code was used before: of an export that grows, those that came in with the last one."""
    calls_only: int
    not_taken: int
    reasons: dict[str, int]
    """The rows not taken by reason in one word."""
    doubts: tuple[RowDoubt, ...]
    """The rows not taken; of a long file the first of them."""
    dry_run: bool

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self)


class _DryRun(Exception):
    """Takes back what was written."""


@dataclass
class _Batch:
    """A file as it is read."""

    most: int
    """Rows not taken that are kept."""
    writer: Any = None
    """Of the file with all rows that are not taken."""
    rows: int = 0
    ready: list[ReadySheet] = field(default_factory=list)
    doubts: list[RowDoubt] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    standing: int = 0
    calls_only: int = 0
    superseded: int = 0
    """Interviews of an anonymous wave whose respondent had answered before: taken, as far as anybody can see."""
    rows_of: dict[int, int] = field(default_factory=dict)
    """Invitation to the row whose answers count."""

    @property
    def not_taken(self) -> int:
        """How many rows are not taken."""
        return self.reasons.total()

    def once(self, invitation: int, row: SheetRow, column: str) -> None:
        """One row an invitation.

        Raises:
            CellDoubt: another row of the file has answers of the same one.
        """
        other = self.rows_of.setdefault(invitation, row.number)
        if other != row.number:
            reason = f"stands in row {other} too, which counts; expected one row each"
            raise CellDoubt(column, "", reason, "duplicate")

    def doubt(self, row: SheetRow, error: CellDoubt) -> None:
        """Put a row aside that is not taken."""
        self.reasons[error.kind] += 1
        if len(self.doubts) < self.most:
            self.doubts.append(RowDoubt(row.number, error.column, error.value, error.expected))
        if self.writer is not None:
            texts = (error.column, error.value, error.expected)
            self.writer.writerow([row.number, *(safe_csv_cell(text) for text in texts)])

    def kept(self) -> list[RowDoubt]:
        """The rows for the quarantine; the last of a long file says how many more there are."""
        more = self.not_taken - len(self.doubts)
        if not more:
            return self.doubts
        counts = ", ".join(f"{kind} {count:,}" for kind, count in sorted(self.reasons.items()))
        said = f"and {more:,} further rows of the file, of which --quarantine FILE writes each; all: {counts}"
        last = self.doubts[-1]
        return [*self.doubts[:-1], RowDoubt(last.row, last.column, last.value, f"{last.reason}; {said}")]

    def found(self, file: str, taken: int, *, dry_run: bool) -> AnswerFile:
        """What became of the file."""
        standing = self.standing + len(self.ready) + self.superseded - taken
        counts = (self.rows, taken, standing, self.calls_only, self.not_taken)
        return AnswerFile(file, *counts, dict(sorted(self.reasons.items())), tuple(self.doubts), dry_run)


def import_limesurvey(
    code: str,
    period: str,
    path: Path,
    on: date | None = None,
    *,
    renamed: Sequence[str] = (),
    quarantine: Path | None = None,
    dry_run: bool = False,
    progress: Progress = lambda _what, _done, _all: None,
) -> AnswerFile:
    """Take in an export of responses with question codes as headings and answer codes in the cells.

    A text file may have a million rows: it is read and judged row by row without keeping other writers waiting, then
    everything is written in one transaction, or nothing.

    Args:
        code: the engagement.
        period: of the wave.
        path: CSV or XLSX with token, submitdate and a column for each scored item.
        on: the business date by default.
        renamed: HEADING=ITEM for questions that have another code there.
        quarantine: where to write every row that is not taken, as CSV.
        dry_run: only say what would become of it.
        progress: told now and then.

    Raises:
        SheetRefused: the file is no such table, or has no codes.
        Terminal: there is no such wave, or it is closed.
        CodesClosed: too many wrong codes came in lately.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        zone, today = ZoneInfo(engagement.timezone), on or business_today(engagement)
        wave = open_wave_of(session, engagement_id(engagement), period)
        needed = needed_items(session, wave)
        door = CodeDoor(session, wave)
        door.learn_all()
    table = _responses(path, wave, needed, renamed)
    with quarantine_file(quarantine) as writer:
        batch = _Batch(KEPT_ROWS, writer)
        for row in table.rows():
            batch.rows += 1
            if batch.rows % 1000 == 0:
                progress("Rows judged", row.number, table.lines)
            try:
                _judge_response(batch, door, row, wave, zone, today)
            except CellDoubt as error:
                batch.doubt(row, error)
        if dry_run:
            return batch.found(table.file, len(batch.ready), dry_run=True)
        door.forget()
        batch.rows_of.clear()
        progress("Answers written", 0, 1)
        return _take_responses(code, period, table, batch, door, min(today, wave.closes_on))


def _take_responses(
    code: str, period: str, table: LongTable, batch: _Batch, door: CodeDoor, on: date
) -> AnswerFile:
    """Write down what was judged; what became of wave, codes and door meanwhile counts."""
    refused = None
    with writing() as session:
        key = engagement_id(lock_engagement(session, code))
        wave = open_wave_of(session, key, period)
        try:
            CodeDoor(session, wave)
        except CodesClosed as error:
            refused = error
        if intake_of(session, wave, LIMESURVEY, table.sha256) is None:
            door.shut(session)  # its misses count in either case; the very file again tries no further code
        if refused is None:
            taken = len(take_in_any_order(session, wave, batch.ready, MODES[0], on))
            found = batch.found(table.file, taken, dry_run=False)
            _keep(session, wave, table, batch, LIMESURVEY, found)
            if taken:
                detail = {"taken": taken, "not_taken": batch.not_taken}
                record_event(session, key, "survey.limesurvey", f"{period}:{table.sha256[:12]}", detail)
    if refused is not None:
        raise refused
    return found


def _responses(path: Path, wave: SurveyWave, needed: tuple[str, ...], renamed: Sequence[str]) -> LongTable:
    try:
        pairs = renamed_headings(renamed, wave.items)
    except ValueError as error:
        raise SheetRefused(f"--map {error}.") from error
    headings = first_headings(path)
    columns = limesurvey_columns(wave.items, headings, pairs)
    required = (TOKEN.key, SUBMITTED.key, *needed)
    _refuse_missing(
        path,
        headings,
        columns,
        required,
        "Export the responses with question codes as headings and answer codes; --map HEADING=ITEM names a question that "
        "has another code. The survey must keep its tokens (anonymised responses off): codes are parted from answers here.",
    )
    return open_long_table(path, columns, required)


def _refuse_missing(
    path: Path,
    headings: tuple[str, ...],
    columns: tuple[SheetColumn, ...],
    needed: tuple[str, ...],
    hint: str,
) -> None:
    """Say which of the needed columns are missing by their codes, if the first row is a header."""
    found = find_header([list(headings)], columns, ())
    known = found[1] if found is not None else {}
    if known and (missing := [name for name in needed if name not in known]):
        raise SheetRefused(f"{path.name}: the columns {', '.join(missing)} are missing. {hint}")


def _judge_response(
    batch: _Batch, door: CodeDoor, row: SheetRow, wave: SurveyWave, zone: ZoneInfo, today: date
) -> None:
    if row.problem:
        raise CellDoubt("", "", row.problem, "encoding")
    token = plain_text(row.cells["token"])
    if not token:
        raise CellDoubt("token", "", "expected the single-use code of an invitation", "token")
    reason, kind = door.reason, "codes_closed" if door.closed else "unknown_code"
    invitation = door.find_asked(token)
    if invitation is None:
        raise CellDoubt("token", shown(token), f"{reason}; expected a code of wave {wave.period}", kind)
    _check_submitted(row.cells["submitdate"], wave, zone, today)
    try:
        scores = read_scores(plain_answers(row.cells, wave.items), wave.items)
    except CellDoubt as error:
        value = row.cells.get(error.column, "")[:80]
        raise CellDoubt(error.column, value, error.expected, error.kind) from error
    batch.once(invitation.id, row, "token")  # of what was begun twice, the row that was finished counts
    if invitation.used_on is None:
        batch.ready.append(ReadySheet.of(invitation, scores, masked(text_of(row.cells, wave.items))))
    else:
        batch.standing += 1


def _check_submitted(text: str, wave: SurveyWave, zone: ZoneInfo, today: date) -> None:
    plain = plain_text(text)
    if not plain:
        raise CellDoubt(
            "submitdate", "", "was not submitted; expected a finished questionnaire", "unsubmitted"
        )
    day = today
    if not plain.startswith(NO_DATE):
        try:
            day = read_instant(plain, "", zone).at.astimezone(zone).date()
        except InstantDoubted as error:
            expected = "expected a time such as 2027-03-18 18:30:00"
            raise CellDoubt("submitdate", text[:40], expected, "time") from error
    if not wave.opened_on <= day <= wave.closes_on:
        raise CellDoubt(
            "submitdate",
            text[:40],
            f"expected a day from {wave.opened_on} to {wave.closes_on}, the fieldwork",
            "early" if day < wave.opened_on else "late",
        )


def import_interviews(
    code: str, period: str, path: Path, on: date | None = None, *, dry_run: bool = False
) -> AnswerFile:
    """Take in interviews by telephone: who called when, how it ended, and the answers; calls without answers too.

    Args:
        code: the engagement.
        period: of the wave.
        path: CSV or XLSX: case, called at, interviewer, outcome and a column for each item.
        on: the business date by default.
        dry_run: only say what would become of it.

    Raises:
        SheetRefused: the file is no such table.
        Terminal: there is no such wave, or it is closed.
    """
    with suppress(_DryRun), writing() as session:
        engagement = lock_engagement(session, code)
        key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
        wave = open_wave_of(session, key, period)
        columns = interview_columns(wave.items)
        required = (*INTERVIEW_REQUIRED, *needed_items(session, wave))
        hint = "`steward survey call-list --answers` writes a sheet with all of them."
        _refuse_missing(path, headings_of(path), columns, required, hint)
        table = read_table(path, columns, required, mixed=True)
        today = on or business_today(engagement)
        cases, known = cases_of(session, code, wave), calls_of(session, wave)
        by_id = {one.id: one for one in cases.values()}
        batch, fresh = _Batch(MAX_ROWS, rows=len(table.rows)), []
        for row in table.rows:
            try:
                call = read_call(row, cases, wave, zone, today)
                if _judge_interview(batch, row, wave, call, by_id[call["invitation_id"]], known):
                    fresh.append(call)
                    known.setdefault(call["invitation_id"], []).append(SurveyCall(**call))
            except CellDoubt as error:
                batch.doubt(row, error)
        insert_if_absent(session, SurveyCall, fresh)
        taken = take_in_any_order(session, wave, batch.ready, MODES[2], min(today, wave.closes_on))
        found = batch.found(table.file, len(taken) + batch.superseded, dry_run=dry_run)
        _keep(session, wave, table, batch, TELEPHONE, found)
        if found.taken or fresh:
            by = Counter(str(call["interviewer"]) for call in fresh)
            detail = {
                "calls": len(fresh),
                "taken": found.taken,
                "not_taken": batch.not_taken,
                "by": dict(by),
            }
            record_event(session, key, "survey.interviews", f"{period}:{table.sha256[:12]}", detail)
        if dry_run:
            raise _DryRun
    return found


def _judge_interview(
    batch: _Batch,
    row: SheetRow,
    wave: SurveyWave,
    call: dict[str, Any],
    invitation: Invitation,
    known: Mapping[int, list[SurveyCall]],
) -> bool:
    """Whether the call is new; its answers are put with those that are ready.

    In an anonymous wave an interview of somebody who had answered before looks taken like any other, and its answers are
    left: a row that comes back would tell who has answered.
    """
    call |= {
        "interviewer": masked(plain_text(row.cells["interviewer"]))[:40],
        "answers": "",
        "superseded": False,
    }
    if not call["interviewer"]:
        raise CellDoubt("interviewer", "", "expected a reference of who called, such as I-1", "interviewer")
    scored = [str(item["code"]) for item in wave.items if item.get("values", RATING)]
    answered = any(row.cells.get(name, "").strip() for name in scored)
    check_interview(call["outcome"], answered)
    scores = read_scores(row.cells, wave.items) if answered else {}
    new = is_new_call(call, known)
    if not answered:
        batch.calls_only += 1
        return new
    used, made = invitation.used_on is not None, known.get(invitation.id or 0, [])
    if used and wave.confidential and new:
        raise CellDoubt("case", "", "was answered in another way; expected a case without an answer", "used")
    before = next((one for one in made if one.answers), None)
    if before is not None and before.called_at != call["called_at"]:
        raise CellDoubt(
            "case", "", "has an interview of another call; expected one interview a case", "duplicate"
        )
    if before is not None or (used and wave.confidential):
        batch.standing += 1
        return new
    batch.once(invitation.id or 0, row, "case")
    call |= {"answers": extent(wave.items, invitation.stratum, scores), "superseded": used}
    for one in made:
        if one.called_at == call["called_at"]:  # `survey calls` recorded it before
            one.answers, one.superseded = call["answers"], used
    if used:
        batch.superseded += 1
    else:
        batch.ready.append(ReadySheet.of(invitation, scores, masked(text_of(row.cells, wave.items))))
    return new


def _keep(
    session: Session,
    wave: SurveyWave,
    table: TableRead | LongTable,
    batch: _Batch,
    source: str,
    found: AnswerFile,
) -> None:
    note_intake(
        session,
        wave,
        source,
        table.sha256,
        received=found.rows - found.calls_only,
        accepted=found.taken,
        rejected=found.not_taken,
        standing=found.as_before,
        reasons=found.reasons,
    )
    keep_doubts(session, wave.engagement_id, source, table, batch.kept())


def limesurvey_participants(
    code: str, period: str, *, all_modes: bool = False, with_addresses: bool = False
) -> list[dict[str, str]]:
    """Who is asked, as LimeSurvey takes participants in: codes, language and days; no names.

    Of a confidential wave those who have not answered. Of an anonymous one everybody: the others alone would tell who has.

    Args:
        code: the engagement.
        period: of the wave.
        all_modes: also those asked on paper or by telephone.
        with_addresses: with mail addresses, where LimeSurvey is to send the invitations.

    Raises:
        Terminal: there is no such wave, or it is closed.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
        wave = open_wave_of(session, key, period)
        planned = planned_sample(session, key, period)
        languages = (
            {unit.ref: unit.language for unit in planned[1]} if planned else reading_languages(session, key)
        )
        addresses = dict(
            session.exec(
                select(Person.ref, Person.email).where(
                    Person.engagement_id == key, col(Person.erased_on).is_(None)
                )
            ).all()
        )
        asked = session.exec(
            select(Invitation)
            .where(Invitation.wave_id == wave.id)
            .order_by(Invitation.token_hash)  # an order that names nobody
        ).all()
        first = datetime.combine(wave.opened_on, time(0), zone)
        last = datetime.combine(wave.closes_on, time(23, 59), zone)
        return [
            {
                "firstname": "",
                "lastname": "",
                "email": addresses.get(one.person_ref, "") if with_addresses else "",
                "emailstatus": "OK",
                "token": survey_code(code, period, one.person_ref),
                "language": "zh-Hans"
                if languages.get(one.person_ref, engagement.language).startswith("zh")
                else "en",
                "validfrom": f"{first:%Y-%m-%d %H:%M}",
                "validuntil": f"{last:%Y-%m-%d %H:%M}",
                "usesleft": "1",
            }
            for one in asked
            if (all_modes or one.mode == MODES[0]) and not known_to_have_answered(wave, one)
        ]
