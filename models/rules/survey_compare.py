"""Do groups differ, and has a wave changed anything? Each difference with its interval and a p value for many looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.rules.satisfaction import change_interval, modes_comparable
from models.rules.survey_design import WaveDesign
from models.rules.survey_estimates import ItemFigure, satisfied_mask, share_estimate
from models.rules.survey_plan import PlanItem
from models.rules.survey_rows import NO_ANSWER
from models.rules.survey_tests import (
    DeclaredControl,
    ScreenControl,
    adjusted,
    mann_whitney,
    several_shares,
    two_shares,
    welch,
)
from models.rules.survey_weights import Vector


@dataclass(frozen=True)
class GroupDifference:
    """One group against all others on one item."""

    item: str
    column: str
    group: str
    n: int
    share: float
    rest: float
    difference: float
    low: float
    high: float
    p: float
    p_adjusted: float
    """Over all items and groups, by the plan's control of a screen."""
    differs: bool


@dataclass(frozen=True)
class WaveChange:
    """One item against the wave before."""

    item: str
    wave: str
    before: str
    share: float
    share_before: float
    change: float
    low: float
    high: float
    p: float
    p_adjusted: float
    """Over all items, by the plan's control of what was declared beforehand."""
    comparable: bool
    """False where the mode mix moved by more than 10 points."""
    verdict: str
    """better, worse, not_demonstrated or not_comparable."""


def group_differences(
    wave: WaveDesign,
    items: Sequence[tuple[PlanItem, int]],
    figures: Sequence[ItemFigure],
    confidence: float,
    minimum: int,
    control: ScreenControl,
) -> tuple[GroupDifference, ...]:
    """Each group that is shown against the rest of its column.

    Args:
        wave: the answers and their design.
        items: rating items with their column in the table.
        figures: of groups, the hidden ones marked.
        confidence: of intervals and of the decision.
        minimum: fewest answers on either side.
        control: of false alarms.
    """
    place = {item.code: (item, at) for item, at in items}
    found = []
    for figure in figures:
        if figure.suppressed or not figure.column or figure.share is None:
            continue
        item, at = place[figure.item]
        values = wave.table.values[:, at]
        inside = wave.table.columns[figure.column].chosen(figure.group)
        others = ~inside & (values != NO_ANSWER)
        if int(others.sum()) < minimum:
            continue
        satisfied = satisfied_mask(values, item)
        rest = share_estimate(wave, satisfied, others, confidence)
        group = share_estimate(wave, satisfied, inside & (values != NO_ANSWER), confidence)
        difference, low, high = change_interval(
            group.share, (group.low, group.high), rest.share, (rest.low, rest.high)
        )
        test = two_shares(group.share, group.effective, rest.share, rest.effective)
        found.append((figure, group.share, rest.share, difference, low, high, test.p))
    ps = adjusted([entry[-1] for entry in found], control, 1 - confidence)
    return tuple(
        GroupDifference(
            f.item, f.column, f.group, f.n, share, rest, difference, low, high, p, q, q <= 1 - confidence
        )
        for (f, share, rest, difference, low, high, p), q in zip(found, ps, strict=True)
    )


@dataclass(frozen=True)
class GroupTest:
    """Whether the groups of a column have one share satisfied: the question before which of them differs."""

    item: str
    column: str
    groups: int
    chi2: float
    freedom: float
    p: float
    p_adjusted: float
    """Over all items and columns, by the plan's control of a screen."""


