"""Do the vouchers still make what was reported, and is anything late? Looked up at any time (C2)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.accounts import FormerStatement, Statement
from models.db import reading
from models.engagement import Engagement
from models.rules.accounts_terms import days_late, due_day
from models.rules.control_total import ControlTotal
from models.rules.periods import contract_quarters
from models.rules.statement import reference_of
from tasks.accounts_terms import unexplained
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.files import read_file
from tasks.packs import find_pack
from tasks.statement_signing import statement_at
from tasks.statements import entered_since, seal_of, served_days, terms_of


@dataclass(frozen=True)
class SealCheck:
    """One version of accounts: what was sealed, what the ledger says now, and the file that went out."""

    version: int
    sealed: ControlTotal
    now: ControlTotal
    document: str
    """as issued, changed, lost, or not issued."""

    @property
    def holds(self) -> bool:
        """Whether nothing was changed; older accounts without a seal cannot be told."""
        return self.sealed == self.now and self.document in ("as issued", "not issued")


def verify_accounts(code: str, label: str) -> list[SealCheck]:
    """Reckon the control total of every version of a period's accounts anew from the ledger, oldest first.

    Raises:
        Terminal: none is compiled.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        statement = statement_at(session, engagement, label)
        former = session.exec(
            select(FormerStatement)
            .where(FormerStatement.statement_id == statement.id)
            .order_by(col(FormerStatement.version))
        ).all()
        versions: list[Statement | FormerStatement] = [*former, statement]
        return [_check(session, engagement, statement, version) for version in versions]


def _check(
    session: Session, engagement: Engagement, statement: Statement, version: Statement | FormerStatement
) -> SealCheck:
    key, label = engagement_id(engagement), statement.period
    now = seal_of(session, key, served_days(engagement, label), version.last_entry)
    sealed = ControlTotal(version.control_count, version.control_sum, version.control_sha256)
    issued = find_pack(session, key, "accounts", reference_of(label, version.version))
    return SealCheck(
        version.version, sealed, now, "not issued" if issued is None else _document(issued.sha256)
    )


def _document(sha256: str) -> str:
    try:
        read_file(sha256)
    except FileNotFoundError:
        return "lost"
    except ValueError:
        return "changed"
    return "as issued"


def statements_listed(code: str) -> list[dict[str, Any]]:
    """Every quarter and year of accounts: how far they are, who answered for them, and whether they are late."""
    with reading() as session:
        engagement = find_engagement(session, code)
        today = business_today(engagement)
        return [
            {
                "period": row.period,
                "version": row.version,
                "state": row.state,
                "income": row.income,
                "expense": row.expense,
                "due": row.due_on or "",
                "with the client": row.issued_on or "",
                "late": _days(days_late(row.due_on, row.issued_on or today)),
                "prepared by": row.prepared_by,
                "reviewed by": row.reviewed_by,
                "audited": row.audited_on or "",
            }
            for row in _audited_periods(session, engagement_id(engagement))
        ]


def _audited_periods(session: Session, key: int) -> list[Statement]:
    return list(
        session.exec(
            select(Statement)
            .where(
                Statement.engagement_id == key,
                col(Statement.period).like("____-Q_") | col(Statement.period).like("____"),
            )
            .order_by(Statement.period)
        ).all()
    )


def _days(late: int) -> str:
    return "" if not late else "1 day" if late == 1 else f"{late} days"


def accounts_awaited(session: Session, engagement: Engagement, today: date) -> list[tuple[str, str]]:
    """From whom, and for what, the accounts wait: the preparer, reasons, a new version, or what is late."""
    key, code = engagement_id(engagement), engagement.code
    found: list[tuple[str, str]] = []
    statements = _audited_periods(session, key)
    for row in statements:
        if row.state != "returned" and entered_since(session, engagement, row):
            found.append(
                (
                    "custodian",
                    f"a new version of the accounts of {row.period}, for which vouchers were booked since "
                    f"(`steward accounts correct {code} {row.period} --by REFERENCE`)",
                )
            )
            continue
        if row.due_on is None and row.state != "returned":
            continue  # put to the client before accounts had a second person and a day
        late = days_late(row.due_on, today)
        told = f", {_days(late)} late" if late and row.issued_on is None else ""
        if row.state == "compiled" and not row.prepared_by:
            found.append(
                (
                    "custodian",
                    f"who prepared the accounts of {row.period}, due {row.due_on}{told} "
                    f"(`steward accounts prepare {code} {row.period} --by REFERENCE`)",
                )
            )
        elif row.state == "compiled" and told:
            found.append(("custodian", f"the review of the accounts of {row.period}, due {row.due_on}{told}"))
        elif row.state == "returned":
            found.append(
                (
                    "custodian",
                    f"a new version of the accounts of {row.period}, which were returned "
                    f"(`steward accounts correct {code} {row.period} --by REFERENCE`)",
                )
            )
    compiled, terms = {row.period for row in statements}, terms_of(session, key)
    for quarter in contract_quarters(engagement.term_start, engagement.term_end):
        due = due_day(quarter, terms)
        if quarter.last < today and quarter.label not in compiled and due is not None:
            silent = unexplained(session, engagement, quarter.label)
            if silent:
                found.append(
                    (
                        "custodian",
                        f"reasons for {', '.join(silent)} of {quarter.label}, far from budget "
                        f"(`steward accounts reason {code} {quarter.label} ITEM TEXT --by REFERENCE`)",
                    )
                )
            late = days_late(due, today)
            found.append(
                (
                    "custodian",
                    f"the accounts of {quarter.label}, due {due}" + (f", {_days(late)} late" if late else ""),
                )
            )
    return found
