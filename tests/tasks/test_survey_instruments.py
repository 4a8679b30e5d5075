"""Does an instrument come back from its files as it went out, and is a faulty form refused by its place? (D4)"""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from pypdf import PdfReader

from models.rules.survey_answer_files import plain_answers
from models.rules.survey_instrument import Asked, Instrument
from models.rules.survey_xlsform import xlsform_rows
from models.survey_instruments import instrument_for, shipped_instruments
from tasks.survey_instruments import (
    InstrumentRefused,
    exported,
    import_xlsform,
    instrument_of,
    instrument_yaml,
)

ON = date(2027, 3, 1)
EVERY = [*[f"{t.code}" for t in shipped_instruments()[1]], "overall-mixed", "special-mixed", "risk-mixed"]
EN, ZH = "label::English (en)", "label::中文 (zh)"


@pytest.mark.parametrize("code", EVERY)
def test_an_xlsform_brings_back_the_instrument_that_went_out(tmp_path: Path, code: str) -> None:
    found = instrument_of(code)
    path = tmp_path / "form.xlsx"
    path.write_bytes(exported(found, "xlsform", "zh", ON))
    assert import_xlsform(path) == found


@pytest.mark.parametrize("code", EVERY)
def test_the_xlsform_is_valid_for_other_tools(tmp_path: Path, code: str) -> None:
    convert = pytest.importorskip("pyxform.xls2xform", reason="a development tool").convert
    path = tmp_path / "form.xlsx"
    path.write_bytes(exported(instrument_of(code), "xlsform", "zh", ON))
    result = convert(str(path))
    assert result.warnings == []
    assert 'lang="中文 (zh)"' in result.xform


def test_a_yaml_file_brings_back_the_instrument_that_went_out(tmp_path: Path) -> None:
    found = instrument_for("risk", "mixed")
    path = tmp_path / "mine.yaml"
    path.write_bytes(instrument_yaml(found))
    assert instrument_of(str(path)) == found


def test_a_yaml_file_cannot_give_a_released_code_another_wording(tmp_path: Path) -> None:
    text = instrument_yaml(instrument_for("special", "residential")).decode()
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("handling of repairs", "speed of repairs"), encoding="utf-8")
    with pytest.raises(InstrumentRefused, match="RE1 was released with another wording"):
        instrument_of(str(path))


@pytest.mark.parametrize(
    ("sheet", "place", "column", "value", "said"),
    [
        ("survey", 5, "type", "geopoint", "sheet survey, row 7, column type: found 'geopoint'"),
        ("survey", 5, EN, "", f"sheet survey, row 7, column {EN}"),
        ("survey", 5, "name", "repairs", "two capital letters and a number"),
        ("survey", 5, EN, "Another wording?", "a new wording is a new code"),
        ("survey", 5, "x_post", "wizard", "column x_post: found 'wizard'"),
        ("survey", 6, "relevant", "${RE0} > 3", "one condition such as"),
        ("choices", 1, "name", "good", "sheet choices, row 3, column name: found 'good'"),
        ("settings", 0, "x_purpose", "fun", "sheet settings, row 2, column x_purpose: found 'fun'"),
    ],
)
def test_a_fault_in_a_form_is_named_by_its_place(
    tmp_path: Path, sheet: str, place: int, column: str, value: str, said: str
) -> None:
    rows = xlsform_rows(instrument_for("special", "residential"), "1")
    rows[sheet][place][column] = value
    with pytest.raises(InstrumentRefused) as refused:
        import_xlsform(_write(tmp_path / "form.xlsx", rows))
    assert said in str(refused.value)


def test_a_workbook_that_is_no_form_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "form.xlsx", {"Sheet1": [{"type": "x"}]})
    with pytest.raises(InstrumentRefused, match="survey, choices, settings is missing"):
        import_xlsform(path)


def test_the_web_form_asks_in_both_languages_and_only_whom_it_concerns() -> None:
    form = json.loads(exported(instrument_for("overall", "mixed"), "surveyjs", "zh", ON))
    elements: dict[str, Any] = {e["name"]: e for page in form["pages"] for e in page["elements"]}
    assert elements["RE1"]["visibleIf"] == "{RE0} = 1"
    assert elements["RE1"]["title"]["zh-cn"] == "您对报修处理是否满意？"
    assert [c["value"] for c in elements["RE1"]["choices"]] == [1, 2, 3, 4, 5]
    assert (elements["NP1"]["rateMin"], elements["NP1"]["rateMax"]) == (0, 10)
    assert elements["CU1"]["visibleIf"] == "({space_type} = 'residential')"


