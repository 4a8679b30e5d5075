"""Which cameras record a usable picture, since when not, and who repairs them? The log of the CCTV system (B5)."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.camera_limit_files import load_camera_limits
from models.catalogue_files import load_catalogue
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.inspection import CameraCheck
from models.register import Asset
from models.rules.cameras import CameraFault, CameraState, faults_of, is_camera
from models.rules.elements import ElementClass
from models.rules.file_values import ValueDoubted, plain_text, read_count, read_date
from models.rules.handover_sheet import SheetColumn, word_key
from models.work import WorkOrder
from reports.words import voice_of
from tasks.engagements import (
    business_today,
    engagement_id,
    engagement_of,
    find_engagement,
    lock_engagement,
)
from tasks.findings import CAMERA_FAULT, raise_corrective_order, take_out_of_order
from tasks.orders_from_logs import LogEvidence, settle_from_log
from tasks.references import is_known_person
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import RowDoubt, SheetRow, read_table
from tasks.work_records import call_off_repair, kept_text

CAMERA_COLUMNS = (
    SheetColumn("camera", "Camera", "摄像机", ("asset", "tag", "摄像头", "设备编号")),
    SheetColumn("day", "Day", "日期", ("date", "on")),
    SheetColumn("recording", "Recording", "录像", ("录像正常",)),
    SheetColumn("picture", "Picture", "图像", ("图像正常", "画面")),
    SheetColumn("drift", "Drift s", "时钟偏差", ("drift", "clock drift", "时钟偏差(秒)")),
    SheetColumn("retained", "Days retained", "保存天数", ("retained", "retention", "录像保存天数")),
    SheetColumn("by", "Person", "人员编号", ("by", "ref", "staff", "检查人")),
    SheetColumn("note", "Note", "备注", ("remark", "remarks", "说明")),
)
GOOD_WORDS = {"yes": ("yes", "y", "ok", "true", "1", "是", "正常", "有"), "no": ("no", "n", "false", "0", "fault", "否", "异常", "无", "故障")}  # fmt: skip
CHECK_SUBJECT = "cctv_check"
"""Of the planned checks of the cameras."""
MOST_DRIFT, MOST_DAYS = 10_000_000, 3_650
_FAULTS = {
    CameraFault.RECORDING: ("does not record", "不录像"),
    CameraFault.PICTURE: ("no usable picture", "图像异常"),
    CameraFault.CLOCK: ("clock is off by {drift} s", "时钟偏差{drift}秒"),
    CameraFault.RETENTION: ("keeps {days} days only", "仅保存{days}天"),
}


@dataclass(frozen=True)
class SaidCamera:
    """What a person found at a camera; the day is the business date where none is said."""

    camera: str
    state: CameraState
    staff_ref: str
    on: date | None = None
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class CameraRecorded:
    """What became of it."""

    new: bool
    faults: tuple[str, ...]
    raised: tuple[str, ...] = ()
    """The faults for which a repair was asked for now; for the others one is open."""
    settled: int = 0
    """Orders of the plan that are done: every camera was looked at."""


class CameraRefused(Terminal):
    """What was to be recorded about a camera cannot be; the message says why."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(f"The camera check was not taken: {why}.")
        self.column, self.why = column, why


@dataclass(frozen=True)
class CameraImport:
    """What became of a file: rows = recorded + as before + not taken."""

    file: str
    rows: int
    recorded: int
    as_before: int
    faulty: int
    """Of those recorded."""
    doubts: tuple[RowDoubt, ...]
    settled: int = 0
    """Orders of the plan that are done by them."""

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return {**self.__dict__, "doubts": [doubt.__dict__ for doubt in self.doubts]}


