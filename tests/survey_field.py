"""What does a test of the fieldwork start from? A frame in two buildings, a planned wave that is open."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from sqlmodel import col, select

from models.db import reading, writing
from models.people import Person
from models.rules.cycles import CycleKind
from models.rules.survey_instrument import TYPES
from models.rules.survey_reminders import REMIND_AFTER
from models.rules.survey_sample import SampleChoices
from models.survey import SurveyWave
from models.survey_codes import case_ref, survey_code
from tasks.cycles import begin_cycle
from tasks.survey_frame import import_frame
from tasks.survey_samples import plan_wave_sample
from tasks.surveys import AnswerSheet, open_wave, wave_items
from tests import factories

ON = date(2027, 3, 17)
Q1 = "2027-Q1"
FULL = {
    **{"OV1": 4, "NP1": 9, "DE1": 4, "RE0": 1, "RE1": 5, "CO0": 0, "CL1": 3, "GR1": 4, "SE1": 4},
    **{"FA1": 4, "PA1": 2, "IN1": 5, "FE1": 3, "EM1": 4},
}
"""Complete in every type of space."""
HALF = dict(list(FULL.items())[:9])
FEW = {"OV1": 2, "NP1": 3}
MODES_OF = {"telephone": range(7, 10), "paper": range(10, 13)}
"""Numbers of the residents asked by telephone and on paper; all others get a mail."""


def open_planned_wave(
    code: str,
    folder: Path,
    *,
    confidential: bool = False,
    needed: float = 0.05,
    on: date = ON,
    remind: tuple[int, ...] = REMIND_AFTER,
    languages: Mapping[int, str] | None = None,
    link: str = "",
) -> list[str]:
    """Open a wave of six by mail, three by telephone and three on paper; the item codes it asks."""
    with writing() as session:
        for person in session.exec(select(Person).where(col(Person.ref).startswith("unit-"))):
            person.phone = f"+86 139{person.ref[-3:]}12345"
            session.add(person)
    rows = ["unit,building,type,kind,person,language,modes"]
    for number, person in enumerate(factories.people()[2:], start=1):
        mode = next((name for name, numbers in MODES_OF.items() if number in numbers), "online")
        kind = "user" if person.role == "tenant" else "owner"
        rows.append(
            f"{person.unit},T{1 + number % 2},{person.property_type},{kind},{person.ref},{(languages or {}).get(number, 'en')},{mode}"
        )
    frame = folder / "frame.csv"
    frame.write_text("\n".join(rows), encoding="utf-8")
    import_frame(code, frame)
    choices = SampleChoices("1", on, margin=needed, remind=remind, link=link)
    plan_wave_sample(code, Q1, choices, confidential=confidential)
    cycle = begin_cycle.fn(code, CycleKind.SURVEY_OPEN, Q1, on, None, "r1")
    assert cycle is not None
    open_wave.fn(cycle)
    return wave_items(code, Q1)


def token(code: str, number: int) -> str:
    """The single-use code of a resident."""
    return survey_code(code, Q1, f"unit-{number:03d}")


def case(code: str, number: int) -> str:
    """The case reference of a resident."""
    return case_ref(code, Q1, f"unit-{number:03d}")


def sheet(code: str, number: int, scores: dict[str, int], mode: str = "online") -> AnswerSheet:
    """A sheet of a resident."""
    return AnswerSheet(token(code, number), mode, scores)


def write_csv(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """Rows as CSV."""
    path.write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n", encoding="utf-8")
    return path


def filled(code: str, period: str, scores: Mapping[str, int]) -> dict[str, int]:
    """The scores with middling answers to all else that everybody is asked in a wave: no break-off."""
    usual = {"rating": 4, "recommendation": 9, "yes_no": 0}
    with reading() as session:
        items = session.exec(select(SurveyWave.items).where(SurveyWave.period == period)).first() or []
    asked = {
        item["code"]: usual[item.get("kind", "rating")]
        for item in items
        if item.get("kind", "rating") in usual
        and not item.get("when")
        and len(item.get("strata", TYPES)) == 3
    }
    return {**asked, **scores}
