"""When must a request be answered and resolved, and was it?

The clock is a measure of intervals: the opening hours between two instants, less the pauses. It is computed
anew from the events each time and never stored, so that any past figure can be shown again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from models.rules.periods import instant_of


class RequestKind(StrEnum):
    """What people bring to the service desk (clause B6: 报修、咨询、投诉与建议)."""

    REPAIR = "repair"
    ENQUIRY = "enquiry"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"


class Priority(StrEnum):
    """How urgent a request is."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    NORMAL = "normal"
    LOW = "low"


class Verdict(StrEnum):
    """Whether a target was kept."""

    MET = "met"
    BREACHED = "breached"
    OPEN = "open"
    AT_RISK = "at_risk"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Window:
    """Opening hours on one day, in wall-clock time; closing at or before opening means on the next day."""

    opens: time
    closes: time

    @property
    def past_midnight(self) -> bool:
        """Whether the window closes on the day after it opens; equal times are a full 24 hours."""
        return self.closes <= self.opens


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


_FULL_WIDTH = str.maketrans("，：－–—", ",:---")


def _clock(text: str) -> time:
    """A time of day; the hour may have one digit."""
    return time.fromisoformat(text.strip().rjust(5, "0"))


def windows_of(hours: str) -> tuple[Window, ...]:
    """Opening hours such as "08:30-12:00, 13:30-17:30"; nothing for a day of rest.

    Raises:
        ValueError: the text is not a list of hours.
    """
    windows = []
    for part in (part.strip() for part in hours.translate(_FULL_WIDTH).split(",")):
        if not part:
            continue
        opens, dash, closes = part.partition("-")
        try:
            if not dash:
                raise ValueError
            windows.append(Window(_clock(opens), _clock(closes)))
        except ValueError:
            raise ValueError(f"{part!r} is not a span of hours such as 08:30-12:00") from None
    return tuple(windows)


@dataclass(frozen=True)
class ServiceCalendar:
    """When the service clock runs.

    A window past midnight belongs to the day on which it opens: it runs on into a holiday that follows.

    Raises:
        ValueError: no opening hours at all, or a day that is both a holiday and a make-up workday.
    """

    tz: tzinfo
    windows: tuple[tuple[Window, ...], ...] = ((),) * 7
    """Monday first; several windows a day, so that a lunch break can be told."""
    holidays: frozenset[date] = frozenset()
    makeup_workdays: frozenset[date] = frozenset()
    """Days of rest declared workdays (调休)."""
    makeup_windows: tuple[Window, ...] | None = None
    """Hours of a make-up workday; by default those of the first weekday that has any."""
    always_open: bool = False

    def __post_init__(self) -> None:
        if len(self.windows) != 7:
            raise ValueError(f"A service calendar needs windows for 7 weekdays, not {len(self.windows)}.")
        if not self.always_open and not any(self.windows):
            raise ValueError("A service calendar that never opens has no clock: give at least one window.")
        both = self.holidays & self.makeup_workdays
        if both:
            raise ValueError(f"{min(both)} is given both as a holiday and as a make-up workday.")

    @classmethod
    def weekly(cls, tz: tzinfo, weekdays: Iterable[int], *windows: Window) -> "ServiceCalendar":
        """The same windows on each of the weekdays (Monday = 0)."""
        days = frozenset(weekdays)
        return cls(tz, tuple(tuple(windows) if day in days else () for day in range(7)))

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """The windows that open on the day."""
        if day in self.holidays:
            return ()
        if day in self.makeup_workdays:
            if self.makeup_windows is not None:
                return self.makeup_windows
            return next((windows for windows in self.windows if windows), ())
        return self.windows[day.weekday()]


@dataclass(frozen=True)
class ServiceLevel:
    """What is promised for one kind and priority of request."""

    response: timedelta | None
    """From the request to the first answer or arrival; None where nothing is promised."""
    resolution: timedelta | None
    """From the request to its resolution; None where nothing is promised."""
    calendar: ServiceCalendar


