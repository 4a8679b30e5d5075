"""Which decisions can be taken in the Prefect UI, and are the gates still wanted?"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled

from tasks.artifacts import pack_link
from tasks.decisions import VERDICTS, open_decisions, take_decision
from tasks.steps import step

GATE_TAG = "decision-gate"


@dataclass(frozen=True)
class Gate:
    """An open question as the gate shows it."""

    id: int
    code: str
    subject: str
    reference: str
    party: str
    question: str
    document_sha256: str
    due_on: date
    link: str
    verdicts: tuple[str, ...]


@step("Load the open question")
def load_gate(code: str, subject: str, reference: str, party: str) -> Gate | None:
    """The open question, or None if nothing is open under this name."""
    for request in open_decisions(code):
        if (request.subject, request.reference, request.party) == (subject, reference, party):
            return Gate(
                request.id,
                code,
                subject,
                reference,
                party,
                request.question,
                request.document_sha256,
                request.due_on,
                pack_link(request.document_sha256, f"{subject}-{reference}.pdf"),
                VERDICTS[subject],
            )
    return None


@step("Record the decision")
def record_gate_decision(gate: Gate, verdict: str, declared_by: str, remark: str) -> str:
    """Record what was answered in the UI; a decision taken elsewhere meanwhile stands."""
    new = take_decision(
        gate.code,
        gate.subject,
        gate.reference,
        gate.party,
        verdict,
        declared_by=declared_by,
        authenticated_by="ui_gate",
        document_sha256=gate.document_sha256,
        remark=remark,
    )
    return f"{gate.party}: {verdict}" if new else f"{gate.party} had decided {verdict} before"


@step("Open the gates for the decision")
def open_gates(code: str, subject: str, reference: str) -> int:
    """Start one waiting run for each party that is asked; the same question gets one gate."""
    opened = 0
    for request in open_decisions(code):
        if (request.subject, request.reference) != (subject, reference):
            continue
        try:
            run_deployment(
                "decide/on-demand",
                parameters={
                    "engagement": code,
                    "subject": subject,
                    "reference": reference,
                    "party": request.party,
                },
                idempotency_key=f"gate:{request.id}",
                timeout=0,
                as_subflow=False,
                tags=[code, GATE_TAG, f"request-{request.id}"],
            )
        except ObjectNotFound:
            return opened  # a server without deployments: the command line decides
        opened += 1
    return opened


def close_settled_gates() -> int:
    """Cancel the waiting gates whose question was answered or withdrawn elsewhere; returns how many."""
    wanted = {f"request-{request.id}" for request in open_decisions()}
    closed = 0
    with get_client(sync_client=True) as client:
        waiting = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                tags=FlowRunFilterTags(all_=[GATE_TAG]),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])),
            )
        )
        for run in waiting:
            if wanted.isdisjoint(run.tags):
                client.set_flow_run_state(
                    UUID(str(run.id)), Cancelled(message="Decided elsewhere"), force=True
                )
                closed += 1
    return closed
