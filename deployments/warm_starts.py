"""How does a run start at once? Forked from a process that has loaded Prefect and our flows already.

A run of its own process loads Prefect, SQLAlchemy and our code first: four to five seconds of one core, more than
most runs take themselves. Here the standard library's fork server loads them once. All else stays as Prefect does it:
one process for each run, its environment, its folder, its end reported by the worker.
"""

import asyncio
import contextlib
import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Callable, Mapping
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from typing import Any

import anyio.abc
from prefect.context import SettingsContext, get_settings_context
from prefect.logging import get_logger
from prefect.runner import _starter_engine
from prefect.settings import Settings
from prefect.utilities.processutils import run_process as start_anew

FLOW_ENGINE = ("-m", "prefect.engine")
FORK_SERVER_GONE = 255
"""What the standard library gives as a process's exit code when its fork server is gone."""
LOADED_ONCE = ("deployments.loaded_once", "deployments.warm_starts")


def fork_warm_runs() -> bool:
    """Let the worker of this process fork its runs; returns whether this system can do so safely.

    Elsewhere than on Linux a forked process may not use the network, so that runs start anew as Prefect has it.
    """
    if sys.platform != "linux":
        return False
    multiprocessing.set_forkserver_preload(list(LOADED_ONCE))
    forkserver.ensure_running()
    setattr(_starter_engine, "run_process", _run_process)  # noqa: B010 - "patch the module to override", it says there
    return True


async def _run_process(
    command: list[str],
    *,
    env: Mapping[str, str],
    cwd: Any,
    task_status: anyio.abc.TaskStatus[Any],
    task_status_handler: Callable[[Any], Any],
    **how: Any,
) -> object:
    """Prefect's `run_process` for a flow's engine: the same, but forked."""
    process = _forked(env, cwd) if tuple(command[1:]) == FLOW_ENGINE else None
    if process is None:
        return await start_anew(
            command, env=env, cwd=cwd, task_status=task_status, task_status_handler=task_status_handler, **how
        )
    task_status.started(task_status_handler(process))
    try:
        await _ended(process)
    finally:
        if process.is_alive():
            process.terminate()
    return process


def _forked(env: Mapping[str, str], cwd: Any) -> ForkServerProcess | None:
    process = multiprocessing.get_context("forkserver").Process(
        target=_run_engine, args=(dict(env), str(cwd))
    )
    try:
        process.start()
    except (OSError, EOFError) as cause:
        get_logger("worker").warning("No warm start (%s); this run's process loads everything itself.", cause)
        return None
    return process


async def _ended(process: ForkServerProcess) -> None:
    """Wait for the end of a process without a thread of its own."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    loop.add_reader(process.sentinel, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(process.sentinel)
    process.join()
    if process.exitcode == FORK_SERVER_GONE and process.pid is not None:
        # Nobody could say how it ends: it must not live on unwatched.
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def _run_engine(env: dict[str, str], cwd: str) -> None:
    """Be `python -m prefect.engine` in this environment and folder."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = ["prefect.engine"]
    sys.modules.pop("prefect.engine", None)
    with SettingsContext(profile=get_settings_context().profile, settings=Settings()):
        runpy.run_module("prefect.engine", run_name="__main__")
