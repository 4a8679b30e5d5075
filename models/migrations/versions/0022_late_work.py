"""Late work that somebody was told of; repairs stay open until somebody has done them."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workalert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("work_order_id", sa.Integer(), nullable=False),
        sa.Column("late", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("late in ('not_begun','overdue')", name=op.f("ck_workalert_late")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_workalert_engagement_id")
        ),
        sa.ForeignKeyConstraint(["work_order_id"], ["workorder.id"], name=op.f("fk_workalert_work_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workalert")),
        sa.UniqueConstraint("work_order_id", "late", name=op.f("uq_workalert_work_order_id_late")),
    )
    with op.batch_alter_table("workalert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workalert_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_workalert_work_order_id"), ["work_order_id"], unique=False)

    # A month that closed called a repair missed, and nobody saw any more that it waited.
    op.execute(
        "update workorder set state = 'released' where state = 'missed' and commitment_id is null and done_on is null"
    )


def downgrade() -> None:
    op.drop_table("workalert")
