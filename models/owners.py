"""What were owners told, and what did they decide? Owner meetings and bulletins (B7)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Exact, foreign_key


class OwnerMeeting(SQLModel, table=True):
    """A meeting whose agenda is built from the period's records."""

    __table_args__ = (UniqueConstraint("engagement_id", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    period: str
    called_on: date
    held_on: date
    state: str = "called"
    """called or held."""
    agenda: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    invited_count: int = 0
    attended_count: int | None = None
    minutes: str = ""
    entitled_count: int | None = None
    """Households that may attend, as the minutes say; None where they say nothing."""
    quorum: Decimal | None = Field(default=None, sa_type=Exact)
    """The share of those entitled that the sides agreed to ask for; whether it binds in law is not judged here."""
    minutes_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Raised when a later file adds to the record: each version is a pack of its own."""


class MeetingAttendance(SQLModel, table=True):
    """One person who came, or was represented; by reference, never by name."""

    __table_args__ = (UniqueConstraint("meeting_id", "person_ref"),)

    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = foreign_key("ownermeeting.id")
    person_ref: str
    how: str
    """present, proxy or online."""


class MeetingResolution(SQLModel, table=True):
    """What was put to the vote at a meeting; an adopted one is followed as an action."""

    __table_args__ = (UniqueConstraint("meeting_id", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = foreign_key("ownermeeting.id")
    ref: str
    text: str
    post_code: str
    due_on: date
    votes_for: int | None = None
    votes_against: int | None = None
    votes_abstained: int | None = None
    adopted: bool = True


class Bulletin(SQLModel, table=True):
    """The month's news of property and service, sent without being asked; or one issued by hand.

    One issued by hand has its own reference in place of the month.
    """

    __table_args__ = (UniqueConstraint("engagement_id", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    period: str
    issued_on: date
    title: str
    facts: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    recipient_count: int = 0
    text: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """What one issued by hand says; the month's has facts instead."""


class BulletinDelivery(SQLModel, table=True):
    """One bulletin to one reader or notice board: when it was put up, and when it was known to be read.

    Whether the mail left is in the outbox.
    """

    __table_args__ = (UniqueConstraint("bulletin_id", "channel", "recipient"),)

    id: int | None = Field(default=None, primary_key=True)
    bulletin_id: int = foreign_key("bulletin.id")
    channel: str
    """mail or notice_board."""
    recipient: str
    """Reference of a person, or code of the place of a notice board."""
    posted_at: datetime | None = None
    posted_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Reference of the person who put it up."""
    taken_down_at: datetime | None = None
    taken_down_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    read_at: datetime | None = None


class NoticeBoard(SQLModel, table=True):
    """A notice board of the property: every bulletin issued while it hangs is to be put up on it."""

    __table_args__ = (UniqueConstraint("engagement_id", "place_code"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    place_code: str
    since: date
    until: date | None = None
    """The day it was given up; None while it hangs."""
