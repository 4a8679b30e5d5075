"""Does every request get its clocks, and is it known whether they were kept? (B6)"""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from models.db import reading, writing
from models.errors import Terminal
from models.rules.service_levels import Priority, RequestKind
from models.service_desk import RequestEvent, ServiceRequest
from models.work import WorkOrder
from tasks.engagements import find_engagement, set_simulated_date
from tasks.escalation import escalate
from tasks.request_class import SaidClass, reclassify_request
from tasks.request_views import request_thread
from tasks.service_desk import (
    DeskCounts,
    NewRequest,
    convert_request,
    desk_counts,
    open_requests,
    order_series,
    rate_request,
    record_request_event,
    take_request,
)
from tasks.work_records import FieldNote, complete_work

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2027, 1, 5, 9, 0, tzinfo=SHANGHAI)


def test_each_request_gets_the_times_by_which_it_must_be_answered_and_settled(in_service: str) -> None:
    repair = take_request(in_service, _request(RequestKind.REPAIR, Priority.URGENT))
    enquiry = take_request(in_service, _request(RequestKind.ENQUIRY, Priority.NORMAL))
    evening = take_request(
        in_service,
        _request(RequestKind.ENQUIRY, Priority.NORMAL, datetime(2027, 1, 5, 19, 0, tzinfo=SHANGHAI)),
    )
    assert [repair, enquiry, evening] == ["R-00001", "R-00002", "R-00003"]
    assert _due(repair) == (MORNING + timedelta(minutes=30), MORNING + timedelta(hours=24))
    assert _due(enquiry) == (MORNING + timedelta(hours=4), MORNING + timedelta(hours=8))
    # An hour before the desk closes at eight, the other three run from eight the next morning.
    assert _due(evening) == (
        datetime(2027, 1, 6, 11, 0, tzinfo=SHANGHAI),
        datetime(2027, 1, 6, 15, 0, tzinfo=SHANGHAI),
    )


def test_a_request_recorded_under_its_number_before_changes_nothing(in_service: str) -> None:
    for text in ("first", "second"):
        take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL, text=text), "R-X")
    with reading() as session:
        assert session.exec(select(ServiceRequest.text)).all() == ["first"]
        assert len(session.exec(select(RequestEvent)).all()) == 1
        assert len(session.exec(select(WorkOrder)).all()) == 1


def test_a_repair_becomes_an_order_for_a_technician_and_a_question_does_not(in_service: str) -> None:
    take_request(in_service, _request(RequestKind.ENQUIRY, Priority.NORMAL))
    number = take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL, text="The tap drips"))
    with reading() as session:
        order = session.exec(select(WorkOrder)).one()
    assert (order.series, order.title, order.post_code) == (
        f"request:{number}",
        "The tap drips",
        "technician",
    )


def test_whether_the_clocks_were_kept_is_told_from_the_log(in_service: str) -> None:
    kept = take_request(in_service, _request(RequestKind.REPAIR, Priority.URGENT))
    late = take_request(in_service, _request(RequestKind.REPAIR, Priority.URGENT))
    complaint = take_request(in_service, _request(RequestKind.COMPLAINT, Priority.NORMAL))
    take_request(in_service, _request(RequestKind.ENQUIRY, Priority.NORMAL))  # nobody answers it
    for number, minutes, hours in ((kept, 30, 24), (late, 31, 25), (complaint, 60, 48)):
        record_request_event(in_service, number, "responded", MORNING + timedelta(minutes=minutes))
        record_request_event(in_service, number, "resolved", MORNING + timedelta(hours=hours))
    rate_request(in_service, kept, 5)
    rate_request(in_service, late, 2)
    assert _counts(in_service) == DeskCounts(
        received=4,
        responded_on_time=2,
        repairs=2,
        repairs_on_time=1,
        complaints=1,
        complaints_on_time=1,
        reopened=0,
        rated=2,
        rating_sum=7,
    )


def test_no_promise_is_judged_before_its_time_and_each_counts_in_one_span_only(in_service: str) -> None:
    number = take_request(in_service, _request(RequestKind.REPAIR, Priority.URGENT))
    record_request_event(in_service, number, "responded", MORNING + timedelta(minutes=10))
    spans = [
        MORNING,
        MORNING + timedelta(hours=1),
        MORNING + timedelta(hours=23),
        MORNING + timedelta(days=2),
    ]
    counts = [_counts(in_service, since, until) for since, until in pairwise(spans)]
    assert [(count.received, count.repairs) for count in counts] == [(1, 0), (0, 0), (0, 1)]
    assert counts[2].repairs_on_time == 0


def test_a_request_that_is_opened_again_is_counted_and_has_to_be_closed_again(in_service: str) -> None:
    number = take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL))
    for hour, event in enumerate(("responded", "resolved", "reopened"), start=1):
        assert record_request_event(in_service, number, event, MORNING + timedelta(hours=hour))
    assert [open_number for open_number, _at in open_requests(in_service)] == [number]
    assert _counts(in_service).reopened == 1
    record_request_event(in_service, number, "closed", MORNING + timedelta(hours=9))
    assert open_requests(in_service) == []


