"""Which items move overall satisfaction, and which of those are weak? Drivers and the importance-performance map."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from models.rules.survey_estimates import pomp
from models.rules.survey_importance import MOST_ITEMS, correlation_matrix, importance
from models.rules.survey_plan import SurveyPlan
from models.rules.survey_rows import NO_ANSWER
from models.rules.survey_table import AnswerTable
from models.rules.survey_weights import Vector

FEWEST_ANSWERS = 50
ANSWERS_PER_DRIVER = 10
REPLICATES = 400
_EXACT_IN_REPLICATES = 7
"""Up to so many drivers the replicates use Shapley shares, above it the much quicker relative weights."""
_SEED = 20260101
HIGH_VIF = 5.0
MOST_FOR_ODDS = 2_000
"""Answers up to which the proportional-odds model is fitted; it grows slow, and with so many its message is that of R squared."""


@dataclass(frozen=True)
class Driver:
    """One item: how much of overall satisfaction goes with it, and how well it does."""

    item: str
    importance: float
    """Its share of R squared, 0 to 1 (Shapley)."""
    importance_low: float
    importance_high: float
    relative_weight: float
    """The same by Johnson's method, for comparison."""
    performance: float
    """Mean on 0 to 100 over the answers used here."""
    performance_low: float
    performance_high: float
    rank_low: int
    rank_high: int
    """Interval of its rank by importance."""
    correlation: float
    beta: float
    vif: float
    quadrant: str
    """concentrate, keep_up, low_priority, possible_overkill, or undecided where an interval crosses a cut."""
    leaning: str
    """The quadrant by the plain figures."""
    flags: tuple[str, ...]
    odds: float | None = None
    """By how much the odds of a better overall answer rise with one step of the item, the others as they are; None where
    the proportional-odds model was not fitted."""
    odds_low: float | None = None
    odds_high: float | None = None


@dataclass(frozen=True)
class DriverAnalysis:
    """The drivers of the overall answer; empty with a reason where there are too few answers."""

    outcome: str
    n: int
    r2: float | None
    cut_rule: str
    importance_cut: float | None
    performance_cut: float | None
    drivers: tuple[Driver, ...]
    refused: str = ""
    refused_zh: str = ""


def drivers_to_compare(
    table: AnswerTable, plan: SurveyPlan, wide: Sequence[str], core: Sequence[str]
) -> tuple[str, ...]:
    """All items of `wide` where enough answers hold every one of them, else those of `core`.

    How many answers there are decides, never what they say: drivers that were picked by their figures would flatter
    themselves.
    """
    if len(wide) > MOST_ITEMS:
        return tuple(core)
    codes = [item.code for item in plan.items]
    places = [codes.index(code) for code in (plan.overall, *wide)]
    whole = int((table.values[:, places] != NO_ANSWER).all(axis=1).sum())
    return tuple(wide if whole >= answers_needed(len(wide)) else core)


def answers_needed(drivers: int) -> int:
    """Answers that must hold all items before so many drivers are told apart."""
    return max(FEWEST_ANSWERS, ANSWERS_PER_DRIVER * drivers)


def driver_analysis(table: AnswerTable, weights: Vector, plan: SurveyPlan) -> DriverAnalysis | None:
    """Analyse the plan's drivers over answers that hold all of them; None where the plan names none.

    Intervals are percentiles of a bootstrap with a fixed seed: the same file gives the same figures.
    """
    if not plan.drivers:
        return None
    codes = (plan.overall, *plan.drivers)
    places = [[item.code for item in plan.items].index(code) for code in codes]
    answers = table.values[:, places]
    whole = (answers != NO_ANSWER).all(axis=1)
    n = int(whole.sum())
    needed = answers_needed(len(plan.drivers))
    refused = refused_zh = ""
    if n < needed:
        refused = f"{n} answers hold all items; expected at least {needed}"
        refused_zh = f"各题齐全的答卷{n}份，少于所需的{needed}份"
    elif not 2 <= len(plan.drivers) <= MOST_ITEMS:
        refused = f"{len(plan.drivers)} drivers; expected 2 to {MOST_ITEMS}"
        refused_zh = f"驱动题项{len(plan.drivers)}个，应为2至{MOST_ITEMS}个"
    elif (answers[whole].min(axis=0) == answers[whole].max(axis=0)).any():
        constant = codes[int((answers[whole].min(axis=0) == answers[whole].max(axis=0)).argmax())]
        refused = f"everybody gave the same answer to {constant}"
        refused_zh = f"{constant}的答案全部相同"
    if not refused:
        try:
            return _with_odds(_analysed(answers[whole], weights[whole], plan), answers[whole], plan)
        except ValueError as error:
            refused, refused_zh = str(error), "答案差异过小，无法区分各题项"
    return DriverAnalysis(plan.overall, n, None, "mean", None, None, (), refused, refused_zh)


