"""What was asked at the service desk, and was it answered and settled in time? (B6)"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, or_, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.register import Asset
from models.rules.personal_data import masked
from models.rules.request_states import (
    CLOSED,
    OPEN_STATES,
    WAITING,
    Act,
    ActRefused,
    LogEntry,
    PauseReason,
    standing,
)
from models.rules.service_clock import Decision, clocks, first_decision
from models.rules.service_levels import Priority, RequestKind
from models.service_desk import RequestEvent, ServiceRequest
from models.work import WorkOrder
from tasks.engagements import engagement_id, find_engagement, lock_engagement
from tasks.findings import CORRECTIVE_TIME, raise_corrective_order
from tasks.places import require_place
from tasks.references import require_acting, require_assignee, require_post, require_requester
from tasks.request_clocks import DESK_SOURCES, Promise, desk_of, entries_of, level_of, logs_of, promise_of
from tasks.steps import step

MAX_TEXT = 2000
ORDER_SERIES = "request:"
"""How the series of a work order begins that was made of a request; its number follows."""


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
    source: str = ""
    source_id: str = ""
    asset_tag: str = ""


def take_request(code: str, request: NewRequest, number: str = "") -> str:
    """Record a request, with the times by which it must be answered and settled.

    Args:
        code: the engagement.
        request: what came in.
        number: its number; the next free one by default. A number taken before changes nothing.

    Returns:
        The number of the request.

    Raises:
        Terminal: its place or asset is not in the register, or who asks is nobody's reference.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)  # the next free number is one request's alone
        key = engagement_id(engagement)
        if number and find_request(session, key, number) is not None:
            return number
        require_requester(session, engagement, request.requester_ref)
        place = place_of(session, engagement, request.place_code, request.asset_tag)
        number = number or _next_number(session, key)
        response_due, resolution_due = due_times(
            engagement,
            Promise(request.kind, request.priority, request.received_at),
            [LogEntry(Act.RECEIVED, request.received_at)],
        )
        row = ServiceRequest(
            engagement_id=key,
            number=number,
            kind=request.kind,
            priority=request.priority,
            channel=request.channel,
            requester_ref=request.requester_ref,
            place_code=place,
            asset_tag=request.asset_tag,
            # Personal data are kept in one table only, and the text may be printed on a work order.
            text=masked(request.text)[:MAX_TEXT],
            received_at=request.received_at,
            response_due_at=response_due,
            resolution_due_at=resolution_due,
            source=request.source,
            source_id=request.source_id,
        )
        session.add(row)
        session.flush()
        session.add(
            RequestEvent(request_id=row.id or 0, sequence=1, event="received", at=request.received_at)
        )
        if request.kind is RequestKind.REPAIR:
            raise_order(session, engagement, row, request.received_at)
        record_event(session, key, "request.received", number, {"kind": request.kind.value})
        return number


take_request_step = step("Take the request")(take_request)
"""The same as a task of a flow."""


def record_request_event(
    code: str,
    number: str,
    event: str,
    at: datetime,
    staff_ref: str = "",
    *,
    reason: str = "",
    note: str = "",
) -> bool:
    """Add an event to a request's log, and reckon state and due times anew; the same at the same time is added once.

    What is reopened after its work order was done gets another order, on the same post.

    Args:
        code: the engagement.
        number: of the request.
        event: one of `Act`, except its receipt.
        at: when it happened.
        staff_ref: who did it; of an assignment the person or the post of the plan it goes to.
        reason: of a pause one of `PauseReason`; of a reclassification the new priority or kind.
        note: what was said; no names.

    Returns:
        False if it was there before.

    Raises:
        Terminal: there is no such request, no such event, it is not legal in the request's state, or the reference is
            nobody's.
    """
    if event not in set(Act) - {Act.RECEIVED}:
        known = ", ".join(act for act in Act if act is not Act.RECEIVED)
        raise Terminal(f"{event!r} is no event of a request; expected one of {known}.")
    _check_reason(event, reason)
    with writing() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        request = request_of(session, key, code, number)
        if event == Act.ASSIGNED:
            require_assignee(session, engagement, staff_ref)
        else:
            require_acting(session, engagement, staff_ref)
        new = add_event(
            session,
            engagement,
            request,
            RequestEvent(
                request_id=request.id or 0,
                sequence=0,
                event=event,
                at=at,
                staff_ref=staff_ref,
                reason=reason,
                note=kept_note(note),
            ),
        )
        if new and event == Act.REOPENED:
            _raise_again(session, engagement, request, at)
        return new


