"""What may happen to a request in which state, and what follows from its log? One table of legal acts (B6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from models.rules.service_levels import Pause


class Act(StrEnum):
    """What is recorded about a request."""

    RECEIVED = "received"
    RESPONDED = "responded"
    ASSIGNED = "assigned"
    PAUSED = "paused"
    RESUMED = "resumed"
    RECLASSIFIED = "reclassified"
    CONVERTED = "converted"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    CALLED_BACK = "called_back"


class PauseReason(StrEnum):
    """For what the clock may be held; nothing else stops it."""

    REQUESTER = "requester"
    """An answer, a key or an appointment of the requester is awaited."""
    MATERIAL = "material"
    THIRD_PARTY = "third_party"
    AUTHORITY = "authority"
    WEATHER = "weather"


RECEIVED, RESPONDED, WAITING, RESOLVED, CLOSED = STATES = (
    "received",
    "responded",
    "waiting",
    "resolved",
    "closed",
)
OPEN_STATES = (RECEIVED, RESPONDED, WAITING)
SETTLED_STATES = (RESOLVED, CLOSED)
AS_BEFORE = ""
"""A pause that ends leaves the request as it was before."""

_SAME = {
    (state, act): state
    for state in OPEN_STATES
    for act in (Act.ASSIGNED, Act.RECLASSIFIED, Act.CONVERTED, Act.ESCALATED)
}
_SETTLED = {
    (state, act): after
    for state in OPEN_STATES
    for act, after in ((Act.RESOLVED, RESOLVED), (Act.CLOSED, CLOSED))
}
TRANSITIONS: Mapping[tuple[str, Act], str] = MappingProxyType(
    {
        **_SAME,
        **_SETTLED,
        (RECEIVED, Act.RESPONDED): RESPONDED,
        (RESPONDED, Act.RESPONDED): RESPONDED,
        (RECEIVED, Act.PAUSED): WAITING,
        (RESPONDED, Act.PAUSED): WAITING,
        (WAITING, Act.RESUMED): AS_BEFORE,
        (RESOLVED, Act.CLOSED): CLOSED,
        (RESOLVED, Act.REOPENED): RESPONDED,
        (CLOSED, Act.REOPENED): RESPONDED,
        (RESOLVED, Act.CALLED_BACK): RESOLVED,
        (CLOSED, Act.CALLED_BACK): CLOSED,
    }
)
"""State and act to the state after; what is not here is not legal."""


class ActRefused(ValueError):
    """The act is not legal in the request's state; the text says what is."""


@dataclass(frozen=True)
class LogEntry:
    """One act and when it happened."""

    act: Act
    at: datetime


@dataclass(frozen=True)
class Standing:
    """What a log comes to."""

    state: str
    received_at: datetime
    responded_at: datetime | None
    """The first answer; settling without one is an answer too."""
    settled_at: datetime | None
    """When it was settled last; None while it is open."""
    first_settled_at: datetime | None
    pauses: tuple[Pause, ...]
    gaps: tuple[Pause, ...]
    """From each settling to the reopening that undid it: no pause, and kept apart from those."""

    @property
    def reopened(self) -> int:
        """How often it was opened again."""
        return len(self.gaps)


def legal_acts(state: str) -> tuple[Act, ...]:
    """What may be recorded in a state."""
    return tuple(act for act in Act if (state, act) in TRANSITIONS)


def _after(state: str, entry: LogEntry, last: datetime) -> str:
    after = TRANSITIONS.get((state, entry.act))
    if after is None:
        legal = ", ".join(legal_acts(state))
        raise ActRefused(f"a request that is {state} cannot be {entry.act.value}; legal is {legal}")
    if entry.at < last:
        raise ActRefused(f"{entry.act.value} at {entry.at.isoformat()} lies before the entry before it")
    return after


def standing(log: Sequence[LogEntry]) -> Standing:
    """Replay a log from its beginning.

    Raises:
        ActRefused: it does not begin with the receipt, goes back in time, or holds an act that was not legal.
    """
    if not log or log[0].act is not Act.RECEIVED:
        raise ActRefused("the log of a request begins with its receipt")
    state, before_pause = RECEIVED, RECEIVED
    responded: datetime | None = None
    settled: datetime | None = None
    first_settled: datetime | None = None
    held_since: datetime | None = None
    pauses: list[Pause] = []
    gaps: list[Pause] = []
    last = log[0].at
    for entry in log[1:]:
        if entry.act is Act.ESCALATED:
            # Written by the clock: what people did before it, and write down later, is still told truly.
            _after(state, entry, log[0].at)
            continue
        after = _after(state, entry, last)
        last = entry.at
        if held_since is not None and (entry.act is Act.RESUMED or after in SETTLED_STATES):
            pauses.append(Pause(held_since, entry.at))
            held_since = None
        if entry.act is Act.PAUSED:
            held_since, before_pause = entry.at, state
        elif entry.act is Act.REOPENED and settled is not None:
            gaps.append(Pause(settled, entry.at))
            settled = None
        elif entry.act is Act.RESPONDED:
            responded = responded or entry.at
        elif after in SETTLED_STATES and state in OPEN_STATES:
            settled = entry.at
            responded, first_settled = responded or entry.at, first_settled or entry.at
        state = before_pause if after == AS_BEFORE else after
    if held_since is not None:
        pauses.append(Pause(held_since))
    return Standing(state, log[0].at, responded, settled, first_settled, tuple(pauses), tuple(gaps))
