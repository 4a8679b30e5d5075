"""Is every cycle done once, whoever starts it, dies in it, or comes back from the dead?"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from urllib.request import Request, urlopen

import pytest

from deployments.catalogue import WORK_POOL
from tests.fault.harness import (
    ROOT,
    Forge,
    Installation,
    PrefectServer,
    broken_chains,
    business_state,
    clean_environment,
    copy_installation,
    differences,
    finish,
    kill_tree,
    mails_in,
    read_rows,
    wait_until,
    wait_until_stopped,
)

pytestmark = pytest.mark.fault

OPENING, CLOSING = ("open-month", "2027-07", "2027-07-01"), ("close-month", "2027-07", "2027-08-01")
SERVICE_BEGINS = "2027-07-01"


def cycles(installation: Installation, kind: str) -> list[dict[str, Any]]:
    return [cycle for cycle in read_rows(installation.database, "cycle") if cycle["kind"] == kind]


def released_more_than_once(installation: Installation) -> list[tuple[Any, ...]]:
    """The work orders of the opened month that are there twice."""
    orders = Counter(
        (order["series"], order["target_code"], order["ordinal"])
        for order in read_rows(installation.database, "workorder")
    )
    assert len(orders) > 20, "the month was not opened"
    return [order for order, count in orders.items() if count > 1]


def flow_runs(server: PrefectServer, name: str) -> list[dict[str, Any]]:
    """The server's runs of a flow."""
    question = json.dumps({"flows": {"name": {"any_": [name]}}}).encode()
    request = Request(
        f"http://127.0.0.1:{server.port}/api/flow_runs/filter",
        data=question,
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=30) as answer:
        return cast("list[dict[str, Any]]", json.load(answer))


# --- twice at once --------------------------------------------------------------------------------------


def test_f12_the_same_month_closed_by_two_processes_at_once_is_closed_once(in_service: Installation) -> None:
    in_service.act("run", *OPENING)
    ended = in_service.at_once(("run", *CLOSING), ("run", *CLOSING), STEWARD_CYCLE_LEASE_SECONDS="600")
    assert [state["type"] for state in ended] == ["COMPLETED", "COMPLETED"]
    assert sum("nothing was changed" in state["message"] for state in ended) == 1
    assert in_service.act("run", *CLOSING)["type"] == "COMPLETED"
    (cycle,) = cycles(in_service, "month_close")
    assert (cycle["state"], cycle["attempt"]) == ("done", 1)
    packs = [pack["media_type"] for pack in read_rows(in_service.database, "pack") if pack["kind"] == "month"]
    assert len(packs) == len(set(packs)) == 2
    in_service.act("drain")
    arrived = Counter(message_id for message_id, _content in mails_in(in_service.mail))
    reports = {
        mail["message_id"]
        for mail in read_rows(in_service.database, "outboxmail")
        if mail["kind"] == "pack-month"
    }
    assert len(reports) == 2
    assert [arrived[report] for report in reports] == [1, 1]


def test_f12_a_second_run_of_the_same_attempt_leaves_the_work_to_the_first(in_service: Installation) -> None:
    lasting = {"STEWARD_CYCLE_LEASE_SECONDS": "600"}
    in_service.act("claim", SERVICE_BEGINS, **lasting)
    first = in_service.begin("run", *OPENING, "1", fault="db.after_commit:1:stop", **lasting)
    wait_until_stopped(first.child)
    second = in_service.act("run", *OPENING, "1")
    assert (second["type"], "nothing was changed" in second["message"]) == ("COMPLETED", True)
    assert cycles(in_service, "month_open")[0]["state"] == "started"
    os.kill(first.child.pid, signal.SIGCONT)
    assert in_service.outcome(first)["type"] == "COMPLETED"
    assert cycles(in_service, "month_open")[0]["state"] == "done"


