"""Do several items measure one thing? Alpha with its interval, omega, and what each item adds.

Sources: Cronbach 1951, Psychometrika 16:297-334; Feldt 1965, Psychometrika 30:357-370 (interval); McDonald 1999
(omega); Guttman 1945 (lambda 6).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.rules.survey_weights import Vector

FEWEST_ITEMS = 3
FEWEST_ANSWERS = 30
"""Below these a coefficient is shown with a warning."""
UNRELATED = "the interval reaches zero: the items may not measure one thing"


@dataclass(frozen=True)
class Reliability:
    """The coefficients of a scale over the answers that hold every item (listwise)."""

    n: int
    items: int
    alpha: float
    low: float
    high: float
    standardised_alpha: float
    average_correlation: float
    guttman_6: float
    alpha_without: tuple[float, ...]
    """Alpha without each item; empty for two items."""
    omega: float | None
    """Omega total of one factor; None below three items or where no factor was found."""
    warning: str = ""


def reliability(answers: Vector, confidence: float = 0.95) -> Reliability | None:
    """The reliability of the columns of `answers`; None where it is not defined.

    Args:
        answers: a row for each answer, a column for each item; rows with a gap (nan) are left out.
        confidence: of the interval.
    """
    whole = answers[~np.isnan(answers).any(axis=1)]
    n, k = whole.shape
    if n < 3 or k < 2 or (whole.std(axis=0) == 0).any() or whole.sum(axis=1).std() == 0:
        return None
    alpha = cronbach_alpha(whole)
    low, high = feldt_interval(alpha, n, k, confidence)
    correlations = np.asarray(np.corrcoef(whole, rowvar=False), dtype=np.float64).reshape(k, k)
    average = float((correlations.sum() - k) / (k * (k - 1)))
    without = tuple(cronbach_alpha(np.delete(whole, item, axis=1)) for item in range(k)) if k > 2 else ()
    loadings = one_factor_loadings(correlations) if k >= FEWEST_ITEMS else None
    said = [
        *([f"fewer than {FEWEST_ITEMS} items"] if k < FEWEST_ITEMS else []),
        *([f"fewer than {FEWEST_ANSWERS} complete answers"] if n < FEWEST_ANSWERS else []),
        *([UNRELATED] if low <= 0 else []),
    ]
    return Reliability(
        n,
        k,
        alpha,
        low,
        high,
        k * average / (1 + (k - 1) * average),
        average,
        guttman_lambda_6(correlations),
        without,
        None if loadings is None else omega_total(loadings),
        "; ".join(said),
    )


def cronbach_alpha(answers: Vector) -> float:
    """Cronbach's alpha: k / (k - 1) (1 - sum of item variances / variance of the sum)."""
    k = answers.shape[1]
    return float(k / (k - 1) * (1 - answers.var(axis=0, ddof=1).sum() / answers.sum(axis=1).var(ddof=1)))


def feldt_interval(alpha: float, n: int, items: int, confidence: float = 0.95) -> tuple[float, float]:
    """1 - (1 - alpha) F with n - 1 and (n - 1)(k - 1) degrees of freedom."""
    from scipy.stats import f as f_distribution

    tail = (1 - confidence) / 2
    freedom = (n - 1, (n - 1) * (items - 1))
    return (
        float(1 - (1 - alpha) * f_distribution.ppf(1 - tail, *freedom)),
        float(1 - (1 - alpha) * f_distribution.ppf(tail, *freedom)),
    )


def omega_total(loadings: Sequence[float]) -> float:
    """(sum l)^2 / ((sum l)^2 + sum (1 - l^2)) for standardised loadings on one factor."""
    common = sum(loadings) ** 2
    return common / (common + sum(1 - loading**2 for loading in loadings))


def guttman_lambda_6(correlations: Vector) -> float:
    """1 - sum of (1 - squared multiple correlation) / sum of all correlations; nan if items repeat each other."""
    try:
        inverse = np.linalg.inv(correlations)
    except np.linalg.LinAlgError:
        return float("nan")
    return float(1 - (1 / np.diag(inverse)).sum() / correlations.sum())


def one_factor_loadings(correlations: Vector) -> tuple[float, ...] | None:
    """Loadings of one factor by iterated principal axes; None if that does not settle or leaves the range."""
    communal = np.abs(correlations - np.eye(len(correlations))).max(axis=1)
    for _ in range(1000):
        reduced = correlations.copy()
        np.fill_diagonal(reduced, communal)
        values, vectors = np.linalg.eigh(reduced)
        if values[-1] <= 0:
            return None
        loadings = vectors[:, -1] * np.sqrt(values[-1])
        if np.abs(loadings**2 - communal).max() < 1e-10:
            turned = loadings * np.sign(loadings.sum())
            return tuple(float(x) for x in turned) if (loadings**2 <= 1).all() else None
        communal = loadings**2
    return None
