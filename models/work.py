"""What had to be done, and what was done? Work orders and the records that prove them (B2-B5)."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import Exact, Money, foreign_key


class WorkOrder(SQLModel, table=True):
    """One occurrence of a commitment at one target, or one piece of corrective work.

    The natural key is (engagement, series, target, due date): planning a month twice changes nothing.
    """

    __table_args__ = (
        UniqueConstraint("engagement_id", "series", "target_code", "due_on"),
        CheckConstraint("state in ('released','done','skipped','missed')", name="state"),
        Index("ix_workorder_month", "engagement_id", "due_on", "subject"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    commitment_id: int | None = foreign_key("commitment.id", nullable=True)
    series: str
    """Code of the commitment, or the origin of corrective work such as `request:R-0007`."""
    clause: str
    subject: str
    title: str
    target_kind: str
    target_code: str
    ordinal: int
    due_on: date
    latest_on: date
    """The last day on which it still counts as done in its window."""
    statutory: bool = False
    post_code: str = ""
    state: str = "released"
    released_on: date
    done_on: date | None = None
    reason: str = ""


class WorkRecord(SQLModel, table=True):
    """What was recorded about a work order; corrections are further records, nothing is overwritten."""

    __table_args__ = (UniqueConstraint("work_order_id", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    work_order_id: int = foreign_key("workorder.id")
    sequence: int = 1
    done_on: date
    staff_ref: str
    outcome: str
    """done, passed or failed."""
    reading: str = ""
    note: str = ""
    hours: Decimal = Field(default=Decimal(0), sa_type=Exact)
    material_cost: Decimal = Field(default=Decimal("0.00"), sa_type=Money)
    late_entry: bool = False
    recorded_at: datetime = Field(default_factory=utc_now)


class PartForecast(SQLModel, table=True):
    """A wear part that will reach its life limit: reported ahead, approved, replaced (B2)."""

    __table_args__ = (UniqueConstraint("engagement_id", "asset_tag", "part", "replace_by"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    asset_tag: str
    part: str
    title: str = ""
    """Name of the part in the engagement's language."""
    replace_by: date
    report_by: date
    state: str = "reported"
    """reported, approved or replaced."""
    reported_on: date
    replaced_on: date | None = None
    estimated_cost: Decimal | None = Field(default=None, sa_type=Money)
