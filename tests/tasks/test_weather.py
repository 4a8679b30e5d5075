"""Is work left out or moved for the weather with its reason, taken back whole, and not counted as missed? (B3, B4)"""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from models.db import reading
from models.errors import Terminal
from models.occurrence import Occurrence
from models.work import WorkOrder
from tasks.engagements import engagement_id, find_engagement, set_simulated_date
from tasks.occurrence_changes import skip_occurrence
from tasks.quarantine import quarantine_of
from tasks.weather import SaidWeather, import_weather, listed_weather, record_weather
from tasks.weather_changes import apply_weather, listed_changes, undo_weather
from tasks.work_orders import count_orders
from tasks.work_records import FieldNote, start_work
from tests import factories

MAY = date(2027, 5, 1)
GAUGE = "gauge at the gate"


@pytest.fixture
def code(in_service: str) -> str:
    factories.open_the_month(in_service, "2027-05")
    set_simulated_date(in_service, MAY)
    return in_service


def work(activity: str, ordinal: int | None = None) -> tuple[Occurrence, WorkOrder]:
    """The first occurrence of an activity in May, and its order."""
    with reading() as session:
        rows = session.exec(
            select(Occurrence)
            .where(Occurrence.commitment_code == activity, Occurrence.nominal_on >= MAY)
            .order_by(Occurrence.ordinal)
        ).all()
        found = rows[0] if ordinal is None else next(row for row in rows if row.ordinal == ordinal)
        orders = session.exec(
            select(WorkOrder).where(WorkOrder.series == activity, WorkOrder.ordinal == found.ordinal)
        ).all()
        return found, orders[0]


def rains(code: str, day: date, mm: str, wind: str = "", frost: bool = False) -> bool:
    return record_weather(code, SaidWeather(day, Decimal(mm), Decimal(wind) if wind else None, frost, GAUGE))


def counted(code: str) -> tuple[int, int]:
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return count_orders(session, key, MAY, date(2027, 5, 31), ("greening",))


def test_watering_is_left_out_after_rain_once_and_taken_back_whole(code: str) -> None:
    before, order = work("GREEN-SITE-WATER")
    due = before.due_on
    set_simulated_date(code, due)
    rains(code, due, "14")
    all_orders = counted(code)
    tried = apply_weather(code, due, dry_run=True)
    assert [change.act for change in tried] == ["skip"]
    assert work("GREEN-SITE-WATER")[0].state == "released"
    assert apply_weather(code, due) == tried
    assert apply_weather(code, due) == []
    after, skipped = work("GREEN-SITE-WATER", before.ordinal)
    assert (after.state, skipped.state) == ("skipped", "skipped")
    assert skipped.reason == "weather: enough rain, no watering (14 mm in 3 days) [RAIN-WATER]"
    assert counted(code) == (all_orders[0], all_orders[1] - 1), "neither done nor due"
    undone, left = undo_weather(code, due, dry_run=True)
    assert (len(undone), left) == (1, [])
    assert work("GREEN-SITE-WATER", before.ordinal)[0].state == "skipped"
    undo_weather(code, due)
    again, reopened = work("GREEN-SITE-WATER", before.ordinal)
    assert (again.state, again.reason, reopened.state, reopened.reason) == ("released", "", "released", "")
    assert (reopened.id, counted(code)) == (order.id, all_orders)
    assert undo_weather(code, due) == ([], [])
    assert [change.act for change in apply_weather(code, due)] == ["skip"], "it may be applied anew"
    assert [row["taken_back"] != "" for row in listed_changes(code)] == [False, True]


def test_spraying_moves_within_its_window_with_its_order_and_back(code: str) -> None:
    before, order = work("GREEN-SITE-PEST")
    due = before.due_on
    assert before.latest_on > due, "monthly work has a window"
    set_simulated_date(code, due)
    rains(code, due, "0", wind="9")
    (change,) = (c for c in apply_weather(code, due) if c.series.startswith("GREEN-SITE-PEST"))
    assert change.act == "move"
    moved, moved_order = work("GREEN-SITE-PEST", before.ordinal)
    assert (moved.due_on, moved_order.due_on, moved_order.id) == (change.to_on, change.to_on, order.id)
    assert due < moved.due_on <= before.latest_on == moved.latest_on
    assert "9 m/s" in moved.reason
    assert moved_order.reason == "", "work that is moved is still counted"
    undo_weather(code, due)
    back, back_order = work("GREEN-SITE-PEST", before.ordinal)
    assert (back.due_on, back_order.due_on, back.reason) == (due, due, "")


