"""Is everything that came in on the list at the end, and is nothing accepted uncounted? (C4)"""

from datetime import date

import pytest
from sqlmodel import select

from models.db import reading, writing
from models.diligence import DocumentItem
from models.errors import Terminal
from models.handover import HandoverItem
from models.register import Asset
from models.rules.cycles import ONCE, CycleKind
from tasks.condition_survey import record_condition_survey
from tasks.cycles import CycleRef
from tasks.documents import listed_documents, receive_document
from tasks.engagements import find_engagement
from tasks.evaluation import DIMENSIONS, PartyScore, open_evaluation, record_joint_scores
from tasks.handover import ReturnedItem, issue_protocol, list_handover_items, open_items, record_returns
from tasks.improvements import open_action
from tests import factories

ENDING = date(2027, 12, 21)


@pytest.fixture
def ending(in_service: str) -> str:
    """The joint evaluation is open, one paper came in part only, and one action is open still."""
    missing = next(ref for ref, _title, state in listed_documents(in_service) if state == "missing")
    receive_document(in_service, missing, "partial", "client-1", "page 1 of 2", date(2027, 2, 1))
    with writing() as session:
        open_action(
            session,
            find_engagement(session, in_service),
            ref="meeting:2027-Q3:1",
            text="Better light in the car park",
            post_code="manager",
            on=date(2027, 9, 1),
            target=None,
        )
    open_evaluation.fn(factories.claim(in_service, CycleKind.JOINT_EVALUATION, ONCE, date(2027, 12, 11)))
    return in_service


def test_the_list_holds_every_asset_every_paper_received_the_accounts_and_what_is_open(ending: str) -> None:
    counts = list_handover_items.fn(_begin(ending))
    with reading() as session:
        listed = {(item.kind, item.ref) for item in session.exec(select(HandoverItem)).all()}
        assets = set(session.exec(select(Asset.tag)).all())
        papers = {
            item.ref
            for item in session.exec(select(DocumentItem)).all()
            if item.state in ("received", "partial")
        }
        missing = {item.ref for item in session.exec(select(DocumentItem)).all() if item.state == "missing"}
        assert find_engagement(session, ending).stage == "handover"
    assert len(papers) == 3, "the ledger of equipment is the register that was imported"
    assert missing
    assert {ref for kind, ref in listed if kind == "asset"} == assets
    assert {ref for kind, ref in listed if kind == "document"} == papers
    assert ("action", "meeting:2027-Q3:1") in listed
    assert {ref for kind, ref in listed if kind == "account"} == {"ledger", "balance", "keys"}
    assert sum(counts.values()) == len(listed)


def test_no_protocol_is_issued_while_something_is_uncounted(ending: str) -> None:
    list_handover_items.fn(_begin(ending))
    items = open_items(ending)
    *counted, last = items
    record_returns(ending, [ReturnedItem(kind, ref, "returned") for kind, ref in counted], ENDING)
    closing = factories.claim(ending, CycleKind.HANDOVER_CLOSE, ONCE, date(2028, 1, 8))
    with pytest.raises(Terminal, match=f"1 items .* have not been counted: {last[1]}"):
        issue_protocol.fn(closing)


def test_both_sides_accept_the_counted_list_and_the_engagement_is_closed(ending: str) -> None:
    list_handover_items.fn(_begin(ending))
    items = [
        ReturnedItem(
            kind, ref, "disputed" if ref == "CAM-1" else "returned", remark="cracked" * (ref == "CAM-1")
        )
        for kind, ref in open_items(ending)
    ]
    assert record_returns(ending, items, ENDING) == len(items)
    assert record_returns(ending, [ReturnedItem("asset", "CAM-1", "returned")], ENDING) == 0, "it stands"
    record_condition_survey(ending, "exit", [factories.finding(intensity=1, extent=1)], ENDING)
    issue_protocol.fn(factories.claim(ending, CycleKind.HANDOVER_CLOSE, ONCE, date(2028, 1, 8)))
    factories.answer(ending, "handover", parties=["client"])
    assert _stage(ending) == "handover"
    factories.answer(ending, "handover", parties=["custodian"])
    assert _stage(ending) == "closed"
    with reading() as session:
        camera = session.exec(select(HandoverItem).where(HandoverItem.ref == "CAM-1")).one()
    assert (camera.state, camera.remark) == ("disputed", "cracked")


def test_a_handover_cannot_begin_before_the_joint_evaluation(in_service: str) -> None:
    from models.errors import IllegalStageChange

    with pytest.raises(IllegalStageChange):
        list_handover_items.fn(_begin(in_service))
    with reading() as session:
        assert session.exec(select(HandoverItem)).all() == [], "the list is not left half-made"


def test_each_side_gives_its_marks_once_for_every_dimension(ending: str) -> None:
    marks = [PartyScore(dimension, 4) for dimension in DIMENSIONS]
    assert record_joint_scores(ending, "client", marks) == 4
    assert record_joint_scores(ending, "client", [PartyScore(d, 1) for d in DIMENSIONS]) == 0
    assert record_joint_scores(ending, "custodian", marks) == 4
    for wrong in (PartyScore("weather", 3), PartyScore("finance", 6)):
        with pytest.raises(Terminal, match="expected a mark of 1 to 5"):
            record_joint_scores(ending, "client", [wrong])


def test_a_mark_before_the_evaluation_is_open_is_refused(in_service: str) -> None:
    with pytest.raises(Terminal, match="No joint evaluation"):
        record_joint_scores(in_service, "client", [PartyScore("finance", 3)])


def _begin(code: str) -> CycleRef:
    return factories.claim(code, CycleKind.HANDOVER_OPEN, ONCE, ENDING)


def _stage(code: str) -> str:
    with reading() as session:
        return find_engagement(session, code).stage
