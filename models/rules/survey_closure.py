"""Did an improvement work? A later wave against the one that showed the weakness, and against untouched sites (D6)."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from models.rules.satisfaction import (
    MINIMUM_CELL,
    WaveShare,
    mode_shift,
    modes_comparable,
    newcombe_interval,
)

NEAR_DAYS = 45
"""A wave of another site is set beside one of ours if it opened within so many days of it (own rule)."""


class ClosureVerdict(StrEnum):
    """Whether an improvement action worked (clause D6)."""

    VERIFIED = "verified"
    NOT_DEMONSTRATED = "not_demonstrated"
    WORSENED = "worsened"
    INSUFFICIENT_N = "insufficient_n"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True)
class Closure:
    """The verdict with everything it was reckoned from; shares as 0 to 1, withheld below `MINIMUM_CELL` answers."""

    verdict: ClosureVerdict
    target: float
    before_n: int
    after_n: int
    mode_shift: float
    """By how much the share of the mode that moved most did."""
    before: float | None = None
    after: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    sites: int = 0
    """Untouched sites beside it; 0 where there is none, and regression to the mean cannot be told from an effect."""
    untouched: float | None = None
    """Mean change of the untouched sites, with its interval."""
    untouched_low: float | None = None
    untouched_high: float | None = None
    net: float | None = None
    """Own change less that of the untouched sites, with its interval."""
    net_low: float | None = None
    net_high: float | None = None

    def as_record(self) -> dict[str, Any]:
        """Plain values, rounded to six digits, to keep."""
        return {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        } | {"verdict": self.verdict.value}


def closure(
    before: WaveShare,
    after: WaveShare,
    target: float,
    untouched: Sequence[tuple[WaveShare, WaveShare]] = (),
    confidence: float = 0.95,
) -> Closure:
    """Whether the wave after an action shows that it worked.

    Verified needs all of: the share reaches the target declared beforehand; the interval of the change lies above 0; and,
    where untouched sites were asked the same at about the same time, so does the interval of the change less theirs. A
    site is chosen because it was worst, and improves by chance too (regression to the mean); what moves everybody is no
    effect either. Intervals: Newcombe's of each change, combined by the method of variance estimates recovery (Zou &
    Donner 2008, Statistics in Medicine 27:1693-1702).

    Args:
        before: the wave that showed the weakness.
        after: a wave that opened after the action was carried out.
        target: share, 0 to 1.
        untouched: the item before and after at sites without an action on it; those that cannot be compared are left out.
        confidence: of all intervals.
    """
    fewest = min(before.n, after.n)
    few = fewest < MINIMUM_CELL
    shift = mode_shift(before.mode_mix, after.mode_mix) if fewest else 0.0  # no answers came in no mode
    same = before.item_code == after.item_code and (
        not fewest or modes_comparable(before.mode_mix, after.mode_mix)
    )
    if few or not same:
        verdict = ClosureVerdict.INSUFFICIENT_N if same else ClosureVerdict.NOT_COMPARABLE
        return Closure(verdict, target, before.n, after.n, shift)
    change, low, high = newcombe_interval(after, before, confidence)
    beside = [
        newcombe_interval(later, earlier, confidence)
        for earlier, later in untouched
        if min(earlier.n, later.n) >= MINIMUM_CELL
        and earlier.item_code == later.item_code == before.item_code
        and modes_comparable(earlier.mode_mix, later.mode_mix)
    ]
    theirs = _mean_change(beside) if beside else None
    net = None if theirs is None else _less((change, low, high), theirs)
    reached = after.satisfied / after.n >= target
    verdict = ClosureVerdict.NOT_DEMONSTRATED
    if high < 0:
        verdict = ClosureVerdict.WORSENED
    elif low > 0 and reached and (net is None or net[1] > 0):
        verdict = ClosureVerdict.VERIFIED
    nothing = (None, None, None)
    return Closure(
        verdict,
        target,
        before.n,
        after.n,
        shift,
        before.satisfied / before.n,
        after.satisfied / after.n,
        change,
        low,
        high,
        len(beside),
        *(theirs or nothing),
        *(net or nothing),
    )


def _mean_change(changes: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """The plain mean of several changes; each site counts once, however large."""
    count = len(changes)
    mean = math.fsum(change for change, _, _ in changes) / count
    down = math.hypot(*(change - low for change, low, _ in changes)) / count
    up = math.hypot(*(high - change for change, _, high in changes)) / count
    return mean, mean - down, mean + up


def _less(ours: tuple[float, float, float], theirs: tuple[float, float, float]) -> tuple[float, float, float]:
    net = ours[0] - theirs[0]
    down = math.hypot(ours[0] - ours[1], theirs[2] - theirs[0])
    up = math.hypot(ours[2] - ours[0], theirs[0] - theirs[1])
    return net, net - down, net + up
