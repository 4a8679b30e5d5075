"""Which version an edited plan was made from, and contract amendments."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("serviceplan", schema=None) as batch_op:
        batch_op.add_column(sa.Column("based_on", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True))

    op.create_table(
        "contractamendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("old_annual_fee", models.columns.Money(), nullable=False),
        sa.Column("new_annual_fee", models.columns.Money(), nullable=False),
        sa.Column("instalments", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_contractamendment_contract_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["serviceplan.id"], name=op.f("fk_contractamendment_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contractamendment")),
        sa.UniqueConstraint("contract_id", "plan_id", name=op.f("uq_contractamendment_contract_id_plan_id")),
    )
    with op.batch_alter_table("contractamendment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contractamendment_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contractamendment_plan_id"), ["plan_id"], unique=False)


def downgrade() -> None:
    op.drop_table("contractamendment")
    with op.batch_alter_table("serviceplan", schema=None) as batch_op:
        batch_op.drop_column("reason")
        batch_op.drop_column("based_on")
