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
from models.errors import SchemaOutOfDate
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
    with pytest.raises(SchemaOutOfDate, match=r"schema none.*run `steward db upgrade`"):
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
