"""Which mails are to leave? Queued with the fact they tell of, sent later, each at most once knowingly."""

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiosmtplib
from sqlalchemy import Update
from sqlmodel import Session, col, func, select, update

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import MailLoginRefused, MailServerUnavailable, Terminal
from models.faults import fault_point
from models.outbox import DeliveryAttempt, OutboxMail
from models.people import Person
from models.settings import settings
from models.staff import StaffMember
from models.survey_codes import survey_code
from models.upsert import insert_if_absent
from reports.mail import Attachment, MailDraft, MailRefused, build_message, mail_address
from reports.mail_bodies import notice_mail
from tasks.engagements import engagement_id
from tasks.files import read_file
from tasks.steps import step

URGENT = ("emergency",)
"""Kinds of mail that leave before all others, however many wait."""
MAX_REFUSALS = 5
"""After so many temporary refusals of one mail it counts as failed."""
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


@dataclass(frozen=True)
class Letter:
    """What a mail says: facts for the template, and files by their hash."""

    kind: str
    period: str
    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    attachments: tuple[tuple[str, str, str], ...] = ()
    """(file name, media type, sha256) of each."""
    may_repeat: bool = False


@dataclass(frozen=True)
class DeliveryCount:
    """What one drain of the outbox did."""

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    uncertain: int = 0


@dataclass(frozen=True)
class ReadyMail:
    """A message as it goes over the wire, and the one envelope it goes in."""

    recipient: str
    content: bytes


def queue_letters(
    session: Session, engagement: Engagement, person_refs: Sequence[str], letter: Letter, on: date
) -> int:
    """Queue one mail per person in the caller's transaction; a mail queued before is not queued again.

    Returns:
        How many were new.
    """
    key = engagement_id(engagement)
    dated_at = datetime.combine(on, time(9), ZoneInfo(engagement.timezone)).astimezone(ZoneInfo("UTC"))
    body = {
        "title": letter.title,
        "paragraphs": list(letter.paragraphs),
        "facts": [list(fact) for fact in letter.facts],
        "language": engagement.language,
    }
    attachments = [
        {"file_name": name, "media_type": media, "sha256": sha256}
        for name, media, sha256 in letter.attachments
    ]
    rows: list[dict[str, Any]] = []
    for ref in person_refs:
        dedup_key = f"{engagement.code}:{letter.kind}:{letter.period}:{ref}"
        digest = hashlib.sha256(dedup_key.encode()).hexdigest()[:32]
        rows.append(
            {
                "engagement_id": key,
                "dedup_key": dedup_key,
                "message_id": f"<{digest}@{settings().mail_sender.partition('@')[2]}>",
                "person_ref": ref,
                "kind": letter.kind,
                "period": letter.period,
                "body": body,
                "attachments": attachments,
                "may_repeat": letter.may_repeat,
                "state": "queued",
                "attempt": 0,
                "not_before": utc_now(),
                "last_code": "",
                "dated_at": dated_at,
            }
        )
    queued = insert_if_absent(session, OutboxMail, rows)
    if queued:
        record_event(session, key, "mail.queued", f"{letter.kind}:{letter.period}", {"recipients": queued})
    return queued


def people_with_role(session: Session, engagement: Engagement, *roles: str) -> list[str]:
    """References of the people with these roles who can be written to."""
    return list(
        session.exec(
            select(Person.ref)
            .where(
                Person.engagement_id == engagement_id(engagement),
                col(Person.role).in_(roles),
                Person.email != "",
                col(Person.erased_on).is_(None),
            )
            .order_by(Person.ref)
        ).all()
    )


