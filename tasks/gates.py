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

from models.clock import utc_now
from tasks.artifacts import pack_link
from tasks.decisions import OpenDecision, open_decisions, take_decision
from tasks.launching import close_dead_run, deployment_name, finish_run, start_patience
from tasks.steps import step

GATE_TAG = "decision-gate"
GATED = ("intake", "plan", "contract")
"""Subjects whose gates open by themselves; other questions wait without a run (decision 0011)."""
SETTLED = "The question was settled elsewhere"


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
def open_gates(code: str, subject: str) -> int:
    """Start one waiting run for each party that is asked about a subject; the same question gets one gate.

    Returns:
        How many gates there are; none on a server without our deployments.
    """
    return sum(_start_gate(asked, attempt=1) for asked in open_decisions(code) if asked.subject == subject)


def close_settled_gates(code: str) -> int:
    """Let the waiting gates of an engagement end whose question was decided or withdrawn; returns how many.

    A gate at work is left alone: it may be the one that just recorded the decision, and else ends by itself.
    """
    wanted = {request_tag(request) for request in open_decisions(code)}
    settled = [run for run in unfinished_gates(code) if not wanted & set(run.tags) and _waits(run)]
    for run in settled:
        finish_run(str(run.id), SETTLED)
    return len(settled)


def refresh_gates(code: str) -> int:
    """Let an engagement's settled gates end and open those of its new questions; returns how many were opened."""
    close_settled_gates(code)
    present = {tag for run in unfinished_gates(code) for tag in run.tags}
    return sum(
        _open_missing(tag, request)
        for request in open_decisions(code)
        if request.subject in GATED and (tag := request_tag(request)) not in present
    )


def mend_gates() -> int:
    """Close gates whose question is settled, start again those whose worker died, and open those that are missing.

    One is missing where a question was put at the command line, or the server was away when it was put.

    Returns:
        How many gates were touched.
    """
    wanted = {request_tag(request): request for request in open_decisions()}
    touched, found = 0, set[str]()
    for run in unfinished_gates():
        found.update(run.tags)
        request = next((wanted[tag] for tag in run.tags if tag in wanted), None)
        if request is None and _waits(run):
            finish_run(str(run.id), SETTLED)
            touched += 1
        elif _is_dead(run):
            close_dead_run(str(run.id), "The gate's worker died")
            touched += 1 if request is None else _start_gate(request, _attempt(run) + 1)
    for tag, request in wanted.items():
        if tag not in found and request.subject in GATED:
            touched += _open_missing(tag, request)
    return touched


def _open_missing(tag: str, request: OpenDecision) -> bool:
    """Open a gate that was never there or has crashed; one that a person ended, or that ran out, stays ended."""
    attempts = {_attempt(run): run for run in _gates([GATE_TAG, request.code, tag])}
    last = max(attempts, default=0)
    state = attempts[last].state if last else None
    if last and (state is None or state.type is not StateType.CRASHED):
        return False
    return _start_gate(request, last + 1)


def _waits(run: FlowRun) -> bool:
    return run.state is not None and run.state.type in (StateType.PAUSED, StateType.SCHEDULED)


def _is_dead(run: FlowRun) -> bool:
    """Whether a gate that works for seconds only has been at work, or about to begin, for far too long."""
    state = run.state
    if state is None or state.type not in (StateType.PENDING, StateType.RUNNING):
        return False
    return utc_now() - state.timestamp > start_patience(_attempt(run))


def _attempt(run: FlowRun) -> int:
    return next((int(tag.partition("-")[2]) for tag in run.tags if tag.startswith("attempt-")), 1)


def unfinished_gates(code: str = "") -> list[FlowRun]:
    """The gate runs that wait, run or hang, of one engagement or of all."""
    open_types = [StateType.PAUSED, StateType.PENDING, StateType.RUNNING, StateType.SCHEDULED]
    return _gates(
        [GATE_TAG, code] if code else [GATE_TAG],
        FlowRunFilterState(type=FlowRunFilterStateType(any_=open_types)),
    )


def _gates(tags: list[str], state: FlowRunFilterState | None = None) -> list[FlowRun]:
    with get_client(sync_client=True) as client:
        return client.read_flow_runs(
            flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=tags), state=state)
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
            # The document too: a database that was restored may give a question's number to another one.
            idempotency_key=f"gate:{request.code}:{request.id}:{request.document_sha256}:{attempt}",
            timeout=0,
            as_subflow=False,
            tags=[request.code, GATE_TAG, request_tag(request), f"attempt-{attempt}"],
        )
    except ObjectNotFound:
        return False  # a server without our deployments: the command line decides
    return True
