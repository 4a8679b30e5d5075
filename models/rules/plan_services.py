"""Which services that are not bound to one asset does the property get, and who is trained and called for them?"""

from datetime import date, timedelta
from decimal import Decimal

from models.rules.catalogue import Activity, Catalogue, EmergencyPlan, Scale, Subject
from models.rules.plan_figures import money
from models.rules.plan_scope import Scope, belongs, matched_place_count, staggered_start, targets_of
from models.rules.plan_types import (
    CommitmentDraft,
    EmergencyPlanDraft,
    EmergencyStepDraft,
    TrainingDraft,
)


def service_commitments(scope: Scope, catalogue: Catalogue) -> tuple[CommitmentDraft, ...]:
    """Rounds, cleaning, greening, security, desk, meetings, drills, reviews and surveys of this property."""
    chosen = [activity for activity in catalogue.activities if belongs(activity, scope)]
    if any(activity.when.plants for activity in chosen):
        # A known plant group says more than the general care of a site.
        chosen = [activity for activity in chosen if not activity.when.general]
    return tuple(_commitment(activity, scope, catalogue) for activity in chosen)


def _commitment(activity: Activity, scope: Scope, catalogue: Catalogue) -> CommitmentDraft:
    inputs = scope.inputs
    targets = targets_of(activity, scope, catalogue.prices.max_zone_targets)
    share = Decimal(1) / len(targets)
    unit = catalogue.prices.money_unit[inputs.currency]
    return CommitmentDraft(
        code=activity.code,
        clause=activity.clause,
        subject=activity.subject,
        title_en=activity.label.en,
        title_zh=activity.label.zh,
        targets=targets,
        rrule=activity.rrule,
        start_on=_start(activity, scope),
        standard=activity.standard.in_language(inputs.language),
        metric=activity.metric,
        target_value=catalogue.indicators[activity.metric].target if activity.metric else None,
        evidence=activity.evidence.in_language(inputs.language),
        post_code=activity.post,
        hours=(_hours(activity, scope, catalogue) * share).quantize(Decimal("0.01")),
        material_cost=money(activity.materials * unit * share),
        cost_item=activity.cost_item,
        statutory="" if activity.statutory is None else str(activity.statutory),
        longest_interval_days=None
        if activity.statutory is None
        else activity.statutory.longest_interval_days,
        source=f"catalogue {catalogue.edition} {activity.code}, {scope.property_type}, {scope.scale}",
        on_demand=activity.on_demand,
        expected_per_year=activity.expected_per_asset_year * len(inputs.assets)
        if activity.on_demand
        else Decimal(0),
    )


def _hours(activity: Activity, scope: Scope, catalogue: Catalogue) -> Decimal:
    """Hours of one visit over the whole site."""
    hours = activity.hours + activity.hours_per_place * matched_place_count(activity, scope)
    if scope.inputs.floor_area is not None:
        hours += activity.hours_per_1000_m2 * scope.inputs.floor_area / 1000
    if scope.scale is Scale.VISITING and not activity.when.scales and not activity.on_demand:
        # Management work was not written for a small building in particular.
        hours *= catalogue.prices.visiting_hours_share
    return hours


def _start(activity: Activity, scope: Scope) -> date:
    term_start, term_end = scope.inputs.term_start, scope.inputs.term_end
    if activity.before_end_days is not None:
        return max(term_start, term_end - timedelta(days=activity.before_end_days))
    if activity.first_after_days is not None:
        return min(term_end, term_start + timedelta(days=activity.first_after_days))
    return staggered_start(activity.code, activity.rrule, (term_start, term_end))


