"""What do we do now, and how well did we do it? Emergencies and drills by their plan (B8)."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.emergency import Incident, IncidentLoss, IncidentStep
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.cycles import drill_day
from models.rules.emergencies import GOOD_SCORE, drills_to_hold, step_score
from models.rules.periods import quarter_of
from models.rules.personal_data import masked
from reports.words import EMERGENCIES, voice_of
from tasks.answer_ways import issue_token
from tasks.call_tree import call_out, tell_roles
from tasks.cycles import CycleRef, cycle_transaction
from tasks.drill_schedule import standings_on
from tasks.engagements import business_today, engagement_id, engagement_of, find_engagement, lock_engagement
from tasks.improvements import open_action
from tasks.incident_log import (
    add_entry,
    emergency_plan,
    emergency_plans,
    incident_of,
    running_incident,
    steps_of,
)
from tasks.outbox import people_with_role, queue_letters
from tasks.references import require_acting
from tasks.steps import step

DRILL_TIME = time(10)
HALF_YEARLY_IN_TURN = ("Q2", "Q4")
"""Quarters in which one more plan is drilled, in turn: DRILL-OTHER-6M of the catalogue."""
"""In working hours, on the property's own clock: who is called is there, and nobody is woken."""
_REFERENCE = re.compile(r"\w[\w.-]{0,59}")


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
        engagement = lock_engagement(session, code)
        _start(session, engagement, ref, plan_kind, summary, at, place_code, is_drill=False)
        return ref


def start_drill(code: str, ref: str, plan_kind: str, at: datetime, place_code: str = "") -> str:
    """Start a drill of one plan as if it were real; the same reference starts one. Returns the reference."""
    with writing() as session:
        engagement = lock_engagement(session, code)
        summary = "本次为演练" if engagement.language == "zh" else "This is a drill"
        _start(session, engagement, ref, plan_kind, summary, at, place_code, is_drill=True)
        return ref


@step("Call the drills")
def call_drill(cycle: CycleRef, at: datetime | None = None) -> str:
    """Start the quarter's drills: of each plan that falls due before the next quarter's, and of others in turn.

    Twice a year, and where nothing presses, the plan exercised least is drilled.

    Args:
        cycle: whose drills they are.
        at: when the clock starts; by default at ten on the property's clock, or at once where that is over already.

    Returns:
        Reference of the first one; further ones bear the kind of their plan as well.
    """
    ref = f"drill-{cycle.period}"
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        if _known(session, cycle.engagement_id, ref) is not None:
            return ref  # a run that died after it had called the drills: by now other plans might be due
        kinds = [plan.kind for plan in emergency_plans(session, cycle.engagement_id)]
        drilled = session.exec(
            select(Incident.plan_kind).where(
                Incident.engagement_id == cycle.engagement_id, col(Incident.is_drill).is_(True)
            )
        ).all()
        next_day = drill_day(quarter_of(cycle.as_of).following())
        pressing = [
            one.kind for one in standings_on(session, engagement, cycle.as_of) if one.due_on < next_day
        ]
        called = drills_to_hold(pressing, kinds, drilled, in_turn=cycle.period.endswith(HALF_YEARLY_IN_TURN))
        if not called:
            raise Terminal(f"The plan of {engagement.code} has no emergency plan to exercise.")
        zh = engagement.language == "zh"
        summary = f"{cycle.period} 演练" if zh else f"Drill of {cycle.period}"
        begins = at or _drill_begins(engagement, cycle.as_of)
        for number, kind in enumerate(called):
            one = ref if number == 0 else f"{ref}-{kind}"
            _start(session, engagement, one, kind, summary, begins, "", is_drill=True)
        return ref


def _drill_begins(engagement: Engagement, day: date) -> datetime:
    planned = datetime.combine(day, DRILL_TIME, ZoneInfo(engagement.timezone))
    return planned if engagement.simulated_on is not None else max(planned, utc_now())


