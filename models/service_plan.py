"""What was promised? Versions of the service plan, its commitments, posts, budget and emergency plans."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import Exact, Money, foreign_key


class ServicePlan(SQLModel, table=True):
    """One version of the 《物业托管服务方案》 (A4); only a confirmed one drives work."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "version"),
        CheckConstraint("state in ('submitted','confirmed','returned','superseded')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    version: int
    content_sha256: str
    state: str = "submitted"
    effective_on: date
    annual_cost: Decimal = Field(sa_type=Money)
    annual_fee: Decimal = Field(sa_type=Money)
    risks: list[str] = Field(default_factory=list, sa_type=JSON)
    compiled_on: date
    based_on: int | None = None
    """The version this one was edited from; None where it was computed."""
    reason: str | None = None
    """Why it was amended; None before the contract."""
    created_at: datetime = Field(default_factory=utc_now)


class Commitment(SQLModel, table=True):
    """One promise: what, how often, to which standard, with which evidence, at what cost, by whom."""

    __table_args__ = (UniqueConstraint("plan_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    plan_id: int = foreign_key("serviceplan.id")
    code: str
    clause: str
    subject: str
    title_en: str
    title_zh: str
    rrule: str
    """Empty means once, on `start_on`, or on demand."""
    start_on: date
    standard: str
    metric: str
    target_value: Decimal | None = Field(default=None, sa_type=Exact)
    evidence: str
    post_code: str
    hours: Decimal = Field(sa_type=Exact)
    """Per occurrence and target."""
    material_cost: Decimal = Field(sa_type=Money)
    cost_item: str
    statutory: str = ""
    longest_interval_days: int | None = None
    on_demand: bool = False
    """Done when needed, never on a date."""
    source: str
    planning: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"}
    )
    """`models.rules.planning.Planning` as JSON; empty means a fixed series."""


class CommitmentTarget(SQLModel, table=True):
    """Where a commitment applies: an asset, a place or the whole site."""

    __table_args__ = (UniqueConstraint("commitment_id", "kind", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    commitment_id: int = foreign_key("commitment.id")
    kind: str
    code: str


class PlanPost(SQLModel, table=True):
    """A post of the plan, its duties and skills, and how many people it takes."""

    __table_args__ = (UniqueConstraint("plan_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = foreign_key("serviceplan.id")
    code: str
    title_en: str
    title_zh: str
    duties: str
    skills: str
    certificate: str = ""
    """Code of the certificate a person must hold, or empty."""
    certificate_title: str = ""
    headcount: Decimal = Field(sa_type=Exact)
    """People by contract; a post of a small property may be half a person."""
    round_the_clock: bool = False
    heads_on_duty: int = 1
    explanation: str


class BudgetLine(SQLModel, table=True):
    """One cost item of the yearly budget, with the reason for the figure."""

    __table_args__ = (UniqueConstraint("plan_id", "cost_item"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = foreign_key("serviceplan.id")
    cost_item: str
    label_en: str
    label_zh: str
    amount: Decimal = Field(sa_type=Money)
    explanation: str


class EmergencyPlan(SQLModel, table=True):
    """What to do when it happens: timed steps with roles (A4, B8)."""

    __table_args__ = (UniqueConstraint("plan_id", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = foreign_key("serviceplan.id")
    kind: str
    title_en: str
    title_zh: str
    steps: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """Each with `ordinal`, `role`, `action_en`, `action_zh`, `within_minutes`."""


class TrainingModule(SQLModel, table=True):
    """One module of the pre-job training and the posts that must pass it before their first duty (B1)."""

    __table_args__ = (UniqueConstraint("plan_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = foreign_key("serviceplan.id")
    code: str
    title_en: str
    title_zh: str
    hours: Decimal = Field(sa_type=Exact)
    pass_mark: Decimal = Field(sa_type=Exact)
    """Per cent."""
    posts: list[str] = Field(default_factory=list, sa_type=JSON)


class PlannedPart(SQLModel, table=True):
    """A wear part the plan will replace before its life ends (B2)."""

    __table_args__ = (UniqueConstraint("plan_id", "asset_tag", "part"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = foreign_key("serviceplan.id")
    asset_tag: str
    part: str
    title_en: str
    title_zh: str
    life_months: int
    lead_days: int
    due_on: date | None = None
    """End of the part's life on or after the start of the term; None where the age is unknown."""
