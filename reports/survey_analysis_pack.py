"""How does the analysis of any survey file read as a document and a workbook? (D5)"""

from collections.abc import Mapping, Sequence
from datetime import date

from models.rules.survey_analysis import SurveyAnalysis, overall_figure
from models.rules.survey_comments import OTHER, CommentFigures
from models.rules.survey_compare import AnswerShift, GroupDifference, GroupTest, WaveChange
from models.rules.survey_design import Remark
from models.rules.survey_estimates import ItemFigure
from models.rules.survey_outcomes import DISPOSITION_WORDS
from models.rules.survey_plan import ScaleKind
from models.rules.survey_reliability import FEWEST_ANSWERS, FEWEST_ITEMS, UNRELATED
from reports.pack import Column, Pack, Section, Table
from reports.pictures import IntervalPoint, Picture
from reports.survey_pictures import DRIVER_FLAGS, QUADRANTS, driver_map, spread_chart, trend_chart
from reports.words import NOTHING, Vocabulary, Voice

RELIABILITY_WARNINGS: Vocabulary = {
    f"fewer than {FEWEST_ITEMS} items": (f"fewer than {FEWEST_ITEMS} items", f"题项不足{FEWEST_ITEMS}个"),
    f"fewer than {FEWEST_ANSWERS} complete answers": (
        f"fewer than {FEWEST_ANSWERS} complete answers",
        f"完整答卷不足{FEWEST_ANSWERS}份",
    ),
    UNRELATED: (UNRELATED, "区间含零：各题项未必测量同一概念"),
}
_VERDICTS = {
    "met": ("met", "达标"),
    "not_met": ("not met", "未达标"),
    "undetermined": ("undetermined", "无法判定"),
    "better": ("better", "上升"),
    "worse": ("worse", "下降"),
    "not_demonstrated": ("no change shown", "未见显著变化"),
    "not_comparable": ("not comparable", "不可比"),
}


def survey_analysis_pack(
    analysis: SurveyAnalysis, source: str, counts: tuple[int, int, int], on: date
) -> Pack:
    """The analysis as a pack.

    Args:
        analysis: what was found.
        source: name of the file of answers.
        counts: rows received, accepted, rejected.
        on: the day on the cover.
    """
    plan = analysis.plan
    voice = Voice(plan.language, "", "UTC")
    sections = (
        _short(analysis, counts, voice),
        _items(analysis, voice),
        _groups(analysis, voice),
        _waves(analysis, voice),
        drivers_section(analysis, voice),
        reliability_section(analysis, voice),
        comments_section(analysis.comments, plan.minimum, voice),
        _method(analysis, counts, voice),
    )
    return Pack(
        title=plan.title,
        subtitle=voice(f"Analysis of a satisfaction survey: {source}", f"满意度调查分析：{source}"),
        engagement_code="",
        property_name="",
        client="",
        custodian="",
        period_label=analysis.wave,
        issued_on=on,
        sections=tuple(section for section in sections if section is not None),
        language=plan.language,
        footer_note=voice("No figure without its base and interval.", "凡数据均附样本量与置信区间。"),
    )


def percent(value: float | None) -> str:
    """A share for a cell; a dash where it is not shown."""
    return NOTHING if value is None else f"{100 * value:.1f}%"


def between(low: float | None, high: float | None, *, share: bool = True) -> str:
    """An interval for a cell."""
    if low is None or high is None:
        return NOTHING
    scale, unit = (100, "%") if share else (1, "")
    if low < 0:
        return f"{scale * low:+.1f} … {scale * high:+.1f}{unit}"
    return f"{scale * low:.1f}–{scale * high:.1f}{unit}"


def p_value(p: float) -> str:
    """A p value for a cell; a very small one is no zero."""
    return "<0.0001" if p < 0.0001 else f"{p:.4f}"


def _names(analysis: SurveyAnalysis, voice: Voice) -> dict[str, str]:
    return {item.code: voice(item.en, item.zh) for item in analysis.plan.items}


def _level(analysis: SurveyAnalysis) -> str:
    return f"{100 * analysis.plan.confidence:g}%"


