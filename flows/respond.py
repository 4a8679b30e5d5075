"""The unplanned: a request at the desk, an emergency, and the drill that prepares for it (B6, B8)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State

from flows.cycle_runs import RUN_NAME, nothing_to_do, take_cycle
from models.rules.cycles import CycleKind
from models.rules.service_levels import Priority, RequestKind
from tasks.cycles import finish_cycle
from tasks.emergencies import activate_plan, call_drill, stand_down
from tasks.engagements import instant_done_of
from tasks.service_desk import NewRequest, take_request_step


@flow(name="take-service-request", flow_run_name="{engagement}/{kind}")
def take_service_request(
    engagement: str,
    kind: Literal["repair", "enquiry", "complaint", "suggestion"],
    text: str,
    priority: Literal["emergency", "urgent", "normal", "low"] = "normal",
    channel: Literal["phone", "counter", "mail", "form"] = "phone",
    place: str = "",
) -> str:
    """Record a request at the service desk; its clocks start now (clause B6).

    In a demonstration now is this time of day on its own day.

    Args:
        engagement: code of the engagement.
        kind: repair, enquiry, complaint or suggestion.
        text: what it is about; no names or telephone numbers, they would stand in the run's parameters.
        priority: how urgent it is.
        channel: how it came in.
        place: code of the place, for example a floor or a space of the register.
    """
    return take_request_step(
        engagement,
        NewRequest(
            kind=RequestKind(kind),
            priority=Priority(priority),
            channel=channel,
            text=text,
            received_at=instant_done_of(engagement),
            place_code=place,
        ),
    )


@flow(name="respond-to-emergency", flow_run_name="{engagement}/{reference}")
def respond_to_emergency(
    engagement: str,
    reference: str,
    plan: str,
    summary: str,
    place: str = "",
    at: datetime | None = None,
) -> str:
    """Activate an emergency plan: the step clock starts and everybody on the call list is told (clause B8).

    In a demonstration now is this time of day on its own day.

    Args:
        engagement: code of the engagement.
        reference: your reference of the incident; the same one starts it once.
        plan: kind of emergency plan, for example fire, burst_pipe, power_cut.
        summary: what happened, in a sentence without names.
        place: code of the place.
        at: when it was noticed; now by default, and a time without a zone is one of the property's.
    """
    return activate_plan(engagement, reference, plan, summary, instant_done_of(engagement, at), place)


@flow(name="stand-down", flow_run_name="{engagement}/{reference}")
def stand_down_emergency(
    engagement: str, reference: str, loss: Decimal = Decimal(0), lesson: str = "", at: datetime | None = None
) -> str:
    """End an incident or a drill: its steps are scored, loss and lesson recorded (clause B8).

    Args:
        engagement: code of the engagement.
        reference: reference of the incident or drill.
        loss: estimated loss in the engagement's currency.
        lesson: what to do better next time.
        at: when it was over; now by default, and a time without a zone is one of the property's.
    """
    score = stand_down(
        engagement, reference, instant_done_of(engagement, at), loss.quantize(Decimal("0.01")), lesson
    )
    return "no steps" if score is None else f"{score:.0%} of the steps in time"


@flow(name="hold-drill", flow_run_name=RUN_NAME)
def hold_drill(
    engagement: str, period: str, as_of: date | None = None, attempt: int | None = None
) -> State[Any] | str:
    """Call the quarter's drills: of each plan that falls due before the next quarter's, and of others in turn (clause B8).

    Args:
        engagement: code of the engagement.
        period: the quarter it falls into, for example 2027-Q1.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.DRILL, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    reference = call_drill(cycle)
    finish_cycle(cycle)
    return reference
