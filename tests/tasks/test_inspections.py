"""Does a failed inspection become rework that passing again settles, and do pass rates count first looks? (B3, B4)"""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from models.db import reading
from models.inspection import QualityInspection
from models.rules.cycles import CycleKind
from models.work import WorkOrder
from tasks.engagements import set_simulated_date
from tasks.indicators import compute_indicators, figures_of
from tasks.inspections import (
    Inspected,
    InspectionRefused,
    SaidInspection,
    import_inspections,
    listed_inspections,
    record_inspection,
)
from tasks.quality_zones import due_inspections, sheets_of
from tasks.quarantine import quarantine_of
from tasks.work_records import FieldNote, complete_work
from tests import factories

WHO = "custodian-1"
GOOD = {"FLOOR": "95", "LITTER": "90", "GLASS": "80", "DUST": "80"}
BAD = GOOD | {"FLOOR": "40"}
HEAD = ("评分表", "区域", "时间", "人员编号", "评分项", "得分")


@pytest.fixture
def code(in_service: str) -> str:
    factories.open_the_month(in_service)
    set_simulated_date(in_service, date(2027, 1, 20))
    return in_service


def look(code: str, day: int, hour: int, marks: dict[str, str], **changes: str) -> Inspected:
    said = SaidInspection(
        changes.get("sheet", "QC-LOBBY"),
        changes.get("zone", "site"),
        changes.get("by", WHO),
        {name: Decimal(mark) for name, mark in marks.items()},
        factories.at(date(2027, 1, day), hour),
    )
    return record_inspection(code, said)


def order_of(number: int | None) -> WorkOrder:
    with reading() as session:
        return session.exec(select(WorkOrder).where(WorkOrder.id == number)).one()


def test_what_fails_becomes_rework_with_its_due_time_and_passing_again_settles_it(code: str) -> None:
    failed = look(code, 10, 1, BAD)
    assert (failed.passed, failed.below, failed.again) == (False, ("FLOOR",), False)
    rework = order_of(failed.rework)
    assert rework.series == "inspection:QC-LOBBY:2027-01-10T09:00"
    assert rework.respond_by == datetime(2027, 1, 10, 3, tzinfo=UTC), "two hours after the look"
    assert (rework.due_on, rework.state, rework.post_code) == (date(2027, 1, 10), "released", "cleaner")
    still = look(code, 10, 4, BAD)
    assert (still.again, still.rework) == (True, failed.rework), "one order until it is done"
    passed = look(code, 11, 1, GOOD)
    assert (passed.passed, passed.again, passed.closed) == (True, True, (failed.rework,))
    assert (order_of(failed.rework).state, order_of(failed.rework).done_on) == ("done", date(2027, 1, 11))
    assert listed_inspections(code, open_only=True) == []


def test_rework_that_was_recorded_as_done_and_fails_again_is_asked_for_anew(code: str) -> None:
    first = look(code, 10, 1, BAD)
    assert first.rework is not None
    complete_work(code, first.rework, FieldNote(WHO, date(2027, 1, 10)))
    assert [row["open"] for row in listed_inspections(code, open_only=True)] == ["yes"], "nobody looked again"
    second = look(code, 11, 1, BAD)
    assert second.again
    assert second.rework != first.rework
    third = look(code, 12, 1, GOOD)
    assert third.closed == (second.rework,)


