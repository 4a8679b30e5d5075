"""Can an auditor rely on the accounts: carried forward, seen by two, corrected in the open, sealed? (C2)"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from models.accounts import FormerStatement, LedgerEntry, Statement, StatementFund, StatementLine
from models.audit import verify_chain
from models.db import engine, reading, writing
from models.errors import DecisionNotOpen, Terminal
from models.outbox import OutboxMail
from models.review import Pack
from models.rules.cycles import CycleKind
from models.rules.ledger_sheet import Voucher
from tasks.accounts import book, record_payment
from tasks.accounts_issue import _packs, compile_anew, issue_accounts, write_accounts
from tasks.accounts_terms import agree_on_terms, explained, give_reason, import_reasons
from tasks.bank_statements import bank_comparison_of, import_bank_statement
from tasks.decisions import open_decisions, take_decision
from tasks.engagements import engagement_id, find_engagement, set_simulated_date
from tasks.files import file_path, read_file
from tasks.ledger_file import import_vouchers
from tasks.sheet_rows import SheetRefused
from tasks.statement_checks import accounts_awaited, statements_listed, verify_accounts
from tasks.statement_signing import prepare_accounts
from tasks.statements import compile_final_accounts, compile_statement
from tests import factories

REVIEWER = "custodian-1"
Q1 = "2027-Q1"


def test_each_fund_is_carried_forward_apart_and_is_in_no_result(in_service: str) -> None:
    book(
        in_service,
        [
            _voucher("T1", "2026-12-31", "income", "maintenance_fund", "860000.00"),
            _voucher("D1", "2027-02-01", "income", "deposit", "2000.00"),
            _voucher("D2", "2027-05-01", "expense", "deposit", "500.00"),
            _voucher("C1", "2027-03-01", "income", "common_income", "6500.00"),
            _voucher("P1", "2027-03-01", "income", "parking", "40.00"),
            _voucher("S1", "2027-03-02", "expense", "staff", "15.01"),
        ],
    )
    _compile(in_service, Q1)
    _compile(in_service, "2027-Q2")
    first, second = _funds(in_service, Q1), _funds(in_service, "2027-Q2")
    assert first["maintenance_fund"] == (Decimal("860000.00"), 0, 0, Decimal("860000.00"))
    assert first["deposit"] == (0, 2000, 0, 2000)
    assert first["service"] == (0, 40, Decimal("15.01"), Decimal("24.99"))
    assert second["deposit"] == (2000, 0, 500, 1500)
    assert {fund: row[0] for fund, row in second.items()} == {fund: row[3] for fund, row in first.items()}
    statement = _statement(in_service, Q1)
    assert (statement.income, statement.expense) == (40, Decimal("15.01"))


def test_a_fee_paid_late_or_early_is_told_from_that_of_the_period(in_service: str) -> None:
    record_payment(in_service, date(2027, 1, 1), date(2027, 4, 2))
    record_payment(in_service, date(2027, 7, 1), date(2027, 4, 3))
    _compile(in_service, "2027-Q2")
    lines = _lines(in_service, "2027-Q2")
    assert lines["fee_arrears"] == lines["fee_advance"] > 0
    assert lines["fee"] == 0


def test_what_came_in_on_a_day_of_a_compiled_month_is_booked_on_the_first_open_one(in_service: str) -> None:
    _compile(in_service, "2027-01", CycleKind.MONTH_CLOSE)
    record_payment(in_service, date(2027, 1, 1), date(2027, 1, 20))
    with reading() as session:
        entry = session.exec(select(LedgerEntry)).one()
    assert (entry.booked_on, entry.owed_on) == (date(2027, 2, 1), date(2027, 1, 1))
    assert "paid 2027-01-20" in entry.text
    with pytest.raises(Terminal, match="2027-01 is compiled"):
        book(in_service, [_voucher("OLD", "2026-11-30", "income", "deposit", "1.00")])


def test_accounts_need_two_persons_of_the_custodian_before_the_client_sees_them(in_service: str) -> None:
    _issue(in_service)
    with pytest.raises(DecisionNotOpen, match="Nobody has said who prepared"):
        _review(in_service)
    for nobody, why in (("", "say who"), ("Robin", "no reference"), ("client-1", "of the client")):
        with pytest.raises(Terminal, match=why):
            prepare_accounts(in_service, Q1, nobody)
    assert prepare_accounts(in_service, Q1, REVIEWER) is True
    assert prepare_accounts(in_service, Q1, REVIEWER) is False
    with pytest.raises(DecisionNotOpen, match="expected another person"):
        _review(in_service)
    prepare_accounts(in_service, Q1, _staff(in_service))
    for nobody, why in (("Robin", "by reference"), ("client-1", "of the client")):
        with pytest.raises(DecisionNotOpen, match=why):
            _review(in_service, by=nobody)
    assert [question.party for question in open_decisions(in_service) if question.subject == "accounts"] == [
        "custodian"
    ]
    _review(in_service)
    statement = _statement(in_service, Q1)
    assert (statement.state, statement.reviewed_by, statement.issued_on) == (
        "reviewed",
        REVIEWER,
        date(2027, 4, 9),
    )
    with reading() as session:
        mail = session.exec(
            select(OutboxMail).where(
                OutboxMail.kind == "decision-accounts", OutboxMail.person_ref == "client-1"
            )
        ).one()
    assert sorted(file["file_name"].rpartition(".")[2] for file in mail.attachments) == [
        "pdf",
        "xlsx",
        "xlsx",
    ]
    with pytest.raises(Terminal, match="cannot be changed"):
        prepare_accounts(in_service, Q1, "custodian-1")


def test_returned_accounts_are_corrected_by_further_entries_and_come_again_as_the_next_version(
    in_service: str, tmp_path: Path
) -> None:
    book(in_service, [_voucher("S1", "2027-02-02", "expense", "staff", "100.00")])
    _issue(in_service)
    prepare_accounts(in_service, Q1, _staff(in_service))
    with pytest.raises(Terminal, match="only returned ones"):
        compile_anew(in_service, Q1, _staff(in_service))
    _review(in_service)
    factories.answer(
        in_service, "accounts", "rejected", ["client"], on=date(2027, 4, 12), remark="greening is missing"
    )
    path = tmp_path / "corrections.csv"
    path.write_text(
        "Voucher,Date,Income or expense,Item,Amount,Text,Corrects period\n"
        "C1,2027-04-12,expense,greening,30.00,forgotten,2027-Q1\n"
        "C2,2027-02-12,expense,greening,30.00,into the closed month,2027-Q1\n"
        "C3,2027-04-12,expense,greening,7.00,of April,\n"
        "C4,2027-04-12,expense,greening,7.00,of nothing,2026-Q4\n",
        encoding="utf-8",
    )
    set_simulated_date(in_service, date(2027, 4, 12))
    found = import_vouchers(in_service, path)
    assert (found.recorded, [doubt.column for doubt in found.doubts]) == (2, ["booked_on", "corrects"])
    assert compile_anew(in_service, Q1, _staff(in_service)) == (2, True)
    assert compile_anew(in_service, Q1, _staff(in_service)) == (2, False)
    statement = _statement(in_service, Q1)
    assert (statement.version, statement.state, statement.expense) == (2, "compiled", Decimal("130.00"))
    with reading() as session:
        former = session.exec(select(FormerStatement)).one()
        assert (former.version, former.expense, former.returned_because) == (
            1,
            Decimal("100.00"),
            "greening is missing",
        )
        mails = session.exec(select(OutboxMail.dedup_key).where(OutboxMail.kind == "decision-accounts")).all()
        packs = session.exec(select(Pack.period).where(Pack.kind == "accounts")).all()
    assert len(mails) == len(set(mails)) == 3  # reviewed, audited, reviewed again
    assert set(packs) == {Q1, f"{Q1}-v2"}
    assert [check.holds for check in verify_accounts(in_service, Q1)] == [True, True]
    _review(in_service, on=date(2027, 4, 13))
    factories.answer(in_service, "accounts", "accepted", ["client"], on=date(2027, 4, 14))
    assert _statement(in_service, Q1).state == "audited"
    _compile(in_service, "2027-Q2")
    assert _lines(in_service, "2027-Q2")["greening"] == Decimal("7.00"), (
        "the correction is the first quarter's"
    )
    assert _funds(in_service, "2027-Q2")["service"][0] == Decimal("-130.00")
    with reading() as session:
        assert verify_chain(session, engagement_id(find_engagement(session, in_service))) is None


def test_a_new_version_whose_process_died_before_its_report_was_out_is_brought_to_its_end(
    sqlite_in_service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _issue(sqlite_in_service)
    factories.answer(
        sqlite_in_service, "accounts", "rejected", ["custodian"], on=date(2027, 4, 8), remark="wrong item"
    )
    someone = _staff(sqlite_in_service)

    def died(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("tasks.accounts_issue._issued", died)
        with pytest.raises(KeyboardInterrupt):
            compile_anew(sqlite_in_service, Q1, someone)
    assert [
        question for question in open_decisions(sqlite_in_service) if question.subject == "accounts"
    ] == []
    assert compile_anew(sqlite_in_service, Q1, someone) == (2, False)
    (asked,) = [question for question in open_decisions(sqlite_in_service) if question.subject == "accounts"]
    assert (asked.reference, asked.party) == (f"{Q1}-v2", "custodian")
    _review(sqlite_in_service)
    assert _statement(sqlite_in_service, Q1).state == "reviewed"


@pytest.mark.parametrize(
    "tampering",
    [
        "update ledgerentry set amount = amount + 1 where voucher = 'S1'",
        "update ledgerentry set text = 'other' where voucher = 'S1'",
        "delete from ledgerentry where voucher = 'S1'",
    ],
)
def test_a_voucher_changed_behind_the_programs_back_is_found(sqlite_in_service: str, tampering: str) -> None:
    book(sqlite_in_service, [_voucher("S1", "2027-02-02", "expense", "staff", "100.00")])
    _compile(sqlite_in_service, Q1)
    book(sqlite_in_service, [_voucher("S2", "2027-04-02", "expense", "staff", "9.00")])
    (check,) = verify_accounts(sqlite_in_service, Q1)
    assert (check.holds, check.document) == (True, "not issued")
    with engine().begin() as connection:
        connection.execute(sa.text(tampering))
    assert not verify_accounts(sqlite_in_service, Q1)[0].holds


def test_a_document_that_was_changed_or_lost_is_found(sqlite_in_service: str) -> None:
    sha256 = _issue(sqlite_in_service)
    path = file_path(sha256)
    whole = read_file(sha256)
    assert verify_accounts(sqlite_in_service, Q1)[0].document == "as issued"
    path.write_bytes(whole[:-1])
    assert verify_accounts(sqlite_in_service, Q1)[0].document == "changed"
    path.unlink()
    assert [(check.document, check.holds) for check in verify_accounts(sqlite_in_service, Q1)] == [
        ("lost", False)
    ]


def test_the_final_accounts_are_the_quarters_together(in_service: str) -> None:
    for number, month in enumerate((1, 4, 7, 10), start=1):
        book(in_service, [_voucher(f"S{month}", f"2027-{month:02d}-05", "expense", "staff", f"{month}.10")])
        cycle = _claim(in_service, f"2027-Q{number}")
        compile_statement.fn(cycle)
        assert compile_final_accounts.fn(cycle) == ("2027" if number == 4 else "")
    year = _statement(in_service, "2027")
    with reading() as session:
        quarters = session.exec(select(Statement).where(col(Statement.period).like("____-Q_"))).all()
    assert year.expense == sum(quarter.expense for quarter in quarters) == Decimal("22.40")
    assert year.budget == sum(quarter.budget for quarter in quarters)
    assert year.control_count == sum(quarter.control_count for quarter in quarters) == 4
    assert year.due_on == date(2028, 1, 30)


def test_a_term_that_ends_within_a_year_has_its_last_accounts_due_by_its_own_end(in_service: str) -> None:
    _end_the_term(in_service, date(2027, 5, 31))
    cycle = _claim(in_service, "2027-Q2")
    compile_statement.fn(cycle)
    assert compile_final_accounts.fn(cycle) == "2027"
    assert _statement(in_service, "2027-Q2").due_on == date(2027, 6, 15)
    assert _statement(in_service, "2027").due_on == date(2027, 6, 30)


def test_after_a_term_that_ends_within_a_quarter_its_accounts_are_still_corrected_and_completed(
    in_service: str, tmp_path: Path
) -> None:
    book(in_service, [_voucher("S1", "2027-05-03", "expense", "staff", "10.00")])
    _end_the_term(in_service, date(2027, 5, 15))
    _compile(in_service, "2027-05", CycleKind.MONTH_CLOSE)
    cycle = _claim(in_service, "2027-Q2", on=date(2027, 5, 20))
    compile_statement.fn(cycle)
    compile_final_accounts.fn(cycle)
    issue_accounts.fn(cycle)
    factories.answer(in_service, "accounts", "rejected", ["custodian"], on=date(2027, 5, 21), remark="a gap")
    path = tmp_path / "corrections.csv"
    path.write_text(
        "Voucher,Date,Income or expense,Item,Amount,Text,Corrects period\n"
        "C1,2027-05-21,expense,greening,30.00,forgotten,2027-Q2\n"
        "C2,2027-05-14,expense,greening,1.00,of a closed day,\n",
        encoding="utf-8",
    )
    set_simulated_date(in_service, date(2027, 5, 22))
    found = import_vouchers(in_service, path)
    assert (found.recorded, [doubt.row for doubt in found.doubts]) == (1, [3])
    assert compile_anew(in_service, "2027-Q2", REVIEWER) == (2, True)
    record_payment(in_service, date(2027, 4, 1), date(2027, 5, 25))
    with reading() as session:
        assert session.exec(
            select(LedgerEntry.booked_on).where(col(LedgerEntry.owed_on).is_not(None))
        ).one() == (date(2027, 5, 25))
        engagement = find_engagement(session, in_service)
        told = [what for _who, what in accounts_awaited(session, engagement, date(2027, 5, 26))]
    assert [what.split(" for which")[0] for what in told if "new version" in what] == [
        "a new version of the accounts of 2027,",
        "a new version of the accounts of 2027-Q2,",
    ]
    for label, version in (("2027-Q2", 3), ("2027", 2)):
        assert compile_anew(in_service, label, REVIEWER) == (version, True)
        assert compile_anew(in_service, label, REVIEWER) == (version, False)
        assert all(check.holds for check in verify_accounts(in_service, label))
    quarter, year = _statement(in_service, "2027-Q2"), _statement(in_service, "2027")
    assert quarter.income == year.income > 0
    assert quarter.expense == year.expense == Decimal("40.00")


def test_a_fee_paid_before_the_term_begins_is_income_of_the_term(in_service: str) -> None:
    record_payment(in_service, date(2027, 1, 1), date(2026, 12, 28))
    _compile(in_service, Q1)
    assert _lines(in_service, Q1)["fee"] == _statement(in_service, Q1).income > 0
    assert _funds(in_service, Q1)["service"][0] == 0, "nothing of it was taken over"


def test_fees_are_told_as_owed_on_the_last_day_of_a_term_that_ends_within_a_quarter(in_service: str) -> None:
    _end_the_term(in_service, date(2027, 5, 15))
    _compile(in_service, "2027-Q2")
    with reading() as session:
        engagement = find_engagement(session, in_service)
        report, _vouchers = _packs(session, engagement, _statement(in_service, "2027-Q2"), date(2027, 5, 20))
    captions = [table.caption for section in report.sections for table in section.tables]
    (aged,) = [caption for caption in captions if "账龄" in caption or "By age" in caption]
    assert "15" in aged
    assert "30" not in aged


def test_reasons_are_given_before_the_accounts_go_out_and_not_after(in_service: str, tmp_path: Path) -> None:
    book(in_service, [_voucher("G1", "2027-02-02", "expense", "greening", "9000.00")])
    assert "greening" in [row["item"] for row in explained(in_service, Q1)]
    assert give_reason(in_service, Q1, "绿化养护", "trees after the storm", REVIEWER) is True
    assert give_reason(in_service, Q1, "greening", "trees after the storm", REVIEWER) is False
    with pytest.raises(Terminal, match=r"expected one of: .*greening"):
        give_reason(in_service, Q1, "breakfast", "hungry people", REVIEWER)
    with pytest.raises(Terminal, match="is a month"):
        give_reason(in_service, "2027-02", "greening", "hungry people", REVIEWER)
    path = tmp_path / "reasons.csv"
    path.write_text("科目,原因\n人员费用,posts were vacant\n早餐,none\n办公费,x\n", encoding="utf-8")
    tried = import_reasons(in_service, Q1, path, REVIEWER, dry_run=True)
    found = import_reasons(in_service, Q1, path, REVIEWER)
    assert (tried.recorded, found.recorded, [doubt.column for doubt in found.doubts]) == (
        1,
        1,
        ["cost_item", "reason"],
    )
    said = {row["item"]: row["reason"] for row in explained(in_service, Q1)}
    assert (said["greening"], said["staff"], said["office"]) == (
        "trees after the storm",
        "posts were vacant",
        "",
    )
    _compile(in_service, Q1)
    assert give_reason(in_service, Q1, "greening", "trees after the storm", REVIEWER) is False
    with pytest.raises(Terminal, match="are out"):
        give_reason(in_service, Q1, "office", "too late a word", REVIEWER)


def test_the_banks_list_is_taken_once_and_what_is_open_is_told(in_service: str, tmp_path: Path) -> None:
    set_simulated_date(in_service, date(2027, 4, 5))
    book(
        in_service,
        [
            _voucher("记-1", "2027-02-02", "expense", "staff", "100.00"),
            _voucher("记-2", "2027-03-31", "expense", "cleaning", "20.00"),
            _voucher("记-3", "2027-03-31", "expense", "depreciation", "5.00"),
        ],
    )
    path = tmp_path / "bank.csv"
    path.write_text(
        "交易日期,收入金额,支出金额,摘要,流水号\n"
        "2027-02-04,,100.00,工资,F1\n"
        "2027-03-05,,2.50,手续费,F2\n"
        "2027-03-05,,2.50,手续费,F2\n"
        "2027-04-01,,20.00,保洁,F3\n"
        "2027-03-06,1,1,?,F4\n",
        encoding="utf-8",
    )
    assert bank_comparison_of(in_service, Q1) is None
    assert import_bank_statement(in_service, path, dry_run=True).recorded == 4
    assert bank_comparison_of(in_service, Q1) is None
    found = import_bank_statement(in_service, path)
    assert (found.recorded, [(doubt.row, doubt.column) for doubt in found.doubts]) == (4, [(6, "amount")])
    again = import_bank_statement(in_service, path)
    assert (again.recorded, again.as_before) == (0, 4)
    bank = bank_comparison_of(in_service, Q1)
    assert bank is not None
    assert (bank.matched, bank.no_cash) == (1, Decimal("-5.00"))
    assert [(line.reference, day) for line, day in bank.bank_open] == [("F2", None), ("F2", None)]
    assert [(one.voucher, day) for one, day in bank.books_open] == [("记-2", date(2027, 4, 1))]
    path.write_text("交易日期,摘要\n2027-02-04,工资\n", encoding="utf-8")
    with pytest.raises(SheetRefused, match="no column Amount"):
        import_bank_statement(in_service, path)


def test_late_accounts_are_told_while_they_are_awaited_and_afterwards(in_service: str) -> None:
    def awaited(on: date) -> list[str]:
        with reading() as session:
            engagement = find_engagement(session, in_service)
            return [what for _who, what in accounts_awaited(session, engagement, on)]

    assert awaited(date(2027, 3, 31)) == []
    assert any("the accounts of 2027-Q1, due 2027-04-15" in what for what in awaited(date(2027, 4, 1)))
    assert any("reasons for" in what for what in awaited(date(2027, 4, 1)))
    _issue(in_service, on=date(2027, 4, 17))
    (waiting,) = awaited(date(2027, 4, 17))
    assert "who prepared the accounts of 2027-Q1, due 2027-04-15, 2 days late" in waiting
    prepare_accounts(in_service, Q1, _staff(in_service))
    assert awaited(date(2027, 4, 18)) == [
        "the review of the accounts of 2027-Q1, due 2027-04-15, 3 days late"
    ]
    _review(in_service, on=date(2027, 4, 18))
    assert awaited(date(2027, 4, 30)) == []
    assert [row["late"] for row in statements_listed(in_service)] == ["3 days"]


def test_what_was_agreed_on_the_accounts_holds_and_nonsense_is_refused(in_service: str) -> None:
    agree_on_terms(in_service, REVIEWER, {"quarter_days": 20, "reason_amount": Decimal("99999999.00")})
    assert explained(in_service, Q1) == []
    _compile(in_service, Q1)
    assert _statement(in_service, Q1).due_on == date(2027, 4, 20)
    for change, why in (
        ({"reason_share": Decimal("10")}, "0 to 1"),
        ({"large_amount": Decimal("0.001")}, "two decimal places"),
        ({"quarter_days": 1}, "5 days or more"),
        ({"remuneration_fixed": Decimal("1.00")}, "lump sum"),
    ):
        with pytest.raises(Terminal, match=why):
            agree_on_terms(in_service, REVIEWER, change)


def test_accounts_from_before_there_were_seals_can_still_be_written_out(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    book(sqlite_in_service, [_voucher("S1", "2027-02-02", "expense", "staff", "100.00")])
    _compile(sqlite_in_service, Q1)
    with writing() as session:
        session.exec(sa.update(Statement).values(last_entry=0, control_sha256="", due_on=None))
        session.exec(sa.delete(StatementFund))
    paths = write_accounts(sqlite_in_service, Q1, tmp_path / "out", force=False)
    assert [path.suffix for path in paths] == [".pdf", ".xlsx", ".xlsx"]
    with pytest.raises(Terminal, match="is there already"):
        write_accounts(sqlite_in_service, Q1, tmp_path / "out", force=False)


def _end_the_term(code: str, on: date) -> None:
    with writing() as session:
        engagement = find_engagement(session, code)
        engagement.term_end = on
        session.add(engagement)


def _voucher(number: str, on: str, kind: str, item: str, amount: str) -> Voucher:
    return Voucher(number, date.fromisoformat(on), kind, item, Decimal(amount), number)


def _claim(code: str, period: str, kind: CycleKind = CycleKind.QUARTER_REVIEW, on: date = date(2027, 4, 6)):
    return factories.claim(code, kind, period, on)


def _compile(code: str, period: str, kind: CycleKind = CycleKind.QUARTER_REVIEW) -> None:
    compile_statement.fn(_claim(code, period, kind))


def _issue(code: str, on: date = date(2027, 4, 6)) -> str:
    cycle = _claim(code, Q1, on=on)
    compile_statement.fn(cycle)
    return issue_accounts.fn(cycle).sha256


def _review(code: str, by: str = REVIEWER, on: date = date(2027, 4, 9)) -> None:
    (question,) = [q for q in open_decisions(code) if (q.subject, q.party) == ("accounts", "custodian")]
    take_decision(
        code,
        "accounts",
        question.reference,
        "custodian",
        "accepted",
        declared_by=by,
        authenticated_by="test",
        document_sha256=question.document_sha256,
        on=on,
    )


def _staff(code: str) -> str:
    from models.staff import StaffMember

    with reading() as session:
        return session.exec(select(StaffMember.ref).order_by(StaffMember.ref)).first() or ""


def _statement(code: str, period: str) -> Statement:
    with reading() as session:
        return session.exec(select(Statement).where(Statement.period == period)).one()


def _lines(code: str, period: str) -> dict[str, Decimal]:
    with reading() as session:
        rows = session.exec(select(StatementLine).join(Statement).where(Statement.period == period)).all()
    return {row.cost_item: row.actual for row in rows}


def _funds(code: str, period: str) -> dict[str, tuple[Decimal, ...]]:
    with reading() as session:
        rows = session.exec(select(StatementFund).join(Statement).where(Statement.period == period)).all()
    return {row.fund: (row.opening, row.received, row.paid, row.closing) for row in rows}
