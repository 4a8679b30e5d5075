"""Which decisions can be taken in the Prefect UI, and are the gates still wanted?"""

from dataclasses import dataclass
from datetime import date

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound

from tasks.artifacts import pack_link
from tasks.decisions import OpenDecision, open_decisions, take_decision
from tasks.launching import close_dead_run, deployment_name, hangs_before_start
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
    description: str
    """The question, with a link to the document, in the engagement's language (Markdown)."""


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
                _description(request),
            )
    return None


def _description(request: OpenDecision) -> str:
    link = pack_link(request.document_sha256, f"{request.subject}-{request.reference}.pdf")
    if request.language == "zh":
        return f"**{request.question}**\n\n[打开文件（PDF）]({link})\n\n请于 {request.due_on} 前答复；逾期不视为同意。"
    return (
        f"**{request.question}**\n\n[Open the document (PDF)]({link})\n\n"
        f"Please answer by {request.due_on}; silence is never taken for consent."
    )


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
        if (request.subject, request.reference) == (subject, reference):
            opened += _start_gate(request, attempt=1)
    return opened


def mend_gates() -> int:
    """Close gates whose question is settled, and start again those whose worker died before they opened.

    Returns:
        How many gates were touched.
    """
    wanted = {request_tag(request): request for request in open_decisions()}
    touched = 0
    for run in unfinished_gates():
        request = next((wanted[tag] for tag in run.tags if tag in wanted), None)
        if request is None:
            close_dead_run(str(run.id), "The question was settled elsewhere")
            touched += 1
            continue
        attempt = next((int(tag.partition("-")[2]) for tag in run.tags if tag.startswith("attempt-")), 1)
        if run.state is not None and hangs_before_start(run.state, attempt):
            close_dead_run(str(run.id), "The worker died before the gate opened")
            touched += _start_gate(request, attempt + 1)
    return touched


def unfinished_gates() -> list[FlowRun]:
    """The gate runs that wait, run or hang."""
    open_types = [StateType.PAUSED, StateType.PENDING, StateType.RUNNING, StateType.SCHEDULED]
    with get_client(sync_client=True) as client:
        return client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                tags=FlowRunFilterTags(all_=[GATE_TAG]),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=open_types)),
            )
        )


def request_tag(request: OpenDecision) -> str:
    """The tag by which the gate of a question is found."""
    return f"request-{request.id}"


def _start_gate(request: OpenDecision, attempt: int) -> bool:
    try:
        run_deployment(
            deployment_name("decide"),
            parameters={
                "engagement": request.code,
                "subject": request.subject,
                "reference": request.reference,
                "party": request.party,
            },
            idempotency_key=f"gate:{request.code}:{request.id}:{attempt}",
            timeout=0,
            as_subflow=False,
            tags=[request.code, GATE_TAG, request_tag(request), f"attempt-{attempt}"],
        )
    except ObjectNotFound:
        return False  # a server without our deployments: the command line decides
    return True
