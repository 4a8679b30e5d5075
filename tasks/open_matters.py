"""What is not settled when the custody ends, who owes it, and until when? (C4)"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from models.accounts import Statement
from models.contract import Instalment
from models.emergency import Incident
from models.engagement import Engagement
from models.permit import Permit
from models.permit_files import load_permit_kinds
from models.review import ImprovementAction
from models.rules.personal_data import masked
from models.rules.request_states import OPEN_STATES, SETTLED_STATES
from models.service_desk import RequestEvent, ServiceRequest
from models.staff import StaffMember
from models.work import PartForecast, WorkOrder
from reports.words import POSTS, REQUEST_KINDS, Voice, period_words, voice_of
from tasks.decisions import DECISION_TIME
from tasks.engagements import engagement_id
from tasks.improvements import actions_in_state
from tasks.instalments import signed_instalments
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
    """What is open of work, requests, emergencies, permits, parts, people, fees and accounts.

    Planned work only once its window is over.

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
        *_emergencies(session, engagement, voice),
        *_permits(session, engagement, voice),
        *_parts(session, key, voice),
        *_staff(session, key, today, voice),
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


def _emergencies(session: Session, engagement: Engagement, voice: Voice) -> list[OpenMatter]:
    """Those still going on, and those over without the review that the law and the plan ask for; drills are none."""
    rows = session.exec(
        select(Incident)
        .where(
            Incident.engagement_id == engagement_id(engagement),
            col(Incident.is_drill).is_(False),
            col(Incident.stood_down_at).is_(None) | col(Incident.after_action_on).is_(None),
        )
        .order_by(Incident.ref)
    ).all()
    return [
        OpenMatter(
            "emergency",
            row.ref,
            (
                voice("Not stood down: ", "尚未解除：")
                if row.stood_down_at is None
                else voice("Review after the act is due: ", "事后评估待完成：")
            )
            + masked(row.summary)[:_SHOWN],
            "manager",
            None,
        )
        for row in rows
    ]


def _permits(session: Session, engagement: Engagement, voice: Voice) -> list[OpenMatter]:
    zone = ZoneInfo(engagement.timezone)
    rows = session.exec(
        select(Permit, WorkOrder)
        .join(WorkOrder, col(WorkOrder.id) == col(Permit.work_order_id))
        .where(Permit.engagement_id == engagement_id(engagement), Permit.state == "issued")
        .order_by(col(Permit.id))
    ).all()
    kinds = {kind.code: kind for kind in load_permit_kinds()}
    return [
        OpenMatter(
            "permit",
            str(permit.id),
            f"{kinds[permit.kind].label.in_language(voice.language) if permit.kind in kinds else permit.kind}"
            f"{voice(': ', '：')}{order.title}",
            order.post_code,
            permit.valid_until.astimezone(zone).date(),
        )
        for permit, order in rows
    ]


def _parts(session: Session, key: int, voice: Voice) -> list[OpenMatter]:
    """Wear parts the client has not decided on, and those it approved that are not replaced."""
    rows = session.exec(
        select(PartForecast)
        .where(PartForecast.engagement_id == key, col(PartForecast.state).in_(("reported", "approved")))
        .order_by(col(PartForecast.replace_by), PartForecast.asset_tag, PartForecast.part)
    ).all()
    return [
        OpenMatter(
            "part",
            _part_ref(row),
            (
                voice("Awaits the client's approval: ", "待委托方同意：")
                if row.state == "reported"
                else voice("Approved, to be replaced: ", "已同意，待更换：")
            )
            + (row.title or row.part),
            "client" if row.state == "reported" else "custodian",
            row.replace_by,
        )
        for row in rows
    ]


def _part_ref(part: PartForecast) -> str:
    return f"{part.asset_tag} {part.part} {part.replace_by}"


def _staff(session: Session, key: int, today: date, voice: Voice) -> list[OpenMatter]:
    """How many people are on each post: taken over or released, with their keys and accounts; nobody is named."""
    rows = session.exec(
        select(StaffMember.post_code, func.count())
        .where(
            StaffMember.engagement_id == key,
            col(StaffMember.left_on).is_(None) | (col(StaffMember.left_on) > today),
        )
        .group_by(col(StaffMember.post_code))
        .order_by(StaffMember.post_code)
    ).all()
    return [
        OpenMatter(
            "staff",
            post,
            f"{voice.word(POSTS, post)}{voice(', ', '，')}"
            + voice.counted(count, "person", "people", "人")
            + voice(": taken over or released, keys and accounts given back", "：留任或离岗，交还钥匙与账号"),
            "custodian",
            None,
        )
        for post, count in rows
    ]


