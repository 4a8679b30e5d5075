"""Is everything that was received given back, and what is still open? The handover list at the end (C4)."""

from datetime import date

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import foreign_key

_EMPTY = {"server_default": ""}
"""Rows written before the column came have none."""

COUNTED = ("asset", "document", "account")
"""Kinds that are given back: without a count of each there is no protocol."""
MATTERS = ("action", "order", "request", "instalment", "statement")
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
    owner: str = Field(default="", sa_column_kwargs=_EMPTY)
    """Who owes an open matter: a post, client or custodian; never a person."""
    due_on: date | None = None
    """Until when an open matter is owed."""
