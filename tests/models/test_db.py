"""Does the database check what it is told, let one writer in at a time, and forget what failed?"""

import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from models.db import engine, reading, writing
from models.engagement import Demand, Engagement
from models.errors import DatabaseBusy
from models.upsert import insert_if_absent
from tests import factories
from tests.databases import environment


def test_sqlite_checks_foreign_keys_waits_for_writers_and_lets_readers_in(sqlite_database: Path) -> None:
    with engine().connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("foreign_keys", "journal_mode", "busy_timeout")
        }
    assert found == {"foreign_keys": 1, "journal_mode": "wal", "busy_timeout": 30_000}


def test_a_row_that_refers_to_nothing_is_refused(database: str) -> None:
    with pytest.raises(IntegrityError), writing() as session:
        session.add(Demand(engagement_id=4711, ref="D1", text="x", priority=1, measure="y"))


def test_a_second_writer_who_cannot_get_in_is_told_to_try_again(sqlite_database: Path) -> None:
    factories.create_engagement()
    with environment(STEWARD_BUSY_TIMEOUT_SECONDS="0.2"), writing() as session:
        session.exec(select(Engagement)).one()  # a writer who has only read so far holds the lock already
        with pytest.raises(DatabaseBusy, match="may be run again"):
            _in_thread(_rename, "second")
        assert _in_thread(_name) == "Test Garden", "a reader is never kept waiting"
    assert _name() == "Test Garden"


def test_a_writer_who_reads_first_waits_its_turn_and_loses_no_update(sqlite_database: Path) -> None:
    factories.create_engagement()

    def raise_version() -> None:
        with writing() as session:
            engagement = session.exec(select(Engagement)).one()
            time.sleep(0.05)
            engagement.version += 1
            session.add(engagement)

    workers = [threading.Thread(target=raise_version) for _ in range(4)]
    before = _version()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert _version() == before + 4


def test_a_block_that_fails_leaves_no_row_and_no_table(database: str) -> None:
    factories.create_engagement()
    with pytest.raises(RuntimeError, match="half-way"), writing() as session:
        engagement = session.exec(select(Engagement)).one()
        engagement.property_name = "changed"
        session.add(engagement)
        session.flush()
        session.connection().execute(sa.text("CREATE TABLE half_made (id INTEGER)"))
        raise RuntimeError("half-way")
    assert _name() == "Test Garden"
    assert not sa.inspect(engine()).has_table("half_made")
    _rename("after")
    assert _name() == "after", "the next block works"


def test_what_is_changed_in_a_reading_block_is_not_kept(database: str) -> None:
    factories.create_engagement()
    with reading() as session:
        session.exec(select(Engagement)).one().property_name = "changed"
    assert _name() == "Test Garden"


def test_inserting_again_counts_only_what_is_new(database: str) -> None:
    factories.create_engagement()

    def rows(*refs: str) -> list[dict[str, object]]:
        return [{"engagement_id": 1, "ref": ref, "text": "t", "priority": 1, "measure": "m"} for ref in refs]

    with writing() as session:
        assert insert_if_absent(session, Demand, rows("X1", "X2")) == 2
    with writing() as session:
        assert insert_if_absent(session, Demand, rows("X1", "X2", "X3")) == 1
        assert insert_if_absent(session, Demand, rows("X1", "X2", "X3")) == 0
        assert insert_if_absent(session, Demand, []) == 0
        many = rows(*(f"M{number}" for number in range(1200)))
        assert insert_if_absent(session, Demand, many) == 1200


def _rename(name: str) -> None:
    with writing() as session:
        engagement = session.exec(select(Engagement)).one()
        engagement.property_name = name
        session.add(engagement)


def _name() -> str:
    with reading() as session:
        return session.exec(select(Engagement.property_name)).one()


def _version() -> int:
    with reading() as session:
        return session.exec(select(Engagement.version)).one()


def _in_thread(function, *args):  # type: ignore[no-untyped-def]
    outcome: list[object] = []

    def run() -> None:
        try:
            outcome.append(function(*args))
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert outcome, "the other thread hangs"
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]