def _short(analysis: SurveyAnalysis, counts: tuple[int, int, int], voice: Voice) -> Section:
    overall, level = overall_figure(analysis), _level(analysis)
    said = []
    if overall.share is not None:
        said.append(
            voice(
                f"{percent(overall.share)} of {overall.n:,} valid answers are satisfied overall "
                f"({level} interval {between(overall.low, overall.high)}, design effect {overall.deff or 0:.2f}).",
                f"总体满意率{percent(overall.share)}（有效答卷{overall.n:,}份，{level}置信区间"
                f"{between(overall.low, overall.high)}，设计效应{overall.deff or 0:.2f}）。",
            )
        )
    else:
        said.append(voice("There are too few answers to show a figure.", "有效答卷过少，不予显示。"))
    rate = analysis.response.rates.get("RR1")
    if analysis.response.invited is not None:
        said.append(
            voice(
                f"{analysis.response.invited:,} invited; response rate RR1 {percent(rate)}, "
                f"RR3 {percent(analysis.response.rates.get('RR3'))}.",
                f"邀请{analysis.response.invited:,}份；应答率RR1为{percent(rate)}，"
                f"RR3为{percent(analysis.response.rates.get('RR3'))}。",
            )
        )
    if analysis.mode_mix:
        mix = voice.listed([f"{mode} {percent(part)}" for mode, part in analysis.mode_mix.items()])
        said.append(voice(f"Mode mix: {mix}.", f"各方式占比：{mix}。"))
    said.append(
        voice(
            f"Rows received {counts[0]:,}: accepted {counts[1]:,}, rejected {counts[2]:,}.",
            f"收到{counts[0]:,}行：采纳{counts[1]:,}行，剔除{counts[2]:,}行。",
        )
    )
    return Section(voice("In short", "摘要"), tuple(said))


def _items(analysis: SurveyAnalysis, voice: Voice) -> Section:
    names = _names(analysis, voice)
    whole = [figure for figure in analysis.figures if not figure.column]
    pictures: list[Picture] = []
    scales = {item.code: item.scale for item in analysis.plan.items}
    for scale in dict.fromkeys(scales[f.item].name for f in whole):
        of_scale = [f for f in whole if scales[f.item].name == scale]
        chart = spread_chart(of_scale, names, scales[of_scale[0].item].values, voice)
        if chart is not None:
            pictures.append(chart)
    return Section(
        voice("Items", "各题项"),
        index_sentence(analysis, voice),
        item_tables(analysis, voice),
        pictures=tuple(pictures),
    )


