"""Which requests of a publisher's file become requests of an engagement? Once each, later states as events (B6)."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import writing
from models.service_desk import RequestEvent, RequestRowDoubt, ServiceRequest
from models.upsert import insert_if_absent
from tasks.engagements import engagement_id, find_engagement
from tasks.request_analysis import ReadRequests
from tasks.request_tally import instant

_AT_ONCE = 500
"""Requests in one transaction: short enough for other writers."""


@dataclass
class RequestImport:
    """What became of a file's requests: taken = recorded + updated + known before + contradicting."""

    recorded: int = 0
    updated: int = 0
    """Known before, with a later state now: settled or opened again since."""
    known_before: int = 0
    contradicting: int = 0
    contradictions: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self)


def record_requests(code: str, read: ReadRequests) -> RequestImport:
    """Record the requests of a file that was read; the same file again changes nothing.

    A request is known by the preset and its number there. One that is settled in a later file gets the event; one
    that is open again there, or settled later than recorded, was reopened. No work order is made of an import.

    Args:
        code: the engagement.
        read: the file.
    """
    done = RequestImport()
    rows = read.kept.requests()
    while chunk := list(islice(rows, _AT_ONCE)):
        with writing() as session:
            key = engagement_id(find_engagement(session, code))
            before = (done.recorded, done.updated)
            doubts = _record(session, key, read, chunk, done)
            new_doubts = _keep_doubts(session, key, read, doubts)
            if before != (done.recorded, done.updated) or new_doubts:
                detail = {
                    "sha256": read.file.sha256,
                    "rows": [chunk[0]["row"], chunk[-1]["row"]],
                    "recorded": done.recorded - before[0],
                    "updated": done.updated - before[1],
                }
                record_event(session, key, "requests.imported", read.preset.name, detail)
        done.contradictions += doubts
        done.contradicting += len(doubts)
    not_taken = read.kept.doubts()
    while chunk := list(islice(not_taken, _AT_ONCE)):
        with writing() as session:
            key = engagement_id(find_engagement(session, code))
            kept = _keep_doubts(session, key, read, chunk)
            if kept:
                detail = {"sha256": read.file.sha256, "doubts": kept}
                record_event(session, key, "requests.quarantined", read.preset.name, detail)
    return done


def _record(
    session: Session, key: int, read: ReadRequests, rows: list[dict[str, Any]], done: RequestImport
) -> list[dict[str, Any]]:
    numbers = {f"{read.preset.name}:{row['id']}": row for row in rows}
    known = _requests(session, key, list(numbers))
    new = [_new_request(key, number, row, read) for number, row in numbers.items() if number not in known]
    if new:
        done.recorded += insert_if_absent(session, ServiceRequest, new)
    events: list[dict[str, Any]] = []
    everything = _requests(session, key, list(numbers)) if new else known
    logs = _logs(session, [request.id or 0 for request in known.values()])
    doubts: list[dict[str, Any]] = []
    for number, row in numbers.items():
        request = everything[number]
        if number not in known:
            events += _numbered(request.id or 0, 0, _first_events(row))
            continue
        log = logs.get(request.id or 0, [])
        doubt = _contradiction(request, log, row)
        if doubt:
            doubts.append({"row": row["row"], "value": row["id"], **doubt})
            continue
        added = list(_later_events(request, log, row, read.as_of))
        if not added:
            done.known_before += 1
            continue
        events += _numbered(request.id or 0, len(log), added)
        request.state = "closed" if added[-1][0] == "closed" else "responded"
        request.reopened_count += sum(event == "reopened" for event, _at, _note in added)
        session.add(request)
        done.updated += 1
    if events:
        insert_if_absent(session, RequestEvent, events)
    return doubts


_Event = tuple[str, datetime, str]


def _first_events(row: dict[str, Any]) -> list[_Event]:
    events = [("received", instant(row["opened"]), "")]
    if row["closed"] is not None:
        events += _closing(row)
    return events


def _closing(row: dict[str, Any]) -> list[_Event]:
    at = instant(row["closed"])
    return [("resolved", at, row["note"]), ("closed", at, "")]


def _contradiction(
    request: ServiceRequest, log: list[RequestEvent], row: dict[str, Any]
) -> dict[str, str] | None:
    if request.received_at != instant(row["opened"]):
        return {
            "column": "opened",
            "expected": f"expected {request.received_at.isoformat()}, as recorded before",
        }
    closings = [event.at for event in log if event.event == "closed"]
    if row["closed"] is None or not closings:
        return None
    at = instant(row["closed"])
    if at not in closings and at < max(closings):
        return {
            "column": "closed",
            "expected": f"expected {max(closings).isoformat()} or later, as recorded before",
        }
    return None


def _later_events(
    request: ServiceRequest, log: list[RequestEvent], row: dict[str, Any], as_of: datetime
) -> Iterator[_Event]:
    closings = [event.at for event in log if event.event == "closed"]
    is_closed = request.state in ("resolved", "closed")
    if row["closed"] is None:
        # An older file that still shows it open tells nothing new.
        if is_closed and closings and as_of > max(closings):
            yield "reopened", as_of, "open again in the file; when it was reopened is not known"
        return
    if instant(row["closed"]) in closings:
        return
    if is_closed and closings:
        yield "reopened", max(closings), "settled again later; when it was reopened is not known"
    yield from _closing(row)


def _numbered(request_id: int, last: int, events: list[_Event]) -> list[dict[str, Any]]:
    return [
        {
            "request_id": request_id,
            "sequence": last + place,
            "event": event,
            "at": at,
            "staff_ref": "",
            "note": note,
        }
        for place, (event, at, note) in enumerate(events, start=1)
    ]


def _new_request(key: int, number: str, row: dict[str, Any], read: ReadRequests) -> dict[str, Any]:
    return {
        "engagement_id": key,
        "number": number,
        "kind": row["kind"],
        "priority": "normal",
        "channel": row["channel"] or "file",
        "requester_ref": "",
        "place_code": row["place"],
        "text": row["text"] or row["type"],
        "received_at": instant(row["opened"]),
        "response_due_at": None,
        "resolution_due_at": None if row["due"] is None else instant(row["due"]),
        "state": "received" if row["closed"] is None else "closed",
        "reopened_count": 0,
        "source": read.preset.name,
        "source_id": row["id"],
        "category": row["type"],
    }


def _requests(session: Session, key: int, numbers: list[str]) -> dict[str, ServiceRequest]:
    found = session.exec(
        select(ServiceRequest).where(
            ServiceRequest.engagement_id == key, col(ServiceRequest.number).in_(numbers)
        )
    ).all()
    return {request.number: request for request in found}


def _logs(session: Session, ids: list[int]) -> dict[int, list[RequestEvent]]:
    logs: dict[int, list[RequestEvent]] = {}
    for event in session.exec(
        select(RequestEvent).where(col(RequestEvent.request_id).in_(ids)).order_by(col(RequestEvent.sequence))
    ).all():
        logs.setdefault(event.request_id, []).append(event)
    return logs


def _keep_doubts(session: Session, key: int, read: ReadRequests, doubts: list[dict[str, Any]]) -> int:
    return insert_if_absent(
        session,
        RequestRowDoubt,
        [
            {"engagement_id": key, "sha256": read.file.sha256, "file_name": read.file.path.name, **doubt}
            for doubt in doubts
        ],
    )
