"""What was found at the condition survey, and which documents were handed over?"""

from datetime import date
from decimal import Decimal

from sqlalchemy import UniqueConstraint, false
from sqlmodel import Field, SQLModel

from models.columns import Exact, Money, foreign_key

_EMPTY = {"server_default": ""}
"""Rows written before the column came have none."""


class ConditionFinding(SQLModel, table=True):
    """A defect seen at entry or at exit (A2): severity x intensity x extent give its score."""

    __table_args__ = (UniqueConstraint("engagement_id", "visit", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    visit: str
    """entry or exit: the same elements are looked at on both."""
    ref: str
    element_class: str
    asset_tag: str = ""
    severity: str
    intensity: int
    extent: int
    score: int
    """1 excellent to 6 very bad."""
    scheme: str
    text: str
    repair_cost: Decimal | None = Field(default=None, sa_type=Money)
    found_on: date
    item_code: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Item of the checklist; empty where the survey was not made with a form."""
    verified: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether the scheme's tables had been compared with the standard when the score was given."""
    priority: int | None = None
    """1 at once to 4 with the next maintenance."""
    payer: str = Field(default="", sa_column_kwargs={"server_default": ""})
    payer_basis: str = Field(default="", sa_column_kwargs={"server_default": ""})


class ElementCondition(SQLModel, table=True):
    """The condition of an element class at entry or at exit, aggregated from its findings."""

    __table_args__ = (UniqueConstraint("engagement_id", "visit", "element_class"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    visit: str
    element_class: str
    asset_count: int
    finding_count: int
    score: int
    scheme: str
    backlog_cost: Decimal | None = Field(default=None, sa_type=Money)
    verified: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    replacement_value: Decimal | None = Field(default=None, sa_type=Money)
    """Of all assets of the class; None if one of them has no price."""
    facility_index: Decimal | None = Field(default=None, sa_type=Exact)
    """Backlog / replacement value; None unless every asset was looked at and every defect and asset has a price."""
    facility_band: str = Field(default="", sa_column_kwargs={"server_default": ""})
    facility_bands: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Name of the band table, which differs between schools."""


class DocumentItem(SQLModel, table=True):
    """A document expected by law, property type or equipment, and what became of it (A3)."""

    __table_args__ = (UniqueConstraint("engagement_id", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    ref: str
    title: str
    kind: str
    basis: str = ""
    state: str = "missing"
    """missing, partial, received or waived."""
    received_on: date | None = None
    received_from: str = ""
    """Who handed it over: a role such as client, or the reference of a person; never a name."""
    evidence: str = ""
    """Hash of the file, or where the paper lies, or the row of the register that names it."""
    received_by: str = Field(default="", sa_column_kwargs=_EMPTY)
    """Who took it in, as `received_from`."""
    signature_ref: str = Field(default="", sa_column_kwargs=_EMPTY)
    """Number of the signed receipt, or the reference of the person who signed."""
    condition: str = Field(default="", sa_column_kwargs=_EMPTY)
    """good, damaged, illegible or incomplete; empty where nobody looked."""
    pages: int | None = None
    originals: int | None = None
    copies: int | None = None
    file_name: str = Field(default="", sa_column_kwargs=_EMPTY)
    """What the giver called the file; the bytes are found by `evidence`."""
    note: str = Field(default="", sa_column_kwargs=_EMPTY)
    listed_on: date | None = None
    """When it came on the list; reminders are reckoned from here."""


class DocumentReminder(SQLModel, table=True):
    """One reminder of one paper that was not handed over (A3): number and day, each once."""

    __table_args__ = (UniqueConstraint("engagement_id", "document_ref", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    document_ref: str
    number: int
    """1 for the first."""
    sent_on: date


class MaintenanceHistory(SQLModel, table=True):
    """What was done to an asset before the custody began (A3)."""

    __table_args__ = (UniqueConstraint("engagement_id", "asset_tag", "done_on", "text"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    asset_tag: str
    done_on: date
    kind: str
    text: str
    cost: Decimal | None = Field(default=None, sa_type=Money)
    downtime_hours: Decimal | None = Field(default=None, sa_type=Exact)
