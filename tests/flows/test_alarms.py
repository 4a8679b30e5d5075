"""Does an event at the Prefect server start the response, once registered and once an alarm? (B8)"""

import time
from collections.abc import Iterator

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName
from prefect.client.schemas.objects import FlowRun

from deployments.alarm_automation import NAME, register_alarm_automation, send_alarm

pytestmark = pytest.mark.prefect


def test_an_alarm_starts_the_response_with_what_it_says(registered_deployments: list[str]) -> None:
    first, again = register_alarm_automation(), register_alarm_automation()
    assert first[0] == again[0]
    assert again[1] is False
    with get_client(sync_client=True) as client:
        assert len(client.read_automations_by_name(NAME)) == 1
    runs: list[FlowRun] = []
    deadline = time.monotonic() + 90
    while not runs and time.monotonic() < deadline:
        # The server takes up a new automation a moment later; the same reference starts one response anyway.
        send_alarm("TG-2027", "W-7", "severe_weather", 'Orange "{{ 7 * 7 }}" warning')
        time.sleep(3)
        runs = _runs()
    assert runs, "no run was started"
    assert runs[0].parameters == {
        "engagement": "TG-2027",
        "reference": "W-7",
        "plan": "severe_weather",
        "summary": 'Orange "{{ 7 * 7 }}" warning',
        "place": "",
    }, "text of an alarm is a value, never a template"


@pytest.fixture(autouse=True)
def _clean_server(registered_deployments: list[str]) -> Iterator[None]:
    """The server is shared: neither the automation nor its runs stay."""
    yield
    with get_client(sync_client=True) as client:
        for automation in client.read_automations_by_name(NAME):
            client.delete_automation(automation.id)
        for run in _runs():
            client.delete_flow_run(run.id)


def _runs() -> list[FlowRun]:
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=["respond-to-emergency"]))
        )
    return [run for run in found if run.parameters.get("reference") == "W-7"]
