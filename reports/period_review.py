"""How did a quarter or a year go against the plan and the contract? (C1)"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from models.accounts import Statement, StatementLine
from models.emergency import Incident
from models.engagement import Engagement
from models.owners import OwnerMeeting
from models.review import ImprovementAction, IndicatorFigure, Review, ReviewWords
from models.survey import SurveyFigure
from reports.indicator_sections import (
    INDICATOR_BY_CODE,
    indicator_charts,
    indicator_name,
    indicator_table,
    indicator_value,
    missed_names,
    verdict_sentence,
)
from reports.money_sections import budget_sentence, lines_disagree, money_table
from reports.pack import Column, Pack, Section, Table
from reports.review_sections import (
    Coverage,
    LookBack,
    ProblemLine,
    coverage_section,
    past_actions_section,
    problems_section,
    words_paragraph,
)
from reports.sections import actions_table, incidents_table, pack_of
from reports.survey_sections import extremes_sentence, item_texts, survey_table
from reports.words import ACTION_STATES, NOTHING, STATES, Voice, period_words, voice_of

MonthlyValues = Sequence[tuple[str, Decimal | None]]
"""(month, value) in order; None where there was no data."""
PERIODS_ABREAST = 6


def period_review(
    engagement: Engagement,
    *,
    review: Review,
    figures: Sequence[IndicatorFigure],
    monthly: Mapping[str, MonthlyValues],
    statement: Statement | None,
    lines: Sequence[StatementLine],
    survey_figures: Sequence[SurveyFigure],
    survey_before: Sequence[SurveyFigure],
    items: Sequence[Mapping[str, object]],
    actions: Sequence[ImprovementAction],
    meetings: Sequence[OwnerMeeting],
    incidents: Sequence[Incident],
    on: date,
    words: ReviewWords | None = None,
    problems: Sequence[ProblemLine] | None = None,
    past: LookBack | None = None,
    before: Mapping[str, MonthlyValues] = MappingProxyType({}),
    coverage: Coverage | None = None,
) -> Pack:
    """The quarterly or annual self-review.

    Args:
        engagement: the engagement.
        review: the review; its kind is `quarter` or `year`.
        figures: the indicators of the whole period.
        monthly: the monthly values of each indicator.
        statement: the period's statement, None where it is not compiled.
        lines: its lines.
        survey_figures: the figures of the period's survey wave.
        survey_before: those of the wave before; empty for the first.
        items: the questionnaire (`code`, `text_en`, `text_zh`).
        actions: improvement actions open in the period.
        meetings: owner meetings of the period.
        incidents: drills and emergencies of the period.
        on: the day the report is issued.
        words: the custodian's own, where somebody wrote them.
        problems: what was found wanting, with its answers.
        past: what became of the review before: its actions, and the answers it owed.
        before: the values of each indicator in this and earlier periods of the same kind.
        coverage: the plan against the work, in the annual review.
    """
    voice = voice_of(engagement)
    yearly = review.kind == "year"
    texts = item_texts(items, voice)
    return pack_of(
        engagement,
        title=voice("Annual review", "年度服务评估报告")
        if yearly
        else voice("Quarterly review", "季度服务评估报告"),
        subtitle=voice(
            f"Held on {voice.day(review.held_on)}, against the service plan and the contract",
            f"评估日期：{voice.day(review.held_on)}，对照服务方案与合同要求",
        ),
        period=period_words(review.period, voice.language),
        on=on,
        sections=(
            _summary(review, figures, statement, survey_figures, texts, actions, voice, words),
            Section(
                voice("Indicators", "指标"),
                tables=(
                    indicator_table(figures, voice),
                    *trend_tables(monthly, voice),
                    *trend_tables(before, voice, voice("Beside earlier periods", "与以往各期对比")),
                ),
            ),
            Section(
                voice("Satisfaction of owners and users", "业主与使用人满意度"),
                (extremes_sentence(survey_figures, texts, voice),)
                if survey_figures
                else (voice("There are no survey figures for this period.", "本期无满意度调查数据。"),),
                tables=(survey_table(survey_figures, texts, voice, survey_before),) if survey_figures else (),
            ),
            Section(
                voice("Money", "财务收支"),
                (
                    budget_sentence(statement, voice)
                    or voice("The period's statement is not compiled yet.", "本期收支报表尚未编制。"),
                    "" if statement is None else lines_disagree(statement, lines, voice),
                    ""
                    if statement is None
                    else voice(
                        f"State of the statement: {voice.word(STATES, statement.state)}.",
                        f"报表状态：{voice.word(STATES, statement.state)}。",
                    ),
                ),
                tables=(
                    money_table(lines, "income", engagement.fee_model, voice),
                    money_table(lines, "expense", engagement.fee_model, voice),
                )
                if lines
                else (),
            ),
            None if problems is None else problems_section(problems, voice),
            None if past is None else past_actions_section(past, voice, texts),
            _improvements(actions, texts, voice),
            _owners(meetings, voice),
            _incidents(incidents, voice),
            None if coverage is None else coverage_section(coverage, voice),
        ),
    )


def trend_tables(monthly: Mapping[str, MonthlyValues], voice: Voice, caption: str = "") -> tuple[Table, ...]:
    """The values of each indicator in successive periods, six abreast; one without data says so.

    Args:
        monthly: values by indicator.
        voice: of the report.
        caption: of the tables; that of months by default.
    """
    told = caption or voice("Month by month", "各月走势")
    months = sorted({month for values in monthly.values() for month, _ in values})
    order = list(INDICATOR_BY_CODE)
    codes = sorted(monthly, key=lambda c: (order.index(c) if c in order else len(order), c))
    tables = []
    for start in range(0, len(months), PERIODS_ABREAST):
        shown = months[start : start + PERIODS_ABREAST]
        rows = []
        for code in codes:
            known = dict(monthly[code])
            values = [
                indicator_value(code, known[month], voice) if month in known else NOTHING for month in shown
            ]
            rows.append((indicator_name(code, voice), *values))
        tables.append(
            Table(
                voice(f"{told}, {shown[0]} to {shown[-1]}", f"{told}（{shown[0]}至{shown[-1]}）"),
                (
                    Column(voice("Indicator", "指标"), width=2.2),
                    *(Column(month, "right", 1) for month in shown),
                ),
                tuple(rows),
            )
        )
    return tuple(tables)


def _summary(
    review: Review,
    figures: Sequence[IndicatorFigure],
    statement: Statement | None,
    survey_figures: Sequence[SurveyFigure],
    texts: Mapping[str, str],
    actions: Sequence[ImprovementAction],
    voice: Voice,
    words: ReviewWords | None,
) -> Section:
    worst = missed_names(figures, voice)
    return Section(
        voice("Conclusions", "总体结论"),
        (
            voice.sentences(
                verdict_sentence(figures, voice),
                voice(f"Missed: {voice.listed(worst)}.", f"未达标：{voice.listed(worst)}。") if worst else "",
                budget_sentence(statement, voice),
                extremes_sentence(survey_figures, texts, voice),
                _actions_sentence(actions, voice),
            ),
            review.summary,
            words_paragraph(words, voice),
        ),
        bars=indicator_charts(figures, voice),
    )


def _actions_sentence(actions: Sequence[ImprovementAction], voice: Voice) -> str:
    if not actions:
        return voice("No improvement action was open.", "本期无改进措施。")
    counts = {state: sum(a.state == state for a in actions) for state in ACTION_STATES}
    parts = [
        voice(f"{count} {voice.word(ACTION_STATES, state)}", f"{voice.word(ACTION_STATES, state)}{count}项")
        for state, count in counts.items()
        if count
    ]
    return voice(
        f"{voice.counted(len(actions), 'improvement action', 'improvement actions', '')}: {', '.join(parts)}.",
        f"改进措施{len(actions)}项：{'，'.join(parts)}。",
    )


def _improvements(actions: Sequence[ImprovementAction], texts: Mapping[str, str], voice: Voice) -> Section:
    return Section(
        voice("Improvements", "改进措施"),
        (
            voice(
                "An action counts as shown to have worked only when a later survey or figure reaches the target set "
                "beforehand and the change is more than chance.",
                "仅当后续调查或指标达到预先设定的目标，且变化超出随机波动时，改进措施方可认定为有效。",
            ),
        )
        if actions
        else (voice("No improvement action was open.", "本期无改进措施。"),),
        tables=(actions_table(actions, voice, texts),) if actions else (),
    )


def _owners(meetings: Sequence[OwnerMeeting], voice: Voice) -> Section:
    table = Table(
        voice("Owner meetings", "业主沟通会"),
        (
            Column(voice("Held on", "召开日期"), "center", 1.1),
            Column(voice("State", "状态"), width=0.9),
            Column(voice("Invited", "邀请"), "right", 0.7),
            Column(voice("Came", "到会"), "right", 0.8),
            Column(voice("Minutes", "会议纪要"), width=4),
        ),
        tuple(
            (
                m.held_on.isoformat(),
                voice.word(STATES, m.state),
                f"{m.invited_count:,}",
                voice.no_data if m.attended_count is None else f"{m.attended_count:,}",
                m.minutes or NOTHING,
            )
            for m in sorted(meetings, key=lambda m: m.held_on)
        ),
    )
    nothing = voice("No owner meeting fell into this period.", "本期未召开业主沟通会。")
    return Section(
        voice("Owner meetings", "业主沟通"),
        () if meetings else (nothing,),
        tables=(table,) if meetings else (),
    )


def _incidents(incidents: Sequence[Incident], voice: Voice) -> Section:
    caption = voice("Drills and emergencies", "应急演练与突发事件")
    return Section(
        caption,
        () if incidents else (voice("There was none in this period.", "本期无演练及突发事件。"),),
        tables=(incidents_table(incidents, voice, caption),) if incidents else (),
    )
