"""Records from the field with who, when, where and photos; readings of rounds; the stock of spare parts."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stockpart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("unit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("safety_stock", models.columns.Exact(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_stockpart_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stockpart")),
        sa.UniqueConstraint("engagement_id", "code", name=op.f("uq_stockpart_engagement_id_code")),
    )
    with op.batch_alter_table("stockpart", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stockpart_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "workrowdoubt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sheet", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expected", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_workrowdoubt_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workrowdoubt")),
        sa.UniqueConstraint(
            "engagement_id",
            "sha256",
            "row",
            "column",
            "expected",
            name=op.f("uq_workrowdoubt_engagement_id_sha256_row_column_expected"),
        ),
    )
    with op.batch_alter_table("workrowdoubt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workrowdoubt_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "stockmovement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("part_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("quantity", models.columns.Exact(length=40), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("work_order_id", sa.Integer(), nullable=True),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind in ('receipt','issue','count')", name=op.f("ck_stockmovement_kind")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_stockmovement_engagement_id")
        ),
        sa.ForeignKeyConstraint(
            ["work_order_id"], ["workorder.id"], name=op.f("fk_stockmovement_work_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stockmovement")),
        sa.UniqueConstraint(
            "engagement_id",
            "part_code",
            "kind",
            "reference",
            name=op.f("uq_stockmovement_engagement_id_part_code_kind_reference"),
        ),
    )
    with op.batch_alter_table("stockmovement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stockmovement_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(
            "ix_stockmovement_level", ["engagement_id", "part_code", "moved_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_stockmovement_work_order_id"), ["work_order_id"], unique=False)

    op.create_table(
        "checkreading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("work_record_id", sa.Integer(), nullable=False),
        sa.Column("asset_tag", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("item", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", models.columns.Exact(length=40), nullable=True),
        sa.Column("unit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("low", models.columns.Exact(length=40), nullable=True),
        sa.Column("high", models.columns.Exact(length=40), nullable=True),
        sa.Column("verdict", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.CheckConstraint("verdict in ('ok','early','out')", name=op.f("ck_checkreading_verdict")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_checkreading_engagement_id")
        ),
        sa.ForeignKeyConstraint(
            ["work_record_id"], ["workrecord.id"], name=op.f("fk_checkreading_work_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkreading")),
        sa.UniqueConstraint(
            "work_record_id", "asset_tag", "item", name=op.f("uq_checkreading_work_record_id_asset_tag_item")
        ),
    )
    with op.batch_alter_table("checkreading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checkreading_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(
            "ix_checkreading_trend", ["engagement_id", "asset_tag", "item", "read_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_checkreading_work_record_id"), ["work_record_id"], unique=False)

    op.create_table(
        "workphoto",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work_record_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["work_record_id"], ["workrecord.id"], name=op.f("fk_workphoto_work_record_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workphoto")),
        sa.UniqueConstraint("work_record_id", "sha256", name=op.f("uq_workphoto_work_record_id_sha256")),
    )
    with op.batch_alter_table("workphoto", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workphoto_work_record_id"), ["work_record_id"], unique=False)

    with op.batch_alter_table("workorder", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("priority", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("respond_by", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))

    with op.batch_alter_table("workrecord", schema=None) as batch_op:
        batch_op.add_column(sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(
            sa.Column("place", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("corrects", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("workrecord", schema=None) as batch_op:
        for name in ("source", "reason", "corrects", "place", "done_at"):
            batch_op.drop_column(name)
    with op.batch_alter_table("workorder", schema=None) as batch_op:
        batch_op.drop_column("respond_by")
        batch_op.drop_column("priority")
    for table in ("workphoto", "checkreading", "stockmovement", "workrowdoubt", "stockpart"):
        op.drop_table(table)
