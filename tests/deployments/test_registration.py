"""Does a real Prefect server take every deployment, and does the clock really start the scheduled ones? (E2, E3)"""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse

from deployments.catalogue import CATALOGUE, WORK_POOL
from deployments.doctor import examine
from deployments.registration import register_deployments
from models.clock import utc_now
from tests.conftest import DEPLOYMENT_ZONE
from tests.databases import environment
from tests.flows.runs import eventually

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

ZONE = ZoneInfo(DEPLOYMENT_ZONE)
PATIENCE_SECONDS = 120.0
SCHEDULED = {"dispatch-due": 3, "reconcile": 1, "deliver-mail": 1, "remind-missing-documents": 1}
NOT_SET_UP = "fetch-requests"
"""Scheduled too, but asleep while no mailbox is configured."""


@pytest.fixture
def registered(home: Path, registered_deployments: list[str]) -> dict[str, DeploymentResponse]:
    """The deployments as the server knows them, by the name of their flow."""
    assert len(registered_deployments) == len(CATALOGUE)
    return _deployments()


def test_registering_again_changes_nothing(registered: dict[str, DeploymentResponse]) -> None:
    with environment(STEWARD_TIMEZONE=DEPLOYMENT_ZONE):
        list(register_deployments())
    again = _deployments()
    assert {name: entry.id for name, entry in again.items()} == {n: e.id for n, e in registered.items()}
    assert {name: len(again[name].schedules) for name in SCHEDULED} == SCHEDULED
    assert sum(len(entry.schedules) for entry in again.values()) == sum(SCHEDULED.values()) + 1


def test_a_schedule_wakes_once_its_installation_is_set_up_and_sleeps_again(
    registered: dict[str, DeploymentResponse],
) -> None:
    def active() -> list[bool]:
        return [schedule.active for schedule in _deployments()[NOT_SET_UP].schedules]

    assert active() == [False]
    mailbox = {"STEWARD_IMAP_HOST": "imap.example.com", "STEWARD_IMAP_ENGAGEMENT": "JC-2027"}
    with environment(STEWARD_TIMEZONE=DEPLOYMENT_ZONE):
        with environment(**mailbox):
            list(register_deployments())
            assert active() == [True]
        list(register_deployments())
    assert active() == [False]


def test_every_deployment_has_its_form_its_text_and_its_pool(
    registered: dict[str, DeploymentResponse],
) -> None:
    assert set(registered) == {entry.flow.name for entry in CATALOGUE}
    for entry in CATALOGUE:
        known = registered[entry.flow.name]
        assert known.description == entry.flow.description
        assert known.entrypoint == entry.entrypoint
        assert known.work_pool_name == WORK_POOL
        assert set(known.tags) == set(entry.tags)
        assert known.enforce_parameter_schema
        schema: dict[str, Any] = known.parameter_openapi_schema or {}
        wanted = set(entry.flow.parameters.properties)
        assert set(schema["properties"]) == wanted
        assert all(field.get("description") for field in schema["properties"].values()), entry.flow.name


def test_a_form_that_is_filled_in_wrongly_is_refused_before_anything_runs(
    registered: dict[str, DeploymentResponse],
) -> None:
    from prefect.exceptions import PrefectHTTPStatusError

    with (
        get_client(sync_client=True) as client,
        pytest.raises(PrefectHTTPStatusError, match=r"carrier pigeon|Validation failed"),
    ):
        client.create_flow_run_from_deployment(
            registered["take-service-request"].id,
            parameters={"engagement": "TG-2027", "kind": "repair", "text": "x", "channel": "carrier pigeon"},
        )


def test_scheduled_deployments_get_runs_to_come_in_the_configured_zone(
    registered: dict[str, DeploymentResponse],
) -> None:
    ids = {registered[name].id: name for name in SCHEDULED}

    def to_come() -> list[FlowRun]:
        with get_client(sync_client=True) as client:
            return client.read_flow_runs(
                flow_run_filter=FlowRunFilter(
                    deployment_id=FlowRunFilterDeploymentId(any_=list(ids)),
                    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
                ),
                limit=200,
            )

    def of_each(runs: list[FlowRun]) -> bool:
        found = {ids[run.deployment_id] for run in runs if run.deployment_id}
        return found == set(SCHEDULED) and any(_local(run).day == 1 and _local(run).hour == 0 for run in runs)

    runs = eventually(to_come, of_each, PATIENCE_SECONDS)
    by_flow = Counter(ids[run.deployment_id] for run in runs if run.deployment_id)
    assert set(by_flow) == set(SCHEDULED), "the clock starts nothing: is SQLAlchemy older than 2.1?"
    horizon = utc_now() - timedelta(minutes=15)
    assert all(run.expected_start_time and run.expected_start_time > horizon for run in runs)
    for run in runs:
        local, name = _local(run), ids[run.deployment_id]  # type: ignore[index]
        match name:
            case "reconcile":
                assert local.minute % 10 == 0
            case "deliver-mail":
                assert local.minute % 5 == 0
            case "remind-missing-documents":
                assert (local.hour, local.minute) == (8, 35)
            case _:
                assert local.minute in (5, 15), "a quarter past, or five past at the turn of a month"
                assert local.minute == 15 or (local.hour == 0 and local.day in (1, 6))
    assert any(_local(run).minute == 5 and _local(run).day == 1 for run in runs)
    schedules = {finding.subject: finding for finding in examine(server_known=True)}["Schedules"]
    assert schedules.ok, schedules


def _local(run: FlowRun) -> datetime:
    assert run.expected_start_time is not None
    return run.expected_start_time.astimezone(ZONE)


def _deployments() -> dict[str, DeploymentResponse]:
    with get_client(sync_client=True) as client:
        flows = {flow.id: flow.name for flow in client.read_flows()}
        found = client.read_deployments(
            deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(is_null_=False)), limit=200
        )
    return {flows[entry.flow_id]: entry for entry in found}
