"""What happened, minute by minute? Incidents, their steps, and a log to which lines are only ever added (B8)."""

import hashlib
from datetime import datetime

from sqlmodel import Session, col, select

from models.audit import record_event
from models.emergency import Incident, IncidentEntry, IncidentStep
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.personal_data import masked
from models.service_plan import EmergencyPlan
from tasks.engagements import engagement_id
from tasks.plans_in_force import plan_in_force

MAX_TEXT = 2000


def add_entry(
    session: Session, incident: Incident, at: datetime, kind: str, text: str = "", staff_ref: str = ""
) -> bool:
    """Add a line to the log in the caller's transaction; the same line of the same instant is added once.

    The caller holds the engagement, or two might take the same number.
    """
    text = masked(text.strip())[:MAX_TEXT]
    log = log_of(session, incident)
    if any((e.at, e.kind, e.text, e.staff_ref) == (at, kind, text, staff_ref) for e in log):
        return False
    session.add(
        IncidentEntry(
            incident_id=incident.id or 0,
            sequence=len(log) + 1,
            at=at,
            kind=kind,
            staff_ref=staff_ref,
            text=text,
        )
    )
    session.flush()
    digest = hashlib.sha256("\n".join((at.isoformat(), kind, staff_ref, text)).encode()).hexdigest()
    # The trail holds a hash of the line, so that a line changed behind our back can be shown to be.
    record_event(
        session,
        incident.engagement_id,
        "incident.logged",
        f"{incident.ref}:{len(log) + 1}",
        {"sha256": digest},
    )
    return True


def log_of(session: Session, incident: Incident) -> list[IncidentEntry]:
    """The log of an incident, as it was written."""
    return list(
        session.exec(
            select(IncidentEntry)
            .where(IncidentEntry.incident_id == incident.id)
            .order_by(col(IncidentEntry.sequence))
        ).all()
    )


def incident_of(session: Session, engagement: Engagement, ref: str) -> Incident:
    """The incident or drill with this reference.

    Raises:
        Terminal: there is none; the message says which are open.
    """
    rows = session.exec(
        select(Incident).where(Incident.engagement_id == engagement_id(engagement)).order_by(Incident.ref)
    ).all()
    found = next((row for row in rows if row.ref == ref), None)
    if found is None:
        under_way = ", ".join(row.ref for row in rows if row.stood_down_at is None)
        raise Terminal(f"There is no incident {ref!r}; under way: {under_way or 'none'}.")
    return found


def running_incident(session: Session, engagement: Engagement, ref: str, at: datetime) -> Incident:
    """As `incident_of`, for an act in the middle of it.

    Raises:
        Terminal: it has been stood down, or the act lies before the alarm.
    """
    incident = incident_of(session, engagement, ref)
    if incident.stood_down_at is not None:
        raise Terminal(
            f"{ref} was stood down at {incident.stood_down_at.isoformat()}: write what is to be added into the "
            "review."
        )
    if at < incident.activated_at:
        raise Terminal(f"{ref} began at {incident.activated_at.isoformat()}: nothing of it happened before.")
    return incident


def steps_of(session: Session, incident: Incident) -> list[IncidentStep]:
    """The steps of an incident's plan, in order."""
    return list(
        session.exec(
            select(IncidentStep)
            .where(IncidentStep.incident_id == incident.id)
            .order_by(col(IncidentStep.ordinal))
        ).all()
    )


def emergency_plans(session: Session, key: int) -> list[EmergencyPlan]:
    """The emergency plans of the plan in force, by kind."""
    return list(
        session.exec(
            select(EmergencyPlan)
            .where(EmergencyPlan.plan_id == plan_in_force(session, key))
            .order_by(EmergencyPlan.kind)
        ).all()
    )


def emergency_plan(session: Session, engagement: Engagement, kind: str) -> EmergencyPlan:
    """The emergency plan of a kind.

    Raises:
        Terminal: the plan in force has none of this kind; the message lists those it has.
    """
    known = {plan.kind: plan for plan in emergency_plans(session, engagement_id(engagement))}
    if kind not in known:
        raise Terminal(
            f"The confirmed plan of {engagement.code} has no emergency plan {kind!r}; it has "
            f"{', '.join(sorted(known)) or 'none: no plan is confirmed'}."
        )
    return known[kind]
