"""When do owners meet this term? The calendar that follows from the plan and the term (B7)."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import NotReady, Terminal
from models.owners import OwnerMeeting
from models.rules.cycles import MEETING_NOTICE, meeting_day
from models.rules.file_values import prose
from models.rules.periods import contract_quarters
from models.rules.personal_data import personal_kinds
from models.service_plan import Commitment
from models.settings import settings
from reports.ics import CalendarEvent, calendar_file
from reports.words import voice_of
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.exported_files import write_whole
from tasks.plans_in_force import plan_in_force

MEETING_TIME = time(19)
"""In the evening, when those who work can come; the engagement's own time zone."""
MEETING_MINUTES = 90
LONGEST_PLACE = 120


@dataclass(frozen=True)
class PlannedMeeting:
    """One meeting of the term: its day, the day of its invitation, and how it stands."""

    period: str
    invited_on: str
    held_on: str
    state: str
    """planned, called, held, or missed: its day is over and no minutes were recorded."""
    promise: str
    """Code of the commitment that asks for it; empty where the plan has none."""

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self)


def meeting_calendar(code: str) -> list[PlannedMeeting]:
    """The meetings of the term, in order."""
    with reading() as session:
        engagement = find_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        called = {
            row.period: row
            for row in session.exec(select(OwnerMeeting).where(OwnerMeeting.engagement_id == key)).all()
        }
        promise = session.exec(
            select(Commitment.code)
            .where(Commitment.plan_id == plan_in_force(session, key), Commitment.subject == "meeting")
            .order_by(Commitment.code)
        ).first()
    planned = []
    for quarter in contract_quarters(engagement.term_start, engagement.term_end):
        row = called.get(quarter.label)
        held_on = row.held_on if row else meeting_day(quarter)
        state = row.state if row else "planned"
        if state != "held" and held_on < today:
            state = "missed"
        planned.append(
            PlannedMeeting(
                quarter.label,
                (row.called_on if row else held_on - MEETING_NOTICE).isoformat(),
                held_on.isoformat(),
                state,
                promise or "",
            )
        )
    return planned


def write_meeting_calendar(code: str, path: Path) -> Path:
    """Write the term's meetings as a calendar file, whole or not at all.

    Raises:
        NotReady: the folder is not there.
    """
    if not path.parent.is_dir():
        raise NotReady(f"There is no folder {path.parent}: make it, or name another file with --out.")
    meetings = meeting_calendar(code)
    with reading() as session:
        engagement = find_engagement(session, code)
    stamp = datetime.combine(business_today(engagement), MEETING_TIME, ZoneInfo(engagement.timezone))
    events = [meeting_event(engagement, one.period, date.fromisoformat(one.held_on)) for one in meetings]
    name = voice_of(engagement)("Owner meetings", "业主沟通会")
    write_whole(path, calendar_file(f"{engagement.property_name} · {name}", events, stamp))
    return path


def meeting_event(engagement: Engagement, period: str, held_on: date) -> CalendarEvent:
    """A meeting as an entry of a calendar; the same entry wherever it is sent."""
    voice = voice_of(engagement)
    return CalendarEvent(
        uid=f"meeting-{engagement.code}-{period}@{settings().mail_sender.partition('@')[2]}",
        sequence=0,
        first=held_on,
        summary=voice(
            f"{engagement.property_name}: owner meeting", f"{engagement.property_name}：业主沟通会"
        ),
        starts_at=datetime.combine(held_on, MEETING_TIME, ZoneInfo(engagement.timezone)),
        minutes=MEETING_MINUTES,
        location=engagement.meeting_place,
    )


def set_meeting_place(code: str, place: str) -> bool:
    """Say where owners meet; invitations and calendars written from now on tell it. False if that was said before.

    Raises:
        Terminal: the text is empty, too long, or holds personal data, for it goes to everybody.
    """
    said = prose(place)
    if not said or len(said) > LONGEST_PLACE:
        raise Terminal(
            f"The place is a text of 1 to {LONGEST_PLACE} characters, such as: Community room, ground floor."
        )
    if found := personal_kinds(said):
        raise Terminal(
            f"The place holds personal data ({', '.join(found)}); it goes to everybody. Take them out."
        )
    with writing() as session:
        engagement = lock_engagement(session, code)
        if engagement.meeting_place == said:
            return False
        engagement.meeting_place = said
        session.add(engagement)
        record_event(session, engagement_id(engagement), "meeting.place_said", code)
        return True
