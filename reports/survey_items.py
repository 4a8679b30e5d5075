"""What do the answers to each item say? Share satisfied, index and promoters, each with base and interval. (D5)"""

from collections.abc import Mapping

from models.rules.survey_analysis import SurveyAnalysis
from models.rules.survey_estimates import ItemFigure
from reports.pack import Column, Table
from reports.survey_numbers import between, item_names, level_of, percent, verdict
from reports.words import NOTHING, Voice


def index_sentence(analysis: SurveyAnalysis, voice: Voice) -> tuple[str, ...]:
    """The weighted index with its interval; nothing where there is none."""
    index = analysis.index
    if index is None:
        return ()
    return (
        voice(
            f"Weighted index {index.value:.1f} ({level_of(analysis)} interval {between(index.low, index.high, share=False)}).",
            f"加权满意度指数{index.value:.1f}（{level_of(analysis)}置信区间{between(index.low, index.high, share=False)}）。",
        ),
    )


def item_tables(
    analysis: SurveyAnalysis, voice: Voice, groups: Mapping[str, str] | None = None
) -> tuple[Table, ...]:
    """Share satisfied, design effect, index, target and verdict of each item over all answers; promoters where asked.

    Args:
        analysis: what was found.
        voice: the language.
        groups: group to what it is called; column and group where it is not listed.
    """
    names = item_names(analysis, voice)
    whole = [figure for figure in analysis.figures if not figure.column]
    table = Table(
        voice("Share satisfied and index, all answers", "满意率与指数（全部答卷）"),
        (
            *figure_columns(analysis, voice),
            Column(voice("Target", "目标"), "right"),
            Column(voice("Verdict", "判定")),
        ),
        tuple((*figure_row(f, names), percent(f.target), verdict(f.verdict, voice)) for f in whole),
    )
    return (table, _promoters(analysis, names, groups or {}, voice)) if analysis.promoters else (table,)


def figure_columns(analysis: SurveyAnalysis, voice: Voice) -> tuple[Column, ...]:
    """The columns of a table of shares satisfied: item, base, share, interval, index."""
    level = level_of(analysis)
    return (
        Column(voice("Item", "题项"), width=2.6),
        Column("n", "right", 0.8),
        Column(voice("Satisfied", "满意率"), "right"),
        Column(voice(f"{level} interval", f"{level}置信区间"), "center", 1.5),
        Column("deff", "right", 0.7),
        Column(voice("Index", "指数"), "right", 0.8),
        Column(voice("Interval", "区间"), "center", 1.3),
    )


def figure_row(figure: ItemFigure, names: dict[str, str]) -> tuple[str, ...]:
    """The cells of a figure for `figure_columns`; dashes where it is hidden."""
    if figure.suppressed:
        return (names[figure.item], NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
    return (
        names[figure.item],
        f"{figure.n:,}",
        percent(figure.share),
        between(figure.low, figure.high),
        NOTHING if figure.deff is None else f"{figure.deff:.2f}",
        NOTHING if figure.index is None else f"{figure.index:.1f}",
        between(figure.index_low, figure.index_high, share=False),
    )


def _promoters(
    analysis: SurveyAnalysis, names: dict[str, str], groups: Mapping[str, str], voice: Voice
) -> Table:
    rows = []
    for f in analysis.promoters:
        who = groups.get(f.group) or f"{f.column}: {f.group}" if f.column else voice("all", "全部")
        if f.suppressed or f.score is None:
            rows.append((names[f.item], who, *[NOTHING] * 5))
            continue
        rows.append(
            (
                names[f.item],
                who,
                f"{f.n:,}",
                f"{f.score:.1f}",
                between(f.low, f.high, share=False),
                percent(f.promoters),
                percent(f.detractors),
            )
        )
    return Table(
        voice("Net promoter score (-100 to 100)", "净推荐值（-100至100）"),
        (
            Column(voice("Item", "题项"), width=2.2),
            Column(voice("Group", "群体"), width=1.2),
            Column("n", "right", 0.7),
            Column("NPS", "right", 0.8),
            Column(voice("Interval", "区间"), "center", 1.4),
            Column(voice("Promoters", "推荐者"), "right"),
            Column(voice("Detractors", "贬损者"), "right"),
        ),
        tuple(rows),
    )
