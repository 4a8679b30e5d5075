"""Which pieces of the engagement's clockwork are due on a given day?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from models.rules.evaluation import SECOND_AFTER, next_evaluation
from models.rules.periods import Period, contract_months, contract_quarters, contract_years
from models.rules.stages import SERVING, Stage
from models.rules.survey_special import NOTHING_CHANGED, SpecialFacts, SpecialWave, special_waves


class CycleKind(StrEnum):
    """The kinds of work the dispatcher starts; each is one deployment."""

    DUE_DILIGENCE = "due_diligence"
    CONTRACT = "contract"
    MOBILISATION = "mobilisation"
    COMMENCEMENT = "commencement"
    MONTH_OPEN = "month_open"
    MONTH_CLOSE = "month_close"
    OWNER_MEETING = "owner_meeting"
    DRILL = "drill"
    SURVEY_OPEN = "survey_open"
    SURVEY_CLOSE = "survey_close"
    QUARTER_REVIEW = "quarter_review"
    YEAR_REVIEW = "year_review"
    JOINT_EVALUATION = "joint_evaluation"
    HANDOVER_OPEN = "handover_open"
    HANDOVER_CLOSE = "handover_close"


ONCE = "once"
"""Period of work that happens once in an engagement."""

MOBILISATION_LEAD = timedelta(days=21)
MEETING_NOTICE = timedelta(days=15)
"""Owners are invited so long before they meet."""
SURVEY_FIELDWORK = timedelta(days=14)
QUARTER_REVIEW_LAG = timedelta(days=5)
YEAR_REVIEW_LEAD = timedelta(days=30)
"""The last year's review is held before the term ends, so that the joint evaluation can use it (C3)."""
JOINT_EVALUATION_LEAD = timedelta(days=20)
HANDOVER_LEAD = timedelta(days=10)
HANDOVER_COMPLETION = timedelta(days=8)
"""Within ten days of the end of the contract: 物业承接查验办法, change of manager."""

PROTOCOL_REWORK = timedelta(days=3)
"""A protocol that was sent back is issued anew after so long: until then the list can be put right."""

CycleKey = tuple[CycleKind, str]


def protocol_period(returned: int) -> str:
    """Which handover protocol is next, after so many were sent back."""
    return f"protocol-{returned + 1}" if returned else ONCE


@dataclass(frozen=True)
class CycleFacts:
    """What the rule needs to know of an engagement."""

    stage: Stage
    term_start: date
    term_end: date
    surveyed: bool
    """The condition survey at entry is recorded."""
    plans_returned: int
    """Plan versions a party has sent back or an edit has replaced: the next one follows."""
    contracts_returned: int
    exit_surveyed: bool
    done: frozenset[CycleKey]
    record_confirmed: bool = True
    """Both sides said that they hold the same record (A1)."""
    begun: frozenset[CycleKey] = frozenset()
    """On record and not done: a run may have died after it had changed the stage."""
    protocols_returned: tuple[date, ...] = ()
    """The days on which a party sent a handover protocol back: another one follows."""
    evaluations_rejected: tuple[tuple[str, date], ...] = ()
    """Each joint evaluation that a side rejected (`once`, a year or a day; repeated for each time), and when."""
    evaluated_yearly: bool = False
    """It was agreed that both sides evaluate each year, not only before the end."""
    special: SpecialFacts = NOTHING_CHANGED
    """Changes of service, and the surveys that followed them."""
    serving_until: date | None = None
    """The last day of service where it goes on beyond the term until somebody takes over (Civil Code, article 950)."""


@dataclass(frozen=True)
class DueCycle:
    """A piece of work that is due, and since when."""

    kind: CycleKind
    period: str
    due_on: date


def due_cycles(facts: CycleFacts, today: date) -> tuple[DueCycle, ...]:
    """Everything due on `today` and not done, earliest first.

    Due is reckoned from the term and from what is done, never from the last tick of a clock: a dispatcher
    that slept for three weeks finds the same work as one that did not.
    """
    due = [
        cycle
        for cycle in (*_before_service(facts, today), *_in_service(facts, today))
        if cycle.due_on <= today and (cycle.kind, cycle.period) not in facts.done
    ]
    return tuple(sorted(due, key=lambda cycle: (cycle.due_on, list(CycleKind).index(cycle.kind))))


