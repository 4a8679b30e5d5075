"""Answers to a sampled wave bear their part of the frame, so that they can be weighted."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString()
    # Waves that were opened before have no cells: their answers are not weighted, as their reports say.
    with op.batch_alter_table("surveywave", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cells", sa.JSON(), nullable=False, server_default="[]"))
    for table in ("invitation", "surveyresponse"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("cell", text, nullable=False, server_default=""))


def downgrade() -> None:
    for table in ("invitation", "surveyresponse"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("cell")
    with op.batch_alter_table("surveywave", schema=None) as batch_op:
        batch_op.drop_column("cells")
