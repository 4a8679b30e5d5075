"""Which spare parts are on the shelf, what came, and what went into which work? (B2)"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import Exact, foreign_key


class StockPart(SQLModel, table=True):
    """A part that is kept in stock."""

    __table_args__ = (UniqueConstraint("engagement_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    code: str
    """A wear part of the plan has the plan's code, so that its forecast finds the stock."""
    name: str
    unit: str
    lead_days: int
    """Days from the order to the shelf."""
    safety_stock: Decimal = Field(default=Decimal(0), sa_type=Exact)
    """Kept for what nobody foresaw."""


class StockMovement(SQLModel, table=True):
    """One receipt, issue or count; nothing is overwritten, a count says what is really there from then on."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "part_code", "kind", "reference"),
        CheckConstraint("kind in ('receipt','issue','count')", name="kind"),
        Index("ix_stockmovement_level", "engagement_id", "part_code", "moved_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    part_code: str
    kind: str
    reference: str
    """Number of the delivery note, the work order or the count: what makes the movement one of its own."""
    quantity: Decimal = Field(sa_type=Exact)
    """What came, what went, or what was counted; never negative."""
    moved_on: date
    work_order_id: int | None = foreign_key("workorder.id", nullable=True)
    staff_ref: str = ""
    note: str = ""
    recorded_at: datetime = Field(default_factory=utc_now)
