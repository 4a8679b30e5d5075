"""Which records of finished work hold, as a condition of a query? (B2-B5)"""

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from models.rules.field_records import RESULTS
from models.work import WorkRecord


def is_standing_result() -> ColumnElement[bool]:
    """The condition that a row of `WorkRecord` is a result which no correction took the place of."""
    later = aliased(WorkRecord)
    replaced = (
        select(later.id)
        .where(
            col(later.work_order_id) == col(WorkRecord.work_order_id),
            col(later.corrects) == col(WorkRecord.sequence),
        )
        .correlate(WorkRecord)
        .exists()
    )
    return col(WorkRecord.outcome).in_(RESULTS) & ~replaced
