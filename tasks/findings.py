"""Which work does something found wrong ask for, and may the machine be used meanwhile? (B2-B5)"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select, update

from models.engagement import Engagement
from models.register import Asset
from models.rules.finding_priority import RESPONSE_TIME, FindingPriority, finding_priority
from models.rules.periods import instant_of
from models.upsert import insert_if_absent
from models.work import WorkOrder

CORRECTIVE_TIME = timedelta(days=3)
FOUND, CAMERA_FAULT = "finding:", "cctv:"
"""How the series of a repair begins that a check, or the camera log, asked for."""
OUT_OF_ORDER = (FOUND, CAMERA_FAULT)
"""While a repair of these origins is open, its machine is not fit for use."""


def finding_series(order: WorkOrder) -> str:
    """The series of the corrective work that what was found on this order asks for."""
    return f"{FOUND}{order.series}:{order.due_on}"


def raise_finding(
    session: Session,
    engagement: Engagement,
    order: WorkOrder,
    *,
    on: date,
    at: datetime | None = None,
    note: str = "",
) -> None:
    """Add the corrective order that a failed check asks for, and take the asset out of order.

    Args:
        session: the writing session.
        engagement: whose order it is.
        order: whose work was failed.
        on: the day it was found.
        at: the instant, where it is known; by default the beginning of the day.
        note: what was found.
    """
    element_class = session.exec(
        select(Asset.element_class).where(
            Asset.engagement_id == order.engagement_id, Asset.tag == order.target_code
        )
    ).first()
    priority, respond_by = how_soon(engagement, element_class or "", order, on, at)
    raise_corrective_order(
        session,
        order.engagement_id,
        series=finding_series(order),
        title=f"{order.title}: {note}" if note else order.title,
        target=(order.target_kind, order.target_code),
        clause=order.clause,
        post_code=order.post_code,
        on=on,
        priority=priority,
        respond_by=respond_by,
    )
    if order.target_kind == "asset":
        take_out_of_order(session, order.engagement_id, order.target_code)


def how_soon(
    engagement: Engagement, element_class: str, order: WorkOrder, on: date, at: datetime | None
) -> tuple[FindingPriority, datetime]:
    """How urgent something found on an order is, and the instant by which somebody must have begun.

    Args:
        engagement: whose time zone counts.
        element_class: of the machine it was found at.
        order: whose work found it.
        on: the day it was found.
        at: the instant, where it is known; by default the beginning of the day.
    """
    priority = finding_priority(element_class, order.statutory)
    found_at = at or instant_of(on, time(0), ZoneInfo(engagement.timezone))
    return priority, found_at + RESPONSE_TIME[priority]


def raise_corrective_order(
    session: Session,
    key: int,
    *,
    series: str,
    title: str,
    target: tuple[str, str],
    clause: str,
    post_code: str,
    on: date,
    priority: str = "",
    respond_by: datetime | None = None,
    due_on: date | None = None,
    latest: date | None = None,
) -> None:
    """Add one corrective order, due in three days if no day is said but not after `latest`, linked to its origin by its series."""
    due_on = due_on or on + CORRECTIVE_TIME
    if latest is not None:
        due_on = min(due_on, max(on, latest))
    insert_if_absent(
        session,
        WorkOrder,
        [
            {
                "engagement_id": key,
                "commitment_id": None,
                "series": series,
                "clause": clause,
                "subject": "corrective",
                "title": title,
                "target_kind": target[0],
                "target_code": target[1],
                "ordinal": 0,
                "due_on": due_on,
                "latest_on": due_on,
                "statutory": False,
                "post_code": post_code,
                "state": "released",
                "released_on": on,
                "reason": "",
                "priority": priority,
                "respond_by": respond_by,
            }
        ],
    )


def take_out_of_order(session: Session, key: int, tag: str) -> None:
    """Say that a machine is not fit for use."""
    session.exec(
        update(Asset).where(col(Asset.engagement_id) == key, col(Asset.tag) == tag).values(in_order=False)
    )


def put_back_in_order(session: Session, key: int, tag: str) -> None:
    """Say that a machine is fit for use, unless something else found wrong with it is still open."""
    still_open = select(WorkOrder.id).where(
        WorkOrder.engagement_id == key,
        WorkOrder.target_code == tag,
        WorkOrder.target_kind == "asset",
        WorkOrder.state == "released",
        or_(*(col(WorkOrder.series).startswith(origin) for origin in OUT_OF_ORDER)),
    )
    session.exec(
        update(Asset)
        .where(col(Asset.engagement_id) == key, col(Asset.tag) == tag, ~still_open.correlate(None).exists())
        .values(in_order=True)
        .execution_options(synchronize_session=False)
    )
