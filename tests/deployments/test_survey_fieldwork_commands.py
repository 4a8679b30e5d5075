"""Can the fieldwork of a survey be followed and fed from the command line? (D4)"""

from pathlib import Path

from python_calamine import CalamineWorkbook
from sqlmodel import select

from models.db import reading, writing
from models.survey import SurveyAnswer, SurveyResponse, SurveyWave
from models.survey_fieldwork import SurveyIntake
from tasks.engagements import set_simulated_date
from tasks.survey_paper_forms import typing_columns
from tasks.surveys import record_answers
from tests.deployments.conftest import Steward
from tests.survey_field import FULL, ON, Q1, case, open_planned_wave, sheet, token, write_csv


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


def test_whoever_comes_to_the_desk_answers_once(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, ON)
    given = [f"--answer={item}={score}" for item, score in FULL.items()]
    call = ("survey", "answer", code, Q1, "--code", token(code, 1).lower(), *given)
    off = steward(*call, "--answer=OV1=9")
    assert off.code == 1
    assert "OV1: '9', expected 1 to 5" in off.err
    taken = steward(*call, "--comment", "请致电13900001111")
    assert (taken.code, "Taken" in taken.out) == (0, True)
    again = steward(*call, "--json")
    assert (again.code, again.json) == (
        1,
        {"accepted": 0, "reason": "the code is unknown or was used before"},
    )
    found = steward("survey", "fieldwork", code, Q1, "--json").json
    assert (found["answers"], found["reconciled"]) == (1, True)
    with reading() as session:
        assert session.exec(select(SurveyResponse.comment)).one() == "请致电[telephone]"


def test_at_the_desk_questions_are_put_one_by_one_and_again_where_the_value_is_wrong(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    code = sqlite_in_service
    items = open_planned_wave(code, tmp_path)
    set_simulated_date(code, ON)
    said = {**FULL, "WH1": "电梯慢"}
    lines = [token(code, 2)]
    for item in items:
        if item == "OV1":
            lines.append("17")
        if item != "CO1":  # nobody who did not complain is asked about it
            lines.append(str(said.get(item, "")))
    found = steward("survey", "answer", code, Q1, typed="\n".join(lines) + "\n")
    assert (found.code, "Taken" in found.out) == (0, True)
    assert token(code, 2) not in found.out
    with reading() as session:
        scores = dict(session.exec(select(SurveyAnswer.item_code, SurveyAnswer.score)).all())
        assert session.exec(select(SurveyResponse.comment)).one() == "电梯慢"
    assert scores == FULL


def test_interviews_of_who_had_answered_are_told_in_one_number_once_an_anonymous_wave_is_closed(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    code = sqlite_in_service
    items = open_planned_wave(code, tmp_path)
    set_simulated_date(code, ON)
    record_answers(code, Q1, [sheet(code, 7, FULL)], ON)
    rows = [
        ["case", "called at", "interviewer", "outcome", *items],
        [case(code, 7), f"{ON} 18:30", "I-1", "answered", *(FULL.get(item, "") for item in items)],
    ]
    taken = steward("survey", "interviews", code, Q1, str(write_csv(tmp_path / "interviews.csv", rows)))
    assert "1 answers taken, 0 as before" in taken.out
    assert "had answered before" not in steward("survey", "fieldwork", code, Q1).out
    with writing() as session:
        wave = session.exec(select(SurveyWave)).one()
        wave.closed_on = ON
        session.add(wave)
    shown = steward("survey", "fieldwork", code, Q1)
    assert shown.code == 0
    assert "1 interviews were held with respondents who had answered before" in shown.out
    assert "paper forms taken = answers + superseded interviews: 2 = 2" in shown.out


def test_a_wave_that_is_not_there_is_a_sentence(sqlite_in_service: str, steward: Steward) -> None:
    found = steward("survey", "fieldwork", sqlite_in_service, "2031-Q1")
    assert found.code == 1
    assert "There is no survey wave '2031-Q1'" in found.err


def test_paper_forms_go_from_print_to_answer(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, ON)
    pdf, blank = tmp_path / "forms.pdf", tmp_path / "typing.xlsx"
    assert (
        "3 forms in en"
        in steward("survey", "paper", "print", code, Q1, "--out", str(pdf), "--language", "en").out
    )
    assert "Written" in steward("survey", "paper", "sheet", code, Q1, "--out", str(blank)).out
    heads = [name for name in typing_columns(code, Q1) if name not in ("WH1", "comment")]
    one, two = tmp_path / "a.csv", tmp_path / "b.csv"
    for path, ov1 in ((one, 4), (two, 5)):
        row = [token(code, 10), *((FULL | {"OV1": ov1}).get(name, "") for name in heads[1:])]
        write_csv(path, [heads, row])
    enter = ("survey", "paper", "enter", code, Q1)
    assert "1 forms typed now" in steward(*enter, str(one), "--clerk", "A").out
    assert steward(*enter, str(two), "--clerk", "B", "--json").json["differing"] == 1
    out = tmp_path / "differing.xlsx"
    listed = ("survey", "paper", "discrepancies", code, Q1)
    assert "1 cells" in steward(*listed, "--out", str(out)).out
    (row_,) = steward(*listed, "--json").json
    assert (row_["item"], row_["first"], row_["second"]) == ("OV1", 4, 5)
    sheet_rows = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    assert "delete once settled" in str(sheet_rows[0][0])
    back, heads = tmp_path / "settled.csv", sheet_rows[1]
    (cells,) = sheet_rows[2:]
    write_csv(
        back, [heads, [5 if head == "settled" else cell for head, cell in zip(heads, cells, strict=True)]]
    )
    done = steward("survey", "paper", "settle", code, Q1, str(back), "--by", "C")
    assert "Answers taken: 1" in done.out
    assert steward("survey", "fieldwork", code, Q1).code == 0
    assert token(code, 10) not in str(steward("audit", "verify", code))


def test_the_call_list_says_that_it_holds_personal_data_and_comes_back_as_outcomes(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    code = sqlite_in_service
    open_planned_wave(code, tmp_path)
    set_simulated_date(code, ON)
    out = tmp_path / "calls.xlsx"
    written = steward("survey", "call-list", code, Q1, "--out", str(out))
    assert "3 respondents" in written.out
    assert "139" not in written.out
    rows = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    assert "Personal data" in str(rows[0][0])
    assert str(rows[2][8]).startswith("+86 139")
    back = write_csv(
        tmp_path / "back.csv", [["Case", "Called at", "Outcome"], [rows[2][0], f"{ON} 09:00", "no_answer"]]
    )
    assert "1 calls new" in steward("survey", "calls", code, Q1, str(back)).out
    assert "no_answer 1" in steward("survey", "fieldwork", code, Q1).out


def test_a_column_of_the_frame_that_is_not_read_is_named(
    sqlite_in_service: str, steward: Steward, tmp_path: Path
) -> None:
    row = ["101", "T9", "住宅", "owner", "paper", "en"]
    path = write_csv(tmp_path / "frame.csv", [["unit", "building", "type", "kind", "modes", "tongue"], row])
    said = steward("survey", "frame", "import", sqlite_in_service, str(path))
    assert "1 taken" in said.out
    assert "Columns not read: tongue." in said.out
    assert "语言/Language" in said.out
