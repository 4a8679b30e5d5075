"""Do the survey rules do what no published case covers: hide small groups, stratify, turn items round, stay undecided?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.personal_data import masked
from models.rules.satisfaction import wilson_interval
from models.rules.survey_analysis import analyse
from models.rules.survey_cells import hidden_across, hidden_cells
from models.rules.survey_comments import grouped_comments, veiled
from models.rules.survey_compare import answer_shifts, group_tests
from models.rules.survey_estimates import ItemFigure
from models.rules.survey_plan import (
    Columns,
    PlanItem,
    Population,
    PopulationMargin,
    Scale,
    ScaleKind,
    SurveyPlan,
)
from models.rules.survey_reliability import UNRELATED, reliability
from models.rules.survey_rows import NO_ANSWER, GoodRow, RowJudge, read_time, read_value
from models.rules.survey_table import AnswerStore
from models.rules.survey_tests import DeclaredControl, ScreenControl
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


crossed_sizes = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz")), st.sampled_from([2, 5, 9, 12, 30]), min_size=1
)


@given(crossed_sizes)
def test_what_is_hidden_never_follows_from_another_grouping(sizes: dict[tuple[str, str], int]) -> None:
    pairs = [pair for pair, n in sizes.items() for _ in range(n)]
    groupings = {
        name: {
            group: np.array([pair[at] == group for pair in pairs]) for group in {pair[at] for pair in sizes}
        }
        for at, name in enumerate(("building", "phase"))
    }
    people = np.array(list(sizes.values()))
    inside = {
        (name, group): np.array([float(pair[at] == group) for pair in sizes])
        for at, name in enumerate(("building", "phase"))
        for group in groupings[name]
    }
    hidden = hidden_across(groupings, total_shown=people.sum() >= 10)
    shown = [vector for cell, vector in inside.items() if cell not in hidden]
    if people.sum() >= 10:
        shown.append(np.ones(len(people)))
    if not shown:
        return
    known = np.array(shown)
    few = [vector for vector in inside.values() if vector @ people < 10]
    few += [vector for vector in np.eye(len(people)) if vector @ people < 10]
    few += [a - b for a in known for b in known if (a >= b).all() and 0 < (a - b) @ people < 10]
    for target in few:
        nearest = known.T @ np.linalg.lstsq(known.T, target, rcond=None)[0]
        assert np.abs(nearest - target).max() > 1e-6


def test_a_small_building_does_not_follow_from_its_phase() -> None:
    of = {"T1": ("P1", 30), "T2": ("P1", 5), "T3": ("P2", 20), "T4": ("P2", 40)}
    rows = [(building, phase) for building, (phase, n) in of.items() for _ in range(n)]
    asked = plan(items=(ITEM,), drivers=(), groups=("building", "phase"))
    store = AnswerStore(asked)
    for number, row in enumerate(rows):
        store.add(number, GoodRow((4,), True, 0, 0.0, "", "", "", "", 1.0, row, ""))
    figures = analyse(store.finish()[0], asked).figures
    assert [f.group for f in figures if not f.suppressed] == ["all", "T4", "P1", "P2"]


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


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-05T18:00",
        "2027/3/5 18:00",
        "２０２７-03-05 18:00:00",
        "2027年3月5日 18:00",
        "2027年03月05日18:00",
    ],
)
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
    whole = ItemFigure("OV1", "", "all", 397, share=0.9)
    (found,) = group_tests([whole, *groups, hidden], 0.95, ScreenControl.BENJAMINI_HOCHBERG)
    assert (found.groups, found.freedom) == (4, 3)
    assert (found.chi2, found.p) == pytest.approx((12.6004, 0.005585), abs=5.1e-5)
    assert group_tests([groups[0], hidden], 0.95, ScreenControl.BENJAMINI_HOCHBERG) == ()


def test_all_answers_of_two_waves_are_compared_and_not_the_share_satisfied_alone() -> None:
    # two waves with one share satisfied: the middle went down, and some of the satisfied up
    before, now = np.repeat([50.0, 75.0], [40, 60]), np.repeat([0.0, 75.0, 100.0], [40, 40, 20])
    (found,) = answer_shifts([("OV1", now, before)], 0.95, DeclaredControl.HOLM)
    assert found.index_change == pytest.approx(-15.0)
    assert found.low < -15 < found.high < 0
    assert found.p < 0.01
    assert answer_shifts([("OV1", now, np.full(9, 75.0))], 0.95, DeclaredControl.HOLM) == ()


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


def test_strata_that_each_agree_are_luck_and_no_certainty() -> None:
    """Six of a hundred in either stratum were asked, all of one are satisfied and none of the other."""
    asked = plan(
        columns=Columns(mode="mode", stratum="s"), population=Population(strata={"a": 100, "b": 100})
    )
    store = AnswerStore(asked)
    for number in range(12):
        score = 5 if number % 2 else 1
        row = GoodRow((score, 3, 3), True, 0, 0.0, "", "", "ab"[number % 2], "", 1.0, (), "")
        store.add(number, row)
    figure = analyse(store.finish()[0], asked).figures[0]
    assert figure.share == pytest.approx(0.5)
    assert (figure.low, figure.high) == pytest.approx(wilson_interval(6, 12))


def test_a_promoter_score_of_a_complete_census_has_no_sampling_error() -> None:
    eleven = Scale("recommendation", ScaleKind.RECOMMENDATION, tuple(range(11)), {})
    would = PlanItem("NP1", "NP1", "Recommend", "推荐", eleven)
    rows = np.array([[4, 4, 4, n % 11] for n in range(40)])
    widths = []
    for households in (40, 80, None):
        whole = plan(
            items=(ITEM, OTHER, THIRD, would), drivers=(), population=Population(households=households)
        )
        (found,) = analyse(table_of(whole, rows), whole).promoters
        widths.append((found.high or 0) - (found.low or 0))
    assert widths[0] == pytest.approx(0, abs=0.1)
    assert widths[0] < widths[1] < widths[2]


def test_a_promoter_score_of_an_item_that_one_group_alone_was_asked_has_one_interval() -> None:
    eleven = Scale("recommendation", ScaleKind.RECOMMENDATION, tuple(range(11)), {})
    would = PlanItem("NP1", "NP1", "Recommend", "推荐", eleven)
    asked = plan(
        items=(ITEM, OTHER, THIRD, would),
        drivers=(),
        groups=("a",),
        population=Population(households=100),
    )
    store = AnswerStore(asked)
    for number in range(60):
        shop = number < 30
        score = (4, 4, 4, number % 11 if shop else NO_ANSWER)
        store.add(
            number, GoodRow(score, True, 0, 0.0, "", "", "", "", 1.0, ("shop" if shop else "home",), "")
        )
    figures = {one.group: one for one in analyse(store.finish()[0], asked).promoters}
    assert (figures["shop"].low, figures["shop"].high) == (figures["all"].low, figures["all"].high)


def test_a_weight_that_trimming_does_not_hold_back_is_told() -> None:
    rare = plan(
        groups=(),
        population=Population(
            margins=(
                PopulationMargin(("a",), {"x": 500, "y": 500}),
                PopulationMargin(("b",), {"u": 990, "v": 10}),
            )
        ),
    )
    store = AnswerStore(rare)
    for number in range(100):
        groups = ("x" if number > 1 else "y", "u" if number % 3 else "v")
        store.add(number, GoodRow((4, 4, 4), True, 0, 0.0, "", "", "", "", 1.0, groups, ""))
    notes = analyse(store.finish()[0], rare).notes
    assert any("times the median" in note.en and "中位数" in note.zh for note in notes)


def test_case_c3_answers_are_counted_as_promoters_passives_and_detractors() -> None:
    # F: of 1 8 8 10 5 - 9 two each, and the promoter score is 0 with a standard error of 33.3333 points
    eleven = Scale("recommendation", ScaleKind.RECOMMENDATION, tuple(range(11)), {})
    would = PlanItem("NP1", "NP1", "Recommend", "推荐", eleven)
    asked = plan(items=(ITEM, OTHER, THIRD, would), drivers=(), minimum=1)
    rows = np.array([[4, 4, 4, score] for score in (1, 8, 8, 10, 5, NO_ANSWER, 9)])
    (found,) = analyse(table_of(asked, rows), asked).promoters
    assert (found.n, found.promoters, found.passives, found.detractors) == (6, 1 / 3, 1 / 3, 1 / 3)
    assert (found.score, found.standard_error) == pytest.approx((0.0, 33.3333), abs=1e-4)


def test_unequal_weights_widen_the_interval_of_a_promoter_score_that_everybody_shares() -> None:
    eleven = Scale("recommendation", ScaleKind.RECOMMENDATION, tuple(range(11)), {})
    would = PlanItem("NP1", "NP1", "Recommend", "推荐", eleven)
    widths = []
    for share in ({"0": 10, "1": 10}, {"0": 1, "1": 19}):
        asked = plan(
            items=(ITEM, OTHER, THIRD, would),
            drivers=(),
            columns=Columns(mode="mode", stratum="s"),
            population=Population(strata={name: 100 * n for name, n in share.items()}),
        )
        store = AnswerStore(asked)
        for number in range(20):
            store.add(number, GoodRow((4, 4, 4, 9), True, 0, 0.0, "", "", str(number % 2), "", 1.0, (), ""))
        (found,) = analyse(store.finish()[0], asked).promoters
        assert found.score == pytest.approx(100)
        widths.append((found.high or 0) - (found.low or 0))
    assert widths[1] > 1.2 * widths[0]


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


def test_names_on_record_are_taken_out_of_comments_and_common_words_stay() -> None:
    names = ["王伟", "欧阳娜", "Mary Ann Smith", "May", "刘 洋", "李强"]
    texts = [
        "王伟很热情，王师傅修得快，欧阳女士也好",
        "Thanks to mary  ann\nsmith of the desk; May was cold",
        "李子树很好看，伟大的物业",
        "Smithson Mary Ann Smithers",
    ]
    found = grouped_comments(texts, {}, minimum=1, names=names)
    assert set(found.themes[0].texts) == {
        "…很热情，…师傅修得快，…女士也好",
        "Thanks to … of the desk; May was cold",
        "李子树很好看，伟大的物业",
        "Smithson Mary Ann Smithers",
    }


def test_a_row_is_judged_the_same_the_second_time() -> None:
    judge = RowJudge(plan())
    row = {"OV1": "4", "RE1": "5", "CL1": "", "mode": "online"}
    assert judge.judge(row) == judge.judge(row)
