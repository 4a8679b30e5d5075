"""Who is to be on post in a month, and does that roster hold to the minute and within the limits? (B5)"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, delete, select

from models.audit import record_event
from models.db import reading, writing
from models.errors import NotReady, Terminal
from models.rules.coverage import Shift, prove_coverage
from models.rules.file_values import ValueDoubted, plain_text, read_date
from models.rules.handover_sheet import SheetColumn
from models.rules.periods import Period
from models.rules.personal_data import masked
from models.rules.roster_limits import REST, WEEK_HOURS, long_weeks, restless_weeks, short_rests
from models.rules.roster_rotation import Slot, day_slots, rotate, round_the_clock_slots
from models.service_plan import PlanPost
from models.staff import RosterShift, StaffLeave, StaffMember
from models.upsert import insert_if_absent
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.plans_in_force import plan_in_force
from tasks.promises import manned_posts
from tasks.qualifications import able_on
from tasks.rosters import shifts_between
from tasks.series import working_days_of
from tasks.sheet_rows import RowDoubt, read_table
from tasks.training_status import missing_modules

ROSTER_COLUMNS = (
    SheetColumn("post", "Post", "岗位", ("post code", "岗位编号")),
    SheetColumn("ref", "Ref", "编号", ("staff", "staff ref", "reference", "员工编号", "人员编号")),
    SheetColumn("date", "Date", "日期", ("day",)),
    SheetColumn("from", "From", "开始", ("start", "开始时间")),
    SheetColumn("to", "To", "结束", ("end", "结束时间")),
)
_DAY = timedelta(days=1)
_LATEST = date(2100, 12, 31)


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
    period = _month(month)
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, zone = engagement_id(engagement), engagement.timezone
        start, end = _window(period, zone)
        posts = session.exec(
            select(PlanPost)
            .where(PlanPost.plan_id == plan_in_force(session, key, period.last))
            .order_by(PlanPost.code)
        ).all()
        _refuse_untrained(session, key, [post.code for post in posts])
        days = [period.first + number * _DAY for number in range(period.days)]
        able = {day: able_on(session, key, day) for day in days}
        away = _leave(session, key)
        calendar = working_days_of(engagement)
        working = [day for day in days if calendar.is_working(day)]
        report: list[dict[str, Any]] = []
        added = 0
        for post in posts:
            if replace:
                session.exec(
                    delete(RosterShift).where(
                        col(RosterShift.engagement_id) == key,
                        col(RosterShift.post_code) == post.code,
                        col(RosterShift.starts_at) >= start,
                        col(RosterShift.starts_at) < end,
                    )
                )
            before = _planned(session, key, start - 2 * _DAY, end + 2 * _DAY)
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
                return person in able[slot.day].get(slot.post, []) and not any(
                    ref == person and first <= day <= last for ref, first, last in away for day in touched
                )

            found = rotate(slots, may_stand, people, before, rest, window=end - start)
            added += insert_if_absent(session, RosterShift, [_row(key, shift) for shift in found.shifts])
            note = f"{len(people)} people are too few or away" if found.open_slots else ""
            report.append(_line(post.code, len(found.shifts), len(found.open_slots), note))
        if added:
            record_event(session, key, "roster.planned", month, {"shifts": added, "replaced": replace})
        return report


def import_roster(code: str, path: Path) -> tuple[int, int, list[RowDoubt]]:
    """Take in shifts, one a row; the same sheet again changes nothing.

    Args:
        code: the engagement.
        path: CSV or workbook with the columns Post, Ref, Date, From, To; a To at or before From is the next day.

    Returns:
        Rows that were new, rows that were known, and the rows that were not taken.

    Raises:
        SheetRefused: the file cannot be read as such a sheet.
    """
    table = read_table(path, ROSTER_COLUMNS, ("post", "ref", "date", "from", "to"))
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        missing, away = missing_modules(session, key), _leave(session, key)
        able: dict[date, dict[str, list[str]]] = {}
        rows: list[dict[str, Any]] = []
        doubts = []
        for row in table.rows:
            try:
                shift, day = _read(row.cells, ZoneInfo(engagement.timezone))
                if day not in able:
                    able[day] = able_on(session, key, day)
                if shift.person not in able[day].get(shift.post, []):
                    lacks = ", ".join(missing.get(shift.person, []))
                    why = (
                        f"has not passed {lacks}"
                        if lacks
                        else "is not on the post, or without its certificate"
                    )
                    raise _CellDoubted("ref", f"{why} on {day.isoformat()}")
                if any(ref == shift.person and first <= day <= last for ref, first, last in away):
                    raise _CellDoubted("date", "the person is on leave that day")
            except _CellDoubted as error:
                value = masked(row.cells.get(error.column, ""))[:80]
                doubts.append(RowDoubt(row.number, error.column, value, str(error)))
            else:
                rows.append(_row(key, shift))
        new = insert_if_absent(session, RosterShift, rows)
        if new:
            detail = {"new": new, "not_taken": len(doubts)}
            record_event(session, key, "roster.imported", table.sha256[:16], detail)
        return new, len(rows) - new, doubts


def listed_roster(code: str, month: str, post: str = "") -> list[dict[str, Any]]:
    """The month's planned shifts, in the engagement's time."""
    period = _month(month)
    with reading() as session:
        engagement = find_engagement(session, code)
        start, end = _window(period, engagement.timezone)
        zone = ZoneInfo(engagement.timezone)
        return [
            {"post": s.post, "from": _local(s.start, zone), "to": _local(s.end, zone), "ref": s.person}
            for s in _planned(session, engagement_id(engagement), start, end)
            if post in ("", s.post)
        ]


def checked_roster(
    code: str, month: str, *, rest: timedelta = REST, week_hours: float = WEEK_HOURS, worked: bool = False
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Everything in which the month's roster falls short, each with from and to; and minutes covered and required.

    Args:
        code: the engagement.
        month: such as 2027-03.
        rest: the least time between two shifts.
        week_hours: the most hours a week on average.
        worked: judge what was worked, not what was planned.
    """
    period = _month(month)
    with reading() as session:
        engagement = find_engagement(session, code)
        key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
        start, end = _window(period, engagement.timezone)
        look = shifts_between if worked else _planned
        wide = look(session, key, start - 2 * _DAY, end + 2 * _DAY)
        month_shifts = [shift for shift in wide if shift.end > start and shift.start < end]
        found: list[tuple[str, str, str, datetime, datetime, str]] = []
        covered = required = timedelta(0)
        for span in manned_posts(session, key, period):
            proof = prove_coverage(
                wide, span.posts, _midnight(span.first, zone), _midnight(span.last + _DAY, zone)
            )
            covered, required = covered + proof.covered, required + proof.required
            found += [
                ("gap", gap.post, "", gap.start, gap.end, f"{gap.missing} missing, {gap.minutes} minutes")
                for gap in proof.gaps
            ]
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
            ("no day of rest", "", week.person, week.start, week.start + 7 * _DAY, "no 24 hours free on end")
            for week in restless_weeks(month_shifts, start, end)
        ]
        found += _on_leave_or_unable(session, key, month_shifts, zone)
        rows = [
            {
                "what": what,
                "post": post,
                "ref": ref,
                "from": _local(a, zone),
                "to": _local(b, zone),
                "why": why,
            }
            for what, post, ref, a, b, why in sorted(found, key=lambda item: (item[3], item[0], item[2]))
        ]
        minute = timedelta(minutes=1)
        return rows, {"covered_minutes": covered // minute, "required_minutes": required // minute}


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


def _on_leave_or_unable(
    session: Session, key: int, shifts: Sequence[Shift], zone: ZoneInfo
) -> Iterator[tuple[str, str, str, datetime, datetime, str]]:
    away = _leave(session, key)
    able: dict[date, dict[str, list[str]]] = {}
    for shift in shifts:
        day = shift.start.astimezone(zone).date()
        last_day = (shift.end - timedelta(microseconds=1)).astimezone(zone).date()
        if any(ref == shift.person and first <= last_day and last >= day for ref, first, last in away):
            yield "on leave", shift.post, shift.person, shift.start, shift.end, "the person is on leave"
        if day not in able:
            able[day] = able_on(session, key, day)
        if shift.person not in able[day].get(shift.post, []):
            why = "not on the post, not trained, or without its certificate on that day"
            yield "not able", shift.post, shift.person, shift.start, shift.end, why


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


class _CellDoubted(ValueError):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def _read(cells: dict[str, str], zone: ZoneInfo) -> tuple[Shift, date]:
    try:
        day = read_date(cells["date"], _LATEST)
    except ValueDoubted as error:
        raise _CellDoubted("date", str(error)) from error
    start, end = (_clock(cells[column], column) for column in ("from", "to"))
    first = datetime.combine(day, start, zone)
    last = datetime.combine(day if end > start else day + _DAY, end, zone)
    utc = ZoneInfo("UTC")
    shift = Shift(
        plain_text(cells["post"]), first.astimezone(utc), last.astimezone(utc), plain_text(cells["ref"])
    )
    return shift, day


def _clock(text: str, column: str) -> time:
    written = plain_text(text)
    if written == "24:00":
        return time(0)
    # A spreadsheet's own time comes with seconds.
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::00)?", written)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise _CellDoubted(column, "is no time of day; expected hours and minutes such as 08:00")
    return time(int(found[1]), int(found[2]))


