"""Does `steward serve` begin with what waited while nothing ran, and end cleanly? (E2, E3)"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from reports.intake_form import form_yaml
from tests import factories
from tests.fault.harness import ROOT, clean_environment, kill_tree
from tests.flows.runs import eventually

pytestmark = pytest.mark.prefect

CODE = "TS-2027"
COMMAND = [sys.executable, "-c", "from deployments.cli import main; main()"]
PATIENCE_SECONDS = 180.0


@pytest.fixture
def recorded(tmp_path: Path) -> dict[str, str]:
    """An engagement recorded while no server runs; the environment in which it is."""
    environment = clean_environment(STEWARD_HOME=str(tmp_path / "home"))
    form = tmp_path / "form.yaml"
    form.write_bytes(form_yaml(factories.intake_form(CODE)))
    _steward(environment, "db", "upgrade")
    assert "no server runs here" in _steward(environment, "engagement", "new", "--form", str(form))
    return environment


@pytest.fixture
def serving(recorded: dict[str, str], tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`steward serve` over it."""
    with (tmp_path / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [*COMMAND, "serve"],
            cwd=ROOT,
            env=recorded,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        yield process
        if process.poll() is None:
            kill_tree(process)


def test_what_waited_while_nothing_ran_begins_at_once_and_serve_ends_cleanly(
    recorded: dict[str, str], serving: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    gates = eventually(
        lambda: _status(recorded)["gates"] or [], lambda found: len(found) == 2, PATIENCE_SECONDS
    )
    assert [(gate["subject"], gate["party"]) for gate in gates] == [
        ("intake", "client"),
        ("intake", "custodian"),
    ]
    assert _servers(serving) == ["deployments.prefect_server"], "no hidden one of Prefect's beside ours"
    os.kill(serving.pid, signal.SIGTERM)
    assert serving.wait(60) == 0, (tmp_path / "serve.log").read_text()[-2000:]
    assert _status(recorded)["gates"] is None, "no server answers any more"
    assert (tmp_path / "serve.log").read_text().startswith("Starting: "), "said before anything is up"


def _servers(serving: "subprocess.Popen[bytes]") -> list[str]:
    started = psutil.Process(serving.pid).children(recursive=True)
    return [
        word
        for process in started
        for word in process.cmdline()
        if word in ("deployments.prefect_server", "uvicorn")
    ]


def _status(environment: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_steward(environment, "engagement", "status", CODE, "--json"))
    return found


def _steward(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [*COMMAND, *words],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
