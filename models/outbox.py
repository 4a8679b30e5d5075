"""Which mails are to leave, which have left, and which do we not know about?"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import foreign_key


class OutboxMail(SQLModel, table=True):
    """A mail to one person, queued in the transaction of the business fact it tells of.

    The address is not here: it is read from `Person` when the mail is sent. `dedup_key` and the
    Message-ID made of it are fixed at insert, so a second run of the same cycle queues nothing.
    """

    __table_args__ = (
        CheckConstraint(
            "state in ('queued','claimed','sent','failed','uncertain','cancelled')", name="state"
        ),
        Index("ix_outboxmail_drain", "state", "not_before"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    dedup_key: str = Field(unique=True)
    message_id: str = Field(unique=True)
    person_ref: str
    kind: str
    period: str
    body: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Facts for the template; no personal data."""
    attachments: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`file_name`, `media_type`, `sha256` of each."""
    may_repeat: bool = False
    """A reminder may be sent once more when we cannot tell; a statement may not."""
    state: str = "queued"
    attempt: int = 0
    lease_until: datetime | None = None
    not_before: datetime = Field(default_factory=utc_now)
    last_code: str = ""
    dated_at: datetime
    """The Date header: the business date, fixed at insert."""
    sent_at: datetime | None = None


class DeliveryAttempt(SQLModel, table=True):
    """One try at the wire, written before the network call: after a crash it tells how far we came."""

    __table_args__ = (UniqueConstraint("mail_id", "attempt"),)

    id: int | None = Field(default=None, primary_key=True)
    mail_id: int = foreign_key("outboxmail.id")
    attempt: int
    phase: str = "claimed"
    """claimed: nothing sent yet; transmitting: the server may have it; finished."""
    code: str = ""
    started_at: datetime = Field(default_factory=utc_now)


class TextMessage(SQLModel, table=True):
    """A text message to one person's telephone, queued in the transaction of the fact it tells of.

    The number is not here: it is read from `Person` when the message is sent. What is `sending` was written down before
    the gateway was called; if nobody comes back from there, it is `uncertain` and never sent again by itself.
    """

    __table_args__ = (
        CheckConstraint("state in ('queued','sending','sent','failed','uncertain')", name="state"),
        Index("ix_textmessage_drain", "state", "not_before"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    dedup_key: str = Field(unique=True)
    person_ref: str
    kind: str
    period: str
    text: str
    """No personal data."""
    state: str = "queued"
    attempt: int = 0
    refusals: int = 0
    """How often the gateway asked to be called later."""
    lease_until: datetime | None = None
    not_before: datetime = Field(default_factory=utc_now)
    not_after: datetime
    """Later nobody is helped by it any more."""
    last_code: str = ""
    gateway_id: str = ""
    """What the gateway calls it: what its provider is asked about it by."""
    sent_at: datetime | None = None
