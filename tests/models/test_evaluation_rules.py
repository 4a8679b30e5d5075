"""Do marks become one judgement, differences their day, and wishes a list of tasks? (C3)"""

from datetime import date
from decimal import Decimal

from models.rules.cycles import ONCE, CycleKind, due_cycles
from models.rules.evaluation import (
    DIMENSIONS,
    next_evaluation,
    root_of,
    settle_by,
    terms_of,
    too_far_apart,
    weight_problem,
    weighted_mark,
)
from models.rules.stages import Stage
from models.rules.what_follows import path_of, tasks_of
from tests.models.test_cycles import facts

END = date(2027, 12, 31)
FOURS = dict.fromkeys(DIMENSIONS, 4)


def test_without_an_agreement_every_dimension_weighs_the_same() -> None:
    terms = terms_of({})
    assert set(terms.weights.values()) == {25}
    assert not terms.yearly
    assert weighted_mark({**FOURS, "finance": 1}, terms.weights) == Decimal("3.25")


def test_agreed_weights_decide_and_a_dimension_without_weight_needs_no_mark() -> None:
    weights = {"service_quality": 50, "equipment_condition": 30, "finance": 20, "owner_feedback": 0}
    marks = {"service_quality": 5, "equipment_condition": 2, "finance": 3}
    assert weighted_mark(marks, weights) == Decimal("3.70")
    assert weighted_mark({"service_quality": 5}, weights) is None


def test_weights_that_are_not_a_hundred_together_are_refused() -> None:
    assert "add up to 90" in weight_problem({"finance": 90})
    assert weight_problem(dict.fromkeys(DIMENSIONS, 25)) == ""


def test_marks_differ_too_far_from_two_on() -> None:
    client = {"finance": 2, "service_quality": 3, "owner_feedback": 1}
    custodian = {"finance": 4, "service_quality": 4}
    assert too_far_apart(client, custodian) == ("finance",)


def test_a_difference_is_settled_within_a_week_but_before_the_end_of_the_term() -> None:
    assert settle_by(date(2027, 12, 11), END) == date(2027, 12, 18)
    assert settle_by(date(2027, 12, 28), END) == END
    assert settle_by(date(2028, 1, 5), END) == date(2028, 1, 12)


def test_a_rejected_evaluation_has_a_next_one_and_each_knows_what_it_repeats() -> None:
    assert [next_evaluation(ONCE, n) for n in range(3)] == ["once", "evaluation-2", "evaluation-3"]
    assert next_evaluation("2027", 1) == "2027-evaluation-2"
    assert [root_of(p) for p in ("once", "evaluation-2", "2027", "2027-evaluation-2", "2027-06-30-evaluation-2")] == [
        "once", "once", "2027", "2027", "2027-06-30",
    ]  # fmt: skip


def test_a_rejected_evaluation_is_followed_by_another_three_days_later() -> None:
    known = facts(
        stage=Stage.EVALUATION,
        evaluations_rejected=((ONCE, date(2027, 12, 14)),),
        done=frozenset({(CycleKind.JOINT_EVALUATION, ONCE)}),
    )
    assert ("evaluation-2", date(2027, 12, 17)) in _evaluations(known, date(2027, 12, 17))
    assert _evaluations(known, date(2027, 12, 16)) == []


def test_an_evaluation_called_for_a_day_is_due_on_it() -> None:
    called = (CycleKind.JOINT_EVALUATION, "2027-06-30")
    known = facts(stage=Stage.IN_SERVICE, begun=frozenset({called}))
    assert _evaluations(known, date(2027, 6, 29)) == []
    assert _evaluations(known, date(2027, 6, 30)) == [("2027-06-30", date(2027, 6, 30))]


def test_a_yearly_evaluation_is_held_in_each_year_but_the_last() -> None:
    reviewed = frozenset({(CycleKind.YEAR_REVIEW, "2027")})
    long = {"term_end": date(2028, 12, 31), "stage": Stage.IN_SERVICE, "done": reviewed}
    assert _evaluations(facts(**long, evaluated_yearly=True), date(2027, 12, 31)) == [
        ("2027", date(2027, 12, 11))
    ]
    assert _evaluations(facts(**long), date(2027, 12, 31)) == []


def test_sides_that_differ_fall_back_to_the_end() -> None:
    assert path_of({"client": "renew", "custodian": "renew"}) == "renew"
    assert path_of({"client": "renew", "custodian": "change"}) == "end"


def test_every_path_has_dated_tasks_none_before_it_was_decided() -> None:
    for path in ("renew", "change", "end"):
        tasks = tasks_of(path, END, date(2027, 12, 20))
        assert all(date(2027, 12, 20) <= task.due_on <= date(2028, 1, 10) for task in tasks)
        assert {"handover_list", "exit_survey", "final_accounts"} <= {task.code for task in tasks}
    assert "new_contract" in {task.code for task in tasks_of("renew", END, date(2027, 12, 1))}


def _evaluations(known, today):  # type: ignore[no-untyped-def]
    return [
        (one.period, one.due_on) for one in due_cycles(known, today) if one.kind is CycleKind.JOINT_EVALUATION
    ]
