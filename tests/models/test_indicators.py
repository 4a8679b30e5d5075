"""Indicators: shares and means, their verdicts, and no figure where there is nothing to count."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.indicators import (
    INDICATORS,
    Figure,
    FigureState,
    IndicatorCode,
    Unit,
    budget_variance_figure,
    failure_interval_figure,
    mean_figure,
    mean_time_between_failures,
    mean_time_to_restore_figure,
    share_figure,
)
from models.rules.satisfaction import Bounds

SHARES = [c for c in IndicatorCode if INDICATORS[c].unit is Unit.SHARE and c != "budget_variance"]


def test_every_code_is_defined_in_both_languages_with_formula_and_source() -> None:
    assert set(INDICATORS) == set(IndicatorCode)
    for indicator in INDICATORS.values():
        assert indicator.label_en
        assert indicator.label_zh
        assert "/" in indicator.formula
        assert indicator.source
    assert len({i.label_zh for i in INDICATORS.values()}) == len(INDICATORS)


@pytest.mark.parametrize(
    ("satisfied", "interval", "state"),
    [
        (88, Bounds(0.80, 0.93), FigureState.UNDETERMINED),
        (92, Bounds(0.85, 0.96), FigureState.UNDETERMINED),
        (80, Bounds(0.71, 0.87), FigureState.MISSED),
        (98, Bounds(0.93, 0.99), FigureState.MET),
        (90, Bounds(0.90, 0.90), FigureState.MET),
        (88, None, FigureState.MISSED),
    ],
)
def test_a_share_that_estimates_is_judged_by_its_interval(
    satisfied: int, interval: Bounds | None, state: FigureState
) -> None:
    code = IndicatorCode.SATISFACTION_SHARE
    assert share_figure(code, satisfied, 100, Decimal("0.90"), interval=interval).state == state
    assert share_figure(code, satisfied, 100, None, interval=interval).state == FigureState.NOT_APPLICABLE


@pytest.mark.parametrize("code", SHARES)
def test_nothing_to_count_is_no_data(code: IndicatorCode) -> None:
    figure = share_figure(code, 0, 0, Decimal("0.95"))
    assert (figure.value, figure.state) == (None, FigureState.NO_DATA)


@pytest.mark.parametrize(
    ("code", "part", "whole", "target", "state"),
    [
        pytest.param(IndicatorCode.PM_COMPLIANCE, 95, 100, "0.95", FigureState.MET, id="exactly on target"),
        pytest.param(IndicatorCode.PM_COMPLIANCE, 949, 1000, "0.95", FigureState.MISSED, id="just below"),
        pytest.param(
            IndicatorCode.REOPEN_RATE, 2, 100, "0.02", FigureState.MET, id="lower is better, on target"
        ),
        pytest.param(
            IndicatorCode.REOPEN_RATE, 3, 100, "0.02", FigureState.MISSED, id="lower is better, above"
        ),
        pytest.param(IndicatorCode.COMPLAINT_HANDLING, 0, 7, "0.95", FigureState.MISSED, id="none of seven"),
        pytest.param(IndicatorCode.FEE_COLLECTION, 7, 7, "1", FigureState.MET, id="all of seven"),
    ],
)
def test_a_share_is_held_against_its_target(
    code: IndicatorCode, part: int, whole: int, target: str, state: FigureState
) -> None:
    figure = share_figure(code, part, whole, Decimal(target))
    assert figure.state is state
    assert figure.value == Decimal(part) / Decimal(whole)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(0, 1000))
def test_met_and_value_never_disagree(part: int, rest: int, per_mille: int) -> None:
    target = Decimal(per_mille) / 1000
    figure = share_figure(IndicatorCode.ROUND_COMPLETION, part, part + rest, target)
    assert (figure.state is FigureState.MET) == (part * 1000 >= per_mille * (part + rest))


def test_without_a_target_the_value_stands_without_a_verdict() -> None:
    figure = share_figure(IndicatorCode.ROUND_COMPLETION, 3, 4)
    assert (figure.value, figure.state) == (Decimal("0.75"), FigureState.NOT_APPLICABLE)


def test_a_service_outside_the_plan_is_not_applicable_rather_than_no_data() -> None:
    figure = share_figure(IndicatorCode.PATROL_COMPLETION, 0, 0, Decimal("0.9"), applicable=False)
    assert figure.state is FigureState.NOT_APPLICABLE


@pytest.mark.parametrize(("part", "whole"), [(5, 4), (-1, 4), (0, -1)])
def test_a_part_larger_than_its_whole_is_refused(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="not a part of a whole"):
        share_figure(IndicatorCode.FEE_COLLECTION, part, whole)


def test_shares_and_means_are_not_mixed_up() -> None:
    with pytest.raises(ValueError, match="not a share"):
        share_figure(IndicatorCode.DRILL_SCORE, 1, 2)
    with pytest.raises(ValueError, match="not a share"):
        share_figure(IndicatorCode.BUDGET_VARIANCE, 1, 2)
    with pytest.raises(ValueError, match="no mean"):
        mean_figure(IndicatorCode.PM_COMPLIANCE, 1, 2)
    with pytest.raises(ValueError, match="negative"):
        mean_figure(IndicatorCode.DRILL_SCORE, 1, -2)


def test_drill_score_is_the_mean_over_drills() -> None:
    assert mean_figure(IndicatorCode.DRILL_SCORE, 250, 3, Decimal(80)) == Figure(
        IndicatorCode.DRILL_SCORE, Decimal(250), Decimal(3), Decimal(250) / 3, Decimal(80), FigureState.MET
    )


@pytest.mark.parametrize(
    ("actual", "budget", "value", "state"),
    [
        ("105000.00", "100000.00", "0.05", FigureState.MET),
        ("105000.01", "100000.00", "0.0500001", FigureState.MISSED),
        ("80000", "100000", "-0.2", FigureState.MET),
        ("1", "0", None, FigureState.NO_DATA),
    ],
)
def test_budget_variance_allows_overspending_up_to_the_target(
    actual: str, budget: str, value: str | None, state: FigureState
) -> None:
    figure = budget_variance_figure(Decimal(actual), Decimal(budget), Decimal("0.05"))
    assert figure.value == (None if value is None else Decimal(value))
    assert figure.state is state


def test_budget_variance_refuses_a_negative_budget() -> None:
    with pytest.raises(ValueError, match="negative"):
        budget_variance_figure(Decimal(1), Decimal(-1))


def test_mean_time_between_failures_is_operating_time_per_failure() -> None:
    interval = mean_time_between_failures(Decimal(8760), 4)
    assert (interval.mean_hours, interval.at_least_hours) == (Decimal(2190), None)
    assert failure_interval_figure(interval, Decimal(2000)).state is FigureState.MET
    assert failure_interval_figure(interval, Decimal(2200)).state is FigureState.MISSED


def test_without_a_failure_only_a_lower_bound_is_given() -> None:
    interval = mean_time_between_failures(Decimal(8760), 0)
    assert interval.mean_hours is None
    assert interval.at_least_hours is not None
    assert round(interval.operating_hours / interval.at_least_hours, 2) == Decimal("3.00")
    assert failure_interval_figure(interval, Decimal(2900)).state is FigureState.MET
    assert failure_interval_figure(interval, Decimal(8760)).state is FigureState.NO_DATA


def test_equipment_that_never_ran_has_no_interval() -> None:
    interval = mean_time_between_failures(Decimal(0), 0)
    assert (interval.mean_hours, interval.at_least_hours) == (None, None)
    assert failure_interval_figure(interval, Decimal(1)).state is FigureState.NO_DATA


@pytest.mark.parametrize(("hours", "failures", "confidence"), [(-1, 0, "0.95"), (1, -1, "0.95"), (1, 0, "1")])
def test_impossible_failure_counts_are_refused(hours: int, failures: int, confidence: str) -> None:
    with pytest.raises(ValueError, match=r"negative|between 0 and 1"):
        mean_time_between_failures(Decimal(hours), failures, Decimal(confidence))


def test_mean_time_to_restore_is_lower_the_better() -> None:
    assert mean_time_to_restore_figure(Decimal(9), 4, Decimal("2.25")).state is FigureState.MET
    assert mean_time_to_restore_figure(Decimal(10), 4, Decimal("2.25")).state is FigureState.MISSED
    assert mean_time_to_restore_figure(Decimal(0), 0, Decimal(2)).state is FigureState.NO_DATA
