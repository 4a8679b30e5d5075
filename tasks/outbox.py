"""Which mails are to leave? Queued with the fact they tell of, sent later, each at most once knowingly."""

import asyncio
import contextlib
import hashlib
import ssl
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiosmtplib
from sqlalchemy import ColumnElement, Update
from sqlmodel import Session, col, func, or_, select, update

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import MailLoginRefused, MailServerUnavailable, Terminal
from models.faults import fault_point
from models.outbox import DeliveryAttempt, OutboxMail
from models.people import Person
from models.rules.survey_reminders import INVITATION, REMINDER, wave_of_mail
from models.settings import settings
from models.staff import StaffMember
from models.survey import SurveySample
from models.survey_codes import survey_code
from models.upsert import insert_if_absent
from reports.mail import Attachment, MailDraft, MailRefused, build_message, mail_address
from reports.mail_bodies import notice_mail
from tasks.answer_ways import AnswerWays, answer_ways
from tasks.engagements import engagement_id
from tasks.files import read_file
from tasks.steps import step

URGENT = ("emergency",)
"""Kinds of mail that leave before all others, however many wait."""
CLAIMED_AT_ONCE = 10
"""So many mails are taken at a time; an urgent one that comes meanwhile waits for these at most."""
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
    language: str = ""
    """zh or en; the engagement's where empty."""


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


@dataclass(frozen=True)
class ClaimedMail:
    """A mail this process may send, and what its message is made of."""

    mail: OutboxMail
    person: Person | None

    @property
    def claim(self) -> tuple[int, int]:
        """Key of the mail and number of the attempt."""
        if self.mail.id is None:
            raise ValueError("a mail that was never queued")
        return self.mail.id, self.mail.attempt


@dataclass(frozen=True)
class TriedMail:
    """What became of an attempt, before it is written down."""

    mail_id: int
    attempt: int
    outcome: str
    code: str


def queue_letters(
    session: Session, engagement: Engagement, person_refs: Sequence[str], letter: Letter, on: date
) -> int:
    """Queue one mail per person in the caller's transaction; a mail queued before is not queued again.

    Returns:
        How many were new.
    """
    key = engagement_id(engagement)
    dated_at = utc_now()
    if engagement.simulated_on is not None:  # its day is not ours; a real mail is of the moment it is written
        dated_at = datetime.combine(on, time(9), ZoneInfo(engagement.timezone)).astimezone(ZoneInfo("UTC"))
    body = {
        "title": letter.title,
        "paragraphs": list(letter.paragraphs),
        "facts": [list(fact) for fact in letter.facts],
        "language": letter.language or engagement.language,
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


def people_with_role(
    session: Session, engagement: Engagement, *roles: str, by_phone: bool = False
) -> list[str]:
    """References of the people with these roles who can be written to, or `by_phone` also telephoned."""
    return list(
        session.exec(
            select(Person.ref)
            .where(
                Person.engagement_id == engagement_id(engagement),
                col(Person.role).in_(roles),
                _reachable(by_phone),
                col(Person.erased_on).is_(None),
            )
            .order_by(Person.ref)
        ).all()
    )


def people_on_posts(session: Session, key: int, *, by_phone: bool = False) -> dict[str, list[str]]:
    """References of the staff who can be written to, or `by_phone` also telephoned, by the code of their post."""
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
            _reachable(by_phone),
            col(Person.erased_on).is_(None),
        )
        .order_by(StaffMember.ref)
    ).all():
        people.setdefault(post, []).append(ref)
    return people


def _reachable(by_phone: bool) -> ColumnElement[bool]:
    mail = col(Person.email) != ""
    return or_(mail, col(Person.phone) != "") if by_phone else mail


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


def retry_failed(dedup_key: str) -> None:
    """Queue a mail again that was refused for good, for instance after the address was put right.

    Raises:
        Terminal: the mail has not failed.
    """
    with writing() as session:
        mail = session.exec(select(OutboxMail).where(OutboxMail.dedup_key == dedup_key)).one_or_none()
        if mail is None or mail.state != "failed":
            raise Terminal(
                f"The mail {dedup_key!r} has not failed; `steward mail list --state failed` shows those that have."
            )
        mail.state, mail.not_before = "queued", utc_now()
        session.add(mail)
        record_event(session, mail.engagement_id, "mail.retried", mail.dedup_key, {"code": mail.last_code})


