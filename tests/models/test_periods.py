"""Periods: labels, contract clipping, and day bounds that tile over clock changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.periods import (
    Period,
    PeriodKind,
    contract_months,
    contract_quarters,
    contract_years,
    day_bounds_utc,
    month_of,
    period_bounds_utc,
    quarter_of,
    year_of,
)

ODD_ZONES = [
    "America/Sao_Paulo",
    "America/Havana",
    "America/St_Johns",
    "America/Toronto",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Shanghai",
    "Pacific/Apia",
    "Europe/London",
    "Australia/Lord_Howe",
    "UTC",
]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # parts stop before tzinfo


DAYS = st.dates(date(1900, 1, 2), date(2100, 12, 30))


@pytest.mark.parametrize(
    ("label", "kind", "first", "last"),
    [
        ("2027-03", PeriodKind.MONTH, date(2027, 3, 1), date(2027, 3, 31)),
        ("2028-02", PeriodKind.MONTH, date(2028, 2, 1), date(2028, 2, 29)),
        ("2027-Q1", PeriodKind.QUARTER, date(2027, 1, 1), date(2027, 3, 31)),
        ("2027-Q4", PeriodKind.QUARTER, date(2027, 10, 1), date(2027, 12, 31)),
        ("2027", PeriodKind.YEAR, date(2027, 1, 1), date(2027, 12, 31)),
    ],
)
def test_parse_of_a_label_gives_its_days(label: str, kind: PeriodKind, first: date, last: date) -> None:
    assert Period.parse(label) == Period(kind, label, first, last)


NOT_PERIODS = ["", "2027-13", "2027-00", "2027-Q5", "27-03", "2027-3", "0000", "2027-q1", "２０２７"]


@pytest.mark.parametrize("label", NOT_PERIODS)
def test_parse_of_anything_else_says_what_was_expected(label: str) -> None:
    with pytest.raises(ValueError, match="expected a month"):
        Period.parse(label)


@given(DAYS)
def test_every_day_lies_in_its_month_quarter_and_year(day: date) -> None:
    for period in (month_of(day), quarter_of(day), year_of(day)):
        assert period.contains(day)
        assert Period.parse(period.label) == period
        assert period.following().first == period.last + timedelta(days=1)


@given(DAYS, st.integers(0, 1500))
def test_contract_periods_tile_the_term(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    for periods in (contract_months(start, end), contract_quarters(start, end), contract_years(start, end)):
        assert periods[0].first == start
        assert periods[-1].last == end
        for before, after in pairwise(periods):
            assert after.first == before.last + timedelta(days=1)
        assert sum(period.days for period in periods) == length + 1


def test_contract_quarters_of_a_mid_quarter_start_are_clipped_and_keep_the_calendar_label() -> None:
    quarters = contract_quarters(date(2027, 2, 15), date(2027, 8, 14))
    assert [(q.label, q.first, q.last) for q in quarters] == [
        ("2027-Q1", date(2027, 2, 15), date(2027, 3, 31)),
        ("2027-Q2", date(2027, 4, 1), date(2027, 6, 30)),
        ("2027-Q3", date(2027, 7, 1), date(2027, 8, 14)),
    ]


def test_a_term_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        contract_months(date(2027, 2, 2), date(2027, 2, 1))


@given(st.one_of(st.sampled_from(ODD_ZONES).map(ZoneInfo), st.timezones()), DAYS)
def test_day_bounds_tile_in_every_zone(tz: ZoneInfo, day: date) -> None:
    start, end = day_bounds_utc(day, tz)
    assert start <= end
    assert end == day_bounds_utc(day + timedelta(days=1), tz)[0]
    assert start.tzinfo is UTC
    # The bound is the very first second of the day: one second earlier the wall clock shows an earlier date.
    assert start.astimezone(tz).date() >= day
    assert (start - timedelta(seconds=1)).astimezone(tz).date() < day


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        pytest.param("Asia/Shanghai", date(2027, 3, 1), utc(2027, 2, 28, 16), 24, id="plain day"),
        pytest.param("Europe/London", date(2027, 3, 28), utc(2027, 3, 28), 23, id="spring"),
        pytest.param("Europe/London", date(2027, 10, 31), utc(2027, 10, 30, 23), 25, id="autumn"),
        pytest.param(
            "America/Sao_Paulo",
            date(2018, 11, 4),
            utc(2018, 11, 4, 3),
            23,
            id="midnight missing",
        ),
        pytest.param("America/Havana", date(2018, 11, 4), utc(2018, 11, 4, 4), 25, id="midnight twice"),
        pytest.param(
            "Pacific/Apia",
            date(2011, 12, 30),
            utc(2011, 12, 30, 10),
            0,
            id="whole day missing",
        ),
        pytest.param(
            # 30 March 1919, 23:30 to 00:30: midnight lies inside the gap, not at its beginning.
            "America/Toronto",
            date(1919, 3, 31),
            utc(1919, 3, 31, 4, 30),
            23.5,
            id="gap across midnight",
        ),
    ],
)
def test_day_bounds_over_clock_changes(zone: str, day: date, start: datetime, hours: float) -> None:
    begins, ends = day_bounds_utc(day, ZoneInfo(zone))
    assert begins == start
    assert (ends - begins) == timedelta(hours=hours)


def test_period_bounds_span_from_the_first_to_the_last_day() -> None:
    begins, ends = period_bounds_utc(Period.parse("2027-Q1"), ZoneInfo("Europe/London"))
    assert begins == utc(2027, 1, 1)
    assert ends == utc(2027, 3, 31, 23)
