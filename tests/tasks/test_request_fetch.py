"""Does each mail of a real mailbox become one request, whatever the server, the mail or the process does? (B6)"""

import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from sqlmodel import col, select

from deployments.doctor import examine
from deployments.waiting import waited_for
from flows.dispatch import fetch_requests
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import MailboxRefused, MailboxUnavailable, NotReady
from models.outbox import OutboxMail
from models.service_desk import MailboxBookmark, MailboxRefusal, RequestMessage, ServiceRequest
from tasks.imap_mailbox import mailboxes_of, reply_address_of
from tasks.quarantine import quarantine_of
from tasks.request_fetch import fetch_configured, fetch_mails
from tests import factories
from tests.databases import environment
from tests.imap_server import PASSWORD, USER, ImapServer


@pytest.fixture
def mailbox(home: Path) -> Iterator[ImapServer]:
    """A mailbox without encryption on this machine, which the settings point at."""
    server = ImapServer()
    server.start()
    try:
        with environment(**_settings(server)):
            yield server
    finally:
        server.stop()


def test_what_nobody_has_seen_becomes_a_request_once_and_is_marked_only_then(
    mailbox: ImapServer, in_service: str
) -> None:
    old = mailbox.put(_mail("old@x", "Answered last year"), seen=True)
    tap, answer = mailbox.put(_mail("a@x")), mailbox.put(_mail("b@x", "Re: Tap", refers="a@x"))
    taken = fetch_mails(in_service)
    assert [(mail.file, mail.outcome) for mail in taken] == [("INBOX/2", "request"), ("INBOX/3", "follow_up")]
    assert taken[0].number == taken[1].number
    assert [mail.flags for mail in (tap, answer)] == [{"\\Seen"}] * 2
    assert fetch_mails(in_service) == []
    read_by_somebody = mailbox.put(_mail("c@x", "Light"), seen=True)
    assert [mail.outcome for mail in fetch_mails(in_service)] == ["request"], "it came after the first look"
    assert len(mailbox.mails) == 4, "nothing is deleted"
    assert {mail.uid for mail in mailbox.mails} == {old.uid, tap.uid, answer.uid, read_by_somebody.uid}
    assert _subjects() == ["Tap", "Re: Tap", "Light"]
    with reading() as session:
        first = session.exec(select(ServiceRequest).order_by(col(ServiceRequest.id))).first()
    assert first is not None
    assert first.received_at == datetime(2026, 11, 5, 1, tzinfo=UTC), (
        "the server's time, not what the mail claims"
    )


def test_a_line_cut_in_the_middle_loses_and_doubles_nothing(mailbox: ImapServer, in_service: str) -> None:
    for number in range(5):
        mailbox.put(_mail(f"{number}@x", f"Tap {number}"))
    mailbox.gone_after = 2
    with pytest.raises(MailboxUnavailable, match=r"could not be used .*the rest waits"):
        fetch_mails(in_service)
    assert _subjects() == ["Tap 0", "Tap 1"]
    mailbox.gone_after = None
    assert len(fetch_mails(in_service)) == 3
    assert _subjects() == [f"Tap {number}" for number in range(5)]


def test_a_mail_that_cannot_be_taken_is_quarantined_unseen_and_holds_up_no_other(
    mailbox: ImapServer, in_service: str
) -> None:
    no_mail = mailbox.put(b"\x00\xff no mail at all")
    huge = mailbox.put(_mail("huge@x"))
    huge.claimed_size = 26 * 1024**2
    mailbox.put(b"From: a@x.example\nMessage-ID: <p\x00q@x>\nSubject: p\x00\n\nH\x00i")
    good = mailbox.put(_mail("good@x"))
    outcomes = [mail.outcome for mail in fetch_mails(in_service)]
    assert outcomes == ["refused", "refused", "request", "request"]
    assert good.flags == {"\\Seen"}
    assert no_mail.flags == huge.flags == set(), "left for a person to look at"
    kept = [(cell.source, cell.file, cell.row, cell.expected) for cell in quarantine_of(in_service)]
    assert ("mailbox", "INBOX", 1, "names no sender; expected a mail file with its headers") in kept
    assert ("mailbox", "INBOX", 2, "is larger than 25 MB") in kept
    assert fetch_mails(in_service) == []
    assert not any("BODY.PEEK[]" in asked and "FETCH 2 " in asked for asked in mailbox.asked), (
        "not even fetched"
    )


