"""How are money, exact figures and keys stored? The column types every table shares."""

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Integer, String, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlmodel import Field, SQLModel

# Named constraints, so that a migration on SQLite and PostgreSQL can refer to them.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

CENT = Decimal("0.01")


class Money(TypeDecorator[Decimal]):
    """An amount of the engagement's currency: `Decimal` in Python, whole hundredths in the database.

    SQLite has no exact decimal type; an integer is exact on both databases.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> int | None:
        """Refuse fractions of a hundredth: rounding is a decision for the rule that made the amount."""
        if value is None:
            return None
        if value != value.quantize(CENT):
            raise ValueError(f"an amount has at most two decimal places: {value}")
        return int(value * 100)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> Decimal | None:
        """Hundredths back to an amount with two decimal places."""
        return None if value is None else (Decimal(value) / 100).quantize(CENT)


class Exact(TypeDecorator[Decimal]):
    """A share, a reading or a number of hours: `Decimal` in Python, its plain text in the database."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> str | None:
        """Plain notation, never an exponent."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Decimal | None:
        """The text back to the same figure."""
        return None if value is None else Decimal(value)


RandomKey = BigInteger().with_variant(Integer(), "sqlite")
"""A key that is drawn at random from 63 bits, so that it says nothing of an order; SQLite's INTEGER holds as much."""


def foreign_key(target: str, *, nullable: bool = False) -> Any:
    """A reference to `table.column`, indexed because every such column is searched by."""
    return Field(default=None, foreign_key=target, index=True, nullable=nullable)
