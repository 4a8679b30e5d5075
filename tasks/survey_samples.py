"""What was decided before a wave: which questions, whom, how many, anonymous or not? Planned once, kept (D1, D2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.periods import Period, PeriodKind, quarter_of
from models.rules.survey_instrument import Instrument, fingerprint, instrument_record, wave_items
from models.rules.survey_reminders import REMIND_AFTER
from models.rules.survey_sample import CONTACTS, DrawnSample, FrameContact, SampleChoices, draw_sample
from models.rules.survey_special import PREFIX, ChangeKind, is_special
from models.survey import (
    Invitation,
    SurveyFrameUnit,
    SurveyItemMark,
    SurveySample,
    SurveySampleUnit,
    SurveyWave,
)
from models.survey_instruments import instrument_for
from models.upsert import insert_if_absent
from tasks.engagements import engagement_id, find_engagement, lock_engagement, with_earlier_terms
from tasks.survey_instruments import instrument_of


class SampleRefused(Terminal):
    """The sample cannot be planned so; the message says why."""


def plan_wave_sample(
    code: str,
    period: str,
    choices: SampleChoices,
    *,
    purpose: str = "overall",
    instrument: str = "",
    confidential: bool = False,
    dry_run: bool = False,
    replan: bool = False,
) -> dict[str, Any]:
    """Draw and keep the sample of a wave that is not open yet; planning it again in the same way changes nothing.

    Args:
        code: the engagement.
        period: of the wave, such as 2027-Q1.
        choices: how it is drawn.
        purpose: overall, special or risk; picks the template.
        instrument: code or YAML file instead of the template.
        confidential: answers stay joined to the invitation; anonymous otherwise. Fixed when the wave opens.
        dry_run: only show it.
        replan: draw anew although a sample is kept.

    Raises:
        SampleRefused: the wave is open, another sample is kept, or the frame holds nobody.
    """
    if choices.population not in CONTACTS:
        raise SampleRefused(f"{choices.population!r}: expected one of {', '.join(CONTACTS)}.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        _refuse_no_wave(engagement, period)
        asked = instrument_of(instrument) if instrument else instrument_for(purpose, engagement.property_type)
        seeded = replace(choices, seed=f"{code}|{period}|{choices.seed}")
        contacts, units = _frame(session, key, period)
        if not contacts:
            raise SampleRefused(
                f"{code} has no frame yet; `steward survey frame import {code} FILE` takes one in."
            )
        kept = _sample(session, key, period)
        if _wave_open(session, key, period):
            if kept is None:
                raise SampleRefused(
                    f"The wave {period} is open already; a sample is planned before it opens."
                )
            return sample_record(kept)
        row: dict[str, Any] = {
            "purpose": asked.purpose.value,
            "population": choices.population,
            "confidential": confidential,
            "choices": seeded.as_record() | {"on": ""},
            "instrument": instrument_record(asked),
        }
        # A sample that was kept before reminders or a link could be chosen has the usual ones, and none.
        usual = {
            "choices": {"remind": list(REMIND_AFTER), "link": ""} | (kept.choices if kept is not None else {})
        }
        same = kept is not None and all(
            usual.get(name, getattr(kept, name)) == value for name, value in row.items()
        )
        if kept is not None and same and not replan:
            return sample_record(kept)
        if kept is not None and not replan and not dry_run:
            raise SampleRefused(
                f"A sample of {period} is kept with other choices; say --replan to draw it anew."
            )
        try:
            drawn = draw_sample(contacts, seeded)
        except ValueError as error:
            raise SampleRefused(f"No sample can be drawn: {error}.") from error
        sample = SurveySample(
            engagement_id=key,
            period=period,
            planned_on=choices.on,
            frame_count=drawn.frame,
            items=wave_items(asked),
            figures=drawn.figures(),
            **row,
        )
        if dry_run:
            return sample_record(sample)
        _keep_codes(session, key, asked)
        _keep(session, sample, kept, [units[ref] for ref in drawn.refs])
        _note(session, engagement, period, drawn)
        return sample_record(sample)


def _refuse_no_wave(engagement: Engagement, period: str) -> None:
    """A plan of a period in which no wave ever opens would be kept and never used."""
    if is_special(period):
        kind = period.removeprefix(PREFIX).partition("-")[0]
        if kind not in list(ChangeKind):
            raise SampleRefused(
                f"{period!r}: expected {PREFIX}KIND-REFERENCE with one of {', '.join(ChangeKind)}; "
                f"`steward survey special show {engagement.code}` lists them."
            )
        return
    first, last = engagement.term_start, engagement.term_end
    try:
        quarter = Period.parse(period)
    except ValueError:
        quarter = None
    if quarter is None or quarter.kind is not PeriodKind.QUARTER or quarter.label != period:
        raise SampleRefused(f"{period!r}: expected a quarter such as {quarter_of(first).label}.")
    if quarter.last < first or quarter.first > last:
        raise SampleRefused(f"{period} lies outside the term, {first} to {last}.")


def _frame(session: Session, key: int, period: str) -> tuple[list[FrameContact], dict[str, SurveyFrameUnit]]:
    last, other = _last_invited(session, key, period)
    units = session.exec(
        select(SurveyFrameUnit)
        .where(SurveyFrameUnit.engagement_id == key, col(SurveyFrameUnit.active))
        .order_by(SurveyFrameUnit.ref)
    ).all()
    contacts = [
        FrameContact(
            unit.ref,
            unit.unit,
            unit.building,
            unit.contact_kind,
            last.get(unit.ref),
            other.get(unit.ref),
            unit.property_type,
        )
        for unit in units
    ]
    return contacts, {unit.ref: unit for unit in units}


def _last_invited(session: Session, key: int, period: str) -> tuple[dict[str, date], dict[str, date]]:
    """When each was last invited to another wave: one of the same sort, special or not, and one of the other sort."""
    rows = session.exec(
        select(col(Invitation.person_ref), col(SurveyWave.period), col(SurveyWave.opened_on))
        .join(SurveyWave, col(SurveyWave.id) == Invitation.wave_id)
        .where(
            col(SurveyWave.engagement_id).in_(with_earlier_terms(session, key)),
            (SurveyWave.engagement_id != key) | (SurveyWave.period != period),
        )
        .order_by(col(SurveyWave.opened_on))
    ).all()
    special = is_special(period)
    same = {ref: day for ref, wave, day in rows if is_special(wave) == special}
    return same, {ref: day for ref, wave, day in rows if is_special(wave) != special}


def _keep(
    session: Session, sample: SurveySample, before: SurveySample | None, units: Sequence[SurveyFrameUnit]
) -> None:
    if before is not None:
        for row in session.exec(
            select(SurveySampleUnit).where(SurveySampleUnit.sample_id == before.id)
        ).all():
            session.delete(row)
        session.flush()
        session.delete(before)
        session.flush()
    session.add(sample)
    session.flush()
    insert_if_absent(
        session,
        SurveySampleUnit,
        [
            {
                "sample_id": sample.id,
                "ref": unit.ref,
                "building": unit.building,
                "stratum": unit.property_type,
                "mode": unit.modes.split(",")[0],
                "language": unit.language,
            }
            for unit in units
        ],
    )


def _keep_codes(session: Session, key: int, asked: Instrument) -> None:
    """Every code is asked with one wording for ever.

    Raises:
        SampleRefused: a code was asked with another wording before.
    """
    marks = {entry.question.code: fingerprint(entry.question) for entry in asked.asked}
    known = dict(
        session.exec(
            select(SurveyItemMark.code, SurveyItemMark.mark).where(SurveyItemMark.engagement_id == key)
        ).all()
    )
    other = [code for code, mark in marks.items() if known.get(code, mark) != mark]
    if other:
        raise SampleRefused(
            f"{', '.join(other)} was asked here with another wording or scale; a new wording is a new code."
        )
    insert_if_absent(
        session,
        SurveyItemMark,
        [{"engagement_id": key, "code": code, "mark": mark} for code, mark in marks.items()],
    )


def _note(session: Session, engagement: Engagement, period: str, drawn: DrawnSample) -> None:
    detail = {"frame": drawn.frame, "invited": len(drawn.refs), "census": drawn.census}
    record_event(session, engagement_id(engagement), "survey.sample", period, detail)


def _sample(session: Session, key: int, period: str) -> SurveySample | None:
    return session.exec(
        select(SurveySample).where(SurveySample.engagement_id == key, SurveySample.period == period)
    ).one_or_none()


def _wave_open(session: Session, key: int, period: str) -> bool:
    query = select(SurveyWave.id).where(SurveyWave.engagement_id == key, SurveyWave.period == period)
    return session.exec(query).one_or_none() is not None


def planned_sample(
    session: Session, key: int, period: str
) -> tuple[SurveySample, list[SurveySampleUnit]] | None:
    """The kept sample of a wave with its contacts; None where none was planned."""
    sample = _sample(session, key, period)
    if sample is None:
        return None
    units = session.exec(
        select(SurveySampleUnit).where(SurveySampleUnit.sample_id == sample.id).order_by(SurveySampleUnit.ref)
    ).all()
    return sample, list(units)


def kept_sample(code: str, period: str) -> dict[str, Any]:
    """The kept sample of a wave.

    Raises:
        SampleRefused: none was planned.
    """
    with reading() as session:
        sample = _sample(session, engagement_id(find_engagement(session, code)), period)
        if sample is None:
            raise SampleRefused(f"No sample of {period} is planned; see `steward survey sample plan`.")
        return sample_record(sample)


def sample_record(sample: SurveySample) -> dict[str, Any]:
    """What was decided and what it can show."""
    return {
        "period": sample.period,
        "purpose": sample.purpose,
        "instrument": sample.instrument["code"],
        "questions": len(sample.items),
        "population": sample.population,
        "answers": "confidential" if sample.confidential else "anonymous",
        "planned_on": sample.planned_on,
        **sample.figures,
        "choices": sample.choices,
    }
