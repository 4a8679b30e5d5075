"""Does a surveyors' form come back whole, once, with every doubt named and nothing unseen taken for good? (A2)"""

import csv
import json
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from sqlmodel import col, func, select

from deployments.cli import main
from deployments.sample.workbook import build_workbook
from models.audit import AuditEvent
from models.condition import ConditionImport, ConditionInspection, ConditionPhoto, ConditionRejection
from models.db import reading
from models.diligence import ConditionFinding, ElementCondition
from models.engagement import Engagement
from models.rules.cycles import CycleKind
from reports.condition_detail import detail_sections
from reports.words import voice_of
from tasks.condition_detail import survey_detail
from tasks.condition_file import ConditionFormRefused
from tasks.condition_form import write_form
from tasks.condition_import import FormImport, SurveyFixed, import_form
from tasks.engagements import set_simulated_date
from tasks.files import read_file
from tasks.planning import draft_plan
from tasks.register_import import take_in_register
from tasks.workbook import read_workbook
from tests import factories

ON = date(2026, 10, 24)
TODAY = date(2027, 12, 31)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 20
DOOR = {
    "Looked at": "yes",
    "Severity": "serious",
    "Intensity 1-3": "3",
    "Extent 1-5": "5",
    "Defect": "=1+1 door jerks",
}

Fill = Callable[[list[dict[str, str]]], None]


@pytest.fixture
def registered(database: str, tmp_path: Path) -> str:
    code = factories.create_engagement()
    take_in_register(code, factories.write_register(tmp_path / "register.xlsx"))
    set_simulated_date(code, TODAY)
    return code


def filled(code: str, folder: Path, fill: Fill, visit: str = "entry", name: str = "form.xlsx") -> Path:
    """The form of this register, written, changed as a surveyor would, and saved."""
    blank = folder / f"blank-{name}"
    write_form(code, visit, blank)
    if blank.suffix == ".csv":
        with blank.open(encoding="utf-8-sig", newline="") as stream:
            table = list(csv.reader(stream))
    else:
        table = read_workbook(blank)["Checks"]
    rows = [dict(zip(table[0], cells, strict=True)) for cells in table[1:]]
    fill(rows)
    out = folder / name
    if out.suffix == ".csv":
        with out.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(rows[0])
            writer.writerows(row.values() for row in rows)
        return out
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Checks")
        for place, cells in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
            for column, text in enumerate(cells):
                sheet.write_string(place, column, text)
    return out


def row_of(rows: list[dict[str, str]], ref: str, tag: str = "") -> dict[str, str]:
    return next(r for r in rows if r["Reference"].startswith(ref) and r["Asset tag"] == tag)


def door(**changes: str) -> Fill:
    def fill(rows: list[dict[str, str]]) -> None:
        row_of(rows, "LIFT-CAR", "LIFT-2").update(DOOR | changes)

    return fill


def everything_fine(rows: list[dict[str, str]]) -> None:
    for row in rows:
        row["Looked at"] = "yes"


def stored() -> tuple[int, ...]:
    tables = (
        ConditionFinding,
        ConditionInspection,
        ConditionPhoto,
        ConditionImport,
        ConditionRejection,
        AuditEvent,
    )
    with reading() as session:
        return tuple(session.exec(select(func.count()).select_from(table)).one() for table in tables)


def findings(visit: str = "entry") -> list[ConditionFinding]:
    with reading() as session:
        query = (
            select(ConditionFinding)
            .where(ConditionFinding.visit == visit)
            .order_by(col(ConditionFinding.ref))
        )
        return list(session.exec(query).all())


@pytest.mark.parametrize("name", ["form.xlsx", "form.csv"])
def test_a_form_comes_back_with_its_finding_scored_and_its_tables_named(
    registered: str, tmp_path: Path, name: str
) -> None:
    found = import_form(registered, filled(registered, tmp_path, door(), name=name), "entry", ON)
    assert found.rejections == []
    (finding,) = findings()
    assert (finding.asset_tag, finding.score, finding.priority, finding.item_code) == (
        "LIFT-2",
        5,
        2,
        "LIFT-CAR",
    )
    assert finding.text == "=1+1 door jerks"
    assert "recalled" in finding.scheme
    assert not finding.verified
    assert (finding.payer, finding.payer_basis) == ("owners_fund", "fund_renewal")


