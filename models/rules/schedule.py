"""On which day is each occurrence of a promise planned, until when does it count, and what does the law allow?

Every date is computed from the start of the series: nominal = start + k x interval, clipped to the end of a
short month for that month only. A nominal date without work moves to an earlier working day, never to a later
one, and only so far that the law's longest interval to the next nominal date still holds; each occurrence is
decided on its own, so that no shift makes the following ones drift.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from models.rules.recurrence import Occurrence, Recurrence, interval_days, occurrences
from models.rules.working_days import WorkingDays

WINDOW_SHARE = 10
"""An occurrence counts as in time within a tenth of its interval (domain rule after SMRP 5.4.14)."""
LONGEST_SHIFT_DAYS = 14
"""No chain of holidays is longer; farther away it would be other work."""
ONE_OFF_WINDOW = timedelta(days=14)
ROUTINE_DAYS = 7
"""Work at least weekly is routine: it is done on its day, rest day or not."""


class Shift(StrEnum):
    """What became of a nominal date that is no working day."""

    NONE = ""
    EARLIER = "earlier"
    """Moved to the last working day before it."""
    KEPT_BY_LAW = "kept_by_law"
    """Left where it is: moved earlier, the next one would come later than the law allows."""
    KEPT = "kept"
    """Left where it is: there is no working day to move to."""


@dataclass(frozen=True)
class Series:
    """What the dates of one promise are computed from."""

    rule: Recurrence | None
    """None for work that is due once, on `start`."""
    start: date
    floor: date
    """No date is moved before this day: the start of the term, or the day an amended plan begins."""
    longest_interval_days: int | None = None

    @property
    def step_days(self) -> int:
        """The longest regular step in days; 0 for one-off work."""
        return 0 if self.rule is None else (interval_days(self.rule) or 0)

    @property
    def window(self) -> timedelta:
        """How long after its nominal date an occurrence counts as in time."""
        if self.rule is None:
            return ONE_OFF_WINDOW
        days = self.step_days // WINDOW_SHARE
        if self.longest_interval_days is not None:
            days = min(days, max(self.longest_interval_days - self.step_days, 0))
        return timedelta(days=days)

    @property
    def moves(self) -> bool:
        """Whether a date on a rest day may move to a working day."""
        return self.rule is not None and not self.rule.weekdays and self.step_days > ROUTINE_DAYS


@dataclass(frozen=True)
class Planned:
    """One planned occurrence."""

    ordinal: int
    """k of nominal = start + k x interval, from 0."""
    nominal_on: date
    due_on: date
    """The nominal date, or the working day before it."""
    latest_on: date
    """The last day on which it still counts as done in time."""
    legal_latest_on: date | None
    """The last day the law allows, reckoned from the planned date before it; None without a legal limit."""
    shift: Shift = Shift.NONE


@lru_cache(maxsize=4096)
def planned_between(series: Series, first: date, last: date, days: WorkingDays) -> tuple[Planned, ...]:
    """The occurrences planned from `first` to `last`, both included, in order.

    Neighbouring spans tile: an occurrence belongs to the one span in which its planned day lies.
    """
    if series.rule is None:
        if not first <= series.start <= last:
            return ()
        return (Planned(0, series.start, series.start, series.start + ONE_OFF_WINDOW, None),)
    reach = timedelta(days=LONGEST_SHIFT_DAYS if series.moves else 0)
    nominal = _with_neighbours(series.rule, series, first, _plus(last, reach))
    found = []
    for place, one in enumerate(nominal):
        if not first <= one.due_on <= last + reach:
            continue
        before = nominal[place - 1] if place else None
        after = nominal[place + 1] if place + 1 < len(nominal) else None
        planned = _planned(series, one, before, after, days, nominal[place - 2] if place > 1 else None)
        if first <= planned.due_on <= last:
            found.append(planned)
    return tuple(found)


def occurrence_at(series: Series, ordinal: int, days: WorkingDays) -> Planned | None:
    """The occurrence with this ordinal; None if the series has none (out of season, or past the calendar)."""
    if series.rule is None:
        return next(iter(planned_between(series, series.start, series.start, days)), None)
    step = max(series.step_days, 1)
    last = _plus(series.start, timedelta(days=(ordinal + 1) * step + LONGEST_SHIFT_DAYS))
    found = planned_between(series, min(series.floor, series.start), last, days)
    return next((planned for planned in found if planned.ordinal == ordinal), None)


def _with_neighbours(rule: Recurrence, series: Series, first: date, last: date) -> list[Occurrence]:
    """The nominal dates of the span, with two before it and one after it."""
    gap = timedelta(days=max(series.step_days, 1))
    return list(occurrences(rule, series.start, _minus(first, 2 * gap), _plus(last, gap)))


def _planned(
    series: Series,
    one: Occurrence,
    before: Occurrence | None,
    after: Occurrence | None,
    days: WorkingDays,
    before_that: Occurrence | None,
) -> Planned:
    due_on, shift = _working_day(series, one, before, after, days)
    limit = series.longest_interval_days
    legal = None
    if limit is not None and before is not None:
        previous, _ = _working_day(series, before, before_that, one, days)
        legal = previous + timedelta(days=limit)
    latest = one.due_on + series.window
    if legal is not None:
        latest = max(min(latest, legal), due_on)
    return Planned(one.ordinal, one.due_on, due_on, latest, legal, shift)


def _working_day(
    series: Series, one: Occurrence, before: Occurrence | None, after: Occurrence | None, days: WorkingDays
) -> tuple[date, Shift]:
    nominal = one.due_on
    if not series.moves or days.is_working(nominal):
        return nominal, Shift.NONE
    earliest = max(nominal - timedelta(days=LONGEST_SHIFT_DAYS), min(series.floor, nominal))
    if before is not None:
        earliest = max(earliest, before.due_on + timedelta(days=1))
    free = days.latest_working(nominal, earliest)
    if free is None:
        return nominal, Shift.KEPT
    limit = series.longest_interval_days
    if limit is not None and after is not None and (after.due_on - free).days > limit:
        return nominal, Shift.KEPT_BY_LAW
    return free, Shift.EARLIER


def _plus(day: date, span: timedelta) -> date:
    return date.max if date.max - day < span else day + span


def _minus(day: date, span: timedelta) -> date:
    return date.min if day - date.min < span else day - span
