"""Is who is called in an emergency told by text message, once, and is nobody else kept waiting by one that fails? (B8)"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from deployments.doctor import examine
from models.audit import AuditEvent
from models.clock import utc_now
from models.db import reading, writing
from models.emergency import IncidentEntry, IncidentNotice
from models.errors import TextGatewayRefused, TextGatewayUnavailable
from models.intake import PersonForm
from models.outbox import OutboxMail, TextMessage
from models.staff import StaffMember
from tasks.call_tree import call_on
from tasks.emergencies import activate_plan
from tasks.engagements import find_engagement
from tasks.intake import record_people
from tasks.outbox import DeliveryCount
from tasks.text_messages import listed_texts, plain_number, send_texts
from tests.databases import environment
from tests.text_gateway import TextGateway

ALARM = datetime(2027, 1, 5, 6, 40, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ELECTRICIAN, TECHNICIAN = "+8613800000001", "13800000002"


@pytest.fixture
def gateway(home: Path) -> Iterator[TextGateway]:
    """A gateway on this machine, which the settings point at."""
    server = TextGateway()
    server.start()
    try:
        with environment(
            STEWARD_SMS_URL=server.url, STEWARD_SMS_TOKEN="t0ken", STEWARD_SMS_TIMEOUT_SECONDS="5"
        ):
            yield server
    finally:
        server.stop()


def test_each_person_with_a_telephone_is_told_once_beside_the_mail(
    gateway: TextGateway, in_service: str
) -> None:
    _alarm(in_service)
    assert send_texts.fn() == DeliveryCount(sent=2)
    assert send_texts.fn() == DeliveryCount()
    assert Counter(message["to"] for message in gateway.messages) == {ELECTRICIAN: 1, TECHNICIAN: 1}
    text = gateway.messages[0]["text"]
    assert "Burst pipe" in text
    assert "Water in the basement" in text
    assert gateway.headers[0]["Authorization"] == "Bearer t0ken"
    assert gateway.headers[0]["Idempotency-Key"] == gateway.messages[0]["reference"]
    rows = listed_texts(in_service)
    assert {(row["person"], row["state"]) for row in rows} == {
        ("electrician-1", "sent"),
        ("technician-1", "sent"),
    }
    assert {row["gateway id"] for row in rows} == {"gw-1", "gw-2"}
    assert _ways(in_service) == {"electrician-1": "mail+sms", "technician-1": "sms", "custodian-1": "mail"}
    with reading() as session:
        trail = session.exec(select(AuditEvent)).all()
        log = session.exec(select(IncidentEntry.text)).all()
    assert any("sms: custodian-1 has no telephone number" in line for line in log)
    assert not any("1380000" in f"{event.subject} {event.detail}" for event in trail)
    assert not any("1380000" in line for line in log)


def test_one_that_may_have_been_taken_is_never_sent_again_and_the_deputy_is_called(
    gateway: TextGateway, in_service: str
) -> None:
    gateway.answers[TECHNICIAN] = ["cut"]
    _alarm(in_service)
    assert send_texts.fn() == DeliveryCount(sent=1, uncertain=1)
    assert send_texts.fn() == DeliveryCount()
    assert len(gateway.messages) == 2
    call_on(in_service, "E-1", ALARM + MINUTE)
    assert _told(in_service, "technician") == ["technician-1", "custodian-1"]
    assert _told(in_service, "electrician") == ["electrician-1"], "the others are not gone over"
    assert any("technician-1; sms uncertain RemoteProtocolError" in line for line in _log(in_service))


def test_a_failed_text_counts_only_when_the_mail_has_failed_too(
    gateway: TextGateway, sqlite_in_service: str
) -> None:
    gateway.answers[ELECTRICIAN] = [400]
    _alarm(sqlite_in_service)
    assert send_texts.fn() == DeliveryCount(sent=1, failed=1)
    call_on(sqlite_in_service, "E-1", ALARM + MINUTE)
    assert _told(sqlite_in_service, "electrician") == ["electrician-1"]
    with writing() as session:
        mail = session.exec(select(OutboxMail).where(OutboxMail.person_ref == "electrician-1")).one()
        mail.state, mail.last_code = "failed", "550"
        session.add(mail)
    call_on(sqlite_in_service, "E-1", ALARM + 2 * MINUTE)
    assert _told(sqlite_in_service, "electrician") == ["electrician-1", "custodian-1"]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (202, "sent"),
        (429, "queued"),
        (503, "queued"),
        (400, "failed"),
        (500, "uncertain"),
        (504, "uncertain"),
    ],
)
def test_what_the_gateway_answers_decides_what_becomes_of_a_message(
    gateway: TextGateway, sqlite_in_service: str, status: int, state: str
) -> None:
    gateway.answers[TECHNICIAN] = [status, 202]
    _alarm(sqlite_in_service)
    send_texts.fn()
    assert _states()["technician-1"] == state
    assert _states()["electrician-1"] == "sent", "one that fails stops no other"
    _wait_is_over()
    send_texts.fn()
    assert _states()["technician-1"] == ("sent" if state == "queued" else state)


def test_a_gateway_that_always_asks_to_be_called_later_is_given_up(
    gateway: TextGateway, sqlite_in_service: str
) -> None:
    gateway.answers[TECHNICIAN] = [429]
    _alarm(sqlite_in_service)
    for _ in range(7):
        send_texts.fn()
        _wait_is_over()
    assert _states()["technician-1"] == "failed"
    assert Counter(message["to"] for message in gateway.messages)[TECHNICIAN] == 5


@pytest.mark.parametrize("status", [401, 403, 302])
def test_a_refused_token_is_told_and_loses_nothing(
    gateway: TextGateway, sqlite_in_service: str, status: int
) -> None:
    gateway.answers[ELECTRICIAN] = gateway.answers[TECHNICIAN] = [status]
    _alarm(sqlite_in_service)
    with pytest.raises(TextGatewayRefused, match=r"refused us \(code \d+\).*STEWARD_SMS_TOKEN") as caught:
        send_texts.fn()
    assert "t0ken" not in str(caught.value)
    assert len(gateway.messages) == 1, "no second message is risked"
    assert set(_states().values()) == {"queued"}


def test_a_gateway_that_is_gone_loses_nothing(gateway: TextGateway, sqlite_in_service: str) -> None:
    _alarm(sqlite_in_service)
    with (
        environment(STEWARD_SMS_URL="http://127.0.0.1:1/x"),
        pytest.raises(TextGatewayUnavailable, match="stays queued"),
    ):
        send_texts.fn()
    assert set(_states().values()) == {"queued"}
    assert send_texts.fn() == DeliveryCount(sent=2)


def test_whoever_died_while_sending_leaves_it_uncertain_and_it_is_not_sent_again(
    gateway: TextGateway, in_service: str
) -> None:
    _alarm(in_service)
    with writing() as session:
        message = session.exec(select(TextMessage).where(TextMessage.person_ref == "technician-1")).one()
        message.state, message.attempt, message.lease_until = "sending", 1, utc_now() - MINUTE
        session.add(message)
    assert send_texts.fn() == DeliveryCount(sent=1)
    assert _states() == {"technician-1": "uncertain", "electrician-1": "sent"}
    assert TECHNICIAN not in {message["to"] for message in gateway.messages}


def test_a_call_out_of_hours_ago_is_not_sent_any_more(gateway: TextGateway, sqlite_in_service: str) -> None:
    _alarm(sqlite_in_service)
    with writing() as session:
        for message in session.exec(select(TextMessage)).all():
            message.not_after = utc_now() - MINUTE
            session.add(message)
    assert send_texts.fn() == DeliveryCount()
    assert set(_states().values()) == {"failed"}


def test_without_a_gateway_nothing_is_queued_and_nobody_without_an_address_is_called(
    sqlite_in_service: str,
) -> None:
    _alarm(sqlite_in_service)
    assert send_texts.fn() == DeliveryCount()
    assert _states() == {}
    assert _told(sqlite_in_service, "technician") == ["custodian-1"], "the technician has a telephone only"
    assert "Text messages" not in {finding.subject for finding in examine(server_known=False)}


def test_numbers_never_travel_unencrypted_to_another_machine(sqlite_in_service: str) -> None:
    with (
        environment(STEWARD_SMS_URL="http://sms.example.com/send"),
        pytest.raises(TextGatewayRefused, match="must begin with https"),
    ):
        send_texts.fn()


def test_doctor_says_whether_the_gateway_listens(gateway: TextGateway, sqlite_database: Path) -> None:
    def found() -> tuple[bool, str]:
        (one,) = [finding for finding in examine(server_known=False) if finding.subject == "Text messages"]
        return one.ok, one.found

    assert found() == (True, "http://127.0.0.1: none waiting")
    with environment(STEWARD_SMS_URL="http://127.0.0.1:1/x"):
        assert found()[0] is False
    assert gateway.messages == []


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("138 0000-0001", "13800000001"),
        ("+49 (30) 1234", "+49301234"),
        ("see desk", ""),
        ("1; 2", ""),
        ("", ""),
    ],
)
def test_numbers_are_taken_as_people_write_them(written: str, number: str) -> None:
    assert plain_number(written) == number


def _alarm(code: str) -> None:
    """An electrician with mail and telephone, a technician with a telephone alone; then the alarm."""
    record_people(
        code,
        [
            PersonForm(
                ref="electrician-1",
                role="staff",
                name="N",
                email="electrician-1@custodian.example.com",
                phone="+86 138 0000 0001",
            ),
            PersonForm(ref="technician-1", role="staff", name="N", phone="13800000002"),
        ],
    )
    with writing() as session:
        key = find_engagement(session, code).id or 0
        for post in ("electrician", "technician"):
            session.add(
                StaffMember(
                    engagement_id=key, ref=f"{post}-1", post_code=post, assigned_on=date(2026, 12, 15)
                )
            )
    activate_plan.fn(code, "E-1", "burst_pipe", "Water in the basement", ALARM, "B1-PUMP")


def _wait_is_over() -> None:
    with writing() as session:
        for message in session.exec(select(TextMessage)).all():
            message.not_before = utc_now() - MINUTE
            session.add(message)


def _states() -> dict[str, str]:
    with reading() as session:
        return dict(session.exec(select(TextMessage.person_ref, TextMessage.state)).all())


def _ways(code: str) -> dict[str, str]:
    with reading() as session:
        return dict(session.exec(select(IncidentNotice.person_ref, IncidentNotice.channel)).all())


def _told(code: str, role: str) -> list[str]:
    with reading() as session:
        return list(
            session.exec(
                select(IncidentNotice.person_ref)
                .where(IncidentNotice.role == role)
                .order_by(col(IncidentNotice.rank))
            ).all()
        )


def _log(code: str) -> list[str]:
    with reading() as session:
        return list(session.exec(select(IncidentEntry.text)).all())
