"""How does each test get a database of its own in milliseconds? Made once in each stage, then copied back."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import SQLModel

import models  # noqa: F401 - registers every table
from models.db import engine
from models.migrate import upgrade_database
from models.settings import settings
from tests import factories

LOCAL_POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Settings of this installation for the length of a block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    _forget()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        _forget()


def _forget() -> None:
    if engine.cache_info().currsize:
        engine().dispose()
    engine.cache_clear()
    settings.cache_clear()


def postgres_url() -> str:
    """The server to make databases on: the configured one, else the local one if it answers, else none."""
    configured = os.environ.get("STEWARD_TEST_POSTGRES_URL", "")
    if configured:
        return configured
    probe = sa.create_engine(LOCAL_POSTGRES, poolclass=sa.NullPool, connect_args={"connect_timeout": 3})
    try:
        with probe.connect():
            return LOCAL_POSTGRES
    except sa.exc.OperationalError:
        return ""


@dataclass
class Postgres:
    """One database for the session; between tests its rows are exchanged, which is far cheaper than dropping it."""

    server: str
    _name: str = ""
    _schema: str = ""
    _rows: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def url(self) -> str:
        """The session's database, migrated."""
        if self._name and self._fingerprint() != self._schema:
            self.close()  # a test has changed the schema
        if not self._name:
            self._name = self.create()
            with environment(STEWARD_DATABASE_URL=self.url_of(self._name)):
                upgrade_database()
            self._schema = self._fingerprint()
        return self.url_of(self._name)

    def keep(self, stage: str) -> None:
        """Remember the rows as they are now."""
        with self._cursor() as cursor:
            for table in SQLModel.metadata.sorted_tables:
                with cursor.copy(f'COPY "{table.name}" TO STDOUT') as rows:
                    self._rows.setdefault(stage, {})[table.name] = b"".join(bytes(row) for row in rows)

    def bring_back(self, stage: str) -> None:
        """Put the remembered rows in place of whatever is there."""
        tables = SQLModel.metadata.sorted_tables
        with self._cursor() as cursor:
            cursor.execute("SET lock_timeout = '20s'")
            cursor.execute("TRUNCATE auditevent")  # the one table that lets nothing be deleted
            for table in reversed(tables):
                cursor.execute(f'DELETE FROM "{table.name}"')
            for table in tables:
                if rows := self._rows[stage][table.name]:
                    with cursor.copy(f'COPY "{table.name}" FROM STDIN') as copy:
                        copy.write(rows)
                if table.autoincrement_column is not None and not table.primary_key.columns[0].foreign_keys:
                    cursor.execute(
                        f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), "
                        f'coalesce(max(id), 0) + 1, false) FROM "{table.name}"'
                    )

    def create(self) -> str:
        """Make a database without any table; returns its name."""
        name = f"steward_test_{uuid4().hex[:12]}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever still looks at it."""
        self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Drop the session's database."""
        if self._name:
            self.drop(self._name)
            self._name = ""

    def url_of(self, name: str) -> str:
        """Where a database of this server is reached."""
        return sa.make_url(self.server).set(database=name).render_as_string(hide_password=False)

    def _fingerprint(self) -> str:
        query = """
            SELECT md5(concat(
                (SELECT string_agg(concat(attrelid::regclass, attname, atttypid), ',' ORDER BY attrelid, attnum)
                 FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
                 WHERE relnamespace = 'public'::regnamespace AND attnum > 0),
                (SELECT string_agg(concat(tgname, tgenabled), ',' ORDER BY oid) FROM pg_trigger),
                (SELECT string_agg(version_num, ',') FROM alembic_version)))
        """
        with self._cursor() as cursor:
            return str(cursor.execute(query).fetchone()[0])

    @contextmanager
    def _cursor(self):  # type: ignore[no-untyped-def]
        opened = sa.create_engine(self.url_of(self._name), poolclass=sa.NullPool)
        with opened.begin() as connection, connection.connection.driver_connection.cursor() as cursor:
            yield cursor

    def _admin(self, statement: str) -> None:
        server = sa.create_engine(self.server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with server.connect() as connection:
            connection.execute(sa.text(statement))


@dataclass
class Snapshots:
    """Databases and data folders in the stages tests start from, made once and copied for each test."""

    folder: Path
    postgres: Postgres | None
    _made: set[tuple[str, str]] = field(default_factory=set)

    @contextmanager
    def opened(self, dialect: str, stage: str, home: Path) -> Iterator[None]:
        """A fresh copy of the database in this stage, in force for the length of the block."""
        self._make(dialect, stage)
        shutil.copytree(self._home(dialect, stage), home, dirs_exist_ok=True)
        url = ""
        if dialect == "postgresql" and self.postgres is not None:
            url = self.postgres.url()
            self.postgres.bring_back(stage)
        with environment(STEWARD_DATABASE_URL=url):
            yield

    @contextmanager
    def unmigrated(self, dialect: str) -> Iterator[None]:
        """A database without any table."""
        if dialect == "sqlite" or self.postgres is None:
            yield
            return
        name = self.postgres.create()
        try:
            with environment(STEWARD_DATABASE_URL=self.postgres.url_of(name)):
                yield
        finally:
            self.postgres.drop(name)

    def close(self) -> None:
        """Leave nothing behind on the server."""
        if self.postgres is not None:
            self.postgres.close()

    def _make(self, dialect: str, stage: str) -> None:
        if (dialect, stage) in self._made:
            return
        before, build = _STAGES[stage]
        home = self._home(dialect, stage)
        home.mkdir()
        if before:
            self._make(dialect, before)
            shutil.copytree(self._home(dialect, before), home, dirs_exist_ok=True)
        url = ""
        if dialect == "postgresql" and self.postgres is not None:
            url = self.postgres.url()
            if before:
                self.postgres.bring_back(before)
        with environment(STEWARD_HOME=str(home), STEWARD_DATABASE_URL=url):
            build(self.folder)
            if dialect == "sqlite":
                with engine().connect() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        if dialect == "postgresql" and self.postgres is not None:
            self.postgres.keep(stage)
        self._made.add((dialect, stage))

    def _home(self, dialect: str, stage: str) -> Path:
        return self.folder / f"{dialect}-{stage}"


def _migrate(_folder: Path) -> None:
    upgrade_database()


def _survey(folder: Path) -> None:
    factories.survey_the_building(factories.create_engagement(), folder)


def _serve(_folder: Path) -> None:
    factories.bring_into_service(factories.CODE)


_STAGES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "empty": ("", _migrate),
    "surveyed": ("empty", _survey),
    "in_service": ("surveyed", _serve),
}
"""Each stage, the one it is made from, and how."""
