"""Is everything that was received given back? The handover list at the end (C4)."""

from datetime import date

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import foreign_key


class HandoverItem(SQLModel, table=True):
    """An asset, a document, an account or an open matter to hand over, and what came of it."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "kind", "ref"),
        CheckConstraint("state in ('listed','returned','disputed')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    kind: str
    """asset, document, account, action."""
    ref: str
    title: str
    condition: str = ""
    state: str = "listed"
    returned_on: date | None = None
    remark: str = ""
