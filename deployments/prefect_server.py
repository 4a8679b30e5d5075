"""How does the local Prefect server run on SQLite without standing still? Garbage and locks wait in no one's way.

On SQLite the server's connections each have a thread. One of them may wait for the database's write lock, up to a
minute, inside SQLite and holding that connection's own lock. If Python's garbage collector runs meanwhile in the
event loop's thread and finds an old cursor of that connection, it waits for that lock too; and if the transaction
that holds the write lock needs the event loop to go on, all stand still until the minute is over (seen with Prefect
3.8.8, aiosqlite and CPython 3.11: stacks in docs/decisions/0013). A collector in a thread of its own may wait: the
event loop goes on, the lock is given back.
"""

import gc
import threading
import time
from contextlib import AbstractAsyncContextManager

from prefect.server.database.configurations import AioSqliteConfiguration
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction

COLLECT_EVERY_SECONDS = 10.0


def collect_in_own_thread(every_seconds: float = COLLECT_EVERY_SECONDS) -> threading.Thread:
    """Stop collecting wherever objects happen to be made; collect in a daemon thread instead."""
    gc.disable()
    thread = threading.Thread(target=_collect_for_ever, args=(every_seconds,), name="collector", daemon=True)
    thread.start()
    return thread


def _collect_for_ever(every_seconds: float) -> None:
    time.sleep(every_seconds)
    gc.collect()
    gc.freeze()  # the server is up: what it has built by now it keeps, and need not be looked through each time
    while True:
        time.sleep(every_seconds)
        gc.collect()


def take_the_write_lock_at_once() -> None:
    """Let every transaction of the server on SQLite begin as a writer.

    One that begins as a reader and writes later is refused at once ("database is locked") if another wrote
    meanwhile, whatever the busy timeout; the client gets a 503 and sleeps two seconds or more before it asks again.
    Reads without a transaction are not concerned.
    """
    begin = AioSqliteConfiguration.begin_transaction

    def begin_as_writer(
        self: AioSqliteConfiguration,
        session: AsyncSession,
        with_for_update: bool = True,  # noqa: ARG001 - asked for or not
    ) -> AbstractAsyncContextManager[AsyncSessionTransaction]:
        return begin(self, session, with_for_update=True)

    AioSqliteConfiguration.begin_transaction = begin_as_writer  # type: ignore[assignment,method-assign]


def main() -> None:
    """Run the Prefect command line of our arguments in this process: `python -m deployments.prefect_server server start`."""
    import prefect.server.api.server  # noqa: F401 - what it loads lives as long as the server
    from prefect.cli import app

    gc.collect()
    gc.freeze()
    collect_in_own_thread()
    take_the_write_lock_at_once()
    app()


if __name__ == "__main__":
    main()
