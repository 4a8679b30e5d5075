"""Was what was settled settled for good, and how old is what is open? Counts behind four indicators (B6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, func, or_, select

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


def desk_quality(session: Session, key: int, start: datetime, end: datetime) -> DeskQuality:
    """Counts from `start` (inclusive) to `end` (exclusive), from the logs as they stood at `end`."""
    settling = (
        select(RequestEvent.request_id)
        .where(col(RequestEvent.event).in_((Act.RESOLVED, Act.CLOSED)), RequestEvent.at >= start)
        .distinct()
    )
    requests = session.exec(
        select(ServiceRequest).where(
            ServiceRequest.engagement_id == key,
            ServiceRequest.received_at < end,
            or_(col(ServiceRequest.state).in_(OPEN_STATES), col(ServiceRequest.id).in_(settling)),
        )
    ).all()
    logs = logs_of(session, [request.id or 0 for request in requests])
    settled: list[tuple[str, int]] = []
    open_count, open_hours = 0, timedelta(0)
    for request in requests:
        entries = [entry for entry in entries_of(logs[request.id or 0]) if entry.at < end]
        found = standing(entries)
        if found.state not in SETTLED_STATES:
            open_count += 1
            open_hours += end - found.received_at
        if found.first_settled_at is not None and found.first_settled_at >= start:
            settled.append((request.kind, found.reopened))
    repairs = [reopened for kind, reopened in settled if kind == RequestKind.REPAIR]
    complaints = session.exec(
        select(func.count())
        .select_from(ServiceRequest)
        .where(
            ServiceRequest.engagement_id == key,
            ServiceRequest.kind == RequestKind.COMPLAINT.value,
            ServiceRequest.received_at >= start,
            ServiceRequest.received_at < end,
        )
    ).one()
    return DeskQuality(
        settled=len(settled),
        reopened=sum(reopened > 0 for _kind, reopened in settled),
        repairs=len(repairs),
        repairs_at_once=sum(reopened == 0 for reopened in repairs),
        open=open_count,
        open_hours=Decimal(round(open_hours / _HOUR)),
        complaints=complaints,
    )
