"""What are owners told and asked? Meetings with an agenda from the records, and monthly bulletins (B7)."""

from datetime import date
from typing import Any

from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.owners import Bulletin, OwnerMeeting
from models.review import IndicatorFigure
from models.rules.cycles import meeting_day
from models.rules.indicators import INDICATORS, IndicatorCode
from models.rules.periods import Period
from models.service_desk import ServiceRequest
from models.upsert import insert_if_absent
from reports.words import ACTION_STATES, voice_of
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import engagement_id, engagement_of, find_engagement
from tasks.improvements import actions_in_state, open_action
from tasks.indicators import figure_against_target, figures_of, work_by_subject
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.steps import step


@step("Call the owner meeting")
def call_owner_meeting(cycle: CycleRef) -> int:
    """Fix the quarter's meeting, build its agenda from the records, and invite; returns how many.

    What the last meeting promised stands first, whether anybody asks or not.
    """
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        quarter = Period.parse(cycle.period)
        held_on = meeting_day(quarter)
        agenda = _agenda(session, engagement)
        invited = people_with_role(session, engagement, "client", "custodian", "owner", "tenant")
        insert_if_absent(
            session,
            OwnerMeeting,
            [
                {
                    "engagement_id": cycle.engagement_id,
                    "period": cycle.period,
                    "called_on": cycle.as_of,
                    "held_on": held_on,
                    "state": "called",
                    "agenda": agenda,
                    "invited_count": len(invited),
                    "minutes": "",
                }
            ],
        )
        queue_letters(
            session, engagement, invited, _invitation(engagement, cycle.period, held_on, agenda), cycle.as_of
        )
        record_event(session, cycle.engagement_id, "meeting.called", cycle.period, {"invited": len(invited)})
        return len(invited)


def _agenda(session: Session, engagement: Engagement) -> list[dict[str, Any]]:
    key = engagement_id(engagement)
    zh, voice = engagement.language == "zh", voice_of(engagement)
    agenda = [
        {
            "topic": "上次承诺" if zh else "Promised last time",
            "fact": f"{action.text}（{voice.word(ACTION_STATES, action.state)}）"
            if zh
            else f"{action.text} ({voice.word(ACTION_STATES, action.state)})",
        }
        for action in actions_in_state(session, key, "open", "done")
        if not action.ref.startswith("indicator:")  # missed indicators follow below
    ]
    latest = session.exec(
        select(IndicatorFigure.period)
        .where(IndicatorFigure.engagement_id == key, col(IndicatorFigure.period).like("____-__"))
        .order_by(col(IndicatorFigure.period).desc())
    ).first()
    if latest:
        agenda += [
            {
                "topic": "指标" if zh else "Indicator",
                "fact": f"{_label(figure.code, zh=zh)} {figure_against_target(engagement, figure)} ({latest})",
            }
            for figure in figures_of(session, key, latest)
            if figure.state == "missed" and figure.value is not None and figure.target is not None
        ]
    agenda.append(
        {
            "topic": "议题" if zh else "Open floor",
            "fact": "业主意见与建议" if zh else "Questions and suggestions of owners",
        }
    )
    return agenda


def _label(code: str, *, zh: bool) -> str:
    indicator = INDICATORS[IndicatorCode(code)]
    return indicator.label_zh if zh else indicator.label_en


def record_minutes(
    code: str, period: str, attended: int, minutes: str, resolutions: list[tuple[str, str]]
) -> bool:
    """Record a held meeting; each resolution (reference, text) becomes an action. False if it was recorded.

    Raises:
        Terminal: no meeting was called for this period.
    """
    with writing() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        meeting = session.exec(
            select(OwnerMeeting).where(OwnerMeeting.engagement_id == key, OwnerMeeting.period == period)
        ).one_or_none()
        if meeting is None:
            raise Terminal(f"No owner meeting was called for {period} of {code}.")
        if meeting.state == "held":
            return False
        meeting.state, meeting.attended_count, meeting.minutes = "held", attended, minutes
        session.add(meeting)
        for ref, text in resolutions:
            open_action(
                session,
                engagement,
                ref=f"meeting:{period}:{ref}",
                text=text,
                post_code="manager",
                on=meeting.held_on,
                target=None,
            )
        record_event(
            session, key, "meeting.held", period, {"attended": attended, "resolutions": len(resolutions)}
        )
        return True


