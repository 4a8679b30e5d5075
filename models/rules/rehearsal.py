"""What would this plan be like to live with, from its first day to its last, before anybody signs it? (A4)"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.rules.periods import contract_months
from models.rules.plan_types import CompiledPlan
from models.rules.rehearsal_cash import cash_flow
from models.rules.rehearsal_changes import changed_plan, duty_of, read_change
from models.rules.rehearsal_types import Change, Rehearsal, RehearsalRefused
from models.rules.rehearsal_work import (
    statutory_calendar,
    timetable,
    unlawful_intervals,
    weekly,
    workload,
)

__all__ = [
    "Change",
    "Comparison",
    "Rehearsal",
    "RehearsalRefused",
    "compare",
    "read_change",
    "rehearse",
    "scenarios",
]

NOTHING_CHANGED = Change()


@dataclass(frozen=True)
class Comparison:
    """One figure of the plan as it stands, and of each change."""

    figure: str
    """Key of the figure, for example `undone_hours`."""
    base: Decimal
    changed: tuple[Decimal, ...]


def rehearse(plan: CompiledPlan, change: Change = NOTHING_CHANGED) -> Rehearsal:
    """Run the whole term of a plan by the calendar; nothing is stored and the plan need not be signed.

    Args:
        plan: any computed plan.
        change: what is assumed to be other than it says.
    """
    simulated = changed_plan(plan, change)
    months = contract_months(plan.term_start, plan.term_end)
    table = timetable(simulated, months)
    work, breaches = workload(simulated, table)
    return Rehearsal(
        plan=simulated,
        change=change,
        months=months,
        workload=work,
        weeks=weekly(simulated, table),
        statutory=statutory_calendar(simulated, table),
        unlawful=unlawful_intervals(simulated),
        breaches=breaches,
        cash=cash_flow(plan, simulated, change, table),
    )


def scenarios(change: Change) -> tuple[Change, ...]:
    """Each assumption by itself, then all together if there are several: which one does the harm?"""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, rule in change.intervals:
        groups.setdefault(duty_of(code), []).append((code, rule))
    single = (
        *(Change(less=(entry,)) for entry in change.less),
        *(Change(intervals=tuple(entries)) for entries in groups.values()),
        *((Change(inflation=change.inflation),) if change.inflation else ()),
        *((Change(fee_late_days=change.fee_late_days),) if change.fee_late_days else ()),
    )
    return (*single, change) if len(single) > 1 else single


def compare(base: Rehearsal, changed: Sequence[Rehearsal]) -> tuple[Comparison, ...]:
    """The figures that decide, of the plan as it stands and of each change."""
    figures: dict[str, Callable[[Rehearsal], Decimal]] = {
        "overloaded_months": lambda run: Decimal(run.overloaded_months),
        "excess_hours": lambda run: run.excess_hours,
        "overloaded_weeks": lambda run: Decimal(run.overloaded_weeks),
        "undone_hours": lambda run: run.undone_hours,
        "uncovered_hours": lambda run: run.uncovered_hours,
        "statutory_missed": lambda run: Decimal(run.statutory_missed),
        "statutory_late": lambda run: Decimal(run.statutory_late),
        "unlawful_intervals": lambda run: Decimal(len(run.unlawful)),
        "cost": lambda run: run.cash.cost,
        "deepest_balance": lambda run: run.cash.deepest,
        "final_balance": lambda run: run.cash.final,
    }
    return tuple(
        Comparison(name, figure(base), tuple(figure(run) for run in changed))
        for name, figure in figures.items()
    )