def mail_waits() -> bool:
    """Whether a mail could be sent now."""
    with reading() as session:
        return session.exec(select(OutboxMail.id).where(*_waiting()).limit(1)).first() is not None


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
    """Send mail after mail. Each but the first costs one transaction: the last one's outcome, this one's start."""
    counts = {"sent": 0, "deferred": 0, "failed": 0, "uncertain": 0}
    server: aiosmtplib.SMTP | None = None
    claimed: deque[ClaimedMail] = deque()
    tried: TriedMail | None = None
    try:
        for left in range(limit, 0, -1):
            if not claimed:
                _settle(counts, tried)
                tried = None
                claimed.extend(_claim_next(min(left, CLAIMED_AT_ONCE)))
            if not claimed:
                break
            fault_point("mail.before_connect")
            ready = _ready(claimed[0])
            if ready is not None and (server is None or not server.is_connected):
                _settle(counts, tried)
                tried = None
                server = await _connect()
            mail_id, attempt = claimed.popleft().claim
            if not _take_turn(counts, tried, mail_id, attempt):
                tried = None
                continue  # this process was given up on while it stood still: another sender has the mail
            outcome, code = (
                ("failed", "address or content refused")
                if server is None or ready is None
                else await _hand_over(server, ready)
            )
            tried = TriedMail(mail_id, attempt, outcome, code)
        _settle(counts, tried)
    finally:
        _give_back(claimed)
        if server is not None and server.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await server.quit()  # every mail is settled by now, whatever becomes of the good-bye
    return DeliveryCount(**counts)


async def _connect() -> aiosmtplib.SMTP:
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
        raise MailLoginRefused(
            f"The mail server refused our login (code {error.code}); nothing was sent and no further login is "
            "tried. Correct STEWARD_SMTP_USER and STEWARD_SMTP_PASSWORD."
        ) from error
    except (aiosmtplib.SMTPException, OSError) as error:
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


def _claim_next(how_many: int) -> list[ClaimedMail]:
    """Take the mails that are next, and write each attempt down before anything goes over the wire."""
    with writing() as session:
        mails = session.exec(
            select(OutboxMail)
            .where(*_waiting())
            .order_by(col(OutboxMail.kind).in_(URGENT).desc(), col(OutboxMail.dated_at), col(OutboxMail.id))
            .limit(how_many)
            .with_for_update(skip_locked=True)
        ).all()
        people = {
            (person.engagement_id, person.ref): person
            for person in session.exec(
                select(Person).where(
                    col(Person.engagement_id).in_({mail.engagement_id for mail in mails}),
                    col(Person.ref).in_({mail.person_ref for mail in mails}),
                )
            ).all()
        }
        for mail in mails:
            mail.state, mail.attempt, mail.lease_until = "claimed", mail.attempt + 1, _lease_end()
        claimed = [ClaimedMail(mail, people.get((mail.engagement_id, mail.person_ref))) for mail in mails]
        session.add_all(
            DeliveryAttempt(mail_id=mail_id, attempt=attempt)
            for mail_id, attempt in (one.claim for one in claimed)
        )
        return claimed


def _give_back(claimed: Sequence[ClaimedMail]) -> None:
    """Queue again what was claimed and not touched: the server could not be reached, or this process ends."""
    if not claimed:
        return
    with writing() as session:
        for mail_id, attempt in (one.claim for one in claimed):
            session.exec(
                _held(mail_id, attempt).values(state="queued", lease_until=None, last_code="not tried")
            )
            session.exec(_attempts(mail_id, attempt).values(phase="finished", code="not tried"))


def _ready(claimed: ClaimedMail) -> ReadyMail | None:
    mail, person = claimed.mail, claimed.person
    if person is None or person.erased_on is not None:
        return None
    body = mail.body
    zh = body["language"] == "zh"
    with reading() as session:
        ways = answer_ways(session, mail.engagement_id, mail.kind, mail.period, mail.person_ref)
        form = _form_link(session, mail)
    try:
        subject, html, text = notice_mail(
            title=body["title"],
            paragraphs=tuple(body["paragraphs"]),
            facts=(*((label, value) for label, value in body["facts"]), *_secret_facts(mail, ways)),
            greeting_name=person.name,
            language=body["language"],
            links=(
                *((("我已收到" if zh else "I have been reached", ways.link),) if ways and ways.link else ()),
                *((("在线答复" if zh else "Answer online", form),) if form else ()),
            ),
        )
        if ways and ways.reply_to:
            subject = f"{subject} [{ways.token}]"
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
            reply_to=(ways.reply_to or None) if ways else None,
        )
        return ReadyMail(mail_address(person.email), build_message(draft))
    except (MailRefused, OSError, ValueError):
        return None


