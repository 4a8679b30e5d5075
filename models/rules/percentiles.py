"""At which value do so many per cent of the values lie? Linear interpolation between closest ranks."""

from collections.abc import Sequence

DEFINITION = "linear interpolation between closest ranks, rank 1 + p(n - 1) (Hyndman and Fan 1996, type 7)"


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The percentile of values in rising order; None for no values.

    Args:
        ordered: the values, smallest first.
        share: 0.5 for the median, 0.9 for the 90th percentile.

    Raises:
        ValueError: the share is not between 0 and 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"A share of {share} is not between 0 and 1.")
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])