@dataclass(frozen=True)
class Pause:
    """A time the clock is held for an allowed reason, for example waiting for the resident's key."""

    begins: datetime
    ends: datetime | None = None
    """None while it lasts."""

    def __post_init__(self) -> None:
        _require_aware(self.begins, self.ends)
        if self.ends is not None and self.ends < self.begins:
            raise ValueError(f"A pause cannot end ({self.ends}) before it begins ({self.begins}).")


def elapsed(
    start: datetime, end: datetime, calendar: ServiceCalendar, pauses: Sequence[Pause] = ()
) -> timedelta:
    """Service time from `start` to `end`: opening hours less pauses; a pause without an end holds until `end`.

    Raises:
        ValueError: a naive instant, or `end` before `start`.
    """
    _require_aware(start, end)
    if end < start:
        raise ValueError(f"The clock cannot run backwards from {start} to {end}.")
    total = timedelta(0)
    for begins, closes in _running(start.astimezone(UTC), calendar, pauses):
        if begins >= end:
            break
        total += min(closes, end) - begins
    return total


def due_at(
    start: datetime, target: timedelta, calendar: ServiceCalendar, pauses: Sequence[Pause] = ()
) -> datetime | None:
    """The earliest instant (UTC) at which `target` of service time has elapsed since `start`.

    None while the clock is held by a pause without an end: until it ends, nobody can say.

    Raises:
        ValueError: a naive instant or a negative target.
    """
    _require_aware(start)
    if target < timedelta(0):
        raise ValueError(f"A target of {target} is negative.")
    left = target
    if not left:
        return start.astimezone(UTC)
    for begins, closes in _running(start.astimezone(UTC), calendar, pauses):
        if closes - begins >= left:
            return begins + left
        left -= closes - begins
    return None


def verdict(
    start: datetime,
    target: timedelta | None,
    calendar: ServiceCalendar,
    as_of: datetime,
    finished_at: datetime | None = None,
    pauses: Sequence[Pause] = (),
    at_risk_share: float = 0.8,
) -> Verdict:
    """Whether the target is kept, seen from `as_of`; what happened after that instant is not known yet.

    An unfinished request is at risk once `at_risk_share` of the target has elapsed. Without a target, or
    before the request came in, the question does not apply.

    Raises:
        ValueError: a naive instant, or finished before the start.
    """
    _require_aware(start, as_of, finished_at)
    if target is None or as_of < start:
        return Verdict.NOT_APPLICABLE
    if finished_at is not None and finished_at <= as_of:
        used = elapsed(start, finished_at, calendar, pauses)
        return Verdict.MET if used <= target else Verdict.BREACHED
    used = elapsed(start, as_of, calendar, pauses)
    if used > target:
        return Verdict.BREACHED
    return Verdict.AT_RISK if used >= target * at_risk_share else Verdict.OPEN


@dataclass(frozen=True)
class ProposedTarget:
    """One row of the default table of targets: a proposal to be agreed in the service plan."""

    kind: RequestKind
    priority: Priority
    response: timedelta
    resolution: timedelta
    round_the_clock: bool
    """Whether the clock runs day and night, or in the desk's opening hours only."""
    source: str = field(default="proposal", compare=False)


