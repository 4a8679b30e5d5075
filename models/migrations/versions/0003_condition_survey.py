"""Condition survey: forms, inspections, photos, who pays."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conditionimport",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("visit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("imported_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_conditionimport_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conditionimport")),
        sa.UniqueConstraint(
            "engagement_id", "visit", "sha256", name=op.f("uq_conditionimport_engagement_id_visit_sha256")
        ),
    )
    with op.batch_alter_table("conditionimport", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conditionimport_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "conditioninspection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("visit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("element_class", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("item_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asset_tag", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("inspector", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=False),
        sa.Column("edition", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_conditioninspection_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conditioninspection")),
        sa.UniqueConstraint(
            "engagement_id", "visit", "ref", name=op.f("uq_conditioninspection_engagement_id_visit_ref")
        ),
    )
    with op.batch_alter_table("conditioninspection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conditioninspection_engagement_id"), ["engagement_id"], unique=False
        )

    op.create_table(
        "conditionphoto",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("visit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("finding_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_conditionphoto_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conditionphoto")),
        sa.UniqueConstraint(
            "engagement_id",
            "visit",
            "finding_ref",
            "file_name",
            name=op.f("uq_conditionphoto_engagement_id_visit_finding_ref_file_name"),
        ),
    )
    with op.batch_alter_table("conditionphoto", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conditionphoto_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "conditionrejection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("condition_import_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expected", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["condition_import_id"],
            ["conditionimport.id"],
            name=op.f("fk_conditionrejection_condition_import_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conditionrejection")),
        sa.UniqueConstraint(
            "condition_import_id",
            "row",
            "column",
            name=op.f("uq_conditionrejection_condition_import_id_row_column"),
        ),
    )
    with op.batch_alter_table("conditionrejection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conditionrejection_condition_import_id"), ["condition_import_id"], unique=False
        )

    with op.batch_alter_table("conditionfinding", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("item_code", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("verified", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("priority", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("payer", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("payer_basis", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )

    with op.batch_alter_table("elementcondition", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verified", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("replacement_value", models.columns.Money(), nullable=True))
        batch_op.add_column(sa.Column("facility_index", models.columns.Exact(length=40), nullable=True))
        batch_op.add_column(
            sa.Column("facility_band", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("facility_bands", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only: restore a backup instead")
