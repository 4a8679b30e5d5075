"""Mailbox bookmarks, text messages, acknowledgements by link or answer, and notice boards."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailboxbookmark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("mailbox", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("first_uid", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("read_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_mailboxbookmark_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailboxbookmark")),
        sa.UniqueConstraint(
            "engagement_id", "mailbox", name=op.f("uq_mailboxbookmark_engagement_id_mailbox")
        ),
    )
    with op.batch_alter_table("mailboxbookmark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailboxbookmark_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "noticeboard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("place_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_noticeboard_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_noticeboard")),
        sa.UniqueConstraint(
            "engagement_id", "place_code", name=op.f("uq_noticeboard_engagement_id_place_code")
        ),
    )
    with op.batch_alter_table("noticeboard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_noticeboard_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "textmessage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("dedup_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("not_after", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("gateway_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state in ('queued','sending','sent','failed','uncertain')", name=op.f("ck_textmessage_state")
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_textmessage_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_textmessage")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_textmessage_dedup_key")),
    )
    with op.batch_alter_table("textmessage", schema=None) as batch_op:
        batch_op.create_index("ix_textmessage_drain", ["state", "not_before"], unique=False)
        batch_op.create_index(batch_op.f("ix_textmessage_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "incidenttoken",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("person_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("used_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incidenttoken_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidenttoken")),
        sa.UniqueConstraint(
            "incident_id", "person_ref", name=op.f("uq_incidenttoken_incident_id_person_ref")
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_incidenttoken_token_hash")),
    )
    with op.batch_alter_table("incidenttoken", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incidenttoken_incident_id"), ["incident_id"], unique=False)

    with op.batch_alter_table("servicerequest", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("asset_tag", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
    with op.batch_alter_table("bulletindelivery", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("posted_by", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("taken_down_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(
            sa.Column("taken_down_by", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )


def downgrade() -> None:
    # Not in a batch: on SQLite that copies the table, and other tables refer to its rows.
    op.drop_column("servicerequest", "asset_tag")
    with op.batch_alter_table("bulletindelivery", schema=None) as batch_op:
        for column in ("taken_down_by", "taken_down_at", "posted_by"):
            batch_op.drop_column(column)
    for table in ("incidenttoken", "textmessage", "noticeboard", "mailboxbookmark"):
        op.drop_table(table)
