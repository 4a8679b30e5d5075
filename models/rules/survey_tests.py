"""Is a difference between groups or waves more than chance, also when many are looked at?

Shares: pooled z with effective numbers; several groups: chi-square; means: Welch; whole distributions:
Mann-Whitney with tie correction. Families: Holm (or Bonferroni) for what was declared beforehand, Benjamini-Hochberg
(or its two-stage kin) for a screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np

from models.rules.survey_weights import Vector


class DeclaredControl(StrEnum):
    """Guards what was declared beforehand, such as the items of a wave against the wave before, from any false alarm."""

    HOLM = "holm"
    BONFERRONI = "bonferroni"
    """Never finds more than Holm; where a contract names it."""


class ScreenControl(StrEnum):
    """Holds down the share of false alarms among what is found where many are looked at: items by groups."""

    BENJAMINI_HOCHBERG = "benjamini-hochberg"
    TWO_STAGE = "two-stage"
    """Benjamini, Krieger & Yekutieli 2006, definition 6: estimates first how many differences are real; finds more."""


_METHODS = {
    DeclaredControl.HOLM: "holm",
    DeclaredControl.BONFERRONI: "bonferroni",
    ScreenControl.BENJAMINI_HOCHBERG: "fdr_bh",
    ScreenControl.TWO_STAGE: "fdr_tsbky",
}


@dataclass(frozen=True)
class TestResult:
    """A test statistic and its p value."""

    __test__ = False  # no test case, whatever the name says to a collector

    statistic: float
    p: float
    freedom: float | None = None
    low: float | None = None
    high: float | None = None


def two_shares(share: float, n: float, other: float, other_n: float) -> TestResult:
    """The z test of two shares with pooled p; `n` are effective numbers where answers are weighted or clustered."""
    from scipy.stats import norm

    pooled = (share * n + other * other_n) / (n + other_n)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / other_n))
    if spread == 0:
        return TestResult(0.0, 1.0)
    z = float((share - other) / spread)
    return TestResult(z, float(2 * norm.sf(abs(z))))


def share_below(share: float, n: float | None, target: float) -> TestResult:
    """The exact one-sided test that a share lies below a target: the chance of no more than so many of `n` at the target.

    The beta integral is the binomial sum where `n` is whole and goes on between, for answers worth a fraction.

    Args:
        share: 0 to 1.
        n: what the answers are worth; None where everybody answered and nothing is left to chance.
        target: 0 to 1.
    """
    from scipy.stats import beta

    if n is None:
        return TestResult(share, 0.0 if share < target else 1.0)
    satisfied = min(n, share * n)
    p = 1.0 if satisfied >= n else float(beta.cdf(1 - target, n - satisfied, satisfied + 1))
    return TestResult(share, p)


def several_shares(counts: Sequence[float], ns: Sequence[float]) -> TestResult:
    """Whether several groups have one share (chi-square without continuity correction)."""
    from scipy.stats import chi2_contingency

    table = np.array([counts, np.subtract(ns, counts)], dtype=np.float64)
    if (table.sum(axis=1) == 0).any():
        return TestResult(0.0, 1.0, len(ns) - 1)
    found = chi2_contingency(table, correction=False)
    return TestResult(float(found.statistic), float(found.pvalue), float(found.dof))


def welch(
    first: Sequence[float] | Vector, second: Sequence[float] | Vector, confidence: float = 0.95
) -> TestResult:
    """The difference of two means without assuming equal spread, with its interval."""
    from scipy.stats import ttest_ind

    found = ttest_ind(first, second, equal_var=False)
    low, high = found.confidence_interval(confidence)
    return TestResult(float(found.statistic), float(found.pvalue), float(found.df), float(low), float(high))


def mann_whitney(
    first: Sequence[float] | Vector,
    second: Sequence[float] | Vector,
    alternative: Literal["two-sided", "less", "greater"] = "two-sided",
) -> TestResult:
    """Whether one group tends to answer higher; exact for few untied answers, else with tie correction."""
    from scipy.stats import mannwhitneyu

    both = np.concatenate([first, second])
    tied = len(np.unique(both)) < len(both)
    exact = not tied and len(both) <= 50
    found = mannwhitneyu(
        first, second, alternative=alternative, method="exact" if exact else "asymptotic", use_continuity=True
    )
    return TestResult(float(found.statistic), float(found.pvalue))


def adjusted(
    p_values: Sequence[float], control: DeclaredControl | ScreenControl, level: float = 0.05
) -> tuple[float, ...]:
    """P values that may be compared with the level although there are many of them.

    Args:
        p_values: of the family.
        control: what it is guarded against.
        level: what they are compared with. Those of two stages hold for this level alone, and may lie below the plain
            ones where most of the family are real differences.
    """
    from statsmodels.stats.multitest import multipletests

    if not len(p_values):
        return ()
    return tuple(float(p) for p in multipletests(p_values, level, _METHODS[control])[1])


def clopper_pearson(count: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share: never too narrow, mostly too wide; Wilson is the one that is shown."""
    from scipy.stats import beta

    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else float(beta.ppf(tail, count, n - count + 1))
    high = 1.0 if count == n else float(beta.ppf(1 - tail, count + 1, n - count))
    return low, high
