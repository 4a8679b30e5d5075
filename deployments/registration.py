"""How does a Prefect server come to know our deployments? Registered idempotently, with their schedules."""

import contextlib
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


def register_deployments() -> Iterator[str]:
    """Register the work pool and every deployment of the catalogue; registering again changes nothing.

    Yields:
        The name of each deployment once it is registered.
    """
    require_pins()
    with get_client(sync_client=True) as client, contextlib.suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process"))
    for entry in CATALOGUE:
        _deployment(entry).apply()
        yield f"{entry.flow.name}/{entry.name}"


def _deployment(entry: DeploymentEntry) -> RunnerDeployment:
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
            )
            for schedule in entry.schedules
        ],
        concurrency_limit=limit,
        description=entry.flow.description,
        work_pool_name=WORK_POOL,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
