"""What do we promise for this building? Computes the service plan and puts it to both sides (A4)."""

from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.catalogue_files import load_catalogue
from models.db import reading
from models.diligence import MaintenanceHistory
from models.engagement import Demand, Engagement
from models.errors import Terminal
from models.faults import fault_point
from models.register import Asset, AssetJob, AssetType, Place
from models.rules.elements import ElementClass
from models.rules.plan import compile_plan, content_sha256, plan_json
from models.rules.plan_checks import validate_plan
from models.rules.plan_demands import titles_of_answers
from models.rules.plan_diff import plan_diff
from models.rules.plan_types import (
    AssetFact,
    CompiledPlan,
    DemandFact,
    FindingFact,
    JobFact,
    PlaceFact,
    PlanInputs,
    PlanRefused,
)
from models.service_plan import (
    BudgetLine,
    Commitment,
    CommitmentTarget,
    EmergencyPlan,
    PlannedPart,
    PlanPost,
    ServicePlan,
    TrainingModule,
)
from models.upsert import insert_if_absent
from reports.condition_report import condition_report
from reports.photographs import with_photos
from reports.plan_changes import with_changes
from reports.service_plan_pack import service_plan_pack
from tasks.addenda import issue_addendum
from tasks.condition_detail import photos_by_defect, survey_detail
from tasks.condition_facts import findings_of
from tasks.cycles import CycleRef, cycle_transaction
from tasks.decisions import BOTH_SIDES, ask_decision, withdraw_plan_questions
from tasks.documents import documents_of, poor_documents
from tasks.engagements import change_stage, engagement_of, lock_engagement
from tasks.evaluation import conditions
from tasks.files import keep_file, read_file
from tasks.history import history_facts
from tasks.packs import IssuedPack, issue_pack, mail_pack
from tasks.plans_in_force import plan_in_force
from tasks.steps import step

_PLAN = TypeAdapter(CompiledPlan)


@step("Issue the survey report")
def issue_survey_report(cycle: CycleRef, visit: str) -> IssuedPack:
    """Issue the condition survey report with findings and missing documents to both sides (A2, A3)."""
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        assets = session.exec(
            select(Asset.element_class, func.count())
            .where(Asset.engagement_id == cycle.engagement_id)
            .group_by(col(Asset.element_class))
        ).all()
        history = session.exec(
            select(func.count())
            .select_from(MaintenanceHistory)
            .where(MaintenanceHistory.engagement_id == cycle.engagement_id)
        ).one()
        pack = condition_report(
            engagement,
            visit=visit,
            elements=conditions(session, cycle.engagement_id, visit),
            findings=findings_of(session, cycle.engagement_id, visit),
            documents=documents_of(session, cycle.engagement_id),
            asset_counts=dict(assets),
            history_count=history,
            on=cycle.as_of,
            detail=survey_detail(session, engagement, visit, cycle.as_of),
        )
        photos = photos_by_defect(session, cycle.engagement_id, visit)
    pack = with_photos(pack, photos, read_file, position=3)  # after the list of defects
    issued = issue_pack(cycle, f"survey-{visit}", pack, cycle.as_of)
    zh = engagement.language == "zh"
    mail_pack(
        cycle,
        issued,
        BOTH_SIDES,
        ("附件为现状勘查报告。" if zh else "The condition survey report is attached.",),
        (),
        cycle.as_of,
    )
    return issued


@step("Compute the service plan")
def draft_plan(cycle: CycleRef) -> dict[str, Any]:
    """Compute the plan from register, survey, documents and demands, and keep it as the next version.

    Returns:
        Version, number of commitments, yearly cost and what both sides should know.

    Raises:
        Terminal: no plan can be made of these facts, or the plan breaks a rule of its own.
    """
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        inputs = plan_inputs(session, engagement)
    try:
        plan = compile_plan(inputs, load_catalogue())
    except PlanRefused as error:
        raise Terminal(str(error)) from error
    problems = validate_plan(plan)
    if problems:
        raise Terminal(
            "The computed plan breaks its own rules: " + "; ".join(problem.text for problem in problems[:5])
        )
    version = int(cycle.period.rpartition("-")[2])
    with cycle_transaction(cycle) as session:
        write_plan(session, cycle, plan, version, engagement.language)
        fault_point("plan.before_commit")
    return {
        "version": version,
        "commitments": len(plan.commitments),
        "posts": len(plan.posts),
        "annual_fee": str(plan.budget.total),
        "currency": plan.currency,
        "risks": len(plan.risks),
        "sha256": content_sha256(plan),
    }


