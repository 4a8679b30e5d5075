"""Which instalments does an engagement owe or has it paid? Those of its signed contract, and no others (A5, C2)."""

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.contract import Contract, Instalment


def signed_instalments(key: int) -> SelectOfScalar[Instalment]:
    """The query of the instalments of the engagement's signed contract, the earliest first."""
    return (
        select(Instalment)
        .join(Contract, col(Contract.id) == col(Instalment.contract_id))
        .where(Contract.engagement_id == key, Contract.state == "signed")
        .order_by(col(Instalment.due_on))
    )