def group_tests(
    figures: Sequence[ItemFigure], confidence: float, control: ScreenControl
) -> tuple[GroupTest, ...]:
    """Chi-square over the groups that are shown, of as many answers as each is worth; two groups at least.

    Args:
        figures: of groups, the hidden ones marked.
        confidence: 1 less the level p values are compared with.
        control: of false alarms.
    """
    by_column: dict[tuple[str, str], list[ItemFigure]] = {}
    for figure in figures:
        if figure.column and not figure.suppressed and figure.share is not None:
            by_column.setdefault((figure.item, figure.column), []).append(figure)
    found = []
    for (item, column), groups in by_column.items():
        if len(groups) > 1:
            worth = [group.n / (group.deff or 1.0) for group in groups]
            # A weighted share may miss 0 or 1 by the last digit, which a table of counts must not.
            shares = [min(1.0, max(0.0, round(group.share or 0, 12))) for group in groups]
            satisfied = [n * share for n, share in zip(worth, shares, strict=True)]
            found.append((item, column, len(groups), several_shares(satisfied, worth)))
    ps = adjusted([test.p for *_, test in found], control, 1 - confidence)
    return tuple(
        GroupTest(item, column, count, test.statistic, float(test.freedom or 0), test.p, q)
        for (item, column, count, test), q in zip(found, ps, strict=True)
    )


@dataclass(frozen=True)
class AnswerShift:
    """One item against the wave before, by all of its answers rather than the share satisfied."""

    item: str
    index_change: float
    """Of the index 0 to 100, with Welch's interval."""
    low: float
    high: float
    p: float
    """Welch."""
    p_distribution: float
    """Mann-Whitney with tie correction: whether answers tend to be higher in one wave."""
    p_adjusted: float
    """The latter over all items, by the plan's control of what was declared beforehand."""


def answer_shifts(
    items: Sequence[tuple[str, Vector, Vector]], confidence: float, control: DeclaredControl
) -> tuple[AnswerShift, ...]:
    """Items whose answers vary in both waves.

    Args:
        items: code, index of each answer now, and of each in the wave before; every answer weighs the same.
        confidence: of the intervals.
        control: of false alarms.
    """
    found = []
    for code, now, before in items:
        if min(len(now), len(before)) < 2 or now.std() == 0 or before.std() == 0:
            continue
        test = welch(now, before, confidence)
        ranks = mann_whitney(now, before)
        found.append((code, float(now.mean() - before.mean()), test, ranks.p))
    ps = adjusted([p for *_, p in found], control, 1 - confidence)
    return tuple(
        AnswerShift(code, change, float(test.low or 0), float(test.high or 0), test.p, p, q)
        for (code, change, test, p), q in zip(found, ps, strict=True)
    )


def wave_changes(
    names: tuple[str, str],
    now: Mapping[str, ItemFigure],
    before: Mapping[str, ItemFigure],
    mixes: tuple[Mapping[str, float], Mapping[str, float]],
    confidence: float,
    control: DeclaredControl,
) -> tuple[WaveChange, ...]:
    """Every item that both waves show.

    Args:
        names: of the wave and of the one before.
        now: figures over all answers by item.
        before: the same of the wave before.
        mixes: share of the answers by mode, now and before.
        confidence: of intervals and of the decision.
        control: of false alarms.
    """
    comparable = modes_comparable(mixes[1], mixes[0])
    found = []
    for code, new in now.items():
        old = before.get(code)
        if old is None or None in (new.share, new.low, new.high, old.share, old.low, old.high):
            continue
        shares = (float(new.share or 0), float(old.share or 0))
        change, low, high = change_interval(
            shares[0],
            (float(new.low or 0), float(new.high or 0)),
            shares[1],
            (float(old.low or 0), float(old.high or 0)),
        )
        p = two_shares(shares[0], new.effective or 1e12, shares[1], old.effective or 1e12).p
        found.append((code, *shares, change, low, high, p))
    ps = adjusted([entry[-1] for entry in found], control, 1 - confidence)
    changes = []
    for (code, share, old_share, change, low, high, p), q in zip(found, ps, strict=True):
        verdict = "not_demonstrated"
        if not comparable:
            verdict = "not_comparable"
        elif q <= 1 - confidence and (low > 0 or high < 0):
            verdict = "better" if change > 0 else "worse"
        changes.append(
            WaveChange(code, *names, share, old_share, change, low, high, p, q, comparable, verdict)
        )
    return tuple(changes)
