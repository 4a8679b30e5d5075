"""Which maintenance does each asset get: the register's own jobs, the catalogue's, and the repair of what was found?"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from models.rules.catalogue import Catalogue, Grouping, JobPlan, Subject
from models.rules.elements import ELEMENT_LABELS, ElementClass
from models.rules.history import HistoryFact
from models.rules.plan_figures import money, months_after
from models.rules.plan_history import continue_dates, interval_risks, part_renewed_on, past_facts
from models.rules.plan_register_jobs import RegisterJobs, batched
from models.rules.plan_repairs import first_repairs
from models.rules.plan_scope import Scope, asset_has, staggered_start
from models.rules.plan_types import (
    AssetFact,
    CommitmentDraft,
    Explanation,
    Risk,
    WearPartDraft,
)


@dataclass(frozen=True)
class Maintenance:
    """The maintenance part of a plan."""

    commitments: tuple[CommitmentDraft, ...]
    wear_parts: tuple[WearPartDraft, ...]
    risks: tuple[Risk, ...]
    explanations: tuple[Explanation, ...]


def plan_maintenance(scope: Scope, catalogue: Catalogue) -> Maintenance:
    """Jobs of the register first, then the catalogue for what they leave, then the findings of the survey.

    A job of the register replaces the catalogue's jobs for the assets of its type, except a statutory one that
    is stricter (its longest legal interval is shorter than the register's) or that an independent body does.
    """
    known = _class_plans(scope, catalogue)
    jobs = RegisterJobs(scope, catalogue)
    kept: dict[str, list[AssetFact]] = defaultdict(list)
    covered_duties: dict[str, list[JobPlan]] = defaultdict(list)
    wear: dict[tuple[str, str], WearPartDraft] = {}
    past: dict[str, list[HistoryFact]] = defaultdict(list)
    for fact in past_facts(scope.inputs):
        past[fact.asset_tag].append(fact)
    for asset in sorted(scope.inputs.assets, key=lambda fact: fact.tag):
        fitting = plans_for(asset, known[asset.element_class])
        for plan in fitting:
            for part in _wear_parts(asset, plan, scope, past[asset.tag]):
                wear.setdefault((part.asset_tag, part.code), part)
            if not jobs.replaces(asset, plan):
                kept[plan.code].append(asset)
            elif plan.statutory is not None:
                covered_duties[jobs.strictest(asset)].append(plan)
    commitments = [
        _with_duties(draft, covered_duties[series])
        for series, drafts in jobs.drafts.items()
        for draft in drafts
    ]
    for plan in catalogue.job_plans:
        if kept[plan.code]:
            commitments.extend(_catalogue_commitments(plan, kept[plan.code], scope, catalogue))
    commitments, date_notes = continue_dates(commitments, scope.inputs)
    repairs, repair_notes, who_pays = first_repairs(scope, catalogue)
    return Maintenance(
        commitments=(*commitments, *repairs),
        wear_parts=tuple(wear.values()),
        risks=(*jobs.risks, *who_pays, *interval_risks(commitments, scope.inputs)),
        explanations=(*jobs.explanations(covered_duties), *date_notes, *repair_notes),
    )


def _class_plans(scope: Scope, catalogue: Catalogue) -> dict[ElementClass, tuple[JobPlan, ...]]:
    return {
        element_class: tuple(
            plan
            for plan in catalogue.job_plans
            if plan.element_class is element_class and plan.applies_in(scope.inputs.jurisdiction)
        )
        for element_class in ElementClass
    }


def plans_for(asset: AssetFact, plans: Sequence[JobPlan]) -> tuple[JobPlan, ...]:
    """The catalogue's jobs for one asset; a fallback serves only where no worded plan fits."""
    worded = tuple(
        plan
        for plan in plans
        if plan.matches and asset_has(asset, plan.matches) and not asset_has(asset, plan.excludes)
    )
    always = tuple(plan for plan in plans if not plan.matches and not plan.fallback)
    fallback = () if worded else tuple(plan for plan in plans if plan.fallback)
    return (*always, *worded, *fallback)


def _with_duties(draft: CommitmentDraft, plans: list[JobPlan]) -> CommitmentDraft:
    """The register's job carries the legal limits of the statutory plans it stands in for."""
    duties = sorted({plan.code: plan.statutory for plan in plans if plan.statutory}.items())
    if not duties:
        return draft
    return replace(
        draft,
        statutory="; ".join(str(statutory) for _, statutory in duties),
        longest_interval_days=min(statutory.longest_interval_days for _, statutory in duties),
        metric="statutory_compliance",
        target_value=Decimal(1),
    )


def _catalogue_commitments(
    plan: JobPlan, assets: list[AssetFact], scope: Scope, catalogue: Catalogue
) -> list[CommitmentDraft]:
    language = scope.inputs.language
    unit = catalogue.prices.money_unit[scope.inputs.currency]
    code = f"PPM-{plan.code}"
    count = len(assets)
    class_en, _ = ELEMENT_LABELS[plan.element_class]
    draft = CommitmentDraft(
        code=code,
        clause="B2",
        subject=Subject.PREVENTIVE_MAINTENANCE,
        title_en=plan.label.en,
        title_zh=plan.label.zh,
        targets=(scope.site,),
        rrule=plan.rrule,
        start_on=staggered_start(code, plan.rrule, (scope.inputs.term_start, scope.inputs.term_end)),
        standard=plan.standard.in_language(language),
        metric=plan.metric,
        target_value=catalogue.indicators[plan.metric].target,
        evidence=plan.evidence.in_language(language),
        post_code=plan.post,
        hours=plan.hours,
        material_cost=money(plan.materials * unit),
        cost_item=plan.cost_item,
        statutory="" if plan.statutory is None else str(plan.statutory),
        longest_interval_days=None if plan.statutory is None else plan.statutory.longest_interval_days,
        source=f"catalogue {catalogue.edition} {plan.code} for {class_en}",
        planning=plan.planning,
    )
    if plan.grouping is Grouping.ASSET:
        return batched(draft, assets, scope, catalogue)
    return [
        replace(
            draft,
            title_en=f"{plan.label.en} ({count} assets)",
            title_zh=f"{plan.label.zh}（{count}项）",
            hours=max(plan.hours * count, Decimal("0.25")),
            material_cost=money(plan.materials * unit * count),
            source=f"{draft.source}: one route over {count} assets",
        )
    ]


def _wear_parts(
    asset: AssetFact, plan: JobPlan, scope: Scope, past: Sequence[HistoryFact]
) -> list[WearPartDraft]:
    parts = []
    for part in plan.wear_parts:
        due_on = None
        renewed = part_renewed_on(asset.tag, (part.label.en, part.label.zh), past)
        born = max((day for day in (asset.installed_on, renewed) if day is not None), default=None)
        if born is not None:
            months = part.life_months
            since = (scope.inputs.term_start.year - born.year) * 12
            since += scope.inputs.term_start.month - born.month
            lives = max(1, since // months)
            due_on = months_after(born, lives * months)
            if due_on < scope.inputs.term_start:
                due_on = months_after(born, (lives + 1) * months)
        parts.append(
            WearPartDraft(
                asset_tag=asset.tag,
                code=part.code,
                label_en=part.label.en,
                label_zh=part.label.zh,
                life_months=part.life_months,
                lead_days=part.lead_days,
                installed_on=born,
                due_on=due_on,
            )
        )
    return parts
