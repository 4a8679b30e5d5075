"""Are parts of a sampled frame large enough to tell of nobody, and do their answers stand for all of them? (D2, D5)"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.survey_strata import (
    FEWEST_ANSWERS,
    FEWEST_INVITED,
    WeightingCell,
    design_weight,
    weighting_cells,
    weighting_classes,
)

COUNT = st.integers(1, 300)
PLACE = st.tuples(st.sampled_from(["commercial", "residential"]), st.sampled_from("ABCDEFGH"))


def test_small_buildings_are_joined_with_those_asked_as_closely() -> None:
    population = {("residential", "A"): 400, ("residential", "B"): 30, ("residential", "C"): 12}
    invited = {("residential", "A"): 80, ("residential", "B"): 15, ("residential", "C"): 10}
    cells, of_place = weighting_cells(population, invited)
    assert [(cell.buildings, cell.population, cell.invited) for cell in cells] == [
        (("B", "C"), 42, 25),
        (("A",), 400, 80),
    ]
    assert of_place[("residential", "B")] == of_place[("residential", "C")] != of_place[("residential", "A")]


def test_a_few_shops_among_homes_are_never_told_apart_by_their_building() -> None:
    population = {("commercial", "A"): 3, ("commercial", "B"): 4, ("residential", "A"): 200}
    invited = {("commercial", "A"): 2, ("commercial", "B"): 4, ("residential", "A"): 90}
    cells, of_place = weighting_cells(population, invited)
    assert of_place[("commercial", "A")] == of_place[("commercial", "B")]
    assert [(cell.stratum, cell.invited) for cell in cells] == [("commercial", 6), ("residential", 90)]


@given(
    frame=st.dictionaries(PLACE, st.tuples(COUNT, st.floats(0, 1)), min_size=1),
)
def test_a_cell_never_tells_more_than_the_type_of_space_unless_twenty_share_it(
    frame: dict[tuple[str, str], tuple[int, float]],
) -> None:
    population = {place: size for place, (size, _) in frame.items()}
    invited = {place: int(size * share) for place, (size, share) in frame.items()}
    cells, of_place = weighting_cells(population, invited)
    assert set(of_place) == set(population)
    assert sum(cell.population for cell in cells) == sum(population.values())
    assert sum(cell.invited for cell in cells) == sum(invited.values())
    for cell in cells:
        alone = sum(other.stratum == cell.stratum for other in cells) == 1
        assert alone or cell.invited >= FEWEST_INVITED


def test_an_answer_stands_for_the_units_of_its_part_over_those_who_answered() -> None:
    classes = weighting_classes([_cell("001", 500, 71), _cell("002", 100, 80)], {"001": 50, "002": 60})
    assert [(one.name, one.population / one.answers) for one in classes] == [
        ("001", 10.0),
        ("002", pytest.approx(100 / 60)),
    ]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"001": 60, "002": 19, "003": 40}, "too few answers"),
        ({"001": 60, "002": 20, "003": 90}, "answered less than half as well as all"),
        ({"001": 60, "003": 40}, "nobody answered"),
    ],
)
def test_a_part_that_answered_poorly_is_joined_with_its_neighbour(answers: dict[str, int], why: str) -> None:
    cells = [_cell("001", 300, 100), _cell("002", 200, 100), _cell("003", 100, 100)]
    assert [one.name for one in weighting_classes(cells, answers)] == ["001", "002-003"], why


@given(st.lists(st.tuples(COUNT, st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12))
def test_classes_hold_every_unit_and_answer_once(rows: list[tuple[int, float, float]]) -> None:
    cells, answers = [], {}
    for at, (size, asked, answered) in enumerate(rows):
        invited = int(size * asked)
        cells.append(_cell(f"{at:03d}", size, invited))
        answers[f"{at:03d}"] = int(invited * answered)
    classes = weighting_classes(cells, answers)
    total = sum(answers.values())
    assert sum(one.answers for one in classes) == total
    if total:
        assert sum(one.population for one in classes) == sum(cell.population for cell in cells)
        assert [cell.name for one in classes for cell in one.cells] == [cell.name for cell in cells]
        assert len(classes) == 1 or min(one.answers for one in classes) >= FEWEST_ANSWERS
    else:
        assert classes == ()


def test_where_nobody_was_invited_an_answer_cannot_come_from() -> None:
    assert design_weight(_cell("001", 30, 0)) == 1.0
    assert design_weight(_cell("002", 30, 10)) == 3.0


def _cell(name: str, population: int, invited: int) -> WeightingCell:
    return WeightingCell(name, "residential", (name,), population, invited)
