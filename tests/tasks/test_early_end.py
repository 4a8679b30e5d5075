"""Can a custody end early by both sides' word, is nothing lost, and does it come back if it is taken back? (A5, C3, C4)"""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import col, select

from models.audit import verify_chain
from models.contract import Instalment
from models.db import reading, writing
from models.errors import DecisionNotOpen, Terminal
from models.evaluation import EarlyEnd
from models.occurrence import Occurrence
from models.outbox import OutboxMail
from models.rules.cycles import ONCE, CycleKind
from models.rules.early_end import end_problem, milestones
from models.work import WorkOrder
from tasks.cycles import due_now, finish_cycle
from tasks.decisions import open_decisions, take_decision
from tasks.early_end import SaidNotice, give_notice, preview_early_end, take_notice_back
from tasks.engagements import find_engagement, set_simulated_date
from tasks.evaluation import call_evaluation, issue_dossier, open_evaluation
from tasks.follow_ups import listed_follow_ups
from tasks.handover import continue_service
from tasks.renewal import renew_engagement
from tasks.withdrawal import preview_withdrawal, withdraw_engagement
from tests import factories

GIVEN, ENDS, TERM_END = date(2027, 1, 10), date(2027, 1, 20), date(2027, 12, 31)
AGREED = SaidNotice("agreement", "client", ENDS, "The owners take over", "client-1")


@pytest.fixture
def code(in_service: str) -> str:
    """January is given out; it is the tenth."""
    factories.open_the_month(in_service)
    set_simulated_date(in_service, GIVEN)
    return in_service


def test_the_term_is_shortened_once_both_sides_confirm(code: str) -> None:
    before = _work(code)
    preview = preview_early_end(code, AGREED)
    issued = give_notice.fn(code, AGREED)
    assert give_notice.fn(code, AGREED).sha256 == issued.sha256, "the same notice asks nobody twice"
    assert len(_letters("decision-early_end")) == 2
    _answer(code, "client")
    assert (_term_end(code), _work(code)) == (TERM_END, before), "one side alone shortens nothing"
    _answer(code, "custodian")
    assert _term_end(code) == ENDS
    after = _work(code)
    assert {day for day, state in after if state == "released"} <= set(_days_until(ENDS))
    assert len(after) == len(before), "no order is lost"
    assert sum(amount for _due, amount in _instalments()) == Decimal(preview.owed)
    assert preview.orders > 0
    with reading() as session:
        engagement = find_engagement(session, code)
        assert verify_chain(session, engagement.id or 0) is None
        planned = session.exec(
            select(Occurrence.id).where(
                col(Occurrence.due_on) > ENDS, col(Occurrence.state).in_(("planned", "released"))
            )
        ).all()
    assert planned == []


def test_the_last_reviews_and_the_evaluation_fall_due_against_the_new_end(code: str) -> None:
    give_notice.fn(code, AGREED)
    assert CycleKind.YEAR_REVIEW not in _due(code)
    _answer(code, "client")
    _answer(code, "custodian")
    assert CycleKind.YEAR_REVIEW in _due(code)
    finish_cycle.fn(factories.claim(code, CycleKind.YEAR_REVIEW, "2027", GIVEN))
    assert (CycleKind.JOINT_EVALUATION, ONCE, date(2026, 12, 31)) in due_now(code, GIVEN)
    assert {row["path"] for row in listed_follow_ups(code)} == {"end"}
    assert min(row["due"] for row in listed_follow_ups(code)) == str(GIVEN)
    cycle = factories.claim(code, CycleKind.JOINT_EVALUATION, ONCE, GIVEN)
    open_evaluation.fn(cycle)
    issue_dossier.fn(cycle)
    asked = {one.subject for one in open_decisions(code)}
    assert "evaluation" in asked
    assert "renewal" not in asked, "both have said already that it ends"


def test_a_notice_taken_back_gives_term_work_and_instalments_back(code: str) -> None:
    work, money, planned = _work(code), _instalments(), _planned(code)
    give_notice.fn(code, AGREED)
    _answer(code, "client")
    _answer(code, "custodian")
    assert _work(code) != work
    assert take_notice_back(code, "Both go on", "custodian-1") == "agreed"
    assert (_term_end(code), _work(code), _instalments(), _planned(code)) == (TERM_END, work, money, planned)
    assert len(_letters("early-end-taken-back")) == 2
    assert listed_follow_ups(code) == []
    with pytest.raises(Terminal, match="No notice of an early end"):
        take_notice_back(code, "again", "custodian-1")
    assert give_notice.fn(code, AGREED).period == "early-end-2", "another notice is another question"


