"""Where did the money come from and go to, who answers for the accounts, and were they audited? (C2)"""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Exact, Money, foreign_key


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
    """Also says to which fund it belongs: `models.rules.account_items`."""
    amount: Decimal = Field(sa_type=Money)
    text: str
    owed_on: date | None = None
    """The day a fee was due: it tells fees of the period from arrears and advances."""
    corrects: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Label of the returned period this entry belongs to instead of the period of its date; else empty."""


class Statement(SQLModel, table=True):
    """The accounts of a period as they stand: compiled, reviewed by a second person, audited by the client.

    A returned one is compiled anew in its place, with the next number; what it said before is a `FormerStatement`.
    """

    __table_args__ = (
        UniqueConstraint("engagement_id", "period"),
        CheckConstraint("state in ('compiled','reviewed','audited','returned')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    period: str
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    state: str = "compiled"
    income: Decimal = Field(sa_type=Money)
    expense: Decimal = Field(sa_type=Money)
    budget: Decimal = Field(sa_type=Money)
    """The three of the service money alone: other funds are in `StatementFund`."""
    compiled_on: date
    due_on: date | None = None
    """The last day on which it is in time with the client; None for months, which nobody audits."""
    prepared_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    reviewed_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    issued_on: date | None = None
    """The day it was reviewed and put to the client."""
    audited_on: date | None = None
    control_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    control_sum: Decimal = Field(
        default=Decimal("0.00"), sa_type=Money, sa_column_kwargs={"server_default": "0"}
    )
    control_sha256: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Number, sum (income less expense, all funds) and hash of its vouchers; empty where it is older than controls."""
    last_entry: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The newest entry of the ledger when it was compiled: what is newer is in no figure of it."""


class StatementLine(SQLModel, table=True):
    """One item of the service money in a statement, against its share of the budget."""

    __table_args__ = (UniqueConstraint("statement_id", "kind", "cost_item"),)

    id: int | None = Field(default=None, primary_key=True)
    statement_id: int = foreign_key("statement.id")
    kind: str
    cost_item: str
    actual: Decimal = Field(sa_type=Money)
    budget: Decimal = Field(sa_type=Money)


class StatementFund(SQLModel, table=True):
    """One fund in a statement, the service money among them: each is carried forward by itself."""

    __table_args__ = (UniqueConstraint("statement_id", "fund"),)

    id: int | None = Field(default=None, primary_key=True)
    statement_id: int = foreign_key("statement.id")
    fund: str
    opening: Decimal = Field(sa_type=Money)
    received: Decimal = Field(sa_type=Money)
    paid: Decimal = Field(sa_type=Money)
    closing: Decimal = Field(sa_type=Money)


class FormerStatement(SQLModel, table=True):
    """What a version said that was sent back: kept as it was."""

    __table_args__ = (UniqueConstraint("statement_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    statement_id: int = foreign_key("statement.id")
    version: int
    income: Decimal = Field(sa_type=Money)
    expense: Decimal = Field(sa_type=Money)
    budget: Decimal = Field(sa_type=Money)
    compiled_on: date
    returned_because: str
    control_count: int
    control_sum: Decimal = Field(sa_type=Money)
    control_sha256: str
    last_entry: int
    lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """Each with `kind`, `cost_item`, `actual` and `budget`, amounts as text."""
    funds: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """Each with `fund`, `opening`, `received`, `paid` and `closing`, amounts as text."""


class VarianceReason(SQLModel, table=True):
    """Why an item of a period is far from its budget, in the custodian's words."""

    __table_args__ = (UniqueConstraint("engagement_id", "period", "kind", "cost_item"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    period: str
    kind: str
    cost_item: str
    reason: str
    given_by: str
    given_on: date


class AccountsTerms(SQLModel, table=True):
    """What both sides agreed on the accounts beside the contract; no row: `models.rules.accounts_terms` as proposed."""

    __table_args__ = (UniqueConstraint("engagement_id"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    reason_share: Decimal = Field(sa_type=Exact)
    reason_amount: Decimal = Field(sa_type=Money)
    large_amount: Decimal = Field(sa_type=Money)
    quarter_days: int
    year_days: int
    remuneration_fixed: Decimal | None = Field(default=None, sa_type=Money)


class BankLine(SQLModel, table=True):
    """One movement on a bank account as the bank's statement tells it."""

    __table_args__ = (
        # Named by hand: PostgreSQL takes at most 63 characters.
        UniqueConstraint(
            "engagement_id",
            "account",
            "booked_on",
            "amount",
            "reference",
            "text",
            "ordinal",
            name="uq_bankline_movement",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    account: str
    booked_on: date
    amount: Decimal = Field(sa_type=Money)
    """Into the account above 0, out of it below."""
    text: str
    reference: str
    ordinal: int
    """Counts movements that are alike in all of this: one a file shows twice is two."""
