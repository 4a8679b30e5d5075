"""What does a rehearsal of the whole term say about a plan, as plain values? (A4)"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.rules.periods import Period
from models.rules.plan_types import CompiledPlan

ZERO = Decimal(0)


class RehearsalRefused(ValueError):
    """A change that cannot be rehearsed; the message names it and says what was expected."""


@dataclass(frozen=True)
class Change:
    """What is assumed to be other than the plan says; the empty change is the plan itself."""

    less: tuple[tuple[str, Decimal], ...] = ()
    """Post and the heads taken from it."""
    intervals: tuple[tuple[str, str], ...] = ()
    """Commitment and the recurrence rule it follows instead."""
    inflation: Decimal = ZERO
    """Per cent a year by which every cost grows, month by month; the fee stays."""
    fee_late_days: int = 0
    """Days every instalment comes in after its due day."""

    @property
    def is_nothing(self) -> bool:
        """Whether this is the plan as it stands."""
        return self == Change()


@dataclass(frozen=True)
class PostMonth:
    """One post in one month of the term; hours."""

    month: Period
    post: str
    scheduled: Decimal
    """Dated work: occurrences x targets x hours."""
    on_demand: Decimal
    """Expected work without a date, spread evenly."""
    idle_presence: Decimal
    """Presence a round-the-clock post owes beyond its scheduled work."""
    available: Decimal | None
    """Productive hours of its heads; None for work bought by the hour, of which there is always enough."""
    done: Decimal
    carried_in: Decimal
    carried_out: Decimal
    """Work due earlier or now that waits for a later month."""
    lapsed: Decimal
    """Work that can never be made up: a round of yesterday, an hour nobody was at the gate."""
    uncovered: Decimal
    """Hours of a round-the-clock post in which not all who must be there can be."""
    causes: tuple[str, ...]
    """Commitments that lift an overloaded month most above their average month."""

    @property
    def needed(self) -> Decimal:
        """All hours this month asks for, without what was left from earlier months."""
        return self.scheduled + self.on_demand + self.idle_presence

    @property
    def overloaded(self) -> bool:
        """More is asked than the heads can work."""
        return self.available is not None and self.needed > self.available

    @property
    def utilisation(self) -> Decimal | None:
        """Needed over available; None where there is no limit, or nobody to do the work."""
        return self.needed / self.available if self.available else None


@dataclass(frozen=True)
class PostWeek:
    """One post in one week (Monday to Sunday, clipped to the term); hours."""

    monday: date
    post: str
    needed: Decimal
    available: Decimal | None

    @property
    def overloaded(self) -> bool:
        """More is asked than the heads can work."""
        return self.available is not None and self.needed > self.available


@dataclass(frozen=True)
class StatutoryDate:
    """One due date of a duty with a legal basis; a daily or weekly duty is one row for the whole term."""

    code: str
    targets: int
    due_on: date
    last_on: date
    """The same day; the last of the term for a daily or weekly duty."""
    count: int
    gap_days: int
    """Days since the duty fell due before, or since the start of the term; the longest gap in a summed row."""
    longest_days: int | None
    basis: str

    @property
    def slack_days(self) -> int | None:
        """How many days later the work may be done and still keep the longest interval; negative is too late."""
        return None if self.longest_days is None else self.longest_days - self.gap_days


@dataclass(frozen=True)
class UnlawfulInterval:
    """A duty whose interval is longer than the law allows."""

    code: str
    rrule: str
    interval_days: int | None
    """None means that no bound holds at all."""
    longest_days: int


@dataclass(frozen=True)
class StatutoryBreach:
    """Work with a legal basis that the heads do not get done in its month."""

    code: str
    month: str
    late: int
    """Pieces of work done in a later month."""
    missed: int
    """Pieces of work never done."""


@dataclass(frozen=True)
class CashLine:
    """One line of cost over the term: what the budget foresees and what falls due by date."""

    kind: str
    """staff, materials, bought, overheads, contingency, remuneration or tax."""
    label: str
    budget: Decimal
    """The annual line over the length of the term, by the rule of the fee."""
    rehearsed: Decimal
    months: tuple[Decimal, ...]

    @property
    def difference(self) -> Decimal:
        """Dates of the term against the first year times its length, and the change that is rehearsed."""
        return self.rehearsed - self.budget


@dataclass(frozen=True)
class CashMonth:
    """Money of one month; months after the term hold late instalments only."""

    label: str
    costs: tuple[tuple[str, Decimal], ...]
    """Kind to money, in the order of `CASH_KINDS`."""
    paid: Decimal
    received: Decimal
    balance: Decimal
    """At the end of the month, from 0 before the term."""


@dataclass(frozen=True)
class CashFlow:
    """What is paid and received, in the plan's currency."""

    months: tuple[CashMonth, ...]
    lines: tuple[CashLine, ...]
    deepest: Decimal
    """The lowest balance at any day; 0 if it never falls below."""
    deepest_on: date | None
    cost: Decimal
    """All that is paid in the term."""
    received: Decimal
    received_after_term: Decimal
    final: Decimal
    """Balance when the last instalment is in."""


@dataclass(frozen=True)
class Rehearsal:
    """The whole term, run before anybody signs it."""

    plan: CompiledPlan
    """As changed."""
    change: Change
    months: tuple[Period, ...]
    workload: tuple[PostMonth, ...]
    """By post, then month."""
    weeks: tuple[PostWeek, ...]
    statutory: tuple[StatutoryDate, ...]
    unlawful: tuple[UnlawfulInterval, ...]
    breaches: tuple[StatutoryBreach, ...]
    cash: CashFlow

    @property
    def overloaded_months(self) -> int:
        """Months of a post in which more is asked than its heads can work."""
        return sum(entry.overloaded for entry in self.workload)

    @property
    def excess_hours(self) -> Decimal:
        """Hours asked beyond what the heads can work, over all overloaded months."""
        return sum(
            (e.needed - (e.available or ZERO) for e in self.workload if e.overloaded),
            ZERO,
        )

    @property
    def overloaded_weeks(self) -> int:
        """Weeks of a post in which more is asked than its heads can work."""
        return sum(week.overloaded for week in self.weeks)

    @property
    def undone_hours(self) -> Decimal:
        """Hours that are never worked: lapsed, or still waiting when the term ends."""
        last = self.months[-1]
        return sum(
            (entry.lapsed + (entry.carried_out if entry.month == last else ZERO) for entry in self.workload),
            ZERO,
        )

    @property
    def uncovered_hours(self) -> Decimal:
        """Hours of round-the-clock posts without all who must be there."""
        return sum((entry.uncovered for entry in self.workload), ZERO)

    @property
    def statutory_missed(self) -> int:
        """Pieces of work with a legal basis that are never done."""
        return sum(breach.missed for breach in self.breaches)

    @property
    def statutory_late(self) -> int:
        """Pieces of work with a legal basis that are done after their month."""
        return sum(breach.late for breach in self.breaches)
