"""When was equipment out of order, and what do its failures come to? (B2)

A failure lasts from the moment it was found or reported until the repair is recorded. Spells of one machine that
touch, or that begin on the same day, are one failure: what is found at a machine that stands still is no second one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from models.rules.periods import day_bounds_utc

_SECONDS_AN_HOUR = 3600


@dataclass(frozen=True)
class Failure:
    """One machine out of order."""

    asset_tag: str
    began: datetime
    restored: datetime | None
    """None while it is not restored."""


def separate_failures(spells: Iterable[Failure], zone: tzinfo) -> list[Failure]:
    """The failures that the spells of each machine amount to, in order of machine and time.

    Args:
        spells: one for each finding, report or fault.
        zone: in which a day is a day.
    """
    found: list[Failure] = []
    for spell in sorted(spells, key=lambda spell: (spell.asset_tag, spell.began)):
        last = found[-1] if found and found[-1].asset_tag == spell.asset_tag else None
        if last is not None and _same_failure(last, spell, zone):
            ends = (last.restored, spell.restored)
            restored = None if None in ends else max(end for end in ends if end is not None)
            found[-1] = Failure(last.asset_tag, last.began, restored)
        else:
            found.append(spell)
    return found


def _same_failure(last: Failure, spell: Failure, zone: tzinfo) -> bool:
    return (
        last.restored is None
        or spell.began <= last.restored
        or spell.began.astimezone(zone).date() == last.began.astimezone(zone).date()
    )


def begun_within(failures: Iterable[Failure], start: datetime, end: datetime) -> int:
    """How many began from `start` (inclusive) to `end` (exclusive)."""
    return sum(start <= failure.began < end for failure in failures)


def restoration(failures: Iterable[Failure], start: datetime, end: datetime) -> tuple[Decimal, int]:
    """Hours from failure to restoration, and number, of the failures restored after `start` and up to `end`.

    Midnight is the end of the day before it: where only the day of a repair is known, it was done by its end.
    """
    spans = [f.restored - f.began for f in failures if f.restored is not None and start < f.restored <= end]
    return _hours(sum(spans, timedelta(0))), len(spans)


def hours_out_of_order(failures: Sequence[Failure], start: datetime, end: datetime) -> Decimal:
    """Machine-hours between `start` and `end` in which a machine was out of order."""
    spans = [
        max(timedelta(0), min(failure.restored or end, end) - max(failure.began, start))
        for failure in failures
    ]
    return _hours(sum(spans, timedelta(0)))


def machine_days_out_of_order(
    failures: Iterable[Failure], first: date, last: date, zone: tzinfo
) -> dict[str, int]:
    """At the end of how many of the days (both included) each machine was out of order; none is left out."""
    days: dict[str, int] = defaultdict(int)
    day = first
    evenings = []
    while day <= last:
        evenings.append(day_bounds_utc(day, zone)[1])
        day += timedelta(days=1)
    for failure in failures:
        days[failure.asset_tag] += sum(
            failure.began < evening and (failure.restored is None or failure.restored > evening)
            for evening in evenings
        )
    return dict(days)


def _hours(span: timedelta) -> Decimal:
    return (Decimal(span // timedelta(seconds=1)) / _SECONDS_AN_HOUR).quantize(Decimal("0.01"))
