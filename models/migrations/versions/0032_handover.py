"""What an orderly handover keeps: archives, who takes over, figures of the count, and what was renewed into what."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handoverarchive",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("manifest_sha256", sa.String(), nullable=False),
        sa.Column("file_count", sa.Integer(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("with_people", sa.Boolean(), nullable=False),
        sa.Column("audit_sequence", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_handoverarchive_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoverarchive")),
        sa.UniqueConstraint(
            "engagement_id",
            "manifest_sha256",
            name=op.f("uq_handoverarchive_engagement_id_manifest_sha256"),
        ),
    )
    op.create_index(op.f("ix_handoverarchive_engagement_id"), "handoverarchive", ["engagement_id"])
    op.create_table(
        "handoverreceiver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contact_ref", sa.String(), nullable=False),
        sa.Column("named_on", sa.Date(), nullable=False),
        sa.CheckConstraint("kind in ('custodian','committee')", name=op.f("ck_handoverreceiver_kind")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_handoverreceiver_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoverreceiver")),
        sa.UniqueConstraint("engagement_id", name=op.f("uq_handoverreceiver_engagement_id")),
    )
    op.create_index(op.f("ix_handoverreceiver_engagement_id"), "handoverreceiver", ["engagement_id"])
    op.create_table(
        "renewal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("from_engagement_id", sa.Integer(), nullable=False),
        sa.Column("renewed_on", sa.Date(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_renewal_engagement_id")),
        sa.ForeignKeyConstraint(
            ["from_engagement_id"], ["engagement.id"], name=op.f("fk_renewal_from_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal")),
        sa.UniqueConstraint("engagement_id", name=op.f("uq_renewal_engagement_id")),
        sa.UniqueConstraint("from_engagement_id", name=op.f("uq_renewal_from_engagement_id")),
    )
    op.create_index(op.f("ix_renewal_engagement_id"), "renewal", ["engagement_id"])
    op.create_index(op.f("ix_renewal_from_engagement_id"), "renewal", ["from_engagement_id"])
    op.add_column("engagement", sa.Column("serving_until", sa.Date(), nullable=True))
    op.add_column("handoveritem", sa.Column("figure", sa.String(length=40), nullable=True))
    op.add_column("handoveritem", sa.Column("unit", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("engagement", "serving_until")
    op.drop_column("handoveritem", "unit")
    op.drop_column("handoveritem", "figure")
    op.drop_table("renewal")
    op.drop_table("handoverreceiver")
    op.drop_table("handoverarchive")
