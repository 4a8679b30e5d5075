"""Who was at which patrol point when, and which rounds are complete? Scans by hand and from files (B5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.patrol import PatrolScan
from models.rules.file_values import plain_text
from models.rules.handover_sheet import SheetColumn
from models.rules.patrols import JudgedRound, PointState, RoundState, Scan, judge_rounds
from models.rules.written_instants import InstantDoubted, OrderEvidence, read_instant
from models.upsert import insert_if_absent
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement, now_of
from tasks.orders_from_logs import LogEvidence, settle_from_log
from tasks.patrol_routes import PATROL_SUBJECT, RouteVersion, rounds_of, series_on, versions_of
from tasks.references import is_known_person
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import RowDoubt, SheetRefused, SheetRow, TableRead, read_table
from tasks.work_records import kept_text

SCAN_COLUMNS = (
    SheetColumn("point", "Point", "巡更点", ("point code", "check point", "点位", "点位编号")),
    SheetColumn("at", "Time", "时间", ("at", "scanned at", "date and time", "打卡时间", "巡检时间")),
    SheetColumn("by", "Person", "人员编号", ("by", "ref", "staff", "staff ref", "员工编号", "巡逻员")),
    SheetColumn("note", "Note", "备注", ("remark", "remarks", "说明")),
)
_AHEAD = timedelta(minutes=5)
"""A reader's clock may go a little fast."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ScanImport:
    """What became of a file of scans: rows = recorded + as before + not taken."""

    file: str
    rows: int
    recorded: int
    as_before: int
    doubts: tuple[RowDoubt, ...]
    settled: int = 0
    """Orders of the plan that are done by them."""

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return {
            "file": self.file,
            "rows": self.rows,
            "recorded": self.recorded,
            "as_before": self.as_before,
            "not_taken": len(self.doubts),
            "orders_settled": self.settled,
            "doubts": [doubt.__dict__ for doubt in self.doubts],
        }


