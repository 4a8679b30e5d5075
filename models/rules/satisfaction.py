"""How satisfied are the respondents, how sure is that, and has it changed?

Shares carry an interval, their base and the response rate; groups below ten answers are not shown. Sources: the
formulas of the project's survey notes, each held to published check cases in the tests.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from statistics import NormalDist
from typing import Protocol

MINIMUM_CELL = 10
"""Fewest answers of a group that may be shown (practice of UK and US health surveys)."""
CENSUS_BELOW = 300
"""Households below which everybody is asked: at +/-5 points a sample would need more than half of them."""
MODE_MIX_TOLERANCE = 0.10
"""How far the share of a mode may differ between two waves that are compared (phone answers are kinder)."""


def satisfied_count(answers: Sequence[int | None], scale: int = 5, boxes: int = 2) -> tuple[int, int]:
    """How many answers lie in the top `boxes` of a scale 1..`scale`, and how many answers are valid.

    None stands for "not applicable / don't know", which leaves the base. The contract says whether 一般 counts
    (`boxes=3`). Source: English Tenant Satisfaction Measures, TP01 (very + fairly satisfied of all valid).

    Raises:
        ValueError: an answer outside the scale.
    """
    valid = _valid(answers, scale)
    return sum(answer > scale - boxes for answer in valid), len(valid)


def wilson_interval(
    count: float,
    n: int,
    *,
    deff: float = 1.0,
    population: int | None = None,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Wilson score interval of a share.

    n_eff = n / deff, and with a population N of households n_eff x (N - 1) / (N - n): a complete census has no
    sampling error. Source: Newcombe 1998, Statistics in Medicine 17:857-872 (the score interval).

    Raises:
        ValueError: no answers, a count outside 0..n, more answers than population, or deff not above 0.
    """
    if not 0 <= count <= n or n == 0:
        raise ValueError(f"{count} of {n} answers is not a share.")
    if deff <= 0:
        raise ValueError(f"A design effect of {deff} is not above 0.")
    share = count / n
    effective = n / deff
    if population is not None:
        if population < n:
            raise ValueError(f"{n} answers cannot come from a population of {population}.")
        if population == n:
            return share, share
        effective *= (population - 1) / (population - n)
    return score_interval(share, effective, confidence)


