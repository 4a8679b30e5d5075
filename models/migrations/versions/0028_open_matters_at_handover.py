"""Open matters of the handover list bear who owes them and until when, and may be settled meanwhile."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from alembic.operations import BatchOperations

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_STATE = "ck_handoveritem_state"


def _states(batch_op: BatchOperations, states: str) -> None:
    if op.get_bind().dialect.name != "sqlite":  # there the table is copied, and its checks are not
        batch_op.drop_constraint(op.f(_STATE), type_="check")
    batch_op.create_check_constraint(op.f(_STATE), f"state in ({states})")


def upgrade() -> None:
    with op.batch_alter_table("handoveritem", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        _states(batch_op, "'listed','returned','disputed','settled'")


def downgrade() -> None:
    # What was settled since the list was drawn up is nobody's to take over any more.
    op.execute("delete from handoveritem where state = 'settled'")
    with op.batch_alter_table("handoveritem", schema=None) as batch_op:
        _states(batch_op, "'listed','returned','disputed'")
        batch_op.drop_column("due_on")
        batch_op.drop_column("owner")
