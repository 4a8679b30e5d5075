"""Who takes which shift of a month? The rested person with the fewest hours, slot by slot (B5).

The rotation can be followed by hand: slots in order of time; of those who may stand there (not on leave, certificate in
date, rested, within the hours) the one with the fewest hours so far in the month, then the longest rested, then the
first by reference. A slot nobody may take stays open and is reported: no limit is bent to close a gap.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.rules.coverage import Shift
from models.rules.roster_limits import REST, WEEK_HOURS

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Slot:
    """A place on a post that one person is to fill; aware instants."""

    post: str
    start: datetime
    end: datetime
    day: date
    """The business day on which it starts."""


@dataclass(frozen=True)
class Rotation:
    """The shifts that could be given out, and the slots that could not."""

    shifts: tuple[Shift, ...]
    open_slots: tuple[Slot, ...]


def round_the_clock_slots(
    post: str, heads: int, first: date, last: date, zone: str, shift_hours: int = 8
) -> list[Slot]:
    """The slots of a post manned day and night, from midnight of the first day to the end of the last one.

    Args:
        post: its code.
        heads: people on duty at any time.
        first: the first day.
        last: the last day, included.
        zone: time zone of the business days.
        shift_hours: length of a shift; shifts start at midnight and every so many hours on the clock.

    Raises:
        ValueError: the length does not divide the day, or fewer than one head.
    """
    if shift_hours not in (6, 8, 12) or heads < 1:
        raise ValueError(f"{shift_hours} hours and {heads} people: expected 6, 8 or 12 hours and 1 or more.")
    found = []
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        for hour in range(0, 24, shift_hours):
            until = hour + shift_hours
            end = _at(day + _DAY, 0, zone) if until == 24 else _at(day, until, zone)
            found.extend([Slot(post, _at(day, hour, zone), end, day)] * heads)
    return found


def day_slots(post: str, heads: int, days: Iterable[date], zone: str, first_hour: int = 9) -> list[Slot]:
    """The slots of a day post: eight hours from `first_hour` on each of the days (Labour Law art. 36)."""
    return [
        slot
        for day in days
        for slot in [Slot(post, _at(day, first_hour, zone), _at(day, first_hour + 8, zone), day)] * heads
    ]


def rotate(
    slots: Sequence[Slot],
    may_stand: Callable[[str, Slot], bool],
    people: Sequence[str],
    before: Sequence[Shift] = (),
    rest: timedelta = REST,
    week_hours: float = WEEK_HOURS,
    window: timedelta | None = None,
) -> Rotation:
    """Give out the slots of one post.

    Args:
        slots: of one post.
        may_stand: whether a person may take a slot as regards leave, training and certificate.
        people: references.
        before: what these people have on their roster already, on whatever post; their rest counts.
        rest: the least time between two shifts.
        week_hours: the most hours a week on the average of the window.
        window: length of the time the average is taken over; by default what the slots span.
    """
    if not slots:
        return Rotation((), ())
    opens = min(slot.start for slot in slots)
    span = window or max(slot.end for slot in slots) - opens
    most = timedelta(hours=week_hours) * (span / _WEEK)
    worked = dict.fromkeys(people, timedelta(0))
    taken: dict[str, list[tuple[datetime, datetime]]] = {person: [] for person in people}
    for shift in before:
        if shift.person in worked:
            taken[shift.person].append((shift.start, shift.end))
            worked[shift.person] += max(timedelta(0), shift.end - max(shift.start, opens))
    given: list[Shift] = []
    left: list[Slot] = []
    for slot in sorted(slots, key=lambda slot: slot.start):
        length = slot.end - slot.start
        able = [
            person
            for person in people
            if worked[person] + length <= most
            and all(end + rest <= slot.start or slot.end + rest <= start for start, end in taken[person])
            and may_stand(person, slot)
        ]
        if not able:
            left.append(slot)
            continue
        person = min(able, key=lambda name: (worked[name], _last_end(taken[name], opens), name))
        worked[person] += length
        taken[person].append((slot.start, slot.end))
        given.append(Shift(slot.post, slot.start, slot.end, person))
    return Rotation(tuple(given), tuple(left))


def _last_end(taken: Sequence[tuple[datetime, datetime]], otherwise: datetime) -> datetime:
    return max((end for _start, end in taken), default=otherwise - 365 * _DAY)


def _at(day: date, hour: int, zone: str) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
