"""Do both sides get one result of their marks, settle what they differ on, and know what follows? (C3)"""

from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlmodel import col, select

from models.contract import ContractClause
from models.db import reading, writing
from models.errors import DecisionNotOpen, Terminal
from models.outbox import OutboxMail
from models.review import Pack
from models.rules.cycles import ONCE, CycleKind
from models.rules.evaluation import DIMENSIONS
from tasks.condition_survey import record_condition_survey
from tasks.cycles import cycle_facts, due_now, finish_cycle
from tasks.decisions import open_decisions, take_decision
from tasks.engagements import find_engagement, set_simulated_date
from tasks.evaluation import (
    RESULT,
    PartyScore,
    call_evaluation,
    issue_dossier,
    issue_results,
    joint_scores,
    open_evaluation,
    record_joint_scores,
)
from tasks.evaluation_differences import assign_difference, listed_differences, settle_difference
from tasks.evaluation_terms import agree_on_evaluation
from tasks.files import read_file
from tasks.follow_ups import complete_follow_up, listed_follow_ups
from tests import factories

OPENED = date(2027, 12, 11)


@pytest.fixture
def asked(in_service: str) -> str:
    """Both sides have the dossier of the evaluation before the end."""
    set_simulated_date(in_service, OPENED)
    _evaluate(in_service, ONCE, OPENED)
    return in_service


def test_both_sides_are_told_one_result_once_both_have_marked(asked: str) -> None:
    agree_on_evaluation(asked, dict(zip(DIMENSIONS, (40, 20, 30, 10), strict=True)), agreed_in="Supplement 1")
    _mark(asked, "client", 3)
    assert _results() == []
    _mark(asked, "custodian", 5)
    (told,) = _results()
    text = _text(told)
    for said in ("3.00 of 5", "5.00 of 5", "40%", "Supplement 1", "because of 3", "because of 5"):
        assert said in text, said
    letters = _letters(f"pack-{RESULT}")
    assert len(letters) == 2
    assert issue_results(asked) == 0
    assert (len(_results()), len(_letters(f"pack-{RESULT}"))) == (1, 2)


def test_the_final_result_follows_once_all_is_answered_and_settled(asked: str) -> None:
    _mark(asked, "client", 2)
    _mark(asked, "custodian", 4)
    factories.answer(asked, "evaluation", on=OPENED)
    for about in DIMENSIONS:
        assert issue_results(asked) == 0, "wishes and differences are open"
        settle_difference(asked, about, "both take it as 3", "client-1")
    factories.answer(asked, "renewal", "renew", on=OPENED)
    assert (issue_results(asked), issue_results(asked)) == (1, 0)
    first, final = sorted(_results(), key=lambda one: one.period)
    assert (first.period, final.period) == ("once", "once-settled")
    text = _text(final)
    for said in (
        "Final result",
        "both take it as 3",
        "both sides renew",
        "Sign the contract of the new term",
    ):
        assert said in text, said
    assert len(_letters(f"pack-{RESULT}")) == 4


def test_marks_two_apart_are_listed_with_both_reasons_until_they_are_settled(asked: str) -> None:
    record_joint_scores(asked, "client", [PartyScore("finance", 2, "accounts came late")])
    assert listed_differences(asked) == [], "sealed until both have marked"
    record_joint_scores(asked, "custodian", [PartyScore("finance", 4), PartyScore("service_quality", 4)])
    (one,) = listed_differences(asked)
    assert (one["about"], one["client"], one["client_why"], one["custodian"]) == (
        "finance",
        "2",
        "accounts came late",
        "4",
    )
    assert (one["owner"], one["settle_by"], one["state"]) == ("accountant", "2027-12-18", "open")
    assert assign_difference(asked, "finance", owner="manager", until=date(2027, 12, 15))
    with pytest.raises(Terminal, match="'nobody' is no person"):
        settle_difference(asked, "finance", "By the fifth from now on", "nobody")
    assert settle_difference(asked, "finance", "By the fifth from now on", "client-1", on=date(2027, 12, 14))
    assert not settle_difference(asked, "finance", "By the fifth from now on", "client-1")
    with pytest.raises(Terminal, match="was settled on 2027-12-14"):
        settle_difference(asked, "finance", "Something else", "client-1")
    assert {row["said"] for row in joint_scores(asked) if row["about"] == "finance"} == {"2", "4"}, (
        "marks stay"
    )
    with pytest.raises(Terminal, match=r"do not differ on 'owner_feedback'.*: finance"):
        settle_difference(asked, "owner_feedback", "x", "client-1")


