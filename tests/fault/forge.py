"""How does a test get a process in a moment? Everything is imported once; each process is a fork of that.

Importing Prefect and the product costs seconds, and the fault tests start hundreds of processes to kill them.
Orders come in as lines of JSON and are answered by one line each.
"""

import json
import os
import sys
from typing import Any

from prefect.events.worker import EventsWorker

from models.db import engine
from models.settings import settings
from tests.fault import acts, story_child

PROGRAMS = {"acts": acts.main, "story": story_child.main}


def main() -> None:
    """Fork on order until the test process closes our input; a fork does its program and ends normally."""
    answers = os.dup(1)
    for line in sys.stdin:
        order = json.loads(line)
        if "of" in order:
            answer: Any = _exit_code(order["of"])
        else:
            answer = os.fork()
            if answer == 0:
                os.close(answers)
                _become(order)
                PROGRAMS[order["program"]]()
                EventsWorker.drain_all(timeout=5)  # else Prefect may wait a minute at the exit
                return
        os.write(answers, f"{json.dumps(answer)}\n".encode())


def _exit_code(pid: int) -> int | None:
    """How a fork ended, negative for a signal; None while it lives."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _become(order: dict[str, Any]) -> None:
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.update(order["environment"])
    sys.argv = [order["program"], *order["arguments"]]
    engine.cache_clear()
    settings.cache_clear()


if __name__ == "__main__":
    main()
