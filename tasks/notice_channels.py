"""By which way is somebody told of an emergency? Mail today; a provider of text messages can be put beside it (B8)."""

from datetime import date
from typing import Protocol

from sqlmodel import Session, col, select

from models.engagement import Engagement
from models.outbox import OutboxMail
from tasks.engagements import engagement_id
from tasks.outbox import Letter, queue_letters


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


MAIL_ONLY: tuple[NoticeChannel, ...] = (MailChannel(),)
