"""Are the right people told, once, that a request runs out of time, and do its figures say how good it was? (B6)"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

from sqlmodel import select

from models.catalogue_files import load_catalogue
from models.clock import utc_now
from models.db import reading, writing
from models.escalation_file import load_escalation
from models.intake import PersonForm
from models.outbox import OutboxMail
from models.rules.service_levels import Priority, RequestKind
from models.service_desk import RequestEvent
from models.staff import StaffMember
from tasks.engagements import find_engagement
from tasks.escalation import escalate, escalate_everywhere
from tasks.intake import record_people
from tasks.outbox import drain_outbox
from tasks.request_quality import DeskQuality, desk_quality
from tasks.service_desk import NewRequest, record_request_event, take_request
from tests.conftest import MailServer

MORNING = datetime(2027, 1, 5, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)


def test_each_step_is_told_once_to_those_on_the_post_or_else_to_the_custodian(in_service: str) -> None:
    number = take_request(
        in_service, _request(RequestKind.REPAIR, Priority.NORMAL)
    )  # 4 h and 48 h, day and night
    assert escalate(in_service, MORNING + 3 * HOUR) == []
    first = escalate(in_service, MORNING + 3.5 * HOUR)
    assert [(told.number, told.step, told.mails) for told in first] == [(number, "response:0.8", 1)]
    assert escalate(in_service, MORNING + 3.6 * HOUR) == []
    _give_an_address(in_service, "service_agent")
    record_request_event(in_service, number, "responded", MORNING + 3.7 * HOUR)
    late = escalate(in_service, MORNING + 49 * HOUR)
    assert [told.step for told in late] == ["resolution:0.8", "resolution:1"]
    with reading() as session:
        mails = session.exec(
            select(OutboxMail).where(OutboxMail.kind == "escalation").order_by(OutboxMail.id)
        ).all()
        log = session.exec(select(RequestEvent.event).order_by(RequestEvent.sequence)).all()
    agent = _agent(in_service)
    assert [mail.person_ref for mail in mails] == ["custodian-1", agent, "custodian-1"]
    assert "80 % of the time to answer is used up" in mails[0].body["title"]
    assert log == ["received", "escalated", "responded", "escalated", "escalated"]


def test_a_mail_of_a_real_engagement_bears_the_time_it_was_written_and_says_what_is_asked_in_words(
    sqlite_in_service: str, mail_server: MailServer
) -> None:
    code = sqlite_in_service
    with writing() as session:
        engagement = find_engagement(session, code)
        engagement.simulated_on, engagement.language = None, "zh"
        session.add(engagement)
    drain_outbox.fn(500)
    mail_server.envelopes.clear()
    long_ago = utc_now() - timedelta(days=3)
    take_request(
        code,
        NewRequest(RequestKind.REPAIR, Priority.URGENT, "phone", "大堂漏水", long_ago, place_code="1F-LOBBY"),
    )
    told = escalate_everywhere.fn()
    assert len(told) == 5, "every step is told of, for nobody looked for three days"
    assert drain_outbox.fn(50).sent == 2, "but one person not of 80 % and 100 % and 150 % at once"
    mails = [message_from_bytes(one.content, policy=policy.default) for one in mail_server.envelopes]
    assert {str(mail["Subject"]) for mail in mails} == {
        "报事 R-00001：响应时限已用 100 %",
        "报事 R-00001：办结时限已用 150 %",
    }
    for mail in mails:
        assert abs(mail["Date"].datetime - utc_now()) < timedelta(minutes=30)
        words = mail.get_body(("plain",)).get_content()
        assert all(word in words for word in ("性质: 报修", "紧急程度: 急", "位置: 1F-LOBBY"))


def test_what_is_held_or_settled_is_not_escalated(in_service: str) -> None:
    held = take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL))
    record_request_event(in_service, held, "paused", MORNING + HOUR, reason="requester")
    done = take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL))
    record_request_event(in_service, done, "resolved", MORNING + HOUR)
    assert escalate(in_service, MORNING + 99 * HOUR) == []


def test_the_posts_of_the_table_exist() -> None:
    posts = set(load_catalogue().posts)
    assert {code for step in load_escalation().steps for code in step.posts} <= posts


def test_what_was_settled_for_good_and_what_is_still_open_is_counted_at_the_end_of_the_span(
    in_service: str,
) -> None:
    good = take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL))
    bad = take_request(in_service, _request(RequestKind.REPAIR, Priority.NORMAL))
    take_request(in_service, _request(RequestKind.COMPLAINT, Priority.NORMAL))
    for number in (good, bad):
        record_request_event(in_service, number, "resolved", MORNING + HOUR)
    record_request_event(in_service, bad, "reopened", MORNING + 5 * HOUR)
    record_request_event(in_service, bad, "closed", MORNING + 30 * HOUR)
    assert _quality(in_service, MORNING, MORNING + 10 * HOUR) == DeskQuality(
        settled=2, reopened=1, repairs=2, repairs_at_once=1, open=2, open_hours=Decimal(20), complaints=1
    )
    assert _quality(in_service, MORNING, MORNING + 2 * HOUR).reopened == 0
    later = _quality(in_service, MORNING + 10 * HOUR, MORNING + 40 * HOUR)
    assert (later.settled, later.open, later.complaints) == (0, 1, 0)


def _quality(code: str, start: datetime, end: datetime) -> DeskQuality:
    with reading() as session:
        return desk_quality(session, find_engagement(session, code).id or 0, start, end)


def _agent(code: str) -> str:
    with reading() as session:
        return (
            session.exec(select(StaffMember.ref).where(StaffMember.post_code == "service_agent")).first()
            or ""
        )


def _give_an_address(code: str, post: str) -> None:
    if not _agent(code):
        with writing() as session:
            key = find_engagement(session, code).id or 0
            session.add(
                StaffMember(engagement_id=key, ref="agent-1", post_code=post, assigned_on=MORNING.date())
            )
    form = PersonForm(ref=_agent(code), role="staff", name="Agent", email="agent@custodian.example.com")
    record_people(code, [form])


def _request(kind: RequestKind, priority: Priority) -> NewRequest:
    return NewRequest(kind, priority, "phone", "Something", MORNING.astimezone(UTC))
