"""Who allowed which dangerous work, from when to when, and who signed it off? Permits to work (B2)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import foreign_key


class Permit(SQLModel, table=True):
    """One permit for one kind of danger on one work order; a longer job takes a further permit."""

    __table_args__ = (
        UniqueConstraint("work_order_id", "kind", "holder", "valid_from"),
        CheckConstraint("state in ('issued','closed')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    work_order_id: int = foreign_key("workorder.id")
    kind: str
    """Code of the kind in `permits.yaml`."""
    holder: str
    """Reference of the person who does the work."""
    issued_by: str
    """Reference of the person who allows it; never the holder."""
    valid_from: datetime
    valid_until: datetime
    state: str = "issued"
    closed_by: str = ""
    """Reference of the second person who saw the place safe again; never the holder."""
    closed_at: datetime | None = None
    note: str = ""
    issued_at: datetime = Field(default_factory=utc_now)
