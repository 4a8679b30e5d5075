"""Is a contract that lacks something put to nobody, and is said what it lacks? (A5)"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from sqlmodel import select

from models.catalogue_files import load_catalogue
from models.contract import Contract
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.catalogue import Catalogue
from models.rules.plan_types import CompiledPlan
from models.service_plan import ServicePlan
from tasks import contracts
from tasks.decisions import open_decisions
from tasks.files import keep_file
from tasks.planning import plan_content
from tasks.register_import import take_in_register
from tests import factories


@pytest.fixture
def confirmed(sqlite_surveyed: str) -> str:
    factories.propose_plan(sqlite_surveyed)
    factories.answer(sqlite_surveyed, "plan")
    return sqlite_surveyed


def _refused(code: str) -> str:
    with pytest.raises(Terminal, match="not complete and was put to nobody") as refusal:
        factories.offer(code)
    assert open_decisions(code) == []
    with reading() as session:
        assert session.exec(select(Contract)).all() == []
    return str(refusal.value)


def _rewrite(change: Callable[[CompiledPlan], CompiledPlan]) -> None:
    """Replace the content of the confirmed plan, as if it had been confirmed so."""
    with writing() as session:
        row = session.exec(select(ServicePlan)).one()
        content = TypeAdapter(CompiledPlan).dump_json(change(plan_content(row)))
        row.content_sha256 = keep_file(session, content, "plan.json", "application/json")
        assert row.content_sha256 == hashlib.sha256(content).hexdigest()
        session.add(row)


def test_a_complete_contract_is_offered_to_both_sides(confirmed: str) -> None:
    factories.offer(confirmed)
    assert [q.subject for q in open_decisions(confirmed)] == ["contract", "contract"]


@pytest.mark.parametrize(
    ("head", "law"),
    [("breach", "Civil Code 470"), ("maintenance_fund", "Civil Code 938"), ("signature", "Civil Code 938"),
     ("personal_data", "Personal Information Protection Law 21"), ("fees", "A5")],
)  # fmt: skip
def test_a_clause_the_law_asks_for_is_missing(
    confirmed: str, monkeypatch: pytest.MonkeyPatch, head: str, law: str
) -> None:
    whole = load_catalogue()

    def lacking() -> Catalogue:
        return replace(whole, clauses=tuple(clause for clause in whole.clauses if clause.head != head))

    monkeypatch.setattr(contracts, "load_catalogue", lacking)
    assert f"Clause {head} is missing; {law} asks for it." in _refused(confirmed)


def test_a_value_that_was_never_filled_in_is_named(confirmed: str) -> None:
    with writing() as session:
        engagement = session.exec(select(Engagement)).one()
        engagement.client_name = "____ "
        session.add(engagement)
    assert "$client_name has no value (clause parties)." in _refused(confirmed)


def test_a_name_with_a_dollar_sign_is_no_gap(confirmed: str) -> None:
    with writing() as session:
        engagement = session.exec(select(Engagement)).one()
        engagement.client_name = "$annual_fee ____ Ltd"
        session.add(engagement)
    factories.offer(confirmed)


def test_a_service_whose_post_costs_nothing_is_named(confirmed: str) -> None:
    def free_cleaners(plan: CompiledPlan) -> CompiledPlan:
        return replace(
            plan,
            posts=tuple(replace(p, annual_cost=Decimal(0)) if p.code == "cleaner" else p for p in plan.posts),
        )

    _rewrite(free_cleaners)
    said = _refused(confirmed)
    assert "is not priced: post cleaner costs nothing." in said
    assert "post technician" not in said


def test_a_service_without_an_amount_in_the_budget_is_named(confirmed: str) -> None:
    spending: list[str] = []

    def no_line(plan: CompiledPlan) -> CompiledPlan:
        paid = next(c for c in plan.commitments if c.material_cost)
        spending.append(paid.code)
        lines = tuple(line for line in plan.budget.lines if line.cost_item != paid.cost_item)
        return replace(plan, budget=replace(plan.budget, lines=lines))

    _rewrite(no_line)
    assert f"Service {spending[0]} is not priced: the budget has no amount for" in _refused(confirmed)


def test_a_duty_of_the_law_for_an_asset_that_came_later_is_named(confirmed: str, tmp_path: Path) -> None:
    components = (
        *factories.REGISTER["Component"],
        ("LIFT-9", "Passenger lift", "1F-LOBBY", "New", "L9", "2026-01-01"),
    )
    take_in_register(confirmed, factories.write_register(tmp_path / "more.xlsx", Component=components))
    said = _refused(confirmed)
    assert "Statutory duty: LIFT-9: no commitment carries out" in said
    assert "LIFT-1:" not in said
