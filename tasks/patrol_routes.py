"""Which patrol routes are there, with which points and windows, and which rounds follow from them? (B5)"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, delete, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.patrol import PatrolPoint, PatrolRoute, PatrolWindow
from models.rules.file_values import ValueDoubted, plain_text, read_count
from models.rules.handover_sheet import SheetColumn
from models.rules.patrols import DayWindow, PatrolRound, RoutePoint, read_windows, rounds_between
from models.service_plan import Commitment
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import RowDoubt, SheetRow, read_table

ROUTE_COLUMNS = (
    SheetColumn("route", "Route", "路线", ("route code", "路线编号", "巡更路线")),
    SheetColumn("name", "Name", "名称", ("route name", "路线名称")),
    SheetColumn("order", "Order", "顺序", ("no", "sequence", "序号")),
    SheetColumn("point", "Point", "巡更点", ("point code", "check point", "点位", "点位编号")),
    SheetColumn("place", "Place", "位置", ("where", "location", "地点")),
    SheetColumn("minutes", "Minutes", "限时（分钟）", ("allowed minutes", "限时", "限时(分钟)")),
    SheetColumn("windows", "Windows", "时间段", ("rounds", "times", "巡逻时段")),
    SheetColumn("series", "Planned work", "计划项", ("series", "commitment", "plan", "计划编号")),
)
PATROL_SUBJECT = "security_patrol"
MAX_CODE = 40
MAX_MINUTES = 24 * 60


@dataclass(frozen=True)
class RouteVersion:
    """A route as it holds from a day on; without points it is not walked any more."""

    code: str
    name: str
    valid_from: date
    points: tuple[RoutePoint, ...]
    windows: tuple[DayWindow, ...]
    series: str = ""
    """The planned work that its rounds are; empty if they settle no order."""


@dataclass(frozen=True)
class RouteImport:
    """What became of a file of routes."""

    file: str
    new: tuple[str, ...]
    as_before: tuple[str, ...]
    doubts: tuple[RowDoubt, ...]


def import_routes(code: str, path: Path, since: date | None = None, *, dry_run: bool = False) -> RouteImport:
    """Take in routes, one point a row; a route with a row in doubt is not taken at all.

    Args:
        code: the engagement.
        path: CSV or workbook with Route, Point, Windows and, where wanted, Name, Order, Place, Minutes, Planned work.
        since: the day from which they hold; by default the day after the business date.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a table.
        Terminal: rounds of that day were walked by another version of a route.
    """
    table = read_table(path, ROUTE_COLUMNS, ("route", "point", "windows"))
    with reading() if dry_run else writing() as session:
        engagement = find_engagement(session, code) if dry_run else lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        day = since or today + timedelta(days=1)
        standing = versions_of(session, key)
        routes, doubts = _routes_of(table.rows, day, _planned_patrols(session, key))
        new, same = [], []
        for route in routes:
            if _holds(standing.get(route.code, []), route):
                same.append(route.code)
                continue
            _refuse_past(standing.get(route.code, []), route, today)
            new.append(route.code)
            if not dry_run:
                keep_route(session, key, route)
        if not dry_run:
            keep_doubts(session, key, "patrol", table, doubts)
            if new:
                record_event(
                    session, key, "patrol.routes", table.sha256[:16], {"routes": len(new), "from": str(day)}
                )
        return RouteImport(table.file, tuple(new), tuple(same), tuple(doubts))


def end_route(code: str, route: str, since: date | None = None) -> bool:
    """From a day on a route is walked no more; what was walked before is judged as before.

    Raises:
        Terminal: no such route, or the day has passed.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        standing = versions_of(session, key).get(route)
        if standing is None:
            raise Terminal(f"{code} has no patrol route {route!r}; `steward patrol list {code}` shows them.")
        ended = RouteVersion(route, standing[-1].name, since or today + timedelta(days=1), (), ())
        if _holds(standing, ended):
            return False
        _refuse_past(standing, ended, today)
        keep_route(session, key, ended)
        record_event(session, key, "patrol.route_ended", route, {"from": str(ended.valid_from)})
        return True


def _holds(standing: list[RouteVersion], route: RouteVersion) -> bool:
    """Whether the newest version says just that, from that day or before."""
    last = standing[-1] if standing else None
    return last is not None and last.valid_from <= route.valid_from and _says(last) == _says(route)


def _says(route: RouteVersion) -> tuple[object, ...]:
    return route.name, route.points, route.windows, route.series


def _refuse_past(standing: list[RouteVersion], route: RouteVersion, today: date) -> None:
    """Only what is still to be walked may be changed; the first version of a route may begin on any day."""
    if standing and route.valid_from <= today:
        raise Terminal(
            f"--from is {route.valid_from}, but rounds of route {route.code} up to {today} were walked by the version "
            f"from {standing[-1].valid_from}; expected a day after {today}."
        )