def training_commitments(
    scope: Scope, catalogue: Catalogue, posts: tuple[str, ...]
) -> tuple[tuple[CommitmentDraft, ...], tuple[TrainingDraft, ...]]:
    """The training modules: on the first day of the term before the first duty, then repeated.

    The hours are the trainer's; the time of those trained is in the productive share of their posts.
    """
    commitments = []
    modules = []
    indicator = catalogue.indicators["training_coverage"]
    language = scope.inputs.language
    for module in catalogue.training:
        passed = f"{module.pass_mark} %"
        commitments.append(
            CommitmentDraft(
                code=module.code,
                clause="B1",
                subject=Subject.TRAINING,
                title_en=f"Training: {module.label.en}",
                title_zh=f"培训：{module.label.zh}",
                targets=(scope.site,),
                rrule=module.rrule,
                start_on=scope.inputs.term_start,
                standard=f"上岗前全员通过，合格线{passed}"
                if language.startswith("zh")
                else f"Everyone passes before the first duty, pass mark {passed}",
                metric=indicator.code,
                target_value=indicator.target,
                evidence="签到与考核成绩" if language.startswith("zh") else "Attendance and test results",
                post_code="manager",
                hours=module.hours,
                material_cost=Decimal(0),
                cost_item="office",
                statutory="" if module.statutory is None else str(module.statutory),
                longest_interval_days=None
                if module.statutory is None
                else module.statutory.longest_interval_days,
                source=f"catalogue {catalogue.edition} {module.code}",
            )
        )
        modules.append(
            TrainingDraft(
                code=module.code,
                key=module.key,
                label_en=module.label.en,
                label_zh=module.label.zh,
                hours=module.hours,
                pass_mark=module.pass_mark,
                posts=posts,
            )
        )
    return tuple(commitments), tuple(modules)


def emergency_commitments(scope: Scope, catalogue: Catalogue) -> tuple[CommitmentDraft, ...]:
    """One on-demand commitment per emergency plan: the promised time on the spot."""
    chinese = scope.inputs.language.startswith("zh")
    indicator = catalogue.indicators["response_on_time"]
    return tuple(
        CommitmentDraft(
            code=f"EMERG-{plan.type.upper().replace('_', '-')}",
            clause="B8",
            subject=Subject.EMERGENCY,
            title_en=f"Emergency plan: {plan.label.en}",
            title_zh=f"应急预案：{plan.label.zh}",
            targets=(scope.site,),
            rrule="",
            start_on=scope.inputs.term_start,
            standard=f"{plan.on_site_minutes}分钟内到场，步骤按预案计时"
            if chinese
            else f"On the spot within {plan.on_site_minutes} minutes; steps timed against the plan",
            metric=indicator.code,
            target_value=indicator.target,
            evidence="事件时间线、损失记录与复盘" if chinese else "Timed incident log, loss record, review",
            post_code="manager",
            hours=Decimal(4),
            material_cost=Decimal(0),
            cost_item="order",
            statutory="",
            longest_interval_days=None,
            source=f"catalogue {catalogue.edition} emergency plan {plan.type}",
            on_demand=True,
        )
        for plan in _emergencies(scope, catalogue)
    )


def emergency_drafts(
    scope: Scope, catalogue: Catalogue, posts: tuple[str, ...]
) -> tuple[EmergencyPlanDraft, ...]:
    """The emergency plans with each role given to a post this property has."""
    return tuple(
        EmergencyPlanDraft(
            type=plan.type,
            label_en=plan.label.en,
            label_zh=plan.label.zh,
            on_site_minutes=plan.on_site_minutes,
            steps=tuple(
                EmergencyStepDraft(
                    minute=step.minute,
                    role=_role(step.role, catalogue, posts),
                    action_en=step.action.en,
                    action_zh=step.action.zh,
                )
                for step in plan.steps
            ),
        )
        for plan in _emergencies(scope, catalogue)
    )


def _emergencies(scope: Scope, catalogue: Catalogue) -> tuple[EmergencyPlan, ...]:
    return tuple(
        plan
        for plan in catalogue.emergency_plans
        if plan.always
        or (
            (not plan.element_classes or bool(scope.classes & set(plan.element_classes)))
            and (not plan.property_types or scope.property_type in plan.property_types)
        )
    )


def _role(role: str, catalogue: Catalogue, posts: tuple[str, ...]) -> str:
    for candidate in (role, catalogue.visiting_roles.get(role, "")):
        if candidate in posts:
            return candidate
    return "manager"
