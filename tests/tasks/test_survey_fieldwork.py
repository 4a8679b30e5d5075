"""Does the view of a wave tell what came in, by which mode, and is a count that does not add up seen? (D4)"""

from pathlib import Path

import pytest
from sqlmodel import delete, select

from models.db import reading, writing
from models.outbox import OutboxMail
from models.rules.survey_fieldwork import LEAST_MISSES
from models.survey import Invitation, SurveyAnswer, SurveyResponse
from models.survey_fieldwork import SurveyIntake
from tasks.survey_fieldwork import fieldwork
from tasks.survey_receipts import CodesClosed
from tasks.surveys import AnswerSheet, record_answers
from tests import factories
from tests.survey_field import FEW, FULL, HALF, ON, Q1, open_planned_wave, sheet


def test_a_wave_tells_who_answered_how_far_and_what_became_of_the_others(
    in_service: str, tmp_path: Path
) -> None:
    open_planned_wave(in_service, tmp_path)
    sheets = [
        *(sheet(in_service, n, FULL) for n in (1, 2, 3)),
        sheet(in_service, 4, HALF),
        sheet(in_service, 5, FEW),
    ]
    record_answers(in_service, Q1, sheets, ON)
    with writing() as session:
        mail = session.exec(select(OutboxMail).where(OutboxMail.person_ref == "unit-006")).all()[-1]
        mail.state = "failed"
        session.add(mail)
    found = fieldwork(in_service, Q1)
    counts = {row["code"]: row["count"] for row in found["dispositions"]}
    assert counts == {"I": 3, "P": 1, "R": 1, "NC": 6, "O": 0, "UH": 0, "UO": 1, "NE": 0}
    assert (found["invited"], found["answers"]) == (factories.RESIDENTS, 5)
    assert found["reconciled"] is True
    rates = {row["rate"]: row for row in found["rates"]}
    assert rates["RR1"]["value"] == pytest.approx(3 / 12)
    assert rates["RR2"]["value"] == pytest.approx(4 / 12)
    assert rates["RR5"]["value"] == pytest.approx(3 / 11)
    assert rates["RR3"]["formula"] == "I/(I+P+R+NC+O+e(UH+UO))"
    modes = {row["mode"]: (row["invited"], row["of_these_answered"]) for row in found["modes"]}
    assert modes == {"online": (6, 5), "telephone": (3, 0), "paper": (3, 0)}


def test_each_cell_tells_how_many_were_asked_wanted_and_got(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path, needed=0.4)
    cells = {row["cell"]: row for row in fieldwork(code, Q1)["cells"]}
    assert {name: row["asked"] for name, row in cells.items()} == {"T1": 6, "T2": 6}
    wanted = cells["T1"]["wanted"]
    assert 0 < wanted < 6
    assert cells["T1"]["state"] == "open"
    even = [2, 4, 6, 8, 10, 12][:wanted]
    record_answers(code, Q1, [sheet(code, n, FULL) for n in even], ON)
    cells = {row["cell"]: row for row in fieldwork(code, Q1)["cells"]}
    assert (cells["T1"]["got"], cells["T1"]["state"]) == (wanted, "full")
    assert (cells["T2"]["got"], cells["T2"]["state"]) == (0, "open")


@pytest.mark.parametrize(
    ("spoil", "broken"),
    [
        ("an answer vanishes", "codes used = answers"),
        ("an invitation vanishes", "invited = invitations of the wave"),
        ("a sheet is counted twice", "received = accepted + rejected + repeated"),
    ],
)
def test_a_count_that_does_not_add_up_is_shown(
    sqlite_in_service: str, tmp_path: Path, spoil: str, broken: str
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    record_answers(code, Q1, [sheet(code, 1, FULL)], ON)
    assert fieldwork(code, Q1)["reconciled"] is True
    with writing() as session:
        if spoil == "an answer vanishes":
            session.exec(delete(SurveyAnswer))
            session.exec(delete(SurveyResponse))
        elif spoil == "an invitation vanishes":
            session.delete(session.exec(select(Invitation).where(Invitation.person_ref == "unit-009")).one())
        else:
            batch = session.exec(select(SurveyIntake)).one()
            batch.accepted += 1
            session.add(batch)
    found = fieldwork(code, Q1)
    assert found["reconciled"] is False
    assert broken in [row["equation"] for row in found["checks"] if not row["holds"]]


def test_the_same_sheets_again_are_told_as_one_batch(in_service: str, tmp_path: Path) -> None:
    open_planned_wave(in_service, tmp_path)
    sheets = [sheet(in_service, 1, FULL), sheet(in_service, 2, {"OV1": 9}), sheet(in_service, 3, FULL)]
    record_answers(in_service, Q1, sheets, ON)
    before = fieldwork(in_service, Q1)
    record_answers(in_service, Q1, sheets, ON)
    assert fieldwork(in_service, Q1) == before
    assert [(b["received"], b["accepted"], b["rejected"]) for b in before["batches"]] == [(3, 2, 1)]
    with reading() as session:
        assert len(session.exec(select(SurveyResponse)).all()) == 2


def test_many_wrong_codes_close_the_door_for_a_while(in_service: str, tmp_path: Path) -> None:
    open_planned_wave(in_service, tmp_path)
    wrong = [AnswerSheet(f"WRONG{n:08d}", "online", FULL) for n in range(LEAST_MISSES)]
    assert record_answers(in_service, Q1, wrong, ON).accepted == 0
    with pytest.raises(CodesClosed, match="20 wrong codes came in"):
        record_answers(in_service, Q1, [sheet(in_service, 1, FULL)], ON)
    with reading() as session:
        assert session.exec(select(SurveyResponse)).all() == []
