"""Which work is given out, and how much of it was done in its window? Lookups and counts of orders (B2-B5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from models.db import reading
from models.occurrence import Occurrence
from models.rules.field_records import OrderFacts
from models.rules.weather import WEATHER
from models.service_plan import Commitment, ServicePlan
from models.work import WorkOrder, WorkRecord
from tasks.amended_occurrences import CANCELLED
from tasks.engagements import engagement_id, find_engagement
from tasks.occurrences import released_order


@dataclass(frozen=True)
class OpenOrder:
    """A released order as the person who does it sees it."""

    id: int
    series: str
    subject: str
    clause: str
    title: str
    target_code: str
    ordinal: int
    due_on: date
    latest_on: date
    post_code: str


def open_orders(code: str, until: date) -> list[OpenOrder]:
    """Released orders due up to and including `until`, earliest first."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        rows = session.exec(
            select(WorkOrder)
            .where(WorkOrder.engagement_id == key, WorkOrder.state == "released", WorkOrder.due_on <= until)
            .order_by(col(WorkOrder.due_on), col(WorkOrder.series), col(WorkOrder.target_code))
        ).all()
        return [
            OpenOrder(
                order.id or 0,
                order.series,
                order.subject,
                order.clause,
                order.title,
                order.target_code,
                order.ordinal,
                order.due_on,
                order.latest_on,
                order.post_code,
            )
            for order in rows
        ]


def orders_of(session: Session, key: int, ids: Sequence[int], states: Sequence[str]) -> list[WorkOrder]:
    """Those of the orders that are the engagement's and in one of the states."""
    orders: list[WorkOrder] = []
    for start in range(0, len(ids), 500):
        orders += session.exec(
            select(WorkOrder).where(
                WorkOrder.engagement_id == key,
                col(WorkOrder.id).in_(ids[start : start + 500]),
                col(WorkOrder.state).in_(states),
            )
        ).all()
    return orders


def order_facts(order: WorkOrder) -> OrderFacts:
    """The order as the rules see it."""
    return OrderFacts(order.state, order.released_on, order.due_on, order.latest_on)


def still_to_do() -> ColumnElement[bool]:
    """The condition that an order waits to be done: given out, or missed while its series has given out nothing later.

    Last Tuesday's sweeping is past; a yearly test that was missed is still owed, and would else be seen by nobody
    for a year. What the plan does not promise any more is owed no longer.
    """
    promised = (
        select(Commitment.id)
        .join(ServicePlan, col(ServicePlan.id) == col(Commitment.plan_id))
        .where(
            Commitment.engagement_id == WorkOrder.engagement_id,
            Commitment.code == WorkOrder.series,
            ServicePlan.state == "confirmed",
        )
        .correlate(WorkOrder)
        .exists()
    )
    return (col(WorkOrder.state) == "released") | (
        (col(WorkOrder.state) == "missed") & ~followed() & promised
    )


def followed(until: date = date.max) -> ColumnElement[bool]:
    """The condition that the series of an order has given out a later one at the same target, due by a day."""
    later = aliased(WorkOrder)
    return (
        select(later.id)
        .where(
            later.engagement_id == WorkOrder.engagement_id,
            later.series == WorkOrder.series,
            later.target_code == WorkOrder.target_code,
            col(later.due_on) > WorkOrder.due_on,
            col(later.due_on) <= until,
        )
        .correlate(WorkOrder)
        .exists()
    )


def any_record(session: Session, occurrence: Occurrence) -> bool:
    """Whether somebody has recorded anything about the order of an occurrence: begun, sent back, done."""
    order = released_order(session, occurrence)
    return order is not None and (
        session.exec(select(WorkRecord.id).where(WorkRecord.work_order_id == order.id)).first() is not None
    )


def count_orders(
    session: Session, key: int, first: date, last: date, subjects: Sequence[str], statutory_only: bool = False
) -> tuple[int, int]:
    """(done in their window, all) of the orders whose window closed within the days; skipped ones count."""
    in_time = (col(WorkOrder.state) == "done") & (col(WorkOrder.done_on) <= col(WorkOrder.latest_on))
    query = select(func.count(), func.sum(case((in_time, 1), else_=0))).where(
        WorkOrder.engagement_id == key,
        WorkOrder.latest_on >= first,
        WorkOrder.latest_on <= last,
        col(WorkOrder.subject).in_(subjects),
        remained_due(),
    )
    if statutory_only:
        query = query.where(col(WorkOrder.statutory).is_(True))
    total, done = session.exec(query).one()
    return int(done or 0), int(total)


def remained_due() -> ColumnElement[bool]:
    """The condition that nobody took the order away: both sides out of the plan, or the weather that made it needless."""
    return ~col(WorkOrder.reason).startswith(CANCELLED) & ~col(WorkOrder.reason).startswith(WEATHER)
