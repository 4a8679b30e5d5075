"""After which changes of service is a survey of its own held, and what was decided about it? (D3)"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import writing
from models.emergency import Incident
from models.engagement import Cycle, Engagement
from models.rules.cycles import CycleKind
from models.rules.survey_special import (
    PREFIX,
    ChangeEvent,
    ChangeKind,
    OnPost,
    SpecialFacts,
    SpecialRule,
    is_special,
    staff_changes,
)
from models.service_plan import Commitment, ServicePlan
from models.staff import StaffMember
from models.survey import SpecialSurveySetting, SurveyWave
from tasks.engagements import business_today, engagement_id, lock_engagement
from tasks.plans_in_force import plan_in_force

PROMISE = "SURVEY-SPECIAL"
"""Code of the plan's promise; a plan without it has no special surveys unless they are set by hand."""


def special_facts(session: Session, engagement: Engagement) -> SpecialFacts:
    """The changes of service on record, and the surveys that were opened."""
    key = engagement_id(engagement)
    waves = session.exec(
        select(col(SurveyWave.period), col(SurveyWave.opened_on)).where(SurveyWave.engagement_id == key)
    ).all()
    begun = session.exec(
        select(col(Cycle.period), col(Cycle.due_on)).where(
            Cycle.engagement_id == key,
            Cycle.kind == CycleKind.SURVEY_OPEN.value,
            col(Cycle.period).startswith(PREFIX, autoescape=True),
        )
    ).all()
    return SpecialFacts(
        rule=special_rule(session, engagement),
        events=tuple(
            sorted(
                (
                    *_amendments(session, engagement),
                    *_incidents(session, engagement),
                    *staff_changes(_staff(session, key), engagement.term_start),
                ),
                key=lambda event: (event.happened_on, event.period),
            )
        ),
        on_record=dict(begun) | {period: day for period, day in waves if is_special(period)},
        opened=tuple(day for period, day in waves if not is_special(period)),
    )


def special_rule(session: Session, engagement: Engagement) -> SpecialRule:
    """What was set by hand; else the plan's promise. A demonstration holds none unless it is set."""
    key = engagement_id(engagement)
    kept = session.exec(
        select(SpecialSurveySetting).where(SpecialSurveySetting.engagement_id == key)
    ).one_or_none()
    if kept is not None:
        kinds = tuple(ChangeKind(name) for name in kept.kinds.split(",") if name)
        return SpecialRule(kept.active, kept.after_days, kept.least_gap_days, kinds, engagement.special_since)
    promised = session.exec(
        select(Commitment.id).where(
            Commitment.plan_id == plan_in_force(session, key), Commitment.code == PROMISE
        )
    ).first()
    return SpecialRule(
        active=promised is not None and engagement.simulated_on is None, since=engagement.special_since
    )


def set_special_rule(code: str, rule: SpecialRule) -> bool:
    """Decide about surveys after changes of service; False if it was decided so before."""
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        kept = session.exec(
            select(SpecialSurveySetting).where(SpecialSurveySetting.engagement_id == key)
        ).one_or_none()
        values: dict[str, Any] = {
            "active": rule.active,
            "after_days": rule.after_days,
            "least_gap_days": rule.least_gap_days,
            "kinds": ",".join(kind.value for kind in rule.kinds),
        }
        if kept is None:
            session.add(SpecialSurveySetting(engagement_id=key, **values))
        elif all(getattr(kept, name) == value for name, value in values.items()):
            return False
        else:
            for name, value in values.items():
                setattr(kept, name, value)
            session.add(kept)
        record_event(session, key, "survey.special_set", code, values)
        return True


def _amendments(session: Session, engagement: Engagement) -> list[ChangeEvent]:
    return [
        ChangeEvent(ChangeKind.AMENDMENT, str(version), day)
        for version, day in session.exec(
            select(col(ServicePlan.version), col(ServicePlan.effective_on)).where(
                ServicePlan.engagement_id == engagement_id(engagement),
                ServicePlan.state == "confirmed",
                col(ServicePlan.reason).is_not(None),
                ServicePlan.effective_on > engagement.term_start,
                ServicePlan.effective_on <= business_today(engagement),
            )
        ).all()
    ]


def _incidents(session: Session, engagement: Engagement) -> list[ChangeEvent]:
    zone = ZoneInfo(engagement.timezone)
    return [
        ChangeEvent(ChangeKind.INCIDENT, one.ref, _day(one, zone))
        for one in session.exec(
            select(Incident).where(
                Incident.engagement_id == engagement_id(engagement),
                col(Incident.is_drill).is_(False),
                col(Incident.stood_down_at).is_not(None),
            )
        ).all()
    ]


def _day(incident: Incident, zone: ZoneInfo) -> date:
    ended = incident.stood_down_at or incident.activated_at
    return ended.astimezone(zone).date()


def _staff(session: Session, key: int) -> Sequence[OnPost]:
    return [
        OnPost(post, assigned_on, left_on)
        for post, assigned_on, left_on in session.exec(
            select(col(StaffMember.post_code), col(StaffMember.assigned_on), col(StaffMember.left_on)).where(
                StaffMember.engagement_id == key
            )
        ).all()
    ]
