"""How is the product's database opened, and who commits? The only engine, the only commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from models.errors import DatabaseBusy, NoDatabase
from models.faults import fault_point
from models.settings import settings

_BUSY = ("database is locked", "database table is locked", "deadlock detected", "could not serialize")
_BUSY_CODES = ("40001", "40P01", "55P03")


@lru_cache
def engine() -> Engine:
    """The engine of this process for the database in the settings.

    A file that is not there is never made by connecting: the name of the data folder may be mistyped.

    Raises:
        NoDatabase: on connecting, where there is no such file.
    """
    made = open_engine(settings().database, settings().busy_timeout_seconds)
    file = made.url.database
    if made.dialect.name == "sqlite" and file and file != ":memory:":

        @event.listens_for(made, "do_connect")
        def _refuse_to_make_one(*_of_the_connection: object) -> None:
            if not Path(file).exists():
                raise NoDatabase(
                    f"There is no Steward at {Path(file).absolute().parent}. Set STEWARD_HOME to its data folder, or make "
                    "a new one there: run `steward db upgrade`."
                )

    return made


def open_engine(url: str, busy_timeout_seconds: float = 30.0) -> Engine:
    """An engine with the pragmas and the writer transactions the product relies on.

    SQLite's defaults would neither check foreign keys nor wait for another writer, and a transaction that
    reads first and writes later would fail at once; so writers take the lock when they begin.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    made = create_engine(url, connect_args={"timeout": busy_timeout_seconds, "check_same_thread": False})

    @event.listens_for(made, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute(f"PRAGMA busy_timeout={int(busy_timeout_seconds * 1000)}")
        cursor.close()

    @event.listens_for(made, "begin")
    def _on_begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("steward_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made


@contextmanager
def writing() -> Iterator[Session]:
    """One short writing transaction: commits at the end of the block, rolls back on any error.

    Raises:
        DatabaseBusy: another writer did not let go in time; the whole block may be run again.
    """
    bound = engine().execution_options(steward_writes=True)
    with _translated(), Session(bound, expire_on_commit=False) as session:
        yield session
        session.flush()
        fault_point("db.before_commit")
        session.commit()
        fault_point("db.after_commit")


@contextmanager
def reading() -> Iterator[Session]:
    """A reading transaction; nothing done in it is kept."""
    with _translated(), Session(engine(), expire_on_commit=False) as session:
        yield session


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if _is_busy(error):
            raise DatabaseBusy(
                "The database was busy with another writer for too long; the same step may be run again."
            ) from error
        raise


def _is_busy(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlstate", None)
    return code in _BUSY_CODES or (
        isinstance(error, OperationalError) and any(text in str(error.orig) for text in _BUSY)
    )
