"""Do a month's release and the acceptance of an amendment wait for each other? (A4, B2)"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from models.db import engine, reading
from models.work import WorkOrder
from tasks.plan_edits import Amendment, import_plan
from tasks.work_entries import WorkEntry, record_work
from tasks.work_orders import open_orders
from tests import factories
from tests.tasks.test_plan_edits import commitment, edited_workbook, without

EFFECTIVE = date(2027, 2, 15)
PATIENCE_SECONDS = 60.0


@pytest.fixture
def code(in_service: str, dialect: str) -> str:
    """SQLite lets one writer in at a time, whatever the writers ask for: nothing to see there."""
    if dialect != "postgresql":
        pytest.skip("two writers at once need PostgreSQL")
    return in_service


def test_a_month_released_while_an_amendment_is_accepted_follows_the_amendment(
    code: str, tmp_path: Path
) -> None:
    series = _amended(code, tmp_path)
    with _accepted_before("INSERT INTO workorder", code):
        factories.open_the_month(code, "2027-02")
    left = [order for order in _orders(series) if order.due_on >= EFFECTIVE and order.state != "skipped"]
    assert left == [], "both sides took this work out of the plan"
    assert [order for order in _orders(series) if order.due_on < EFFECTIVE]


def test_work_recorded_while_an_amendment_cancels_it_is_done_and_counts(code: str, tmp_path: Path) -> None:
    factories.open_the_month(code, "2027-02")
    series = _amended(code, tmp_path)
    (order,) = [o for o in open_orders(code, EFFECTIVE) if o.series == series and o.due_on == EFFECTIVE][:1]
    with _accepted_before("INSERT INTO workrecord", code):
        record_work(code, [WorkEntry(order.id, EFFECTIVE, "staff-1")], EFFECTIVE)
    assert [(o.state, o.reason) for o in _orders(series) if o.id == order.id] == [("done", "")]


def _amended(code: str, folder: Path) -> str:
    """An amendment that takes a series out of the plan and that only the custodian must still accept."""
    series = commitment(code, lambda c: c.subject == "cleaning" and c.rrule == "FREQ=DAILY").code
    import_plan(code, edited_workbook(code, folder, without(series)), Amendment(EFFECTIVE, "not needed"))
    factories.answer(code, "plan", parties=["client"])
    return series


@contextmanager
def _accepted_before(statement: str, code: str) -> Iterator[None]:
    """While this thread is about to run a statement, another accepts the amendment: done, or kept waiting."""
    here = threading.get_ident()
    errors: list[BaseException] = []

    def accept() -> None:
        try:
            assert factories.answer(code, "plan") == 1
        except BaseException as error:
            errors.append(error)

    acceptance = threading.Thread(target=accept)

    def before(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        if sql.startswith(statement) and threading.get_ident() == here and acceptance.ident is None:
            acceptance.start()
            _until(lambda: not acceptance.is_alive() or _somebody_waits())

    sa.event.listen(engine(), "before_cursor_execute", before)
    try:
        yield
    finally:
        sa.event.remove(engine(), "before_cursor_execute", before)
    assert acceptance.ident is not None, f"nothing like {statement!r} was run"
    acceptance.join(PATIENCE_SECONDS)
    assert not acceptance.is_alive()
    assert errors == []


def _somebody_waits() -> bool:
    with engine().connect() as connection:
        return bool(
            connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one()
        )


def _until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not there() and time.monotonic() < deadline:
        time.sleep(0.05)


def _orders(series: str) -> list[WorkOrder]:
    with reading() as session:
        return list(session.exec(select(WorkOrder).where(WorkOrder.series == series)).all())
