"""What was asked of a party, about which bytes, and what did it decide?"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import foreign_key

SIDES = ("client", "custodian")
"""The parties of a custody; what concerns both is decided by both."""


class DecisionRequest(SQLModel, table=True):
    """A question put to one party about one document, named by its hash."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "subject", "reference", "party"),
        CheckConstraint("state in ('open','decided','withdrawn')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    subject: str
    """plan, contract, accounts, evaluation, renewal, early_end, handover, parts."""
    reference: str
    """Which one, for example `1` for plan version 1 or `2027-Q1` for a quarter's accounts."""
    party: str
    """client or custodian; of a handover also receiver."""
    document_sha256: str
    question: str
    asked_on: date
    due_on: date
    state: str = "open"


class Decision(SQLModel, table=True):
    """What the party decided: immutable; a change of mind is a new request."""

    id: int | None = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="decisionrequest.id", unique=True)
    document_sha256: str
    verdict: str
    """accepted or rejected; for renewal: renew, change or end."""
    declared_by: str
    """Reference of the person, or a name as declared where the surface knows no identities."""
    authenticated_by: str
    """How we know: ui_gate, command_line, scenario, later: signed_link."""
    decided_on: date
    remark: str = ""
    recorded_at: datetime = Field(default_factory=utc_now)
