"""Does the planner have none of the defects seen in other maintenance software? One test for each of them."""

import calendar
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue_reading import CatalogueInvalid
from models.rules.absorption import absorptions
from models.rules.catalogue import Certainty
from models.rules.floating import Reading, Settled, meter_due, next_floating, used_since
from models.rules.planning import Basis, Meter, Planning
from models.rules.recurrence import Recurrence, interval_days
from models.rules.schedule import Planned, Series, Shift, occurrence_at, planned_between
from models.rules.working_days import WorkingDays, working_days
from models.working_day_files import load_working_days, read_working_days

CHINA = working_days(load_working_days(), "CN")
EVERY_DAY = WorkingDays(rest_weekdays=frozenset())
STARTS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
LATE_IN_THE_MONTH = [day for n in range(1500) if (day := date(2025, 1, 1) + timedelta(days=n)).day > 28]
RULES = st.builds(
    lambda frequency, interval: Recurrence.parse(f"FREQ={frequency};INTERVAL={interval}"),
    st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")),
    st.integers(1, 20),
)


def series(rule: str, start: date, longest: int | None = None, floor: date | None = None) -> Series:
    return Series(Recurrence.parse(rule), start, floor or start, longest)


def dates(one: Series, first: date, last: date, days: WorkingDays = EVERY_DAY) -> list[date]:
    return [planned.due_on for planned in planned_between(one, first, last, days)]


# --- dates that drift, pile up or are lost -----------------------------------------------------------------


def test_twelve_monthly_visits_are_one_in_each_month() -> None:
    """Seen: 365/12 days apart, none in February and two in May."""
    planned = dates(series("FREQ=MONTHLY", date(2026, 1, 31)), date(2026, 1, 1), date(2026, 12, 31))
    assert Counter(day.month for day in planned) == dict.fromkeys(range(1, 13), 1)


@given(st.sampled_from(LATE_IN_THE_MONTH))
def test_the_thirty_first_is_clipped_and_comes_back(start: date) -> None:
    """Seen: 31 January, 28 February, 28 March, 28 April."""
    for day in dates(series("FREQ=MONTHLY", start), start, start + timedelta(days=800)):
        assert day.day == min(start.day, calendar.monthrange(day.year, day.month)[1])


@given(RULES, STARTS, st.integers(0, 900), st.integers(1, 200))
def test_spans_tile_whatever_is_asked_first(rule: Recurrence, start: date, offset: int, length: int) -> None:
    """Seen: the date depends on when the generator ran."""
    one = Series(rule, start, start)
    first, last = start, start + timedelta(days=offset + length)
    middle = start + timedelta(days=offset)
    whole = planned_between(one, first, last, CHINA)
    parts = planned_between(one, first, middle, CHINA) + planned_between(
        one, middle + timedelta(days=1), last, CHINA
    )
    assert parts == whole
    assert [planned.ordinal for planned in whole] == sorted({planned.ordinal for planned in whole})


@given(RULES, STARTS, st.integers(0, 60))
def test_an_occurrence_is_the_same_however_it_is_looked_up(rule: Recurrence, start: date, k: int) -> None:
    one = Series(rule, start, start)
    found = occurrence_at(one, k, CHINA)
    assert found is not None
    assert found.ordinal == k
    assert found in planned_between(one, found.due_on, found.due_on, CHINA)


def test_three_weeks_of_downtime_lose_nothing() -> None:
    """Seen: dates before today are skipped silently, a misfire is lost without a record."""
    one = series("FREQ=WEEKLY", date(2027, 3, 1))
    assert len(dates(one, date(2027, 3, 1), date(2027, 3, 31))) == 5


def test_a_fortnight_can_be_said() -> None:
    """Seen: a closed list from daily to three-yearly, so the fifteen days of a lift are impossible."""
    days = dates(series("FREQ=DAILY;INTERVAL=15", date(2027, 1, 4), 15), date(2027, 1, 1), date(2027, 12, 31))
    assert {(after - before).days for before, after in pairwise(days)} == {15}


