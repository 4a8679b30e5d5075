"""What is not settled when the custody ends, who owes it, and until when? (C4)"""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.accounts import Statement
from models.contract import Contract, Instalment
from models.engagement import Engagement
from models.review import ImprovementAction
from models.rules.personal_data import masked
from models.rules.request_states import OPEN_STATES, SETTLED_STATES
from models.service_desk import RequestEvent, ServiceRequest
from models.work import WorkOrder
from reports.words import REQUEST_KINDS, Voice, period_words, voice_of
from tasks.decisions import DECISION_TIME
from tasks.engagements import engagement_id
from tasks.improvements import actions_in_state
from tasks.work_orders import followed, still_to_do

_SHOWN = 120
_DESK = "service_agent"


@dataclass(frozen=True)
class OpenMatter:
    """Something that is owed still."""

    kind: str
    """One of `models.handover.MATTERS`."""
    ref: str
    title: str
    owner: str
    """A post, client or custodian."""
    due_on: date | None


def open_matters(session: Session, engagement: Engagement, today: date) -> list[OpenMatter]:
    """Improvements, work, requests, fees and accounts that are open; planned work only once its window is over.

    Planned work that the next of its series has taken the place of is missed, and owed no more.
    """
    key, voice = engagement_id(engagement), voice_of(engagement)
    return [
        *(
            OpenMatter("action", action.ref, action.text, action.post_code, action.due_on)
            for action in actions_in_state(session, key, "open")
        ),
        *(
            OpenMatter("order", _order_ref(order), order.title, order.post_code, order.latest_on)
            for order in session.exec(
                select(WorkOrder)
                .where(
                    WorkOrder.engagement_id == key,
                    still_to_do(),
                    col(WorkOrder.commitment_id).is_(None)
                    | ((col(WorkOrder.latest_on) < today) & ~followed(today)),
                )
                .order_by(col(WorkOrder.due_on), col(WorkOrder.series), col(WorkOrder.target_code))
            ).all()
        ),
        *_requests(session, engagement, voice),
        *_money(session, key, today, voice),
    ]


def _order_ref(order: WorkOrder) -> str:
    return f"{order.series} {order.target_code} {order.due_on}"


def _requests(session: Session, engagement: Engagement, voice: Voice) -> list[OpenMatter]:
    rows = session.exec(
        select(ServiceRequest)
        .where(
            ServiceRequest.engagement_id == engagement_id(engagement),
            col(ServiceRequest.state).in_(OPEN_STATES),
        )
        .order_by(ServiceRequest.number)
    ).all()
    return [
        OpenMatter(
            "request",
            row.number,
            f"{voice.word(REQUEST_KINDS, row.kind)}{voice(': ', '：')}{masked(row.text)[:_SHOWN]}",
            _DESK,
            row.resolution_due_at.astimezone(ZoneInfo(engagement.timezone)).date()
            if row.resolution_due_at
            else None,
        )
        for row in rows
    ]


def _money(session: Session, key: int, today: date, voice: Voice) -> list[OpenMatter]:
    unpaid = session.exec(
        _instalments(key)
        .where(Instalment.due_on <= today, col(Instalment.paid_on).is_(None))
        .order_by(col(Instalment.due_on))
    ).all()
    unaudited = session.exec(
        select(Statement)
        .where(
            Statement.engagement_id == key,
            col(Statement.state) != "audited",
            # Quarters and years: nobody is asked to audit a month.
            col(Statement.period).like("____-Q_") | col(Statement.period).like("____"),
        )
        .order_by(Statement.period)
    ).all()
    return [
        *(
            OpenMatter(
                "instalment",
                f"{row.due_on}",
                voice(
                    f"Instalment of the fee: {voice.money(row.amount)}",
                    f"托管服务费：{voice.money(row.amount)}",
                ),
                "client",
                row.due_on,
            )
            for row in unpaid
        ),
        *(
            OpenMatter(
                "statement",
                row.period,
                voice("Accounts not audited: ", "财务报表待审核：")
                + period_words(row.period, voice.language),
                "client" if row.state == "reviewed" else "custodian",
                row.compiled_on + DECISION_TIME,
            )
            for row in unaudited
        ),
    ]


def _instalments(key: int) -> SelectOfScalar[Instalment]:
    """Of the fee of the contract in force."""
    return (
        select(Instalment)
        .join(Contract, col(Contract.id) == col(Instalment.contract_id))
        .where(Contract.engagement_id == key, Contract.state == "signed")
    )


def settled_on(session: Session, engagement: Engagement, kind: str, ref: str) -> date | None:
    """The day a matter that was open came to its end; None where its record bears none."""
    key = engagement_id(engagement)
    if kind == "action":
        action = session.exec(
            select(ImprovementAction).where(
                ImprovementAction.engagement_id == key, ImprovementAction.ref == ref
            )
        ).first()
        return action.done_on if action else None
    if kind == "order":
        day = date.fromisoformat(ref[-10:])
        orders = session.exec(
            select(WorkOrder).where(WorkOrder.engagement_id == key, WorkOrder.due_on == day)
        ).all()
        return next((order.done_on for order in orders if _order_ref(order) == ref), None)
    if kind == "request":
        last = session.exec(
            select(RequestEvent)
            .join(ServiceRequest, col(ServiceRequest.id) == col(RequestEvent.request_id))
            .where(
                ServiceRequest.engagement_id == key,
                ServiceRequest.number == ref,
                col(RequestEvent.event).in_(SETTLED_STATES),
            )
            .order_by(col(RequestEvent.at).desc())
        ).first()
        return last.at.astimezone(ZoneInfo(engagement.timezone)).date() if last else None
    if kind == "instalment":
        instalment = session.exec(
            _instalments(key).where(Instalment.due_on == date.fromisoformat(ref))
        ).first()
        return instalment.paid_on if instalment else None
    statement = session.exec(
        select(Statement).where(Statement.engagement_id == key, Statement.period == ref)
    ).first()
    return statement.audited_on if statement else None
