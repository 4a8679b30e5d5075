"""What did owners and users ask for, and how fast was it answered and settled? (B6)"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import foreign_key


class ServiceRequest(SQLModel, table=True):
    """A repair, enquiry, complaint or suggestion; its clocks are reckoned from its events."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "number"),
        CheckConstraint("state in ('received','responded','waiting','resolved','closed')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    number: str
    kind: str
    priority: str
    channel: str
    """phone, counter, mail, form."""
    requester_ref: str = ""
    place_code: str = ""
    asset_tag: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The asset of the register it is about; empty where none is named."""
    text: str
    received_at: datetime
    response_due_at: datetime | None
    """None where nothing is promised, as for requests taken from a publisher's file."""
    resolution_due_at: datetime | None
    source: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Empty for the desk itself, else the preset of the file or `mail`."""
    source_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Its number there; with the source it makes the number."""
    category: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Type as the source names it."""
    state: str = "received"
    reopened_count: int = 0
    rating: int | None = None


class RequestEvent(SQLModel, table=True):
    """Something that happened to a request: the log from which its clocks are recomputed."""

    __table_args__ = (UniqueConstraint("request_id", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    request_id: int = foreign_key("servicerequest.id")
    sequence: int
    event: str
    """One of `models.rules.request_states.Act`."""
    at: datetime
    staff_ref: str = ""
    note: str = ""
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Why the clock is held, one of `PauseReason`; of what was reclassified, what it is
    now: a priority, a kind, `place:CODE` or `asset:TAG`."""


class RequestRowDoubt(SQLModel, table=True):
    """A row of a file of requests that was not taken: where, what stood there, what was expected."""

    __table_args__ = (UniqueConstraint("engagement_id", "sha256", "row", "column", "expected"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    sha256: str
    file_name: str
    row: int
    column: str
    value: str
    """As written, personal data masked."""
    expected: str


class RequestMessage(SQLModel, table=True):
    """A mail that came in: what it was taken for, and to which request it belongs."""

    __table_args__ = (UniqueConstraint("engagement_id", "message_id"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    request_id: int | None = foreign_key("servicerequest.id", nullable=True)
    message_id: str
    outcome: str
    """request, follow_up, answer (to a call-out), auto_reply or bounce."""
    sent_at: datetime
    sender_ref: str = ""
    """Who wrote it by the address, as declared; empty if nobody of the people has it."""
    subject: str = ""
    text: str = ""
    """Plain, personal data masked; the mail itself is kept under its hash."""
    attachments: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`name`, `media_type`, `size`, `sha256` of each."""
    sha256: str = ""


class MailboxRefusal(SQLModel, table=True):
    """How often a mailbox refused the settings we have, since it last let us in."""

    id: int | None = Field(default=None, primary_key=True)
    mailbox: str = Field(unique=True)
    """Hash of server, user and folder."""
    settings_hash: str = ""
    """Keyed hash of everything we log in with: with other settings the count begins anew."""
    refusals: int = 0
    refused_at: datetime
    reason: str = ""


class MailboxBookmark(SQLModel, table=True):
    """How far a mailbox was read for an engagement, by the numbers its server gives (RFC 9051, 2.3.1.1)."""

    __table_args__ = (UniqueConstraint("engagement_id", "mailbox"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    mailbox: str
    """Hash of server, user and folder."""
    uid_validity: int = Field(sa_type=BigInteger)
    """While the server gives the same one, a number means the same mail."""
    first_uid: int = Field(sa_type=BigInteger)
    """Mails from here on came after the first look; of older ones only what nobody has seen is taken."""
    last_uid: int = Field(default=0, sa_type=BigInteger)
    """Up to here every mail was dealt with."""
    since: date | None = None
    """After the server has numbered anew: older mails that came from this day on are looked at too."""
    read_at: datetime
