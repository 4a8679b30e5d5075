"""Do custodian and auditor get through the accounts at the command line, and is every mistake a sentence? (C2)"""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from models.db import engine
from models.rules.cycles import CycleKind
from tasks.accounts_issue import issue_accounts
from tasks.engagements import set_simulated_date
from tasks.statements import compile_statement
from tests import factories
from tests.deployments.conftest import Steward

VOUCHERS = """Voucher,Line,Date,Income or expense,Item,Amount,Text
V-1,1,2027-02-03,expense,cleaning,"1,200.50",=cmd|' /C calc'!A0
V-1,2,2027-02-03,expense,greening,300,lawn
V-2,,2027-03-05,received,deposits,500,shop 3
V-3,,2027-03-05,expense,breakfast,5,buns
"""
Q1 = "2027-Q1"


@pytest.fixture
def code(sqlite_in_service: str) -> str:
    set_simulated_date(sqlite_in_service, date(2027, 4, 6))
    return sqlite_in_service


def test_the_accounts_of_a_quarter_from_the_list_of_vouchers_to_the_audit(
    steward: Steward, code: str, tmp_path: Path
) -> None:
    path = tmp_path / "vouchers.csv"
    path.write_text(VOUCHERS, encoding="utf-8")
    assert "4 rows: 3 booked" in steward("accounts", "import", code, str(path)).out
    assert (
        "cleaning (清洁卫生)"
        in steward("accounts", "import", code, str(path), "--json").json["doubts"][0]["reason"]
    )
    assert "Movements of the bank in 2027-Q1: none." in steward("accounts", "reconcile", code, Q1).out
    assert (
        steward("accounts", "reason", code, Q1, "office", "moved in April", "--by", "custodian-1").code == 0
    )
    cycle = factories.claim(code, CycleKind.QUARTER_REVIEW, Q1, date(2027, 4, 6))
    compile_statement.fn(cycle)
    document = issue_accounts.fn(cycle).sha256[:12]
    assert "who prepared the accounts of 2027-Q1" in steward("engagement", "status", code).out
    take = ("decision", "take", code, "accounts", Q1, "custodian", "accepted", "--document", document, "--by")
    refused = steward(*take, "custodian-1")
    assert (refused.code, "Nobody has said who prepared" in refused.err) == (1, True)
    assert steward("accounts", "prepare", code, Q1, "--by", "custodian-1").code == 0
    assert "another person" in steward(*take, "custodian-1").err
    assert [row["late"] for row in steward("accounts", "list", code, "--json").json] == [""]
    assert steward("accounts", "verify", code, Q1).code == 0
    with engine().begin() as connection:
        connection.execute(sa.text("update ledgerentry set amount = amount - 1 where voucher = 'V-1/2'"))
    found = steward("accounts", "verify", code, Q1)
    assert (found.code, "CHANGED" in found.out) == (1, True)


def test_each_figure_opens_to_its_vouchers_and_their_texts_stay_texts(
    steward: Steward, code: str, tmp_path: Path
) -> None:
    path = tmp_path / "vouchers.csv"
    path.write_text(VOUCHERS, encoding="utf-8")
    steward("accounts", "import", code, str(path))
    compile_statement.fn(factories.claim(code, CycleKind.QUARTER_REVIEW, Q1, date(2027, 4, 6)))
    out = tmp_path / "out"
    written = steward("accounts", "export", code, Q1, "--to", str(out))
    assert written.out.count("Written:") == 3
    assert steward("accounts", "export", code, Q1, "--to", str(out)).code == 1
    (vouchers,) = [file for file in out.iterdir() if "Vouchers" in file.name]
    book = CalamineWorkbook.from_path(vouchers)
    rows = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    cleaning = next(sheet for name, sheet in rows.items() if name.startswith("Out Cleaning"))
    assert any(row[:2] == ["V-1/1", "2027-02-03"] and row[4].startswith("=cmd|") for row in cleaning)
    assert any(name.startswith("In Deposits") for name in rows)
    differences = [row[4] for row in rows["Figures"] if row[1:2] and isinstance(row[1], float)][:3]
    assert differences == [0, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("verify", "2027-Q3"), "No accounts of '2027-Q3' are compiled"),
        (("prepare", "2027-Q1", "--by", "custodian-1"), "No accounts of '2027-Q1' are compiled"),
        (("correct", "2027-Q1", "--by", ""), "need somebody who answers"),
        (("reason", "March"), "is not a period"),
        (("reconcile", "2027-13"), "is not a period"),
        (("export", "=1+1"), "No accounts of '=1+1' are compiled"),
        (("terms", "--reason-share", "ten", "--by", "custodian-1"), "is no figure"),
        (("terms", "--reason-share", "0.2"), "need somebody who answers"),
        (("bank", "nowhere.csv"), "there is no such file"),
    ],
)
def test_a_mistake_is_a_sentence(steward: Steward, code: str, arguments: tuple[str, ...], why: str) -> None:
    command, *rest = arguments
    found = steward("accounts", command, code, *rest)
    assert found.code != 0
    assert why in " ".join(found.err.replace("│", " ").split())
    assert "Traceback" not in found.err
