"""How does the desk see its requests? As a list with their clocks, and one with its whole thread (B6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, or_, select

from models.db import reading
from models.rules.request_duplicates import Told, likely_duplicates
from models.rules.request_states import OPEN_STATES, Act, legal_acts
from models.rules.service_clock import Clock, RequestClocks
from models.service_desk import RequestEvent, RequestMessage, ServiceRequest
from models.work import WorkOrder, WorkRecord
from tasks.engagements import engagement_id, find_engagement
from tasks.request_clocks import Desk, clocks_of, desk_of, logs_of
from tasks.request_mail import messages_of
from tasks.request_orders import work_of
from tasks.service_desk import order_series, request_of

DUPLICATES_WITHIN = timedelta(days=14)
_COMPARED = 300


def request_list(
    code: str, as_of: datetime, *, everything: bool = False, limit: int = 200
) -> list[dict[str, Any]]:
    """Requests with their state and clocks, those due first at the top; what somebody wrote about since is listed too.

    Args:
        code: the engagement.
        as_of: the clocks are read at this instant.
        everything: settled ones too; else only those about which a mail came that nobody has acted on.
        limit: at most so many.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        mails = _newest_mails(session, key)
        query = select(ServiceRequest).where(ServiceRequest.engagement_id == key)
        if not everything:
            query = query.where(
                or_(
                    col(ServiceRequest.state).in_(OPEN_STATES),
                    col(ServiceRequest.id).in_(_unseen(session, mails)),
                )
            )
        rows = session.exec(
            query.order_by(
                col(ServiceRequest.resolution_due_at).is_(None),
                col(ServiceRequest.resolution_due_at),
                col(ServiceRequest.id),
            ).limit(limit)
        ).all()
        logs = logs_of(session, [row.id or 0 for row in rows])
        desk, zone = desk_of(engagement), ZoneInfo(engagement.timezone)
        work = work_of(session, key, [row.number for row in rows])
        return [
            {
                **_line(row, logs.get(row.id or 0, []), desk, as_of, zone),
                "work": work.get(row.number, ""),
                "mail": "new" if _is_unseen(logs.get(row.id or 0, []), mails.get(row.id or 0)) else "",
                "text": row.text[:60],
            }
            for row in rows
        ]


def _newest_mails(session: Session, key: int) -> dict[int, datetime]:
    """When the newest mail came that joined a request, by the request's key."""
    rows = session.exec(
        select(RequestMessage.request_id, func.max(RequestMessage.sent_at))
        .where(RequestMessage.engagement_id == key, RequestMessage.outcome == "follow_up")
        .group_by(col(RequestMessage.request_id))
    ).all()
    return {request: newest for request, newest in rows if request is not None}


def _unseen(session: Session, mails: dict[int, datetime]) -> list[int]:
    logs = logs_of(session, list(mails))
    return [request for request, newest in mails.items() if _is_unseen(logs.get(request, []), newest)]


def _is_unseen(events: Sequence[RequestEvent], newest: datetime | None) -> bool:
    """Whether a mail came after the last thing anybody did; what the clock wrote down was nobody."""
    acts = [event.at for event in events if event.event != Act.ESCALATED]
    return newest is not None and newest > max(acts, default=newest)


