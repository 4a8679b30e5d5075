"""Where on paper do the parts of a drawing lie? Places from 0 to 1, for the PDF template."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from reports.glyphs import printable
from reports.pictures import IntervalChart, Picture, PointMap, StackChart

Value: TypeAlias = "str | int | float | bool | Sequence[Value] | Mapping[str, Value] | None"


def picture_view(picture: Picture) -> dict[str, Value]:
    """A drawing as the values that `templates/pictures.typ` draws; caption and summary are the caller's."""
    if isinstance(picture, StackChart):
        return _stacks(picture)
    return _intervals(picture) if isinstance(picture, IntervalChart) else _map(picture)


def _stacks(chart: StackChart) -> dict[str, Value]:
    count = len(chart.levels)
    return {
        "kind": "stacks",
        "levels": [printable(level) for level in chart.levels],
        # From worst (0) to best (1); the middle of an odd scale is 0.5.
        "tones": [level / max(count - 1, 1) for level in range(count)],
        "bars": [
            {"label": printable(bar.label), "note": printable(bar.note), "parts": _parts(bar.shares)}
            for bar in chart.bars
        ],
    }


def _parts(shares: Sequence[float]) -> list[Value]:
    """Start, width and share of each part; the middle of the neutral answer lies at 0.5, one whole is half the width."""
    if not shares:
        return []
    half = len(shares) // 2
    left = sum(shares[:half]) + (shares[half] / 2 if len(shares) % 2 else 0.0)
    at, parts = 0.5 - left / 2, list[Value]()
    for share in shares:
        parts.append([round(at, 4), round(share / 2, 4), round(100 * share)])
        at += share / 2
    return parts


def _intervals(chart: IntervalChart) -> dict[str, Value]:
    return {
        "kind": "intervals",
        "target": chart.target,
        "points": [
            {
                "label": printable(point.label),
                "at": None if point.value is None else round(point.value, 4),
                "low": None if point.low is None else round(point.low, 4),
                "high": None if point.high is None else round(point.high, 4),
                "text": "" if point.value is None else f"{100 * point.value:.1f}%",
            }
            for point in chart.points
        ],
    }


def _map(chart: PointMap) -> dict[str, Value]:
    x_low, x_span = _range([p.x_bounds for p in chart.points], chart.x_cut)
    y_low, y_span = _range([p.y_bounds for p in chart.points], chart.y_cut)

    def across(x: float) -> float:
        return round((x - x_low) / x_span, 4)

    def up(y: float) -> float:
        return round((y - y_low) / y_span, 4)

    return {
        "kind": "map",
        "x_name": printable(chart.x_name),
        "y_name": printable(chart.y_name),
        "x_cut": across(chart.x_cut),
        "y_cut": up(chart.y_cut),
        "fields": [printable(name) for name in chart.fields],
        "points": [
            {
                "label": printable(p.label),
                "x": across(p.x),
                "y": up(p.y),
                "x_bounds": [across(x) for x in p.x_bounds],
                "y_bounds": [up(y) for y in p.y_bounds],
                "undecided": p.undecided,
            }
            for p in chart.points
        ],
    }


def _range(bounds: Sequence[tuple[float, float]], cut: float) -> tuple[float, float]:
    """Least value and span of an axis, with a margin."""
    low = min([cut, *(pair[0] for pair in bounds)])
    high = max([cut, *(pair[1] for pair in bounds)])
    room = (high - low or 1.0) * 0.08
    return low - room, high - low + 2 * room