def add_event(session: Session, engagement: Engagement, request: ServiceRequest, event: RequestEvent) -> bool:
    """Add an event in the caller's transaction; its sequence is set here. False if it was there before.

    Raises:
        Terminal: it is not legal in the request's state.
    """
    log = logs_of(session, [request.id or 0]).get(request.id or 0, [])
    if any((entry.event, entry.at, entry.reason) == (event.event, event.at, event.reason) for entry in log):
        return False
    entries = [*entries_of(log), LogEntry(Act(event.event), event.at)]
    try:
        found = standing(entries)
    except ActRefused as error:
        raise Terminal(f"Request {request.number}: {error}.") from error
    event.sequence = len(log) + 1
    session.add(event)
    if event.event == Act.RECLASSIFIED:
        _reclassify(request, event.reason)
    request.state, request.reopened_count = found.state, found.reopened
    request.response_due_at, request.resolution_due_at = due_times(engagement, promise_of(request), entries)
    session.add(request)
    record_event(session, engagement_id(engagement), f"request.{event.event}", request.number)
    return True


def _check_reason(event: str, reason: str) -> None:
    expected: dict[str, tuple[str, ...]] = {
        Act.PAUSED: tuple(PauseReason),
        Act.RECLASSIFIED: (*Priority, *RequestKind),
    }
    if event in expected and reason not in expected[event]:
        known = ", ".join(expected[event])
        raise Terminal(f"{event} needs a reason, priority or kind; expected one of {known}, not {reason!r}.")


def _reclassify(request: ServiceRequest, reason: str) -> None:
    """What a reclassification says: a priority, a kind, or a place or asset with that word before it."""
    what, _colon, code = reason.partition(":")
    if what == "place":
        request.place_code = code
    elif what == "asset":
        request.asset_tag = code
    elif reason in set(Priority):
        request.priority = Priority(reason)
    else:
        request.kind = RequestKind(reason)


def convert_request(code: str, number: str, at: datetime, post_code: str = "technician") -> bool:
    """Make a work order of a request, linked by its series; one that has an order gets no second one.

    Args:
        code: the engagement.
        number: of the request.
        at: when.
        post_code: the post that does the work.

    Returns:
        False if there was an order before.

    Raises:
        Terminal: there is no such request or post, or it is settled.
    """
    with writing() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        request = request_of(session, key, code, number)
        require_post(session, engagement, post_code)
        series = order_series(number)
        if session.exec(
            select(WorkOrder.id).where(WorkOrder.engagement_id == key, WorkOrder.series == series).limit(1)
        ).first():
            return False
        event = RequestEvent(request_id=request.id or 0, sequence=0, event=Act.CONVERTED, at=at, note=series)
        add_event(session, engagement, request, event)
        raise_order(session, engagement, request, at, post_code)
        return True


def rate_request(code: str, number: str, rating: int) -> None:
    """Record how the requester rated the handling, 1 to 5.

    Raises:
        Terminal: no such request, not settled yet, or a rating outside the scale.
    """
    if not 1 <= rating <= 5:
        raise Terminal(f"A rating is 1 to 5, not {rating}.")
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        request = request_of(session, key, code, number)
        if request.state in OPEN_STATES:
            raise Terminal(f"Request {number} is {request.state}: it can be rated once it is settled.")
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
            .where(ServiceRequest.engagement_id == key, ServiceRequest.state != CLOSED)
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


@dataclass(frozen=True)
class JudgedRequest:
    """Of a request, which of its two promises were decided in a span of time, and which of these were kept."""

    request: ServiceRequest
    response_due: bool
    response_kept: bool
    resolution_due: bool
    resolution_kept: bool


def judged_requests(session: Session, key: int, start: datetime, end: datetime) -> list[JudgedRequest]:
    """The requests whose promises were kept or broken from `start` (inclusive) to `end` (exclusive).

    A promise is decided when the request is answered (settled), or when its time is up, whichever comes
    first; so each counts once, and none is judged before its time.
    """
    requests = session.exec(
        select(ServiceRequest)
        .where(
            ServiceRequest.engagement_id == key,
            ServiceRequest.received_at < end,
            or_(
                col(ServiceRequest.received_at) >= start,
                col(ServiceRequest.response_due_at) >= start,
                col(ServiceRequest.resolution_due_at) >= start,
                # Held: nobody can say yet when its time is up.
                ServiceRequest.state == WAITING,
            ),
        )
        .order_by(col(ServiceRequest.received_at), ServiceRequest.number)
    ).all()
    engagement = session.get_one(Engagement, key)
    desk = desk_of(engagement)
    logs = logs_of(session, [request.id or 0 for request in requests])

    def within(decision: Decision) -> tuple[bool, bool]:
        return decision.at is not None and start <= decision.at < end, decision.kept

    found = []
    for request in requests:
        response, resolution = first_decision(
            entries_of(logs[request.id or 0]), level_of(promise_of(request), desk), end
        )
        found.append(JudgedRequest(request, *within(response), *within(resolution)))
    return found


