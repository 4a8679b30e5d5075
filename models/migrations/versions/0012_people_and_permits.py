"""Shifts with an objection, rows of people's sheets not taken, wear parts that are decided on, permits to work."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "importrowdoubt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("source", text(), nullable=False),
        sa.Column("sha256", text(), nullable=False),
        sa.Column("file_name", text(), nullable=False),
        sa.Column("sheet", text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", text(), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.Column("expected", text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_importrowdoubt_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_importrowdoubt")),
        sa.UniqueConstraint(
            "engagement_id", "source", "sha256", "row", "column", "expected", name="uq_importrowdoubt_cell"
        ),
    )
    with op.batch_alter_table("importrowdoubt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_importrowdoubt_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "permit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("work_order_id", sa.Integer(), nullable=False),
        sa.Column("kind", text(), nullable=False),
        sa.Column("holder", text(), nullable=False),
        sa.Column("issued_by", text(), nullable=False),
        sa.Column("valid_from", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("valid_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", text(), nullable=False),
        sa.Column("closed_by", text(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("note", text(), nullable=False),
        sa.Column("issued_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("state in ('issued','closed')", name=op.f("ck_permit_state")),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_permit_engagement_id")),
        sa.ForeignKeyConstraint(["work_order_id"], ["workorder.id"], name=op.f("fk_permit_work_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permit")),
        sa.UniqueConstraint(
            "work_order_id",
            "kind",
            "holder",
            "valid_from",
            name=op.f("uq_permit_work_order_id_kind_holder_valid_from"),
        ),
    )
    with op.batch_alter_table("permit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_permit_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_permit_work_order_id"), ["work_order_id"], unique=False)

    with op.batch_alter_table("shiftrecord", schema=None) as batch_op:
        batch_op.add_column(sa.Column("objection", text(), server_default="", nullable=False))

    with op.batch_alter_table("partforecast", schema=None) as batch_op:
        batch_op.add_column(sa.Column("question", text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("decided_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("reason", text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("partforecast", schema=None) as batch_op:
        for name in ("reason", "decided_on", "question"):
            batch_op.drop_column(name)
    with op.batch_alter_table("shiftrecord", schema=None) as batch_op:
        batch_op.drop_column("objection")
    for table in ("permit", "importrowdoubt"):
        op.drop_table(table)
