"""Does `steward survey` analyse any file of answers, name what it cannot take, and hide small groups?"""

import csv
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from deployments.sample.workbook import SAMPLE_FOLDER
from tests.deployments.conftest import Steward
from tests.reports.reading import pdf_text

PLAN = SAMPLE_FOLDER / "survey_plan.yaml"
ANSWERS = SAMPLE_FOLDER / "survey_answers.csv"

SMALL_PLAN = """
title: Test
scales:
  five: {kind: rating, values: {1: [bad], 2: [], 3: [], 4: [], 5: [很满意]}, satisfied: [4, 5]}
items:
  - {code: OV1, scale: five}
  - {code: RE1, scale: five}
overall: OV1
columns: {token: code, answered_at: at, mode: mode}
modes: [online, paper]
closes: 2027-03-20T18:00
groups: [building]
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(SMALL_PLAN, encoding="utf-8")
    return path


def answers_of(path: Path, rows: list[list[Any]], encoding: str = "utf-8") -> Path:
    lines = [["code", "at", "mode", "building", "OV1", "RE1"], *rows]
    path.write_text("\n".join(",".join(map(str, row)) for row in lines), encoding=encoding)
    return path


def good(number: int, building: str = "T1", score: object = 4) -> list[Any]:
    return [f"C{number:05}", "2027-03-10T09:00", "online", building, score, 4]


def test_the_samples_survey_is_analysed_without_an_engagement(steward: Steward, tmp_path: Path) -> None:
    book, paper = tmp_path / "out.xlsx", tmp_path / "out.pdf"
    found = steward(
        *("survey", "analyse", str(ANSWERS), "--plan", str(PLAN), "--json"),
        *("--report", str(book), "--pdf", str(paper)),
    )
    assert (found.code, found.err) == (0, "")
    value = found.json
    rows = value["rows"]
    assert rows["received"] == rows["accepted"] + rows["rejected"] == 162
    assert sum(value["response"]["dispositions"].values()) == value["response"]["invited"] == 120
    overall = value["figures"][0]
    assert (overall["item"], overall["column"]) == ("OV1", "")
    assert overall["low"] < overall["share"] < overall["high"]
    assert sum(overall["distribution"].values()) == pytest.approx(1)
    assert {change["item"] for change in value["changes"]} == {"OV1", "RE1", "CL1", "GR1", "SE1", "IN1"}
    assert sum(driver["importance"] for driver in value["drivers"]["drivers"]) == pytest.approx(1)
    text = pdf_text(paper.read_bytes())
    assert "Whatmovesoverallsatisfaction" in text
    assert "Hollowpointsareundecided" in text
    assert "Items" in CalamineWorkbook.from_path(str(book)).sheet_names


def test_a_person_sees_the_tables(steward: Steward) -> None:
    found = steward("survey", "analyse", str(ANSWERS), "--plan", str(PLAN))
    assert found.code == 0
    for heading in ("Satisfied", "Net promoter score", "Change against the wave before", "Reliability"):
        assert heading in found.out
    assert "162 rows received, 162 accepted, 0 rejected" in found.out


def test_the_template_is_a_plan_that_can_be_used_as_it_is(steward: Steward, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    assert steward("survey", "plan-template", "--out", str(path)).code == 0
    assert steward("survey", "plan-template", "--out", str(path)).code == 1  # not overwritten
    assert steward("survey", "analyse", str(ANSWERS), "--plan", str(path), "--json").code == 0


def test_each_row_that_cannot_be_taken_is_named_with_its_reason(
    steward: Steward, plan: Path, tmp_path: Path
) -> None:
    file, quarantine = tmp_path / "answers.csv", tmp_path / "rejected.csv"
    answers_of(
        file,
        [
            *(good(number) for number in range(20)),
            ["X1", "2027-03-10T09:00", "online", "T1", 7, 4],
            ["X2", "2027-03-21", "online", "T1", 4, 4],
            ["X3", "2027-03-10", "pigeon", "T1", 4, 4],
            ["X4", "10 March", "paper", "T1", 4, 4],
            ["", "2027-03-10", "paper", "T1", 4, 4],
            ["X5", "2027-03-10", "paper", "T1", "", ""],
            ["X6", "2027-03-10", "paper", "T1", "=1+1", 4],
            ["c00001", "2027-03-11T09:00", "paper", "T1", 1, 1],
        ],
    )
    found = steward(
        *("survey", "analyse", str(file), "--plan", str(plan), "--json", "--quarantine", str(quarantine))
    )
    assert found.code == 0
    rows = found.json["rows"]
    assert (rows["received"], rows["accepted"], rows["rejected"]) == (28, 20, 8)
    assert rows["reasons"] == {
        **{"duplicate": 1, "empty": 1, "late": 1, "mode": 1, "time": 1, "token": 1, "value": 2}
    }
    with quarantine.open(encoding="utf-8-sig", newline="") as stream:
        written = list(csv.reader(stream))[1:]
    assert [int(row[0]) for row in written] == [22, 23, 24, 25, 26, 27, 28, 3]
    assert written[0][1:] == ["OV1", "7", "expected 1 to 5, a word of scale 'five', or empty"]
    assert written[6][2] == "'=1+1"
    assert written[7][1:] == ["code", "", "the same code as row 29, whose answer counts (last)"]
    assert "C00001" not in quarantine.read_text(encoding="utf-8-sig")
    assert found.json["figures"][0]["share"] == pytest.approx(19 / 20)


def test_a_file_of_a_chinese_spreadsheet_with_lines_in_another_encoding(
    steward: Steward, plan: Path, tmp_path: Path
) -> None:
    file = tmp_path / "answers.csv"
    answers_of(file, [good(number, "一号楼", "很满意") for number in range(12)], "gb18030")
    stray = ",".join(map(str, good(99, "二号楼", "很满意"))).encode()
    file.write_bytes(file.read_bytes() + b"\n" + stray + b"\n")
    found = steward("survey", "analyse", str(file), "--plan", str(plan), "--json")
    assert found.code == 0
    assert found.json["rows"]["accepted"] == 12
    assert found.json["rows"]["reasons"] == {"encoding": 1}
    assert found.json["figures"][0]["share"] == 1


def test_a_line_in_another_encoding_is_doubted_where_the_plan_does_not_read_its_first_column(
    steward: Steward, plan: Path, tmp_path: Path
) -> None:
    file = tmp_path / "answers.csv"
    answers_of(file, [good(number, "一号楼", "很满意") for number in range(12)])
    stray = ",".join(map(str, good(99, "二号楼", "很满意")))
    rows = [f"序号,{line}" for line in file.read_text(encoding="utf-8").splitlines()]
    file.write_bytes("\n".join(rows).encode("gb18030") + b"\n" + f"九十九,{stray}".encode())
    found = steward("survey", "analyse", str(file), "--plan", str(plan), "--json")
    assert found.json["rows"]["accepted"] == 12
    assert found.json["rows"]["reasons"] == {"encoding": 1}


def test_what_a_reader_must_know_besides_is_said_in_words(
    steward: Steward, plan: Path, tmp_path: Path
) -> None:
    file = answers_of(tmp_path / "answers.csv", [good(number, "一号楼", "很满意") for number in range(4)])
    found = steward("survey", "analyse", str(file), "--plan", str(plan))
    assert "Note: fewer than 10 answers: no figure is shown." in found.out


def test_a_small_group_and_the_one_it_could_be_reckoned_from_are_both_hidden(
    steward: Steward, plan: Path, tmp_path: Path
) -> None:
    file = tmp_path / "answers.csv"
    sizes = {"T1": 30, "T2": 12, "T3": 4}
    number = iter(range(100))
    answers_of(file, [good(next(number), name) for name, n in sizes.items() for _ in range(n)])
    found = steward("survey", "analyse", str(file), "--plan", str(plan), "--json").json
    shown = {f["group"]: f for f in found["figures"] if f["item"] == "OV1"}
    assert [name for name, f in shown.items() if f["suppressed"]] == ["T2", "T3"]
    assert (shown["T2"]["n"], shown["T2"]["share"]) == (None, None)
    assert shown["T1"]["n"] == 30
    assert all(d["group"] == "T1" for d in found["differences"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("overall: OV1", "overall: OV9", "'overall': expected the code of an item, found 'OV9'"),
        ("satisfied: [4, 5]", "satisfied: [6]", "'satisfied': expected some of [1, 2, 3, 4, 5], found [6]"),
        (
            "satisfied: [4, 5]",
            "satisfied: [1, 2]",
            "expected one on which 5 is satisfied (the highest unless the item says reverse: true), found 1, 2",
        ),
        (
            "{code: OV1, scale: five}",
            "{code: OV1, scale: five, reverse: true}",
            "expected one on which 1 is satisfied (the lowest as the item is reversed), found 4, 5",
        ),
        ("groups:", "gruops:", "unknown key gruops"),
        ("closes: 2027-03-20T18:00", "closes: soon", "'closes': expected a time such as"),
        ("scale: five}\noverall", "scale: six}\noverall", "'scale': expected one of five, found 'six'"),
        ("title: Test", "title: Test\nconfidence: '1.5'", "'confidence': expected a number between 0 and 1"),
        ("title: Test", "title: Test\ninvited: many", "'invited': expected a whole number"),
        ("title: Test", "title: *x", "is no plain YAML"),
        ("mode: mode}", "mod: mode}", "unknown key mod"),
    ],
)
def test_a_slip_in_the_plan_is_named(
    steward: Steward, plan: Path, tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = SMALL_PLAN.replace(old, new)
    assert text != SMALL_PLAN
    plan.write_text(text, encoding="utf-8")
    file = answers_of(tmp_path / "answers.csv", [good(1)])
    found = steward("survey", "analyse", str(file), "--plan", str(plan))
    assert found.code == 1
    assert said in found.err
    assert "plan.yaml" in found.err
    assert "Traceback" not in found.err


def test_a_column_that_is_missing_is_named_with_those_that_are_there(
    steward: Steward, plan: Path, tmp_path: Path
) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("code,at,mode,OV1,RE1\nA,2027-03-01,online,4,4\n", encoding="utf-8")
    found = steward("survey", "analyse", str(file), "--plan", str(plan))
    assert found.code == 1
    assert "answers.csv, row 1: the column building is missing; the header holds code, at, mode" in found.err


def test_no_accepted_answer_is_said_and_no_traceback(steward: Steward, plan: Path, tmp_path: Path) -> None:
    file = answers_of(tmp_path / "answers.csv", [good(1, score=9)])
    found = steward("survey", "analyse", str(file), "--plan", str(plan))
    assert found.code == 1
    assert "No answer was accepted" in found.err


def test_a_few_answers_show_nothing_at_all(steward: Steward, plan: Path, tmp_path: Path) -> None:
    file = answers_of(tmp_path / "answers.csv", [good(number) for number in range(9)])
    found = steward("survey", "analyse", str(file), "--plan", str(plan), "--json")
    assert found.code == 0
    assert all(f["suppressed"] and f["share"] is None for f in found.json["figures"])


def test_files_that_are_there_are_not_replaced_unasked(steward: Steward, tmp_path: Path) -> None:
    paper = tmp_path / "out.pdf"
    paper.write_bytes(b"mine")
    found = steward("survey", "analyse", str(ANSWERS), "--plan", str(PLAN), "--pdf", str(paper))
    assert found.code == 1
    assert paper.read_bytes() == b"mine"


def test_a_list_of_dispositions_is_counted(steward: Steward, plan: Path, tmp_path: Path) -> None:
    (tmp_path / "sent.csv").write_text(
        "state\n" + "refused\n" * 3 + "bounced\n" * 2 + "no reply\n" * 15, encoding="utf-8"
    )
    plan.write_text(
        SMALL_PLAN + "dispositions: {file: sent.csv, column: state}\ninvited: 40\n", encoding="utf-8"
    )
    file = answers_of(tmp_path / "answers.csv", [good(number) for number in range(20)])
    found = steward("survey", "analyse", str(file), "--plan", str(plan), "--json").json["response"]
    assert found["dispositions"] == {"I": 20, "P": 0, "R": 3, "NC": 15, "O": 0, "UH": 0, "UO": 2, "NE": 0}
    assert found["rates"]["RR1"] == 0.5


def test_the_method_of_a_chinese_report_is_said_in_chinese(
    steward: Steward, plan: Path, tmp_path: Path
) -> None:
    plan.write_text(
        PLAN.read_text(encoding="utf-8").replace("language: en", "language: zh"), encoding="utf-8"
    )
    paper = tmp_path / "out.pdf"
    assert steward("survey", "analyse", str(ANSWERS), "--plan", str(plan), "--pdf", str(paper)).code == 0
    text = pdf_text(paper.read_bytes())
    assert "NC:未接触或未回复32" in text
    assert "事后分层" in text
    assert "post-stratification" not in text


def test_the_plan_says_how_false_alarms_are_held_down_and_the_report_names_it(
    steward: Steward, plan: Path, tmp_path: Path
) -> None:
    text = PLAN.read_text(encoding="utf-8")
    paper = tmp_path / "out.pdf"
    analyse = ("survey", "analyse", str(ANSWERS), "--plan", str(plan), "--json", "--pdf", str(paper))

    plan.write_text(text, encoding="utf-8")
    plain = steward(*analyse).json
    assert (plain["wave_control"], plain["group_control"]) == ("holm", "benjamini-hochberg")
    assert "adjustedforallitems(Holm)" in pdf_text(paper.read_bytes())

    strictly = text.replace("wave_control: holm", "wave_control: bonferroni")
    plan.write_text(strictly.replace("control: benjamini-hochberg", "control: two-stage"), encoding="utf-8")
    strict = steward(*analyse, "--force").json
    assert len(strict["changes"]) == 6
    for change in strict["changes"]:
        assert change["p_adjusted"] == pytest.approx(min(1, 6 * change["p"]))
    assert [one["p_adjusted"] for one in strict["differences"]] != [
        one["p_adjusted"] for one in plain["differences"]
    ]
    said = pdf_text(paper.read_bytes())
    assert "adjustedforallitems(Bonferroni)" in said
    assert "twostagesbyBenjamini,KriegerandYekutieli" in said

    plan.write_text(text.replace("wave_control: holm", "wave_control: none"), encoding="utf-8")
    assert "expected one of holm, bonferroni, found 'none'" in steward(*analyse, "--force").err


def test_weights_follow_the_population(steward: Steward, plan: Path, tmp_path: Path) -> None:
    plan.write_text(
        SMALL_PLAN + "population:\n  margins:\n    - {columns: [building], counts: {T1: 300, T2: 100}}\n",
        encoding="utf-8",
    )
    rows = [good(n, "T1", 5) for n in range(20)] + [good(50 + n, "T2", 1) for n in range(20)]
    file = answers_of(tmp_path / "answers.csv", rows)
    found = steward("survey", "analyse", str(file), "--plan", str(plan), "--json").json
    assert found["weights"]["method"] == "post-stratification"
    assert found["figures"][0]["share"] == pytest.approx(0.75)
    assert found["weights"]["deff"] == pytest.approx(1.25)


@pytest.mark.parametrize(
    ("key", "method"),
    [
        ("", "raking"),
        ("weighting: logit\n", "logit calibration"),
        ("weighting: truncated_linear\n", "truncated_linear calibration"),
        ("weighting: linear\n", "linear calibration"),
    ],
)
def test_two_margins_are_met_in_the_way_the_plan_says(
    steward: Steward, plan: Path, tmp_path: Path, key: str, method: str
) -> None:
    margins = "    - {columns: [building], counts: {T1: 300, T2: 100}}\n    - {columns: [mode], counts: {online: 250, paper: 150}}\n"
    plan.write_text(SMALL_PLAN + f"{key}population:\n  margins:\n{margins}", encoding="utf-8")
    rows = [
        [*good(20 * place + n, building, score)[:2], mode, *good(20 * place + n, building, score)[3:]]
        for place, (building, mode, score) in enumerate(
            [("T1", "online", 5), ("T1", "paper", 1), ("T2", "online", 5), ("T2", "paper", 1)]
        )
        for n in range(12 + place)
    ]
    file = answers_of(tmp_path / "answers.csv", rows)
    found = steward("survey", "analyse", str(file), "--plan", str(plan), "--json").json
    assert found["weights"]["method"] == method
    assert found["weights"]["worst_margin"] < 1e-6
    assert found["figures"][0]["share"] == pytest.approx(250 / 400, abs=1e-6)


def test_a_scale_on_which_one_is_the_best_gives_the_same_as_one_on_which_nine_is(
    steward: Steward, plan: Path, tmp_path: Path
) -> None:
    def analysed(name: str, best: int, satisfied: list[int], reverse: str) -> Any:
        values = ", ".join(f"{value}: []" for value in range(1, 10))
        text = SMALL_PLAN.replace(
            "values: {1: [bad], 2: [], 3: [], 4: [], 5: [很满意]}", f"values: {{{values}}}"
        )
        text = text.replace("satisfied: [4, 5]", f"satisfied: {satisfied}")
        plan.write_text(text.replace("scale: five}", f"scale: five{reverse}}}"), encoding="utf-8")
        rows = [good(n, score=abs(best - 1 - n % 4)) for n in range(40)]
        file = answers_of(tmp_path / name, [[*row[:-1], abs(best - 3)] for row in rows], "utf-8-sig")
        return steward("survey", "analyse", str(file), "--plan", str(plan), "--json").json

    up, down = analysed("up.csv", 10, [7, 8, 9], ""), analysed("down.csv", 0, [1, 2, 3], ", reverse: true")
    assert up["figures"][0]["share"] == pytest.approx(0.75)
    assert up["figures"] == down["figures"]


def test_a_way_of_weighting_that_is_unknown_is_named(steward: Steward, plan: Path, tmp_path: Path) -> None:
    plan.write_text(SMALL_PLAN + "weighting: ipf\n", encoding="utf-8")
    file = answers_of(tmp_path / "answers.csv", [good(number) for number in range(20)])
    found = steward("survey", "analyse", str(file), "--plan", str(plan))
    assert found.code == 1
    assert "expected one of raking, linear, logit, truncated_linear, found 'ipf'" in found.err


def test_a_workbook_of_answers_gives_what_the_csv_gives(steward: Steward, plan: Path, tmp_path: Path) -> None:
    import xlsxwriter

    file = answers_of(tmp_path / "answers.csv", [good(number, score=1 + number % 5) for number in range(40)])
    book = tmp_path / "answers.xlsx"
    with xlsxwriter.Workbook(str(book)) as workbook, file.open(encoding="utf-8") as stream:
        sheet = workbook.add_worksheet()
        for at, row in enumerate(csv.reader(stream)):
            sheet.write_row(at, 0, [int(cell) if cell.isdecimal() else cell for cell in row])
    one, other = (
        steward("survey", "analyse", str(path), "--plan", str(plan), "--json").json for path in (file, book)
    )
    assert one["figures"] == other["figures"]
