"""Can a confirmed plan be changed until the contract is signed, and not after? (A4, A5)"""

from pathlib import Path

import pytest
from sqlmodel import select

from models.audit import AuditEvent
from models.contract import Contract
from models.db import reading
from models.decision import DecisionRequest
from models.engagement import Engagement
from models.errors import DecisionNotOpen, Terminal
from models.outbox import OutboxMail
from models.rules.cycles import CycleKind
from tasks.contracts import draw_up_contract, offer_contract
from tasks.cycles import due_now, finish_cycle
from tasks.decisions import open_decisions, take_decision
from tasks.plan_edits import import_plan
from tasks.plan_reopening import reopen_plan
from tests import factories
from tests.tasks.test_plan_edits import edited_workbook, setting, states

WHY = "a second gate"


@pytest.fixture
def offered(surveyed: str) -> str:
    factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan")
    factories.offer(surveyed)
    return surveyed


def _stage() -> str:
    with reading() as session:
        return session.exec(select(Engagement.stage)).one()


def _contracts() -> list[tuple[str, str]]:
    with reading() as session:
        return [(c.number, c.state) for c in session.exec(select(Contract).order_by(Contract.number)).all()]


def _confirm_an_edit(code: str, folder: Path) -> None:
    assert (
        import_plan(code, edited_workbook(code, folder, setting("posts", "cleaner", "heads", "30"))).version
        == 2
    )
    factories.answer(code, "plan")


def _offer_again(code: str) -> None:
    ((kind, period, _due),) = due_now(code, factories.SURVEYED_ON)
    assert (kind, period) == (CycleKind.CONTRACT, "contract-2")
    cycle = factories.claim(code, CycleKind.CONTRACT, period, factories.SURVEYED_ON)
    draw_up_contract.fn(cycle)
    offer_contract.fn(cycle)
    finish_cycle.fn(cycle)


def test_nothing_is_written_before_it_is_confirmed(offered: str) -> None:
    found = reopen_plan(offered, WHY, carry_out=False)
    assert (found.version, found.contracts, found.state) == (1, ("contract-1",), "would_reopen")
    assert (_stage(), _contracts()) == ("contracting", [("contract-1", "offered")])
    assert len(open_decisions(offered)) == 2


def test_a_reopened_plan_is_edited_confirmed_and_signed_to_the_end(offered: str, tmp_path: Path) -> None:
    factories.answer(offered, "contract", parties=["client"])
    old = next(q for q in open_decisions(offered) if q.party == "custodian")
    assert reopen_plan(offered, WHY, carry_out=True).state == "reopened"
    assert (_stage(), _contracts()) == ("due_diligence", [("contract-1", "returned")])
    with pytest.raises(DecisionNotOpen):
        take_decision(
            offered, "contract", "contract-1", "custodian", "accepted", declared_by="custodian-1",
            authenticated_by="scenario", document_sha256=old.document_sha256, on=factories.SURVEYED_ON,
        )  # fmt: skip
    assert due_now(offered, factories.SURVEYED_ON) == [], "nothing is computed over the version to be edited"
    assert reopen_plan(offered, WHY, carry_out=True).state == "open", "twice is once"
    with reading() as session:
        assert session.exec(select(AuditEvent).where(AuditEvent.tag == "contract.voided")).one()
        told = session.exec(select(OutboxMail).where(OutboxMail.kind == "plan-reopened")).all()
        asked = session.exec(select(DecisionRequest.state).where(DecisionRequest.subject == "contract")).all()
    assert len(told) == 2 and all(WHY in str(mail.body) for mail in told)
    assert sorted(asked) == ["decided", "withdrawn"]
    _confirm_an_edit(offered, tmp_path)
    assert (states(), _stage()) == (["superseded", "confirmed"], "contracting")
    _offer_again(offered)
    factories.answer(offered, "contract")
    assert _stage() == "mobilisation"
    assert _contracts() == [("contract-1", "returned"), ("contract-2", "signed")]


def test_a_plan_is_reopened_after_the_contract_was_sent_back(offered: str, tmp_path: Path) -> None:
    factories.answer(offered, "contract", "rejected", ["client"])
    assert reopen_plan(offered, WHY, carry_out=True).contracts == ()
    _confirm_an_edit(offered, tmp_path)
    _offer_again(offered)
    factories.answer(offered, "contract")
    assert _stage() == "mobilisation"


def test_a_signed_contract_is_amended_not_reopened(sqlite_in_service: str) -> None:
    for carry_out in (False, True):
        with pytest.raises(Terminal, match=r"was signed on .*`steward plan amend`"):
            reopen_plan(sqlite_in_service, WHY, carry_out=carry_out)
    assert _stage() == "in_service"


def test_a_plan_nobody_confirmed_and_a_missing_reason_are_refused(sqlite_surveyed: str) -> None:
    with pytest.raises(Terminal, match="between its confirmation and the signature"):
        reopen_plan(sqlite_surveyed, WHY, carry_out=True)
    with pytest.raises(Terminal, match="takes a reason"):
        reopen_plan(sqlite_surveyed, "  ", carry_out=True)


def test_no_contract_is_drawn_up_while_the_plan_is_open(sqlite_surveyed: str) -> None:
    factories.propose_plan(sqlite_surveyed)
    factories.answer(sqlite_surveyed, "plan")
    reopen_plan(sqlite_surveyed, WHY, carry_out=True)
    cycle = factories.claim(sqlite_surveyed, CycleKind.CONTRACT, "contract-1", factories.SURVEYED_ON)
    with pytest.raises(Terminal, match="once both sides confirmed the plan"):
        draw_up_contract.fn(cycle)
    assert _contracts() == []
