"""How is a set of rows written so that writing it twice changes nothing? Insert-if-absent, both databases."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

_ROWS_AT_ONCE = 500


def insert_if_absent(session: Session, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> int:
    """Insert those rows whose natural key is not there yet, in one statement per 500 rows.

    Args:
        session: the writing session.
        table: the table's class.
        rows: column values; every row has the same columns.

    Returns:
        How many rows were new.
    """
    insert = _insert(session)
    inserted = 0
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        chunk = list(rows[start : start + _ROWS_AT_ONCE])
        result = session.connection().execute(
            insert(table).values(chunk).on_conflict_do_nothing(),
            # Else the count of an INSERT is not kept, and on PostgreSQL nothing would ever seem new.
            execution_options={"preserve_rowcount": True},
        )
        inserted += max(result.rowcount, 0)
    return inserted


def insert_all_if_absent(session: Session, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """As `insert_if_absent`, for very many rows whose number nobody asks: one prepared statement."""
    if rows:
        session.connection().execute(_insert(session)(table).on_conflict_do_nothing(), list(rows))


def insert_selected_if_absent(
    session: Session, table: type[SQLModel], columns: Sequence[str], rows: Select[Any]
) -> None:
    """Insert what a query gives, without the rows passing through this process."""
    session.connection().execute(
        _insert(session)(table).from_select(list(columns), rows).on_conflict_do_nothing()
    )


def _insert(session: Session) -> Any:
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
