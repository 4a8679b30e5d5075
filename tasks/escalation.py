"""Whose time runs out, and who is told? Mails by the outbox, once for each step and request (B6)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.escalation_file import load_escalation
from models.rules.escalation import ClockName, EscalationStep, reached_steps
from models.rules.request_states import RECEIVED, RESPONDED, Act
from models.rules.service_clock import Clock, RequestClocks
from models.service_desk import RequestEvent, ServiceRequest
from reports.words import PRIORITIES, REQUEST_KINDS, voice_of
from tasks.engagements import codes_by_the_clock, engagement_id, find_engagement
from tasks.outbox import Letter, people_on_posts, people_with_role, queue_letters
from tasks.request_clocks import DESK_SOURCES, clocks_of, desk_of, logs_of
from tasks.service_desk import add_event
from tasks.steps import step


@dataclass(frozen=True)
class Escalated:
    """A step that was reached: engagement, request, step and how many were written to."""

    code: str
    number: str
    step: str
    mails: int


def escalate(code: str, as_of: datetime) -> list[Escalated]:
    """Tell the posts of every step an open request has reached; running it again tells nobody twice.

    Args:
        code: the engagement.
        as_of: the clocks are read at this instant.
    """
    done: list[Escalated] = []
    for number in _candidates(code, as_of):
        with writing() as session:
            done += _escalate_one(session, code, number, as_of)
    return done


@step("Tell the posts whose requests run out of time")
def escalate_everywhere() -> list[Escalated]:
    """The same for every engagement in service; a demonstration has no clock of its own."""
    return [told for code in codes_by_the_clock() for told in escalate(code, utc_now())]


def _candidates(code: str, as_of: datetime) -> list[str]:
    """Open requests of the desk for which a step is reached, read without a lock."""
    steps = load_escalation().steps
    with reading() as session:
        engagement = find_engagement(session, code)
        rows = session.exec(
            select(ServiceRequest)
            .where(
                ServiceRequest.engagement_id == engagement_id(engagement),
                col(ServiceRequest.state).in_((RECEIVED, RESPONDED)),
                col(ServiceRequest.source).in_(DESK_SOURCES),
                ServiceRequest.received_at <= as_of,
            )
            .order_by(col(ServiceRequest.received_at))
        ).all()
        desk, logs = desk_of(engagement), logs_of(session, [row.id or 0 for row in rows])
        return [
            row.number
            for row in rows
            if reached_steps(clocks_of(row, logs[row.id or 0], desk, as_of), steps, _told(logs[row.id or 0]))
        ]


def _escalate_one(session: Session, code: str, number: str, as_of: datetime) -> list[Escalated]:
    engagement = find_engagement(session, code)
    request = session.exec(
        select(ServiceRequest)
        .where(ServiceRequest.engagement_id == engagement_id(engagement), ServiceRequest.number == number)
        .with_for_update()
    ).one()
    events = logs_of(session, [request.id or 0])[request.id or 0]
    found = clocks_of(request, events, desk_of(engagement), as_of)
    done = []
    steps = reached_steps(found, load_escalation().steps, _told(events))
    who = {step.key: _recipients(session, engagement, step.posts) for step in steps}
    for reached in steps:
        told = who[reached.key]
        if not told or as_of < max(event.at for event in events):
            continue
        note = ", ".join(told)
        event = RequestEvent(
            request_id=request.id or 0,
            sequence=0,
            event=Act.ESCALATED,
            at=as_of,
            reason=reached.key,
            note=note,
        )
        add_event(session, engagement, request, event)
        on = as_of.astimezone(ZoneInfo(engagement.timezone)).date()
        # Two steps at once, after a standstill: who hears that all the time is used up need not hear of a part of it.
        later = {
            ref
            for step in steps
            if step.clock is reached.clock and step.at > reached.at
            for ref in who[step.key]
        }
        fresh = [ref for ref in told if ref not in later]
        mails = queue_letters(session, engagement, fresh, _letter(engagement, request, reached, found), on)
        done.append(Escalated(code, number, reached.key, mails))
    return done


def _told(events: list[RequestEvent]) -> set[str]:
    return {event.reason for event in events if event.event == Act.ESCALATED}


def _recipients(session: Session, engagement: Engagement, posts: tuple[str, ...]) -> list[str]:
    people = people_on_posts(session, engagement_id(engagement))
    on_post = sorted(ref for post in set(posts) for ref in people.get(post, ()))
    return on_post or people_with_role(session, engagement, "custodian")


def _letter(
    engagement: Engagement, request: ServiceRequest, reached: EscalationStep, found: RequestClocks
) -> Letter:
    voice = voice_of(engagement)
    zh = voice.language == "zh"
    answer = reached.clock is ClockName.RESPONSE
    clock: Clock = found.response if answer else found.resolution
    zone = ZoneInfo(engagement.timezone)
    due = "" if clock.due_at is None else f"{clock.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
    percent = f"{reached.at * 100:.0f} %"
    what = ("响应" if answer else "办结") if zh else ("to answer" if answer else "to settle it")
    return Letter(
        kind="escalation",
        period=f"{request.number}:{reached.key}",
        title=f"报事 {request.number}：{what}时限已用 {percent}"
        if zh
        else f"Request {request.number}: {percent} of the time {what} is used up",
        paragraphs=(
            "请尽快处理；内容见服务台登记。"
            if zh
            else "Please see to it; what it is about stands at the desk.",
        ),
        facts=(
            ("编号" if zh else "Number", request.number),
            ("性质" if zh else "Kind", voice.word(REQUEST_KINDS, request.kind)),
            ("紧急程度" if zh else "Priority", voice.word(PRIORITIES, request.priority)),
            *((("位置" if zh else "Place", request.place_code),) if request.place_code else ()),
            ("受理时间" if zh else "Received", f"{request.received_at.astimezone(zone):%Y-%m-%d %H:%M}"),
            ("时限" if zh else "Due", due),
        ),
        may_repeat=True,
    )
