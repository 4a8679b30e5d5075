"""Do our own estimates agree with an independent library of survey statistics? svy, pinned; for development only.

svy reproduces the figures of R's `survey` on the data set of Californian schools, which no package at hand ships. Where
answers weigh differently before raking the two part by half a percent of the standard error: ours fits the residuals with
the weights before raking (Deville & Sarndal 1992), and that is not held to it here.
"""

from typing import Any

import numpy as np
import pytest

from models.rules.survey_variance import Adjustment, Estimate, mean, simple_design, total
from models.rules.survey_weights import margin, margin_dummies, poststratify, rake

CHANCE = np.random.default_rng(7)
SIZES, DRAWN = np.array([300.0, 900.0, 200.0]), np.array([60, 100, 80])
STRATA = np.repeat(np.arange(3), DRAWN)
N = len(STRATA)
ANSWERS = CHANCE.integers(1, 6, N) + 0.3 * STRATA
CLUSTERS = np.arange(N) // 8
SEX, AGE = CHANCE.integers(0, 2, N).astype(str), CHANCE.integers(0, 3, N).astype(str)
WEIGHTS, EQUAL = (SIZES / DRAWN)[STRATA], np.full(N, SIZES.sum() / N)
BY_SEX, BY_AGE = {"0": 650.0, "1": 750.0}, {"0": 300.0, "1": 500.0, "2": 600.0}


def sample(weight: np.ndarray, **design: str) -> Any:
    """The answers in the library's own form."""
    svy = pytest.importorskip("svy", reason="an oracle, for development only")
    polars = pytest.importorskip("polars")
    columns = {
        "y": ANSWERS,
        "s": STRATA,
        "c": CLUSTERS,
        "sex": SEX,
        "age": AGE,
        "N": SIZES[STRATA],
        "w": weight,
    }
    return svy.Sample(polars.DataFrame(columns), svy.Design(wgt="w", **design))


def assert_agree(ours: Estimate, theirs: Any) -> None:
    """To six digits."""
    assert ours.value == pytest.approx(theirs.est, rel=1e-6)
    assert ours.standard_error == pytest.approx(theirs.se, rel=1e-6)


def test_mean_total_and_design_effect_of_a_stratified_sample_from_a_finite_population() -> None:
    estimation = sample(WEIGHTS, stratum="s", pop_size="N").estimation
    design = simple_design(WEIGHTS, strata=STRATA, fraction=(DRAWN / SIZES)[STRATA])
    (theirs,) = estimation.mean("y", deff="wr").estimates
    assert_agree(mean(ANSWERS, design), theirs)
    assert mean(ANSWERS, design).deff == pytest.approx(theirs.deff, rel=1e-6)
    assert_agree(total(ANSWERS, design), estimation.total("y").estimates[0])


def test_mean_of_a_cluster_sample_and_of_a_group_in_it() -> None:
    estimation, design = sample(EQUAL, psu="c").estimation, simple_design(EQUAL, clusters=CLUSTERS)
    assert_agree(mean(ANSWERS, design), estimation.mean("y").estimates[0])
    for theirs in estimation.mean("y", by="sex").estimates:
        assert_agree(mean(ANSWERS, design, None, theirs.by_level[0] == SEX), theirs)


def test_mean_after_raking_with_residuals_in_its_standard_error() -> None:
    raked = sample(EQUAL, psu="c").weighting.rake(controls={"sex": BY_SEX, "age": BY_AGE}, tol=1e-10)
    margins = [margin("sex", SEX.tolist(), BY_SEX), margin("age", AGE.tolist(), BY_AGE)]
    design = simple_design(rake(EQUAL, margins).weights, clusters=CLUSTERS)
    ours = mean(ANSWERS, design, Adjustment(margin_dummies(margins), EQUAL))
    assert_agree(ours, raked.estimation.mean("y").estimates[0])


def test_mean_after_post_stratification() -> None:
    theirs = sample(EQUAL, psu="c").weighting.poststratify(controls=BY_SEX, cells="sex")
    margins = [margin("sex", SEX.tolist(), BY_SEX)]
    design = simple_design(poststratify(EQUAL, margins[0]), clusters=CLUSTERS)
    ours = mean(ANSWERS, design, Adjustment(margin_dummies(margins), EQUAL))
    assert_agree(ours, theirs.estimation.mean("y").estimates[0])
