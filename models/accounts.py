"""Where did the money come from and go to, and were the accounts audited? (C2)"""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Money, foreign_key


class LedgerEntry(SQLModel, table=True):
    """One booking with its voucher; never changed, corrected by a further entry."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "voucher"),
        CheckConstraint("kind in ('income','expense')", name="kind"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    voucher: str
    booked_on: date
    kind: str
    cost_item: str
    amount: Decimal = Field(sa_type=Money)
    text: str


class Statement(SQLModel, table=True):
    """The income and expense report of a period: compiled, then audited by the client's decision."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "period"),
        CheckConstraint("state in ('compiled','audited','returned')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    period: str
    state: str = "compiled"
    income: Decimal = Field(sa_type=Money)
    expense: Decimal = Field(sa_type=Money)
    budget: Decimal = Field(sa_type=Money)
    compiled_on: date
    audited_on: date | None = None


class StatementLine(SQLModel, table=True):
    """One cost item of a statement, against its share of the budget."""

    __table_args__ = (UniqueConstraint("statement_id", "kind", "cost_item"),)

    id: int | None = Field(default=None, primary_key=True)
    statement_id: int = foreign_key("statement.id")
    kind: str
    cost_item: str
    actual: Decimal = Field(sa_type=Money)
    budget: Decimal = Field(sa_type=Money)
