"""Which requests are still open although their work is done? The desk asks and settles, the order does not (B6)."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from models.db import reading
from models.rules.request_states import OPEN_STATES
from models.service_desk import ServiceRequest
from models.work import WorkOrder
from tasks.engagements import engagement_id, find_engagement
from tasks.service_desk import ORDER_SERIES, order_series

OPEN, DONE = "open", "done"


def work_of(session: Session, key: int, numbers: Iterable[str]) -> dict[str, str]:
    """How the work of requests stands, by number: open while an order is, else as its last one ended; none is left out."""
    series = [order_series(number) for number in numbers]
    found: dict[str, str] = {}
    for start in range(0, len(series), 500):
        for name, state in session.exec(
            select(WorkOrder.series, WorkOrder.state)
            .where(WorkOrder.engagement_id == key, col(WorkOrder.series).in_(series[start : start + 500]))
            .order_by(col(WorkOrder.id))
        ).all():
            number = name.removeprefix(ORDER_SERIES)
            found[number] = OPEN if state == "released" or found.get(number) == OPEN else state
    return found


def open_though_done(code: str, order_id: int | None = None) -> list[str]:
    """Numbers of the requests that are open although their work is done, oldest first.

    Args:
        code: the engagement.
        order_id: only the request that this order was made of.
    """
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        query = select(ServiceRequest.number).where(
            ServiceRequest.engagement_id == key, col(ServiceRequest.state).in_(OPEN_STATES)
        )
        if order_id is not None:
            order = session.get(WorkOrder, order_id)
            if order is None or not order.series.startswith(ORDER_SERIES):
                return []
            query = query.where(ServiceRequest.number == order.series.removeprefix(ORDER_SERIES))
        numbers = session.exec(query.order_by(col(ServiceRequest.received_at), col(ServiceRequest.id))).all()
        work = work_of(session, key, numbers)
        return [number for number in numbers if work.get(number) == DONE]
