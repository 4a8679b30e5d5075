"""Satisfaction: published check cases of the formulas, and the verdicts built on them.

Provenance of expected values: S read in a source, M recalled from a well-known table, F follows from a formula.
"""

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.satisfaction import (
    ThresholdVerdict,
    WaveShare,
    kish_design_effect,
    margin_of_error,
    net_promoter_score,
    newcombe_interval,
    plan_sample,
    required_n,
    satisfied_count,
    threshold_verdict,
    wilson_interval,
)

KREJCIE_MORGAN = {
    10: 10, 15: 14, 20: 19, 25: 24, 30: 28, 50: 44, 75: 63, 100: 80, 150: 108, 200: 132, 250: 152, 300: 169,
    400: 196, 500: 217, 750: 254, 1000: 278, 1500: 306, 2000: 322, 3000: 341, 5000: 357, 10000: 370,
    20000: 377, 50000: 381, 75000: 382, 1000000: 384,
}  # fmt: skip
ROUNDED_DOWN = {15, 20, 50, 150, 400, 500, 750, 2000, 50000, 75000}


@dataclass(frozen=True)
class Bounds:
    """A figure with an interval, or one that is withheld."""

    low: float | None
    high: float | None


def wave(satisfied: int, n: int, **phone: float) -> WaveShare:
    return WaveShare("TP01", satisfied, n, phone)


@pytest.mark.parametrize(("population", "printed"), KREJCIE_MORGAN.items())
def test_case_s1_krejcie_morgan_table_rounds_where_we_round_up(population: int, printed: int) -> None:
    # M: Krejcie & Morgan 1970
    assert required_n(population) == printed + (population in ROUNDED_DOWN)


@pytest.mark.parametrize(
    ("p", "margin", "population", "deff", "rate", "n"),
    [
        (0.8, 0.1, None, 1.0, 1.0, 62),
        (0.8, 0.1, None, 1.0, 0.5, 123),
        (0.8, 0.1, None, 1.5, 1.0, 93),
        (0.8, 0.1, None, 1.5, 0.7, 132),
        (0.5, 0.03, None, 1.0, 1.0, 1068),
        (0.5, 0.03, None, 1.0, 0.9, 1186),
        (0.5, 0.03, 1251, 1.0, 1.0, 577),
        (0.5, 0.03, 1251, 1.0, 0.6, 961),
    ],
)
def test_case_s2_sample_size(
    p: float, margin: float, population: int | None, deff: float, rate: float, n: int
) -> None:
    # S: samplics-org/samplics, tests of the sample size for a proportion
    assert required_n(population, margin, p, deff=deff, response_rate=rate) == n


@pytest.mark.parametrize(
    ("households", "n"),
    [(50, 45), (100, 80), (200, 132), (300, 169), (500, 218), (1000, 278), (2000, 323)],
)
def test_answers_needed_at_five_points(households: int, n: int) -> None:
    assert required_n(households) == n


def test_case_s3_real_landlords() -> None:
    # S: published methodologies under the English Tenant Satisfaction Measures
    assert abs(required_n(7271, 0.04) - 554) <= 1
    assert round(100 * margin_of_error(1128, round(1128 / 0.06)), 1) == 2.8
    assert round(100 * margin_of_error(536, round(536 / 0.22)), 1) == 3.7


def test_case_c4_margin_with_design_effect() -> None:
    # F: the source divides by n - 1 = 213 and takes z as 1.96
    assert 100 * margin_of_error(213, p=0.515, deff=1.6) == pytest.approx(8.489864, rel=2e-5)


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_case_c1_wilson_interval(count: int, n: int, low: float, high: float) -> None:
    # M: Newcombe 1998, table I
    assert wilson_interval(count, n) == pytest.approx((low, high), abs=5.1e-5)


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_case_c2_newcombe_interval(x1: int, n1: int, x2: int, n2: int, low: float, high: float) -> None:
    # M: Newcombe 1998, method 10
    change, found_low, found_high = newcombe_interval(wave(x1, n1), wave(x2, n2))
    assert change == pytest.approx(x1 / n1 - x2 / n2)
    assert (found_low, found_high) == pytest.approx((low, high), abs=6e-5)


def test_case_c3_net_promoter_score_of_two_promoters_two_passives_and_two_detractors() -> None:
    # F; that the answers 1 8 8 10 5 - 9 are counted so is held in `test_survey_rules.py`
    found = net_promoter_score(2, 2, 2)
    assert found is not None
    assert (found.n, found.score) == (6, 0.0)
    assert 100 * found.standard_error == pytest.approx(33.3333, abs=1e-4)


def test_case_c3_net_promoter_score_interval_is_adjusted() -> None:
    # F
    found = net_promoter_score(19, 9, 8)
    assert found is not None
    assert found.score == pytest.approx(0.305556, abs=1e-6)
    assert found.standard_error == pytest.approx(0.13506, abs=1e-5)
    assert (found.low, found.high) == pytest.approx((0.0288, 0.5353), abs=6e-5)
    assert (found.low + found.high) / 2 == pytest.approx(0.2821, abs=6e-5), "the centre that is adjusted"


@given(
    st.tuples(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200)).filter(any),
    st.floats(0.001, 5),
)
def test_the_interval_of_a_promoter_score_holds_the_score(counts: tuple[int, int, int], deff: float) -> None:
    found = net_promoter_score(*counts, deff=deff)
    assert found is not None
    assert -1 <= found.low <= found.score <= found.high <= 1