def people_on_posts(session: Session, key: int) -> dict[str, list[str]]:
    """References of the staff who can be written to, by the code of their post."""
    people: dict[str, list[str]] = {}
    for post, ref in session.exec(
        select(StaffMember.post_code, StaffMember.ref)
        .join(
            Person,
            (col(Person.engagement_id) == col(StaffMember.engagement_id))
            & (col(Person.ref) == col(StaffMember.ref)),
        )
        .where(
            StaffMember.engagement_id == key,
            col(StaffMember.left_on).is_(None),
            Person.email != "",
            col(Person.erased_on).is_(None),
        )
        .order_by(StaffMember.ref)
    ).all():
        people.setdefault(post, []).append(ref)
    return people


@step("Send the mails that are waiting")
def drain_outbox(limit: int = 500) -> DeliveryCount:
    """Send what is queued, one envelope a person; stops at once if the server refuses our login.

    Raises:
        MailServerUnavailable: the server cannot be reached; everything stays queued.
    """
    release_expired_claims()
    return asyncio.run(_drain(limit))


def release_expired_claims() -> int:
    """Settle the mails of a sender that died: not yet transmitted is queued again, else uncertain.

    After the server may have taken the message we cannot know. A statement is then left to a person; a
    reminder may go once more, under the same Message-ID.
    """
    settled = 0
    with writing() as session:
        dead = session.exec(
            select(OutboxMail, DeliveryAttempt)
            .join(
                DeliveryAttempt,
                (col(DeliveryAttempt.mail_id) == col(OutboxMail.id))
                & (col(DeliveryAttempt.attempt) == col(OutboxMail.attempt)),
                isouter=True,
            )
            .where(OutboxMail.state == "claimed", col(OutboxMail.lease_until) < utc_now())
        ).all()
        for mail, attempt in dead:
            transmitted = attempt is not None and attempt.phase != "claimed"
            mail.state = (
                "queued" if not transmitted or (mail.may_repeat and mail.attempt == 1) else "uncertain"
            )
            mail.lease_until = None
            mail.last_code = "lease expired"
            session.add(mail)
            settled += 1
            record_event(
                session,
                mail.engagement_id,
                f"mail.{'uncertain' if mail.state == 'uncertain' else 'requeued'}",
                mail.dedup_key,
                {"attempt": mail.attempt},
            )
    return settled


def resolve_uncertain(dedup_key: str, arrived: bool) -> None:
    """Record what a person found out about an uncertain mail: it arrived, or it is to be sent again.

    Raises:
        Terminal: the mail is not uncertain.
    """
    with writing() as session:
        mail = session.exec(select(OutboxMail).where(OutboxMail.dedup_key == dedup_key)).one_or_none()
        if mail is None or mail.state != "uncertain":
            raise Terminal(
                f"The mail {dedup_key!r} is not uncertain, so there is nothing to decide about it."
            )
        mail.state, mail.sent_at = ("sent", utc_now()) if arrived else ("queued", None)
        session.add(mail)
        record_event(session, mail.engagement_id, "mail.resolved", mail.dedup_key, {"arrived": arrived})


def unsettled_mails() -> int:
    """How many mails wait, are being sent, or are uncertain."""
    with reading() as session:
        return session.exec(
            select(func.count())
            .select_from(OutboxMail)
            .where(col(OutboxMail.state).in_(("queued", "claimed", "uncertain")))
        ).one()


def uncertain_mails() -> list[tuple[str, str]]:
    """Key and Message-ID of the mails of which we do not know whether they arrived."""
    with reading() as session:
        rows = session.exec(
            select(OutboxMail.dedup_key, OutboxMail.message_id).where(OutboxMail.state == "uncertain")
        ).all()
        return [(key, message_id) for key, message_id in rows]


async def _drain(limit: int) -> DeliveryCount:
    counts = {"sent": 0, "deferred": 0, "failed": 0, "uncertain": 0}
    server: aiosmtplib.SMTP | None = None
    try:
        for _ in range(limit):
            claimed = _claim_next()
            if claimed is None:
                break
            mail_id, attempt, ready = claimed
            fault_point("mail.before_connect")
            if ready is None:
                outcome, code = "failed", "address or content refused"
            else:
                if server is None or not server.is_connected:
                    server = await _connect(mail_id, attempt)
                if not _mark_transmitting(mail_id, attempt):
                    continue  # this process was given up on while it stood still: another sender has the mail
                outcome, code = await _hand_over(server, ready)
            counts[_record_outcome(mail_id, attempt, outcome, code)] += 1
    finally:
        if server is not None and server.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await server.quit()  # every mail is settled by now, whatever becomes of the good-bye
    return DeliveryCount(**counts)


