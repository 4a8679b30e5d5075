"""How are the figures of a survey drawn: how answers spread, how they move, and which items to work on?"""

from collections.abc import Mapping, Sequence
from datetime import date

from models.rules.survey_drivers import DriverAnalysis
from models.rules.survey_estimates import ItemFigure
from reports.glyphs import FONT_FAMILIES, printable
from reports.pack import Language
from reports.pdf import typeset_png
from reports.pictures import IntervalChart, IntervalPoint, MapPoint, Picture, PointMap, StackChart, StackedBar
from reports.pictures_view import picture_view
from reports.words import Vocabulary, Voice

DRIVER_FLAGS: Vocabulary = {
    "sign conflict": ("sign conflict", "方向相反"),
    "hardly told from other items": ("hardly told from other items", "与其他题项难以区分"),
}

QUADRANTS: Vocabulary = {
    "concentrate": ("Work on first", "重点改进"),
    "keep_up": ("Keep up", "继续保持"),
    "low_priority": ("Low priority", "次要改进"),
    "possible_overkill": ("Possibly overdone", "可能过度投入"),
    "undecided": ("Undecided", "尚难判定"),
}
_RATING_LEVELS = (
    ("very dissatisfied", "很不满意"),
    ("dissatisfied", "不满意"),
    ("neither", "一般"),
    ("satisfied", "满意"),
    ("very satisfied", "很满意"),
)


def spread_chart(
    figures: Sequence[ItemFigure], names: Mapping[str, str], levels: Sequence[int], voice: Voice
) -> StackChart | None:
    """How the answers to each item spread; None where nothing may be shown.

    Args:
        figures: over all answers, of items that share one scale.
        names: item code to its wording.
        levels: values of the scale, worst first.
        voice: the language.
    """
    shown = [figure for figure in figures if figure.distribution]
    if not shown:
        return None
    bars = tuple(
        StackedBar(
            names.get(figure.item, figure.item),
            tuple((figure.distribution or {})[level] for level in levels),
            f"n={figure.n:,}",
        )
        for figure in shown
    )
    ranked = sorted((figure.share or 0.0, names.get(figure.item, figure.item)) for figure in shown)
    worst, best = ranked[0], ranked[-1]
    return StackChart(
        voice("How the answers spread (% of valid answers)", "各题项评价分布（占有效答卷%）"),
        tuple(
            voice(*_RATING_LEVELS[number]) if len(levels) == len(_RATING_LEVELS) else str(level)
            for number, level in enumerate(levels)
        ),
        bars,
        voice(
            f"Least satisfied: {worst[1]} ({worst[0]:.1%}); most: {best[1]} ({best[0]:.1%}).",
            f"满意率最低：{worst[1]}（{worst[0]:.1%}）；最高：{best[1]}（{best[0]:.1%}）。",
        ),
    )


def trend_chart(
    name: str, points: Sequence[IntervalPoint], target: float | None, voice: Voice
) -> IntervalChart | None:
    """The share satisfied with one item from wave to wave; None for fewer than two waves."""
    known = [point for point in points if point.value is not None]
    if len(known) < 2:
        return None
    first, last = known[0], known[-1]
    return IntervalChart(
        voice(f"{name}: share satisfied by wave, with its interval", f"{name}：历次满意率及置信区间"),
        tuple(points),
        target,
        voice(
            f"From {first.value or 0:.1%} ({first.label}) to {last.value or 0:.1%} ({last.label}); the bars are the intervals.",
            f"由{first.value or 0:.1%}（{first.label}）至{last.value or 0:.1%}（{last.label}）；竖线为置信区间。",
        ),
    )


def render_pictures(pictures: Sequence[Picture], title: str, language: Language, on: date) -> bytes:
    """The pictures on one sheet, as a PNG for a screen.

    Args:
        pictures: one at least.
        title: above them.
        language: of their words.
        on: the day of issue.
    """
    content = {
        "fonts": list(FONT_FAMILIES),
        "language": language,
        "title": printable(title),
        "pictures": [
            picture_view(picture)
            | {"caption": printable(picture.caption), "summary": printable(picture.summary)}
            for picture in pictures
        ],
    }
    return typeset_png("survey_pictures.typ", content, on, title)


def driver_map(analysis: DriverAnalysis | None, voice: Voice) -> PointMap | None:
    """Importance by performance; None where the drivers could not be told."""
    if (
        analysis is None
        or not analysis.drivers
        or analysis.importance_cut is None
        or analysis.performance_cut is None
    ):
        return None
    first = [d.item for d in analysis.drivers if d.quadrant == "concentrate"]
    open_ones = [d.item for d in analysis.drivers if d.quadrant == "undecided"]
    return PointMap(
        voice("Importance and performance of the items", "重要性—满意度矩阵"),
        voice("Performance (0-100)", "满意度（0-100）"),
        voice("Importance (share of R²)", "重要性（占R²份额）"),
        analysis.performance_cut,
        analysis.importance_cut,
        (
            voice.word(QUADRANTS, "concentrate"),
            voice.word(QUADRANTS, "keep_up"),
            voice.word(QUADRANTS, "low_priority"),
            voice.word(QUADRANTS, "possible_overkill"),
        ),
        tuple(
            MapPoint(
                d.item,
                d.performance,
                d.importance,
                (d.performance_low, d.performance_high),
                (d.importance_low, d.importance_high),
                d.quadrant == "undecided",
            )
            for d in analysis.drivers
        ),
        voice(
            f"Cut at the means, importance {analysis.importance_cut:.1%}, performance {analysis.performance_cut:.1f}. Work on first: {', '.join(first) or 'none'}. Hollow points are undecided: an interval "
            f"crosses a cut ({', '.join(open_ones) or 'none'}).",
            f"以均值为界（重要性{analysis.importance_cut:.1%}，满意度{analysis.performance_cut:.1f}）。重点改进：{'、'.join(first) or '无'}。空心点尚难判定，其区间跨越分界线（{'、'.join(open_ones) or '无'}）。",
        ),
    )
