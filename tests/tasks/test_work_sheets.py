"""Does a sheet go into the field and come back, row by row, once, whatever was written on it? (B2-B5)"""

import io
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from pypdf import PdfReader

from models.errors import Terminal
from models.rules.work_sheet import CHECK_COLUMNS, CHECK_REQUIRED, WORK_COLUMNS, sheet_mark
from reports.code_labels import order_code
from reports.pdf import render_pdf
from tasks.asset_ledger import asset_labels_of
from tasks.engagements import set_simulated_date
from tasks.quarantine import quarantine_of
from tasks.sheet_rows import SheetRefused, read_table
from tasks.work_records import WorkRefused
from tasks.work_sheets import import_work, work_sheet
from tasks.work_views import listed_work, shown_order
from tests import factories
from tests.reports.test_photographs import jpeg

WHO = "custodian-1"


@pytest.fixture
def code(in_service: str) -> str:
    factories.open_the_month(in_service)
    set_simulated_date(in_service, date(2027, 1, 20))
    return in_service


def blank(code: str, folder: Path) -> list[dict[str, str]]:
    """The rows of the technician's sheet as a reader sees them."""
    workbook, _pack, orders = work_sheet(code, "technician", "2027-01")
    path = folder / "blank.xlsx"
    path.write_bytes(workbook)
    rows = [row.cells for row in read_table(path, WORK_COLUMNS, ("order", "target")).rows]
    assert len(rows) == orders > 5
    return rows


def filled(
    folder: Path,
    rows: list[dict[str, str]],
    name: str = "filled.xlsx",
    checks: list[dict[str, str]] | None = None,
) -> Path:
    """A workbook with these rows, as a spreadsheet would keep it."""
    path = folder / name
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        for title, columns, told in (("Work", WORK_COLUMNS, rows), ("Rounds", CHECK_COLUMNS, checks)):
            if told is None:
                continue
            sheet = book.add_worksheet(title)
            for place, column in enumerate(columns):
                sheet.write_string(0, place, column.en)
                for number, row in enumerate(told, start=1):
                    sheet.write_string(number, place, row.get(column.key, ""))
    return path


def round_checks(folder: Path) -> list[dict[str, str]]:
    """What the written workbook asks about on rounds."""
    return [row.cells for row in read_table(folder / "blank.xlsx", CHECK_COLUMNS, CHECK_REQUIRED).rows]


def test_a_filled_sheet_is_recorded_once(code: str, tmp_path: Path) -> None:
    rows = blank(code, tmp_path)
    (tmp_path / "pump.jpg").write_bytes(jpeg())
    rows[0] |= {"result": "passed", "by": WHO, "done": "2027-01-05", "time": "09:30", "hours": "0.5", "photos": "pump.jpg"}  # fmt: skip
    rows[1] |= {"result": "无法完成", "by": WHO, "reason": "no key"}
    path = filled(tmp_path, rows)
    dry = import_work(code, path, tmp_path, dry_run=True)
    assert (dry.recorded, dry.sent_back) == (1, 1)
    assert shown_order(code, int(rows[0]["order"]))["records"] == []
    first = import_work(code, path, tmp_path)
    assert (first.rows, first.recorded, first.sent_back, first.not_taken) == (len(rows), 1, 1, 0)
    assert first.empty == len(rows) - 2
    again = import_work(code, path, tmp_path)
    assert (again.recorded, again.sent_back, again.as_before) == (0, 0, 2)
    (record,) = shown_order(code, int(rows[0]["order"]))["records"]
    assert (record["done"], record["by"], record["hours"]) == ("2027-01-05 09:30", WHO, "0.50")
    assert record["photos"]
    back = next(row for row in listed_work(code) if row["order"] == int(rows[1]["order"]))
    assert "sent back" in back["state"]
    assert "no key" in back["state"]


def test_bad_rows_are_named_with_column_and_expectation_and_good_ones_kept(code: str, tmp_path: Path) -> None:
    rows = blank(code, tmp_path)[:8]
    good = {"result": "done", "by": WHO, "done": "2027-01-19"}
    changes = [
        good,
        good | {"result": "perhaps"},
        good | {"by": "Wang Xiaoming"},
        good | {"done": "2027-02-19"},
        good | {"time": "25:00"},
        good | {"hours": "-3"},
        good | {"target": "LIFT-9"},
        good | {"result": "not possible"},
    ]
    rows = [row | change for row, change in zip(rows, changes, strict=True)]
    rows += [{"order": "999999", "target": "x"} | good, dict(rows[0])]
    found = import_work(code, filled(tmp_path, rows), None)
    assert found.recorded == 1
    assert [(doubt.row, doubt.column) for doubt in found.doubts] == [
        (3, "result"),
        (4, "by"),
        (5, "done"),
        (6, "time"),
        (7, "hours"),
        (8, "target"),
        (9, "reason"),
        (10, "order"),
        (11, "order"),
    ]
    kept = [cell for cell in quarantine_of(code) if cell.source == "work"]
    assert len(kept) == 9
    assert not any("Wang" in cell.value + cell.expected for cell in kept)


