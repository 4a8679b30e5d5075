"""How satisfied is a group with an item, and how sure is that? One estimate for every design."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.rules.satisfaction import (
    NetPromoterScore,
    kish_design_effect,
    net_promoter_score,
    score_interval,
    threshold_verdict,
    wilson_interval,
)
from models.rules.survey_design import WaveDesign
from models.rules.survey_plan import ALL, PlanItem
from models.rules.survey_rows import NO_ANSWER
from models.rules.survey_variance import linear_variance, mean, mean_scores
from models.rules.survey_weights import Vector

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ItemFigure:
    """One item in one group: share satisfied, index 0 to 100, distribution."""

    item: str
    column: str
    """The grouping column; empty for all answers."""
    group: str
    n: int
    """Valid answers, unweighted."""
    share: float | None = None
    low: float | None = None
    high: float | None = None
    deff: float | None = None
    effective: float | None = None
    """What the answers are worth: n over the design effect."""
    index: float | None = None
    index_low: float | None = None
    index_high: float | None = None
    distribution: dict[int, float] | None = None
    target: float | None = None
    verdict: str | None = None
    suppressed: bool = False

    def withheld(self) -> "ItemFigure":
        """Only that it is not shown; n goes too, for a neighbour could be reckoned from it."""
        return ItemFigure(self.item, self.column, self.group, 0, target=self.target, suppressed=True)


@dataclass(frozen=True)
class PromoterFigure:
    """Promoters less detractors in one group, -100 to 100."""

    item: str
    column: str
    group: str
    n: int
    score: float | None = None
    low: float | None = None
    high: float | None = None
    standard_error: float | None = None
    deff: float | None = None
    promoters: float | None = None
    """Share, as the next two."""
    passives: float | None = None
    detractors: float | None = None
    suppressed: bool = False

    def withheld(self) -> "PromoterFigure":
        """As `ItemFigure.withheld`."""
        return PromoterFigure(self.item, self.column, self.group, 0, suppressed=True)


@dataclass(frozen=True)
class ShareEstimate:
    """A share with its interval and what it is worth."""

    n: int
    share: float
    low: float
    high: float
    deff: float
    effective: float


def share_estimate(
    wave: WaveDesign, satisfied: Mask, domain: Mask, confidence: float, households: int | None = None
) -> ShareEstimate:
    """The share satisfied of a domain.

    Unweighted simple samples have the plain Wilson interval, with the finite population correction where the households
    are known; others the Wilson interval from the effective number of answers by Taylor linearisation.

    Args:
        wave: the answers and their design.
        satisfied: which answers are satisfied.
        domain: which are valid and belong to the group; not empty.
        confidence: of the interval.
        households: whom the domain stands for; None where unknown, or where none is to be corrected for.
    """
    n = int(domain.sum())
    if wave.simple:
        count = int((satisfied & domain).sum())
        low, high = wilson_interval(count, n, population=households, confidence=confidence)
        corrected = 1.0
        if households is not None:
            corrected = (households - n) / (households - 1) if households > 1 else 0.0
        return ShareEstimate(n, count / n, low, high, 1.0, n / corrected if corrected else float("inf"))
    found = mean(satisfied.astype(np.float64), wave.design, wave.adjusted, domain)
    share = min(1.0, max(0.0, found.value))
    if (wave.design.fraction[domain] >= 1).all():
        return ShareEstimate(n, share, share, share, 0.0, float("inf"))
    deff = found.deff
    if not math.isfinite(deff) or deff <= 1e-12:
        deff = _effect_without_spread(wave, domain)
    low, high = score_interval(share, n / deff, confidence)
    return ShareEstimate(n, share, low, high, deff, n / deff)


def _effect_without_spread(wave: WaveDesign, domain: Mask) -> float:
    """The design effect where no answer differs from its stratum, so that the sample shows no variance.

    That is luck, no certainty: strata are taken to gain nothing, weights to cost what they do (Kish), and the answers of a
    cluster to say no more than one of them.
    """
    clusters = len(np.unique(wave.design.clusters[domain]))
    return kish_design_effect(wave.design.weights[domain].tolist()) * int(domain.sum()) / clusters


def item_figure(
    wave: WaveDesign,
    item: PlanItem,
    place: int,
    group: Mask,
    confidence: float,
    column: str = "",
    name: str = ALL,
) -> ItemFigure:
    """The figure of a rating item in a group; empty groups have none.

    Args:
        wave: the answers and their design.
        item: a rating item.
        place: its column in the table.
        group: who belongs to the group.
        confidence: of the intervals.
        column: the grouping column.
        name: of the group.
    """
    values = wave.table.values[:, place]
    valid = values != NO_ANSWER
    domain = group & valid
    n = int(domain.sum())
    empty = ItemFigure(item.code, column, name, n, target=item.target)
    if n == 0:
        return empty
    satisfied = satisfied_mask(values, item)
    # Where one group alone was asked its answers are all answers: one figure, not two with different corrections.
    households = wave.households_of(item, "" if n == int(valid.sum()) else column, name, n)
    found = share_estimate(wave, satisfied, domain, confidence, households)
    scaled = pomp(values, item)
    centre = mean(scaled, wave.design, wave.adjusted, domain)
    reach = _reach(wave, domain, confidence) * centre.standard_error
    weights = wave.design.weights * domain
    loads = np.bincount(values[domain], weights[domain], minlength=item.scale.high + 1) / weights.sum()
    spread = {value: float(loads[value]) for value in item.scale.values}
    verdict = None
    if item.target is not None and not column:
        verdict = threshold_verdict(found, item.target).value
    return replace(
        empty,
        share=found.share,
        low=found.low,
        high=found.high,
        deff=found.deff,
        effective=found.effective if math.isfinite(found.effective) else None,
        index=centre.value,
        index_low=max(0.0, centre.value - reach),
        index_high=min(100.0, centre.value + reach),
        distribution=spread,
        verdict=verdict,
    )


def promoter_figure(
    wave: WaveDesign,
    item: PlanItem,
    place: int,
    group: Mask,
    confidence: float,
    column: str = "",
    name: str = ALL,
) -> PromoterFigure:
    """The net promoter score of a group; arguments as `item_figure`."""
    values = wave.table.values[:, place]
    valid = values != NO_ANSWER
    domain = group & valid
    n = int(domain.sum())
    if n == 0:
        return PromoterFigure(item.code, column, name, 0)
    vote = np.where(values >= 9, 1.0, np.where(values <= 6, -1.0, 0.0))
    estimate = mean(vote, wave.design, wave.adjusted, domain)
    households = wave.households_of(
        item, "" if n == int(valid.sum()) else column, name, n
    )  # as `item_figure`
    if wave.simple:
        deff = 1.0 if households is None else (households - n) / max(households - 1, 1)
    else:
        deff = estimate.deff
        if not math.isfinite(deff):  # all are promoters, say: no spread, but weights that cost precision
            deff = _effect_without_spread(wave, domain)
    deff = max(deff, 1e-6)
    weights = wave.design.weights * domain
    shares = [float(weights[vote == sign].sum() / weights.sum()) for sign in (1.0, 0.0, -1.0)]
    score = net_promoter_score(*(share * n for share in shares), deff=deff, confidence=confidence)
    assert isinstance(score, NetPromoterScore)  # noqa: S101 - n is not 0
    return PromoterFigure(
        item.code,
        column,
        name,
        n,
        100 * score.score,
        100 * score.low,
        100 * score.high,
        100 * score.standard_error,
        deff,
        shares[0],
        shares[1],
        shares[2],
    )


def satisfied_mask(values: npt.NDArray[np.int16], item: PlanItem) -> Mask:
    """Which answers count as satisfied."""
    counts = np.zeros(item.scale.high + 2, dtype=bool)  # the last place is that of -1, no answer
    counts[list(item.satisfied)] = True
    return counts[values]


def pomp(values: npt.NDArray[np.int16], item: PlanItem) -> Vector:
    """100 (x - low) / (high - low): 0 to 100. Other conversions give other figures and must not be mixed."""
    scaled = 100.0 * (values - item.scale.low) / (item.scale.high - item.scale.low)
    return np.asarray(scaled, dtype=np.float64)


@dataclass(frozen=True)
class IndexFigure:
    """The weighted index of satisfaction over several items, 0 to 100."""

    value: float
    low: float
    high: float
    weights: dict[str, float]
    """As used: those of items with answers, adding up to 1."""


def weighted_index(
    wave: WaveDesign, items: dict[str, tuple[PlanItem, int, float]], confidence: float
) -> IndexFigure | None:
    """Sum of W_j S_j over the items with answers, with the standard error of the whole sum.

    Args:
        wave: the answers and their design.
        items: code to item, its column and its weight.
        confidence: of the interval.
    """
    scores = np.zeros(len(wave.table))
    everybody = np.ones(len(wave.table), dtype=bool)
    domains = {code: wave.table.values[:, place] != NO_ANSWER for code, (_, place, _) in items.items()}
    used = {code: weight for code, (_, _, weight) in items.items() if domains[code].any()}
    if not used:
        return None
    whole = sum(used.values())
    value = 0.0
    for code, weight in used.items():
        item, place, _ = items[code]
        values, domain = pomp(wave.table.values[:, place], item), domains[code]
        w = wave.design.weights
        centre = float(w[domain] @ values[domain] / w[domain].sum())
        value += weight / whole * centre
        scores += weight / whole * mean_scores(values, centre, w, domain)
    variance, _ = linear_variance(scores, wave.design, wave.adjusted)
    reach = _reach(wave, everybody, confidence) * math.sqrt(variance)
    return IndexFigure(
        value,
        max(0.0, value - reach),
        min(100.0, value + reach),
        {code: weight / whole for code, weight in used.items()},
    )


def _reach(wave: WaveDesign, domain: Mask, confidence: float) -> float:
    """The t quantile: clusters less strata are the degrees of freedom."""
    from scipy.stats import t

    at = wave.design.layout
    inside = np.unique(at.member[domain]) if len(at.of_cluster) < len(domain) else at.member[domain]
    strata = np.unique(at.of_cluster[inside]) if len(at.counts) > 1 else at.counts
    return float(t.ppf((1 + confidence) / 2, max(len(inside) - len(strata), 1)))
