"""Which plan is to be drilled when, and how ready are we? Reckoned from the drills that were carried out (B8)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlmodel import Session, col, select

from models.db import reading
from models.emergency import Incident
from models.engagement import Engagement
from models.readiness_file import load_readiness
from models.rules.drills import DrilledShare, DrillStanding, drill_standings, drilled_share, median_score
from models.service_plan import TrainingModule
from models.staff import StaffMember, TrainingRecord
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.incident_log import emergency_plans
from tasks.plans_in_force import plan_in_force

SCORES_OF = timedelta(days=731)
"""Scores of two years are looked at: every plan is drilled at least once in them."""
TRAINING = "TRAIN-EMERGENCY"
"""Module of the catalogue that teaches the emergency plans."""


@dataclass(frozen=True)
class ReadinessFigures:
    """How ready a property is; of nothing there is no data."""

    drilled: DrilledShare
    median: Decimal | None
    """Of the scores, 0 to 1."""
    drills: int
    trained: int
    staff: int
    taught: bool
    """The plan has a module that teaches the emergency plans."""


def drills_of(code: str) -> list[dict[str, Any]]:
    """How the drills of each plan stand, most urgent first, with the rule behind it."""
    with reading() as session:
        engagement = find_engagement(session, code)
        standings = standings_on(session, engagement, business_today(engagement))
    return [
        {
            "kind": one.kind,
            "state": one.state.value,
            "last": "" if one.last_on is None else one.last_on.isoformat(),
            "due": one.due_on.isoformat(),
            "every_months": one.rule.months,
            "source": one.rule.source,
            "certainty": one.rule.certainty.value,
        }
        for one in standings
    ]


def standings_on(session: Session, engagement: Engagement, day: date) -> list[DrillStanding]:
    """How each emergency plan's drills stand at the end of a day."""
    last: dict[str, date] = {}
    for held_on, drill in _held(session, engagement, day):
        last[drill.plan_kind] = max(held_on, last.get(drill.plan_kind, held_on))
    return drill_standings(
        [plan.kind for plan in emergency_plans(session, engagement_id(engagement))],
        engagement.property_type,
        load_readiness().drills,
        last,
        engagement.term_start,
        day,
    )


def readiness_on(session: Session, engagement: Engagement, day: date) -> ReadinessFigures:
    """The figures of readiness at the end of a day."""
    key = engagement_id(engagement)
    scores = [
        drill.score for _held_on, drill in drills_scored(session, engagement, day) if drill.score is not None
    ]
    staff = session.exec(
        select(StaffMember.ref).where(
            StaffMember.engagement_id == key,
            StaffMember.assigned_on <= day,
            or_(col(StaffMember.left_on).is_(None), col(StaffMember.left_on) > day),
        )
    ).all()
    trained = trained_staff(session, key, day)
    taught = session.exec(
        select(TrainingModule.id).where(
            TrainingModule.plan_id == plan_in_force(session, key, day), TrainingModule.code == TRAINING
        )
    ).first()
    return ReadinessFigures(
        drilled=drilled_share(standings_on(session, engagement, day)),
        median=median_score(scores),
        drills=len(scores),
        trained=len(trained & set(staff)),
        staff=len(staff),
        taught=taught is not None,
    )


def drills_scored(session: Session, engagement: Engagement, day: date) -> list[tuple[date, Incident]]:
    """The drills of the two years before the end of a day that have a score, each with its day."""
    return [
        (held_on, drill)
        for held_on, drill in _held(session, engagement, day)
        if drill.score is not None and day - held_on <= SCORES_OF
    ]


def trained_staff(session: Session, key: int, day: date) -> set[str]:
    """References of those who passed the module on emergency plans by a day."""
    return set(
        session.exec(
            select(TrainingRecord.staff_ref).where(
                TrainingRecord.engagement_id == key,
                col(TrainingRecord.module_code) == TRAINING,
                col(TrainingRecord.passed).is_(True),
                TrainingRecord.held_on <= day,
            )
        ).all()
    )


def _held(session: Session, engagement: Engagement, day: date) -> list[tuple[date, Incident]]:
    """Drills that were carried out to their end, with their day; one nobody stood down proves nothing."""
    zone = ZoneInfo(engagement.timezone)
    rows = session.exec(
        select(Incident).where(
            Incident.engagement_id == engagement_id(engagement),
            col(Incident.is_drill).is_(True),
            col(Incident.stood_down_at).is_not(None),
        )
    ).all()
    held = [(row.activated_at.astimezone(zone).date(), row) for row in rows]
    return [(held_on, row) for held_on, row in held if held_on <= day]