def record_scan(code: str, point: str, staff_ref: str, at: datetime | None = None, note: str = "") -> bool:
    """Record that somebody was at a point; False if just that was recorded before.

    Args:
        code: the engagement.
        point: code of the point.
        staff_ref: who; a reference, never a name.
        at: the instant; a wall time is one of the engagement's zone; now by default.
        note: what was seen.

    Raises:
        Terminal: no such point or person, or an instant that is to come.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        instant = at or utc_now()
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=ZoneInfo(engagement.timezone))
        judge = _Judge(session, engagement)
        why = judge.why_not(point, instant, staff_ref)
        if why is not None:
            raise Terminal(f"The scan was not taken: {_OPTION[why[0]]} {why[1]}.")
        return bool(_keep(session, engagement, [(point, instant, staff_ref, note)], "")[0])


_OPTION = {"point": "the point", "at": "--at", "by": "--by"}


def import_scans(code: str, path: Path, *, date_order: str = "", dry_run: bool = False) -> ScanImport:
    """Take in what a reader has stored, one scan a row; good rows are kept once, bad ones named.

    Args:
        code: the engagement.
        path: CSV or workbook with Point, Time, Person and, where wanted, Note.
        date_order: dmy or mdy, where the dates end with their year and nothing in the file decides it.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a table.
    """
    table = read_table(path, SCAN_COLUMNS, ("point", "at", "by"))
    order = _date_order(table, date_order)
    with reading() if dry_run else writing() as session:
        engagement = find_engagement(session, code) if dry_run else lock_engagement(session, code)
        judge = _Judge(session, engagement)
        scans: list[tuple[str, datetime, str, str]] = []
        doubts: list[RowDoubt] = []
        for row in table.rows:
            read = judge.read(row, order)
            if isinstance(read, RowDoubt):
                doubts.append(read)
            else:
                scans.append(read)
        settled = 0
        if dry_run:
            new = _unknown(session, engagement_id(engagement), scans)
        else:
            new, settled = _keep(session, engagement, scans, table.sha256)
            keep_doubts(session, engagement_id(engagement), "patrol", table, doubts)
        return ScanImport(table.file, len(table.rows), new, len(scans) - new, tuple(doubts), settled)


def _date_order(table: TableRead, given: str) -> str:
    seen = OrderEvidence()
    for row in table.rows:
        seen.see(row.number, (row.cells["at"],))
    try:
        return seen.order("", given)
    except InstantDoubted as doubted:
        raise SheetRefused(f"{table.file}: {doubted}.") from doubted


class _Judge:
    """Judges scans of one engagement; what is looked up is kept."""

    def __init__(self, session: Session, engagement: Engagement) -> None:
        self.session, self.key = session, engagement_id(engagement)
        self.zone = ZoneInfo(engagement.timezone)
        self.latest = now_of(engagement) + _AHEAD
        self.points = {
            point.code
            for versions in versions_of(session, self.key).values()
            for version in versions
            for point in version.points
        }
        self.people: dict[str, bool] = {}

    def why_not(self, point: str, at: datetime, ref: str) -> tuple[str, str] | None:
        """Column and reason if a scan cannot be taken."""
        if point not in self.points:
            known = ", ".join(sorted(self.points)[:10]) or "none: take in routes first"
            return "point", f"{point[:40]!r} is on no patrol route; expected one of: {known}"
        if at > self.latest:
            return "at", f"{at.astimezone(self.zone):%Y-%m-%d %H:%M} is to come"
        if ref not in self.people:
            self.people[ref] = is_known_person(self.session, self.key, ref)
        if not self.people[ref]:
            return (
                "by",
                "is no reference of a person of this engagement; expected one of the staff or people table",
            )
        return None

    def read(self, row: SheetRow, order: str) -> RowDoubt | tuple[str, datetime, str, str]:
        """The scan of a row, or what is wrong with it; who it was is not repeated, it may be a name."""
        point, ref = plain_text(row.cells["point"]), plain_text(row.cells["by"])
        try:
            written = read_instant(row.cells["at"], order, self.zone)
        except InstantDoubted as doubted:
            return RowDoubt(row.number, "at", kept_text(row.cells["at"])[:80], str(doubted))
        if not written.timed:
            return RowDoubt(
                row.number, "at", kept_text(row.cells["at"])[:80], "is a day without a time; expected both"
            )
        why = self.why_not(point, written.at, ref)
        if why is not None:
            value = "" if why[0] == "by" else kept_text(row.cells[why[0]])[:80]
            return RowDoubt(row.number, why[0], value, why[1])
        return point, written.at, ref, row.cells.get("note", "")


def _keep(
    session: Session, engagement: Engagement, scans: list[tuple[str, datetime, str, str]], source: str
) -> tuple[int, int]:
    """Keep scans; how many were new, and how many orders of the plan they settle."""
    key = engagement_id(engagement)
    new = insert_if_absent(
        session,
        PatrolScan,
        [
            {
                "engagement_id": key,
                "point_code": point,
                "scanned_at": at.astimezone(UTC).replace(microsecond=0),
                "staff_ref": ref,
                "note": kept_text(note),
                "source": source,
                "recorded_at": utc_now(),
            }
            for point, at, ref, note in scans
        ],
    )
    if not new:
        return 0, 0
    record_event(session, key, "patrol.scanned", source[:16] or scans[0][0], {"scans": new})
    zone = ZoneInfo(engagement.timezone)
    days = {at.astimezone(zone).date() for _point, at, _ref, _note in scans}
    return new, sum(
        _settle_orders(session, engagement, first - _DAY, last + _DAY) for first, last in spans_of(days)
    )


def spans_of(days: Iterable[date]) -> list[tuple[date, date]]:
    """First and last of each run of days; days so near that the rounds around them are the same make one run.

    >>> spans_of([date(2027, 3, 1), date(2027, 3, 2), date(2027, 6, 1)])
    [(datetime.date(2027, 3, 1), datetime.date(2027, 3, 2)), (datetime.date(2027, 6, 1), datetime.date(2027, 6, 1))]
    """
    spans: list[tuple[date, date]] = []
    for day in sorted(days):
        if spans and day - spans[-1][1] <= 3 * _DAY:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans


def _settle_orders(session: Session, engagement: Engagement, first: date, last: date) -> int:
    """A planned patrol is done once every round of its day is complete."""
    versions = versions_of(session, engagement_id(engagement))
    of_work: dict[tuple[str, date], list[JudgedRound]] = {}
    for one in judged_rounds(session, engagement, first, last, None):
        series = series_on(versions[one.round.route], one.round.day)
        if series:
            of_work.setdefault((series, one.round.day), []).append(one)
    settled = 0
    for (series, day), rounds in of_work.items():
        if any(one.state is not RoundState.COMPLETE for one in rounds):
            continue
        seen = [(seen.at, seen.person) for one in rounds for seen in one.points if seen.at is not None]
        note = "; ".join(f"{one.round.route} {one.round.window}" for one in rounds)
        evidence = LogEvidence(day, max(seen)[1], note)
        settled += settle_from_log(session, engagement, evidence, subject=PATROL_SUBJECT, series=series)
    return settled


def _unknown(session: Session, key: int, scans: list[tuple[str, datetime, str, str]]) -> int:
    wanted = {(point, at.astimezone(UTC).replace(microsecond=0), ref) for point, at, ref, _note in scans}
    if not wanted:
        return 0
    times = [at for _point, at, _ref in wanted]
    known = {
        (row.point_code, row.scanned_at, row.staff_ref)
        for row in session.exec(
            select(PatrolScan).where(
                PatrolScan.engagement_id == key,
                PatrolScan.scanned_at >= min(times),
                PatrolScan.scanned_at <= max(times),
            )
        ).all()
    }
    return len(wanted - known)


def judged_rounds(
    session: Session, engagement: Engagement, first: date, last: date, now: datetime | None
) -> list[JudgedRound]:
    """What became of the rounds that begin on the days, by route and beginning.

    Args:
        session: any session.
        engagement: whose routes they are.
        first: the first day.
        last: the last day.
        now: rounds that begin later are left out, those under way are open; None if all are over.
    """
    key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
    start = datetime.combine(first - _DAY, time(0), zone).astimezone(UTC)
    end = datetime.combine(last + 3 * _DAY, time(0), zone).astimezone(UTC)
    found: list[JudgedRound] = []
    versions = versions_of(session, key)
    if not versions:
        return found
    scans = [
        Scan(row.point_code, row.scanned_at, row.staff_ref)
        for row in session.exec(
            select(PatrolScan).where(
                PatrolScan.engagement_id == key,
                PatrolScan.scanned_at >= start,
                PatrolScan.scanned_at < end,
            )
        ).all()
    ]
    for of_route in versions.values():
        found += _judged_route(engagement, of_route, scans, first, last, now)
    return found


def _judged_route(
    engagement: Engagement,
    versions: list[RouteVersion],
    scans: list[Scan],
    first: date,
    last: date,
    now: datetime | None,
) -> list[JudgedRound]:
    # With the rounds of the days around: a scan near midnight may be theirs.
    around = rounds_of(engagement, versions, first - _DAY, last + _DAY)
    return [
        judged
        for judged in judge_rounds(around, scans, now)
        if first <= judged.round.day <= last and (now is None or judged.round.starts_at <= now)
    ]


def count_rounds(session: Session, engagement: Engagement, first: date, last: date) -> tuple[int, int]:
    """(complete, all) of the rounds that begin on the days, all of which are over."""
    judged = judged_rounds(session, engagement, first, last, None)
    return sum(one.state is RoundState.COMPLETE for one in judged), len(judged)


def first_route_day(session: Session, key: int) -> date | None:
    """The first day on which a round was to be walked; None if there is no route."""
    return min(
        (versions[0].valid_from for versions in versions_of(session, key).values()),
        default=None,
    )


def checked_rounds(
    code: str, first: date | None = None, last: date | None = None, route: str = "", *, missed: bool = False
) -> list[dict[str, Any]]:
    """What became of the rounds of some days, by default of the business date and the day before.

    Args:
        code: the engagement.
        first: the first day.
        last: the last day.
        route: only this one.
        missed: only rounds with points that nobody was seen at.

    Raises:
        Terminal: no such route, or the days are the wrong way round or more than a year.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        until = last or max(first or business_today(engagement), business_today(engagement))
        since = first or until - _DAY
        if since > until or until - since > timedelta(days=366):
            raise Terminal(
                f"--from is {since}, --to is {until}; expected the first day before the last, at most a year."
            )
        if route and route not in versions_of(session, engagement_id(engagement)):
            raise Terminal(f"{code} has no patrol route {route!r}; `steward patrol list {code}` shows them.")
        judged = judged_rounds(session, engagement, since, until, now_of(engagement))
    zone = ZoneInfo(engagement.timezone)
    return [
        _shown(one, zone)
        for one in sorted(judged, key=lambda one: (one.round.starts_at, one.round.route))
        if (not route or one.round.route == route)
        and (not missed or one.state in (RoundState.MISSED, RoundState.INCOMPLETE))
    ]


def _shown(one: JudgedRound, zone: ZoneInfo) -> dict[str, Any]:
    in_window = sum(seen.state in (PointState.SEEN, PointState.LATE) for seen in one.points)
    return {
        "route": one.round.route,
        "day": one.round.day.isoformat(),
        "window": str(one.round.window),
        "state": one.state.value,
        "in_window": in_window,
        "points": len(one.points),
        "missed": list(one.codes(PointState.MISSED)) if one.state is not RoundState.OPEN else [],
        "outside": list(one.codes(PointState.OUTSIDE)),
        "late": list(one.codes(PointState.LATE)),
        "out_of_order": list(one.out_of_order),
        "repeats": one.repeats,
        "scans": [
            {
                "point": seen.point.code,
                "state": seen.state.value,
                "at": f"{seen.at.astimezone(zone):%Y-%m-%d %H:%M}",
                "by": seen.person,
            }
            for seen in one.points
            if seen.at is not None
        ],
    }
