"""Which shifts stand in a sheet, as planned or as worked? Good rows are kept, bad ones quarantined (B5)."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from models.audit import record_event
from models.db import writing
from models.rules.coverage import Shift
from models.rules.file_values import ValueDoubted, plain_text, read_date
from models.rules.handover_sheet import SheetColumn
from models.rules.personal_data import masked
from models.rules.roster_changes import RosterAct, RosterChange
from models.service_plan import PlanPost
from models.staff import RosterShift
from models.upsert import insert_if_absent
from tasks.engagements import business_today, engagement_id, lock_engagement
from tasks.plans_in_force import plan_in_force
from tasks.qualifications import Standing
from tasks.roster_versions import planned_end, replace_shifts, told_change
from tasks.rosters import DAY, UTC, days_of, keep_shifts, leave_of, roster_month, shift_row, wall_time
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import CellDoubted, RowDoubt, RowsTaken, SheetRow, judge_rows, read_table
from tasks.training_status import missing_modules

ROSTER_COLUMNS = (
    SheetColumn("post", "Post", "岗位", ("post code", "岗位编号")),
    SheetColumn("ref", "Ref", "编号", ("staff", "staff ref", "reference", "员工编号", "人员编号")),
    SheetColumn("date", "Date", "日期", ("day",)),
    SheetColumn("from", "From", "开始", ("start", "开始时间")),
    SheetColumn("to", "To", "结束", ("end", "结束时间")),
)
REQUIRED = ("post", "ref", "date", "from", "to")
_LATEST = date(2100, 12, 31)


@dataclass(frozen=True)
class RosterTaken(RowsTaken):
    """The same, and what a corrected roster changed."""

    changes: tuple[dict[str, str], ...] = ()


def import_roster(code: str, path: Path, *, replace_month: str = "", dry_run: bool = False) -> RosterTaken:
    """Take in planned shifts, one a row; the same sheet again changes nothing.

    Args:
        code: the engagement.
        path: CSV or workbook with the columns Post, Ref, Date, From, To; a To at or before From is the next day.
        replace_month: the month whose roster the sheet takes the place of, for the posts it names; whole or, with a
            row in doubt, not at all. By default shifts are only added.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a sheet.
        Terminal: no whole month.
    """
    table = read_table(path, ROSTER_COLUMNS, REQUIRED)
    period = roster_month(replace_month) if replace_month else None
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
        standing, lacks, away = Standing(session, key), missing_modules(session, key), leave_of(session, key)
        posts = _posts(session, key)

        def judged(row: SheetRow) -> Shift:
            shift = _read(row.cells, zone, posts, _LATEST)
            if period is not None and not period.first <= shift.start.astimezone(zone).date() <= period.last:
                raise CellDoubted("date", f"is not in {replace_month}, the month to replace (--month)")
            days = days_of(shift, zone)
            if why := standing.objection(shift.person, shift.post, days, lacks.get(shift.person, ())):
                raise CellDoubted("ref", why)
            if any(ref == shift.person and first <= day <= last for ref, first, last in away for day in days):
                raise CellDoubted("date", "the person is on leave that day")
            if period is None and (ends := planned_end(session, key, shift)):
                until = wall_time(ends, zone)
                raise CellDoubted("to", f"the roster has this shift until {until}; --replace changes it")
            return shift

        read, doubts = judge_rows(table, judged)
        shifts = list(dict.fromkeys(read))
        changes: list[RosterChange] = []
        if period is None:
            new = insert_if_absent(session, RosterShift, [shift_row(key, shift) for shift in shifts])
        elif doubts:
            new, read = 0, []
        else:
            changes = replace_shifts(session, engagement, period, shifts, table.sha256[:16])
            new = sum(change.act in (RosterAct.ADDED, RosterAct.CHANGED) for change in changes)
        if dry_run:
            session.rollback()  # tried in earnest, so that what it says is what would happen
        elif keep_doubts(session, key, "roster", table, doubts) or new:
            detail = {"new": new, "not_taken": len(doubts)}
            record_event(session, key, "roster.imported", table.sha256[:16], detail)
        told = tuple(told_change(change, zone) for change in changes)
        return RosterTaken(table.file, len(table.rows), new, len(read) - new, tuple(doubts), told)


def import_shifts(code: str, path: Path, *, dry_run: bool = False) -> RowsTaken:
    """Take in shifts as worked, one a row; the same sheet again changes nothing.

    A shift of somebody who might not have stood there is taken and marked, see `tasks.rosters.record_shifts`. A row
    of a person nobody knows, of an unknown post or of a day to come is not taken.

    Args:
        code: the engagement.
        path: as `import_roster` takes it.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a sheet.
    """
    table = read_table(path, ROSTER_COLUMNS, REQUIRED)
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
        standing, lacks = Standing(session, key), missing_modules(session, key)
        posts, today = _posts(session, key), business_today(engagement)
        marked: list[RowDoubt] = []

        def judged(row: SheetRow) -> Shift:
            shift = _read(row.cells, zone, posts, today)
            if not standing.knows(shift.person):
                raise CellDoubted("ref", "is the reference of nobody who is, or was, on a post")
            why = standing.objection(
                shift.person, shift.post, days_of(shift, zone), lacks.get(shift.person, ())
            )
            if why:
                reason = f"{why}; the shift is kept, marked as not qualified"
                marked.append(RowDoubt(row.number, "ref", masked(row.cells["ref"])[:80], reason, taken=True))
            return shift

        read, doubts = judge_rows(table, judged)
        shifts = list(dict.fromkeys(read))
        new = keep_shifts(session, engagement, shifts)
        if dry_run:
            session.rollback()  # tried in earnest, so that what it says is what would happen
        elif keep_doubts(session, key, "shifts", table, doubts):
            detail = {"new": new, "not_taken": len(doubts)}
            record_event(session, key, "shifts.imported", table.sha256[:16], detail)
        told = sorted([*doubts, *marked], key=lambda doubt: doubt.row)
        return RowsTaken(table.file, len(table.rows), new, len(read) - new, tuple(told))


def _posts(session: Session, key: int) -> set[str]:
    return set(
        session.exec(select(PlanPost.code).where(PlanPost.plan_id == plan_in_force(session, key))).all()
    )


def _read(cells: dict[str, str], zone: ZoneInfo, posts: set[str], latest: date) -> Shift:
    post = plain_text(cells["post"])
    if post not in posts:
        known = ", ".join(sorted(posts))
        raise CellDoubted("post", f"is no post of the plan in force; expected one of: {known}")
    if not 1 <= len(plain_text(cells["ref"])) <= 64:
        raise CellDoubted("ref", "expected the reference of a person, 1 to 64 characters")
    try:
        day = read_date(cells["date"], latest)
    except ValueDoubted as error:
        raise CellDoubted("date", str(error)) from error
    start, end = (_clock(cells[column], column) for column in ("from", "to"))
    first = datetime.combine(day, start, zone)
    last = datetime.combine(day if end > start else day + DAY, end, zone)
    return Shift(post, first.astimezone(UTC), last.astimezone(UTC), plain_text(cells["ref"]))


def _clock(text: str, column: str) -> time:
    written = plain_text(text)
    if written == "24:00":
        return time(0)
    # A spreadsheet's own time comes with seconds.
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::00)?", written)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise CellDoubted(column, "is no time of day; expected hours and minutes such as 08:00")
    return time(int(found[1]), int(found[2]))
