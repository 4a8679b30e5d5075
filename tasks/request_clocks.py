"""How do the clocks of recorded requests stand? The log from the database, the promise from request and calendar (B6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.engagement import Engagement
from models.errors import Terminal
from models.rules.request_states import Act, LogEntry
from models.rules.service_agreement import ServiceAgreement, read_agreement
from models.rules.service_clock import RequestClocks, clocks, with_working_days
from models.rules.service_levels import (
    Priority,
    ProposedTarget,
    RequestKind,
    ServiceCalendar,
    ServiceLevel,
    service_level_for,
)
from models.service_desk import RequestEvent, ServiceRequest


@dataclass(frozen=True)
class Desk:
    """When the desk is open, and what it promises."""

    calendar: ServiceCalendar
    targets: tuple[ProposedTarget, ...]


@dataclass(frozen=True)
class Promise:
    """What decides a request's service level."""

    kind: RequestKind
    priority: Priority
    received_at: datetime
    source: str = ""
    resolution_due_at: datetime | None = None
    """Promised by the publisher of an imported request."""


def agreement_of(engagement: Engagement) -> ServiceAgreement:
    """Hours and targets of the desk: as agreed, else as proposed."""
    return read_agreement(engagement.service_agreement or {})


def desk_of(engagement: Engagement) -> Desk:
    """The desk's hours in the engagement's zone, less the agreed holidays, with the agreed make-up workdays; its targets."""
    agreement = agreement_of(engagement)
    calendar = ServiceCalendar(ZoneInfo(engagement.timezone), agreement.hours)
    days = _agreed_days(engagement.working_calendar or {})
    return Desk(with_working_days(calendar, days), agreement.targets)


def _agreed_days(agreed: dict[str, Any]) -> dict[date, bool]:
    days = {date.fromisoformat(str(day)): False for day in agreed.get("holidays", ())}
    return days | {date.fromisoformat(str(day)): True for day in agreed.get("makeup_workdays", ())}


def level_of(promise: Promise, desk: Desk) -> ServiceLevel:
    """What is promised for a request; an imported one has its publisher's due time and no promise of an answer.

    Raises:
        Terminal: no level is agreed for its kind and priority.
    """
    if promise.source not in DESK_SOURCES:
        due = promise.resolution_due_at
        left = (
            None if due is None else max(due - promise.received_at, promise.received_at - promise.received_at)
        )
        return ServiceLevel(None, left, ServiceCalendar(desk.calendar.tz, always_open=True))
    level = service_level_for(promise.kind, promise.priority, desk.calendar, desk.targets)
    if level is None:
        raise Terminal(f"No service level is agreed for a {promise.priority} {promise.kind}.")
    return level


MAIL = "mail"
"""Source of the requests that came by mail: the desk promises them what it promises everybody."""
DESK_SOURCES = ("", MAIL)
"""Of requests that are the desk's own to settle; any other is a publisher's."""


def promise_of(request: ServiceRequest) -> Promise:
    """What a recorded request's level depends on."""
    return Promise(
        RequestKind(request.kind),
        Priority(request.priority),
        request.received_at,
        request.source,
        request.resolution_due_at,
    )


def entries_of(events: Sequence[RequestEvent]) -> list[LogEntry]:
    """The log as the rules read it."""
    return [LogEntry(Act(event.event), event.at) for event in events]


def logs_of(session: Session, ids: Sequence[int]) -> dict[int, list[RequestEvent]]:
    """The events of each request, in order."""
    logs: dict[int, list[RequestEvent]] = {}
    for start in range(0, len(ids), 500):
        for event in session.exec(
            select(RequestEvent)
            .where(col(RequestEvent.request_id).in_(ids[start : start + 500]))
            .order_by(col(RequestEvent.request_id), col(RequestEvent.sequence))
        ).all():
            logs.setdefault(event.request_id, []).append(event)
    return logs


def clocks_of(
    request: ServiceRequest, events: Sequence[RequestEvent], desk: Desk, as_of: datetime
) -> RequestClocks:
    """Both clocks of a recorded request."""
    return clocks(entries_of(events), level_of(promise_of(request), desk), as_of)
