"""How good was a zone found, what was to be put right, and was it? Records quality inspections (B3, B4)."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.inspection import InspectionMark, QualityInspection
from models.rules.field_records import Outcome
from models.rules.file_values import plain_text
from models.rules.handover_sheet import SheetColumn
from models.rules.quality import Score, score_of
from models.rules.written_instants import InstantDoubted, read_instant
from models.upsert import insert_if_absent
from models.work import WorkOrder
from reports.words import voice_of
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement, now_of
from tasks.findings import raise_corrective_order
from tasks.quality_zones import SITE, Zone, place_zone, zones_of
from tasks.references import is_known_person
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import RowDoubt, SheetRow, read_table
from tasks.work_records import FieldNote, complete_in, kept_text

INSPECTION_COLUMNS = (
    SheetColumn("sheet", "Sheet", "评分表", ("score sheet", "评分表编号")),
    SheetColumn("zone", "Zone", "区域", ("target", "place", "区域编号", "绿化组")),
    SheetColumn("at", "Time", "时间", ("at", "inspected at", "检查时间")),
    SheetColumn("by", "Person", "人员编号", ("by", "ref", "staff", "检查人")),
    SheetColumn("criterion", "Criterion", "评分项", ("item", "项目")),
    SheetColumn("mark", "Mark", "得分", ("score", "points", "分数")),
    SheetColumn("note", "Note", "备注", ("remark", "remarks", "说明")),
)
SERIES = "inspection:"
"""Series of the rework an inspection asked for begin so."""


class InspectionRefused(Terminal):
    """What was to be recorded about an inspection cannot be; the message says why."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(f"The inspection was not taken: {why}.")
        self.column, self.why = column, why


@dataclass(frozen=True)
class SaidInspection:
    """What a person says about a zone."""

    sheet: str
    zone: str
    staff_ref: str
    marks: dict[str, Decimal]
    at: datetime | None = None
    """The instant; a wall time is one of the engagement's zone. By default now, in a demonstration noon of its day."""
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class Inspected:
    """What became of an inspection."""

    new: bool
    score: Decimal
    passed: bool
    again: bool
    """It repeats one that failed."""
    rework: int | None
    """Number of the order that is to put right what failed."""
    closed: tuple[int, ...] = ()
    """Orders that it settled."""
    below: tuple[str, ...] = field(default=())


