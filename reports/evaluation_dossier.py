"""What do both sides need to score the service together, and where do they write their scores? (C3)"""

from collections.abc import Mapping, Sequence
from datetime import date

from models.accounts import Statement
from models.diligence import ElementCondition
from models.engagement import Engagement
from models.review import ImprovementAction, IndicatorFigure, JointScore, Review
from models.rules.evaluation import EvaluationTerms
from models.survey import SurveyFigure, SurveyWave
from reports.condition_sections import conditions_table, scheme_text
from reports.evaluation_scores import (
    Difference,
    differences_table,
    renewal_section,
    scoring_section,
    signing_section,
)
from reports.indicator_sections import (
    figures_in_order,
    indicator_charts,
    indicator_name,
    indicator_value,
    missed_names,
    verdict_sentence,
)
from reports.pack import Column, Pack, Section, Table
from reports.sections import actions_table, pack_of
from reports.survey_loop import loop_section
from reports.survey_sections import interval, item_texts, overall_figure, survey_table, withheld
from reports.words import NOTHING, STATES, Voice, period_words, voice_of

Wave = tuple[SurveyWave, Sequence[SurveyFigure]]
_PERIODS_ABREAST = 4


def evaluation_dossier(
    engagement: Engagement,
    *,
    review: Review,
    figures_by_period: Mapping[str, Sequence[IndicatorFigure]],
    entry: Sequence[ElementCondition],
    statements: Sequence[Statement],
    waves: Sequence[Wave],
    actions: Sequence[ImprovementAction],
    on: date,
    exit_: Sequence[ElementCondition] = (),
    scores: Sequence[JointScore] = (),
    terms: EvaluationTerms | None = None,
    ending: bool = True,
    before: Sequence[Difference] = (),
) -> Pack:
    """The facts on the four dimensions of the joint evaluation, and a page on which each side scores alone.

    Args:
        engagement: the engagement.
        review: the joint evaluation.
        figures_by_period: the indicators of each period, by its label (`2027-Q1`, `2027`).
        entry: the condition at entry.
        statements: the statements of the term.
        waves: the survey waves with their figures.
        actions: the improvement actions of the term.
        on: the day the dossier is issued.
        exit_: the condition at exit, where it is surveyed already.
        scores: the scores of both sides, where they are in; until then the page is blank.
        terms: what was agreed of the evaluation; equal weights by default.
        ending: the term ends and both sides are asked how they go on; not of an evaluation in its course.
        before: the differences of the evaluation before this one, where a side rejected it.
    """
    voice = voice_of(engagement)
    newest = max(figures_by_period, default="")
    texts = item_texts([item for wave, _ in waves for item in wave.items], voice)
    return pack_of(
        engagement,
        title=voice("Dossier for the joint evaluation", "联合评估材料"),
        subtitle=voice(
            "Service quality, equipment, finance, owner feedback", "服务质量、设备状况、财务状况、业主反馈"
        ),
        period=f"{engagement.term_start.isoformat()} – {engagement.term_end.isoformat()}",
        on=on,
        sections=(
            _introduction(review, figures_by_period.get(newest, ()), newest, voice, ending=ending),
            _quality(figures_by_period, newest, voice),
            _equipment(entry, exit_, voice),
            _finance(statements, voice),
            _feedback(waves, voice),
            Section(
                voice("Improvement actions of the term", "托管期内改进措施"),
                () if actions else (voice("None was opened.", "无。"),),
                tables=(actions_table(actions, voice, texts, on),) if actions else (),
            ),
            loop_section(actions, voice, texts),
            _objections(before, voice) if before else None,
            scoring_section(engagement, scores, voice, terms),
            renewal_section(engagement, voice) if ending else signing_section(engagement, voice),
        ),
    )


def _objections(before: Sequence[Difference], voice: Voice) -> Section:
    return Section(
        voice("Why there is another evaluation", "再次评估缘由"),
        (
            voice(
                "A side rejected the evaluation before this one. What it objected to stands here with what was agreed since.",
                "上一次联合评估未获一方同意。所提异议及其后协商结果如下。",
            ),
        ),
        tables=(differences_table(before, voice),),
    )


def _introduction(
    review: Review, newest: Sequence[IndicatorFigure], label: str, voice: Voice, *, ending: bool
) -> Section:
    missed = missed_names(newest, voice)
    return Section(
        voice("What is decided", "评估说明"),
        (
            voice(
                f"The evaluation is held on {voice.day(review.held_on)}. Each side scores the four dimensions by itself, "
                "from the facts in this dossier, before it sees the other's scores; differences are then talked over."
                + (" At the end both sides state whether they wish to go on." if ending else ""),
                f"联合评估于{voice.day(review.held_on)}进行。双方依据本材料所列事实，在未见对方评分前各自对四个维度独立评分，"
                "再就差异进行沟通" + ("，最后表明后续合作意向。" if ending else "。"),
            ),
            voice.sentences(
                voice(
                    f"Newest period, {period_words(label, 'en')}:",
                    f"最近一期（{period_words(label, 'zh')}）：",
                ),
                verdict_sentence(newest, voice),
                voice(f"Missed: {voice.listed(missed)}.", f"未达标：{voice.listed(missed)}。")
                if missed
                else "",
            )
            if label
            else voice("No period has been reviewed yet.", "尚无已评估的期间。"),
            review.summary,
        ),
    )


