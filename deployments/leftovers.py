"""Which processes did an earlier run of this installation leave behind? Found by their note and stopped.

Nothing here imports Prefect: leftovers are stopped before anybody knows which port, and so which server, is ours.
"""

import contextlib
import os
from pathlib import Path

import psutil

from models.errors import Terminal
from models.settings import settings

MAIN = "main"
"""The process that looks after the others: `steward serve` or the demonstration itself."""


def stop_leftovers() -> list[int]:
    """Stop the processes an earlier run of this installation started and could not stop itself.

    Raises:
        Terminal: the earlier run is no leftover but at work: two would stop each other's parts for ever.
    """
    path = processes_file()
    noted = _alive(path.read_text()) if path.exists() else []
    for process, name in noted:
        if name == MAIN and process.pid != os.getpid():
            raise Terminal(
                f"It runs here already, as process {process.pid} (data folder {settings().home}): stop that one first, "
                "or set another STEWARD_HOME."
            )
    stopped = [process.pid for process, name in noted if name != MAIN]
    for pid in stopped:
        stop_tree(pid)
    path.unlink(missing_ok=True)
    return stopped


def _alive(notes: str) -> list[tuple[psutil.Process, str]]:
    """The noted processes that still run, with their names; a stranger with the same number is none of them."""
    found = []
    for line in notes.splitlines():
        pid_text, started_text, *rest = line.split()
        with contextlib.suppress(psutil.Error, ValueError):
            process = psutil.Process(int(pid_text))
            if (
                abs(process.create_time() - float(started_text)) < 1.0
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append((process, " ".join(rest)))
    return found


def note_process(name: str, pid: int) -> None:
    """Note a process that we started, with its start: a number alone may be a stranger's by then."""
    with contextlib.suppress(psutil.Error):
        started = psutil.Process(pid).create_time()
        with processes_file().open("a") as notes:
            notes.write(f"{pid} {started} {name}\n")


def processes_file() -> Path:
    """Where the processes are noted, one a line: number, start, name."""
    return settings().home / "processes.txt"


def stop_tree(pid: int) -> None:
    """Stop a process and all it started, the hard way after eight seconds."""
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        _gone, alive = psutil.wait_procs(family, timeout=8)
        for process in alive:
            with contextlib.suppress(psutil.Error):
                process.kill()
