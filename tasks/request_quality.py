"""Was what was settled settled for good, and how old is what is open? Counts behind four indicators (B6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, or_, select

from models.rules.request_states import OPEN_STATES, SETTLED_STATES, Act, standing
from models.rules.service_levels import RequestKind
from models.service_desk import RequestEvent, ServiceRequest
from tasks.request_clocks import entries_of, logs_of

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class DeskQuality:
    """What was settled in a span of time, and what was open at its end."""

    settled: int
    """Requests settled for the first time in the span."""
    reopened: int
    """Of these, opened again up to its end."""
    repairs: int
    repairs_at_once: int
    """Repairs settled for the first time in the span and not opened again up to its end."""
    open: int
    """Requests open at the end of the span."""
    open_hours: Decimal
    """Hours since their receipt, by the clock on the wall, together."""
    complaints: int
    """Complaints received in the span."""


@dataclass(frozen=True)
class StandingRequest:
    """How one request stood at the end of a span of time."""

    request: ServiceRequest
    open_for: timedelta | None
    """Since its receipt, by the clock on the wall; None where it is settled."""
    first_settled: bool
    """It was settled for the first time in the span."""
    reopened: int
    """How often it was opened again up to the end of the span."""


def standing_requests(session: Session, key: int, start: datetime, end: datetime) -> list[StandingRequest]:
    """The requests that were open at `end` or settled from `start` on, from their logs as they stood at `end`."""
    settling = (
        select(RequestEvent.request_id)
        .where(col(RequestEvent.event).in_((Act.RESOLVED, Act.CLOSED)), RequestEvent.at >= start)
        .distinct()
    )
    requests = session.exec(
        select(ServiceRequest)
        .where(
            ServiceRequest.engagement_id == key,
            ServiceRequest.received_at < end,
            or_(col(ServiceRequest.state).in_(OPEN_STATES), col(ServiceRequest.id).in_(settling)),
        )
        .order_by(col(ServiceRequest.received_at), ServiceRequest.number)
    ).all()
    logs = logs_of(session, [request.id or 0 for request in requests])
    found = []
    for request in requests:
        stood = standing([entry for entry in entries_of(logs[request.id or 0]) if entry.at < end])
        settled = stood.first_settled_at is not None and stood.first_settled_at >= start
        open_for = None if stood.state in SETTLED_STATES else end - stood.received_at
        found.append(StandingRequest(request, open_for, settled, stood.reopened))
    return found


def complaints_between(session: Session, key: int, start: datetime, end: datetime) -> list[ServiceRequest]:
    """The complaints received from `start` (inclusive) to `end` (exclusive)."""
    return list(
        session.exec(
            select(ServiceRequest)
            .where(
                ServiceRequest.engagement_id == key,
                ServiceRequest.kind == RequestKind.COMPLAINT.value,
                ServiceRequest.received_at >= start,
                ServiceRequest.received_at < end,
            )
            .order_by(col(ServiceRequest.received_at), ServiceRequest.number)
        ).all()
    )


def desk_quality(session: Session, key: int, start: datetime, end: datetime) -> DeskQuality:
    """Counts from `start` (inclusive) to `end` (exclusive), from the logs as they stood at `end`."""
    stood = standing_requests(session, key, start, end)
    settled = [one for one in stood if one.first_settled]
    repairs = [one for one in settled if one.request.kind == RequestKind.REPAIR]
    open_for = [one.open_for for one in stood if one.open_for is not None]
    return DeskQuality(
        settled=len(settled),
        reopened=sum(one.reopened > 0 for one in settled),
        repairs=len(repairs),
        repairs_at_once=sum(one.reopened == 0 for one in repairs),
        open=len(open_for),
        open_hours=Decimal(round(sum(open_for, timedelta(0)) / _HOUR)),
        complaints=len(complaints_between(session, key, start, end)),
    )
