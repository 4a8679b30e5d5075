"""Who are the people of an engagement? Personal data, kept in this one table and nowhere else."""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import foreign_key


class Person(SQLModel, table=True):
    """A person with a role; every other table refers to people by `ref` alone."""

    __table_args__ = (UniqueConstraint("engagement_id", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    ref: str
    role: str
    """client, custodian, receiver, owner, tenant, staff or contact."""
    name: str
    email: str = ""
    phone: str = ""
    unit: str = ""
    property_type: str = ""
    erased_on: date | None = None

    def __repr__(self) -> str:
        """Only the reference: a representation may end in a log."""
        return f"Person({self.ref})"

    __str__ = __repr__