def index_sentence(analysis: SurveyAnalysis, voice: Voice) -> tuple[str, ...]:
    """The weighted index with its interval; nothing where there is none."""
    index = analysis.index
    if index is None:
        return ()
    return (
        voice(
            f"Weighted index {index.value:.1f} ({_level(analysis)} interval {between(index.low, index.high, share=False)}).",
            f"加权满意度指数{index.value:.1f}（{_level(analysis)}置信区间{between(index.low, index.high, share=False)}）。",
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
    names = _names(analysis, voice)
    whole = [figure for figure in analysis.figures if not figure.column]
    table = Table(
        voice("Share satisfied and index, all answers", "满意率与指数（全部答卷）"),
        (
            *_figure_columns(analysis, voice),
            Column(voice("Target", "目标"), "right"),
            Column(voice("Verdict", "判定")),
        ),
        tuple((*_figure_row(f, names), percent(f.target), _word(f.verdict, voice)) for f in whole),
    )
    return (table, _promoters(analysis, names, groups or {}, voice)) if analysis.promoters else (table,)


def _figure_columns(analysis: SurveyAnalysis, voice: Voice) -> tuple[Column, ...]:
    level = _level(analysis)
    return (
        Column(voice("Item", "题项"), width=2.6),
        Column("n", "right", 0.8),
        Column(voice("Satisfied", "满意率"), "right"),
        Column(voice(f"{level} interval", f"{level}置信区间"), "center", 1.5),
        Column("deff", "right", 0.7),
        Column(voice("Index", "指数"), "right", 0.8),
        Column(voice("Interval", "区间"), "center", 1.3),
    )


def _figure_row(figure: ItemFigure, names: dict[str, str]) -> tuple[str, ...]:
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


def _groups(analysis: SurveyAnalysis, voice: Voice) -> Section | None:
    if not analysis.plan.groups:
        return None
    names = _names(analysis, voice)
    columns = _figure_columns(analysis, voice)
    tables = [
        Table(
            voice(f"By {column}", f"按{column}"),
            (columns[0], Column(column, width=1.2), *columns[1:]),
            tuple(
                (row[0], f.group, *row[1:])
                for f in analysis.figures
                if f.column == column
                for row in (_figure_row(f, names),)
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
                f"{len(analysis.differences)} comparisons; the false alarms among those named are held down (Benjamini-Hochberg).",
                f"不足{analysis.plan.minimum}份的群体及可据以推算的群体不予显示。共比较{len(analysis.differences)}项，"
                "以Benjamini-Hochberg法控制误报比例。",
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


def _waves(analysis: SurveyAnalysis, voice: Voice) -> Section | None:
    if len({p.wave for p in analysis.trend}) < 2:
        return None
    names = _names(analysis, voice)
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
    said: tuple[str, ...] = ()
    if analysis.changes and not analysis.changes[0].comparable:
        said = (
            voice(
                "The mode mix moved by more than 10 points: the waves are not comparable.",
                "各方式占比变动超过10个百分点：两次调查不可比。",
            ),
        )
    return Section(
        voice("Waves", "历次比较"),
        said,
        (
            changes_table(analysis.changes, names, voice),
            *((shifts_table(analysis.shifts, names, voice),) if analysis.shifts else ()),
            trend,
        ),
        pictures=tuple(pictures),
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
                _word(c.verdict, voice),
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
                voice("p of all answers (Mann-Whitney, Holm)", "分布p值（Mann-Whitney，Holm校正）"),
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


def drivers_section(analysis: SurveyAnalysis, voice: Voice) -> Section | None:
    """What goes with overall satisfaction, as a map and a table; None where the plan names no drivers."""
    found = analysis.drivers
    if found is None:
        return None
    heading = voice("What moves overall satisfaction", "关键驱动因素")
    if found.refused:
        return Section(
            heading,
            (voice(f"Not analysed: {found.refused}.", f"未作分析：{found.refused_zh or found.refused}。"),),
        )
    names = _names(analysis, voice)
    chart = driver_map(found, voice)
    table = Table(
        voice("Drivers", "驱动因素"),
        (
            Column(voice("Item", "题项"), width=2.4),
            Column(voice("Importance", "重要性"), "right"),
            Column(voice("Interval", "区间"), "center", 1.4),
            Column(voice("Rank", "位次"), "center", 0.7),
            Column(voice("Performance", "满意度"), "right", 1.1),
            Column(voice("Odds a step", "每级优势比"), "center", 1.8),
            Column(voice("Field", "区域"), width=1.3),
            Column(voice("Note", "备注"), width=1.4),
        ),
        tuple(
            (
                f"{names[d.item]} ({d.item})",
                percent(d.importance),
                between(d.importance_low, d.importance_high),
                f"{d.rank_low}–{d.rank_high}",
                f"{d.performance:.1f}",
                NOTHING if d.odds is None else f"{d.odds:.2f} ({d.odds_low:.2f}–{d.odds_high:.2f})",
                voice.word(QUADRANTS, d.quadrant),
                "; ".join(voice.word(DRIVER_FLAGS, flag) for flag in d.flags) or NOTHING,
            )
            for d in sorted(found.drivers, key=lambda d: -d.importance)
        ),
    )
    return Section(
        heading,
        (
            voice(
                f"{found.n:,} answers hold all items; they explain {percent(found.r2)} of the spread of overall satisfaction. "
                "Associations do not prove a cause.",
                f"{found.n:,}份答卷各题齐全；可解释总体满意度变异的{percent(found.r2)}。相关不等于因果。",
            ),
            *_not_compared(analysis, names, voice),
        ),
        (table,),
        pictures=() if chart is None else (chart,),
    )


def _not_compared(analysis: SurveyAnalysis, names: Mapping[str, str], voice: Voice) -> tuple[str, ...]:
    """The ratings that are no drivers here: only answers that hold all items can be compared."""
    plan = analysis.plan
    left = [
        names[item.code]
        for item in plan.items
        if item.scale.kind is ScaleKind.RATING and item.code not in (plan.overall, *plan.drivers)
    ]
    if not left:
        return ()
    return (
        voice(
            f"Not compared, for only some were asked or too few answered everything: {'; '.join(left)}",
            f"以下题项仅向部分客户提问或各题齐全的答卷不足，未列入比较：{'；'.join(left)}",
        ),
    )


def reliability_section(analysis: SurveyAnalysis, voice: Voice) -> Section | None:
    """Whether sets of items measure one thing; None where the plan names no set."""
    if not analysis.reliability:
        return None
    rows = []
    for entry in analysis.reliability:
        f = entry.figure
        if f is None:
            rows.append((entry.name, ", ".join(entry.items), *[NOTHING] * 4))
            continue
        rows.append(
            (
                entry.name,
                ", ".join(entry.items),
                f"{f.n:,}",
                f"{f.alpha:.3f} ({f.low:.3f}–{f.high:.3f})",
                NOTHING if f.omega is None else f"{f.omega:.3f}",
                "; ".join(voice.word(RELIABILITY_WARNINGS, said) for said in f.warning.split("; ") if said)
                or NOTHING,
            )
        )
    return Section(
        voice("Reliability", "信度"),
        (),
        (
            Table(
                voice("Do the items measure one thing?", "内部一致性"),
                (
                    Column(voice("Set", "量表")),
                    Column(voice("Items", "题项"), width=1.6),
                    Column("n", "right", 0.7),
                    Column("alpha", "center", 1.7),
                    Column("omega", "right", 0.8),
                    Column(voice("Note", "备注"), width=1.4),
                ),
                tuple(rows),
            ),
        ),
    )


def comments_section(found: CommentFigures | None, minimum: int, voice: Voice) -> Section | None:
    """Comments by theme, where enough people wrote; None where nobody was asked.

    Args:
        found: the comments.
        minimum: fewest comments that are shown together.
        voice: the language.
    """
    if found is None:
        return None
    heading = voice("Comments", "意见")
    if found.comments == 0:
        return Section(heading, (voice("Nobody left a comment.", "未收到书面意见。"),))
    if found.comments is None:
        return Section(
            heading,
            (
                voice(
                    f"Not shown: fewer than {minimum} people wrote, and a comment could point to one of them.",
                    f"意见不足{minimum}条，为避免识别个人，不予显示。",
                ),
            ),
        )

    def called(theme: str) -> str:
        return voice("others", "其他") if theme == OTHER else theme

    count = Table(
        voice("Comments by theme", "按主题归类"),
        (
            Column(voice("Theme", "主题"), width=2),
            Column(voice("Comments", "条数"), "right"),
            Column(voice("Share", "占比"), "right"),
        ),
        tuple(
            (called(t.theme), NOTHING if t.comments is None else f"{t.comments:,}", percent(t.share))
            for t in found.themes
            if t.comments != 0
        ),
    )
    texts = Table(
        voice(
            "In the respondents' words, numbers taken out, in no order",
            "意见原文（已隐去号码，排序与先后无关）",
        ),
        (Column(voice("Theme", "主题")), Column(voice("Comment", "意见"), width=4)),
        tuple((called(t.theme), text) for t in found.themes for text in t.texts),
    )
    said = voice(
        f"{found.comments:,} comments, grouped by the words in them; a comment may belong to several themes. Themes of fewer "
        f"than {minimum} comments are counted among the others.",
        f"共{found.comments:,}条意见，按所含词语归类，一条可属多个主题；不足{minimum}条的主题并入“其他”。",
    )
    return Section(heading, (said,), (count, texts) if texts.rows else (count,))


_WEIGHTED_BY = {
    "none": ("none", "未加权"),
    "given": ("given", "文件自带权数"),
    "strata": ("strata", "按层加权"),
    "post-stratification": ("post-stratification", "事后分层"),
    "raking": ("raking", "迭代加权（raking）"),
    "linear calibration": ("linear calibration", "线性校准"),
    "logit calibration": ("logit calibration", "logit校准"),
    "truncated_linear calibration": ("truncated linear calibration", "截断线性校准"),
}


def _weighted_by(method: str, voice: Voice) -> str:
    """How the answers were weighted, in words; what has none stands as it is."""
    return " + ".join(voice(*_WEIGHTED_BY.get(one, (one, one))) for one in method.split(" + "))


def _method(analysis: SurveyAnalysis, counts: tuple[int, int, int], voice: Voice) -> Section:
    plan, weights = analysis.plan, analysis.weights
    rows: list[tuple[str, str]] = [
        (voice("Answers", "答卷"), f"{analysis.n:,}"),
        (voice("Households", "户数"), NOTHING if analysis.households is None else f"{analysis.households:,}"),
        (voice("Rows rejected", "剔除行数"), f"{counts[2]:,}"),
        (voice("Weights", "加权"), _weighted_by(weights.method, voice)),
        (voice("Weights: least, most", "权数范围"), f"{weights.least:.3f}–{weights.most:.3f}"),
        (voice("Design effect of weights", "权数设计效应"), f"{weights.deff:.3f}"),
        (voice("Weights trimmed", "截尾权数"), f"{weights.trimmed:,}"),
        (voice("Confidence", "置信水平"), f"{100 * plan.confidence:g}%"),
        (voice("Not shown below", "最低显示样本"), str(plan.minimum)),
        *((f"{code}: {voice(*DISPOSITION_WORDS[code])}", f"{count:,}")
          for code, count in analysis.response.dispositions.items()),
        *((name, percent(rate)) for name, rate in analysis.response.rates.items()),
        *((voice("Satisfied on scale ", "满意定义 ") + scale.name, ", ".join(map(str, sorted(scale.satisfied))))
          for scale in {i.scale.name: i.scale for i in plan.items if i.scale.kind is ScaleKind.RATING}.values()),
    ]  # fmt: skip
    return Section(
        voice("Method", "方法说明"),
        _said(analysis.notes, voice),
        (
            Table(
                voice("How the figures came about", "数据来源与口径"),
                (Column(voice("What", "项目"), width=2), Column(voice("Value", "数值"), "right")),
                tuple(rows),
            ),
        ),
    )


def _said(notes: Sequence[Remark], voice: Voice) -> tuple[str, ...]:
    return tuple(voice(note.en[:1].upper() + note.en[1:] + ".", note.zh + "。") for note in notes)


def _word(code: str | None, voice: Voice) -> str:
    return NOTHING if code is None else voice(*_VERDICTS.get(code, (code, code)))