def test_a_mark_below_what_was_agreed_says_why(asked: str) -> None:
    with pytest.raises(Terminal, match=r"finance 2: .*expected the reason"):
        record_joint_scores(asked, "client", [PartyScore("finance", 2)])


def test_a_rejected_evaluation_is_followed_by_a_second_one_that_tells_the_objection(asked: str) -> None:
    _reject(asked, ONCE, "the lifts are left out")
    (difference,) = listed_differences(asked)
    assert (difference["about"], difference["client_why"]) == ("judgement", "the lifts are left out")
    assert (CycleKind.JOINT_EVALUATION, "evaluation-2", date(2027, 12, 15)) in due_now(
        asked, date(2027, 12, 15)
    )
    _evaluate(asked, "evaluation-2", date(2027, 12, 15))
    with reading() as session:
        assert find_engagement(session, asked).stage == "evaluation"
        second = session.exec(
            select(Pack)
            .where(Pack.kind == "evaluation", Pack.period == "evaluation-2")
            .order_by(Pack.media_type)
        ).all()[0]
        assert cycle_facts(session, find_engagement(session, asked)).evaluations_rejected == (
            (ONCE, date(2027, 12, 12)),
        )
    assert "the lifts are left out" in _text(second)
    _mark(asked, "client", 4)
    _mark(asked, "custodian", 4)
    assert [one.period for one in _results()] == ["evaluation-2"], "the marks are those of the second one"
    assert {(one.subject, one.reference) for one in open_decisions(asked)} == {
        ("evaluation", "evaluation-2"), ("renewal", ONCE),
    }  # fmt: skip


def test_an_evaluation_in_the_course_of_the_term_asks_for_judgement_alone_and_moves_no_stage(
    in_service: str,
) -> None:
    set_simulated_date(in_service, date(2027, 6, 1))
    with pytest.raises(Terminal, match="expected one from 2027-06-01"):
        call_evaluation(in_service, date(2027, 5, 1))
    assert call_evaluation(in_service, date(2027, 6, 30))
    assert not call_evaluation(in_service, date(2027, 6, 30))
    kinds = [(kind, period) for kind, period, _on in due_now(in_service, date(2027, 6, 30))]
    assert (CycleKind.JOINT_EVALUATION, "2027-06-30") in kinds
    _evaluate(in_service, "2027-06-30", date(2027, 6, 30))
    with reading() as session:
        assert find_engagement(session, in_service).stage == "in_service"
    assert {
        (one.subject, one.reference) for one in open_decisions(in_service) if one.subject != "intake"
    } == {("evaluation", "2027-06-30")}


def test_what_follows_is_dated_and_ticked_off_by_the_records(asked: str) -> None:
    for party, wish in (("client", "end"), ("custodian", "end")):
        factories.answer(asked, "renewal", wish, [party], OPENED)
    rows = {row["task"]: row for row in listed_follow_ups(asked)}
    assert rows["exit_survey"]["state"] == "open"
    assert "new_contract" not in rows
    set_simulated_date(asked, date(2027, 12, 30))
    record_condition_survey(asked, "exit", [factories.finding(intensity=1, extent=1)], date(2027, 12, 29))
    with pytest.raises(Terminal, match="when the records show it"):
        complete_follow_up(asked, "exit_survey", "custodian-1")
    assert complete_follow_up(asked, "people_told", "custodian-1")
    assert not complete_follow_up(asked, "people_told", "custodian-1")
    rows = {row["task"]: row for row in listed_follow_ups(asked)}
    assert (rows["exit_survey"]["state"], rows["exit_survey"]["known_by"]) == ("done", "record")
    assert (rows["people_told"]["state"], rows["people_told"]["known_by"]) == ("done", "said")
    assert rows["handover_list"]["state"] == "overdue"


