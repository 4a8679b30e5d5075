"""Do the survey rules do what no published case covers: hide small groups, stratify, turn items round, stay undecided?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.personal_data import masked
from models.rules.survey_analysis import analyse
from models.rules.survey_cells import hidden_cells
from models.rules.survey_comments import grouped_comments, veiled
from models.rules.survey_compare import answer_shifts, group_tests
from models.rules.survey_estimates import ItemFigure
from models.rules.survey_plan import Columns, PlanItem, Population, Scale, ScaleKind, SurveyPlan
from models.rules.survey_reliability import UNRELATED, reliability
from models.rules.survey_rows import NO_ANSWER, GoodRow, RowJudge, read_time, read_value
from models.rules.survey_table import AnswerStore
from models.rules.survey_variance import Design, jackknife, mean, simple_design
from models.rules.survey_weights import WeightsRefused

FIVE = Scale(
    "five", ScaleKind.RATING, (1, 2, 3, 4, 5), {"很满意": 5}, frozenset({4, 5}), frozenset({"没用过"})
)
ITEM = PlanItem("OV1", "OV1", "Overall", "总体", FIVE)
OTHER = PlanItem("RE1", "RE1", "Repairs", "报修", FIVE)
THIRD = PlanItem("CL1", "CL1", "Cleaning", "清洁", FIVE)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 60), max_size=6))
def test_what_is_hidden_never_follows_from_the_total(counts: dict[str, int]) -> None:
    hidden = hidden_cells(counts)
    people = [counts[name] for name in hidden if counts[name]]
    assert all(counts[name] >= 10 for name in counts if name not in hidden)
    if people and len(hidden) < len(counts):
        assert len(people) >= 2
        assert sum(people) >= 10


def test_nothing_more_is_hidden_where_the_total_is_not_shown() -> None:
    assert hidden_cells({"a": 5, "b": 30}, total_shown=False) == {"a"}


def test_stratified_variance_is_the_sum_over_strata() -> None:
    # F: Cochran 1977, (5.10): sum W_h^2 (1 - f_h) s_h^2 / n_h
    y = np.array([1.0, 2, 4, 10, 14, 12, 16])
    strata = np.array([0, 0, 0, 1, 1, 1, 1])
    size, n = np.array([30.0, 8.0]), np.array([3.0, 4.0])
    spread = [y[strata == h].var(ddof=1) for h in (0, 1)]
    by_hand = sum((size / 38) ** 2 * (1 - n / size) * spread / n)
    found = mean(y, simple_design((size / n)[strata], strata=strata, fraction=(n / size)[strata]))
    assert found.value == pytest.approx((30 * y[:3].mean() + 8 * y[3:].mean()) / 38)
    assert found.standard_error**2 == pytest.approx(by_hand)


def test_two_stage_variance_adds_what_lies_within_clusters() -> None:
    # F: Cochran 1977, (10.15) for equal clusters: (1 - f1) s1^2 / n + f1 (1 - f2) s2^2 / (n m)
    y = np.array([1.0, 3, 4, 8, 9, 13])
    clusters = np.array([0, 0, 1, 1, 2, 2])
    means = np.array([2.0, 6.0, 11.0])
    within = np.mean([y[clusters == c].var(ddof=1) for c in range(3)])
    f1, f2 = 3 / 30, 2 / 8
    by_hand = (1 - f1) * means.var(ddof=1) / 3 + f1 * (1 - f2) * within / 6
    design = Design(np.full(6, 40.0), np.zeros(6, dtype=np.int64), clusters, np.full(6, f1), np.full(6, f2))
    assert mean(y, design).standard_error ** 2 == pytest.approx(by_hand)


def test_the_jackknife_of_a_plain_mean_is_its_standard_error() -> None:
    y = np.array([1.0, 3, 4, 8, 9, 13])
    found = jackknife(np.arange(6), 0.0, lambda factor: float(factor @ y / factor.sum()))
    assert found == pytest.approx(y.std(ddof=1) / np.sqrt(6))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4), (" ４ ", 4), ("4.0", 4), ("很满意", 5), ("", NO_ANSWER), ("没用过", NO_ANSWER),
        ("-99", NO_ANSWER), ("0", None), ("6", None), ("4.5", None), ("=4", None),
    ],
)  # fmt: skip
def test_answers_are_read_as_people_write_them(text: str, value: int | None) -> None:
    assert read_value(text, ITEM) == value


def test_an_item_whose_lowest_value_is_best_is_turned_round() -> None:
    turned = PlanItem("WA1", "WA1", "", "", FIVE, reverse=True)
    assert read_value("1", turned) == 5
    assert turned.satisfied == {1, 2}


@pytest.mark.parametrize("text", ["2027-03-05T18:00", "2027/3/5 18:00", "２０２７-03-05 18:00:00"])
def test_times_are_read_in_the_usual_ways(text: str) -> None:
    found = read_time(text)
    assert found is not None
    assert (found.month, found.day, found.hour) == (3, 5, 18)


def test_rooms_and_telephones_are_taken_out_of_comments() -> None:
    shown = veiled("Flat 1203 call 13900001111 or me@example.com, 3号楼")
    assert not any(telling in shown for telling in ("1203", "1390", "@", "3号"))
    assert veiled(masked("电话13900001111，me@example.com")) == "电话…，…", (
        "no English word in a Chinese comment"
    )


def test_items_that_do_not_hang_together_are_said_so() -> None:
    rng = np.random.default_rng(4)
    apart = rng.integers(1, 6, (54, 5)).astype(float)
    shared = rng.normal(size=(54, 1)) + 0.3 * rng.normal(size=(54, 5))
    found, sound = reliability(apart), reliability(shared)
    assert found is not None and sound is not None
    assert (UNRELATED in found.warning, sound.warning) == (True, "")


def table_of(plan: SurveyPlan, answers: np.ndarray, mode: str = "online"):
    """A table of the answers, one row each."""
    store = AnswerStore(plan)
    for number, row in enumerate(answers.tolist(), start=2):
        store.add(number, GoodRow(tuple(row), True, 0, 0.0, mode, "", "", "", 1.0, (), ""))
    return store.finish()[0]


def correlated(n: int) -> np.ndarray:
    """Overall follows the first item and not the second."""
    chance = np.random.default_rng(5)
    first, second = chance.integers(1, 6, n), chance.integers(3, 6, n)
    overall = np.clip(first + chance.integers(-1, 2, n), 1, 5)
    return np.column_stack([overall, first, second])


def plan(**over: object) -> SurveyPlan:
    values = {
        "title": "t", "language": "en", "items": (ITEM, OTHER, THIRD), "overall": "OV1",
        "drivers": ("RE1", "CL1"), "columns": Columns(mode="mode"),
    }  # fmt: skip
    return SurveyPlan(**{**values, **over})  # type: ignore[arg-type]


def test_the_item_that_overall_satisfaction_follows_is_the_one_to_work_on() -> None:
    found = analyse(table_of(plan(), correlated(400)), plan()).drivers
    assert found is not None
    by_code = {driver.item: driver for driver in found.drivers}
    assert by_code["RE1"].importance > 0.9
    assert (by_code["RE1"].quadrant, by_code["CL1"].quadrant) == ("concentrate", "possible_overkill")
    assert (by_code["RE1"].rank_low, by_code["RE1"].rank_high) == (1, 1)
    odds = {code: (driver.odds_low or 0, driver.odds_high or 0) for code, driver in by_code.items()}
    assert odds["RE1"][0] > 2, "each step goes with better answers"
    assert odds["CL1"][0] < 1 < odds["CL1"][1], "and here with none"


def test_items_that_cannot_be_told_apart_stay_undecided() -> None:
    chance = np.random.default_rng(6)
    first = chance.integers(1, 6, 60)
    second = np.clip(first + chance.integers(-1, 2, 60), 1, 5)
    overall = np.clip(((first + second) / 2).astype(int) + chance.integers(-1, 2, 60), 1, 5)
    found = analyse(table_of(plan(), np.column_stack([overall, first, second])), plan()).drivers
    assert found is not None
    assert {driver.quadrant for driver in found.drivers} == {"undecided"}


def test_whether_groups_differ_at_all_is_asked_before_which_of_them_does() -> None:
    # M: the figures of case T2, R's prop.test of four groups of smokers
    groups = [
        ItemFigure("OV1", "building", name, n, share=x / n, effective=float(n))
        for name, x, n in (("A", 83, 86), ("B", 90, 93), ("C", 129, 136), ("D", 70, 82))
    ]
    hidden = ItemFigure("OV1", "building", "E", 0, suppressed=True)
    (found,) = group_tests([ItemFigure("OV1", "", "all", 397, share=0.9), *groups, hidden])
    assert (found.groups, found.freedom) == (4, 3)
    assert (found.chi2, found.p) == pytest.approx((12.6004, 0.005585), abs=5.1e-5)
    assert group_tests([groups[0], hidden]) == ()


def test_all_answers_of_two_waves_are_compared_and_not_the_share_satisfied_alone() -> None:
    # two waves with one share satisfied: the middle went down, and some of the satisfied up
    before, now = np.repeat([50.0, 75.0], [40, 60]), np.repeat([0.0, 75.0, 100.0], [40, 40, 20])
    (found,) = answer_shifts([("OV1", now, before)], 0.95)
    assert found.index_change == pytest.approx(-15.0)
    assert found.low < -15 < found.high < 0
    assert found.p < 0.01
    assert answer_shifts([("OV1", now, np.full(9, 75.0))], 0.95) == ()


def test_too_few_answers_for_drivers_are_said() -> None:
    found = analyse(table_of(plan(), correlated(49)), plan()).drivers
    assert found is not None
    assert (found.drivers, found.refused) == ((), "49 answers hold all items; expected at least 50")


def test_more_answers_than_households_are_refused() -> None:
    small = plan(population=Population(households=30))
    with pytest.raises(WeightsRefused, match="31 answers cannot come from 30 households"):
        analyse(table_of(small, correlated(31)), small)


def test_a_complete_census_has_no_sampling_error() -> None:
    whole = plan(population=Population(households=60))
    figure = analyse(table_of(whole, correlated(60)), whole).figures[0]
    assert figure.low == figure.share == figure.high


def test_case_c3_answers_are_counted_as_promoters_passives_and_detractors() -> None:
    # F: of 1 8 8 10 5 - 9 two each, and the promoter score is 0 with a standard error of 33.3333 points
    eleven = Scale("recommendation", ScaleKind.RECOMMENDATION, tuple(range(11)), {})
    would = PlanItem("NP1", "NP1", "Recommend", "推荐", eleven)
    asked = plan(items=(ITEM, OTHER, THIRD, would), drivers=(), minimum=1)
    rows = np.array([[4, 4, 4, score] for score in (1, 8, 8, 10, 5, NO_ANSWER, 9)])
    (found,) = analyse(table_of(asked, rows), asked).promoters
    assert (found.n, found.promoters, found.passives, found.detractors) == (6, 1 / 3, 1 / 3, 1 / 3)
    assert (found.score, found.standard_error) == pytest.approx((0.0, 33.3333), abs=1e-4)


def test_comments_of_small_themes_are_shown_among_the_others_and_of_few_people_not_at_all() -> None:
    lift, tree = ["The lift is broken again"] * 10, ["More trees, flat 1203"] * 9
    themes = {"Lifts": ("lift",), "Trees": ("tree",)}
    found = grouped_comments([*lift, *tree, "Thank you", "  "], themes)
    shown = {theme.theme: (theme.comments, theme.texts) for theme in found.themes}
    assert found.comments == 20
    assert shown["Lifts"] == (10, ("The lift is broken again",))
    assert shown["Trees"] == (None, ())
    assert shown["other"] == (10, ("More trees, flat …", "Thank you"))
    few = grouped_comments([*tree], themes)
    assert (few.comments, few.themes) == (None, ())
    assert grouped_comments([], themes).comments == 0


def test_a_row_is_judged_the_same_the_second_time() -> None:
    judge = RowJudge(plan())
    row = {"OV1": "4", "RE1": "5", "CL1": "", "mode": "online"}
    assert judge.judge(row) == judge.judge(row)
