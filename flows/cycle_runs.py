"""How does a flow take hold of its cycle, and what does it say when there is nothing to do?"""

from datetime import date
from typing import Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from models.rules.cycles import CycleKind
from tasks.cycles import CycleRef, begin_cycle

RUN_NAME = "{engagement}/{period}"


def round_name() -> str:
    """Names a round of the clockwork after its business date, or after the minute it started."""
    as_of = flow_run.get_parameters().get("as_of")
    started = flow_run.get_scheduled_start_time()
    return str(as_of) if as_of else f"{started:%Y-%m-%d %H:%M}"


def take_cycle(
    kind: CycleKind, engagement: str, period: str, as_of: date | None, attempt: int | None
) -> CycleRef | None:
    """Claim the cycle for this run; None when it is done already or another run holds it."""
    cycle = begin_cycle(engagement, kind, period, as_of, attempt, str(flow_run.get_id() or ""))
    log = get_run_logger()
    if cycle is None:
        log.info("%s %s of %s is done or in other hands: nothing to do.", kind.value, period, engagement)
    else:
        log.info(
            "%s %s of %s, as of %s, attempt %s.", kind.value, period, engagement, cycle.as_of, cycle.attempt
        )
    return cycle


def nothing_to_do(engagement: str, period: str) -> State[Any]:
    """The success state of a run that found its work done: running twice is not a failure."""
    return Completed(
        message=f"{period} of {engagement} is done already or held by another run; nothing was changed."
    )