def test_wishes_that_differ_fall_back_to_the_end_and_both_are_told_so(asked: str) -> None:
    factories.answer(asked, "renewal", "renew", ["custodian"], OPENED)
    assert listed_follow_ups(asked) == []
    factories.answer(asked, "renewal", "change", ["client"], OPENED)
    assert {row["path"] for row in listed_follow_ups(asked)} == {"end"}
    letters = _letters("renewal-wishes")
    assert len(letters) == 2
    assert all("the custody ends with its term" in str(letter.body) for letter in letters)


def test_weights_change_by_a_named_paper_once_the_contract_is_signed(in_service: str) -> None:
    weights = dict(zip(DIMENSIONS, (40, 20, 30, 10), strict=True))
    with pytest.raises(Terminal, match="expected its name as --agreed-in"):
        agree_on_evaluation(in_service, weights)
    with pytest.raises(Terminal, match="add up to 110"):
        agree_on_evaluation(in_service, {**weights, "finance": 40}, agreed_in="Supplement 1")
    assert agree_on_evaluation(in_service, weights, yearly=True, agreed_in="Supplement 1")
    assert not agree_on_evaluation(in_service, weights, yearly=True, agreed_in="Supplement 1")


def test_what_is_agreed_before_the_contract_stands_in_its_clause_on_the_term(surveyed: str) -> None:
    weights = dict(zip(DIMENSIONS, (40, 20, 30, 10), strict=True))
    assert agree_on_evaluation(surveyed, weights, yearly=True)
    factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan")
    factories.offer(surveyed)
    with reading() as session:
        (term,) = session.exec(select(ContractClause).where(ContractClause.head == "term")).all()
        facts = cycle_facts(session, find_engagement(session, surveyed))
    assert "service quality 40%, equipment condition 20%, finance 30%, owner feedback 10%" in term.text
    assert "once in each year before the last" in term.text
    assert facts.evaluated_yearly


def _evaluate(code: str, period: str, on: date) -> None:
    cycle = factories.claim(code, CycleKind.JOINT_EVALUATION, period, on)
    open_evaluation.fn(cycle)
    issue_dossier.fn(cycle)
    finish_cycle.fn(cycle)


def _mark(code: str, party: str, mark: int) -> None:
    record_joint_scores(code, party, [PartyScore(one, mark, f"because of {mark}") for one in DIMENSIONS])


def _reject(code: str, reference: str, why: str) -> None:
    (question,) = [
        one
        for one in open_decisions(code)
        if (one.subject, one.reference, one.party) == ("evaluation", reference, "client")
    ]
    said = {
        "declared_by": "client-1",
        "authenticated_by": "scenario",
        "document_sha256": question.document_sha256,
    }
    with pytest.raises(DecisionNotOpen, match="without a reason"):
        take_decision(code, "evaluation", reference, "client", "rejected", **said)
    take_decision(
        code, "evaluation", reference, "client", "rejected", on=date(2027, 12, 12), remark=why, **said
    )


def _results() -> list[Pack]:
    with reading() as session:
        return list(
            session.exec(select(Pack).where(Pack.kind == RESULT, Pack.media_type == "application/pdf")).all()
        )


def _letters(kind: str) -> list[OutboxMail]:
    with writing() as session:
        return list(session.exec(select(OutboxMail).where(col(OutboxMail.dedup_key).contains(kind))).all())


def _text(pack: Pack) -> str:
    pages = PdfReader(BytesIO(read_file(pack.sha256))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())
