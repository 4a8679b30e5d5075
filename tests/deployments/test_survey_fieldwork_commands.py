"""Can the fieldwork of a survey be followed and fed from the command line? (D4)"""

from pathlib import Path

from sqlmodel import select

from models.db import writing
from models.survey_fieldwork import SurveyIntake
from tasks.surveys import record_answers
from tests.deployments.conftest import Steward
from tests.survey_field import FULL, ON, Q1, open_planned_wave, sheet


def test_the_fieldwork_is_shown_and_a_broken_count_ends_with_an_error(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    record_answers(code, Q1, [sheet(code, n, FULL) for n in (1, 2)], ON)
    found = steward("survey", "fieldwork", code, Q1, "--json")
    assert (found.code, found.json["reconciled"], found.json["answers"]) == (0, True, 2)
    shown = steward("survey", "fieldwork", code, Q1)
    assert "I/(I+P+R+NC+O+UH+UO)" in shown.out
    assert "ok     invited = sum of all dispositions: 12 = 12" in shown.out
    with writing() as session:
        batch = session.exec(select(SurveyIntake)).one()
        batch.received += 1
        session.add(batch)
    broken = steward("survey", "fieldwork", code, Q1)
    assert broken.code == 1
    assert "BROKEN received = accepted + rejected + repeated: 3 IS NOT 2" in broken.out


def test_a_wave_that_is_not_there_is_a_sentence(sqlite_in_service: str, steward: Steward) -> None:
    found = steward("survey", "fieldwork", sqlite_in_service, "2031-Q1")
    assert found.code == 1
    assert "There is no survey wave '2031-Q1'" in found.err
