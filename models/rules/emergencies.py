"""How well was an emergency plan followed? The share of its steps done within their time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

GOOD_SCORE = Decimal("0.8")
"""Below it, what went wrong becomes an improvement action."""


class StepState(StrEnum):
    """How a step of a running incident stands."""

    DONE = "done"
    LATE = "done_late"
    RUNNING = "running"
    OVERDUE = "overdue"
    NOT_DONE = "not_done"
    """The incident is over, and nobody did it."""


def step_state(
    activated_at: datetime,
    within_minutes: int,
    done_at: datetime | None,
    now: datetime,
    *,
    over: bool = False,
) -> StepState:
    """A step against its target: a step done on its last minute is in time, as `step_score` has it."""
    if done_at is not None:
        return StepState.DONE if in_time(activated_at, within_minutes, done_at) else StepState.LATE
    if over:
        return StepState.NOT_DONE
    return StepState.RUNNING if in_time(activated_at, within_minutes, now) else StepState.OVERDUE


def in_time(activated_at: datetime, within_minutes: int, done_at: datetime) -> bool:
    """Whether a step was done in its minutes, the last instant included.

    What is to be done at once (minute 0) is in time before the first minute is over: nobody does anything in no time.
    """
    taken = done_at - activated_at
    return taken < _AT_ONCE if within_minutes == 0 else taken <= timedelta(minutes=within_minutes)


_AT_ONCE = timedelta(minutes=1)


def step_score(activated_at: datetime, steps: Sequence[tuple[int, datetime | None]]) -> Decimal | None:
    """The share of steps done in time, 0 to 1; None for a plan without steps.

    Args:
        activated_at: when the plan was activated.
        steps: minutes allowed from activation, and when the step was done (None: not done).
    """
    if not steps:
        return None
    kept = sum(done_at is not None and in_time(activated_at, minutes, done_at) for minutes, done_at in steps)
    return Decimal(kept) / Decimal(len(steps))


def drills_to_hold(
    pressing: Sequence[str], kinds: Sequence[str], already_drilled: Sequence[str], *, in_turn: bool
) -> list[str]:
    """Which plans a quarter's drills exercise, the most pressing first.

    Args:
        pressing: plans whose drill falls due before the next quarter's drills.
        kinds: of all plans in force.
        already_drilled: kind of each drill held so far.
        in_turn: the plan promises one more, of another plan in turn, in this quarter.
    """
    another = drill_plan([kind for kind in kinds if kind not in pressing], already_drilled)
    return [*pressing, *([another] if another and (in_turn or not pressing) else [])]


def drill_plan(kinds: Sequence[str], already_drilled: Sequence[str]) -> str | None:
    """Which plan the next drill exercises: the one drilled least often, fire first among equals.

    Source: fire drills are the ones the law counts (Order 61 Art. 40), so fire comes first.
    """
    if not kinds:
        return None
    order = sorted(kinds, key=lambda kind: (kind != "fire", kind))
    return min(order, key=lambda kind: (list(already_drilled).count(kind), order.index(kind)))
