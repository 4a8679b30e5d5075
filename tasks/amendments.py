"""What follows when both sides accept an amended plan? Work from its day on, remaining instalments, an addendum."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.contract import Contract, ContractAmendment, Instalment
from models.engagement import Engagement
from models.rules.instalments import DueAmount, Rate, amended_calendar
from models.rules.periods import Period
from models.service_plan import ServicePlan
from models.upsert import insert_if_absent
from models.work import WorkOrder
from tasks.amended_occurrences import CANCELLED, align_occurrences
from tasks.engagements import engagement_id
from tasks.occurrences import mark_released, opened_months, order_rows, planning_horizon
from tasks.plans_in_force import confirmed_versions

_FOLLOWS_THE_PLAN = (
    "commitment_id",
    "clause",
    "subject",
    "title",
    "ordinal",
    "latest_on",
    "statutory",
    "post_code",
)


def carry_out_amendment(
    session: Session, engagement: Engagement, plan: ServicePlan, document_sha256: str, today: date
) -> None:
    """Bring released work and the payment calendar in line with the versions now confirmed; twice is once.

    Args:
        session: the transaction of the decision.
        engagement: whose plan it is.
        plan: the amended version, confirmed.
        document_sha256: what both sides accepted.
        today: the business date.
    """
    counted = align_work(session, engagement, plan, today)
    fee = _amend_contract(session, engagement, plan, document_sha256, today)
    record_event(
        session,
        engagement_id(engagement),
        "plan.amended",
        str(plan.version),
        {"effective_on": str(plan.effective_on), "sha256": document_sha256, **counted, **fee},
    )


def align_work(
    session: Session, engagement: Engagement, plan: ServicePlan, today: date, since: date | None = None
) -> dict[str, int]:
    """Make the orders of the months already released those of the version in force on each day.

    From `since` on; by default from the day of the plan.

    Done and missed orders stay. An order the new version also has is kept and follows it; one it has no more
    is cancelled with the reason; what it has in addition is released.
    """
    key = engagement_id(engagement)
    since = since or plan.effective_on
    counted = {"kept": 0, "cancelled": 0, "released": 0}
    opened = opened_months(session, key)
    if opened:
        align_occurrences(session, engagement, plan, planning_horizon(opened[-1], engagement), since)
    for month in opened:
        first, last = max(month.first, since), min(month.last, engagement.last_day)
        if first > last:
            continue
        days = Period(month.kind, month.label, first, last)
        wanted = order_rows(session, engagement, first, last, today)
        _align_days(session, key, days, wanted, plan, counted)
        mark_released(session, key, first, last)
    return counted


def _align_days(
    session: Session,
    key: int,
    days: Period,
    wanted: list[dict[str, Any]],
    plan: ServicePlan,
    counted: dict[str, int],
) -> None:
    by_key = {(row["series"], row["target_code"], row["due_on"]): row for row in wanted}
    orders = session.exec(
        select(WorkOrder).where(
            WorkOrder.engagement_id == key,
            WorkOrder.due_on >= days.first,
            WorkOrder.due_on <= days.last,
            col(WorkOrder.commitment_id).is_not(None),
        )
    ).all()
    for order in orders:
        row = by_key.pop((order.series, order.target_code, order.due_on), None)
        cancelled = order.state == "skipped" and order.reason.startswith(CANCELLED)
        if order.state != "released" and not cancelled:
            continue
        if row is None:
            if not cancelled:
                order.state, order.reason = "skipped", f"{CANCELLED}version {plan.version}"
                counted["cancelled"] += 1
        else:
            for name in _FOLLOWS_THE_PLAN:
                setattr(order, name, row[name])
            order.state, order.reason = "released", ""
            counted["kept"] += 1
        session.add(order)
    session.flush()
    counted["released"] += insert_if_absent(session, WorkOrder, list(by_key.values()))


@dataclass(frozen=True)
class AmendedPayments:
    """The instalments as they stand and as they will be, and the yearly fee before."""

    rows: dict[date, Instalment]
    calendar: tuple[DueAmount, ...]
    old_annual_fee: Decimal


def amended_payments(
    session: Session, engagement: Engagement, contract: Contract, versions: Sequence[ServicePlan], today: date
) -> AmendedPayments:
    """What the instalments come to under these versions, the last of which is the amended one.

    Args:
        session: any session.
        engagement: whose contract it is.
        contract: the signed contract.
        versions: those that are confirmed once the amendment is, oldest first.
        today: instalments due before it stay as they are.
    """
    plan = versions[-1]
    before = versions[-2] if len(versions) > 1 else None
    rates = [Rate(version.effective_on, version.annual_fee) for version in versions]
    if before is None:  # in force from the first day: no older rate is owed for any day
        rates = [Rate(engagement.term_start, plan.annual_fee)]
    rows = {
        row.due_on: row
        for row in session.exec(select(Instalment).where(Instalment.contract_id == contract.id)).all()
    }
    calendar = amended_calendar(
        [
            DueAmount(
                row.due_on, row.amount, row.paid_on is not None or row.due_on < max(plan.effective_on, today)
            )
            for row in rows.values()
        ],
        (engagement.term_start, engagement.term_end),
        rates,
        plan.effective_on,
    )
    return AmendedPayments(rows, calendar, contract.annual_fee if before is None else before.annual_fee)


def _amend_contract(
    session: Session, engagement: Engagement, plan: ServicePlan, document_sha256: str, today: date
) -> dict[str, str]:
    key = engagement_id(engagement)
    contract = session.exec(
        select(Contract).where(Contract.engagement_id == key, Contract.state == "signed")
    ).one()
    if session.exec(
        select(ContractAmendment.id).where(
            ContractAmendment.contract_id == contract.id, ContractAmendment.plan_id == plan.id
        )
    ).first():
        return {}
    payments = amended_payments(session, engagement, contract, confirmed_versions(session, key), today)
    rows = payments.rows
    old_fee = payments.old_annual_fee
    changed = []
    for entry in payments.calendar:
        row = rows.get(entry.due_on)
        if row is not None and row.amount == entry.amount:
            continue
        changed.append(
            {
                "due_on": str(entry.due_on),
                "old": None if row is None else str(row.amount),
                "new": str(entry.amount),
            }
        )
        if row is None:
            row = Instalment(contract_id=contract.id or 0, due_on=entry.due_on, amount=entry.amount)
        row.amount = entry.amount
        session.add(row)
    session.add(
        ContractAmendment(
            contract_id=contract.id or 0,
            plan_id=plan.id or 0,
            effective_on=plan.effective_on,
            agreed_on=today,
            reason=plan.reason or "",
            document_sha256=document_sha256,
            old_annual_fee=old_fee,
            new_annual_fee=plan.annual_fee,
            instalments=changed,
        )
    )
    return {"old_annual_fee": str(old_fee), "new_annual_fee": str(plan.annual_fee)}