def desk_counts(session: Session, key: int, start: datetime, end: datetime) -> DeskCounts:
    """Counts of the promises that were kept or broken from `start` (inclusive) to `end` (exclusive)."""
    judged = judged_requests(session, key, start, end)
    answered = [one for one in judged if one.response_due]
    settled = [one for one in judged if one.resolution_due]
    repairs = [one.resolution_kept for one in settled if one.request.kind == RequestKind.REPAIR]
    complaints = [one.resolution_kept for one in settled if one.request.kind == RequestKind.COMPLAINT]
    ratings = [one.request.rating for one in answered if one.request.rating is not None]
    return DeskCounts(
        received=len(answered),
        responded_on_time=sum(one.response_kept for one in answered),
        repairs=len(repairs),
        repairs_on_time=sum(repairs),
        complaints=len(complaints),
        complaints_on_time=sum(complaints),
        reopened=sum(one.request.reopened_count > 0 for one in answered),
        rated=len(ratings),
        rating_sum=sum(ratings),
    )


def due_times(
    engagement: Engagement, promise: Promise, entries: list[LogEntry]
) -> tuple[datetime | None, datetime | None]:
    """When both promises are due by the log; of one that is held, when it would be if the pause ended now."""
    if promise.source not in DESK_SOURCES:
        return None, promise.resolution_due_at
    level = level_of(promise, desk_of(engagement))
    now = entries[-1].at
    resumed = [*entries, LogEntry(Act.RESUMED, now)] if standing(entries).state == WAITING else entries
    found = clocks(resumed, level, now)
    return found.response.due_at, found.resolution.due_at


def find_request(session: Session, key: int, number: str) -> ServiceRequest | None:
    """The request of this number, if there is one."""
    return session.exec(
        select(ServiceRequest).where(ServiceRequest.engagement_id == key, ServiceRequest.number == number)
    ).one_or_none()


def request_of(session: Session, key: int, code: str, number: str) -> ServiceRequest:
    """The request of this number.

    Raises:
        Terminal: there is none.
    """
    found = find_request(session, key, number)
    if found is None:
        raise Terminal(f"There is no request {number} in {code}.")
    return found


def kept_note(note: str) -> str:
    """A note as it is kept: personal data masked, of limited length."""
    return masked(note)[:MAX_TEXT]


def order_target(request: ServiceRequest) -> tuple[str, str]:
    """What the work order of a request is about: its asset, else its place, else the site."""
    return ("asset", request.asset_tag) if request.asset_tag else ("place", request.place_code or "site")


def order_series(number: str) -> str:
    """The series of the work order that belongs to a request: what links the two."""
    return f"{ORDER_SERIES}{number}"


def raise_order(
    session: Session,
    engagement: Engagement,
    request: ServiceRequest,
    at: datetime,
    post_code: str = "technician",
) -> bool:
    """Make the work order of a request, linked by its series; False if it has one."""
    known = select(WorkOrder.id).where(
        WorkOrder.engagement_id == request.engagement_id, WorkOrder.series == order_series(request.number)
    )
    if session.exec(known.limit(1)).first() is not None:
        return False
    raise_corrective_order(
        session,
        request.engagement_id,
        series=order_series(request.number),
        title=" ".join(request.text.split())[:120],
        target=order_target(request),
        clause="B6",
        post_code=post_code,
        on=at.astimezone(ZoneInfo(engagement.timezone)).date(),
    )
    return True


def _raise_again(session: Session, engagement: Engagement, request: ServiceRequest, at: datetime) -> None:
    """Another order for what was not settled by the last one; none where one is still under way, or never was."""
    orders = session.exec(
        select(WorkOrder)
        .where(
            WorkOrder.engagement_id == request.engagement_id,
            WorkOrder.series == order_series(request.number),
        )
        .order_by(col(WorkOrder.due_on), col(WorkOrder.id))
    ).all()
    if not orders or any(order.state == "released" for order in orders):
        return
    last, on = orders[-1], at.astimezone(ZoneInfo(engagement.timezone)).date()
    raise_corrective_order(
        session,
        request.engagement_id,
        series=last.series,
        title=last.title,
        target=(last.target_kind, last.target_code),
        clause=last.clause,
        post_code=last.post_code,
        on=on,
        due_on=max(
            on + CORRECTIVE_TIME, last.due_on + timedelta(days=1)
        ),  # a day of its own, for it is a key
    )


def place_of(session: Session, engagement: Engagement, place: str, asset_tag: str) -> str:
    """Where it is: the place that is named, else that of the asset.

    Raises:
        Terminal: one of them is not in the register.
    """
    if place:
        require_place(session, engagement, place)
    if not asset_tag:
        return place
    asset = session.exec(
        select(Asset).where(Asset.engagement_id == engagement_id(engagement), Asset.tag == asset_tag)
    ).one_or_none()
    if asset is None:
        raise Terminal(f"There is no asset {asset_tag!r} in the register of {engagement.code}.")
    return place or asset.place_code


def _next_number(session: Session, key: int) -> str:
    taken = session.exec(
        select(func.count()).select_from(ServiceRequest).where(ServiceRequest.engagement_id == key)
    ).one()
    number = f"R-{taken + 1:05d}"
    while find_request(session, key, number) is not None:  # somebody chose that number for another one
        taken += 1
        number = f"R-{taken + 1:05d}"
    return number