def _analysed(answers: npt.NDArray[np.int16], weights: Vector, plan: SurveyPlan) -> DriverAnalysis:
    patterns, member = np.unique(answers, axis=0, return_inverse=True)
    member = member.reshape(-1)
    scaled = np.column_stack(
        [pomp(patterns[:, at], plan.item(code)) for at, code in enumerate((plan.overall, *plan.drivers))]
    )
    load = np.bincount(member, weights, minlength=len(patterns)).astype(np.float64)
    found = importance(correlation_matrix(scaled[:, 0], scaled[:, 1:], load))
    shares = np.array(found.shapley) / found.r2
    performance = np.average(scaled[:, 1:], axis=0, weights=load)
    drawn_shares, drawn_performance = _replicates(scaled, load, len(answers))
    tail = 100 * (1 - plan.confidence) / 2
    bounds = [tail, 100 - tail]
    share_bounds = np.percentile(drawn_shares, bounds, axis=0)
    performance_bounds = np.percentile(drawn_performance, bounds, axis=0)
    ranks = (-drawn_shares).argsort(axis=1).argsort(axis=1) + 1
    rank_bounds = np.percentile(ranks, bounds, axis=0, method="closest_observation")
    cuts = (float(shares.mean()), float(performance.mean()))
    drivers = []
    for at, code in enumerate(plan.drivers):
        leaning = _quadrant(shares[at] >= cuts[0], performance[at] >= cuts[1])
        crossing = any(
            bound[0][at] < cut < bound[1][at]
            for bound, cut in zip((share_bounds, performance_bounds), cuts, strict=True)
        )
        flags = []
        if found.betas[at] * found.correlations[at] < 0:
            flags.append("sign conflict")
        if found.vif[at] > HIGH_VIF:
            flags.append("hardly told from other items")
        drivers.append(
            Driver(
                code,
                float(shares[at]),
                float(share_bounds[0][at]),
                float(share_bounds[1][at]),
                found.relative[at] / found.r2,
                float(performance[at]),
                float(performance_bounds[0][at]),
                float(performance_bounds[1][at]),
                int(rank_bounds[0][at]),
                int(rank_bounds[1][at]),
                found.correlations[at],
                found.betas[at],
                found.vif[at],
                "undecided" if crossing else leaning,
                leaning,
                tuple(flags),
            )
        )
    return DriverAnalysis(plan.overall, len(answers), found.r2, "mean", *cuts, tuple(drivers))


def _with_odds(found: DriverAnalysis, answers: npt.NDArray[np.int16], plan: SurveyPlan) -> DriverAnalysis:
    """The drivers with their odds ratios: an ordered answer is no measure, and shares of R squared treat it as one.

    Unweighted, and for so few answers as a property gives; a model that does not settle leaves the odds out.
    """
    if len(answers) > MOST_FOR_ODDS:
        return found
    from models.rules.survey_ordinal import proportional_odds

    try:
        with np.errstate(all="ignore"):
            model = proportional_odds(answers[:, 0].tolist(), answers[:, 1:].astype(np.float64))
    except (ValueError, np.linalg.LinAlgError):
        return found
    if not np.isfinite(model.standard_errors).all():
        return found
    reach = NormalDist().inv_cdf((1 + plan.confidence) / 2)
    return replace(
        found,
        drivers=tuple(
            replace(
                driver,
                odds=float(np.exp(b)),
                odds_low=float(np.exp(b - reach * error)),
                odds_high=float(np.exp(b + reach * error)),
            )
            for driver, b, error in zip(found.drivers, model.coefficients, model.standard_errors, strict=True)
        ),
    )


def _replicates(scaled: Vector, load: Vector, n: int) -> tuple[Vector, Vector]:
    """Shares of R squared and performances of bootstrap samples, drawn by pattern of answers."""
    chance = np.random.default_rng(_SEED)
    exact = scaled.shape[1] - 1 <= _EXACT_IN_REPLICATES
    shares, performances = [], []
    for _ in range(REPLICATES):
        drawn = chance.multinomial(n, load / load.sum()).astype(np.float64)
        try:
            with np.errstate(invalid="ignore", divide="ignore"):
                found = importance(correlation_matrix(scaled[:, 0], scaled[:, 1:], drawn), exact=exact)
        except (ValueError, np.linalg.LinAlgError):
            continue  # a draw in which an item has no spread says nothing
        shares.append(np.array(found.shapley if exact else found.relative) / found.r2)
        performances.append(np.average(scaled[:, 1:], axis=0, weights=drawn))
    if len(shares) < REPLICATES // 2:
        raise ValueError("too few different answers to tell the drivers apart")
    return np.array(shares), np.array(performances)


def _quadrant(important: bool, good: bool) -> str:
    if important:
        return "keep_up" if good else "concentrate"
    return "possible_overkill" if good else "low_priority"
