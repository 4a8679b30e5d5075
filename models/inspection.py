"""How good was the cleaning and the greening where somebody looked? Inspections with marks, and cameras (B3-B5)."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import Exact, foreign_key


class QualityInspection(SQLModel, table=True):
    """One look at one zone or plant group by one score sheet, with what it came to by the sheet of that day."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "sheet", "target_code", "inspected_at", name="uq_qualityinspection_look"),
        CheckConstraint("subject in ('cleaning','greening')", name="subject"),
        Index("ix_qualityinspection_month", "engagement_id", "inspected_on", "subject"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    sheet: str
    subject: str
    target_kind: str
    target_code: str
    inspected_on: date
    """The day, in the engagement's time zone."""
    inspected_at: datetime
    staff_ref: str
    score: Decimal = Field(sa_type=Exact)
    """0 to 100."""
    pass_mark: Decimal = Field(sa_type=Exact)
    passed: bool
    reinspects: int | None = foreign_key("qualityinspection.id", nullable=True)
    """The first inspection of which this is the repetition; None for a first look."""
    work_order_id: int | None = foreign_key("workorder.id", nullable=True)
    """The rework it asked for."""
    note: str = ""
    source: str = ""
    """Hash of the file it came from; empty if it was entered by hand."""
    recorded_at: datetime = Field(default_factory=utc_now)


class InspectionMark(SQLModel, table=True):
    """What one criterion was given."""

    __table_args__ = (UniqueConstraint("inspection_id", "criterion"),)

    id: int | None = Field(default=None, primary_key=True)
    inspection_id: int = foreign_key("qualityinspection.id")
    criterion: str
    mark: Decimal = Field(sa_type=Exact)


class CameraCheck(SQLModel, table=True):
    """What a camera was found like on a day; a correction is a further row, of a day the last one counts."""

    __table_args__ = (UniqueConstraint("engagement_id", "asset_tag", "checked_on", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    asset_tag: str
    checked_on: date
    sequence: int = 1
    recording: bool
    picture: bool
    drift_seconds: int | None = None
    """How far its clock was off; None where nobody compared it."""
    days_retained: int | None = None
    """How many days back the oldest recording lay; None where nobody looked."""
    healthy: bool
    faults: str = ""
    """Codes of what was wrong."""
    staff_ref: str
    note: str = ""
    source: str = ""
    recorded_at: datetime = Field(default_factory=utc_now)
