"""First tables."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "engagement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("property_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("property_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("client_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("custodian_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("scope", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("service_standard", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("term_start", sa.Date(), nullable=False),
        sa.Column("term_end", sa.Date(), nullable=False),
        sa.Column("fee_model", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("timezone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("jurisdiction", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("floor_area", models.columns.Exact(length=40), nullable=True),
        sa.Column("unit_count", sa.Integer(), nullable=True),
        sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("simulated_on", sa.Date(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
        sa.UniqueConstraint("code", name=op.f("uq_engagement_code")),
    )
    op.create_table(
        "storedfile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storedfile")),
        sa.UniqueConstraint("sha256", name=op.f("uq_storedfile_sha256")),
    )
    op.create_table(
        "asset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("tag", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("type_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("element_class", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("place_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("serial_number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("installed_on", sa.Date(), nullable=True),
        sa.Column("in_order", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_asset_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
        sa.UniqueConstraint("engagement_id", "tag", name=op.f("uq_asset_engagement_id_tag")),
    )
    with op.batch_alter_table("asset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asset_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "assetjob",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("type_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("task_number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rrule", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hours", models.columns.Exact(length=40), nullable=False),
        sa.Column("source_row", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_assetjob_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assetjob")),
        sa.UniqueConstraint(
            "engagement_id",
            "type_name",
            "name",
            "task_number",
            name=op.f("uq_assetjob_engagement_id_type_name_name_task_number"),
        ),
    )
    with op.batch_alter_table("assetjob", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assetjob_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "assettype",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("element_class", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("manufacturer", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("model_number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expected_life_years", models.columns.Exact(length=40), nullable=True),
        sa.Column("replacement_cost", models.columns.Money(), nullable=True),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_assettype_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assettype")),
        sa.UniqueConstraint("engagement_id", "name", name=op.f("uq_assettype_engagement_id_name")),
    )
    with op.batch_alter_table("assettype", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assettype_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "auditevent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("tag", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("who", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("run", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("previous_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_auditevent_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditevent")),
        sa.UniqueConstraint("engagement_id", "sequence", name=op.f("uq_auditevent_engagement_id_sequence")),
    )
    with op.batch_alter_table("auditevent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auditevent_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "audithead",
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_audithead_engagement_id")
        ),
        sa.PrimaryKeyConstraint("engagement_id", name=op.f("pk_audithead")),
    )
    op.create_table(
        "bulletin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("recipient_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_bulletin_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint("engagement_id", "period", name=op.f("uq_bulletin_engagement_id_period")),
    )
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulletin_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "conditionfinding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("visit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("element_class", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asset_tag", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("severity", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("intensity", sa.Integer(), nullable=False),
        sa.Column("extent", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("scheme", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("repair_cost", models.columns.Money(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_conditionfinding_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conditionfinding")),
        sa.UniqueConstraint(
            "engagement_id", "visit", "ref", name=op.f("uq_conditionfinding_engagement_id_visit_ref")
        ),
    )
    with op.batch_alter_table("conditionfinding", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conditionfinding_engagement_id"), ["engagement_id"], unique=False
        )

    op.create_table(
        "cycle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("flow_run_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("last_error", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("finished_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state in ('planned','started','done','failed','cancelled')", name=op.f("ck_cycle_state")
        ),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_cycle_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle")),
        sa.UniqueConstraint(
            "engagement_id", "kind", "period", name=op.f("uq_cycle_engagement_id_kind_period")
        ),
    )
    with op.batch_alter_table("cycle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cycle_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "decisionrequest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("party", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("document_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("question", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("state in ('open','decided','withdrawn')", name=op.f("ck_decisionrequest_state")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_decisionrequest_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisionrequest")),
        sa.UniqueConstraint(
            "engagement_id",
            "subject",
            "reference",
            "party",
            name=op.f("uq_decisionrequest_engagement_id_subject_reference_party"),
        ),
    )
    with op.batch_alter_table("decisionrequest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decisionrequest_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "demand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("measure", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_demand_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand")),
        sa.UniqueConstraint("engagement_id", "ref", name=op.f("uq_demand_engagement_id_ref")),
    )
    with op.batch_alter_table("demand", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_demand_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "documentitem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("basis", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("received_from", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("evidence", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_documentitem_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documentitem")),
        sa.UniqueConstraint("engagement_id", "ref", name=op.f("uq_documentitem_engagement_id_ref")),
    )
    with op.batch_alter_table("documentitem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_documentitem_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "elementcondition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("visit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("element_class", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asset_count", sa.Integer(), nullable=False),
        sa.Column("finding_count", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("scheme", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("backlog_cost", models.columns.Money(), nullable=True),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_elementcondition_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_elementcondition")),
        sa.UniqueConstraint(
            "engagement_id",
            "visit",
            "element_class",
            name=op.f("uq_elementcondition_engagement_id_visit_element_class"),
        ),
    )
    with op.batch_alter_table("elementcondition", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_elementcondition_engagement_id"), ["engagement_id"], unique=False
        )

    op.create_table(
        "handoveritem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("condition", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("remark", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("state in ('listed','returned','disputed')", name=op.f("ck_handoveritem_state")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_handoveritem_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoveritem")),
        sa.UniqueConstraint(
            "engagement_id", "kind", "ref", name=op.f("uq_handoveritem_engagement_id_kind_ref")
        ),
    )
    with op.batch_alter_table("handoveritem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handoveritem_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "improvementaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("post_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("target", models.columns.Exact(length=40), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("verified_in", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_improvementaction_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvementaction")),
        sa.UniqueConstraint("engagement_id", "ref", name=op.f("uq_improvementaction_engagement_id_ref")),
    )
    with op.batch_alter_table("improvementaction", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_improvementaction_engagement_id"), ["engagement_id"], unique=False
        )

    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("plan_kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("place_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("summary", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("activated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("stood_down_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("score", models.columns.Exact(length=40), nullable=True),
        sa.Column("loss_amount", models.columns.Money(), nullable=True),
        sa.Column("lesson", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_incident_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("engagement_id", "ref", name=op.f("uq_incident_engagement_id_ref")),
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "indicatorfigure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("numerator", models.columns.Exact(length=40), nullable=True),
        sa.Column("denominator", models.columns.Exact(length=40), nullable=True),
        sa.Column("value", models.columns.Exact(length=40), nullable=True),
        sa.Column("target", models.columns.Exact(length=40), nullable=True),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("formula", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_indicatorfigure_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicatorfigure")),
        sa.UniqueConstraint(
            "engagement_id", "code", "period", name=op.f("uq_indicatorfigure_engagement_id_code_period")
        ),
    )
    with op.batch_alter_table("indicatorfigure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_indicatorfigure_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "ledgerentry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("voucher", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cost_item", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("amount", models.columns.Money(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("kind in ('income','expense')", name=op.f("ck_ledgerentry_kind")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_ledgerentry_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledgerentry")),
        sa.UniqueConstraint("engagement_id", "voucher", name=op.f("uq_ledgerentry_engagement_id_voucher")),
    )
    with op.batch_alter_table("ledgerentry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledgerentry_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "maintenancehistory",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("asset_tag", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cost", models.columns.Money(), nullable=True),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_maintenancehistory_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenancehistory")),
        sa.UniqueConstraint(
            "engagement_id",
            "asset_tag",
            "done_on",
            "text",
            name=op.f("uq_maintenancehistory_engagement_id_asset_tag_done_on_text"),
        ),
    )
    with op.batch_alter_table("maintenancehistory", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_maintenancehistory_engagement_id"), ["engagement_id"], unique=False
        )

    op.create_table(
        "outboxmail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("dedup_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("message_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("may_repeat", sa.Boolean(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("dated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state in ('queued','claimed','sent','failed','uncertain','cancelled')",
            name=op.f("ck_outboxmail_state"),
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_outboxmail_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outboxmail")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_outboxmail_dedup_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outboxmail_message_id")),
    )
    with op.batch_alter_table("outboxmail", schema=None) as batch_op:
        batch_op.create_index("ix_outboxmail_drain", ["state", "not_before"], unique=False)
        batch_op.create_index(batch_op.f("ix_outboxmail_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "ownermeeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("called_on", sa.Date(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agenda", sa.JSON(), nullable=False),
        sa.Column("invited_count", sa.Integer(), nullable=False),
        sa.Column("attended_count", sa.Integer(), nullable=True),
        sa.Column("minutes", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_ownermeeting_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownermeeting")),
        sa.UniqueConstraint("engagement_id", "period", name=op.f("uq_ownermeeting_engagement_id_period")),
    )
    with op.batch_alter_table("ownermeeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ownermeeting_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "pack",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_pack_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
        sa.UniqueConstraint(
            "engagement_id",
            "kind",
            "period",
            "media_type",
            name=op.f("uq_pack_engagement_id_kind_period_media_type"),
        ),
    )
    with op.batch_alter_table("pack", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pack_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "partforecast",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("asset_tag", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("part", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("replace_by", sa.Date(), nullable=False),
        sa.Column("report_by", sa.Date(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("replaced_on", sa.Date(), nullable=True),
        sa.Column("estimated_cost", models.columns.Money(), nullable=True),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_partforecast_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partforecast")),
        sa.UniqueConstraint(
            "engagement_id",
            "asset_tag",
            "part",
            "replace_by",
            name=op.f("uq_partforecast_engagement_id_asset_tag_part_replace_by"),
        ),
    )
    with op.batch_alter_table("partforecast", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partforecast_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("unit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("property_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("erased_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_person_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("engagement_id", "ref", name=op.f("uq_person_engagement_id_ref")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("parent_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_place_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("engagement_id", "code", name=op.f("uq_place_engagement_id_code")),
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "registerimport",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("imported_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_registerimport_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registerimport")),
        sa.UniqueConstraint("engagement_id", "sha256", name=op.f("uq_registerimport_engagement_id_sha256")),
    )
    with op.batch_alter_table("registerimport", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registerimport_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("met_count", sa.Integer(), nullable=False),
        sa.Column("missed_count", sa.Integer(), nullable=False),
        sa.Column("no_data_count", sa.Integer(), nullable=False),
        sa.Column("summary", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_review_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint(
            "engagement_id", "kind", "period", name=op.f("uq_review_engagement_id_kind_period")
        ),
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "serviceplan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("annual_cost", models.columns.Money(), nullable=False),
        sa.Column("annual_fee", models.columns.Money(), nullable=False),
        sa.Column("risks", sa.JSON(), nullable=False),
        sa.Column("compiled_on", sa.Date(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state in ('submitted','confirmed','returned','superseded')", name=op.f("ck_serviceplan_state")
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_serviceplan_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serviceplan")),
        sa.UniqueConstraint("engagement_id", "version", name=op.f("uq_serviceplan_engagement_id_version")),
    )
    with op.batch_alter_table("serviceplan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_serviceplan_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "servicerequest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("priority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requester_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("place_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("response_due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("resolution_due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reopened_count", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state in ('received','responded','resolved','closed')", name=op.f("ck_servicerequest_state")
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_servicerequest_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_servicerequest")),
        sa.UniqueConstraint("engagement_id", "number", name=op.f("uq_servicerequest_engagement_id_number")),
    )
    with op.batch_alter_table("servicerequest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_servicerequest_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "shiftrecord",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("post_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_shiftrecord_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shiftrecord")),
        sa.UniqueConstraint(
            "engagement_id",
            "post_code",
            "starts_at",
            "staff_ref",
            name=op.f("uq_shiftrecord_engagement_id_post_code_starts_at_staff_ref"),
        ),
    )
    with op.batch_alter_table("shiftrecord", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shiftrecord_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "sparepart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("type_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("part_number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_sparepart_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sparepart")),
        sa.UniqueConstraint(
            "engagement_id", "type_name", "name", name=op.f("uq_sparepart_engagement_id_type_name_name")
        ),
    )
    with op.batch_alter_table("sparepart", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sparepart_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "staffmember",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("post_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("certificate", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("certificate_expires_on", sa.Date(), nullable=True),
        sa.Column("assigned_on", sa.Date(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_staffmember_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staffmember")),
        sa.UniqueConstraint("engagement_id", "ref", name=op.f("uq_staffmember_engagement_id_ref")),
    )
    with op.batch_alter_table("staffmember", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staffmember_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("income", models.columns.Money(), nullable=False),
        sa.Column("expense", models.columns.Money(), nullable=False),
        sa.Column("budget", models.columns.Money(), nullable=False),
        sa.Column("compiled_on", sa.Date(), nullable=False),
        sa.Column("audited_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state in ('compiled','audited','returned')", name=op.f("ck_statement_state")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_statement_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("engagement_id", "period", name=op.f("uq_statement_engagement_id_period")),
    )
    with op.batch_alter_table("statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "surveywave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("frame_count", sa.Integer(), nullable=False),
        sa.Column("invited_count", sa.Integer(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_surveywave_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveywave")),
        sa.UniqueConstraint("engagement_id", "period", name=op.f("uq_surveywave_engagement_id_period")),
    )
    with op.batch_alter_table("surveywave", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveywave_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "trainingrecord",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("module_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("score", models.columns.Exact(length=40), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_trainingrecord_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainingrecord")),
        sa.UniqueConstraint(
            "engagement_id",
            "staff_ref",
            "module_code",
            name=op.f("uq_trainingrecord_engagement_id_staff_ref_module_code"),
        ),
    )
    with op.batch_alter_table("trainingrecord", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trainingrecord_engagement_id"), ["engagement_id"], unique=False)

    op.create_table(
        "budgetline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("cost_item", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("label_en", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("label_zh", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("amount", models.columns.Money(), nullable=False),
        sa.Column("explanation", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["serviceplan.id"], name=op.f("fk_budgetline_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budgetline")),
        sa.UniqueConstraint("plan_id", "cost_item", name=op.f("uq_budgetline_plan_id_cost_item")),
    )
    with op.batch_alter_table("budgetline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_budgetline_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("clause", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title_en", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title_zh", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rrule", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("standard", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("metric", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("target_value", models.columns.Exact(length=40), nullable=True),
        sa.Column("evidence", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("post_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hours", models.columns.Exact(length=40), nullable=False),
        sa.Column("material_cost", models.columns.Money(), nullable=False),
        sa.Column("cost_item", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("statutory", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("longest_interval_days", sa.Integer(), nullable=True),
        sa.Column("on_demand", sa.Boolean(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_commitment_engagement_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["serviceplan.id"], name=op.f("fk_commitment_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_commitment_plan_id_code")),
    )
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commitment_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "contract",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("content_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("annual_fee", models.columns.Money(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state in ('offered','signed','returned','ended')", name=op.f("ck_contract_state")
        ),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_contract_engagement_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["serviceplan.id"], name=op.f("fk_contract_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("engagement_id", "number", name=op.f("uq_contract_engagement_id_number")),
    )
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("document_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("verdict", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("declared_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("authenticated_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("remark", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["decisionrequest.id"], name=op.f("fk_decision_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("request_id", name=op.f("uq_decision_request_id")),
    )
    op.create_table(
        "deliveryattempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("phase", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["outboxmail.id"], name=op.f("fk_deliveryattempt_mail_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveryattempt")),
        sa.UniqueConstraint("mail_id", "attempt", name=op.f("uq_deliveryattempt_mail_id_attempt")),
    )
    with op.batch_alter_table("deliveryattempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveryattempt_mail_id"), ["mail_id"], unique=False)

    op.create_table(
        "emergencyplan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title_en", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title_zh", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["serviceplan.id"], name=op.f("fk_emergencyplan_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergencyplan")),
        sa.UniqueConstraint("plan_id", "kind", name=op.f("uq_emergencyplan_plan_id_kind")),
    )
    with op.batch_alter_table("emergencyplan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_emergencyplan_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "incidentstep",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("action", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("within_minutes", sa.Integer(), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incidentstep_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidentstep")),
        sa.UniqueConstraint("incident_id", "ordinal", name=op.f("uq_incidentstep_incident_id_ordinal")),
    )
    with op.batch_alter_table("incidentstep", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incidentstep_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("person_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("stratum", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mode", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["wave_id"], ["surveywave.id"], name=op.f("fk_invitation_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        sa.UniqueConstraint("wave_id", "person_ref", name=op.f("uq_invitation_wave_id_person_ref")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "jointscore",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("party", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("remark", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_jointscore_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jointscore")),
        sa.UniqueConstraint(
            "review_id", "dimension", "party", name=op.f("uq_jointscore_review_id_dimension_party")
        ),
    )
    with op.batch_alter_table("jointscore", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jointscore_review_id"), ["review_id"], unique=False)

    op.create_table(
        "plannedpart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("asset_tag", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("part", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title_en", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title_zh", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("life_months", sa.Integer(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["serviceplan.id"], name=op.f("fk_plannedpart_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plannedpart")),
        sa.UniqueConstraint(
            "plan_id", "asset_tag", "part", name=op.f("uq_plannedpart_plan_id_asset_tag_part")
        ),
    )
    with op.batch_alter_table("plannedpart", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plannedpart_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "planpost",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title_en", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title_zh", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("duties", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("skills", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("certificate", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("certificate_title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("headcount", models.columns.Exact(length=40), nullable=False),
        sa.Column("round_the_clock", sa.Boolean(), nullable=False),
        sa.Column("heads_on_duty", sa.Integer(), nullable=False),
        sa.Column("explanation", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["serviceplan.id"], name=op.f("fk_planpost_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planpost")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_planpost_plan_id_code")),
    )
    with op.batch_alter_table("planpost", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_planpost_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "quarantinedrow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("register_import_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("severity", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["register_import_id"], ["registerimport.id"], name=op.f("fk_quarantinedrow_register_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantinedrow")),
    )
    with op.batch_alter_table("quarantinedrow", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quarantinedrow_register_import_id"), ["register_import_id"], unique=False
        )

    op.create_table(
        "requestevent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("event", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["servicerequest.id"], name=op.f("fk_requestevent_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requestevent")),
        sa.UniqueConstraint("request_id", "sequence", name=op.f("uq_requestevent_request_id_sequence")),
    )
    with op.batch_alter_table("requestevent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_requestevent_request_id"), ["request_id"], unique=False)

    op.create_table(
        "statementline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cost_item", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("actual", models.columns.Money(), nullable=False),
        sa.Column("budget", models.columns.Money(), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_statementline_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statementline")),
        sa.UniqueConstraint(
            "statement_id", "kind", "cost_item", name=op.f("uq_statementline_statement_id_kind_cost_item")
        ),
    )
    with op.batch_alter_table("statementline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statementline_statement_id"), ["statement_id"], unique=False)

    op.create_table(
        "surveyfigure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("item_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("stratum", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("satisfied", sa.Integer(), nullable=False),
        sa.Column("share", models.columns.Exact(length=40), nullable=True),
        sa.Column("low", models.columns.Exact(length=40), nullable=True),
        sa.Column("high", models.columns.Exact(length=40), nullable=True),
        sa.Column("suppressed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["surveywave.id"], name=op.f("fk_surveyfigure_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveyfigure")),
        sa.UniqueConstraint(
            "wave_id", "item_code", "stratum", name=op.f("uq_surveyfigure_wave_id_item_code_stratum")
        ),
    )
    with op.batch_alter_table("surveyfigure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveyfigure_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "surveyresponse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("serial", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("stratum", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mode", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("comment", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["surveywave.id"], name=op.f("fk_surveyresponse_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveyresponse")),
        sa.UniqueConstraint("serial", name=op.f("uq_surveyresponse_serial")),
    )
    with op.batch_alter_table("surveyresponse", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveyresponse_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "trainingmodule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title_en", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title_zh", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hours", models.columns.Exact(length=40), nullable=False),
        sa.Column("pass_mark", models.columns.Exact(length=40), nullable=False),
        sa.Column("posts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["serviceplan.id"], name=op.f("fk_trainingmodule_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainingmodule")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_trainingmodule_plan_id_code")),
    )
    with op.batch_alter_table("trainingmodule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trainingmodule_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "commitmenttarget",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_commitmenttarget_commitment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitmenttarget")),
        sa.UniqueConstraint(
            "commitment_id", "kind", "code", name=op.f("uq_commitmenttarget_commitment_id_kind_code")
        ),
    )
    with op.batch_alter_table("commitmenttarget", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_commitmenttarget_commitment_id"), ["commitment_id"], unique=False
        )

    op.create_table(
        "contractclause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("head", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contractclause_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contractclause")),
        sa.UniqueConstraint("contract_id", "ordinal", name=op.f("uq_contractclause_contract_id_ordinal")),
    )
    with op.batch_alter_table("contractclause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contractclause_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "instalment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", models.columns.Money(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_instalment_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment")),
        sa.UniqueConstraint("contract_id", "due_on", name=op.f("uq_instalment_contract_id_due_on")),
    )
    with op.batch_alter_table("instalment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instalment_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "surveyanswer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("item_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"], ["surveyresponse.id"], name=op.f("fk_surveyanswer_response_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveyanswer")),
        sa.UniqueConstraint("response_id", "item_code", name=op.f("uq_surveyanswer_response_id_item_code")),
    )
    with op.batch_alter_table("surveyanswer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveyanswer_response_id"), ["response_id"], unique=False)

    op.create_table(
        "workorder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=True),
        sa.Column("series", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("clause", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("target_kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("target_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("latest_on", sa.Date(), nullable=False),
        sa.Column("statutory", sa.Boolean(), nullable=False),
        sa.Column("post_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint(
            "state in ('released','done','skipped','missed')", name=op.f("ck_workorder_state")
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_workorder_commitment_id")
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_workorder_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workorder")),
        sa.UniqueConstraint(
            "engagement_id",
            "series",
            "target_code",
            "due_on",
            name=op.f("uq_workorder_engagement_id_series_target_code_due_on"),
        ),
    )
    with op.batch_alter_table("workorder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workorder_commitment_id"), ["commitment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_workorder_engagement_id"), ["engagement_id"], unique=False)
        batch_op.create_index("ix_workorder_month", ["engagement_id", "due_on", "subject"], unique=False)

    op.create_table(
        "workrecord",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work_order_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reading", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hours", models.columns.Exact(length=40), nullable=False),
        sa.Column("material_cost", models.columns.Money(), nullable=False),
        sa.Column("late_entry", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["work_order_id"], ["workorder.id"], name=op.f("fk_workrecord_work_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workrecord")),
        sa.UniqueConstraint("work_order_id", "sequence", name=op.f("uq_workrecord_work_order_id_sequence")),
    )
    with op.batch_alter_table("workrecord", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workrecord_work_order_id"), ["work_order_id"], unique=False)

    _forbid_changes("auditevent")


def _forbid_changes(table: str) -> None:
    """The audit trail only grows: the database itself refuses to change or delete an entry."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
            )
    else:
        op.execute(
            f"CREATE FUNCTION {table}_append_only() RETURNS trigger AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$ LANGUAGE plpgsql"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
        )


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only: restore a backup instead")
