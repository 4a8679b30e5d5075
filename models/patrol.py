"""Where must a patrol go, when, and where was it seen? Routes, their points and windows, and scans (B5)."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import foreign_key


class PatrolRoute(SQLModel, table=True):
    """One version of a route; it holds from its day until a later version of the same code takes its place."""

    __table_args__ = (UniqueConstraint("engagement_id", "code", "valid_from"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    code: str
    name: str = ""
    series: str = ""
    """The planned work that its rounds are, such as SEC-PATROL-NIGHT; empty if they settle no order."""
    valid_from: date


class PatrolPoint(SQLModel, table=True):
    """A point on a route."""

    __table_args__ = (UniqueConstraint("route_id", "code"), UniqueConstraint("route_id", "position"))

    id: int | None = Field(default=None, primary_key=True)
    route_id: int = foreign_key("patrolroute.id")
    position: int
    code: str
    place: str = ""
    minutes: int | None = None
    """The most minutes from the point before it, of the first point from the beginning of the window."""


class PatrolWindow(SQLModel, table=True):
    """A time of day at which a round is walked; one that ends before it begins goes over midnight."""

    __table_args__ = (UniqueConstraint("route_id", "starts"),)

    id: int | None = Field(default=None, primary_key=True)
    route_id: int = foreign_key("patrolroute.id")
    starts: str
    """Wall time of the engagement, such as 22:00."""
    ends: str


class PatrolScan(SQLModel, table=True):
    """Who was at which point at which instant; the same scan read out twice is one."""

    __table_args__ = (
        # Named by hand: PostgreSQL takes at most 63 characters.
        UniqueConstraint("engagement_id", "point_code", "scanned_at", "staff_ref", name="uq_patrolscan_once"),
        Index("ix_patrolscan_time", "engagement_id", "scanned_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    point_code: str
    scanned_at: datetime
    staff_ref: str
    note: str = ""
    source: str = ""
    """Hash of the file it came from; empty if it was entered by hand."""
    recorded_at: datetime = Field(default_factory=utc_now)


class PatrolAlert(SQLModel, table=True):
    """A round with missed points that somebody was told of, once for each round."""

    __table_args__ = (UniqueConstraint("engagement_id", "route_code", "starts_at"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    route_code: str
    starts_at: datetime
    state: str
    """missed, incomplete or out_of_window, as the round stood when it was told."""
    missed: str = ""
    """Codes of the points nobody was seen at."""
    told_at: datetime = Field(default_factory=utc_now)
