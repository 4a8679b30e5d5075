"""Which calendar days and which instants belong to a month, a quarter or a year?"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

_LABEL = re.compile(r"(?P<year>[0-9]{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


class PeriodKind(StrEnum):
    """The cycles on which service is reviewed (clause C1: 月度、季度或年度)."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


@dataclass(frozen=True)
class Period:
    """A calendar month, quarter or year, possibly clipped to the term of a contract."""

    kind: PeriodKind
    label: str
    """`2027-03`, `2027-Q1` or `2027`; a clipped period keeps the label of its calendar period."""
    first: date
    last: date
    """Inclusive."""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"Period {self.label} ends on {self.last}, before it begins on {self.first}.")

    @classmethod
    def parse(cls, label: str) -> "Period":
        """Read `2027-03`, `2027-Q1` or `2027`.

        Raises:
            ValueError: the label is none of the three forms.
        """
        found = _LABEL.fullmatch(label.strip())
        if found is None or found["year"] == "0000":
            raise ValueError(
                f"{label!r} is not a period: expected a month (2027-03), quarter (2027-Q1) or year (2027)."
            )
        year = int(found["year"])
        if found["month"]:
            return month_of(date(year, int(found["month"]), 1))
        if found["quarter"]:
            return quarter_of(date(year, 3 * int(found["quarter"]) - 2, 1))
        return year_of(date(year, 1, 1))

    def contains(self, day: date) -> bool:
        """Whether the day lies in the period, both ends included."""
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        """Number of calendar days in the period."""
        return (self.last - self.first).days + 1

    def following(self) -> "Period":
        """The next calendar period of the same kind, whole even if this one is clipped."""
        whole = Period.parse(self.label)
        return _calendar_period(whole.last + timedelta(days=1), self.kind)


def month_of(day: date) -> Period:
    """The calendar month the day lies in."""
    return _calendar_period(day, PeriodKind.MONTH)


def quarter_of(day: date) -> Period:
    """The calendar quarter the day lies in (January to March is Q1)."""
    return _calendar_period(day, PeriodKind.QUARTER)


def year_of(day: date) -> Period:
    """The calendar year the day lies in."""
    return _calendar_period(day, PeriodKind.YEAR)


def contract_months(term_start: date, term_end: date) -> tuple[Period, ...]:
    """The calendar months of a term, the first and last clipped to it.

    Raises:
        ValueError: the term ends before it starts.
    """
    return _clipped(term_start, term_end, PeriodKind.MONTH)


def contract_quarters(term_start: date, term_end: date) -> tuple[Period, ...]:
    """The calendar quarters of a term, the first and last clipped to it.

    Raises:
        ValueError: the term ends before it starts.
    """
    return _clipped(term_start, term_end, PeriodKind.QUARTER)


def contract_years(term_start: date, term_end: date) -> tuple[Period, ...]:
    """The calendar years of a term, the first and last clipped to it.

    Raises:
        ValueError: the term ends before it starts.
    """
    return _clipped(term_start, term_end, PeriodKind.YEAR)


def instant_of(day: date, at: time, tz: tzinfo) -> datetime:
    """The first instant (UTC) at which the wall clock of `tz` has reached `at` on `day`.

    A wall time that a clock change skips is the instant of the change; one that happens twice is the first of
    the two (PEP 495, fold 0). Applied to both ends of neighbouring spans, spans therefore tile.
    """
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    before = wall.replace(tzinfo=tz).astimezone(UTC)
    if before.astimezone(tz).replace(tzinfo=None) == wall:
        return before
    # The wall time is skipped. Read with the offset after the change it falls before the change; the change
    # itself lies between the two readings.
    early = wall.replace(tzinfo=tz, fold=1).astimezone(UTC)
    seconds_low, seconds_high = 0, int((before - early).total_seconds())
    while seconds_low < seconds_high:
        middle = (seconds_low + seconds_high) // 2
        local = (early + timedelta(seconds=middle)).astimezone(tz).replace(tzinfo=None)
        if local >= wall:
            seconds_high = middle
        else:
            seconds_low = middle + 1
    return early + timedelta(seconds=seconds_low)


def day_bounds_utc(day: date, tz: tzinfo) -> tuple[datetime, datetime]:
    """The half-open span of instants (UTC) that is the day in `tz`; empty if the zone skipped the day.

    Neighbouring days tile without gap or overlap. Where a clock change at 00:01 falls back into the evening
    before, the repeated evening minutes count to the later day: a tiling cannot give them back.
    """
    return instant_of(day, time.min, tz), instant_of(day + timedelta(days=1), time.min, tz)


def period_bounds_utc(period: Period, tz: tzinfo) -> tuple[datetime, datetime]:
    """The half-open span of instants (UTC) that is the period in `tz`."""
    return day_bounds_utc(period.first, tz)[0], day_bounds_utc(period.last, tz)[1]


def _calendar_period(day: date, kind: PeriodKind) -> Period:
    length = _MONTHS_IN[kind]
    first_month = (day.month - 1) // length * length + 1
    last_month = first_month + length - 1
    first = date(day.year, first_month, 1)
    last = date(day.year, last_month, calendar.monthrange(day.year, last_month)[1])
    label = {
        PeriodKind.MONTH: f"{day.year:04d}-{first_month:02d}",
        PeriodKind.QUARTER: f"{day.year:04d}-Q{last_month // 3}",
        PeriodKind.YEAR: f"{day.year:04d}",
    }[kind]
    return Period(kind=kind, label=label, first=first, last=last)


def _clipped(term_start: date, term_end: date, kind: PeriodKind) -> tuple[Period, ...]:
    if term_end < term_start:
        raise ValueError(f"The term ends on {term_end}, before it starts on {term_start}.")
    periods: list[Period] = []
    whole = _calendar_period(term_start, kind)
    while True:
        periods.append(
            Period(kind, whole.label, first=max(whole.first, term_start), last=min(whole.last, term_end))
        )
        if whole.last >= term_end:
            return tuple(periods)
        whole = whole.following()
