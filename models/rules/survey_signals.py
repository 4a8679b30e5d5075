"""Which answers of a wave call for something to be done, by when, and what is it to come to? Weak spots and risks (D6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from models.rules.satisfaction import MINIMUM_CELL, ThresholdVerdict, threshold_verdict
from models.rules.survey_cells import hidden_cells
from models.rules.survey_estimates import ItemFigure
from models.rules.survey_tests import ScreenControl, adjusted, share_below

USUAL_TARGET = Decimal("0.85")
"""Share satisfied that is aimed at where the plan in force promises none (own rule)."""
HAZARD_ITEMS = frozenset({"SA0"})
"""Yes-or-no items whose yes reports something unsafe; every other one only filters who is asked the next items."""
FEW_SEE_HAZARDS = Decimal("0.95")
"""Share that is to have seen nothing unsafe; below it a later wave judges what was done (own rule)."""
HAZARD_DAYS, WEAK_DAYS = 7, 30
"""Time for an action: what is unsafe does not wait a month (own rule)."""
SCREEN_LEVEL = 0.05
"""Share of false alarms that is put up with among the groups found weak (own rule, that of group differences)."""


class SignalKind(StrEnum):
    """Why something is to be done."""

    WEAK = "weak"
    """Fewer are satisfied than was promised."""
    HAZARD = "hazard"
    """Somebody has seen something unsafe."""
    LEAVING = "leaving"
    """More would advise against than recommend."""


@dataclass(frozen=True)
class Signal:
    """One finding and what it is to come to."""

    item: str
    kind: SignalKind
    n: int
    share: Decimal
    """Satisfied; who has seen something unsafe; or promoters less detractors, -1 to 1."""
    target: Decimal | None
    """Of the share `good_values` give; None where nothing is measured again and the work itself is the end."""
    days: int
    group: str = ""
    """Of those who were asked; empty for all of them."""


def good_values(item: Mapping[str, Any]) -> frozenset[int]:
    """The answers to an item that count as good; none where the item only filters or is no share."""
    kind = item.get("kind", "rating")
    if kind == "rating":
        return frozenset({4, 5})
    return frozenset({0}) if item["code"] in HAZARD_ITEMS else frozenset()


@dataclass(frozen=True)
class Answered:
    """What all answers to an item come to."""

    n: int
    share: Decimal
    """Of the `good_values`, weighted where the wave is; of a recommendation promoters less detractors, -1 to 1."""


def signals(
    items: Sequence[Mapping[str, Any]], answered: Mapping[str, Answered], target: Decimal | None
) -> tuple[Signal, ...]:
    """What the answers of a wave call for; nothing is said of fewer than `MINIMUM_CELL` answers.

    Args:
        items: as asked.
        answered: by item.
        target: share satisfied that the plan in force promises; `USUAL_TARGET` where it promises none.
    """
    promised = USUAL_TARGET if target is None else target
    found = []
    for item in items:
        code = str(item["code"])
        found_here = answered.get(code)
        if found_here is None or found_here.n < MINIMUM_CELL:
            continue
        n, share = found_here.n, found_here.share
        if item.get("kind", "rating") == "rating" and share < promised:
            found.append(Signal(code, SignalKind.WEAK, n, share, promised, WEAK_DAYS))
        elif code in HAZARD_ITEMS and share < 1:
            aim = FEW_SEE_HAZARDS if share < FEW_SEE_HAZARDS else None
            found.append(Signal(code, SignalKind.HAZARD, n, 1 - share, aim, HAZARD_DAYS))
        elif item.get("kind") == "recommendation" and share < 0:
            found.append(Signal(code, SignalKind.LEAVING, n, share, None, WEAK_DAYS))
    return tuple(found)


def weak_groups(
    figures: Sequence[ItemFigure], target: Decimal, weak_overall: Collection[str]
) -> tuple[Signal, ...]:
    """Groups that are less satisfied than was promised although all answers together hide it.

    The whole interval lies below the target, and the exact one-sided test stays below `SCREEN_LEVEL` after
    Benjamini-Hochberg over every item and group that is shown, for a wave is looked at in many places. Exact, because
    groups are small and targets near 1: there the score test behind the interval calls up to three times too often.

    Args:
        figures: of rating items, over all answers and by group.
        target: share satisfied that the plan in force promises.
        weak_overall: items that became an action over all answers; their groups need none of their own.
    """
    promised, screened = float(target), []
    for item in dict.fromkeys(figure.item for figure in figures):
        groups = [one for one in figures if one.item == item and one.column]
        whole = sum(one.n for one in groups) >= MINIMUM_CELL
        hidden = hidden_cells({one.group: one.n for one in groups}, total_shown=whole)
        screened += [one for one in groups if one.group not in hidden and one.share is not None]
    tests = [share_below(one.share or 0.0, one.effective, promised).p for one in screened]
    return tuple(
        Signal(
            one.item,
            SignalKind.WEAK,
            one.n,
            Decimal(str(round(one.share or 0.0, 6))),
            target,
            WEAK_DAYS,
            one.group,
        )
        for one, q in zip(screened, adjusted(tests, ScreenControl.BENJAMINI_HOCHBERG), strict=True)
        if one.item not in weak_overall
        and q <= SCREEN_LEVEL
        and threshold_verdict(one, promised) is ThresholdVerdict.NOT_MET
    )