def record_step(code: str, ref: str, ordinal: int, at: datetime, staff_ref: str = "") -> bool:
    """Record when a step was done; a step recorded before keeps its time. False if it was recorded.

    Raises:
        Terminal: no such incident or step, it is over, the step lies before the alarm, or who did it is nobody.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        steps = {entry.ordinal: entry for entry in steps_of(session, incident_of(session, engagement, ref))}
        found = steps.get(ordinal)
        if found is None:
            raise Terminal(f"The plan of {ref} has no step {ordinal}; it has 1 to {len(steps)}.")
        if found.done_at is not None:
            return False
        require_acting(session, engagement, staff_ref)
        incident = running_incident(session, engagement, ref, at)
        found.done_at, found.staff_ref = at, staff_ref
        session.add(found)
        add_entry(session, incident, at, "step", f"{ordinal}: {found.action}", staff_ref)
        record_event(session, incident.engagement_id, "incident.step", f"{ref}:{ordinal}")
        return True


def note_in_log(code: str, ref: str, at: datetime, text: str, staff_ref: str = "") -> bool:
    """Add a line to the log of an incident under way; the same line twice is there once.

    Raises:
        Terminal: no such incident, it is over, the line is empty, or who says it is nobody.
    """
    if not text.strip():
        raise Terminal("A line of the log says what happened: it must not be empty.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        require_acting(session, engagement, staff_ref)
        incident = running_incident(session, engagement, ref, at)
        return add_entry(session, incident, at, "note", text, staff_ref)


def record_loss(
    code: str, ref: str, loss_ref: str, kind: str, amount: Decimal, at: datetime, text: str = ""
) -> bool:
    """Record one loss under a reference of its own; the same reference is recorded once. False if it was.

    Raises:
        Terminal: no such incident, a drill, an unknown kind, or an amount below 0 or finer than hundredths.
    """
    if kind not in LOSS_KINDS:
        raise Terminal(f"{kind!r} is no kind of loss; expected one of {', '.join(LOSS_KINDS)}.")
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(Decimal("0.01")):
        raise Terminal(f"A loss of {amount} cannot be recorded: 0 or more, with at most two decimal places.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        incident = incident_of(session, engagement, ref)
        if incident.is_drill:
            raise Terminal(f"{ref} is a drill: nothing is lost in it.")
        if at < incident.activated_at:
            raise Terminal(
                f"{ref} began at {incident.activated_at.isoformat()}: nothing was lost in it before."
            )
        known = session.exec(
            select(IncidentLoss).where(IncidentLoss.incident_id == incident.id, IncidentLoss.ref == loss_ref)
        ).first()
        if known is not None:
            if (known.kind, known.amount) != (kind, amount):
                raise Terminal(
                    f"Loss {loss_ref!r} of {ref} was recorded as {known.kind}, {known.amount}; what was found later "
                    "needs a reference of its own."
                )
            return False
        session.add(
            IncidentLoss(
                incident_id=incident.id or 0,
                ref=loss_ref,
                kind=kind,
                amount=amount,
                text=masked(text.strip())[:2000],
            )
        )
        session.flush()
        if incident.stood_down_at is not None:  # what shows itself later belongs to the sum too
            incident.loss_amount = (incident.loss_amount or Decimal(0)) + amount
            session.add(incident)
        add_entry(session, incident, at, "loss", f"{loss_ref}: {kind} {amount}")
        return True


def _poor_words(engagement: Engagement, incident: Incident, score: Decimal) -> str:
    """What is to be done after a poor response of which nobody said what it teaches."""
    voice = voice_of(engagement)
    what = f"{voice.word(EMERGENCIES, incident.plan_kind)} {voice.instant(incident.activated_at)}"
    return voice(
        f"{what}: {voice.share(score)} of the steps in time; find out why, and mend it",
        f"{what}：按时完成步骤{voice.share(score)}，查明原因并改进",
    )


LOSS_KINDS = ("common_parts", "equipment", "private_property", "people", "third_party", "service")


@step("Stand down and review")
def stand_down(code: str, ref: str, at: datetime, loss: Decimal, lesson: str) -> Decimal | None:
    """End an incident or drill: score its steps, record loss and lesson, open an action if it went badly.

    Args:
        code: the engagement.
        ref: of the incident or drill.
        at: when it was over.
        loss: beside the losses recorded one by one.
        lesson: what to do better next time.

    Returns:
        The share of steps done in time.

    Raises:
        Terminal: no such incident, it would end before it began, or the loss is below 0.
    """
    if loss < 0:
        raise Terminal(f"A loss of {loss} cannot be recorded: 0 or more.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        if incident_of(session, engagement, ref).stood_down_at is not None:
            return incident_of(session, engagement, ref).score
        incident = running_incident(session, engagement, ref, at)
        incident.score = step_score(
            incident.activated_at,
            [(entry.within_minutes, entry.done_at) for entry in steps_of(session, incident)],
        )
        one_by_one = sum((one.amount for one in losses_of(session, incident)), Decimal("0.00"))
        incident.stood_down_at, incident.loss_amount, incident.lesson = at, loss + one_by_one, masked(lesson)
        incident.reviewed_on = business_today(engagement)
        session.add(incident)
        if incident.score is not None and incident.score < GOOD_SCORE:
            open_action(
                session,
                engagement,
                ref=f"incident:{ref}",
                text=incident.lesson or _poor_words(engagement, incident, incident.score),
                post_code="manager",
                on=incident.reviewed_on,
                target=GOOD_SCORE,
            )
        add_entry(session, incident, at, "stood_down", incident.lesson)
        record_event(session, key, "incident.stood_down", ref, {"score": str(incident.score)})
        return incident.score


def losses_of(session: Session, incident: Incident) -> list[IncidentLoss]:
    """The losses recorded one by one, by reference."""
    return list(
        session.exec(
            select(IncidentLoss)
            .where(IncidentLoss.incident_id == incident.id)
            .order_by(col(IncidentLoss.ref))
        ).all()
    )


def incident_steps(code: str, ref: str) -> list[tuple[int, int]]:
    """Ordinal and allowed minutes of each step of an incident."""
    with reading() as session:
        incident = incident_of(session, find_engagement(session, code), ref)
        return [(entry.ordinal, entry.within_minutes) for entry in steps_of(session, incident)]


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
        return sorted(plan.kind for plan in emergency_plans(session, key))


def _known(session: Session, key: int, ref: str) -> Incident | None:
    return session.exec(select(Incident).where(Incident.engagement_id == key, Incident.ref == ref)).first()


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
    if not _REFERENCE.fullmatch(ref):
        raise Terminal(
            f"{ref[:60]!r} is no reference of an incident: 1 to 60 letters, digits, points, hyphens or underscores."
        )
    plan = emergency_plan(session, engagement, plan_kind)
    known = _known(session, key, ref)
    if known is not None:
        if (known.plan_kind, known.is_drill) != (plan_kind, is_drill):
            what = "a drill" if known.is_drill else "an incident"
            raise Terminal(f"{ref} is {what} of {known.plan_kind}: choose another reference.")
        return
    incident = Incident(
        engagement_id=key,
        ref=ref,
        plan_kind=plan_kind,
        is_drill=is_drill,
        place_code=place_code,
        summary=masked(summary)[:2000],
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
    for ref_of_deputy in people_with_role(session, engagement, "custodian"):
        issue_token(session, engagement, incident, ref_of_deputy)  # the mail below is the only one they get
    queue_letters(
        session,
        engagement,
        people_with_role(session, engagement, "client", "custodian"),
        call_out(session, engagement, plan, incident),
        at.astimezone(ZoneInfo(engagement.timezone)).date(),
    )
    voice = voice_of(engagement)
    kind = voice.word(EMERGENCIES, plan_kind)
    add_entry(
        session,
        incident,
        at,
        "activated",
        voice(f"{kind}: {incident.summary}", f"{kind}：{incident.summary}"),
    )
    # Written down later, it began then; but people are told now, and have their time to answer from now on.
    tell_roles(session, engagement, incident, at if engagement.simulated_on else max(at, utc_now()))
    record_event(session, key, "drill.called" if is_drill else "incident.activated", ref, {"plan": plan_kind})


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
