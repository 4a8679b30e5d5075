"""What was signed? The contract, its clauses and its payment calendar (A5)."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Money, foreign_key


class Contract(SQLModel, table=True):
    """The contract made of one confirmed plan version."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "number"),
        CheckConstraint("state in ('offered','signed','returned','ended')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    plan_id: int = foreign_key("serviceplan.id")
    number: str
    state: str = "offered"
    content_sha256: str
    annual_fee: Decimal = Field(sa_type=Money)
    signed_on: date | None = None


class ContractClause(SQLModel, table=True):
    """One clause: its head (content, rights, fees, payment, breach, disputes, ...) and its text."""

    __table_args__ = (UniqueConstraint("contract_id", "ordinal"),)

    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = foreign_key("contract.id")
    ordinal: int
    head: str
    title: str
    text: str


class Instalment(SQLModel, table=True):
    """One payment of the fee: due, and when it came in."""

    __table_args__ = (UniqueConstraint("contract_id", "due_on"),)

    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = foreign_key("contract.id")
    due_on: date
    amount: Decimal = Field(sa_type=Money)
    paid_on: date | None = None


class ContractAmendment(SQLModel, table=True):
    """What both sides changed in the signed contract by confirming an amended plan; the old figures stay here."""

    __table_args__ = (UniqueConstraint("contract_id", "plan_id"),)

    id: int | None = Field(default=None, primary_key=True)
    contract_id: int = foreign_key("contract.id")
    plan_id: int = foreign_key("serviceplan.id")
    effective_on: date
    agreed_on: date
    reason: str
    document_sha256: str
    """The bytes both sides accepted."""
    old_annual_fee: Decimal = Field(sa_type=Money)
    new_annual_fee: Decimal = Field(sa_type=Money)
    instalments: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """Each changed one with `due_on`, `old` and `new`."""
