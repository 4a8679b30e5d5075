"""Does everybody who can be reached get called, and is a plan's drill due when its rule says? (B8)"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from models.catalogue_files import load_catalogue
from models.readiness_file import load_readiness
from models.rules.call_tree import Call, next_to_tell
from models.rules.drills import DrillState, drill_rule, drill_standings, drilled_share, median_score
from models.rules.emergencies import StepState, step_score, step_state
from models.rules.isolation_points import isolation_points

NOW = datetime(2027, 7, 10, 6, 40, tzinfo=UTC)
PATIENCE = timedelta(minutes=10)
RULES = load_readiness().drills
START = date(2027, 1, 1)


def test_a_deputy_is_told_when_the_mail_failed_or_nobody_answered_in_time() -> None:
    people = ["guard-1", "manager-1", "custodian-1"]
    assert next_to_tell(people, [], NOW, PATIENCE) == "guard-1"
    assert next_to_tell(people, [_call("guard-1", 9)], NOW, PATIENCE) is None, "still has a minute"
    assert next_to_tell(people, [_call("guard-1", 10)], NOW, PATIENCE) == "manager-1"
    assert next_to_tell(people, [_call("guard-1", 0, failed=True)], NOW, PATIENCE) == "manager-1"
    assert next_to_tell(people, [_call("guard-1", 60, acknowledged=True)], NOW, PATIENCE) is None


@given(st.integers(0, 6), st.lists(st.sampled_from(["fails", "silent", "answers"]), min_size=6, max_size=6))
def test_the_tree_ends_with_an_answer_or_when_all_were_told_once(count: int, nature: list[str]) -> None:
    people = [f"p{number}" for number in range(count)]
    calls: list[Call] = []
    now = NOW
    for _ in range(20):
        following = next_to_tell(people, calls, now, PATIENCE)
        if following is not None:
            how = nature[int(following[1:])]
            calls.append(Call(following, now, how == "answers", how == "fails"))
        now += PATIENCE
    told = [call.person_ref for call in calls]
    first = next((n for n in range(count) if nature[n] == "answers"), count - 1)
    assert told == people[: first + 1]


def test_drills_are_due_by_kind_of_plan_and_of_property() -> None:
    assert [drill_rule(RULES, "fire", site).months for site in ("mixed", "residential")] == [6, 12]  # type: ignore[union-attr]
    assert drill_rule(RULES, "lift_entrapment", "office").months == 12  # type: ignore[union-attr]
    assert drill_rule(RULES, "flood", "office").months == 24  # type: ignore[union-attr]
    assert all(rule.source and rule.certainty for rule in RULES)


def test_a_drill_that_was_held_moves_the_next_and_a_missed_one_is_overdue() -> None:
    kinds = ["flood", "fire"]
    before = drill_standings(kinds, "mixed", RULES, {}, START, date(2027, 3, 1))
    assert [(one.kind, one.due_on, one.state) for one in before] == [
        ("fire", date(2027, 7, 1), DrillState.NOT_YET),
        ("flood", date(2029, 1, 1), DrillState.NOT_YET),
    ]
    assert (drilled_share(before).in_time, drilled_share(before).judged) == (0, 0), "no data, not 0 %"
    late = drill_standings(kinds, "mixed", RULES, {}, START, date(2027, 7, 2))
    assert late[0].state is DrillState.OVERDUE
    assert (drilled_share(late).in_time, drilled_share(late).judged) == (0, 1)
    held = drill_standings(kinds, "mixed", RULES, {"fire": date(2027, 6, 30)}, START, date(2027, 7, 2))
    assert (held[0].due_on, held[0].state) == (date(2027, 12, 30), DrillState.IN_TIME)
    soon = drill_standings(kinds, "mixed", RULES, {"fire": date(2027, 6, 30)}, START, date(2027, 12, 1))
    assert soon[0].state is DrillState.DUE


def test_every_plan_of_the_catalogue_has_a_drill_rule_and_isolation_words_known_to_it() -> None:
    kinds = {plan.type for plan in load_catalogue().emergency_plans}
    assert {rule.kind for rule in load_readiness().isolation} == kinds
    assert {rule.kind for rule in RULES} - {""} <= kinds
    assert all(drill_rule(RULES, kind, "residential") for kind in kinds)


def test_isolation_points_are_found_in_both_languages_and_only_in_their_class() -> None:
    assets = [
        _asset("P-2", "Fire pump 2", "Fire pump", "fire"),
        _asset("V-1", "总阀 Main valve", "Gate valve", "water_supply"),
        _asset("V-2", "Radiator valve", "Valve", "hvac"),
        _asset("R-1", "给水立管", "立管", "water_supply"),
        _asset("DB-1", "LV board", "Distribution board", "electricity_lv"),
    ]
    rules = load_readiness().isolation
    assert [one.tag for one in isolation_points(rules, "burst_pipe", assets)] == ["R-1", "V-1"]
    assert [one.tag for one in isolation_points(rules, "fire", assets)] == ["P-2", "DB-1"]
    assert isolation_points(rules, "gas_leak", assets) == []


def test_a_step_nobody_did_is_not_running_once_the_incident_is_over() -> None:
    assert step_state(NOW, 30, None, NOW) is StepState.RUNNING
    assert step_state(NOW, 30, None, NOW, over=True) is StepState.NOT_DONE
    assert step_state(NOW, 30, NOW, NOW, over=True) is StepState.DONE


@given(st.lists(st.tuples(st.integers(0, 90), st.none() | st.integers(0, 120)), min_size=1, max_size=8))
def test_the_score_is_the_share_of_the_steps_the_clock_shows_as_done_in_time(
    steps: list[tuple[int, int | None]],
) -> None:
    done = [(allowed, None if took is None else NOW + timedelta(minutes=took)) for allowed, took in steps]
    states = [step_state(NOW, allowed, at, NOW + timedelta(hours=9)) for allowed, at in done]
    assert step_score(NOW, done) == Decimal(states.count(StepState.DONE)) / len(states)
    assert StepState.RUNNING not in states, "after hours nothing is still running"


def test_the_middle_score_of_none_is_no_figure() -> None:
    assert median_score([]) is None
    assert median_score([Decimal("0.2"), Decimal(1), Decimal("0.6")]) == Decimal("0.6")
    assert median_score([Decimal("0.5"), Decimal(1)]) == Decimal("0.75")


def _call(ref: str, minutes_ago: int, *, acknowledged: bool = False, failed: bool = False) -> Call:
    return Call(ref, NOW - timedelta(minutes=minutes_ago), acknowledged, failed)


def _asset(tag: str, name: str, type_name: str, element_class: str) -> SimpleNamespace:
    return SimpleNamespace(tag=tag, name=name, type_name=type_name, element_class=element_class)
