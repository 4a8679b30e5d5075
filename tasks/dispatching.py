"""What is due, and does everybody who claims to work on something still live? Dispatcher and reconciler."""

from dataclasses import dataclass, field
from datetime import date

from models.faults import fault_point
from tasks.cycles import (
    StartedCycle,
    claim_due,
    give_up_attempt,
    release_claims,
    remember_run,
    started_cycles,
)
from tasks.engagements import engagement_codes
from tasks.launching import close_dead_run, death_of, start_run
from tasks.steps import step


@dataclass(frozen=True)
class DispatchReport:
    """What one round of the dispatcher did: engagement, kind, period and run of each start."""

    started: list[tuple[str, str, str, str]] = field(default_factory=list)


@step("Start what is due")
def dispatch_due_cycles(engagement: str | None, as_of: date | None) -> DispatchReport:
    """Claim what is due and start a run for each; what cannot be started is given back for the next round.

    Args:
        engagement: only this one; all by default.
        as_of: the business date; by default each engagement's own today.
    """
    report = DispatchReport()
    for code in [engagement] if engagement else engagement_codes():
        claimed = claim_due(code, as_of)
        for place, cycle in enumerate(claimed):
            try:
                run_id = start_run(cycle)
            except Exception as error:
                release_claims(claimed[place:], f"not started: {type(error).__name__}")
                raise
            fault_point("dispatch.after_start")
            remember_run(cycle, run_id)
            report.started.append((code, cycle.kind, cycle.period, run_id))
    return report


@dataclass(frozen=True)
class Repair:
    """A cycle taken from a run that died."""

    code: str
    kind: str
    period: str
    attempt: int
    reason: str
    state: str


def repair_dead_cycles(unstarted_too: bool = False) -> list[Repair]:
    """Give up the attempts whose run died, so that the dispatcher starts the next one.

    Args:
        unstarted_too: also those claimed whose run was never noted, without waiting for their lease; only
            where the caller knows that no other dispatcher is at work.
    """
    repairs = []
    for cycle in started_cycles():
        reason = _death(cycle, unstarted_too)
        if not reason:
            continue
        state = give_up_attempt(cycle.ref, reason)
        if cycle.flow_run_id:
            close_dead_run(cycle.flow_run_id, reason)
        ref = cycle.ref
        repairs.append(Repair(ref.code, ref.kind, ref.period, ref.attempt, reason, state))
    return repairs


repair_dead_cycles_step = step("Find what died and let it start again")(repair_dead_cycles)
"""The same as a task of a flow."""


def _death(cycle: StartedCycle, unstarted_too: bool) -> str:
    if cycle.flow_run_id:
        return death_of(cycle.flow_run_id, cycle.ref.attempt, cycle.lease_expired)
    if cycle.lease_expired or unstarted_too:
        return "claimed, but no run was started"
    return ""
