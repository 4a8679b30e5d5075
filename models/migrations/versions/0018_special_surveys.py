"""What was decided about surveys after changes of service, and who held an interview."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "specialsurveysetting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("after_days", sa.Integer(), nullable=False),
        sa.Column("least_gap_days", sa.Integer(), nullable=False),
        sa.Column("kinds", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_specialsurveysetting_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_specialsurveysetting")),
        sa.UniqueConstraint("engagement_id", name=op.f("uq_specialsurveysetting_engagement_id")),
    )
    with op.batch_alter_table("specialsurveysetting", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_specialsurveysetting_engagement_id"), ["engagement_id"], unique=False
        )
    with op.batch_alter_table("surveycall", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("interviewer", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("surveycall", schema=None) as batch_op:
        batch_op.drop_column("interviewer")
    op.drop_table("specialsurveysetting")
