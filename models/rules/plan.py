"""Which service plan follows from this building, its condition and what its client asks?"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal

from models.rules.catalogue import Catalogue, Certainty, Subject
from models.rules.documents import CONDITION_LABELS
from models.rules.elements import ElementClass
from models.rules.plan_budget import budget_of
from models.rules.plan_checks import PlanProblem, missing_duties, validate_plan
from models.rules.plan_demands import answer_demands
from models.rules.plan_figures import due_dates, work_orders_per_month, yearly_quantity
from models.rules.plan_maintenance import plan_maintenance
from models.rules.plan_scope import Scope, scope_of
from models.rules.plan_services import (
    emergency_commitments,
    emergency_drafts,
    service_commitments,
    training_commitments,
)
from models.rules.plan_staffing import staff
from models.rules.plan_types import (
    AssetFact,
    Budget,
    BudgetLine,
    CommitmentDraft,
    CompiledPlan,
    DemandAnswer,
    DemandFact,
    EmergencyPlanDraft,
    EmergencyStepDraft,
    Explanation,
    FeeModel,
    FindingFact,
    JobFact,
    PlaceFact,
    PlanInputs,
    PlanRefused,
    PostPlan,
    Risk,
    Target,
    TargetKind,
    TrainingDraft,
    WearPartDraft,
)

__all__ = [
    "AssetFact",
    "Budget",
    "BudgetLine",
    "CommitmentDraft",
    "CompiledPlan",
    "DemandAnswer",
    "DemandFact",
    "EmergencyPlanDraft",
    "EmergencyStepDraft",
    "Explanation",
    "FeeModel",
    "FindingFact",
    "JobFact",
    "PlaceFact",
    "PlanInputs",
    "PlanProblem",
    "PlanRefused",
    "PostPlan",
    "Risk",
    "Subject",
    "Target",
    "TargetKind",
    "TrainingDraft",
    "WearPartDraft",
    "compile_plan",
    "content_sha256",
    "due_dates",
    "missing_duties",
    "plan_json",
    "validate_plan",
    "work_orders_per_month",
    "yearly_quantity",
]


def compile_plan(inputs: PlanInputs, catalogue: Catalogue) -> CompiledPlan:
    """The plan for one property; the same inputs and catalogue give the same plan, in any order of the facts.

    Raises:
        PlanRefused: property type, currency, fee model or term cannot be planned; the message says why.
    """
    scope = scope_of(inputs, catalogue)
    maintenance = plan_maintenance(scope, catalogue)
    services = service_commitments(scope, catalogue)
    emergencies = emergency_commitments(scope, catalogue)
    work = (*maintenance.commitments, *services, *emergencies)
    manned = {commitment.post_code for commitment in work}
    in_order = tuple(code for code in catalogue.posts if code in manned | {"manager"})
    training, modules = training_commitments(scope, catalogue, in_order)
    work = (*work, *training)
    answers, work = answer_demands(inputs.demands, work, inputs.assets, catalogue)
    commitments = tuple(sorted(work, key=lambda commitment: (commitment.clause, commitment.code)))
    posts = staff(commitments, scope, catalogue)
    return CompiledPlan(
        engagement_code=inputs.engagement_code,
        catalogue_edition=catalogue.edition,
        scale=scope.scale,
        currency=inputs.currency,
        term_start=inputs.term_start,
        term_end=inputs.term_end,
        commitments=commitments,
        posts=posts,
        budget=budget_of(commitments, posts, scope, catalogue),
        emergency_plans=emergency_drafts(scope, catalogue, tuple(post.code for post in posts)),
        training=modules,
        wear_parts=maintenance.wear_parts,
        demand_answers=answers,
        risks=(*_risks(scope, answers, catalogue), *maintenance.risks),
        explanations=(scope.explanation, *maintenance.explanations, *_notes(scope, commitments)),
    )


def _risks(scope: Scope, answers: Sequence[DemandAnswer], catalogue: Catalogue) -> list[Risk]:
    inputs = scope.inputs
    labels = {document.code: document.label for document in catalogue.documents}
    risks = []
    if inputs.missing_documents:
        risks.append(
            Risk(
                "DOCUMENTS-MISSING",
                "Papers are missing: work that needs one of them starts from what is found on the site.",
                "资料不全：需要所缺资料的工作以现场勘查为准。",
                "missing documents",
            )
        )
    for name in sorted(set(inputs.missing_documents)):
        label = labels.get(name)
        name_en, name_zh = (name, name) if label is None else (label.en, label.zh)
        risks.append(
            Risk(
                f"DOC-{name}",
                f"Not received: {name_en}.",
                f"尚未收到：{name_zh}。",
                f"missing document {name}",
            )
        )
    for name, condition in sorted(set(inputs.poor_documents)):
        label = labels.get(name)
        name_en, name_zh = (name, name) if label is None else (label.en, label.zh)
        said_en, said_zh = CONDITION_LABELS.get(condition, (condition, condition))
        risks.append(
            Risk(
                f"DOC-POOR-{name}",
                f"Received {said_en}: {name_en}. What cannot be read from it is not known; a replacement is asked for.",
                f"已收到但{said_zh}：{name_zh}。无法辨认的内容视为未知，应补交。",
                f"document {name} received {condition}",
            )
        )
    risks += [
        Risk(
            f"DEMAND-{answer.ref}",
            f"No commitment answers the demand {answer.text!r}: agree how it will be met.",
            f"诉求“{answer.text}”尚无对应承诺，需双方商定。",
            f"demand {answer.ref}",
        )
        for answer in answers
        if not answer.commitment_codes
    ]
    if not inputs.assets:
        risks.append(
            Risk(
                "NO-REGISTER",
                "The asset register is empty: maintenance is planned after the condition survey.",
                "资产台账为空：现场勘查后补编维护计划。",
                "register",
            )
        )
    if scope.size_unknown:
        risks.append(
            Risk(
                "SIZE-UNKNOWN",
                "Neither units, floor area nor spaces are known: hours and insurance are estimates.",
                "户数、建筑面积与空间均未知，工时与保险为估算。",
                "intake",
            )
        )
    undated = sum(asset.installed_on is None for asset in inputs.assets)
    if undated:
        risks.append(
            Risk(
                "NO-INSTALL-DATE",
                f"{undated} of {len(inputs.assets)} assets have no installation date: their wear parts are not dated.",
                f"{len(inputs.assets)}项资产中{undated}项无安装日期，易损件到期日未知。",
                "register",
            )
        )
    return risks


def _notes(scope: Scope, commitments: Sequence[CommitmentDraft]) -> list[Explanation]:
    notes = [
        Explanation(
            "training",
            "Hours of training are the trainer's; those trained attend in the unproductive share of their hours.",
            "培训工时为讲师工时，受训时间计入非生产工时。",
        )
    ]
    if ElementClass.LANDSCAPE not in scope.classes:
        notes.append(
            Explanation(
                "greening",
                "The register holds no landscape asset: general care of the site is planned.",
                "台账无绿化资产，按场地一般养护编制。",
            )
        )
    unsure = sorted(
        {
            commitment.statutory
            for commitment in commitments
            if commitment.statutory and f"[{Certainty.VERIFIED}]" not in commitment.statutory
        }
    )
    if unsure:
        listed = "; ".join(unsure)
        notes.append(
            Explanation(
                "statutory sources",
                f"Confirm with the authority before relying on: {listed}.",
                f"使用前请向主管部门核实：{listed}。",
            )
        )
    return notes


def plan_json(plan: CompiledPlan) -> str:
    """The plan as canonical JSON: sorted keys, no spaces, decimals as plain strings, dates in ISO form."""
    return json.dumps(_plain(plan), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def content_sha256(plan: CompiledPlan) -> str:
    """SHA-256 in hexadecimal over the canonical JSON of the plan: what both sides confirm."""
    return hashlib.sha256(plan_json(plan).encode()).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        # 1.50 and 1.5 are the same promise, so they hash alike.
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"no canonical JSON for {type(value).__name__}")