def record_camera(code: str, said: SaidCamera) -> CameraRecorded:
    """Record how a camera was found; a fault becomes a repair, of which there is one until it is done.

    Another entry for the same day takes the place of the first: a repair it had asked for in error is called off.

    Raises:
        CameraRefused: no such camera or person, or a day to come or before the term.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        cameras = cameras_of(session, engagement_id(engagement))
        found = _record(session, engagement, cameras, said)
        if not found.new:
            return found
        day = said.on or business_today(engagement)
        return replace(found, settled=_settle_orders(session, engagement, cameras, day))


def cameras_of(session: Session, key: int) -> dict[str, Asset]:
    """The cameras of the register by their tag."""
    limits = load_camera_limits()
    assets = session.exec(select(Asset).where(Asset.engagement_id == key).order_by(Asset.tag)).all()
    return {a.tag: a for a in assets if is_camera(limits, a.element_class, a.name, a.type_name)}


def _record(
    session: Session, engagement: Engagement, cameras: dict[str, Asset], said: SaidCamera
) -> CameraRecorded:
    key, today = engagement_id(engagement), business_today(engagement)
    if said.camera not in cameras:
        known = ", ".join(list(cameras)[:10]) or "none"
        raise CameraRefused(
            "camera", f"{said.camera[:40]!r} is no camera of the register; expected one of: {known}"
        )
    if not is_known_person(session, key, said.staff_ref):
        raise CameraRefused(
            "by",
            "the person is no reference of this engagement; expected one of the staff or people table, never a name",
        )
    on = said.on or today
    if not engagement.term_start <= on <= today:
        raise CameraRefused("day", f"{on} is no day of the log; expected {engagement.term_start} to {today}")
    before = session.exec(
        select(CameraCheck)
        .where(
            CameraCheck.engagement_id == key,
            CameraCheck.asset_tag == said.camera,
            CameraCheck.checked_on == on,
        )
        .order_by(col(CameraCheck.sequence).desc())
    ).first()
    faults = faults_of(said.state, load_camera_limits())
    names = tuple(fault.value for fault in faults)
    if before is not None and _state_of(before) == said.state and before.staff_ref == said.staff_ref:
        return CameraRecorded(False, names)
    session.add(
        CameraCheck(
            engagement_id=key,
            asset_tag=said.camera,
            checked_on=on,
            sequence=1 if before is None else before.sequence + 1,
            recording=said.state.recording,
            picture=said.state.picture,
            drift_seconds=said.state.drift_seconds,
            days_retained=said.state.days_retained,
            healthy=not faults,
            faults=", ".join(names),
            staff_ref=said.staff_ref,
            note=kept_text(said.note),
            source=said.source,
            recorded_at=utc_now(),
        )
    )
    session.flush()
    if before is not None:
        for fault in set(before.faults.split(", ")) - {*names, ""}:
            call_off_repair(
                session, engagement, f"{CAMERA_FAULT}{fault}:{on}", said.camera, "another entry for the day"
            )
    raised = [f for f in faults if not _is_open(session, key, said.camera, f)]
    for fault in raised:
        _raise(session, engagement, said, fault, on)
    detail = {"faults": ", ".join(names), "raised": len(raised)}
    record_event(session, key, "camera.checked", f"{said.camera}/{on}", detail)
    return CameraRecorded(True, names, tuple(fault.value for fault in raised))


def _settle_orders(session: Session, engagement: Engagement, cameras: dict[str, Asset], on: date) -> int:
    """The planned check of a day is done once every camera was looked at, whatever was found."""
    checks = newest_checks(session, engagement_id(engagement), on, on)
    if not set(cameras) <= {check.asset_tag for check in checks}:
        return 0
    last = max(checks, key=lambda check: check.id or 0)
    faulty = sum(not check.healthy for check in checks)
    note = voice_of(engagement)(
        f"{len(checks)} cameras seen, {faulty} with a fault", f"检查摄像机{len(checks)}台，异常{faulty}台"
    )
    evidence = LogEvidence(on, last.staff_ref, note)
    return settle_from_log(session, engagement, evidence, subject=CHECK_SUBJECT)


def _state_of(row: CameraCheck) -> CameraState:
    return CameraState(row.recording, row.picture, row.drift_seconds, row.days_retained)


def _is_open(session: Session, key: int, tag: str, fault: CameraFault) -> bool:
    found = session.exec(
        select(WorkOrder.id).where(
            WorkOrder.engagement_id == key,
            WorkOrder.target_code == tag,
            WorkOrder.state == "released",
            col(WorkOrder.series).startswith(f"{CAMERA_FAULT}{fault.value}:"),
        )
    ).first()
    return found is not None


def _raise(session: Session, engagement: Engagement, said: SaidCamera, fault: CameraFault, on: date) -> None:
    limits, zone = load_camera_limits(), ZoneInfo(engagement.timezone)
    what = voice_of(engagement)(*_FAULTS[fault]).format(
        drift=said.state.drift_seconds, days=said.state.days_retained
    )
    due_at = datetime.combine(on, time(0), zone).astimezone(UTC) + timedelta(hours=limits.repair_hours)
    due_on = on + timedelta(days=-(-limits.repair_hours // 24))
    key = engagement_id(engagement)
    raise_corrective_order(
        session,
        key,
        series=f"{CAMERA_FAULT}{fault.value}:{on}",
        title=f"{said.camera}: {what}",
        target=("asset", said.camera),
        clause="B5",
        post_code=load_catalogue().class_work[ElementClass.SECURITY].post,
        on=on,
        priority="normal",
        respond_by=due_at,
        due_on=due_on,
    )
    take_out_of_order(session, key, said.camera)


def import_cameras(code: str, path: Path, *, dry_run: bool = False) -> CameraImport:
    """Take in checks of cameras, one a row; good rows are kept once, bad ones named.

    Args:
        code: the engagement.
        path: CSV or workbook with Camera, Day, Recording, Picture, Person and, where looked at, Drift s, Days retained.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a table.
    """
    table = read_table(path, CAMERA_COLUMNS, ("camera", "day", "recording", "picture", "by"))
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        cameras, today = cameras_of(session, key), business_today(engagement)
        results: list[CameraRecorded] = []
        days: set[date] = set()
        doubts: list[RowDoubt] = []
        seen: dict[tuple[str, date | None], int] = {}
        for row in table.rows:
            said = _read(row, today, table.sha256)
            if isinstance(said, SaidCamera) and (said.camera, said.on) in seen:
                where = seen[said.camera, said.on]
                said = RowDoubt(
                    row.number, "camera", said.camera[:80], f"stands in row {where} for that day already"
                )
            if isinstance(said, RowDoubt):
                doubts.append(said)
                continue
            seen[said.camera, said.on] = row.number
            try:
                results.append(_record(session, engagement, cameras, said))
                if results[-1].new:
                    days.add(said.on or today)
            except CameraRefused as refused:
                value = "" if refused.column == "by" else kept_text(row.cells[refused.column])[:80]
                doubts.append(RowDoubt(row.number, refused.column, value, refused.why))
        settled = sum(_settle_orders(session, engagement, cameras, day) for day in sorted(days))
        if dry_run:
            session.rollback()  # tried in earnest, so that what it says is what would happen
        else:
            keep_doubts(session, key, "camera", table, doubts)
        new = [result for result in results if result.new]
        return CameraImport(
            table.file,
            len(table.rows),
            len(new),
            len(results) - len(new),
            sum(bool(result.faults) for result in new),
            tuple(doubts),
            settled,
        )


def _read(row: SheetRow, today: date, sha256: str) -> SaidCamera | RowDoubt:
    def doubt(column: str, reason: str) -> RowDoubt:
        return RowDoubt(row.number, column, kept_text(row.cells.get(column, ""))[:80], reason)

    try:
        day = read_date(row.cells["day"], today)
    except ValueDoubted as doubted:
        return doubt("day", str(doubted))
    good: dict[str, bool] = {}
    for column in ("recording", "picture"):
        word = word_key(row.cells[column], GOOD_WORDS)
        if word is None:
            return doubt(column, "expected yes or no")
        good[column] = word == "yes"
    figures: dict[str, int | None] = {}
    for column, most in (("drift", MOST_DRIFT), ("retained", MOST_DAYS)):
        text = plain_text(row.cells.get(column, ""))
        try:  # a clock may be slow as well as fast
            figures[column] = read_count(text.lstrip("+-") if column == "drift" else text, most)
        except ValueDoubted as doubted:
            return doubt(column, str(doubted))
        if text.startswith("-"):
            figures[column] = -(figures[column] or 0)
    state = CameraState(good["recording"], good["picture"], figures["drift"], figures["retained"])
    return SaidCamera(
        plain_text(row.cells["camera"]),
        state,
        plain_text(row.cells["by"]),
        day,
        row.cells.get("note", ""),
        sha256,
    )


def newest_checks(session: Session, key: int, first: date, last: date) -> list[CameraCheck]:
    """The entry that counts of each camera and day, by camera and day."""
    rows = session.exec(
        select(CameraCheck)
        .where(
            CameraCheck.engagement_id == key,
            CameraCheck.checked_on >= first,
            CameraCheck.checked_on <= last,
        )
        .order_by(CameraCheck.asset_tag, col(CameraCheck.checked_on), col(CameraCheck.sequence))
    ).all()
    return list({(row.asset_tag, row.checked_on): row for row in rows}.values())


def due_checks(
    session: Session, key: int, first: date, last: date
) -> dict[tuple[str, date], CameraCheck | None]:
    """The checks of cameras that count, one for each camera and day; None where nobody looked.

    From the first entry of the log on, a camera that nobody looked at on a day for which the plan asks counts as due:
    what is not seen is not healthy.
    """
    since = session.exec(
        select(func.min(col(CameraCheck.checked_on))).where(CameraCheck.engagement_id == key)
    ).one()
    if since is None:
        return {}
    asked = session.exec(
        select(col(WorkOrder.due_on))
        .where(
            WorkOrder.engagement_id == key,
            WorkOrder.subject == CHECK_SUBJECT,
            WorkOrder.due_on >= max(first, since),
            WorkOrder.due_on <= last,
            WorkOrder.latest_on < business_today(engagement_of(session, key)),
            WorkOrder.state != "skipped",
        )
        .distinct()
    ).all()
    due: dict[tuple[str, date], CameraCheck | None] = {
        (tag, day): None for tag in cameras_of(session, key) for day in asked
    }
    due.update({(row.asset_tag, row.checked_on): row for row in newest_checks(session, key, first, last)})
    return due


def count_healthy(session: Session, key: int, first: date, last: date) -> tuple[int, int]:
    """(healthy, due) of the checks of cameras, one for each camera and day."""
    due = due_checks(session, key, first, last)
    return sum(row is not None and row.healthy for row in due.values()), len(due)


def camera_states(code: str, on: date | None = None, *, faulty: bool = False) -> list[dict[str, Any]]:
    """Every camera of the register as it was found on a day, by default the business date.

    Args:
        code: the engagement.
        on: the day.
        faulty: only those that were found with a fault, or that nobody looked at.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key, day = engagement_id(engagement), on or business_today(engagement)
        checks: dict[str, list[CameraCheck]] = {}
        for row in newest_checks(session, key, engagement.term_start, day):
            checks.setdefault(row.asset_tag, []).append(row)
        repairs: dict[str, list[str]] = {}
        for number, tag in session.exec(
            select(WorkOrder.id, WorkOrder.target_code)
            .where(
                WorkOrder.engagement_id == key,
                WorkOrder.state == "released",
                col(WorkOrder.series).startswith(CAMERA_FAULT),
            )
            .order_by(col(WorkOrder.id))
        ).all():
            repairs.setdefault(tag, []).append(str(number))
        found = []
        for tag, asset in cameras_of(session, key).items():
            log = checks.get(tag, [])
            today = log[-1] if log and log[-1].checked_on == day else None
            if faulty and today is not None and today.healthy:
                continue
            healthy = [row.checked_on for row in log if row.healthy]
            found.append(
                {
                    "camera": tag,
                    "place": asset.place_code,
                    "state": "not checked" if today is None else "healthy" if today.healthy else "fault",
                    "faults": "" if today is None else today.faults,
                    "drift_s": "" if today is None or today.drift_seconds is None else today.drift_seconds,
                    "days_kept": "" if today is None or today.days_retained is None else today.days_retained,
                    "last_check": log[-1].checked_on.isoformat() if log else "",
                    "last_healthy": healthy[-1].isoformat() if healthy else "",
                    "repairs": ", ".join(repairs.get(tag, ())),
                }
            )
        return found


def camera_history(code: str, camera: str) -> list[dict[str, Any]]:
    """Every entry about a camera, newest first; which one counts.

    Raises:
        CameraRefused: the register has no such camera.
    """
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        cameras = cameras_of(session, key)
        if camera not in cameras:
            raise Terminal(
                f"{camera[:40]!r} is no camera of the register; expected one of: {', '.join(cameras) or 'none'}."
            )
        rows = session.exec(
            select(CameraCheck)
            .where(CameraCheck.engagement_id == key, CameraCheck.asset_tag == camera)
            .order_by(col(CameraCheck.checked_on).desc(), col(CameraCheck.sequence).desc())
        ).all()
    counted: set[date] = set()
    found = []
    for row in rows:
        found.append(
            {
                "day": row.checked_on.isoformat(),
                "recording": "yes" if row.recording else "no",
                "picture": "yes" if row.picture else "no",
                "drift_s": "" if row.drift_seconds is None else row.drift_seconds,
                "days_kept": "" if row.days_retained is None else row.days_retained,
                "faults": row.faults,
                "counts": "" if row.checked_on in counted else "yes",
                "by": row.staff_ref,
                "note": row.note,
            }
        )
        counted.add(row.checked_on)
    return found
