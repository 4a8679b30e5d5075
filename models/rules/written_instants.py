"""Which instant did a publisher write into a cell, in which order of day and month, and how exactly? (B6)

A wall time is read in the file's zone. One that a clock change repeats is taken as the first of the two, one that
it skips is read with the offset before the change; both are flagged, because the hours may be off by the change.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

_DATE = re.compile(
    r"(?:(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?|(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{4}))"
)
_TIME = re.compile(
    r"(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2})(?:\.\d{1,9})?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)
EXPECTED = "expected a date and a time such as 2022-01-31 08:05:00"


class InstantDoubted(ValueError):
    """A cell cannot be read as an instant; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class Written:
    """An instant as it was written."""

    at: datetime
    """In UTC; a day without a time is its midnight."""
    timed: bool
    """False for a day without a time."""
    midnight: bool
    """The time is exactly midnight: some publishers write a day so."""
    clock_change: str = ""
    """repeated or skipped, where the wall time is not one instant."""
    later_by: timedelta = timedelta(0)
    """How much later the second of two repeated wall times is."""


@dataclass
class OrderEvidence:
    """What the dates of a whole file say about the order of day and month."""

    day_first: int = 0
    month_first: int = 0
    either: int = 0
    first_day_first: int = 0
    """Row of the first date that can only be day first."""
    first_month_first: int = 0

    def see(self, row: int, cells: Iterable[str]) -> None:
        """Take the date cells of one row into account."""
        for cell in cells:
            found = _year_last(cell)
            if found is None:
                continue
            first, second = found
            if first > 12 >= second:
                self.day_first += 1
                self.first_day_first = self.first_day_first or row
            elif second > 12 >= first:
                self.month_first += 1
                self.first_month_first = self.first_month_first or row
            elif first != second:
                self.either += 1

    def order(self, preset: str, given: str) -> str:
        """The order to read the file in; dates that begin with the year need none.

        Raises:
            InstantDoubted: nothing decides, or the dates contradict each other or the preset.
        """
        if given:
            return given
        if self.day_first and self.month_first:
            raise InstantDoubted(
                f"the dates are mixed: row {self.first_day_first} can only be day first, row "
                f"{self.first_month_first} only month first; say which with --date-order dmy or mdy, and the "
                "rows of the other kind are quarantined"
            )
        shown = "dmy" if self.day_first else "mdy" if self.month_first else ""
        if preset in ("dmy", "mdy"):
            if shown and shown != preset:
                row = self.first_day_first or self.first_month_first
                raise InstantDoubted(
                    f"the preset says {preset}, but row {row} can only be {shown}; say which with --date-order"
                )
            return preset
        if not shown and self.either:
            raise InstantDoubted(
                f"{self.either} of the dates could be day first or month first, and none of the file decides it; "
                "say which with --date-order dmy or mdy"
            )
        return shown or "ymd"


@lru_cache(maxsize=20_000)
def _year_last(cell: str) -> tuple[int, int] | None:
    found = _DATE.match(cell.strip())
    if found is None or found["a"] is None:
        return None
    return int(found["a"]), int(found["b"])


def read_instant(cell: str, order: str, zone: ZoneInfo) -> Written:
    """Read a cell such as "2022-01-31 08:05:00", "01/31/2022 08:05:00 AM", "2022-01-31T08:05Z" or "31.01.2022".

    Args:
        cell: the text.
        order: dmy or mdy for a date that ends with its year.
        zone: of wall times without an offset.

    Raises:
        InstantDoubted: it is no such instant.
    """
    text = cell.strip()
    found = _DATE.match(text)
    if found is None:
        raise InstantDoubted(f"is no date; {EXPECTED}")
    day = _day(found.group(), order)
    rest = text[found.end() :].lstrip("Tt ,")
    if not rest:
        return _in_zone(datetime.combine(day, time(0)), zone, timed=False)
    at, offset = _time(rest)
    wall = datetime.combine(day, at)
    if offset is None:
        return _in_zone(wall, zone, timed=True)
    try:
        return Written(wall.replace(tzinfo=timezone(timedelta(minutes=offset))).astimezone(UTC), True, False)
    except OverflowError as error:
        raise InstantDoubted(f"lies outside the calendar; {EXPECTED}") from error


@lru_cache(maxsize=20_000)
def _day(text: str, order: str) -> date:
    found = _DATE.fullmatch(text)
    if found is None:
        raise InstantDoubted(f"is no date; {EXPECTED}")
    if found["y"]:
        year, month, day = int(found["y"]), int(found["m"]), int(found["d"])
    elif order == "dmy":
        day, month, year = int(found["a"]), int(found["b"]), int(found["c"])
    elif order == "mdy":
        month, day, year = int(found["a"]), int(found["b"]), int(found["c"])
    else:
        raise InstantDoubted("ends with its year, but no order of day and month is known; say --date-order")
    if not 1900 <= year <= 2200:
        raise InstantDoubted(f"lies in the year {year}; {EXPECTED}")
    try:
        return date(year, month, day)
    except ValueError as error:
        said = f" read as {order}" if found["a"] else ""
        raise InstantDoubted(f"is no day of the calendar{said}; {EXPECTED}") from error


@lru_cache(maxsize=100_000)
def _time(text: str) -> tuple[time, int | None]:
    """Time of day, and the offset from UTC in minutes if one is written."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise InstantDoubted(f"has no readable time; {EXPECTED}")
    hour = int(found["h"])
    half = (found["half"] or "").replace(".", "").casefold()
    if half:
        if not 1 <= hour <= 12:
            raise InstantDoubted(f"has hour {hour} with {half.upper()}; {EXPECTED}")
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        at = time(hour, int(found["min"]), int(found["s"] or 0))
    except ValueError as error:
        raise InstantDoubted(f"is no time of day; {EXPECTED}") from error
    zone = found["zone"]
    if not zone:
        return at, None
    if zone == "Z":
        return at, 0
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    if minutes > 14 * 60:
        raise InstantDoubted(f"has the offset {zone}; {EXPECTED}")
    return at, minutes if zone[0] == "+" else -minutes


def _in_zone(wall: datetime, zone: ZoneInfo, *, timed: bool) -> Written:
    first = wall.replace(tzinfo=zone)
    before, after = first.utcoffset(), first.replace(fold=1).utcoffset()
    change = ""
    if before != after and before is not None and after is not None and timed:
        change = "repeated" if before > after else "skipped"
    step = (
        before - after if change == "repeated" and before is not None and after is not None else timedelta(0)
    )
    return Written(first.astimezone(UTC), timed, timed and wall.time() == time(0), change, step)