def plan_inputs(session: Session, engagement: Engagement) -> PlanInputs:
    """The facts a plan is computed from, as the database holds them now."""
    key = engagement.id
    types = {
        kind.name: kind
        for kind in session.exec(select(AssetType).where(AssetType.engagement_id == key)).all()
    }
    return PlanInputs(
        engagement_code=engagement.code,
        property_type=engagement.property_type,
        currency=engagement.currency,
        term_start=engagement.term_start,
        term_end=engagement.term_end,
        language=engagement.language,
        floor_area=engagement.floor_area,
        units=engagement.unit_count,
        assets=tuple(
            AssetFact(
                tag=asset.tag,
                name=asset.name,
                type_name=asset.type_name,
                element_class=ElementClass(asset.element_class),
                place=asset.place_code,
                installed_on=asset.installed_on,
                expected_life_years=types[asset.type_name].expected_life_years,
                replacement_cost=types[asset.type_name].replacement_cost,
            )
            for asset in session.exec(
                select(Asset).where(Asset.engagement_id == key).order_by(Asset.tag)
            ).all()
        ),
        places=tuple(
            PlaceFact(place.code, place.name, place.kind, place.category)
            for place in session.exec(
                select(Place).where(Place.engagement_id == key).order_by(Place.code)
            ).all()
        ),
        jobs=tuple(
            JobFact(
                job.type_name,
                job.name,
                job.task_number,
                job.rrule,
                job.hours,
                job.category,
                str(job.source_row),
            )
            for job in session.exec(
                select(AssetJob)
                .where(AssetJob.engagement_id == key)
                .order_by(AssetJob.type_name, AssetJob.name, AssetJob.task_number)
            ).all()
        ),
        findings=tuple(
            FindingFact(
                finding.ref,
                ElementClass(finding.element_class),
                finding.asset_tag,
                finding.score,
                finding.text,
                finding.priority,
                finding.repair_cost,
                finding.payer,
            )
            for finding in findings_of(session, key or 0, "entry")
        ),
        demands=tuple(
            DemandFact(demand.ref, demand.text, str(demand.priority), demand.measure)
            for demand in session.exec(
                select(Demand).where(Demand.engagement_id == key).order_by(Demand.ref)
            ).all()
        ),
        missing_documents=tuple(
            item.title for item in documents_of(session, key or 0) if item.state == "missing"
        ),
        fee_model=engagement.fee_model,
        remuneration_share=engagement.remuneration_share,
        jurisdiction=engagement.jurisdiction,
        history=history_facts(session, key or 0),
        poor_documents=poor_documents(session, key or 0),
    )


def write_plan(
    session: Session,
    cycle: CycleRef,
    plan: CompiledPlan,
    version: int,
    language: str,
    *,
    effective_on: date | None = None,
    based_on: int | None = None,
    reason: str | None = None,
) -> None:
    """Keep a plan as a version, computed or edited; a version written before is left as it is.

    Args:
        session: the writing session.
        cycle: the run that holds the plan's cycle.
        plan: the content.
        version: its number.
        language: of duties, skills and risks.
        effective_on: from when it governs; the start of the term by default.
        based_on: the version it was edited from.
        reason: why the plan was amended.
    """
    sha256 = keep_file(
        session, plan_json(plan).encode(), f"plan-{plan.engagement_code}-{version}.json", "application/json"
    )
    before = session.exec(
        select(ServicePlan).where(
            ServicePlan.engagement_id == cycle.engagement_id, ServicePlan.version == version
        )
    ).first()
    if before is not None:
        return
    zh = language == "zh"
    row = ServicePlan(
        engagement_id=cycle.engagement_id,
        version=version,
        content_sha256=sha256,
        effective_on=effective_on or plan.term_start,
        based_on=based_on,
        reason=reason,
        annual_cost=plan.budget.cost,
        annual_fee=plan.budget.total,
        risks=[risk.text_zh if zh else risk.text_en for risk in plan.risks],
        compiled_on=cycle.as_of,
    )
    session.add(row)
    session.flush()
    _write_commitments(session, cycle.engagement_id, row.id or 0, plan)
    _write_people(session, row.id or 0, plan, zh=zh)
    _write_money_and_emergencies(session, row.id or 0, plan)
    record_event(
        session,
        cycle.engagement_id,
        "plan.computed" if based_on is None else "plan.edited",
        str(version),
        {"sha256": sha256, "commitments": len(plan.commitments), "catalogue": plan.catalogue_edition},
    )