def test_a_promoter_score_of_nearly_everybody_is_nearly_certain() -> None:
    # of 58 promoters and 2 passives where 60 of some 61 answered, the pseudo-counts must not pull the centre away
    found = net_promoter_score(58, 2, 0, deff=0.01)
    assert found is not None
    assert found.high - found.low < 0.02


def test_case_c3_plain_interval_of_a_promoter_score() -> None:
    # F
    found = net_promoter_score(19, 9, 8)
    assert found is not None
    bounds = (found.score - 1.959964 * found.standard_error, found.score + 1.959964 * found.standard_error)
    assert bounds == pytest.approx((0.0409, 0.5703), abs=6e-5)


@pytest.mark.parametrize(
    ("weights", "deff"), [([0, 1, 2, 3], 1.5555555555555556), ([1, 1, 1000], 2.9880418803112336)]
)
def test_case_w3_kish_design_effect(weights: list[float], deff: float) -> None:
    # S: facebookresearch/balance
    assert kish_design_effect(weights) == pytest.approx(deff, rel=1e-12)


def test_zero_weights_leave_the_effective_sample_as_it_is() -> None:
    assert 4 / kish_design_effect([0, 1, 2, 3]) == pytest.approx(3 / kish_design_effect([1, 2, 3]))


shares = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(shares, st.floats(1, 4), st.integers(1, 5000))
def test_interval_holds_the_share_and_design_and_population_move_it_as_they_should(
    share: tuple[int, int], deff: float, more: int
) -> None:
    count, n = share
    low, high = wilson_interval(count, n)
    assert 0 <= low <= count / n <= high <= 1
    wide_low, wide_high = wilson_interval(count, n, deff=deff)
    assert wide_low <= low + 1e-12
    assert wide_high >= high - 1e-12
    narrow_low, narrow_high = wilson_interval(count, n, population=n + more)
    assert low - 1e-12 <= narrow_low
    assert narrow_high <= high + 1e-12


def test_a_complete_census_has_no_sampling_error() -> None:
    assert wilson_interval(40, 50, population=50) == (0.8, 0.8)
    assert margin_of_error(50, 50) == 0
    assert margin_of_error(1, 1) == 0


def test_top_two_boxes_count_and_not_applicable_leaves_the_base() -> None:
    answers = [5, 4, 3, 2, 1, None, 4]
    assert satisfied_count(answers) == (3, 6)
    assert satisfied_count(answers, boxes=3) == (4, 6)
    assert satisfied_count([]) == (0, 0)


@pytest.mark.parametrize("answer", [0, 6])
def test_an_answer_outside_the_scale_is_refused(answer: int) -> None:
    with pytest.raises(ValueError, match="outside the scale"):
        satisfied_count([5, answer])


@pytest.mark.parametrize(
    ("satisfied", "n", "verdict"),
    [
        pytest.param(480, 500, ThresholdVerdict.MET, id="all of the interval above"),
        pytest.param(43, 50, ThresholdVerdict.UNDETERMINED, id="point above, interval across"),
        pytest.param(300, 500, ThresholdVerdict.NOT_MET, id="all of the interval below"),
    ],
)
def test_threshold_is_decided_by_the_interval(satisfied: int, n: int, verdict: ThresholdVerdict) -> None:
    low, high = wilson_interval(satisfied, n)
    assert threshold_verdict(Bounds(low, high), 0.85) is verdict
    assert threshold_verdict(Bounds(None, None), 0.85) is ThresholdVerdict.UNDETERMINED


@given(shares, shares)
def test_a_change_and_its_reverse_mirror_each_other(one: tuple[int, int], two: tuple[int, int]) -> None:
    change, low, high = newcombe_interval(wave(*one), wave(*two))
    reverse, reverse_low, reverse_high = newcombe_interval(wave(*two), wave(*one))
    assert low - 1e-12 <= change <= high + 1e-12
    assert (reverse, reverse_low, reverse_high) == pytest.approx((-change, -high, -low), abs=1e-12)


def test_small_sites_are_asked_completely() -> None:
    plan = plan_sample(299)
    assert (plan.census, plan.invitations, plan.reachable) == (True, 299, True)
    assert not plan_sample(300).census
    assert plan_sample(300).invitations == 169


def test_a_low_response_rate_makes_a_census_that_cannot_reach_the_margin() -> None:
    plan = plan_sample(500, response_rate=0.4)
    assert (plan.census, plan.invitations, plan.answers_needed, plan.reachable) == (True, 500, 218, False)
    reachable = plan_sample(2000, response_rate=0.4)
    assert (reachable.census, reachable.invitations, reachable.reachable) == (False, 806, True)


def test_no_answers_have_no_net_promoter_score() -> None:
    assert net_promoter_score(0, 0, 0) is None


def test_impossible_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match="not a share"):
        wilson_interval(0, 0)
    with pytest.raises(ValueError, match="population"):
        wilson_interval(1, 10, population=9)
    with pytest.raises(ValueError, match="design effect"):
        wilson_interval(1, 10, deff=0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        wilson_interval(1, 10, confidence=95)
    with pytest.raises(ValueError, match="between 0 and 1"):
        required_n(100, margin=5)
    with pytest.raises(ValueError, match="above 0"):
        required_n(0)
    with pytest.raises(ValueError, match="no margin"):
        margin_of_error(0)
    with pytest.raises(ValueError, match="at least one"):
        kish_design_effect([0.0])
    assert math.isclose(margin_of_error(385), 0.05, rel_tol=2e-3)
