"""How much of overall satisfaction goes with each item? Shapley (LMG) shares and relative weights.

Sources: Groemping 2006, Journal of Statistical Software 17(1) (LMG); Johnson 2000, Multivariate Behavioral
Research 35:1-19. Both add up to R squared. Drivers are associations: they do not prove a cause.
"""

from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np

from models.rules.survey_weights import Vector

MOST_ITEMS = 15
"""Exact Shapley values need 2^p regressions."""


@dataclass(frozen=True)
class Importance:
    """R squared of the whole model and its parts."""

    r2: float
    shapley: tuple[float, ...]
    relative: tuple[float, ...]
    """Johnson's relative weights."""
    correlations: tuple[float, ...]
    betas: tuple[float, ...]
    vif: tuple[float, ...]
    """Variance inflation of each item; above 5 an item can hardly be told from the others."""


def correlation_matrix(outcome: Vector, items: Vector, weights: Vector | None = None) -> Vector:
    """Weighted correlations of outcome (first) and items."""
    data = np.column_stack([outcome, items])
    w = np.ones(len(data)) if weights is None else weights
    centred = data - np.average(data, axis=0, weights=w)
    covariance = (centred * w[:, None]).T @ centred
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread), dtype=np.float64)


def importance(correlations: Vector, *, exact: bool = True) -> Importance:
    """The parts of R squared from one correlation matrix, the outcome first.

    Args:
        correlations: the matrix, as of `correlation_matrix`.
        exact: False leaves the Shapley shares out, which take 2^p regressions.

    Raises:
        ValueError: more than `MOST_ITEMS` items, or items that repeat each other exactly.
    """
    p = len(correlations) - 1
    if p > MOST_ITEMS:
        raise ValueError(f"{p} drivers; expected at most {MOST_ITEMS}")
    among, outcome = correlations[1:, 1:], correlations[1:, 0]
    if not np.isfinite(correlations).all() or np.linalg.eigvalsh(among)[0] < 1e-10:
        raise ValueError("two drivers repeat each other exactly; leave one out")
    inverse = np.linalg.inv(among)
    betas = inverse @ outcome
    return Importance(
        r2=float(outcome @ betas),
        shapley=_shapley(among, outcome) if exact else (),
        relative=_relative_weights(among, outcome),
        correlations=tuple(map(float, outcome)),
        betas=tuple(map(float, betas)),
        vif=tuple(map(float, np.diag(inverse))),
    )


def _shapley(among: Vector, outcome: Vector) -> tuple[float, ...]:
    p = len(outcome)
    explained = {0: 0.0}
    for size in range(1, p + 1):
        chosen = np.array(list(combinations(range(p), size)))
        inside = among[chosen[:, :, None], chosen[:, None, :]]
        right = outcome[chosen]
        solved = np.linalg.solve(inside, right[:, :, None])[:, :, 0]
        for members, r2 in zip(chosen, (right * solved).sum(axis=1), strict=True):
            explained[sum(1 << int(m) for m in members)] = float(r2)
    weight = [factorial(s) * factorial(p - s - 1) / factorial(p) for s in range(p)]
    shares = [0.0] * p
    for mask, r2 in explained.items():
        size = mask.bit_count()
        for item in range(p):
            if not mask >> item & 1:
                shares[item] += weight[size] * (explained[mask | 1 << item] - r2)
    return tuple(shares)


def _relative_weights(among: Vector, outcome: Vector) -> tuple[float, ...]:
    values, vectors = np.linalg.eigh(among)
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    return tuple(map(float, root**2 @ np.linalg.solve(root, outcome) ** 2))