@pytest.mark.parametrize(
    ("rule", "most_days"),
    [
        ("FREQ=DAILY", 1),  # fire patrol, control room
        ("FREQ=WEEKLY", 7),  # weekly test of a fire alarm
        ("FREQ=DAILY;INTERVAL=10", 10),
        ("FREQ=WEEKLY;INTERVAL=2", 14),
        ("FREQ=DAILY;INTERVAL=15", 15),  # lifts
        ("FREQ=MONTHLY", 31),  # extinguishers, functional checks, fire inspection
        ("FREQ=MONTHLY;BYMONTH=4,5,6,7,8,9,10", 184),  # pests, monthly in season
        ("FREQ=MONTHLY;INTERVAL=3", 92),  # water quality, lifts by the quarter
        ("FREQ=MONTHLY;INTERVAL=6", 184),  # tanks, drills, lightning where it may explode
        ("FREQ=YEARLY", 366),  # lightning, full fire test, boilers, escalators
        ("FREQ=YEARLY;INTERVAL=2", 731),  # air-conditioning, high voltage by item
        ("FREQ=YEARLY;INTERVAL=3", 1096),  # lifts in years 1, 4 and 7; vessels by grade
        ("FREQ=YEARLY;INTERVAL=5", 1827),  # facades, fixed wiring
        ("FREQ=YEARLY;INTERVAL=6", 2192),
        ("FREQ=YEARLY;INTERVAL=10", 3653),  # life of an extinguisher
        ("FREQ=YEARLY;INTERVAL=12", 4383),
    ],
)
def test_every_interval_that_laws_and_owners_ask_for_can_be_said_and_held_to_the_law(
    rule: str, most_days: int
) -> None:
    """Seen: a closed list of periods, so that neither fifteen days nor ten years can be said."""
    assert interval_days(Recurrence.parse(rule)) == most_days
    start = date(2027, 1, 11)
    planned = planned_between(series(rule, start), start, date(2052, 1, 11), EVERY_DAY)
    assert len(planned) >= 3
    assert (
        max((after.nominal_on - before.nominal_on).days for before, after in pairwise(planned)) <= most_days
    )


def test_the_second_tuesday_of_a_month_can_be_said() -> None:
    """Seen: no rule for the n-th weekday."""
    planned = dates(series("FREQ=MONTHLY;BYDAY=2TU", date(2027, 1, 1)), date(2027, 1, 1), date(2027, 12, 31))
    assert len(planned) == 12
    assert all(day.weekday() == 1 and 8 <= day.day <= 14 for day in planned)
    february = planned_between(
        series("FREQ=MONTHLY;BYDAY=3MO", date(2026, 1, 1)), date(2026, 2, 1), date(2026, 2, 28), CHINA
    )[0]
    assert (february.nominal_on, february.due_on) == (date(2026, 2, 16), date(2026, 2, 14)), "holidays count"


def test_a_clock_change_moves_no_day() -> None:
    """Seen: a day is 24 hours, so summer time shifts the series."""
    days = dates(series("FREQ=DAILY", date(2027, 3, 25)), date(2027, 3, 25), date(2027, 4, 2))
    assert days == [date(2027, 3, 25) + timedelta(days=number) for number in range(9)]


def test_work_of_a_season_rests_outside_it_and_keeps_its_ordinals() -> None:
    one = series("FREQ=MONTHLY;BYMONTH=4,5,6", date(2027, 1, 10))
    planned = planned_between(one, date(2027, 1, 1), date(2028, 12, 31), EVERY_DAY)
    assert [(p.due_on.month, p.ordinal) for p in planned] == [
        (4, 3),
        (5, 4),
        (6, 5),
        (4, 15),
        (5, 16),
        (6, 17),
    ]


# --- holidays ---------------------------------------------------------------------------------------------


def test_a_date_in_the_spring_festival_moves_before_it_and_a_made_up_saturday_is_worked() -> None:
    one = series("FREQ=MONTHLY", date(2026, 1, 16))
    february = planned_between(one, date(2026, 2, 1), date(2026, 2, 28), CHINA)[0]
    assert (february.nominal_on, february.due_on, february.shift) == (
        date(2026, 2, 16),
        date(2026, 2, 14),  # a Saturday that is worked for the holiday
        Shift.EARLIER,
    )


@given(RULES, STARTS, st.integers(0, 40))
def test_a_shift_goes_earlier_only_and_ends_on_a_working_day(rule: Recurrence, start: date, k: int) -> None:
    """Seen: no holidays at all, or a slip to a later day."""
    planned = occurrence_at(Series(rule, start, start), k, CHINA)
    assert planned is not None
    assert start <= planned.due_on <= planned.nominal_on <= planned.latest_on
    if planned.shift is Shift.EARLIER:
        assert CHINA.is_working(planned.due_on)
    elif planned.shift is Shift.NONE:
        assert planned.due_on == planned.nominal_on


@given(st.integers(8, 200), st.integers(0, 6), STARTS)
def test_a_legal_interval_is_never_exceeded_by_a_shift(step: int, slack: int, start: date) -> None:
    """A shift that would stretch the gap to the next date beyond the law is not made."""
    limit = step + slack
    one = series(f"FREQ=DAILY;INTERVAL={step}", start, limit)
    planned = planned_between(one, start, start + timedelta(days=1500), CHINA)
    for before, after in pairwise(planned):
        assert (after.due_on - before.due_on).days <= limit
        assert after.legal_latest_on == before.due_on + timedelta(days=limit)
        assert after.due_on <= after.latest_on <= after.legal_latest_on


