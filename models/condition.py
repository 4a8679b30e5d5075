"""What was looked at in a condition survey, with which pictures, and which rows of a form were not taken? (A2)"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import foreign_key


class ConditionInspection(SQLModel, table=True):
    """One line of the form that somebody looked at; a line without a row was not inspected."""

    __table_args__ = (UniqueConstraint("engagement_id", "visit", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    visit: str
    ref: str
    """The same at entry and at exit."""
    element_class: str
    item_code: str
    asset_tag: str = ""
    """Empty for the whole building."""
    state: str
    """looked or not_applicable."""
    inspector: str = ""
    """Reference of a person, never a name."""
    inspected_on: date
    edition: str
    """Edition of the checklists."""


class ConditionPhoto(SQLModel, table=True):
    """A picture of a finding; its bytes lie in the file store."""

    __table_args__ = (UniqueConstraint("engagement_id", "visit", "finding_ref", "file_name"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    visit: str
    finding_ref: str
    file_name: str
    sha256: str


class ConditionImport(SQLModel, table=True):
    """A form taken in, once per visit and content."""

    __table_args__ = (UniqueConstraint("engagement_id", "visit", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    visit: str
    sha256: str
    file_name: str
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    imported_at: datetime = Field(default_factory=utc_now)


class ConditionRejection(SQLModel, table=True):
    """A row of a form that was not taken: where, what stood there, what was expected."""

    __table_args__ = (UniqueConstraint("condition_import_id", "row", "column"),)

    id: int | None = Field(default=None, primary_key=True)
    condition_import_id: int = foreign_key("conditionimport.id")
    sheet: str
    row: int
    column: str
    value: str
    expected: str