def test_after_the_server_numbers_anew_nothing_is_taken_twice_or_missed(
    mailbox: ImapServer, sqlite_in_service: str
) -> None:
    today = datetime.now(UTC)
    mailbox.put(_mail("a@x"), _arrived(today))
    mailbox.put(_mail("ancient@x", "Ancient"), "05-Jan-2020 09:00:00 +0800", seen=True)
    fetch_mails(sqlite_in_service)
    missed = mailbox.put(_mail("b@x", "Light"), _arrived(today - timedelta(hours=1)), seen=True)
    mailbox.number_anew()
    assert [(mail.file, mail.outcome) for mail in fetch_mails(sqlite_in_service)] == [
        ("INBOX/1", "known"),
        (f"INBOX/{missed.uid}", "request"),
    ]
    assert _subjects() == ["Tap", "Light"]


def test_a_round_takes_so_many_and_the_next_goes_on(mailbox: ImapServer, sqlite_in_service: str) -> None:
    for number in range(5):
        mailbox.put(_mail(f"{number}@x", f"Tap {number}"), seen=number == 3)
    assert [mail.file for mail in fetch_mails(sqlite_in_service, limit=2)] == ["INBOX/1", "INBOX/2"]
    assert [mail.file for mail in fetch_mails(sqlite_in_service, limit=2)] == ["INBOX/3", "INBOX/5"]
    with reading() as session:
        bookmark = session.exec(select(MailboxBookmark)).one()
    assert bookmark.last_uid == 5
    assert USER not in bookmark.mailbox


def test_what_is_done_moves_to_a_folder_of_its_own(mailbox: ImapServer, sqlite_in_service: str) -> None:
    mailbox.put(_mail("a@x"))
    with environment(STEWARD_IMAP_DONE_FOLDER="Erledigt & 日本語"):
        assert [mail.outcome for mail in fetch_mails(sqlite_in_service)] == ["request"]
        assert (len(mailbox.mails), len(mailbox.done)) == (0, 1)
        mailbox.can_move = False
        with pytest.raises(MailboxRefused, match="cannot move mails"):
            fetch_mails(sqlite_in_service)


def test_automatic_answers_are_noted_and_are_no_requests(mailbox: ImapServer, sqlite_in_service: str) -> None:
    mailbox.put(_mail("a@x", "Out of office: gone fishing"))
    assert [mail.outcome for mail in fetch_mails(sqlite_in_service)] == ["auto_reply"]
    with reading() as session:
        assert session.exec(select(ServiceRequest)).all() == []


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        pytest.param({"STEWARD_IMAP_PASSWORD": "wrong"}, MailboxRefused, "refused our login", id="password"),
        pytest.param({"STEWARD_IMAP_FOLDER": "Nowhere"}, MailboxRefused, "no folder 'Nowhere'", id="folder"),
        pytest.param({"STEWARD_IMAP_HOST": ""}, NotReady, "No mailbox is configured", id="not configured"),
        pytest.param(
            {"STEWARD_IMAP_HOST": "mail.example.com"}, MailboxRefused, "on this machine only", id="plain text"
        ),
        pytest.param({"STEWARD_IMAP_PORT": "1"}, MailboxUnavailable, "could not be used", id="nobody there"),
        pytest.param(
            {"STEWARD_IMAP_SECURITY": "starttls"}, MailboxUnavailable, "could not", id="no STARTTLS"
        ),
    ],
)
def test_what_is_wrong_with_the_mailbox_is_a_sentence_without_secrets(
    mailbox: ImapServer, sqlite_in_service: str, changed: dict[str, str], error: type[Exception], said: str
) -> None:
    with environment(**changed), pytest.raises(error, match=said) as caught:
        fetch_mails(sqlite_in_service)
    assert PASSWORD not in str(caught.value)
    assert "desk is not let in" not in str(caught.value)


def test_a_login_refused_for_now_is_tried_again_and_one_refused_is_not(
    mailbox: ImapServer, sqlite_in_service: str
) -> None:
    mailbox.says_unavailable = True
    with pytest.raises(MailboxUnavailable):
        fetch_mails(sqlite_in_service)
    assert mailbox.asked.count("LOGIN") == 1


def test_a_password_that_is_not_ascii_is_told_in_utf_8(mailbox: ImapServer, sqlite_in_service: str) -> None:
    mailbox.put(_mail("a@x"))
    with environment(STEWARD_IMAP_PASSWORD="密码"):
        assert [mail.outcome for mail in fetch_mails(sqlite_in_service)] == ["request"]


