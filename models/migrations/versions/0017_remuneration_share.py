"""The remuneration agreed for cost plus fee, as a share of cost."""

import sqlalchemy as sa
from alembic import op

import models.columns

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("remuneration_share", models.columns.Exact(length=40), nullable=True))


def downgrade() -> None:
    # Not in a batch: on SQLite that copies the table, and other tables refer to its rows.
    op.drop_column("engagement", "remuneration_share")
