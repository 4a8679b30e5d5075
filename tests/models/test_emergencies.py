"""Is a response scored by its plan's minutes, and does every plan get its drill?"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.rules.emergencies import drill_plan, drills_to_hold, step_score

ALARM = datetime(2027, 7, 10, 6, 40, tzinfo=UTC)


def test_a_step_on_its_last_minute_counts_and_a_second_later_does_not() -> None:
    assert step_score(ALARM, [(5, ALARM + timedelta(minutes=5))]) == 1
    assert step_score(ALARM, [(5, ALARM + timedelta(minutes=5, seconds=1))]) == 0


def test_a_step_nobody_did_counts_against_the_response() -> None:
    assert step_score(ALARM, [(5, ALARM), (10, None)]) == Decimal("0.5")


def test_a_plan_without_steps_has_no_score_rather_than_a_perfect_one() -> None:
    assert step_score(ALARM, []) is None


def test_fire_is_drilled_first_then_whatever_was_drilled_least() -> None:
    kinds = ["burst_pipe", "fire", "power_cut"]
    assert drill_plan(kinds, []) == "fire"
    assert drill_plan(kinds, ["fire"]) == "burst_pipe"
    assert drill_plan(kinds, ["fire", "burst_pipe"]) == "power_cut"
    assert drill_plan(kinds, ["fire", "burst_pipe", "power_cut"]) == "fire"
    assert drill_plan([], ["fire"]) is None


@given(st.sets(st.sampled_from(["fire", "flood", "burst_pipe", "power_cut", "lift", "storm"]), min_size=1))
def test_after_as_many_drills_as_there_are_plans_each_was_drilled_once(kinds: set[str]) -> None:
    drilled: list[str] = []
    for _ in kinds:
        drilled.append(str(drill_plan(sorted(kinds), drilled)))
    assert sorted(drilled) == sorted(kinds)


def test_a_quarter_drills_what_presses_and_another_plan_in_turn() -> None:
    kinds = ["burst_pipe", "fire", "lift_entrapment"]
    assert drills_to_hold([], kinds, [], in_turn=False) == ["fire"]
    assert drills_to_hold([], kinds, ["fire"], in_turn=True) == ["burst_pipe"]
    assert drills_to_hold(["fire"], kinds, ["fire"], in_turn=False) == ["fire"]
    assert drills_to_hold(["lift_entrapment"], kinds, ["fire", "burst_pipe", "fire"], in_turn=True) == [
        "lift_entrapment",
        "burst_pipe",
    ]
    assert drills_to_hold([], [], [], in_turn=True) == []
