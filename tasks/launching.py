"""How is a cycle's run started, and what became of it? The only caller of Prefect's run interface."""

from datetime import timedelta
from uuid import UUID, uuid4

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import State, StateType
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed, Crashed

from models.clock import utc_now
from models.errors import Transient
from models.rules.cycles import CycleKind
from models.settings import settings
from tasks.cycles import CycleRef

FLOW_OF_KIND: dict[CycleKind, str] = {
    CycleKind.DUE_DILIGENCE: "conduct-due-diligence",
    CycleKind.CONTRACT: "conclude-contract",
    CycleKind.MOBILISATION: "mobilise",
    CycleKind.COMMENCEMENT: "commence-service",
    CycleKind.MONTH_OPEN: "open-month",
    CycleKind.MONTH_CLOSE: "close-month",
    CycleKind.OWNER_MEETING: "call-owner-meeting",
    CycleKind.DRILL: "hold-drill",
    CycleKind.SURVEY_OPEN: "open-survey",
    CycleKind.SURVEY_CLOSE: "close-survey",
    CycleKind.QUARTER_REVIEW: "review-quarter",
    CycleKind.YEAR_REVIEW: "review-year",
    CycleKind.JOINT_EVALUATION: "evaluate-jointly",
    CycleKind.HANDOVER_OPEN: "begin-handover",
    CycleKind.HANDOVER_CLOSE: "complete-handover",
}
"""One deployment for each kind of work, never one for each engagement."""


class DeploymentMissing(Transient):
    """The Prefect server does not know the deployment yet; registering it heals this."""


def deployment_name(flow_name: str) -> str:
    """A flow's only deployment, as Prefect names it; it bears the flow's name, which is what the UI shows first."""
    return f"{flow_name}/{flow_name}"


def start_run(cycle: CycleRef) -> str:
    """Start the deployment for a claimed cycle; to be called once for each claim.

    Returns:
        The id of the flow run.

    Raises:
        DeploymentMissing: `steward deploy` has not been run against this server.
    """
    name = deployment_name(FLOW_OF_KIND[CycleKind(cycle.kind)])
    try:
        run = run_deployment(
            name,
            parameters={
                "engagement": cycle.code,
                "period": cycle.period,
                "as_of": cycle.as_of.isoformat(),
                "attempt": cycle.attempt,
            },
            # For this request alone, if the client has to repeat it. Made of the cycle, it would name a run
            # of long ago once our database was restored; a second run of an attempt begin_cycle refuses.
            idempotency_key=f"{cycle.code}:{cycle.kind}:{cycle.period}:{cycle.attempt}:{uuid4()}",
            timeout=0,
            as_subflow=False,
            tags=[cycle.code, cycle.kind, cycle.period],
        )
    except ObjectNotFound as error:
        raise DeploymentMissing(
            f"The Prefect server has no deployment {name}: run `steward deploy`."
        ) from error
    return str(run.id)  # type: ignore[union-attr]  # a coroutine only inside async code


def death_of(flow_run_id: str, attempt: int, lease_expired: bool) -> str:
    """Why a run will never finish its cycle, or an empty text while it may; see `death_in`.

    Args:
        flow_run_id: the run.
        attempt: which one of the cycle it is, from 1.
        lease_expired: whether the cycle's lease has run out.
    """
    with get_client(sync_client=True) as client:
        try:
            run = client.read_flow_run(UUID(flow_run_id))
        except ObjectNotFound:
            return "the server has no such run any more"
    return death_in(run.state, attempt, lease_expired) if run.state else ""


def death_in(state: State[object], attempt: int, lease_expired: bool) -> str:
    """Why a run in this state will never finish its cycle, or an empty text while it may.

    Dead is a run that ended, that hangs before its start, or that has shown no sign of life for a lease since it
    began: on a busy machine a run may wait for its start longer than a lease.
    """
    if state.is_final():
        told = f": {state.message[:400]}" if state.message else ""
        return f"the run ended as {state.name} without finishing the cycle{told}"
    if hangs_before_start(state, attempt):
        return "the run hung before its start"
    lease = timedelta(seconds=settings().cycle_lease_seconds)
    begun = state.type not in (StateType.SCHEDULED, StateType.PENDING)
    if lease_expired and begun and utc_now() - state.timestamp > lease:
        return "the run shows no sign of life"
    return ""


def hangs_before_start(state: State[object], attempt: int) -> bool:
    """Whether a run was handed to a worker that never started it: Prefect leaves such a run pending for ever."""
    return state.type is StateType.PENDING and utc_now() - state.timestamp > start_patience(attempt)


def start_patience(attempt: int) -> timedelta:
    """How long a run may take to start; twice the time of the attempt before.

    On a machine that is merely slow, a fixed patience would take every attempt from a run that was about to start.
    """
    return timedelta(seconds=settings().stuck_start_seconds * 2.0 ** (attempt - 1))


def close_orphaned_runs(reason: str) -> int:
    """Mark every run that claims to be at work as crashed; only for a server whose processes all just stopped.

    Returns:
        How many there were.
    """
    at_work = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=at_work)))
        )
        for run in runs:
            client.set_flow_run_state(run.id, Crashed(message=reason), force=True)
    return len(runs)


def close_dead_run(flow_run_id: str, reason: str) -> None:
    """Mark a run that nobody works on as crashed, so that the UI tells the truth."""
    _close_run(flow_run_id, Crashed(message=reason))


def finish_run(flow_run_id: str, reason: str) -> None:
    """Mark a run that waits, and has nothing to wait for any longer, as completed."""
    _close_run(flow_run_id, Completed(message=reason))


def _close_run(flow_run_id: str, closed: State[object]) -> None:
    with get_client(sync_client=True) as client:
        try:
            run = client.read_flow_run(UUID(flow_run_id))
            if run.state is not None and not run.state.is_final():
                client.set_flow_run_state(UUID(flow_run_id), closed, force=True)
        except ObjectNotFound:
            return
