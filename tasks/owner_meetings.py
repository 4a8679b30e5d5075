"""What are owners told and asked? Meetings with an agenda from the records, and monthly bulletins (B7)."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.db import reading
from models.engagement import Engagement
from models.owners import Bulletin, BulletinDelivery, OwnerMeeting
from models.rules.cycles import meeting_day
from models.rules.meeting_minutes import Minutes, Resolution
from models.rules.periods import Period
from models.service_desk import ServiceRequest
from models.upsert import insert_if_absent
from reports.ics import MEDIA_TYPE, calendar_file
from reports.words import voice_of
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import engagement_id, engagement_of, find_engagement
from tasks.files import keep_file
from tasks.indicators import figure_against_target, figures_of, work_by_subject
from tasks.meeting_agenda import PROMISED, agenda_for, label_of
from tasks.meeting_calendar import MEETING_TIME, meeting_event
from tasks.meeting_minutes import take_minutes
from tasks.notice_boards import BOARD, boards_on
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.satisfaction import told_to_owners
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
        agenda = agenda_for(session, engagement, cycle.as_of)
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
                    "minutes_version": 0,
                }
            ],
        )
        letter = _invitation(engagement, cycle.period, held_on, agenda)
        letter = replace(letter, attachments=(_calendar_entry(session, engagement, cycle, letter, held_on),))
        queue_letters(session, engagement, invited, letter, cycle.as_of)
        record_event(session, cycle.engagement_id, "meeting.called", cycle.period, {"invited": len(invited)})
        return len(invited)


def record_minutes(
    code: str, period: str, attended: int, minutes: str, resolutions: list[tuple[str, str]]
) -> bool:
    """Record a held meeting in short; each resolution (reference, text) becomes an action. False if it was recorded.

    Raises:
        Terminal: no meeting was called for this period.
    """
    read = Minutes(
        attended=attended,
        minutes=minutes,
        resolutions=tuple(Resolution(ref, text, "manager", None) for ref, text in resolutions),
    )
    return take_minutes(code, period, read).first_time


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
                    "text": "",
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
        key = session.exec(
            select(Bulletin.id).where(
                Bulletin.engagement_id == cycle.engagement_id, Bulletin.period == cycle.period
            )
        ).one()
        insert_if_absent(
            session,
            BulletinDelivery,
            [
                *({"bulletin_id": key, "channel": "mail", "recipient": reader} for reader in readers),
                *(
                    {"bulletin_id": key, "channel": BOARD, "recipient": place}
                    for place in boards_on(session, cycle.engagement_id, cycle.as_of)
                ),
            ],
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
        (label_of(figure.code, voice_of(engagement)), figure_against_target(engagement, figure))
        for figure in figures_of(session, key, month.label)
        if figure.value is not None and figure.state in ("met", "missed", "undetermined")
    ]
    return (
        ("完成工单" if zh else "Work orders done", str(done)),
        ("未按期完成" if zh else "Not done in time", str(missed)),
        ("累计办结报事" if zh else "Requests settled so far", str(requests)),
        *figures[:8],
        *told_to_owners(session, engagement, month.first, month.last),
    )


def _calendar_entry(
    session: Session, engagement: Engagement, cycle: CycleRef, letter: Letter, held_on: date
) -> tuple[str, str, str]:
    """The invitation as a calendar takes it, kept under its hash."""
    name = f"{engagement.code}_{cycle.period}_meeting.ics"
    stamp = datetime.combine(cycle.as_of, MEETING_TIME, ZoneInfo(engagement.timezone))
    content = calendar_file(letter.title, [meeting_event(engagement, cycle.period, held_on)], stamp)
    return name, MEDIA_TYPE, keep_file(session, content, name, MEDIA_TYPE)


def _invitation(engagement: Engagement, period: str, held_on: date, agenda: list[dict[str, Any]]) -> Letter:
    zh = engagement.language == "zh"
    promised = any(item["topic"] in PROMISED for item in agenda)
    first_zh, first_en = (
        ("，上次会议的承诺列在最前", "; what was promised last time comes first") if promised else ("", "")
    )
    return Letter(
        kind="meeting",
        period=period,
        title=f"{engagement.property_name}：业主沟通会 {held_on}"
        if zh
        else f"{engagement.property_name}: owner meeting {held_on}",
        paragraphs=(
            (
                f"诚邀您参加业主沟通会。议程依据本期记录编制{first_zh}。"
                if zh
                else f"You are invited to the owner meeting. The agenda is made from the period's records{first_en}."
            ),
        ),
        facts=(
            ("时间" if zh else "When", f"{held_on} {MEETING_TIME:%H:%M}"),
            (
                "地点" if zh else "Where",
                engagement.meeting_place or ("另行通知" if zh else "will be made known"),
            ),
            *((item["topic"], item["fact"]) for item in agenda),
        ),
        may_repeat=True,
    )
