"""The local server's garbage: still collected, but never in the thread that happens to make an object."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import gc, threading, time, weakref
from deployments.prefect_server import collect_in_own_thread

class Knot:
    def __init__(self):
        self.itself = self

collectors = set()
gc.callbacks.append(lambda phase, info: collectors.add(threading.current_thread().name))
collect_in_own_thread(every_seconds=0.05)
first = weakref.ref(Knot())
many = [[[]] for _ in range(200_000)]  # would start a collection here, in this thread
deadline = time.monotonic() + 20
while first() is not None and time.monotonic() < deadline:
    time.sleep(0.01)
print(first() is None, sorted(collectors))
"""


def test_garbage_is_collected_in_a_thread_of_its_own_only() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    assert answer.stdout.strip() == "True ['collector']"


WRITERS = """
import asyncio, sys
import sqlalchemy as sa
from deployments.prefect_server import take_the_write_lock_at_once
from prefect.server.database.configurations import AioSqliteConfiguration

take_the_write_lock_at_once()

async def add_one(config, engine, number):
    session = await config.session(engine)
    async with session, config.begin_transaction(session):
        (count,) = (await session.execute(sa.text("select count(*) from fact"))).one()
        await asyncio.sleep(0.02)  # another one writes meanwhile
        await session.execute(sa.text("insert into fact values (:n)"), {"n": count})

async def main():
    config = AioSqliteConfiguration(connection_url="sqlite+aiosqlite:///" + sys.argv[1])
    engine = await config.engine()
    async with engine.begin() as connection:
        await connection.execute(sa.text("create table fact (n integer)"))
    await asyncio.gather(*(add_one(config, engine, number) for number in range(8)))
    async with engine.connect() as connection:
        print([n for (n,) in await connection.execute(sa.text("select n from fact order by n"))])

asyncio.run(main())
"""


def test_transactions_that_read_and_then_write_wait_for_each_other_instead_of_being_refused(
    tmp_path: Path,
) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", WRITERS, str(tmp_path / "server.db")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert answer.stdout.strip() == str(list(range(8)))
