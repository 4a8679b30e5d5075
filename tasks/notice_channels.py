"""By which ways is somebody told of an emergency? Mail, and text messages where a gateway is configured (B8)."""

from datetime import date
from typing import Protocol

from sqlmodel import Session, col, select

from models.engagement import Engagement
from models.errors import NotReady
from models.outbox import OutboxMail
from models.people import Person
from tasks.engagements import engagement_id
from tasks.outbox import Letter, queue_letters
from tasks.text_messages import plain_number, queue_text, text_gateway_configured, text_state


class NoticeChannel(Protocol):
    """A way to tell one person.

    `tell` writes what is to leave in the caller's transaction and never goes over the wire itself: what is told and
    what is on record are one. It may be called again for the same person and message, and tells once.
    """

    name: str

    def tell(
        self, session: Session, engagement: Engagement, person_ref: str, letter: Letter, on: date
    ) -> None:
        """Put the message on its way, or raise whatever goes wrong."""
        ...

    def failure(self, session: Session, engagement: Engagement, person_ref: str, letter: Letter) -> str:
        """Why the message cannot have arrived; empty while that is not known."""
        ...


class MailChannel:
    """Mail by the outbox: queued with the incident, sent as soon as a sender runs."""

    name = "mail"

    def tell(
        self, session: Session, engagement: Engagement, person_ref: str, letter: Letter, on: date
    ) -> None:
        """Queue the mail; one queued before is not queued again."""
        person = _person(session, engagement, person_ref)
        if person is not None and not person.email:
            raise NotReady(f"{person_ref} has no mail address.")
        queue_letters(session, engagement, [person_ref], letter, on)

    def failure(self, session: Session, engagement: Engagement, person_ref: str, letter: Letter) -> str:
        """What the outbox knows of it; a mail of which we do not know whether it arrived counts as not arrived."""
        mail = session.exec(
            select(OutboxMail).where(
                OutboxMail.engagement_id == engagement_id(engagement),
                OutboxMail.kind == letter.kind,
                OutboxMail.period == letter.period,
                col(OutboxMail.person_ref) == person_ref,
            )
        ).one_or_none()
        if mail is None:
            return "no mail was queued"
        if mail.state in ("failed", "cancelled", "uncertain"):
            return f"mail {mail.state} {mail.last_code}".strip()
        return ""


class TextChannel:
    """A text message to the telephone, by the configured gateway."""

    name = "sms"

    def tell(
        self, session: Session, engagement: Engagement, person_ref: str, letter: Letter, on: date
    ) -> None:
        """Queue the message; one queued before is not queued again."""
        del on
        person = _person(session, engagement, person_ref)
        if person is None or not plain_number(person.phone):
            raise NotReady(f"{person_ref} has no telephone number.")
        words = " ".join((f"{engagement.property_name}: {letter.title}.", *letter.paragraphs))
        queue_text(session, engagement, person_ref, letter.kind, letter.period, words)

    def failure(self, session: Session, engagement: Engagement, person_ref: str, letter: Letter) -> str:
        """What is known of it; a message of which we do not know whether it was taken counts as not arrived."""
        message = text_state(session, engagement, person_ref, letter.kind, letter.period)
        if message is None:
            return "no text message was queued"
        if message.state in ("failed", "uncertain"):
            return f"sms {message.state} {message.last_code}".strip()
        return ""


def channels_here() -> tuple[NoticeChannel, ...]:
    """The ways by which this installation tells people: each person is told by all of them."""
    return (MailChannel(), TextChannel()) if text_gateway_configured() else (MailChannel(),)


def _person(session: Session, engagement: Engagement, person_ref: str) -> Person | None:
    return session.exec(
        select(Person).where(
            Person.engagement_id == engagement_id(engagement),
            Person.ref == person_ref,
            col(Person.erased_on).is_(None),
        )
    ).one_or_none()
