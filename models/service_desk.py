"""What did owners and users ask for, and how fast was it answered and settled? (B6)"""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import foreign_key


class ServiceRequest(SQLModel, table=True):
    """A repair, enquiry, complaint or suggestion; its clocks are reckoned from its events."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "number"),
        CheckConstraint("state in ('received','responded','resolved','closed')", name="state"),
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
    text: str
    received_at: datetime
    response_due_at: datetime
    resolution_due_at: datetime
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
    """received, responded, assigned, resolved, reopened, closed."""
    at: datetime
    staff_ref: str = ""
    note: str = ""
