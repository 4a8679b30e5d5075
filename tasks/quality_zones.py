"""Which zones and plant groups are inspected, by which sheet, and which look is due next? From the plan in force (B3, B4)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.db import reading
from models.engagement import Engagement
from models.inspection import QualityInspection
from models.quality_sheet_files import load_quality_sheets
from models.register import Place
from models.rules.quality import Look, QualitySubject, ScoreSheet, next_look, sheet_for
from models.service_plan import Commitment, CommitmentTarget
from reports.words import voice_of
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.plans_in_force import plan_in_force

SITE = "site"
"""Kind of a target that is the whole site."""


@dataclass(frozen=True)
class Zone:
    """A target of the plan's cleaning or greening, and the sheet by which it is judged."""

    sheet: ScoreSheet
    kind: str
    code: str
    post_code: str
    clause: str
    activities: tuple[str, ...]


def zones_of(session: Session, engagement: Engagement, on: date) -> list[Zone]:
    """The zones of the plan in force on a day, by sheet and code."""
    plan = plan_in_force(session, engagement_id(engagement), on)
    found: dict[tuple[str, str], Zone] = {}
    for commitment, target in session.exec(
        select(Commitment, CommitmentTarget)
        .join(CommitmentTarget, col(CommitmentTarget.commitment_id) == col(Commitment.id))
        .where(Commitment.plan_id == plan, col(Commitment.subject).in_([s.value for s in QualitySubject]))
        .order_by(Commitment.code, CommitmentTarget.code)
    ).all():
        sheet = sheet_for(load_quality_sheets(), commitment.subject, commitment.code)
        if sheet is None:
            continue
        before = found.get((sheet.code, target.code))
        found[sheet.code, target.code] = Zone(
            sheet,
            target.kind,
            target.code,
            commitment.post_code if before is None else before.post_code,
            commitment.clause,
            (*(() if before is None else before.activities), commitment.code),
        )
    return [found[key] for key in sorted(found)]


def inspections_of(session: Session, key: int) -> dict[tuple[str, str], list[QualityInspection]]:
    """All inspections by sheet and zone, oldest first."""
    found: dict[tuple[str, str], list[QualityInspection]] = {}
    for row in session.exec(
        select(QualityInspection)
        .where(QualityInspection.engagement_id == key)
        .order_by(col(QualityInspection.inspected_at), col(QualityInspection.id))
    ).all():
        found.setdefault((row.sheet, row.target_code), []).append(row)
    return found


def place_zone(session: Session, engagement: Engagement, whole: Zone, code: str) -> Zone | None:
    """A place of the register as a zone of its own, where the plan names the whole site; None if it has none."""
    found = session.exec(
        select(Place.code).where(Place.engagement_id == engagement_id(engagement), Place.code == code)
    ).first()
    return None if found is None else replace(whole, kind="place", code=code)


def _looked_at(
    zones: list[Zone], looks: dict[tuple[str, str], list[QualityInspection]]
) -> list[tuple[Zone, list[QualityInspection]]]:
    """Each zone with its inspections; of the whole site those of its places too, and each place that failed."""
    named = {(zone.sheet.code, zone.code) for zone in zones}
    found = []
    for zone in zones:
        history = looks.get((zone.sheet.code, zone.code), [])
        if zone.kind == SITE:
            for (sheet, code), rows in looks.items():
                if sheet != zone.sheet.code or (sheet, code) in named:
                    continue
                history = sorted([*history, *rows], key=lambda row: (row.inspected_at, row.id or 0))
                if not rows[-1].passed:
                    found.append((replace(zone, kind="place", code=code), rows))
        found.append((zone, history))
    return found


def due_inspections(
    code: str, until: date | None = None, *, everything: bool = False
) -> list[dict[str, Any]]:
    """The zones whose next look is due up to a day, by default the business date; those due first at the top.

    Args:
        code: the engagement.
        until: the last day.
        everything: also those that are due later.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        today = business_today(engagement)
        last = until or today
        voice, looks = voice_of(engagement), inspections_of(session, engagement_id(engagement))
        rows = []
        for zone, history in _looked_at(zones_of(session, engagement, today), looks):
            look = next_look(
                [Look(row.inspected_on, row.passed, row.reinspects is None) for row in history],
                zone.sheet.interval_days,
                engagement.term_start,
                zone.sheet.rework_hours,
                here=not history or history[-1].target_code == zone.code,
            )
            if look.due_on > last and not everything:
                continue
            rows.append(
                {
                    "due": look.due_on.isoformat(),
                    "sheet": zone.sheet.code,
                    "what": voice(zone.sheet.label.en, zone.sheet.label.zh),
                    "zone": zone.code,
                    "mode": look.mode.value,
                    "last": history[-1].inspected_on.isoformat() if history else "",
                    "score": str(history[-1].score) if history else "",
                    "days_late": max(0, (today - look.due_on).days),
                }
            )
        return sorted(rows, key=lambda row: (row["due"], row["sheet"], row["zone"]))


def sheets_of(code: str) -> list[dict[str, Any]]:
    """What is marked in each zone, one row for each criterion."""
    with reading() as session:
        engagement = find_engagement(session, code)
        voice = voice_of(engagement)
        return [
            {
                "sheet": zone.sheet.code,
                "zone": zone.code,
                "criterion": criterion.code,
                "look_at": voice(criterion.label.en, criterion.label.zh),
                "weight": str(criterion.weight),
                "least": str(criterion.least),
                "pass_mark": str(zone.sheet.pass_mark),
                "rework_hours": zone.sheet.rework_hours,
            }
            for zone in zones_of(session, engagement, business_today(engagement))
            for criterion in zone.sheet.criteria
        ]
