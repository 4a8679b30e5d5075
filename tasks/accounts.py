"""What came in, what went out, and does it keep to the budget? Ledger and statements (C2)."""

from collections.abc import Sequence
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
from models.rules.periods import Period
from models.upsert import insert_if_absent
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import engagement_id, find_engagement
from tasks.plans_in_force import plan_in_force
from tasks.promises import budget_for, yearly_budget_of
from tasks.steps import step


@dataclass(frozen=True)
class Booking:
    """One entry for the ledger; the voucher is its natural key."""

    voucher: str
    booked_on: date
    kind: str
    """income or expense."""
    cost_item: str
    amount: Decimal
    text: str


def book(code: str, bookings: Sequence[Booking]) -> int:
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
        new = insert_if_absent(
            session,
            LedgerEntry,
            [
                {
                    "engagement_id": key,
                    "voucher": booking.voucher,
                    "booked_on": booking.booked_on,
                    "kind": booking.kind,
                    "cost_item": booking.cost_item,
                    "amount": booking.amount,
                    "text": booking.text,
                }
                for booking in fresh
            ],
        )
        if new:
            record_event(session, key, "ledger.booked", code, {"entries": new})
        return new


def _refuse_closed_periods(session: Session, key: int, bookings: Sequence[Booking]) -> None:
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
        actual = _sums(session, cycle.engagement_id, period)
        budget = budget_for(session, cycle.engagement_id, period)
        expense = {item: amount for (kind, item), amount in actual.items() if kind == "expense"}
        income = {item: amount for (kind, item), amount in actual.items() if kind == "income"}
        owed = _fees_owed(session, cycle.engagement_id, period)
        totals = {
            "income": sum(income.values(), Decimal("0.00")),
            "expense": sum(expense.values(), Decimal("0.00")),
            "budget": sum(budget.values(), Decimal("0.00")),
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
            rows = [
                ("expense", item, expense.get(item, Decimal("0.00")), budget.get(item, Decimal("0.00")))
                for item in sorted({*expense, *budget})
            ] + [
                ("income", item, income.get(item, Decimal("0.00")), owed.get(item, Decimal("0.00")))
                for item in sorted({*income, *owed})
            ]
            names = ("kind", "cost_item", "actual", "budget")
            insert_if_absent(
                session,
                StatementLine,
                [{"statement_id": statement.id, **dict(zip(names, row, strict=True))} for row in rows],
            )
            record_event(
                session,
                cycle.engagement_id,
                "statement.compiled",
                cycle.period,
                {name: str(amount) for name, amount in totals.items()},
            )
        return {name: str(amount) for name, amount in totals.items()}


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
