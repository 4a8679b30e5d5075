"""Versions of the intake record, and the working calendar of an engagement."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("engagement") as table:
        table.add_column(sa.Column("working_calendar", sa.JSON(), server_default="{}", nullable=False))
    op.create_table(
        "intakeversion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "state in ('proposed','confirmed','returned','superseded')", name=op.f("ck_intakeversion_state")
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_intakeversion_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intakeversion")),
        sa.UniqueConstraint("engagement_id", "version", name=op.f("uq_intakeversion_engagement_id_version")),
    )
    op.create_index(op.f("ix_intakeversion_engagement_id"), "intakeversion", ["engagement_id"])
