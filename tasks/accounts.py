"""What came in and went out? The ledger: every voucher once, in a period that is open (C2)."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from models.accounts import LedgerEntry, Statement
from models.audit import record_event
from models.contract import Instalment
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.account_items import FEE
from models.rules.ledger_sheet import Voucher
from models.rules.periods import Period
from models.upsert import insert_if_absent
from reports.words import voice_of
from tasks.engagements import engagement_id, find_engagement, lock_engagement
from tasks.instalments import signed_instalments
from tasks.plans_in_force import plan_in_force
from tasks.promises import yearly_budget_of
from tasks.statements import of_the_term


def book(code: str, bookings: Sequence[Voucher]) -> int:
    """Book entries; a voucher booked before is not booked again.

    Returns:
        How many were new.

    Raises:
        Terminal: an entry falls into a period whose statement is compiled already: correct it in the open one.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        vouchers = [booking.voucher for booking in bookings]
        known = set(
            session.exec(
                select(LedgerEntry.voucher).where(
                    LedgerEntry.engagement_id == key, col(LedgerEntry.voucher).in_(vouchers)
                )
            ).all()
        )
        fresh = [booking for booking in bookings if booking.voucher not in known]
        _refuse_closed_periods(session, engagement, fresh)
        new = enter_vouchers(session, key, fresh)
        if new:
            record_event(session, key, "ledger.booked", code, {"entries": new})
        return new


def enter_vouchers(session: Session, key: int, vouchers: Sequence[Voucher]) -> int:
    """Enter vouchers into the ledger, in the caller's transaction; returns how many were not there."""
    return insert_if_absent(
        session, LedgerEntry, [{"engagement_id": key, **vars(voucher)} for voucher in vouchers]
    )


def _refuse_closed_periods(session: Session, engagement: Engagement, bookings: Sequence[Voucher]) -> None:
    closed = closed_periods(session, engagement)
    for booking in bookings:
        period = closing_period(closed, booking.booked_on)
        if period is not None:
            raise Terminal(
                f"Voucher {booking.voucher} is dated {booking.booked_on}, but the statement of {period.label} "
                "is compiled: book the correction in the open period."
            )


def closed_periods(session: Session, engagement: Engagement) -> list[Period]:
    """The periods whose statement is compiled, the earliest end first, months before the quarter they end.

    None closes a day after the term: what comes in and goes out then is booked on its day.
    """
    labels = session.exec(
        select(Statement.period).where(Statement.engagement_id == engagement_id(engagement))
    ).all()
    return sorted(
        (of_the_term(engagement, label) for label in labels), key=lambda period: (period.last, period.days)
    )


def closing_period(closed: Sequence[Period], day: date) -> Period | None:
    """The compiled period that a day can no longer change, by its own figures or by its opening balance."""
    return next((period for period in closed if day <= period.last), None)


def record_payment(code: str, due_on: date, paid_on: date) -> bool:
    """Record that an instalment of the fee came in; False if it was recorded before.

    What came in on a day of a compiled period is booked on the first day that is open, and what came in before the
    term on its first: it is a fee of the term, nothing that was taken over.

    Raises:
        Terminal: no instalment of a signed contract is due on that day.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, voice = engagement_id(engagement), voice_of(engagement)
        instalment = session.exec(signed_instalments(key).where(Instalment.due_on == due_on)).one_or_none()
        if instalment is None:
            raise Terminal(f"No instalment of {code} is due on {due_on}.")
        if instalment.paid_on is not None:
            return False
        instalment.paid_on = paid_on
        session.add(instalment)
        closed = closed_periods(session, engagement)
        open_from = closed[-1].last + timedelta(days=1) if closed else engagement.term_start
        moved = voice(f", paid {paid_on}", f"，{paid_on}到账") if paid_on < open_from else ""
        enter_vouchers(
            session,
            key,
            [
                Voucher(
                    f"FEE-{due_on}",
                    max(paid_on, open_from),
                    "income",
                    FEE,
                    instalment.amount,
                    voice(f"Instalment due {due_on}", f"应于{due_on}支付的服务费") + moved,
                    due_on,
                )
            ],
        )
        record_event(session, key, "fee.received", str(due_on), {"amount": str(instalment.amount)})
        return True


def unpaid_instalments(code: str, until: date) -> list[tuple[date, Decimal]]:
    """Due date and amount of the instalments due up to a day and not paid."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        rows = session.exec(
            signed_instalments(key).where(Instalment.due_on <= until, col(Instalment.paid_on).is_(None))
        ).all()
        return [(row.due_on, row.amount) for row in rows]


def yearly_budget(code: str) -> list[tuple[str, Decimal]]:
    """Cost item and yearly amount of the budget in force today."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return list(yearly_budget_of(session, plan_in_force(session, key)).items())