def test_f13_two_dispatchers_that_see_the_same_work_due_claim_it_once(in_service: Installation) -> None:
    before_insert = "cycle.before_insert:1:stop"
    racing = [in_service.begin("claim", SERVICE_BEGINS, fault=before_insert) for _ in range(2)]
    for racer in racing:
        wait_until_stopped(racer.child)
    for racer in racing:
        os.kill(racer.child.pid, signal.SIGCONT)
    claimed = [claim for racer in racing for claim in in_service.outcome(racer)]
    assert ["month_open", "2027-07", 1] in claimed
    assert len(claimed) == len({(kind, period) for kind, period, _attempt in claimed})
    assert len(cycles(in_service, "month_open")) == 1


def test_f13_the_same_decision_taken_twice_at_once_is_recorded_once(in_service: Installation) -> None:
    in_service.act("ask")
    taken = in_service.at_once(*[("decide",)] * 4)
    assert sorted(taken) == [False, False, False, True]
    requests = {
        request["id"]
        for request in read_rows(in_service.database, "decisionrequest")
        if request["subject"] == "accounts"
    }
    decisions = read_rows(in_service.database, "decision")
    assert sum(decision["request_id"] in requests for decision in decisions) == 1
    assert broken_chains(in_service.database) == []


# --- dead, or only thought to be ------------------------------------------------------------------------


@pytest.mark.parametrize("commit", [2, 5])
def test_f18_a_process_that_stood_still_until_it_was_given_up_on_writes_nothing_when_it_goes_on(
    in_service: Installation, commit: int
) -> None:
    in_service.act("run", *OPENING)
    stopped = in_service.begin("run", *CLOSING, fault=f"db.after_commit:{commit}:stop")
    wait_until_stopped(stopped.child)
    wait_until(lambda: in_service.act("mend") == 1, "the reconciler gives the stopped run up")
    assert in_service.act("run", *CLOSING)["type"] == "COMPLETED"
    (cycle,) = cycles(in_service, "month_close")
    assert (cycle["state"], cycle["attempt"]) == ("done", 2)
    kept, trail = business_state(in_service), len(read_rows(in_service.database, "auditevent"))
    os.kill(stopped.child.pid, signal.SIGCONT)
    assert in_service.outcome(stopped)["type"] != "COMPLETED"
    assert "this run writes nothing more" in in_service.log_tail()
    assert differences(kept, business_state(in_service)) == []
    assert len(read_rows(in_service.database, "auditevent")) == trail


# --- with a real worker ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deployed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A Prefect server that may be killed, and that knows our deployments."""
    server = PrefectServer(tmp_path_factory.mktemp("deployed-server") / "prefect")
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def deployed_forge(deployed_server: PrefectServer) -> Iterator[Forge]:
    made = Forge(deployed_server.environment)
    yield made
    made.stop()


@pytest.fixture
def deployed(
    install: Callable[[Path], Installation],
    served: Path,
    tmp_path: Path,
    deployed_forge: Forge,
) -> Installation:
    """An engagement whose service begins tomorrow, and a server that knows our deployments."""
    installation = install(tmp_path / "home")
    copy_installation(served, installation.home)
    installation.forge = deployed_forge
    return installation


