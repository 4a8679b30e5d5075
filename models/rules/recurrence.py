"""On which dates does a repeating duty fall due?

A small, exact part of iCalendar (RFC 5545 section 3.3.10). The n-th date is computed from the start of the
series, never from the date before it: iterating drifts (31 January -> 28 February -> 28 March).
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_KNOWN_PARTS = ("FREQ", "INTERVAL", "BYMONTH", "BYDAY")
_NTH_WEEKDAY = re.compile(rf"([1-4]|-1)({'|'.join(_WEEKDAYS)})")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,4}")


class Frequency(StrEnum):
    """The step of a series."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class RecurrenceNotSupported(ValueError):
    """A recurrence rule with a part this product does not carry out exactly."""

    def __init__(self, rule: str, part: str, expected: str) -> None:
        super().__init__(f"The recurrence {rule!r} cannot be used: {part!r} is not supported; {expected}.")
        self.rule = rule
        self.part = part


@dataclass(frozen=True)
class Recurrence:
    """A parsed rule; `Recurrence.parse(str(rule)) == rule`."""

    frequency: Frequency
    interval: int = 1
    months: tuple[int, ...] = ()
    """BYMONTH. For DAILY, WEEKLY and MONTHLY a season: other months are left out. For YEARLY the months of
    the year in which it falls due. (The two meanings are RFC 5545's.)"""
    weekdays: tuple[int, ...] = ()
    """BYDAY without numbers, Monday = 0; WEEKLY only."""
    nth_weekday: tuple[int, int] | None = None
    """BYDAY with a number, MONTHLY only: (2, 1) is the second Tuesday, (-1, 4) the last Friday of the month."""

    @classmethod
    def parse(cls, text: str) -> "Recurrence":
        """Read a rule such as `FREQ=MONTHLY;INTERVAL=3;BYMONTH=4,5,6`.

        Raises:
            RecurrenceNotSupported: naming the first part that is unknown, repeated or not readable.
        """
        rule = text.strip().upper().removeprefix("RRULE:")
        parts = _split(rule)
        if "FREQ" not in parts:
            raise RecurrenceNotSupported(rule, "a rule without FREQ", f"expected FREQ={_choices()}")
        if parts["FREQ"] not in Frequency.__members__:
            raise RecurrenceNotSupported(rule, f"FREQ={parts['FREQ']}", f"expected FREQ={_choices()}")
        frequency = Frequency(parts["FREQ"])
        days = parts.get("BYDAY")
        if days is not None and frequency not in (Frequency.WEEKLY, Frequency.MONTHLY):
            raise RecurrenceNotSupported(
                rule, f"BYDAY={days}", "BYDAY goes with FREQ=WEEKLY and FREQ=MONTHLY only"
            )
        monthly = days is not None and frequency is Frequency.MONTHLY
        return cls(
            frequency=frequency,
            interval=_interval(rule, parts.get("INTERVAL", "1")),
            months=_months(rule, parts["BYMONTH"]) if "BYMONTH" in parts else (),
            weekdays=_weekdays(rule, days) if days is not None and not monthly else (),
            nth_weekday=_nth_weekday(rule, days) if days is not None and monthly else None,
        )

    def __str__(self) -> str:
        parts = [f"FREQ={self.frequency}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.months:
            parts.append("BYMONTH=" + ",".join(str(month) for month in self.months))
        if self.weekdays:
            parts.append("BYDAY=" + ",".join(_WEEKDAYS[day] for day in self.weekdays))
        if self.nth_weekday:
            parts.append(f"BYDAY={self.nth_weekday[0]}{_WEEKDAYS[self.nth_weekday[1]]}")
        return ";".join(parts)

    @property
    def season(self) -> tuple[int, ...]:
        """The months that limit the series; empty when nothing is left out."""
        limits = self.frequency is not Frequency.YEARLY and 0 < len(self.months) < 12
        return self.months if limits else ()


@dataclass(frozen=True)
class Occurrence:
    """One due date of a series."""

    ordinal: int
    """Counted from the series' start at 0, the same whichever window is asked; dates outside the season keep
    theirs although they are not returned."""
    due_on: date


def occurrences(rule: Recurrence, start: date, first: date, last: date) -> tuple[Occurrence, ...]:
    """The due dates from `first` to `last`, both included, of the series that begins on `start`.

    A day of the month that a month lacks is clipped to the month's last day, for that month only. The window
    is found by arithmetic, so that asking far from the start costs no more than asking near it.
    """
    return tuple(
        occurrence for occurrence in _from(rule, start, first, last) if _in_season(rule, occurrence.due_on)
    )


def first_due(rule: Recurrence, start: date) -> Occurrence | None:
    """The first due date of the series, or None for a rule whose dates never meet its season.

    A plan must refuse such a rule: `FREQ=MONTHLY;INTERVAL=12;BYMONTH=4` from January would never fire.
    """
    # The Gregorian calendar repeats after 400 years: what has not fallen due by then never will.
    horizon = date(min(start.year + max(400, rule.interval), date.max.year), 12, 31)
    found = (o for o in _from(rule, start, start, horizon) if _in_season(rule, o.due_on))
    return next(found, None)


def interval_days(rule: Recurrence) -> int | None:
    """The longest gap in days between two due dates, whatever the start; statutory limits are held to it.

    For a rule with a season the gap over the closed season counts, taken at its worst. None means that no
    bound holds for every start (the step is longer than the season, so that whole seasons can be missed).
    """
    gap = _plain_interval_days(rule)
    if not rule.season:
        return gap
    open_runs, closed_runs = _runs(rule.season)
    if rule.frequency is Frequency.MONTHLY:
        if rule.interval > min(len(run) for run in open_runs):
            return None
        closed_months = max(len(run) for run in closed_runs)
        return _longest_months(rule.interval * (2 + (closed_months - 1) // rule.interval), rule.nth_weekday)
    if gap > min(sum(calendar.monthrange(2001, month)[1] for month in run) for run in open_runs):
        return None
    closed_days = max(sum(calendar.monthrange(2004, month)[1] for month in run) for run in closed_runs)
    # The last date inside is less than one gap before the closed days, the next one less than one gap after.
    return closed_days + 2 * gap - 1 if rule.weekdays else gap * (2 + (closed_days - 1) // gap)


def every(count: int, unit: str) -> str:
    """The rule for a COBie job interval: a count and `day`, `week`, `month`, `quarter` or `year` (or plural).

    Raises:
        RecurrenceNotSupported: the unit is another one, or the count is not a whole number above 0.
    """
    steps = {
        "day": (Frequency.DAILY, 1),
        "week": (Frequency.WEEKLY, 1),
        "month": (Frequency.MONTHLY, 1),
        "quarter": (Frequency.MONTHLY, 3),
        "year": (Frequency.YEARLY, 1),
    }
    written = f"every {count} {unit}"
    name = unit.strip().lower().removesuffix("s")
    if name not in steps:
        raise RecurrenceNotSupported(written, unit, "expected day, week, month, quarter or year")
    if count < 1:
        raise RecurrenceNotSupported(written, str(count), "expected a whole number above 0")
    frequency, factor = steps[name]
    return str(Recurrence(frequency, count * factor))


def _from(rule: Recurrence, start: date, first: date, last: date) -> Iterator[Occurrence]:
    skipped = _slots_before_start(rule, start)
    number = _first_number(rule, start, max(first, start))
    while (due_on := _date_of(rule, start, number)) is not None and due_on <= last:
        if due_on >= first and number >= skipped:
            yield Occurrence(number - skipped, due_on)
        number += 1


def _slots(rule: Recurrence) -> tuple[int, ...]:
    """What one cycle is divided into: weekdays of a week, months of a year, or nothing."""
    if rule.weekdays:
        return rule.weekdays
    if rule.frequency is Frequency.YEARLY and rule.months:
        return rule.months
    return (0,)


def _slots_before_start(rule: Recurrence, start: date) -> int:
    if rule.weekdays:
        return sum(day < start.weekday() for day in rule.weekdays)
    if rule.frequency is Frequency.YEARLY and rule.months:
        return sum(month < start.month for month in rule.months)
    if rule.nth_weekday:
        return int(_nth_of_month(start.year, start.month, rule.nth_weekday) < start)
    return 0


def _first_number(rule: Recurrence, start: date, first: date) -> int:
    """The number of the first slot of the last cycle that begins no later than `first`."""
    match rule.frequency:
        case Frequency.DAILY:
            cycles = (first - start).days // rule.interval
        case Frequency.WEEKLY:
            monday = (start - start.resolution * start.weekday()) if rule.weekdays else start
            cycles = (first - monday).days // (7 * rule.interval)
        case Frequency.MONTHLY:
            cycles = ((first.year - start.year) * 12 + first.month - start.month) // rule.interval
        case Frequency.YEARLY:
            cycles = (first.year - start.year) // rule.interval
    return cycles * len(_slots(rule))


def _date_of(rule: Recurrence, start: date, number: int) -> date | None:
    """The date of the slot counted from the first cycle's first slot; None past the end of the calendar."""
    slots = _slots(rule)
    cycle, slot = divmod(number, len(slots))
    step = cycle * rule.interval
    match rule.frequency:
        case Frequency.DAILY:
            return _days_after(start, step)
        case Frequency.WEEKLY:
            in_week = slots[slot] - start.weekday() if rule.weekdays else 0
            return _days_after(start, 7 * step + in_week)
        case Frequency.MONTHLY:
            return _months_after(start, step, rule.nth_weekday)
        case Frequency.YEARLY:
            in_year = slots[slot] - start.month if rule.months else 0
            return _months_after(start, 12 * step + in_year)


def _days_after(start: date, days: int) -> date | None:
    number = start.toordinal() + days
    return date.fromordinal(number) if number <= date.max.toordinal() else None


def _months_after(start: date, months: int, nth_weekday: tuple[int, int] | None = None) -> date | None:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > date.max.year:
        return None
    if nth_weekday:
        return _nth_of_month(year, month + 1, nth_weekday)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def _nth_of_month(year: int, month: int, nth_weekday: tuple[int, int]) -> date:
    """The n-th weekday of a month: every month has a first to fourth, and a last one."""
    number, weekday = nth_weekday
    first_weekday, days = calendar.monthrange(year, month)
    first = 1 + (weekday - first_weekday) % 7
    return date(year, month, first + 7 * (number - 1) if number > 0 else first + (days - first) // 7 * 7)


def _in_season(rule: Recurrence, day: date) -> bool:
    return not rule.season or day.month in rule.season


def _plain_interval_days(rule: Recurrence) -> int:
    match rule.frequency:
        case Frequency.DAILY:
            return rule.interval
        case Frequency.WEEKLY:
            return max(_cyclic_gaps(rule.weekdays or (0,), 7 * rule.interval, 7))
        case Frequency.MONTHLY:
            return _longest_months(rule.interval, rule.nth_weekday)
        case Frequency.YEARLY:
            return max(
                _longest_months(gap) for gap in _cyclic_gaps(rule.months or (1,), 12 * rule.interval, 12)
            )


def _cyclic_gaps(slots: tuple[int, ...], cycle: int, span: int) -> list[int]:
    """Gaps between neighbouring slots, and from the last of one cycle to the first of the next."""
    inner = [after - before for before, after in pairwise(slots)]
    return [*inner, cycle - (slots[-1] - slots[0])] if cycle >= span else inner


@lru_cache(maxsize=256)
def _longest_months(months: int, nth_weekday: tuple[int, int] | None = None) -> int:
    """The most days from a date to the one so many months on; weekdays of dates repeat after 28 years."""
    begins = (date(1904 + index // 12, index % 12 + 1, 1) for index in range(12 * (28 if nth_weekday else 4)))
    return max(
        (later - begin).days
        for first in begins
        if (begin := _months_after(first, 0, nth_weekday)) is not None
        and (later := _months_after(first, months, nth_weekday)) is not None
    )


def _runs(season: tuple[int, ...]) -> tuple[list[list[int]], list[list[int]]]:
    """The unbroken runs of months inside the season and those outside it, over the turn of the year."""
    turn = next(month for month in season if (month - 2) % 12 + 1 not in season)
    runs: dict[bool, list[list[int]]] = {True: [], False: []}
    previous: bool | None = None
    for month in ((turn - 1 + index) % 12 + 1 for index in range(12)):
        inside = month in season
        if inside != previous:
            runs[inside].append([])
        runs[inside][-1].append(month)
        previous = inside
    return runs[True], runs[False]


def _split(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        name, _, value = part.partition("=")
        if name not in _KNOWN_PARTS:
            raise RecurrenceNotSupported(rule, part, f"expected the parts {', '.join(_KNOWN_PARTS)}")
        if name in parts:
            raise RecurrenceNotSupported(rule, part, f"{name} is given twice")
        parts[name] = value
    return parts


def _interval(rule: str, value: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(value) or int(value) < 1:
        raise RecurrenceNotSupported(rule, f"INTERVAL={value}", "expected a whole number from 1 to 9999")
    return int(value)


def _months(rule: str, value: str) -> tuple[int, ...]:
    names = value.split(",")
    if not all(_WHOLE_NUMBER.fullmatch(name) and 1 <= int(name) <= 12 for name in names):
        raise RecurrenceNotSupported(rule, f"BYMONTH={value}", "expected months 1 to 12, separated by commas")
    return tuple(sorted({int(name) for name in names}))


def _weekdays(rule: str, value: str) -> tuple[int, ...]:
    names = value.split(",")
    if not all(name in _WEEKDAYS for name in names):
        raise RecurrenceNotSupported(rule, f"BYDAY={value}", f"expected {','.join(_WEEKDAYS)}")
    return tuple(sorted({_WEEKDAYS.index(name) for name in names}))


def _nth_weekday(rule: str, value: str) -> tuple[int, int]:
    found = _NTH_WEEKDAY.fullmatch(value)
    if found is None:
        raise RecurrenceNotSupported(
            rule,
            f"BYDAY={value}",
            "with FREQ=MONTHLY expected one weekday and which one of the month, 1 to 4 or -1 for the last, such as 2TU",
        )
    return int(found[1]), _WEEKDAYS.index(found[2])


def _choices() -> str:
    return "|".join(Frequency)