def test_it_is_not_undone_once_the_last_review_is_held(code: str) -> None:
    give_notice.fn(code, AGREED)
    _answer(code, "client")
    _answer(code, "custodian")
    finish_cycle.fn(factories.claim(code, CycleKind.YEAR_REVIEW, "2027", GIVEN))
    with pytest.raises(Terminal, match="has taken effect"):
        take_notice_back(code, "Both go on", "custodian-1")
    assert _term_end(code) == ENDS


def test_service_that_was_to_go_on_beyond_the_term_ends_early_too_and_comes_back(code: str) -> None:
    beyond = date(2028, 2, 10)
    continue_service(code, beyond, "the next custodian starts in February")
    _end_early(code)
    assert _last_day(code) == ENDS
    assert take_notice_back(code, "Both go on", "custodian-1") == "agreed"
    assert _last_day(code) == beyond


def test_after_an_early_end_rounds_go_on_until_somebody_takes_over(code: str) -> None:
    work = _work(code)
    _end_early(code)
    continue_service(code, date(2027, 2, 5), "the next custodian starts in February")
    assert _work(code) == work, "the rest of January is given out again"
    factories.open_the_month(code, "2027-02")
    after = [day for day, state in _work(code) if state == "released"]
    assert max(after) == date(2027, 2, 5)
    assert (CycleKind.MONTH_CLOSE, "2027-01", date(2027, 2, 1)) in due_now(code, date(2027, 2, 6))
    assert (CycleKind.MONTH_CLOSE, "2027-01", ENDS) not in due_now(code, date(2027, 1, 22))
    assert take_notice_back(code, "Both go on", "custodian-1") == "agreed"
    assert _term_end(code) == TERM_END


def test_a_former_term_does_not_come_back_over_the_next_one(code: str) -> None:
    _end_early(code)
    renew_engagement(code, "TG-NEXT", date(2027, 2, 1), date(2028, 1, 31))
    with pytest.raises(Terminal, match="renewed into TG-NEXT from 2027-02-01"):
        take_notice_back(code, "Both go on", "custodian-1")
    with pytest.raises(Terminal, match="next term begins on 2027-02-01"):
        continue_service(code, date(2027, 2, 1), "late")
    assert _term_end(code) == ENDS


def test_a_review_held_before_the_notice_does_not_keep_it_from_being_taken_back(code: str) -> None:
    finish_cycle.fn(factories.claim(code, CycleKind.YEAR_REVIEW, "2027", date(2027, 1, 5)))
    _end_early(code)
    assert take_notice_back(code, "Both go on", "custodian-1") == "agreed"


def test_what_was_paid_for_the_shorter_term_is_settled_when_the_longer_one_comes_back(code: str) -> None:
    whole = sum(amount for _due, amount in _instalments())
    _end_early(code)
    with writing() as session:
        for row in session.exec(select(Instalment)):
            row.paid_on = GIVEN
    assert sum(amount for _due, amount in _instalments()) < whole
    take_notice_back(code, "Both go on", "custodian-1")
    assert sum(amount for _due, amount in _instalments()) == whole


def test_an_evaluation_called_for_a_day_after_the_new_end_is_not_held(code: str) -> None:
    call_evaluation(code, date(2027, 1, 25))
    held = (CycleKind.JOINT_EVALUATION, "2027-01-25", date(2027, 1, 25))
    assert held in due_now(code, date(2027, 1, 26))
    _end_early(code)
    assert held not in due_now(code, date(2027, 1, 26))


def test_a_side_that_does_not_agree_says_why_and_nothing_changes(code: str) -> None:
    give_notice.fn(code, AGREED)
    with pytest.raises(DecisionNotOpen, match="The early end is refused without a reason"):
        _answer(code, "custodian", "rejected")
    _answer(code, "custodian", "rejected", remark="no breach on our side")
    assert _term_end(code) == TERM_END
    with reading() as session:
        assert [one.state for one in session.exec(select(EarlyEnd)).all()] == ["refused"]
    assert [one for one in open_decisions(code) if one.subject == "early_end"] == []


