"""In which condition is the building? Records a survey's findings and grades every element class (A2)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from models.audit import record_event
from models.db import reading, writing
from models.diligence import ConditionFinding, ElementCondition
from models.rules.condition import Defect, Severity
from models.rules.elements import ElementClass
from models.upsert import insert_if_absent
from tasks.condition_facts import BuildingFacts, building_facts
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
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        facts = building_facts(session, engagement)
        rows = [_finding(facts, visit, form, on) for form in findings]
        insert_if_absent(session, ConditionFinding, [row.model_dump(exclude={"id"}) for row in rows])
        present = {asset.element_class for asset in facts.assets.values()}
        grades = []
        for element in ElementClass:
            seen = [row for row in rows if row.element_class == element]
            if seen or element in present:
                grades.append(facts.grade(visit, element.value, seen, complete=True))
        scores = {grade.element_class: grade.score for grade in grades}
        if insert_if_absent(session, ElementCondition, [g.model_dump(exclude={"id"}) for g in grades]):
            record_event(session, key, f"survey.{visit}", code, {"findings": len(findings), "scores": scores})
        return scores


def _finding(facts: BuildingFacts, visit: str, form: FindingForm, on: date) -> ConditionFinding:
    return facts.finding(
        Defect(form.severity, form.intensity, form.extent),
        form.element_class,
        form.asset_tag,
        form.ref,
        visit,
        on,
        entry_known=True,
        text=form.text,
        repair_cost=form.repair_cost,
    )


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
