"""What does the Prefect server show of a run? Read back by its interface, as the UI does."""

import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import State

T = TypeVar("T")
PATIENCE_SECONDS = 30.0


def run(flow: Flow[..., Any], *args: Any, **kwargs: Any) -> State[Any]:
    """Run a flow in this process; the state names the run."""
    return flow(*args, return_state=True, **kwargs)  # type: ignore[no-any-return]


def run_id(state: State[Any]) -> UUID:
    """The flow run a state belongs to."""
    found = state.state_details.flow_run_id
    assert found is not None
    return found


def eventually(look: Callable[[], T], enough: Callable[[T], bool], patience: float = PATIENCE_SECONDS) -> T:
    """Look until it is enough: the server stores task runs and logs a moment after they happened."""
    deadline = time.monotonic() + patience
    while True:
        seen = look()
        if enough(seen) or time.monotonic() > deadline:
            return seen
        time.sleep(0.3)


def task_names(state: State[Any]) -> list[str]:
    """The tasks of a run that completed, by name."""
    with get_client(sync_client=True) as client:
        runs = client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id(state)])))
    return sorted({task.name.rsplit("-", 1)[0] for task in runs if task.state and task.state.is_completed()})


def log_text(state: State[Any]) -> str:
    """What a run logged."""
    with get_client(sync_client=True) as client:
        logs = client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id(state)])))
    return "\n".join(entry.message for entry in logs)


def artifacts(state: State[Any]) -> dict[str, Any]:
    """Type, by key, of what a run shows beside its state."""
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id(state)]))
        )
    return {str(a.key): "link" if _is_link(a.data) else a.type for a in found}


def _is_link(data: object) -> bool:
    """Prefect keeps a link as the shortest of Markdown texts."""
    return isinstance(data, str) and data.startswith("[") and "](http://" in data
