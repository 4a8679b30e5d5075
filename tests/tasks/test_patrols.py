"""Are patrol scans kept once, rounds judged by the version of their day, and missed points told once? (B5)"""

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from models.db import reading, writing
from models.errors import Terminal
from models.outbox import OutboxMail
from models.patrol import PatrolScan
from models.rules.cycles import CycleKind
from models.work import WorkOrder, WorkRecord
from tasks.engagements import find_engagement, set_simulated_date
from tasks.indicators import compute_indicators, figures_of
from tasks.patrol_alerts import tell_missed_patrols, tell_missed_patrols_everywhere
from tasks.patrol_routes import end_route, import_routes, listed_routes
from tasks.patrols import checked_rounds, import_scans, record_scan, spans_of
from tasks.quarantine import quarantine_of
from tasks.sheet_rows import SheetRefused
from tasks.work_records import FieldNote, complete_work
from tests import factories

GUARD = "staff-patrol_guard-1"
START = factories.TERM_START
HEAD = ("Route", "Name", "Point", "Place", "Minutes", "Windows")
NIGHT = (
    ("NIGHT", "Night round", "P1", "Gate", "20", "22:00-23:00; 02:00-03:00"),
    ("NIGHT", "", "P2", "Car park", "", ""),
    ("NIGHT", "", "P3", "Pump room", "15", ""),
)


def write(path: Path, head: tuple[str, ...], *rows: tuple[str, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    return path


@pytest.fixture
def code(in_service: str, tmp_path: Path) -> str:
    found = import_routes(in_service, write(tmp_path / "routes.csv", HEAD, *NIGHT), START)
    assert (found.new, found.doubts) == (("NIGHT",), ())
    set_simulated_date(in_service, date(2027, 1, 10))
    return in_service


def scans(folder: Path, *rows: tuple[str, ...]) -> Path:
    return write(folder / "reader.csv", ("巡更点", "时间", "人员编号"), *rows)


def walk(folder: Path, day: str, hour: str) -> Path:
    return scans(
        folder, *((point, f"{day} {hour}:{10 + k * 5}", GUARD) for k, point in enumerate(("P1", "P2", "P3")))
    )


def test_scans_are_taken_once_and_every_bad_row_is_named(code: str, tmp_path: Path) -> None:
    path = scans(
        tmp_path,
        ("P1", "2027-01-09 22:05", GUARD),
        ("P2", "2027-01-09 22:09:30", GUARD),
        ("P2", "2027-01-09 22:09:30", GUARD),
        ("P9", "2027-01-09 22:10", GUARD),
        ("P3", "2027-01-09", GUARD),
        ("P3", "2027-01-12 22:10", GUARD),
        ("P3", "2027-01-09 22:11", "Zhang San 13812345678"),
    )
    tried = import_scans(code, path, dry_run=True)
    assert (tried.recorded, tried.as_before, len(tried.doubts)) == (2, 1, 4)
    with reading() as session:
        assert session.exec(select(PatrolScan)).all() == []
    found = import_scans(code, path)
    assert (found.rows, found.recorded, found.as_before) == (7, 2, 1)
    assert [(d.row, d.column, d.value) for d in found.doubts] == [
        (5, "point", "P9"),
        (6, "at", "2027-01-09"),
        (7, "at", "2027-01-12 22:10"),
        (8, "by", ""),
    ]
    assert "expected one of: P1, P2, P3" in found.doubts[0].reason
    assert "is to come" in found.doubts[2].reason
    assert import_scans(code, path).recorded == 0
    assert [cell.row for cell in quarantine_of(code) if cell.source == "patrol"] == [5, 6, 7, 8]
    (round_,) = (
        r for r in checked_rounds(code, date(2027, 1, 9), date(2027, 1, 9)) if r["window"] == "22:00-23:00"
    )
    assert (round_["state"], round_["missed"], round_["in_window"]) == ("incomplete", ["P3"], 2)


def test_dates_that_can_be_read_in_two_ways_are_refused_until_somebody_says_which(
    code: str, tmp_path: Path
) -> None:
    path = scans(tmp_path, ("P1", "09/01/2027 22:05", GUARD))
    with pytest.raises(SheetRefused, match="--date-order"):
        import_scans(code, path)
    assert import_scans(code, path, date_order="dmy").recorded == 1
    with reading() as session:
        assert session.exec(select(PatrolScan.scanned_at)).one() == datetime(2027, 1, 9, 14, 5, tzinfo=UTC)


def test_one_scan_by_hand_is_refused_in_words_or_kept_once(code: str) -> None:
    at = factories.at(date(2027, 1, 9), 14, 5)
    with pytest.raises(Terminal, match="'P9' is on no patrol route; expected one of: P1, P2, P3"):
        record_scan(code, "P9", GUARD, at)
    with pytest.raises(Terminal, match="--by is no reference"):
        record_scan(code, "P1", "Zhang San", at)
    with pytest.raises(Terminal, match="--at 2027-02-09 22:05 is to come"):
        record_scan(code, "P1", GUARD, factories.at(date(2027, 2, 9), 14, 5))
    assert record_scan(code, "P1", GUARD, at, "door of 13812345678 open")
    assert not record_scan(code, "P1", GUARD, at)
    with reading() as session:
        assert "13812345678" not in session.exec(select(PatrolScan.note)).one()


def test_a_changed_route_holds_from_its_day_and_the_past_is_judged_as_before(
    code: str, tmp_path: Path
) -> None:
    changed = write(tmp_path / "changed.csv", HEAD, ("NIGHT", "Night round", "P1", "", "", "21:00-22:00"))
    with pytest.raises(Terminal, match="expected a day after 2027-01-10"):
        import_routes(code, changed, date(2027, 1, 10))
    assert import_routes(code, changed, dry_run=True).new == ("NIGHT",)
    assert import_routes(code, changed).new == ("NIGHT",)
    assert import_routes(code, changed).as_before == ("NIGHT",)
    assert {(r["from"], r["point"]) for r in listed_routes(code, date(2027, 1, 11))} == {("2027-01-11", "P1")}
    set_simulated_date(code, date(2027, 1, 12))
    rounds = checked_rounds(code, date(2027, 1, 9), date(2027, 1, 12))
    assert [(r["day"][-2:], r["window"], r["points"]) for r in rounds] == [
        ("09", "02:00-03:00", 3),
        ("09", "22:00-23:00", 3),
        ("10", "02:00-03:00", 3),
        ("10", "22:00-23:00", 3),
        ("11", "21:00-22:00", 1),
        ("12", "21:00-22:00", 1),
    ]
    assert end_route(code, "NIGHT", date(2027, 1, 14))
    assert not end_route(code, "NIGHT", date(2027, 1, 14))
    set_simulated_date(code, date(2027, 1, 20))
    assert {r["day"] for r in checked_rounds(code, date(2027, 1, 12), date(2027, 1, 20))} == {
        "2027-01-12",
        "2027-01-13",
    }


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        (("NIGHT2", "", "P1", "", "", "soon"), "windows", "no list of times"),
        (("NIGHT2", "", "", "", "", "22:00-23:00"), "point", "code of a point"),
        (("NIGHT2", "", "P1", "", "-3", "22:00-23:00"), "minutes", "whole number"),
        (("NIGHT2", "", "P1", "", "", ""), "windows", "is empty"),
        (("", "", "P1", "", "", "22:00-23:00"), "route", "code of a route"),
    ],
)
def test_a_route_with_a_bad_row_is_not_taken_and_the_good_one_is(
    in_service: str, tmp_path: Path, row: tuple[str, ...], column: str, said: str
) -> None:
    found = import_routes(in_service, write(tmp_path / "routes.csv", HEAD, *NIGHT, row), START)
    assert found.new == ("NIGHT",)
    assert [(doubt.row, doubt.column) for doubt in found.doubts] == [(5, column)]
    assert said in found.doubts[0].reason
    assert {r["route"] for r in listed_routes(in_service)} == {"NIGHT"}