def test_what_cannot_be_is_refused_with_what_was_expected(code: str) -> None:
    for said, why in (
        (
            SaidNotice("notice", "client", date(2027, 2, 1), "x", "client-1"),
            "expected 2027-03-11 or later, 60 days",
        ),
        (SaidNotice("breach", "client", TERM_END, "x", "client-1"), "ends on 2027-12-31 by itself"),
        (SaidNotice("breach", "client", date(2027, 1, 2), "x", "client-1"), "expected 2027-01-10 or later"),
        (SaidNotice("breach", "client", ENDS, " ", "client-1"), "must not be empty"),
        (SaidNotice("breach", "client", ENDS, "x", "somebody"), "'somebody' is no person"),
    ):
        with pytest.raises(Terminal, match=why):
            give_notice.fn(code, said)
    give_notice.fn(code, AGREED)
    with pytest.raises(Terminal, match="early-end-1 is given"):
        give_notice.fn(code, SaidNotice("breach", "custodian", date(2027, 5, 1), "unpaid", "custodian-1"))


def test_rules_of_the_day_and_of_what_follows() -> None:
    term = (date(2027, 1, 1), TERM_END)
    assert end_problem("notice", date(2027, 6, 1), date(2027, 7, 31), term) == ""
    assert "60 days" in end_problem("notice", date(2027, 6, 1), date(2027, 7, 30), term)
    assert end_problem("breach", date(2026, 12, 1), date(2026, 12, 20), term), "not before the term begins"
    assert [one.on for one in milestones(date(2027, 6, 1), date(2027, 6, 15))] == [
        date(2027, 6, 1), date(2027, 6, 1), date(2027, 6, 5), date(2027, 6, 15), date(2027, 6, 23),
    ]  # fmt: skip


def test_before_the_signature_an_engagement_is_withdrawn_and_nobody_is_asked_any_longer(
    surveyed: str,
) -> None:
    factories.propose_plan(surveyed)
    assert {one.subject for one in open_decisions(surveyed)} >= {"plan"}
    asked = len(open_decisions(surveyed))
    assert preview_withdrawal(surveyed)["questions"] == asked
    with pytest.raises(Terminal, match="must not be empty"):
        withdraw_engagement(surveyed, "client", " ", "client-1")
    assert withdraw_engagement(surveyed, "client", "The owners decided otherwise", "client-1")
    assert not withdraw_engagement(surveyed, "client", "The owners decided otherwise", "client-1")
    assert open_decisions(surveyed) == []
    assert due_now(surveyed, date(2027, 6, 1)) == []
    assert len(_letters("withdrawn")) == 2
    with reading() as session:
        assert find_engagement(session, surveyed).stage == "withdrawn"


def test_a_signed_contract_is_not_withdrawn_from(code: str) -> None:
    with pytest.raises(Terminal, match="`steward engagement end`"):
        withdraw_engagement(code, "client", "The owners decided otherwise", "client-1")


def _end_early(code: str) -> None:
    give_notice.fn(code, AGREED)
    _answer(code, "client")
    _answer(code, "custodian")


def _last_day(code: str) -> date:
    with reading() as session:
        return find_engagement(session, code).last_day


def _answer(code: str, party: str, verdict: str = "accepted", remark: str = "") -> None:
    for one in open_decisions(code):
        if (one.subject, one.party) == ("early_end", party):
            take_decision(
                code, one.subject, one.reference, party, verdict, declared_by=f"{party}-1",
                authenticated_by="scenario", document_sha256=one.document_sha256, on=GIVEN, remark=remark,
            )  # fmt: skip


def _term_end(code: str) -> date:
    with reading() as session:
        return find_engagement(session, code).term_end


def _due(code: str) -> set[CycleKind]:
    return {kind for kind, _period, _on in due_now(code, GIVEN)}


def _work(code: str) -> list[tuple[date, str]]:
    with reading() as session:
        rows = session.exec(select(WorkOrder).order_by(col(WorkOrder.id))).all()
        return [(row.due_on, row.state) for row in rows]


def _planned(code: str) -> list[tuple[str, int, str]]:
    with reading() as session:
        rows = session.exec(select(Occurrence).order_by(col(Occurrence.id))).all()
        return [(row.series, row.ordinal, row.state) for row in rows]


def _instalments() -> list[tuple[date, Decimal]]:
    with reading() as session:
        return [
            (row.due_on, row.amount)
            for row in session.exec(select(Instalment).order_by(col(Instalment.due_on))).all()
        ]


def _days_until(last: date) -> list[date]:
    return [date(2027, 1, day) for day in range(1, last.day + 1)]


def _letters(kind: str) -> list[OutboxMail]:
    with reading() as session:
        return list(session.exec(select(OutboxMail).where(OutboxMail.kind == kind)).all())
