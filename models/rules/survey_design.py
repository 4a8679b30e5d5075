"""For how many households does each answer of a wave stand, and how was it drawn?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.rules.satisfaction import kish_design_effect
from models.rules.survey_plan import PlanItem, SurveyPlan
from models.rules.survey_table import AnswerTable
from models.rules.survey_variance import Adjustment, Design
from models.rules.survey_weights import (
    Margin,
    Vector,
    WeightsRefused,
    margin,
    margin_dummies,
    weigh,
)

UNWEIGHTED = "none"
"""The method where every answer counts once."""


@dataclass(frozen=True)
class Remark:
    """What a reader must know besides the figures."""

    en: str
    zh: str


@dataclass(frozen=True)
class WeightReport:
    """How the weights came about."""

    method: str
    """none, given, strata, post-stratification, raking or a calibration; several joined by +."""
    least: float
    most: float
    deff: float
    """Kish: what unequal weights alone cost."""
    trimmed: int = 0
    cycles: int = 0
    worst_margin: float = 0.0
    """Largest relative distance of a margin from its total."""


@dataclass(frozen=True)
class WaveDesign:
    """A wave ready for estimates."""

    table: AnswerTable
    design: Design
    adjusted: Adjustment | None
    simple: bool
    """Every answer weighs the same and was drawn on its own, without strata: the plain formulas hold."""
    households: int | None
    weights: WeightReport
    notes: tuple[Remark, ...]
    groups: Mapping[tuple[str, str], int]
    """Households of a group, by (column, group), where known."""

    def households_of(self, item: PlanItem, column: str, group: str, n: int) -> int | None:
        """Whom an item was asked of: of a group, or of all where no column is named; None where unknown."""
        asked = self.groups.get((column, group)) if column else item.households
        return self.spoken_for(asked, n, whole=not column)

    def spoken_for(self, asked: int | None, n: int, *, whole: bool) -> int | None:
        """The households that n answers speak for, of so many that were asked.

        Where the answers are more, others have answered too: all answers speak for all households, a group for nobody else.
        """
        if asked is not None and n <= asked:
            return asked
        return self.households if whole else None


def wave_design(table: AnswerTable, plan: SurveyPlan) -> WaveDesign:
    """Weights, strata, clusters and sampling fractions of one wave.

    Raises:
        WeightsRefused: more answers than households, or margins that cannot be met.
    """
    population, n = plan.population, len(table)
    weights = table.weight.astype(np.float64, copy=True)
    method, notes = (["given"] if plan.columns.weight else []), list[Remark]()
    strata = table.stratum.codes if plan.columns.stratum else np.zeros(n, dtype=np.int64)
    fraction = np.zeros(n)
    households = population.households or (sum(population.strata.values()) or None)
    if households is not None and n > households:
        raise WeightsRefused(f"{n} answers cannot come from {households} households; see key 'population'.")
    if population.strata:
        method.append("strata")
        notes += _to_strata(table, population.strata, weights, fraction)
    elif households is not None:
        weights *= households / weights.sum()
        fraction[:] = n / households
    clusters = table.cluster.codes if plan.columns.cluster else np.arange(n, dtype=np.int64)
    if plan.columns.cluster:
        drawn = len(np.unique(clusters))
        if population.clusters is not None and drawn > population.clusters:
            raise WeightsRefused(f"{drawn} clusters answered, but there are {population.clusters}.")
        fraction[:] = drawn / population.clusters if population.clusters else 0.0
    base = weights
    trimmed, cycles, worst, adjusted = 0, 0, 0.0, None
    if population.margins:
        margins = [_margin(table, entry.columns, entry.counts) for entry in population.margins]
        called, raked = weigh(base, margins, plan.weighting, plan.trim)
        method.append(called)
        if not raked.converged:
            raise WeightsRefused(
                f"Raking did not meet its margins in {raked.cycles} cycles (off by {raked.worst:.1%}): "
                "join small groups, or use fewer margins."
            )
        weights, trimmed, cycles, worst = raked.weights, raked.trimmed, raked.cycles, raked.worst
        notes += _beyond_trim(weights, trimmed, plan.trim)
        adjusted = Adjustment(margin_dummies(margins), base)
    return WaveDesign(
        table,
        Design(weights, strata, clusters, fraction),
        adjusted,
        not method and not plan.columns.cluster and not plan.columns.stratum,
        households,
        WeightReport(
            " + ".join(method) or UNWEIGHTED,
            float(weights.min()),
            float(weights.max()),
            kish_design_effect(weights.tolist()),
            trimmed,
            cycles,
            worst,
        ),
        tuple(notes),
        population.groups,
    )


def _to_strata(
    table: AnswerTable, strata: Mapping[str, int], weights: Vector, fraction: Vector
) -> Sequence[Remark]:
    notes = []
    for name, households in strata.items():
        inside = table.stratum.chosen(name)
        answers = int(inside.sum())
        if answers > households:
            raise WeightsRefused(
                f"Stratum {name}: {answers} answers cannot come from {households} households."
            )
        if not answers:
            notes.append(
                Remark(
                    f"nobody answered in stratum {name}: the figures do not speak for it",
                    f"分层{name}无人答复，结果不代表该层",
                )
            )
            continue
        weights[inside] *= households / weights[inside].sum()
        fraction[inside] = answers / households
    return notes


def _beyond_trim(weights: Vector, trimmed: int, trim: tuple[float, float] | None) -> Sequence[Remark]:
    """The margins come first: a rare group gets its weight back when cut weights are raked again, which is told."""
    reach = float(weights.max() / np.median(weights))
    if not trimmed or trim is None or reach <= 1.1 * trim[1]:
        return []
    return [
        Remark(
            f"{trimmed} weights were trimmed, but after meeting the margins again the largest is {reach:.1f} times the median: "
            "a rare group weighs on few answers; join it with another",
            f"已截尾{trimmed}个权数，但重新满足边际后最大权数仍为中位数的{reach:.1f}倍：稀有群体答卷过少，建议并入其他群体",
        )
    ]


def _margin(table: AnswerTable, columns: Sequence[str], counts: Mapping[str, float]) -> Margin:
    parts = [[table.columns[c].names[code] for code in table.columns[c].codes] for c in columns]
    return margin(" x ".join(columns), ["|".join(values) for values in zip(*parts, strict=True)], counts)
