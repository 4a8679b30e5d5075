"""What do we do now, and how well did we do it? Emergencies and drills by their plan (B8)."""

from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.emergency import Incident, IncidentStep
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.emergencies import drill_plan, step_score
from models.service_plan import EmergencyPlan
from reports.words import POSTS, voice_of
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import business_today, engagement_id, engagement_of, find_engagement
from tasks.improvements import open_action
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.plans_in_force import plan_in_force
from tasks.steps import step

GOOD_SCORE = Decimal("0.8")
"""Below it, what went wrong becomes an improvement action."""


@step("Activate the emergency plan")
def activate_plan(
    code: str, ref: str, plan_kind: str, summary: str, at: datetime, place_code: str = ""
) -> str:
    """Start the response: the incident, its step clock and the call-out; the same reference starts one.

    Returns:
        The incident's reference.

    Raises:
        Terminal: the confirmed plan has no emergency plan of this kind; the message lists those it has.
    """
    with writing() as session:
        engagement = find_engagement(session, code)
        _start(session, engagement, ref, plan_kind, summary, at, place_code, is_drill=False)
        return ref


@step("Call the drill")
def call_drill(cycle: CycleRef, at: datetime) -> str:
    """Start the half-year's drill of the plan that was exercised least; returns its reference."""
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        kinds = [plan.kind for plan in _plans(session, cycle.engagement_id)]
        drilled = session.exec(
            select(Incident.plan_kind).where(
                Incident.engagement_id == cycle.engagement_id, col(Incident.is_drill).is_(True)
            )
        ).all()
        kind = drill_plan(kinds, drilled)
        if kind is None:
            raise Terminal(f"The plan of {engagement.code} has no emergency plan to exercise.")
        ref = f"drill-{cycle.period}"
        zh = engagement.language == "zh"
        summary = f"{cycle.period} 演练" if zh else f"Drill of {cycle.period}"
        _start(session, engagement, ref, kind, summary, at, "", is_drill=True)
        return ref


def record_step(code: str, ref: str, ordinal: int, at: datetime) -> bool:
    """Record when a step was done; a step recorded before keeps its time. False if it was recorded."""
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        incident = _incident(session, key, ref)
        found = session.exec(
            select(IncidentStep).where(
                IncidentStep.incident_id == incident.id, IncidentStep.ordinal == ordinal
            )
        ).one_or_none()
        if found is None:
            raise Terminal(f"The plan of {ref} has no step {ordinal}.")
        if found.done_at is not None:
            return False
        found.done_at = at
        session.add(found)
        record_event(session, key, "incident.step", f"{ref}:{ordinal}")
        return True


@step("Stand down and review")
def stand_down(code: str, ref: str, at: datetime, loss: Decimal, lesson: str) -> Decimal | None:
    """End an incident or drill: score its steps, record loss and lesson, open an action if it went badly.

    Returns:
        The share of steps done in time.
    """
    with writing() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        incident = _incident(session, key, ref)
        if incident.stood_down_at is not None:
            return incident.score
        steps = _steps(session, incident)
        incident.score = step_score(
            incident.activated_at, [(entry.within_minutes, entry.done_at) for entry in steps]
        )
        incident.stood_down_at, incident.loss_amount, incident.lesson = at, loss, lesson
        incident.reviewed_on = business_today(engagement)
        session.add(incident)
        if incident.score is not None and incident.score < GOOD_SCORE:
            open_action(
                session,
                engagement,
                ref=f"incident:{ref}",
                text=lesson or ref,
                post_code="manager",
                on=incident.reviewed_on,
                target=GOOD_SCORE,
            )
        record_event(session, key, "incident.stood_down", ref, {"score": str(incident.score)})
        return incident.score


def incident_steps(code: str, ref: str) -> list[tuple[int, int]]:
    """Ordinal and allowed minutes of each step of an incident."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        incident = _incident(session, key, ref)
        return [(entry.ordinal, entry.within_minutes) for entry in _steps(session, incident)]


def incident_known(code: str, ref: str) -> bool:
    """Whether an incident or drill with this reference was ever started."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        query = select(Incident.id).where(Incident.engagement_id == key, Incident.ref == ref)
        return session.exec(query).first() is not None


