"""Can a party decide in the Prefect UI, and is the decision recorded as declared there? (A4, E2)"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.deployments import run_deployment
from prefect.flow_runs import resume_flow_run
from sqlmodel import select

from deployments.catalogue import WORK_POOL
from deployments.demo.clockworks import SETTLING_SECONDS
from deployments.waiting import open_gates as gates_in_the_status
from flows.decide import decide
from flows.prepare import conclude_contract
from flows.take_in import take_in_engagement
from models.clock import utc_now
from models.db import reading, writing
from models.decision import Decision
from tasks.decisions import open_decisions
from tasks.engagements import find_engagement
from tasks.gates import GATE_TAG, mend_gates, open_gates, request_tag, unfinished_gates
from tasks.launching import close_dead_run, deployment_name
from tests import factories
from tests.conftest import ROOT
from tests.flows.runs import eventually

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

QUEUE = "gates-of-this-test"
PATIENCE_SECONDS = 120.0


@pytest.fixture
def proposed(sqlite_surveyed: str, registered_deployments: list[str]) -> str:
    """A plan waits for both sides; its document's hash is in the questions.

    The server outlives each test, so that each has an engagement of a name of its own.
    """
    with writing() as session:
        engagement = find_engagement(session, sqlite_surveyed)
        engagement.code = f"TG-{uuid4().hex[:8].upper()}"
        session.add(engagement)
    factories.propose_plan(engagement.code)
    return engagement.code


@pytest.fixture
def offered(proposed: str) -> str:
    """The contract waits for both signatures, put to them by the flow."""
    factories.answer(proposed, "plan")
    conclude_contract(proposed, "contract-1", factories.SURVEYED_ON)
    return proposed


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
    assert open_gates.fn(proposed, "plan") == 2
    open_gates.fn(proposed, "plan")
    assert len(_gates(proposed)) == 2


def test_a_gate_whose_question_was_settled_elsewhere_is_closed(proposed: str) -> None:
    open_gates.fn(proposed, "plan")
    assert len(_gates(proposed)) == 2
    factories.answer(proposed, "plan", parties=["client"])
    mend_gates()
    assert [run.parameters["party"] for run in _gates(proposed)] == ["custodian"]


def test_the_contract_and_the_record_wait_in_the_ui_too_once_for_each_side(offered: str) -> None:
    mend_gates()
    assert _waiting(offered) == [("contract", "client"), ("contract", "custodian")]
    shown = gates_in_the_status(offered) or []
    assert [(gate["subject"], gate["party"]) for gate in shown] == _waiting(offered)
    assert {gate["page"].rpartition("/")[2] for gate in shown} == {str(run.id) for run in _gates(offered)}
    conclude_contract(offered, "contract-1", factories.SURVEYED_ON)
    open_gates.fn(offered, "contract")
    assert len(_waiting(offered)) == 2

    code = f"TG-{uuid4().hex[:8].upper()}"
    for _ in range(2):
        take_in_engagement(factories.intake_form(code), factories.FIRST_CONTACT)
    assert _waiting(code) == [("intake", "client"), ("intake", "custodian")]


def test_a_gate_nobody_took_up_ends_when_the_question_is_answered_at_the_command_line(offered: str) -> None:
    gates = {run.parameters["party"]: run.id for run in _gates(offered)}
    _decide_at_the_command_line(offered, "client", "accepted")
    assert _waiting(offered) == [("contract", "custodian")]
    ended = _read(gates["client"])
    assert ended.state is not None
    assert ended.state.is_completed(), "it is done, and nothing is wrong"
    assert "settled elsewhere" in (ended.state.message or "")
    assert ended.run_count == 0, "no process was started for it"

    _decide_at_the_command_line(offered, "custodian", "rejected")
    assert [run for run in unfinished_gates(offered) if run.parameters["subject"] == "contract"] == []


def test_a_gate_that_waits_ends_when_the_question_is_answered_at_the_command_line(
    offered: str, worker: None
) -> None:
    (client,) = [question for question in open_decisions(offered) if question.party == "client"]
    gate = run_deployment(
        deployment_name("decide"),
        parameters={
            "engagement": offered, "subject": "contract", "reference": "contract-1", "party": "client",
        },
        work_queue_name=QUEUE,
        timeout=0,
        as_subflow=False,
        tags=[offered, GATE_TAG, request_tag(client)],
    )  # fmt: skip
    run_id: UUID = gate.id  # type: ignore[union-attr]
    waiting = eventually(lambda: _read(run_id), _has_settled, PATIENCE_SECONDS)
    assert waiting.state is not None
    assert waiting.state.is_paused()
    _decide_at_the_command_line(offered, "custodian", "rejected")
    ended = _read(run_id).state
    assert ended is not None
    assert ended.is_completed(), "the custodian's no has settled it"
    with reading() as session:
        assert find_engagement(session, offered).stage == "contracting"


def test_a_gate_that_is_missing_or_crashed_is_opened_by_the_next_round(proposed: str) -> None:
    mend_gates()  # the plan was put without a flow
    assert _waiting(proposed) == [("plan", "client"), ("plan", "custodian")]
    (client,) = [run for run in _gates(proposed) if run.parameters["party"] == "client"]
    close_dead_run(str(client.id), "the test says so")
    mend_gates()
    mend_gates()
    assert _waiting(proposed) == [("plan", "client"), ("plan", "custodian")]
    assert client.id not in [run.id for run in _gates(proposed)]


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


def _waiting(code: str) -> list[tuple[str, str]]:
    return sorted((run.parameters["subject"], run.parameters["party"]) for run in _gates(code))


def _decide_at_the_command_line(code: str, party: str, verdict: str) -> None:
    """In a terminal that knows of the server only what `steward serve` noted in the data folder."""
    (question,) = [asked for asked in open_decisions(code) if asked.party == party]
    words = [code, question.subject, question.reference, party, verdict, "--by", f"{party}-1"]
    words += ["--document", question.document_sha256]
    address = urlsplit(os.environ["PREFECT_API_URL"])
    (Path(os.environ["STEWARD_HOME"]) / "server.port").write_text(str(address.port))
    done = subprocess.run(
        [sys.executable, "-c", "from deployments.cli import main; main()", "decision", "take", *words],
        check=False,
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert f"Recorded: {party} {verdict}" in done.stdout
    assert "next round" not in done.stdout
