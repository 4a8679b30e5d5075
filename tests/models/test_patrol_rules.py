"""Is a round judged by its window, over midnight and clock changes too, and are points missed, late, out of order? (B5)"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.rules.file_values import ValueDoubted
from models.rules.patrols import (
    DayWindow,
    JudgedRound,
    PointState,
    RoundState,
    RoutePoint,
    Scan,
    judge_rounds,
    read_windows,
    rounds_between,
)

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2027, 1, 20)
POINTS = (RoutePoint("P1", minutes=20), RoutePoint("P2"), RoutePoint("P3", minutes=10))
NIGHT = read_windows("22:00-23:00; 23:30-00:30; 02:00-03:00")


def wall(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)


def judged(scans: list[tuple[str, datetime]], now: datetime | None = None) -> list[JudgedRound]:
    rounds = rounds_between("NIGHT", POINTS, NIGHT, (DAY, DAY), ZONE)
    return judge_rounds(rounds, [Scan(point, at, "guard-1") for point, at in scans], now)


def of(found: list[JudgedRound], hour: int) -> JudgedRound:
    return next(one for one in found if one.round.window.starts.hour == hour)


def test_a_round_with_every_point_in_its_window_is_complete_and_the_others_are_missed() -> None:
    found = judged([("P1", wall(22, 5)), ("P2", wall(22, 30)), ("P3", wall(22, 40))])
    assert {one.round.window.starts.hour: one.state for one in found} == {
        2: RoundState.MISSED,
        22: RoundState.COMPLETE,
        23: RoundState.MISSED,
    }


def test_a_window_over_midnight_is_a_round_of_the_day_on_which_it_begins() -> None:
    next_day = DAY + timedelta(days=1)
    found = of(judged([("P1", wall(23, 40)), ("P2", wall(23, 59)), ("P3", wall(0, 5, next_day))]), 23)
    assert found.round.day == DAY
    assert found.round.ends_at == wall(0, 30, next_day)
    assert found.state is RoundState.COMPLETE


def test_the_first_and_the_last_minute_of_a_window_are_still_inside_and_the_next_is_not() -> None:
    assert (
        of(judged([("P1", wall(22)), ("P2", wall(22, 55)), ("P3", wall(23))]), 22).state
        is RoundState.COMPLETE
    )
    late = of(judged([("P1", wall(22)), ("P2", wall(22, 55)), ("P3", wall(23, 1))]), 22)
    assert late.state is RoundState.OUT_OF_WINDOW
    assert late.codes(PointState.OUTSIDE) == ("P3",)


def test_a_scan_between_two_windows_belongs_to_the_nearer_one_and_one_far_from_all_to_none() -> None:
    found = judged([("P2", wall(23, 20)), ("P3", wall(20, 30)), ("P1", wall(3, 45))])
    assert of(found, 23).codes(PointState.OUTSIDE) == ("P2",)
    assert of(found, 22).state is RoundState.MISSED
    assert of(found, 2).codes(PointState.OUTSIDE) == ("P1",)
    assert of(found, 2).state is RoundState.INCOMPLETE


def test_a_point_is_late_after_its_allowed_minutes_and_the_round_still_complete() -> None:
    found = of(judged([("P1", wall(22, 21)), ("P2", wall(22, 50)), ("P3", wall(23))]), 22)
    assert found.codes(PointState.LATE) == ("P1",), "21 minutes after the beginning; P3 ten after P2"
    assert found.state is RoundState.COMPLETE


def test_the_wrong_order_is_noted_at_the_point_that_came_too_early() -> None:
    found = of(judged([("P3", wall(22, 5)), ("P1", wall(22, 10)), ("P2", wall(22, 12))]), 22)
    assert found.out_of_order == ("P3",)
    assert found.state is RoundState.COMPLETE


def test_of_several_scans_of_a_point_the_first_counts_and_the_others_are_repeats() -> None:
    found = of(
        judged([("P1", wall(22, 5)), ("P1", wall(22, 6)), ("P2", wall(22, 8)), ("P1", wall(22, 50))]), 22
    )
    assert found.points[0].at == wall(22, 5)
    assert found.repeats == 2
    assert found.codes(PointState.MISSED) == ("P3",)


def test_a_round_under_way_is_open_until_its_window_is_over() -> None:
    scans = [("P1", wall(22, 5))]
    assert of(judged(scans, wall(22, 59)), 22).state is RoundState.OPEN
    assert of(judged(scans, wall(23)), 22).state is RoundState.INCOMPLETE


def test_a_window_that_a_clock_change_skips_is_no_round_and_one_it_repeats_lasts_longer() -> None:
    berlin, windows = ZoneInfo("Europe/Berlin"), (DayWindow(time(2), time(3)),)
    assert rounds_between("N", POINTS, windows, (date(2027, 3, 28), date(2027, 3, 28)), berlin) == []
    (long,) = rounds_between("N", POINTS, windows, (date(2027, 10, 31), date(2027, 10, 31)), berlin)
    assert long.ends_at - long.starts_at == timedelta(hours=2)


def test_a_route_without_points_has_no_rounds() -> None:
    assert rounds_between("N", (), NIGHT, (DAY, DAY), ZONE) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("22:00", "no list of times"),
        ("25:00-26:00", "no list of times"),
        ("22:00-24:30", "no list of times"),
        ("22:00-23:00; 22:30-23:30", "overlap"),
        ("23:00-01:00; 00:30-02:00", "overlap"),
        ("00:00-00:00; 12:00-13:00", "overlap"),
    ],
)
def test_times_that_cannot_be_are_refused_with_what_is_expected(text: str, said: str) -> None:
    with pytest.raises(ValueDoubted, match=said):
        read_windows(text)


def test_times_are_read_as_people_write_them() -> None:
    assert [str(window) for window in read_windows("02:00–03:00；22：00-24:00")] == [
        "02:00-03:00",
        "22:00-00:00",
    ]