def _month(month: str) -> Period:
    try:
        period = Period.parse(month)
    except ValueError as error:
        raise Terminal(f"{month!r} is no month: expected year and month such as 2027-03.") from error
    if period.days > 31:
        raise Terminal(f"{month!r} is no month: expected year and month such as 2027-03.")
    return period


def _planned(session: Session, key: int, start: datetime, end: datetime) -> list[Shift]:
    rows = session.exec(
        select(RosterShift)
        .where(RosterShift.engagement_id == key, RosterShift.starts_at < end, RosterShift.ends_at > start)
        .order_by(col(RosterShift.starts_at), RosterShift.post_code, RosterShift.staff_ref)
    ).all()
    return [Shift(row.post_code, row.starts_at, row.ends_at, row.staff_ref) for row in rows]


def _leave(session: Session, key: int) -> list[tuple[str, date, date]]:
    rows = session.exec(select(StaffLeave).where(StaffLeave.engagement_id == key)).all()
    return [(row.staff_ref, row.first_on, row.last_on) for row in rows]


def _row(key: int, shift: Shift) -> dict[str, Any]:
    return {
        "engagement_id": key,
        "post_code": shift.post,
        "staff_ref": shift.person,
        "starts_at": shift.start,
        "ends_at": shift.end,
    }


def _line(post: str, shifts: int, open_slots: int, note: str) -> dict[str, Any]:
    return {"post": post, "shifts": shifts, "open": open_slots, "note": note}


def _window(period: Period, zone: str) -> tuple[datetime, datetime]:
    return _midnight(period.first, ZoneInfo(zone)), _midnight(period.last + _DAY, ZoneInfo(zone))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(ZoneInfo("UTC"))


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
