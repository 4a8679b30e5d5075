"""Accounts have versions, funds, reasons, a second pair of eyes and a seal; what the bank says stands beside them."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from alembic.operations import BatchOperations

import models.columns

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_STATE = "ck_statement_state"
_TABLES = ("statementfund", "formerstatement", "variancereason", "bankline", "accountsterms")
_OF_STATEMENT = (
    *("version", "due_on", "prepared_by", "reviewed_by", "issued_on"),
    *("control_count", "control_sum", "control_sha256", "last_entry"),
)


def _states(batch_op: BatchOperations, states: str) -> None:
    if op.get_bind().dialect.name != "sqlite":  # there the table is copied, and its checks are not
        batch_op.drop_constraint(op.f(_STATE), type_="check")
    batch_op.create_check_constraint(op.f(_STATE), f"state in ({states})")


def upgrade() -> None:
    op.create_table(
        "accountsterms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("reason_share", models.columns.Exact(length=40), nullable=False),
        sa.Column("reason_amount", models.columns.Money(), nullable=False),
        sa.Column("large_amount", models.columns.Money(), nullable=False),
        sa.Column("quarter_days", sa.Integer(), nullable=False),
        sa.Column("year_days", sa.Integer(), nullable=False),
        sa.Column("remuneration_fixed", models.columns.Money(), nullable=True),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_accountsterms_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountsterms")),
        sa.UniqueConstraint("engagement_id", name=op.f("uq_accountsterms_engagement_id")),
    )
    with op.batch_alter_table("accountsterms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accountsterms_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "bankline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("account", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount", models.columns.Money(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_bankline_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bankline")),
        sa.UniqueConstraint(
            "engagement_id",
            "account",
            "booked_on",
            "amount",
            "reference",
            "text",
            "ordinal",
            name="uq_bankline_movement",
        ),
    )
    with op.batch_alter_table("bankline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bankline_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "variancereason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cost_item", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("given_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_variancereason_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variancereason")),
        sa.UniqueConstraint(
            "engagement_id",
            "period",
            "kind",
            "cost_item",
            name=op.f("uq_variancereason_engagement_id_period_kind_cost_item"),
        ),
    )
    with op.batch_alter_table("variancereason", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_variancereason_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "formerstatement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("income", models.columns.Money(), nullable=False),
        sa.Column("expense", models.columns.Money(), nullable=False),
        sa.Column("budget", models.columns.Money(), nullable=False),
        sa.Column("compiled_on", sa.Date(), nullable=False),
        sa.Column("returned_because", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("control_count", sa.Integer(), nullable=False),
        sa.Column("control_sum", models.columns.Money(), nullable=False),
        sa.Column("control_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("last_entry", sa.Integer(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("funds", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_formerstatement_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_formerstatement")),
        sa.UniqueConstraint("statement_id", "version", name=op.f("uq_formerstatement_statement_id_version")),
    )
    with op.batch_alter_table("formerstatement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_formerstatement_statement_id"), ["statement_id"], unique=False)

    op.create_table(
        "statementfund",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("fund", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("opening", models.columns.Money(), nullable=False),
        sa.Column("received", models.columns.Money(), nullable=False),
        sa.Column("paid", models.columns.Money(), nullable=False),
        sa.Column("closing", models.columns.Money(), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_statementfund_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statementfund")),
        sa.UniqueConstraint("statement_id", "fund", name=op.f("uq_statementfund_statement_id_fund")),
    )
    with op.batch_alter_table("statementfund", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statementfund_statement_id"), ["statement_id"], unique=False)

    with op.batch_alter_table("ledgerentry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owed_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("corrects", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )

    with op.batch_alter_table("statement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("prepared_by", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("reviewed_by", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("issued_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("control_count", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("control_sum", models.columns.Money(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("control_sha256", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("last_entry", sa.Integer(), server_default="0", nullable=False))
        _states(batch_op, "'compiled','reviewed','audited','returned'")


def downgrade() -> None:
    op.execute("update statement set state = 'compiled' where state = 'reviewed'")
    with op.batch_alter_table("statement", schema=None) as batch_op:
        _states(batch_op, "'compiled','audited','returned'")
        for column in reversed(_OF_STATEMENT):
            batch_op.drop_column(column)
    with op.batch_alter_table("ledgerentry", schema=None) as batch_op:
        batch_op.drop_column("corrects")
        batch_op.drop_column("owed_on")
    for table in _TABLES:
        op.drop_table(table)
