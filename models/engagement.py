"""What engagement is this, in which stage, and which cycles of work has it been through?"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import Exact, foreign_key


class Engagement(SQLModel, table=True):
    """One property in custody: what was agreed at intake (A1) and where it stands."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=40)
    property_name: str
    property_type: str
    """residential, commercial, office or mixed."""
    client_name: str
    custodian_name: str
    scope: str
    service_standard: str
    term_start: date
    term_end: date
    fee_model: str = "lump_sum"
    """lump_sum (包干制) or cost_plus_fee (酬金制)."""
    remuneration_share: Decimal | None = Field(default=None, sa_type=Exact)
    """Of cost plus fee, as a share of cost; None: the catalogue's."""
    currency: str = "CNY"
    timezone: str = "Asia/Shanghai"
    language: str = "zh"
    jurisdiction: str = "CN"
    """ISO country code: whose statutory intervals apply."""
    floor_area: Decimal | None = Field(default=None, sa_type=Exact)
    """Square metres."""
    unit_count: int | None = None
    working_calendar: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"}
    )
    """`WorkingCalendarForm` as JSON; empty means its defaults."""
    service_agreement: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"}
    )
    """What the service desk promises, as `models.rules.service_agreement` reads it; empty means as proposed."""
    evaluation_terms: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"}
    )
    """How both sides evaluate together, as `models.rules.evaluation` reads it; empty: once, and all weighs equally."""
    meeting_place: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where owners meet, as invitations say it; empty while nobody has said."""
    stage: str = "intake"
    simulated_on: date | None = None
    """An engagement of a demonstration carries its own date; a real one follows the wall clock."""
    special_since: date | None = None
    """Changes of service before this day are followed by no survey: an upgrade brought them on it. None: from the start."""
    serving_until: date | None = None
    """Until when the custodian goes on serving beyond the term, because nobody has taken over; None: until its end."""
    created_at: datetime = Field(default_factory=utc_now)
    version: int = 0

    @property
    def last_day(self) -> date:
        """The last day of service: of the term, or later where service goes on until somebody takes over."""
        return max(self.term_end, self.serving_until or self.term_end)


class Demand(SQLModel, table=True):
    """A core demand of the client, with its priority and how it will be measured (A1)."""

    __table_args__ = (UniqueConstraint("engagement_id", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    ref: str
    text: str
    priority: int
    measure: str


class IntakeVersion(SQLModel, table=True):
    """One version of the agreed record (A1); the newest is what the engagement row says."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "version"),
        CheckConstraint("state in ('proposed','confirmed','returned','superseded')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    version: int
    content: dict[str, Any] = Field(sa_type=JSON)
    """`IntakeForm` as JSON; it holds no personal data."""
    sha256: str
    state: str = "proposed"
    recorded_on: date


class Renewal(SQLModel, table=True):
    """The engagement follows an earlier one of the same property, and what was carried over from it (C4)."""

    __table_args__ = (UniqueConstraint("engagement_id"), UniqueConstraint("from_engagement_id"))

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    from_engagement_id: int = foreign_key("engagement.id")
    renewed_on: date
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    """Rows carried over, by table."""


class Cycle(SQLModel, table=True):
    """One piece of the engagement's clockwork: a kind of work for a period, done exactly once.

    The UNIQUE key is the promise; `attempt` fences off a process that was given up on but lives.
    """

    __table_args__ = (
        UniqueConstraint("engagement_id", "kind", "period"),
        CheckConstraint("state in ('planned','started','done','failed','cancelled')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    kind: str
    period: str
    due_on: date
    as_of: date
    """The business date the work is done on."""
    state: str = "planned"
    attempt: int = 0
    lease_until: datetime | None = None
    flow_run_id: str = ""
    last_error: str = ""
    created_at: datetime = Field(default_factory=utc_now)
    finished_at: datetime | None = None
