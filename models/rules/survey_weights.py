"""Which weight makes the answers stand for everybody who was to be asked? Post-stratification, raking, calibration.

Sources: Kalton & Flores-Cervantes 2003, Journal of Official Statistics 19:81-97 (the methods and their tables);
Deville, Sarndal & Sautory 1993, JASA 88:1013-1020 (bounded distances). A margin that cannot be met is an error.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from models.errors import Terminal

Vector = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

RAKING_CYCLES = 100
RAKING_TOLERANCE = 1e-6
"""Largest relative distance of a weighted margin from its total after raking."""
TRIM = (0.3, 3.0)
"""Bounds of a trimmed weight, in multiples of the median weight."""


class WeightsRefused(Terminal):
    """The weights cannot be computed from these margins; the message says why."""


@dataclass(frozen=True)
class Margin:
    """A grouping of all answers with the population total of each group.

    `codes[i]` is the place of answer i in `totals`; a joint margin has one code for each combination.
    """

    name: str
    labels: tuple[str, ...]
    codes: Codes
    totals: Vector


@dataclass(frozen=True)
class Raked:
    """Weights after raking, and how well they meet the margins."""

    weights: Vector
    cycles: int
    worst: float
    """Largest relative distance of a margin from its total."""
    converged: bool
    trimmed: int = 0
    """How many weights were cut to the bounds."""


class Distance(StrEnum):
    """How calibrated weights stay near the design weights."""

    LINEAR = "linear"
    LOGIT = "logit"
    TRUNCATED = "truncated_linear"


def margin(name: str, values: Sequence[str], population: Mapping[str, float]) -> Margin:
    """A margin from the value of each answer and the population of each value.

    Raises:
        WeightsRefused: a value without a population, or a population that nobody answered for.
    """
    labels = tuple(population)
    place = {label: number for number, label in enumerate(labels)}
    unknown = sorted({value for value in values if value not in place})
    if unknown:
        raise WeightsRefused(f"Margin {name}: the answers hold {unknown[0]!r}, which has no population.")
    codes = np.array([place[value] for value in values], dtype=np.int64)
    made = Margin(name, labels, codes, np.array([population[label] for label in labels], dtype=np.float64))
    check_margins([made], np.ones(len(codes)))
    return made


def check_margins(margins: Sequence[Margin], design: Vector) -> None:
    """Refuse what cannot be met: an empty cell, a total not above 0, margins that add up to different totals.

    Raises:
        WeightsRefused: as said.
    """
    for entry in margins:
        for label, total, sample in zip(entry.labels, entry.totals, _sums(entry, design), strict=True):
            if not total > 0:
                raise WeightsRefused(
                    f"Margin {entry.name}: the population of {label!r} must be above 0, found {total:g}."
                )
            if not sample > 0:
                raise WeightsRefused(
                    f"Margin {entry.name}: nobody answered for {label!r}; join it with another group."
                )
    sums = {entry.name: float(entry.totals.sum()) for entry in margins}
    if sums and max(sums.values()) - min(sums.values()) > 1e-9 * max(sums.values()):
        said = ", ".join(f"{name} {total:g}" for name, total in sums.items())
        raise WeightsRefused(f"The margins add up to different populations: {said}.")


def poststratify(design: Vector, cells: Margin) -> Vector:
    """Weights scaled in each cell to the population of the cell.

    Raises:
        WeightsRefused: an empty cell.
    """
    check_margins([cells], design)
    return design * (cells.totals / _sums(cells, design))[cells.codes]


def rake(
    design: Vector,
    margins: Sequence[Margin],
    cycles: int = RAKING_CYCLES,
    tolerance: float = RAKING_TOLERANCE,
) -> Raked:
    """Scale to each margin in turn until all are met (iterative proportional fitting).

    Whether that was reached is part of the result: the caller must not use weights that did not converge in silence.

    Raises:
        WeightsRefused: margins that cannot be met, see `check_margins`.
    """
    check_margins(margins, design)
    weights = design.astype(np.float64, copy=True)
    worst, cycle = np.inf, 0
    while cycle < cycles and worst > tolerance:
        cycle += 1
        for entry in margins:
            sums = _sums(entry, weights)
            if not (sums > 0).all():
                raise WeightsRefused(f"Margin {entry.name}: raking emptied a group; the margins contradict.")
            weights *= (entry.totals / sums)[entry.codes]
        worst = (
            max(float(np.abs(_sums(e, weights) / e.totals - 1).max()) for e in margins) if margins else 0.0
        )
    return Raked(weights, cycle, worst, worst <= tolerance)


def rake_trimmed(
    design: Vector, margins: Sequence[Margin], bounds: tuple[float, float] | None = TRIM
) -> Raked:
    """Rake, cut weights to `bounds` times their median, and rake again once; cuts are counted.

    After the second raking a weight may lie a little outside the bounds: the margins come first.

    Raises:
        WeightsRefused: as `rake`.
    """
    raked = rake(design, margins)
    if bounds is None or not raked.converged:
        return raked
    middle = float(np.median(raked.weights))
    cut = np.clip(raked.weights, bounds[0] * middle, bounds[1] * middle)
    changed = int((cut != raked.weights).sum())
    if not changed:
        return raked
    again = rake(cut, margins)
    return Raked(again.weights, raked.cycles + again.cycles, again.worst, again.converged, changed)


def margin_dummies(margins: Sequence[Margin]) -> Vector:
    """A column for each group of each margin: 1 where the answer belongs to it."""
    return np.column_stack([np.eye(len(entry.labels))[entry.codes] for entry in margins])


def calibrate(
    design: Vector,
    auxiliary: Vector,
    totals: Vector,
    distance: Distance = Distance.LINEAR,
    bounds: tuple[float, float] = (0.5, 2.2),
) -> Vector:
    """Weights w = d g(x'l) whose totals of the auxiliary columns are `totals` (GREG for the linear distance).

    Args:
        design: design weights d.
        auxiliary: a row of auxiliary values x for each answer.
        totals: population total of each column.
        distance: linear is unbounded; the other two keep g within `bounds`.
        bounds: least and most of g.

    Raises:
        WeightsRefused: no solution within the bounds.
    """
    ratio, slope = _distance(distance, bounds)
    multiplier = np.zeros(auxiliary.shape[1])
    for _ in range(200):
        at = auxiliary @ multiplier
        gap = totals - auxiliary.T @ (design * ratio(at))
        if np.abs(gap).max() <= 1e-9 * np.abs(totals).max():
            return design * ratio(at)
        jacobian = (auxiliary * (design * slope(at))[:, None]).T @ auxiliary
        multiplier = multiplier + np.linalg.lstsq(jacobian, gap, rcond=None)[0]
    raise WeightsRefused(f"The {distance.value} calibration did not meet its totals within {bounds}.")


class Weighting(StrEnum):
    """How answers are weighted to several margins; to a single one they are post-stratified."""

    RAKING = "raking"
    LINEAR = "linear"
    LOGIT = "logit"
    TRUNCATED = "truncated_linear"


def weigh(
    design: Vector, margins: Sequence[Margin], method: Weighting, bounds: tuple[float, float] | None
) -> tuple[str, Raked]:
    """Weights that meet the margins, and what the method is called.

    Args:
        design: weights before.
        margins: groups and their populations.
        method: for two margins and more.
        bounds: of raked weights in multiples of their median; of the other methods in multiples of the weights before.

    Raises:
        WeightsRefused: margins that cannot be met so.
    """
    if len(margins) == 1:
        return "post-stratification", Raked(poststratify(design, margins[0]), 1, 0.0, True)
    if method is Weighting.RAKING:
        return method.value, rake_trimmed(design, margins, bounds)
    check_margins(margins, design)
    if bounds is None and method is not Weighting.LINEAR:
        raise WeightsRefused(f"Weighting {method.value} keeps to bounds: key 'trim' must not be none.")
    totals = np.concatenate([entry.totals for entry in margins])
    # Bounds are about the mix of the answers, not about how many households each stands for.
    scaled = design * (float(margins[0].totals.sum()) / float(design.sum()))
    weights = calibrate(scaled, margin_dummies(margins), totals, Distance(method.value), bounds or TRIM)
    if not (weights > 0).all():
        raise WeightsRefused(
            "The linear calibration made a weight negative: use raking or logit, or join small groups."
        )
    worst = max(float(np.abs(_sums(entry, weights) / entry.totals - 1).max()) for entry in margins)
    return f"{method.value} calibration", Raked(weights, 1, worst, True)


def _distance(
    distance: Distance, bounds: tuple[float, float]
) -> tuple[Callable[[Vector], Vector], Callable[[Vector], Vector]]:
    low, high = bounds
    if distance is Distance.LINEAR:
        return lambda u: 1 + u, np.ones_like
    if distance is Distance.TRUNCATED:
        return (
            lambda u: np.clip(1 + u, low, high),
            lambda u: ((1 + u > low) & (1 + u < high)).astype(np.float64),
        )
    if not low < 1 < high:
        raise WeightsRefused(f"The bounds {bounds} must lie around 1.")
    scale = (high - low) / ((1 - low) * (high - 1))

    def ratio(u: Vector) -> Vector:
        power = np.exp(np.clip(scale * u, -700, 700))
        return (low * (high - 1) + high * (1 - low) * power) / ((high - 1) + (1 - low) * power)

    def slope(u: Vector) -> Vector:
        g = ratio(u)
        return scale * (g - low) * (high - g) / (high - low)

    return ratio, slope


def _sums(entry: Margin, weights: Vector) -> Vector:
    return np.bincount(entry.codes, weights, minlength=len(entry.labels)).astype(np.float64)
