"""How satisfied are owners and users, how sure is that, and what is done about it? (D1-D6)"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from models.engagement import Engagement
from models.review import ImprovementAction
from models.rules.satisfaction import MINIMUM_CELL
from models.rules.survey_analysis import SurveyAnalysis
from models.rules.survey_comments import CommentFigures
from models.rules.survey_fieldwork import RATE_FORMULAS
from models.rules.survey_outcomes import DISPOSITION_WORDS
from models.rules.survey_strata import WeightingClass
from models.survey import SurveyFigure, SurveyWave
from reports.pack import Column, Pack, Section, Table
from reports.pictures import IntervalPoint, Picture
from reports.sections import actions_table, pack_of
from reports.survey_comments import comments_section
from reports.survey_comparisons import changes_said, changes_table, differences_table, shifts_table
from reports.survey_drivers import drivers_section, reliability_section
from reports.survey_items import index_sentence, item_tables
from reports.survey_loop import loop_section
from reports.survey_numbers import CONTROLS, between, percent
from reports.survey_pictures import spread_chart, trend_chart
from reports.survey_sections import (
    OVERALL_ITEM,
    extremes_sentence,
    interval,
    item_texts,
    overall_figure,
    survey_chart,
    survey_table,
    withheld,
)
from reports.survey_weighting import weighting_section
from reports.words import PROPERTY_TYPES, SURVEY_MODES, SURVEY_PURPOSES, Voice, period_words, voice_of


def satisfaction_report(
    engagement: Engagement,
    *,
    wave: SurveyWave,
    figures: Sequence[SurveyFigure],
    previous: Sequence[SurveyFigure],
    invited: int,
    answered_by_mode: Mapping[str, int],
    comments: CommentFigures | None,
    actions: Sequence[ImprovementAction],
    on: date,
    target: Decimal | None = None,
    analysis: SurveyAnalysis | None = None,
    trend: Sequence[IntervalPoint] = (),
    modes_before: Mapping[str, float] | None = None,
    classes: Sequence[WeightingClass] = (),
    left_out: tuple[int, int] = (0, 0),
) -> Pack:
    """The report of one survey wave.

    Args:
        engagement: the engagement.
        wave: the wave, with its questionnaire.
        figures: its figures, all strata.
        previous: the figures of the wave before; empty for the first.
        invited: how many were asked.
        answered_by_mode: answers by mode (online, paper, telephone).
        comments: remarks by theme, where enough people wrote; None where nobody answered.
        actions: what is done about weak spots.
        on: the day the report is issued.
        target: the share satisfied that the plan promises, 0 to 1.
        analysis: of the wave's answers: index, promoters, spread, groups, the change against the wave before, drivers,
            dispositions and response rates.
        trend: overall satisfaction wave by wave, this one last.
        modes_before: share of the answers by mode in the wave before; None for the first.
        classes: parts of the frame by which the answers of a sample are weighted; empty where they are not.
        left_out: answers that were broken off, and paper forms whose two entries nobody settled.
    """
    voice = voice_of(engagement)
    texts = item_texts(wave.items, voice)
    answered = sum(answered_by_mode.values())
    return pack_of(
        engagement,
        title=voice("Satisfaction survey report", "客户满意度调查报告"),
        subtitle=voice(
            f"Purpose: {voice.word(SURVEY_PURPOSES, wave.purpose)}",
            f"调查目的：{voice.word(SURVEY_PURPOSES, wave.purpose)}",
        ),
        period=period_words(wave.period, voice.language),
        on=on,
        sections=(
            Section(
                voice("Summary", "总体结论"),
                (
                    _result_sentences(figures, texts, voice),
                    _response_sentence(wave, invited, answered, analysis, voice),
                    *(() if analysis is None else _more_sentences(analysis, voice)),
                ),
                bars=survey_chart(figures, texts, target, voice),
                pictures=_trend(trend, texts, target, voice),
            ),
            Section(
                voice("Results", "调查结果"),
                (
                    voice(
                        "“Satisfied” counts the two best of five answers. The interval says where the share of all "
                        "respondents asked would lie with 95% certainty; a difference inside it may be chance. "
                        f"Groups of fewer than {MINIMUM_CELL} answers are not shown, nor a second group from which "
                        "they could be reckoned.",
                        "“满意”指五级评价中的前两级。置信区间表示真实满意率有95%把握所在的范围，落在区间内的差异可能只是"
                        f"随机波动。样本不足{MINIMUM_CELL}份的群体不予显示；可据以推算的另一群体亦不显示。",
                    ),
                ),
                tables=(
                    survey_table(figures, texts, voice, previous),
                    *(() if analysis is None else item_tables(analysis, voice, _groups(voice))),
                ),
                pictures=_spread(analysis, texts, voice),
            ),
            None if analysis is None else _comparisons(analysis, texts, voice),
            None if analysis is None else drivers_section(analysis, voice),
            None if analysis is None else reliability_section(analysis, voice),
            _fieldwork(wave, invited, answered_by_mode, modes_before, analysis, left_out, voice),
            weighting_section(wave, invited, None if analysis is None else analysis.weights, classes, voice),
            comments_section(comments, MINIMUM_CELL, voice),
            Section(
                voice("What is done about it", "改进措施"),
                ()
                if actions
                else (voice("No action was opened after this wave.", "本次调查未形成改进措施。"),),
                tables=(actions_table(actions, voice, texts, on),) if actions else (),
            ),
            loop_section(actions, voice, texts),
        ),
    )


def _more_sentences(analysis: SurveyAnalysis, voice: Voice) -> tuple[str, ...]:
    """Index, promoters and the response rates by their definition."""
    said = [*index_sentence(analysis, voice)]
    for figure in analysis.promoters:
        if not figure.column and not figure.suppressed and figure.score is not None:
            said.append(
                voice(
                    f"Net promoter score {figure.score:.0f} ({between(figure.low, figure.high, share=False)}, n={figure.n:,}).",
                    f"净推荐值{figure.score:.0f}（置信区间{between(figure.low, figure.high, share=False)}，n={figure.n:,}）。",
                )
            )
    rates = analysis.response.rates
    if rates:
        said.append(
            voice(
                f"Response by AAPOR: complete answers alone RR1 {percent(rates['RR1'])}, RR3 {percent(rates['RR3'])}, cooperation "
                f"COOP1 {percent(rates['COOP1'])}.",
                f"按AAPOR口径：仅计完整作答的应答率RR1为{percent(rates['RR1'])}、RR3为{percent(rates['RR3'])}，合作率COOP1为{percent(rates['COOP1'])}。",
            )
        )
    return tuple(said)


def _groups(voice: Voice) -> dict[str, str]:
    return {name: voice.word(PROPERTY_TYPES, name) for name in PROPERTY_TYPES}


def _comparisons(analysis: SurveyAnalysis, texts: Mapping[str, str], voice: Voice) -> Section | None:
    """Against the wave before, and groups against each other; None where nothing can be compared."""
    differing = any(one.differs for one in analysis.differences)
    if not analysis.changes and not analysis.differences:
        return None
    said = [*changes_said(analysis, voice)]
    if analysis.changes:
        said.append(
            voice(
                "Whether an improvement worked is judged by the one item it was opened for, without that correction, so the "
                "two may differ.",
                "整改验证只检验事先确定的那一题项，不作此校正，结论可能不同。",
            )
        )
    if analysis.differences and not differing:
        control = voice.word(CONTROLS, analysis.plan.group_control)
        said.append(
            voice(
                f"None of {len(analysis.differences)} comparisons of a group with all others shows a difference "
                f"({control}).",
                f"共{len(analysis.differences)}项群体比较，经{control}校正均未见显著差异。",
            )
        )
    return Section(
        voice("Compared", "比较"),
        tuple(said),
        tables=(
            *((changes_table(analysis.changes, texts, voice),) if analysis.changes else ()),
            *((shifts_table(analysis.shifts, texts, voice),) if analysis.shifts else ()),
            *((differences_table(analysis.differences, texts, _groups(voice), voice),) if differing else ()),
        ),
    )


def _trend(
    trend: Sequence[IntervalPoint], texts: Mapping[str, str], target: Decimal | None, voice: Voice
) -> tuple[Picture, ...]:
    chart = trend_chart(
        texts.get(OVERALL_ITEM, OVERALL_ITEM), trend, None if target is None else float(target), voice
    )
    return () if chart is None else (chart,)


def _spread(analysis: SurveyAnalysis | None, texts: Mapping[str, str], voice: Voice) -> tuple[Picture, ...]:
    if analysis is None:
        return ()
    whole = [figure for figure in analysis.figures if not figure.column]
    chart = spread_chart(whole, texts, analysis.plan.items[0].scale.values, voice)
    return () if chart is None else (chart,)


def _result_sentences(figures: Sequence[SurveyFigure], texts: Mapping[str, str], voice: Voice) -> str:
    overall = overall_figure(figures)
    head = ""
    if overall is not None and (overall.item_code, overall.stratum) not in withheld(figures):
        head = voice(
            f"{voice.share(overall.share)} of {voice.counted(overall.n, 'answer', 'answers', '')} are satisfied "
            f"overall (95% interval {interval(overall, voice)}).",
            f"总体满意率为{voice.share(overall.share)}（有效答卷{overall.n:,}份，95%置信区间{interval(overall, voice)}）。",
        )
    said = voice.sentences(head, extremes_sentence(figures, texts, voice))
    return said or voice(
        "There are too few answers to state how satisfied respondents are.",
        "有效答卷过少，无法得出满意度结论。",
    )


def _response_sentence(
    wave: SurveyWave, invited: int, answered: int, analysis: SurveyAnalysis | None, voice: Voice
) -> str:
    """Who was asked and answered, and the rate by the definition of the indicator."""
    left_out = 0 if analysis is None else analysis.response.dispositions.get("NE", 0)
    rate = voice.share(Decimal(answered) / (invited - left_out) if invited > left_out else None)
    without = voice(f"; {left_out:,} not eligible are left out", f"，分母不含不合格对象{left_out:,}份")
    rule = voice(
        f" (AAPOR RR2: complete and partial answers{without if left_out else ''})",
        f"（AAPOR RR2：完整及部分作答{without if left_out else ''}）",
    )
    return voice(
        f"{invited:,} of {wave.frame_count:,} owners and users were asked and {answered:,} answered: response rate {rate}{rule}. "
        "Those who did not answer may think otherwise.",
        f"调查对象共{wave.frame_count:,}户（人），邀请{invited:,}份，回收{answered:,}份，问卷回收率{rate}{rule}。"
        "未答复者的看法可能有所不同。",
    )


def _fieldwork(
    wave: SurveyWave,
    invited: int,
    answered_by_mode: Mapping[str, int],
    modes_before: Mapping[str, float] | None,
    analysis: SurveyAnalysis | None,
    left_out: tuple[int, int],
    voice: Voice,
) -> Section:
    answered = sum(answered_by_mode.values())
    closed = wave.closed_on or wave.closes_on
    modes = [*SURVEY_MODES, *sorted(set(answered_by_mode) - set(SURVEY_MODES))]

    def row(label: str, count: int, before: float | None) -> tuple[str, ...]:
        share = voice.share(Decimal(count) / answered if answered else None)
        return label, f"{count:,}", share, percent(before)

    return Section(
        voice("How it was asked", "调查实施"),
        (
            voice(
                f"Open from {voice.day(wave.opened_on)} to {voice.day(closed)}; {invited:,} invitations.",
                f"调查时间：{voice.day(wave.opened_on)}至{voice.day(closed)}；发出邀请{invited:,}份。",
            ),
            voice(
                "Answers are confidential: kept apart from names, used for this survey alone.",
                "答卷保密：与姓名分开保存，仅用于本调查。",
            )
            if wave.confidential
            else voice("Answers are anonymous: they point to no person.", "答卷不记名，不与个人信息关联。"),
            *_left_out(*left_out, voice),
            *_quota_sentence(analysis, voice),
        ),
        tables=(
            Table(
                voice("Answers by mode", "各方式回收情况"),
                (
                    Column(voice("Mode", "方式"), width=2),
                    Column(voice("Answers", "回收份数"), "right"),
                    Column(voice("Share", "占比"), "right"),
                    Column(voice("Wave before", "上次占比"), "right"),
                ),
                tuple(
                    row(
                        voice.word(SURVEY_MODES, mode),
                        answered_by_mode.get(mode, 0),
                        None if modes_before is None else modes_before.get(mode, 0.0),
                    )
                    for mode in modes
                ),
                total=row(voice("Total", "合计"), answered, None),
            ),
            *(
                ()
                if analysis is None or not analysis.response.dispositions
                else _response_tables(analysis, voice)
            ),
        ),
    )


def _left_out(broken_off: int, unsettled: int, voice: Voice) -> tuple[str, ...]:
    """What came in and is in no figure."""
    said = []
    if broken_off:
        said.append(
            voice(
                f"{voice.counted(broken_off, 'answer', 'answers', '')} broken off before half of the questions: counted as refusals "
                "(R), in no figure.",
                f"另有{broken_off:,}份中途停止、作答不足半数，按拒答（R）计，不计入各项数据。",
            )
        )
    if unsettled:
        said.append(
            voice(
                f"{voice.counted(unsettled, 'paper form', 'paper forms', '')} not typed twice, or typed in two ways that nobody settled "
                "before the wave closed: in no figure.",
                f"另有{unsettled:,}份纸质问卷未完成双录或两次录入不一致、截止前未核定，未计入。",
            )
        )
    return tuple(said)


def _quota_sentence(analysis: SurveyAnalysis | None, voice: Voice) -> tuple[str, ...]:
    if analysis is None or not analysis.response.quota_full:
        return ()
    full, rate = analysis.response.quota_full, percent(analysis.response.rr1_with_quota_full)
    return (
        voice(
            f"{full:,} were not called because enough had answered in their building; with them in the base RR1 is {rate}.",
            f"因所在楼栋配额已满，{full:,}户未再致电；计入分母时RR1为{rate}。",
        ),
    )


def _response_tables(analysis: SurveyAnalysis, voice: Voice) -> tuple[Table, ...]:
    """What became of each invitation, and the rates with their formulas."""
    response = analysis.response
    return (
        Table(
            voice("What became of the invitations (AAPOR, 10th ed.)", "邀请的最终结果（AAPOR第10版）"),
            (
                Column(voice("Code", "代码"), width=0.6),
                Column(voice("Meaning", "含义"), width=2.4),
                Column(voice("Count", "份数"), "right"),
            ),
            tuple(
                (code, voice(*DISPOSITION_WORDS[code]), f"{count:,}")
                for code, count in response.dispositions.items()
            ),
            total=(voice("All", "合计"), "", f"{sum(response.dispositions.values()):,}"),
        ),
        Table(
            voice("Response rates", "应答率"),
            (
                Column(voice("Rate", "指标"), width=0.8),
                Column(voice("Value", "数值"), "right"),
                Column(
                    voice(
                        f"Formula, e = {response.eligible_share or 0:.3f}",
                        f"公式（e = {response.eligible_share or 0:.3f}）",
                    ),
                    width=3,
                ),
            ),
            tuple(
                (name, percent(response.rates[name]), RATE_FORMULAS[name])
                for name in ("RR1", "RR2", "RR3", "COOP1", "REF1", "CON1")
            ),
        ),
    )
