"""Can the heads of a plan do its work, month by month, and what remains undone? (A4)

How backlog is worked off: what has a legal basis first, then the presence of round-the-clock posts, then the
rest, the oldest first. Daily and weekly rounds, and presence, lapse with their month: nobody makes yesterday's
round tomorrow. Everything else waits for the next month with free hours.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

from models.rules.catalogue import Engaged, Subject
from models.rules.contract import term_months
from models.rules.periods import Period
from models.rules.plan_figures import due_dates
from models.rules.plan_types import CommitmentDraft, CompiledPlan, PostPlan
from models.rules.recurrence import Recurrence, interval_days
from models.rules.rehearsal_types import (
    ZERO,
    PostMonth,
    PostWeek,
    StatutoryBreach,
    StatutoryDate,
    UnlawfulInterval,
)

SHORT_INTERVAL_DAYS = 7
"""Work at least this frequent cannot be made up, and is one row of the statutory calendar."""
_DAYS_OF_A_YEAR = 365
_STATUTORY, _PRESENCE, _OTHER = range(3)
_CAUSES = 3


@dataclass(frozen=True)
class Timetable:
    """When each commitment falls due in the term, counted once for all questions."""

    months: tuple[Period, ...]
    shares: tuple[Decimal, ...]
    """Of a whole month, by the rule of the fee; a clipped month is less than 1."""
    mondays: tuple[date, ...]
    dates: dict[str, tuple[date, ...]]
    by_month: dict[str, Counter[int]]
    by_week: dict[str, Counter[int]]


def timetable(plan: CompiledPlan, months: tuple[Period, ...]) -> Timetable:
    """Count every due date of the plan into the months and weeks of its term."""
    first, last = plan.term_start, plan.term_end
    reached = [ZERO, *(term_months(first, month.last) for month in months)]
    monday = first - timedelta(days=first.weekday())
    weeks = (last - monday).days // 7 + 1
    starts = [month.first for month in months]
    dates, by_month, by_week = {}, {}, {}
    known: dict[tuple[str, date], tuple[tuple[date, ...], Counter[int], Counter[int]]] = {}
    for commitment in plan.commitments:
        # Hundreds of commitments of a large register share a few rules and starts.
        key = (commitment.rrule or str(commitment.is_one_off), commitment.start_on)
        if key not in known:
            days = due_dates(commitment, first, last)
            known[key] = (
                days,
                Counter(bisect_right(starts, day) - 1 for day in days),
                Counter((day - monday).days // 7 for day in days),
            )
        dates[commitment.code], by_month[commitment.code], by_week[commitment.code] = known[key]
    return Timetable(
        months=months,
        shares=tuple(after - before for before, after in pairwise(reached)),
        mondays=tuple(monday + timedelta(days=7 * number) for number in range(weeks)),
        dates=dates,
        by_month=by_month,
        by_week=by_week,
    )


@dataclass
class _Waiting:
    """Work of one commitment that fell due in one month."""

    rank: int
    due: int
    code: str
    hours: Decimal
    piece: Decimal
    """Hours of one occurrence on one target; 0 for work that is not counted in pieces."""
    lapses: bool
    late: int = 0


@dataclass
class _Tally:
    """What becomes of the work of one post."""

    months: list[PostMonth] = field(default_factory=list)
    breaches: list[StatutoryBreach] = field(default_factory=list)


def workload(
    plan: CompiledPlan, table: Timetable
) -> tuple[tuple[PostMonth, ...], tuple[StatutoryBreach, ...]]:
    """Hours asked of each post and month against the hours its heads can work, with the backlog carried on."""
    by_post: dict[str, list[CommitmentDraft]] = defaultdict(list)
    for commitment in plan.commitments:
        by_post[commitment.post_code].append(commitment)
    months: list[PostMonth] = []
    breaches: list[StatutoryBreach] = []
    for post in plan.posts:
        tally = _run_post(post, by_post[post.code], table)
        months += tally.months
        breaches += tally.breaches
    return tuple(months), tuple(breaches)


def weekly(plan: CompiledPlan, table: Timetable) -> tuple[PostWeek, ...]:
    """Hours asked of each post in each week; expected on-demand work is spread evenly over the days."""
    hours: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    daily: dict[str, Decimal] = defaultdict(Decimal)
    for commitment in plan.commitments:
        if commitment.on_demand:
            daily[commitment.post_code] += commitment.expected_per_year * commitment.hours / _DAYS_OF_A_YEAR
            continue
        once = commitment.hours * len(commitment.targets)
        for week, count in table.by_week[commitment.code].items():
            hours[commitment.post_code, week] += once * count
    rows = []
    for post in plan.posts:
        for number, monday in enumerate(table.mondays):
            begin = max(monday, plan.term_start)
            days = (min(monday + timedelta(days=6), plan.term_end) - begin).days + 1
            work = hours[post.code, number] + daily[post.code] * days
            rows.append(PostWeek(begin, post.code, max(work, _presence(post, days)), _available(post, days)))
    return tuple(rows)


def statutory_calendar(plan: CompiledPlan, table: Timetable) -> tuple[StatutoryDate, ...]:
    """Every due date of the duties with a legal basis, by date; daily and weekly duties in one row each."""
    rows = []
    for commitment in plan.commitments:
        days = table.dates[commitment.code]
        if not _has_legal_basis(commitment) or not days:
            continue
        gaps = [(day - before).days for before, day in pairwise((plan.term_start, *days))]
        common = (commitment.code, len(commitment.targets))
        law = (commitment.longest_interval_days, commitment.statutory)
        if _is_short(commitment):
            rows.append(StatutoryDate(*common, days[0], days[-1], len(days), max(gaps), *law))
        else:
            rows += [
                StatutoryDate(*common, day, day, 1, gap, *law) for day, gap in zip(days, gaps, strict=True)
            ]
    return tuple(sorted(rows, key=lambda row: (row.due_on, row.code)))


def unlawful_intervals(plan: CompiledPlan) -> tuple[UnlawfulInterval, ...]:
    """Duties whose interval, at its longest, is longer than the law allows."""
    found = []
    for commitment in plan.commitments:
        longest = commitment.longest_interval_days
        if longest is None or not commitment.rrule:
            continue
        days = interval_days(Recurrence.parse(commitment.rrule))
        if days is None or days > longest:
            found.append(UnlawfulInterval(commitment.code, commitment.rrule, days, longest))
    return tuple(found)


def _run_post(post: PostPlan, work: Sequence[CommitmentDraft], table: Timetable) -> _Tally:
    tally = _Tally()
    waiting: list[_Waiting] = []
    breaches: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    term_days = sum(month.days for month in table.months)
    daily = {
        c.code: c.hours * len(c.targets) * sum(table.by_month[c.code].values()) / term_days for c in work
    }
    for number, month in enumerate(table.months):
        new = [item for c in work for item in _work_of(c, post, number, table)]
        scheduled = sum((item.hours for item in new if item.piece), ZERO)
        on_demand = sum((item.hours for item in new if not item.piece), ZERO)
        presence = _presence(post, month.days)
        idle = max(ZERO, presence - scheduled - on_demand)
        if idle:
            new.append(_Waiting(_PRESENCE, number, "", idle, ZERO, lapses=True))
        available = _available(post, month.days)
        carried_in = sum((item.hours for item in waiting), ZERO)
        asked = [
            # Work without a date is spread evenly: it is never above its average.
            (item.hours, daily[item.code] * month.days if item.piece else item.hours, item.code)
            for item in new
            if item.code
        ]
        waiting = sorted([*waiting, *new], key=lambda item: (item.rank, item.due, item.code))
        done = _work_off(waiting, available)
        lapsed = sum((item.hours for item in waiting if item.lapses), ZERO)
        for item in waiting:
            _note_breach(item, breaches, ends=number == len(table.months) - 1)
        waiting = [item for item in waiting if item.hours and not item.lapses]
        needed = scheduled + on_demand + idle
        short = available is not None and needed > available
        tally.months.append(
            PostMonth(
                month=month,
                post=post.code,
                scheduled=scheduled,
                on_demand=on_demand,
                idle_presence=idle,
                available=available,
                done=done,
                carried_in=carried_in,
                carried_out=sum((item.hours for item in waiting), ZERO),
                lapsed=lapsed,
                uncovered=ZERO if available is None else max(ZERO, presence - available),
                causes=_causes(asked) if short else (),
            )
        )
    tally.breaches = [
        StatutoryBreach(code, table.months[due].label, late, missed)
        for (code, due), (late, missed) in sorted(breaches.items(), key=lambda item: (item[0][1], item[0][0]))
    ]
    return tally


def _work_of(commitment: CommitmentDraft, post: PostPlan, number: int, table: Timetable) -> list[_Waiting]:
    if commitment.on_demand:
        hours = commitment.expected_per_year * commitment.hours * table.shares[number] / 12
        rank = _STATUTORY if _has_legal_basis(commitment) else _OTHER
        return [_Waiting(rank, number, commitment.code, hours, ZERO, lapses=False)] if hours else []
    hours = commitment.hours * len(commitment.targets) * table.by_month[commitment.code][number]
    if not hours:
        return []
    watch = commitment.subject in (Subject.SECURITY_POST, Subject.SECURITY_PATROL)
    if _has_legal_basis(commitment):
        rank = _STATUTORY
    else:
        rank = _PRESENCE if watch and post.round_the_clock_persons else _OTHER
    return [_Waiting(rank, number, commitment.code, hours, commitment.hours, lapses=_is_short(commitment))]


def _work_off(waiting: Sequence[_Waiting], available: Decimal | None) -> Decimal:
    """Take the hours that can be worked from the queue in its order; how many were."""
    left = sum((item.hours for item in waiting), ZERO) if available is None else available
    begun = left
    for item in waiting:
        worked = min(left, item.hours)
        item.hours -= worked
        left -= worked
        if not left:
            break
    return begun - left


def _note_breach(item: _Waiting, breaches: dict[tuple[str, int], list[int]], *, ends: bool) -> None:
    if item.rank != _STATUTORY or not item.piece:
        return
    open_pieces = int((item.hours / item.piece).to_integral_value(rounding=ROUND_CEILING))
    if not open_pieces:
        return
    entry = breaches[item.code, item.due]
    if item.lapses or ends:
        # What was counted as late in an earlier month and is not done at the end of the term is missed.
        entry[0] = max(0, item.late - open_pieces)
        entry[1] = open_pieces
        if not item.late:
            entry[0] = 0
    elif not item.late:
        item.late = open_pieces
        entry[0] = open_pieces


def _causes(asked: Sequence[tuple[Decimal, Decimal, str]]) -> tuple[str, ...]:
    """What stands out of its average in a month of that length; where nothing does, what takes most hours."""
    # A share of an hour is a matter of how the weeks fall, not a cause.
    above = [(hours - usual, code) for hours, usual, code in asked if hours - usual > 1]
    largest = above or [(hours, code) for hours, _, code in asked]
    return tuple(code for _, code in sorted(largest, key=lambda pair: (-pair[0], pair[1]))[:_CAUSES])


def _available(post: PostPlan, days: int) -> Decimal | None:
    """Productive hours of the heads in so many days: leave, sickness and training are taken off evenly."""
    if post.engaged != Engaged.EMPLOYED:
        return None
    return post.heads * post.productive_hours_per_year * days / _DAYS_OF_A_YEAR


def _presence(post: PostPlan, days: int) -> Decimal:
    return Decimal(24 * post.round_the_clock_persons * days)


def _has_legal_basis(commitment: CommitmentDraft) -> bool:
    return bool(commitment.statutory) or commitment.longest_interval_days is not None


def _is_short(commitment: CommitmentDraft) -> bool:
    if not commitment.rrule:
        return False
    # The step within a season counts, not the gap over a closed one.
    open_all_year = replace(Recurrence.parse(commitment.rrule), months=())
    days = interval_days(open_all_year)
    return days is not None and days <= SHORT_INTERVAL_DAYS