def open_incidents(code: str) -> list[tuple[str, datetime]]:
    """Reference and activation time of incidents and drills nobody has stood down yet."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        rows = session.exec(
            select(Incident.ref, Incident.activated_at).where(
                Incident.engagement_id == key, col(Incident.stood_down_at).is_(None)
            )
        ).all()
        return [(ref, at) for ref, at in rows]


def emergency_plan_kinds(code: str) -> list[str]:
    """The kinds of emergency the confirmed plan provides for."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return sorted(plan.kind for plan in _plans(session, key))


def _start(
    session: Session,
    engagement: Engagement,
    ref: str,
    plan_kind: str,
    summary: str,
    at: datetime,
    place_code: str,
    *,
    is_drill: bool,
) -> None:
    key = engagement_id(engagement)
    known = {plan.kind: plan for plan in _plans(session, key)}
    plan = known.get(plan_kind)
    if plan is None:
        raise Terminal(
            f"The confirmed plan of {engagement.code} has no emergency plan {plan_kind!r}; it has "
            f"{', '.join(sorted(known)) or 'none: no plan is confirmed'}."
        )
    if session.exec(select(Incident).where(Incident.engagement_id == key, Incident.ref == ref)).first():
        return
    incident = Incident(
        engagement_id=key,
        ref=ref,
        plan_kind=plan_kind,
        is_drill=is_drill,
        place_code=place_code,
        summary=summary,
        activated_at=at,
    )
    session.add(incident)
    session.flush()
    language = "zh" if engagement.language == "zh" else "en"
    for entry in plan.steps:
        session.add(
            IncidentStep(
                incident_id=incident.id or 0,
                ordinal=entry["ordinal"],
                role=entry["role"],
                action=entry[f"action_{language}"],
                within_minutes=entry["within_minutes"],
            )
        )
    queue_letters(
        session,
        engagement,
        people_with_role(session, engagement, "client", "custodian"),
        _call_out(engagement, plan, ref, summary, is_drill=is_drill),
        at.date(),
    )
    record_event(session, key, "drill.called" if is_drill else "incident.activated", ref, {"plan": plan_kind})


def _call_out(
    engagement: Engagement, plan: EmergencyPlan, ref: str, summary: str, *, is_drill: bool
) -> Letter:
    zh, voice = engagement.language == "zh", voice_of(engagement)
    title = plan.title_zh if zh else plan.title_en
    what = ("演练" if zh else "Drill") if is_drill else ("应急响应" if zh else "Emergency response")
    return Letter(
        kind="drill" if is_drill else "emergency",
        period=ref,
        title=f"{what}：{title}" if zh else f"{what}: {title}",
        paragraphs=(summary,),
        facts=tuple(
            (
                f"+{entry['within_minutes']} min · {voice.word(POSTS, entry['role'])}",
                entry["action_zh" if zh else "action_en"],
            )
            for entry in plan.steps
        ),
        may_repeat=True,
    )


def _plans(session: Session, key: int) -> list[EmergencyPlan]:
    return list(
        session.exec(
            select(EmergencyPlan)
            .where(EmergencyPlan.plan_id == plan_in_force(session, key))
            .order_by(EmergencyPlan.kind)
        ).all()
    )


def _incident(session: Session, key: int, ref: str) -> Incident:
    found = session.exec(
        select(Incident).where(Incident.engagement_id == key, Incident.ref == ref)
    ).one_or_none()
    if found is None:
        raise Terminal(f"There is no incident {ref!r}.")
    return found


def _steps(session: Session, incident: Incident) -> list[IncidentStep]:
    return list(
        session.exec(
            select(IncidentStep)
            .where(IncidentStep.incident_id == incident.id)
            .order_by(col(IncidentStep.ordinal))
        ).all()
    )


def count_drills(session: Session, key: int, first: date, last: date) -> tuple[int, Decimal]:
    """How many drills were stood down with a review in the days, and the sum of their scores."""
    drills = session.exec(
        select(Incident).where(
            Incident.engagement_id == key,
            col(Incident.is_drill).is_(True),
            col(Incident.reviewed_on) >= first,
            col(Incident.reviewed_on) <= last,
        )
    ).all()
    known = [drill.score for drill in drills if drill.score is not None]
    return len(known), sum(known, Decimal(0))
