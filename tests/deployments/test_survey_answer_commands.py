"""Can answers of LimeSurvey and of interviewers, and special surveys, be handled from the command line? (D3, D4)"""

import csv
from pathlib import Path

from python_calamine import CalamineWorkbook

from tasks.engagements import set_simulated_date
from tasks.survey_paper_forms import typing_columns
from tests.deployments.conftest import Steward
from tests.survey_field import FULL, ON, Q1, case, open_planned_wave, token, write_csv


def test_a_wave_goes_out_to_limesurvey_and_comes_back(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, ON)
    out = tmp_path / "participants.csv"
    written = steward("survey", "limesurvey", "participants", code, Q1, "--out", str(out))
    assert "6 participants. It holds single-use codes: delete it after use." in written.out
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["token"] for row in rows} == {token(code, n) for n in range(1, 7)}
    assert "@" not in out.read_text(encoding="utf-8")
    assert steward("survey", "limesurvey", "participants", code, Q1, "--out", str(out)).code != 0, "--force"
    items = typing_columns(code, Q1)[1:]
    heads = ["token", "submitdate", *("Q_" + name if name == "OV1" else name for name in items)]
    line = [rows[0]["token"], "2027-03-17 20:00:00", *(FULL.get(name, "") for name in items)]
    file = write_csv(tmp_path / "results.csv", [heads, line, ["", "2027-03-17 20:00:00", *line[2:]]])
    take = ("survey", "limesurvey", "responses", code, Q1, str(file))
    refused = steward(*take)
    assert refused.code == 1
    assert "results.csv: the columns OV1 are missing" in refused.err
    found = steward(*take, "--map", "Q_OV1=OV1", "--json").json
    assert (found["taken"], found["not_taken"]) == (1, 1)
    assert (found["doubts"][0]["row"], found["doubts"][0]["column"]) == (3, "token")
    apart = tmp_path / "rejected.csv"
    again = steward(*take, "--map", "Q_OV1=OV1", "--quarantine", str(apart))
    assert "2 rows: 0 answers taken, 1 as before, 1 not taken (token 1)." in again.out
    assert "expected the single-use code" in apart.read_text(encoding="utf-8-sig")
    in_the_way = steward(*take, "--map", "Q_OV1=OV1", "--quarantine", str(apart))
    assert "--force" in in_the_way.err
    assert "token 1" in steward("survey", "fieldwork", code, Q1).out


def test_the_list_of_calls_comes_back_with_answers(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, ON)
    out = tmp_path / "calls.xlsx"
    assert steward("survey", "call-list", code, Q1, "--out", str(out), "--answers", "--on", str(ON)).code == 0
    heads = CalamineWorkbook.from_path(str(out)).get_sheet_by_name("calls").to_python()[1]
    assert {"case", "Called at", "Outcome", "Interviewer", "OV1", "comment"} <= set(heads)
    said = {
        "case": case(code, 7),
        "Called at": f"{ON} 18:30",
        "Outcome": "answered",
        "Interviewer": "I-1",
        **FULL,
    }
    file = write_csv(tmp_path / "back.csv", [heads, [said.get(str(name), "") for name in heads]])
    shown = steward("survey", "interviews", code, Q1, str(file), "--on", str(ON))
    assert "1 rows: 1 answers taken" in shown.out
    assert "I-1" in steward("survey", "fieldwork", code, Q1).out


def test_special_surveys_are_decided_and_shown(sqlite_in_service: str, steward: Steward) -> None:
    code = sqlite_in_service
    assert "none are held" in steward("survey", "special", "show", code).out
    assert "Decided." in steward("survey", "special", "set", code, "--after", "10", "--kinds", "incident").out
    found = steward("survey", "special", "show", code, "--json").json
    assert (found["active"], found["after_days"], found["kinds"]) == (True, 10, ["incident"])
    wrong = steward("survey", "special", "set", code, "--kinds", "rain")
    assert wrong.code == 2
    assert "expected some of amendment, staff, incident" in wrong.err
