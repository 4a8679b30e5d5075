"""What is a request really, how urgent, and where? What the desk puts right after it was taken (B6)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from models.db import writing
from models.errors import Terminal
from models.rules.request_states import Act
from models.rules.service_levels import Priority, RequestKind
from models.service_desk import RequestEvent, ServiceRequest
from models.work import WorkOrder, WorkRecord
from tasks.engagements import engagement_id, lock_engagement
from tasks.request_clocks import DESK_SOURCES
from tasks.service_desk import (
    add_event,
    kept_note,
    order_series,
    order_target,
    place_of,
    raise_order,
    request_of,
)


@dataclass(frozen=True)
class SaidClass:
    """What the desk says a request is; None or empty stays as it is."""

    kind: RequestKind | None = None
    priority: Priority | None = None
    place_code: str = ""
    asset_tag: str = ""


def reclassify_request(code: str, number: str, at: datetime, said: SaidClass, note: str = "") -> int:
    """Give a request another kind, priority, place or asset; both clocks are reckoned anew from its beginning.

    What turns out to be a repair becomes a work order, as if it had been one from the first. An order nobody has begun
    goes where the request is now said to be; one that was begun stays where it was done.

    Args:
        code: the engagement.
        number: of the request.
        at: when.
        said: what it is.
        note: why; no names.

    Returns:
        How much of it is new.

    Raises:
        Terminal: there is no such request, it is settled, nothing is said, or place or asset are not in the register.
    """
    if said == SaidClass():
        raise Terminal("Nothing is said of it: expected --kind, --priority, --place or --asset.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        request = request_of(session, engagement_id(engagement), code, number)
        place = place_of(session, engagement, said.place_code, said.asset_tag)
        reasons = [
            *([said.kind.value] if said.kind and said.kind != request.kind else []),
            *([said.priority.value] if said.priority and said.priority != request.priority else []),
            *([f"asset:{said.asset_tag}"] if said.asset_tag not in ("", request.asset_tag) else []),
            *([f"place:{place}"] if place not in ("", request.place_code) else []),
        ]
        for reason in reasons:
            event = RequestEvent(
                request_id=request.id or 0,
                sequence=0,
                event=Act.RECLASSIFIED,
                at=at,
                reason=reason,
                note=kept_note(note),
            )
            add_event(session, engagement, request, event)
        if any(reason.startswith(("asset:", "place:")) for reason in reasons):
            _point_orders(session, request)
        if said.kind is RequestKind.REPAIR and request.source in DESK_SOURCES:
            raise_order(session, engagement, request, at)
        return len(reasons)


def _point_orders(session: Session, request: ServiceRequest) -> None:
    """Send the orders that nobody has begun to where the request is."""
    orders = session.exec(
        select(WorkOrder).where(
            WorkOrder.engagement_id == request.engagement_id,
            WorkOrder.series == order_series(request.number),
            WorkOrder.state == "released",
        )
    ).all()
    for order in orders:
        begun = session.exec(select(WorkRecord.id).where(WorkRecord.work_order_id == order.id)).first()
        if begun is None:
            order.target_kind, order.target_code = order_target(request)
            session.add(order)
