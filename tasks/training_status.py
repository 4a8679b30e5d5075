"""Who has passed which module of the pre-job training, and what is still missing before duty? (B1)"""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.rules.file_values import ValueDoubted, plain_text, read_amount, read_date
from models.rules.handover_sheet import SheetColumn
from models.service_plan import TrainingModule
from models.staff import StaffMember, TrainingRecord
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.mobilisation import keep_training
from tasks.plans_in_force import plan_in_force
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import CellDoubted, RowsTaken, judge_rows, read_table

TRAINING_COLUMNS = (
    SheetColumn("ref", "Ref", "编号", ("staff", "staff ref", "reference", "员工编号", "人员编号")),
    SheetColumn("module", "Module", "课程", ("training", "module code", "培训课程", "课程编号")),
    SheetColumn("date", "Date", "日期", ("held on", "培训日期")),
    SheetColumn("score", "Score", "成绩", ("result", "per cent", "分数")),
)


def import_training(code: str, path: Path, *, dry_run: bool = False) -> RowsTaken:
    """Take in attendance and test results, one a row; the same sheet again changes nothing.

    Args:
        code: the engagement.
        path: CSV or workbook with the columns Ref, Module, Date, Score (per cent).
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a sheet.
    """
    table = read_table(path, TRAINING_COLUMNS, ("ref", "module", "date", "score"))
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        modules = {module.code for module in _modules(session, key)}
        read, doubts = judge_rows(table, lambda row: _read(row.cells, modules, today))
        by_day: dict[date, list[tuple[str, str, Decimal]]] = {}
        for day, result in read:
            by_day.setdefault(day, []).append(result)
        new = sum(keep_training(session, engagement, results, day) for day, results in sorted(by_day.items()))
        if dry_run:
            session.rollback()  # tried in earnest, so that what it says is what would happen
        elif keep_doubts(session, key, "training", table, doubts) or new:
            detail = {"new": new, "not_taken": len(doubts)}
            record_event(session, key, "training.imported", table.sha256[:16], detail)
        return RowsTaken(table.file, len(table.rows), new, len(read) - new, tuple(doubts))


def _read(cells: dict[str, str], modules: set[str], today: date) -> tuple[date, tuple[str, str, Decimal]]:
    ref, module = plain_text(cells["ref"]), plain_text(cells["module"])
    if not 1 <= len(ref) <= 64:
        raise CellDoubted("ref", "expected the reference of a person, 1 to 64 characters")
    if module not in modules:
        raise CellDoubted(
            "module", f"is no module of the plan; expected one of: {', '.join(sorted(modules))}"
        )
    try:
        day = read_date(cells["date"], today)
    except ValueDoubted as error:
        raise CellDoubted("date", str(error)) from error
    try:
        score = read_amount(cells["score"].removesuffix("%"))
    except ValueDoubted as error:
        raise CellDoubted("score", str(error)) from error
    if score is None or score > 100:
        raise CellDoubted("score", "expected a score from 0 to 100 per cent")
    return day, (ref, module, score)


def training_matrix(code: str) -> tuple[list[dict[str, Any]], int, int]:
    """Person by module: passed, failed, missing, or empty where the post does not need it.

    Returns:
        The rows, and how many of how many needed modules are passed (none needed is 0 of 0, not everything).
    """
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        modules, results = _modules(session, key), _results(session, key)
        rows: list[dict[str, Any]] = []
        passed = needed = 0
        for member in _members(session, key):
            row: dict[str, Any] = {"ref": member.ref, "post": member.post_code}
            for module in modules:
                state = results.get((member.ref, module.code))
                if member.post_code in module.posts:
                    needed += 1
                    passed += state is True
                    row[module.code] = {True: "passed", False: "failed", None: "missing"}[state]
                else:
                    row[module.code] = ""
            rows.append(row)
        return rows, passed, needed


def missing_modules(session: Session, key: int) -> dict[str, list[str]]:
    """The modules each person on a post has still to pass; who has passed all is left out."""
    modules, results = _modules(session, key), _results(session, key)
    found = {
        member.ref: [
            module.code
            for module in modules
            if member.post_code in module.posts and results.get((member.ref, module.code)) is not True
        ]
        for member in _members(session, key)
    }
    return {ref: missing for ref, missing in found.items() if missing}


def _members(session: Session, key: int) -> list[StaffMember]:
    return list(
        session.exec(
            select(StaffMember)
            .where(StaffMember.engagement_id == key, col(StaffMember.left_on).is_(None))
            .order_by(StaffMember.post_code, StaffMember.ref)
        ).all()
    )


def _results(session: Session, key: int) -> dict[tuple[str, str], bool]:
    """Whether any attempt was passed, for each person and module that was attended."""
    found: dict[tuple[str, str], bool] = {}
    for row in session.exec(select(TrainingRecord).where(TrainingRecord.engagement_id == key)).all():
        place = (row.staff_ref, row.module_code)
        found[place] = found.get(place, False) or row.passed
    return found


def _modules(session: Session, key: int) -> list[TrainingModule]:
    return list(
        session.exec(
            select(TrainingModule)
            .where(TrainingModule.plan_id == plan_in_force(session, key))
            .order_by(TrainingModule.code)
        ).all()
    )
