"""Is everything that came in on the list at the end, and is nothing accepted uncounted? (C4)"""

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlmodel import select

from models.audit import AuditEvent
from models.db import reading, writing
from models.diligence import DocumentItem
from models.emergency import Incident
from models.engagement import Cycle
from models.errors import DecisionNotOpen, Terminal
from models.handover import HandoverItem
from models.outbox import OutboxMail
from models.permit import Permit
from models.register import Asset
from models.rules.cycles import ONCE, CycleKind, due_cycles
from models.rules.evaluation import DIMENSIONS
from models.rules.service_levels import Priority, RequestKind
from models.work import PartForecast, WorkOrder
from tasks.accounts import record_payment
from tasks.archive import make_archive
from tasks.condition_survey import record_condition_survey
from tasks.cycles import CycleRef, cycle_facts
from tasks.decisions import open_decisions, take_decision
from tasks.documents import listed_documents, receive_document
from tasks.engagements import find_engagement, set_simulated_date
from tasks.evaluation import (
    PartyScore,
    issue_dossier,
    joint_scores,
    open_evaluation,
    record_joint_scores,
)
from tasks.files import read_file
from tasks.handover import (
    ReturnedItem,
    _asset_conditions,
    continue_service,
    issue_protocol,
    list_handover_items,
    list_is_open,
    record_returns,
    uncounted_items,
)
from tasks.improvements import complete_action, open_action
from tasks.indicators import compute_indicators
from tasks.open_matters import open_matters
from tasks.packs import IssuedPack
from tasks.renewal import renew_engagement
from tasks.return_count import handover_list
from tasks.reviews import issue_month_report, review_period
from tasks.service_desk import NewRequest, take_request
from tasks.statements import compile_statement
from tasks.work_months import close_month_orders
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
    assert {ref for kind, ref in listed if kind == "instalment"} == {
        "2027-01-01",
        "2027-04-01",
        "2027-07-01",
        "2027-10-01",
    }, "nothing of the fee was paid"


def test_no_protocol_is_issued_while_something_is_uncounted(ending: str) -> None:
    list_handover_items.fn(_begin(ending))
    items = uncounted_items(ending)
    *counted, last = items
    record_returns(ending, [ReturnedItem(kind, ref, "returned") for kind, ref in counted], ENDING)
    closing = factories.claim(ending, CycleKind.HANDOVER_CLOSE, ONCE, date(2028, 1, 8))
    with pytest.raises(Terminal, match=f"1 item of the handover list not counted: {last[1]}"):
        issue_protocol.fn(closing)


