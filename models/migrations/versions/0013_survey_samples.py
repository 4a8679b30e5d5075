"""Frame and samples of surveys, the questions asked under each code, whose answer it is, and when an action was judged."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "surveyframeunit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("unit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("building", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("property_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("contact_kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("modes", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "contact_kind in ('owner','user','tenant_contact','employee')",
            name=op.f("ck_surveyframeunit_contact_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_surveyframeunit_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveyframeunit")),
        sa.UniqueConstraint("engagement_id", "ref", name=op.f("uq_surveyframeunit_engagement_id_ref")),
    )
    with op.batch_alter_table("surveyframeunit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveyframeunit_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "surveyitemmark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mark", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_surveyitemmark_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveyitemmark")),
        sa.UniqueConstraint("engagement_id", "code", name=op.f("uq_surveyitemmark_engagement_id_code")),
    )
    with op.batch_alter_table("surveyitemmark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveyitemmark_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "surveysample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("population", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("frame_count", sa.Integer(), nullable=False),
        sa.Column("instrument", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_surveysample_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveysample")),
        sa.UniqueConstraint("engagement_id", "period", name=op.f("uq_surveysample_engagement_id_period")),
    )
    with op.batch_alter_table("surveysample", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveysample_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "surveysampleunit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("building", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("stratum", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mode", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["surveysample.id"], name=op.f("fk_surveysampleunit_sample_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveysampleunit")),
        sa.UniqueConstraint("sample_id", "ref", name=op.f("uq_surveysampleunit_sample_id_ref")),
    )
    with op.batch_alter_table("surveysampleunit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveysampleunit_sample_id"), ["sample_id"], unique=False)

    op.create_table(
        "surveyresponselink",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_surveyresponselink_invitation_id")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["surveyresponse.id"], name=op.f("fk_surveyresponselink_response_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveyresponselink")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_surveyresponselink_invitation_id")),
        sa.UniqueConstraint("response_id", name=op.f("uq_surveyresponselink_response_id")),
    )
    with op.batch_alter_table("surveyresponselink", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_surveyresponselink_invitation_id"), ["invitation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_surveyresponselink_response_id"), ["response_id"], unique=False)

    with op.batch_alter_table("improvementaction", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verified_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("improvementaction", schema=None) as batch_op:
        batch_op.drop_column("verified_on")
    for table in (
        *("surveyresponselink", "surveysampleunit"),
        *("surveysample", "surveyitemmark", "surveyframeunit"),
    ):
        op.drop_table(table)