def request_thread(code: str, number: str, as_of: datetime) -> dict[str, Any]:
    """One request with its clocks, events, work orders and likely duplicates.

    Raises:
        Terminal: there is no such request.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        request = request_of(session, key, code, number)
        events = logs_of(session, [request.id or 0]).get(request.id or 0, [])
        zone = ZoneInfo(engagement.timezone)
        found = clocks_of(request, events, desk_of(engagement), as_of)
        return {
            "number": request.number,
            "kind": request.kind,
            "priority": request.priority,
            "state": request.state,
            "channel": request.channel,
            "place": request.place_code,
            "asset": request.asset_tag,
            "requester": request.requester_ref,
            "text": request.text,
            "received": _local(request.received_at, zone),
            "assigned_to": _assigned(events),
            "reopened": request.reopened_count,
            "rating": request.rating,
            "called_back": any(event.event == Act.CALLED_BACK for event in events),
            "response": _clock(found.response, zone),
            "resolution": _clock(found.resolution, zone),
            "paused_hours": _hours(found.paused),
            "hours_settled_before_reopening": _hours(found.settled_between),
            "can_be": [act.value for act in legal_acts(request.state)],
            "events": [
                {
                    "at": _local(event.at, zone),
                    "event": event.event,
                    "reason": event.reason,
                    "who": event.staff_ref,
                    "note": event.note,
                }
                # As it happened: what the clock wrote down may stand before what people told of later.
                for event in sorted(events, key=lambda event: (event.at, event.sequence))
            ],
            "work_orders": _orders(session, key, number),
            "mails": [
                {
                    "at": _local(mail.sent_at, zone),
                    "from": mail.sender_ref or "not known",
                    "subject": mail.subject,
                    "text": mail.text,
                    "files": ", ".join(f"{file['name']} {file['sha256'][:12]}" for file in mail.attachments),
                }
                for mail in messages_of(session, request.id or 0)
            ],
            "likely_duplicates": duplicates(session, key, request),
        }


def duplicates(session: Session, key: int, request: ServiceRequest) -> list[dict[str, Any]]:
    """Open requests of the last two weeks before it that read alike at the same place; a hint, not a verdict."""
    others = session.exec(
        select(ServiceRequest)
        .where(
            ServiceRequest.engagement_id == key,
            ServiceRequest.kind == request.kind,
            col(ServiceRequest.state).in_(OPEN_STATES),
            ServiceRequest.received_at >= request.received_at - DUPLICATES_WITHIN,
            ServiceRequest.received_at <= request.received_at,
        )
        .order_by(col(ServiceRequest.received_at).desc())
        .limit(_COMPARED)
    ).all()
    found = likely_duplicates(_told(request), map(_told, others))
    return [{"number": number, "alike": share} for number, share in found[:5]]


def _told(request: ServiceRequest) -> Told:
    return Told(request.number, request.kind, request.place_code, request.text)


def _line(
    request: ServiceRequest,
    events: Sequence[RequestEvent],
    desk: Desk,
    as_of: datetime,
    zone: ZoneInfo,
) -> dict[str, Any]:
    found: RequestClocks = clocks_of(request, events, desk, as_of)
    return {
        "number": request.number,
        "kind": request.kind,
        "priority": request.priority,
        "state": request.state,
        "received": _local(request.received_at, zone),
        "answer": found.response.verdict.value,
        "settling": found.resolution.verdict.value,
        "due": "held" if found.held else _local(found.resolution.due_at, zone),
        "assigned_to": _assigned(events),
        "reopened": request.reopened_count,
    }


def _assigned(events: Sequence[RequestEvent]) -> str:
    return next((event.staff_ref for event in reversed(events) if event.event == Act.ASSIGNED), "")


def _clock(clock: Clock, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "verdict": clock.verdict.value,
        "target_hours": None if clock.target is None else _hours(clock.target),
        "used_hours": _hours(clock.used),
        "due": _local(clock.due_at, zone),
        "finished": _local(clock.finished_at, zone),
    }


def _orders(session: Session, key: int, number: str) -> list[dict[str, Any]]:
    rows = session.exec(
        select(WorkOrder)
        .where(WorkOrder.engagement_id == key, WorkOrder.series == order_series(number))
        .order_by(col(WorkOrder.id))
    ).all()
    found = []
    for row in rows:
        records = session.exec(
            select(WorkRecord).where(WorkRecord.work_order_id == row.id).order_by(col(WorkRecord.sequence))
        ).all()
        found.append(
            {
                "id": row.id,
                "title": row.title,
                "state": row.state,
                "due_on": row.due_on.isoformat(),
                "post": row.post_code,
                "records": [f"{record.done_on}: {record.outcome}" for record in records],
            }
        )
    return found


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _hours(span: timedelta) -> float:
    return round(span.total_seconds() / 3600, 2)