def record_inspection(code: str, said: SaidInspection) -> Inspected:
    """Record an inspection: what fails becomes rework with a due time, and passing again settles it.

    The same inspection said again changes nothing.

    Raises:
        InspectionRefused: no such zone or person, marks that do not fit the sheet, an instant to come, or another
            inspection of that zone at that instant.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        zones = {(z.sheet.code, z.code): z for z in zones_of(session, engagement, business_today(engagement))}
        return _record(session, engagement, zones, said)


Zones = dict[tuple[str, str], Zone]


def _record(session: Session, engagement: Engagement, zones: Zones, said: SaidInspection) -> Inspected:
    zone, at, score = _checked(session, engagement, zones, said)
    key = engagement_id(engagement)
    standing = session.exec(
        select(QualityInspection).where(
            QualityInspection.engagement_id == key,
            QualityInspection.sheet == zone.sheet.code,
            QualityInspection.target_code == zone.code,
        )
    ).all()
    same = next((row for row in standing if row.inspected_at == at), None)
    if same is not None:
        if marks_of(session, same) != said.marks or same.staff_ref != said.staff_ref:
            raise InspectionRefused(
                "at", f"{zone.code} was inspected by {zone.sheet.code} at that minute with other marks"
            )
        return Inspected(
            False, same.score, same.passed, same.reinspects is not None, same.work_order_id, below=score.below
        )
    before = max((row for row in standing if row.inspected_at < at), key=_when, default=None)
    root = None if before is None or before.passed else before.reinspects or before.id
    row = QualityInspection(
        engagement_id=key,
        sheet=zone.sheet.code,
        subject=zone.sheet.subject.value,
        target_kind=zone.kind,
        target_code=zone.code,
        inspected_on=at.astimezone(ZoneInfo(engagement.timezone)).date(),
        inspected_at=at,
        staff_ref=said.staff_ref,
        score=score.value,
        pass_mark=zone.sheet.pass_mark,
        passed=score.passed,
        reinspects=root,
        note=kept_text(said.note),
        source=said.source,
    )
    session.add(row)
    session.flush()
    insert_if_absent(
        session,
        InspectionMark,
        [{"inspection_id": row.id, "criterion": code, "mark": mark} for code, mark in said.marks.items()],
    )
    open_orders = _open_rework(session, key, root)
    closed: tuple[int, ...] = ()
    if score.passed:
        closed = _settle(session, engagement, open_orders, row)
    else:
        order = open_orders[0] if open_orders else _raise(session, engagement, zone, row, score)
        row.work_order_id = order.id
        session.add(row)
    detail = {"score": str(score.value), "passed": score.passed, "again": root is not None}
    record_event(
        session, key, "quality.inspected", f"{row.sheet}/{row.target_code}/{row.inspected_on}", detail
    )
    return Inspected(
        True, score.value, score.passed, root is not None, row.work_order_id, closed, score.below
    )


def _when(row: QualityInspection) -> tuple[datetime, int]:
    return row.inspected_at, row.id or 0


def _checked(
    session: Session, engagement: Engagement, zones: Zones, said: SaidInspection
) -> tuple[Zone, datetime, Score]:
    zone = zones.get((said.sheet, said.zone))
    whole = next((z for z in zones.values() if z.sheet.code == said.sheet and z.kind == SITE), None)
    if zone is None and whole is not None:
        zone = place_zone(session, engagement, whole, said.zone)
    if zone is None:
        known = [sheet_zone for sheet_zone in zones if sheet_zone[0] == said.sheet]
        if not known:
            raise InspectionRefused(
                "sheet",
                f"{said.sheet[:40]!r} is no sheet of a zone of the plan; expected one of: "
                + (", ".join(sorted({sheet for sheet, _zone in zones})) or "none, no plan is in force"),
            )
        raise InspectionRefused(
            "zone",
            f"{said.zone[:40]!r} is not judged by {said.sheet}; expected one of: "
            + ", ".join(code for _sheet, code in known)
            + ("" if whole is None else " or a place of the register"),
        )
    if not is_known_person(session, engagement_id(engagement), said.staff_ref):
        raise InspectionRefused(
            "by",
            "the person is no reference of this engagement; expected one of the staff or people table, never a name",
        )
    at = said.at
    if at is None and engagement.simulated_on is not None:
        at = datetime.combine(engagement.simulated_on, time(12))
    at = at or utc_now()
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(engagement.timezone))
    at = at.astimezone(UTC).replace(second=0, microsecond=0)
    if at > now_of(engagement):
        raise InspectionRefused(
            "at", f"{at.astimezone(ZoneInfo(engagement.timezone)):%Y-%m-%d %H:%M} is to come"
        )
    try:
        return zone, at, score_of(zone.sheet, said.marks)
    except ValueError as error:
        raise InspectionRefused("mark", str(error)) from error


def marks_of(session: Session, row: QualityInspection) -> dict[str, Decimal]:
    """What each criterion was given."""
    return {
        mark.criterion: mark.mark
        for mark in session.exec(select(InspectionMark).where(InspectionMark.inspection_id == row.id)).all()
    }


def _open_rework(session: Session, key: int, root: int | None) -> list[WorkOrder]:
    """The orders of a failed inspection and its repetitions that nobody has settled."""
    if root is None:
        return []
    return list(
        session.exec(
            select(WorkOrder)
            .join(QualityInspection, col(QualityInspection.work_order_id) == col(WorkOrder.id))
            .where(
                WorkOrder.engagement_id == key,
                (col(QualityInspection.id) == root) | (col(QualityInspection.reinspects) == root),
                WorkOrder.state == "released",
            )
            .order_by(col(WorkOrder.id))
            .distinct()
        ).all()
    )


def _raise(
    session: Session, engagement: Engagement, zone: Zone, row: QualityInspection, score: Score
) -> WorkOrder:
    """The order to put right what failed, linked to its inspection by its series."""
    voice, zone_of = voice_of(engagement), ZoneInfo(engagement.timezone)
    due_at = row.inspected_at + timedelta(hours=zone.sheet.rework_hours)
    local = row.inspected_at.astimezone(zone_of)
    series = f"{SERIES}{zone.sheet.code}:{local:%Y-%m-%dT%H:%M}"
    label = voice(zone.sheet.label.en, zone.sheet.label.zh)
    worst = f" ({', '.join(score.below)})" if score.below else ""
    again = voice("do again", "返工")
    raise_corrective_order(
        session,
        engagement_id(engagement),
        series=series,
        title=f"{label} {zone.code}, {again}: {score.value} < {zone.sheet.pass_mark}{worst}"
        if score.value < zone.sheet.pass_mark
        else f"{label} {zone.code}, {again}: {', '.join(score.below)}",
        target=(zone.kind, zone.code),
        clause=zone.clause,
        post_code=zone.post_code,
        on=row.inspected_on,
        priority="normal",
        respond_by=due_at,
        due_on=due_at.astimezone(zone_of).date(),
    )
    session.flush()
    return session.exec(
        select(WorkOrder).where(
            WorkOrder.engagement_id == engagement_id(engagement),
            WorkOrder.series == series,
            WorkOrder.target_code == zone.code,
        )
    ).one()


def _settle(
    session: Session, engagement: Engagement, orders: list[WorkOrder], row: QualityInspection
) -> tuple[int, ...]:
    """The look that passed is the record that the rework was done, where nobody had recorded it."""
    for order in orders:
        note = FieldNote(
            row.staff_ref,
            at=row.inspected_at,
            outcome=Outcome.PASSED,
            reading=f"{row.score}",
            note=f"inspection {row.sheet}/{row.target_code}",
        )
        complete_in(session, engagement, order, note)
    return tuple(order.id or 0 for order in orders)


def count_first_looks(session: Session, key: int, subject: str, first: date, last: date) -> tuple[int, int]:
    """(passed at the first look, first looks) of a subject in the days."""
    rows = session.exec(
        select(QualityInspection.passed, func.count())
        .where(
            QualityInspection.engagement_id == key,
            QualityInspection.subject == subject,
            col(QualityInspection.reinspects).is_(None),
            QualityInspection.inspected_on >= first,
            QualityInspection.inspected_on <= last,
        )
        .group_by(col(QualityInspection.passed))
    ).all()
    counts = dict(rows)
    return int(counts.get(True, 0)), sum(int(count) for count in counts.values())


def listed_inspections(
    code: str, month: tuple[date, date] | None = None, subject: str = "", *, open_only: bool = False
) -> list[dict[str, Any]]:
    """The inspections, newest first, with marks, rework and whether what failed has passed since.

    Args:
        code: the engagement.
        month: only those of these days.
        subject: only cleaning or greening.
        open_only: only failed ones that nothing passed after.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
        rows = session.exec(
            select(QualityInspection)
            .where(QualityInspection.engagement_id == key)
            .order_by(col(QualityInspection.inspected_at), col(QualityInspection.id))
        ).all()
        orders = dict(
            session.exec(
                select(WorkOrder.id, WorkOrder.state).where(
                    WorkOrder.engagement_id == key, col(WorkOrder.series).startswith(SERIES)
                )
            ).all()
        )
        passed_again = {row.reinspects for row in rows if row.passed and row.reinspects is not None}
        found = []
        for row in rows:
            root = row.reinspects or row.id
            still_open = not row.passed and root not in passed_again
            if month is not None and not month[0] <= row.inspected_on <= month[1]:
                continue
            if (subject and row.subject != subject) or (open_only and not still_open):
                continue
            found.append(
                {
                    "at": f"{row.inspected_at.astimezone(zone):%Y-%m-%d %H:%M}",
                    "sheet": row.sheet,
                    "zone": row.target_code,
                    "score": str(row.score),
                    "result": "passed" if row.passed else "failed",
                    "look": "first" if row.reinspects is None else "again",
                    "rework": row.work_order_id or "",
                    "rework_state": orders.get(row.work_order_id, "") if row.work_order_id else "",
                    "open": "yes" if still_open else "",
                    "by": row.staff_ref,
                    "marks": {code: str(mark) for code, mark in sorted(marks_of(session, row).items())},
                    "note": row.note,
                }
            )
        return found[::-1]


