"""Patrols with routes and scans, quality inspections, cameras, and the weather that changes planned work."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cameracheck",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("asset_tag", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("recording", sa.Boolean(), nullable=False),
        sa.Column("picture", sa.Boolean(), nullable=False),
        sa.Column("drift_seconds", sa.Integer(), nullable=True),
        sa.Column("days_retained", sa.Integer(), nullable=True),
        sa.Column("healthy", sa.Boolean(), nullable=False),
        sa.Column("faults", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_cameracheck_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cameracheck")),
        sa.UniqueConstraint(
            "engagement_id",
            "asset_tag",
            "checked_on",
            "sequence",
            name=op.f("uq_cameracheck_engagement_id_asset_tag_checked_on_sequence"),
        ),
    )
    with op.batch_alter_table("cameracheck", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cameracheck_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "patrolalert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("route_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("missed", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_patrolalert_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrolalert")),
        sa.UniqueConstraint(
            "engagement_id",
            "route_code",
            "starts_at",
            name=op.f("uq_patrolalert_engagement_id_route_code_starts_at"),
        ),
    )
    with op.batch_alter_table("patrolalert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patrolalert_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "patrolroute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_patrolroute_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrolroute")),
        sa.UniqueConstraint(
            "engagement_id", "code", "valid_from", name=op.f("uq_patrolroute_engagement_id_code_valid_from")
        ),
    )
    with op.batch_alter_table("patrolroute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patrolroute_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "patrolscan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("point_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("scanned_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_patrolscan_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrolscan")),
        sa.UniqueConstraint(
            "engagement_id", "point_code", "scanned_at", "staff_ref", name="uq_patrolscan_once"
        ),
    )
    with op.batch_alter_table("patrolscan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patrolscan_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index("ix_patrolscan_time", ["engagement_id", "scanned_at"], unique=False)

    op.create_table(
        "weatherday",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("rain_mm", models.columns.Exact(length=40), nullable=False),
        sa.Column("wind_ms", models.columns.Exact(length=40), nullable=True),
        sa.Column("frost", sa.Boolean(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_weatherday_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weatherday")),
        sa.UniqueConstraint(
            "engagement_id", "day", "sequence", name=op.f("uq_weatherday_engagement_id_day_sequence")
        ),
    )
    with op.batch_alter_table("weatherday", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_weatherday_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "weatherexception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("series", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("state_before", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("applied_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("undone_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("act in ('skip','move')", name=op.f("ck_weatherexception_act")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_weatherexception_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weatherexception")),
        sa.UniqueConstraint(
            "engagement_id",
            "series",
            "ordinal",
            "sequence",
            name=op.f("uq_weatherexception_engagement_id_series_ordinal_sequence"),
        ),
    )
    with op.batch_alter_table("weatherexception", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_weatherexception_engagement_id"), ["engagement_id"], unique=False
        )

    op.create_table(
        "patrolpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("route_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["route_id"], ["patrolroute.id"], name=op.f("fk_patrolpoint_route_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrolpoint")),
        sa.UniqueConstraint("route_id", "code", name=op.f("uq_patrolpoint_route_id_code")),
        sa.UniqueConstraint("route_id", "position", name=op.f("uq_patrolpoint_route_id_position")),
    )
    with op.batch_alter_table("patrolpoint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patrolpoint_route_id"), ["route_id"], unique=False)

    op.create_table(
        "patrolwindow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("route_id", sa.Integer(), nullable=False),
        sa.Column("starts", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ends", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["route_id"], ["patrolroute.id"], name=op.f("fk_patrolwindow_route_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrolwindow")),
        sa.UniqueConstraint("route_id", "starts", name=op.f("uq_patrolwindow_route_id_starts")),
    )
    with op.batch_alter_table("patrolwindow", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patrolwindow_route_id"), ["route_id"], unique=False)

    op.create_table(
        "qualityinspection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("target_kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("target_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=False),
        sa.Column("inspected_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("score", models.columns.Exact(length=40), nullable=False),
        sa.Column("pass_mark", models.columns.Exact(length=40), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reinspects", sa.Integer(), nullable=True),
        sa.Column("work_order_id", sa.Integer(), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("subject in ('cleaning','greening')", name=op.f("ck_qualityinspection_subject")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_qualityinspection_engagement_id")
        ),
        sa.ForeignKeyConstraint(
            ["reinspects"], ["qualityinspection.id"], name=op.f("fk_qualityinspection_reinspects")
        ),
        sa.ForeignKeyConstraint(
            ["work_order_id"], ["workorder.id"], name=op.f("fk_qualityinspection_work_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualityinspection")),
        sa.UniqueConstraint(
            "engagement_id", "sheet", "target_code", "inspected_at", name="uq_qualityinspection_look"
        ),
    )
    with op.batch_alter_table("qualityinspection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_qualityinspection_engagement_id"), ["engagement_id"], unique=False
        )
        batch_op.create_index(
            "ix_qualityinspection_month", ["engagement_id", "inspected_on", "subject"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_qualityinspection_reinspects"), ["reinspects"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_qualityinspection_work_order_id"), ["work_order_id"], unique=False
        )

    op.create_table(
        "inspectionmark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mark", models.columns.Exact(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["qualityinspection.id"], name=op.f("fk_inspectionmark_inspection_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspectionmark")),
        sa.UniqueConstraint(
            "inspection_id", "criterion", name=op.f("uq_inspectionmark_inspection_id_criterion")
        ),
    )
    with op.batch_alter_table("inspectionmark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inspectionmark_inspection_id"), ["inspection_id"], unique=False)


def downgrade() -> None:
    for table in (
        "inspectionmark",
        "qualityinspection",
        "patrolwindow",
        "patrolpoint",
        "weatherexception",
        "weatherday",
        "patrolscan",
        "patrolroute",
        "patrolalert",
        "cameracheck",
    ):
        op.drop_table(table)
