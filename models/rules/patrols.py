"""Which rounds must a patrol walk, and was every point seen in its window, in order and in time? (B5)

A round is a window of a route on a day. A scan belongs to the round in whose window it lies, else to the nearest one
not further than `OUTSIDE` away; of several scans of a point in a round the first counts.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from models.rules.file_values import ValueDoubted, plain_text

OUTSIDE = timedelta(minutes=60)
"""A scan so long before or after a window still belongs to its round, as out of its window (our assumption)."""
_WINDOW = re.compile(r"([01]?\d|2[0-3]):([0-5]\d) ?[-–—~至] ?([01]?\d|2[0-3]|24):([0-5]\d)")
_DAY = timedelta(days=1)
_MINUTES_OF_DAY = 24 * 60


class RoundState(StrEnum):
    """What is to be said about a round."""

    OPEN = "open"
    """Its window is not over yet."""
    COMPLETE = "complete"
    OUT_OF_WINDOW = "out_of_window"
    """Every point was seen, not every one in the window."""
    INCOMPLETE = "incomplete"
    MISSED = "missed"
    """Nobody was seen at any point."""


class PointState(StrEnum):
    """What is to be said about a point of a round."""

    SEEN = "seen"
    LATE = "late"
    """In the window, but longer after the point before it than is allowed."""
    OUTSIDE = "outside"
    """Before or after the window only."""
    MISSED = "missed"


@dataclass(frozen=True)
class RoutePoint:
    """One point, at its place in the route."""

    code: str
    place: str = ""
    minutes: int | None = None
    """The most minutes from the point before it, of the first point from the beginning of the window."""


@dataclass(frozen=True)
class DayWindow:
    """A time of day; one that ends at or before its beginning ends on the next day."""

    starts: time
    ends: time

    @property
    def over_midnight(self) -> bool:
        """Whether it ends on the next day."""
        return self.ends <= self.starts

    def __str__(self) -> str:
        """Such as 22:00-23:00."""
        return f"{self.starts:%H:%M}-{self.ends:%H:%M}"


@dataclass(frozen=True)
class PatrolRound:
    """One round that is to be walked."""

    route: str
    day: date
    """The day on which it begins."""
    window: DayWindow
    starts_at: datetime
    ends_at: datetime
    points: tuple[RoutePoint, ...]


@dataclass(frozen=True)
class Scan:
    """Somebody was at a point."""

    point: str
    at: datetime
    person: str


@dataclass(frozen=True)
class PointSeen:
    """What became of one point of a round."""

    point: RoutePoint
    state: PointState
    at: datetime | None = None
    person: str = ""
    out_of_order: bool = False
    """It was seen before a point that stands before it in the route."""


@dataclass(frozen=True)
class JudgedRound:
    """What became of a round."""

    round: PatrolRound
    state: RoundState
    points: tuple[PointSeen, ...]
    repeats: int
    """Further scans of points that had been seen."""

    def codes(self, state: PointState) -> tuple[str, ...]:
        """The points of which this is to be said."""
        return tuple(seen.point.code for seen in self.points if seen.state is state)

    @property
    def out_of_order(self) -> tuple[str, ...]:
        """The points that were seen before one that stands before them."""
        return tuple(seen.point.code for seen in self.points if seen.out_of_order)


def read_windows(text: str) -> tuple[DayWindow, ...]:
    """The windows that were written, such as "22:00-23:00; 02:00-03:00", by their beginning.

    Raises:
        ValueDoubted: no such times, none at all, or two that overlap.
    """
    found = []
    for part in re.split(r"[;,、]", plain_text(text).replace("：", ":")):
        if not part.strip():
            continue
        match = _WINDOW.fullmatch(part.strip())
        if match is None or (match[3] == "24" and match[4] != "00"):
            raise ValueDoubted("is no list of times; expected such as 22:00-23:00; 02:00-03:00")
        found.append(DayWindow(time(int(match[1]), int(match[2])), time(int(match[3]) % 24, int(match[4]))))
    if not found:
        raise ValueDoubted("is empty; expected the times of the rounds, such as 22:00-23:00; 02:00-03:00")
    windows = tuple(sorted(set(found), key=lambda window: (window.starts, window.ends)))
    spans = [(_minutes(w.starts), _minutes(w.starts) + _length(w)) for w in windows]
    around = [*spans, (spans[0][0] + _MINUTES_OF_DAY, spans[0][1] + _MINUTES_OF_DAY)]
    if any(first[1] > second[0] for first, second in pairwise(around)):
        raise ValueDoubted("holds two windows that overlap; expected one after the other")
    return windows


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _length(window: DayWindow) -> int:
    return (_minutes(window.ends) - _minutes(window.starts)) % _MINUTES_OF_DAY or _MINUTES_OF_DAY


def rounds_between(
    route: str,
    points: Sequence[RoutePoint],
    windows: Iterable[DayWindow],
    days: tuple[date, date],
    zone: ZoneInfo,
) -> list[PatrolRound]:
    """The rounds that begin on the days, both included, in order; a window that a clock change skips is none.

    Args:
        route: its code.
        points: in the order of the walk; without any there is nothing to walk.
        windows: in wall time.
        days: the first and the last day.
        zone: of the wall time.
    """
    found = []
    day, last = days
    while points and day <= last:
        for window in windows:
            starts_at = _instant(day, window.starts, zone)
            ends_at = _instant(day + _DAY if window.over_midnight else day, window.ends, zone)
            if ends_at > starts_at:
                found.append(PatrolRound(route, day, window, starts_at, ends_at, tuple(points)))
        day += _DAY
    return sorted(found, key=lambda one: one.starts_at)


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(ZoneInfo("UTC"))


def judge_rounds(
    rounds: Sequence[PatrolRound], scans: Iterable[Scan], now: datetime | None = None
) -> list[JudgedRound]:
    """Say of each round of one route what became of it.

    Args:
        rounds: of the route, in order; with those before and after the ones of interest, whose scans these may be.
        scans: of any points.
        now: a round whose window is not over is open; None if all are over.
    """
    of_round: list[list[Scan]] = [[] for _ in rounds]
    for scan in sorted(scans, key=lambda scan: (scan.at, scan.person)):
        place = _round_of(rounds, scan)
        if place is not None:
            of_round[place].append(scan)
    return [_judged(one, found, now) for one, found in zip(rounds, of_round, strict=True)]


def _round_of(rounds: Sequence[PatrolRound], scan: Scan) -> int | None:
    best: tuple[timedelta, int] | None = None
    near = bisect_right(rounds, scan.at, key=lambda one: one.starts_at)
    for place in range(max(0, near - 2), min(len(rounds), near + 1)):  # windows of a route do not overlap
        one = rounds[place]
        if one.starts_at - OUTSIDE > scan.at or scan.at > one.ends_at + OUTSIDE:
            continue
        if all(point.code != scan.point for point in one.points):
            continue
        away = max(one.starts_at - scan.at, scan.at - one.ends_at, timedelta(0))
        if best is None or away < best[0] or (away == best[0] == timedelta(0)):
            best = (away, place)  # inside two windows that touch: the one that begins
    return None if best is None else best[1]


def _judged(one: PatrolRound, scans: list[Scan], now: datetime | None) -> JudgedRound:
    inside: dict[str, Scan] = {}
    outside: dict[str, Scan] = {}
    for scan in scans:
        (inside if one.starts_at <= scan.at <= one.ends_at else outside).setdefault(scan.point, scan)
    points = []
    before: datetime = one.starts_at
    latest: datetime | None = None
    for point in one.points:
        scan_of_point = inside.get(point.code)
        if scan_of_point is None:
            other = outside.get(point.code)
            points.append(
                PointSeen(point, PointState.MISSED)
                if other is None
                else PointSeen(point, PointState.OUTSIDE, other.at, other.person)
            )
            continue
        at = scan_of_point.at
        late = point.minutes is not None and at - before > timedelta(minutes=point.minutes)
        early = latest is not None and at < latest
        state = PointState.LATE if late else PointState.SEEN
        points.append(PointSeen(point, state, at, scan_of_point.person, early))
        before = at
        latest = at if latest is None else max(latest, at)
    counted = sum(seen.at is not None for seen in points)
    return JudgedRound(one, _state(points, one, now), tuple(points), len(scans) - counted)


def _state(points: Sequence[PointSeen], one: PatrolRound, now: datetime | None) -> RoundState:
    states = {seen.state for seen in points}
    if states <= {PointState.SEEN, PointState.LATE}:
        return RoundState.COMPLETE
    if now is not None and now < one.ends_at:
        return RoundState.OPEN
    if states == {PointState.MISSED}:
        return RoundState.MISSED
    return RoundState.INCOMPLETE if PointState.MISSED in states else RoundState.OUT_OF_WINDOW
