"""Condition: the matrix, averages over defects and elements, the cost index and remaining life."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.condition import (
    NEN_2767_RECALLED,
    Defect,
    Severity,
    building_condition,
    defect_score,
    element_condition,
    extent_class,
    facility_condition,
    remaining_life,
)

defects = st.builds(
    Defect, severity=st.sampled_from(Severity), intensity=st.integers(1, 3), extent=st.integers(1, 5)
)
scores_and_values = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 10**9).map(Decimal)), min_size=1, max_size=20
)


@pytest.mark.parametrize(
    ("severity", "intensity", "scores"),
    [
        (Severity.CRITICAL, 3, [2, 3, 4, 5, 6]),
        (Severity.CRITICAL, 1, [1, 1, 2, 3, 4]),
        (Severity.SERIOUS, 2, [1, 1, 2, 3, 4]),
        (Severity.MINOR, 3, [1, 1, 2, 3, 4]),
        (Severity.MINOR, 1, [1, 1, 1, 1, 2]),
    ],
)
def test_matrix_gives_the_score_of_each_extent(severity: Severity, intensity: int, scores: list[int]) -> None:
    assert [defect_score(Defect(severity, intensity, extent)) for extent in range(1, 6)] == scores


def test_scheme_says_that_it_was_not_verified() -> None:
    assert not NEN_2767_RECALLED.verified
    assert not element_condition([]).verified
    assert len(NEN_2767_RECALLED.matrix) == 9


@given(defects)
def test_a_single_defect_gives_the_element_its_own_score(defect: Defect) -> None:
    assert element_condition([defect]).score == defect_score(defect)


@given(defects)
def test_a_worse_defect_never_scores_better(defect: Defect) -> None:
    order = list(Severity)
    worse = [
        Defect(severity, intensity, extent)
        for severity in order[order.index(defect.severity) :]
        for intensity in range(defect.intensity, 4)
        for extent in range(defect.extent, 6)
    ]
    assert all(defect_score(other) >= defect_score(defect) for other in worse)


@given(st.lists(defects, min_size=1, max_size=8))
def test_several_defects_score_between_the_best_and_the_worst_and_show_the_worst(found: list[Defect]) -> None:
    scores = [defect_score(defect) for defect in found]
    condition = element_condition(found)
    assert min(scores) <= condition.score <= max(scores)
    assert condition.worst_score == max(scores)


def test_no_defect_is_excellent() -> None:
    assert element_condition([]).score == 1


def test_measured_parts_weigh_the_defects() -> None:
    # (0.05 x 1.1 + 0.75 x 1.02) / 0.80 = 1.025 -> score 2
    found = [
        Defect(Severity.CRITICAL, 3, 2, Decimal("0.05")),
        Defect(Severity.MINOR, 1, 5, Decimal("0.75")),
    ]
    condition = element_condition(found)
    assert (condition.score, condition.worst_score) == (2, 3)


@pytest.mark.parametrize(
    ("part", "extent"),
    [("0.0199", 1), ("0.02", 2), ("0.0999", 2), ("0.1", 3), ("0.3", 4), ("0.6999", 4), ("0.7", 5), ("1", 5)],
)
def test_extent_classes_begin_at_their_limits(part: str, extent: int) -> None:
    assert extent_class(Decimal(part)) == extent


@pytest.mark.parametrize(
    ("intensity", "extent", "part", "message"),
    [
        (4, 1, None, "Intensity 4"),
        (1, 0, None, "Extent 0"),
        (1, 1, Decimal("0.5"), "extent class 4"),
        (1, 1, Decimal("0"), "not a share"),
    ],
)
def test_a_defect_outside_the_scheme_is_refused(
    intensity: int, extent: int, part: Decimal | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Defect(Severity.MINOR, intensity, extent, part)


@given(scores_and_values)
def test_building_score_lies_between_its_elements(elements: list[tuple[int, Decimal]]) -> None:
    building = building_condition(elements)
    assert building.score is not None
    assert min(s for s, _ in elements) <= building.score <= max(s for s, _ in elements)
    assert building.replacement_value == sum(value for _, value in elements)


def test_building_is_weighted_by_replacement_value() -> None:
    # (900 x 1.0 + 100 x 1.7) / 1000 = 1.07 -> 3
    building = building_condition([(1, Decimal(900)), (5, Decimal(100))])
    assert (building.score, building.average_factor) == (3, Decimal("1.07"))


def test_building_without_values_has_no_score() -> None:
    assert building_condition([]).score is None
    assert building_condition([(6, Decimal(0))]).score is None


@pytest.mark.parametrize(
    ("deferred", "band"),
    [("0", "good"), ("50", "good"), ("51", "fair"), ("100", "fair"), ("300", "poor"), ("301", "critical")],
)
def test_facility_index_falls_in_its_band(deferred: str, band: str) -> None:
    assert facility_condition(Decimal(deferred), Decimal(1000)).band == band


def test_facility_index_without_replacement_value_is_no_figure() -> None:
    found = facility_condition(Decimal(5), Decimal(0))
    assert (found.index, found.band) == (None, None)


def test_facility_index_refuses_negative_amounts() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        facility_condition(Decimal(-1), Decimal(10))


@pytest.mark.parametrize(
    ("score", "on", "years", "outlived"),
    [
        pytest.param(None, date(2027, 1, 1), "10.0", False, id="age alone"),
        pytest.param(1, date(2027, 1, 1), "10.0", False, id="excellent: age decides"),
        pytest.param(2, date(2027, 1, 1), "10.0", False, id="half way by both"),
        pytest.param(4, date(2027, 1, 1), "2.5", False, id="worse than its age"),
        pytest.param(1, date(2040, 1, 1), "0.0", True, id="outlived though excellent"),
    ],
)
def test_remaining_life_is_the_cautious_one(score: int | None, on: date, years: str, outlived: bool) -> None:
    life = remaining_life(date(2017, 1, 1), Decimal(20), score, on)
    assert life.years == Decimal(years)
    assert life.outlived is outlived


def test_remaining_life_names_the_day_it_ends() -> None:
    assert remaining_life(date(2017, 1, 1), Decimal(20), None, date(2027, 1, 1)).ends_on == date(2037, 1, 1)


def test_remaining_life_before_installation_is_refused() -> None:
    with pytest.raises(ValueError, match="did not exist"):
        remaining_life(date(2027, 1, 1), Decimal(20), None, date(2026, 1, 1))
