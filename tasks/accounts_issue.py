"""How do accounts leave the house? Put together, reviewed, audited, and where returned compiled anew (C2)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlmodel import Session, col, select

from models.accounts import FormerStatement, Statement, VarianceReason
from models.catalogue_files import load_catalogue
from models.contract import Instalment
from models.db import reading, writing
from models.decision import Decision, DecisionRequest
from models.engagement import Engagement
from models.errors import FileInTheWay, Terminal
from models.rules.account_items import Fund
from models.rules.periods import Period, PeriodKind, contract_months, contract_quarters
from models.rules.plan_budget import remuneration_share
from models.rules.receivables import Owed
from models.rules.remuneration import cost_of, fee_result
from models.rules.statement import BookedLine, reference_of
from reports.accounts_report import AccountsFacts, accounts_report
from reports.pack import Pack, pack_file_name
from reports.pdf import render_pdf
from reports.voucher_workbook import voucher_workbook
from reports.words import period_words, voice_of
from reports.workbook import render_xlsx
from tasks.bank_statements import bank_comparison
from tasks.cycles import CycleRef, cycle_transaction
from tasks.decisions import ask_decision, withdraw_open
from tasks.engagements import business_today, engagement_id, engagement_of, find_engagement, lock_engagement
from tasks.exported_files import write_whole
from tasks.instalments import signed_instalments
from tasks.packs import IssuedPack, issue_loose_pack, issue_pack
from tasks.statement_signing import require_person, statement_at
from tasks.statements import (
    compile_version,
    details_of,
    entered_since,
    entries_of,
    fixed_remuneration,
    lines_until,
    of_the_term,
    served_days,
    terms_of,
    year_until,
)
from tasks.steps import step

VOUCHERS = "accounts-vouchers"
"""Kind of the workbook with the vouchers behind each figure."""


@step("Report the accounts and ask for their review")
def issue_accounts(cycle: CycleRef, label: str = "") -> IssuedPack:
    """Issue the accounts of a period and ask the custodian's second person to review them; the client is asked next (C2).

    Args:
        cycle: whose run issues them.
        label: the period; the cycle's own by default.
    """
    label = label or cycle.period
    issued, files = _issued(cycle.engagement_id, label, cycle.as_of, cycle)
    with cycle_transaction(cycle) as session:
        _ask_for_review(
            session, engagement_of(session, cycle.engagement_id), label, issued, files, cycle.as_of
        )
    return issued


def compile_anew(code: str, label: str, by: str) -> tuple[int, bool]:
    """Compile accounts anew that were returned, or whose period got vouchers since, and put them to review.

    Killed in between, it goes on where it was when it is called again.

    Args:
        code: the engagement.
        label: the period.
        by: reference of the person who prepared the new version.

    Returns:
        The number of the version, and whether it was compiled now.

    Raises:
        Terminal: the accounts were not returned and nothing was booked for them since, or nobody answers for them.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        require_person(session, engagement, by)
        key, today = engagement_id(engagement), business_today(engagement)
        statement = statement_at(session, engagement, label)
        reference = reference_of(label, statement.version)
        again = statement.state == "returned" or entered_since(session, engagement, statement)
        if again:
            withdraw_open(session, key, "accounts", reference)
            compile_version(session, engagement, statement, _why_returned(session, key, reference), today)
            statement.prepared_by = by
            session.add(statement)
        elif statement.version == 1:
            raise Terminal(
                f"The accounts of {label} are {statement.state}: only returned ones are compiled anew. Until then "
                "corrections are booked in the open period."
            )
        version, state = statement.version, statement.state
    if state == "compiled":
        issued, files = _issued(key, label, today)
        with writing() as session:
            _ask_for_review(session, lock_engagement(session, code), label, issued, files, today)
    return version, again


def _why_returned(session: Session, key: int, reference: str) -> str:
    said = session.exec(
        select(Decision.remark)
        .join(DecisionRequest, col(DecisionRequest.id) == col(Decision.request_id))
        .where(
            DecisionRequest.engagement_id == key,
            DecisionRequest.subject == "accounts",
            DecisionRequest.reference == reference,
            Decision.verdict == "rejected",
        )
    ).first()
    return said or ""


def _issued(
    key: int, label: str, on: date, cycle: CycleRef | None = None
) -> tuple[IssuedPack, tuple[tuple[str, str, str], ...]]:
    """The report and the workbook of vouchers, kept once; the report, and the files of both."""
    with reading() as session:
        engagement = engagement_of(session, key)
        statement = statement_at(session, engagement, label)
        reference = reference_of(label, statement.version)
        report, vouchers = _packs(session, engagement, statement, statement.compiled_on)
    if cycle is None:
        issued = issue_loose_pack(key, "accounts", reference, report, on)
        workbook = issue_loose_pack(key, VOUCHERS, reference, vouchers, on, on_paper=False)
    else:
        issued = issue_pack(cycle, "accounts", report, on, reference)
        workbook = issue_pack(cycle, VOUCHERS, vouchers, on, reference, on_paper=False)
    return issued, (*issued.files, *workbook.files)


