"""What do surveyors, record keepers and the personnel office do before service begins?"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import select

from deployments.demo.chance import Chance
from models.db import reading
from models.intake import PersonForm
from models.register import Asset
from models.rules.condition import Severity
from models.rules.elements import ELEMENT_LABELS, ElementClass
from tasks.condition_survey import FindingForm, condition_grades, record_condition_survey
from tasks.documents import listed_documents, receive_document
from tasks.engagements import engagement_id, find_engagement
from tasks.intake import record_people
from tasks.mobilisation import assign_staff, record_training, training_programme, vacancies

_FAULTS: dict[ElementClass, tuple[str, str]] = {
    ElementClass.FABRIC: ("cracks and worn finish", "饰面开裂磨损"),
    ElementClass.WATER_SUPPLY: ("weeping joint", "接口渗水"),
    ElementClass.DRAINAGE: ("slow drain, deposits", "排水不畅、淤积"),
    ElementClass.ELECTRICITY_HV: ("insulation cover aged", "绝缘护罩老化"),
    ElementClass.ELECTRICITY_LV: ("loose terminal, warm to the touch", "端子松动发热"),
    ElementClass.FIRE: ("does not act as it should when tested", "测试时动作不正常"),
    ElementClass.LIFT: ("door closes with a jerk", "关门抖动"),
    ElementClass.HVAC: ("noise and low flow", "异响、风量不足"),
    ElementClass.LANDSCAPE: ("bare patches", "局部缺株"),
    ElementClass.SECURITY: ("picture lost at night", "夜间画面丢失"),
    ElementClass.OTHER: ("surface damage", "表面破损"),
}


def survey_condition(code: str, visit: str, chance: Chance, on: date) -> None:
    """A surveyor walks the building and notes what is wrong; at exit the same assets are looked at again."""
    if condition_grades(code, visit):
        return
    with reading() as session:
        engagement = find_engagement(session, code)
        zh = engagement.language == "zh"
        assets = session.exec(
            select(Asset).where(Asset.engagement_id == engagement_id(engagement)).order_by(Asset.tag)
        ).all()
    findings: list[FindingForm] = []
    for asset in assets:
        if not chance.happens(0.09, "entry", asset.tag):
            continue
        if visit == "exit" and chance.happens(0.6, "repaired", asset.tag):
            continue
        element = ElementClass(asset.element_class)
        severity = chance.pick((Severity.MINOR, Severity.SERIOUS, Severity.CRITICAL), "severity", asset.tag)
        label, fault = ELEMENT_LABELS[element][1 if zh else 0], _FAULTS[element][1 if zh else 0]
        findings.append(
            FindingForm(
                ref=f"F-{len(findings) + 1:03d}",
                element_class=element,
                asset_tag=asset.tag,
                severity=severity,
                intensity=chance.pick((1, 2, 2, 3), "intensity", asset.tag),
                extent=chance.pick((1, 2, 3, 4, 5), "extent", asset.tag),
                text=f"{label}：{fault}（{asset.tag}）" if zh else f"{label}: {fault} ({asset.tag})",
                repair_cost=Decimal(round(chance.between(3, 80, "cost", asset.tag)) * 100),
            )
        )
    record_condition_survey(code, visit, findings, on)


def hand_over_documents(code: str, chance: Chance, on: date) -> None:
    """The client's archive hands over what it has; a few papers cannot be found."""
    for ref, _title, state in listed_documents(code):
        if state in ("missing", "partial") and not chance.happens(0.12, "lost", ref):
            receive_document(code, ref, "received", "client-1", f"box {1 + int(chance.share(ref) * 9)}", on)


def staff_the_posts(code: str, chance: Chance, on: date) -> None:
    """The personnel office fills the posts, and everybody is trained and tested."""
    posts = vacancies(code)
    people: list[PersonForm] = []
    assignments: list[tuple[str, str, str]] = []
    for post in posts:
        heads = max(1, int(post.heads.to_integral_value(rounding="ROUND_CEILING")))
        for number in range(1, heads + 1):
            ref = f"staff-{post.post_code}-{number}"
            people.append(PersonForm(ref=ref, role="staff", name=f"{post.title} {number} (invented)"))
            assignments.append((ref, post.post_code, post.certificate))
    record_people(code, people)
    for ref, post_code, certificate in assignments:
        assign_staff(code, ref, post_code, certificate, on + timedelta(days=700) if certificate else None, on)
    record_training(code, _training_results(code, assignments, chance), on + timedelta(days=5))


def _training_results(
    code: str, assignments: Sequence[tuple[str, str, str]], chance: Chance
) -> list[tuple[str, str, Decimal]]:
    return [
        (ref, module, Decimal(round(min(100.0, chance.between(float(mark), 101, module, ref)))))
        for module, posts, mark in training_programme(code)
        for ref, post_code, _certificate in assignments
        if post_code in posts
    ]
