"""Are runs that start from a loaded process reported, stopped and mourned like any other? (E2)"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import psutil
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.deployments import run_deployment
from prefect.deployments.runner import RunnerDeployment
from prefect.states import Cancelling
from prefect.types.entrypoint import EntrypointType

from deployments.catalogue import WORK_POOL
from tests.conftest import ROOT
from tests.deployments.lingering import linger
from tests.flows.runs import eventually, log_text

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.usefixtures("prefect_server"),
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each run loads everything itself"),
]

QUEUE = "warm"
PATIENCE_SECONDS = 120.0
LONG_SECONDS = 300.0

Start = Callable[[float], UUID]


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory, registered_deployments: list[str]) -> Iterator[None]:
    """The worker as the product starts it, for the runs of this module alone."""
    RunnerDeployment.from_flow(
        linger,
        name="linger",
        work_pool_name=WORK_POOL,
        work_queue_name=QUEUE,
        job_variables={"command": f"{sys.executable} -m prefect.engine"},
        entrypoint_type=EntrypointType.MODULE_PATH,
    ).apply()
    arguments = f"-m deployments.worker worker start --pool {WORK_POOL} --work-queue {QUEUE} --type process"
    with (tmp_path_factory.mktemp("worker") / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *arguments.split()],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_WORKER_QUERY_SECONDS": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        yield
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):  # as the product does: who does not end is ended
            process.wait(30)
        process.kill()
        process.wait()


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """Where the run writes its process and the one it comes from."""
    return tmp_path / "note"


@pytest.fixture
def start(worker: None, note: Path) -> Start:
    """Start a run that stays so long; returns its id."""

    def _start(seconds: float) -> UUID:
        note.unlink(missing_ok=True)
        run = run_deployment(
            "linger/linger", parameters={"note": str(note), "seconds": seconds}, timeout=0, as_subflow=False
        )
        return run.id  # type: ignore[union-attr]

    return _start


def test_a_run_is_forked_from_a_loaded_process_and_told_whole(start: Start, note: Path) -> None:
    run = start(0)
    assert _end(run) is StateType.COMPLETED
    _own, parent = _processes(note)
    assert "forkserver" in " ".join(psutil.Process(parent).cmdline())
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(run).state
    assert state is not None
    told = eventually(lambda: log_text(state), lambda text: "I stay 0" in text)
    assert "I stay 0" in told


def test_each_run_has_a_process_of_its_own(start: Start, note: Path) -> None:
    seen = set()
    for _ in range(2):
        assert _end(start(0)) is StateType.COMPLETED
        seen.add(_processes(note)[0])
    assert len(seen) == 2


def test_a_killed_run_is_reported_as_crashed(start: Start, note: Path) -> None:
    run = start(LONG_SECONDS)
    os.kill(_processes(note)[0], signal.SIGKILL)
    assert _end(run) is StateType.CRASHED


def test_a_cancelled_run_ends(start: Start, note: Path) -> None:
    run = start(LONG_SECONDS)
    own, _parent = _processes(note)
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run, Cancelling())
    assert _end(run) is StateType.CANCELLED
    assert _gone(own)


def test_without_its_fork_server_no_run_lives_on_unwatched_and_the_next_one_starts(
    start: Start, note: Path
) -> None:
    run = start(LONG_SECONDS)
    own, parent = _processes(note)
    os.kill(parent, signal.SIGKILL)
    assert _end(run) is StateType.CRASHED
    assert _gone(own)
    assert _end(start(0)) is StateType.COMPLETED


def _processes(note: Path) -> tuple[int, int]:
    assert eventually(note.exists, bool, PATIENCE_SECONDS), "the run did not begin"
    own, parent = note.read_text().split()
    return int(own), int(parent)


def _end(run: UUID) -> StateType | None:
    def look() -> StateType | None:
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(run).state
        return state.type if state is not None and state.is_final() else None

    return eventually(look, bool, PATIENCE_SECONDS)


def _gone(pid: int) -> bool:
    def ended() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return eventually(ended, bool)
