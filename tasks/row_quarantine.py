"""Where do rows of a sheet stay that were not taken? One list for every kind of sheet (A3, B1-B7, C2, C4, D2-D4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, delete, select

from models.register import ImportRowDoubt
from models.upsert import insert_if_absent
from tasks.long_tables import LongTable
from tasks.sheet_rows import RowDoubt, TableRead


@dataclass(frozen=True)
class DoubtedCell:
    """Where something stood that was not taken, and what was expected."""

    sheet: str
    row: int
    column: str
    value: str
    """Nothing personal."""
    expected: str


def keep_doubts(
    session: Session, key: int, source: str, table: TableRead | LongTable, doubts: Sequence[RowDoubt]
) -> bool:
    """As `keep_doubted_cells`, of a file with one table.

    Args:
        session: the writing session.
        key: the engagement.
        source: people, certificates, training, history, minutes, roster, shifts, work, patrol, inspection, weather, camera,
            frame, paper, calls, limesurvey, telephone, vouchers, bank, reasons or handover.
        table: the file as it was read.
        doubts: its rows that were not taken, with values that hold nothing personal.

    Returns:
        Whether anything changed.
    """
    cells = [DoubtedCell(table.sheet, d.row, d.column, d.value, d.reason) for d in doubts]
    return keep_doubted_cells(session, key, source, (table.file, table.sha256), cells)


def keep_doubted_cells(
    session: Session, key: int, source: str, file: tuple[str, str], doubts: Sequence[DoubtedCell]
) -> bool:
    """Keep a file's doubts as they stand now; a row that is good by now is none any more.

    Args:
        session: the writing session.
        key: the engagement.
        source: what the file is about.
        file: its name, and the SHA-256 of its bytes.
        doubts: what was not taken.

    Returns:
        Whether anything changed.
    """
    name, sha256 = file
    of_file = (
        col(ImportRowDoubt.engagement_id) == key,
        col(ImportRowDoubt.source) == source,
        col(ImportRowDoubt.sha256) == sha256,
    )
    before = {
        (d.sheet, d.row, d.column, d.expected) for d in session.exec(select(ImportRowDoubt).where(*of_file))
    }
    if before == {(doubt.sheet, doubt.row, doubt.column, doubt.expected) for doubt in doubts}:
        return False
    session.exec(delete(ImportRowDoubt).where(*of_file))
    about = {"engagement_id": key, "source": source, "sha256": sha256, "file_name": name}
    insert_if_absent(session, ImportRowDoubt, [about | vars(doubt) for doubt in doubts])
    return True
