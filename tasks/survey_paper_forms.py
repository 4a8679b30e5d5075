"""Which forms are printed, and which columns has the sheet they are typed into? (D4)"""

from datetime import date
from typing import Any

from sqlmodel import col, select

from models.catalogue_reading import Entry
from models.db import reading
from models.errors import NotReady
from models.rules.survey_instrument import Instrument
from models.rules.survey_paper import item_columns, text_columns
from models.survey import Invitation
from models.survey_codes import survey_code
from models.survey_instruments import instrument_from_entry
from reports.pack import Language
from reports.survey_paper import PaperCopy, render_paper_forms
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.survey_samples import planned_sample
from tasks.surveys import wave_of


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
