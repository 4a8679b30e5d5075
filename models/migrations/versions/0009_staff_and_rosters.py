"""Qualifications, leave and planned rosters of the staff."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "qualification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("issuer", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_qualification_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
        sa.UniqueConstraint(
            "engagement_id", "staff_ref", "kind", "number_hash", "expires_on", name="uq_qualification_number"
        ),
    )
    with op.batch_alter_table("qualification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qualification_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "rostershift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("post_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_rostershift_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rostershift")),
        sa.UniqueConstraint(
            "engagement_id",
            "post_code",
            "starts_at",
            "staff_ref",
            name=op.f("uq_rostershift_engagement_id_post_code_starts_at_staff_ref"),
        ),
    )
    with op.batch_alter_table("rostershift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rostershift_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "staffleave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_staffleave_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staffleave")),
        sa.UniqueConstraint(
            "engagement_id",
            "staff_ref",
            "first_on",
            "last_on",
            name=op.f("uq_staffleave_engagement_id_staff_ref_first_on_last_on"),
        ),
    )
    with op.batch_alter_table("staffleave", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staffleave_engagement_id"), ["engagement_id"], unique=False)

    with op.batch_alter_table("staffmember", schema=None) as batch_op:
        batch_op.add_column(sa.Column("left_on", sa.Date(), nullable=True))

    with op.batch_alter_table("trainingrecord", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("uq_trainingrecord_engagement_id_staff_ref_module_code"), type_="unique"
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_trainingrecord_engagement_id_staff_ref_module_code_held_on"),
            ["engagement_id", "staff_ref", "module_code", "held_on"],
        )


def downgrade() -> None:
    # Repeated tests do not fit the older key: the first of each stays.
    op.execute(
        "delete from trainingrecord where id not in "
        "(select min(id) from trainingrecord group by engagement_id, staff_ref, module_code)"
    )
    with op.batch_alter_table("trainingrecord", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("uq_trainingrecord_engagement_id_staff_ref_module_code_held_on"), type_="unique"
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_trainingrecord_engagement_id_staff_ref_module_code"),
            ["engagement_id", "staff_ref", "module_code"],
        )
    with op.batch_alter_table("staffmember", schema=None) as batch_op:
        batch_op.drop_column("left_on")
    op.drop_table("staffleave")
    op.drop_table("rostershift")
    op.drop_table("qualification")