def keep_route(session: Session, key: int, route: RouteVersion) -> None:
    """Write a version in place of those that would have held from its day or later."""
    later = session.exec(
        select(PatrolRoute.id).where(
            PatrolRoute.engagement_id == key,
            PatrolRoute.code == route.code,
            PatrolRoute.valid_from >= route.valid_from,
        )
    ).all()
    for table in (PatrolPoint, PatrolWindow):
        session.exec(delete(table).where(col(table.route_id).in_(later)))
    session.exec(delete(PatrolRoute).where(col(PatrolRoute.id).in_(later)))
    row = PatrolRoute(
        engagement_id=key,
        code=route.code,
        name=route.name,
        series=route.series,
        valid_from=route.valid_from,
    )
    session.add(row)
    session.flush()
    for position, point in enumerate(route.points, start=1):
        session.add(
            PatrolPoint(
                route_id=row.id or 0,
                position=position,
                code=point.code,
                place=point.place,
                minutes=point.minutes,
            )
        )
    for window in route.windows:
        session.add(
            PatrolWindow(route_id=row.id or 0, starts=f"{window.starts:%H:%M}", ends=f"{window.ends:%H:%M}")
        )


def versions_of(session: Session, key: int) -> dict[str, list[RouteVersion]]:
    """Every route with its versions, the oldest first."""
    rows = session.exec(
        select(PatrolRoute)
        .where(PatrolRoute.engagement_id == key)
        .order_by(PatrolRoute.code, col(PatrolRoute.valid_from))
    ).all()
    ids = [row.id for row in rows]
    points: dict[int, list[RoutePoint]] = {}
    for point in session.exec(
        select(PatrolPoint).where(col(PatrolPoint.route_id).in_(ids)).order_by(col(PatrolPoint.position))
    ).all():
        points.setdefault(point.route_id, []).append(RoutePoint(point.code, point.place, point.minutes))
    windows: dict[int, list[DayWindow]] = {}
    for window in session.exec(
        select(PatrolWindow).where(col(PatrolWindow.route_id).in_(ids)).order_by(col(PatrolWindow.starts))
    ).all():
        windows.setdefault(window.route_id, []).append(
            DayWindow(time.fromisoformat(window.starts), time.fromisoformat(window.ends))
        )
    found: dict[str, list[RouteVersion]] = {}
    for row in rows:
        key_of = row.id or 0
        found.setdefault(row.code, []).append(
            RouteVersion(
                row.code,
                row.name,
                row.valid_from,
                tuple(points.get(key_of, ())),
                tuple(windows.get(key_of, ())),
                row.series,
            )
        )
    return found


def series_on(versions: list[RouteVersion], day: date) -> str:
    """The planned work that the rounds of a route are on a day; empty if they settle no order."""
    return next((version.series for version in reversed(versions) if version.valid_from <= day), "")


def rounds_of(
    engagement: Engagement, versions: list[RouteVersion], first: date, last: date
) -> list[PatrolRound]:
    """The rounds of one route that begin from `first` to `last` within the term, each by the version of its day."""
    zone = ZoneInfo(engagement.timezone)
    first, last = max(first, engagement.term_start), min(last, engagement.last_day)
    found: list[PatrolRound] = []
    for place, version in enumerate(versions):
        until = versions[place + 1].valid_from - timedelta(days=1) if place + 1 < len(versions) else last
        days = (max(first, version.valid_from), min(last, until))
        found += rounds_between(version.code, version.points, version.windows, days, zone)
    return found


def listed_routes(code: str, on: date | None = None) -> list[dict[str, Any]]:
    """The routes that hold on a day or will, one row for each point in the order of the walk."""
    with reading() as session:
        engagement = find_engagement(session, code)
        day = on or business_today(engagement)
        found = []
        for versions in versions_of(session, engagement_id(engagement)).values():
            for place, version in enumerate(versions):
                if place + 1 < len(versions) and versions[place + 1].valid_from <= day:
                    continue  # its place was taken
                found += [
                    {
                        "route": version.code,
                        "name": version.name,
                        "from": version.valid_from.isoformat(),
                        "windows": "; ".join(map(str, version.windows)),
                        "series": version.series,
                        "order": position,
                        "point": point.code,
                        "place": point.place,
                        "minutes": "" if point.minutes is None else point.minutes,
                    }
                    for position, point in enumerate(version.points, start=1)
                ] or [{"route": version.code, "name": version.name, "from": version.valid_from.isoformat(), "windows": "not walked any more", "series": "", "order": "", "point": "", "place": "", "minutes": ""}]  # fmt: skip
        return found