def _rows() -> Iterator[ProposedTarget]:
    minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
    summary = "proposal; industry summary of response norms (secondary source, low authority)"
    grade_1 = "proposal; 普通住宅小区物业管理服务等级标准 2004, grade 1: 急修 on site in half an hour"
    stars_3 = "proposal; a three-star residential standard: repairs and complaints in 2 days (excerpt)"
    ours = "proposal of this product"
    repair, enquiry = RequestKind.REPAIR, RequestKind.ENQUIRY
    complaint, suggestion = RequestKind.COMPLAINT, RequestKind.SUGGESTION
    emergency, urgent, normal, low = Priority
    yield ProposedTarget(repair, emergency, 15 * minute, 2 * hour, True, summary)
    yield ProposedTarget(repair, urgent, 30 * minute, 24 * hour, True, grade_1)
    yield ProposedTarget(repair, normal, 4 * hour, 2 * day, True, stars_3)
    yield ProposedTarget(repair, low, 1 * day, 7 * day, True, ours)
    yield ProposedTarget(enquiry, emergency, 15 * minute, 2 * hour, True, ours)
    yield ProposedTarget(enquiry, urgent, 1 * hour, 4 * hour, False, ours)
    yield ProposedTarget(enquiry, normal, 4 * hour, 8 * hour, False, summary)
    yield ProposedTarget(enquiry, low, 8 * hour, 24 * hour, False, ours)
    yield ProposedTarget(complaint, emergency, 30 * minute, 1 * day, True, ours)
    yield ProposedTarget(complaint, urgent, 4 * hour, 2 * day, True, stars_3)
    yield ProposedTarget(complaint, normal, 1 * day, 7 * day, True, summary)
    yield ProposedTarget(complaint, low, 1 * day, 7 * day, True, summary)
    for priority, answer in ((emergency, 1), (urgent, 1), (normal, 2), (low, 2)):
        yield ProposedTarget(suggestion, priority, answer * day, 14 * day, True, ours)


PROPOSED_TARGETS: tuple[ProposedTarget, ...] = tuple(_rows())
"""Targets offered when a plan is drafted; none is law, and the agreed plan replaces them."""


def service_level_for(
    kind: RequestKind,
    priority: Priority,
    desk: ServiceCalendar,
    targets: Sequence[ProposedTarget] = PROPOSED_TARGETS,
) -> ServiceLevel | None:
    """The level that a table of targets promises; None where it promises nothing for this kind and priority."""
    for row in targets:
        if (row.kind, row.priority) == (kind, priority):
            calendar = ServiceCalendar(desk.tz, always_open=True) if row.round_the_clock else desk
            return ServiceLevel(row.response, row.resolution, calendar)
    return None


def _require_aware(*instants: datetime | None) -> None:
    for instant in instants:
        if instant is not None and instant.tzinfo is None:
            raise ValueError(f"{instant} has no time zone: expected an aware instant.")


def _running(
    start: datetime, calendar: ServiceCalendar, pauses: Sequence[Pause]
) -> Iterator[tuple[datetime, datetime]]:
    """The spans after `start` in which the clock runs, in order; ends only at a pause that has no end."""
    held = _merged((pause.begins.astimezone(UTC), pause.ends) for pause in pauses)
    for opens, closes in _open_spans(start, calendar):
        at = opens
        for begins, ends in held:
            if begins >= closes:
                break
            if begins > at:
                yield at, begins
            if ends is None:
                return
            at = max(at, ends)
        if at < closes:
            yield at, closes


def _merged(spans: Iterable[tuple[datetime, datetime | None]]) -> list[tuple[datetime, datetime | None]]:
    """Overlapping and touching pauses made one, in order."""
    merged: list[tuple[datetime, datetime | None]] = []
    for begins, ends in sorted(spans, key=lambda span: span[0]):
        ends_utc = None if ends is None else ends.astimezone(UTC)
        if merged and (merged[-1][1] is None or begins <= merged[-1][1]):
            last = merged[-1][1]
            merged[-1] = (
                merged[-1][0],
                None if last is None or ends_utc is None else max(last, ends_utc),
            )
        else:
            merged.append((begins, ends_utc))
    return merged


def _open_spans(start: datetime, calendar: ServiceCalendar) -> Iterator[tuple[datetime, datetime]]:
    """The opening hours from `start` on, without overlap, in order, without end."""
    if calendar.always_open:
        yield start, datetime.max.replace(tzinfo=UTC)
        return
    covered = start
    # Two days back: yesterday's window may run past midnight, and clock changes may skip a day.
    day = start.astimezone(calendar.tz).date() - timedelta(days=2)
    while True:
        spans = sorted(
            (
                instant_of(day, window.opens, calendar.tz),
                instant_of(day + timedelta(days=window.past_midnight), window.closes, calendar.tz),
            )
            for window in calendar.windows_on(day)
        )
        for opens, closes in spans:
            if closes > covered:
                yield max(opens, covered), closes
                covered = closes
        day += timedelta(days=1)