def _write_commitments(session: Session, key: int, plan_id: int, plan: CompiledPlan) -> None:
    names = (
        "code",
        "clause",
        "title_en",
        "title_zh",
        "rrule",
        "start_on",
        "standard",
        "metric",
        "target_value",
        "evidence",
        "post_code",
        "hours",
        "material_cost",
        "cost_item",
        "statutory",
        "longest_interval_days",
        "on_demand",
        "source",
    )
    insert_if_absent(
        session,
        Commitment,
        [
            {
                "engagement_id": key,
                "plan_id": plan_id,
                "subject": draft.subject.value,
                **{name: getattr(draft, name) for name in names},
                "planning": draft.planning.as_json(),
            }
            for draft in plan.commitments
        ],
    )
    ids = dict(
        session.exec(select(Commitment.code, Commitment.id).where(Commitment.plan_id == plan_id)).all()
    )
    insert_if_absent(
        session,
        CommitmentTarget,
        [
            {"commitment_id": ids[draft.code], "kind": target.kind.value, "code": target.code}
            for draft in plan.commitments
            for target in draft.targets
        ],
    )


def _write_people(session: Session, plan_id: int, plan: CompiledPlan, *, zh: bool) -> None:
    insert_if_absent(
        session,
        PlanPost,
        [
            {
                "plan_id": plan_id,
                "code": post.code,
                "title_en": post.title_en,
                "title_zh": post.title_zh,
                "duties": "；".join(post.duties_zh) if zh else "; ".join(post.duties_en),
                "skills": "；".join(post.skills_zh) if zh else "; ".join(post.skills_en),
                "certificate": post.certificate,
                "certificate_title": post.certificate_zh if zh else post.certificate_en,
                "headcount": post.heads,
                "round_the_clock": post.round_the_clock_persons > 0,
                "heads_on_duty": max(1, post.round_the_clock_persons),
                "explanation": post.explanation_zh if zh else post.explanation_en,
            }
            for post in plan.posts
        ],
    )
    insert_if_absent(
        session,
        TrainingModule,
        [
            {
                "plan_id": plan_id,
                "code": module.code,
                "title_en": module.label_en,
                "title_zh": module.label_zh,
                "hours": module.hours,
                "pass_mark": module.pass_mark,
                "posts": list(module.posts),
            }
            for module in plan.training
        ],
    )


def _write_money_and_emergencies(session: Session, plan_id: int, plan: CompiledPlan) -> None:
    insert_if_absent(
        session,
        BudgetLine,
        [
            {
                "plan_id": plan_id,
                "cost_item": line.cost_item,
                "label_en": line.label_en,
                "label_zh": line.label_zh,
                "amount": line.amount,
                "explanation": line.explanation,
            }
            for line in plan.budget.lines
        ],
    )
    insert_if_absent(
        session,
        EmergencyPlan,
        [
            {
                "plan_id": plan_id,
                "kind": emergency.type,
                "title_en": emergency.label_en,
                "title_zh": emergency.label_zh,
                "steps": [
                    {
                        "ordinal": ordinal,
                        "role": entry.role,
                        "action_en": entry.action_en,
                        "action_zh": entry.action_zh,
                        "within_minutes": entry.minute,
                    }
                    for ordinal, entry in enumerate(emergency.steps, start=1)
                ],
            }
            for emergency in plan.emergency_plans
        ],
    )
    insert_if_absent(
        session,
        PlannedPart,
        [
            {
                "plan_id": plan_id,
                "asset_tag": part.asset_tag,
                "part": part.code,
                "title_en": part.label_en,
                "title_zh": part.label_zh,
                "life_months": part.life_months,
                "lead_days": part.lead_days,
                "due_on": part.due_on,
            }
            for part in plan.wear_parts
        ],
    )