def test_the_fifteen_days_of_a_lift_hold_over_the_spring_festival() -> None:
    one = series("FREQ=DAILY;INTERVAL=15", date(2026, 1, 2), 15)
    planned = planned_between(one, date(2026, 1, 1), date(2026, 12, 31), CHINA)
    assert {(after.due_on - before.due_on).days for before, after in pairwise(planned)} == {15}
    festival = next(p for p in planned if p.nominal_on == date(2026, 2, 16))
    assert (festival.due_on, festival.shift) == (date(2026, 2, 16), Shift.KEPT_BY_LAW)


@given(STARTS)
def test_a_shift_never_leaves_the_term(start: date) -> None:
    planned = occurrence_at(series("FREQ=MONTHLY", start), 0, CHINA)
    assert planned is not None
    assert planned.due_on == start


def test_daily_and_weekly_routine_is_done_on_holidays_too() -> None:
    days = dates(series("FREQ=DAILY", date(2026, 2, 1)), date(2026, 2, 1), date(2026, 2, 28), CHINA)
    assert len(days) == 28


def test_a_year_without_a_notice_is_planned_by_the_weekend_and_says_so() -> None:
    assert "[verified]" in CHINA.basis(2026)
    assert CHINA.basis(2027).startswith("weekend rule")
    assert CHINA.is_working(date(2027, 2, 8))
    assert not working_days(load_working_days(), "GB").is_working(date(2026, 2, 14)), "no make-up day abroad"


def test_days_agreed_with_the_client_overrule_the_notice() -> None:
    ours = working_days(
        load_working_days(),
        "CN",
        own_holidays=frozenset({date(2026, 2, 14)}),
        own_workdays=frozenset({date(2026, 2, 16)}),
    )
    assert not ours.is_working(date(2026, 2, 14))
    assert ours.is_working(date(2026, 2, 16))


def test_every_notice_makes_up_what_it_takes() -> None:
    """Days off beside the legal ones are worked on weekends: so many more weekdays off than made up."""
    for notice in load_working_days():
        assert notice.certainty is Certainty.VERIFIED
        weekdays_off = sum(day.weekday() < 5 for day in notice.holidays)
        legal_days = 13  # since 2025; those on a weekend are taken on weekdays beside it
        assert weekdays_off - len(notice.workdays) <= legal_days


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('holidays: ["2026-02-30"]', "expected a date"),
        ('holidays: ["2025-12-31/2026-01-02"]', "days of 2026"),
        ('workdays: ["2026-01-05"]', "no Saturday or Sunday"),
        ('holidays: ["2026-01-04"]\n    workdays: ["2026-01-04"]', "named twice"),
    ],
)
def test_a_mistake_in_the_list_of_days_is_named(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "working_days.yaml").write_text(
        f"edition: x\nyears:\n  - jurisdiction: CN\n    year: 2026\n    source: s\n    certainty: memory\n    {line}\n"
    )
    with pytest.raises(CatalogueInvalid, match=told):
        read_working_days(tmp_path)


# --- work that follows the work ----------------------------------------------------------------------------


@given(RULES, STARTS, st.integers(0, 400))
def test_early_work_moves_a_floating_series_and_late_work_too(
    rule: Recurrence, start: date, days: int
) -> None:
    """Seen: early completion did not move the series."""
    done = start + timedelta(days=days)
    found = next_floating(Series(rule, start, start), Settled(0, done), EVERY_DAY)
    assert found is not None
    assert found.ordinal == 1
    expected = occurrence_at(Series(rule, done, done), 1, EVERY_DAY)
    assert expected is not None
    assert found.due_on == expected.due_on > done


def test_a_floating_series_is_reckoned_from_the_day_it_was_done() -> None:
    one = series("FREQ=MONTHLY;INTERVAL=3", date(2027, 1, 31))
    found = next_floating(one, Settled(4, date(2027, 2, 20)), EVERY_DAY)
    assert found is not None
    assert (found.ordinal, found.due_on) == (5, date(2027, 5, 20))


def test_an_order_nobody_looked_at_does_not_stop_its_series() -> None:
    """Seen: nothing more is made until the open order is completed, and five ignored ones switch it off."""
    one = series("FREQ=MONTHLY", date(2027, 1, 10))
    due, last = [], None
    for ordinal in range(12):
        found = next_floating(one, last, EVERY_DAY)
        assert found is not None
        due.append(found.due_on)
        last = Settled(ordinal, found.due_on)  # missed: settled on the day it was planned
    assert due == [date(2027, month, 10) for month in range(1, 13)]


