"""What was promised for the days of a period? Each period is judged by the plan of its own time (A4, C1).

However late a figure is reckoned, an amendment judges no day before its own:

- Work is judged by the commitment in force on the day it is due. Its order carries that commitment, see
  tasks/work_months.py and, for orders that were out already, tasks/amendments.py.
- A figure is judged by the targets in force on the last day judged. A month with an amendment in its middle has
  one figure for all its days, so the amended target holds for it; the month before keeps the old one.
- What lasts, posts manned day and night and the budget, is owed each day by the version in force on it. Money is
  planned by months: a month with an amendment in its middle is divided by its days.
- Wear parts are reported ahead, so by the version in force at the end of the month they are reported in.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from models.rules.budget import BudgetSpan, budget_of_spans
from models.rules.indicators import INDICATORS, IndicatorCode
from models.rules.periods import Period
from models.service_plan import BudgetLine, Commitment, PlannedPart, PlanPost
from tasks.engagements import engagement_of
from tasks.plans_in_force import plan_in_force, plan_spans

Targets = dict[str, Decimal]
"""Indicator to target."""


@dataclass(frozen=True)
class MannedSpan:
    """The posts one version wants manned day and night, on the days, both included, that it governs."""

    first: date
    last: date
    posts: dict[str, int]
    """Post to heads on duty at any time."""


def targets_for(session: Session, key: int, period: Period) -> Targets:
    """The target of each indicator: the strictest promise that names it on the period's last day."""
    rows = session.exec(
        select(Commitment).where(
            Commitment.plan_id == plan_in_force(session, key, period.last), Commitment.metric != ""
        )
    ).all()
    targets: Targets = {}
    for row in rows:
        if row.target_value is None or row.metric not in {code.value for code in IndicatorCode}:
            continue
        strictest = max if INDICATORS[IndicatorCode(row.metric)].higher_is_better else min
        targets[row.metric] = strictest(targets.get(row.metric, row.target_value), row.target_value)
    return targets


def manned_posts(session: Session, key: int, period: Period) -> list[MannedSpan]:
    """Who had to be on post on each of the period's days; nothing where no plan was confirmed."""
    return [
        MannedSpan(
            span.first,
            span.last,
            dict(
                session.exec(
                    select(PlanPost.code, PlanPost.heads_on_duty).where(
                        PlanPost.plan_id == span.plan.id, col(PlanPost.round_the_clock).is_(True)
                    )
                ).all()
            ),
        )
        for span in plan_spans(session, key, period.first, period.last)
    ]


def budget_for(session: Session, key: int, period: Period) -> dict[str, Decimal]:
    """What may be spent in those days of the period that lie in the term: cost item to amount."""
    last = min(period.last, engagement_of(session, key).last_day)
    if last < period.first:
        return {}
    return budget_of_spans(
        [
            BudgetSpan(span.first, span.last, yearly_budget_of(session, span.plan.id))
            for span in plan_spans(session, key, period.first, last)
        ],
        period,
    )


def yearly_budget_of(session: Session, plan_id: int | None) -> dict[str, Decimal]:
    """The yearly amount of each cost item of one version."""
    lines = session.exec(
        select(BudgetLine).where(BudgetLine.plan_id == plan_id).order_by(BudgetLine.cost_item)
    ).all()
    return {line.cost_item: line.amount for line in lines}


def planned_parts(session: Session, key: int, period: Period) -> list[PlannedPart]:
    """The wear parts to be reported in the period."""
    return list(
        session.exec(
            select(PlannedPart)
            .where(PlannedPart.plan_id == plan_in_force(session, key, period.last))
            .order_by(PlannedPart.asset_tag, PlannedPart.part)
        ).all()
    )
