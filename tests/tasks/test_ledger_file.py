"""Is each voucher of the accountant's list booked once, and is nothing that contradicts the books? (C2)"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from models.accounts import LedgerEntry
from models.audit import verify_chain
from models.db import reading
from models.errors import Terminal
from models.rules.cycles import CycleKind
from tasks.accounts import record_payment
from tasks.engagements import engagement_id, find_engagement, set_simulated_date
from tasks.ledger_file import import_vouchers
from tasks.ledger_views import booked_in, instalments_of
from tasks.quarantine import quarantine_of
from tasks.statements import compile_statement
from tests import factories

TODAY = date(2027, 2, 10)
HEAD = "凭证号,日期,收支,科目,金额,摘要\n"


@pytest.fixture
def books(in_service: str) -> str:
    """An engagement whose January is compiled and whose February is open."""
    compile_statement.fn(factories.claim(in_service, CycleKind.MONTH_CLOSE, "2027-01", date(2027, 2, 1)))
    set_simulated_date(in_service, TODAY)
    return in_service


def _list(folder: Path, *rows: str) -> Path:
    path = folder / "vouchers.csv"
    path.write_text(HEAD + "\n".join(rows), encoding="utf-8")
    return path


def test_a_list_is_booked_once_and_what_was_too_much_is_taken_back(books: str, tmp_path: Path) -> None:
    path = _list(
        tmp_path,
        "V-1,2027-02-03,支出,清洁卫生,1200.50,二月保洁",
        "V-2,2027/2/9,expense,cleaning,-200.50,returned",
        "V-3,2027-02-09,收入,托管服务费,10.00,",
    )
    assert import_vouchers(books, path, dry_run=True).recorded == 3
    assert import_vouchers(books, path).recorded == 3
    again = import_vouchers(books, path)
    assert (again.recorded, again.as_before, again.not_taken) == (0, 3, 0)
    booked = {(line["kind"], line["code"]): line["booked"] for line in booked_in(books, "2027-02")}
    assert booked["expense", "cleaning"] == Decimal("1000.00")
    assert booked["income", "fee"] == Decimal("10.00")
    with reading() as session:
        assert verify_chain(session, engagement_id(find_engagement(session, books))) is None


def test_a_list_as_accountants_write_it_is_understood(books: str, tmp_path: Path) -> None:
    path = tmp_path / "账.csv"
    path.write_text(
        "凭证字号,分录,记账日期,收支方向,科目名称,发生额,用途,费用所属日期,更正期间\n"
        '记-1,1,2027年2月3日,支出,保洁费,"12,000.50",,,\n'
        "记-1,2,2027/2/3,支出,保洁费,(500.50),红冲,,\n"
        "记-2,,2027-02-03,收款,押金,2000,,,\n"
        "记-3,,2027-02-03,收,物业费,10,,2026-12-31,\n",
        encoding="gb18030",
    )
    assert import_vouchers(books, path).recorded == 4
    booked = {(line["kind"], line["code"]): line["booked"] for line in booked_in(books, "2027-02")}
    assert booked["expense", "cleaning"] == Decimal("11500.00")
    assert booked["held", "deposit"] == Decimal("2000.00")
    assert booked["income", "fee_arrears"] == Decimal("10.00")


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("V-1,2027-02-03,支出,税费,1.00,", "voucher", "stands in row 2 with the same content"),
        ("V-9,2027-02-03,收入,税费,1.00,", "kind", "negative amount"),
        ("V-9,2027-02-03,支出,托管服务费,1.00,", "kind", "negative amount"),
        ("V-9,2026-12-31,收入,押金,1.00,", "booked_on", "statement of 2027-01 is compiled"),
        ("V-9,2027-01-31,支出,税费,1.00,", "booked_on", "statement of 2027-01 is compiled"),
        ("V-9,2027-02-11,支出,税费,1.00,", "booked_on", "after 2027-02-10"),
        ("V-9,02/03/2027,支出,税费,1.00,", "booked_on", "swapped"),
        ("V-9,2027-02-03,借,税费,1.00,", "kind", "expense"),
        ("V-9,2027-02-03,支出,早餐,1.00,", "cost_item", "cleaning"),
        ("V-9,2027-02-03,支出,税费,0,", "amount", "other than 0"),
        ("V-9,2027-02-03,支出,税费,1.005,", "amount", "decimal"),
        (",2027-02-03,支出,税费,1.00,", "voucher", "number of the voucher"),
        ("V-1,2027-02-03,支出,税费,2.00,", "voucher", "other content"),
    ],
)
def test_a_row_that_cannot_be_booked_is_kept_apart_and_the_others_are_booked(
    books: str, tmp_path: Path, row: str, column: str, reason: str
) -> None:
    found = import_vouchers(books, _list(tmp_path, "V-1,2027-02-03,支出,税费,1.00,", row))
    assert (found.recorded, found.not_taken) == (1, 1)
    (doubt,) = found.doubts
    assert (doubt.row, doubt.column) == (3, column)
    assert reason in doubt.reason
    assert [(one.source, one.row, one.column) for one in quarantine_of(books)] == [("vouchers", 3, column)]


def test_a_dry_run_books_nothing(books: str, tmp_path: Path) -> None:
    import_vouchers(books, _list(tmp_path, "V-1,2027-02-03,支出,税费,1.00,", "V-2,x,y,z,0,"), dry_run=True)
    with reading() as session:
        assert session.exec(select(LedgerEntry)).all() == []
    assert quarantine_of(books) == []


def test_an_instalment_is_open_then_overdue_then_paid(books: str) -> None:
    first, *others = instalments_of(books)
    assert first["state"] == "overdue"
    assert {one["state"] for one in others} == {"open"}
    record_payment(books, first["due"], TODAY)
    assert (instalments_of(books)[0]["state"], instalments_of(books)[0]["paid"]) == ("paid", TODAY)


def test_what_is_no_period_is_said(books: str) -> None:
    with pytest.raises(Terminal, match="'March' is not a period"):
        booked_in(books, "March")
