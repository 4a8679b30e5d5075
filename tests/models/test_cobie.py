"""Is every row of a register either taken or refused with a reason a sender can act on?"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.cobie import NotARegister, read_register
from models.rules.cobie_rows import RegisterReading, Rejection, Severity
from models.rules.cobie_values import (
    Interval,
    NameIndex,
    Span,
    TimeUnit,
    Unreadable,
    name_key,
    read_amount,
    read_date,
    read_interval,
)
from tasks.workbook import read_workbook

DUPLEX = (
    Path(__file__).resolve().parents[2].parent
    / "shared"
    / "data"
    / "cobie"
    / "2012-03-23-Duplex-Handover.xlsx"
)
Rows = list[list[str]]


def register(**sheets: Rows) -> dict[str, Rows]:
    """A small register that is in order; a sheet given replaces the one of that name."""
    standard: dict[str, Rows] = {
        "Facility": [["Name", "CurrencyUnit"], ["Garden", "CNY"]],
        "Floor": [["Name", "Category"], ["L1", "Floor"], ["L2", "Floor"]],
        "Space": [["Name", "Category", "FloorName"], ["A1", "Room", "L1"], ["A2", "Room", "L2"]],
        "Type": [["Name", "Category"], ["Pump", "Pumps"], ["Boiler", "Boilers"]],
        "Component": [
            ["Name", "TypeName", "Space"],
            ["Pump-1", "Pump", "A1"],
            ["Pump-2", "Pump", "A2"],
            ["Boiler-1", "Boiler", "A1, A2"],
        ],
    }
    return standard | sheets


def read(**sheets: Rows) -> RegisterReading:
    return read_register(register(**sheets), "r.xlsx")


def complaint(reading: RegisterReading) -> Rejection:
    """The only complaint of a reading."""
    assert len(reading.rejections) == 1, [found.sentence for found in reading.rejections]
    return reading.rejections[0]


def test_register_in_order_gives_no_complaint() -> None:
    reading = read()
    assert reading.rejections == ()
    assert reading.components[2].space_names == ("A1", "A2")
    assert reading.facility is not None and reading.facility.currency == "CNY"


REFUSED_ROWS = {
    "component of an unknown type": (
        {"Component": [["Name", "TypeName", "Space"], ["P", "Pumpe", "A1"]]},
        ("Component", 2, "TypeName", "Pumpe", "is not a name of sheet Type"),
    ),
    "component without a type": (
        {"Component": [["Name", "TypeName", "Space"], ["P", "n/a", "A1"]]},
        ("Component", 2, "TypeName", "", "is empty"),
    ),
    "component without a name": (
        {"Component": [["Name", "TypeName", "Space"], ["N/A", "Pump", "A1"]]},
        ("Component", 2, "Name", "", "is empty"),
    ),
    "same component twice": (
        {"Component": [["Name", "TypeName", "Space"], ["P", "Pump", "A1"], ["p ", "Pump", "A1"]]},
        ("Component", 3, "Name", "p", "repeats row 2"),
    ),
    "same type twice": (
        {"Type": [["Name", "Category"], ["Pump", ""], ["Boiler", ""], ["PUMP", ""]]},
        ("Type", 4, "Name", "PUMP", "repeats row 2"),
    ),
    "zone of unknown spaces only": (
        {"Zone": [["Name", "SpaceNames"], ["Z", "A9"]]},
        ("Zone", 2, "SpaceNames", "A9", "names no space"),
    ),
    "system of unknown components only": (
        {"System": [["Name", "ComponentNames"], ["S", "P9"]]},
        ("System", 2, "ComponentNames", "P9", "names no component"),
    ),
    "job of an unknown type": (
        {"Job": [["Name", "TypeName", "Frequency", "FrequencyUnit"], ["J", "Fan", "1", "year"]]},
        ("Job", 2, "TypeName", "Fan", "is not a name of sheet Type"),
    ),
    "spare of an unknown type": (
        {"Spare": [["Name", "TypeName"], ["Seal", "Fan"]]},
        ("Spare", 2, "TypeName", "Fan", "is not a name of sheet Type"),
    ),
    "same contact twice": (
        {"Contact": [["Email", "Company"], ["a@example.com", "A"], ["A@example.com", "B"]]},
        ("Contact", 3, "Email", "A@example.com", "repeats row 2"),
    ),
    "same paper of the same row twice": (
        {"Document": [["Name", "SheetName", "RowName"], ["D", "Type", "Pump"], ["D", "Type", "Pump"]]},
        ("Document", 3, "Name", "D", "repeats row 2"),
    ),
    "second facility": (
        {"Facility": [["Name", "Phase"], ["Garden", ""], ["Park", ""]]},
        ("Facility", 3, "Name", "Park", "second facility"),
    ),
}


@pytest.mark.parametrize(("sheets", "expected"), REFUSED_ROWS.values(), ids=REFUSED_ROWS.keys())
def test_unusable_row_is_refused_naming_the_cell(
    sheets: dict[str, Rows], expected: tuple[str, int, str, str, str]
) -> None:
    found = complaint(read(**sheets))
    assert found.severity is Severity.REJECTED
    assert (found.file, found.sheet, found.row, found.column, found.value) == ("r.xlsx", *expected[:4])
    assert expected[4] in found.reason
    assert all(str(part) in found.sentence for part in ("r.xlsx", *expected[:3]))


DOUBTED_CELLS = {
    "one of two spaces unknown": (
        {"Component": [["Name", "TypeName", "Space"], ["P", "Pump", "A1, A9"]]},
        ("Component", "Space", "names 'A9'"),
    ),
    "installation date unreadable": (
        {"Component": [["Name", "TypeName", "Space", "InstallationDate"], ["P", "Pump", "A1", "last May"]]},
        ("Component", "InstallationDate", "2024-05-31"),
    ),
    "space on an unknown floor": (
        {"Space": [["Name", "FloorName"], ["A1", "L9"], ["A2", "L2"]]},
        ("Space", "FloorName", "is not a name of sheet Floor"),
    ),
    "paper of an unknown row": (
        {"Document": [["Name", "SheetName", "RowName"], ["D", "Type", "Pumpe"]]},
        ("Document", "RowName", "is not a name of sheet Type"),
    ),
    "cost that is no number": (
        {"Type": [["Name", "ReplacementCost"], ["Pump", "about 90"], ["Boiler", "¥12,500.50"]]},
        ("Type", "ReplacementCost", "expected a number"),
    ),
    "life of zero": (
        {"Type": [["Name", "ExpectedLife", "DurationUnit"], ["Pump", "0", "year"], ["Boiler", "9", "年"]]},
        ("Type", "ExpectedLife", "unknown"),
    ),
    "warranty without a unit": (
        {"Type": [["Name", "WarrantyDurationParts"], ["Pump", "2"], ["Boiler", ""]]},
        ("Type", "WarrantyDurationParts", "has no unit"),
    ),
    "frequency unit unknown": (
        {
            "Job": [
                ["Name", "TypeName", "Frequency", "FrequencyUnit"],
                ["J", "Pump", "2", "moon"],
                ["J", "Boiler", "", "as required"],
            ]
        },
        ("Job", "Frequency", "expected a unit of time"),
    ),
    "resource unknown": (
        {
            "Resource": [["Name", "Category"], ["Ladder", "Tools"]],
            "Job": [
                ["Name", "TypeName", "FrequencyUnit", "ResourceNames"],
                ["J", "Pump", "as required", "Ladder, Rope"],
            ],
        },
        ("Job", "ResourceNames", "names 'Rope'"),
    ),
    "prior task unknown": (
        {
            "Job": [
                ["Name", "TypeName", "FrequencyUnit", "TaskNumber", "Priors"],
                ["J", "Pump", "as required", "1", "0"],
                ["J", "Pump", "", "2", "7"],
            ]
        },
        ("Job", "Priors", "names task 7"),
    ),
}


@pytest.mark.parametrize(("sheets", "expected"), DOUBTED_CELLS.values(), ids=DOUBTED_CELLS.keys())
def test_doubtful_cell_is_reported_and_its_row_taken(
    sheets: dict[str, Rows], expected: tuple[str, str, str]
) -> None:
    reading = read(**sheets)
    doubts = [found for found in reading.rejections if found.sheet == expected[0]]
    assert any(found.column == expected[1] and expected[2] in found.reason for found in doubts), doubts
    assert {found.severity for found in doubts} == {Severity.WARNING}
    assert next(count for count in reading.counts if count.sheet == expected[0]).rejected == 0


def test_component_keeps_the_space_that_is_known() -> None:
    reading = read(Component=[["Name", "TypeName", "Space"], ["P", "Pump", "A9, A1"]])
    assert reading.components[0].space_names == ("A1",)


def test_repeated_zone_and_system_rows_are_merged_in_spite_of_case() -> None:
    reading = read(
        Zone=[["Name", "SpaceNames"], ["East", "A1"], ["east ", "A2"], ["East", "A1"]],
        System=[["Name", "ComponentNames"], ["Heat", "Boiler-1, Pump-1"], ["Heat", "Pump-2"]],
    )
    assert reading.zones["East"].space_names == ("A1", "A2")
    assert reading.systems["Heat"].component_names == ("Boiler-1", "Pump-1", "Pump-2")
    assert any("'east' (row 3) was merged into 'East'" in note for note in reading.notes)
    assert {count.sheet: count.accepted for count in reading.counts}["Zone"] == 3


def test_name_that_holds_a_comma_is_one_reference() -> None:
    reading = read(
        Space=[["Name", "FloorName"], ["Plant room, north", "L1"], ["泵房、水箱间", "L1"], ["A1", "L1"]],
        Component=[["Name", "TypeName", "Space"], ["P", "Pump", "A1, plant room,  NORTH，泵房、水箱间"]],
    )
    assert reading.components[0].space_names == ("A1", "Plant room, north", "泵房、水箱间")
    assert reading.rejections == ()


def test_tolerant_match_is_noted() -> None:
    reading = read(Component=[["Name", "TypeName", "Space"], ["P", "pump", "A1"]])
    assert reading.components[0].type_name == "Pump"
    assert any("'pump' was taken for 'Pump'" in note for note in reading.notes)


def test_variant_spellings_of_sheets_and_headers_are_understood() -> None:
    sheets = {
        "components": [
            ["NAME", "type_name", "Space Names", "ExternalObject"],
            ["P", "Pump", "A1", "IfcPump"],
        ],
        "Type ": [["Name", "Model Number"], ["Pump", "X1"]],
        "SPACE": [["Name", "Floor Name"], ["A1", "L1"]],
        "Floor": [["Name"], ["L1"]],
    }
    reading = read_register(sheets, "r.xlsx")
    assert reading.rejections == ()
    assert reading.components[0].ifc_class == "IfcPump" and reading.types[0].model_number == "X1"
    assert any("'Space Names' was taken for Space" in note for note in reading.notes)
    assert any("Absent sheets: Contact" in note for note in reading.notes)


def test_rows_keep_the_number_the_spreadsheet_shows() -> None:
    component = [["", ""], ["Garden register", ""], ["", ""], ["Name", "TypeName"], ["", ""], ["P", "Fan"]]
    found = [item for item in read(Component=component).rejections if item.severity is Severity.REJECTED]
    assert [(item.row, item.value) for item in found] == [(6, "Fan")]


def test_header_only_sheets_are_fine() -> None:
    reading = read(Component=[["Name", "TypeName"]], Zone=[["Name", "SpaceNames"]], Spare=[])
    assert reading.components == () and reading.zones == {}
    assert reading.rejections == ()
    assert all(count.rows == 0 for count in reading.counts if count.sheet in {"Component", "Zone", "Spare"})


def test_sheet_without_its_key_column_has_every_row_refused() -> None:
    reading = read(
        Spare=[["Part", "TypeName", "Category"], ["Seal", "Pump", "Part"], ["Belt", "Pump", "Part"]]
    )
    spare = next(count for count in reading.counts if count.sheet == "Spare")
    assert (spare.rows, spare.rejected) == (2, 2)
    assert all("no such column" in found.reason for found in reading.rejected)


def test_unread_sheets_and_columns_are_noted() -> None:
    reading = read(
        Attribute=[["Name"], ["x"]],
        Prices=[["a"]],
        Floor=[["Name", "Colour code"], ["L1", "red"], ["L2", ""]],
    )
    notes = " ".join(reading.notes)
    assert "'Attribute' is known but not imported" in notes
    assert "'Prices' is not a COBie sheet" in notes
    assert "Floor: columns not read, Colour code" in notes


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ({"Sheet1": [["a", "b"]]}, "no sheet named Component or Type"),
        ({"Type": [["Name"], ["Pump"]]}, "no sheet named Component"),
        (
            {"Type": [["Name"]], "Component": [["Tag", "Kind"], ["1", "2"]]},
            "no column named Name or TypeName",
        ),
        ({}, "Its sheets: none"),
    ],
    ids=["foreign workbook", "no components", "foreign columns", "no sheets"],
)
def test_workbook_that_is_no_register_is_refused_with_its_sheets(
    sheets: Mapping[str, Sequence[Sequence[str]]], said: str
) -> None:
    with pytest.raises(NotARegister, match=r"r\.xlsx is not a COBie asset register") as refusal:
        read_register(sheets, "r.xlsx")
    assert said in str(refusal.value)


def test_job_rows_are_gathered_into_one_plan_for_each_type() -> None:
    reading = read(
        Job=[
            [
                "Name",
                "TypeName",
                "Frequency",
                "FrequencyUnit",
                "TaskNumber",
                "Duration",
                "DurationUnit",
                "Start",
            ],
            ["Service", "Pump", "1", "quarter", "0", "90", "minute", "2024-03-01"],
            ["Service", "Pump", "n/a", "n/a", "1", "1", "hour", ""],
            ["Service", "Boiler", "", "", "1", "", "", ""],
        ]
    )
    first, second = reading.job_plans
    assert (first.interval, len(first.steps), first.start_on) == (
        Interval(1, TimeUnit.QUARTER),
        2,
        date(2024, 3, 1),
    )
    assert first.duration is not None and first.duration.hours == Decimal("1.5")
    assert second.interval is None and not second.as_required
    assert complaint(reading).row == 4


def test_steps_of_one_job_that_say_two_intervals_are_told() -> None:
    reading = read(
        Job=[
            ["Name", "TypeName", "Frequency", "FrequencyUnit", "TaskNumber"],
            ["Service", "Pump", "1", "quarter", "1"],
            ["Service", "Pump", "3", "month", "2"],
            ["Service", "Pump", "2", "week", "3"],
        ]
    )
    assert reading.job_plans[0].interval == Interval(1, TimeUnit.QUARTER)
    found = complaint(reading)
    assert (found.row, found.column, found.value) == (4, "Frequency", "2")
    assert "row 2 says every 1 quarter of the same job" in found.reason


@pytest.mark.parametrize(
    ("count", "unit", "expected", "rule"),
    [
        ("1", "year", Interval(1, TimeUnit.YEAR), "FREQ=YEARLY"),
        ("2", "Weeks", Interval(2, TimeUnit.WEEK), "FREQ=WEEKLY;INTERVAL=2"),
        ("1", "季度", Interval(1, TimeUnit.QUARTER), "FREQ=MONTHLY;INTERVAL=3"),
        ("15", "天", Interval(15, TimeUnit.DAY), "FREQ=DAILY;INTERVAL=15"),
        ("48", "hour", Interval(48, TimeUnit.HOUR), "FREQ=DAILY;INTERVAL=2"),
        ("250", "hour", Interval(250, TimeUnit.HOUR), ""),
        ("0.5", "year", Interval(6, TimeUnit.MONTH), "FREQ=MONTHLY;INTERVAL=6"),
        ("1.5", "week", Interval(252, TimeUnit.HOUR), ""),
        ("", "monthly", Interval(1, TimeUnit.MONTH), "FREQ=MONTHLY"),
        ("", "每周", Interval(1, TimeUnit.WEEK), "FREQ=WEEKLY"),
        ("", "半年", Interval(6, TimeUnit.MONTH), "FREQ=MONTHLY;INTERVAL=6"),
        ("2", "fortnight", Interval(4, TimeUnit.WEEK), "FREQ=WEEKLY;INTERVAL=4"),
    ],
)
def test_frequency_in_mixed_units_becomes_an_interval(
    count: str, unit: str, expected: Interval, rule: str
) -> None:
    assert read_interval(count, unit) == expected
    assert expected.rrule == rule


@pytest.mark.parametrize(
    ("count", "unit"),
    [
        ("", "year"),
        ("1", ""),
        ("0", "day"),
        ("-1", "day"),
        ("1", "biannual"),
        ("many", "day"),
        ("99999", "day"),
    ],
)
def test_frequency_that_says_too_little_is_not_guessed(count: str, unit: str) -> None:
    with pytest.raises(Unreadable, match="expected"):
        read_interval(count, unit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2010-04-18T09:00:00", date(2010, 4, 18)),
        ("2011-09-27T16:15:03.421-05:00", date(2011, 9, 27)),
        ("2024/5/3", date(2024, 5, 3)),
        ("2024年5月3日", date(2024, 5, 3)),
        ("31/05/2024", date(2024, 5, 31)),
        ("05/31/2024", date(2024, 5, 31)),
        ("05.05.2024", date(2024, 5, 5)),
    ],
)
def test_date_is_read(text: str, expected: date) -> None:
    assert read_date(text) == expected


@pytest.mark.parametrize("text", ["03/04/2015", "2023-02-29", "1900-12-31T23:59:59", "40281", "2010", "May"])
def test_date_that_could_be_another_is_not_guessed(text: str) -> None:
    with pytest.raises(Unreadable):
        read_date(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1,250.50", "1250.50"), ("¥ 300", "300"), ("１２０元", "120"), ("CNY 9", "9"), ("0", "0")],
)
def test_amount_is_read(text: str, expected: str) -> None:
    assert read_amount(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["1.250,50", "12,50", "-3", "1e5", "NaN", "12万", "approx 5"])
def test_amount_that_could_be_another_is_not_guessed(text: str) -> None:
    with pytest.raises(Unreadable):
        read_amount(text)


def test_span_converts_only_where_it_has_a_meaning() -> None:
    assert Span(Decimal(18), TimeUnit.MONTH).years == Decimal("1.5")
    assert Span(Decimal(2), TimeUnit.DAY).hours == Decimal(16)
    assert Span(Decimal(2), None).hours is None and Span(Decimal(1), TimeUnit.YEAR).hours is None


names = st.text(st.sampled_from("ab ,，、Ａ水"), min_size=1, max_size=6).map(str.strip).filter(name_key)


@given(st.lists(names, min_size=1, max_size=6))
def test_a_list_of_known_names_is_found_whole_when_names_hold_no_separator(listed: list[str]) -> None:
    plain = [name for name in listed if not set(name) & set(",，、")]
    index = NameIndex()
    for name in plain:
        index.add(name)
    known, unknown = index.split(", ".join(plain))
    assert unknown == []
    assert {name_key(name) for name in known} == {name_key(name) for name in plain}


cells = st.sampled_from(
    ["", "n/a", "A1", "Pump", "P1", "L1", "1", "year", "0", "x,y", "Type", "2024-01-01", "as required"]
)


@given(st.data())
def test_every_row_with_a_value_is_counted_once_whatever_it_holds(data: st.DataObject) -> None:
    sheets: dict[str, Rows] = {}
    for sheet, columns in {
        "Contact": ["Email", "Company"],
        "Floor": ["Name", "Elevation"],
        "Space": ["Name", "FloorName", "NetArea"],
        "Zone": ["Name", "SpaceNames"],
        "Type": ["Name", "ExpectedLife", "DurationUnit", "ReplacementCost"],
        "Component": ["Name", "TypeName", "Space", "InstallationDate"],
        "System": ["Name", "ComponentNames"],
        "Spare": ["Name", "TypeName"],
        "Job": ["Name", "TypeName", "Frequency", "FrequencyUnit", "TaskNumber", "Priors"],
        "Document": ["Name", "SheetName", "RowName"],
    }.items():
        row = st.lists(cells, min_size=len(columns), max_size=len(columns))
        sheets[sheet] = [columns, *data.draw(st.lists(row, max_size=5))]
    reading = read_register(sheets, "r.xlsx")
    refused = [(found.sheet, found.row) for found in reading.rejected]
    assert len(set(refused)) == len(refused)
    for count in reading.counts:
        filled = [row for row in sheets[count.sheet][1:] if any(cell not in {"", "n/a"} for cell in row)]
        assert count.rows == len(filled) == count.accepted + count.rejected
        assert count.rejected == sum(sheet == count.sheet for sheet, _ in refused)
    assert len(reading.components) == next(c.accepted for c in reading.counts if c.sheet == "Component")


def test_real_register_is_read_whole_and_its_mistakes_are_named() -> None:
    if not DUPLEX.exists():
        pytest.skip("shared test data is not here")
    reading = read_register(read_workbook(DUPLEX), DUPLEX.name)
    assert {count.sheet: count.accepted for count in reading.counts} == {
        **{"Contact": 58, "Facility": 1, "Floor": 4, "Space": 22, "Zone": 20, "Type": 43, "Component": 232},
        **{"System": 36, "Spare": 3, "Resource": 10, "Job": 94, "Document": 48},
    }
    assert len({job.name for job in reading.jobs}) == 10
    assert reading.rejected == ()
    doubted = {(found.sheet, found.column): found.value for found in reading.warnings}
    assert {value for (_, column), value in doubted.items() if column == "RowName"} == {"Sing Type C"}
    assert {found.row for found in reading.warnings if found.sheet == "Document"} == {16, 34, 39}
    assert {found.row for found in reading.warnings if found.column == "Frequency"} == {73, 80}
    assert {found.row for found in reading.warnings if found.column == "Priors"} == {28}
    assert len(reading.warnings) == 26
    assert set(reading.zones) == {"Apartment A", "Apartment B"}
    assert len(reading.systems) == 4
    lockout = next(plan for plan in reading.job_plans if plan.name == "Boiler - Lockout")
    assert lockout.as_required and lockout.interval is None
