"""Who is to be told next for a role in an emergency? The one on the post, else deputies, each after some patience."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Call:
    """One person who was told for a role."""

    person_ref: str
    told_at: datetime
    acknowledged: bool
    failed: bool
    """The message cannot have arrived."""


def next_to_tell(
    candidates: Sequence[str], calls: Sequence[Call], now: datetime, patience: timedelta
) -> str | None:
    """The next candidate to tell; None if somebody has acknowledged, may still do so, or nobody is left.

    Args:
        candidates: references in order: the person on the post, then the deputies.
        calls: who was told for this role so far.
        now: the instant of the question.
        patience: how long a call may stay without an acknowledgement.
    """
    if any(call.acknowledged for call in calls):
        return None
    if any(not call.failed and now - call.told_at < patience for call in calls):
        return None
    told = {call.person_ref for call in calls}
    return next((ref for ref in candidates if ref not in told), None)
