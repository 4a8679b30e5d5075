"""In which condition is the building? Records a survey's findings and grades every element class (A2)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, func, select

from models.audit import record_event
from models.db import reading, writing
from models.diligence import ConditionFinding, ElementCondition
from models.register import Asset
from models.rules.condition import NEN_2767_RECALLED, Defect, Severity, defect_score, element_condition
from models.rules.elements import ElementClass
from models.upsert import insert_if_absent
from tasks.engagements import engagement_id, find_engagement


class FindingForm(BaseModel):
    """One defect as the surveyor notes it."""

    model_config = ConfigDict(extra="forbid")

    ref: str = Field(min_length=1, max_length=40)
    element_class: ElementClass
    asset_tag: str = ""
    severity: Severity
    intensity: int = Field(ge=1, le=3)
    extent: int = Field(ge=1, le=5, description="Class of the share of the element touched")
    text: str = Field(min_length=1)
    repair_cost: Decimal | None = Field(default=None, ge=0, decimal_places=2)


def record_condition_survey(
    code: str, visit: str, findings: Sequence[FindingForm], on: date
) -> dict[str, int]:
    """Record a whole survey and its grades in one transaction; the same visit again changes nothing.

    Args:
        code: the engagement.
        visit: `entry` or `exit`: the same elements are looked at on both.
        findings: every defect seen; an element class without one is graded 1.
        on: the day of the survey.

    Returns:
        Score by element class, 1 (excellent) to 6 (very bad).
    """
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        insert_if_absent(
            session,
            ConditionFinding,
            [
                {
                    "engagement_id": key,
                    "visit": visit,
                    **form.model_dump(),
                    "score": defect_score(_defect(form)),
                    "scheme": NEN_2767_RECALLED.name,
                    "found_on": on,
                }
                for form in findings
            ],
        )
        assets = dict(
            session.exec(
                select(Asset.element_class, func.count())
                .where(Asset.engagement_id == key)
                .group_by(col(Asset.element_class))
            ).all()
        )
        scores: dict[str, int] = {}
        rows = []
        for element in ElementClass:
            seen = [form for form in findings if form.element_class is element]
            if not seen and element not in assets:
                continue
            scores[element] = element_condition([_defect(form) for form in seen]).score
            costs = [form.repair_cost for form in seen if form.repair_cost is not None]
            rows.append(
                {
                    "engagement_id": key,
                    "visit": visit,
                    "element_class": element.value,
                    "asset_count": assets.get(element, 0),
                    "finding_count": len(seen),
                    "score": scores[element],
                    "scheme": NEN_2767_RECALLED.name,
                    "backlog_cost": sum(costs, Decimal("0.00")) if costs else None,
                }
            )
        if insert_if_absent(session, ElementCondition, rows):
            record_event(session, key, f"survey.{visit}", code, {"findings": len(findings), "scores": scores})
        return scores


def _defect(form: FindingForm) -> Defect:
    return Defect(form.severity, form.intensity, form.extent)


def condition_grades(code: str, visit: str) -> dict[str, int]:
    """Score by element class of a visit; empty if it has not been recorded."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return dict(
            session.exec(
                select(ElementCondition.element_class, ElementCondition.score).where(
                    ElementCondition.engagement_id == key, ElementCondition.visit == visit
                )
            ).all()
        )
