"""Which rows of a file from the field were not taken? Kept as they stand now: a mended row is none any more."""

from collections.abc import Sequence

from sqlmodel import Session, col, delete, select

from models.upsert import insert_if_absent
from models.work import FieldRowDoubt
from tasks.sheet_rows import RowDoubt, TableRead


def keep_doubts(session: Session, key: int, kind: str, table: TableRead, doubts: Sequence[RowDoubt]) -> bool:
    """Keep the doubts about a file, instead of those the same file was given before.

    Args:
        session: the writing session.
        key: the engagement.
        kind: patrol, inspection, weather or camera.
        table: the file as it was read.
        doubts: what was not taken of it.

    Returns:
        Whether that changes anything.
    """
    mine = (
        col(FieldRowDoubt.engagement_id) == key,
        col(FieldRowDoubt.kind) == kind,
        col(FieldRowDoubt.sha256) == table.sha256,
    )
    before = {(d.row, d.column, d.expected) for d in session.exec(select(FieldRowDoubt).where(*mine)).all()}
    if before == {(d.row, d.column, d.reason) for d in doubts}:
        return False
    session.exec(delete(FieldRowDoubt).where(*mine))
    insert_if_absent(
        session,
        FieldRowDoubt,
        [
            {
                "engagement_id": key,
                "kind": kind,
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
