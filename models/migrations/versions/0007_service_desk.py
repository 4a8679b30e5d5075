"""Requests from files of publishers: their source, promises of theirs alone, rows in doubt."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
import sqlmodel
from alembic import op
from alembic.operations import BatchOperations

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


@contextmanager
def _requests_with(states: str) -> Iterator[BatchOperations]:
    """Change the table of requests and the states it allows; SQLite makes it anew to do so."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:  # events refer to the table that is dropped and made anew, and would not let it go
        op.execute("create temporary table kept_events as select * from requestevent")
        op.execute("delete from requestevent")
    with op.batch_alter_table("servicerequest", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_servicerequest_state"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_servicerequest_state"), f"state in ({states})")
        yield batch_op
    if sqlite:
        op.execute("insert into requestevent select * from kept_events")
        op.execute("drop table kept_events")


def upgrade() -> None:
    op.create_table(
        "requestrowdoubt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expected", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_requestrowdoubt_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requestrowdoubt")),
        sa.UniqueConstraint(
            "engagement_id",
            "sha256",
            "row",
            "column",
            "expected",
            name=op.f("uq_requestrowdoubt_engagement_id_sha256_row_column_expected"),
        ),
    )
    with op.batch_alter_table("requestrowdoubt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_requestrowdoubt_engagement_id"), ["engagement_id"], unique=False)

    with op.batch_alter_table("requestevent", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
    with _requests_with("'received','responded','waiting','resolved','closed'") as batch_op:
        batch_op.add_column(
            sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("source_id", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.alter_column(
            "response_due_at", existing_type=sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True
        )
        batch_op.alter_column(
            "resolution_due_at", existing_type=sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True
        )
    op.create_table(
        "requestmessage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sender_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_requestmessage_engagement_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["servicerequest.id"], name=op.f("fk_requestmessage_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requestmessage")),
        sa.UniqueConstraint(
            "engagement_id", "message_id", name=op.f("uq_requestmessage_engagement_id_message_id")
        ),
    )
    with op.batch_alter_table("requestmessage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_requestmessage_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_requestmessage_request_id"), ["request_id"], unique=False)


def downgrade() -> None:
    op.drop_table("requestmessage")
    op.execute("update servicerequest set state = 'responded' where state = 'waiting'")
    # Requests without a promise cannot go back into columns that want one.
    op.execute("update servicerequest set response_due_at = received_at where response_due_at is null")
    op.execute("update servicerequest set resolution_due_at = received_at where resolution_due_at is null")
    with _requests_with("'received','responded','resolved','closed'") as batch_op:
        batch_op.alter_column(
            "resolution_due_at", existing_type=sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False
        )
        batch_op.alter_column(
            "response_due_at", existing_type=sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False
        )
        batch_op.drop_column("category")
        batch_op.drop_column("source_id")
        batch_op.drop_column("source")
    with op.batch_alter_table("requestevent", schema=None) as batch_op:
        batch_op.drop_column("reason")
    op.drop_table("requestrowdoubt")
