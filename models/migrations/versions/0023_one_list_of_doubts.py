"""Rows not taken of histories, minutes and work sheets stand in the one list of all sheets."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_CELL = ("engagement_id", "source", "sha256", "row", "column", "expected")


def upgrade() -> None:
    with op.batch_alter_table("importrowdoubt", schema=None) as batch_op:
        batch_op.drop_constraint("uq_importrowdoubt_cell", type_="unique")
        batch_op.create_unique_constraint("uq_importrowdoubt_cell", [*_CELL[:3], "sheet", *_CELL[3:]])
    op.execute(
        """insert into importrowdoubt (engagement_id, source, sha256, file_name, sheet, "row", "column", value, expected)
        select engagement_id, 'history', sha256, file_name, '', "row", "column", value, reason
        from historyrowdoubt order by id"""
    )
    op.execute(
        """insert into importrowdoubt (engagement_id, source, sha256, file_name, sheet, "row", "column", value, expected)
        select engagement_id, 'work', sha256, file_name, sheet, "row", "column", value, expected
        from workrowdoubt order by id"""
    )
    # A file may have been taken as the minutes of two meetings: its doubts stand once.
    op.execute(
        """insert into importrowdoubt (engagement_id, source, sha256, file_name, sheet, "row", "column", value, expected)
        select m.engagement_id, 'minutes', d.sha256, min(d.file_name), d.sheet, d."row", d."column", min(d.value), d.expected
        from minutesrowdoubt d join ownermeeting m on m.id = d.meeting_id
        group by m.engagement_id, d.sha256, d.sheet, d."row", d."column", d.expected order by min(d.id)"""
    )
    for table in ("historyrowdoubt", "minutesrowdoubt", "workrowdoubt"):
        op.drop_table(table)


def downgrade() -> None:
    _doubts("historyrowdoubt", "engagement", ("sha256", "row", "column"), sheet=False, why="reason")
    _doubts("workrowdoubt", "engagement", ("sha256", "row", "column", "expected"), sheet=True, why="expected")
    _doubts("minutesrowdoubt", "meeting", ("sha256", "sheet", "row", "column"), sheet=True, why="expected")
    # Of which meeting doubted minutes were is not known any more; they go.
    op.execute(
        'insert into historyrowdoubt (engagement_id, sha256, file_name, "row", "column", value, reason) '
        'select engagement_id, sha256, min(file_name), "row", "column", min(value), min(expected) from importrowdoubt '
        'where source = \'history\' group by engagement_id, sha256, "row", "column"'
    )
    op.execute(
        'insert into workrowdoubt (engagement_id, sha256, file_name, sheet, "row", "column", value, expected) '
        'select engagement_id, sha256, min(file_name), min(sheet), "row", "column", min(value), expected '
        'from importrowdoubt where source = \'work\' group by engagement_id, sha256, "row", "column", expected'
    )
    op.execute("delete from importrowdoubt where source in ('history', 'work', 'minutes')")
    with op.batch_alter_table("importrowdoubt", schema=None) as batch_op:
        batch_op.drop_constraint("uq_importrowdoubt_cell", type_="unique")
        batch_op.create_unique_constraint("uq_importrowdoubt_cell", list(_CELL))


def _doubts(table: str, owner: str, known_by: tuple[str, ...], *, sheet: bool, why: str) -> None:
    text = sqlmodel.sql.sqltypes.AutoString()
    referred = "ownermeeting" if owner == "meeting" else owner
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(f"{owner}_id", sa.Integer(), nullable=False),
        sa.Column("sha256", text, nullable=False),
        sa.Column("file_name", text, nullable=False),
        *([sa.Column("sheet", text, nullable=False)] if sheet else []),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", text, nullable=False),
        sa.Column("value", text, nullable=False),
        sa.Column(why, text, nullable=False),
        sa.ForeignKeyConstraint([f"{owner}_id"], [f"{referred}.id"], name=op.f(f"fk_{table}_{owner}_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            f"{owner}_id", *known_by, name=op.f(f"uq_{table}_{owner}_id_{'_'.join(known_by)}")
        ),
    )
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{table}_{owner}_id"), [f"{owner}_id"], unique=False)
