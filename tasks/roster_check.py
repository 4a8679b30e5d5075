"""Does a month's roster hold to the minute and within the limits, as planned or as worked? (B5)"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.db import reading
from models.rules.coverage import Overlap, Shift, prove_coverage
from models.rules.roster_limits import REST, WEEK_HOURS, long_weeks, restless_weeks, short_rests
from tasks.engagements import engagement_id, find_engagement
from tasks.promises import manned_posts
from tasks.qualifications import Standing
from tasks.rosters import (
    DAY,
    days_of,
    leave_of,
    marks_between,
    midnight,
    planned_between,
    roster_month,
    roster_window,
    shifts_between,
    wall_time,
)
from tasks.training_status import missing_modules

OVERLAP = "overlap"
"""More people than the post needs: a hand-over, or hours to spare. It is told, and is no fault."""
HAND_OVER = timedelta(hours=1)
"""An overlap up to this long is taken for a hand-over (our own figure)."""
_Found = tuple[str, str, str, datetime, datetime, str]
_MINUTE = timedelta(minutes=1)


def checked_roster(
    code: str, month: str, *, rest: timedelta = REST, week_hours: float = WEEK_HOURS, worked: bool = False
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Everything in which the month's roster falls short, each with from and to, and overlaps; and the minutes.

    Minutes are those required, those covered by anybody, and those covered by people who might stand there.

    Args:
        code: the engagement.
        month: such as 2027-03.
        rest: the least time between two shifts.
        week_hours: the most hours a week on average.
        worked: judge what was worked, not what was planned.
    """
    period = roster_month(month)
    with reading() as session:
        engagement = find_engagement(session, code)
        key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
        start, end = roster_window(period, engagement.timezone)
        look = shifts_between if worked else planned_between
        marks = marks_between(session, key, start - 2 * DAY, end + 2 * DAY) if worked else None
        wide = look(session, key, start - 2 * DAY, end + 2 * DAY)
        month_shifts = [shift for shift in wide if shift.end > start and shift.start < end]
        unable = list(_unable(session, key, wide, zone, marks))
        might = [shift for shift in wide if shift not in {shift for shift, _why in unable}]
        found: list[_Found] = []
        covered = qualified = required = timedelta(0)
        for span in manned_posts(session, key, period):
            span_start, span_end = midnight(span.first, zone), midnight(span.last + DAY, zone)
            proof = prove_coverage(wide, span.posts, span_start, span_end)
            covered, required = covered + proof.covered, required + proof.required
            qualified += prove_coverage(might, span.posts, span_start, span_end).covered
            found += [
                ("gap", gap.post, "", gap.start, gap.end, f"{gap.missing} missing, {gap.minutes} minutes")
                for gap in proof.gaps
            ]
            found += [_overlap(one, span.posts[one.post]) for one in proof.overlaps]
        found += [
            (
                "double booking",
                " / ".join(both.posts),
                both.person,
                both.start,
                both.end,
                "two shifts at once",
            )
            for both in prove_coverage(wide, {}, start, end).double_bookings
        ]
        found += [
            (
                "short rest",
                "",
                short.person,
                short.start,
                short.end,
                f"less than {rest / timedelta(hours=1):g} h",
            )
            for short in short_rests(wide, rest)
            if short.end >= start and short.start < end
        ]
        found += [
            (
                "long weeks",
                "",
                person.person,
                start,
                end,
                f"{person.hours_a_week} h a week, at most {week_hours:g}",
            )
            for person in long_weeks(month_shifts, start, end, week_hours)
        ]
        found += [
            ("no day of rest", "", week.person, week.start, week.start + 7 * DAY, "no 24 hours free on end")
            for week in restless_weeks(month_shifts, start, end)
        ]
        found += _on_leave(session, key, month_shifts, zone)
        found += [
            ("not able", shift.post, shift.person, shift.start, shift.end, why)
            for shift, why in unable
            if shift.end > start and shift.start < end
        ]
        rows = [
            {
                "what": what,
                "post": post,
                "ref": ref,
                "from": wall_time(a, zone),
                "to": wall_time(b, zone),
                "why": why,
            }
            for what, post, ref, a, b, why in sorted(found, key=lambda item: (item[3], item[0], item[2]))
        ]
        return rows, {
            "covered_minutes": covered // _MINUTE,
            "qualified_minutes": qualified // _MINUTE,
            "required_minutes": required // _MINUTE,
        }


def _overlap(one: Overlap, needed: int) -> _Found:
    what = "hand-over" if one.end - one.start <= HAND_OVER else "hours to spare"
    minutes = (one.end - one.start) // _MINUTE
    why = f"{what}: {len(one.people)} on post, {needed} needed, {minutes} minutes"
    return OVERLAP, one.post, ", ".join(one.people), one.start, one.end, why


def _on_leave(session: Session, key: int, shifts: Iterable[Shift], zone: ZoneInfo) -> Iterator[_Found]:
    away = leave_of(session, key)
    for shift in shifts:
        days = days_of(shift, zone)
        if any(ref == shift.person and first <= max(days) and last >= min(days) for ref, first, last in away):
            yield "on leave", shift.post, shift.person, shift.start, shift.end, "the person is on leave"


def _unable(
    session: Session, key: int, shifts: Iterable[Shift], zone: ZoneInfo, marks: dict[Shift, str] | None
) -> Iterator[tuple[Shift, str]]:
    """Shifts of people who may not stand there, judged by what is known now.

    Of a shift from before the person came to the present post only the mark made at the time is left.
    """
    standing, lacks = Standing(session, key), missing_modules(session, key)
    for shift in shifts:
        days = days_of(shift, zone)
        if marks is not None and standing.came_after(shift.person, min(days)):
            if shift in marks:
                yield shift, marks[shift]
        elif why := standing.objection(shift.person, shift.post, days, lacks.get(shift.person, ())):
            yield shift, why
