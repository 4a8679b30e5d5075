"""How does a Prefect server come to know our deployments? Registered idempotently, with their schedules."""

import contextlib
import shlex
import sys
from collections.abc import Iterator

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from deployments.catalogue import CATALOGUE, WORK_POOL, DeploymentEntry
from deployments.pins import require_pins
from models.settings import settings


def register_deployments(worker_is_here: bool = False) -> Iterator[str]:
    """Register the work pool and every deployment of the catalogue; registering again changes nothing.

    Args:
        worker_is_here: the worker runs in this installation, so that a run may start this very Python at once.
            Otherwise Prefect prepares a folder for every run in a process of its own first, which costs half
            as much again as the run's own start and gives us nothing: our code is installed, not downloaded.

    Yields:
        The name of each deployment once it is registered.
    """
    require_pins()
    with get_client(sync_client=True) as client, contextlib.suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process"))
    command = f"{shlex.quote(sys.executable)} -m prefect.engine" if worker_is_here else None
    for entry in CATALOGUE:
        _deployment(entry, command).apply()
        yield f"{entry.flow.name}/{entry.name}"


def _deployment(entry: DeploymentEntry, command: str | None) -> RunnerDeployment:
    limit = None
    if entry.limit is not None:
        limit = ConcurrencyLimitConfig(
            limit=entry.limit, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
        )
    return RunnerDeployment.from_flow(
        entry.flow,
        name=entry.name,
        tags=list(entry.tags),
        schedules=[
            Cron(
                schedule.cron,
                timezone=settings().timezone,
                slug=schedule.slug,
                parameters=schedule.parameters,
                active=schedule.wanted(),
            )
            for schedule in entry.schedules
        ],
        concurrency_limit=limit,
        description=entry.flow.description,
        work_pool_name=WORK_POOL,
        job_variables={"command": command} if command else {},
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