def test_work_never_moves_to_the_day_of_the_next_of_its_series_or_past_it(code: str) -> None:
    before, _order = work("GREEN-SITE-WATER")
    following, _later = work("GREEN-SITE-WATER", before.ordinal + 1)
    assert following.due_on <= before.latest_on, "its window reaches beyond the next"
    set_simulated_date(code, before.due_on)
    for days in range((following.due_on - before.due_on).days):
        rains(code, before.due_on + timedelta(days=days), "0", frost=True)
    (change,) = (c for c in apply_weather(code, before.due_on) if c.series.startswith("GREEN-SITE-WATER"))
    assert (change.act, change.to_on) == ("stay", None)
    assert work("GREEN-SITE-WATER", before.ordinal)[0].due_on == before.due_on


def test_what_somebody_has_begun_is_left_alone(code: str) -> None:
    before, order = work("GREEN-SITE-WATER")
    set_simulated_date(code, before.due_on)
    start_work(code, order.id or 0, FieldNote("custodian-1", before.due_on))
    rains(code, before.due_on, "30")
    assert [c for c in apply_weather(code, before.due_on) if c.series.startswith("GREEN-SITE-WATER")] == []


def test_a_change_whose_window_is_over_is_not_taken_back(code: str) -> None:
    before, _order = work("GREEN-SITE-WATER")
    set_simulated_date(code, before.due_on)
    rains(code, before.due_on, "14")
    apply_weather(code, before.due_on)
    set_simulated_date(code, date(2027, 5, 28))
    undone, (why,) = undo_weather(code, before.due_on)
    assert undone == []
    assert f"counted up to {before.latest_on}, which has passed" in why


def test_weather_excuses_no_work_of_long_ago_and_its_reason_cannot_be_borrowed(code: str) -> None:
    set_simulated_date(code, date(2027, 5, 20))
    with pytest.raises(Terminal, match="expected days from 2027-05-13 to 2027-06-04"):
        apply_weather(code, date(2027, 5, 12))
    found, _order = work("GREEN-SITE-WATER")
    for reason in ("Weather: lazy", "plan amended: no"):
        with pytest.raises(Terminal, match="as only what the product itself calls off does"):
            skip_occurrence(code, found.series, found.ordinal, reason)


def test_a_corrected_day_counts_as_last_said_and_the_same_again_is_one(code: str) -> None:
    assert rains(code, MAY, "14")
    assert not rains(code, MAY, "14")
    assert rains(code, MAY, "1")
    assert rains(code, MAY, "14"), "back to what was said first is a change too"
    (row,) = listed_weather(code)
    assert (row["rain_mm"], row["entries"], row["kind"]) == ("14", 3, "measured")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (SaidWeather(MAY, Decimal(-1), None, False, GAUGE), "--rain is no rainfall"),
        (SaidWeather(MAY, Decimal("NaN"), None, False, GAUGE), "--rain is no rainfall"),
        (SaidWeather(MAY, Decimal(0), Decimal(400), False, GAUGE), "--wind is no wind speed"),
        (SaidWeather(date(2027, 6, 1), Decimal(0), None, False, GAUGE), "is outside what is kept"),
        (SaidWeather(MAY, Decimal(0), None, False, " "), "--source is empty"),
    ],
)
def test_weather_that_cannot_be_is_refused_in_words(code: str, said: SaidWeather, why: str) -> None:
    with pytest.raises(Terminal, match=why):
        record_weather(code, said)
    assert listed_weather(code) == []


def test_good_days_of_a_file_are_kept_once_and_bad_ones_named(code: str, tmp_path: Path) -> None:
    path = tmp_path / "may.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [
                ("日期", "降雨量", "最大风速", "霜冻", "来源"),
                ("2027-05-01", "12.5", "6", "否", GAUGE),
                ("2027-04-30", "0", "", "是", GAUGE),
                ("2027-05-01", "3", "", "", GAUGE),
                ("2027-04-29", "wet", "", "", GAUGE),
                ("2027-04-28", "1", "", "perhaps", GAUGE),
                ("2027-04-27", "1", "", "", ""),
                ("03/04/2027", "1", "", "", GAUGE),
            ]
        )
    tried = import_weather(code, path, dry_run=True)
    assert listed_weather(code) == []
    found = import_weather(code, path)
    assert (found.recorded, found.as_before) == (tried.recorded, tried.as_before) == (2, 0)
    assert [(d.row, d.column) for d in found.doubts] == [
        (4, "day"),
        (5, "rain"),
        (6, "frost"),
        (7, "source"),
        (8, "day"),
    ]
    again = import_weather(code, path)
    assert (again.recorded, again.as_before) == (0, 2)
    assert len([cell for cell in quarantine_of(code) if cell.source == "weather"]) == 5
