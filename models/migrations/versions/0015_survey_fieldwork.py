"""What comes in while a survey is in the field: batches, paper forms entered twice, calls, wrong codes."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "surveycodemiss",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("missed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["surveywave.id"], name=op.f("fk_surveycodemiss_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveycodemiss")),
    )
    with op.batch_alter_table("surveycodemiss", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveycodemiss_missed_at"), ["missed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_surveycodemiss_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "surveyintake",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("batch", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["surveywave.id"], name=op.f("fk_surveyintake_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveyintake")),
        sa.UniqueConstraint("wave_id", "source", "batch", name=op.f("uq_surveyintake_wave_id_source_batch")),
    )
    with op.batch_alter_table("surveyintake", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveyintake_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "surveycall",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("called_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("again_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_surveycall_invitation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveycall")),
        sa.UniqueConstraint("invitation_id", "called_at", name=op.f("uq_surveycall_invitation_id_called_at")),
    )
    with op.batch_alter_table("surveycall", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveycall_invitation_id"), ["invitation_id"], unique=False)

    op.create_table(
        "surveypaperentry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("clerk", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("comment", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.CheckConstraint("entry in (1, 2)", name=op.f("ck_surveypaperentry_entry")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_surveypaperentry_invitation_id")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["surveywave.id"], name=op.f("fk_surveypaperentry_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveypaperentry")),
        sa.UniqueConstraint("invitation_id", "clerk", name=op.f("uq_surveypaperentry_invitation_id_clerk")),
        sa.UniqueConstraint("invitation_id", "entry", name=op.f("uq_surveypaperentry_invitation_id_entry")),
    )
    with op.batch_alter_table("surveypaperentry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_surveypaperentry_invitation_id"), ["invitation_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_surveypaperentry_wave_id"), ["wave_id"], unique=False)

    # What came in before batches were kept, so that accepted sheets and answers stay equal.
    op.execute(
        "INSERT INTO surveyintake (wave_id, source, batch, received, accepted, rejected, repeated) "
        "SELECT wave_id, 'earlier', 'earlier', COUNT(*), COUNT(*), 0, 0 FROM surveyresponse GROUP BY wave_id"
    )


def downgrade() -> None:
    for table in (
        *("surveypaperentry", "surveycall"),
        *("surveyintake", "surveycodemiss"),
    ):
        op.drop_table(table)
