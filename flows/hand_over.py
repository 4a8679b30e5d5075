"""The end: everything that came in goes back, reconciled with the entry, renewed or not (C4)."""

from datetime import date
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State

from flows.cycle_runs import RUN_NAME, nothing_to_do, take_cycle
from models.rules.cycles import CycleKind
from tasks.artifacts import show_pack, show_table
from tasks.cycles import finish_cycle, postpone_cycle
from tasks.handover import issue_protocol, list_handover_items, update_list


@flow(name="begin-handover", flow_run_name=RUN_NAME)
def begin_handover(
    engagement: str, period: str = "once", as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, int]:
    """List every asset, paper, account and open matter to hand over, and call for the exit survey (clause C4).

    Args:
        engagement: code of the engagement.
        period: always once.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.HANDOVER_OPEN, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    counts = list_handover_items(cycle)
    show_table(
        f"handover-{engagement}",
        [{"kind": kind, "items": count} for kind, count in counts.items()],
        "What is to be handed over",
    )
    finish_cycle(cycle)
    return counts


@flow(name="complete-handover", flow_run_name=RUN_NAME)
def complete_handover(
    engagement: str, period: str = "once", as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, str]:
    """Issue the protocol that reconciles exit with entry, and ask both sides to accept it (clause C4).

    Args:
        engagement: code of the engagement.
        period: once, then protocol-2 if it was sent back.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.HANDOVER_CLOSE, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    why_not = update_list(cycle)
    if why_not:
        get_run_logger().warning("No protocol is issued yet. %s.", why_not)
        postpone_cycle(cycle, why_not)
        return {"not_issued": why_not}
    protocol = issue_protocol(cycle)
    show_pack(f"protocol-{engagement}", protocol)
    finish_cycle(cycle)
    return {"protocol": protocol.sha256}
