"""What did a later roster change or take away, and what had been planned before? (B5)"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, delete, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading
from models.engagement import Engagement
from models.rules.coverage import Shift
from models.rules.periods import Period
from models.rules.roster_changes import RosterAct, RosterChange, compare_rosters
from models.staff import FormerShift, RosterShift
from models.upsert import insert_if_absent
from tasks.engagements import business_today, engagement_id, find_engagement, now_of
from tasks.rosters import planned_between, roster_month, roster_window, shift_row, shifts_between, wall_time

COMPUTED = "computed"
"""What replaced the shifts that `roster plan --replace` computed anew."""


def replace_shifts(
    session: Session, engagement: Engagement, period: Period, wanted: Sequence[Shift], by: str
) -> list[RosterChange]:
    """Put the roster of a period in the place of the one that stands, for the posts it names.

    What has begun, or is on record as worked, stays as it was planned. The same roster again changes nothing.

    Args:
        session: the writing session; the engagement is locked.
        engagement: whose roster it is.
        period: the days whose shifts are replaced.
        wanted: the shifts as they shall be.
        by: the beginning of the hash of the file they come from.
    """
    key, now = engagement_id(engagement), now_of(engagement)
    start, end = roster_window(period, engagement.timezone)
    posts = {shift.post for shift in wanted}
    standing = [
        shift
        for shift in planned_between(session, key, start, end)
        if shift.post in posts and start <= shift.start < end
    ]
    worked = shifts_between(session, key, start, end)

    def why_kept(shift: Shift) -> str:
        if any(
            (done.post, done.person) == (shift.post, shift.person)
            and done.start < shift.end
            and done.end > shift.start
            for done in worked
        ):
            return "is recorded as worked"
        return "has begun" if shift.start < now else ""

    changes = compare_rosters(standing, wanted, why_kept)
    gone = [c.before for c in changes if c.before is not None and c.act is not RosterAct.KEPT]
    come = [c.after for c in changes if c.after is not None and c.act is not RosterAct.KEPT]
    for shift in gone:
        _take_away(session, key, shift)
    retire_shifts(session, engagement, gone, by)
    insert_if_absent(session, RosterShift, [shift_row(key, shift) for shift in come])
    if gone or come:
        counts = {act.value: sum(change.act is act for change in changes) for act in RosterAct}
        record_event(session, key, "roster.replaced", str(period), {**counts, "by": by})
    return changes


def retire_shifts(session: Session, engagement: Engagement, gone: Sequence[Shift], by: str) -> None:
    """Keep what was planned before, in the caller's transaction."""
    key, today, now = engagement_id(engagement), business_today(engagement), utc_now()
    session.add_all(
        FormerShift(**shift_row(key, shift), replaced_on=today, replaced_by=by, recorded_at=now)
        for shift in gone
    )


def planned_end(session: Session, key: int, shift: Shift) -> datetime | None:
    """When the roster lets this shift of the person end, if at another time; None if it has no such shift."""
    found = session.exec(
        select(RosterShift.ends_at).where(
            RosterShift.engagement_id == key,
            RosterShift.post_code == shift.post,
            RosterShift.staff_ref == shift.person,
            RosterShift.starts_at == shift.start,
        )
    ).one_or_none()
    return found if found != shift.end else None


def former_roster(code: str, month: str) -> list[dict[str, Any]]:
    """The month's shifts that a later roster changed or took away, the newest change first."""
    period = roster_month(month)
    with reading() as session:
        engagement = find_engagement(session, code)
        start, end = roster_window(period, engagement.timezone)
        zone = ZoneInfo(engagement.timezone)
        rows = session.exec(
            select(FormerShift)
            .where(
                FormerShift.engagement_id == engagement_id(engagement),
                FormerShift.starts_at >= start,
                FormerShift.starts_at < end,
            )
            .order_by(col(FormerShift.recorded_at).desc(), col(FormerShift.starts_at), FormerShift.post_code)
        ).all()
    return [
        {
            "replaced_on": row.replaced_on.isoformat(),
            "by": row.replaced_by,
            "post": row.post_code,
            "from": wall_time(row.starts_at, zone),
            "to": wall_time(row.ends_at, zone),
            "ref": row.staff_ref,
        }
        for row in rows
    ]


def told_change(change: RosterChange, zone: ZoneInfo) -> dict[str, str]:
    """A change as a person and a program read it, in the engagement's time."""
    place = change.before or change.after
    return {
        "what": change.act.value,
        "post": "" if place is None else place.post,
        "before": _told(change.before, zone),
        "after": _told(change.after, zone),
        "why": change.reason,
    }


def _told(shift: Shift | None, zone: ZoneInfo) -> str:
    if shift is None:
        return ""
    return f"{shift.person}, {wall_time(shift.start, zone)} to {wall_time(shift.end, zone)}"


def _take_away(session: Session, key: int, shift: Shift) -> None:
    session.exec(
        delete(RosterShift).where(
            col(RosterShift.engagement_id) == key,
            col(RosterShift.post_code) == shift.post,
            col(RosterShift.staff_ref) == shift.person,
            col(RosterShift.starts_at) == shift.start,
        )
    )
