"""Which forms are printed, and which columns has the sheet they are typed into? (D4)"""

from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.catalogue_reading import Entry
from models.db import reading
from models.errors import NotReady
from models.rules.survey_instrument import Instrument
from models.rules.survey_paper import item_columns, text_columns
from models.survey import Invitation, SurveySample, SurveySampleUnit
from models.survey_codes import survey_code
from models.survey_instruments import instrument_from_entry
from reports.pack import Language
from reports.survey_limesurvey import render_limesurvey
from reports.survey_paper import PaperCopy, render_paper_forms
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.survey_calls import known_to_have_answered
from tasks.survey_samples import planned_sample
from tasks.surveys import open_wave_of, wave_of


def paper_forms(code: str, period: str, language: Language, on: date | None = None) -> tuple[bytes, int, int]:
    """The forms of all who are asked on paper in a language: PDF, forms, how many are in the other language.

    Printed again, a confidential wave leaves out who has answered; an anonymous one prints every form, as the missing
    ones would tell.

    Raises:
        NotReady: the wave was not planned, or nobody is asked so.
        Terminal: there is no such wave, or it is closed.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        wave = open_wave_of(session, key, period)
        sample, units = require_planned(session, key, period)
        language_of = {unit.ref: unit.language for unit in units}
        on_paper = session.exec(
            select(Invitation)
            .where(Invitation.wave_id == wave.id, Invitation.mode == "paper")
            .order_by(col(Invitation.person_ref))
        ).all()
        waiting = [one for one in on_paper if not known_to_have_answered(wave, one)]
        mine = [one for one in waiting if language_of.get(one.person_ref, "zh") == language]
        if not mine:
            raise NotReady(f"Nobody who is to be asked on paper in {language} is left in the wave {period}.")
        instrument = instrument_kept(sample.instrument)
        copies = [PaperCopy(survey_code(code, period, one.person_ref), one.stratum) for one in mine]
        content = render_paper_forms(
            instrument,
            copies,
            language,
            on or business_today(engagement),
            place=engagement.property_name,
            closes_on=wave.closes_on,
            confidential=wave.confidential,
        )
        return content, len(mine), len(waiting) - len(mine)


def require_planned(session: Session, key: int, period: str) -> tuple[SurveySample, list[SurveySampleUnit]]:
    """The kept sample of a wave with its contacts.

    Raises:
        NotReady: the wave was not planned.
    """
    planned = planned_sample(session, key, period)
    if planned is None:
        raise NotReady(
            f"The wave {period} has no plan, so there is no form of it; plan one before it opens with "
            "`steward survey sample plan`."
        )
    return planned


def wave_structure(code: str, period: str) -> bytes:
    """The questionnaire of a planned wave as the structure of a LimeSurvey survey.

    Raises:
        NotReady: the wave was not planned.
    """
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return render_limesurvey(instrument_kept(require_planned(session, key, period)[0].instrument))


def instrument_kept(record: dict[str, Any]) -> Instrument:
    """The instrument that was kept with a sample."""
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
