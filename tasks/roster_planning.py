"""Who is to be on post in a month, computed from who may stand there? (B5)"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, delete, select

from models.audit import record_event
from models.db import reading, writing
from models.errors import NotReady, Terminal
from models.rules.coverage import Shift
from models.rules.personal_data import masked
from models.rules.roster_limits import REST
from models.rules.roster_rotation import Slot, day_slots, rotate, round_the_clock_slots
from models.service_plan import PlanPost
from models.staff import RosterShift, StaffLeave, StaffMember
from models.upsert import insert_if_absent
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.plans_in_force import plan_in_force
from tasks.qualifications import able_on
from tasks.roster_versions import COMPUTED, retire_shifts
from tasks.rosters import (
    DAY,
    leave_of,
    planned_between,
    roster_month,
    roster_window,
    shift_row,
    wall_time,
)
from tasks.series import working_days_of
from tasks.training_status import missing_modules


def plan_roster(
    code: str, month: str, *, shift_hours: int = 8, rest: timedelta = REST, replace: bool = False
) -> list[dict[str, Any]]:
    """Compute the month's roster of every post from the people on it; a post that has one keeps it.

    Args:
        code: the engagement.
        month: such as 2027-03.
        shift_hours: length of the shifts of round-the-clock posts: 6, 8 or 12.
        rest: the least time between two shifts.
        replace: compute anew the posts that have a roster already.

    Returns:
        For each post the shifts given out, the slots nobody may take, and a note.

    Raises:
        NotReady: a post has people, but none who has passed the mandatory modules; they are named.
        Terminal: no whole month, or a length of shift that does not divide the day.
    """
    if shift_hours not in (6, 8, 12):
        raise Terminal(f"A shift of {shift_hours} hours does not divide the day: expected 6, 8 or 12.")
    period = roster_month(month)
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, zone = engagement_id(engagement), engagement.timezone
        start, end = roster_window(period, zone)
        posts = session.exec(
            select(PlanPost)
            .where(PlanPost.plan_id == plan_in_force(session, key, period.last))
            .order_by(PlanPost.code)
        ).all()
        _refuse_untrained(session, key, [post.code for post in posts])
        days = [period.first + number * DAY for number in range(period.days)]
        able = {day: able_on(session, key, day) for day in [*days, period.last + DAY]}
        away = leave_of(session, key)
        calendar = working_days_of(engagement)
        working = [day for day in days if calendar.is_working(day)]
        report: list[dict[str, Any]] = []
        added = 0
        replaced: set[Shift] = set()
        for post in posts:
            if replace:
                replaced |= {
                    shift
                    for shift in planned_between(session, key, start, end)
                    if shift.post == post.code and start <= shift.start < end
                }
                session.exec(
                    delete(RosterShift).where(
                        col(RosterShift.engagement_id) == key,
                        col(RosterShift.post_code) == post.code,
                        col(RosterShift.starts_at) >= start,
                        col(RosterShift.starts_at) < end,
                    )
                )
            before = planned_between(session, key, start - 2 * DAY, end + 2 * DAY)
            kept = sum(shift.post == post.code and start <= shift.start < end for shift in before)
            if kept:
                report.append(_line(post.code, kept, 0, "has a roster; --replace computes it anew"))
                continue
            heads = post.heads_on_duty if post.round_the_clock else int(post.headcount)
            slots = (
                round_the_clock_slots(post.code, heads, period.first, period.last, zone, shift_hours)
                if post.round_the_clock
                else day_slots(post.code, heads, working, zone)
            )
            if not slots:
                report.append(_line(post.code, 0, 0, "less than one person: agree hours and import them"))
                continue
            people = sorted({ref for day in days for ref in able[day].get(post.code, [])})

            def may_stand(person: str, slot: Slot) -> bool:
                touched = {slot.day, (slot.end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()}
                return all(person in able[day].get(slot.post, []) for day in touched) and not any(
                    ref == person and first <= day <= last for ref, first, last in away for day in touched
                )

            found = rotate(slots, may_stand, people, before, rest, window=end - start)
            added += insert_if_absent(session, RosterShift, [shift_row(key, shift) for shift in found.shifts])
            note = f"{len(people)} people are too few or away" if found.open_slots else ""
            report.append(_line(post.code, len(found.shifts), len(found.open_slots), note))
        gone = sorted(
            replaced - set(planned_between(session, key, start, end)), key=lambda shift: shift.start
        )
        retire_shifts(session, engagement, gone, COMPUTED)
        if added:
            record_event(session, key, "roster.planned", month, {"shifts": added, "replaced": replace})
        return report


def listed_roster(code: str, month: str, post: str = "") -> list[dict[str, Any]]:
    """The month's planned shifts, in the engagement's time."""
    period = roster_month(month)
    with reading() as session:
        engagement = find_engagement(session, code)
        start, end = roster_window(period, engagement.timezone)
        zone = ZoneInfo(engagement.timezone)
        return [
            {"post": s.post, "from": wall_time(s.start, zone), "to": wall_time(s.end, zone), "ref": s.person}
            for s in planned_between(session, engagement_id(engagement), start, end)
            if post in ("", s.post)
        ]


def record_leave(code: str, ref: str, first: date, last: date, reason: str = "") -> bool:
    """Enter days of leave, both included; False if entered before.

    Raises:
        Terminal: the last day is before the first, or nobody of that reference is on a post.
    """
    if last < first:
        raise Terminal(f"The leave of {ref} ends on {last}, before it begins on {first}.")
    with writing() as session:
        key = engagement_id(lock_engagement(session, code))
        if not session.exec(
            select(StaffMember.id).where(StaffMember.engagement_id == key, StaffMember.ref == ref)
        ).all():
            raise Terminal(f"Nobody of the reference {ref!r} is on a post of {code}.")
        row = {"engagement_id": key, "staff_ref": ref, "first_on": first, "last_on": last}
        new = insert_if_absent(session, StaffLeave, [{**row, "reason": masked(reason)[:200]}])
        if new:
            record_event(session, key, "staff.leave", ref, {"days": (last - first).days + 1})
        return bool(new)


def current_month(code: str) -> str:
    """The month of the engagement's business date."""
    with reading() as session:
        return business_today(find_engagement(session, code)).strftime("%Y-%m")


def _refuse_untrained(session: Session, key: int, posts: Sequence[str]) -> None:
    missing = missing_modules(session, key)
    for post in posts:
        on_post = session.exec(
            select(StaffMember.ref).where(
                StaffMember.engagement_id == key,
                StaffMember.post_code == post,
                col(StaffMember.left_on).is_(None),
            )
        ).all()
        if on_post and all(ref in missing for ref in on_post):
            modules = sorted({module for ref in on_post for module in missing[ref]})
            raise NotReady(f"Nobody on {post} may be rostered before passing {', '.join(modules)}.")


def _line(post: str, shifts: int, open_slots: int, note: str) -> dict[str, Any]:
    return {"post": post, "shifts": shifts, "open": open_slots, "note": note}
