"""What does the rehearsal say about the bundled sample, over three years?"""

from decimal import Decimal

import pytest

from models.catalogue_files import load_catalogue
from models.rules.plan import CompiledPlan, compile_plan
from models.rules.rehearsal import read_change, rehearse
from tests.bench.registers import register_of, sample_inputs


@pytest.fixture(scope="module")
def plan() -> CompiledPlan:
    return compile_plan(sample_inputs(), load_catalogue())


def test_the_sample_can_be_lived_with_and_one_guard_less_leaves_the_gate_empty(plan: CompiledPlan) -> None:
    base = rehearse(plan)
    assert (base.uncovered_hours, base.statutory_missed, base.unlawful) == (0, 0, ())
    assert base.cash.deepest == 0
    run = rehearse(plan, read_change(plan, less=["gate_guard"]))
    assert run.uncovered_hours > 3 * 365
    assert {entry.post for entry in run.workload if entry.uncovered} == {"gate_guard"}
    post = next(post for post in plan.posts if post.code == "gate_guard")
    assert base.cash.cost - run.cash.cost == 3 * 12 * post.monthly_cost


def test_the_cash_of_three_years_differs_from_the_budget_by_what_the_dates_say(plan: CompiledPlan) -> None:
    cash = rehearse(plan).cash
    assert cash.cost - sum((line.budget for line in cash.lines), Decimal(0)) == sum(
        (line.difference for line in cash.lines), Decimal(0)
    )
    assert {line.kind for line in cash.lines if abs(line.difference) > Decimal("0.01")} <= {
        "materials",
        "bought",
    }
    assert cash.final == cash.received - cash.cost


def test_a_larger_register_of_the_same_kind_is_rehearsed_in_the_same_way(plan: CompiledPlan) -> None:
    large = compile_plan(register_of(1000, sample_inputs()), load_catalogue())
    run = rehearse(large)
    assert sum(entry.needed for entry in run.workload) > sum(e.needed for e in rehearse(plan).workload)
    assert run.unlawful == ()
