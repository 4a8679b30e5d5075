"""Keys of survey answers are drawn at random from so many numbers that none is met twice."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_KEYS = (
    ("surveyresponse", "id"),
    ("surveyanswer", "id"),
    ("surveyanswer", "response_id"),
    ("surveyresponselink", "response_id"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return  # its INTEGER holds 63 bits
    for table, column in _KEYS:
        op.alter_column(table, column, existing_type=sa.Integer(), type_=sa.BigInteger())


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, column in reversed(_KEYS):
        op.alter_column(table, column, existing_type=sa.BigInteger(), type_=sa.Integer())
