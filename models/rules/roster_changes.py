"""What does a corrected roster add, change and take away? (B5)"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from models.rules.coverage import Shift


class RosterAct(StrEnum):
    """What becomes of a shift."""

    ADDED = "added"
    CHANGED = "changed"
    """Another end, or another person in the same hours."""
    REMOVED = "removed"
    KEPT = "kept"
    """The corrected roster has it no more, or otherwise, but it may not be touched."""


@dataclass(frozen=True)
class RosterChange:
    """One shift that a corrected roster has otherwise."""

    act: RosterAct
    before: Shift | None
    after: Shift | None
    reason: str = ""
    """Why a kept one may not be touched."""


def compare_rosters(
    standing: Iterable[Shift], wanted: Iterable[Shift], why_kept: Callable[[Shift], str]
) -> list[RosterChange]:
    """The changes from one roster to another, in the order of time; shifts that are in both are left out.

    Args:
        standing: the shifts as planned so far.
        wanted: the shifts as they shall be.
        why_kept: why a standing shift may not be touched; empty where it may.
    """
    now, then = set(standing), set(wanted)
    left = sorted(then - now, key=_place)
    changes: list[RosterChange] = []
    for before in sorted(now - then, key=_place):
        after = next((shift for shift in left if _same_place(before, shift)), None)
        if after is not None:
            left.remove(after)
        if reason := why_kept(before):
            changes.append(RosterChange(RosterAct.KEPT, before, after, reason))
        else:
            act = RosterAct.REMOVED if after is None else RosterAct.CHANGED
            changes.append(RosterChange(act, before, after))
    changes += [RosterChange(RosterAct.ADDED, None, shift) for shift in left]
    return sorted(changes, key=lambda change: _place(change.before or change.after))


def _same_place(one: Shift, other: Shift) -> bool:
    """The same person from the same minute on, or the same hours of the same post."""
    return (one.post, one.start) == (other.post, other.start) and (
        one.person == other.person or one.end == other.end
    )


def _place(shift: Shift | None) -> tuple[object, ...]:
    return () if shift is None else (shift.start, shift.post, shift.person, shift.end)
