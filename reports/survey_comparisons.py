"""Do groups differ, and what changed since the wave before? Tables of comparisons with the control of false alarms. (D5)"""

from collections.abc import Mapping, Sequence

from models.rules.survey_analysis import SurveyAnalysis
from models.rules.survey_compare import AnswerShift, GroupDifference, GroupTest, WaveChange
from reports.pack import Column, Section, Table
from reports.pictures import IntervalPoint, Picture
from reports.survey_items import figure_columns, figure_row
from reports.survey_numbers import CONTROLS, between, item_names, p_value, percent, verdict
from reports.survey_pictures import trend_chart
from reports.words import Voice


def groups_section(analysis: SurveyAnalysis, voice: Voice) -> Section | None:
    """Shares by group and which groups differ; None where the plan names no groups."""
    if not analysis.plan.groups:
        return None
    names = item_names(analysis, voice)
    control = voice.word(CONTROLS, analysis.plan.group_control)
    columns = figure_columns(analysis, voice)
    tables = [
        Table(
            voice(f"By {column}", f"按{column}"),
            (columns[0], Column(column, width=1.2), *columns[1:]),
            tuple(
                (row[0], f.group, *row[1:])
                for f in analysis.figures
                if f.column == column
                for row in (figure_row(f, names),)
            ),
        )
        for column in analysis.plan.groups
    ]
    tables += [
        group_tests_table(analysis.group_tests, names, voice),
        differences_table(analysis.differences, names, {}, voice),
    ]
    return Section(
        voice("Groups", "群体比较"),
        (
            voice(
                f"Groups of fewer than {analysis.plan.minimum} answers are not shown, nor others from which they could be reckoned. "
                f"{len(analysis.differences)} comparisons; the false alarms among those named are held down ({control}).",
                f"不足{analysis.plan.minimum}份的群体及可据以推算的群体不予显示。共比较{len(analysis.differences)}项，"
                f"以{control}控制误报比例。",
            ),
        ),
        tuple(tables),
    )


def group_tests_table(tests: Sequence[GroupTest], names: Mapping[str, str], voice: Voice) -> Table:
    """Whether the groups of a column have one share satisfied."""
    return Table(
        voice("Do the groups differ at all? (chi-square)", "各群体是否存在差异（卡方检验）"),
        (
            Column(voice("Item", "题项"), width=2.4),
            Column(voice("By", "按"), width=1.2),
            Column(voice("Groups", "群体数"), "right", 0.8),
            Column("χ²", "right", 0.9),
            Column(voice("p adjusted", "校正p值"), "right"),
        ),
        tuple(
            (
                names.get(one.item, one.item),
                one.column,
                str(one.groups),
                f"{one.chi2:.2f} ({one.freedom:.0f})",
                p_value(one.p_adjusted),
            )
            for one in tests
        ),
    )


def differences_table(
    differences: Sequence[GroupDifference], names: Mapping[str, str], groups: Mapping[str, str], voice: Voice
) -> Table:
    """The groups that differ from all others.

    Args:
        differences: every comparison that was made.
        names: item code to its wording.
        groups: group to what it is called; column and group where it is not listed.
        voice: the language.
    """
    return Table(
        voice("Groups that differ from all others", "与其他群体存在显著差异的群体"),
        (
            Column(voice("Item", "题项"), width=2.2),
            Column(voice("Group", "群体"), width=1.4),
            Column(voice("Satisfied", "满意率"), "right"),
            Column(voice("Others", "其他"), "right"),
            Column(voice("Difference", "差异"), "center", 1.5),
            Column(voice("p adjusted", "校正p值"), "right"),
        ),
        tuple(
            (
                names.get(d.item, d.item),
                groups.get(d.group) or f"{d.column}: {d.group}",
                percent(d.share),
                percent(d.rest),
                between(d.low, d.high),
                p_value(d.p_adjusted),
            )
            for d in differences
            if d.differs
        ),
    )


