"""Does every mail leave once, to one person, with what belongs to it, whatever the mail server answers? (E4)"""

import email
import socket
from datetime import date, timedelta
from email.message import EmailMessage
from email.policy import default

import pytest
from sqlmodel import col, select, update

from models.clock import utc_now
from models.db import reading, writing
from models.errors import MailServerUnavailable, Terminal
from models.outbox import DeliveryAttempt, OutboxMail
from models.people import Person
from models.rules.cycles import CycleKind
from models.survey_codes import survey_code
from tasks.engagements import find_engagement
from tasks.outbox import (
    MAX_REFUSALS,
    DeliveryCount,
    Letter,
    drain_outbox,
    queue_letters,
    release_expired_claims,
    resolve_uncertain,
    retry_failed,
    uncertain_mails,
)
from tasks.people_records import correct_person
from tasks.surveys import open_wave
from tests import factories
from tests.conftest import MailServer
from tests.databases import environment

ON = date(2027, 1, 5)


def test_each_person_gets_an_envelope_of_their_own(database: str, mail_server: MailServer) -> None:
    code = factories.create_engagement()
    _settle_waiting()
    assert _queue(code, ["unit-001", "unit-002", "unit-003"]) == 3
    assert drain_outbox.fn() == DeliveryCount(sent=3)
    assert [envelope.rcpt_tos for envelope in mail_server.envelopes] == [
        [f"unit-00{number}@residents.example.com"] for number in (1, 2, 3)
    ]
    for envelope, number in zip(mail_server.envelopes, (1, 2, 3), strict=True):
        message = _message(envelope.original_content)
        assert f"unit-00{number}@" in str(message["To"])
        assert not message["Cc"]
        assert not message["Bcc"]
        others = [other for other in (1, 2, 3) if other != number]
        assert not any(f"unit-00{other}@".encode() in envelope.original_content for other in others)
    assert _states() == {"sent": 3}


def test_the_same_letter_is_queued_and_sent_once(database: str, mail_server: MailServer) -> None:
    code = factories.create_engagement()
    _settle_waiting()
    assert [_queue(code, ["unit-001"]), _queue(code, ["unit-001", "unit-002"])] == [1, 1]
    drain_outbox.fn()
    assert _queue(code, ["unit-001"]) == 0
    assert drain_outbox.fn() == DeliveryCount()
    assert len(mail_server.envelopes) == 2


def test_the_message_id_is_the_letters_own_and_the_date_is_the_business_date(
    database: str, mail_server: MailServer
) -> None:
    code = factories.create_engagement()
    _settle_waiting()
    _queue(code, ["unit-001"])
    with reading() as session:
        wanted = session.exec(select(OutboxMail.message_id).where(OutboxMail.state == "queued")).one()
    drain_outbox.fn()
    message = _message(mail_server.envelopes[0].original_content)
    assert message["Message-ID"] == wanted
    assert message["Date"].datetime.date() == ON


def test_a_pack_is_attached_with_the_very_bytes_that_were_kept(
    surveyed: str, mail_server: MailServer
) -> None:
    from tasks.files import read_file

    _settle_waiting()
    pack = factories.propose_plan(surveyed)
    drain_outbox.fn()
    letters = [_message(envelope.original_content) for envelope in mail_server.envelopes]
    asked = [letter for letter in letters if "confirm version 1" in str(letter["Subject"])]
    assert len(asked) == 2
    for letter in asked:
        attached = {part.get_filename(): part.get_content() for part in letter.iter_attachments()}
        assert attached == {name: read_file(sha256) for name, _media, sha256 in pack.files}


def test_the_survey_code_is_in_the_mail_and_only_there(in_service: str, mail_server: MailServer) -> None:
    from tests.tasks.test_surveys import _dump

    _settle_waiting()
    open_wave.fn(factories.claim(in_service, CycleKind.SURVEY_OPEN, "2027-Q1", date(2027, 3, 17)))
    drain_outbox.fn()
    assert len(mail_server.envelopes) == factories.RESIDENTS
    everything = _dump().upper()
    for envelope in mail_server.envelopes:
        ref = envelope.rcpt_tos[0].partition("@")[0]
        code = survey_code(in_service, "2027-Q1", ref)
        text = _message(envelope.original_content).get_body(("plain",))
        assert text is not None
        assert code in text.get_content()
        assert code not in everything


