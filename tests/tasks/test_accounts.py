"""Is every amount booked once, in an open period, and do the statements say what the ledger says? (C2)"""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import func, select

from models.accounts import LedgerEntry, Statement, StatementLine
from models.columns import CENT
from models.db import reading, writing
from models.errors import Terminal
from models.rules.cycles import CycleKind
from models.rules.ledger_sheet import Voucher
from models.rules.periods import Period
from tasks.accounts import (
    book,
    record_payment,
    unpaid_instalments,
    yearly_budget,
)
from tasks.cycles import CycleRef, cycle_transaction
from tasks.decisions import ask_decision
from tasks.engagements import engagement_id, find_engagement
from tasks.promises import budget_for
from tasks.statements import compile_statement
from tests import factories


def test_a_voucher_is_booked_once(in_service: str) -> None:
    assert book(in_service, [_expense("V1", "100.10"), _expense("V2", "0.20")]) == 2
    assert book(in_service, [_expense("V1", "999.00"), _expense("V3", "1.00")]) == 1
    with reading() as session:
        total = session.exec(select(func.sum(LedgerEntry.amount))).one()
    assert Decimal(total) == Decimal("101.30")


def test_a_statement_says_what_the_ledger_says_to_the_cent(in_service: str) -> None:
    amounts = ["0.10", "0.20", "33.33", "1234567.89"]
    book(in_service, [_expense(f"V{n}", amount, item="labour") for n, amount in enumerate(amounts)])
    book(in_service, [_expense("W1", "7.77", item="water"), _expense("W2", "5.00", "2027-02-01")])
    (due_on, fee), *_rest = unpaid_instalments(in_service, date(2027, 1, 31))
    record_payment(in_service, due_on, date(2027, 1, 20))
    totals = compile_statement.fn(_close(in_service, "2027-01"))
    assert Decimal(totals["expense"]) == sum(map(Decimal, amounts)) + Decimal("7.77")
    assert Decimal(totals["income"]) == fee
    with reading() as session:
        statement = session.exec(select(Statement)).one()
        lines = {
            (line.kind, line.cost_item): line.actual for line in session.exec(select(StatementLine)).all()
        }
    assert (str(statement.income), str(statement.expense)) == (totals["income"], totals["expense"])
    assert lines[("expense", "labour")] == sum(map(Decimal, amounts))
    assert lines[("expense", "water")] == Decimal("7.77")
    assert sum(amount for (kind, _item), amount in lines.items() if kind == "expense") == statement.expense


def test_a_term_that_ends_within_a_month_has_the_budget_of_its_days(in_service: str) -> None:
    with writing() as session:
        engagement = find_engagement(session, in_service)
        key = engagement_id(engagement)
        whole = budget_for(session, key, Period.parse("2027-12"))["staff"]
        engagement.term_end = date(2027, 12, 15)
        session.add(engagement)
        session.flush()
        assert budget_for(session, key, Period.parse("2027-12"))["staff"] == (whole * 15 / 31).quantize(CENT)
        assert budget_for(session, key, Period.parse("2028-01")) == {}


def test_twelve_statements_hold_the_budget_of_the_year(in_service: str) -> None:
    for month in range(1, 13):
        compile_statement.fn(_close(in_service, f"2027-{month:02d}"))
    with reading() as session:
        budgets = session.exec(select(Statement.budget)).all()
    assert sum(budgets) == sum(amount for _item, amount in yearly_budget(in_service)) > 0


def test_nothing_is_booked_into_a_period_whose_statement_is_compiled(in_service: str) -> None:
    book(in_service, [_expense("V1", "10.00")])
    cycle = _close(in_service, "2027-01")
    compile_statement.fn(cycle)
    with pytest.raises(Terminal, match=r"Voucher V2 is dated 2027-01-31.*2027-01 is compiled"):
        book(in_service, [_expense("V2", "5.00", "2027-01-31"), _expense("V3", "5.00", "2027-02-01")])
    assert book(in_service, [_expense("V1", "10.00")]) == 0, "what was booked before is no new booking"
    assert book(in_service, [_expense("V3", "5.00", "2027-02-01")]) == 1
    assert compile_statement.fn(cycle)["expense"] == "10.00"
    with reading() as session:
        assert sorted(session.exec(select(LedgerEntry.voucher)).all()) == ["V1", "V3"]


def test_a_compiled_statement_is_not_compiled_anew(in_service: str) -> None:
    cycle = _close(in_service, "2027-01")
    for _ in range(2):
        compile_statement.fn(cycle)
    with reading() as session:
        assert len(session.exec(select(Statement)).all()) == 1


def test_a_payment_comes_in_once_and_stands_in_the_ledger(in_service: str) -> None:
    before = unpaid_instalments(in_service, date(2027, 12, 31))
    due_on, amount = before[0]
    assert record_payment(in_service, due_on, due_on) is True
    assert record_payment(in_service, due_on, due_on) is False
    assert unpaid_instalments(in_service, date(2027, 12, 31)) == before[1:]
    with reading() as session:
        entry = session.exec(select(LedgerEntry)).one()
    assert (entry.kind, entry.amount) == ("income", amount)
    with pytest.raises(Terminal, match="No instalment"):
        record_payment(in_service, date(2027, 1, 3), date(2027, 1, 3))


@pytest.mark.parametrize(("verdict", "state"), [("accepted", "audited"), ("rejected", "returned")])
def test_the_clients_decision_is_the_audit(in_service: str, verdict: str, state: str) -> None:
    cycle = _close(in_service, "2027-Q1", CycleKind.QUARTER_REVIEW)
    compile_statement.fn(cycle)
    with cycle_transaction(cycle) as session:
        engagement = find_engagement(session, in_service)
        ask_decision(session, engagement, "accounts", "2027-Q1", ("client",), "a" * 64, "?", cycle.as_of)
    factories.answer(
        in_service, "accounts", verdict, ["client"], on=date(2027, 4, 9), remark="voucher missing"
    )
    with reading() as session:
        statement = session.exec(select(Statement)).one()
    assert statement.state == state
    assert statement.audited_on == (date(2027, 4, 9) if state == "audited" else None)


def _close(code: str, period: str, kind: CycleKind = CycleKind.MONTH_CLOSE) -> CycleRef:
    return factories.claim(code, kind, period, date(2027, 4, 6))


def _expense(voucher: str, amount: str, on: str = "2027-01-15", item: str = "labour") -> Voucher:
    return Voucher(voucher, date.fromisoformat(on), "expense", item, Decimal(amount), voucher)