def test_the_same_inspection_twice_is_one_and_other_marks_at_that_minute_are_refused(code: str) -> None:
    assert look(code, 10, 1, BAD).new
    again = look(code, 10, 1, BAD)
    assert (again.new, again.passed) == (False, False)
    with pytest.raises(InspectionRefused, match="was inspected by QC-LOBBY at that minute with other marks"):
        look(code, 10, 1, GOOD)
    with reading() as session:
        assert len(session.exec(select(QualityInspection)).all()) == 1
        orders = session.exec(select(WorkOrder.series).where(WorkOrder.subject == "corrective")).all()
    assert len([series for series in orders if series.startswith("inspection:")]) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sheet": "QC-POOL"}, "'QC-POOL' is no sheet of a zone of the plan; expected one of: QC-"),
        (
            {"zone": "ROOF"},
            "'ROOF' is not judged by QC-LOBBY; expected one of: site or a place of the register",
        ),
        ({"by": "Zhang San"}, "no reference of this engagement"),
    ],
)
def test_an_inspection_that_cannot_be_is_refused_in_words(
    code: str, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(InspectionRefused, match=said):
        look(code, 10, 1, GOOD, **changes)
    with pytest.raises(InspectionRefused, match="is to come"):
        look(code, 28, 1, GOOD)


def test_zones_are_due_by_their_interval_and_what_failed_comes_first(code: str) -> None:
    assert ("QC-LOBBY", "site") in {(row["sheet"], row["zone"]) for row in due_inspections(code)}
    look(code, 19, 1, GOOD)
    assert "QC-LOBBY" not in {row["sheet"] for row in due_inspections(code)}
    look(code, 19, 5, BAD)
    (again,) = (row for row in due_inspections(code) if row["sheet"] == "QC-LOBBY")
    assert (again["mode"], again["due"]) == ("again", "2027-01-20")
    every = due_inspections(code, everything=True)
    assert {row["sheet"] for row in every} >= {"QC-LOBBY", "QC-STAIRS", "QC-OUTDOOR", "QC-GREEN"}
    assert {row["criterion"] for row in sheets_of(code) if row["sheet"] == "QC-LOBBY"} == set(GOOD)


def test_where_the_plan_names_the_whole_site_a_place_is_followed_by_itself(code: str) -> None:
    failed = look(code, 19, 1, BAD, zone="1F-LOBBY")
    assert (order_of(failed.rework).target_kind, order_of(failed.rework).target_code) == ("place", "1F-LOBBY")
    look(code, 19, 2, GOOD, zone="B1-CAR")
    due = {
        (row["zone"], row["mode"])
        for row in due_inspections(code, everything=True)
        if row["sheet"] == "QC-LOBBY"
    }
    assert due == {("1F-LOBBY", "again"), ("site", "tightened")}, "the site was looked at, the lobby failed"
    assert look(code, 20, 1, GOOD, zone="1F-LOBBY").closed == (failed.rework,)
    due = {
        (row["zone"], row["due"])
        for row in due_inspections(code, everything=True)
        if row["sheet"] == "QC-LOBBY"
    }
    assert due == {("site", "2027-01-24")}, "half of seven days after the last look"


def write(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEAD, *rows])
    return path


def lines(at: str, marks: dict[str, str], zone: str = "site", by: str = WHO) -> list[tuple[str, ...]]:
    return [("QC-LOBBY", zone, at, by, criterion, mark) for criterion, mark in marks.items()]


def test_a_file_of_inspections_is_taken_in_the_order_of_time_once_and_bad_ones_are_named(
    code: str, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "looks.csv",
        *lines("2027-01-11 09:00", GOOD),
        *lines("2027-01-10 09:00", BAD),
        *lines("2027-01-12 09:00", GOOD | {"DUST": "120"}),
        *lines("2027-01-13", GOOD),
        *lines("2027-01-14 09:00", GOOD, zone="ROOF"),
        *lines("2027-01-15 09:00", {"FLOOR": "90"}),
        *lines("2027-01-16 09:00", GOOD, by="Zhang San"),
    )
    tried = import_inspections(code, path, dry_run=True)
    assert (tried.inspections, tried.recorded, tried.failed) == (7, 2, 1)
    assert listed_inspections(code) == []
    found = import_inspections(code, path)
    assert found == tried
    assert [(d.row, d.column) for d in found.doubts] == [
        (13, "mark"),
        (14, "at"),
        (18, "zone"),
        (22, "mark"),
        (23, "by"),
    ]
    assert "LITTER, GLASS, DUST of QC-LOBBY has no mark" in found.doubts[3].reason
    assert [row["look"] for row in listed_inspections(code)] == ["again", "first"]
    assert [row["rework_state"] for row in listed_inspections(code)] == ["", "done"]
    second = import_inspections(code, path)
    assert (second.recorded, second.as_before) == (0, 2)
    assert [cell.row for cell in quarantine_of(code) if cell.source == "inspection"] == [13, 14, 18, 22, 23]


def test_pass_rates_count_first_looks_only_and_none_is_no_data(code: str) -> None:
    look(code, 5, 1, GOOD)
    look(code, 10, 1, BAD)
    look(code, 11, 1, GOOD)
    set_simulated_date(code, date(2027, 2, 1))
    cycle = factories.claim(code, CycleKind.MONTH_CLOSE, "2027-01", date(2027, 2, 1))
    compute_indicators.fn(cycle)
    with reading() as session:
        figures = {f.code: f for f in figures_of(session, cycle.engagement_id, "2027-01")}
    cleaning = figures["cleaning_first_pass"]
    assert (cleaning.numerator, cleaning.denominator) == (Decimal(1), Decimal(2))
    greening = figures["greening_first_pass"]
    assert (greening.value, greening.state) == (None, "no_data")
