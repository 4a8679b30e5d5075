"""From when on has a variance to be explained, how is it explained, and by when are accounts due? (C2)"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from models.accounts import AccountsTerms, Statement, VarianceReason
from models.audit import record_event
from models.columns import CENT
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.accounts_terms import Terms, needs_reason
from models.rules.file_values import prose
from models.rules.handover_sheet import SheetColumn
from models.rules.periods import PeriodKind
from models.rules.statement import BookedLine
from reports.words import COST_ITEMS
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.ledger_file import ITEMS
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import CellDoubted, RowsTaken, SheetRow, judge_rows, read_table
from tasks.statement_signing import require_person
from tasks.statements import booked_lines, period_named, terms_of

MAX_REASON = 300
REASON_COLUMNS = (
    SheetColumn("cost_item", "Item", "科目", ("cost item", "项目", "费用项目"), 30),
    SheetColumn("reason", "Reason", "原因", ("why", "差异原因", "说明"), 60),
)


def accounts_terms(code: str) -> Terms:
    """What holds for the accounts of an engagement."""
    with reading() as session:
        return terms_of(session, engagement_id(find_engagement(session, code)))


def agree_on_terms(code: str, by: str, changes: dict[str, Decimal | int | None]) -> Terms:
    """Record what both sides agreed on; what is not named stays as it was.

    Args:
        code: the engagement.
        by: reference of the person who records it.
        changes: fields of `Terms`.

    Raises:
        Terminal: a figure is out of its range, or a fixed remuneration is named for a lump sum.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        require_person(session, engagement, by)
        key = engagement_id(engagement)
        terms = replace(terms_of(session, key), **changes)  # type: ignore[arg-type]
        _require_sense(terms, engagement)
        row = session.exec(select(AccountsTerms).where(AccountsTerms.engagement_id == key)).one_or_none()
        row = row or AccountsTerms(engagement_id=key, **vars(Terms()))
        before = {name: getattr(row, name) for name in vars(terms)}
        if before == vars(terms) and row.id is not None:
            return terms
        for name, value in vars(terms).items():
            setattr(row, name, value)
        session.add(row)
        record_event(
            session, key, "accounts.terms_agreed", code, {name: str(value) for name, value in changes.items()}
        )
        return terms


def _require_sense(terms: Terms, engagement: Engagement) -> None:
    if not 0 <= terms.reason_share <= 1:
        raise Terminal(f"The share is {terms.reason_share}; expected 0 to 1, such as 0.10 for 10 %.")
    for name in ("reason_amount", "large_amount", "remuneration_fixed"):
        amount = getattr(terms, name)
        if amount is not None and (amount < 0 or amount != amount.quantize(CENT)):
            raise Terminal(f"{name} is {amount}; expected an amount of 0 or more with two decimal places.")
    if min(terms.quarter_days, terms.year_days) < 5:
        raise Terminal("Accounts are compiled 5 days after a quarter: expected 5 days or more.")
    if terms.remuneration_fixed is not None and engagement.fee_model == "lump_sum":
        raise Terminal(
            "Under a lump sum (包干制) the custodian draws no remuneration; expected cost plus fee."
        )


def explained(code: str, label: str) -> list[dict[str, Any]]:
    """The items of a period that are far from their budget, each with what the custodian says.

    Raises:
        Terminal: that is no period.
    """
    period_named(label)
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        said = _said(session, key, label)
        return [
            {
                "kind": line.kind,
                "item": line.cost_item,
                "booked": line.actual,
                "planned": line.budget,
                "difference": line.actual - line.budget,
                "reason": said.get((line.kind, line.cost_item), ""),
            }
            for line in far_from_budget(session, engagement, label)
        ]


def far_from_budget(session: Session, engagement: Engagement, label: str) -> list[BookedLine]:
    """The lines of a period that need a reason."""
    terms = terms_of(session, engagement_id(engagement))
    return [
        line
        for line in booked_lines(session, engagement, label)
        if needs_reason(line.kind, line.actual, line.budget, terms)
    ]


def unexplained(session: Session, engagement: Engagement, label: str) -> list[str]:
    """The items of a period that are far from their budget without a word."""
    said = _said(session, engagement_id(engagement), label)
    return [
        line.cost_item
        for line in far_from_budget(session, engagement, label)
        if (line.kind, line.cost_item) not in said
    ]


def _said(session: Session, key: int, label: str) -> dict[tuple[str, str], str]:
    rows = session.exec(
        select(VarianceReason).where(VarianceReason.engagement_id == key, VarianceReason.period == label)
    ).all()
    return {(row.kind, row.cost_item): row.reason for row in rows}


