"""What do the books say of a period, and who has answered for it? Statements and their versions (C2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, delete, func, or_, select

from models.accounts import (
    AccountsTerms,
    FormerStatement,
    LedgerEntry,
    Statement,
    StatementFund,
    StatementLine,
)
from models.audit import record_event
from models.columns import CENT
from models.contract import Instalment
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.account_items import Fund
from models.rules.accounts_terms import Terms, due_day
from models.rules.budget import BudgetSpan, budget_of_spans
from models.rules.control_total import ControlTotal, SealedEntry, control_total
from models.rules.periods import Period, PeriodKind, contract_years, quarter_of
from models.rules.statement import (
    NOTHING,
    BookedLine,
    BookedSum,
    FundBalance,
    fund_balances,
    statement_lines,
)
from models.upsert import insert_if_absent
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import engagement_id, engagement_of, lock_engagement
from tasks.instalments import signed_instalments
from tasks.promises import budget_for
from tasks.steps import step


@dataclass(frozen=True)
class Figures:
    """What the ledger says of a period."""

    lines: list[BookedLine]
    funds: list[FundBalance]
    control: ControlTotal
    last_entry: int

    @property
    def totals(self) -> dict[str, Decimal]:
        """Income, expense and budget of the service money."""
        return {
            "income": _total(line.actual for line in self.lines if line.kind == "income"),
            "expense": _total(line.actual for line in self.lines if line.kind == "expense"),
            "budget": _total(line.budget for line in self.lines if line.kind == "expense"),
        }


def terms_of(session: Session, key: int) -> Terms:
    """What both sides agreed on the accounts, or the proposal."""
    row = session.exec(select(AccountsTerms).where(AccountsTerms.engagement_id == key)).one_or_none()
    if row is None:
        return Terms()
    return Terms(
        row.reason_share,
        row.reason_amount,
        row.large_amount,
        row.quarter_days,
        row.year_days,
        row.remuneration_fixed,
    )


def period_named(label: str) -> Period:
    """The period that is meant.

    Raises:
        Terminal: that is no period.
    """
    try:
        return Period.parse(label)
    except ValueError as error:
        raise Terminal(str(error)) from None


def served_days(engagement: Engagement, label: str) -> Period:
    """A period without the days before the term: what is booked on them was taken over, and is its opening balance.

    What comes in after the term is still its last period's.
    """
    whole = Period.parse(label)
    first = max(whole.first, min(engagement.term_start, whole.last))
    return Period(whole.kind, whole.label, first, whole.last)


def of_the_term(engagement: Engagement, label: str) -> Period:
    """A period up to the end of the term: what is over earlier is due earlier, and closes no day after it."""
    whole = Period.parse(label)
    last = engagement.term_end if whole.contains(engagement.term_end) else whole.last
    return Period(whole.kind, whole.label, whole.first, last)


@step("Compile the statement")
def compile_statement(cycle: CycleRef) -> dict[str, str]:
    """Compile the income and expense report of the cycle's period from the ledger, against the budget.

    Returns:
        Income, expense and budget as texts.
    """
    with cycle_transaction(cycle) as session:
        return _compile_once(session, cycle, cycle.period)


@step("Compile the final accounts of the year")
def compile_final_accounts(cycle: CycleRef) -> str:
    """Compile the year's final accounts (决算) once its last quarter is compiled.

    Returns:
        The year, or nothing where the quarter is not the last of one.
    """
    with cycle_transaction(cycle) as session:
        year = year_closed_by(engagement_of(session, cycle.engagement_id), cycle.period)
        if year:
            _compile_once(session, cycle, year)
        return year


def year_closed_by(engagement: Engagement, quarter: str) -> str:
    """The year whose last quarter of service this is; empty where it is none."""
    for year in contract_years(engagement.term_start, engagement.term_end):
        if quarter_of(year.last).label == quarter:
            return year.label
    return ""


def _compile_once(session: Session, cycle: CycleRef, label: str) -> dict[str, str]:
    key = cycle.engagement_id
    engagement = lock_engagement(session, cycle.code)
    found = figures_for(session, engagement, label)
    new = insert_if_absent(
        session,
        Statement,
        [
            {
                "engagement_id": key,
                "period": label,
                "state": "compiled",
                "compiled_on": cycle.as_of,
                "due_on": due_day(of_the_term(engagement, label), terms_of(session, key)),
                **_figures_of(found),
            }
        ],
    )
    said = {name: str(amount) for name, amount in found.totals.items()}
    if new:
        statement = session.exec(
            select(Statement).where(Statement.engagement_id == key, Statement.period == label)
        ).one()
        _enter_details(session, statement, found)
        record_event(session, key, "statement.compiled", label, said | _sealed(found.control))
    return said


def compile_version(
    session: Session, engagement: Engagement, statement: Statement, why: str, on: date
) -> int:
    """Compile a statement anew in its place, in the caller's transaction; what it said before is kept.

    Args:
        session: the writing session.
        engagement: locked by the caller.
        statement: of the period.
        why: the reason for which it was returned.
        on: the day of the new version.

    Returns:
        The number of the new version.
    """
    lines, funds = details_of(session, statement)
    session.add(
        FormerStatement(
            statement_id=statement.id or 0,
            version=statement.version,
            income=statement.income,
            expense=statement.expense,
            budget=statement.budget,
            compiled_on=statement.compiled_on,
            returned_because=why,
            control_count=statement.control_count,
            control_sum=statement.control_sum,
            control_sha256=statement.control_sha256,
            last_entry=statement.last_entry,
            lines=[
                {
                    "kind": line.kind,
                    "cost_item": line.cost_item,
                    "actual": str(line.actual),
                    "budget": str(line.budget),
                }
                for line in lines
            ],
            funds=[
                {
                    "fund": fund.fund,
                    **{name: str(getattr(fund, name)) for name in ("opening", "received", "paid", "closing")},
                }
                for fund in funds
            ],
        )
    )
    session.exec(delete(StatementLine).where(col(StatementLine.statement_id) == statement.id))
    session.exec(delete(StatementFund).where(col(StatementFund.statement_id) == statement.id))
    found = figures_for(session, engagement, statement.period)
    for name, value in _figures_of(found).items():
        setattr(statement, name, value)
    statement.version += 1
    statement.state, statement.compiled_on = "compiled", on
    statement.prepared_by, statement.reviewed_by = "", ""
    statement.issued_on = statement.audited_on = None
    session.add(statement)
    session.flush()
    _enter_details(session, statement, found)
    record_event(
        session,
        engagement_id(engagement),
        "statement.compiled_anew",
        f"{statement.period}:{statement.version}",
        {name: str(amount) for name, amount in found.totals.items()} | _sealed(found.control),
    )
    return statement.version


def _figures_of(found: Figures) -> dict[str, Decimal | int | str]:
    return {
        **found.totals,
        "control_count": found.control.count,
        "control_sum": found.control.total,
        "control_sha256": found.control.sha256,
        "last_entry": found.last_entry,
    }


def _sealed(control: ControlTotal) -> dict[str, str | int]:
    return {"vouchers": control.count, "sum": str(control.total), "sha256": control.sha256}


def _enter_details(session: Session, statement: Statement, found: Figures) -> None:
    about = {"statement_id": statement.id}
    insert_if_absent(session, StatementLine, [about | vars(line) for line in found.lines])
    funds = [about | vars(fund) | {"closing": fund.closing} for fund in found.funds]
    insert_if_absent(session, StatementFund, funds)


def figures_for(session: Session, engagement: Engagement, label: str) -> Figures:
    """What the ledger says of a period now: lines, funds, and the seal over their vouchers."""
    key, period = engagement_id(engagement), served_days(engagement, label)
    last = session.exec(select(func.max(LedgerEntry.id)).where(LedgerEntry.engagement_id == key)).one() or 0
    sums = _sums(session, key, counted_in(session, key, period))
    return Figures(
        statement_lines(sums, _planned(session, key, period), period),
        fund_balances(_sums(session, key, _counted_before(session, key, period)), sums),
        seal_of(session, key, period, last),
        last,
    )


def seal_of(session: Session, key: int, period: Period, last_entry: int) -> ControlTotal:
    """The control total of a period over the entries there were when `last_entry` was the newest."""
    return control_total(
        SealedEntry(
            entry.voucher,
            entry.booked_on,
            entry.kind,
            entry.cost_item,
            entry.amount,
            entry.text,
            entry.owed_on,
            entry.corrects,
        )
        for entry in entries_of(session, key, period, last_entry)
    )


def entries_of(session: Session, key: int, period: Period, last_entry: int) -> Sequence[LedgerEntry]:
    """The vouchers behind a period's figures, in order of their days, up to the one that was the newest."""
    return session.exec(
        select(LedgerEntry)
        .where(
            LedgerEntry.engagement_id == key,
            counted_in(session, key, period),
            col(LedgerEntry.id) <= last_entry,
        )
        .order_by(col(LedgerEntry.booked_on), col(LedgerEntry.voucher))
    ).all()


