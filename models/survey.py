"""What do owners and users think of the service? Waves, invitations, answers, figures (D1-D6)."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Exact, foreign_key


class SurveyWave(SQLModel, table=True):
    """One wave with its purpose, frame and state."""

    __table_args__ = (UniqueConstraint("engagement_id", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    period: str
    """`2027-Q1` for the quarterly survey, `special:<event>` for one after a change of service."""
    purpose: str
    """overall, special or risk (D1)."""
    confidential: bool = True
    opened_on: date
    closes_on: date
    closed_on: date | None = None
    frame_count: int
    invited_count: int
    items: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """The questionnaire as asked: `code`, `text_en`, `text_zh` of each item."""


class Invitation(SQLModel, table=True):
    """A single-use code; only its keyed hash is kept, and the answer does not point back to it."""

    __table_args__ = (UniqueConstraint("wave_id", "person_ref"),)

    id: int | None = Field(default=None, primary_key=True)
    wave_id: int = foreign_key("surveywave.id")
    person_ref: str
    stratum: str
    mode: str
    """online, paper or telephone (D4)."""
    token_hash: str = Field(unique=True)
    used_on: date | None = None


class SurveyResponse(SQLModel, table=True):
    """One answered questionnaire: stratum and mode, no person, no token."""

    id: int | None = Field(default=None, primary_key=True)
    wave_id: int = foreign_key("surveywave.id")
    serial: str = Field(unique=True)
    """Random: says nothing about who answered or in which order."""
    stratum: str
    mode: str
    comment: str = ""


class SurveyAnswer(SQLModel, table=True):
    """The answer to one item, 1 (very dissatisfied) to 5 (very satisfied); none where not applicable."""

    __table_args__ = (UniqueConstraint("response_id", "item_code"),)

    id: int | None = Field(default=None, primary_key=True)
    response_id: int = foreign_key("surveyresponse.id")
    item_code: str
    score: int


class SurveyFigure(SQLModel, table=True):
    """The share satisfied with one item, with its interval and its n."""

    __table_args__ = (UniqueConstraint("wave_id", "item_code", "stratum"),)

    id: int | None = Field(default=None, primary_key=True)
    wave_id: int = foreign_key("surveywave.id")
    item_code: str
    stratum: str
    """`all`, or one property type."""
    n: int
    satisfied: int
    share: Decimal | None = Field(default=None, sa_type=Exact)
    low: Decimal | None = Field(default=None, sa_type=Exact)
    high: Decimal | None = Field(default=None, sa_type=Exact)
    suppressed: bool = False
