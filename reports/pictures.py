"""Which drawings of a survey can a pack hold? Distributions, figures with their intervals, and a map of drivers.

A drawing is decoration beside the same figures in a table; its summary says in words what it shows.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class StackedBar:
    """How the answers to one item spread, in shares from 0 to 1, worst first; empty where they are not shown."""

    label: str
    shares: tuple[float, ...]
    note: str
    """What stands behind the bar, for example the number of answers."""

    def __post_init__(self) -> None:
        if self.shares and not 0.99 < sum(self.shares) < 1.01:
            raise ValueError(f"bar {self.label!r}: shares add up to {sum(self.shares)}, expected 1")


@dataclass(frozen=True, slots=True)
class StackChart:
    """Diverging bars: dissatisfied to the left of the middle, satisfied to the right, the neutral half and half."""

    caption: str
    levels: tuple[str, ...]
    """Names of the answers, worst first."""
    bars: tuple[StackedBar, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class IntervalPoint:
    """A figure with its interval; None where there is none."""

    label: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """Shares over time with their intervals, 0 to 1, and a target across."""

    caption: str
    points: tuple[IntervalPoint, ...]
    target: float | None
    summary: str


@dataclass(frozen=True, slots=True)
class MapPoint:
    """One item on the map: place and the box of its intervals."""

    label: str
    x: float
    y: float
    x_bounds: tuple[float, float]
    y_bounds: tuple[float, float]
    undecided: bool


@dataclass(frozen=True, slots=True)
class PointMap:
    """Importance upwards, performance to the right, cut into four fields."""

    caption: str
    x_name: str
    y_name: str
    x_cut: float
    y_cut: float
    fields: tuple[str, str, str, str]
    """Names of the fields: upper left, upper right, lower left, lower right."""
    points: tuple[MapPoint, ...]
    summary: str


Picture: TypeAlias = StackChart | IntervalChart | PointMap
