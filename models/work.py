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
    priority: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Of corrective work: urgent or normal; empty for planned work."""
    respond_by: datetime | None = None
    """The instant by which somebody must have begun; corrective work only."""


class WorkRecord(SQLModel, table=True):
    """What was recorded about a work order: begun, sent back, done. Corrections are further records."""

    __table_args__ = (UniqueConstraint("work_order_id", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    work_order_id: int = foreign_key("workorder.id")
    sequence: int = 1
    done_on: date
    staff_ref: str
    outcome: str
    """done, passed or failed; started, or rejected where the work could not be done."""
    reading: str = ""
    note: str = ""
    hours: Decimal = Field(default=Decimal(0), sa_type=Exact)
    material_cost: Decimal = Field(default=Decimal("0.00"), sa_type=Money)
    late_entry: bool = False
    done_at: datetime | None = None
    """The instant, where it was said."""
    place: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where: the target of the order, or what the person says."""
    corrects: int | None = None
    """Sequence of the record that this one takes the place of."""
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Why it was corrected or could not be done."""
    source: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Hash of the work sheet it came from; empty if it was entered by hand."""
    recorded_at: datetime = Field(default_factory=utc_now)


class WorkPhoto(SQLModel, table=True):
    """A picture of the work; its bytes lie in the file store."""

    __table_args__ = (UniqueConstraint("work_record_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    work_record_id: int = foreign_key("workrecord.id")
    file_name: str
    sha256: str


class CheckReading(SQLModel, table=True):
    """What a round read at one check item, with the limits that held then."""

    __table_args__ = (
        UniqueConstraint("work_record_id", "asset_tag", "item"),
        CheckConstraint("verdict in ('ok','early','out')", name="verdict"),
        Index("ix_checkreading_trend", "engagement_id", "asset_tag", "item", "read_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    work_record_id: int = foreign_key("workrecord.id")
    asset_tag: str
    item: str
    """Code of the check item in the catalogue."""
    value: Decimal | None = Field(default=None, sa_type=Exact)
    """None where the item is only passed or failed."""
    unit: str
    low: Decimal | None = Field(default=None, sa_type=Exact)
    high: Decimal | None = Field(default=None, sa_type=Exact)
    verdict: str
    """ok, early (within the warning band) or out (beyond a limit, or failed)."""
    read_on: date


class WorkAlert(SQLModel, table=True):
    """An order that was late and somebody was told of, once for each way of being late."""

    __table_args__ = (
        UniqueConstraint("work_order_id", "late"),
        CheckConstraint("late in ('not_begun','overdue')", name="late"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    work_order_id: int = foreign_key("workorder.id")
    late: str
    told_on: date
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
    """reported (the client is asked), approved (the replacement is ordered), refused or replaced."""
    reported_on: date
    question: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Reference of the question put to the client; empty in records made before clients were asked."""
    decided_on: date | None = None
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Why the client refused."""
    replaced_on: date | None = None
    estimated_cost: Decimal | None = Field(default=None, sa_type=Money)
