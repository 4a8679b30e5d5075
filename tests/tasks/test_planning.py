"""Does a plan bind only when both sides confirmed these very bytes, and does the contract follow from it? (A4, A5)"""

from datetime import date

import pytest
from sqlmodel import select

from models.contract import Contract, ContractClause, Instalment
from models.db import reading
from models.decision import Decision, DecisionRequest
from models.engagement import Demand
from models.errors import DecisionNotOpen, Terminal
from models.rules.cycles import CycleKind
from models.service_plan import BudgetLine, Commitment, PlanPost, ServicePlan
from models.work import WorkOrder
from tasks.contracts import draw_up_contract
from tasks.cycles import due_now
from tasks.decisions import open_decisions, take_decision
from tasks.engagements import find_engagement
from tasks.files import read_file
from tasks.mobilisation import vacancies
from tests import factories

NEXT_DAY = date(2026, 10, 25)


def test_a_plan_is_put_to_both_sides_as_one_document(surveyed: str) -> None:
    pack = factories.propose_plan(surveyed)
    questions = open_decisions(surveyed)
    assert [(q.subject, q.reference, q.party) for q in questions] == [
        ("plan", "1", "client"),
        ("plan", "1", "custodian"),
    ]
    assert {q.document_sha256 for q in questions} == {pack.sha256}
    assert read_file(pack.sha256).startswith(b"%PDF")
    assert _stage(surveyed) == "plan_confirmation"


def test_the_plan_answers_the_survey_the_register_and_the_demands(surveyed: str) -> None:
    factories.propose_plan(surveyed)
    with reading() as session:
        commitments = session.exec(select(Commitment)).all()
        lines = session.exec(select(BudgetLine)).all()
        plan = session.exec(select(ServicePlan)).one()
        assert session.exec(select(Demand)).one().ref == "D1"
    subjects = {commitment.subject for commitment in commitments}
    assert subjects >= {"preventive_maintenance", "round", "cleaning", "security_patrol", "fire_check"}
    assert all(c.source and c.post_code and c.evidence for c in commitments)
    assert plan.annual_cost <= plan.annual_fee == sum(line.amount for line in lines)
    assert any("F-001" in c.source or "F-001" in c.code for c in commitments), "the defect is dealt with"


@pytest.mark.parametrize("first", ["client", "custodian"])
def test_one_sides_yes_drives_no_work(surveyed: str, first: str) -> None:
    factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan", parties=[first])
    assert _stage(surveyed) == "plan_confirmation"
    assert _plan_states() == ["submitted"]
    assert vacancies(surveyed) == []
    factories.open_the_month(surveyed)
    with reading() as session:
        assert session.exec(select(WorkOrder)).all() == []
    with pytest.raises(Terminal, match="once both sides confirmed the plan"):
        draw_up_contract.fn(factories.claim(surveyed, CycleKind.CONTRACT, "contract-1", NEXT_DAY))


def test_both_sides_yes_confirms_the_plan(surveyed: str) -> None:
    factories.propose_plan(surveyed)
    assert factories.answer(surveyed, "plan") == 2
    assert _plan_states() == ["confirmed"]
    assert _stage(surveyed) == "contracting"
    assert vacancies(surveyed) != []


def test_one_no_returns_the_plan_and_the_next_version_follows(surveyed: str) -> None:
    factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan", "rejected", ["client"])
    assert _plan_states() == ["returned"]
    assert _stage(surveyed) == "due_diligence"
    assert open_decisions(surveyed) == [], "nobody is asked any longer about a returned plan"
    assert [(kind, period) for kind, period, _due in due_now(surveyed, NEXT_DAY)] == [
        (CycleKind.DUE_DILIGENCE, "plan-2")
    ]
    factories.propose_plan(surveyed, version=2)
    assert factories.answer(surveyed, "plan") == 2
    assert _plan_states() == ["returned", "confirmed"]
    assert _stage(surveyed) == "contracting"


def test_a_yes_after_the_others_no_is_refused(surveyed: str) -> None:
    pack = factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan", "rejected", ["client"])
    with pytest.raises(DecisionNotOpen, match="withdrawn"):
        _decide(surveyed, "custodian", "accepted", pack.sha256)


