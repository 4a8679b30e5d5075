"""Was every post manned all the time (clause B5: 24小时不间断)?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Shift:
    """One person on one post from `start` (included) to `end` (excluded), aware instants.

    Raises:
        ValueError: a naive instant, or a shift that does not end after it starts.
    """

    post: str
    start: datetime
    end: datetime
    person: str

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError(f"The shift of {self.person} on {self.post} has an instant without a time zone.")
        if self.end <= self.start:
            raise ValueError(
                f"The shift of {self.person} on {self.post} ends {self.end}, not after its start {self.start}."
            )


@dataclass(frozen=True)
class Gap:
    """A time in which a post had fewer people than it needs."""

    post: str
    start: datetime
    end: datetime
    missing: int
    """How many people were missing."""

    @property
    def minutes(self) -> int:
        """Length in minutes; a minute begun counts, for a gap must not vanish by rounding."""
        return -((self.start - self.end) // _MINUTE)


@dataclass(frozen=True)
class DoubleBooking:
    """A time in which one person was on two shifts."""

    person: str
    start: datetime
    end: datetime
    posts: tuple[str, str]
    """The same post twice where one shift was entered twice."""


@dataclass(frozen=True)
class Overlap:
    """A time in which a post had more people than it needs: a handover, or a wasted shift."""

    post: str
    start: datetime
    end: datetime
    people: tuple[str, ...]


@dataclass(frozen=True)
class CoverageProof:
    """What the shifts prove over a window."""

    gaps: tuple[Gap, ...]
    double_bookings: tuple[DoubleBooking, ...]
    overlaps: tuple[Overlap, ...]
    covered: timedelta
    """Person-time on post, each post counted up to what it needs."""
    required: timedelta
    """Person-time needed."""

    @property
    def is_unbroken(self) -> bool:
        """Whether no post had a gap and nobody was in two places: overlaps do no harm."""
        return not self.gaps and not self.double_bookings


def prove_coverage(
    shifts: Sequence[Shift], needed: Mapping[str, int], window_start: datetime, window_end: datetime
) -> CoverageProof:
    """Gaps, double bookings and overlaps of the posts in `needed` (people per post) in a half-open window.

    A post nobody was rostered on is one gap from end to end. Shifts on other posts matter only for double
    bookings. One person counts once on a post, however often the shift was entered.

    Raises:
        ValueError: a naive or empty window, or a post that needs fewer than one person.
    """
    if window_start.tzinfo is None or window_end.tzinfo is None or window_end <= window_start:
        raise ValueError(f"The window {window_start} to {window_end} is not a span of aware instants.")
    clipped = [
        Shift(s.post, max(s.start, window_start), min(s.end, window_end), s.person)
        for s in shifts
        if s.end > window_start and s.start < window_end
    ]
    gaps: list[Gap] = []
    overlaps: list[Overlap] = []
    covered = required = timedelta(0)
    for post, people_needed in needed.items():
        if people_needed < 1:
            raise ValueError(f"Post {post} needs {people_needed} people: expected at least 1.")
        on_post = [shift for shift in clipped if shift.post == post]
        required += (window_end - window_start) * people_needed
        for start, end, people in _headcounts(on_post, window_start, window_end):
            covered += (end - start) * min(len(people), people_needed)
            if len(people) < people_needed:
                _extend_gaps(gaps, Gap(post, start, end, people_needed - len(people)))
            elif len(people) > people_needed:
                overlaps.append(Overlap(post, start, end, people))
    return CoverageProof(tuple(gaps), tuple(_double_bookings(clipped)), tuple(overlaps), covered, required)


def _headcounts(
    shifts: Iterable[Shift], window_start: datetime, window_end: datetime
) -> Iterator[tuple[datetime, datetime, tuple[str, ...]]]:
    """The window cut wherever somebody comes or goes, with the people then on post."""
    events = sorted(
        [(shift.start, 1, shift.person) for shift in shifts]
        + [(shift.end, -1, shift.person) for shift in shifts]
        + [(window_end, 0, "")]
    )
    on_post: dict[str, int] = {}
    since = window_start
    for at, change, person in events:
        if at > since:
            yield since, at, tuple(sorted(name for name, count in on_post.items() if count))
            since = at
        if change:
            on_post[person] = on_post.get(person, 0) + change


def _extend_gaps(gaps: list[Gap], gap: Gap) -> None:
    last = gaps[-1] if gaps else None
    if last and (last.post, last.end, last.missing) == (gap.post, gap.start, gap.missing):
        gaps[-1] = Gap(gap.post, last.start, gap.end, gap.missing)
    else:
        gaps.append(gap)


def _double_bookings(shifts: Iterable[Shift]) -> Iterator[DoubleBooking]:
    running: dict[str, list[Shift]] = {}
    for shift in sorted(shifts, key=lambda s: (s.start, s.end, s.post, s.person)):
        still = [other for other in running.get(shift.person, []) if other.end > shift.start]
        for other in still:
            yield DoubleBooking(
                shift.person, shift.start, min(shift.end, other.end), (other.post, shift.post)
            )
        running[shift.person] = [*still, shift]
