"""Who works here, are they qualified and trained, and when were they on post? (B1, B5)"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Exact, foreign_key


class StaffMember(SQLModel, table=True):
    """A person on a post of the plan; the name is in `Person` under the same reference."""

    __table_args__ = (UniqueConstraint("engagement_id", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    ref: str
    post_code: str
    certificate: str = ""
    certificate_expires_on: date | None = None
    assigned_on: date
    released_on: date | None = None
    """The day from which the person may be rostered: all mandatory modules passed."""


class TrainingRecord(SQLModel, table=True):
    """One module of the pre-job training, attended and tested."""

    __table_args__ = (UniqueConstraint("engagement_id", "staff_ref", "module_code"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    staff_ref: str
    module_code: str
    held_on: date
    score: Decimal = Field(sa_type=Exact)
    """Per cent."""
    passed: bool


class ShiftRecord(SQLModel, table=True):
    """One person on a round-the-clock post, from sign-on to sign-off."""

    __table_args__ = (UniqueConstraint("engagement_id", "post_code", "starts_at", "staff_ref"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    post_code: str
    staff_ref: str
    starts_at: datetime
    ends_at: datetime
