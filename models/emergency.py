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