def test_both_sides_accept_the_counted_list_and_the_engagement_is_closed(ending: str) -> None:
    list_handover_items.fn(_begin(ending))
    items = [
        ReturnedItem(
            kind, ref, "disputed" if ref == "CAM-1" else "returned", remark="cracked" * (ref == "CAM-1")
        )
        for kind, ref in uncounted_items(ending)
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


def test_what_comes_up_after_the_list_was_drawn_up_stands_in_the_protocol_as_open(ending: str) -> None:
    list_handover_items.fn(_begin(ending))
    _count_everything(ending)
    late = next(ref for ref, _title, state in listed_documents(ending) if state == "missing")
    receive_document(ending, late, "received", "client-1", "box 9", date(2027, 12, 30))
    with writing() as session:
        engagement = find_engagement(session, ending)
        session.add(_repair(engagement.id or 0, "finding:X:2027-12-29"))
        open_action(
            session,
            engagement,
            ref="meeting:2027-Q4:1",
            text="Mend the gate",
            post_code="manager",
            on=date(2027, 12, 28),
            target=None,
        )
    at = datetime(2027, 12, 30, 2, tzinfo=UTC)
    number = take_request(
        ending, NewRequest(RequestKind.REPAIR, Priority.NORMAL, "phone", "no light, call 13800138000", at)
    )
    set_simulated_date(ending, date(2027, 12, 31))
    complete_action(ending, "meeting:2027-Q3:1", date(2027, 12, 30))
    record_payment(ending, date(2027, 1, 1), date(2027, 12, 29))
    closing = factories.claim(ending, CycleKind.HANDOVER_CLOSE, ONCE, date(2028, 1, 8))
    with pytest.raises(Terminal, match=f"not counted: {late}"):
        issue_protocol.fn(closing)
    assert record_returns(ending, [ReturnedItem("document", late, "returned")], date(2028, 1, 7)) == 1
    pack = issue_protocol.fn(closing)
    text = _text_of(pack)
    with reading() as session:
        found = {(item.kind, item.ref): item for item in session.exec(select(HandoverItem)).all()}
    repair = found["order", "finding:X:2027-12-29 LIFT-1 2027-12-29"]
    assert (repair.state, repair.owner, repair.due_on) == ("listed", "technician", date(2027, 12, 29))
    action = found["action", "meeting:2027-Q4:1"]
    assert (action.state, action.owner, action.due_on) == ("listed", "manager", date(2028, 1, 27))
    assert found["request", number].state == "listed"
    assert "13800138000" not in found["request", number].title
    done, paid = found["action", "meeting:2027-Q3:1"], found["instalment", "2027-01-01"]
    assert (done.state, done.returned_on) == ("settled", date(2027, 12, 30))
    assert (paid.state, paid.returned_on) == ("settled", date(2027, 12, 29))
    assert found["instalment", "2027-10-01"].state == "listed"
    for told in (
        "Mend the gate",
        "2028-01-27",
        "technician",
        number,
        "Instalment of the fee",
        "never came",
    ):
        assert told in text, told
    assert issue_protocol.fn(closing).sha256 == pack.sha256
    factories.answer(ending, "handover", on=date(2028, 1, 9))
    assert _stage(ending) == "closed", "what is open does not keep the engagement from its end"


def test_looking_twice_adds_nothing_and_writes_nothing(ending: str) -> None:
    list_handover_items.fn(_begin(ending))
    set_simulated_date(ending, date(2027, 12, 30))
    first = handover_list(ending)
    with reading() as session:
        events = len(session.exec(select(AuditEvent)).all())
    assert handover_list(ending) == first
    with reading() as session:
        assert len(session.exec(select(AuditEvent)).all()) == events


def test_planned_work_is_an_open_matter_only_once_its_window_is_over(ending: str) -> None:
    factories.open_the_month(ending, "2027-12")
    list_handover_items.fn(_begin(ending))
    with reading() as session:
        engagement = find_engagement(session, ending)
        now = [one for one in open_matters(session, engagement, ENDING) if one.kind == "order"]
        late = [one for one in open_matters(session, engagement, date(2028, 1, 8)) if one.kind == "order"]
    assert late
    assert all(one.due_on < ENDING for one in now if one.due_on)
    assert len(now) < len(late)


def test_work_that_lapses_is_not_called_done(ending: str) -> None:
    with writing() as session:
        key = find_engagement(session, ending).id or 0
        session.add(_repair(key, "finding:Y:2027-12-20"))
    list_handover_items.fn(_begin(ending))
    with writing() as session:
        order = session.exec(select(WorkOrder).where(WorkOrder.series == "finding:Y:2027-12-20")).one()
        order.state = "skipped"
        session.add(order)
    (row,) = [row for row in handover_list(ending) if row["kind"] == "order"]
    assert (row["state"], row["remark"]) == ("settled", "not done, and owed no more")


def test_a_daily_round_that_was_missed_is_not_owed_when_the_next_day_has_come(ending: str) -> None:
    factories.open_the_month(ending, "2027-12")
    with reading() as session:
        owed = [
            one.ref.rpartition(" ")[0]
            for one in open_matters(session, find_engagement(session, ending), date(2028, 1, 8))
            if one.kind == "order"
        ]
    assert owed
    assert len(owed) == len(set(owed)), "the newest of each series and target only"


def test_a_protocol_that_is_sent_back_opens_the_list_and_another_one_follows(ending: str) -> None:
    list_handover_items.fn(_begin(ending))
    _count_everything(ending)
    day = date(2028, 1, 8)
    first = issue_protocol.fn(factories.claim(ending, CycleKind.HANDOVER_CLOSE, ONCE, day))
    with pytest.raises(DecisionNotOpen, match="without a reason"):
        factories.answer(ending, "handover", "rejected", ["client"], day)
    with writing() as session:
        open_action(
            session,
            find_engagement(session, ending),
            ref="meeting:2027-Q4:2",
            text="Too late for it",
            post_code="manager",
            on=day,
            target=None,
        )
    assert "meeting:2027-Q4:2" not in {row["ref"] for row in handover_list(ending)}, "the protocol is out"
    take_decision(
        ending,
        "handover",
        ONCE,
        "client",
        "rejected",
        declared_by="client-1",
        authenticated_by="scenario",
        document_sha256=first.sha256,
        on=day,
        remark="CAM-1 is broken",
    )
    with reading() as session:
        engagement = find_engagement(session, ending)
        returned = cycle_facts(session, engagement).protocols_returned
        assert list_is_open(session, engagement)
    assert returned == (day,)
    second = issue_protocol.fn(
        factories.claim(ending, CycleKind.HANDOVER_CLOSE, "protocol-2", date(2028, 1, 11))
    )
    assert second.sha256 != first.sha256
    assert "CAM-1 is broken" in _text_of(second)
    factories.answer(ending, "handover", on=date(2028, 1, 12))
    assert _stage(ending) == "closed"


def test_nothing_is_disputed_without_a_word(ending: str) -> None:
    list_handover_items.fn(_begin(ending))
    with pytest.raises(Terminal, match="in dispute without a remark"):
        record_returns(ending, [ReturnedItem("asset", "CAM-1", "disputed", remark=" ")], ENDING)


def test_assets_bear_the_condition_of_the_exit_survey(ending: str) -> None:
    list_handover_items.fn(_begin(ending))
    record_condition_survey(ending, "exit", [factories.finding(intensity=1, extent=1)], ENDING)
    with writing() as session:
        told = _asset_conditions(session, find_engagement(session, ending))
    assert told["LIFT-2"][0].isdigit(), "its own defect"
    assert told["LIFT-1"].startswith("class: ")
    assert told["CAM-1"] == "class: 1 excellent"


def test_both_sides_are_asked_whether_they_go_on_and_told_when_they_differ(ending: str) -> None:
    with reading() as session:
        held = session.exec(select(Cycle).where(Cycle.kind == CycleKind.JOINT_EVALUATION.value)).one()
    issue_dossier.fn(
        CycleRef(held.id or 0, held.engagement_id, ending, held.kind, ONCE, held.as_of, held.attempt)
    )
    assert {one.party for one in open_decisions(ending) if one.subject == "renewal"} == {
        "client",
        "custodian",
    }
    factories.answer(ending, "renewal", "end", ["client"], ENDING)
    assert _letters("renewal-wishes") == []
    factories.answer(ending, "renewal", "renew", ["custodian"], ENDING)
    letters = _letters("renewal-wishes")
    assert len(letters) == 2
    said = [(row["about"], row["party"], row["said"]) for row in joint_scores(ending)]
    assert ("renewal", "client", "end") in said
    assert ("renewal", "custodian", "renew") in said
    assert ("evaluation", "client", "no answer yet") in said


def test_no_side_sees_the_marks_of_the_other_before_it_has_marked(ending: str) -> None:
    record_joint_scores(ending, "client", [PartyScore("finance", 2, "late accounts")])
    (row,) = joint_scores(ending)
    assert "2" not in row["said"]
    assert row["remark"] == ""
    record_joint_scores(ending, "custodian", [PartyScore("finance", 4)])
    assert [(row["said"], row["remark"]) for row in joint_scores(ending)] == [
        ("2", "late accounts"),
        ("4", ""),
    ]


def test_each_side_gives_its_marks_once_for_every_dimension(ending: str) -> None:
    marks = [PartyScore(dimension, 4) for dimension in DIMENSIONS]
    assert record_joint_scores(ending, "client", marks) == 4
    assert record_joint_scores(ending, "client", [PartyScore(d, 1, "poor") for d in DIMENSIONS]) == 0
    assert record_joint_scores(ending, "custodian", marks) == 4
    for wrong in (PartyScore("weather", 3), PartyScore("finance", 6)):
        with pytest.raises(Terminal, match="expected a mark of 1 to 5"):
            record_joint_scores(ending, "client", [wrong])


def test_a_mark_before_the_evaluation_is_open_is_refused(in_service: str) -> None:
    with pytest.raises(Terminal, match="No joint evaluation"):
        record_joint_scores(in_service, "client", [PartyScore("finance", 3)])


def _count_everything(code: str) -> None:
    record_returns(code, [ReturnedItem(kind, ref, "returned") for kind, ref in uncounted_items(code)], ENDING)


def _repair(key: int, series: str) -> WorkOrder:
    day = date(2027, 12, 29)
    return WorkOrder(
        engagement_id=key,
        series=series,
        clause="B2",
        subject="corrective",
        title="Door closer",
        target_kind="asset",
        target_code="LIFT-1",
        ordinal=1,
        due_on=day,
        latest_on=day,
        post_code="technician",
        released_on=day,
    )


def _text_of(pack: IssuedPack) -> str:
    pages = PdfReader(BytesIO(read_file(pack.sha256))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def _letters(kind: str) -> list[OutboxMail]:
    with reading() as session:
        return list(session.exec(select(OutboxMail).where(OutboxMail.kind == kind)).all())


def _begin(code: str) -> CycleRef:
    return factories.claim(code, CycleKind.HANDOVER_OPEN, ONCE, ENDING)


def _stage(code: str) -> str:
    with reading() as session:
        return find_engagement(session, code).stage


def test_emergencies_permits_parts_and_people_on_posts_are_open_matters(ending: str) -> None:
    with writing() as session:
        key = find_engagement(session, ending).id or 0
        at = datetime(2027, 12, 20, 2, tzinfo=UTC)
        order = _repair(key, "finding:Z:2027-12-20")
        session.add(order)
        session.flush()
        session.add_all(
            [
                Incident(
                    engagement_id=key, ref="E-1", plan_kind="flood", summary="burst pipe", activated_at=at
                ),
                Incident(
                    engagement_id=key,
                    ref="E-2",
                    plan_kind="flood",
                    is_drill=True,
                    summary="a drill is no matter",
                    activated_at=at,
                ),
                Permit(
                    engagement_id=key,
                    work_order_id=order.id or 0,
                    kind="hot_work",
                    holder="staff-technician-1",
                    issued_by="staff-manager-1",
                    valid_from=at,
                    valid_until=datetime(2027, 12, 20, 10, tzinfo=UTC),
                ),
                PartForecast(
                    engagement_id=key,
                    asset_tag="LIFT-1",
                    part="rope",
                    title="Hoist rope",
                    replace_by=date(2028, 2, 1),
                    report_by=date(2027, 11, 1),
                    reported_on=date(2027, 11, 1),
                ),
            ]
        )
    list_handover_items.fn(_begin(ending))
    rows = {
        row["kind"]: row for row in handover_list(ending) if row["kind"] in ("emergency", "permit", "part")
    }
    assert rows["emergency"]["item"] == "Not stood down: burst pipe"
    assert (rows["permit"]["due"], rows["permit"]["state"]) == (date(2027, 12, 20), "open")
    assert (rows["part"]["item"], rows["part"]["owed_by"]) == (
        "Awaits the client's approval: Hoist rope",
        "client",
    )
    people = [row for row in handover_list(ending) if row["kind"] == "staff"]
    assert people
    assert all("staff-" not in row["item"] for row in people), "nobody is named"
    with writing() as session:
        incident = session.exec(select(Incident).where(Incident.ref == "E-1")).one()
        incident.stood_down_at, incident.after_action_on = at, date(2027, 12, 22)
        permit = session.exec(select(Permit)).one()
        permit.state, permit.closed_at = "closed", datetime(2027, 12, 21, 1, tzinfo=UTC)
        part = session.exec(select(PartForecast)).one()
        part.state, part.decided_on = "refused", date(2027, 12, 23)
        session.add_all([incident, permit, part])
    ended = {row["kind"]: row for row in handover_list(ending)}
    for kind, day in (
        ("emergency", date(2027, 12, 22)),
        ("permit", date(2027, 12, 21)),
        ("part", date(2027, 12, 23)),
    ):
        assert (ended[kind]["state"], ended[kind]["returned"]) == ("settled", day), kind


def test_the_protocol_names_the_archive_the_next_term_and_why_the_lift_is_worse(
    ending: str, tmp_path: Path
) -> None:
    list_handover_items.fn(_begin(ending))
    _count_everything(ending)
    record_condition_survey(ending, "exit", [factories.finding(intensity=3, extent=5)], ENDING)
    made = make_archive(ending, tmp_path / "a.zip")
    renew_engagement(ending, "TG-2028", date(2028, 1, 1), date(2028, 12, 31))
    text = _text_of(
        issue_protocol.fn(factories.claim(ending, CycleKind.HANDOVER_CLOSE, ONCE, date(2028, 1, 8)))
    )
    assert made.manifest_sha256 in "".join(text.split())
    for told in ("it goes on as TG-2028", "Why the condition changed", "Losses that may be claimed"):
        assert told in " ".join(text.split()), told


def test_rounds_go_on_beyond_the_term_until_somebody_takes_over(ending: str) -> None:
    factories.open_the_month(ending, "2027-12")
    list_handover_items.fn(_begin(ending))
    set_simulated_date(ending, date(2027, 12, 30))
    assert not _due_months(ending, date(2028, 1, 2))
    for until, reason, said in (
        (date(2027, 12, 31), "late", "anyway"),
        (date(2029, 1, 31), "late", "renew"),
        (date(2028, 1, 31), " ", "without a reason"),
    ):
        with pytest.raises(Terminal, match=said):
            continue_service(ending, until, reason)
    assert continue_service(ending, date(2028, 1, 31), "the next custodian starts in February")
    assert not continue_service(ending, date(2028, 1, 31), "the next custodian starts in February")
    assert _due_months(ending, date(2028, 1, 2)) == {"2028-01"}
    released = factories.open_the_month(ending, "2028-01")
    assert sum(released.values()) > 20
    with reading() as session:
        days = session.exec(select(WorkOrder.due_on).where(WorkOrder.due_on > date(2027, 12, 31))).all()
    assert (min(days), max(days)) == (date(2028, 1, 1), date(2028, 1, 31))
    set_simulated_date(ending, date(2028, 2, 1))
    closing = factories.claim(ending, CycleKind.MONTH_CLOSE, "2028-01", date(2028, 2, 1))
    assert close_month_orders.fn(closing) > 20
    compile_statement.fn(closing)
    assert compute_indicators.fn(closing)
    review_period.fn(closing, "month")
    assert issue_month_report.fn(closing).sha256


def test_the_rest_of_the_month_is_given_out_where_the_term_ends_within_it(in_service: str) -> None:
    with writing() as session:
        find_engagement(session, in_service).term_end = date(2027, 1, 12)
    factories.open_the_month(in_service)
    set_simulated_date(in_service, date(2027, 1, 10))
    assert max(_days_of_work()) <= date(2027, 1, 12)
    continue_service(in_service, date(2027, 1, 20), "the next custodian comes later")
    assert set(_days_of_work()) >= {date(2027, 1, day) for day in range(13, 21)}
    assert max(_days_of_work()) == date(2027, 1, 20)


def test_service_does_not_go_on_while_the_protocol_is_with_the_parties(ending: str) -> None:
    list_handover_items.fn(_begin(ending))
    _count_everything(ending)
    issue_protocol.fn(factories.claim(ending, CycleKind.HANDOVER_CLOSE, ONCE, date(2028, 1, 8)))
    with pytest.raises(Terminal, match="is with the parties"):
        continue_service(ending, date(2028, 2, 10), "late")


def _days_of_work() -> list[date]:
    with reading() as session:
        return list(session.exec(select(WorkOrder.due_on)).all())


def _due_months(code: str, day: date) -> set[str]:
    with reading() as session:
        facts = cycle_facts(session, find_engagement(session, code))
    return {one.period for one in due_cycles(facts, day) if one.period.startswith("2028-")}