def test_missed_points_are_told_once_for_each_round_and_not_before_late_scans_can_count(
    code: str, tmp_path: Path
) -> None:
    import_scans(code, walk(tmp_path, "2027-01-10", "02"))
    after = datetime(2027, 1, 10, 23, 59, tzinfo=UTC) - timedelta(hours=8)  # 23:59 in Shanghai
    told = tell_missed_patrols(code, after)
    assert "NIGHT 2027-01-10 22:00" not in told, "its window ended an hour ago at most"
    assert "NIGHT 2027-01-10 02:00" not in told, "it was walked"
    assert told[-1] == "NIGHT 2027-01-09 22:00"
    assert tell_missed_patrols(code, after) == []
    assert tell_missed_patrols(code, after + timedelta(minutes=1)) == ["NIGHT 2027-01-10 22:00"]
    with reading() as session:
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "patrol-missed")).all()
    assert len({mail.period for mail in mails}) == 2
    assert ["NIGHT 2027-01-10 22:00", "not walked: P1, P2, P3"] in [
        fact for mail in mails for fact in mail.body["facts"]
    ]


def test_the_clockwork_tells_of_engagements_with_a_clock_of_their_own_and_leaves_demonstrations_alone(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tell_missed_patrols_everywhere.fn() == []
    with writing() as session:
        engagement = find_engagement(session, code)
        engagement.simulated_on = None
        session.add(engagement)
    monkeypatch.setattr("tasks.engagements.utc_now", lambda: factories.at(date(2027, 1, 10), 0))
    assert tell_missed_patrols_everywhere.fn() == [(code, 6)], "three days of two rounds each"
    assert tell_missed_patrols_everywhere.fn() == []


def completion(code: str) -> tuple[Decimal, Decimal | None, str]:
    cycle = factories.claim(code, CycleKind.MONTH_CLOSE, "2027-01", date(2027, 2, 1))
    compute_indicators.fn(cycle)
    with reading() as session:
        (figure,) = (
            f for f in figures_of(session, cycle.engagement_id, "2027-01") if f.code == "patrol_completion"
        )
        return figure.numerator, figure.denominator, figure.state


def test_patrol_completion_counts_complete_rounds_of_those_due(code: str, tmp_path: Path) -> None:
    for day in ("2027-01-05", "2027-01-06", "2027-01-07"):
        import_scans(code, walk(tmp_path, day, "22"))
    set_simulated_date(code, date(2027, 2, 1))
    assert completion(code) == (Decimal(3), Decimal(62), "missed")


def test_without_routes_and_orders_patrol_completion_is_no_data(in_service: str) -> None:
    set_simulated_date(in_service, date(2027, 2, 1))
    assert completion(in_service) == (Decimal(0), Decimal(0), "no_data")


PLANNED = (*HEAD, "Planned work")


def planned_route(code: str, folder: Path, series: str = "SEC-PATROL-NIGHT") -> None:
    rows = [(*NIGHT[0], series), *((*row, "") for row in NIGHT[1:])]
    found = import_routes(code, write(folder / "planned.csv", PLANNED, *rows), date(2027, 1, 11))
    assert (found.new, found.doubts) == (("NIGHT",), ())
    factories.open_the_month(code)
    set_simulated_date(code, date(2027, 1, 14))


def order_of(code: str, day: date) -> WorkOrder:
    with reading() as session:
        return session.exec(
            select(WorkOrder).where(WorkOrder.series == "SEC-PATROL-NIGHT", WorkOrder.due_on == day)
        ).one()


def test_the_planned_patrol_is_done_once_every_round_of_its_day_is_complete(
    code: str, tmp_path: Path
) -> None:
    planned_route(code, tmp_path)
    early = import_scans(code, walk(tmp_path, "2027-01-12", "02"))
    assert (early.recorded, early.settled) == (3, 0)
    assert order_of(code, date(2027, 1, 12)).state == "released"
    night = import_scans(code, walk(tmp_path, "2027-01-12", "22"))
    assert (night.recorded, night.settled) == (3, 1)
    order = order_of(code, date(2027, 1, 12))
    assert (order.state, order.done_on) == ("done", date(2027, 1, 12))
    with reading() as session:
        record = session.exec(select(WorkRecord).where(WorkRecord.work_order_id == order.id)).one()
    assert (record.staff_ref, record.note, record.late_entry) == (
        GUARD,
        "NIGHT 02:00-03:00; NIGHT 22:00-23:00",
        True,
    )
    assert import_scans(code, walk(tmp_path, "2027-01-12", "22")).settled == 0
    assert order_of(code, date(2027, 1, 11)).state == order_of(code, date(2027, 1, 13)).state == "released"


def test_a_patrol_recorded_by_hand_stays_as_it_was_recorded(code: str, tmp_path: Path) -> None:
    planned_route(code, tmp_path)
    order = order_of(code, date(2027, 1, 12))
    complete_work(code, order.id or 0, FieldNote(GUARD, on=date(2027, 1, 12), note="by hand"))
    import_scans(code, walk(tmp_path, "2027-01-12", "02"))
    assert import_scans(code, walk(tmp_path, "2027-01-12", "22")).settled == 0
    with reading() as session:
        assert session.exec(select(WorkRecord.note).where(WorkRecord.work_order_id == order.id)).all() == [
            "by hand"
        ]


def test_a_route_cannot_be_work_that_the_plan_does_not_know(code: str, tmp_path: Path) -> None:
    rows = [(*NIGHT[0], "SEC-NONE"), *((*row, "") for row in NIGHT[1:])]
    found = import_routes(code, write(tmp_path / "planned.csv", PLANNED, *rows), date(2027, 1, 11))
    assert found.new == ()
    assert found.doubts[0].column == "series"
    assert "expected one of: SEC-PATROL-DAY, SEC-PATROL-NIGHT" in found.doubts[0].reason


def test_scans_of_far_apart_days_judge_the_days_around_them_alone() -> None:
    march, june = date(2027, 3, 1), date(2027, 6, 1)
    found = spans_of([june, march, march + timedelta(days=2), march + timedelta(days=5)])
    assert found == [(march, march + timedelta(days=5)), (june, june)]
