"""On which days is there work: weekends, holidays and the weekend days made up for them (调休)?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from models.rules.catalogue import Certainty

WEEKEND = frozenset({5, 6})
"""Saturday and Sunday; Monday = 0."""


@dataclass(frozen=True)
class NoticeYear:
    """The holidays of one country and year, as they were made known."""

    jurisdiction: str
    """ISO country code."""
    year: int
    holidays: frozenset[date]
    workdays: frozenset[date]
    """Weekend days that are worked."""
    source: str
    certainty: Certainty


@dataclass(frozen=True)
class WorkingDays:
    """A calendar of working days, and for which years more than the weekend is known."""

    rest_weekdays: frozenset[int] = WEEKEND
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    sources: tuple[tuple[int, str], ...] = ()
    """Year and source with its certainty."""

    def is_working(self, day: date) -> bool:
        """Whether there is work on the day: a made-up day counts before a holiday, both before the weekday."""
        if day in self.workdays:
            return True
        return day not in self.holidays and day.weekday() not in self.rest_weekdays

    def latest_working(self, latest: date, earliest: date) -> date | None:
        """The last working day from `earliest` to `latest`, both included; None if there is none."""
        for days in range((latest - earliest).days + 1):
            day = latest - timedelta(days=days)
            if self.is_working(day):
                return day
        return None

    def basis(self, year: int, *, zh: bool = False) -> str:
        """What the working days of a year rest on, in English or Chinese."""
        unknown = f"weekend rule: no holiday notice for {year} is in the catalogue"
        return dict(self.sources).get(year, f"{year}年尚无节假日安排通知，按周末休息推算" if zh else unknown)


def working_days(
    notices: Iterable[NoticeYear],
    jurisdiction: str,
    rest_weekdays: frozenset[int] = WEEKEND,
    own_holidays: frozenset[date] = frozenset(),
    own_workdays: frozenset[date] = frozenset(),
) -> WorkingDays:
    """The calendar of one engagement: its country's notices, overruled by what was agreed with the client.

    Args:
        notices: of all countries and years.
        jurisdiction: ISO country code of the property.
        rest_weekdays: weekdays without work, Monday = 0; all seven would leave no day to plan on.
        own_holidays: further days without work.
        own_workdays: days that are worked although they are a holiday or a weekend.
    """
    ours = [notice for notice in notices if notice.jurisdiction == jurisdiction]
    holidays = frozenset().union(*(notice.holidays for notice in ours)) | own_holidays
    workdays = frozenset().union(*(notice.workdays for notice in ours)) | own_workdays
    return WorkingDays(
        rest_weekdays=rest_weekdays,
        holidays=holidays - own_workdays,
        workdays=workdays - own_holidays,
        sources=tuple((notice.year, f"{notice.source} [{notice.certainty}]") for notice in ours),
    )