def test_the_same_event_at_the_same_time_is_recorded_once(in_service: str) -> None:
    number = take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL))
    at = MORNING + timedelta(minutes=10)
    assert record_request_event(in_service, number, "responded", at) is True
    assert record_request_event(in_service, number, "responded", at.astimezone(UTC)) is False


@pytest.mark.parametrize(("number", "event", "said"), [("R-9", "closed", "no request R-9"), ("R-00001", "lost", "no event")])  # fmt: skip
def test_what_cannot_have_happened_is_refused(in_service: str, number: str, event: str, said: str) -> None:
    take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL))
    with pytest.raises(Terminal, match=said):
        record_request_event(in_service, number, event, MORNING)


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_off_the_scale_is_refused(in_service: str, rating: int) -> None:
    number = take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL))
    with pytest.raises(Terminal, match="1 to 5"):
        rate_request(in_service, number, rating)


def test_a_pause_moves_the_due_time_by_the_hours_it_held_and_outlives_a_change_of_priority(
    in_service: str,
) -> None:
    number = take_request(in_service, _request(RequestKind.ENQUIRY, Priority.NORMAL))
    act = partial(record_request_event, in_service, number)
    act("responded", MORNING + timedelta(hours=1))
    act("paused", MORNING + timedelta(hours=10), reason="requester")  # seven in the evening
    assert _counts(in_service, until=MORNING + timedelta(days=5)).received == 1
    act("resumed", MORNING + timedelta(hours=24))
    assert _due(number)[1] == MORNING + timedelta(hours=8)  # it was up before the pause
    urgent = take_request(in_service, _request(RequestKind.ENQUIRY, Priority.LOW))
    act = partial(record_request_event, in_service, urgent)
    act("paused", MORNING + timedelta(hours=1), reason="material")
    act("resumed", MORNING + timedelta(hours=3))
    # 24 hours of a desk open from eight to eight, from nine in the morning, two of them held.
    assert _due(urgent)[1] == MORNING + timedelta(days=2, hours=2)
    act("reclassified", MORNING + timedelta(hours=4), reason="normal")
    assert _due(urgent)[1] == MORNING + timedelta(hours=10)
    with pytest.raises(Terminal, match="expected one of requester, material"):
        act("paused", MORNING + timedelta(hours=5), reason="lunch")


def test_a_promise_that_is_held_is_judged_when_its_time_is_up_and_not_before(in_service: str) -> None:
    number = take_request(in_service, _request(RequestKind.REPAIR, Priority.URGENT))
    act = partial(record_request_event, in_service, number)
    act("responded", MORNING + timedelta(minutes=10))
    act("paused", MORNING + timedelta(hours=20), reason="third_party")
    assert _counts(in_service).repairs == 0
    act("resumed", MORNING + timedelta(days=12))
    act("resolved", MORNING + timedelta(days=12, hours=3))
    later = _counts(in_service, MORNING + timedelta(days=10), MORNING + timedelta(days=20))
    assert (later.repairs, later.repairs_on_time) == (1, 1)


def test_agreed_holidays_stop_the_desks_clock(in_service: str) -> None:
    with writing() as session:
        engagement = find_engagement(session, in_service)
        engagement.working_calendar = {**engagement.working_calendar, "holidays": ["2027-01-06"]}
        session.add(engagement)
    evening = _request(RequestKind.ENQUIRY, Priority.NORMAL, datetime(2027, 1, 5, 19, 0, tzinfo=SHANGHAI))
    assert _due(take_request(in_service, evening))[0] == datetime(2027, 1, 7, 11, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("events", "said"),
    [
        pytest.param(
            ["resolved", "responded"], "that is resolved cannot be responded", id="answer after the end"
        ),
        pytest.param(["reopened"], "that is received cannot be reopened", id="reopened while open"),
        pytest.param(["resumed"], "that is received cannot be resumed", id="resumed without a pause"),
    ],
)
def test_an_act_that_is_not_legal_is_refused_with_those_that_are(
    in_service: str, events: list[str], said: str
) -> None:
    number = take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL))
    *before, last = events
    for minute, event in enumerate(before):
        record_request_event(in_service, number, event, MORNING + timedelta(minutes=minute))
    with pytest.raises(Terminal, match=rf"{said}; legal is"):
        record_request_event(in_service, number, last, MORNING + timedelta(hours=1))


def _request(
    kind: RequestKind, priority: Priority, at: datetime = MORNING, text: str = "Something"
) -> NewRequest:
    return NewRequest(kind, priority, "phone", text, at.astimezone(UTC))


def _due(number: str) -> tuple[datetime, datetime]:
    with reading() as session:
        row = session.exec(select(ServiceRequest).where(ServiceRequest.number == number)).one()
    return row.response_due_at, row.resolution_due_at


def _counts(
    code: str, since: datetime = MORNING, until: datetime = MORNING + timedelta(days=10)
) -> DeskCounts:
    with reading() as session:
        return desk_counts(session, find_engagement(session, code).id or 0, since, until)


