"""Is a step that finds the database busy done once all the same? A lock held too long, and a real deadlock."""

import sqlite3
import time

import pytest

from tests.fault.harness import Installation, finish, read_rows

pytestmark = pytest.mark.fault

MONTHS = ("2027-07", "2027-08")


def notes(installation: Installation) -> list[str]:
    return [
        cycle["last_error"]
        for cycle in sorted(read_rows(installation.database, "cycle"), key=lambda row: row["period"])
        if cycle["period"] in MONTHS and cycle["kind"] == "month_open"
    ]


def test_f09_a_step_outlasts_another_writer_that_holds_sqlite_longer_than_the_busy_timeout(
    in_service_on_sqlite: Installation,
) -> None:
    installation = in_service_on_sqlite
    installation.act("claim", "2027-08-01")
    other = sqlite3.connect(installation.home / "steward.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE cycle SET last_error = 'not to be kept' WHERE period = '2027-07'")
    step = installation.begin("note", "2027-07", STEWARD_BUSY_TIMEOUT_SECONDS="0.3")
    time.sleep(2.5)
    assert step.child.poll() is None, "the step must wait, not give up"
    other.execute("ROLLBACK")
    other.close()
    assert installation.outcome(step) > 1, "the step had to be tried again"
    assert notes(installation)[0] == "noted "


def test_f09_a_step_that_never_gets_the_database_fails_with_a_sentence_and_leaves_nothing(
    in_service_on_sqlite: Installation,
) -> None:
    installation = in_service_on_sqlite
    installation.act("claim", "2027-08-01")
    before = read_rows(installation.database, "cycle")
    with sqlite3.connect(installation.home / "steward.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        claiming = installation.begin("claim", "2027-09-01", STEWARD_BUSY_TIMEOUT_SECONDS="0.3")
        assert finish(claiming.child) != 0
        other.execute("ROLLBACK")
    assert "The database was busy with another writer for too long" in installation.log_tail()
    assert read_rows(installation.database, "cycle") == before


def test_f09_of_two_deadlocked_steps_on_postgresql_both_are_done_once(
    in_service: Installation, request: pytest.FixtureRequest
) -> None:
    if in_service.database_url == "":
        pytest.skip("SQLite has one writer at a time, which cannot deadlock")
    in_service.act("claim", "2027-08-01")
    there = [str(in_service.home / name) for name in ("first-is-there", "second-is-there")]
    tries = in_service.at_once(
        ("cross", *MONTHS, there[1], there[0]), ("cross", *reversed(MONTHS), there[0], there[1])
    )
    assert sorted(tries)[0] == 1
    assert sorted(tries)[1] > 1, "the database broke the deadlock by refusing one of the two"
    assert [sorted(note.split()) for note in notes(in_service)] == [sorted(MONTHS)] * 2
