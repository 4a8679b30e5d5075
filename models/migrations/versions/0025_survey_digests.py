"""The day's look at single answers that do not wait; what came of an interview stands with its call."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "surveydigest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["surveywave.id"], name=op.f("fk_surveydigest_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveydigest")),
        sa.UniqueConstraint("wave_id", "day", name=op.f("uq_surveydigest_wave_id_day")),
    )
    with op.batch_alter_table("surveydigest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveydigest_wave_id"), ["wave_id"], unique=False)
    with op.batch_alter_table("surveycall", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("answers", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("superseded", sa.Boolean(), server_default=sa.false(), nullable=False))
    # Of interviews taken before, it is not kept how much they said; that they came in is.
    op.execute(
        "update surveycall set answers = 'I' where outcome in ('answered', 'break_off') and exists "
        "(select 1 from invitation where invitation.id = surveycall.invitation_id and used_on is not null)"
    )
    # Entries of forms that never agreed tell who answered what; of waves that are closed nothing is taken from them any more.
    op.execute(
        "update surveypaperentry set scores = '{}', comment = '' where not taken "
        "and wave_id in (select id from surveywave where closed_on is not null)"
    )


def downgrade() -> None:
    with op.batch_alter_table("surveycall", schema=None) as batch_op:
        batch_op.drop_column("superseded")
        batch_op.drop_column("answers")
    op.drop_table("surveydigest")
