"""Who is to be called, how did the calls end, and who is called no more? The telephone part of a wave (D4)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import writing
from models.engagement import Engagement
from models.people import Person
from models.rules.file_values import plain_text
from models.rules.survey_calls import (
    CALL_COLUMNS,
    CALL_REQUIRED,
    call_window,
    leaves_list,
    outcome_of,
)
from models.rules.survey_outcomes import MOST_ATTEMPTS
from models.rules.survey_paper import CellDoubt
from models.rules.written_instants import InstantDoubted, read_instant
from models.survey import Invitation, SurveyWave
from models.survey_codes import case_ref
from models.survey_fieldwork import SurveyCall
from models.upsert import insert_if_absent
from tasks.engagements import business_today, engagement_id, lock_engagement
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import RowDoubt, SheetRow, read_table
from tasks.survey_fieldwork import buildings_of, cell_rows, interviews_of
from tasks.survey_samples import planned_sample
from tasks.surveys import open_wave_of

SOURCE = "calls"


@dataclass(frozen=True)
class CallCase:
    """A respondent to call, by a reference that names nobody; the number is personal data."""

    case: str
    building: str
    stratum: str
    language: str
    attempts: int
    last_outcome: str
    call_again_at: str
    window: str
    telephone: str


@dataclass(frozen=True)
class CallImport:
    """What became of a file of outcomes: rows = new + as before + not taken."""

    file: str
    rows: int
    new: int
    as_before: int
    doubts: tuple[RowDoubt, ...]
    dry_run: bool

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self) | {"not_taken": len(self.doubts)}


def call_list(
    code: str, period: str, on: date | None = None, *, attempts: int = MOST_ATTEMPTS, all_modes: bool = False
) -> list[CallCase]:
    """Who is still to be called; those of a full cell are left out.

    Whoever was to be asked by telephone and was never called gets the outcome `quota_full` then.

    In an anonymous wave a used code takes nobody off the list: who is missing from it would be known to have answered.

    Args:
        code: the engagement.
        period: of the wave.
        on: the business date by default; none is listed after the wave's last day.
        attempts: most calls to one respondent.
        all_modes: also those asked by mail or on paper who have a number.

    Raises:
        Terminal: there is no such wave, or it is closed.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        wave = open_wave_of(session, key, period)
        today = on or business_today(engagement)
        if today > wave.closes_on:
            return []
        calls = calls_of(session, wave)
        places = _places(session, key, period)
        invitations = session.exec(select(Invitation).where(Invitation.wave_id == wave.id)).all()
        cells = cell_rows(session, key, wave, invitations, interviews_of(session, wave))
        full = {row["cell"] for row in cells if row["state"] == "full"}
        phones = {
            person.ref: person.phone
            for person in session.exec(
                select(Person).where(
                    Person.engagement_id == key, Person.phone != "", col(Person.erased_on).is_(None)
                )
            )
        }
        cases, left = [], []
        for one in invitations:
            made = calls.get(one.id or 0, [])
            wanted = all_modes or one.mode == "telephone"
            if not wanted or one.person_ref not in phones or known_to_have_answered(wave, one):
                continue
            if leaves_list([call.outcome for call in made], attempts):
                continue
            building, language = places.get(one.person_ref, ("", engagement.language[:2]))
            if building in full:
                # Who was asked by mail or called in vain is no case of a quota: that would flatter the response rate.
                if one.mode == "telephone" and not made:
                    left.append(one)
                continue
            cases.append(_case(engagement, period, one, made, building, language, phones[one.person_ref]))
        _leave(session, engagement, wave, left, today)
        return sorted(cases, key=lambda case: (case.attempts, case.case))


def known_to_have_answered(wave: SurveyWave, invitation: Invitation) -> bool:
    """Whether the office may act on it that this code was used: in confidential waves alone."""
    return wave.confidential and invitation.used_on is not None


def _case(
    engagement: Engagement,
    period: str,
    one: Invitation,
    made: list[SurveyCall],
    building: str,
    language: str,
    phone: str,
) -> CallCase:
    last = made[-1] if made else None
    again = last.again_at if last is not None else None
    local = "" if again is None else f"{again.astimezone(ZoneInfo(engagement.timezone)):%Y-%m-%d %H:%M}"
    return CallCase(
        case_ref(engagement.code, period, one.person_ref),
        building,
        one.stratum,
        language,
        len(made),
        "" if last is None else last.outcome,
        local,
        local or call_window(len(made)),
        phone,
    )


def _leave(
    session: Session, engagement: Engagement, wave: SurveyWave, left: list[Invitation], on: date
) -> None:
    if not left:
        return
    at = datetime.combine(on, time(0), ZoneInfo(engagement.timezone)).astimezone(UTC)
    insert_if_absent(
        session,
        SurveyCall,
        [
            {"invitation_id": one.id, "called_at": at, "outcome": "quota_full", "again_at": None}
            for one in left
        ],
    )
    record_event(
        session, wave.engagement_id, "survey.quota_full", f"{wave.period}:{on}", {"respondents": len(left)}
    )


