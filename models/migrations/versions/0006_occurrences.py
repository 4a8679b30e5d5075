"""The record of each occurrence of a promise, meter readings, and how a promise is planned."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meterreading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("asset_tag", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("value", models.columns.Exact(length=40), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_meterreading_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meterreading")),
        sa.UniqueConstraint(
            "engagement_id",
            "asset_tag",
            "read_on",
            "value",
            name=op.f("uq_meterreading_engagement_id_asset_tag_read_on_value"),
        ),
    )
    with op.batch_alter_table("meterreading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meterreading_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "occurrence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("series", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("commitment_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("post_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("target_kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("target_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("nominal_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("latest_on", sa.Date(), nullable=False),
        sa.Column("legal_latest_on", sa.Date(), nullable=True),
        sa.Column("shift", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("release_on", sa.Date(), nullable=False),
        sa.Column("floating", sa.Boolean(), nullable=False),
        sa.Column("by_meter", sa.Boolean(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("absorbed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state in ('planned','released','done','absorbed','skipped','missed')",
            name=op.f("ck_occurrence_state"),
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_occurrence_commitment_id")
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_occurrence_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint(
            "engagement_id", "series", "ordinal", name=op.f("uq_occurrence_engagement_id_series_ordinal")
        ),
    )
    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_occurrence_commitment_id"), ["commitment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_occurrence_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index("ix_occurrence_month", ["engagement_id", "due_on", "state"], unique=False)
        batch_op.create_index(
            "ix_occurrence_order", ["engagement_id", "commitment_code", "target_code", "due_on"], unique=False
        )

    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("planning", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only: restore a backup instead")
