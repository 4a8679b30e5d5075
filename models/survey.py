"""What do owners and users think of the service? Waves, invitations, answers, figures (D1-D6)."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Exact, RandomKey, foreign_key


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
    cells: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """Parts of the frame a sample was drawn from, to weight its answers; empty where everybody was asked."""


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
    cell: str = ""
    """Part of the frame in a sampled wave, as in `SurveyWave.cells`."""


class SurveyResponse(SQLModel, table=True):
    """One answered questionnaire: stratum, part of the frame and mode; no person, no token."""

    id: int | None = Field(default=None, primary_key=True, sa_type=RandomKey)
    wave_id: int = foreign_key("surveywave.id")
    serial: str = Field(unique=True)
    """Random: says nothing about who answered or in which order."""
    stratum: str
    mode: str
    comment: str = ""
    cell: str = ""
    """Copied from the invitation; at least `FEWEST_INVITED` share it, or all of a type of space."""
    extent: str = ""
    """I, P, or R for a break-off, which no figure counts; empty where it was taken before that was kept."""


class SurveyAnswer(SQLModel, table=True):
    """The answer to one item, 1 (very dissatisfied) to 5 (very satisfied); none where not applicable."""

    __table_args__ = (UniqueConstraint("response_id", "item_code"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RandomKey)
    response_id: int = Field(foreign_key="surveyresponse.id", index=True, sa_type=RandomKey)
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


class SurveyDigest(SQLModel, table=True):
    """The day's look at single answers that do not wait, also where there were none: a day is looked at once."""

    __table_args__ = (UniqueConstraint("wave_id", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    wave_id: int = foreign_key("surveywave.id")
    day: date
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    """Item to such answers told of since the wave opened."""


class SurveyFrameUnit(SQLModel, table=True):
    """One contact of the frame: a unit with the owner or user, tenant contact or employee who can be asked."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "ref"),
        CheckConstraint("contact_kind in ('owner','user','tenant_contact','employee')", name="contact_kind"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    ref: str
    """The person's reference; `unit:...` where a form goes to the unit and no person is recorded."""
    unit: str
    building: str
    property_type: str
    contact_kind: str
    language: str
    modes: str
    """How the contact can be reached, in order of preference, joined by a comma."""
    active: bool = True
    """False once a later frame no longer names it."""


class SurveySample(SQLModel, table=True):
    """What was decided before a wave: purpose, questions, whom, how many, and whether answers stay anonymous."""

    __table_args__ = (UniqueConstraint("engagement_id", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    period: str
    purpose: str
    population: str
    """household, tenant_contact or employee: never mixed in one wave."""
    confidential: bool
    planned_on: date
    frame_count: int
    instrument: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    items: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    choices: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Margin, expected response, floor, rotation, contact cap, seed."""
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Required n, expected margin, detectable change, strata with N, n and wanted answers."""


class SurveySampleUnit(SQLModel, table=True):
    """One contact drawn for a wave."""

    __table_args__ = (UniqueConstraint("sample_id", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    sample_id: int = foreign_key("surveysample.id")
    ref: str
    building: str
    stratum: str
    mode: str
    language: str


class SurveyItemMark(SQLModel, table=True):
    """The fingerprint a question code was first asked with; another wording under it is refused."""

    __table_args__ = (UniqueConstraint("engagement_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    code: str
    mark: str


class SurveyResponseLink(SQLModel, table=True):
    """Whose answer it is: written in confidential waves alone; an anonymous wave has no such row."""

    __table_args__ = (UniqueConstraint("response_id"), UniqueConstraint("invitation_id"))

    id: int | None = Field(default=None, primary_key=True)
    response_id: int = Field(foreign_key="surveyresponse.id", index=True, sa_type=RandomKey)
    invitation_id: int = foreign_key("invitation.id")


class SpecialSurveySetting(SQLModel, table=True):
    """What an engagement decided about surveys after changes of service; without a row the plan's promise holds."""

    __table_args__ = (UniqueConstraint("engagement_id"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    active: bool
    after_days: int
    least_gap_days: int
    kinds: str
    """Kinds of change, joined by a comma."""
