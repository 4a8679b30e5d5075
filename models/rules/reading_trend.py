"""Where are the readings of a machine going, and when do they reach a limit? (B2)

The slope is the median of the slopes of all pairs (Theil 1950; Sen, Journal of the American Statistical Association 63,
1968, 1379-1389): a third of the readings may be wrong without moving it much. Whether there is a trend at all is
decided by Mann's test with Kendall's S (Mann, Econometrica 13, 1945, 245-259) in its normal approximation without
correction for ties, which errs towards no trend. Five readings at least, the newest twelve at most, and a horizon of
days are the product's own proposals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, sqrt
from statistics import median

FEWEST, NEWEST = 5, 12
HORIZON_DAYS = 30
_ONE_SIDED_5_PERCENT = 1.645


@dataclass(frozen=True)
class Trend:
    """A monotone trend that leads to a limit."""

    slope_per_day: float
    """In the unit of the readings."""
    limit: Decimal
    reached_on: date
    """The day on which the line through the readings reaches the limit; never before the last reading."""
    readings: int


def trend_to_limit(
    readings: Sequence[tuple[date, Decimal]],
    low: Decimal | None,
    high: Decimal | None,
    horizon_days: int = HORIZON_DAYS,
) -> Trend | None:
    """The trend by which a limit is reached within the horizon; None where there is none or too little is known.

    Args:
        readings: day and value, of one item at one machine; of a day the last one counts.
        low: the lower limit, None for none.
        high: the upper limit, None for none.
        horizon_days: how many days after the last reading to look ahead.
    """
    by_day = dict(sorted(readings, key=lambda reading: reading[0]))
    newest = list(by_day.items())[-NEWEST:]
    if len(newest) < FEWEST:
        return None
    start = newest[0][0]
    points = [((day - start).days, float(value)) for day, value in newest]
    pairs = [(a, b) for i, a in enumerate(points) for b in points[i + 1 :]]
    score = sum((b[1] > a[1]) - (b[1] < a[1]) for a, b in pairs)
    count = len(points)
    if (abs(score) - 1) / sqrt(count * (count - 1) * (2 * count + 5) / 18) < _ONE_SIDED_5_PERCENT:
        return None
    slope = median((b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs)
    limit = high if slope > 0 else low
    if limit is None or slope == 0:
        return None
    level = median(y - slope * x for x, y in points)
    last = points[-1][0]
    reached = max(last, ceil((float(limit) - level) / slope))
    if reached - last > horizon_days:
        return None
    return Trend(slope, limit, start + timedelta(days=reached), count)
