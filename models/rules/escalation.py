"""Who must be told that a request's time runs out? By the part of the target that its clock has used up (B6)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.rules.catalogue import Certainty
from models.rules.service_clock import RequestClocks


class ClockName(StrEnum):
    """Which of the two clocks."""

    RESPONSE = "response"
    RESOLUTION = "resolution"


@dataclass(frozen=True)
class EscalationStep:
    """One step: at this part of the target these posts are told."""

    clock: ClockName
    at: Decimal
    posts: tuple[str, ...]

    @property
    def key(self) -> str:
        """What it is known by in a request's log, such as `resolution:0.8`."""
        return f"{self.clock.value}:{self.at.normalize():f}"


@dataclass(frozen=True)
class EscalationTable:
    """All steps, and where they come from."""

    source: str
    certainty: Certainty
    steps: tuple[EscalationStep, ...]


def reached_steps(
    found: RequestClocks, steps: Sequence[EscalationStep], told: Collection[str]
) -> tuple[EscalationStep, ...]:
    """The steps that are reached and not told yet; a clock that has stopped, or is held, reaches none.

    Args:
        found: both clocks now.
        steps: the table.
        told: keys of the steps told before.
    """
    if found.held:
        return ()
    reached = []
    for step in steps:
        clock = found.response if step.clock is ClockName.RESPONSE else found.resolution
        share = clock.share_used
        if clock.finished_at is None and share is not None and share >= step.at and step.key not in told:
            reached.append(step)
    return tuple(reached)