def test_what_was_not_looked_at_is_not_graded(registered: str, tmp_path: Path) -> None:
    found = import_form(registered, filled(registered, tmp_path, door()), "entry", ON)
    assert set(found.scores) == {"lift"}
    assert found.not_inspected["lift"] == 7
    assert found.not_inspected["fire"] > 0
    with reading() as session:
        (grade,) = session.exec(select(ElementCondition)).all()
    assert grade.facility_index is None, "seven lines of the class are unknown"


def test_the_index_is_known_once_everything_was_seen_and_priced(registered: str, tmp_path: Path) -> None:
    def fill(rows: list[dict[str, str]]) -> None:
        everything_fine(rows)
        door(**{"Repair cost": "84000"})(rows)

    import_form(registered, filled(registered, tmp_path, fill), "entry", ON)
    with reading() as session:
        grades = {g.element_class: g for g in session.exec(select(ElementCondition)).all()}
    lift = grades["lift"]
    assert (lift.facility_index, lift.facility_band, lift.replacement_value) == (
        Decimal("0.1000"),
        "fair",
        Decimal(840000),
    )
    assert grades["fire"].facility_index == 0
    with reading() as session:
        engagement = session.exec(select(Engagement)).one()
        detail = survey_detail(session, engagement, "entry", ON)
    sections = detail_sections(detail, list(grades.values()), findings(), voice_of(engagement))
    whole = next(p for s in sections for p in s.paragraphs if p.startswith("The building as a whole"))
    assert "index 9.44%" in whole, "84,000 of 890,000"
    assert grades["fabric"].facility_index is None, "no asset, so nothing to divide by"


def test_a_defect_without_a_price_leaves_the_index_unknown(registered: str, tmp_path: Path) -> None:
    def fill(rows: list[dict[str, str]]) -> None:
        everything_fine(rows)
        door()(rows)

    import_form(registered, filled(registered, tmp_path, fill), "entry", ON)
    with reading() as session:
        lift = session.exec(select(ElementCondition).where(ElementCondition.element_class == "lift")).one()
    assert lift.facility_index is None


def test_the_same_form_twice_changes_nothing(registered: str, tmp_path: Path) -> None:
    file = filled(registered, tmp_path, door(**{"Extent 1-5": "9"}))
    good = filled(registered, tmp_path, door(), name="good.xlsx")
    import_form(registered, file, "entry", ON)
    import_form(registered, good, "entry", ON)
    before = stored()
    import_form(registered, file, "entry", ON)
    again = import_form(registered, good, "entry", ON)
    assert stored() == before
    assert (again.added, again.replaced, again.removed) == ([], [], [])


def test_a_dry_run_shows_the_difference_and_writes_nothing(registered: str, tmp_path: Path) -> None:
    import_form(registered, filled(registered, tmp_path, door()), "entry", ON)
    before = stored()
    changed = filled(registered, tmp_path, door(**{"Extent 1-5": "1"}), name="changed.xlsx")
    found = import_form(registered, changed, "entry", ON, dry_run=True)
    assert found.replaced[0]["changes"]["extent"] == ["5", "1"]
    assert stored() == before


def test_a_corrected_form_replaces_and_takes_back_with_a_trace(registered: str, tmp_path: Path) -> None:
    import_form(registered, filled(registered, tmp_path, door()), "entry", ON)
    import_form(registered, filled(registered, tmp_path, door(**{"Extent 1-5": "1"})), "entry", ON)
    assert [f.score for f in findings()] == [1]
    import_form(registered, filled(registered, tmp_path, everything_fine), "entry", ON)
    assert findings() == []
    with reading() as session:
        tags = [event.tag for event in session.exec(select(AuditEvent)).all()]
    assert tags.count("survey.finding_replaced") == tags.count("survey.finding_removed") == 1


