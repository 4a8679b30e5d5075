"""Does a database come to the newest schema, whoever migrates it and however often?"""

import os
import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

import models  # noqa: F401 - registers every table
from models.db import engine
from models.errors import NoDatabase, SchemaOutOfDate
from models.migrate import require_current_schema, schema_revision, upgrade_database
from tests.conftest import ROOT

_MIGRATE = "from models.migrate import upgrade_database; print(upgrade_database())"


def test_migrating_again_changes_nothing(unmigrated: str) -> None:
    first = upgrade_database()
    tables = _schema()
    assert upgrade_database() == first == schema_revision()
    assert _schema() == tables
    require_current_schema()


def test_the_migrated_schema_is_the_one_the_code_works_on(database: str) -> None:
    with engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_work_on_an_unmigrated_database_is_refused_with_the_command_that_mends_it(unmigrated: str) -> None:
    with pytest.raises((SchemaOutOfDate, NoDatabase), match=r"run `steward db upgrade`"):
        require_current_schema()


def test_work_on_another_schema_is_refused_with_the_command_that_mends_it(database: str) -> None:
    with engine().begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(SchemaOutOfDate, match=r"schema 0000.*run `steward db upgrade`"):
        require_current_schema()


def test_several_migrators_at_once_all_succeed(unmigrated: str) -> None:
    engine().dispose()
    migrators = [
        subprocess.Popen(
            [sys.executable, "-c", _MIGRATE],
            cwd=ROOT,
            env=dict(os.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    outcomes = [(*migrator.communicate(timeout=120), migrator.returncode) for migrator in migrators]
    assert [code for _out, _err, code in outcomes] == [0, 0, 0], [err[-600:] for _out, err, _code in outcomes]
    assert {out.strip() for out, _err, _code in outcomes} == {schema_revision()}
    require_current_schema()


def _schema() -> dict[str, list[str]]:
    inspector = sa.inspect(engine())
    return {
        table: [column["name"] for column in inspector.get_columns(table)]
        for table in sorted(inspector.get_table_names())
    }


def test_requests_and_their_events_outlive_the_migration_of_the_service_desk(unmigrated: str) -> None:
    from alembic import command

    from models.migrate import _config

    command.upgrade(_config(), "0006")
    with engine().begin() as connection:
        _insert(connection, "engagement", {"id": 1, "code": "X"})
        _insert(connection, "servicerequest", {"id": 7, "engagement_id": 1, "state": "closed"})
        _insert(connection, "requestevent", {"id": 8, "request_id": 7, "event": "closed"})
    upgrade_database()
    with engine().connect() as connection:
        found = connection.execute(
            sa.text(
                "select r.state, r.source, e.event, e.reason from servicerequest r join requestevent e on e.request_id = r.id"
            )
        ).all()
    assert found == [("closed", "", "closed", "")]
    with pytest.raises(sa.exc.IntegrityError), engine().begin() as connection:
        connection.execute(sa.text("update servicerequest set state = 'nowhere'"))
    command.downgrade(_config(), "0006")
    assert schema_revision() == "0006"


def test_engagements_that_are_there_are_asked_of_changes_after_the_upgrade_alone(unmigrated: str) -> None:
    from alembic import command

    from models.clock import utc_now
    from models.migrate import _config

    command.upgrade(_config(), "0019")
    with engine().begin() as connection:
        _insert(connection, "engagement", {"id": 1, "code": "X"})
        connection.execute(sa.text("update engagement set simulated_on = null"))
    before = utc_now().date()
    upgrade_database()
    with engine().connect() as connection:
        since = connection.execute(
            sa.select(sa.column("special_since", sa.Date)).select_from(sa.table("engagement"))
        )
        assert before <= since.scalar_one() <= utc_now().date()
    command.downgrade(_config(), "0019")
    assert schema_revision() == "0019"


def test_doubted_rows_and_repairs_that_a_closed_month_called_missed_are_kept(unmigrated: str) -> None:
    from alembic import command

    from models.migrate import _config

    command.upgrade(_config(), "0019")
    with engine().begin() as connection:
        _insert(connection, "engagement", {"id": 1, "code": "X"})
        for number, quarter in ((1, "2027-Q1"), (2, "2027-Q2")):
            _insert(connection, "ownermeeting", {"id": number, "engagement_id": 1, "period": quarter})
            _insert(connection, "minutesrowdoubt", {"id": number, "meeting_id": number, "sheet": "votes"})
        _insert(connection, "historyrowdoubt", {"id": 1, "engagement_id": 1, "reason": "no date"})
        _insert(connection, "workrowdoubt", {"id": 1, "engagement_id": 1, "sheet": "Work"})
        _insert(
            connection, "workorder", {"id": 1, "engagement_id": 1, "series": "finding:x", "state": "missed"}
        )
        _insert(
            connection,
            "workorder",
            {"id": 2, "engagement_id": 1, "series": "finding:y", "state": "released", "ordinal": 2},
        )
    upgrade_database()
    with engine().connect() as connection:
        told = "select source, sheet, expected from importrowdoubt order by source"
        assert connection.execute(sa.text(told)).all() == [
            ("history", "", "no date"),
            ("minutes", "votes", "x"),
            ("work", "Work", "x"),
        ]
        states = "select state from workorder order by id"
        assert connection.execute(sa.text(states)).scalars().all() == ["released", "released"]
    command.downgrade(_config(), "0019")
    with engine().connect() as connection:
        assert connection.execute(sa.text("select reason from historyrowdoubt")).all() == [("no date",)]
        assert connection.execute(sa.text("select sheet from workrowdoubt")).all() == [("Work",)]


def _insert(connection: sa.Connection, name: str, given: dict[str, object]) -> None:
    """A row with the given values, and something valid in every other column that must not be empty."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    plain: dict[type, object] = {str: "x", int: 1, bool: True, dict: {}}
    values = {
        column.name: given.get(column.name, _some(column, plain))
        for column in table.columns
        if not column.nullable
    }
    connection.execute(table.insert().values(values))


def _some(column: "sa.Column[object]", plain: dict[type, object]) -> object:
    from datetime import UTC, date, datetime

    if isinstance(column.type, sa.DateTime):
        return datetime(2027, 1, 1, tzinfo=UTC)
    if isinstance(column.type, sa.Date):
        return date(2027, 1, 1)
    return plain.get(column.type.python_type, 1)
