"""Which rows of files from outside were not taken, and what was expected instead?"""

from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session, col, select

from models.condition import ConditionImport, ConditionRejection
from models.db import reading
from models.register import ImportRowDoubt, QuarantinedRow, RegisterImport
from tasks.engagements import engagement_id, find_engagement


@dataclass(frozen=True)
class QuarantinedCell:
    """A row that was not taken, or a cell that was doubted."""

    source: str
    """`register`, `condition` (the survey form), `history` (past maintenance), `minutes`, `work` (work sheets), or by
    its kind any other sheet: `certificates`, `training`, `roster`, `shifts`, `patrol`, `inspection`, `weather`, `camera`,
    `people`, `frame`, `paper`, `calls` (of a survey); `mailbox` (a mail, its row is the number the server gives it)."""
    file: str
    sheet: str
    row: int
    column: str
    value: str
    expected: str

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self)


def quarantine_of(code: str) -> list[QuarantinedCell]:
    """Everything an engagement's files held that was not taken, by source, file, sheet and row."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        cells = [
            *_register(session, key),
            *_condition(session, key),
            *_sheets(session, key),
        ]
    return sorted(cells, key=lambda cell: (cell.source, cell.file, cell.sheet, cell.row, cell.column))


def _register(session: Session, key: int) -> list[QuarantinedCell]:
    rows = session.exec(
        select(QuarantinedRow, RegisterImport.file_name)
        .join(RegisterImport)
        .where(RegisterImport.engagement_id == key)
    )
    return [
        QuarantinedCell("register", file, r.sheet, r.row, r.column, r.value, r.reason) for r, file in rows
    ]


def _condition(session: Session, key: int) -> list[QuarantinedCell]:
    rows = session.exec(
        select(ConditionRejection, ConditionImport.file_name)
        .join(ConditionImport, col(ConditionImport.id) == ConditionRejection.condition_import_id)
        .where(ConditionImport.engagement_id == key)
    )
    return [
        QuarantinedCell("condition", file, r.sheet, r.row, r.column, r.value, r.expected) for r, file in rows
    ]


def _sheets(session: Session, key: int) -> list[QuarantinedCell]:
    rows = session.exec(select(ImportRowDoubt).where(ImportRowDoubt.engagement_id == key))
    return [
        QuarantinedCell(r.source, r.file_name, r.sheet, r.row, r.column, r.value, r.expected) for r in rows
    ]