def test_a_refused_address_costs_nobody_else_their_mail(database: str, mail_server: MailServer) -> None:
    code = factories.create_engagement()
    _settle_waiting()
    mail_server.refuse["unit-002@residents.example.com"] = "550 no such user"
    _queue(code, ["unit-001", "unit-002", "unit-003"])
    assert drain_outbox.fn() == DeliveryCount(sent=2, failed=1)
    assert _states() == {"sent": 2, "failed": 1}
    with reading() as session:
        failed = session.exec(select(OutboxMail).where(OutboxMail.state == "failed")).one()
    assert (failed.person_ref, failed.last_code) == ("unit-002", "550")


def test_a_failed_mail_leaves_again_for_the_address_that_was_put_right(
    database: str, mail_server: MailServer
) -> None:
    code = factories.create_engagement()
    _settle_waiting()
    _queue(code, ["unit-002"])
    mail_server.refuse["unit-002@residents.example.com"] = "550 no such user"
    assert drain_outbox.fn() == DeliveryCount(failed=1)
    with reading() as session:
        (key,) = session.exec(select(OutboxMail.dedup_key).where(OutboxMail.state == "failed")).all()
    assert correct_person(code, "unit-002", email="right@residents.example.com") == ["email"]
    retry_failed(key)
    assert drain_outbox.fn() == DeliveryCount(sent=1)
    assert [envelope.rcpt_tos for envelope in mail_server.envelopes] == [["right@residents.example.com"]]


def test_a_server_that_is_busy_is_asked_again_later_and_not_for_ever(
    database: str, mail_server: MailServer
) -> None:
    code = factories.create_engagement()
    _settle_waiting()
    mail_server.refuse["unit-001@residents.example.com"] = "451 try later"
    _queue(code, ["unit-001"])
    outcomes = []
    for _ in range(MAX_REFUSALS):
        outcomes.append(drain_outbox.fn())
        assert drain_outbox.fn() == DeliveryCount(), "it is not tried again before its time"
        with writing() as session:
            session.exec(update(OutboxMail).values(not_before=utc_now() - timedelta(seconds=1)))
    assert outcomes == [DeliveryCount(deferred=1)] * (MAX_REFUSALS - 1) + [DeliveryCount(failed=1)]


def test_a_server_that_recovers_gets_the_mail(database: str, mail_server: MailServer) -> None:
    code = factories.create_engagement()
    _settle_waiting()
    mail_server.refuse["unit-001@residents.example.com"] = "451 try later"
    _queue(code, ["unit-001"])
    drain_outbox.fn()
    mail_server.refuse.clear()
    with writing() as session:
        session.exec(update(OutboxMail).values(not_before=utc_now()))
    assert drain_outbox.fn() == DeliveryCount(sent=1)


def test_without_a_server_every_mail_stays_queued_and_the_message_says_what_to_do(database: str) -> None:
    code = factories.create_engagement()
    waiting = _states()["queued"]
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, but nobody listens
        port = str(nobody.getsockname()[1])
        with (
            environment(STEWARD_SMTP_PORT=port),
            pytest.raises(MailServerUnavailable, match=r"every mail stays queued.*steward doctor"),
        ):
            drain_outbox.fn()
    assert _states() == {"queued": waiting}
    assert code


def test_a_server_that_goes_away_half_way_leaves_the_rest_queued_and_nobody_gets_two(
    database: str, mail_server: MailServer
) -> None:
    code = factories.create_engagement()
    _settle_waiting()
    refs = [f"unit-{number:03d}" for number in range(1, 6)]
    _queue(code, refs)
    mail_server.gone_after = 2
    with pytest.raises(MailServerUnavailable):
        drain_outbox.fn()
    assert _states() == {"sent": 2, "queued": 3}
    with reading() as session:
        assert set(session.exec(select(OutboxMail.lease_until)).all()) == {None}, "nobody holds any of them"
    mail_server.gone_after = None
    mail_server.start()
    with writing() as session:  # one was being handed over when the line was cut: it has its pause
        session.exec(update(OutboxMail).values(not_before=utc_now()))
    assert drain_outbox.fn() == DeliveryCount(sent=3)
    assert [address for one in mail_server.envelopes for address in one.rcpt_tos] == [
        f"{ref}@residents.example.com" for ref in refs
    ]


