"""What came in, what went out, and does it keep to the budget? Ledger and statements (C2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, func, select

from models.accounts import LedgerEntry, Statement, StatementLine
from models.audit import record_event
from models.columns import CENT
from models.contract import Contract, Instalment
from models.db import reading, writing
from models.errors import Terminal
from models.rules.ledger_sheet import Voucher
from models.rules.periods import Period
from models.upsert import insert_if_absent
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import engagement_id, find_engagement
from tasks.plans_in_force import plan_in_force
from tasks.promises import budget_for, yearly_budget_of
from tasks.steps import step


@dataclass(frozen=True)
class BookedLine:
    """One item of a period: what was booked, and what was planned for it."""

    kind: str
    """expense or income."""
    cost_item: str
    actual: Decimal
    budget: Decimal


def book(code: str, bookings: Sequence[Voucher]) -> int:
    """Book entries; a voucher booked before is not booked again.

    Returns:
        How many were new.

    Raises:
        Terminal: an entry falls into a period whose statement is compiled already: correct it in the open one.
    """
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        vouchers = [booking.voucher for booking in bookings]
        known = set(
            session.exec(
                select(LedgerEntry.voucher).where(
                    LedgerEntry.engagement_id == key, col(LedgerEntry.voucher).in_(vouchers)
                )
            ).all()
        )
        fresh = [booking for booking in bookings if booking.voucher not in known]
        _refuse_closed_periods(session, key, fresh)
        new = enter_vouchers(session, key, fresh)
        if new:
            record_event(session, key, "ledger.booked", code, {"entries": new})
        return new


def enter_vouchers(session: Session, key: int, vouchers: Sequence[Voucher]) -> int:
    """Enter vouchers into the ledger, in the caller's transaction; returns how many were not there."""
    return insert_if_absent(
        session, LedgerEntry, [{"engagement_id": key, **vars(voucher)} for voucher in vouchers]
    )


def _refuse_closed_periods(session: Session, key: int, bookings: Sequence[Voucher]) -> None:
    closed = [
        Period.parse(label)
        for label in session.exec(select(Statement.period).where(Statement.engagement_id == key)).all()
    ]
    for booking in bookings:
        for period in closed:
            if period.contains(booking.booked_on):
                raise Terminal(
                    f"Voucher {booking.voucher} is dated {booking.booked_on}, but the statement of {period.label} "
                    "is compiled: book the correction in the open period."
                )


def record_payment(code: str, due_on: date, paid_on: date) -> bool:
    """Record that an instalment of the fee came in; False if it was recorded before.

    Raises:
        Terminal: no instalment of a signed contract is due on that day.
    """
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        instalment = session.exec(
            select(Instalment)
            .join(Contract, col(Contract.id) == col(Instalment.contract_id))
            .where(Contract.engagement_id == key, Contract.state == "signed", Instalment.due_on == due_on)
        ).one_or_none()
        if instalment is None:
            raise Terminal(f"No instalment of {code} is due on {due_on}.")
        if instalment.paid_on is not None:
            return False
        instalment.paid_on = paid_on
        session.add(instalment)
        insert_if_absent(
            session,
            LedgerEntry,
            [
                {
                    "engagement_id": key,
                    "voucher": f"FEE-{due_on}",
                    "booked_on": paid_on,
                    "kind": "income",
                    "cost_item": "fee",
                    "amount": instalment.amount,
                    "text": f"Instalment due {due_on}",
                }
            ],
        )
        record_event(session, key, "fee.received", str(due_on), {"amount": str(instalment.amount)})
        return True


def unpaid_instalments(code: str, until: date) -> list[tuple[date, Decimal]]:
    """Due date and amount of the instalments due up to a day and not paid."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        rows = session.exec(
            select(Instalment)
            .join(Contract, col(Contract.id) == col(Instalment.contract_id))
            .where(
                Contract.engagement_id == key,
                Contract.state == "signed",
                Instalment.due_on <= until,
                col(Instalment.paid_on).is_(None),
            )
            .order_by(col(Instalment.due_on))
        ).all()
        return [(row.due_on, row.amount) for row in rows]


def yearly_budget(code: str) -> list[tuple[str, Decimal]]:
    """Cost item and yearly amount of the budget in force today."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return list(yearly_budget_of(session, plan_in_force(session, key)).items())


@step("Compile the statement")
def compile_statement(cycle: CycleRef) -> dict[str, str]:
    """Compile the income and expense report of the cycle's period from the ledger, against the budget.

    Returns:
        Income, expense and budget as texts.
    """
    with cycle_transaction(cycle) as session:
        period = Period.parse(cycle.period)
        lines = booked_lines(session, cycle.engagement_id, period)
        totals = {
            "income": _total(line.actual for line in lines if line.kind == "income"),
            "expense": _total(line.actual for line in lines if line.kind == "expense"),
            "budget": _total(line.budget for line in lines if line.kind == "expense"),
        }
        new = insert_if_absent(
            session,
            Statement,
            [
                {
                    "engagement_id": cycle.engagement_id,
                    "period": cycle.period,
                    "state": "compiled",
                    **totals,
                    "compiled_on": cycle.as_of,
                }
            ],
        )
        if new:
            statement = session.exec(
                select(Statement).where(
                    Statement.engagement_id == cycle.engagement_id, Statement.period == cycle.period
                )
            ).one()
            insert_if_absent(
                session, StatementLine, [{"statement_id": statement.id, **vars(line)} for line in lines]
            )
            record_event(
                session,
                cycle.engagement_id,
                "statement.compiled",
                cycle.period,
                {name: str(amount) for name, amount in totals.items()},
            )
        return {name: str(amount) for name, amount in totals.items()}


def booked_lines(session: Session, key: int, period: Period) -> list[BookedLine]:
    """What the ledger says of a period, expenses first, each item beside its share of the budget or the fee due."""
    actual = _sums(session, key, period)
    planned = {("expense", item): amount for item, amount in budget_for(session, key, period).items()}
    planned |= {("income", item): amount for item, amount in _fees_owed(session, key, period).items()}
    nothing = Decimal("0.00")
    return [
        BookedLine(kind, item, actual.get((kind, item), nothing), planned.get((kind, item), nothing))
        for kind, item in sorted({*actual, *planned})
    ]


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal("0.00"))


def _fees_owed(session: Session, key: int, period: Period) -> dict[str, Decimal]:
    """The fee that the contract lets fall due in the period: the budget of the income side."""
    amounts = [
        instalment.amount
        for instalment in session.exec(
            select(Instalment)
            .join(Contract, col(Contract.id) == col(Instalment.contract_id))
            .where(
                Contract.engagement_id == key,
                Contract.state == "signed",
                Instalment.due_on >= period.first,
                Instalment.due_on <= period.last,
            )
        ).all()
    ]
    return {"fee": sum(amounts, Decimal("0.00"))} if amounts else {}


def _sums(session: Session, key: int, period: Period) -> dict[tuple[str, str], Decimal]:
    rows = session.exec(
        select(LedgerEntry.kind, LedgerEntry.cost_item, func.sum(LedgerEntry.amount))
        .where(
            LedgerEntry.engagement_id == key,
            LedgerEntry.booked_on >= period.first,
            LedgerEntry.booked_on <= period.last,
        )
        .group_by(col(LedgerEntry.kind), col(LedgerEntry.cost_item))
    ).all()
    return {(kind, item): Decimal(amount).quantize(CENT) for kind, item, amount in rows}