def _ask_for_review(
    session: Session,
    engagement: Engagement,
    label: str,
    issued: IssuedPack,
    files: tuple[tuple[str, str, str], ...],
    on: date,
) -> None:
    voice = voice_of(engagement)
    period = period_words(label, voice.language)
    ask_decision(
        session,
        engagement,
        "accounts",
        issued.period,
        ("custodian",),
        issued.sha256,
        voice(
            f"Please review the accounts of {period} as second person",
            f"请由编制人以外的人员复核 {period} 财务报告",
        ),
        on,
        files,
    )


def write_accounts(code: str, label: str, folder: Path, *, force: bool) -> list[Path]:
    """Write report and vouchers of a period as its statement stands, without issuing anything.

    Args:
        code: the engagement.
        label: the period.
        folder: where to; made if it is not there.
        force: replace files of the same name.

    Raises:
        Terminal: none is compiled.
        FileInTheWay: a file is there already.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        statement = statement_at(session, engagement, label)
        report, vouchers = _packs(session, engagement, statement, statement.compiled_on)
    contents = (
        (report, "pdf", render_pdf(report)),
        (report, "xlsx", render_xlsx(report)),
        (vouchers, "xlsx", render_xlsx(vouchers)),
    )
    written = [(folder / pack_file_name(pack, extension), content) for pack, extension, content in contents]
    taken = [path.name for path, _content in written if path.exists()]
    if taken and not force:
        raise FileInTheWay(f"{', '.join(taken)} is there already: name another folder, or say --force.")
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in written:
        write_whole(path, content)
    return [path for path, _content in written]


def _packs(session: Session, engagement: Engagement, statement: Statement, on: date) -> tuple[Pack, Pack]:
    key, label = engagement_id(engagement), statement.period
    period, terms = served_days(engagement, label), terms_of(session, key)
    lines, funds = details_of(session, statement)
    # Statements from before there were seals know no newest entry: all there are.
    entries = entries_of(session, key, period, statement.last_entry or 2**31 - 1)
    bank = bank_comparison(session, key, period)
    so_far = lines_until(session, engagement, label)
    owed_on = of_the_term(engagement, label).last
    share = remuneration_share(engagement.remuneration_share, load_catalogue())

    model, yearly = engagement.fee_model, terms.remuneration_fixed
    now = [BookedLine(line.kind, line.cost_item, line.actual, line.budget) for line in lines]
    year = fee_result(
        so_far, model, share, fixed_remuneration(engagement, yearly, year_until(engagement, label))
    )
    facts = AccountsFacts(
        statement,
        lines,
        funds,
        parts=_parts(session, engagement, period),
        result=fee_result(
            now, model, share, fixed_remuneration(engagement, yearly, period), year.cost - cost_of(now)
        ),
        result_so_far=year,
        year_so_far=() if year_until(engagement, label).first == period.first else so_far,
        reasons={
            (reason.kind, reason.cost_item): reason.reason
            for reason in session.exec(
                select(VarianceReason).where(
                    VarianceReason.engagement_id == key, VarianceReason.period == label
                )
            )
        },
        owed=_owed(session, key, owed_on),
        owed_on=owed_on,
        large=[entry for entry in entries if abs(entry.amount) >= terms.large_amount],
        corrections=[entry for entry in entries if entry.corrects],
        former=session.exec(
            select(FormerStatement)
            .where(FormerStatement.statement_id == statement.id)
            .order_by(col(FormerStatement.version).desc())
        ).first(),
        bank=bank,
        carried=_carried(session, engagement, period),
        terms=terms,
    )
    return (
        accounts_report(engagement, facts, on=on),
        voucher_workbook(engagement, statement, period, lines, funds, entries, bank, on=on),
    )


def _parts(session: Session, engagement: Engagement, period: Period) -> list[Statement]:
    """The months of a quarter, or the quarters of a year, that are compiled."""
    of = contract_quarters if period.kind is PeriodKind.YEAR else contract_months
    labels = [
        part.label
        for part in of(engagement.term_start, engagement.term_end)
        if period.contains(part.first) and part.label != period.label
    ]
    return list(
        session.exec(
            select(Statement)
            .where(Statement.engagement_id == engagement_id(engagement), col(Statement.period).in_(labels))
            .order_by(Statement.period)
        ).all()
    )


def _owed(session: Session, key: int, on: date) -> list[Owed]:
    """Instalments due by a day and not paid by it."""
    rows = session.exec(
        signed_instalments(key).where(
            Instalment.due_on <= on,
            col(Instalment.paid_on).is_(None) | (col(Instalment.paid_on) > on),
        )
    ).all()
    return [Owed(row.due_on, row.amount) for row in rows]


def _carried(session: Session, engagement: Engagement, period: Period) -> Decimal | None:
    """What the statement of the same kind before this one closed with, of the service money."""
    key = engagement_id(engagement)
    pattern = "____" if period.kind is PeriodKind.YEAR else "____-Q_"
    before = session.exec(
        select(Statement)
        .where(
            Statement.engagement_id == key,
            col(Statement.period).like(pattern),
            Statement.period < period.label,
        )
        .order_by(col(Statement.period).desc())
    ).first()
    if before is None:
        return None
    funds = details_of(session, before)[1]
    return next((fund.closing for fund in funds if fund.fund == Fund.SERVICE), None)
