"""Was what was promised done in time, and did it work? How a review looks back on the actions of the one before (C1)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kept(StrEnum):
    """Whether an action was carried out by the day first promised."""

    IN_TIME = "in_time"
    LATE = "late"
    """Done after that day, also where the day was moved meanwhile."""
    NOT_DUE = "not_due"
    OVERDUE = "overdue"


class Effect(StrEnum):
    """Whether it worked, as far as that is known."""

    WORKED = "worked"
    NOT_SHOWN = "not_shown"
    """A later figure or survey did not reach the target, or could not tell."""
    WAITING = "waiting"
    """Done, and not judged yet; or nothing to measure it by."""
    NONE = ""
    """Not done."""


_NOT_SHOWN = ("not_demonstrated", "worsened", "insufficient_n", "not_comparable")


@dataclass(frozen=True)
class ActionFacts:
    """What is known of an action."""

    state: str
    first_due: date
    """The day that was promised first, before any move."""
    done_on: date | None


@dataclass(frozen=True)
class ActionOutcome:
    """What became of it."""

    kept: Kept
    effect: Effect


def outcome_of(action: ActionFacts, on: date) -> ActionOutcome:
    """What is to be said of an action on a day; what was done later is not known then."""
    done_on = action.done_on if action.done_on is not None and action.done_on <= on else None
    if done_on is None:
        return ActionOutcome(Kept.OVERDUE if action.first_due < on else Kept.NOT_DUE, Effect.NONE)
    kept = Kept.IN_TIME if done_on <= action.first_due else Kept.LATE
    if action.state == "verified":
        return ActionOutcome(kept, Effect.WORKED)
    return ActionOutcome(kept, Effect.NOT_SHOWN if action.state in _NOT_SHOWN else Effect.WAITING)
