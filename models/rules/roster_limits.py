"""Does a roster leave people the rest and the weeks that the law and the house grant them? (B5)

Sources: the Labour Law of the People's Republic of China, art. 36 (at most 44 hours a week on average) and art. 38 (at
least one day of rest a week). Chinese law gives no number of hours between two shifts; the 11 hours taken here are
those of Directive 2003/88/EC, art. 3, as a yardstick that an operator may set otherwise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.rules.coverage import Shift

REST = timedelta(hours=11)
WEEK_HOURS = 44
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ShortRest:
    """Too little time between two shifts of one person."""

    person: str
    start: datetime
    """End of the shift before."""
    end: datetime
    """Start of the shift after."""


@dataclass(frozen=True)
class LongWeeks:
    """More hours a week, on the average of the window, than the limit."""

    person: str
    hours_a_week: float


@dataclass(frozen=True)
class RestlessWeek:
    """Seven days, counted from the start of the window, without 24 hours free on end."""

    person: str
    start: datetime


def short_rests(shifts: Iterable[Shift], rest: timedelta = REST) -> list[ShortRest]:
    """Every two shifts of a person with less than `rest` between them.

    Shifts that overlap are double bookings (see `coverage`), those that touch are one longer shift's worth of duty
    and therefore a rest of nothing.
    """
    found = []
    for person, own in _by_person(shifts).items():
        until = own[0].end
        for shift in own[1:]:
            if until <= shift.start < until + rest:
                found.append(ShortRest(person, until, shift.start))
            until = max(until, shift.end)
    return found


def long_weeks(
    shifts: Iterable[Shift], start: datetime, end: datetime, limit: float = WEEK_HOURS
) -> list[LongWeeks]:
    """People whose hours in the half-open window come to more than `limit` a week on average."""
    found = []
    for person, own in _by_person(shifts).items():
        worked = sum((max(timedelta(0), min(s.end, end) - max(s.start, start)) for s in own), timedelta(0))
        hours = worked / timedelta(hours=1) * (_WEEK / (end - start))
        if hours > limit:
            found.append(LongWeeks(person, round(hours, 2)))
    return found


def restless_weeks(shifts: Iterable[Shift], start: datetime, end: datetime) -> list[RestlessWeek]:
    """Whole weeks of the window in which a person has nowhere 24 hours free on end."""
    found = []
    for person, own in _by_person(shifts).items():
        week = start
        while week + _WEEK <= end:
            if not _has_free_day(own, week, week + _WEEK):
                found.append(RestlessWeek(person, week))
            week += _WEEK
    return found


def _has_free_day(own: Sequence[Shift], start: datetime, end: datetime) -> bool:
    free_from = start
    for shift in own:
        if shift.end <= start or shift.start >= end:
            continue
        if shift.start - free_from >= _DAY:
            return True
        free_from = max(free_from, shift.end)
    return end - free_from >= _DAY


def _by_person(shifts: Iterable[Shift]) -> dict[str, list[Shift]]:
    people: dict[str, list[Shift]] = {}
    for shift in sorted(shifts, key=lambda s: (s.person, s.start, s.end)):
        people.setdefault(shift.person, []).append(shift)
    return people