class Worker:
    """A real Prefect worker, which starts the flows in processes of their own."""

    def __init__(self, installation: Installation, server: PrefectServer, fault: str = "") -> None:
        command = ["worker", "start", "--pool", WORK_POOL, "--type", "process"]
        with (installation.home / "child.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deployments.worker", *command],
                env=clean_environment(**server.environment, **installation.variables(fault)),
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL it and the flows it runs."""
        kill_tree(self._process)


def test_f12_dispatchers_at_once_in_two_processes_start_one_run(
    deployed: Installation, deployed_server: PrefectServer
) -> None:
    deployed.act("register")
    lasting = {"STEWARD_CYCLE_LEASE_SECONDS": "600"}
    started = deployed.at_once(*[("dispatch", SERVICE_BEGINS, "6")] * 3, **lasting)
    (cycle,) = cycles(deployed, "month_open")
    runs = [run["id"] for run in flow_runs(deployed_server, "open-month")]
    assert sum(sum(counts) for counts in started) == len(runs) == 1
    assert runs == [cycle["flow_run_id"]]


def test_f17_the_server_lost_with_its_database_in_mid_flow_costs_nothing(
    deployed: Installation, deployed_server: PrefectServer
) -> None:
    deployed.act("register")
    deployed.act("claim", SERVICE_BEGINS, STEWARD_CYCLE_LEASE_SECONDS="600")
    dying = {"fault": "work.before_release_commit:1:kill", "STEWARD_CYCLE_LEASE_SECONDS": "600"}
    deployed.killed("run", *OPENING, "1", **dying)
    deployed_server.kill()
    shutil.rmtree(deployed_server.home)
    deployed_server.start()

    assert deployed.act("mend") == 1, "the server does not know the run, whatever its lease says"
    lasting = {"STEWARD_CYCLE_LEASE_SECONDS": "600"}
    assert finish(deployed.begin("start_what_is_due", SERVICE_BEGINS, **lasting).child) != 0
    assert "run `steward deploy`" in deployed.log_tail()
    deployed.act("register")
    assert deployed.act("dispatch", SERVICE_BEGINS) == [1], "at once, not when a lease has run out"

    worker = Worker(deployed, deployed_server)
    try:
        wait_until(lambda: cycles(deployed, "month_open")[0]["state"] == "done", "the month is opened")
    finally:
        worker.kill()
    assert released_more_than_once(deployed) == []
    assert broken_chains(deployed.database) == []


def test_f18_a_worker_killed_with_its_flow_is_healed_by_the_reconciler_and_the_run_is_closed(
    deployed: Installation, deployed_server: PrefectServer
) -> None:
    deployed.act("register")
    earlier = {run["id"] for run in flow_runs(deployed_server, "open-month")}
    assert deployed.act("dispatch", SERVICE_BEGINS) == [1]
    doomed = Worker(deployed, deployed_server, fault="cycle.before_finish:1:sleep:600")
    (run_id,) = {run["id"] for run in flow_runs(deployed_server, "open-month")} - earlier

    def state_of_the_run() -> str:
        states = {run["id"]: run["state"]["type"] for run in flow_runs(deployed_server, "open-month")}
        return str(states[run_id])

    try:
        wait_until(
            lambda: bool(read_rows(deployed.database, "workorder")), "the flow has released the month's work"
        )
    finally:
        doomed.kill()
    assert state_of_the_run() == "RUNNING", "Prefect alone would leave it so for ever"
    assert cycles(deployed, "month_open")[0]["state"] == "started"
    wait_until(lambda: deployed.act("mend") == 1, "the reconciler finds the dead run", patience=60)
    assert state_of_the_run() == "CRASHED"
    assert deployed.act("dispatch", SERVICE_BEGINS) == [1]
    worker = Worker(deployed, deployed_server)
    try:
        wait_until(lambda: cycles(deployed, "month_open")[0]["state"] == "done", "the month is opened")
    finally:
        worker.kill()
    (cycle,) = cycles(deployed, "month_open")
    assert cycle["attempt"] == 2
    assert released_more_than_once(deployed) == []


def test_what_was_put_off_is_given_a_new_run(deployed: Installation, deployed_server: PrefectServer) -> None:
    deployed.act("register")
    earlier = len(flow_runs(deployed_server, "open-month"))
    assert deployed.act("dispatch", SERVICE_BEGINS) == [1]
    deployed.act("put_off")
    assert deployed.act("dispatch", SERVICE_BEGINS) == [1]
    assert len(flow_runs(deployed_server, "open-month")) == earlier + 2
    assert cycles(deployed, "month_open")[0]["attempt"] == 2, "the first run's number must not come again"