def test_two_defects_on_one_line_are_both_kept(registered: str, tmp_path: Path) -> None:
    def fill(rows: list[dict[str, str]]) -> None:
        door()(rows)
        rows.append(dict(row_of(rows, "LIFT-CAR", "LIFT-2")) | {"Defect": "lamp dark", "Severity": "轻微"})

    import_form(registered, filled(registered, tmp_path, fill), "entry", ON)
    one, two = findings()
    assert two.ref == f"{one.ref}-2"
    assert two.severity == "minor"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("Extent 1-5", "9", "whole number 1 to 5"),
        ("Intensity 1-3", "2.5", "whole number 1 to 3"),
        ("Severity", "awful", "serious / 较重"),
        ("Repair cost", "-5", "at least 0"),
        ("Repair cost", "NaN", "at least 0"),
        ("Repair cost", "1e999999", "at least 0"),
        ("Defect", "", "needs severity"),
        ("Asset tag", "LIFT-9", "LIFT-2"),
        ("Reference", "LIFT-CAR-ffffffff", "reference of this register"),
        ("Looked at", "n/a", "yes, because"),
        ("Priority 1-4", "7", "whole number 1 to 4"),
        ("Who pays", "somebody", "one of"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_and_the_good_rows_are_kept(
    sqlite_registered: str, tmp_path: Path, column: str, value: str, expected: str
) -> None:
    def fill(rows: list[dict[str, str]]) -> None:
        row_of(rows, "FIRE-UNIT", "FIRE-1").update(DOOR)
        door(**{column: value})(rows)

    found = import_form(sqlite_registered, filled(sqlite_registered, tmp_path, fill), "entry", ON)
    (bad,) = found.rejections
    assert bad["column"].startswith(column)
    assert bad["value"] == value
    assert expected in bad["expected"]
    assert [f.asset_tag for f in findings()] == ["FIRE-1"]
    with reading() as session:
        assert session.exec(select(ConditionRejection)).one().value == value


@pytest.fixture
def sqlite_registered(home: Path, tmp_path: Path) -> str:
    from models.migrate import upgrade_database

    upgrade_database()
    code = factories.create_engagement()
    take_in_register(code, factories.write_register(tmp_path / "register.xlsx"))
    set_simulated_date(code, TODAY)
    return code


def test_a_form_of_another_register_or_visit_is_refused(sqlite_registered: str, tmp_path: Path) -> None:
    other = factories.create_engagement("TG-2028")
    set_simulated_date(other, TODAY)
    file = filled(sqlite_registered, tmp_path, door())
    with pytest.raises(ConditionFormRefused, match="another register"):
        import_form(other, file, "entry", ON)
    with pytest.raises(ConditionFormRefused, match="another register, visit"):
        import_form(sqlite_registered, file, "exit", ON)


def test_a_survey_is_not_of_a_day_to_come(sqlite_registered: str, tmp_path: Path) -> None:
    form = filled(sqlite_registered, tmp_path, door())
    with pytest.raises(ConditionFormRefused, match="after the business date 2027-12-31"):
        import_form(sqlite_registered, form, "entry", date(2028, 1, 1))


def test_a_renamed_column_is_named(sqlite_registered: str, tmp_path: Path) -> None:
    def fill(rows: list[dict[str, str]]) -> None:
        for row in rows:
            row["How bad"] = row.pop("Severity")

    with pytest.raises(ConditionFormRefused, match=r"row 1: the column Severity / 严重性 is missing"):
        import_form(sqlite_registered, filled(sqlite_registered, tmp_path, fill), "entry", ON)


def test_photos_are_kept_by_content_and_bad_names_never_leave_the_folder(
    registered: str, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "door.png").write_bytes(PNG)
    (folder / "text.jpg").write_bytes(b"not a picture")
    (tmp_path / "secret.png").write_bytes(PNG)
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    names = "door.png; ../secret.png; link.png; gone.jpg; text.jpg"
    file = filled(registered, tmp_path, door(**{"Photo files": names}))
    found = import_form(registered, file, "entry", ON, folder)
    assert found.photos == 1
    (bad,) = found.rejections
    assert bad["value"] == "../secret.png; link.png; gone.jpg; text.jpg"
    with reading() as session:
        photo = session.exec(select(ConditionPhoto)).one()
    assert read_file(photo.sha256) == PNG
    before = stored()
    import_form(registered, file, "entry", ON, folder)
    assert stored() == before
    (folder / "door.png").write_bytes(PNG + b"a better picture")
    import_form(registered, file, "entry", ON, folder)
    with reading() as session:
        photo = session.exec(select(ConditionPhoto)).one()
    assert read_file(photo.sha256).endswith(b"a better picture")


def test_a_form_written_before_the_register_grew_is_taken_in_and_the_rest_is_not_inspected(
    registered: str, tmp_path: Path
) -> None:
    file = filled(registered, tmp_path, everything_fine)
    assert import_form(registered, file, "entry", ON, dry_run=True).not_inspected == {}
    grown = factories.REGISTER["Component"]
    lift = dict(zip(grown[0], next(row for row in grown if row[0] == "LIFT-2"), strict=True))
    new = tuple((lift | {"Name": "LIFT-9"}).values())
    take_in_register(registered, factories.write_register(tmp_path / "grown.xlsx", Component=(*grown, new)))
    found = import_form(registered, file, "entry", ON)
    assert found.register_changed
    assert found.rejections == []
    assert found.looked > 0
    assert set(found.not_inspected) == {"lift"}
    assert not import_form(
        registered, filled(registered, tmp_path, everything_fine), "entry", ON
    ).not_inspected


def test_what_was_not_taken_is_listed_over_all_files(
    sqlite_registered: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import_form(
        sqlite_registered, filled(sqlite_registered, tmp_path, door(**{"Extent 1-5": "nine"})), "entry", ON
    )
    monkeypatch.setattr(sys, "argv", ["steward", "engagement", "quarantine", sqlite_registered, "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    (cell,) = [c for c in json.loads(capsys.readouterr().out) if c["source"] == "condition"]
    assert (cell["file"], cell["sheet"], cell["value"]) == ("form.xlsx", "Checks", "nine")
    assert cell["column"].startswith("Extent")


def test_the_entry_survey_is_fixed_once_the_plan_is_drafted(sqlite_registered: str, tmp_path: Path) -> None:
    import_form(sqlite_registered, filled(sqlite_registered, tmp_path, door()), "entry", ON)
    draft_plan.fn(factories.claim(sqlite_registered, CycleKind.DUE_DILIGENCE, "plan-1", ON))
    again = import_form(sqlite_registered, filled(sqlite_registered, tmp_path, door()), "entry", ON)
    assert again.replaced == []
    with pytest.raises(SurveyFixed, match="plan was drafted"):
        import_form(
            sqlite_registered, filled(sqlite_registered, tmp_path, door(**{"Extent 1-5": "1"})), "entry", ON
        )


def test_entry_and_exit_stand_side_by_side(registered: str, tmp_path: Path) -> None:
    def at_entry(rows: list[dict[str, str]]) -> None:
        everything_fine(rows)
        door()(rows)

    def at_exit(rows: list[dict[str, str]]) -> None:
        assert row_of(rows, "LIFT-CAR", "LIFT-2")["At entry"] == "5 bad: =1+1 door jerks"
        everything_fine(rows)
        row_of(rows, "FIRE-UNIT", "FIRE-1").update(DOOR)
        row_of(rows, "SEC-UNIT", "CAM-1").update({"Looked at": ""})

    import_form(registered, filled(registered, tmp_path, at_entry), "entry", ON)
    last = date(2027, 12, 20)
    import_form(registered, filled(registered, tmp_path, at_exit, "exit"), "exit", last)
    (new,) = findings("exit")
    assert (new.payer, new.payer_basis) == ("custodian", "arose_in_term")
    with reading() as session:
        engagement = session.exec(select(Engagement)).one()
        detail = survey_detail(session, engagement, "exit", last)
    table = detail_sections(detail, [], [new], voice_of(engagement))[-1].tables[0]
    assert {(row[1], row[3], row[4], row[5]) for row in table.rows} == {
        ("LIFT-2", "5 bad", "no defect", "repaired"),
        ("FIRE-1", "no defect", "5 bad", "new"),
        ("CAM-1", "no defect", "not inspected", "unknown"),
    }


def test_the_bundled_register_goes_round_and_the_command_answers_in_json(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from models.migrate import upgrade_database

    def steward(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["steward", *words])
        capsys.readouterr()
        try:
            main()
        except SystemExit as ended:
            assert not ended.code, capsys.readouterr().err
        return capsys.readouterr().out

    upgrade_database()
    code = factories.create_engagement(language="zh")
    take_in_register(code, build_workbook(tmp_path))
    set_simulated_date(code, TODAY)
    form = tmp_path / "survey.xlsx"
    steward("condition", "form", code, "--visit", "entry", "--out", str(form))
    rows = read_workbook(form)["Checks"]
    assert len(rows) > 400
    assert len({row[0] for row in rows}) == len(rows)
    options = ("--visit", "entry", "--on", "2026-10-24", "--dry-run", "--json")
    found: FormImport = json.loads(steward("condition", "import", code, str(form), *options))
    assert found["looked"] == 0  # type: ignore[index]
    assert sum(found["not_inspected"].values()) == len(rows) - 1  # type: ignore[index]
    assert "is it the filled one?" in steward("condition", "import", code, str(form), *options[:-1])
    assert json.loads(steward("condition", "show", code, "--visit", "entry", "--json")) == []