def _planned_patrols(session: Session, key: int) -> list[str]:
    """The codes of the patrols that the plans of the engagement ask for."""
    return sorted(
        session.exec(
            select(Commitment.code)
            .where(Commitment.engagement_id == key, Commitment.subject == PATROL_SUBJECT)
            .distinct()
        ).all()
    )


def _routes_of(
    rows: tuple[SheetRow, ...], since: date, planned: Sequence[str]
) -> tuple[list[RouteVersion], list[RowDoubt]]:
    """The routes of a file that can be taken whole, and what is in doubt."""
    doubts: list[RowDoubt] = []
    by_route: dict[str, list[SheetRow]] = {}
    for row in rows:
        route = plain_text(row.cells["route"])
        if not 1 <= len(route) <= MAX_CODE:
            doubts.append(
                RowDoubt(row.number, "route", route[:80], f"expected the code of a route, 1 to {MAX_CODE} characters")
            )  # fmt: skip
            continue
        by_route.setdefault(route, []).append(row)
    found = []
    for route, mine in by_route.items():
        read = _OneRoute(mine, planned)
        if read.doubts:
            first = mine[0].number
            doubts += read.doubts
            if all(doubt.row != first for doubt in read.doubts):
                doubts.append(RowDoubt(first, "route", route, "not taken: a row of the route is in doubt"))
        else:
            found.append(RouteVersion(route, read.name, since, read.points, read.windows, read.series))
    return found, sorted(doubts, key=lambda doubt: (doubt.row, doubt.column))


class _OneRoute:
    """Reads the rows of one route; what is wrong with any of them is kept."""

    def __init__(self, rows: list[SheetRow], planned: Sequence[str]) -> None:
        self.doubts: list[RowDoubt] = []
        self.series = self._series(rows, planned)
        self.name = next((plain_text(r.cells.get("name", "")) for r in rows if r.cells.get("name")), "")[:80]
        self.windows = self._windows(rows)
        seen: dict[str, int] = {}
        ranked: list[tuple[int, int, RoutePoint]] = []
        orders: dict[int, int] = {}
        for place, row in enumerate(rows, start=1):
            point = plain_text(row.cells["point"])
            if not 1 <= len(point) <= MAX_CODE:
                self._doubt(row, "point", f"expected the code of a point, 1 to {MAX_CODE} characters")
                continue
            if point in seen:
                self._doubt(row, "point", f"stands in row {seen[point]} of the same route already")
            seen.setdefault(point, row.number)
            minutes = self._count(row, "minutes", MAX_MINUTES)
            order = self._count(row, "order", 10_000)
            if order is not None and order in orders:
                self._doubt(row, "order", f"stands in row {orders[order]} of the same route already")
            elif order is not None:
                orders[order] = row.number
            ranked.append(
                (
                    place if order is None else order,
                    place,
                    RoutePoint(point, plain_text(row.cells.get("place", ""))[:80], minutes),
                )
            )
        if orders and len(orders) < len(ranked) and not self.doubts:
            bare = next(row for row in rows if not row.cells.get("order"))
            self._doubt(bare, "order", "is empty, but other rows of the route have one; expected all or none")
        self.points = tuple(point for _order, _place, point in sorted(ranked, key=lambda one: one[:2]))

    def _windows(self, rows: list[SheetRow]) -> tuple[DayWindow, ...]:
        said: tuple[DayWindow, ...] = ()
        for row in rows:
            if not row.cells["windows"]:
                continue
            try:
                windows = read_windows(row.cells["windows"])
            except ValueDoubted as doubted:
                self._doubt(row, "windows", str(doubted))
                continue
            if said and windows != said:
                self._doubt(row, "windows", f"differs from {'; '.join(map(str, said))} in a row before")
            said = said or windows
        if not said and not self.doubts:
            self._doubt(
                rows[0], "windows", "is empty; expected the times of the rounds, such as 22:00-23:00; 02:00-03:00"
            )  # fmt: skip
        return said

    def _series(self, rows: list[SheetRow], planned: Sequence[str]) -> str:
        said = ""
        for row in rows:
            series = plain_text(row.cells.get("series", ""))
            if series and series not in planned:
                known = ", ".join(planned) or "none: the plan has no patrols"
                self._doubt(row, "series", f"is no patrol of the plan; expected one of: {known}")
            elif series and said and series != said:
                self._doubt(row, "series", f"differs from {said} in a row before")
            said = said or series
        return said

    def _count(self, row: SheetRow, column: str, most: int) -> int | None:
        try:
            return read_count(row.cells.get(column, ""), most)
        except ValueDoubted as doubted:
            self._doubt(row, column, str(doubted))
            return None

    def _doubt(self, row: SheetRow, column: str, reason: str) -> None:
        self.doubts.append(RowDoubt(row.number, column, plain_text(row.cells.get(column, ""))[:80], reason))
