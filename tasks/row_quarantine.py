"""Where do rows of a sheet stay that were not taken? One list for every kind of sheet (B1–B5, C2, C4, D2–D4)."""

from collections.abc import Sequence

from sqlmodel import Session, col, delete, select

from models.register import ImportRowDoubt
from models.upsert import insert_if_absent
from tasks.sheet_rows import RowDoubt, TableRead


def keep_doubts(
    session: Session, key: int, source: str, table: TableRead, doubts: Sequence[RowDoubt]
) -> bool:
    """Keep this file's doubts as they stand now; a row that is good by now is none any more.

    Args:
        session: the writing session.
        key: the engagement.
        source: people, certificates, training, roster, shifts, patrol, inspection, weather, camera, frame, paper, calls,
            limesurvey, telephone, vouchers or handover.
        table: the file as it was read.
        doubts: its rows that were not taken, with values that hold nothing personal.

    Returns:
        Whether anything changed.
    """
    of_file = (
        col(ImportRowDoubt.engagement_id) == key,
        col(ImportRowDoubt.source) == source,
        col(ImportRowDoubt.sha256) == table.sha256,
    )
    before = {(d.row, d.column, d.expected) for d in session.exec(select(ImportRowDoubt).where(*of_file))}
    if before == {(doubt.row, doubt.column, doubt.reason) for doubt in doubts}:
        return False
    session.exec(delete(ImportRowDoubt).where(*of_file))
    insert_if_absent(
        session,
        ImportRowDoubt,
        [
            {
                "engagement_id": key,
                "source": source,
                "sha256": table.sha256,
                "file_name": table.file,
                "sheet": table.sheet,
                "row": doubt.row,
                "column": doubt.column,
                "value": doubt.value,
                "expected": doubt.reason,
            }
            for doubt in doubts
        ],
    )
    return True
