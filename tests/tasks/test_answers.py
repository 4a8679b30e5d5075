"""Does whoever was called count as reached once they answer by mail or link, once, and nobody because a robot did? (B8)"""

import email
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from deployments.answer_server import start_answer_server
from models.audit import AuditEvent
from models.clock import utc_now
from models.db import reading, writing
from models.emergency import IncidentEntry, IncidentNotice, IncidentToken
from models.intake import PersonForm
from models.outbox import OutboxMail
from models.service_desk import RequestMessage, ServiceRequest
from models.staff import StaffMember
from tasks.answers import Verdict, answer_by_token
from tasks.call_tree import call_on
from tasks.emergencies import activate_plan, stand_down
from tasks.engagements import find_engagement
from tasks.intake import record_people
from tasks.outbox import drain_outbox
from tasks.request_mail import take_mails
from tests.conftest import MailServer
from tests.databases import environment

ALARM = datetime(2026, 11, 5, 6, 40, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOKEN = re.compile(r"ACK-[0-9A-Z]{26}")


@pytest.fixture
def answerable(home: Path) -> Iterator[None]:
    """An installation whose desk's mailbox is fetched, and whose answer page is reachable."""
    with environment(
        STEWARD_REPLY_ADDRESS="desk@custodian.example.com",
        STEWARD_IMAP_HOST="127.0.0.1",
        STEWARD_ANSWER_URL="https://answers.example.com/",
    ):
        yield


@pytest.mark.usefixtures("answerable")
def test_answering_the_mail_counts_as_reached_once(
    in_service: str, mail_server: MailServer, tmp_path: Path
) -> None:
    call = _called(in_service, mail_server)
    assert call["Reply-To"] == "desk@custodian.example.com"
    answer = _reply(call, "On my way, 13812345678\n\n> old")
    assert _take(in_service, tmp_path, answer) == [("answer", "electrician-1 of E-1: recorded")]
    assert _take(in_service, tmp_path, answer) == [("known", "")]
    again = _reply(call, "Really", own="second@x")
    assert _take(in_service, tmp_path, again) == [("answer", "electrician-1 of E-1: answered before")]
    call_on(in_service, "E-1", ALARM + 60 * MINUTE)
    assert _told(in_service, "electrician") == ["electrician-1"]
    with reading() as session:
        lines = session.exec(select(IncidentEntry).where(IncidentEntry.staff_ref == "electrician-1")).all()
        kept = session.exec(select(RequestMessage).order_by(col(RequestMessage.id))).all()
        assert session.exec(select(ServiceRequest)).all() == [], "an answer is no request"
        trail = session.exec(select(AuditEvent)).all()
    assert [(line.kind, line.text) for line in lines] == [
        ("acknowledged", "electrician"),
        ("note", "On my way, [telephone]"),
    ]
    assert not any(TOKEN.search(f"{row.subject} {row.text}") for row in kept)
    assert not any(TOKEN.search(f"{event.subject} {event.detail}") for event in trail)
    with reading() as session:
        assert not any(TOKEN.search(str(mail.body)) for mail in session.exec(select(OutboxMail)).all())


@pytest.mark.usefixtures("answerable")
def test_a_robots_answer_and_a_made_up_token_reach_nobody(
    sqlite_in_service: str, mail_server: MailServer, tmp_path: Path
) -> None:
    call = _called(sqlite_in_service, mail_server)
    away = _reply(call, "I am on holiday", own="away@x")
    away["Auto-Submitted"] = "auto-replied"
    assert _take(sqlite_in_service, tmp_path, away) == [("auto_reply", "")]
    forged = _reply(call, "Me", own="forged@x", token="ACK-" + "0" * 26)
    assert _take(sqlite_in_service, tmp_path, forged) == [("request", "")]
    assert _acknowledged() == []


@pytest.mark.usefixtures("answerable")
def test_after_the_incident_or_its_time_an_answer_is_too_late(
    sqlite_in_service: str, mail_server: MailServer, tmp_path: Path
) -> None:
    call = _called(sqlite_in_service, mail_server)
    token = TOKEN.search(str(call["Subject"]))[0]  # type: ignore[index]
    _expire()
    assert answer_by_token(token, utc_now(), "link").verdict is Verdict.LATE
    _expire(hours=1)
    stand_down.fn(sqlite_in_service, "E-1", ALARM + 60 * MINUTE, 0, "")
    assert _take(sqlite_in_service, tmp_path, _reply(call, "Coming")) == [
        ("answer", "electrician-1 of E-1: too late")
    ]
    assert _acknowledged() == []


@pytest.mark.usefixtures("answerable")
def test_the_link_asks_first_records_once_and_tells_strangers_nothing(
    in_service: str, mail_server: MailServer
) -> None:
    call = _called(in_service, mail_server)
    html = call.get_body(("html",)).get_content()  # type: ignore[union-attr]
    (link,) = set(re.findall(r"https://answers\.example\.com/a/ACK-[0-9A-Z]{26}", html))
    server = start_answer_server(0)
    try:
        base = f"http://127.0.0.1:{server.server_address[1]}"
        page = base + link.removeprefix("https://answers.example.com")
        for _scanner in range(3):
            seen = httpx.get(page)
            assert (seen.status_code, "form method" in seen.text) == (200, True)
            assert httpx.head(page).status_code == 501
        assert httpx.post(page).status_code == 404, "a form that was not filled in"
        assert _acknowledged() == []
        assert "Burst" not in seen.text
        assert seen.headers["Referrer-Policy"] == "no-referrer"
        with ThreadPoolExecutor(8) as pool:
            codes = sorted(
                pool.map(lambda _n: httpx.post(page, data={"answer": "yes"}).status_code, range(8))
            )
        assert codes == [200, *[404] * 7], "of many at once one is recorded"
        used, unknown = (
            httpx.post(address, data={"answer": "yes"}) for address in (page, f"{base}/a/ACK-{'0' * 26}")
        )
        assert (used.status_code, used.text) == (unknown.status_code, unknown.text)
        assert httpx.get(f"{base}/").status_code == httpx.get(f"{base}/packs/").status_code == 404
    finally:
        server.shutdown()
        server.server_close()
    assert _acknowledged() == ["electrician-1"]
    with reading() as session:
        assert session.exec(
            select(IncidentToken.used_by).where(col(IncidentToken.used_at).is_not(None))
        ).all() == ["link"]
        actors = session.exec(select(AuditEvent.who).where(AuditEvent.tag == "incident.acknowledged")).all()
    assert actors == ["link"]


@pytest.mark.usefixtures("answerable")
def test_a_custodian_who_answers_before_being_called_is_not_gone_over(
    sqlite_in_service: str, mail_server: MailServer, tmp_path: Path
) -> None:
    _called(sqlite_in_service, mail_server)
    told = next(
        m for m in _mails(mail_server) if "custodian" in str(m["To"]) and TOKEN.search(str(m["Subject"]))
    )
    with writing() as session:
        for mail in session.exec(select(OutboxMail).where(OutboxMail.person_ref == "electrician-1")).all():
            mail.state = "failed"
            session.add(mail)
    if not _acknowledged():
        _take(sqlite_in_service, tmp_path, _reply(told, "I know"))
    call_on(sqlite_in_service, "E-1", ALARM + MINUTE)
    call_on(sqlite_in_service, "E-1", ALARM + 60 * MINUTE)
    with reading() as session:
        own = session.exec(select(IncidentNotice).where(IncidentNotice.person_ref == "custodian-1")).all()
        log = session.exec(select(IncidentEntry.text)).all()
    assert own
    assert all(notice.acknowledged_at is not None for notice in own)
    assert not any("nobody reached" in line for line in log)


def test_where_nobody_fetches_answers_the_call_out_offers_none(
    sqlite_in_service: str, mail_server: MailServer
) -> None:
    call = _called(sqlite_in_service, mail_server)
    assert call["Reply-To"] is None
    assert not TOKEN.search(str(call))


def _called(code: str, mail_server: MailServer) -> EmailMessage:
    """An electrician is called; the mail as it arrived."""
    record_people(
        code,
        [
            PersonForm(
                ref="electrician-1", role="staff", name="N", email="electrician-1@custodian.example.com"
            )
        ],
    )
    with writing() as session:
        key = find_engagement(session, code).id or 0
        session.add(
            StaffMember(
                engagement_id=key,
                ref="electrician-1",
                post_code="electrician",
                assigned_on=date(2026, 10, 15),
            )
        )
    activate_plan.fn(code, "E-1", "burst_pipe", "Water in the basement", ALARM)
    drain_outbox.fn()
    return next(mail for mail in _mails(mail_server) if "electrician-1@" in str(mail["To"]))


def _mails(mail_server: MailServer) -> list[EmailMessage]:
    return [
        email.message_from_bytes(envelope.original_content or b"", policy=default)  # type: ignore[misc]
        for envelope in mail_server.envelopes
    ]


def _reply(call: EmailMessage, text: str, own: str = "first@x", token: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "N <electrician-1@custodian.example.com>", "desk@custodian.example.com"
    subject = str(call["Subject"])
    mail["Subject"] = f"Re: {TOKEN.sub(token, subject) if token else subject}"
    mail["Date"], mail["Message-ID"] = "Thu, 05 Nov 2026 06:45:00 +0000", f"<{own}>"
    mail["In-Reply-To"] = str(call["Message-ID"])
    mail.set_content(text)
    return mail


def _take(code: str, folder: Path, mail: EmailMessage) -> list[tuple[str, str]]:
    (folder / "mail.eml").write_bytes(mail.as_bytes())
    return [(taken.outcome, taken.note) for taken in take_mails(code, folder / "mail.eml")]


def _expire(hours: int = -1) -> None:
    with writing() as session:
        for token in session.exec(select(IncidentToken)).all():
            token.expires_at = utc_now() + timedelta(hours=hours)
            session.add(token)


def _acknowledged() -> list[str]:
    with reading() as session:
        return list(
            session.exec(
                select(IncidentNotice.person_ref).where(col(IncidentNotice.acknowledged_at).is_not(None))
            ).all()
        )


def _told(code: str, role: str) -> list[str]:
    with reading() as session:
        return list(session.exec(select(IncidentNotice.person_ref).where(IncidentNotice.role == role)).all())
