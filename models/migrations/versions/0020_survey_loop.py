"""Since when changes of service are followed by a survey, and what a verdict on an improvement was reckoned from."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("special_since", sa.Date(), nullable=True))
    with op.batch_alter_table("improvementaction", schema=None) as batch_op:
        batch_op.add_column(sa.Column("evidence", sa.JSON(), server_default="{}", nullable=False))
    # Nobody is surprised by invitations that ask of what happened before the software could ask. A demonstration
    # counts its own days.
    op.execute("UPDATE engagement SET special_since = COALESCE(simulated_on, CURRENT_DATE)")


def downgrade() -> None:
    # Not in a batch: on SQLite that copies the table, and other tables refer to its rows.
    op.drop_column("improvementaction", "evidence")
    op.drop_column("engagement", "special_since")