def test_a_persons_address_is_read_when_the_mail_leaves(database: str, mail_server: MailServer) -> None:
    code = factories.create_engagement()
    _settle_waiting()
    _queue(code, ["unit-001", "unit-002"])
    with writing() as session:
        session.exec(update(Person).where(col(Person.ref) == "unit-001").values(email="moved@x.example.com"))
        session.exec(update(Person).where(col(Person.ref) == "unit-002").values(erased_on=ON))
    assert drain_outbox.fn() == DeliveryCount(sent=1, failed=1)
    assert [envelope.rcpt_tos for envelope in mail_server.envelopes] == [["moved@x.example.com"]]


@pytest.mark.parametrize(
    ("phase", "may_repeat", "settled"),
    [
        ("claimed", False, "queued"),
        ("transmitting", False, "uncertain"),
        ("transmitting", True, "queued"),
    ],
)
def test_what_a_dead_sender_left_is_settled_by_how_far_it_came(
    database: str, phase: str, may_repeat: bool, settled: str
) -> None:
    code = factories.create_engagement()
    _settle_waiting()
    _queue(code, ["unit-001"], may_repeat=may_repeat)
    with writing() as session:
        mail = session.exec(select(OutboxMail).where(OutboxMail.state == "queued")).one()
        mail.state, mail.attempt, mail.lease_until = "claimed", 1, utc_now() - timedelta(seconds=1)
        session.add(mail)
        session.add(DeliveryAttempt(mail_id=mail.id or 0, attempt=1, phase=phase))
    assert release_expired_claims() == 1
    assert _states() == {settled: 1}
    assert release_expired_claims() == 0


def test_an_uncertain_mail_waits_for_a_person_who_decides_once(
    database: str, mail_server: MailServer
) -> None:
    code = factories.create_engagement()
    _settle_waiting()
    _queue(code, ["unit-001"])
    with writing() as session:
        session.exec(update(OutboxMail).where(col(OutboxMail.state) == "queued").values(state="uncertain"))
    ((key, _message_id),) = uncertain_mails()
    assert drain_outbox.fn() == DeliveryCount(), "it is never sent again by itself"
    resolve_uncertain(key, arrived=False)
    with pytest.raises(Terminal, match="not uncertain"):
        resolve_uncertain(key, arrived=True)
    assert drain_outbox.fn() == DeliveryCount(sent=1)
    assert len(mail_server.envelopes) == 1


def test_no_address_and_no_name_stands_in_the_outbox_or_the_trail(in_service: str) -> None:
    from models.audit import AuditEvent

    with reading() as session:
        rows = [str(mail.model_dump()) for mail in session.exec(select(OutboxMail)).all()]
        rows += [str(event.model_dump()) for event in session.exec(select(AuditEvent)).all()]
        people = session.exec(select(Person)).all()
    assert rows
    for person in people:
        assert not [row for row in rows if (person.email and person.email in row) or person.name in row], (
            person
        )


def _queue(code: str, refs: list[str], *, may_repeat: bool = False) -> int:
    with writing() as session:
        letter = Letter(
            kind="test",
            period="2027-01",
            title="A letter",
            paragraphs=("Hello.",),
            facts=(("What", "Something"),),
            may_repeat=may_repeat,
        )
        return queue_letters(session, find_engagement(session, code), refs, letter, ON)


def _settle_waiting() -> None:
    """Earlier letters are none of this test's business."""
    with writing() as session:
        session.connection().exec_driver_sql("DELETE FROM outboxmail")


def _states() -> dict[str, int]:
    with reading() as session:
        states = session.exec(select(OutboxMail.state)).all()
    return {state: list(states).count(state) for state in set(states)}


def _message(content: bytes | None) -> EmailMessage:
    message = email.message_from_bytes(content or b"", policy=default)
    assert isinstance(message, EmailMessage)
    return message
