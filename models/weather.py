"""What was the weather, and which planned work did it make needless or move? (B3, B4)"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import Exact, foreign_key


class WeatherDay(SQLModel, table=True):
    """The weather of a day, measured or forecast; a correction is a further row, of a day the last one counts."""

    __table_args__ = (UniqueConstraint("engagement_id", "day", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    day: date
    sequence: int = 1
    rain_mm: Decimal = Field(sa_type=Exact)
    wind_ms: Decimal | None = Field(default=None, sa_type=Exact)
    """The strongest gust in metres a second; None where nobody measured it."""
    frost: bool = False
    source: str
    """Who measured or forecast it."""
    recorded_at: datetime = Field(default_factory=utc_now)


class WeatherException(SQLModel, table=True):
    """An occurrence that was left out or moved for the weather, and whether that was taken back."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "series", "ordinal", "sequence"),
        CheckConstraint("act in ('skip','move')", name="act"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    series: str
    ordinal: int
    sequence: int = 1
    act: str
    rule: str
    """Code of the rule in `weather_rules.yaml`."""
    from_on: date
    """The day it was due."""
    to_on: date | None = None
    """The day it was moved to."""
    state_before: str
    """planned or released."""
    reason: str
    applied_at: datetime = Field(default_factory=utc_now)
    undone_at: datetime | None = None
