"""Does a filled form come in as it was filled in, and is every wrong field named? (A1)"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from models.intake import DemandForm, WorkingCalendarForm
from reports.intake_form import form_xlsx, form_yaml
from tasks.intake_file import IntakeFormRefused, read_intake_file
from tests import factories

WRITERS = {"form.yaml": form_yaml, "form.xlsx": form_xlsx}


@pytest.mark.parametrize("name", WRITERS)
def test_a_form_comes_back_as_it_was_written(tmp_path: Path, name: str) -> None:
    record = factories.intake_form(
        scope='=1+1 "quoted"\n& *more: text # 锦程',
        working_calendar=WorkingCalendarForm(
            monday="09:00-18:00",
            friday="",
            sunday="22:00-06:00",
            holidays=[date(2027, 1, 1), date(2027, 2, 6)],
        ),
        demands=[
            DemandForm(ref="D1", text="- [Safe] {lifts}", priority=1, measure="on time: 95 %"),
            DemandForm(ref="D2", text="整洁", priority=3, measure="合格率"),
        ],
    )
    path = tmp_path / name
    path.write_bytes(WRITERS[name](record))
    assert read_intake_file(path) == record


def test_choices_and_hours_may_be_filled_in_as_the_chinese_form_words_them(tmp_path: Path) -> None:
    path = tmp_path / "form.yaml"
    written = form_yaml(factories.intake_form()).decode()
    for name, said in {
        "property_type": "写字楼",
        "fee_model": "酬金制",
        "language": "中文",
        "currency": "人民币",
        "  monday": "8:30－12:00，13:30－17:30",
    }.items():
        before, line, after = written.partition(f"\n{name}: ")
        assert line, name
        written = f'{before}{line}"{said}"\n{after.partition(chr(10))[2]}'
    path.write_text(written, encoding="utf-8")
    record = read_intake_file(path)
    assert (record.property_type, record.fee_model, record.language, record.currency) == (
        *("office", "cost_plus_fee", "zh", "CNY"),
    )
    assert record.working_calendar.service_calendar("UTC") == WorkingCalendarForm(
        monday="08:30-12:00, 13:30-17:30"
    ).service_calendar("UTC")


@pytest.mark.parametrize("name", WRITERS)
def test_an_empty_form_names_every_field_that_must_be_filled(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(WRITERS[name](None))
    with pytest.raises(IntakeFormRefused) as refused:
        read_intake_file(path)
    for field in ("code", "property_name", "client_name", "scope", "term_start", "term_end"):
        assert f"field {field}" in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('term_start: "2027-01-01"', 'term_start: "2027-13-01"', r"field term_start: found '2027-13-01'"),
        ('"Asia/Shanghai"', '"Mars/Olympus"', r"field timezone: found 'Mars/Olympus'.*time zone"),
        ('monday: "08:30', 'monday: "8h30', r"field working_calendar\.monday.*span of hours"),
        (
            'priority: "1"',
            'priority: "9"',
            r"field demands\[0\]\.priority: found '9'; expected a whole number from 1",
        ),
        ("currency:", "curency:", r"field curency.*did you mean currency\?"),
    ],
)
def test_a_wrong_field_of_a_yaml_form_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = form_yaml(factories.intake_form()).decode()
    assert old in text
    path = tmp_path / "form.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(IntakeFormRefused, match=said):
        read_intake_file(path)


def test_fields_that_contradict_each_other_are_told_together_with_all_others(tmp_path: Path) -> None:
    text = form_yaml(factories.intake_form()).decode()
    for old, new in (
        ('term_end: "2027-12-31"', 'term_end: "2026-12-31"'),
        ('remuneration_share: ""', 'remuneration_share: "8%"'),
        ('code: "', 'code: "no good '),
        ('unit_count: "40"', 'unit_count: "many"'),
    ):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "form.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IntakeFormRefused) as refused:
        read_intake_file(path)
    said = str(refused.value).splitlines()
    assert len(said) == 4
    assert "field code: found 'no good " in said[0] and "such as JC-2027" in said[0]
    assert "field term_end: found '2026-12-31'; the term ends on 2026-12-31, not after it starts" in said[1]
    assert "field remuneration_share: found '8%'; a lump sum has no remuneration" in said[2]
    assert "field unit_count: found 'many'; expected a whole number above 0" in said[3]
    assert not any(word in str(refused.value) for word in ("String", "Input should", "pattern"))


@pytest.mark.parametrize(
    ("written", "share"), [("8%", "0.08"), ("12.5 %", "0.125"), ("0.1", "0.1"), ("", None)]
)
def test_the_remuneration_of_cost_plus_fee_is_a_share_of_cost(
    tmp_path: Path, written: str, share: str | None
) -> None:
    text = form_yaml(factories.intake_form(fee_model="cost_plus_fee")).decode()
    path = tmp_path / "form.yaml"
    path.write_text(
        text.replace('remuneration_share: ""', f'remuneration_share: "{written}"'), encoding="utf-8"
    )
    assert read_intake_file(path).remuneration_share == (None if share is None else Decimal(share))


@pytest.mark.parametrize("written", ["8", "108%", "0", "eight"])
def test_a_remuneration_that_is_no_share_is_refused_with_an_example(tmp_path: Path, written: str) -> None:
    text = form_yaml(factories.intake_form(fee_model="cost_plus_fee")).decode()
    path = tmp_path / "form.yaml"
    path.write_text(
        text.replace('remuneration_share: ""', f'remuneration_share: "{written}"'), encoding="utf-8"
    )
    with pytest.raises(IntakeFormRefused, match=r"a share of cost between 0 and 100 %, such as 8% or 0\.08"):
        read_intake_file(path)


def test_two_demands_with_one_reference_are_refused(tmp_path: Path) -> None:
    record = factories.intake_form().model_copy(
        update={"demands": [DemandForm(ref="D1", text=text, priority=1, measure="m") for text in "ab"]}
    )
    path = tmp_path / "form.xlsx"
    path.write_bytes(form_xlsx(record))
    with pytest.raises(IntakeFormRefused, match="two demands have the same reference"):
        read_intake_file(path)


def _bomb() -> str:
    lines = ["a: &a [x, x, x, x]"]
    lines += [
        f"{new}: &{new} [*{old}, *{old}, *{old}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_bomb, "takes no aliases"),
        (lambda: "a: " + "x" * 300_000, "larger than 256 KB"),
        (lambda: "[" * 20_000, "cannot be read as YAML"),
        (lambda: "code: [1, 2", "line 1: cannot be read as YAML"),
        (lambda: "- a list", "expected fields"),
        (lambda: "code: !!python/object/apply:os.system [ls]", "field code"),
    ],
    ids=["alias bomb", "huge", "deep", "cut off", "a list", "an object"],
)
def test_a_dangerous_or_broken_yaml_is_refused_in_a_sentence(
    tmp_path: Path, content: Callable[[], str], said: str
) -> None:
    path = tmp_path / "form.yaml"
    path.write_text(content(), encoding="utf-8")
    with pytest.raises(IntakeFormRefused, match=said):
        read_intake_file(path)


def test_a_wrong_cell_is_named_by_sheet_and_cell(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(form_xlsx(factories.intake_form().model_copy(update={"floor_area": Decimal(-4)})))
    with pytest.raises(
        IntakeFormRefused,
        match=r"sheet Record, cell C17, field floor_area: found '-4'; expected a number of square metres",
    ):
        read_intake_file(path)


def test_a_formula_is_refused_with_its_cell(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("Record", "Demands", "Calendar"):
            book.add_worksheet(name).write_string(0, 0, "field")
        book.worksheets()[0].write_formula(4, 2, "=1+1", None, 2)
    with pytest.raises(IntakeFormRefused, match=r"cell C5: a formula"):
        read_intake_file(path)