def test_a_repair_reopened_after_its_order_was_done_gets_another_one_and_no_third(in_service: str) -> None:
    set_simulated_date(in_service, MORNING.date())
    number = take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL))

    def orders() -> list[WorkOrder]:
        with reading() as session:
            query = select(WorkOrder).where(WorkOrder.series == order_series(number))
            return list(session.exec(query.order_by(col(WorkOrder.id))).all())

    (first,) = orders()
    record_request_event(in_service, number, "resolved", MORNING + timedelta(hours=1))
    record_request_event(in_service, number, "reopened", MORNING + timedelta(hours=2))
    assert len(orders()) == 1, "the first one is still to be done"
    complete_work(in_service, first.id or 0, FieldNote("custodian-1", MORNING.date()))
    record_request_event(in_service, number, "resolved", MORNING + timedelta(hours=3))
    for _time in ("once", "again"):
        record_request_event(in_service, number, "reopened", MORNING + timedelta(hours=4))
    done, again = orders()
    assert (done.state, again.state, again.post_code) == ("done", "released", first.post_code)
    assert again.due_on > done.due_on


def test_what_a_request_is_can_be_put_right_and_its_clocks_and_its_work_follow(in_service: str) -> None:
    number = take_request(
        in_service, _request(RequestKind.ENQUIRY, Priority.NORMAL, text="Water on the floor")
    )
    said = SaidClass(RequestKind.REPAIR, Priority.URGENT, "1F-LOBBY")
    at = MORNING + timedelta(minutes=5)
    assert reclassify_request(in_service, number, at, said) == 3
    assert reclassify_request(in_service, number, at, said) == 0
    assert _due(number) == (MORNING + timedelta(minutes=30), MORNING + timedelta(hours=24))
    assert (
        reclassify_request(in_service, number, at, SaidClass(asset_tag="PUMP-1", place_code="B1-PUMP")) == 2
    )
    with reading() as session:
        request = session.exec(select(ServiceRequest)).one()
        order = session.exec(select(WorkOrder)).one()
    assert (request.kind, request.place_code, request.asset_tag) == ("repair", "B1-PUMP", "PUMP-1")
    assert (order.target_kind, order.target_code) == ("asset", "PUMP-1"), "nobody had begun it"
    for wrong, words in (
        (SaidClass(), "Nothing is said"),
        (SaidClass(place_code="MOON"), "no place 'MOON'"),
        (SaidClass(asset_tag="PUMP-9"), "no asset 'PUMP-9'"),
    ):
        with pytest.raises(Terminal, match=words):
            reclassify_request(in_service, number, at, wrong)


def test_a_complaint_taken_for_a_question_counts_as_a_complaint(in_service: str) -> None:
    number = take_request(in_service, _request(RequestKind.ENQUIRY, Priority.NORMAL))
    reclassify_request(in_service, number, MORNING, SaidClass(RequestKind.COMPLAINT))
    record_request_event(in_service, number, "resolved", MORNING + timedelta(days=2))
    counts = _counts(in_service)
    assert (counts.complaints, counts.complaints_on_time) == (1, 1)
    with reading() as session:
        assert session.exec(select(WorkOrder)).all() == []


def test_a_name_is_no_reference_and_is_not_repeated(in_service: str) -> None:
    number = take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL))
    for event in ("responded", "assigned"):
        with pytest.raises(Terminal, match="reference") as refused:
            record_request_event(in_service, number, event, MORNING, "Wang Wei")
        assert "Wang" not in str(refused.value)
    with pytest.raises(Terminal, match="Who asks is no reference"):
        take_request(
            in_service,
            NewRequest(
                RequestKind.REPAIR, Priority.NORMAL, "phone", "Tap", MORNING, requester_ref="Wang Wei"
            ),
        )
    assert record_request_event(in_service, number, "assigned", MORNING, "technician"), "a post of the plan"
    with pytest.raises(Terminal, match=r"no post 'plumber'; it has .*technician"):
        convert_request(in_service, number, MORNING, "plumber")


def test_a_number_that_was_chosen_by_hand_is_not_given_again(in_service: str) -> None:
    take_request(in_service, _request(RequestKind.ENQUIRY, Priority.NORMAL), "R-00002")
    numbers = [take_request(in_service, _request(RequestKind.ENQUIRY, Priority.NORMAL)) for _ in range(2)]
    assert numbers == ["R-00003", "R-00004"]


def test_an_act_before_an_escalation_is_told_after_it(in_service: str) -> None:
    number = take_request(in_service, _request(RequestKind.REPAIR, Priority.URGENT))
    assert escalate(in_service, MORNING + timedelta(minutes=40))
    record_request_event(in_service, number, "responded", MORNING + timedelta(minutes=20))
    assert _counts(in_service, MORNING, MORNING + timedelta(hours=1)).responded_on_time == 1
    thread = request_thread(in_service, number, MORNING + timedelta(hours=1))
    assert [event["event"] for event in thread["events"]][:2] == ["received", "responded"]
