"""The contract says what the plan and the parties agreed, is complete, and its payments add up to the cent."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue_files import load_catalogue
from models.rules.contract import (
    ClauseText,
    ContractTerms,
    Parties,
    ServiceCredit,
    compile_contract,
    contract_contradictions,
    missing_heads,
    payment_calendar,
    term_fee,
)
from models.rules.elements import ElementClass
from models.rules.plan import AssetFact, CompiledPlan, PlanInputs, compile_plan, content_sha256

CATALOGUE = load_catalogue()
START, END = date(2026, 1, 1), date(2026, 12, 31)
PARTIES = Parties("Riverside Owners", "Custody Co.", "Riverside Court", "1 River Road")


@pytest.fixture(scope="module")
def plan() -> CompiledPlan:
    lift = AssetFact("L-1", "Lift 1", "Passenger lift", ElementClass.LIFT)
    inputs = PlanInputs(
        "E-1", "mixed", "CNY", START, END, units=120, assets=(lift,), missing_documents=("keys",)
    )
    return compile_plan(inputs, CATALOGUE)


def terms_for(plan: CompiledPlan, **changes: object) -> ContractTerms:
    values: dict[str, object] = {
        "fee_model": plan.budget.fee_model,
        "annual_fee": plan.budget.total,
        "currency": plan.currency,
        "payment_calendar": payment_calendar(START, END, plan.budget.total),
        "property_type": "mixed",
        "credits": (ServiceCredit("pm_compliance", Decimal("0.01")),),
        "governing_law": "the place of the property",
        "dispute_forum": "the local court",
        "asset_count": 1,
    }
    return ContractTerms(**{**values, **changes})  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_compiled_contract_is_complete_and_leaves_no_placeholder(plan: CompiledPlan, language: str) -> None:
    clauses = compile_contract(plan, PARTIES, terms_for(plan), CATALOGUE, language)
    assert missing_heads(clauses) == ()
    assert [clause.ordinal for clause in clauses] == list(range(1, len(clauses) + 1))
    assert not any("$" in clause.text for clause in clauses)


def test_the_contract_names_the_plan_by_its_hash_and_its_known_gaps(plan: CompiledPlan) -> None:
    clauses = {c.head: c.text for c in compile_contract(plan, PARTIES, terms_for(plan), CATALOGUE, "en")}
    assert content_sha256(plan) in clauses["service_content"]
    assert "Keys, cards" in clauses["client_obligations"]
    assert f"{plan.budget.total:,.2f} CNY" in clauses["fees"]
    assert "Riverside Owners" in clauses["parties"]


@pytest.mark.parametrize(
    "typed", ["$annual_fee", "${currency}", "{client_name}", "$", "%(x)s", "{0.__class__}"]
)
def test_text_typed_by_people_is_never_read_as_a_template(plan: CompiledPlan, typed: str) -> None:
    parties = Parties(typed, "Custody Co.", typed)
    clauses = compile_contract(plan, parties, terms_for(plan), CATALOGUE, "en")
    assert f"between {typed} (the client)" in clauses[0].text


def test_every_clause_that_is_left_out_is_named_with_who_asks_for_it(plan: CompiledPlan) -> None:
    clauses = compile_contract(plan, PARTIES, terms_for(plan), CATALOGUE, "en")
    for head, asked_by in [
        ("breach", ["A5", "Civil Code 470"]),
        ("maintenance_fund", ["Civil Code 938"]),
        ("signature", ["Civil Code 938"]),
        ("personal_data", ["Personal Information Protection Law 21"]),
    ]:
        rest = [clause for clause in clauses if clause.head != head]
        assert [(gap.head, gap.asked_by) for gap in missing_heads(rest)] == [(head, law) for law in asked_by]


def test_an_empty_clause_counts_as_missing() -> None:
    assert "fees" in {gap.head for gap in missing_heads([ClauseText(1, "fees", "Fees", "  \n")])}


def test_terms_that_agree_with_the_plan_have_no_contradiction(plan: CompiledPlan) -> None:
    assert contract_contradictions(plan, terms_for(plan)) == ()


def test_the_contract_of_cost_plus_fee_names_the_remuneration(plan: CompiledPlan) -> None:
    terms = terms_for(plan, fee_model="cost_plus_fee", remuneration_share=Decimal("0.125"))
    fees = {
        language: next(
            c.text for c in compile_contract(plan, PARTIES, terms, CATALOGUE, language) if c.head == "fees"
        )
        for language in ("en", "zh")
    }
    assert "The remuneration is 12.5 % of cost." in fees["en"]
    assert "酬金为成本的 12.5 %。" in fees["zh"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"annual_fee": Decimal("1.00")}, "the plan's budget is"),
        ({"currency": "EUR"}, "in EUR"),
        ({"fee_model": "cost_plus_fee"}, "made for lump_sum"),
        ({"payment_calendar": ((START, Decimal("1.00")),)}, "instalments add up to 1.00"),
        ({"remuneration_share": Decimal("0.125")}, "remuneration is 12.5 % of cost"),
    ],
    ids=["fee", "currency", "model", "payments", "remuneration"],
)
def test_terms_that_contradict_the_plan_are_told(
    plan: CompiledPlan, change: dict[str, object], said: str
) -> None:
    assert any(said in text for text in contract_contradictions(plan, terms_for(plan, **change)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fee_model": "barter"}, "barter"),
        ({"property_type": "castle"}, "castle"),
        ({"credits": (ServiceCredit("luck", Decimal("0.1")),)}, "luck"),
    ],
    ids=["fee-model", "property-type", "credit"],
)
def test_terms_the_library_does_not_know_are_refused(
    plan: CompiledPlan, change: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        compile_contract(plan, PARTIES, terms_for(plan, **change), CATALOGUE, "en")


@pytest.mark.parametrize(("every", "count"), [("month", 12), ("quarter", 4), ("half_year", 2), ("year", 1)])
def test_a_year_is_paid_in_the_agreed_number_of_instalments(every: str, count: int) -> None:
    calendar = payment_calendar(START, END, Decimal("100.00"), every)
    assert len(calendar) == count
    assert sum(amount for _, amount in calendar) == Decimal("100.00")


def test_quarters_of_an_odd_fee_differ_by_no_more_than_a_cent() -> None:
    amounts = [amount for _, amount in payment_calendar(START, END, Decimal("100.01"))]
    assert sum(amounts) == Decimal("100.01")
    assert max(amounts) - min(amounts) <= Decimal("0.01")


def test_a_broken_last_quarter_is_paid_by_its_days() -> None:
    calendar = payment_calendar(date(2026, 1, 1), date(2026, 4, 15), Decimal("1200.00"))
    assert calendar == ((date(2026, 1, 1), Decimal("300.00")), (date(2026, 4, 1), Decimal("50.00")))


@given(
    start=st.dates(date(2000, 1, 1), date(2060, 12, 31)),
    days=st.integers(0, 3000),
    cents=st.integers(0, 10**11),
    every=st.sampled_from(["month", "quarter", "half_year", "year"]),
)
def test_payments_always_add_up_and_fall_inside_the_term(
    start: date, days: int, cents: int, every: str
) -> None:
    end = start + timedelta(days=days)
    fee = Decimal(cents) / 100
    calendar = payment_calendar(start, end, fee, every)
    assert sum(amount for _, amount in calendar) == term_fee(start, end, fee)
    assert all(amount >= 0 and amount == amount.quantize(Decimal("0.01")) for _, amount in calendar)
    due = [due_on for due_on, _ in calendar]
    assert due == sorted(set(due)) and due[0] == start and due[-1] <= end


@pytest.mark.parametrize(
    ("years", "cents"), [(1, 99999999), (2, 1), (3, 333333333)], ids=["one", "two", "three"]
)
def test_whole_years_cost_exactly_the_annual_fee_each(years: int, cents: int) -> None:
    fee = Decimal(cents) / 100
    assert term_fee(START, date(2026 + years, 1, 1) - timedelta(days=1), fee) == fee * years


@pytest.mark.parametrize(
    ("end", "fee", "every", "said"),
    [
        (START - timedelta(days=1), Decimal(1), "quarter", "before it starts"),
        (END, Decimal(-1), "quarter", "expected 0 or more"),
        (END, Decimal(1), "week", "'week'"),
    ],
    ids=["term", "fee", "interval"],
)
def test_a_calendar_that_makes_no_sense_is_refused(end: date, fee: Decimal, every: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        payment_calendar(START, end, fee, every)
