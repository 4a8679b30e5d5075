"""What were owners told, and what did they decide? Owner meetings and bulletins (B7)."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import foreign_key


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


class Bulletin(SQLModel, table=True):
    """The month's news of property and service, sent without being asked."""

    __table_args__ = (UniqueConstraint("engagement_id", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    period: str
    issued_on: date
    title: str
    facts: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    recipient_count: int = 0