def entered_since(session: Session, engagement: Engagement, statement: Statement) -> bool:
    """Whether vouchers of a sealed statement's period came after it was compiled.

    Of a year, where a quarter of it was corrected; of the last periods, what came in and went out after the term.
    """
    key, period = engagement_id(engagement), served_days(engagement, statement.period)
    open_again = period.kind is PeriodKind.YEAR or (
        period.kind is PeriodKind.QUARTER and period.contains(engagement.term_end)
    )
    if not open_again or not statement.control_sha256:
        return False
    newer = (
        select(LedgerEntry.id)
        .where(
            LedgerEntry.engagement_id == key,
            counted_in(session, key, period),
            col(LedgerEntry.id) > statement.last_entry,
        )
        .limit(1)
    )
    return session.exec(newer).first() is not None


def counted_in(session: Session, key: int, period: Period) -> ColumnElement[bool]:
    """Which entries are a period's: those of its days, and corrections of it or of a quarter in it, whatever their day."""
    corrected = [
        label
        for label in _corrected_labels(session, key)
        if label == period.label
        or (period.kind is PeriodKind.YEAR and period.contains(Period.parse(label).last))
    ]
    return or_(
        and_(
            col(LedgerEntry.corrects) == "",
            col(LedgerEntry.booked_on) >= period.first,
            col(LedgerEntry.booked_on) <= period.last,
        ),
        col(LedgerEntry.corrects).in_(corrected),
    )


