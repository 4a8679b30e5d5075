"""Which orders of the plan does a complete log settle by itself? Rounds walked, cameras looked at (B5)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.engagement import Engagement
from models.rules.field_records import why_not_recordable
from models.work import WorkOrder
from tasks.engagements import business_today, engagement_id
from tasks.work_orders import order_facts
from tasks.work_records import FieldNote, complete_in


@dataclass(frozen=True)
class LogEvidence:
    """What a log shows of a day: everything the plan asked for was done."""

    day: date
    staff_ref: str
    """Who made the last entry."""
    note: str


def settle_from_log(
    session: Session, engagement: Engagement, evidence: LogEvidence, *, subject: str, series: str = ""
) -> int:
    """Record as done the planned orders that are open on the day of the evidence, or were missed for want of it.

    Args:
        session: a writing session that holds the engagement.
        engagement: whose orders they are.
        evidence: what the log shows.
        subject: of the orders, such as `cctv_check`.
        series: only this one.

    Returns:
        How many there were; an order that somebody recorded by hand is left as it is.
    """
    wanted: list[ColumnElement[bool]] = [
        col(WorkOrder.engagement_id) == engagement_id(engagement),
        col(WorkOrder.subject) == subject,
        col(WorkOrder.commitment_id).is_not(None),
        col(WorkOrder.state).in_(("released", "missed")),
        col(WorkOrder.due_on) <= evidence.day,
        col(WorkOrder.latest_on) >= evidence.day,
    ]
    if series:
        wanted.append(col(WorkOrder.series) == series)
    today, settled = business_today(engagement), 0
    for order in session.exec(select(WorkOrder).where(*wanted).order_by(col(WorkOrder.id))).all():
        if not why_not_recordable(order_facts(order), evidence.day, today):
            said = FieldNote(evidence.staff_ref, on=evidence.day, note=evidence.note)
            settled += complete_in(session, engagement, order, said)
    return settled