@pytest.mark.parametrize(
    ("language", "asked"), [("zh", "您对报修处理是否满意"), ("en", "handling of repairs")]
)
def test_each_paper_form_has_its_serial_and_begins_on_a_page_of_its_own(language: str, asked: str) -> None:
    content = exported(instrument_for("special", "residential"), "paper", language, ON, copies=3, first=8)  # type: ignore[arg-type]
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    assert len(pages) == 3
    for number, text in enumerate(pages, start=8):
        assert f"special-residential-{number:05d}" in text
        assert asked in text.replace("\n", " ")


def test_the_script_tells_the_interviewer_what_to_skip_and_holds_no_other_stratum() -> None:
    script = exported(instrument_for("overall", "commercial"), "script", "en", ON).decode()
    assert "*Only if RE0 was answered yes*" in script
    assert "| refused |" in script
    assert "without your name and number" in script, "who is called gets no letter that says so"


def _write(path: Path, sheets: dict[str, list[dict[str, str]]]) -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            columns = list(dict.fromkeys(column for row in rows for column in row))
            for at, column in enumerate(columns):
                sheet.write_string(0, at, column)
                for number, row in enumerate(rows, start=1):
                    sheet.write_string(number, at, row.get(column, ""))
    return path


def test_the_same_instrument_gives_the_same_bytes() -> None:
    first: Instrument = instrument_for("overall", "office")
    assert exported(first, "paper", "zh", ON) == exported(first, "paper", "zh", ON)


@pytest.mark.parametrize("code", EVERY)
def test_limesurvey_finds_every_question_in_both_languages_and_its_answers_come_back(code: str) -> None:
    """By the rules of its manual: the base language whole, then the same rows; codes short; conditions on what stands before."""
    found = instrument_of(code)
    rows = limesurvey_rows(exported(found, "limesurvey", "zh", ON))
    settings = {row["name"]: row["text"] for row in rows if row["class"] == "S"}
    assert (settings["language"], settings["additional_languages"], settings["anonymized"]) == (
        "zh-Hans",
        "en",
        "N",
    )
    parts = {
        name: [row for row in rows if row["language"] == name and row["class"] in "GQA"]
        for name in ("zh-Hans", "en")
    }
    shape = [
        [(r["class"], r["id"], r["type/scale"], r["relevance"]) for r in part] for part in parts.values()
    ]
    assert shape[0] == shape[1]
    questions = [row for row in parts["en"] if row["class"] == "Q"]
    asked = {entry.question.code: entry.question for entry in found.asked}
    assert [row["name"] for row in questions if row["name"] in asked] == list(asked)
    assert all(len(row["name"]) <= 20 and row["name"].isalnum() for row in questions)
    assert all(len(row["name"]) <= 5 for row in parts["en"] if row["class"] == "A")
    for number, row in enumerate(questions):
        named = re.findall(r"(\w+)\.NAOK", row["relevance"])
        assert set(named) <= {before["name"] for before in questions[:number]}
    for question in (one for one in asked.values() if one.scale.choices):
        (row,) = [row for row in questions if row["name"] == question.code]
        codes = [one["name"] for one in parts["en"] if one["class"] == "A" and one["id"] == row["id"]]
        read = [plain_answers({question.code: c}, [{"code": question.code}])[question.code] for c in codes]
        assert read == [str(choice.value) for choice in question.scale.choices]


@pytest.mark.parametrize("code", EVERY)
def test_limesurvey_guesses_the_encoding_from_plain_letters(code: str) -> None:
    """Its importer looks at the first 1,000 bytes; were they to end within a character, all Chinese would be garbled."""
    content = exported(instrument_of(code), "limesurvey", "zh", ON)
    assert content[:3] == b"\xef\xbb\xbf"
    assert content[3:1000].isascii()
    assert not content.isascii()


def test_a_wording_is_neither_markup_nor_expression_nor_formula_for_limesurvey() -> None:
    first = instrument_for("overall", "residential")
    part = first.parts[0]
    wild = replace(part.asked[0].question, en='=1+{TOKEN}<script>\n"x"\t</script>')
    changed = replace(first, parts=(replace(part, asked=(Asked(wild), *part.asked[1:])), *first.parts[1:]))
    rows = limesurvey_rows(exported(changed, "limesurvey", "en", ON))
    (text,) = [r["text"] for r in rows if r["name"] == wild.code and r["language"] == "en"]
    assert text == '\'=1+&#123;TOKEN&#125;&lt;script&gt; "x" &lt;/script&gt;'


def limesurvey_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter="\t"))
