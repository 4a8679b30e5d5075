"""How good was the service? Figures, reviews, improvement actions and packs (C1, C3, D6)."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Exact, foreign_key


class IndicatorFigure(SQLModel, table=True):
    """One indicator for one period, with what it was reckoned from."""

    __table_args__ = (UniqueConstraint("engagement_id", "code", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    code: str
    period: str
    numerator: Decimal | None = Field(default=None, sa_type=Exact)
    denominator: Decimal | None = Field(default=None, sa_type=Exact)
    value: Decimal | None = Field(default=None, sa_type=Exact)
    target: Decimal | None = Field(default=None, sa_type=Exact)
    state: str
    """met, missed, undetermined (of a survey), no_data or not_applicable: no data is neither 0 nor 100 %."""
    formula: str = ""


class Review(SQLModel, table=True):
    """A monthly, quarterly or annual self-review, or the joint evaluation with the client."""

    __table_args__ = (UniqueConstraint("engagement_id", "kind", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    kind: str
    """month, quarter, year or joint."""
    period: str
    held_on: date
    met_count: int
    missed_count: int
    no_data_count: int
    summary: str = ""


class ReviewWords(SQLModel, table=True):
    """The custodian's own words on a period, written before its review is issued."""

    __table_args__ = (UniqueConstraint("engagement_id", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    period: str
    text: str
    written_by: str
    """Reference of the person."""
    written_on: date


class ReviewProblem(SQLModel, table=True):
    """Something a review found wanting, with the action it led to or the reason why it led to none."""

    __table_args__ = (UniqueConstraint("engagement_id", "period", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    period: str
    ref: str
    """`indicator:<code>`, `work:<subject>`, `survey:<item>`, `survey:<item>@<group>` or `incident:<reference>`."""
    count: int
    """Orders not done, for work; else 1."""
    action_ref: str = ""
    reason: str = ""
    """Why no action follows; while both are empty the answer is owed."""
    answered_by: str = ""
    """Reference of the person who gave the reason or opened the action; empty where the product linked it."""
    answered_on: date | None = None


class JointScore(SQLModel, table=True):
    """How one party scored one dimension of the joint evaluation; both score separately (C3)."""

    __table_args__ = (UniqueConstraint("review_id", "dimension", "party"),)

    id: int | None = Field(default=None, primary_key=True)
    review_id: int = foreign_key("review.id")
    dimension: str
    """service_quality, equipment_condition, finance or owner_feedback."""
    party: str
    score: int
    """1 to 5."""
    remark: str = ""


class ImprovementAction(SQLModel, table=True):
    """What will be done about a weakness, by whom, by when, and whether it worked."""

    __table_args__ = (UniqueConstraint("engagement_id", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    ref: str
    """Natural key: `<source kind>:<period>:<indicator or item>`; of an item in one group `<item>@<group>`."""
    text: str
    post_code: str
    opened_on: date
    due_on: date
    target: Decimal | None = Field(default=None, sa_type=Exact)
    state: str = "open"
    """open, done, verified, not_demonstrated, worsened, insufficient_n, not_comparable."""
    done_on: date | None = None
    verified_in: str = ""
    verified_on: date | None = None
    done_note: str = Field(default="", sa_column_kwargs={"server_default": ""})
    evidence: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"}
    )
    """What a verdict by a survey was reckoned from: `models.rules.survey_closure.Closure`; empty until then."""


class ActionMove(SQLModel, table=True):
    """An action was given another day or another post, for a reason; what was promised first stays on record."""

    __table_args__ = (UniqueConstraint("action_id", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    action_id: int = foreign_key("improvementaction.id")
    sequence: int
    moved_on: date
    from_due: date
    to_due: date
    from_post: str
    to_post: str
    reason: str


class Pack(SQLModel, table=True):
    """A document that left the house: its bytes are in the file store under their hash."""

    __table_args__ = (UniqueConstraint("engagement_id", "kind", "period", "media_type"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    kind: str
    period: str
    title: str
    file_name: str
    media_type: str
    sha256: str
    issued_on: date
