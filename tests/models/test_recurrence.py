"""Recurrence: dates counted from the start, clipped to month ends, the same in whatever window."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.rules.recurrence import (
    Frequency,
    Recurrence,
    RecurrenceNotSupported,
    every,
    first_due,
    interval_days,
    occurrences,
)


def due(rule: str, start: date, first: date, last: date) -> list[tuple[int, str]]:
    found = occurrences(Recurrence.parse(rule), start, first, last)
    return [(occurrence.ordinal, occurrence.due_on.isoformat()) for occurrence in found]


months = st.lists(st.integers(1, 12), max_size=12, unique=True).map(lambda m: tuple(sorted(m)))
rules = st.one_of(
    st.builds(
        Recurrence,
        frequency=st.sampled_from([Frequency.DAILY, Frequency.MONTHLY, Frequency.YEARLY]),
        interval=st.integers(1, 40),
        months=months,
    ),
    st.builds(
        Recurrence,
        frequency=st.just(Frequency.WEEKLY),
        interval=st.integers(1, 8),
        months=months,
        weekdays=st.lists(st.integers(0, 6), max_size=7, unique=True).map(lambda d: tuple(sorted(d))),
    ),
    st.builds(
        Recurrence,
        frequency=st.just(Frequency.MONTHLY),
        interval=st.integers(1, 40),
        months=months,
        nth_weekday=st.tuples(st.sampled_from([1, 2, 3, 4, -1]), st.integers(0, 6)),
    ),
)
starts = st.dates(date(2020, 1, 1), date(2032, 12, 31))


def test_monthly_from_the_31st_keeps_month_ends_and_returns_to_the_31st() -> None:
    assert due("FREQ=MONTHLY", date(2027, 1, 31), date(2027, 1, 1), date(2027, 5, 31)) == [
        (0, "2027-01-31"),
        (1, "2027-02-28"),
        (2, "2027-03-31"),
        (3, "2027-04-30"),
        (4, "2027-05-31"),
    ]


def test_monthly_from_the_31st_in_a_leap_year_falls_on_29_february() -> None:
    assert due("FREQ=MONTHLY", date(2027, 1, 31), date(2028, 2, 1), date(2028, 3, 31)) == [
        (13, "2028-02-29"),
        (14, "2028-03-31"),
    ]


def test_yearly_from_29_february_returns_to_it_each_leap_year() -> None:
    found = due("FREQ=YEARLY", date(2024, 2, 29), date(2024, 1, 1), date(2028, 12, 31))
    assert [day for _, day in found] == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_lift_maintenance_every_15_days_does_not_drift() -> None:
    found = occurrences(
        Recurrence.parse("FREQ=DAILY;INTERVAL=15"), date(2027, 1, 1), date(2027, 1, 1), date(2029, 12, 31)
    )
    assert all((occurrence.due_on - date(2027, 1, 1)).days == 15 * occurrence.ordinal for occurrence in found)
    assert len(found) == 1 + (date(2029, 12, 31) - date(2027, 1, 1)).days // 15


def test_season_leaves_dates_out_and_keeps_their_ordinals() -> None:
    assert due(
        "FREQ=MONTHLY;INTERVAL=3;BYMONTH=4,5,6", date(2027, 1, 10), date(2027, 1, 1), date(2028, 12, 31)
    ) == [(1, "2027-04-10"), (5, "2028-04-10")]


def test_weekly_by_day_counts_only_days_from_the_start() -> None:
    # 2027-06-03 is a Thursday; Tuesday of that week lies before the start.
    assert due(
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR", date(2027, 6, 3), date(2027, 6, 1), date(2027, 6, 30)
    ) == [(0, "2027-06-04"), (1, "2027-06-15"), (2, "2027-06-18"), (3, "2027-06-29")]


def test_the_second_tuesday_and_the_last_friday_of_a_month() -> None:
    assert due("FREQ=MONTHLY;BYDAY=2TU", date(2027, 1, 15), date(2027, 1, 1), date(2027, 4, 30)) == [
        (0, "2027-02-09"),  # January's was on the 12th, before the start
        (1, "2027-03-09"),
        (2, "2027-04-13"),
    ]
    assert due(
        "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR", date(2027, 1, 1), date(2027, 1, 1), date(2027, 12, 31)
    ) == [
        (0, "2027-01-29"),
        (1, "2027-04-30"),
        (2, "2027-07-30"),
        (3, "2027-10-29"),
    ]


def test_yearly_by_month_falls_in_each_named_month() -> None:
    assert due("FREQ=YEARLY;BYMONTH=3,9", date(2027, 5, 31), date(2027, 1, 1), date(2028, 12, 31)) == [
        (0, "2027-09-30"),
        (1, "2028-03-31"),
        (2, "2028-09-30"),
    ]


def test_a_far_window_is_found_without_walking_to_it() -> None:
    found = due("FREQ=DAILY", date(1, 1, 1), date(9999, 12, 30), date.max)
    assert found == [(3652057, "9999-12-30"), (3652058, "9999-12-31")]


@given(rules, starts, st.integers(-60, 4000), st.lists(st.integers(1, 200), min_size=1, max_size=6))
def test_tiling_windows_give_the_same_as_one_window(
    rule: Recurrence, start: date, offset: int, lengths: list[int]
) -> None:
    edges = [start + timedelta(days=offset)]
    for length in lengths:
        edges.append(edges[-1] + timedelta(days=length))
    tiled = [o for a, b in pairwise(edges) for o in occurrences(rule, start, a, b - timedelta(days=1))]
    assert tuple(tiled) == occurrences(rule, start, edges[0], edges[-1] - timedelta(days=1))


@given(rules, starts)
def test_ordinals_number_the_dates_in_order_from_zero(rule: Recurrence, start: date) -> None:
    found = occurrences(rule, start, date.min, start + timedelta(days=5000))
    assert all(o.due_on >= start for o in found)
    assert all(a.ordinal < b.ordinal and a.due_on < b.due_on for a, b in pairwise(found))
    if not rule.season:
        assert [o.ordinal for o in found] == list(range(len(found)))


@given(rules, starts)
def test_no_gap_is_longer_than_interval_days(rule: Recurrence, start: date) -> None:
    longest = interval_days(rule)
    assume(longest is not None)
    found = occurrences(rule, start, start, start + timedelta(days=6000))
    assert longest is not None
    assert all((b.due_on - a.due_on).days <= longest for a, b in pairwise(found))
    beginning = first_due(rule, start)
    assert beginning is not None


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;INTERVAL=15", 15),
        ("FREQ=WEEKLY;INTERVAL=2", 14),
        ("FREQ=WEEKLY;BYDAY=MO,TH", 4),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", 11),
        ("FREQ=MONTHLY", 31),
        ("FREQ=MONTHLY;INTERVAL=3", 92),
        ("FREQ=MONTHLY;INTERVAL=6", 184),
        ("FREQ=YEARLY", 366),
        ("FREQ=YEARLY;BYMONTH=3,9", 184),
        ("FREQ=DAILY;BYMONTH=4,5,6,7,8,9,10", 153),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTH=4,5,6", 366),
        ("FREQ=MONTHLY;BYDAY=2TU", 35),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR", 98),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=4", None),
        ("FREQ=DAILY;INTERVAL=60;BYMONTH=2", None),
        ("FREQ=MONTHLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12", 31),
    ],
)
def test_interval_days_is_the_longest_gap(rule: str, days: int | None) -> None:
    assert interval_days(Recurrence.parse(rule)) == days


def test_a_rule_its_season_never_meets_has_no_first_date() -> None:
    rule = Recurrence.parse("FREQ=MONTHLY;INTERVAL=12;BYMONTH=4")
    assert first_due(rule, date(2027, 1, 1)) is None
    assert first_due(rule, date(2027, 4, 1)) is not None


@given(rules)
def test_a_rule_reads_back_from_its_text(rule: Recurrence) -> None:
    assert Recurrence.parse(str(rule)) == rule


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        ("FREQ=HOURLY", "FREQ=HOURLY"),
        ("INTERVAL=2", "a rule without FREQ"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "BYMONTHDAY=-1"),
        ("FREQ=DAILY;COUNT=3", "COUNT=3"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
        ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL=1.5"),
        ("FREQ=MONTHLY;BYDAY=MO", "BYDAY=MO"),
        ("FREQ=MONTHLY;BYDAY=5MO", "BYDAY=5MO"),
        ("FREQ=MONTHLY;BYDAY=1MO,3MO", "BYDAY=1MO,3MO"),
        ("FREQ=YEARLY;BYDAY=1MO", "BYDAY=1MO"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY=1MO"),
        ("FREQ=DAILY;BYMONTH=13", "BYMONTH=13"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ=WEEKLY"),
        ("FREQ=DAILY;", ""),
        ("", ""),
    ],
)
def test_an_unsupported_rule_is_refused_by_the_part_it_fails_on(rule: str, part: str) -> None:
    with pytest.raises(RecurrenceNotSupported) as refused:
        Recurrence.parse(rule)
    assert refused.value.part == part


@pytest.mark.parametrize(
    ("count", "unit", "rule"),
    [
        (15, "day", "FREQ=DAILY;INTERVAL=15"),
        (1, "Week", "FREQ=WEEKLY"),
        (2, "months", "FREQ=MONTHLY;INTERVAL=2"),
        (1, "quarter", "FREQ=MONTHLY;INTERVAL=3"),
        (2, "quarters", "FREQ=MONTHLY;INTERVAL=6"),
        (5, "year", "FREQ=YEARLY;INTERVAL=5"),
    ],
)
def test_every_writes_the_rule_of_a_cobie_interval(count: int, unit: str, rule: str) -> None:
    assert every(count, unit) == rule
    assert str(Recurrence.parse(rule)) == rule


@pytest.mark.parametrize(("count", "unit", "part"), [(1, "hour", "hour"), (0, "day", "0")])
def test_every_refuses_what_no_rule_can_say(count: int, unit: str, part: str) -> None:
    with pytest.raises(RecurrenceNotSupported) as refused:
        every(count, unit)
    assert refused.value.part == part
