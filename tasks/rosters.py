"""Who was on post, and was every round-the-clock post covered to the minute? (B5)"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import writing
from models.errors import NotReady
from models.rules.coverage import Shift
from models.staff import ShiftRecord, StaffMember
from models.upsert import insert_if_absent
from tasks.engagements import engagement_id, find_engagement


def record_shifts(code: str, shifts: Sequence[Shift]) -> int:
    """Record shifts as worked; a shift recorded before is not recorded again.

    Returns:
        How many were new.

    Raises:
        NotReady: somebody on the list has not passed the mandatory training, so must not be rostered (B1).
    """
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        released = set(
            session.exec(
                select(StaffMember.ref).where(
                    StaffMember.engagement_id == key, col(StaffMember.released_on).is_not(None)
                )
            ).all()
        )
        unready = sorted({shift.person for shift in shifts} - released)
        if unready:
            raise NotReady(
                f"{', '.join(unready[:5])} may not be rostered: the pre-job training is not complete."
            )
        new = insert_if_absent(
            session,
            ShiftRecord,
            [
                {
                    "engagement_id": key,
                    "post_code": shift.post,
                    "staff_ref": shift.person,
                    "starts_at": shift.start,
                    "ends_at": shift.end,
                }
                for shift in shifts
            ],
        )
        if new:
            record_event(session, key, "shifts.recorded", code, {"shifts": new})
        return new


def shifts_between(session: Session, key: int, start: datetime, end: datetime) -> list[Shift]:
    """The shifts that touch the half-open time span."""
    rows = session.exec(
        select(ShiftRecord)
        .where(ShiftRecord.engagement_id == key, ShiftRecord.starts_at < end, ShiftRecord.ends_at > start)
        .order_by(col(ShiftRecord.starts_at))
    ).all()
    return [Shift(row.post_code, row.starts_at, row.ends_at, row.staff_ref) for row in rows]