def give_reason(code: str, label: str, item: str, reason: str, by: str) -> bool:
    """Say why an item of a period is far from its budget; the last word before the accounts go out stands.

    Returns:
        False if the same was said before.

    Raises:
        Terminal: the accounts are out already, or the item is unknown or has no reason to give.
    """
    label = _audited_period(label)
    with writing() as session:
        engagement = lock_engagement(session, code)
        require_person(session, engagement, by)
        code_meant = ITEMS.get(prose(item).casefold(), prose(item))
        said = _said(session, engagement_id(engagement), label)
        if prose(reason) in [text for (_kind, known), text in said.items() if known == code_meant]:
            return False
        lines = _open_lines(session, engagement, label)
        try:
            return _record(session, engagement, label, _line_meant(lines, item), _worded(reason), by)
        except CellDoubted as doubted:
            raise Terminal(str(doubted)) from doubted


def import_reasons(code: str, label: str, path: Path, by: str, *, dry_run: bool = False) -> RowsTaken:
    """Take in the reasons of a period by sheet.

    Args:
        code: the engagement.
        label: the quarter or year.
        path: CSV or workbook with the columns Item and Reason, in either language.
        by: reference of the person who gives them.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a list.
        Terminal: the accounts are out already.
    """
    label = _audited_period(label)
    table = read_table(path, REASON_COLUMNS, ("cost_item", "reason"))
    with writing() as session:
        engagement = lock_engagement(session, code)
        require_person(session, engagement, by)
        lines = _open_lines(session, engagement, label)

        def judge(row: SheetRow) -> tuple[BookedLine, str]:
            return _line_meant(lines, row.cells["cost_item"]), _worded(row.cells["reason"])

        rows, doubts = judge_rows(table, judge)
        new = sum(_record(session, engagement, label, line, reason, by) for line, reason in rows)
        if dry_run:
            session.rollback()
        else:
            keep_doubts(session, engagement_id(engagement), "reasons", table, doubts)
        return RowsTaken(table.file, len(table.rows), new, len(rows) - new, tuple(doubts))


def _audited_period(label: str) -> str:
    period = period_named(label)
    if period.kind is PeriodKind.MONTH:
        raise Terminal(f"{label} is a month: reasons are given for a quarter (2027-Q1) or a year (2027).")
    return period.label


def _open_lines(session: Session, engagement: Engagement, label: str) -> list[BookedLine]:
    statement = session.exec(
        select(Statement).where(
            Statement.engagement_id == engagement_id(engagement), Statement.period == label
        )
    ).one_or_none()
    if statement is not None and statement.state != "returned":
        raise Terminal(
            f"The accounts of {label} are out ({statement.state}): their reasons can be given again if they are returned."
        )
    return far_from_budget(session, engagement, label)


def _line_meant(lines: Sequence[BookedLine], item: str) -> BookedLine:
    code = ITEMS.get(prose(item).casefold(), prose(item))
    found = next((line for line in lines if line.cost_item == code), None)
    if found is None:
        far = ", ".join(f"{line.cost_item} ({COST_ITEMS.get(line.cost_item, ('', ''))[1]})" for line in lines)
        raise CellDoubted(
            "cost_item", f"no such item is far from its budget; expected one of: {far or 'none is'}"
        )
    return found


def _worded(reason: str) -> str:
    said = prose(reason)
    if not 3 <= len(said) <= MAX_REASON:
        raise CellDoubted("reason", f"expected why, in 3 to {MAX_REASON} characters")
    return said


def _record(
    session: Session, engagement: Engagement, label: str, line: BookedLine, reason: str, by: str
) -> bool:
    key = engagement_id(engagement)
    row = session.exec(
        select(VarianceReason).where(
            VarianceReason.engagement_id == key,
            VarianceReason.period == label,
            VarianceReason.kind == line.kind,
            VarianceReason.cost_item == line.cost_item,
        )
    ).one_or_none()
    if row is not None and row.reason == reason:
        return False
    today = business_today(engagement)
    row = row or VarianceReason(
        engagement_id=key,
        period=label,
        kind=line.kind,
        cost_item=line.cost_item,
        reason="",
        given_by=by,
        given_on=today,
    )
    row.reason, row.given_by, row.given_on = reason, by, today
    session.add(row)
    session.flush()
    record_event(session, key, "variance.explained", f"{label}:{line.kind}:{line.cost_item}")
    return True
