"""Whom do we ask, what did they answer, and what does it show? Survey waves (D1-D6)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select, update

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.people import Person
from models.rules.cycles import SURVEY_FIELDWORK
from models.rules.personal_data import masked
from models.rules.questionnaire import questionnaire
from models.rules.satisfaction import plan_sample
from models.rules.survey_allocation import allocate
from models.rules.survey_fieldwork import RATING, read_score
from models.rules.survey_instrument import wave_items as instrument_items
from models.rules.survey_special import purpose_of
from models.rules.survey_strata import Place, WeightingCell, weighting_cells
from models.survey import Invitation, SurveyFigure, SurveyWave
from models.survey_codes import batch_of_codes, code_hash, survey_code
from models.survey_fieldwork import SurveyIntake, SurveyPaperEntry
from models.survey_instruments import instrument_for
from models.upsert import insert_if_absent
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import engagement_id, engagement_of, find_engagement
from tasks.outbox import queue_letters
from tasks.steps import step
from tasks.survey_frame import reading_languages
from tasks.survey_letters import invitation_letter, was_asked
from tasks.survey_loop import open_actions, settle_actions
from tasks.survey_receipts import CodeDoor, note_intake, take_answer
from tasks.survey_samples import planned_sample
from tasks.survey_waves import FIVE, WaveFigures, answered_by_mode, asked_of_some, keep_extents, strata_of

USED_OR_UNKNOWN = "the code is unknown or was used before"
MODES = ("online", "paper", "telephone")


class AnswerRefused(Terminal, ValueError):
    """A value cannot be an answer; the message says what was expected."""


@dataclass(frozen=True)
class AnswerSheet:
    """One answered questionnaire with its single-use code."""

    code: str
    mode: str
    scores: dict[str, int]
    """Item code to score 1 to 5; an item left out was not applicable."""
    comment: str = ""


@dataclass(frozen=True)
class FieldworkCount:
    """What became of the answer sheets: received = accepted + rejected."""

    accepted: int
    rejected: tuple[tuple[str, str], ...]
    """(code as given, reason) of each sheet that was not taken."""


@step("Draw the sample and invite")
def open_wave(cycle: CycleRef) -> int:
    """Open a wave: questionnaire, frame, single-use codes and invitations; returns how many are invited.

    After a change of service the questions are those of the template for a special service, after an emergency for risks. Below about 300 households everybody is asked; else a share of each stratum, drawn by code order.
    """
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        plan = _wave_plan(session, engagement, cycle.period)
        insert_if_absent(
            session,
            SurveyWave,
            [
                {
                    "engagement_id": cycle.engagement_id,
                    "period": cycle.period,
                    "purpose": plan.purpose,
                    "confidential": plan.confidential,
                    "opened_on": cycle.as_of,
                    "closes_on": cycle.as_of + SURVEY_FIELDWORK,
                    "frame_count": plan.frame_count,
                    "invited_count": len(plan.invitees),
                    "items": plan.items,
                    "cells": [cell.as_record() for cell in plan.cells],
                }
            ],
        )
        wave = wave_of(session, cycle.engagement_id, cycle.period)
        insert_if_absent(
            session,
            Invitation,
            [
                {
                    "wave_id": wave.id,
                    "person_ref": invitee.ref,
                    "stratum": invitee.stratum,
                    "mode": invitee.mode,
                    "token_hash": code_hash(survey_code(engagement.code, cycle.period, invitee.ref)),
                    "cell": plan.cell_of.get(invitee.place, ""),
                }
                for invitee in plan.invitees
            ],
        )
        by_mail = [invitee for invitee in plan.invitees if invitee.mode == MODES[0]]
        for stratum, language in sorted({(invitee.stratum, invitee.language) for invitee in by_mail}):
            queue_letters(
                session,
                engagement,
                [i.ref for i in by_mail if (i.stratum, i.language) == (stratum, language)],
                invitation_letter(engagement, wave, stratum, language, online=plan.online),
                cycle.as_of,
            )
        invited = len(plan.invitees)
        record_event(session, cycle.engagement_id, "survey.opened", cycle.period, {"invited": invited})
        return invited


@dataclass(frozen=True)
class _Invitee:
    ref: str
    stratum: str
    mode: str
    language: str
    """In which the letter is written: the contact's own, the engagement's where none is known."""
    building: str = ""

    @property
    def place(self) -> Place:
        """What the answer is weighted by."""
        return self.stratum, self.building


@dataclass(frozen=True)
class _WavePlan:
    purpose: str
    confidential: bool
    frame_count: int
    items: list[dict[str, Any]]
    invitees: tuple[_Invitee, ...]
    online: bool = False
    """Whether there is a form elsewhere."""
    cells: tuple[WeightingCell, ...] = ()
    """Of a sample; none where everybody is asked."""
    cell_of: Mapping[Place, str] = field(default_factory=dict)


def _wave_plan(session: Session, engagement: Engagement, period: str) -> _WavePlan:
    """What was planned for the wave; without a plan, the questions for its purpose to all owners and users."""
    planned = planned_sample(session, engagement_id(engagement), period)
    if planned is not None:
        sample, units = planned
        invitees = tuple(
            _Invitee(unit.ref, unit.stratum, unit.mode, unit.language, unit.building) for unit in units
        )
        parts = sample.figures.get("parts", ())
        return _WavePlan(
            sample.purpose,
            sample.confidential,
            sample.frame_count,
            list(sample.items),
            invitees,
            bool(sample.choices.get("link")),
            *_cells({(part["stratum"], part["building"]): part["frame"] for part in parts}, invitees),
        )
    frame = _frame(session, engagement_id(engagement))
    purpose = purpose_of(period)
    languages = reading_languages(session, engagement_id(engagement))
    routine = tuple(
        _Invitee(
            person.ref,
            _stratum(person, engagement),
            MODES[0] if person.email else MODES[2],
            languages.get(person.ref, engagement.language[:2]),
        )
        for person in _sample(frame)
    )
    population = Counter((_stratum(person, engagement), "") for person in frame)
    return _WavePlan(
        purpose,
        False,
        len(frame),
        _items(engagement, purpose),
        routine,
        False,
        *_cells(population, routine),
    )


def _cells(
    population: Mapping[Place, int], invitees: Sequence[_Invitee]
) -> tuple[tuple[WeightingCell, ...], dict[Place, str]]:
    """The weighting cells of a sample; none where the whole frame is asked, or where it was not kept by place."""
    if len(invitees) >= sum(population.values()):
        return (), {}
    return weighting_cells(population, Counter(invitee.place for invitee in invitees))


def _items(engagement: Engagement, purpose: str) -> list[dict[str, Any]]:
    if purpose != "overall":
        return instrument_items(instrument_for(purpose, engagement.property_type))
    return [
        {"code": item.code, "text_en": item.text_en, "text_zh": item.text_zh}
        for item in questionnaire(engagement.property_type)
    ]


def _stratum(person: Person, engagement: Engagement) -> str:
    return person.property_type or engagement.property_type


def _frame(session: Session, key: int) -> list[Person]:
    return list(
        session.exec(
            select(Person)
            .where(
                Person.engagement_id == key,
                col(Person.role).in_(("owner", "tenant")),
                col(Person.erased_on).is_(None),
            )
            .order_by(Person.ref)
        ).all()
    )


def _sample(frame: Sequence[Person]) -> list[Person]:
    if not frame:
        return []
    plan = plan_sample(len(frame), response_rate=0.5)
    if plan.census:
        return list(frame)
    by_stratum: dict[str, list[Person]] = {}
    for person in frame:
        by_stratum.setdefault(person.property_type, []).append(person)
    chosen: list[Person] = []
    shares = allocate(plan.invitations, [len(people) for people in by_stratum.values()])
    for people, share in zip(by_stratum.values(), shares, strict=True):
        chosen += sorted(people, key=lambda person: code_hash(person.ref))[:share]
    return chosen


def record_answers(code: str, period: str, sheets: Sequence[AnswerSheet], on: date) -> FieldworkCount:
    """Take answer sheets, each code once; what cannot be taken is reported with its reason.

    The answer carries stratum and mode only: in an anonymous wave nothing joins it to the code or the person.

    Raises:
        Terminal: there is no such wave.
        CodesClosed: too many wrong codes came in lately.
    """
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        wave = wave_of(session, key, period)
        known = {item["code"]: item for item in wave.items}
        rejected: list[tuple[str, str]] = []
        accepted = used = 0
        door = CodeDoor(session, wave)
        for sheet in sheets:
            reason = _doubt(wave, sheet, known, on)
            invitation = None if reason else door.find(sheet.code)
            if reason or invitation is None:
                rejected.append((sheet.code, reason or USED_OR_UNKNOWN))
                continue
            if take_answer(session, wave, invitation, sheet.mode, sheet.scores, masked(sheet.comment), on):
                accepted += 1
            else:
                used += 1
                rejected.append((sheet.code, USED_OR_UNKNOWN))
        door.shut()
        if sheets:
            _note_desk(session, wave, sheets, accepted, used)
        if accepted:
            record_event(session, key, "survey.answers", period, {"accepted": accepted})
        return FieldworkCount(accepted, tuple(rejected))


def asked_in_wave(code: str, period: str) -> list[dict[str, Any]]:
    """The questions of a wave that takes answers, in their order; those of a type of space nobody was invited of are left out.

    Raises:
        Terminal: there is no such wave, or it is closed.
    """
    with reading() as session:
        wave = open_wave_of(session, engagement_id(find_engagement(session, code)), period)
        invited = strata_of(session, wave)
        return [dict(item) for item in wave.items if asked_of_some(item, invited)]


def desk_scores(items: Sequence[Mapping[str, Any]], written: Mapping[str, str]) -> dict[str, int]:
    """The scores of what was written down at the desk; words such as yes or 是 are understood where the item has them.

    Raises:
        Terminal: an item that is not asked, or a value that is not on its scale.
    """
    by_code = {str(item["code"]): item for item in items if item.get("values", RATING)}
    scores = {}
    for name, text in written.items():
        if name not in by_code:
            raise AnswerRefused(f"{name} is not asked in this wave; expected some of {', '.join(by_code)}.")
        try:
            score = read_score(text, by_code[name])
        except ValueError as error:
            raise AnswerRefused(f"{name}: {text[:40]!r}, {error}.") from error
        if score is not None:
            scores[name] = score
    return scores


def _note_desk(
    session: Session, wave: SurveyWave, sheets: Sequence[AnswerSheet], accepted: int, used: int
) -> None:
    """A batch of the desk is known by its codes; what was used when it comes again was taken from it."""
    batch = batch_of_codes([sheet.code for sheet in sheets])
    before = session.exec(
        select(SurveyIntake.accepted).where(
            SurveyIntake.wave_id == wave.id, SurveyIntake.source == "desk", SurveyIntake.batch == batch
        )
    ).one_or_none()
    standing = min(before or 0, used)
    note_intake(
        session,
        wave,
        "desk",
        batch,
        received=len(sheets),
        accepted=accepted,
        rejected=len(sheets) - accepted - standing,
        standing=standing,
    )


def _doubt(wave: SurveyWave, sheet: AnswerSheet, known: Mapping[str, Mapping[str, Any]], on: date) -> str:
    if wave.closed_on is not None or on > wave.closes_on:
        return f"the wave closed on {wave.closed_on or wave.closes_on}"
    if sheet.mode not in MODES:
        return f"mode {sheet.mode!r}: expected one of {', '.join(MODES)}"
    for item, score in sheet.scores.items():
        if item not in known:
            return f"item {item!r} was not asked"
        values = known[item].get("values", FIVE.values)
        if score not in values:
            said = f"{values[0]} to {values[-1]}" if values else "a text"
            return f"item {item}: score {score}, expected {said}"
        when = known[item].get("when", "")
        if when and sheet.scores.get(when) == 0:
            return f"item {item} is answered, though {when} was answered no"
    return "" if sheet.scores else "no item was answered"


@dataclass(frozen=True)
class WaveResult:
    """What a closed wave showed."""

    invited: int
    answered: int
    overall_share: float | None
    actions_opened: int
    actions_settled: int


@step("Close the wave and analyse")
def close_wave(cycle: CycleRef) -> WaveResult:
    """Close a wave: figures by item and stratum, actions for weak items, verdicts on earlier actions (D6)."""
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        wave = wave_of(session, cycle.engagement_id, cycle.period)
        keep_extents(session, wave)
        answered = sum(answered_by_mode(session, wave).values())
        figures = WaveFigures(session, wave, engagement.language)
        present = strata_of(session, wave)
        strata = ["all", *(present if len(present) > 1 else ())]
        rows, shown = [], []
        for item in wave.items:
            for stratum in strata:
                if (
                    item.get("kind", "rating") != "rating"
                    or not was_asked(item, stratum)
                    or not asked_of_some(item, present)
                ):
                    continue
                satisfied, figure = figures.of(item["code"], stratum)
                shown.append(figure)
                rows.append(
                    {
                        "wave_id": wave.id,
                        "item_code": item["code"],
                        "stratum": stratum,
                        "n": figure.n,
                        "satisfied": satisfied,
                        "share": _decimal(figure.share),
                        "low": _decimal(figure.low),
                        "high": _decimal(figure.high),
                        "suppressed": figure.suppressed,
                    }
                )
        insert_if_absent(session, SurveyFigure, rows)
        settled = settle_actions(session, engagement, wave, cycle.as_of)
        opened = open_actions(session, engagement, wave, figures, shown, cycle.as_of)
        # Of forms whose two entries never agreed nothing is taken any more; kept, they would tell who answered what.
        session.exec(
            update(SurveyPaperEntry)
            .where(col(SurveyPaperEntry.wave_id) == wave.id, col(SurveyPaperEntry.taken).is_(False))
            .values(scores={}, comment="")
        )
        wave.closed_on = cycle.as_of
        session.add(wave)
        record_event(
            session,
            cycle.engagement_id,
            "survey.closed",
            cycle.period,
            {"answered": answered, "invited": wave.invited_count},
        )
        overall = next(
            (row["share"] for row in rows if row["item_code"] == "OV1" and row["stratum"] == "all"), None
        )
        return WaveResult(
            wave.invited_count, answered, None if overall is None else float(str(overall)), opened, settled
        )


def open_invitations(code: str, period: str) -> list[tuple[str, str, str]]:
    """Person reference, stratum and mode of each invitation not used yet; for reminders, never for staff."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        wave = wave_of(session, key, period)
        rows = session.exec(
            select(Invitation.person_ref, Invitation.stratum, Invitation.mode)
            .where(Invitation.wave_id == wave.id, col(Invitation.used_on).is_(None))
            .order_by(Invitation.person_ref)
        ).all()
        return [(ref, stratum, mode) for ref, stratum, mode in rows]


