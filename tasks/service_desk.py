"""What was asked at the service desk, and was it answered and settled in time? (B6)"""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, or_, select

from models.audit import record_event
from models.db import reading, writing
from models.errors import Terminal
from models.rules.service_levels import (
    Priority,
    RequestKind,
    ServiceCalendar,
    Window,
    due_at,
    service_level_for,
)
from models.service_desk import RequestEvent, ServiceRequest
from tasks.engagements import engagement_id, find_engagement
from tasks.steps import step
from tasks.work_orders import raise_corrective_order

_STATE_AFTER = {
    "responded": "responded",
    "assigned": "responded",
    "resolved": "resolved",
    "reopened": "responded",
    "closed": "closed",
}
MAX_TEXT = 2000
DESK_HOURS = Window(time(8), time(20))
"""Opening hours of the desk, every day; what is urgent runs on a clock of 24 hours."""


@dataclass(frozen=True)
class NewRequest:
    """A request as it comes in."""

    kind: RequestKind
    priority: Priority
    channel: str
    text: str
    received_at: datetime
    requester_ref: str = ""
    place_code: str = ""


def take_request(code: str, request: NewRequest, number: str = "") -> str:
    """Record a request, with the times by which it must be answered and settled.

    Args:
        code: the engagement.
        request: what came in.
        number: its number; the next free one by default. A number taken before changes nothing.

    Returns:
        The number of the request.
    """
    with writing() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        if number and _find(session, key, number) is not None:
            return number
        number = number or _next_number(session, key)
        response_due, resolution_due = _due_times(request, ZoneInfo(engagement.timezone))
        row = ServiceRequest(
            engagement_id=key,
            number=number,
            kind=request.kind,
            priority=request.priority,
            channel=request.channel,
            requester_ref=request.requester_ref,
            place_code=request.place_code,
            text=request.text[:MAX_TEXT],
            received_at=request.received_at,
            response_due_at=response_due,
            resolution_due_at=resolution_due,
        )
        session.add(row)
        session.flush()
        session.add(
            RequestEvent(request_id=row.id or 0, sequence=1, event="received", at=request.received_at)
        )
        if request.kind is RequestKind.REPAIR:
            raise_corrective_order(
                session,
                key,
                series=f"request:{number}",
                title=request.text[:120],
                target=("place", request.place_code or "site"),
                clause="B6",
                post_code="technician",
                on=request.received_at.astimezone(ZoneInfo(engagement.timezone)).date(),
            )
        record_event(session, key, "request.received", number, {"kind": request.kind.value})
        return number


take_request_step = step("Take the request")(take_request)
"""The same as a task of a flow."""


def record_request_event(code: str, number: str, event: str, at: datetime, staff_ref: str = "") -> bool:
    """Add an event to a request's log; the same event at the same time is recorded once.

    Returns:
        False if it was there before.

    Raises:
        Terminal: there is no such request, or no such event.
    """
    if event not in _STATE_AFTER:
        raise Terminal(f"{event!r} is no event of a request; expected one of {', '.join(_STATE_AFTER)}.")
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        request = _find(session, key, number)
        if request is None or request.id is None:
            raise Terminal(f"There is no request {number} in {code}.")
        log = session.exec(select(RequestEvent).where(RequestEvent.request_id == request.id)).all()
        if any(entry.event == event and entry.at == at for entry in log):
            return False
        session.add(
            RequestEvent(
                request_id=request.id, sequence=len(log) + 1, event=event, at=at, staff_ref=staff_ref
            )
        )
        request.state = _STATE_AFTER[event]
        request.reopened_count += event == "reopened"
        session.add(request)
        record_event(session, key, f"request.{event}", number)
        return True


def rate_request(code: str, number: str, rating: int) -> None:
    """Record how the requester rated the handling, 1 to 5.

    Raises:
        Terminal: no such request, or a rating outside the scale.
    """
    if not 1 <= rating <= 5:
        raise Terminal(f"A rating is 1 to 5, not {rating}.")
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        request = _find(session, key, number)
        if request is None:
            raise Terminal(f"There is no request {number} in {code}.")
        if request.rating != rating:
            request.rating = rating
            session.add(request)
            record_event(session, key, "request.rated", number, {"rating": rating})


