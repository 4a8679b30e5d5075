"""Does a whole engagement run through all its flows, from first contact to handover, and add up at the end?"""

import re
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from deployments.catalogue import CATALOGUE
from deployments.demo.cast import Cast
from deployments.demo.clauses import clause_evidence
from deployments.demo.story import play
from flows.dispatch import deliver_mail
from flows.respond import respond_to_emergency, stand_down_emergency
from flows.take_in import import_asset_register, take_in_engagement
from models.accounts import StatementFund
from models.audit import verify_chain
from models.db import engine, reading
from models.engagement import Cycle
from models.outbox import OutboxMail
from models.review import Pack
from models.rules.account_items import Fund
from models.rules.cycles import CycleKind
from models.work import WorkOrder
from tasks.bank_statements import bank_comparison_of
from tasks.cycles import due_now
from tasks.engagements import find_engagement
from tasks.files import read_file
from tasks.intake import record_people
from tasks.launching import FLOW_OF_KIND
from tasks.statement_checks import statements_listed, verify_accounts
from tests import factories
from tests.conftest import MailServer

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

TERM_END = date(2027, 3, 31)
FLOWS = {entry.flow.name: entry.flow for entry in CATALOGUE}


class OneProcess:
    """Runs every due flow in this process, on the real Prefect server, without a worker."""

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()

    def take_in(self, cast: Cast, on: date) -> None:
        """First contact."""
        take_in_engagement(cast.form, on)
        record_people(cast.form.code, cast.people)
        import_asset_register(cast.form.code, str(cast.workbook))

    def run_due(self, code: str, on: date) -> int:
        """Everything that is due, in its order."""
        due = due_now(code, on)
        for kind, period, _due_on in due:
            FLOWS[FLOW_OF_KIND[kind]](code, period, on)
            self.runs[kind] += 1
        return len(due)

    def answer_gates(self, _code: str) -> int:
        """The parties of this story answer at the command line."""
        return 0

    def emergency(self, code: str, reference: str, kind: str, summary: str, at: datetime) -> None:
        """As the desk would."""
        respond_to_emergency(code, reference, kind, summary, at=at)

    def stand_down(self, code: str, reference: str, at: datetime, loss: Decimal, lesson: str) -> None:
        """As the manager would."""
        stand_down_emergency(code, reference, loss, lesson, at)

    def deliver_mail(self) -> None:
        """What waits."""
        deliver_mail()


def test_a_quarters_custody_from_first_contact_to_handover(
    database: str, tmp_path: Path, mail_server: MailServer
) -> None:
    cast = Cast(
        factories.intake_form(term_end=TERM_END),
        factories.write_register(tmp_path / "register.xlsx"),
        factories.people(24),
        (),
    )
    clockwork = OneProcess()
    moments = list(play(cast, clockwork))
    assert moments[-1].stage == "closed"
    assert clockwork.runs == {
        **dict.fromkeys(CycleKind, 1),
        CycleKind.MONTH_OPEN: 3,
        CycleKind.MONTH_CLOSE: 3,
    }
    assert due_now(factories.CODE, date(2029, 1, 1)) == []
    _everything_is_settled()
    _every_letter_arrived_once(mail_server)
    _every_pack_is_there()
    _the_accounts_hold()


def _everything_is_settled() -> None:
    with reading() as session:
        key = find_engagement(session, factories.CODE).id or 0
        assert verify_chain(session, key) is None
        assert set(session.exec(select(Cycle.state)).all()) == {"done"}
        left_open = session.exec(
            select(WorkOrder).where(WorkOrder.state == "released", col(WorkOrder.latest_on) <= TERM_END)
        ).all()
        evidence = {row.clause: row.evidence for row in clause_evidence(session, factories.CODE)}
    assert left_open == []
    assert [clause for clause, found in evidence.items() if not re.search(r"[1-9]", found)] == []
    assert len(evidence) >= len(
        ["A1", "A2", "A3", "A4", "A5", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "C1", "C2", "C3", "C4"]
    )


def _every_letter_arrived_once(mail_server: MailServer) -> None:
    with reading() as session:
        mails = session.exec(select(OutboxMail)).all()
    assert {mail.state for mail in mails} == {"sent"}
    received = Counter(
        line.partition(b":")[2].strip().decode()
        for envelope in mail_server.envelopes
        for line in (envelope.original_content or b"").splitlines()
        if line.lower().startswith(b"message-id:")
    )
    assert received == Counter(mail.message_id for mail in mails)


def _every_pack_is_there() -> None:
    with reading() as session:
        packs = session.exec(select(Pack)).all()
    assert {pack.kind for pack in packs} >= {
        "survey-entry",
        "plan",
        "contract",
        "month",
        "quarter",
        "accounts",
        "accounts-vouchers",
        "satisfaction",
        "evaluation",
        "handover",
    }
    for pack in packs:
        assert read_file(pack.sha256)[:4] in (b"%PDF", b"PK\x03\x04", b"\x89PNG")
    with engine().connect() as connection:
        for table in SQLModel.metadata.sorted_tables:  # nothing refers to what is not there
            for key in table.foreign_keys:
                meant = key.column.table.alias()  # a table may refer to itself
                orphans = connection.execute(
                    sa.select(sa.func.count())
                    .select_from(table.outerjoin(meant, key.parent == meant.c[key.column.name]))
                    .where(key.parent.is_not(None), meant.c[key.column.name].is_(None))
                ).scalar_one()
                assert orphans == 0, key


def _the_accounts_hold() -> None:
    states = {row["period"]: (row["state"], row["late"]) for row in statements_listed(factories.CODE)}
    assert states == {"2027-Q1": ("audited", ""), "2027": ("audited", "")}
    for period in states:
        assert [check.holds for check in verify_accounts(factories.CODE, period)] == [True]
    bank = bank_comparison_of(factories.CODE, "2027-Q1")
    assert bank is not None
    assert bank.matched > 20
    assert bank.bank_total - bank.books_total == sum(line.amount for line, _day in bank.bank_open) - sum(
        one.amount for one, _day in bank.books_open
    )
    with reading() as session:
        funds = session.exec(select(StatementFund)).all()
    assert all(fund.opening + fund.received - fund.paid == fund.closing for fund in funds)
    assert {fund.fund for fund in funds} == {str(fund) for fund in Fund}
