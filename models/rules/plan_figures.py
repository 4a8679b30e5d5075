"""How often does a commitment fall due, and what does that come to in a year?"""

import calendar
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from models.rules.plan_types import CommitmentDraft, CompiledPlan
from models.rules.recurrence import Recurrence, occurrences


def money(amount: Decimal) -> Decimal:
    """Rounded half up to two decimals, the only rounding of money in a plan."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def months_after(day: date, months: int) -> date:
    """The same day `months` later, clipped to the end of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def due_dates(commitment: CommitmentDraft, first: date, last: date) -> tuple[date, ...]:
    """The days from `first` to `last`, both included, on which the commitment falls due.

    On-demand work has none; a one-off falls due on its start.
    """
    if commitment.rrule:
        return _due(commitment.rrule, commitment.start_on, first, last)
    if commitment.is_one_off and first <= commitment.start_on <= last:
        return (commitment.start_on,)
    return ()


@lru_cache(maxsize=4096)
def _due(rrule: str, start_on: date, first: date, last: date) -> tuple[date, ...]:
    return tuple(o.due_on for o in occurrences(Recurrence.parse(rrule), start_on, first, last))


def term_years(term_start: date, term_end: date) -> Decimal:
    """The length of the term in years of 365.25 days, at least one."""
    return max(Decimal(1), Decimal((term_end - term_start).days + 1) / Decimal("365.25"))


def yearly_quantity(commitment: CommitmentDraft, term_start: date, term_end: date) -> Decimal:
    """Occurrences times targets in a year.

    Repeating work is counted over the twelve months from the start of the term, a one-off is spread over the
    years of the term, and on-demand work counts as often as it is expected.
    """
    if commitment.on_demand:
        return commitment.expected_per_year
    if commitment.is_one_off:
        return len(commitment.targets) / term_years(term_start, term_end)
    last = months_after(term_start, 12) - timedelta(days=1)
    return Decimal(len(due_dates(commitment, term_start, last)) * len(commitment.targets))


def work_orders_per_month(plan: CompiledPlan) -> Decimal:
    """Work orders in an average month of the first year: one per commitment, target and due date."""
    total = sum(
        (
            yearly_quantity(commitment, plan.term_start, plan.term_end)
            for commitment in plan.commitments
            if not commitment.on_demand
        ),
        Decimal(0),
    )
    return (total / 12).quantize(Decimal("0.1"))
