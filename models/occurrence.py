"""What became of each occurrence of each promise? Planned, released, done, absorbed, left out or missed (B2-B5)."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import Exact, foreign_key


class Occurrence(SQLModel, table=True):
    """The k-th time one promise falls due at one target; it keeps its row whatever becomes of it.

    The natural key is (engagement, series, ordinal): planning again changes nothing.
    """

    __table_args__ = (
        UniqueConstraint("engagement_id", "series", "ordinal"),
        CheckConstraint("state in ('planned','released','done','absorbed','skipped','missed')", name="state"),
        Index("ix_occurrence_order", "engagement_id", "commitment_code", "target_code", "due_on"),
        Index("ix_occurrence_month", "engagement_id", "due_on", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    series: str
    """Commitment and target, such as `PPM-LIFT-15D/LIFT-1`; with `@2` where version 2 changed its rule."""
    ordinal: int
    commitment_id: int = foreign_key("commitment.id")
    commitment_code: str
    subject: str
    post_code: str
    target_kind: str
    target_code: str
    nominal_on: date
    """Start + k x interval."""
    due_on: date
    """The nominal date, or the working day before it; the work order has the same."""
    latest_on: date
    """The last day on which it counts as done in time."""
    legal_latest_on: date | None = None
    shift: str = ""
    """Why `due_on` is not simply the nominal date: `models.rules.schedule.Shift`."""
    release_on: date
    """The day from which its order may be given out: `due_on` less the lead time."""
    floating: bool = False
    """Its date depends on when the one before it was done, or on a meter."""
    by_meter: bool = False
    """A meter made it due before the calendar did."""
    state: str = "planned"
    absorbed_by: str = ""
    """Series and ordinal of the larger service that contains it, such as `PPM-LIFT-3M/LIFT-1#2`."""
    reason: str = ""
    done_on: date | None = None
    revision: int = 0
    """How often its day changed or it was called off: the SEQUENCE of its calendar entry."""


class MeterReading(SQLModel, table=True):
    """What the meter of an asset showed; a correction is a further row, of a day the last one counts."""

    __table_args__ = (UniqueConstraint("engagement_id", "asset_tag", "read_on", "value"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    asset_tag: str
    read_on: date
    value: Decimal = Field(sa_type=Exact)
    recorded_at: datetime = Field(default_factory=utc_now)
