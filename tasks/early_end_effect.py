"""What changes when both sides agree that a custody ends early, and what comes back if they take it back? (A5, C4)

Nothing is lost: work after the new end is called off with the reason, instalments are kept as they were beside.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, func, select, update

from models.audit import AuditEvent, record_event
from models.contract import Contract, Instalment
from models.decision import SIDES
from models.engagement import Cycle, Engagement
from models.errors import DecisionNotOpen, Terminal
from models.evaluation import EarlyEnd
from models.occurrence import Occurrence
from models.rules.cycles import CycleKind
from models.rules.instalments import DueAmount, Rate, amended_calendar, owed_until
from models.rules.periods import contract_years
from models.rules.stages import Stage
from models.work import WorkOrder
from tasks.amended_occurrences import CANCELLED
from tasks.engagements import engagement_id
from tasks.follow_ups import drop_follow_ups, open_follow_ups
from tasks.instalments import signed_instalments
from tasks.occurrences import mark_released
from tasks.plans_in_force import confirmed_versions

ENDABLE = (Stage.MOBILISATION, Stage.IN_SERVICE)
"""From the signature to the joint evaluation: before it `withdraw` ends all, after it the term ends anyway."""


@dataclass(frozen=True)
class EndingEarly:
    """What an early end comes to."""

    owed: Decimal
    """The fee of the shortened term."""
    orders: int
    """Orders given out, and occurrences planned, after the new end."""
    instalments: tuple[DueAmount, ...]
    """As they will be."""


def ends_early(session: Session, key: int) -> bool:
    """Whether both sides agreed that the custody ends before its term."""
    return (
        session.exec(
            select(EarlyEnd.id).where(EarlyEnd.engagement_id == key, EarlyEnd.state == "agreed")
        ).first()
        is not None
    )


def notice_of(session: Session, key: int, number: str) -> EarlyEnd:
    """The notice of this number."""
    return session.exec(
        select(EarlyEnd).where(EarlyEnd.engagement_id == key, EarlyEnd.number == number)
    ).one()


def reckon_early_end(session: Session, engagement: Engagement, ends_on: date, today: date) -> EndingEarly:
    """What an end on a day would come to; nothing is written."""
    key = engagement_id(engagement)
    orders = session.exec(
        select(func.count())
        .select_from(Occurrence)
        .where(
            Occurrence.engagement_id == key,
            Occurrence.due_on > ends_on,
            col(Occurrence.state).in_(("planned", "released")),
        )
    ).one()
    rates = _rates(session, engagement)
    if not rates:
        return EndingEarly(Decimal("0.00"), orders, ())
    kept = [
        DueAmount(row.due_on, row.amount, row.paid_on is not None or row.due_on < today)
        for row in session.exec(signed_instalments(key)).all()
        if row.due_on <= ends_on or row.paid_on is not None
    ]
    calendar = amended_calendar(kept, (engagement.term_start, ends_on), rates, ends_on)
    return EndingEarly(owed_until(engagement.term_start, ends_on, rates), orders, calendar)


def settle_early_end(
    session: Session, engagement: Engagement, number: str, agreed: bool, today: date
) -> None:
    """Carry out what both sides decided about a notice, in the transaction of the decision.

    Raises:
        DecisionNotOpen: the day has passed, or the joint evaluation is open: a new notice names another day.
    """
    key = engagement_id(engagement)
    notice = notice_of(session, key, number)
    if notice.state != "given":
        return
    notice.state, notice.settled_on = "agreed" if agreed else "refused", today
    session.add(notice)
    if not agreed:
        record_event(session, key, "early_end.refused", number)
        return
    if today > notice.ends_on or engagement.stage not in ENDABLE:
        raise DecisionNotOpen(
            f"The custody cannot end on {notice.ends_on} any more (today {today}, stage {engagement.stage}): take the "
            "notice back and give another one."
        )
    ending = reckon_early_end(session, engagement, notice.ends_on, today)
    notice.former_instalments = [
        {"due_on": str(row.due_on), "amount": str(row.amount)}
        for row in session.exec(signed_instalments(key)).all()
    ]
    _write_instalments(session, key, {one.due_on: one.amount for one in ending.instalments})
    called_off = _call_off(session, key, notice)
    beyond, engagement.serving_until = engagement.serving_until, None  # service ends with the shortened term
    engagement.term_end = notice.ends_on
    session.add(engagement)
    session.flush()
    open_follow_ups(
        session, engagement, dict.fromkeys(SIDES, "end"), today
    )  # nobody is asked again how to go on
    record_event(
        session,
        key,
        "early_end.agreed",
        number,
        {
            "ends_on": str(notice.ends_on),
            "former_end": str(notice.former_end),
            **({_BEYOND: str(beyond)} if beyond else {}),
            **called_off,
            "owed": str(ending.owed),
        },
    )


def restore_term(session: Session, engagement: Engagement, notice: EarlyEnd, today: date) -> None:
    """Give an agreed notice back its former term, work and instalments.

    Raises:
        Terminal: it has taken effect: the last review against the new end is held, or the day has come.
    """
    key = engagement_id(engagement)
    last = contract_years(engagement.term_start, engagement.term_end)[-1]
    reviewed = session.exec(
        select(Cycle.id).where(
            Cycle.engagement_id == key,
            Cycle.kind == CycleKind.YEAR_REVIEW.value,
            Cycle.period == last.label,
            col(Cycle.state).in_(("started", "done")),
            col(Cycle.as_of)
            >= (notice.settled_on or notice.given_on),  # one held before it is none of its effects
        )
    ).first()
    if engagement.stage not in ENDABLE or today > notice.ends_on or reviewed is not None:
        raise Terminal(
            f"The early end on {notice.ends_on} has taken effect (stage {engagement.stage}, the last annual review is "
            f"{'held' if reviewed is not None else 'not held'}): it cannot be taken back; a new term needs a new contract."
        )
    engagement.term_end, engagement.serving_until = notice.former_end, _served_beyond(session, key, notice)
    session.add(engagement)
    drop_follow_ups(session, key)
    _write_instalments(session, key, _instalments_again(session, engagement, notice, today))
    reason = _reason(notice)
    back = session.exec(
        update(WorkOrder)
        .where(
            col(WorkOrder.engagement_id) == key,
            col(WorkOrder.state) == "skipped",
            col(WorkOrder.reason) == reason,
        )
        .values(state="released", reason="")
        .execution_options(synchronize_session=False)
    ).rowcount
    for absorbed, state in ((True, "absorbed"), (False, "planned")):
        session.exec(
            update(Occurrence)
            .where(
                col(Occurrence.engagement_id) == key,
                col(Occurrence.state) == "skipped",
                col(Occurrence.reason) == reason,
                (col(Occurrence.absorbed_by) != "") if absorbed else (col(Occurrence.absorbed_by) == ""),
            )
            .values(state=state, reason="", revision=col(Occurrence.revision) + 1)
            .execution_options(synchronize_session=False)
        )
    session.flush()
    for first, last_day in _given_out(session, key, notice):
        mark_released(session, key, first, last_day)
    record_event(session, key, "early_end.undone", notice.number, {"orders": back})


_BEYOND = "serving_until"
"""Until when service was to go on beyond the term, in the audit entry of the notice that ended it."""


def _served_beyond(session: Session, key: int, notice: EarlyEnd) -> date | None:
    said = session.exec(
        select(AuditEvent.detail).where(
            AuditEvent.engagement_id == key,
            AuditEvent.tag == "early_end.agreed",
            AuditEvent.subject == notice.number,
        )
    ).first()
    return date.fromisoformat(said[_BEYOND]) if said and _BEYOND in said else None


def _instalments_again(
    session: Session, engagement: Engagement, notice: EarlyEnd, today: date
) -> dict[date, Decimal]:
    """The instalments as they were; the next free one settles what was paid otherwise meanwhile."""
    former = {date.fromisoformat(one["due_on"]): Decimal(one["amount"]) for one in notice.former_instalments}
    paid = {
        row.due_on: row.amount
        for row in session.exec(signed_instalments(engagement_id(engagement))).all()
        if row.paid_on is not None
    }
    if all(former.get(day) == amount for day, amount in paid.items()):
        return former
    calendar = [DueAmount(day, amount, day in paid) for day, amount in {**former, **paid}.items()]
    term = (engagement.term_start, notice.former_end)
    return {
        one.due_on: one.amount for one in amended_calendar(calendar, term, _rates(session, engagement), today)
    }


def _given_out(session: Session, key: int, notice: EarlyEnd) -> list[tuple[date, date]]:
    """The days after the new end whose orders had been given out: of the months that were opened."""
    latest = session.exec(
        select(func.max(col(WorkOrder.due_on))).where(
            WorkOrder.engagement_id == key,
            col(WorkOrder.commitment_id).is_not(None),
            WorkOrder.due_on > notice.ends_on,
        )
    ).one()
    return [] if latest is None else [(notice.ends_on + timedelta(days=1), latest)]


def _call_off(session: Session, key: int, notice: EarlyEnd) -> dict[str, Any]:
    reason = _reason(notice)
    orders = session.exec(
        update(WorkOrder)
        .where(
            col(WorkOrder.engagement_id) == key,
            col(WorkOrder.state) == "released",
            col(WorkOrder.commitment_id).is_not(
                None
            ),  # a repair that is open is an open matter of the handover
            col(WorkOrder.due_on) > notice.ends_on,
        )
        .values(state="skipped", reason=reason)
        .execution_options(synchronize_session=False)
    ).rowcount
    occurrences = session.exec(
        update(Occurrence)
        .where(
            col(Occurrence.engagement_id) == key,
            col(Occurrence.due_on) > notice.ends_on,
            col(Occurrence.state).in_(("planned", "released", "absorbed")),
        )
        .values(state="skipped", reason=reason, revision=col(Occurrence.revision) + 1)
        .execution_options(synchronize_session=False)
    ).rowcount
    return {"orders": orders, "occurrences": occurrences}


def _reason(notice: EarlyEnd) -> str:
    return f"{CANCELLED}{notice.number}"


def _rates(session: Session, engagement: Engagement) -> list[Rate]:
    versions = confirmed_versions(session, engagement_id(engagement))
    rates = [Rate(version.effective_on, version.annual_fee) for version in versions]
    return [Rate(engagement.term_start, rates[0].annual_fee), *rates[1:]] if rates else []


def _write_instalments(session: Session, key: int, wanted: dict[date, Decimal]) -> None:
    """Make the instalments that are not paid those wanted; a paid one stays as it is."""
    contract = session.exec(
        select(Contract).where(Contract.engagement_id == key, Contract.state == "signed")
    ).one_or_none()
    if contract is None:
        return
    rows = {row.due_on: row for row in session.exec(signed_instalments(key)).all()}
    for due_on, row in rows.items():
        if row.paid_on is None and due_on not in wanted:
            session.delete(row)
    for due_on, amount in wanted.items():
        row = rows.get(due_on) or Instalment(contract_id=contract.id or 0, due_on=due_on, amount=amount)
        if row.paid_on is None:
            row.amount = amount
            session.add(row)
    session.flush()
