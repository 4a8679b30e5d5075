"""How does an owner meeting stand: agenda, attendance, resolutions, and what became of them? Read for the command line."""

from typing import Any

from sqlmodel import col, select

from models.db import reading
from models.owners import OwnerMeeting
from models.rules.meeting_minutes import quorum_reached
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.improvements import listed_actions
from tasks.meeting_agenda import agenda_for
from tasks.meeting_minutes import attendance_of, meeting_of, resolutions_of


def listed_meetings(code: str) -> list[dict[str, Any]]:
    """The meetings that were called, latest first."""
    with reading() as session:
        engagement = find_engagement(session, code)
        rows = session.exec(
            select(OwnerMeeting)
            .where(OwnerMeeting.engagement_id == engagement_id(engagement))
            .order_by(col(OwnerMeeting.held_on).desc())
        ).all()
        return [
            {
                "period": row.period,
                "called": row.called_on.isoformat(),
                "held": row.held_on.isoformat(),
                "state": row.state,
                "invited": row.invited_count,
                "attended": row.attended_count,
                "resolutions": len(resolutions_of(session, row)),
            }
            for row in rows
        ]


def shown_meeting(code: str, period: str) -> dict[str, Any]:
    """One meeting with everything that hangs on it.

    Raises:
        Terminal: no meeting was called for the period.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        row = meeting_of(session, engagement, period)
        return {
            "period": row.period,
            "state": row.state,
            "called": row.called_on.isoformat(),
            "held": row.held_on.isoformat(),
            "invited": row.invited_count,
            "attended": row.attended_count,
            "entitled": row.entitled_count,
            "quorum": None if row.quorum is None else str(row.quorum),
            "quorum_reached": quorum_reached(row.attended_count, row.entitled_count, row.quorum),
            "minutes_version": row.minutes_version,
            "minutes": row.minutes,
            "agenda": row.agenda,
            "attendance": [{"ref": one.person_ref, "how": one.how} for one in attendance_of(session, row)],
            "resolutions": [
                {
                    "ref": one.ref,
                    "text": one.text,
                    "post": one.post_code,
                    "due": one.due_on.isoformat(),
                    "for": one.votes_for,
                    "against": one.votes_against,
                    "abstained": one.votes_abstained,
                    "adopted": one.adopted,
                }
                for one in resolutions_of(session, row)
            ],
            "actions": listed_actions(code, everything=True, source=f"meeting:{period}:"),
        }


def next_agenda(code: str) -> list[dict[str, Any]]:
    """The agenda as it would be if the next meeting were called today."""
    with reading() as session:
        engagement = find_engagement(session, code)
        return agenda_for(session, engagement, business_today(engagement))
