"""Who is to be on post, who was, and might everybody who was have stood there? (B5)"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import writing
from models.engagement import Engagement
from models.errors import NotReady, Terminal
from models.rules.coverage import Shift
from models.rules.periods import Period, PeriodKind
from models.staff import RosterShift, ShiftRecord, StaffLeave
from models.upsert import insert_if_absent
from tasks.engagements import engagement_id, find_engagement
from tasks.qualifications import Standing
from tasks.training_status import missing_modules

DAY = timedelta(days=1)
UTC = ZoneInfo("UTC")


def record_shifts(code: str, shifts: Sequence[Shift]) -> int:
    """Record shifts as worked; a shift recorded before is not recorded again.

    What was worked is worked: the shift of a person who left, is not trained or has no certificate in date is kept
    as well, marked with the reason. It does not count as cover, and `roster check --worked` shows it.

    Returns:
        How many were new.

    Raises:
        NotReady: nobody of such a reference is, or was, on a post: more likely a slip of the pen than a shift.
    """
    with writing() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        standing = Standing(session, key)
        strangers = sorted({shift.person for shift in shifts if not standing.knows(shift.person)})
        if strangers:
            raise NotReady(
                f"{', '.join(strangers[:5])}: nobody of this reference is on a post of {code}; put the person on a "
                "post first (`steward staff assign`), or mend the reference."
            )
        return keep_shifts(session, engagement, shifts)


def keep_shifts(session: Session, engagement: Engagement, shifts: Sequence[Shift]) -> int:
    """As `record_shifts`, of known people, in the caller's transaction."""
    key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
    standing, lacks = Standing(session, key), missing_modules(session, key)
    rows = [
        {
            **shift_row(key, shift),
            "objection": standing.objection(
                shift.person, shift.post, days_of(shift, zone), lacks.get(shift.person, ())
            ),
        }
        for shift in shifts
    ]
    new = insert_if_absent(session, ShiftRecord, rows)
    if new:
        marked = sum(bool(row["objection"]) for row in rows)
        record_event(session, key, "shifts.recorded", engagement.code, {"shifts": new, "marked": marked})
    return new


def shifts_between(
    session: Session, key: int, start: datetime, end: datetime, *, qualified: bool = False
) -> list[Shift]:
    """The shifts worked that touch the half-open time span.

    Args:
        session: the session.
        key: the engagement.
        start: of the span.
        end: of the span, not part of it.
        qualified: leave out the shifts that were marked when they were recorded.
    """
    query = select(ShiftRecord).where(
        ShiftRecord.engagement_id == key, ShiftRecord.starts_at < end, ShiftRecord.ends_at > start
    )
    if qualified:
        query = query.where(ShiftRecord.objection == "")
    rows = session.exec(query.order_by(col(ShiftRecord.starts_at))).all()
    return [Shift(row.post_code, row.starts_at, row.ends_at, row.staff_ref) for row in rows]


def marks_between(session: Session, key: int, start: datetime, end: datetime) -> dict[Shift, str]:
    """The shifts of the span that were marked when they were recorded, and why."""
    rows = session.exec(
        select(ShiftRecord).where(
            ShiftRecord.engagement_id == key,
            ShiftRecord.starts_at < end,
            ShiftRecord.ends_at > start,
            ShiftRecord.objection != "",
        )
    ).all()
    return {Shift(row.post_code, row.starts_at, row.ends_at, row.staff_ref): row.objection for row in rows}


def planned_between(session: Session, key: int, start: datetime, end: datetime) -> list[Shift]:
    """The planned shifts that touch the half-open time span."""
    rows = session.exec(
        select(RosterShift)
        .where(RosterShift.engagement_id == key, RosterShift.starts_at < end, RosterShift.ends_at > start)
        .order_by(col(RosterShift.starts_at), RosterShift.post_code, RosterShift.staff_ref)
    ).all()
    return [Shift(row.post_code, row.starts_at, row.ends_at, row.staff_ref) for row in rows]


def leave_of(session: Session, key: int) -> list[tuple[str, date, date]]:
    """Everybody's leave: reference, first and last day."""
    rows = session.exec(select(StaffLeave).where(StaffLeave.engagement_id == key)).all()
    return [(row.staff_ref, row.first_on, row.last_on) for row in rows]


def shift_row(key: int, shift: Shift) -> dict[str, Any]:
    """A shift as a row of either table."""
    return {
        "engagement_id": key,
        "post_code": shift.post,
        "staff_ref": shift.person,
        "starts_at": shift.start,
        "ends_at": shift.end,
    }


def days_of(shift: Shift, zone: ZoneInfo) -> set[date]:
    """The days on which a shift of less than a day begins and ends."""
    return {
        shift.start.astimezone(zone).date(),
        (shift.end - timedelta(microseconds=1)).astimezone(zone).date(),
    }


def roster_month(month: str) -> Period:
    """The month that was written.

    Raises:
        Terminal: it is none.
    """
    try:
        period = Period.parse(month)
    except ValueError as error:
        raise Terminal(f"{month!r} is no month: expected year and month such as 2027-03.") from error
    if period.kind is not PeriodKind.MONTH:
        raise Terminal(f"{month!r} is no month: expected year and month such as 2027-03.")
    return period


def roster_window(period: Period, zone: str) -> tuple[datetime, datetime]:
    """From the first midnight of the days to the one after the last."""
    return midnight(period.first, ZoneInfo(zone)), midnight(period.last + DAY, ZoneInfo(zone))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant in UTC at which a day begins."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def wall_time(at: datetime, zone: ZoneInfo) -> str:
    """An instant as the clock on the wall shows it."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