def test_a_floating_series_with_a_legal_limit_is_never_planned_after_it() -> None:
    one = series("FREQ=MONTHLY", date(2027, 1, 1), 30)
    found = next_floating(one, Settled(0, date(2027, 1, 1)), CHINA)
    assert found is not None
    assert found.due_on == date(2027, 1, 29), "31 January is a Sunday and the limit"
    assert found.legal_latest_on == date(2027, 1, 31)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), st.integers(50, 500))
def test_readings_beyond_the_limit_make_one_order_not_one_each(steps: list[int], every: int) -> None:
    """Seen: a new order for every reading past the limit."""
    readings, value = [], Decimal(0)
    for number, step in enumerate(steps):
        value += step
        readings.append(Reading(date(2027, 1, 1) + timedelta(days=number), value))
    meter = Meter(Decimal(every), "h")
    due = meter_due(meter, None, readings)
    used = used_since(None, readings)
    assert used is not None
    assert (due is not None) == (used >= every)
    for length in range(1, len(readings) + 1):
        seen = meter_due(meter, None, readings[:length])
        assert seen in (None, due), "whatever follows, it stays the same day"


def test_a_meter_counts_from_the_last_service_not_from_zero() -> None:
    """Seen: the threshold is absolute; there is no "every n units since the last service"."""
    meter = Meter(Decimal(250), "h")
    readings = [
        Reading(date(2027, 1, day), Decimal(value)) for day, value in ((1, 900), (10, 1160), (20, 1200))
    ]
    assert meter_due(meter, None, readings) == date(2027, 1, 10)
    assert meter_due(meter, date(2027, 1, 10), readings) is None, "served: both begin again"
    readings.append(Reading(date(2027, 3, 1), Decimal(1410)))
    assert meter_due(meter, date(2027, 1, 10), readings) == date(2027, 3, 1)


def test_correcting_a_reading_does_not_make_the_work_due_again() -> None:
    meter = Meter(Decimal(100), "h")
    first = [Reading(date(2027, 1, 1), Decimal(0)), Reading(date(2027, 1, 9), Decimal(120))]
    corrected = [*first, Reading(date(2027, 1, 9), Decimal(130))]
    assert meter_due(meter, None, first) == meter_due(meter, None, corrected) == date(2027, 1, 9)


# --- services that contain others --------------------------------------------------------------------------


def test_the_yearly_service_takes_the_place_of_that_months() -> None:
    """Seen: no nesting, so a part may be replaced twice in the same week."""
    monthly = planned_between(
        series("FREQ=MONTHLY", date(2027, 1, 15)), date(2027, 1, 1), date(2028, 2, 28), EVERY_DAY
    )
    yearly = planned_between(
        series("FREQ=YEARLY", date(2027, 6, 14)), date(2027, 1, 1), date(2027, 12, 31), EVERY_DAY
    )
    (found,) = absorptions(monthly, yearly, None)
    absorbed = next(p for p in monthly if p.ordinal == found.small)
    assert (absorbed.due_on, found.large) == (date(2027, 6, 15), 0)


@given(st.integers(0, 89), st.integers(0, 14))
def test_a_larger_service_absorbs_only_where_the_law_still_holds(large_day: int, small_day: int) -> None:
    begin = date(2027, 1, 1)
    small = planned_between(
        series("FREQ=DAILY;INTERVAL=15", begin + timedelta(days=small_day), 15),
        begin,
        begin + timedelta(days=250),
        EVERY_DAY,
    )
    large = planned_between(
        series("FREQ=MONTHLY;INTERVAL=3", begin + timedelta(days=large_day), 92),
        begin,
        begin + timedelta(days=180),
        EVERY_DAY,
    )
    found = absorptions(small, large, 15)
    replaced = {absorption.small: absorption.large for absorption in found}
    by_ordinal = {planned.ordinal: planned for planned in large}
    done = [by_ordinal[replaced[p.ordinal]].due_on if p.ordinal in replaced else p.due_on for p in small]
    assert max((after - before).days for before, after in pairwise(done)) <= 15
    for absorption in found:
        assert absorption.large_latest_on <= small[absorption.small].latest_on


def test_one_larger_service_absorbs_one_smaller_at_most() -> None:
    weekly = [Planned(k, d, d, d + timedelta(days=3), None) for k, d in enumerate(
        date(2027, 1, 4) + timedelta(days=7 * k) for k in range(10)
    )]  # fmt: skip
    yearly = [Planned(0, date(2027, 1, 12), date(2027, 1, 12), date(2027, 2, 17), None)]
    assert [(a.small, a.large) for a in absorptions(weekly, yearly, None)] == [(1, 0)]


def test_how_a_promise_is_planned_survives_being_kept() -> None:
    for planning in (
        Planning(),
        Planning("LIFT-3M", ("LIFT-15D",), Basis.FLOATING, 14, Meter(Decimal("250.5"), "h")),
    ):
        assert Planning.from_json(planning.as_json()) == planning
    assert Planning().as_json() == {}
