"""Which rows of a table are an engagement's? Found through the tables they belong to."""

from sqlalchemy import ColumnElement, Table
from sqlmodel import select


def rows_of_engagement(table: Table, key: int) -> ColumnElement[bool]:
    """The condition that a row belongs to the engagement with this key."""
    if table.name == "engagement":
        return table.c.id == key
    if "engagement_id" in table.c:
        return table.c.engagement_id == key
    column, owner = next(
        (reference.parent, reference.column.table)
        for reference in sorted(table.foreign_keys, key=lambda reference: reference.parent.name)
    )
    return column.in_(select(owner.c.id).where(rows_of_engagement(owner, key)))