def open_requests(code: str) -> list[tuple[str, datetime]]:
    """Number and time of receipt of the requests not closed yet, oldest first."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        rows = session.exec(
            select(ServiceRequest)
            .where(ServiceRequest.engagement_id == key, ServiceRequest.state != "closed")
            .order_by(col(ServiceRequest.received_at), ServiceRequest.number)
        ).all()
        return [(row.number, row.received_at) for row in rows]


@dataclass(frozen=True)
class DeskCounts:
    """What the desk did in a span of time."""

    received: int
    """Requests whose first answer was given, or its time was up."""
    responded_on_time: int
    repairs: int
    repairs_on_time: int
    complaints: int
    complaints_on_time: int
    reopened: int
    rated: int
    rating_sum: int


def desk_counts(session: Session, key: int, start: datetime, end: datetime) -> DeskCounts:
    """Counts of the promises that were kept or broken from `start` (inclusive) to `end` (exclusive).

    A promise is decided when the request is answered (settled), or when its time is up, whichever comes
    first; so each counts once, and none is judged before its time.
    """
    requests = session.exec(
        select(ServiceRequest).where(
            ServiceRequest.engagement_id == key,
            ServiceRequest.received_at < end,
            or_(
                col(ServiceRequest.received_at) >= start,
                col(ServiceRequest.response_due_at) >= start,
                col(ServiceRequest.resolution_due_at) >= start,
            ),
        )
    ).all()
    first = _first_events(session, [request.id or 0 for request in requests])

    def decided(request: ServiceRequest, event: str, due: datetime | None) -> tuple[bool, bool]:
        if due is None:  # nothing was promised
            return False, False
        at = first.get((request.id or 0, event))
        kept = at is not None and at <= due
        moment = at if kept and at is not None else due
        return start <= moment < end, kept

    responses = [decided(r, "responded", r.response_due_at) for r in requests]
    repairs = [decided(r, "resolved", r.resolution_due_at) for r in requests if r.kind == RequestKind.REPAIR]
    complaints = [
        decided(r, "resolved", r.resolution_due_at) for r in requests if r.kind == RequestKind.COMPLAINT
    ]
    answered = [request for request, (due, _kept) in zip(requests, responses, strict=True) if due]
    ratings = [request.rating for request in answered if request.rating is not None]
    return DeskCounts(
        received=len(answered),
        responded_on_time=sum(due and kept for due, kept in responses),
        repairs=sum(due for due, _kept in repairs),
        repairs_on_time=sum(due and kept for due, kept in repairs),
        complaints=sum(due for due, _kept in complaints),
        complaints_on_time=sum(due and kept for due, kept in complaints),
        reopened=sum(request.reopened_count > 0 for request in answered),
        rated=len(ratings),
        rating_sum=sum(ratings),
    )


def _first_events(session: Session, ids: list[int]) -> dict[tuple[int, str], datetime]:
    first: dict[tuple[int, str], datetime] = {}
    for event in session.exec(
        select(RequestEvent)
        .where(col(RequestEvent.request_id).in_(ids))
        .order_by(col(RequestEvent.at).desc())
    ).all():
        first[(event.request_id, event.event)] = event.at
    return first


def _due_times(request: NewRequest, zone: ZoneInfo) -> tuple[datetime, datetime]:
    desk = ServiceCalendar.weekly(zone, range(7), DESK_HOURS)
    level = service_level_for(request.kind, request.priority, desk)
    if level is None or level.response is None or level.resolution is None:
        raise Terminal(f"No service level is agreed for a {request.priority} {request.kind}.")
    response = due_at(request.received_at, level.response, level.calendar)
    resolution = due_at(request.received_at, level.resolution, level.calendar)
    if response is None or resolution is None:
        raise Terminal("A service clock without an end has no due time.")
    return response, resolution


def _find(session: Session, key: int, number: str) -> ServiceRequest | None:
    return session.exec(
        select(ServiceRequest).where(ServiceRequest.engagement_id == key, ServiceRequest.number == number)
    ).one_or_none()


def _next_number(session: Session, key: int) -> str:
    taken = session.exec(
        select(func.count()).select_from(ServiceRequest).where(ServiceRequest.engagement_id == key)
    ).one()
    return f"R-{taken + 1:05d}"