def import_calls(code: str, period: str, path: Path, *, dry_run: bool = False) -> CallImport:
    """Take in how calls ended, one row a call; the same file again changes nothing.

    Args:
        code: the engagement.
        period: of the wave.
        path: CSV or XLSX: case, called at, outcome; also call again at.
        dry_run: only say what would become of it.

    Raises:
        SheetRefused: the file is no such table.
        Terminal: there is no such wave, or it is closed.
    """
    table = read_table(path, CALL_COLUMNS, CALL_REQUIRED, mixed=True)
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        wave = open_wave_of(session, key, period)
        zone = ZoneInfo(engagement.timezone)
        cases = cases_of(session, code, wave)
        known = calls_of(session, wave)
        fresh: list[dict[str, Any]] = []
        doubts: list[RowDoubt] = []
        as_before = 0
        for row in table.rows:
            try:
                read = read_call(row, cases, wave, zone, business_today(engagement))
                new = is_new_call(read, known)
            except CellDoubt as error:
                doubts.append(RowDoubt(row.number, error.column, error.value, error.expected))
                continue
            as_before += not new
            if new:
                fresh.append(read)
                known.setdefault(read["invitation_id"], []).append(SurveyCall(**read))
        found = CallImport(table.file, len(table.rows), len(fresh), as_before, tuple(doubts), dry_run)
        if dry_run:
            return found
        insert_if_absent(session, SurveyCall, fresh)
        keep_doubts(session, key, SOURCE, table, doubts)
        if fresh:
            detail = {"calls": len(fresh), "not_taken": len(doubts)}
            record_event(session, key, "survey.calls", f"{period}:{table.sha256[:12]}", detail)
        return found


def cases_of(session: Session, code: str, wave: SurveyWave) -> dict[str, Invitation]:
    """Case reference to invitation."""
    return {
        case_ref(code, wave.period, one.person_ref): one
        for one in session.exec(select(Invitation).where(Invitation.wave_id == wave.id))
    }


def read_call(
    row: SheetRow, cases: Mapping[str, Invitation], wave: SurveyWave, zone: ZoneInfo, today: date
) -> dict[str, Any]:
    """The call of a row, as it is kept.

    Raises:
        CellDoubt: an unknown case, no outcome, or an instant outside the fieldwork.
    """
    if row.problem:
        raise CellDoubt("", "", row.problem, "encoding")
    case = plain_text(row.cells["case"]).upper()
    if case not in cases:
        raise CellDoubt(
            "case", case[:20], f"expected a case of the call list of wave {wave.period}", "unknown_case"
        )
    outcome = outcome_of(row.cells["outcome"])
    at = _instant(row, "at", zone)
    day = at.astimezone(zone).date()
    if not wave.opened_on <= day <= min(today, wave.closes_on):
        raise CellDoubt(
            "at",
            row.cells["at"][:40],
            f"expected a day from {wave.opened_on} to {min(today, wave.closes_on)}",
            "early" if day < wave.opened_on else "late",
        )
    again = _instant(row, "again", zone) if row.cells.get("again") else None
    return {"invitation_id": cases[case].id or 0, "called_at": at, "outcome": outcome, "again_at": again}


def _instant(row: SheetRow, name: str, zone: ZoneInfo) -> datetime:
    text = row.cells[name]
    with suppress(InstantDoubted):
        written = read_instant(plain_text(text), "", zone)
        if written.timed:
            return written.at
    raise CellDoubt(name, text[:40], "expected a date and a time such as 2027-03-18 18:30", "time")


def is_new_call(read: Mapping[str, Any], known: Mapping[int, list[SurveyCall]]) -> bool:
    """Whether the call is not recorded yet.

    Raises:
        CellDoubt: another outcome is recorded for the same call.
    """
    for call in known.get(read["invitation_id"], []):
        if call.called_at == read["called_at"]:
            if call.outcome != read["outcome"]:
                raise CellDoubt(
                    "outcome",
                    read["outcome"],
                    f"expected {call.outcome}, as recorded before for this call",
                    "outcome",
                )
            return False
    return True


def calls_of(session: Session, wave: SurveyWave) -> dict[int, list[SurveyCall]]:
    """Invitation to its calls, in their order."""
    found: dict[int, list[SurveyCall]] = defaultdict(list)
    for call in _stored_calls(session, wave):
        found[call.invitation_id].append(call)
    return dict(found)


def _stored_calls(session: Session, wave: SurveyWave) -> Iterator[SurveyCall]:
    yield from session.exec(
        select(SurveyCall)
        .join(Invitation, col(Invitation.id) == col(SurveyCall.invitation_id))
        .where(Invitation.wave_id == wave.id)
        .order_by(col(SurveyCall.called_at), col(SurveyCall.id))
    )


def _places(session: Session, key: int, period: str) -> dict[str, tuple[str, str]]:
    """Reference to building and language, of a planned wave."""
    planned = planned_sample(session, key, period)
    if planned is None:
        return {}
    building = buildings_of(planned[1])
    return {unit.ref: (building[unit.ref], unit.language) for unit in planned[1]}
