"""Which work is open, whose is it, and what was recorded about one order? (B2-B5)"""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from models.db import reading
from models.rules.field_records import RESULTS, Outcome
from models.service_desk import RequestEvent, RequestMessage
from models.work import CheckReading, WorkOrder, WorkPhoto, WorkRecord
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.service_desk import find_request
from tasks.work_orders import still_to_do
from tasks.work_records import log_of, order_named, standing_of

MOST_ROWS = 100_000


def listed_work(
    code: str,
    post: str = "",
    until: date | None = None,
    *,
    overdue: bool = False,
    limit: int = MOST_ROWS,
) -> list[dict[str, Any]]:
    """The orders of an engagement that wait to be done, those due first at the top; missed ones until the next is out.

    Args:
        code: the engagement.
        post: only those of this post.
        until: only those due up to this day, itself included; the business date by default.
        overdue: only those whose last day in time has passed.
        limit: at most so many.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        query = select(WorkOrder).where(
            WorkOrder.engagement_id == key,
            still_to_do(),
            WorkOrder.due_on <= (until or today),
        )
        if post:
            query = query.where(WorkOrder.post_code == post)
        if overdue:
            query = query.where(WorkOrder.latest_on < today)
        orders = session.exec(
            query.order_by(col(WorkOrder.due_on), col(WorkOrder.series), col(WorkOrder.target_code)).limit(
                limit
            )
        ).all()
        newest, zone = _newest(session, [order.id or 0 for order in orders]), ZoneInfo(engagement.timezone)
        return [
            {
                "order": order.id,
                "due_on": order.due_on.isoformat(),
                "latest_on": order.latest_on.isoformat(),
                "series": order.series,
                "target": order.target_code,
                "title": order.title,
                "post": order.post_code,
                "priority": order.priority,
                "begin_by": _local(order.respond_by, zone),
                "state": _state(order, newest.get(order.id or 0), today),
            }
            for order in orders
        ]


def _newest(session: Session, ids: list[int]) -> dict[int, WorkRecord]:
    """The newest record of each order that has one."""
    found: dict[int, WorkRecord] = {}
    for start in range(0, len(ids), 500):
        last = (
            select(WorkRecord.work_order_id, func.max(WorkRecord.sequence).label("last"))
            .where(col(WorkRecord.work_order_id).in_(ids[start : start + 500]))
            .group_by(col(WorkRecord.work_order_id))
            .subquery()
        )
        found |= {
            record.work_order_id: record
            for record in session.exec(
                select(WorkRecord).join(
                    last,
                    (last.c.work_order_id == col(WorkRecord.work_order_id))
                    & (last.c.last == col(WorkRecord.sequence)),
                )
            ).all()
        }
    return found


def _state(order: WorkOrder, newest: WorkRecord | None, today: date) -> str:
    late = "missed, still owed" if order.state == "missed" else "overdue" if order.latest_on < today else ""
    said = [late] if late else []
    if newest is not None and newest.outcome == Outcome.STARTED:
        said.append(f"started {newest.done_on}")
    if newest is not None and newest.outcome == Outcome.REJECTED:
        said.append(f"sent back {newest.done_on}: {newest.reason}")
    return ", ".join(said) or "open"


def shown_order(code: str, order_id: int) -> dict[str, Any]:
    """One order with its whole history: every record, corrected ones too, with photos and readings.

    Raises:
        WorkRefused: no such order.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        order = order_named(session, engagement, order_id)
        log, zone = log_of(session, order_id), ZoneInfo(engagement.timezone)
        replaced = {record.corrects: record.sequence for record in log if record.corrects is not None}
        holds = standing_of(log)
        return {
            "order": order.id,
            "series": order.series,
            "title": order.title,
            "clause": order.clause,
            "target": order.target_code,
            "post": order.post_code,
            "due_on": order.due_on.isoformat(),
            "latest_on": order.latest_on.isoformat(),
            "state": order.state,
            "done_on": order.done_on.isoformat() if order.done_on else "",
            "priority": order.priority,
            "respond_by": _local(order.respond_by, zone),
            "reason": order.reason,
            "request": _request_of(session, engagement_id(engagement), order, zone),
            "records": [
                {
                    "no": record.sequence,
                    "outcome": record.outcome,
                    "done": _local(record.done_at, zone) or record.done_on.isoformat(),
                    "recorded": _local(record.recorded_at, zone),
                    "late": "late entry" if record.late_entry else "",
                    "by": record.staff_ref,
                    "place": record.place,
                    "hours": str(record.hours),
                    "material": str(record.material_cost),
                    "reading": "; ".join(filter(None, (record.reading, _readings(session, record.id)))),
                    "note": record.note,
                    "reason": record.reason,
                    "photos": " ".join(_photos(session, record.id)),
                    "standing": _standing(record, holds, replaced),
                }
                for record in log
            ],
        }


def _request_of(session: Session, key: int, order: WorkOrder, zone: ZoneInfo) -> dict[str, Any]:
    """The request an order was made of, with its thread and its files; empty where it was made of none."""
    kind, _colon, number = order.series.partition(":")
    request = find_request(session, key, number) if kind == "request" else None
    if request is None:
        return {}
    events = session.exec(
        select(RequestEvent).where(RequestEvent.request_id == request.id).order_by(col(RequestEvent.sequence))
    ).all()
    mails = session.exec(
        select(RequestMessage)
        .where(RequestMessage.request_id == request.id)
        .order_by(col(RequestMessage.sent_at), col(RequestMessage.id))
    ).all()
    return {
        "number": request.number,
        "text": request.text,
        "thread": [
            *(
                " ".join(filter(None, (_local(event.at, zone), event.event, event.reason, event.note)))
                for event in events
            ),
            *(f"{_local(mail.sent_at, zone)} mail: {mail.subject}" for mail in mails),
        ],
        "files": [f"{file['name']} {file['sha256']}" for mail in mails for file in mail.attachments],
    }


def _standing(record: WorkRecord, holds: WorkRecord | None, replaced: dict[int, int]) -> str:
    if record.sequence in replaced:
        return f"replaced by {replaced[record.sequence]}"
    return "holds" if record.outcome in RESULTS and holds is record else ""


def _photos(session: Session, record_id: int | None) -> list[str]:
    return list(
        session.exec(
            select(WorkPhoto.sha256).where(WorkPhoto.work_record_id == record_id).order_by(col(WorkPhoto.id))
        ).all()
    )


def _readings(session: Session, record_id: int | None) -> str:
    rows = session.exec(
        select(CheckReading)
        .where(CheckReading.work_record_id == record_id)
        .order_by(CheckReading.asset_tag, CheckReading.item)
    ).all()
    return "; ".join(
        f"{r.asset_tag} {r.item} {'' if r.value is None else r.value} {r.unit} ({r.verdict})".replace(
            "  ", " "
        )
        for r in rows
    )


def _local(at: Any, zone: ZoneInfo) -> str:
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
