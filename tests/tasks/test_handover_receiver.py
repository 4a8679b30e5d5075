"""Does the party that takes over get the protocol and sign as the third one? (C4)"""

from datetime import date

import pytest
from sqlmodel import select

from models.db import reading, writing
from models.errors import DecisionNotOpen, Terminal
from models.intake import PersonForm
from models.outbox import OutboxMail
from models.rules.cycles import ONCE, CycleKind
from tasks.condition_survey import record_condition_survey
from tasks.decisions import open_decisions, take_decision
from tasks.engagements import find_engagement
from tasks.evaluation import open_evaluation
from tasks.follow_ups import listed_follow_ups, open_follow_ups
from tasks.handover import ReturnedItem, issue_protocol, list_handover_items, record_returns, uncounted_items
from tasks.handover_receiver import NewReceiver, name_receiver, shown_receiver
from tasks.intake import record_people
from tests import factories

NEXT = NewReceiver("custodian", "New Custody Ltd", "receiver-1")
DAY = date(2028, 1, 8)


@pytest.fixture
def counted(in_service: str) -> str:
    """Everything is counted; somebody of the next custodian is known."""
    open_evaluation.fn(factories.claim(in_service, CycleKind.JOINT_EVALUATION, ONCE, date(2027, 12, 11)))
    list_handover_items.fn(factories.claim(in_service, CycleKind.HANDOVER_OPEN, ONCE, date(2027, 12, 21)))
    record_returns(
        in_service, [ReturnedItem(kind, ref, "returned") for kind, ref in uncounted_items(in_service)], DAY
    )
    record_condition_survey(in_service, "exit", [factories.finding()], date(2027, 12, 30))
    record_people(
        in_service,
        [PersonForm(ref="receiver-1", role="receiver", name="Kim Next", email="kim@next.example.com")],
    )
    return in_service


def _issue(code: str, period: str = ONCE) -> None:
    issue_protocol.fn(factories.claim(code, CycleKind.HANDOVER_CLOSE, period, DAY))


def _stage(code: str) -> str:
    with reading() as session:
        return find_engagement(session, code).stage


def test_the_third_party_gets_the_protocol_and_the_engagement_ends_once_it_has_signed(counted: str) -> None:
    with writing() as session:
        ended = dict.fromkeys(("client", "custodian"), "end")
        open_follow_ups(session, find_engagement(session, counted), ended, DAY)
    assert name_receiver(counted, NEXT, DAY)
    assert not name_receiver(counted, NEXT, DAY)
    _issue(counted)
    with reading() as session:
        told = session.exec(select(OutboxMail).where(OutboxMail.person_ref == "receiver-1")).all()
    assert [(mail.kind, len(mail.attachments)) for mail in told] == [("decision-handover", 2)]
    factories.answer(counted, "handover")
    assert not _accepted_by_all(counted)
    assert _stage(counted) == "handover", "the custodian goes on serving until the third party takes over"
    rows = {row["party"]: row["protocol"] for row in shown_receiver(counted)}
    assert rows == {"client": "accepted", "custodian": "accepted", "receiver": "has not signed"}
    factories.answer(counted, "handover", parties=["receiver"], on=date(2028, 1, 20))
    assert _stage(counted) == "closed"
    assert _accepted_by_all(counted) == "2028-01-20"


def test_a_third_party_that_is_named_late_is_asked_at_once_and_once(counted: str) -> None:
    _issue(counted)
    name_receiver(counted, NEXT, DAY)
    name_receiver(counted, NEXT, DAY)
    assert [one.party for one in open_decisions(counted) if one.subject == "handover"].count("receiver") == 1
    with pytest.raises(Terminal, match="is asked to sign"):
        name_receiver(counted, NewReceiver("committee", "Owners' committee", "receiver-1"), DAY)


def test_a_third_party_that_refuses_says_why_and_another_protocol_follows(counted: str) -> None:
    name_receiver(counted, NEXT, DAY)
    _issue(counted)
    with pytest.raises(DecisionNotOpen, match="without a reason"):
        factories.answer(counted, "handover", "rejected", ["receiver"], DAY)
    with pytest.raises(DecisionNotOpen, match="was not asked"):
        _take(counted, "accounts", "2027-Q4", "0" * 64)
    asked = next(one for one in open_decisions(counted) if one.party == "receiver")
    _take(counted, "handover", ONCE, asked.document_sha256, "rejected", "Keys of the plant room are missing")
    assert not [one for one in open_decisions(counted) if one.subject == "handover"], (
        "nobody is asked any longer"
    )
    assert _stage(counted) == "handover"
    _issue(counted, "protocol-2")
    assert sorted(one.party for one in open_decisions(counted) if one.subject == "handover") == [
        "client",
        "custodian",
        "receiver",
    ]
    factories.answer(counted, "handover", parties=["client", "custodian", "receiver"], on=DAY)
    assert _stage(counted) == "closed"


def test_nobody_unknown_and_no_person_by_name_takes_over(counted: str) -> None:
    for wrong in (
        NewReceiver("custodian", "New Custody Ltd", "client-1"),
        NewReceiver("custodian", "  ", "receiver-1"),
        NewReceiver("custodian", "Kim, kim@next.example.com", "receiver-1"),
    ):
        with pytest.raises(Terminal):
            name_receiver(counted, wrong, DAY)
    assert "receiver" not in {row["party"] for row in shown_receiver(counted)}


def _accepted_by_all(code: str) -> str:
    (row,) = [row for row in listed_follow_ups(code) if row["task"] == "protocol_accepted"]
    return str(row["done"])


def _take(
    code: str, subject: str, reference: str, sha256: str, verdict: str = "accepted", remark: str = ""
) -> None:
    take_decision(
        code,
        subject,
        reference,
        "receiver",
        verdict,
        declared_by="receiver-1",
        authenticated_by="scenario",
        document_sha256=sha256,
        on=DAY,
        remark=remark,
    )