def _quality(
    figures_by_period: Mapping[str, Sequence[IndicatorFigure]], newest: str, voice: Voice
) -> Section:
    labels = sorted(figures_by_period)
    tables = []
    for start in range(0, len(labels), _PERIODS_ABREAST):
        shown = labels[start : start + _PERIODS_ABREAST]
        by_cell = {(f.code, label): f for label in shown for f in figures_by_period[label]}
        codes = list(dict.fromkeys(f.code for f in figures_in_order(by_cell.values())))
        tables.append(
            Table(
                voice("Service quality: indicators by period", "服务质量：各期指标"),
                (
                    Column(voice("Indicator", "指标"), width=2.2),
                    *(Column(label, "center", 1.3) for label in shown),
                ),
                tuple(
                    (
                        indicator_name(code, voice),
                        *(_figure(by_cell.get((code, label)), voice) for label in shown),
                    )
                    for code in codes
                ),
            )
        )
    return Section(
        voice("Service quality", "服务质量"),
        () if labels else (voice("No indicators have been reckoned.", "尚无指标数据。"),),
        tables=tuple(tables),
        bars=indicator_charts(figures_by_period.get(newest, ()), voice),
    )


def _figure(figure: IndicatorFigure | None, voice: Voice) -> str:
    if figure is None:
        return NOTHING
    if figure.value is None:
        return voice.word(STATES, figure.state)
    value = indicator_value(figure.code, figure.value, voice, figure.target)
    if figure.state == "not_applicable":
        return value
    state = voice.word(STATES, figure.state)
    return voice(f"{value} ({state})", f"{value}（{state}）")


def _equipment(entry: Sequence[ElementCondition], exit_: Sequence[ElementCondition], voice: Voice) -> Section:
    schemes = sorted({e.scheme for e in (*entry, *exit_)})
    return Section(
        voice("Equipment condition", "设备状况"),
        (
            *(voice("Basis of the scores: ", "评分依据：") + scheme_text(s, voice) for s in schemes),
            "" if exit_ else voice("The survey at exit has not been held yet.", "移交前勘查尚未进行。"),
        ),
        tables=(conditions_table(entry, exit_, voice),),
    )


def _finance(statements: Sequence[Statement], voice: Voice) -> Section:
    open_ = [s for s in statements if s.state != "audited"]
    table = Table(
        voice(f"Statements of the term ({voice.currency})", f"托管期内财务报表（{voice.money_unit}）"),
        (
            Column(voice("Period", "期间"), width=1.4),
            Column(voice("Income", "收入"), "right", 1.2),
            Column(voice("Spending", "支出"), "right", 1.2),
            Column(voice("Budget", "预算"), "right", 1.2),
            Column(voice("Above budget", "超支率"), "right", 1),
            Column(voice("State", "状态"), width=1.4),
        ),
        tuple(
            (
                period_words(s.period, voice.language),
                voice.cell(s.income),
                voice.cell(s.expense),
                voice.cell(s.budget),
                NOTHING if s.budget <= 0 else voice.share((s.expense - s.budget) / s.budget),
                voice.word(STATES, s.state),
            )
            for s in sorted(statements, key=lambda s: s.period)
        ),
    )
    if not statements:
        said = voice("No statement has been compiled.", "尚未编制财务报表。")
    elif open_:
        said = voice(
            f"{len(open_)} of {voice.counted(len(statements), 'statement', 'statements', '')} not audited yet.",
            f"{len(statements)}份报表中有{len(open_)}份尚未审核。",
        )
    else:
        said = voice("All statements were audited.", "全部报表均已审核。")
    return Section(voice("Finance", "财务状况"), (said,), tables=(table,) if statements else ())


def _feedback(waves: Sequence[Wave], voice: Voice) -> Section:
    ordered = sorted(waves, key=lambda pair: (pair[0].opened_on, pair[0].period))
    if not ordered:
        return Section(
            voice("Owner feedback", "业主反馈"), (voice("No survey was held.", "未进行满意度调查。"),)
        )
    rows = []
    for wave, figures in ordered:
        overall = overall_figure(figures)
        shown = overall is not None and (overall.item_code, overall.stratum) not in withheld(figures)
        rows.append(
            (
                period_words(wave.period, voice.language),
                f"{wave.invited_count:,}",
                voice.no_data if overall is None else f"{overall.n:,}",
                voice.share(overall.share) if overall is not None and shown else voice.no_data,
                interval(overall, voice) if overall is not None and shown else NOTHING,
            )
        )
    last, last_figures = ordered[-1]
    return Section(
        voice("Owner feedback", "业主反馈"),
        tables=(
            Table(
                voice("Satisfied overall, wave by wave", "历次调查总体满意率"),
                (
                    Column(voice("Wave", "调查"), width=1.8),
                    Column(voice("Asked", "邀请"), "right"),
                    Column(voice("Answers", "有效答卷"), "right"),
                    Column(voice("Satisfied", "满意率"), "right"),
                    Column(voice("95% interval", "95%置信区间"), "center", 1.4),
                ),
                tuple(rows),
            ),
            survey_table(
                last_figures,
                item_texts(last.items, voice),
                voice,
                ordered[-2][1] if len(ordered) > 1 else (),
            ),
        ),
    )