def waves_section(analysis: SurveyAnalysis, voice: Voice) -> Section | None:
    """Each item wave by wave and against the wave before; None with fewer than two waves."""
    if len({p.wave for p in analysis.trend}) < 2:
        return None
    names = item_names(analysis, voice)
    pictures: list[Picture] = []
    for code in (analysis.plan.overall,):
        points = {p.wave: p.figure for p in analysis.trend if p.item == code}
        shown = [
            IntervalPoint(wave, points[wave].share, points[wave].low, points[wave].high)
            if wave in points
            else IntervalPoint(wave, None, None, None)
            for wave in analysis.plan.waves
        ]
        chart = trend_chart(names[code], shown, analysis.plan.item(code).target, voice)
        if chart is not None:
            pictures.append(chart)
    trend = Table(
        voice("All waves", "历次调查"),
        (
            Column(voice("Item", "题项"), width=2.4),
            Column(voice("Wave", "期次"), width=1.2),
            Column("n", "right", 0.8),
            Column(voice("Satisfied", "满意率"), "right"),
            Column(voice("Interval", "区间"), "center", 1.5),
        ),
        tuple(
            (
                names[p.item],
                p.wave,
                f"{p.figure.n:,}",
                percent(p.figure.share),
                between(p.figure.low, p.figure.high),
            )
            for item in analysis.plan.items
            for p in analysis.trend
            if p.item == item.code
        ),
    )
    return Section(
        voice("Waves", "历次比较"),
        changes_said(analysis, voice),
        (
            changes_table(analysis.changes, names, voice),
            *((shifts_table(analysis.shifts, names, voice),) if analysis.shifts else ()),
            trend,
        ),
        pictures=tuple(pictures),
    )


def changes_said(analysis: SurveyAnalysis, voice: Voice) -> tuple[str, ...]:
    """Whether the waves can be compared, and when a change counts as shown."""
    if not analysis.changes:
        return ()
    control = voice.word(CONTROLS, analysis.plan.wave_control)
    level = f"{100 * (1 - analysis.plan.confidence):g}%"
    said = voice(
        f"A change counts as shown if p, adjusted for all items ({control}), is no more than {level}.",
        f"以{control}对全部题项校正后p值不超过{level}，方认定为有变化。",
    )
    if analysis.changes[0].comparable:
        return (said,)
    return (
        voice(
            "The mode mix moved by more than 10 points: the two waves are not comparable.",
            "各方式占比变动超过10个百分点：两次调查不可比。",
        ),
        said,
    )


def changes_table(changes: Sequence[WaveChange], names: Mapping[str, str], voice: Voice) -> Table:
    """Each item against the wave before: interval of the change, p value for many looks, verdict."""
    return Table(
        voice("Change against the wave before", "与上次调查比较"),
        (
            Column(voice("Item", "题项"), width=2.4),
            Column(voice("Before", "上次"), "right"),
            Column(voice("Now", "本次"), "right"),
            Column(voice("Change, interval", "变化区间"), "center", 1.6),
            Column(voice("p adjusted", "校正p值"), "right"),
            Column(voice("Verdict", "判定"), width=1.3),
        ),
        tuple(
            (
                names.get(c.item, c.item),
                percent(c.share_before),
                percent(c.share),
                between(c.low, c.high),
                p_value(c.p_adjusted),
                verdict(c.verdict, voice),
            )
            for c in changes
        ),
    )


def shifts_table(shifts: Sequence[AnswerShift], names: Mapping[str, str], voice: Voice) -> Table:
    """Each item against the wave before by all of its answers."""
    return Table(
        voice("Change of index and of all answers", "指数与评价分布的变化"),
        (
            Column(voice("Item", "题项"), width=2.4),
            Column(voice("Index", "指数变化"), "right"),
            Column(voice("Interval (Welch)", "区间（Welch）"), "center", 1.4),
            Column(
                voice("p of all answers (Mann-Whitney, adjusted)", "分布p值（Mann-Whitney，校正后）"),
                "right",
                1.6,
            ),
        ),
        tuple(
            (
                names.get(one.item, one.item),
                f"{one.index_change:+.1f}",
                f"{one.low:+.1f} … {one.high:+.1f}",
                p_value(one.p_adjusted),
            )
            for one in shifts
        ),
    )
