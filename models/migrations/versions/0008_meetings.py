"""Minutes with votes, readers of bulletins, the log and call tree of an incident, actions that were moved."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "actionmove",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("from_due", sa.Date(), nullable=False),
        sa.Column("to_due", sa.Date(), nullable=False),
        sa.Column("from_post", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("to_post", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["improvementaction.id"], name=op.f("fk_actionmove_action_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actionmove")),
        sa.UniqueConstraint("action_id", "sequence", name=op.f("uq_actionmove_action_id_sequence")),
    )
    with op.batch_alter_table("actionmove", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_actionmove_action_id"), ["action_id"], unique=False)

    op.create_table(
        "bulletindelivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recipient", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("posted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("read_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletin.id"], name=op.f("fk_bulletindelivery_bulletin_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletindelivery")),
        sa.UniqueConstraint(
            "bulletin_id",
            "channel",
            "recipient",
            name=op.f("uq_bulletindelivery_bulletin_id_channel_recipient"),
        ),
    )
    with op.batch_alter_table("bulletindelivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulletindelivery_bulletin_id"), ["bulletin_id"], unique=False)

    op.create_table(
        "incidententry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incidententry_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidententry")),
        sa.UniqueConstraint("incident_id", "sequence", name=op.f("uq_incidententry_incident_id_sequence")),
    )
    with op.batch_alter_table("incidententry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incidententry_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "incidentloss",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("amount", models.columns.Money(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incidentloss_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidentloss")),
        sa.UniqueConstraint("incident_id", "ref", name=op.f("uq_incidentloss_incident_id_ref")),
    )
    with op.batch_alter_table("incidentloss", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incidentloss_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "incidentnotice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("person_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("acknowledged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("failure", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incidentnotice_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidentnotice")),
        sa.UniqueConstraint(
            "incident_id", "role", "person_ref", name=op.f("uq_incidentnotice_incident_id_role_person_ref")
        ),
    )
    with op.batch_alter_table("incidentnotice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incidentnotice_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "meetingattendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("how", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["ownermeeting.id"], name=op.f("fk_meetingattendance_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetingattendance")),
        sa.UniqueConstraint(
            "meeting_id", "person_ref", name=op.f("uq_meetingattendance_meeting_id_person_ref")
        ),
    )
    with op.batch_alter_table("meetingattendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meetingattendance_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "meetingresolution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("ref", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("post_code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("votes_abstained", sa.Integer(), nullable=True),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["ownermeeting.id"], name=op.f("fk_meetingresolution_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetingresolution")),
        sa.UniqueConstraint("meeting_id", "ref", name=op.f("uq_meetingresolution_meeting_id_ref")),
    )
    with op.batch_alter_table("meetingresolution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meetingresolution_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "minutesrowdoubt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sheet", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expected", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["ownermeeting.id"], name=op.f("fk_minutesrowdoubt_meeting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutesrowdoubt")),
        sa.UniqueConstraint(
            "meeting_id",
            "sha256",
            "sheet",
            "row",
            "column",
            name=op.f("uq_minutesrowdoubt_meeting_id_sha256_sheet_row_column"),
        ),
    )
    with op.batch_alter_table("minutesrowdoubt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minutesrowdoubt_meeting_id"), ["meeting_id"], unique=False)

    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )

    with op.batch_alter_table("improvementaction", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("done_note", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )

    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("after_action", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("after_action_on", sa.Date(), nullable=True))

    with op.batch_alter_table("incidentstep", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("staff_ref", sqlmodel.sql.sqltypes.AutoString(), server_default="", nullable=False)
        )

    with op.batch_alter_table("ownermeeting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entitled_count", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("quorum", models.columns.Exact(length=40), nullable=True))
        batch_op.add_column(sa.Column("minutes_version", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for table, columns in (
        ("ownermeeting", ("minutes_version", "quorum", "entitled_count")),
        ("incidentstep", ("staff_ref",)),
        ("incident", ("after_action_on", "after_action")),
        ("improvementaction", ("done_note",)),
        ("bulletin", ("text",)),
    ):
        for column in columns:  # without making the table anew: rows of others refer to it
            op.drop_column(table, column)
    for table in (
        "minutesrowdoubt",
        "meetingresolution",
        "meetingattendance",
        "incidentnotice",
        "incidentloss",
        "incidententry",
        "bulletindelivery",
        "actionmove",
    ):
        op.drop_table(table)