@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_the_line_is_encrypted_and_a_certificate_nobody_vouches_for_is_refused(
    sqlite_in_service: str, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ImapServer(tls=context) if way == "tls" else ImapServer(starttls=context)
    server.put(_mail("a@x"))
    server.start()
    try:
        with environment(**{**_settings(server), "STEWARD_IMAP_SECURITY": way}):
            with pytest.raises(MailboxUnavailable, match="SSLCertVerificationError"):
                fetch_mails(sqlite_in_service)
            assert "LOGIN" not in server.asked
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            assert [mail.outcome for mail in fetch_mails(sqlite_in_service)] == ["request"]
    finally:
        server.stop()


def test_the_clockwork_fetches_only_where_it_is_said_for_whom(
    mailbox: ImapServer, sqlite_in_service: str
) -> None:
    mailbox.put(_mail("a@x"))
    assert fetch_configured.fn() == {}
    assert mailbox.asked == []
    with environment(STEWARD_IMAP_ENGAGEMENT=sqlite_in_service):
        assert fetch_configured.fn() == {"request": 1}
    assert fetch_requests.name == "fetch-requests"


def _a_day_later() -> None:
    with writing() as session:
        row = session.exec(select(MailboxRefusal)).one()
        row.refused_at -= timedelta(days=1)
        session.add(row)


def _mails_about_the_mailbox() -> list[str]:
    with reading() as session:
        rows = session.exec(select(OutboxMail).where(OutboxMail.kind == "mailbox_refused")).all()
        return [row.person_ref for row in rows]


def test_a_wrong_password_is_tried_thrice_told_once_and_left_alone_until_the_settings_change(
    mailbox: ImapServer, in_service: str
) -> None:
    mailbox.put(_mail("a@x"))
    with environment(STEWARD_IMAP_ENGAGEMENT=in_service, STEWARD_IMAP_PASSWORD="wrong"):
        for tries in (1, 2, 3):
            with pytest.raises(MailboxRefused):
                fetch_configured.fn()
            assert fetch_configured.fn() == {"mailbox left alone": 1}
            assert mailbox.asked.count("LOGIN") == tries
            assert len(_mails_about_the_mailbox()) == (tries == 3)
            _a_day_later()
        assert fetch_configured.fn() == {"mailbox left alone": 1}, "however much time goes by"
        (found,) = [f for f in examine(server_known=False) if f.subject == "Mailbox"]
        assert "refused 3 times" in found.found
        assert f"requests fetch {in_service}" in found.remedy
        assert any("STEWARD_IMAP_PASSWORD" in row["for"] for row in waited_for(in_service))
        assert mailbox.asked.count("LOGIN") == 3
        with pytest.raises(MailboxRefused):
            fetch_mails(in_service)  # somebody at the keyboard may try
        assert len(_mails_about_the_mailbox()) == 1
    with environment(STEWARD_IMAP_ENGAGEMENT=in_service):
        assert fetch_configured.fn() == {"request": 1}
        assert not any("mailbox" in row["for"] for row in waited_for(in_service))
    with reading() as session:
        assert session.exec(select(MailboxRefusal)).all() == []


def test_a_password_mended_on_the_server_needs_one_fetch_by_hand(
    mailbox: ImapServer, sqlite_in_service: str
) -> None:
    with environment(STEWARD_IMAP_ENGAGEMENT=sqlite_in_service):
        mailbox.password = "another"
        for _time in range(3):
            with pytest.raises(MailboxRefused):
                fetch_configured.fn()
            _a_day_later()
        mailbox.password = PASSWORD
        mailbox.put(_mail("a@x"))
        assert fetch_configured.fn() == {"mailbox left alone": 1}
        assert [mail.outcome for mail in fetch_mails(sqlite_in_service)] == ["request"]
        mailbox.put(_mail("b@x", "Light"))
        assert fetch_configured.fn() == {"request": 1}


def test_each_engagement_has_its_own_mailbox_and_one_that_refuses_holds_up_no_other(
    mailbox: ImapServer, sqlite_in_service: str
) -> None:
    other = factories.create_engagement("OTHER-1")
    second = ImapServer()
    second.start()
    box = {"host": "127.0.0.1", "port": second.port, "security": "none", "user": USER, "password": PASSWORD}
    more = json.dumps([{**box, "engagement": other, "reply_address": "other@custodian.example.com"}])
    try:
        with environment(STEWARD_IMAP_ENGAGEMENT=sqlite_in_service, STEWARD_MAILBOXES=more):
            mailbox.put(_mail("a@x"))
            second.put(_mail("b@x", "Light"))
            assert fetch_configured.fn() == {"request": 2}
            assert reply_address_of(other) == "other@custodian.example.com"
            assert reply_address_of(sqlite_in_service) == ""
            with pytest.raises(NotReady, match="No mailbox names 'THIRD'"):
                mailboxes_of("THIRD")
            mailbox.password = "another"
            second.put(_mail("c@x", "Door"))
            with pytest.raises(MailboxRefused, match="STEWARD_IMAP_PASSWORD"):
                fetch_configured.fn()
            assert _subjects() == ["Tap", "Light", "Door"]
            second.password = "another"
            with pytest.raises(MailboxRefused, match="'password' of mailbox 1 in STEWARD_MAILBOXES"):
                fetch_mails(other)
            assert [f.ok for f in examine(server_known=False) if f.subject.startswith("Mailbox")] == [
                False,
                False,
            ]
    finally:
        second.stop()
    with reading() as session:
        by_code = dict(
            session.exec(
                select(RequestMessage.subject, Engagement.code).join(
                    Engagement, col(Engagement.id) == col(RequestMessage.engagement_id)
                )
            ).all()
        )
    assert by_code == {"Tap": sqlite_in_service, "Light": other, "Door": other}


def test_a_login_that_doctor_is_refused_counts_as_every_other(
    mailbox: ImapServer, sqlite_in_service: str
) -> None:
    with environment(STEWARD_IMAP_ENGAGEMENT=sqlite_in_service, STEWARD_IMAP_PASSWORD="wrong"):
        for tries in (1, 2, 3):
            examine(server_known=False)
            examine(server_known=False)  # at once again: it is not tried
            assert mailbox.asked.count("LOGIN") == tries
            assert len(_mails_about_the_mailbox()) == (tries == 3)
            _a_day_later()
        examine(server_known=False)
        assert mailbox.asked.count("LOGIN") == 3
    with environment(STEWARD_IMAP_ENGAGEMENT=sqlite_in_service):
        examine(server_known=False)
    with environment(STEWARD_IMAP_PASSWORD="wrong"):  # by command only: counted, nobody is told
        examine(server_known=False)
        examine(server_known=False)
        assert mailbox.asked.count("LOGIN") == 5
    assert len(_mails_about_the_mailbox()) == 1


def test_doctor_says_whether_the_mailbox_answers(mailbox: ImapServer, sqlite_in_service: str) -> None:
    def found() -> tuple[bool, str, str]:
        (one,) = [finding for finding in examine(server_known=False) if finding.subject == "Mailbox"]
        return one.ok, one.found, one.remedy

    mailbox.put(_mail("a@x"))
    ok, said, _remedy = found()
    assert ok
    assert "1 mails, fetched by command only" in said
    assert mailbox.mails[0].flags == set(), "looking changes nothing"
    with environment(STEWARD_IMAP_PASSWORD="wrong"):
        ok, _said, remedy = found()
        assert (ok, "STEWARD_IMAP_PASSWORD" in remedy) == (False, True)
        assert "it is tried again at" in found()[1]
    with environment(STEWARD_IMAP_HOST=""):
        assert "Mailbox" not in {finding.subject for finding in examine(server_known=False)}


def _settings(server: ImapServer) -> dict[str, str]:
    return {
        "STEWARD_IMAP_HOST": "127.0.0.1",
        "STEWARD_IMAP_PORT": str(server.port),
        "STEWARD_IMAP_SECURITY": "none",
        "STEWARD_IMAP_USER": USER,
        "STEWARD_IMAP_PASSWORD": PASSWORD,
        "STEWARD_IMAP_TIMEOUT_SECONDS": "15",
    }


def _mail(own: str, subject: str = "Tap", refers: str = "") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Resident <unit-001@residents.example.com>", "desk@custodian.example.com"
    mail["Subject"], mail["Date"], mail["Message-ID"] = subject, "Mon, 01 Jan 2001 00:00:00 +0000", f"<{own}>"
    if refers:
        mail["In-Reply-To"] = f"<{refers}>"
    mail.set_content("It drips.")
    return mail.as_bytes()


def _arrived(at: datetime) -> str:
    return at.strftime("%d-%b-%Y %H:%M:%S +0000")


def _subjects() -> list[str]:
    with reading() as session:
        return list(session.exec(select(RequestMessage.subject).order_by(col(RequestMessage.id))).all())


def _certificate(folder: Path) -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths
