"""Is every kind of tampering with the trail found, and is the first bad entry named?"""

import hashlib
import json
import threading

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from models.acting import acting
from models.audit import AuditEvent, AuditHead, record_event, verify_chain
from models.db import engine, reading, writing
from tests import factories
from tests.databases import environment

VICTIM = 3
ENTRIES = 5


@pytest.fixture
def trail(database: str) -> int:
    """An engagement whose trail has exactly five entries; its key. A second engagement has key 2."""
    for code in (factories.CODE, "OTHER"):
        factories.create_engagement(code)
    with reading() as session:
        written = len(session.exec(select(AuditEvent).where(AuditEvent.engagement_id == 1)).all())
    assert written < ENTRIES
    with writing() as session, acting("tester", run="run-1"):
        for number in range(written + 1, ENTRIES + 1):
            record_event(session, 1, "test.act", f"subject-{number}", {"n": number, "中文": ["a", None, 1.5]})
    return 1


def test_an_untouched_trail_verifies(trail: int) -> None:
    assert _fault(trail) is None
    with reading() as session:
        last = session.exec(select(AuditEvent).where(AuditEvent.sequence == ENTRIES)).one()
        assert (last.who, last.run, last.subject) == ("tester", "run-1", "subject-5")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("tag", "'decision.accepted'"),
        ("subject", "'another'"),
        ("who", "'somebody else'"),
        ("run", "'another run'"),
        ("detail", """'{"n": 4}'"""),
        ("at", "'2020-01-01 00:00:00+00:00'"),
        ("previous_hash", f"'{'0' * 64}'"),
        ("hash", f"'{'f' * 64}'"),
        ("sequence", "77"),
        ("engagement_id", "2"),
    ],
)
def test_an_edited_column_is_found_at_its_entry(trail: int, column: str, value: str) -> None:
    # A moved entry takes a number that is free there, or the database itself would refuse it.
    also = ", sequence = 99" if column == "engagement_id" else ""
    _tamper(
        f'UPDATE auditevent SET "{column}" = {value}{also} WHERE engagement_id = 1 AND sequence = {VICTIM}'
    )
    assert _fault(trail) == VICTIM


def test_every_column_of_an_entry_is_covered_by_the_case_above() -> None:
    cases = test_an_edited_column_is_found_at_its_entry.pytestmark[0].args[1]
    assert {column for column, _value in cases} == set(AuditEvent.model_fields) - {"id"}


def test_a_deleted_entry_is_found_where_it_stood(trail: int) -> None:
    _tamper(f"DELETE FROM auditevent WHERE engagement_id = 1 AND sequence = {VICTIM}")
    assert _fault(trail) == VICTIM


def test_a_deleted_entry_whose_gap_was_closed_is_found(trail: int) -> None:
    _tamper(
        f"DELETE FROM auditevent WHERE engagement_id = 1 AND sequence = {VICTIM}",
        f"UPDATE auditevent SET sequence = sequence - 1 WHERE engagement_id = 1 AND sequence = {VICTIM + 1}",
        f"UPDATE auditevent SET sequence = sequence - 1 WHERE engagement_id = 1 AND sequence = {VICTIM + 2}",
    )
    assert _fault(trail) == VICTIM


def test_two_entries_in_another_order_are_found(trail: int) -> None:
    _tamper(
        f"UPDATE auditevent SET sequence = 99 WHERE engagement_id = 1 AND sequence = {VICTIM}",
        f"UPDATE auditevent SET sequence = {VICTIM} WHERE engagement_id = 1 AND sequence = {VICTIM + 1}",
        f"UPDATE auditevent SET sequence = {VICTIM + 1} WHERE engagement_id = 1 AND sequence = 99",
    )
    assert _fault(trail) == VICTIM


def test_a_cut_tail_is_found(trail: int) -> None:
    _tamper("DELETE FROM auditevent WHERE engagement_id = 1 AND sequence > 3")
    assert _fault(trail) == 4


def test_a_trail_cut_from_its_start_is_found(trail: int) -> None:
    _tamper("DELETE FROM auditevent WHERE engagement_id = 1 AND sequence = 1")
    assert _fault(trail) == 1


def test_a_trail_that_was_wiped_is_found(trail: int) -> None:
    _tamper("DELETE FROM auditevent WHERE engagement_id = 1")
    assert _fault(trail) == 1


def test_a_removed_head_is_found(trail: int) -> None:
    _tamper("DELETE FROM audithead WHERE engagement_id = 1")
    assert _fault(trail) is not None


def test_an_entry_rewritten_with_a_plain_hash_is_found_for_want_of_the_key(trail: int) -> None:
    with reading() as session:
        event = session.exec(
            select(AuditEvent).where(AuditEvent.engagement_id == 1, AuditEvent.sequence == ENTRIES)
        ).one()
        content = [1, ENTRIES, event.tag, "forged", event.who, event.run, event.detail, event.at.isoformat()]
    text = json.dumps([*content, event.previous_hash], ensure_ascii=False, separators=(",", ":"))
    forged = hashlib.sha256(text.encode()).hexdigest()
    _tamper(
        f"UPDATE auditevent SET subject = 'forged', hash = '{forged}' WHERE engagement_id = 1 AND sequence = {ENTRIES}",
        f"UPDATE audithead SET hash = '{forged}' WHERE engagement_id = 1",
    )
    assert _fault(trail) == ENTRIES


def test_a_trail_written_under_another_key_does_not_verify(trail: int) -> None:
    with environment(STEWARD_AUDIT_KEY="another key"):
        assert _fault(trail) == 1


def test_tampering_with_one_engagement_leaves_the_others_verified(trail: int) -> None:
    _tamper("UPDATE auditevent SET who = 'x' WHERE engagement_id = 1 AND sequence = 2")
    assert _fault(1) == 2
    assert _fault(2) is None


@pytest.mark.parametrize("statement", ["UPDATE auditevent SET who = 'x'", "DELETE FROM auditevent"])
def test_the_database_itself_refuses_to_change_the_trail(trail: int, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), engine().begin() as connection:
        connection.execute(sa.text(statement))
    assert _fault(trail) is None


def test_an_act_that_is_rolled_back_leaves_no_trace(trail: int) -> None:
    with pytest.raises(RuntimeError), writing() as session:
        record_event(session, trail, "test.act", "undone")
        raise RuntimeError
    with reading() as session:
        assert session.get(AuditHead, trail).sequence == ENTRIES  # type: ignore[union-attr]
    assert _fault(trail) is None


def test_many_writers_at_once_append_to_one_chain(trail: int) -> None:
    errors: list[BaseException] = []

    def write() -> None:
        try:
            for number in range(5):
                with writing() as session:
                    record_event(session, trail, "test.act", f"{threading.get_ident()}-{number}")
        except BaseException as error:
            errors.append(error)

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert errors == []
    assert _fault(trail) is None
    with reading() as session:
        assert session.get(AuditHead, trail).sequence == ENTRIES + 30  # type: ignore[union-attr]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(detail=st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0")), _JSON))
def test_whatever_is_recorded_verifies_when_it_is_read_back(trail: int, detail: dict[str, object]) -> None:
    with writing() as session:
        record_event(session, trail, "test.act", "s", detail)
    assert _fault(trail) is None


def _fault(key: int) -> int | None:
    with reading() as session:
        fault = verify_chain(session, key)
    return None if fault is None else fault.sequence


def _tamper(*statements: str) -> None:
    """What somebody with the database's password could do: put the triggers out of the way, then write."""
    with engine().begin() as connection:
        if connection.dialect.name == "sqlite":
            out_of_the_way = [f"DROP TRIGGER auditevent_no_{act}" for act in ("update", "delete")]
            back = []
        else:
            out_of_the_way = ["ALTER TABLE auditevent DISABLE TRIGGER auditevent_append_only"]
            back = ["ALTER TABLE auditevent ENABLE TRIGGER auditevent_append_only"]
        for statement in out_of_the_way:
            connection.execute(sa.text(statement))
        for statement in statements:
            assert connection.execute(sa.text(statement.replace(":00", r"\:00"))).rowcount > 0
        for statement in back:
            connection.execute(sa.text(statement))