def _before_service(facts: CycleFacts, today: date) -> Iterator[DueCycle]:
    # A run that died after it had put the plan to both sides left its cycle undone; it is brought to its end.
    if facts.surveyed and facts.stage in (Stage.DUE_DILIGENCE, Stage.PLAN_CONFIRMATION):
        yield DueCycle(CycleKind.DUE_DILIGENCE, f"plan-{facts.plans_returned + 1}", today)
    if facts.stage is Stage.CONTRACTING and facts.record_confirmed:  # nobody signs what is still in question
        yield DueCycle(CycleKind.CONTRACT, f"contract-{facts.contracts_returned + 1}", today)
    if facts.stage is Stage.MOBILISATION:
        yield DueCycle(CycleKind.MOBILISATION, ONCE, facts.term_start - MOBILISATION_LEAD)
        if (CycleKind.MOBILISATION, ONCE) in facts.done:
            yield DueCycle(CycleKind.COMMENCEMENT, ONCE, facts.term_start - timedelta(days=1))


def _in_service(facts: CycleFacts, today: date) -> Iterator[DueCycle]:
    if facts.stage not in SERVING:
        return
    if (CycleKind.COMMENCEMENT, ONCE) in facts.begun:  # its run died after service had commenced
        yield DueCycle(CycleKind.COMMENCEMENT, ONCE, facts.term_start - timedelta(days=1))
    # Where service goes on beyond the term, the month in which that ends is whole, and others follow it.
    months = contract_months(facts.term_start, _last_day(facts))
    quarters = contract_quarters(facts.term_start, facts.term_end)
    for month in months:
        yield DueCycle(CycleKind.MONTH_OPEN, month.label, month.first)
        if (CycleKind.MONTH_OPEN, month.label) in facts.done:
            yield DueCycle(CycleKind.MONTH_CLOSE, month.label, month.last + timedelta(days=1))
    for quarter in quarters:
        yield from _quarter(facts, quarter, months)
    for wave in special_surveys(facts, today):
        if wave.opens_on is None:
            continue
        yield DueCycle(CycleKind.SURVEY_OPEN, wave.period, wave.opens_on)
        if (CycleKind.SURVEY_OPEN, wave.period) in facts.done:
            closes_on = wave.opens_on + SURVEY_FIELDWORK
            yield DueCycle(CycleKind.SURVEY_CLOSE, wave.period, closes_on + timedelta(days=1))
    yield from _contract_end(facts, months, quarters)


def _quarter(facts: CycleFacts, quarter: Period, months: tuple[Period, ...]) -> Iterator[DueCycle]:
    called_on = meeting_day(quarter) - MEETING_NOTICE
    if _closed_before(facts, months, called_on):  # the agenda is made of what the last months showed
        yield DueCycle(CycleKind.OWNER_MEETING, quarter.label, called_on)
    yield DueCycle(CycleKind.SURVEY_OPEN, quarter.label, survey_day(quarter))
    if (CycleKind.SURVEY_OPEN, quarter.label) in facts.done:
        yield DueCycle(CycleKind.SURVEY_CLOSE, quarter.label, quarter.last + timedelta(days=1))
    yield DueCycle(CycleKind.DRILL, quarter.label, drill_day(quarter))
    closed = all(
        (CycleKind.MONTH_CLOSE, month.label) in facts.done
        for month in months
        if quarter.contains(month.first)
    )
    if closed and (CycleKind.SURVEY_CLOSE, quarter.label) in facts.done:
        yield DueCycle(CycleKind.QUARTER_REVIEW, quarter.label, quarter.last + QUARTER_REVIEW_LAG)


