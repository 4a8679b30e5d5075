"""When is work due again that is reckoned from the last time it was done, or from a meter?

The next date needs the last one to be settled. Done, it counts from the day it was done; missed or left out, from
the day it was planned, so that an order nobody looked at never stops its series. With a meter, whichever of the
two comes first makes it due, and both begin again at the next service.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from models.rules.planning import Meter
from models.rules.recurrence import Recurrence, occurrences
from models.rules.schedule import LONGEST_SHIFT_DAYS, Planned, Series, Shift
from models.rules.working_days import WorkingDays


@dataclass(frozen=True)
class Settled:
    """The last occurrence of a series that is no longer open."""

    ordinal: int
    on: date
    """The day it was done; the day it was planned if it was missed or left out."""


@dataclass(frozen=True)
class Reading:
    """What a meter showed at the end of a day."""

    on: date
    value: Decimal


def next_floating(series: Series, last: Settled | None, days: WorkingDays) -> Planned | None:
    """The one next occurrence by the calendar; None for one-off work that is settled.

    Args:
        series: rule and start; the start counts only while nothing is settled.
        last: what was settled last.
        days: the working days.
    """
    if last is None:
        return _place(series, 0, max(series.start, series.floor), None, days)
    if series.rule is None:
        return None
    nominal = _one_step_after(series.rule, last.on)
    if nominal is None:
        return None
    return _place(series, last.ordinal + 1, nominal, last.on, days)


def meter_due(meter: Meter, last: date | None, readings: Sequence[Reading]) -> date | None:
    """The day on which a reading first showed that the units since the last service are used up.

    A reading beyond the limit makes the work due once, however many such readings follow.

    Args:
        meter: how many units may be used between two services.
        last: the day of the last service; None before the first one, which counts from the first reading.
        readings: in any order; of a day the last one counts.
    """
    in_order = sorted({reading.on: reading for reading in readings}.values(), key=lambda reading: reading.on)
    since = [reading for reading in in_order if last is None or reading.on > last]
    before = [reading for reading in in_order if last is not None and reading.on <= last]
    if not since:
        return None
    base = before[-1].value if before else since[0].value
    return next((reading.on for reading in since if reading.value - base >= meter.every), None)


def used_since(last: date | None, readings: Sequence[Reading]) -> Decimal | None:
    """Units used since the last service by the newest reading; None without a reading."""
    in_order = sorted({reading.on: reading for reading in readings}.values(), key=lambda reading: reading.on)
    if not in_order:
        return None
    before = [reading for reading in in_order if last is not None and reading.on <= last]
    return in_order[-1].value - (before[-1] if before else in_order[0]).value


def _one_step_after(rule: Recurrence, base: date) -> date | None:
    """The first date of the series begun on `base` that lies after it."""
    reach = base
    for years in (1, 2, 5, 30):
        reach = date(min(base.year + years * rule.interval, date.max.year), 12, 28)
        found = occurrences(rule, base, base + timedelta(days=1), reach)
        if found:
            return found[0].due_on
    return None


def _place(series: Series, ordinal: int, nominal: date, base: date | None, days: WorkingDays) -> Planned:
    legal = None
    if series.longest_interval_days is not None and base is not None:
        legal = base + timedelta(days=series.longest_interval_days)
    due_on, shift = nominal if legal is None else min(nominal, legal), Shift.NONE
    if series.moves and not days.is_working(due_on):
        earliest = max(due_on - timedelta(days=LONGEST_SHIFT_DAYS), min(series.floor, due_on))
        if base is not None:
            earliest = max(earliest, base + timedelta(days=1))
        free = days.latest_working(due_on, earliest)
        due_on, shift = (due_on, Shift.KEPT) if free is None else (free, Shift.EARLIER)
    latest = nominal + series.window
    if legal is not None:
        latest = max(min(latest, legal), due_on)
    return Planned(ordinal, nominal, due_on, latest, legal, shift)
