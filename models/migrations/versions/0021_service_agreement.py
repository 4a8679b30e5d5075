"""What was agreed that the service desk promises: its hours and targets; and where owners meet."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("engagement") as table:
        table.add_column(sa.Column("service_agreement", sa.JSON(), server_default="{}", nullable=False))
        table.add_column(
            sa.Column("meeting_place", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )


def downgrade() -> None:
    # Not in a batch: on SQLite that copies the table, and other tables refer to its rows.
    op.drop_column("engagement", "meeting_place")
    op.drop_column("engagement", "service_agreement")