def called_meetings(code: str, until: date) -> list[tuple[str, date]]:
    """Period and day of the meetings called, not recorded yet, and due by the day."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        meetings = session.exec(
            select(OwnerMeeting).where(
                OwnerMeeting.engagement_id == key,
                OwnerMeeting.state == "called",
                OwnerMeeting.held_on <= until,
            )
        ).all()
        return [(meeting.period, meeting.held_on) for meeting in meetings]


@step("Issue the month's bulletin")
def issue_bulletin(cycle: CycleRef) -> int:
    """Tell every owner and user how the property and the service stand; returns how many are told."""
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        month = Period.parse(cycle.period)
        facts = _bulletin_facts(session, engagement, month)
        readers = people_with_role(session, engagement, "owner", "tenant")
        zh = engagement.language == "zh"
        title = f"{cycle.period} 物业服务通报" if zh else f"Property bulletin {cycle.period}"
        insert_if_absent(
            session,
            Bulletin,
            [
                {
                    "engagement_id": cycle.engagement_id,
                    "period": cycle.period,
                    "issued_on": cycle.as_of,
                    "title": title,
                    "facts": [{"label": label, "value": value} for label, value in facts],
                    "recipient_count": len(readers),
                }
            ],
        )
        queue_letters(
            session,
            engagement,
            readers,
            Letter(
                kind="bulletin",
                period=cycle.period,
                title=f"{engagement.property_name} · {title}",
                paragraphs=(
                    (
                        "本月物业服务情况通报如下，如有疑问请联系服务台。"
                        if zh
                        else "This is how the property and the service stood this month. Please ask at the desk."
                    ),
                ),
                facts=facts,
            ),
            cycle.as_of,
        )
        record_event(session, cycle.engagement_id, "bulletin.issued", cycle.period, {"readers": len(readers)})
        return len(readers)


def _bulletin_facts(session: Session, engagement: Engagement, month: Period) -> tuple[tuple[str, str], ...]:
    key = engagement_id(engagement)
    zh = engagement.language == "zh"
    done = missed = 0
    for _clause, _subject, finished, lost, _open in work_by_subject(session, key, month.first, month.last):
        done, missed = done + finished, missed + lost
    requests = session.exec(
        select(func.count())
        .select_from(ServiceRequest)
        .where(ServiceRequest.engagement_id == key, col(ServiceRequest.state).in_(("resolved", "closed")))
    ).one()
    figures = [
        (_label(figure.code, zh=zh), figure_against_target(engagement, figure))
        for figure in figures_of(session, key, month.label)
        if figure.value is not None and figure.state in ("met", "missed")
    ]
    return (
        ("完成工单" if zh else "Work orders done", str(done)),
        ("未按期完成" if zh else "Not done in time", str(missed)),
        ("累计办结报事" if zh else "Requests settled so far", str(requests)),
        *figures[:8],
    )


def _invitation(engagement: Engagement, period: str, held_on: date, agenda: list[dict[str, Any]]) -> Letter:
    zh = engagement.language == "zh"
    return Letter(
        kind="meeting",
        period=period,
        title=f"{engagement.property_name}：业主沟通会 {held_on}"
        if zh
        else f"{engagement.property_name}: owner meeting {held_on}",
        paragraphs=(
            (
                "诚邀您参加业主沟通会。议程依据本期记录编制，上次会议的承诺列在最前。"
                if zh
                else "You are invited to the owner meeting. The agenda is made from the period's records; what was "
                "promised last time comes first."
            ),
        ),
        facts=(
            ("时间" if zh else "When", f"{held_on} 19:00"),
            *((item["topic"], item["fact"]) for item in agenda),
        ),
        may_repeat=True,
    )