async def _connect(mail_id: int, attempt: int) -> aiosmtplib.SMTP:
    chosen = settings()
    server = aiosmtplib.SMTP(
        hostname=chosen.smtp_host,
        port=chosen.smtp_port,
        timeout=chosen.smtp_timeout_seconds,
        use_tls=chosen.smtp_security == "tls",
        start_tls=chosen.smtp_security == "starttls",
        tls_context=None if chosen.smtp_security == "none" else ssl.create_default_context(),
        username=chosen.smtp_user or None,
        password=chosen.smtp_password.get_secret_value() or None,
    )
    try:
        await server.connect()
    except aiosmtplib.SMTPAuthenticationError as error:
        _record_outcome(mail_id, attempt, "untried", str(error.code))
        raise MailLoginRefused(
            f"The mail server refused our login (code {error.code}); nothing was sent and no further login is "
            "tried. Correct STEWARD_SMTP_USER and STEWARD_SMTP_PASSWORD."
        ) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        _record_outcome(mail_id, attempt, "untried", type(error).__name__)
        raise MailServerUnavailable(
            f"The mail server {chosen.smtp_host}:{chosen.smtp_port} could not be used "
            f"({type(error).__name__}); every mail stays queued. Check STEWARD_SMTP_*, then `steward doctor`."
        ) from error
    return server


async def _hand_over(server: aiosmtplib.SMTP, ready: ReadyMail) -> tuple[str, str]:
    """Transmit one message and say what the server's answer means."""
    try:
        await server.mail(settings().mail_sender)
        await server.rcpt(ready.recipient)
    except aiosmtplib.SMTPResponseException as error:
        await _reset(server)
        return _by_code(error.code)
    except (aiosmtplib.SMTPException, OSError) as error:
        return "deferred", type(error).__name__  # before DATA: the server cannot have the message
    try:
        fault_point("mail.before_data")
        response = await server.data(ready.content)
        fault_point("mail.after_accept")
        return "sent", str(response.code)
    except aiosmtplib.SMTPResponseException as error:
        return _by_code(error.code)
    except (aiosmtplib.SMTPException, OSError) as error:
        return "uncertain", type(error).__name__


async def _reset(server: aiosmtplib.SMTP) -> None:
    try:
        await server.rset()
    except (aiosmtplib.SMTPException, OSError):
        server.close()


def _by_code(code: int) -> tuple[str, str]:
    return ("deferred" if 400 <= code < 500 else "failed"), str(code)


