"""May this work order begin or end, as its permits stand? (B2)"""

from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.engagement import Engagement
from models.permit import Permit
from models.permit_files import load_permit_kinds
from models.rules.permits import Moment, PermitFacts, kinds_required, why_not_begun, why_not_finished
from models.work import WorkOrder
from tasks.work_entries import WorkEntry


def needed_kinds(order: WorkOrder) -> list[str]:
    """Codes of the permits an order needs."""
    return [
        kind.code
        for kind in kinds_required(
            load_permit_kinds(), order.series, order.title, corrective=order.subject == "corrective"
        )
    ]


def permits_of(session: Session, order_id: int) -> list[Permit]:
    """The permits of an order, the oldest first."""
    return list(
        session.exec(select(Permit).where(Permit.work_order_id == order_id).order_by(col(Permit.id))).all()
    )


def why_not_start(session: Session, engagement: Engagement, order: WorkOrder, entry: WorkEntry) -> str:
    """What the permits say against beginning, as the end of a sentence; empty if nothing."""
    facts = _facts(session, order)
    return why_not_begun(needed_kinds(order), facts, entry.staff_ref, _moment(engagement, entry))


def why_not_complete(session: Session, engagement: Engagement, order: WorkOrder, entry: WorkEntry) -> str:
    """What the permits say against a result, as the end of a sentence; empty if nothing."""
    facts = _facts(session, order)
    return why_not_finished(needed_kinds(order), facts, entry.staff_ref, _moment(engagement, entry))


def _facts(session: Session, order: WorkOrder) -> list[PermitFacts]:
    return [
        PermitFacts(one.kind, one.holder, one.valid_from, one.valid_until, one.closed_by)
        for one in permits_of(session, order.id or 0)
    ]


def _moment(engagement: Engagement, entry: WorkEntry) -> Moment:
    return Moment(entry.done_on, entry.done_at, ZoneInfo(engagement.timezone))
