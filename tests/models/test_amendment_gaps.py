"""Does a duty of the law keep its longest interval across the day on which one version takes over from another?"""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from models.catalogue_files import load_catalogue
from models.rules.plan import compile_plan
from models.rules.plan_edit import gaps_at_change
from models.rules.plan_figures import due_dates
from models.rules.plan_types import CommitmentDraft, CompiledPlan
from tests.models.test_plan import PLACES, TYPICAL, inputs

PLAN = compile_plan(inputs(assets=TYPICAL, places=PLACES), load_catalogue())
LIFTS = next(c for c in PLAN.commitments if c.longest_interval_days == 15 and c.rrule)
ALL_DAYS = due_dates(LIFTS, PLAN.term_start, PLAN.term_end)
CHANGE = ALL_DAYS[6] + timedelta(days=1)
LAST_BEFORE = ALL_DAYS[6]


def amended(**changes: object) -> CompiledPlan:
    now: CommitmentDraft = replace(LIFTS, **changes)  # type: ignore[arg-type]
    return replace(PLAN, commitments=tuple(now if c.code == LIFTS.code else c for c in PLAN.commitments))


@pytest.mark.parametrize(("days_later", "refused"), [(1, False), (15, False), (16, True), (40, True)])
def test_the_first_visit_of_the_new_version_comes_within_the_laws_interval_after_the_last_of_the_old(
    days_later: int, refused: bool
) -> None:
    new = amended(start_on=LAST_BEFORE + timedelta(days=days_later))
    problems = gaps_at_change(PLAN, new, CHANGE)
    assert bool(problems) is refused
    if refused:
        (problem,) = problems
        assert (problem.rule, problem.about) == ("statutory_gap", LIFTS.code)
        assert str(LAST_BEFORE) in problem.text
        assert "15 days" in problem.text


def test_a_duty_that_never_comes_again_is_refused_unless_the_term_ends_within_its_interval() -> None:
    never = amended(rrule="FREQ=YEARLY", start_on=PLAN.term_start)
    (problem,) = gaps_at_change(PLAN, never, CHANGE)
    assert "never" in problem.text
    last_day = PLAN.term_end
    assert gaps_at_change(PLAN, never, last_day) == ()


def test_a_duty_that_did_not_change_is_not_looked_at() -> None:
    assert gaps_at_change(PLAN, PLAN, CHANGE) == ()
    assert gaps_at_change(PLAN, amended(hours=LIFTS.hours * 2), date(2027, 3, 3)) == ()
