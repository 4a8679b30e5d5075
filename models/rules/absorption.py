"""Which small service is done with a larger one, and which must still be done by itself?

A yearly service whose task list contains the monthly one takes that month's place: same asset, windows that meet.
With a legal limit it does so only where the limit holds on both sides of it; and the larger one must then be done
by the day the smaller one would have had to be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.rules.schedule import Planned


@dataclass(frozen=True)
class Absorption:
    """One occurrence of the smaller series that an occurrence of the larger one takes the place of."""

    small: int
    large: int
    """Their ordinals."""
    large_latest_on: date
    """By when the larger one must now be done."""


def absorptions(
    small: Sequence[Planned], large: Sequence[Planned], longest_interval_days: int | None
) -> tuple[Absorption, ...]:
    """What the larger series absorbs of the smaller one; each absorbs at most one occurrence.

    Args:
        small: the planned occurrences of the smaller series in order, with a neighbour on either side of those
            asked about.
        large: those of the larger series.
        longest_interval_days: the legal limit of the smaller series.
    """
    found: dict[int, Absorption] = {}
    for big in large:
        fitting = [
            (abs((one.due_on - big.due_on).days), place)
            for place, one in enumerate(small)
            if one.due_on <= big.latest_on and big.due_on <= one.latest_on and one.ordinal not in found
        ]
        for _distance, place in sorted(fitting):
            one = small[place]
            latest = big.latest_on
            if longest_interval_days is not None:
                after = small[place + 1] if place + 1 < len(small) else None
                if after is None or (after.due_on - big.due_on).days > longest_interval_days:
                    continue
                if one.legal_latest_on is not None and big.due_on > one.legal_latest_on:
                    continue
                latest = max(min(latest, one.latest_on), big.due_on)
            found[one.ordinal] = Absorption(one.ordinal, big.ordinal, latest)
            break
    return tuple(found.values())