def test_a_decision_on_other_bytes_than_were_asked_about_is_refused(surveyed: str) -> None:
    pack = factories.propose_plan(surveyed)
    with pytest.raises(DecisionNotOpen, match="not the one the client was asked about"):
        _decide(surveyed, "client", "accepted", "0" * 64)
    with reading() as session:
        assert session.exec(select(Decision)).all() == []
        assert {request.state for request in session.exec(select(DecisionRequest)).all()} == {"open"}
    assert _decide(surveyed, "client", "accepted", pack.sha256)


def test_a_decision_stands_and_may_be_repeated_but_not_turned(surveyed: str) -> None:
    pack = factories.propose_plan(surveyed)
    assert _decide(surveyed, "client", "accepted", pack.sha256) is True
    assert _decide(surveyed, "client", "accepted", pack.sha256) is False
    with pytest.raises(DecisionNotOpen, match="already decided accepted"):
        _decide(surveyed, "client", "rejected", pack.sha256)


@pytest.mark.parametrize(
    ("party", "verdict", "said"), [("client", "maybe", "no answer"), ("tenant", "accepted", "was not asked")]
)
def test_an_answer_nobody_asked_for_is_refused(surveyed: str, party: str, verdict: str, said: str) -> None:
    pack = factories.propose_plan(surveyed)
    with pytest.raises(DecisionNotOpen, match=said):
        _decide(surveyed, party, verdict, pack.sha256)


def test_the_contract_is_made_of_the_confirmed_plan_and_signed_by_both(surveyed: str) -> None:
    factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan")
    factories.offer(surveyed)
    with reading() as session:
        contract = session.exec(select(Contract)).one()
        plan = session.exec(select(ServicePlan)).one()
        instalments = session.exec(select(Instalment)).all()
        heads = {clause.head for clause in session.exec(select(ContractClause)).all()}
    assert contract.plan_id == plan.id
    assert contract.annual_fee == plan.annual_fee == sum(part.amount for part in instalments)
    assert len(heads) >= 6
    factories.answer(surveyed, "contract", parties=["client"])
    assert _stage(surveyed) == "contracting"
    factories.answer(surveyed, "contract", parties=["custodian"])
    assert _stage(surveyed) == "mobilisation"
    with reading() as session:
        assert session.exec(select(Contract.state)).one() == "signed"


def test_a_contract_one_side_sends_back_binds_nobody_and_the_next_offer_follows(surveyed: str) -> None:
    factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan")
    factories.offer(surveyed)
    factories.answer(surveyed, "contract", "rejected", ["custodian"])
    assert _stage(surveyed) == "contracting"
    with reading() as session:
        assert session.exec(select(Contract.state)).one() == "returned"
    assert (CycleKind.CONTRACT, "contract-2") in [
        (kind, period) for kind, period, _due in due_now(surveyed, NEXT_DAY)
    ]


def test_the_documents_of_a_decision_go_to_the_parties_by_mail(surveyed: str) -> None:
    from models.outbox import OutboxMail

    pack = factories.propose_plan(surveyed)
    with reading() as session:
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "decision-plan")).all()
    assert sorted(mail.person_ref for mail in mails) == ["client-1", "custodian-1"]
    assert all(mail.attachments[0]["sha256"] == pack.sha256 for mail in mails)


def _decide(code: str, party: str, verdict: str, sha256: str) -> bool:
    return take_decision(
        code,
        "plan",
        "1",
        party,
        verdict,
        declared_by=f"{party}-1",
        authenticated_by="scenario",
        document_sha256=sha256,
        on=NEXT_DAY,
    )


def _plan_states() -> list[str]:
    with reading() as session:
        return list(session.exec(select(ServicePlan.state).order_by(ServicePlan.version)).all())


def _stage(code: str) -> str:
    with reading() as session:
        return find_engagement(session, code).stage


def test_people_on_posts_come_with_duties_and_skills(surveyed: str) -> None:
    factories.propose_plan(surveyed)
    with reading() as session:
        posts = session.exec(select(PlanPost)).all()
    assert posts
    assert all(post.duties and post.skills and post.explanation for post in posts)
    assert any(post.round_the_clock for post in posts), "somebody is at the gate at night (B5)"
