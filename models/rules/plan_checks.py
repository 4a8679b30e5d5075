"""Can this plan be signed: is nothing missing, against the law, unpaid or unmanned?"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from models.rules.catalogue import Catalogue, Engaged
from models.rules.elements import ElementClass
from models.rules.plan_maintenance import plans_for
from models.rules.plan_staffing import HOURS_OF_A_YEAR
from models.rules.plan_types import CommitmentDraft, CompiledPlan, PlanInputs, Target, TargetKind
from models.rules.recurrence import Recurrence, RecurrenceNotSupported, first_due, interval_days

CLAUSES_IN_SCOPE = tuple(
    f"{stage}{number}" for stage, last in (("B", 8), ("C", 4), ("D", 6)) for number in range(1, last + 1)
)
"""The clauses of execution, evaluation and survey that a plan must cover (A is how the plan came about)."""


@dataclass(frozen=True)
class PlanProblem:
    """One reason why a plan should not be signed."""

    rule: str
    about: str
    """Code of the commitment, post, clause or budget line."""
    text: str


def validate_plan(plan: CompiledPlan) -> tuple[PlanProblem, ...]:
    """Everything wrong with the plan in itself; empty means that it may go to the parties."""
    return (
        *_codes(plan),
        *_intervals(plan),
        *_clauses(plan),
        *_budget(plan),
        *_posts(plan),
    )


def _codes(plan: CompiledPlan) -> list[PlanProblem]:
    counted = Counter(commitment.code for commitment in plan.commitments)
    problems = [
        PlanProblem("unique_code", code, f"Commitment {code} stands {count} times.")
        for code, count in sorted(counted.items())
        if count > 1
    ]
    problems += [
        PlanProblem("target", commitment.code, f"Commitment {commitment.code} names no target.")
        for commitment in plan.commitments
        if not commitment.targets
    ]
    return problems


def _intervals(plan: CompiledPlan) -> list[PlanProblem]:
    problems = []
    for commitment in plan.commitments:
        if commitment.on_demand:
            continue
        if not plan.term_start <= commitment.start_on <= plan.term_end:
            text = f"{commitment.code} starts on {commitment.start_on}, outside the term."
            problems.append(PlanProblem("start_in_term", commitment.code, text))
        if not commitment.rrule:
            continue
        try:
            rule = Recurrence.parse(commitment.rrule)
        except RecurrenceNotSupported as refusal:
            problems.append(PlanProblem("recurrence", commitment.code, str(refusal)))
            continue
        problems += _against_law(commitment, rule, plan)
    return problems


def _against_law(commitment: CommitmentDraft, rule: Recurrence, plan: CompiledPlan) -> list[PlanProblem]:
    longest = commitment.longest_interval_days
    if longest is None:
        return []
    problems = []
    gap, first = interval_days(rule), first_due(rule, commitment.start_on)
    if gap is None or gap > longest:
        text = f"{commitment.code} can leave {gap or 'an unbounded number of'} days; {commitment.statutory} allows {longest}."
        problems.append(PlanProblem("statutory_interval", commitment.code, text))
    if first is not None and (first.due_on - plan.term_start).days > longest:
        text = (
            f"{commitment.code} first falls due on {first.due_on}, later than {longest} days into the term."
        )
        problems.append(PlanProblem("statutory_start", commitment.code, text))
    return problems


def _clauses(plan: CompiledPlan) -> list[PlanProblem]:
    covered = {commitment.clause for commitment in plan.commitments}
    return [
        PlanProblem("clause_covered", clause, f"No commitment carries out clause {clause}.")
        for clause in CLAUSES_IN_SCOPE
        if clause not in covered
    ]


def _budget(plan: CompiledPlan) -> list[PlanProblem]:
    budget = plan.budget
    problems = []
    lines = sum((line.amount for line in budget.lines), Decimal(0))
    if lines != budget.total:
        text = f"The lines add up to {lines}, the total says {budget.total}."
        problems.append(PlanProblem("budget_sum", "total", text))
    details = sum((line.amount for line in budget.details), Decimal(0))
    if details != lines:
        text = f"The details add up to {details}, the lines to {lines}."
        problems.append(PlanProblem("budget_sum", "details", text))
    if budget.cost + budget.remuneration + budget.tax != budget.total:
        text = f"Cost, remuneration and tax do not make the total {budget.total}."
        problems.append(PlanProblem("budget_parts", "total", text))
    problems += [
        PlanProblem("budget_negative", line.label_en, f"{line.label_en} is {line.amount}.")
        for line in budget.details
        if line.amount < 0
    ]
    return problems


def _posts(plan: CompiledPlan) -> list[PlanProblem]:
    posts = {post.code: post for post in plan.posts}
    problems = [
        PlanProblem("post_exists", commitment.code, f"Post {commitment.post_code!r} is not in the plan.")
        for commitment in plan.commitments
        if commitment.post_code not in posts
    ]
    problems += [
        PlanProblem("role_exists", emergency.type, f"Role {step.role!r} is not a post of the plan.")
        for emergency in plan.emergency_plans
        for step in emergency.steps
        if step.role not in posts
    ]
    for post in plan.posts:
        if post.engaged != Engaged.EMPLOYED:
            continue
        available = post.heads * post.productive_hours_per_year
        around_the_clock = post.round_the_clock_persons * HOURS_OF_A_YEAR
        needed = max(around_the_clock, post.hours_per_month * 12)
        # The shown monthly hours are rounded to a tenth: half of that, twelve times, is no gap.
        if available + Decimal("0.6") < needed:
            text = f"{post.heads} heads give {available:.0f} h a year of {post.title_en}; {needed:.0f} h are needed."
            problems.append(PlanProblem("post_heads", post.code, text))
    return problems


def missing_duties(plan: CompiledPlan, inputs: PlanInputs, catalogue: Catalogue) -> tuple[PlanProblem, ...]:
    """Statutory duties of the catalogue that no commitment of the plan carries out for an asset.

    For a plan that was edited: a duty counts as carried out where a commitment with a legal limit at least as
    strict names the asset, or where the duty's own commitment names it or covers the whole site. A test by an
    independent body is carried out by its own commitment only.
    """
    limits: dict[Target, int] = {}
    named: set[tuple[str, Target]] = set()
    site_codes = set()
    for commitment in plan.commitments:
        if commitment.longest_interval_days is None:
            continue
        for target in commitment.targets:
            known = limits.get(target, commitment.longest_interval_days)
            limits[target] = min(known, commitment.longest_interval_days)
            named.add((commitment.code.split(".")[0], target))
            if target.kind is TargetKind.SITE:
                site_codes.add(commitment.code)
    problems = []
    in_force = [duty for duty in catalogue.job_plans if duty.applies_in(inputs.jurisdiction)]
    by_class = {kind: [duty for duty in in_force if duty.element_class is kind] for kind in ElementClass}
    for asset in sorted(inputs.assets, key=lambda fact: fact.tag):
        target = Target(TargetKind.ASSET, asset.tag)
        for duty in plans_for(asset, by_class[asset.element_class]):
            code = f"PPM-{duty.code}"
            if duty.statutory is None or code in site_codes or (code, target) in named:
                continue
            limit = limits.get(target)
            # However often others work on it, an independent test is its own duty.
            if duty.independent or limit is None or limit > duty.statutory.longest_interval_days:
                text = f"{asset.tag}: no commitment carries out {duty.label.en} ({duty.statutory})."
                problems.append(PlanProblem("statutory_duty", duty.code, text))
    return tuple(problems)
