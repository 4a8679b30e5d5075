"""What is given out when a month opens, and what was missed when it closes? (B2-B5)"""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session, col, update

from models.audit import record_event
from models.db import reading
from models.engagement import Engagement
from models.errors import Transient
from models.faults import fault_point
from models.rules.periods import Period
from models.work import WorkOrder
from tasks.absorbing import absorb
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import engagement_id, engagement_of, lock_engagement
from tasks.floating_series import plan_following
from tasks.moved_occurrences import hold_the_law
from tasks.occurrences import (
    PlanningPart,
    close_occurrences,
    part_rows,
    plan_part,
    planning_horizon,
    planning_parts,
    release,
)
from tasks.plans_in_force import plan_spans, why_nothing_drives
from tasks.series import working_days_of
from tasks.steps import step


@step("Look whether a confirmed plan drives the work")
def what_keeps_the_month_closed(cycle: CycleRef) -> str:
    """Why nothing may be released, in a sentence; empty if nothing is in the way."""
    with reading() as session:
        return why_nothing_drives(session, engagement_of(session, cycle.engagement_id))


@step("Release the month's work orders")
def release_month(cycle: CycleRef) -> dict[str, int]:
    """Turn the confirmed plan's commitments into the month's work orders; the same month again adds none.

    Returns:
        New orders by subject.
    """
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        month = _within_term(Period.parse(cycle.period), engagement)
        days, horizon = working_days_of(engagement), planning_horizon(month, engagement)
        parts = planning_parts(session, engagement, month.first, horizon, days)
    for part in parts[:-1]:
        with cycle_transaction(cycle) as session:
            _lock_versions(session, cycle, parts)
            plan_part(session, part_rows(session, engagement, part))
    with cycle_transaction(cycle) as session:
        _lock_versions(session, cycle, parts)
        for part in parts[-1:]:
            plan_part(session, part_rows(session, engagement, part))
        plan_following(session, engagement, month.last, days)
        absorb(session, engagement, month.first, horizon, days)
        hold_the_law(session, engagement, month.first - timedelta(days=1), days)
        released = release(session, engagement, month.last, cycle.as_of)
        if released:
            record_event(session, cycle.engagement_id, "work.released", cycle.period, dict(released))
        fault_point("work.before_release_commit")
        return released


def _lock_versions(session: Session, cycle: CycleRef, parts: Sequence[PlanningPart]) -> None:
    """Keep amendments out of this transaction, and see that none came in since the month was laid out.

    Raises:
        Transient: one did; the step tries again with the new version.
    """
    engagement = lock_engagement(session, cycle.code)
    if not parts:
        return
    first, last = parts[0].span.first, parts[-1].span.last
    now = {(s.plan.id, s.first, s.last) for s in plan_spans(session, engagement_id(engagement), first, last)}
    if not {(p.span.plan.id, p.span.first, p.span.last) for p in parts} <= now:
        raise Transient(f"{cycle.code}: the plan was amended while {cycle.period} was laid out.")


def _within_term(period: Period, engagement: Engagement) -> Period:
    return Period(
        period.kind,
        period.label,
        max(period.first, engagement.term_start),
        min(period.last, engagement.last_day),
    )


@step("Mark what was missed")
def close_month_orders(cycle: CycleRef) -> int:
    """Give every planned order whose window has closed without a record the state missed: nothing vanishes.

    A repair has no window: it stays open, overdue, until somebody has done it.

    Returns:
        How many were missed.
    """
    with cycle_transaction(cycle) as session:
        lock_engagement(session, cycle.code)
        month = Period.parse(cycle.period)
        missed = session.exec(
            update(WorkOrder)
            .where(
                col(WorkOrder.engagement_id) == cycle.engagement_id,
                col(WorkOrder.state) == "released",
                col(WorkOrder.commitment_id).is_not(None),
                col(WorkOrder.latest_on) <= month.last,
            )
            .values(state="missed")
            .execution_options(synchronize_session=False)
        ).rowcount
        close_occurrences(session, cycle.engagement_id, month.last)
        record_event(session, cycle.engagement_id, "work.missed", cycle.period, {"orders": missed})
        return missed
