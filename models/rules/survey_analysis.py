"""What do the answers show? The whole analysis of a survey: figures, weights, response, differences, drivers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from models.errors import Terminal
from models.rules.survey_cells import hidden_across
from models.rules.survey_comments import CommentFigures, comment_figures
from models.rules.survey_compare import (
    AnswerShift,
    GroupDifference,
    GroupTest,
    WaveChange,
    answer_shifts,
    group_differences,
    group_tests,
    wave_changes,
)
from models.rules.survey_design import Remark, WaveDesign, WeightReport, wave_design
from models.rules.survey_drivers import DriverAnalysis, driver_analysis
from models.rules.survey_estimates import (
    IndexFigure,
    ItemFigure,
    Mask,
    PromoterFigure,
    item_figure,
    pomp,
    promoter_figure,
    weighted_index,
)
from models.rules.survey_plan import ALL, PlanItem, ScaleKind, SurveyPlan
from models.rules.survey_rates import DISPOSITIONS, Dispositions, outcome_rates
from models.rules.survey_reliability import Reliability, reliability
from models.rules.survey_rows import NO_ANSWER
from models.rules.survey_table import AnswerTable

Shown = TypeVar("Shown", ItemFigure, PromoterFigure)


class NothingToAnalyse(Terminal):
    """No answer of the wave was accepted."""


@dataclass(frozen=True)
class Response:
    """Who was invited, what became of them, and the rates."""

    complete: int
    partial: int
    invited: int | None
    dispositions: dict[str, int]
    """By AAPOR code; empty where the plan tells neither invitations nor dispositions. They add up to `invited`."""
    rates: dict[str, float | None]
    eligible_share: float | None
    quota_full: int = 0
    """Of those not eligible, who was left because enough had answered in the cell."""
    rr1_with_quota_full: float | None = None
    """RR1 with these in the base."""


@dataclass(frozen=True)
class TrendPoint:
    """An item over all answers of one wave."""

    wave: str
    item: str
    figure: ItemFigure
    mode_mix: dict[str, float]


@dataclass(frozen=True)
class SetReliability:
    """A set of items and how well they measure one thing; None where that is not defined."""

    name: str
    items: tuple[str, ...]
    figure: Reliability | None


@dataclass(frozen=True)
class SurveyAnalysis:
    """Everything a report of the survey shows."""

    plan: SurveyPlan
    wave: str
    """Empty where the plan knows no waves."""
    n: int
    households: int | None
    response: Response
    mode_mix: dict[str, float]
    weights: WeightReport
    figures: tuple[ItemFigure, ...]
    """All answers first, then groups; hidden ones are marked and empty."""
    promoters: tuple[PromoterFigure, ...]
    index: IndexFigure | None
    group_tests: tuple[GroupTest, ...]
    differences: tuple[GroupDifference, ...]
    trend: tuple[TrendPoint, ...]
    changes: tuple[WaveChange, ...]
    shifts: tuple[AnswerShift, ...]
    """None where answers weigh differently."""
    drivers: DriverAnalysis | None
    reliability: tuple[SetReliability, ...]
    comments: CommentFigures | None
    notes: tuple[Remark, ...]


def analyse(table: AnswerTable, plan: SurveyPlan) -> SurveyAnalysis:
    """Analyse the accepted answers by the plan.

    Raises:
        NothingToAnalyse: no answer in the wave that is reported on.
        WeightsRefused: weights that cannot be computed.
    """
    current = plan.waves[-1] if plan.waves else ""
    part = table.part(table.wave.chosen(current)) if current else table
    if not len(part):
        raise NothingToAnalyse(
            f"No answer {f'of wave {current!r} ' if current else ''}was accepted: nothing can be analysed."
        )
    wave = wave_design(part, plan)
    ratings, recommendations = _items(plan, ScaleKind.RATING), _items(plan, ScaleKind.RECOMMENDATION)
    enough = len(part) >= plan.minimum
    figures = _figures(wave, plan, ratings, ItemFigure, item_figure)
    notes = list(wave.notes)
    if not enough:
        notes.append(
            Remark(
                f"fewer than {plan.minimum} answers: no figure is shown",
                f"有效答卷不足{plan.minimum}份，各项数据不予显示",
            )
        )
    trend, mixes = _trend(table, plan, wave, figures)
    changes = _changes(plan, trend, mixes)
    return SurveyAnalysis(
        plan,
        current,
        len(part),
        wave.households,
        _response(part, plan),
        mode_mix(part),
        wave.weights,
        figures,
        _figures(wave, plan, recommendations, PromoterFigure, promoter_figure),
        _index(wave, plan) if enough else None,
        group_tests(figures, plan.confidence, plan.group_control) if enough else (),
        group_differences(wave, ratings, figures, plan.confidence, plan.minimum, plan.group_control)
        if enough
        else (),
        trend,
        changes,
        _shifts(table, plan, changes) if wave.simple else (),
        driver_analysis(part, wave.design.weights, plan),
        tuple(_reliability(part, plan)) if enough else (),
        comment_figures(part, plan) if enough else None,
        tuple(notes),
    )


def mode_mix(table: AnswerTable) -> dict[str, float]:
    """Share of the answers by mode; empty where no mode was recorded."""
    counts = np.bincount(table.mode.codes, minlength=len(table.mode.names))
    return {
        name: float(count / len(table))
        for name, count in sorted(zip(table.mode.names, counts, strict=True))
        if name and count
    }


def _items(plan: SurveyPlan, kind: ScaleKind) -> list[tuple[PlanItem, int]]:
    return [(item, at) for at, item in enumerate(plan.items) if item.scale.kind is kind]


def _figures(
    wave: WaveDesign,
    plan: SurveyPlan,
    items: Sequence[tuple[PlanItem, int]],
    kind: type[Shown],
    figure: Callable[[WaveDesign, PlanItem, int, Mask, float, str, str], Shown],
) -> tuple[Shown, ...]:
    """The figures of the items over all answers and by group, without those that would tell of a few people."""
    everybody = np.ones(len(wave.table), dtype=bool)
    found: list[Shown] = []
    groupings = _groups(wave.table, plan)
    for item, at in items:
        whole = figure(wave, item, at, everybody, plan.confidence, "", ALL)
        shown = whole.n >= plan.minimum
        found.append(whole if shown else whole.withheld())
        valid = wave.table.values[:, at] != NO_ANSWER
        hidden = hidden_across(
            {
                column: {name: mask & valid for name, mask in masks.items()}
                for column, masks in groupings.items()
            },
            plan.minimum,
            total_shown=shown,
        )
        for column, masks in groupings.items():
            for name, mask in masks.items():
                if (column, name) in hidden:
                    found.append(kind(item.code, column, name, 0, suppressed=True))
                else:
                    found.append(figure(wave, item, at, mask, plan.confidence, column, name))
    return tuple(found)


def _groups(table: AnswerTable, plan: SurveyPlan) -> dict[str, dict[str, Mask]]:
    """Of each grouping column: whose answers belong to each group."""
    found = {}
    for column in plan.groups:
        labels = table.columns[column]
        present = np.bincount(labels.codes, minlength=len(labels.names))
        found[column] = {
            name: labels.codes == code
            for name, code in sorted(zip(labels.names, range(len(labels.names)), strict=True))
            if present[code]
        }
    return found


def _index(wave: WaveDesign, plan: SurveyPlan) -> IndexFigure | None:
    if not plan.index:
        return None
    codes = [item.code for item in plan.items]
    return weighted_index(
        wave,
        {code: (plan.item(code), codes.index(code), weight) for code, weight in plan.index.items()},
        plan.confidence,
    )


def _trend(
    table: AnswerTable, plan: SurveyPlan, current: WaveDesign, figures: Sequence[ItemFigure]
) -> tuple[tuple[TrendPoint, ...], dict[str, dict[str, float]]]:
    points: list[TrendPoint] = []
    mixes: dict[str, dict[str, float]] = {}
    for name in plan.waves:
        last = name == plan.waves[-1]
        part = current.table if last else table.part(table.wave.chosen(name))
        if len(part) < plan.minimum:
            continue
        mixes[name] = mode_mix(part)
        if last:
            whole = [figure for figure in figures if not figure.column]
        else:
            design = wave_design(part, plan)
            everybody = np.ones(len(part), dtype=bool)
            whole = [
                item_figure(design, item, at, everybody, plan.confidence)
                for item, at in _items(plan, ScaleKind.RATING)
            ]
        points += [
            TrendPoint(name, figure.item, figure, mixes[name])
            for figure in whole
            if figure.n >= plan.minimum and not figure.suppressed
        ]
    return tuple(points), mixes


def _changes(
    plan: SurveyPlan, trend: Sequence[TrendPoint], mixes: dict[str, dict[str, float]]
) -> tuple[WaveChange, ...]:
    shown = [name for name in plan.waves if name in mixes]
    if len(shown) < 2 or shown[-1] != plan.waves[-1]:
        return ()
    now, before = shown[-1], shown[-2]
    by_wave = {name: {p.item: p.figure for p in trend if p.wave == name} for name in (now, before)}
    return wave_changes(
        (now, before),
        by_wave[now],
        by_wave[before],
        (mixes[now], mixes[before]),
        plan.confidence,
        plan.wave_control,
    )


def _shifts(table: AnswerTable, plan: SurveyPlan, changes: Sequence[WaveChange]) -> tuple[AnswerShift, ...]:
    """All answers of the items whose change is shown, in the wave and in the one before."""
    places = {item.code: (item, at) for item, at in _items(plan, ScaleKind.RATING)}
    found = []
    for change in changes:
        item, at = places[change.item]
        sides = []
        for wave in (change.wave, change.before):
            values = table.values[table.wave.chosen(wave), at]
            sides.append(pomp(values[values != NO_ANSWER], item))
        found.append((change.item, sides[0], sides[1]))
    return answer_shifts(found, plan.confidence, plan.wave_control)


def _response(table: AnswerTable, plan: SurveyPlan) -> Response:
    complete = int(table.complete.sum())
    partial = len(table) - complete
    if plan.invited is None and not plan.dispositions:
        return Response(complete, partial, None, {}, {}, None)
    counts = {"I": complete, "P": partial} | dict(plan.dispositions)
    if counts["I"] + counts["P"] != len(table):
        raise Terminal(
            f"The dispositions say {counts['I']} complete and {counts['P']} partial answers, "
            f"but {len(table)} answers were accepted; leave I and P out to have them counted."
        )
    told = sum(counts.values())
    if plan.invited is not None:
        if told > plan.invited:
            raise Terminal(f"{told} dispositions and answers cannot come from {plan.invited} invitations.")
        # Who was invited and of whom nothing else is known did not reply.
        counts["NC"] = counts.get("NC", 0) + plan.invited - told
    full = {code: counts.get(code, 0) for code in DISPOSITIONS}
    found = Dispositions.of(full)
    return Response(complete, partial, found.invited, full, outcome_rates(found), found.eligible_share)


def _reliability(table: AnswerTable, plan: SurveyPlan) -> list[SetReliability]:
    codes = [item.code for item in plan.items]
    found = []
    for entry in plan.sets:
        columns = table.values[:, [codes.index(code) for code in entry.items]].astype(np.float64)
        columns[columns == NO_ANSWER] = np.nan
        found.append(SetReliability(entry.name, entry.items, reliability(columns, plan.confidence)))
    return found


def overall_figure(analysis: SurveyAnalysis) -> ItemFigure:
    """The headline: the overall item over all answers."""
    return next(
        f for f in analysis.figures if f.item == analysis.plan.overall and not f.column and f.group == ALL
    )
