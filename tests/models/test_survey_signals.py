"""Is a weak group found under a good average, without naming one that is hidden and without crying wolf? (D6)"""

from decimal import Decimal

import pytest

from models.rules.satisfaction import score_interval
from models.rules.survey_action_refs import SurveyActionRef, survey_action
from models.rules.survey_estimates import ItemFigure
from models.rules.survey_signals import weak_groups
from models.rules.survey_tests import share_below

TARGET = Decimal("0.90")


def figures(item: str = "CL1", **groups: tuple[int, int]) -> list[ItemFigure]:
    """Satisfied and valid answers by group."""
    return [
        ItemFigure(item, "stratum", name, n, good / n, *score_interval(good / n, n), effective=n)
        for name, (good, n) in groups.items()
    ]


def found(shown: list[ItemFigure], *weak_overall: str) -> list[tuple[str, str]]:
    return [(one.item, one.group) for one in weak_groups(shown, TARGET, weak_overall)]


def test_a_group_wholly_below_the_target_is_found_under_a_good_average() -> None:
    assert found(figures(homes=(196, 200), shops=(6, 15))) == [("CL1", "shops")]


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        pytest.param({"homes": (196, 200), "shops": (1, 9)}, "fewer than ten", id="small"),
        pytest.param(
            {"homes": (196, 200), "shops": (5, 12), "offices": (4, 4)},
            "goes with the small one, else that follows from the total",
            id="hidden with a small one",
        ),
        pytest.param(
            {"homes": (196, 200), "shops": (12, 15)}, "its interval reaches the target", id="unsure"
        ),
    ],
)
def test_a_group_that_is_hidden_or_not_surely_weak_is_not_named(
    groups: dict[str, tuple[int, int]], why: str
) -> None:
    assert found(figures(**groups)) == [], why


def test_an_item_that_is_weak_over_all_answers_needs_no_action_for_a_group() -> None:
    assert found(figures(homes=(150, 200), shops=(6, 15)), "CL1") == []


def test_many_looks_raise_the_bar() -> None:
    one = figures(shops=(10, 15))
    assert found(one) == [("CL1", "shops")]
    others = [figure for number in range(30) for figure in figures(f"X{number}", shops=(14, 15))]
    assert found(one + others) == []


def test_the_exact_test_is_the_binomial_sum_and_goes_on_between_whole_numbers() -> None:
    assert share_below(0.5, 10, 0.9).p == pytest.approx(0.0016349374)
    assert share_below(1.0, 10, 0.9).p == 1
    assert share_below(0.5, 10, 0.9).p > share_below(0.5, 10.5, 0.9).p > share_below(0.5, 11, 0.9).p
    assert share_below(0.89, None, 0.9).p == 0


def test_a_reference_survives_periods_with_colons_and_says_what_is_touched() -> None:
    ref = SurveyActionRef("special:incident-E-1", "SE1", "office")
    assert survey_action(str(ref)) == ref
    assert survey_action("survey:2027-Q1:CL1") == SurveyActionRef("2027-Q1", "CL1")
    assert survey_action("indicator:2027-01:pm_compliance") is None
    assert ref.touches("SE1", "office")
    assert ref.touches("SE1", "")
    assert SurveyActionRef("2027-Q1", "SE1").touches("SE1", "office")
    assert not ref.touches("SE1", "commercial")
    assert not ref.touches("CL1", "office")
