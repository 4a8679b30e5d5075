"""Which changes of service are followed by a survey of their own, and on which day does it open? (D3)"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

PREFIX = "special:"
"""How the period of such a wave begins; what follows names the change."""
CONTACT_GAP = timedelta(days=30)
"""Between the openings of any two waves, so that nobody is asked twice within it (own rule)."""
STILL_ASKED = timedelta(days=60)
"""Later nobody remembers what changed: the next quarterly wave asks of it (own rule; the plan promises 30 days)."""
LEADING_POSTS = frozenset({"manager"})
LARGE_SHARE = 4
"""A month in which a quarter of the staff or more is new is a change of staff, two people at least (own rule)."""


class ChangeKind(StrEnum):
    """Kinds of change that a survey can follow."""

    AMENDMENT = "amendment"
    """An amended plan came into effect."""
    STAFF = "staff"
    """The manager, or a large part of the staff within a month, is new."""
    INCIDENT = "incident"
    """An emergency was stood down."""


@dataclass(frozen=True)
class SpecialRule:
    """What an engagement decided about special surveys."""

    active: bool = True
    after_days: int = 14
    """So many days after the change the wave opens: time enough to notice it (own rule)."""
    least_gap_days: int = 90
    """Between two special waves; what changes meanwhile is asked with the first."""
    kinds: tuple[ChangeKind, ...] = tuple(ChangeKind)
    since: date | None = None
    """What changed before is followed by none: nobody is asked of the past because the software was renewed."""


@dataclass(frozen=True)
class ChangeEvent:
    """One change of service."""

    kind: ChangeKind
    ref: str
    happened_on: date

    @property
    def period(self) -> str:
        """Of the wave that follows it: one for each change, however often it is looked for."""
        return f"{PREFIX}{self.kind.value}-{self.ref}"


@dataclass(frozen=True)
class SpecialFacts:
    """What the rule needs to know of an engagement."""

    rule: SpecialRule = field(default_factory=lambda: SpecialRule(active=False))
    events: tuple[ChangeEvent, ...] = ()
    on_record: Mapping[str, date] = field(default_factory=dict)
    """Period of each special wave that was begun, to the day it opened or was due."""
    opened: tuple[date, ...] = ()
    """Days on which other waves opened."""


NOTHING_CHANGED = SpecialFacts()


@dataclass(frozen=True)
class SpecialWave:
    """A special wave, or why there is none."""

    period: str
    happened_on: date | None
    """None where the change is not on record any more."""
    opens_on: date | None
    reason: str = ""


def special_waves(
    facts: SpecialFacts, planned: Iterable[date], last_on: date, today: date
) -> tuple[SpecialWave, ...]:
    """The waves that follow changes of service, one for each; what was begun stays as it is.

    Args:
        facts: of the engagement.
        planned: when the quarterly waves open.
        last_on: the last day on which a wave may open before the term ends.
        today: the business date.
    """
    happened = {event.period: event.happened_on for event in facts.events}
    found = [
        SpecialWave(period, happened.get(period), day) for period, day in sorted(facts.on_record.items())
    ]
    special_days = list(facts.on_record.values())
    others = sorted({*planned, *facts.opened})
    for event in sorted(facts.events, key=lambda event: (event.happened_on, event.period)):
        if event.period in facts.on_record:
            continue
        day = _free_day(event.happened_on + timedelta(days=facts.rule.after_days), others)
        reason = _refusal(event, facts.rule, day, special_days, last_on, today)
        found.append(SpecialWave(event.period, event.happened_on, None if reason else day, reason))
        if not reason:
            special_days.append(day)
    return tuple(found)


def _refusal(
    event: ChangeEvent,
    rule: SpecialRule,
    day: date,
    special_days: Sequence[date],
    last_on: date,
    today: date,
) -> str:
    if not rule.active or event.kind not in rule.kinds:
        return "no survey is wanted after such a change"
    if rule.since is not None and event.happened_on < rule.since:
        return f"before {rule.since}, the day of the upgrade that brought special surveys"
    if max(day, today) - event.happened_on > STILL_ASKED:
        return f"more than {STILL_ASKED.days} days after the change"
    if day > last_on:
        return "the term ends before"
    near = [other for other in special_days if abs((day - other).days) < rule.least_gap_days]
    if near:
        return f"less than {rule.least_gap_days} days from the special survey of {near[0]}"
    return ""


def _free_day(day: date, others: Sequence[date]) -> date:
    """The first day from `day` on that lies far enough from every other wave."""
    for other in others:
        if abs(day - other) < CONTACT_GAP:
            day = other + CONTACT_GAP
    return day


@dataclass(frozen=True)
class OnPost:
    """When somebody was on a post; `left_on` is the first day without them."""

    post: str
    assigned_on: date
    left_on: date | None


def staff_changes(staff: Sequence[OnPost], since: date) -> tuple[ChangeEvent, ...]:
    """The months in which the manager or a large part of the staff was new.

    Args:
        staff: everybody who was ever on a post.
        since: the first day of service; who came until then is the first crew.
    """
    found = []
    for month in sorted({one.assigned_on.replace(day=1) for one in staff if one.assigned_on > since}):
        new = [o for o in staff if o.assigned_on > since and o.assigned_on.replace(day=1) == month]
        before = [
            o for o in staff if o.assigned_on < month and (o.left_on is None or o.left_on > month)
        ] or staff
        if any(one.post in LEADING_POSTS for one in new) or len(new) >= max(
            2, -(-len(before) // LARGE_SHARE)
        ):
            last = max(one.assigned_on for one in new)
            found.append(ChangeEvent(ChangeKind.STAFF, f"{month:%Y-%m}", last))
    return tuple(found)


def is_special(period: str) -> bool:
    """Whether a wave follows a change of service."""
    return period.startswith(PREFIX)


def purpose_of(period: str) -> str:
    """What the wave of a period is for: after an emergency the risks, after another change the service."""
    if not is_special(period):
        return "overall"
    return "risk" if period.startswith(f"{PREFIX}{ChangeKind.INCIDENT}-") else "special"
