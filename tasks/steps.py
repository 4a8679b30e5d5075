"""How is a function of ours made a Prefect task? One decorator: retries by type, an actor, no cache."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import flow_run

from models.acting import acting
from models.errors import Transient

P = ParamSpec("P")
R = TypeVar("R")


def step(name: str, retries: int = 3) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a function a task that is tried again only where trying again can help.

    Args:
        name: what the Prefect UI shows.
        retries: how often a `Transient` error is tried again, with growing pauses.
    """

    def decorate(function: Callable[P, R]) -> Task[P, R]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with acting(f"flow:{flow_run.get_flow_name() or 'none'}", run=str(flow_run.get_id() or "")):
                return function(*args, **kwargs)

        make = task(
            name=name,
            retries=retries,
            retry_delay_seconds=[1.0, 5.0, 20.0],
            retry_jitter_factor=0.3,
            retry_condition_fn=_is_transient,
            cache_policy=NO_CACHE,
        )
        return make(run)

    return decorate


def _is_transient(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    return isinstance(state.result(raise_on_failure=False), Transient)
