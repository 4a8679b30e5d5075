"""Does a counted handover list come back row by row, and does a count stand? (C4)"""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from models.errors import Terminal
from models.rules.cycles import ONCE, CycleKind
from models.rules.elements import ElementClass
from models.rules.handover_items import standard_items
from tasks.engagements import set_simulated_date
from tasks.evaluation import open_evaluation
from tasks.handover import list_handover_items, uncounted_items
from tasks.return_count import counting_sheet, handover_list, import_count
from tasks.spare_stock import keep_part
from tests import factories

TODAY = date(2027, 12, 31)


@pytest.fixture
def listed(in_service: str) -> str:
    """The handover list is drawn up, nothing is counted."""
    open_evaluation.fn(factories.claim(in_service, CycleKind.JOINT_EVALUATION, ONCE, date(2027, 12, 11)))
    list_handover_items.fn(factories.claim(in_service, CycleKind.HANDOVER_OPEN, ONCE, date(2027, 12, 21)))
    set_simulated_date(in_service, TODAY)
    return in_service


def _filled(code: str, path: Path, *answers: tuple[str, str]) -> Path:
    """The sheet as it goes out, with state and remark in its first rows."""
    path.write_bytes(counting_sheet(code))
    book = load_workbook(path)
    sheet = book.worksheets[0]
    head = next(row for row in range(1, 6) if sheet.cell(row, 2).value in ("Ref", "编号"))
    for number, (state, remark) in enumerate(answers, start=head + 1):
        sheet.cell(number, 4).value, sheet.cell(number, 6).value = state, remark
    book.save(path)
    return path


def test_the_sheet_that_went_out_comes_back_and_is_counted_once(listed: str, tmp_path: Path) -> None:
    before, rows = len(uncounted_items(listed)), len(handover_list(listed, open_only=True))
    assert rows > before, "fees that were not paid stand on it too"
    path = _filled(
        listed, tmp_path / "count.xlsx", ("yes", ""), ("disputed", "door of the cabinet is missing")
    )
    assert import_count(listed, path, dry_run=True).recorded == 2
    assert len(uncounted_items(listed)) == before
    found = import_count(listed, path)
    assert (found.rows, found.recorded, found.not_taken) == (rows, 2, 0)
    again = import_count(listed, path)
    assert (again.recorded, again.not_taken) == (0, 0)
    counted = [one for one in handover_list(listed) if one["returned"]]
    assert sorted((one["state"], one["returned"], one["remark"]) for one in counted) == [
        ("disputed", TODAY, "door of the cabinet is missing"),
        ("returned", TODAY, ""),
    ]
    assert len(uncounted_items(listed)) == before - 2
    assert len(handover_list(listed, open_only=True)) == rows - 2


def test_rows_that_say_nothing_clear_are_kept_apart(listed: str, tmp_path: Path) -> None:
    found = import_count(
        listed, _filled(listed, tmp_path / "count.xlsx", ("maybe", ""), ("disputed", ""), ("是", ""))
    )
    assert found.recorded == 1
    assert [(doubt.column, doubt.reason.split()[0]) for doubt in found.doubts] == [
        ("state", "expected"),
        ("remark", "a"),
    ]


def test_what_was_counted_stands_against_a_later_sheet(listed: str, tmp_path: Path) -> None:
    path = _filled(listed, tmp_path / "first.xlsx", ("yes", ""))
    later = _filled(listed, tmp_path / "later.xlsx", ("disputed", "scratched"))
    import_count(listed, path)
    found = import_count(listed, later)
    assert found.recorded == 0
    assert "which stands" in found.doubts[0].reason


def test_a_dispute_is_settled_by_a_later_sheet_that_says_how(listed: str, tmp_path: Path) -> None:
    sheets = [
        _filled(listed, tmp_path / f"{number}.xlsx", answer)
        for number, answer in enumerate(
            [("disputed", "key is missing"), ("yes", ""), ("yes", "key was found")]
        )
    ]
    import_count(listed, sheets[0])
    silent = import_count(listed, sheets[1])
    assert (silent.recorded, silent.doubts[0].column) == (0, "remark")
    assert import_count(listed, sheets[2]).recorded == 1
    (settled,) = [one for one in handover_list(listed) if one["remark"]]
    assert (settled["state"], settled["remark"]) == ("returned", "key was found")


def test_a_count_of_a_day_to_come_is_refused(listed: str, tmp_path: Path) -> None:
    path = _filled(listed, tmp_path / "count.xlsx", ("yes", ""))
    with pytest.raises(Terminal, match="lies ahead"):
        import_count(listed, path, on=date(2028, 1, 1))


def test_before_the_handover_there_is_no_list(in_service: str) -> None:
    assert handover_list(in_service) == []
    with pytest.raises(Terminal, match="no handover list yet"):
        counting_sheet(in_service)


def test_money_and_meters_come_back_with_a_figure_or_as_none_the_property_has(
    listed: str, tmp_path: Path
) -> None:
    keep_part(listed, "rope", "Hoist rope", "m", 30, Decimal(5))
    path = tmp_path / "count.csv"
    path.write_text(
        "类别,编号,交还情况,数值\n"
        '资金,deposits,是,"12,840.50"\n'
        "资金,receivables,是,\n"
        "计量读数,water,是,about 300\n"
        "计量读数,power,是,1e9\n"
        "资金,rent-deposits,无,\n"
        "设施设备,CAM-1,无,\n"
        "资金,no-such,是,1\n"
        "用房、钥匙与工具,stock rope,是,18\n",
        encoding="utf-8",
    )
    found = import_count(listed, path)
    assert [(doubt.row, doubt.column, doubt.reason.split(",")[0]) for doubt in found.doubts] == [
        (3, "figure", "expected the amount or the reading"),
        (4, "figure", "expected a plain number"),
        (5, "figure", "expected a plain number"),
        (7, "state", "an item that was received is given back or in dispute"),
        (8, "ref", "is no money of the handover list"),
    ]
    rows = {row["ref"]: row for row in handover_list(listed) if row["kind"] == "money"}
    assert (rows["deposits"]["figure"], rows["deposits"]["state"]) == ("12840.50 CNY", "returned")
    assert (rows["rent-deposits"]["state"], rows["rent-deposits"]["condition"]) == (
        "returned",
        "none here",
    )
    assert rows["receivables"]["state"] == "listed"
    (rope,) = [row for row in handover_list(listed) if row["ref"] == "stock rope"]
    assert (rope["item"], rope["figure"]) == ("Spare part: Hoist rope", "18 m")


def test_what_is_asked_goes_by_kind_of_property_form_of_contract_and_what_is_there() -> None:
    def refs(*asked: Any) -> set[str]:
        return {one.ref for one in standard_items(*asked)}

    offices = refs("office", "lump_sum", frozenset())
    homes = refs("residential", "cost_plus_fee", frozenset({ElementClass.LIFT, ElementClass.FIRE}))
    assert "rent-deposits" in offices - homes
    assert {"maintenance-fund", "committee-room", "unspent", "lift-keys", "fire-room"} <= homes - offices
