"""Why is a figure of a plan what it is, in the language of the person who asks? (A4)"""

from dataclasses import replace

from models.catalogue_files import load_catalogue
from models.db import reading
from models.rules.catalogue import Catalogue
from models.rules.plan_budget import budget_of
from models.rules.plan_explain import FigureExplained, explain_figure
from models.rules.plan_scope import scope_of
from models.rules.plan_types import BudgetLine, CompiledPlan, PlanInputs
from tasks.engagements import find_engagement
from tasks.plan_edits import load_version
from tasks.planning import plan_inputs


def explained_figure(
    code: str, about: str, version: int | None, language: str | None
) -> tuple[CompiledPlan, FigureExplained | None]:
    """A version of the plan, and one of its figures explained; None where the plan has no such code.

    Args:
        code: of the engagement.
        about: a cost item, post or commitment by its code, or total.
        version: of the plan; None for the one an edit starts from.
        language: zh or en; None for that of the engagement's documents.

    Raises:
        Terminal: there is no such version.
    """
    _row, plan = load_version(code, version)
    with reading() as session:
        engagement = find_engagement(session, code)
        spoken = language or engagement.language
        inputs = None if spoken == engagement.language else plan_inputs(session, engagement)
    catalogue = load_catalogue()
    if inputs is not None:
        plan = _retold(plan, replace(inputs, language=spoken), catalogue)
    return plan, explain_figure(plan, about, catalogue, spoken)


def _retold(plan: CompiledPlan, inputs: PlanInputs, catalogue: Catalogue) -> CompiledPlan:
    """The plan with its budget explained in the language of the inputs, line by line where the amount is the same.

    Where the property or the catalogue has changed since, a line keeps the words it was confirmed with.
    """
    scope = replace(scope_of(inputs, catalogue), scale=plan.scale)
    told = budget_of(plan.commitments, plan.posts, scope, catalogue)

    def words(lines: tuple[BudgetLine, ...], others: tuple[BudgetLine, ...]) -> tuple[BudgetLine, ...]:
        known = {(line.cost_item, line.label_en, line.amount): line for line in others}
        return tuple(known.get((line.cost_item, line.label_en, line.amount), line) for line in lines)

    budget = replace(
        plan.budget,
        lines=words(plan.budget.lines, told.lines),
        details=words(plan.budget.details, told.details),
    )
    return replace(plan, budget=budget)
