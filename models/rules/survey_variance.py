"""How sure is a weighted mean or total, given how the sample was drawn? Taylor linearisation and the jackknife.

Strata, clusters and finite populations as in Cochran 1977, chapters 5 and 10; after raking the residuals from the
margins take the place of the values, fitted with the design weights (Deville & Sarndal 1992, JASA 87:376-382).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.rules.survey_weights import Codes, Vector


@dataclass(frozen=True)
class Design:
    """How the answers came about; every array has one place for each answer.

    `fraction` is the sampling fraction n_h / N_h of the first stage in the answer's stratum (0: without correction);
    `second_fraction` that of the second stage within the answer's cluster.
    """

    weights: Vector
    strata: Codes
    clusters: Codes
    """Of the first stage; one for each answer where single answers were drawn."""
    fraction: Vector
    second_fraction: Vector | None = None

    @cached_property
    def layout(self) -> "Layout":
        """Which answer lies in which cluster and stratum; found once for all figures."""
        strata, stratum = np.unique(self.strata, return_inverse=True)
        clusters, cluster = np.unique(self.clusters, return_inverse=True)
        keys, first, member = np.unique(
            stratum * len(clusters) + cluster, return_index=True, return_inverse=True
        )
        of_cluster = keys // len(clusters)
        counts = np.bincount(of_cluster, minlength=len(strata)).astype(np.float64)
        return Layout(member.reshape(-1), first, of_cluster, counts)


@dataclass(frozen=True)
class Layout:
    """Clusters and strata, numbered."""

    member: Codes
    """The cluster of each answer."""
    first: Codes
    """An answer of each cluster."""
    of_cluster: Codes
    """The stratum of each cluster."""
    counts: Vector
    """Clusters of each stratum."""


@dataclass(frozen=True)
class Estimate:
    """A weighted figure and what it is worth."""

    value: float
    standard_error: float
    deff: float
    """Variance over that of simple random sampling with replacement of as many answers; nan where that is 0."""
    lonely_strata: int = 0
    """Strata with one cluster: their variance is reckoned from the mean of all clusters."""


def simple_design(
    weights: Vector,
    strata: Codes | None = None,
    clusters: Codes | None = None,
    fraction: Vector | None = None,
) -> Design:
    """A design with what is known; without strata there is one, without clusters every answer is its own."""
    n = len(weights)
    return Design(
        weights,
        np.zeros(n, dtype=np.int64) if strata is None else strata,
        np.arange(n, dtype=np.int64) if clusters is None else clusters,
        np.zeros(n) if fraction is None else fraction,
    )


@dataclass(frozen=True)
class Adjustment:
    """What the weights were raked to: dummies of the margins (`margin_dummies`) and the weights before raking."""

    dummies: Vector
    base: Vector


def mean(
    values: Vector, design: Design, adjusted: Adjustment | None = None, domain: np.ndarray | None = None
) -> Estimate:
    """The weighted mean of the values over a domain.

    Args:
        values: one for each answer; those outside the domain are not looked at.
        design: with the final weights.
        adjusted: the raking behind the weights, if there was one.
        domain: which answers are meant, all by default. The others keep their place in strata and clusters.
    """
    inside = np.ones(len(values), dtype=bool) if domain is None else domain
    w = np.where(inside, design.weights, 0.0)
    value = float(w[inside] @ values[inside] / w.sum())
    variance, lonely = linear_variance(mean_scores(values, value, w, inside), design, adjusted)
    return Estimate(
        value, float(np.sqrt(variance)), _ratio(variance, _srs(values[inside], w[inside])), lonely
    )


def mean_scores(values: Vector, value: float, weights: Vector, inside: np.ndarray) -> Vector:
    """The influence of each answer on a weighted mean: (x - mean) / sum of weights, 0 outside the domain."""
    scores = np.zeros(len(values))
    scores[inside] = (values[inside] - value) / weights[inside].sum()
    return scores


def total(values: Vector, design: Design, adjusted: Adjustment | None = None) -> Estimate:
    """The weighted total of the values; arguments as `mean`."""
    w = design.weights
    variance, lonely = linear_variance(values, design, adjusted)
    return Estimate(
        float(w @ values),
        float(np.sqrt(variance)),
        _ratio(variance, _srs(values, w) * float(w.sum()) ** 2),
        lonely,
    )


def deff_without_replacement(estimate: Estimate, weights: Vector) -> float:
    """The design effect against simple random sampling without replacement of n from N = the sum of weights."""
    return estimate.deff / (1 - int((weights > 0).sum()) / float(weights.sum()))


def jackknife(
    clusters: Codes,
    fraction: float,
    statistic: Callable[[np.ndarray], float],
) -> float:
    """Standard error by leaving out one cluster at a time (JK1), around the mean of the replicates.

    Args:
        clusters: of each answer.
        fraction: share of the clusters that was drawn.
        statistic: computes the figure from a factor for each answer: 0 for the cluster left out, n / (n - 1) else.
            It should weight anew, for example rake.
    """
    names = np.unique(clusters)
    n = len(names)
    found = np.array([statistic(np.where(clusters == name, 0.0, n / (n - 1))) for name in names])
    return float(np.sqrt((1 - fraction) * (n - 1) / n * ((found - found.mean()) ** 2).sum()))


def linear_variance(scores: Vector, design: Design, adjusted: Adjustment | None = None) -> tuple[float, int]:
    """The variance of sum(w z) and the number of lonely strata.

    Sum over strata of (1 - f) n / (n - 1) sum (z - mean z)^2 over cluster totals, plus the second stage where there is
    one. After raking z are the residuals of a regression on the margins, fitted with the weights before raking.
    """
    if adjusted is None:
        return _variance(scores, design)
    root = np.sqrt(adjusted.base)
    fitted = np.linalg.lstsq(adjusted.dummies * root[:, None], scores * root, rcond=None)[0]
    return _variance(np.asarray(scores - adjusted.dummies @ fitted, dtype=np.float64), design)


def _variance(scores: Vector, design: Design) -> tuple[float, int]:
    weighted = design.weights * scores
    at = design.layout
    sums = np.bincount(at.member, weighted, minlength=len(at.of_cluster))
    counts = at.counts
    means = np.bincount(at.of_cluster, sums, minlength=len(counts)) / counts
    lonely = counts == 1
    # A stratum with one cluster has no spread of its own; its distance from the mean of all is the cautious stand-in.
    centre = np.where(lonely, sums.mean(), means)
    squares = np.bincount(at.of_cluster, (sums - centre[at.of_cluster]) ** 2, minlength=len(counts))
    fraction = np.zeros(len(counts))
    fraction[at.of_cluster] = design.fraction[at.first]
    scale = np.where(lonely, 1.0, counts / np.maximum(counts - 1, 1))
    variance = float(((1 - fraction) * scale * squares).sum())
    if design.second_fraction is not None:
        variance += _second_stage(
            weighted,
            at.member,
            len(at.of_cluster),
            design.second_fraction[at.first],
            design.fraction[at.first],
        )
    return variance, int(lonely.sum()) if len(counts) > 1 else 0


def _second_stage(weighted: Vector, member: Codes, clusters: int, fraction: Vector, first: Vector) -> float:
    counts = np.bincount(member, minlength=clusters).astype(np.float64)
    centre = np.bincount(member, weighted, minlength=clusters) / counts
    squares = np.bincount(member, (weighted - centre[member]) ** 2, minlength=clusters)
    scale = np.where(counts > 1, counts / np.maximum(counts - 1, 1), 0.0)
    return float((first * (1 - fraction) * scale * squares).sum())


def _srs(values: Vector, weights: Vector) -> float:
    """Variance of the mean had n answers been drawn with equal chances, with replacement."""
    n = int((weights > 0).sum())
    if n < 2:
        return 0.0
    centre = float(weights @ values / weights.sum())
    spread = float(weights @ (values - centre) ** 2 / weights.sum()) * n / (n - 1)
    return spread / n


def _ratio(variance: float, simple: float) -> float:
    return variance / simple if simple > 0 else float("nan")