def _counted_before(session: Session, key: int, period: Period) -> ColumnElement[bool]:
    earlier = [label for label in _corrected_labels(session, key) if Period.parse(label).last < period.first]
    return or_(
        and_(col(LedgerEntry.corrects) == "", col(LedgerEntry.booked_on) < period.first),
        col(LedgerEntry.corrects).in_(earlier),
    )


def _corrected_labels(session: Session, key: int) -> Sequence[str]:
    return session.exec(
        select(LedgerEntry.corrects)
        .where(LedgerEntry.engagement_id == key, col(LedgerEntry.corrects) != "")
        .distinct()
    ).all()


def _sums(session: Session, key: int, which: ColumnElement[bool]) -> list[BookedSum]:
    rows = session.exec(
        select(
            LedgerEntry.kind, LedgerEntry.cost_item, col(LedgerEntry.owed_on), func.sum(LedgerEntry.amount)
        )
        .where(LedgerEntry.engagement_id == key, which)
        .group_by(col(LedgerEntry.kind), col(LedgerEntry.cost_item), col(LedgerEntry.owed_on))
    ).all()
    return [
        BookedSum(kind, item, owed_on, Decimal(amount).quantize(CENT)) for kind, item, owed_on, amount in rows
    ]


def booked_lines(session: Session, engagement: Engagement, label: str) -> list[BookedLine]:
    """What the ledger says of a period, expenses first, each item beside its share of the budget or the fee due."""
    key, period = engagement_id(engagement), served_days(engagement, label)
    sums = _sums(session, key, counted_in(session, key, period))
    return statement_lines(sums, _planned(session, key, period), period)


def held_in(session: Session, engagement: Engagement, label: str) -> list[FundBalance]:
    """The funds beside the service money that ever moved, as they stand in a period."""
    key, period = engagement_id(engagement), served_days(engagement, label)
    sums = _sums(session, key, counted_in(session, key, period))
    funds = fund_balances(_sums(session, key, _counted_before(session, key, period)), sums)
    return [fund for fund in funds if fund.fund != Fund.SERVICE]


def lines_until(session: Session, engagement: Engagement, label: str) -> list[BookedLine]:
    """The lines of the year so far, up to the end of a period."""
    key, so_far = engagement_id(engagement), year_until(engagement, label)
    sums = _sums(session, key, counted_in(session, key, so_far))
    return statement_lines(sums, _planned(session, key, so_far), so_far)


def year_until(engagement: Engagement, label: str) -> Period:
    """The days of service of a year up to the end of a period."""
    year, last = served_days(engagement, label[:4]), Period.parse(label).last
    return Period(year.kind, year.label, min(year.first, last), last)


def _planned(session: Session, key: int, period: Period) -> dict[tuple[str, str], Decimal]:
    whole_months = Period(period.kind, period.label, Period.parse(period.label).first, period.last)
    planned = {("expense", item): amount for item, amount in budget_for(session, key, whole_months).items()}
    return planned | {("income", item): amount for item, amount in _fees_owed(session, key, period).items()}


def _fees_owed(session: Session, key: int, period: Period) -> dict[str, Decimal]:
    """The fee that the contract lets fall due in the period: the budget of the income side."""
    rows = session.exec(
        signed_instalments(key).where(Instalment.due_on >= period.first, Instalment.due_on <= period.last)
    ).all()
    return {"fee": _total(row.amount for row in rows)} if rows else {}


def fixed_remuneration(engagement: Engagement, yearly: Decimal | None, period: Period) -> Decimal | None:
    """The period's part of a remuneration agreed as a yearly sum, as budgets are divided; None where it is a share."""
    if yearly is None:
        return None
    span = BudgetSpan(engagement.term_start, engagement.last_day, {"remuneration": yearly})
    whole_months = Period(period.kind, period.label, period.first.replace(day=1), period.last)
    return budget_of_spans([span], whole_months).get("remuneration", NOTHING)


def statement_of(session: Session, key: int, period: str) -> tuple[Statement | None, Sequence[StatementLine]]:
    """The statement of a period with its lines, if it is compiled."""
    statement = session.exec(
        select(Statement).where(Statement.engagement_id == key, Statement.period == period)
    ).one_or_none()
    return (None, []) if statement is None else (statement, details_of(session, statement)[0])


def details_of(
    session: Session, statement: Statement
) -> tuple[Sequence[StatementLine], Sequence[StatementFund]]:
    """Lines and funds of a statement."""
    return (
        session.exec(
            select(StatementLine)
            .where(StatementLine.statement_id == statement.id)
            .order_by(StatementLine.kind, StatementLine.cost_item)
        ).all(),
        session.exec(
            select(StatementFund)
            .where(StatementFund.statement_id == statement.id)
            .order_by(col(StatementFund.id))
        ).all(),
    )


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, NOTHING)