def _money(session: Session, key: int, today: date, voice: Voice) -> list[OpenMatter]:
    unpaid = session.exec(
        signed_instalments(key).where(Instalment.due_on <= today, col(Instalment.paid_on).is_(None))
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
                "client" if row.amount >= 0 else "custodian",  # paid ahead for days that are owed no more
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
                *_statement_owed(row),
            )
            for row in unaudited
        ),
    ]


def _statement_owed(statement: Statement) -> tuple[str, date]:
    """Who has to bring accounts on, and until when."""
    with_client_since = (
        statement.issued_on
        if statement.state == "reviewed"
        # Before accounts had a second person and a day they went straight to the client.
        else statement.compiled_on
        if statement.state == "compiled" and statement.due_on is None
        else None
    )
    if with_client_since is not None:
        return "client", with_client_since + DECISION_TIME
    return "custodian", statement.due_on or statement.compiled_on + DECISION_TIME


def settled_on(session: Session, engagement: Engagement, kind: str, ref: str) -> date | None:
    """The day a matter that was open came to its end; None where its record bears none."""
    return _ENDED[kind](session, engagement, ref)


def _action_ended(session: Session, engagement: Engagement, ref: str) -> date | None:
    action = session.exec(
        select(ImprovementAction).where(
            ImprovementAction.engagement_id == engagement_id(engagement), ImprovementAction.ref == ref
        )
    ).first()
    return action.done_on if action else None


def _order_ended(session: Session, engagement: Engagement, ref: str) -> date | None:
    orders = session.exec(
        select(WorkOrder).where(
            WorkOrder.engagement_id == engagement_id(engagement),
            WorkOrder.due_on == date.fromisoformat(ref[-10:]),
        )
    ).all()
    return next((order.done_on for order in orders if _order_ref(order) == ref), None)


def _request_ended(session: Session, engagement: Engagement, ref: str) -> date | None:
    last = session.exec(
        select(RequestEvent)
        .join(ServiceRequest, col(ServiceRequest.id) == col(RequestEvent.request_id))
        .where(
            ServiceRequest.engagement_id == engagement_id(engagement),
            ServiceRequest.number == ref,
            col(RequestEvent.event).in_(SETTLED_STATES),
        )
        .order_by(col(RequestEvent.at).desc())
    ).first()
    return _local_day(engagement, last.at) if last else None


def _emergency_ended(session: Session, engagement: Engagement, ref: str) -> date | None:
    incident = session.exec(
        select(Incident).where(Incident.engagement_id == engagement_id(engagement), Incident.ref == ref)
    ).first()
    return incident.after_action_on if incident else None


def _permit_ended(session: Session, engagement: Engagement, ref: str) -> date | None:
    permit = session.get(Permit, int(ref))
    return _local_day(engagement, permit.closed_at) if permit and permit.closed_at else None


def _part_ended(session: Session, engagement: Engagement, ref: str) -> date | None:
    parts = session.exec(
        select(PartForecast).where(
            PartForecast.engagement_id == engagement_id(engagement),
            PartForecast.replace_by == date.fromisoformat(ref[-10:]),
        )
    ).all()
    return next((one.replaced_on or one.decided_on for one in parts if _part_ref(one) == ref), None)


def _staff_ended(session: Session, engagement: Engagement, ref: str) -> date | None:
    return session.exec(
        select(func.max(StaffMember.left_on)).where(
            StaffMember.engagement_id == engagement_id(engagement), StaffMember.post_code == ref
        )
    ).one()


def _instalment_ended(session: Session, engagement: Engagement, ref: str) -> date | None:
    instalment = session.exec(
        signed_instalments(engagement_id(engagement)).where(Instalment.due_on == date.fromisoformat(ref))
    ).first()
    return instalment.paid_on if instalment else None


def _statement_ended(session: Session, engagement: Engagement, ref: str) -> date | None:
    statement = session.exec(
        select(Statement).where(Statement.engagement_id == engagement_id(engagement), Statement.period == ref)
    ).first()
    return statement.audited_on if statement else None


def _local_day(engagement: Engagement, at: datetime) -> date:
    return at.astimezone(ZoneInfo(engagement.timezone)).date()


_ENDED: dict[str, Callable[[Session, Engagement, str], date | None]] = {
    "action": _action_ended,
    "order": _order_ended,
    "request": _request_ended,
    "emergency": _emergency_ended,
    "permit": _permit_ended,
    "part": _part_ended,
    "staff": _staff_ended,
    "instalment": _instalment_ended,
    "statement": _statement_ended,
}