def _contract_end(
    facts: CycleFacts, months: tuple[Period, ...], quarters: tuple[Period, ...]
) -> Iterator[DueCycle]:
    years = contract_years(facts.term_start, facts.term_end)
    for year in years:
        reviewed_on = year.last - YEAR_REVIEW_LEAD
        if _closed_before(facts, months, reviewed_on):
            yield DueCycle(CycleKind.YEAR_REVIEW, year.label, reviewed_on)
    if (CycleKind.YEAR_REVIEW, years[-1].label) in facts.done:
        yield DueCycle(CycleKind.JOINT_EVALUATION, ONCE, facts.term_end - JOINT_EVALUATION_LEAD)
    yield from _further_evaluations(facts, years)
    if (CycleKind.JOINT_EVALUATION, ONCE) in facts.done:
        yield DueCycle(CycleKind.HANDOVER_OPEN, ONCE, facts.term_end - HANDOVER_LEAD)
    everything_reviewed = all(
        (CycleKind.QUARTER_REVIEW, quarter.label) in facts.done for quarter in quarters
    ) and all((CycleKind.MONTH_CLOSE, month.label) in facts.done for month in months)
    if everything_reviewed and facts.exit_surveyed and (CycleKind.HANDOVER_OPEN, ONCE) in facts.done:
        returned = facts.protocols_returned
        due_on = max([_last_day(facts) + HANDOVER_COMPLETION, *(day + PROTOCOL_REWORK for day in returned)])
        yield DueCycle(CycleKind.HANDOVER_CLOSE, protocol_period(len(returned)), due_on)


def _further_evaluations(facts: CycleFacts, years: tuple[Period, ...]) -> Iterator[DueCycle]:
    """Those agreed for each year, those called by hand for a day, and those that follow a rejected one."""
    for year in years[:-1] if facts.evaluated_yearly else ():
        if (CycleKind.YEAR_REVIEW, year.label) in facts.done:
            yield DueCycle(CycleKind.JOINT_EVALUATION, year.label, year.last - JOINT_EVALUATION_LEAD)
    for kind, period in sorted(facts.begun):
        day = called_day(period) if kind is CycleKind.JOINT_EVALUATION else None
        if day is not None and day < facts.term_end:  # one called for a day after an early end is not held
            yield DueCycle(kind, period, day)
    for root in sorted({root for root, _day in facts.evaluations_rejected}):
        days = [day for one, day in facts.evaluations_rejected if one == root]
        yield DueCycle(CycleKind.JOINT_EVALUATION, next_evaluation(root, len(days)), max(days) + SECOND_AFTER)


def called_day(period: str) -> date | None:
    """The day of an evaluation that was called by hand; None of any other."""
    try:
        return date.fromisoformat(period) if len(period) == len("2027-06-30") else None
    except ValueError:
        return None


def _last_day(facts: CycleFacts) -> date:
    return max(facts.term_end, facts.serving_until or facts.term_end)


def _closed_before(facts: CycleFacts, months: tuple[Period, ...], day: date) -> bool:
    """Whether every month that ended before a day has its report: what is made of reports waits for them."""
    return all((CycleKind.MONTH_CLOSE, month.label) in facts.done for month in months if month.last < day)


def meeting_day(quarter: Period) -> date:
    """The day owners meet: the sixteenth of the quarter's middle month, or the first day of a short quarter."""
    middle = quarter.first.replace(day=1) + timedelta(days=32)
    return max(quarter.first, min(middle.replace(day=16), quarter.last))


def survey_day(quarter: Period) -> date:
    """The day the quarter's survey opens: it is over when the quarter is."""
    return max(quarter.first, quarter.last - SURVEY_FIELDWORK)


def special_surveys(facts: CycleFacts, today: date) -> tuple[SpecialWave, ...]:
    """The surveys that follow changes of service, and the changes that none follows (D3)."""
    quarters = contract_quarters(facts.term_start, facts.term_end)
    return special_waves(
        facts.special,
        [survey_day(quarter) for quarter in quarters],
        facts.term_end - SURVEY_FIELDWORK,
        today,
    )


def drill_day(quarter: Period) -> date:
    """The day on which the quarter's drills are called: the first of its last month."""
    return max(quarter.first, quarter.last.replace(day=1))
