"""Why is an element in another condition at the exit than at entry: age, work done, or maintenance missed? (C4)"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from math import log2

_DAYS_IN_YEAR = Decimal("365.2425")
WORST = 6
NEGLECT_SHARE = Decimal("0.10")
"""Of the promised maintenance: from here on it counts as neglected. Ours, for the parties to agree on otherwise."""


class Cause(StrEnum):
    """What a change of grade is put down to."""

    AS_BEFORE = "as_before"
    KEPT_UP = "kept_up"
    REPAIRED = "repaired"
    BETTER_UNEXPLAINED = "better_unexplained"
    AGEING = "ageing"
    REFUSED = "refused"
    NEGLECT = "neglect"
    UNEXPLAINED = "unexplained"
    NOT_COMPARABLE = "not_comparable"


DISPUTABLE = frozenset({Cause.NEGLECT, Cause.UNEXPLAINED})
"""A loss by these may be claimed; what age explains is nobody's fault, and what the client refused is not the custodian's."""


@dataclass(frozen=True)
class Aged:
    """An asset of the element: when it was installed, and how many years it was expected to last."""

    installed_on: date | None
    life_years: Decimal | None


@dataclass(frozen=True)
class ElementFacts:
    """What is on record of one element class over the term."""

    element_class: str
    entry_score: int | None
    exit_score: int | None
    comparable: bool
    """Both grades come of one scheme."""
    assets: Sequence[Aged]
    repairs_done: int
    """Corrective orders done."""
    promised: int
    """Planned orders that fell due."""
    missed: int
    """Of these, not done."""
    statutory_missed: int
    refused: int
    """Replacements of wear parts that the client refused."""
    backlog_added: Decimal | None
    """Repair backlog at exit less that at entry; None where one is not priced."""


@dataclass(frozen=True)
class Explained:
    """The change of one element in grades (above 0: worse), what age alone would have done, and the cause."""

    facts: ElementFacts
    change: int | None
    by_age: int | None
    """Grades; None where life or installation of every asset is unknown."""
    cause: Cause

    @property
    def disputable(self) -> bool:
        """Whether the loss may be claimed."""
        return self.cause in DISPUTABLE


def explain(facts: ElementFacts, first: date, last: date) -> Explained:
    """Put the change of an element down to its cause.

    What age alone explains comes first; only what is left is asked of anybody.

    Args:
        facts: of the element.
        first: the day of the survey at entry.
        last: the day of the survey at exit.
    """
    if facts.entry_score is None or facts.exit_score is None or not facts.comparable:
        return Explained(facts, None, None, Cause.NOT_COMPARABLE)
    change = facts.exit_score - facts.entry_score
    by_age = grades_by_age(facts.assets, facts.entry_score, first, last)
    return Explained(facts, change, by_age, _cause(facts, change, by_age))


def _cause(facts: ElementFacts, change: int, by_age: int | None) -> Cause:
    if change < 0:
        return Cause.REPAIRED if facts.repairs_done else Cause.BETTER_UNEXPLAINED
    if change == 0:
        return Cause.KEPT_UP if by_age else Cause.AS_BEFORE
    if by_age is not None and change <= by_age:
        return Cause.AGEING
    if facts.statutory_missed or (facts.missed and Decimal(facts.missed) >= NEGLECT_SHARE * facts.promised):
        return Cause.NEGLECT
    return Cause.REFUSED if facts.refused else Cause.UNEXPLAINED


def grades_by_age(assets: Sequence[Aged], entry_score: int, first: date, last: date) -> int | None:
    """How many grades the element would have lost by age alone, as the mean of its assets.

    After the theoretical course score = 1 + log2(L / (L - t)) that goes with NEN 2767 (recalled, not verified; see
    `models.rules.condition.remaining_life`): a grade s leaves L x 2^(1 - s) years, less the time between the surveys.
    The mean is rounded half-even to whole grades. Assets younger than the entry survey count from their installation.

    Returns:
        None where no asset has a known life.
    """
    lost = []
    for asset in assets:
        if asset.life_years is None or asset.life_years <= 0:
            continue
        begun = first if asset.installed_on is None else max(first, asset.installed_on)
        years = Decimal(max(0, (last - begun).days)) / _DAYS_IN_YEAR
        left = asset.life_years / 2 ** (entry_score - 1) - years
        then = WORST if left <= 0 else min(WORST, 1 + log2(asset.life_years / left))
        lost.append(Decimal(str(then)) - entry_score)
    if not lost:
        return None
    return max(0, int((sum(lost, Decimal(0)) / len(lost)).to_integral_value(ROUND_HALF_EVEN)))
