"""How does an alarm or a weather warning start the response by itself? An automation of the Prefect server (B8).

An event is a convenience, never the only way: the server's queue of events is in memory, and what waits in it is lost
with the server. The command line starts a response without any server.
"""

from datetime import UTC, timedelta
from uuid import UUID, uuid4

from prefect.automations import AutomationCore, EventTrigger, Posture, RunDeployment
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound

from models.clock import utc_now
from models.errors import NotReady

EVENT = "steward.alarm"
RESOURCE = "steward.engagement."
NAME = "steward: an alarm starts the response"
DEPLOYMENT = "respond-to-emergency/respond-to-emergency"
FIELDS = ("engagement", "reference", "plan", "summary", "place")
"""Of the event's payload; each becomes the parameter of that name, as text and nothing else."""


def register_alarm_automation() -> tuple[UUID, bool]:
    """Register the automation; registering again changes the same one. Its id, and whether it is new.

    Raises:
        NotReady: the server does not know the deployment yet.
    """
    with get_client(sync_client=True) as client:
        try:
            deployment = client.read_deployment_by_name(DEPLOYMENT)
        except ObjectNotFound as error:
            raise NotReady(f"The server does not know {DEPLOYMENT}: run `steward deploy` first.") from error
        wanted = AutomationCore(
            name=NAME,
            description=f"Starts {DEPLOYMENT} for each event {EVENT}; the same reference starts one response.",
            trigger=EventTrigger(
                expect={EVENT},
                match={"prefect.resource.id": f"{RESOURCE}*"},
                posture=Posture.Reactive,
                threshold=1,
                within=timedelta(0),
            ),
            actions=[
                RunDeployment(
                    source="selected",
                    deployment_id=deployment.id,
                    job_variables=None,
                    parameters={
                        field: {
                            "__prefect_kind": "jinja",
                            "template": f"{{{{ event.payload.{field} }}}}",
                        }
                        for field in FIELDS
                    },
                )
            ],
        )
        known = client.read_automations_by_name(NAME)
        if known:
            client.update_automation(known[0].id, wanted)
            for twin in known[1:]:  # two registrations at once; one response an alarm is enough
                client.delete_automation(twin.id)
            return known[0].id, False
        return client.create_automation(wanted), True


def send_alarm(engagement: str, reference: str, plan: str, summary: str, place: str = "") -> None:
    """Send the event that an alarm panel or a weather service would send, to the configured server."""
    event = {
        "id": str(uuid4()),
        "occurred": utc_now().astimezone(UTC).isoformat(),
        "event": EVENT,
        "resource": {"prefect.resource.id": f"{RESOURCE}{engagement}"},
        "payload": {
            "engagement": engagement,
            "reference": reference,
            "plan": plan,
            "summary": summary,
            "place": place,
        },
    }
    with get_client(sync_client=True) as client:
        client.request("POST", "/events", json=[event]).raise_for_status()