def wave_items(code: str, period: str) -> list[str]:
    """The item codes asked in a wave."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return [item["code"] for item in wave_of(session, key, period).items]


def wave_of(session: Session, key: int, period: str) -> SurveyWave:
    """The wave of a period.

    Raises:
        Terminal: there is none.
    """
    found = session.exec(
        select(SurveyWave).where(SurveyWave.engagement_id == key, SurveyWave.period == period)
    ).one_or_none()
    if found is None:
        raise Terminal(f"There is no survey wave {period!r}.")
    return found


def open_wave_of(session: Session, key: int, period: str) -> SurveyWave:
    """The wave of a period that takes answers.

    Raises:
        Terminal: there is none, or it is closed.
    """
    wave = wave_of(session, key, period)
    if wave.closed_on is not None:
        raise Terminal(f"The wave {period} closed on {wave.closed_on}; no answer is taken any more.")
    return wave


def needed_items(session: Session, wave: SurveyWave) -> tuple[str, ...]:
    """The scored items that somebody of the wave was asked: every file of answers has a column for each."""
    strata = set(strata_of(session, wave))
    return tuple(
        str(item["code"])
        for item in wave.items
        if item.get("values", RATING) and ("strata" not in item or strata & set(item["strata"]))
    )


def _decimal(share: float | None) -> Decimal | None:
    return None if share is None else Decimal(str(round(share, 6)))