@step("Put the plan to both sides")
def submit_plan(cycle: CycleRef, version: int) -> IssuedPack:
    """Issue the plan as a document and ask both sides to confirm exactly these bytes.

    An amendment of a signed plan is decided on its addendum, which names the plan's document as its annex.
    """
    before = None
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        plan = plan_version(session, cycle.engagement_id, version)
        pack = service_plan_pack(
            engagement,
            plan=plan,
            commitments=session.exec(
                select(Commitment)
                .where(Commitment.plan_id == plan.id)
                .order_by(Commitment.clause, Commitment.code)
            ).all(),
            target_counts=dict(
                session.exec(
                    select(CommitmentTarget.commitment_id, func.count())
                    .join(Commitment, col(Commitment.id) == col(CommitmentTarget.commitment_id))
                    .where(Commitment.plan_id == plan.id)
                    .group_by(col(CommitmentTarget.commitment_id))
                ).all()
            ),
            posts=session.exec(
                select(PlanPost).where(PlanPost.plan_id == plan.id).order_by(PlanPost.code)
            ).all(),
            budget=session.exec(
                select(BudgetLine).where(BudgetLine.plan_id == plan.id).order_by(col(BudgetLine.id))
            ).all(),
            emergency_plans=session.exec(
                select(EmergencyPlan).where(EmergencyPlan.plan_id == plan.id).order_by(EmergencyPlan.kind)
            ).all(),
            demands=session.exec(
                select(Demand).where(Demand.engagement_id == cycle.engagement_id).order_by(Demand.ref)
            ).all(),
            answered=titles_of_answers(plan_content(plan), engagement.language),
            on=cycle.as_of,
        )
        if plan.based_on is not None:
            before = plan_content(plan_version(session, cycle.engagement_id, plan.based_on))
            pack = with_changes(pack, plan.based_on, plan.reason or "", plan_diff(before, plan_content(plan)))
    issued = issue_pack(cycle, "plan", pack, cycle.as_of)
    decided, files = issued.sha256, issued.files
    zh = engagement.language == "zh"
    question = (
        f"请确认服务方案第 {version} 版" if zh else f"Please confirm version {version} of the service plan"
    )
    if plan.reason is not None and before is not None:
        addendum = issue_addendum(cycle, plan, before, plan_content(plan), issued.sha256)
        decided, files = addendum.sha256, (*addendum.files, *issued.files)
        question = (
            f"请签署合同补充协议（服务方案第 {version} 版）"
            if zh
            else f"Please sign the addendum to the contract (version {version} of the service plan)"
        )
    with cycle_transaction(cycle) as session:
        engagement = lock_engagement(session, cycle.code)
        if plan.based_on is not None:
            withdraw_plan_questions(session, engagement, version)
        ask_decision(
            session,
            engagement,
            "plan",
            str(version),
            BOTH_SIDES,
            decided,
            question,
            cycle.as_of,
            files,
        )
        if plan.reason is None:
            change_stage(session, engagement, "submit_plan")
    return issued


def plan_version(session: Session, key: int, version: int) -> ServicePlan:
    """A version of the engagement's plan.

    Raises:
        Terminal: there is none.
    """
    found = session.exec(
        select(ServicePlan).where(ServicePlan.engagement_id == key, ServicePlan.version == version)
    ).one_or_none()
    if found is None:
        raise Terminal(f"There is no version {version} of the service plan.")
    return found


def confirmed_plan(session: Session, key: int) -> tuple[ServicePlan, CompiledPlan]:
    """The plan in force, as a row and as the very content that was confirmed.

    Raises:
        Terminal: no plan is confirmed: nothing may be driven by it.
    """
    found = session.get(ServicePlan, plan_in_force(session, key))
    if found is None:
        raise Terminal("No service plan is confirmed by both sides.")
    return found, plan_content(found)


def plan_content(row: ServicePlan) -> CompiledPlan:
    """The very content of a version, read from the kept bytes and checked against their hash."""
    return _PLAN.validate_json(read_file(row.content_sha256))
