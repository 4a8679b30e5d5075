"""How satisfied are owners and users, how sure is that, and what is done about it? (D1-D6)"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from models.engagement import Engagement
from models.review import ImprovementAction
from models.rules.satisfaction import MINIMUM_CELL
from models.rules.survey_analysis import SurveyAnalysis
from models.survey import SurveyFigure, SurveyWave
from reports.pack import Column, Pack, Section, Table
from reports.pictures import IntervalPoint, Picture
from reports.sections import actions_table, pack_of
from reports.survey_analysis_pack import drivers_section
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
from reports.words import SURVEY_MODES, SURVEY_PURPOSES, Voice, period_words, voice_of


def satisfaction_report(
    engagement: Engagement,
    *,
    wave: SurveyWave,
    figures: Sequence[SurveyFigure],
    previous: Sequence[SurveyFigure],
    invited: int,
    answered_by_mode: Mapping[str, int],
    comments: Sequence[str],
    actions: Sequence[ImprovementAction],
    on: date,
    target: Decimal | None = None,
    analysis: SurveyAnalysis | None = None,
    trend: Sequence[IntervalPoint] = (),
) -> Pack:
    """The report of one survey wave.

    Args:
        engagement: the engagement.
        wave: the wave, with its questionnaire.
        figures: its figures, all strata.
        previous: the figures of the wave before; empty for the first.
        invited: how many were asked.
        answered_by_mode: answers by mode (online, paper, telephone).
        comments: remarks as written, without names.
        actions: what is done about weak spots.
        on: the day the report is issued.
        target: the share satisfied that the plan promises, 0 to 1.
        analysis: of the wave's answers: how they spread, and what goes with overall satisfaction.
        trend: overall satisfaction wave by wave, this one last.
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
                    _response_sentence(wave, invited, answered, voice),
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
                tables=(survey_table(figures, texts, voice, previous),),
                pictures=_spread(analysis, texts, voice),
            ),
            None if analysis is None else drivers_section(analysis, voice),
            _fieldwork(wave, invited, answered_by_mode, voice),
            _comments(comments, answered, voice),
            Section(
                voice("What is done about it", "改进措施"),
                ()
                if actions
                else (voice("No action was opened after this wave.", "本次调查未形成改进措施。"),),
                tables=(actions_table(actions, voice, texts),) if actions else (),
            ),
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


def _response_sentence(wave: SurveyWave, invited: int, answered: int, voice: Voice) -> str:
    rate = voice.share(Decimal(answered) / invited if invited else None)
    return voice(
        f"{invited:,} of {wave.frame_count:,} owners and users were asked and {answered:,} answered: response rate {rate}. "
        "Those who did not answer may think otherwise.",
        f"调查对象共{wave.frame_count:,}户（人），邀请{invited:,}份，回收{answered:,}份，问卷回收率{rate}。"
        "未答复者的看法可能有所不同。",
    )


def _fieldwork(wave: SurveyWave, invited: int, answered_by_mode: Mapping[str, int], voice: Voice) -> Section:
    answered = sum(answered_by_mode.values())
    closed = wave.closed_on or wave.closes_on
    modes = [*SURVEY_MODES, *sorted(set(answered_by_mode) - set(SURVEY_MODES))]

    def row(label: str, count: int) -> tuple[str, ...]:
        return label, f"{count:,}", voice.share(Decimal(count) / answered if answered else None)

    return Section(
        voice("How it was asked", "调查实施"),
        (
            voice(
                f"Open from {voice.day(wave.opened_on)} to {voice.day(closed)}; {invited:,} invitations.",
                f"调查时间：{voice.day(wave.opened_on)}至{voice.day(closed)}；发出邀请{invited:,}份。",
            ),
            voice("Answers are confidential: they point to no person.", "答卷保密，不与个人信息关联。")
            if wave.confidential
            else "",
        ),
        tables=(
            Table(
                voice("Answers by mode", "各方式回收情况"),
                (
                    Column(voice("Mode", "方式"), width=2),
                    Column(voice("Answers", "回收份数"), "right"),
                    Column(voice("Share", "占比"), "right"),
                ),
                tuple(row(voice.word(SURVEY_MODES, mode), answered_by_mode.get(mode, 0)) for mode in modes),
                total=row(voice("Total", "合计"), answered),
            ),
        ),
    )


def _comments(comments: Sequence[str], answered: int, voice: Voice) -> Section:
    heading = voice("Remarks in the respondents' words", "受访者意见（原文）")
    written = [comment for comment in comments if comment.strip()]
    if not written:
        return Section(heading, (voice("Nobody left a remark.", "未收到书面意见。"),))
    if answered < MINIMUM_CELL:
        return Section(
            heading,
            (
                voice(
                    f"Not shown: among fewer than {MINIMUM_CELL} answers a remark could point to a person.",
                    f"答卷不足{MINIMUM_CELL}份，为避免识别个人，意见原文不予显示。",
                ),
            ),
        )
    return Section(
        heading,
        tables=(
            Table(
                voice("Remarks, in no order", "意见原文（排序与答卷先后无关）"),
                (Column(voice("Remark", "意见")),),
                # Sorted by their text, so that the order says nothing about who answered when.
                tuple((comment.strip(),) for comment in sorted(written)),
            ),
        ),
    )
