"""Can a party decide in the Prefect UI, and is the decision recorded as declared there? (A4, E2)"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.deployments import run_deployment
from prefect.flow_runs import resume_flow_run
from sqlmodel import select

from deployments.catalogue import WORK_POOL
from deployments.demo.clockworks import SETTLING_SECONDS
from flows.decide import decide
from models.clock import utc_now
from models.db import reading
from models.decision import Decision
from tasks.decisions import open_decisions
from tasks.engagements import find_engagement
from tasks.gates import mend_gates, open_gates, request_tag, unfinished_gates
from tasks.launching import deployment_name
from tests import factories
from tests.conftest import ROOT
from tests.flows.runs import eventually

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

QUEUE = "gates-of-this-test"
PATIENCE_SECONDS = 120.0


@pytest.fixture
def proposed(sqlite_surveyed: str, registered_deployments: list[str]) -> str:
    """A plan waits for both sides; its document's hash is in the questions."""
    factories.propose_plan(sqlite_surveyed)
    return sqlite_surveyed


@pytest.fixture
def worker(proposed: str, tmp_path: Path) -> Iterator[None]:
    """A worker that takes the runs of this test alone: the schedules of other tests are none of its business."""
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *f"-m prefect worker start --pool {WORK_POOL} --work-queue {QUEUE}".split()],
            cwd=ROOT,
            env={**os.environ, "PREFECT_WORKER_QUERY_SECONDS": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(15)


def test_a_decision_taken_in_the_ui_is_recorded_as_declared_there(proposed: str, worker: None) -> None:
    gate = run_deployment(
        deployment_name("decide"),
        parameters={"engagement": proposed, "subject": "plan", "reference": "1", "party": "client"},
        work_queue_name=QUEUE,
        timeout=0,
        as_subflow=False,
    )
    run_id: UUID = gate.id  # type: ignore[union-attr]
    waiting = eventually(lambda: _read(run_id), _has_settled, PATIENCE_SECONDS)
    assert waiting.state is not None
    assert waiting.state.is_paused(), waiting.state
    assert waiting.name == f"{proposed}/plan-1/client"
    assert len(open_decisions(proposed)) == 2, "nothing happens before the answer"

    form = {"verdict": "accepted", "your_name_or_reference": "Alex, chair", "remark": "as discussed"}
    resume_flow_run(run_id, run_input=form)
    ended = eventually(lambda: _read(run_id), lambda run: bool(run.state and run.state.is_final()), 90)
    assert ended.state is not None
    assert ended.state.is_completed(), ended.state
    with reading() as session:
        decision = session.exec(select(Decision)).one()
        assert find_engagement(session, proposed).stage == "plan_confirmation"
    assert (decision.verdict, decision.declared_by, decision.authenticated_by, decision.remark) == (
        "accepted",
        "Alex, chair",
        "ui_gate",
        "as discussed",
    )
    assert [question.party for question in open_decisions(proposed)] == ["custodian"]
    assert decision.document_sha256 == open_decisions(proposed)[0].document_sha256


def test_each_party_gets_one_gate_however_often_it_is_opened(proposed: str) -> None:
    assert open_gates.fn(proposed, "plan", "1") == 2
    open_gates.fn(proposed, "plan", "1")
    assert len(_gates(proposed)) == 2


def test_a_gate_whose_question_was_settled_elsewhere_is_closed(proposed: str) -> None:
    open_gates.fn(proposed, "plan", "1")
    assert len(_gates(proposed)) == 2
    factories.answer(proposed, "plan", parties=["client"])
    mend_gates()
    assert [run.parameters["party"] for run in _gates(proposed)] == ["custodian"]


def test_a_gate_for_a_question_nobody_asked_ends_at_once(proposed: str) -> None:
    assert "not open" in decide(proposed, "contract", "contract-9", "client")


def _read(run_id: UUID) -> FlowRun:
    with get_client(sync_client=True) as client:
        return client.read_flow_run(run_id)


def _has_settled(run: FlowRun) -> bool:
    """Paused, and the process that paused it has had time to end: see deployments/demo/clockworks.py."""
    state = run.state
    if state is None or not state.is_paused():
        return False
    return (utc_now() - state.timestamp).total_seconds() > SETTLING_SECONDS


def _gates(code: str) -> list[FlowRun]:
    tags = {request_tag(question) for question in open_decisions(code)}
    return [run for run in unfinished_gates() if code in run.tags and (tags & set(run.tags))]
