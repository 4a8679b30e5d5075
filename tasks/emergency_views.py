"""What is to be done in an emergency, and how does one stand? Plans and incidents as the command line shows them (B8)."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.db import reading
from models.emergency import Incident
from models.engagement import Engagement
from models.people import Person
from models.readiness_file import load_readiness
from models.register import Asset
from models.rules.emergencies import step_state
from models.rules.isolation_points import isolation_points
from reports.words import EMERGENCIES, POSTS, voice_of
from tasks.call_tree import contacts, notices_of
from tasks.drill_schedule import drills_of
from tasks.emergencies import losses_of
from tasks.engagements import engagement_id, find_engagement
from tasks.incident_log import emergency_plan, emergency_plans, incident_of, log_of, steps_of


def listed_plans(code: str) -> list[dict[str, Any]]:
    """The emergency plans of the plan in force."""
    with reading() as session:
        engagement = find_engagement(session, code)
        voice = voice_of(engagement)
        return [
            {
                "kind": plan.kind,
                "title": voice(plan.title_en, plan.title_zh),
                "steps": len(plan.steps),
                "last_minute": max((entry["within_minutes"] for entry in plan.steps), default=0),
            }
            for plan in emergency_plans(session, engagement_id(engagement))
        ]


def shown_plan(code: str, kind: str, *, phones: bool = False) -> dict[str, Any]:
    """One emergency plan: steps, who is called for each role, and where to isolate.

    Args:
        code: the engagement.
        kind: of the plan.
        phones: show telephone numbers, which are personal data.

    Raises:
        Terminal: the plan in force has none of this kind.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        plan, voice = emergency_plan(session, engagement, kind), voice_of(engagement)
        roles = dict.fromkeys(entry["role"] for entry in plan.steps)
        assets = session.exec(
            select(Asset).where(Asset.engagement_id == engagement_id(engagement)).order_by(col(Asset.tag))
        ).all()
        found = {
            "kind": plan.kind,
            "title": voice(plan.title_en, plan.title_zh),
            "steps": [
                {
                    "step": entry["ordinal"],
                    "within_minutes": entry["within_minutes"],
                    "role": voice.word(POSTS, entry["role"]),
                    "action": entry[f"action_{voice.language}"],
                }
                for entry in plan.steps
            ],
            "contacts": [
                line for role in roles for line in _contact_lines(session, engagement, role, phones=phones)
            ],
            "isolation_points": [
                {
                    "tag": asset.tag,
                    "name": asset.name,
                    "place": asset.place_code,
                    "class": asset.element_class,
                }
                for asset in isolation_points(load_readiness().isolation, kind, assets)
            ],
        }
    found["drills"] = [one for one in drills_of(code) if one["kind"] == kind]
    return found


def _contact_lines(
    session: Session, engagement: Engagement, role: str, *, phones: bool
) -> list[dict[str, Any]]:
    voice = voice_of(engagement)
    lines = []
    for rank, one in enumerate(contacts(session, engagement, role), start=1):
        line = {"role": voice.word(POSTS, role), "rank": rank, "person": one.person_ref, "as": one.because}
        if phones:
            line["phone"] = session.exec(
                select(Person.phone).where(
                    Person.engagement_id == engagement_id(engagement), Person.ref == one.person_ref
                )
            ).first()
        lines.append(line)
    return lines


def listed_incidents(code: str, *, everything: bool = False) -> list[dict[str, Any]]:
    """Incidents and drills, latest first; by default those under way."""
    with reading() as session:
        engagement = find_engagement(session, code)
        voice = voice_of(engagement)
        rows = session.exec(
            select(Incident)
            .where(Incident.engagement_id == engagement_id(engagement))
            .order_by(col(Incident.activated_at).desc(), col(Incident.ref))
        ).all()
        return [
            {
                "ref": row.ref,
                "kind": row.plan_kind,
                "what": "drill" if row.is_drill else "emergency",
                "began": voice.instant(row.activated_at),
                "ended": "" if row.stood_down_at is None else voice.instant(row.stood_down_at),
                "score": "" if row.score is None else str(round(row.score, 4)),
                "reviewed": "" if row.after_action_on is None else row.after_action_on.isoformat(),
            }
            for row in rows
            if everything or row.stood_down_at is None
        ]


def shown_incident(code: str, ref: str, at: datetime) -> dict[str, Any]:
    """One incident with its step clock at an instant, its calls, losses and log.

    Raises:
        Terminal: there is no such incident.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        row, voice = incident_of(session, engagement, ref), voice_of(engagement)
        until = row.stood_down_at or at
        return {
            "ref": row.ref,
            "kind": row.plan_kind,
            "called": voice.word(EMERGENCIES, row.plan_kind),
            "drill": row.is_drill,
            "place": row.place_code,
            "summary": row.summary,
            "began": voice.instant(row.activated_at),
            "ended": None if row.stood_down_at is None else voice.instant(row.stood_down_at),
            "score": None if row.score is None else str(round(row.score, 4)),
            "loss": None if row.loss_amount is None else str(row.loss_amount),
            "lesson": row.lesson,
            "review": row.after_action,
            "steps": [
                {
                    "step": entry.ordinal,
                    "role": voice.word(POSTS, entry.role),
                    "action": entry.action,
                    "due": _clock(
                        row.activated_at + timedelta(minutes=entry.within_minutes), engagement.timezone
                    ),
                    "done": "" if entry.done_at is None else _clock(entry.done_at, engagement.timezone),
                    "state": step_state(
                        row.activated_at,
                        entry.within_minutes,
                        entry.done_at,
                        until,
                        over=row.stood_down_at is not None,
                    ).value,
                    "by": entry.staff_ref,
                }
                for entry in steps_of(session, row)
            ],
            "calls": [
                {
                    "role": voice.word(POSTS, one.role),
                    "rank": one.rank,
                    "person": one.person_ref,
                    "by": one.channel,
                    "told": _clock(one.told_at, engagement.timezone),
                    "answered": ""
                    if one.acknowledged_at is None
                    else _clock(one.acknowledged_at, engagement.timezone),
                    "failure": one.failure,
                }
                for one in notices_of(session, row)
            ],
            "losses": [
                {"ref": one.ref, "kind": one.kind, "amount": str(one.amount), "text": one.text}
                for one in losses_of(session, row)
            ],
            "log": [
                {
                    "n": one.sequence,
                    "at": _clock(one.at, engagement.timezone),
                    "what": one.kind,
                    "by": one.staff_ref,
                    "text": one.text,
                }
                for one in log_of(session, row)
            ],
        }


def _clock(at: datetime, zone: str) -> str:
    """An instant on the property's own clock, to the second: in an emergency a minute is long."""
    return f"{at.astimezone(ZoneInfo(zone)):%m-%d %H:%M:%S}"
