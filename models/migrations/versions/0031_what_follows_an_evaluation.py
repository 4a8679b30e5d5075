"""Words and problems of a review, differences and tasks after an evaluation, and the early end of a custody."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "earlyend",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ground", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("party", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("former_end", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("former_instalments", sa.JSON(), nullable=False),
        sa.CheckConstraint("ground in ('agreement','breach','notice')", name=op.f("ck_earlyend_ground")),
        sa.CheckConstraint("party in ('client','custodian')", name=op.f("ck_earlyend_party")),
        sa.CheckConstraint(
            "state in ('given','agreed','refused','taken_back')", name=op.f("ck_earlyend_state")
        ),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_earlyend_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlyend")),
        sa.UniqueConstraint("engagement_id", "number", name=op.f("uq_earlyend_engagement_id_number")),
    )
    with op.batch_alter_table("earlyend", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_earlyend_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "followuptask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("path", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("task", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("path in ('renew','change','end')", name=op.f("ck_followuptask_path")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_followuptask_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followuptask")),
        sa.UniqueConstraint(
            "engagement_id", "path", "task", name=op.f("uq_followuptask_engagement_id_path_task")
        ),
    )
    with op.batch_alter_table("followuptask", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_followuptask_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "reviewproblem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("action_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_reviewproblem_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewproblem")),
        sa.UniqueConstraint(
            "engagement_id", "period", "ref", name=op.f("uq_reviewproblem_engagement_id_period_ref")
        ),
    )
    with op.batch_alter_table("reviewproblem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reviewproblem_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "reviewwords",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("written_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_reviewwords_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewwords")),
        sa.UniqueConstraint("engagement_id", "period", name=op.f("uq_reviewwords_engagement_id_period")),
    )
    with op.batch_alter_table("reviewwords", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reviewwords_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "evaluationdifference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("about", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("settle_by", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("settled_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_evaluationdifference_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluationdifference")),
        sa.UniqueConstraint("review_id", "about", name=op.f("uq_evaluationdifference_review_id_about")),
    )
    with op.batch_alter_table("evaluationdifference", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evaluationdifference_review_id"), ["review_id"], unique=False)

    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("evaluation_terms", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    # Not in a batch: on SQLite that copies the table, and other tables refer to its rows.
    op.drop_column("engagement", "evaluation_terms")
    for table in ("evaluationdifference", "reviewwords", "reviewproblem", "followuptask", "earlyend"):
        op.drop_table(table)
