"""Is everything that was received given back, and what is still open? The handover list at the end (C4)."""

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Exact, foreign_key

_EMPTY = {"server_default": ""}
"""Rows written before the column came have none."""

COUNTED = ("asset", "document", "account", "money", "meter", "belonging")
"""Kinds that are given back: without a count of each there is no protocol."""
MATTERS = (
    "action",
    "order",
    "request",
    "emergency",
    "permit",
    "part",
    "staff",
    "instalment",
    "statement",
)
"""Kinds that may stay open: the protocol tells them with who owes them and until when."""


class HandoverItem(SQLModel, table=True):
    """An asset, a document or an account to give back, or an open matter, and what came of it."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "kind", "ref"),
        CheckConstraint("state in ('listed','returned','disputed','settled')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    kind: str
    """One of `COUNTED` or `MATTERS`."""
    ref: str
    title: str
    condition: str = ""
    state: str = "listed"
    """listed; returned (of a matter: taken over as open) or disputed; a matter also settled meanwhile."""
    returned_on: date | None = None
    """The day it was counted, or the matter was settled."""
    remark: str = ""
    figure: Decimal | None = Field(default=None, sa_type=Exact)
    """What was counted, read or owed of money and meters; None where the property has none of it."""
    unit: str = Field(default="", sa_column_kwargs=_EMPTY)
    """Of the figure: a currency, kWh, m³; empty for things."""
    owner: str = Field(default="", sa_column_kwargs=_EMPTY)
    """Who owes an open matter: a post, client or custodian; never a person."""
    due_on: date | None = None
    """Until when an open matter is owed."""


class HandoverReceiver(SQLModel, table=True):
    """Who takes the property over: the next custodian or the owners' committee, the third party of the protocol."""

    __table_args__ = (
        UniqueConstraint("engagement_id"),
        CheckConstraint("kind in ('custodian','committee')", name="kind"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    kind: str
    """custodian (the next one) or committee (of the owners)."""
    name: str
    """Of the organisation, never of a person."""
    contact_ref: str
    """Reference of the person who is written to."""
    named_on: date


class HandoverArchive(SQLModel, table=True):
    """An archive that was made for the owners: what it held is known by the hash of its manifest."""

    __table_args__ = (UniqueConstraint("engagement_id", "manifest_sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    manifest_sha256: str
    file_count: int
    byte_count: int = Field(sa_type=BigInteger)
    with_people: bool
    """Whether the owners' register is in it."""
    audit_sequence: int
    """Up to which audit entry it reaches."""
    made_on: date
