"""Who works here, are they qualified and trained, and when were they on post? (B1, B5)"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
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
    left_on: date | None = None
    """The first day on which the person is no longer on the post."""


class Qualification(SQLModel, table=True):
    """One certificate of a person; several of one kind stand side by side, a renewal beside what it renews."""

    __table_args__ = (
        # Named by hand: PostgreSQL takes at most 63 characters.
        UniqueConstraint(
            "engagement_id", "staff_ref", "kind", "number_hash", "expires_on", name="uq_qualification_number"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    staff_ref: str
    kind: str
    """Code of the certificate, as the posts of the plan name it."""
    number_hash: str = ""
    """Keyed hash of the certificate's number: comparable, but not readable (it is often an identity number)."""
    issuer: str = ""
    expires_on: date
    """The last valid day; the last day of the calendar where it does not run out."""


class TrainingRecord(SQLModel, table=True):
    """One module of the pre-job training, attended and tested; a failed test may be repeated on another day."""

    __table_args__ = (UniqueConstraint("engagement_id", "staff_ref", "module_code", "held_on"),)

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
    objection: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Why the person might not have stood there, as known when the shift was recorded; empty where nothing was."""


class RosterShift(SQLModel, table=True):
    """One person who is to be on a post; what was worked stands in `ShiftRecord`."""

    __table_args__ = (UniqueConstraint("engagement_id", "post_code", "starts_at", "staff_ref"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    post_code: str
    staff_ref: str
    starts_at: datetime
    ends_at: datetime


class FormerShift(SQLModel, table=True):
    """A planned shift that a later roster changed or took away; append only."""

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    post_code: str
    staff_ref: str
    starts_at: datetime
    ends_at: datetime
    replaced_on: date
    """The business date."""
    replaced_by: str
    """Beginning of the hash of the corrected file, or `computed`."""
    recorded_at: datetime = Field(default_factory=utc_now)


class StaffLeave(SQLModel, table=True):
    """Days, both included, on which a person is not rostered."""

    __table_args__ = (UniqueConstraint("engagement_id", "staff_ref", "first_on", "last_on"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    staff_ref: str
    first_on: date
    last_on: date
    reason: str = ""