def score_interval(share: float, effective: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson score interval of a weighted share from as many answers as it is worth.

    Args:
        share: 0 to 1.
        effective: answers over the design effect.
        confidence: of the interval.
    """
    z = _z(confidence)
    centre = share + z * z / (2 * effective)
    spread = z * math.sqrt(share * (1 - share) / effective + z * z / (4 * effective * effective))
    scale = 1 + z * z / effective
    low = 0.0 if share <= 0 else max(0.0, (centre - spread) / scale)
    high = 1.0 if share >= 1 else min(1.0, (centre + spread) / scale)
    return low, high


def kish_design_effect(weights: Sequence[float]) -> float:
    """By how much unequal weights cost precision: n x sum(w^2) / sum(w)^2 (Kish). Zero weights count in n.

    n / deff is the same with or without them.

    Raises:
        ValueError: no weight above 0, or a negative one.
    """
    total = math.fsum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("Weights must not be negative, and at least one must be above 0.")
    return len(weights) * math.fsum(weight * weight for weight in weights) / total**2


@dataclass(frozen=True)
class NetPromoterScore:
    """Promoters less detractors, as a share from -1 to 1."""

    n: float
    score: float
    standard_error: float
    low: float
    high: float


def net_promoter_score(
    promoters: float, passives: float, detractors: float, *, deff: float = 1.0, confidence: float = 0.95
) -> NetPromoterScore | None:
    """NPS with SE = sqrt((pP + pD - NPS^2) / n_eff); None without answers.

    The interval is the adjusted Wald one (0.75, 1.5 and 0.75 added to detractors, passives and promoters; Rocks
    2016): the plain one fails for small n. Its centre is therefore not the score itself. They are added to the
    effective counts: beside answers that are worth more or less than their number they would weigh too much or too little.
    It always holds the score.
    """
    n = promoters + passives + detractors
    if n == 0:
        return None
    score, error = _promoter_moments(promoters, detractors, n, n / deff)
    worth = n / deff + 3
    centre, adjusted_error = _promoter_moments(
        promoters / deff + 0.75, detractors / deff + 0.75, worth, worth
    )
    reach = _z(confidence) * adjusted_error
    low, high = max(-1.0, min(score, centre - reach)), min(1.0, max(score, centre + reach))
    return NetPromoterScore(n, score, error, low, high)


@dataclass(frozen=True)
class WaveShare:
    """The share of one question in one wave, with what decides whether two waves may be compared."""

    item_code: str
    """One code stands for one wording and one scale for ever."""
    satisfied: float
    """Answers that count as good; of weighted answers their share times n."""
    n: int
    mode_mix: Mapping[str, float] = field(default_factory=dict)
    """Share of the answers by mode (online, paper, telephone)."""
    deff: float = 1.0
    population: int | None = None


def newcombe_interval(
    after: WaveShare, before: WaveShare, confidence: float = 0.95
) -> tuple[float, float, float]:
    """The change share(after) - share(before) and its hybrid score interval: (change, low, high).

    Treats the waves as independent, which is cautious when some households answered both. Source: Newcombe
    1998, Statistics in Medicine 17:873-890, method 10.
    """
    return change_interval(
        after.satisfied / after.n,
        _wave_interval(after, confidence),
        before.satisfied / before.n,
        _wave_interval(before, confidence),
    )


def change_interval(
    new: float, new_bounds: tuple[float, float], old: float, old_bounds: tuple[float, float]
) -> tuple[float, float, float]:
    """The change new - old of two shares and its interval, from the score interval of each."""
    change = new - old
    low = change - math.hypot(new - new_bounds[0], old_bounds[1] - old)
    high = change + math.hypot(new_bounds[1] - new, old - old_bounds[0])
    return change, low, high


class ThresholdVerdict(StrEnum):
    """Whether a contractual share was reached, by interval."""

    MET = "met"
    NOT_MET = "not_met"
    UNDETERMINED = "undetermined"


class WithInterval(Protocol):
    """A figure with the bounds of its interval."""

    @property
    def low(self) -> float | Decimal | None:
        """The lower bound; None where it is withheld."""

    @property
    def high(self) -> float | Decimal | None:
        """The upper bound."""


@dataclass(frozen=True)
class Bounds:
    """An interval on its own."""

    low: float
    high: float


def threshold_verdict(figure: WithInterval, threshold: float | Decimal) -> ThresholdVerdict:
    """Met when the whole interval reaches the threshold, not met when all of it lies below, else undetermined.

    The one rule for every share of a survey against what was promised: tables, bars, indicators, actions of groups.
    """
    if figure.low is None or figure.high is None:
        return ThresholdVerdict.UNDETERMINED
    if float(figure.low) >= float(threshold):
        return ThresholdVerdict.MET
    return (
        ThresholdVerdict.NOT_MET if float(figure.high) < float(threshold) else ThresholdVerdict.UNDETERMINED
    )


def required_n(
    population: int | None,
    margin: float = 0.05,
    p: float = 0.5,
    confidence: float = 0.95,
    *,
    deff: float = 1.0,
    response_rate: float = 1.0,
) -> int:
    """Answers needed for a margin, or invitations when a response rate is given; rounded up once, at the end.

    n0 = z^2 p (1 - p) / e^2; n = n0 / (1 + (n0 - 1) / N); result = ceil(n x deff / rr). The result may exceed
    the population: then the margin cannot be reached, see `plan_sample`.

    Raises:
        ValueError: a share not between 0 and 1, or a population or design effect not above 0.
    """
    if not (0 < margin < 1 and 0 < p < 1 and 0 < response_rate <= 1):
        raise ValueError("Margin and p must lie between 0 and 1, the response rate above 0 and at most 1.")
    if deff <= 0 or (population is not None and population < 1):
        raise ValueError("Population and design effect must be above 0.")
    n = _z(confidence) ** 2 * p * (1 - p) / margin**2
    if population is not None:
        n /= 1 + (n - 1) / population
    return math.ceil(n * deff / response_rate - 1e-9)


def margin_of_error(
    n: int,
    population: int | None = None,
    p: float = 0.5,
    confidence: float = 0.95,
    *,
    deff: float = 1.0,
) -> float:
    """Half the width z sqrt(deff p (1 - p) / n x (N - n) / (N - 1)) that n answers achieve, as a share.

    Raises:
        ValueError: no answers, or more answers than population.
    """
    if n < 1 or (population is not None and population < n):
        raise ValueError(f"{n} answers of a population of {population} have no margin.")
    correction = 1.0
    if population is not None:
        correction = (population - n) / (population - 1) if population > 1 else 0.0
    return _z(confidence) * math.sqrt(deff * p * (1 - p) / n * correction)


@dataclass(frozen=True)
class SamplePlan:
    """Whom to ask in a wave."""

    census: bool
    """Whether every household is asked."""
    answers_needed: int
    invitations: int
    reachable: bool
    """Whether the margin can be reached at the expected response rate."""


def plan_sample(
    households: int,
    margin: float = 0.05,
    confidence: float = 0.95,
    *,
    response_rate: float = 1.0,
    deff: float = 1.0,
) -> SamplePlan:
    """How many to invite; below `CENSUS_BELOW` households, or when that many are needed anyway, everybody.

    Raises:
        ValueError: as `required_n`.
    """
    answers = min(households, required_n(households, margin, confidence=confidence, deff=deff))
    wanted = required_n(households, margin, confidence=confidence, deff=deff, response_rate=response_rate)
    census = households < CENSUS_BELOW or wanted >= households
    return SamplePlan(
        census=census,
        answers_needed=answers,
        invitations=households if census else wanted,
        reachable=wanted <= households,
    )


def _valid(answers: Sequence[int | None], scale: int) -> list[int]:
    valid = [answer for answer in answers if answer is not None]
    wrong = [answer for answer in valid if not 1 <= answer <= scale]
    if wrong:
        raise ValueError(f"The answer {wrong[0]} lies outside the scale 1 to {scale}.")
    return valid


def _z(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"A confidence of {confidence} is not between 0 and 1.")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _promoter_moments(promoters: float, detractors: float, n: float, effective: float) -> tuple[float, float]:
    score = (promoters - detractors) / n
    variance = max(0.0, (promoters + detractors) / n - score * score)
    return score, math.sqrt(variance / effective)


def _wave_interval(wave: WaveShare, confidence: float) -> tuple[float, float]:
    return wilson_interval(
        wave.satisfied, wave.n, deff=wave.deff, population=wave.population, confidence=confidence
    )


def mode_shift(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    """By how much the share of the mode that moved most did, 0 to 1."""
    modes = before.keys() | after.keys()
    return max((abs(before.get(m, 0.0) - after.get(m, 0.0)) for m in modes), default=0.0)


def modes_comparable(before: Mapping[str, float], after: Mapping[str, float]) -> bool:
    """Whether no mode's share moved by more than `MODE_MIX_TOLERANCE`; an unrecorded mix only matches another one."""
    return mode_shift(before, after) <= MODE_MIX_TOLERANCE + 1e-9
