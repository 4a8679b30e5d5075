"""May this contract be put to the parties: is every head, value, price and duty there?"""

from collections.abc import Iterable
from decimal import Decimal
from string import Template

from models.rules.catalogue import Catalogue
from models.rules.contract import (
    ClauseText,
    ContractTerms,
    Parties,
    contract_contradictions,
    missing_heads,
    placeholder_values,
)
from models.rules.plan_checks import missing_duties
from models.rules.plan_types import CompiledPlan, PlanInputs


def contract_gaps(
    clauses: Iterable[ClauseText],
    plan: CompiledPlan,
    inputs: PlanInputs,
    parties: Parties,
    terms: ContractTerms,
    catalogue: Catalogue,
    language: str,
) -> tuple[str, ...]:
    """Everything that keeps the contract from being signed, in sentences; empty means that it may be offered.

    Args:
        clauses: the contract as it was compiled.
        plan: the confirmed plan.
        inputs: the property as it is known today; what the law asks for may have grown since the plan.
        parties: who signs.
        terms: what was agreed beside the plan.
        catalogue: duties, prices and clauses.
        language: of the contract.
    """
    return (
        *(f"Clause {gap.head} is missing; {gap.asked_by} asks for it." for gap in missing_heads(clauses)),
        *unfilled(plan, parties, terms, catalogue, language),
        *unpriced_services(plan),
        *(f"Statutory duty: {problem.text}" for problem in missing_duties(plan, inputs, catalogue)),
        *contract_contradictions(plan, terms),
    )


def unfilled(
    plan: CompiledPlan, parties: Parties, terms: ContractTerms, catalogue: Catalogue, language: str
) -> tuple[str, ...]:
    """The placeholders that stay empty, each with the clauses that use it.

    The values are looked at, not the finished text: a name may well contain a dollar sign.
    """
    values = placeholder_values(plan, parties, terms, catalogue, language)
    used: dict[str, list[str]] = {}
    for clause in catalogue.clauses:
        for name in Template(clause.text.in_language(language)).get_identifiers():
            if not values[name].strip(" _\n\t"):
                used.setdefault(name, []).append(clause.head)
    return tuple(f"${name} has no value (clause {', '.join(heads)})." for name, heads in sorted(used.items()))


def unpriced_services(plan: CompiledPlan) -> tuple[str, ...]:
    """Commitments whose cost item has no amount in the budget, and employed posts that cost nothing."""
    amounts = {line.cost_item: line.amount for line in plan.budget.lines}
    costs = {post.code: post.annual_cost for post in plan.posts if post.heads}
    found = []
    for commitment in plan.commitments:
        spends = commitment.material_cost * len(commitment.targets)
        if spends and amounts.get(commitment.cost_item, Decimal(0)) <= 0:
            found.append(
                f"Service {commitment.code} is not priced: the budget has no amount for {commitment.cost_item}."
            )
        elif commitment.hours and costs.get(commitment.post_code, Decimal(1)) <= 0:
            found.append(
                f"Service {commitment.code} is not priced: post {commitment.post_code} costs nothing."
            )
    return tuple(found)
