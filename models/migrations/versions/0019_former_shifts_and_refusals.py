"""Planned shifts that a later roster changed or took away, and mailboxes that refused us."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "formershift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("post_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("replaced_on", sa.Date(), nullable=False),
        sa.Column("replaced_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_formershift_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_formershift")),
    )
    with op.batch_alter_table("formershift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_formershift_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "mailboxrefusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("settings_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("refused_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailboxrefusal")),
        sa.UniqueConstraint("mailbox", name=op.f("uq_mailboxrefusal_mailbox")),
    )


def downgrade() -> None:
    op.drop_table("mailboxrefusal")
    op.drop_table("formershift")
