"""The planned work that the rounds of a patrol route are."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("patrolroute", schema=None) as batch_op:
        batch_op.add_column(sa.Column("series", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("patrolroute", schema=None) as batch_op:
        batch_op.drop_column("series")