def _claim_next() -> tuple[int, int, ReadyMail | None] | None:
    """Take one waiting mail and write the attempt down before anything goes over the wire."""
    with writing() as session:
        query = (
            select(OutboxMail)
            .where(OutboxMail.state == "queued", OutboxMail.not_before <= utc_now())
            .order_by(col(OutboxMail.kind).in_(URGENT).desc(), col(OutboxMail.dated_at), col(OutboxMail.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        mail = session.exec(query).one_or_none()
        if mail is None or mail.id is None:
            return None
        mail.state, mail.attempt = "claimed", mail.attempt + 1
        mail.lease_until = _lease_end()
        session.add(mail)
        session.add(DeliveryAttempt(mail_id=mail.id, attempt=mail.attempt))
        person = session.exec(
            select(Person).where(Person.engagement_id == mail.engagement_id, Person.ref == mail.person_ref)
        ).one_or_none()
        return mail.id, mail.attempt, _ready(mail, person)


def _ready(mail: OutboxMail, person: Person | None) -> ReadyMail | None:
    if person is None or person.erased_on is not None:
        return None
    body = mail.body
    try:
        subject, html, text = notice_mail(
            title=body["title"],
            paragraphs=tuple(body["paragraphs"]),
            facts=(*((label, value) for label, value in body["facts"]), *_secret_facts(mail)),
            greeting_name=person.name,
            language=body["language"],
        )
        draft = MailDraft(
            subject=subject,
            to_name=person.name,
            to_address=person.email,
            html=html,
            text=text,
            attachments=tuple(
                Attachment(item["file_name"], item["media_type"], read_file(item["sha256"]))
                for item in mail.attachments
            ),
            message_id=mail.message_id,
            sent_at=mail.dated_at,
            sender_name=settings().mail_sender_name,
            sender_address=settings().mail_sender,
        )
        return ReadyMail(mail_address(person.email), build_message(draft))
    except (MailRefused, OSError, ValueError):
        return None


def _secret_facts(mail: OutboxMail) -> tuple[tuple[str, str], ...]:
    """A single-use code goes into the mail as it leaves; the outbox itself never holds it."""
    if mail.kind != "survey-invitation":
        return ()
    engagement = mail.dedup_key.split(":", 1)[0]
    label = "一次性答题码" if mail.body["language"] == "zh" else "Your single-use code"
    return ((label, survey_code(engagement, mail.period, mail.person_ref)),)


def _mark_transmitting(mail_id: int, attempt: int) -> bool:
    """Note that the server may have the mail from now on; False if our claim on it has run out meanwhile."""
    with writing() as session:
        held = session.exec(
            update(OutboxMail)
            .where(
                col(OutboxMail.id) == mail_id,
                col(OutboxMail.attempt) == attempt,
                col(OutboxMail.state) == "claimed",
            )
            .values(lease_until=_lease_end())
        )
        if held.rowcount == 1:
            session.exec(_attempts(mail_id, attempt).values(phase="transmitting"))
        return held.rowcount == 1


def _lease_end() -> datetime:
    return utc_now() + timedelta(seconds=settings().mail_lease_seconds)


def _record_outcome(mail_id: int, attempt: int, outcome: str, code: str) -> str:
    """Write the result down; returns the counter it belongs to."""
    with writing() as session:
        mail = session.get(OutboxMail, mail_id, with_for_update=True)
        if mail is None or mail.attempt != attempt or mail.state != "claimed":
            return "uncertain"
        mail.lease_until, mail.last_code = None, code
        if outcome == "untried":
            mail.state = "queued"  # nothing was sent: the server could not be reached at all
        elif outcome == "uncertain" and mail.may_repeat and attempt == 1:
            mail.state = "queued"
            mail.not_before = utc_now() + BACK_OFF[0]
        elif outcome == "deferred" and (refusals := _refusals(session, mail_id)) + 1 < MAX_REFUSALS:
            mail.state = "queued"
            mail.not_before = utc_now() + BACK_OFF[min(refusals, len(BACK_OFF) - 1)]
        else:
            mail.state = {"sent": "sent", "uncertain": "uncertain"}.get(outcome, "failed")
            mail.sent_at = utc_now() if mail.state == "sent" else None
        session.add(mail)
        session.exec(_attempts(mail_id, attempt).values(phase="finished", code=code))
        if mail.state != "queued":
            record_event(session, mail.engagement_id, f"mail.{mail.state}", mail.dedup_key, {"code": code})
        return "deferred" if mail.state == "queued" else mail.state


def _refusals(session: Session, mail_id: int) -> int:
    return session.exec(
        select(func.count())
        .select_from(DeliveryAttempt)
        .where(DeliveryAttempt.mail_id == mail_id, col(DeliveryAttempt.code).like("4__"))
    ).one()


def _attempts(mail_id: int, attempt: int) -> Update:
    return update(DeliveryAttempt).where(
        col(DeliveryAttempt.mail_id) == mail_id, col(DeliveryAttempt.attempt) == attempt
    )