@dataclass(frozen=True)
class InspectionImport:
    """What became of a file: inspections = recorded + as before + not taken."""

    file: str
    inspections: int
    recorded: int
    as_before: int
    failed: int
    """Of those recorded."""
    doubts: tuple[RowDoubt, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return {**self.__dict__, "doubts": [doubt.__dict__ for doubt in self.doubts]}


def import_inspections(code: str, path: Path, *, dry_run: bool = False) -> InspectionImport:
    """Take in inspections, one criterion a row; an inspection with a row in doubt is not taken at all.

    Args:
        code: the engagement.
        path: CSV or workbook with Sheet, Zone, Time, Person, Criterion, Mark and, where wanted, Note.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a table.
    """
    table = read_table(path, INSPECTION_COLUMNS, ("sheet", "zone", "at", "by", "criterion", "mark"))
    with writing() as session:
        engagement = lock_engagement(session, code)
        zones = {(z.sheet.code, z.code): z for z in zones_of(session, engagement, business_today(engagement))}
        groups: dict[tuple[str, ...], list[SheetRow]] = {}
        for row in table.rows:
            of = tuple(plain_text(row.cells[name]) for name in ("sheet", "zone", "at", "by"))
            groups.setdefault(of, []).append(row)
        read = [_read(rows, ZoneInfo(engagement.timezone), table.sha256) for rows in groups.values()]
        doubts = [doubt for _said, found in read for doubt in found]
        results: list[Inspected] = []
        # In the order of time: a look that passes settles the one that failed before it.
        good = sorted(
            ((said, rows) for (said, _found), rows in zip(read, groups.values(), strict=True) if said),
            key=lambda one: (one[0].at or utc_now(), one[0].zone),
        )
        for said, rows in good:
            try:
                results.append(_record(session, engagement, zones, said))
            except InspectionRefused as refused:
                value = "" if refused.column in ("by", "mark") else kept_text(rows[0].cells[refused.column])
                doubts.append(RowDoubt(rows[0].number, refused.column, value[:80], refused.why))
        doubts.sort(key=lambda doubt: (doubt.row, doubt.column))
        if dry_run:
            session.rollback()  # tried in earnest, so that what it says is what would happen
        else:
            keep_doubts(session, engagement_id(engagement), "inspection", table, doubts)
        new = [result for result in results if result.new]
        return InspectionImport(
            table.file,
            len(groups),
            len(new),
            len(results) - len(new),
            sum(not result.passed for result in new),
            tuple(doubts),
        )


def _read(rows: list[SheetRow], zone: ZoneInfo, sha256: str) -> tuple[SaidInspection | None, list[RowDoubt]]:
    """The inspection of some rows, or what is in doubt about them."""
    first, doubts = rows[0], []
    at: datetime | None = None
    try:
        written = read_instant(first.cells["at"], "ymd", zone)
        if not written.timed:
            raise InstantDoubted("is a day without a time; expected both")
        at = written.at
    except InstantDoubted as doubted:
        doubts.append(RowDoubt(first.number, "at", kept_text(first.cells["at"])[:80], str(doubted)))
    marks: dict[str, Decimal] = {}
    for row in rows:
        criterion, written_mark = plain_text(row.cells["criterion"]), plain_text(row.cells["mark"])
        try:
            mark = Decimal(written_mark)
        except InvalidOperation:
            mark = Decimal("NaN")
        if not mark.is_finite() or not 0 <= mark <= 100 or len(written_mark) > 10:
            doubts.append(
                RowDoubt(row.number, "mark", kept_text(written_mark)[:80], "expected a mark from 0 to 100")
            )
        elif criterion in marks:
            doubts.append(
                RowDoubt(row.number, "criterion", criterion[:80], "stands twice in this inspection")
            )
        marks[criterion] = mark
    if doubts or at is None:
        return None, doubts
    note = next((row.cells["note"] for row in rows if row.cells.get("note")), "")
    said = SaidInspection(
        plain_text(first.cells["sheet"]),
        plain_text(first.cells["zone"]),
        plain_text(first.cells["by"]),
        marks,
        at,
        note,
        sha256,
    )
    return said, []
