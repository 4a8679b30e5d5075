"""What happened in an emergency or a drill, minute by minute, and what was lost or learned? (B8)"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Exact, Money, foreign_key


class Incident(SQLModel, table=True):
    """An emergency that was responded to by its plan, or a drill of it."""

    __table_args__ = (UniqueConstraint("engagement_id", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    ref: str
    plan_kind: str
    is_drill: bool = False
    place_code: str = ""
    summary: str
    activated_at: datetime
    stood_down_at: datetime | None = None
    score: Decimal | None = Field(default=None, sa_type=Exact)
    """Share of the plan's steps done within their time."""
    loss_amount: Decimal | None = Field(default=None, sa_type=Money)
    lesson: str = ""
    reviewed_on: date | None = None
    after_action: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """What the review after the act found, personal data masked."""
    after_action_on: date | None = None


class IncidentStep(SQLModel, table=True):
    """One step of the plan, with the time it took."""

    __table_args__ = (UniqueConstraint("incident_id", "ordinal"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = foreign_key("incident.id")
    ordinal: int
    role: str
    action: str
    within_minutes: int
    done_at: datetime | None = None
    staff_ref: str = Field(default="", sa_column_kwargs={"server_default": ""})


class IncidentEntry(SQLModel, table=True):
    """One line of an incident's log. Lines are added and never changed."""

    __table_args__ = (UniqueConstraint("incident_id", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = foreign_key("incident.id")
    sequence: int
    at: datetime
    kind: str
    """activated, told, acknowledged, missed, step, note, loss, stood_down or review."""
    staff_ref: str = ""
    text: str = ""
    """Personal data masked."""


class IncidentNotice(SQLModel, table=True):
    """One call of the call tree: who was told for which role, by which channel, and what came of it."""

    __table_args__ = (UniqueConstraint("incident_id", "role", "person_ref"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = foreign_key("incident.id")
    role: str
    rank: int
    """1 for the person on the post, 2 for the first deputy, and so on."""
    person_ref: str
    channel: str
    """mail, sms or both, as mail+sms."""
    told_at: datetime
    acknowledged_at: datetime | None = None
    failure: str = ""
    """Why this person cannot have been reached; empty while that is not known."""


class IncidentLoss(SQLModel, table=True):
    """One loss: people hurt, things broken, service interrupted."""

    __table_args__ = (UniqueConstraint("incident_id", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = foreign_key("incident.id")
    ref: str
    kind: str
    """common_parts, equipment, private_property, people, third_party or service."""
    amount: Decimal = Field(sa_type=Money)
    """Estimate in the engagement's currency."""
    text: str = ""


class IncidentToken(SQLModel, table=True):
    """The right of one person who was called to say once that they have answered, without logging in.

    The token itself stands in the call-out alone; here is its hash.
    """

    __table_args__ = (UniqueConstraint("incident_id", "person_ref"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = foreign_key("incident.id")
    person_ref: str
    token_hash: str = Field(unique=True)
    expires_at: datetime
    used_at: datetime | None = None
    used_by: str = ""
    """link or answer."""
