"""Document handover: how each paper came in, its reminders, and doubted rows of a maintenance history."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TEXTS = ("received_by", "signature_ref", "condition", "file_name", "note")


def upgrade() -> None:
    with op.batch_alter_table("documentitem", schema=None) as batch_op:
        for name in _TEXTS:
            batch_op.add_column(
                sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
            )
        for name in ("pages", "originals", "copies"):
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("listed_on", sa.Date(), nullable=True))
    with op.batch_alter_table("asset", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("tag_number", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
        )
    with op.batch_alter_table("maintenancehistory", schema=None) as batch_op:
        batch_op.add_column(sa.Column("downtime_hours", models.columns.Exact(length=40), nullable=True))
    op.create_table(
        "documentreminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("document_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_documentreminder_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documentreminder")),
        sa.UniqueConstraint(
            "engagement_id",
            "document_ref",
            "number",
            name=op.f("uq_documentreminder_engagement_id_document_ref_number"),
        ),
    )
    with op.batch_alter_table("documentreminder", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_documentreminder_engagement_id"), ["engagement_id"], unique=False
        )
    op.create_table(
        "historyrowdoubt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_historyrowdoubt_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_historyrowdoubt")),
        sa.UniqueConstraint(
            "engagement_id",
            "sha256",
            "row",
            "column",
            name=op.f("uq_historyrowdoubt_engagement_id_sha256_row_column"),
        ),
    )
    with op.batch_alter_table("historyrowdoubt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_historyrowdoubt_engagement_id"), ["engagement_id"], unique=False)
