"""How does everything run on one machine? Prefect server, worker, mail sink and pack server, looked after."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from deployments.answer_server import start_answer_server
from deployments.leftovers import MAIN, note_process, processes_file, stop_leftovers, stop_tree
from deployments.mail_sink import start_mail_sink
from deployments.pack_server import start_pack_server
from deployments.pins import require_pins
from deployments.prefect_environment import api_url, free_port, ui_url, use_own_server
from models.errors import Terminal, Transient
from models.settings import settings

START_TIMEOUT_SECONDS = 300.0
"""A machine that is busy with other things takes minutes to load the server; one that has died is seen at once."""
SERVER_STARTS = 3
"""So often a server that ends while it starts is started again: once may be bad luck, three times is not."""
WORKER_SLOTS = "3"
_MAIL_PORT, _PACK_PORT = 8025, 8086
T = TypeVar("T")


class StackFailed(Terminal):
    """A part did not start; the message names its log."""


@dataclass
class LocalStack:
    """The running parts; `keep_alive` starts again what died."""

    port: int
    mail_folder: Path
    _commands: dict[str, list[str]] = field(default_factory=dict)
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def ui(self) -> str:
        """Address of the Prefect UI."""
        return ui_url(self.port)

    def start(self, name: str, command: list[str]) -> None:
        """Start a part in its own session, its output in a log file, its process noted for later."""
        self._commands[name] = command
        log = settings().home / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            self._children[name] = subprocess.Popen(  # noqa: S603 - our own command
                command,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        note_process(name, self._children[name].pid)

    def start_server(self) -> None:
        """Start the Prefect server and wait until it answers.

        A port that another program took meanwhile is left to it, as long as nobody was told ours.

        Raises:
            StackFailed: it ended several times while it started, or did not answer in time.
        """
        command = [sys.executable, "-m", "deployments.prefect_server", "server", "start"]
        for started in range(1, SERVER_STARTS + 1):
            self.start("server", [*command, "--host", "127.0.0.1", "--port", str(self.port)])
            try:
                wait_for_server(self.port, self._children["server"])
            except StackFailed:
                if started == SERVER_STARTS or self._children["server"].poll() is None:
                    raise
                if "worker" not in self._commands:
                    self.port = use_own_server()
            else:
                return

    def keep_alive(self) -> list[str]:
        """Start again whatever has died; returns what that was."""
        dead = [name for name, child in self._children.items() if child.poll() is not None]
        for name in dead:
            if name == "server":
                self.start_server()
            else:
                self.start(name, self._commands[name])
        return dead

    def stop(self) -> None:
        """Stop every part and what it started, after this process has told the server everything."""
        _send_last_words()
        for child in reversed(self._children.values()):
            stop_tree(child.pid)
        processes_file().unlink(missing_ok=True)


@contextlib.contextmanager
def running_stack(port: int) -> Iterator[LocalStack]:
    """Start everything on this machine, and stop it all at the end of the block.

    What a killed run of the same installation left behind is stopped first.
    """
    require_pins()
    stop_leftovers()
    home = settings().home
    home.mkdir(parents=True, exist_ok=True)
    note_process(MAIN, os.getpid())
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(processes_file().unlink, missing_ok=True)
        if settings().smtp_host == "127.0.0.1":
            mail = start_mail_sink(home / "mail", free_port(_MAIL_PORT))
            cleanup.callback(mail.stop)
            os.environ["STEWARD_SMTP_PORT"] = str(mail.port)
            (home / "mail.port").write_text(str(mail.port))
            cleanup.callback((home / "mail.port").unlink, missing_ok=True)
        packs = start_pack_server(free_port(_PACK_PORT))
        cleanup.callback(packs.shutdown)
        if settings().answer_url:
            answers = start_answer_server(settings().answer_port)
            cleanup.callback(answers.server_close)
            cleanup.callback(answers.shutdown)
        os.environ["STEWARD_PUBLIC_URL"] = f"http://127.0.0.1:{packs.server_address[1]}"
        settings.cache_clear()
        stack = LocalStack(port, home / "mail")
        cleanup.callback(stack.stop)
        stack.start_server()
        (home / "server.port").write_text(str(stack.port))
        cleanup.callback((home / "server.port").unlink, missing_ok=True)
        yield stack


def steadily(act: Callable[[], T], keep_alive: Callable[[], object], patience_seconds: float) -> T:
    """Do what needs the server; if it is gone meanwhile, bring it back and do it again.

    Args:
        act: what to do; it may be done twice.
        keep_alive: starts again what died.
        patience_seconds: after so long the fault itself is raised.
    """
    import httpx
    from prefect.exceptions import PrefectException

    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return act()
        except (httpx.HTTPError, PrefectException, Transient, RuntimeError):
            if time.monotonic() > deadline:
                raise
            keep_alive()
            time.sleep(1)


def start_work(stack: LocalStack, pool: str) -> list[str]:
    """Register our deployments and start the worker that runs them; returns their names.

    Everything of an earlier run was stopped, so what still claims to be at work is dead and starts again.
    """
    from deployments.registration import register_deployments
    from tasks.dispatching import repair_dead_cycles
    from tasks.launching import close_orphaned_runs

    def register() -> list[str]:
        names = list(register_deployments(worker_is_here=True))
        close_orphaned_runs("Its process was stopped with the earlier run of this installation")
        repair_dead_cycles(unstarted_too=True)
        return names

    names = steadily(register, stack.keep_alive, START_TIMEOUT_SECONDS)
    stack.start(
        "worker",
        [
            sys.executable,
            "-m",
            "deployments.worker",
            "worker",
            "start",
            "--pool",
            pool,
            "--type",
            "process",
            "--limit",
            WORKER_SLOTS,
        ],
    )
    return names


def wait_for_server(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers; an answer from somebody else at its port does not count.

    Raises:
        StackFailed: it ended, or did not answer in time.
    """
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        code = server.poll()
        if code is not None:
            raise StackFailed(f"The Prefect server ended with code {code}: see {_log('server')}.")
        if _listens(server.pid, port) and _answers(port):
            return
        time.sleep(0.3)
    raise StackFailed(
        f"The Prefect server did not answer within {START_TIMEOUT_SECONDS:.0f} s: see {_log('server')}."
    )


def _listens(pid: int, port: int) -> bool:
    with contextlib.suppress(psutil.Error):
        return any(
            connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            for connection in psutil.Process(pid).net_connections("tcp")
        )
    return False


def _answers(port: int) -> bool:
    try:
        with urlopen(f"{api_url(port)}/ready", timeout=2) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False


def _send_last_words() -> None:
    """Send what Prefect still holds back: at the exit of this process it would wait a minute for a server gone."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=5)


def _log(name: str) -> Path:
    return settings().home / "logs" / f"{name}.log"