def test_a_row_for_work_recorded_otherwise_is_doubted_and_changes_nothing(code: str, tmp_path: Path) -> None:
    rows = blank(code, tmp_path)[:1]
    rows[0] |= {"result": "done", "by": WHO, "done": "2027-01-19"}
    import_work(code, filled(tmp_path, rows))
    rows[0]["result"] = "failed"
    found = import_work(code, filled(tmp_path, rows, "other.xlsx"))
    (doubt,) = found.doubts
    assert "steward work correct" in doubt.reason
    assert [r["outcome"] for r in shown_order(code, int(rows[0]["order"]))["records"]] == ["done"]


def test_a_missing_picture_is_named_and_the_row_is_taken(code: str, tmp_path: Path) -> None:
    rows = blank(code, tmp_path)[:1]
    rows[0] |= {"result": "done", "by": WHO, "photos": "../secret.jpg"}
    found = import_work(code, filled(tmp_path, rows), tmp_path)
    assert (found.recorded, found.not_taken, found.doubts[0].column) == (1, 0, "photos")


def test_a_sheet_of_another_engagement_or_another_table_is_refused(code: str, tmp_path: Path) -> None:
    rows = blank(code, tmp_path)[:1]
    rows[0] |= {"result": "done", "by": WHO, "sheet": sheet_mark("OTHER")}
    with pytest.raises(WorkRefused, match=r"filled\.xlsx, row 2, column Sheet: 'OTHER:work:1'"):
        import_work(code, filled(tmp_path, rows))
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SheetRefused, match="holds the columns"):
        import_work(code, other)


def test_a_round_comes_back_with_what_it_saw_at_each_machine(code: str, tmp_path: Path) -> None:
    rows = blank(code, tmp_path)
    checks = round_checks(tmp_path)
    first = next(check for check in checks if check["item"] == "WS-PRESS")
    assert (first["asset"], first["limits"]) == ("PUMP-1", "0.20-0.60 MPa")
    row = next(row for row in rows if row["order"] == first["order"])
    row |= {"result": "done", "by": WHO, "done": row["due"]}
    first["answer"] = "a lot"
    mine = [check for check in checks if check["order"] == first["order"] and check["item"] == "WS-LEAK"]
    mine[0]["answer"] = "合格"
    held = import_work(code, filled(tmp_path, rows, checks=checks))
    assert (held.recorded, held.not_taken) == (0, 1), "an order is recorded whole"
    assert [(doubt.column, doubt.value) for doubt in held.doubts] == [("answer (rounds)", "a lot")]
    first["answer"] = "0.75"
    path = filled(tmp_path, rows, "mended.xlsx", checks)
    assert import_work(code, path).recorded == 1
    assert import_work(code, path).as_before == 1
    (record,) = shown_order(code, int(first["order"]))["records"]
    assert "PUMP-1 WS-PRESS 0.75 MPa (out)" in record["reading"]
    assert any(
        r["target"] == "PUMP-1" and "0.75 MPa" in r["title"]
        for r in listed_work(code, until=date(2027, 2, 28))
    )


def test_checks_of_a_round_without_a_result_are_named(code: str, tmp_path: Path) -> None:
    rows, checks = blank(code, tmp_path), round_checks(tmp_path)
    checks[0]["answer"] = "passed"
    found = import_work(code, filled(tmp_path, rows, checks=checks))
    (doubt,) = found.doubts
    assert (doubt.row, "has no result on the first sheet" in doubt.reason) == (2, True)


def test_a_scanned_code_stands_for_the_number_of_its_order(code: str, tmp_path: Path) -> None:
    rows = blank(code, tmp_path)[:2]
    number = int(rows[0]["order"])
    rows[0] |= {"order": order_code(code, number), "result": "done", "by": WHO}
    rows[1] |= {"order": order_code("OTHER", 1), "result": "done", "by": WHO}
    found = import_work(code, filled(tmp_path, rows))
    assert (found.recorded, [doubt.column for doubt in found.doubts]) == (1, ["order"])
    assert shown_order(code, number)["state"] == "done"


def test_the_paper_has_a_code_for_each_order_and_the_machines_have_labels(code: str) -> None:
    _workbook, pack, orders = work_sheet(code, "technician", "2027-01")
    codes = [photo for section in pack.sections for photo in section.photographs]
    assert len(codes) == orders
    assert len({photo.png for photo in codes}) == orders
    labels, count = asset_labels_of(code)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(labels))).pages)
    assert count == 7
    assert "LIFT-1" in text


def test_the_paper_shows_every_order_and_an_unknown_post_is_refused(code: str) -> None:
    _workbook, pack, orders = work_sheet(code, "technician", "2027-01")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(pack))).pages)
    assert "Work sheet" in text
    assert len(pack.sections[0].tables[0].rows) == orders
    with pytest.raises(Terminal, match="'nobody' is no post of the plan; expected one of"):
        work_sheet(code, "nobody", "2027-01")
    with pytest.raises(Terminal, match="'13' is no month"):
        work_sheet(code, "technician", "13")
