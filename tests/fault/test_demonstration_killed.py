"""Does the demonstration end the same when its processes are killed at random?

The whole thing as a user runs it, `steward demo` with its Prefect server, worker and flow runs: once undisturbed, and
once while something of it is killed every few seconds, by a seeded draw of whom and when.
"""

import contextlib
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.fault.harness import (
    AUDIT_KEY,
    ROOT,
    Forge,
    Installation,
    broken_invariants,
    business_state,
    clean_environment,
    differences,
    kill_tree,
    mail_contents,
    wrong_mails,
)

pytestmark = [pytest.mark.fault, pytest.mark.sweep, pytest.mark.timeout(0)]

SEED = 20250701
KILLS = 12
BETWEEN_KILLS_SECONDS = (8.0, 22.0)
PATIENCE_SECONDS = 3600.0
WHO = ("run", "run", "run", "worker", "server", "driver")
"""Who is drawn: flow runs most often, being most in number."""


class Demonstration:
    """One `steward demo` with a data folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.home.mkdir()
        self.killed: Counter[str] = Counter()
        self._driver: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or take it up where it was killed."""
        with (self.home / "demo.log").open("ab") as log:
            self._driver = subprocess.Popen(
                [sys.executable, "-c", "from deployments.cli import main; main()", "demo", "--no-stay"],
                env=clean_environment(STEWARD_HOME=str(self.home), STEWARD_AUDIT_KEY=AUDIT_KEY),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def run(self, draw: random.Random, kills: int) -> None:
        """Bring it to its end, killing so many of its processes on the way."""
        begun = time.monotonic()
        self.start()
        next_kill = begun + draw.uniform(*BETWEEN_KILLS_SECONDS)
        while True:
            assert self._driver is not None
            assert time.monotonic() - begun < PATIENCE_SECONDS, self.log()
            code = self._driver.poll()
            if code == 0:
                break
            if code is not None:
                assert code < 0, f"ended with {code}: {self.log()}"
                self.start()
            if self.killed.total() < kills and time.monotonic() > next_kill:
                self._kill_one(draw)
                next_kill = time.monotonic() + draw.uniform(*BETWEEN_KILLS_SECONDS)
            time.sleep(0.3)

    def log(self) -> str:
        """The last lines it wrote."""
        return (self.home / "demo.log").read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """End whatever is left of it."""
        if self._driver is not None and self._driver.poll() is None:
            kill_tree(self._driver)
        for process, _role in self._processes():
            with contextlib.suppress(psutil.Error):
                process.kill()

    def _kill_one(self, draw: random.Random) -> None:
        wanted = draw.choice(WHO)
        there = sorted((p for p, role in self._processes() if role == wanted), key=lambda p: p.pid)
        if there:
            with contextlib.suppress(psutil.NoSuchProcess):
                draw.choice(there).kill()
                self.killed[wanted] += 1

    def _processes(self) -> Iterator[tuple[psutil.Process, str]]:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("STEWARD_HOME") in (str(self.home), str(self.home / "demo")):
                    yield process, _role(process.cmdline())


def _role(command: list[str]) -> str:
    if "demo" in command:
        return "driver"
    if "worker" in command:
        return "worker"
    return "server" if "server" in command else "run"


@pytest.fixture
def demonstrations(tmp_path: Path) -> Iterator[list[Demonstration]]:
    made = [Demonstration(tmp_path / "undisturbed"), Demonstration(tmp_path / "disturbed")]
    yield made
    for demonstration in made:
        demonstration.stop()


def test_a_demonstration_killed_at_random_ends_like_an_undisturbed_one(
    demonstrations: list[Demonstration], forge: Forge
) -> None:
    undisturbed, disturbed = demonstrations
    undisturbed.run(random.Random(SEED), kills=0)
    disturbed.run(random.Random(SEED), kills=KILLS)
    assert disturbed.killed.total() == KILLS, f"it ended before all were killed: {disturbed.killed}"
    expected, found = (Installation(made.home / "demo", forge) for made in demonstrations)
    wrong = broken_invariants(found)
    wrong += differences(business_state(expected), business_state(found))
    wrong += wrong_mails(mail_contents(expected), found)
    assert wrong == []