def survey_link(session: Session, key: int, wave: str) -> str:
    """The address of a wave's form elsewhere, with {code} in it; empty where none was planned."""
    choices = session.exec(
        select(SurveySample.choices).where(SurveySample.engagement_id == key, SurveySample.period == wave)
    ).one_or_none()
    return str((choices or {}).get("link", ""))


def _form_link(session: Session, mail: OutboxMail) -> str:
    """The form elsewhere with the reader's single-use code, put in as the mail leaves; empty where there is none."""
    if mail.kind not in (INVITATION, REMINDER):
        return ""
    wave = wave_of_mail(mail.kind, mail.period)
    engagement = mail.dedup_key.split(":", 1)[0]
    link = survey_link(session, mail.engagement_id, wave)
    return link.replace("{code}", survey_code(engagement, wave, mail.person_ref))


def _secret_facts(mail: OutboxMail, ways: AnswerWays | None) -> tuple[tuple[str, str], ...]:
    """What goes into the mail as it leaves, and a single-use code with it; the outbox itself never holds it."""
    if ways and ways.reply_to:
        if mail.body["language"] == "zh":
            return (("确认", "请直接回复本邮件（保留主题），即视为您已收到呼叫。"),)
        return (("Answer", "Reply to this mail and leave its subject: then you count as reached."),)
    if mail.kind not in (INVITATION, REMINDER):
        return ()
    engagement = mail.dedup_key.split(":", 1)[0]
    label = "一次性答题码" if mail.body["language"] == "zh" else "Your single-use code"
    return ((label, survey_code(engagement, wave_of_mail(mail.kind, mail.period), mail.person_ref)),)


def _take_turn(counts: dict[str, int], tried: TriedMail | None, mail_id: int, attempt: int) -> bool:
    """Write down how the last mail fared and that the server may have this one from now on.

    Returns:
        False if our claim on this one has run out meanwhile.
    """
    with writing() as session:
        counted = _record_outcome(session, tried) if tried else None
        held = session.exec(_held(mail_id, attempt).values(lease_until=_lease_end())).rowcount == 1
        if held:
            session.exec(_attempts(mail_id, attempt).values(phase="transmitting"))
    if counted:
        counts[counted] += 1
    return held


def _settle(counts: dict[str, int], tried: TriedMail | None) -> None:
    """Write down how the last mail fared; nothing is left to write down then."""
    if tried:
        with writing() as session:
            counted = _record_outcome(session, tried)
        counts[counted] += 1


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return col(OutboxMail.state) == "queued", col(OutboxMail.not_before) <= utc_now()


def _held(mail_id: int, attempt: int) -> Update:
    return update(OutboxMail).where(
        col(OutboxMail.id) == mail_id,
        col(OutboxMail.attempt) == attempt,
        col(OutboxMail.state) == "claimed",
    )


def _lease_end() -> datetime:
    return utc_now() + timedelta(seconds=settings().mail_lease_seconds)


def _record_outcome(session: Session, tried: TriedMail) -> str:
    """Write the result down; returns the counter it belongs to."""
    mail = session.get(OutboxMail, tried.mail_id, with_for_update=True)
    if mail is None or mail.attempt != tried.attempt or mail.state != "claimed":
        return "uncertain"
    outcome = tried.outcome
    mail.lease_until, mail.last_code = None, tried.code
    if outcome == "uncertain" and mail.may_repeat and tried.attempt == 1:
        mail.state = "queued"
        mail.not_before = utc_now() + BACK_OFF[0]
    elif outcome == "deferred" and (refusals := _refusals(session, tried.mail_id)) + 1 < MAX_REFUSALS:
        mail.state = "queued"
        mail.not_before = utc_now() + BACK_OFF[min(refusals, len(BACK_OFF) - 1)]
    else:
        mail.state = {"sent": "sent", "uncertain": "uncertain"}.get(outcome, "failed")
        mail.sent_at = utc_now() if mail.state == "sent" else None
    session.add(mail)
    session.exec(_attempts(tried.mail_id, tried.attempt).values(phase="finished", code=tried.code))
    if mail.state != "queued":
        record_event(session, mail.engagement_id, f"mail.{mail.state}", mail.dedup_key, {"code": tried.code})
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
