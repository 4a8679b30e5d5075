"""What does a survey report show beyond the grades: coverage, money, life, pictures, entry beside exit? (A2)"""

from datetime import date
from typing import Any

from sqlmodel import Session, select

from models.checklist_files import load_checklists
from models.condition import ConditionPhoto
from models.db import reading
from models.diligence import ConditionFinding
from models.engagement import Engagement
from models.rules.condition_checks import check_lines
from reports.condition_detail import AssetLife, CheckedLine, SurveyDetail
from reports.condition_risks import worst_first
from reports.photographs import Photo
from tasks.condition_facts import building_facts, by_ref, findings_of, score_of
from tasks.condition_form import inspections_of
from tasks.engagements import engagement_id, find_engagement


def survey_detail(session: Session, engagement: Engagement, visit: str, on: date) -> SurveyDetail:
    """Read what a report of this visit shows.

    Args:
        session: a reading session.
        engagement: the engagement.
        visit: `entry` or `exit`.
        on: the day remaining life is reckoned from.
    """
    facts = building_facts(session, engagement)
    now = by_ref(findings_of(session, facts.key, visit))
    looked = inspections_of(session, facts.key, visit)
    before = inspections_of(session, facts.key, "entry") if visit == "exit" else {}
    lines = tuple(
        CheckedLine(
            ref=line.ref,
            element_class=line.element_class.value,
            tag=line.tag,
            item=(line.item.label.en, line.item.label.zh),
            state=looked[line.ref].state if line.ref in looked else "",
            entry_state=before[line.ref].state if line.ref in before else "",
        )
        for line in check_lines(facts.to_check(), load_checklists())
    )
    photos: dict[str, list[str]] = {}
    for photo in session.exec(
        select(ConditionPhoto)
        .where(ConditionPhoto.engagement_id == facts.key, ConditionPhoto.visit == visit)
        .order_by(ConditionPhoto.finding_ref, ConditionPhoto.file_name)
    ).all():
        photos.setdefault(photo.finding_ref, []).append(photo.file_name)
    seen_tags = {i.asset_tag for i in looked.values() if i.state == "looked"}
    of_asset: dict[str, list[ConditionFinding]] = {}
    for finding in now.values():
        of_asset.setdefault(finding.asset_tag, []).append(finding)
    lives = []
    for asset in facts.assets.values():
        own = of_asset.get(asset.tag, [])
        score = score_of(own) if own or asset.tag in seen_tags else None
        lives.append(AssetLife(asset.type_name, asset.element_class, facts.life_of(asset, score, on)))
    return SurveyDetail(
        lines=lines,
        inspected=bool(looked),
        entry_inspected=bool(before),
        entry_findings=facts.entry if visit == "exit" else {},
        lives=tuple(lives),
        photos={ref: tuple(names) for ref, names in photos.items()},
    )


def photos_by_defect(session: Session, key: int, visit: str) -> list[Photo]:
    """The kept photos of a visit, those of the worst defect first."""
    found = {
        f.ref: (number, f.text)
        for number, f in enumerate(sorted(findings_of(session, key, visit), key=worst_first))
    }
    photos = session.exec(
        select(ConditionPhoto)
        .where(ConditionPhoto.engagement_id == key, ConditionPhoto.visit == visit)
        .order_by(ConditionPhoto.finding_ref, ConditionPhoto.file_name)
    ).all()
    return [
        Photo(p.finding_ref, found[p.finding_ref][1], p.file_name, p.sha256)
        for p in sorted((p for p in photos if p.finding_ref in found), key=lambda p: found[p.finding_ref][0])
    ]


def listed_findings(code: str, visit: str) -> list[dict[str, Any]]:
    """The findings of a visit, most urgent first."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        found = sorted(findings_of(session, key, visit), key=lambda f: (f.priority or 9, -f.score, f.ref))
    names = (
        "ref",
        "element_class",
        "asset_tag",
        "score",
        "priority",
        "payer",
        "payer_basis",
        "repair_cost",
        "text",
    )
    return [
        {name: getattr(f, name) for name in names} | {"scheme": f.scheme, "verified": f.verified}
        for f in found
    ]
