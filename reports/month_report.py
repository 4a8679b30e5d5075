"""How did the month go: service, problems, emergencies, money, and what comes next? (B7, C1)"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from models.accounts import Statement, StatementLine
from models.emergency import Incident
from models.engagement import Engagement
from models.review import ImprovementAction, IndicatorFigure, ReviewWords
from models.work import PartForecast
from reports.indicator_sections import (
    figures_in_order,
    indicator_charts,
    indicator_name,
    indicator_table,
    indicator_value,
    missed_names,
    verdict_sentence,
)
from reports.money_sections import budget_sentence, lines_disagree, money_table
from reports.month_work import WorkCount, desk_section, work_section, work_totals
from reports.pack import Column, Pack, Section, Table
from reports.period_review import MonthlyValues, trend_tables
from reports.review_sections import (
    LookBack,
    ProblemLine,
    past_actions_section,
    problems_section,
    words_paragraph,
)
from reports.sections import actions_table, incidents_table, pack_of
from reports.words import NOTHING, POSTS, STATES, Voice, period_words, voice_of

_ENDED = frozenset({"verified", "not_demonstrated", "worsened", "insufficient_n", "not_comparable"})


def month_report(
    engagement: Engagement,
    *,
    period: str,
    figures: Sequence[IndicatorFigure],
    work_counts: Sequence[WorkCount],
    absorbed: int = 0,
    desk: Mapping[str, int],
    incidents: Sequence[Incident],
    statement: Statement | None,
    lines: Sequence[StatementLine],
    actions: Sequence[ImprovementAction],
    parts: Sequence[PartForecast],
    audit_head: str,
    on: date,
    words: ReviewWords | None = None,
    problems: Sequence[ProblemLine] | None = None,
    past: LookBack | None = None,
    before: Mapping[str, MonthlyValues] = MappingProxyType({}),
) -> Pack:
    """The monthly self-review as the client reads it.

    Args:
        engagement: the engagement.
        period: the month, as `2027-03`.
        figures: the month's indicators.
        work_counts: work orders due in the month by clause and subject.
        absorbed: planned jobs of the month that a larger service contains.
        desk: `received`, `responded_on_time`, `repairs`, `repairs_on_time`, `complaints`, `complaints_on_time`,
            `reopened`; an absent one counts as 0.
        incidents: emergencies and drills of the month.
        statement: the month's statement, None where it is not compiled.
        lines: its lines.
        actions: improvement actions that were open at some time in the month.
        parts: wear parts reported ahead.
        audit_head: hash of the last entry of the audit trail.
        on: the day the report is issued.
        words: the custodian's own, where somebody wrote them.
        problems: what was found wanting, with its answers.
        past: what became of the review before: its actions, and the answers it owed.
        before: the values of each indicator in this month and those before.
    """
    voice = voice_of(engagement)
    drills = [i for i in incidents if i.is_drill]
    alarms = [i for i in incidents if not i.is_drill]
    return pack_of(
        engagement,
        title=voice("Monthly service report", "月度服务报告"),
        subtitle=voice("Against the service plan and the contract", "对照服务方案与合同要求"),
        period=period_words(period, voice.language),
        on=on,
        sections=(
            Section(
                voice("The month in short", "本月概要"),
                (
                    _summary(period, figures, work_counts, desk, alarms, statement, voice),
                    *((words_paragraph(words, voice),) if words else ()),
                ),
                bars=indicator_charts(figures, voice),
            ),
            work_section(work_counts, absorbed, voice),
            desk_section(desk, voice),
            _problems(figures, actions, voice)
            if problems is None
            else problems_section(problems, voice, (actions_table(actions, voice),) if actions else ()),
            None if past is None else past_actions_section(past, voice),
            _emergencies(alarms, drills, voice),
            Section(
                voice("Money", "财务收支"),
                (
                    budget_sentence(statement, voice)
                    or voice("The month's statement is not compiled yet.", "本月收支报表尚未编制。"),
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
            _next_steps(actions, parts, work_counts, voice),
            Section(
                voice("Indicators in detail and audit trail", "指标明细与审计链"),
                (
                    voice(
                        f"Hash of the last entry of the audit trail when this report was made: {audit_head or NOTHING}",
                        f"编制本报告时审计链最新一条记录的哈希值：{audit_head or NOTHING}",
                    ),
                ),
                tables=(
                    indicator_table(figures, voice),
                    *trend_tables(before, voice, voice("Beside earlier months", "与以往各月对比")),
                ),
            ),
        ),
    )


def _summary(
    period: str,
    figures: Sequence[IndicatorFigure],
    work_counts: Sequence[WorkCount],
    desk: Mapping[str, int],
    alarms: Sequence[Incident],
    statement: Statement | None,
    voice: Voice,
) -> str:
    done, missed, left = work_totals(work_counts)
    worst = missed_names(figures, voice)
    received = desk.get("received", 0)
    losses = sum((i.loss_amount for i in alarms if i.loss_amount is not None), Decimal(0))
    return voice.sentences(
        voice(f"{period_words(period, 'en')}:", f"{period_words(period, 'zh')}，"),
        verdict_sentence(figures, voice),
        voice(f"Missed: {voice.listed(worst)}.", f"未达标：{voice.listed(worst)}。") if worst else "",
        voice(
            f"Of {voice.counted(done + missed + left, 'planned job', 'planned jobs', '')} {done:,} were done, "
            f"{missed:,} missed and {left:,} are still open.",
            f"计划工作{done + missed + left:,}项，完成{done:,}项，漏做{missed:,}项，尚在办理{left:,}项。",
        )
        if work_counts
        else voice("No work was due.", "本月无到期工作。"),
        voice(
            f"The service desk took {voice.counted(received, 'request', 'requests', '')} and answered "
            f"{desk.get('responded_on_time', 0):,} within the promised time.",
            f"客服受理{received:,}件，按时响应{desk.get('responded_on_time', 0):,}件。",
        )
        if received
        else voice("The service desk took no request.", "本月客服未收到请求。"),
        voice(
            f"There {'was one emergency' if len(alarms) == 1 else f'were {len(alarms)} emergencies'}"
            f"{f', with a loss of {voice.money(losses)}' if losses else ''}.",
            f"发生突发事件{len(alarms)}起{f'，损失{voice.money(losses)}' if losses else ''}。",
        )
        if alarms
        else voice("There was no emergency.", "未发生突发事件。"),
        budget_sentence(statement, voice),
    )


def _problems(
    figures: Sequence[IndicatorFigure], actions: Sequence[ImprovementAction], voice: Voice
) -> Section:
    covered = {a.ref.rsplit(":", 1)[-1]: a for a in sorted(actions, key=lambda a: a.opened_on)}
    rows = []
    for figure in figures_in_order(figures):
        if figure.state != "missed":
            continue
        action = covered.get(figure.code)
        rows.append(
            (
                indicator_name(figure.code, voice),
                indicator_value(figure.code, figure.value, voice, figure.target),
                indicator_value(figure.code, figure.target, voice),
                voice("no action yet", "尚无改进措施") if action is None else action.text,
            )
        )
    problems = Table(
        voice("Targets missed, and what is done", "未达标指标及对应措施"),
        (
            Column(voice("Indicator", "指标"), width=1.8),
            Column(voice("Actual", "实际"), "right", 0.9),
            Column(voice("Target", "目标"), "right", 0.9),
            Column(voice("Action", "措施"), width=3),
        ),
        tuple(rows),
    )
    return Section(
        voice("Problems and improvements", "问题与改进"),
        () if rows else (voice("No indicator missed its target.", "没有指标未达标。"),),
        tables=((problems,) if rows else ()) + ((actions_table(actions, voice),) if actions else ()),
    )


def _emergencies(alarms: Sequence[Incident], drills: Sequence[Incident], voice: Voice) -> Section:
    tables = []
    if alarms:
        tables.append(incidents_table(alarms, voice, voice("Emergencies", "突发事件")))
    if drills:
        tables.append(incidents_table(drills, voice, voice("Drills", "应急演练")))
    nothing = voice("There was no emergency and no drill.", "本月未发生突发事件，未安排演练。")
    return Section(
        voice("Emergencies and drills", "突发事件与演练"), () if tables else (nothing,), tables=tuple(tables)
    )


def _next_steps(
    actions: Sequence[ImprovementAction],
    parts: Sequence[PartForecast],
    work_counts: Sequence[WorkCount],
    voice: Voice,
) -> Section:
    left = work_totals(work_counts)[2]
    steps = [
        voice(
            f"By {voice.day(a.due_on)}: {a.text} ({voice.word(POSTS, a.post_code)})",
            f"{voice.day(a.due_on)}前：{a.text}（{voice.word(POSTS, a.post_code)}）",
        )
        for a in sorted(actions, key=lambda a: (a.due_on, a.ref))
        if a.state not in _ENDED and a.done_on is None
    ]
    if left:
        steps.append(
            voice(
                f"Finish {voice.counted(left, 'job', 'jobs', '')} that {'is' if left == 1 else 'are'} still open.",
                f"完成尚在办理的工作{left:,}项。",
            )
        )
    table = Table(
        voice("Wear parts reported ahead", "易损部件提前报备"),
        (
            Column(voice("Asset", "设备编号"), width=1.4),
            Column(voice("Part", "部件"), width=2),
            Column(voice("Replace by", "更换期限"), "center", 1.1),
            Column(voice("State", "状态"), width=1.2),
            Column(voice(f"Estimate ({voice.currency})", f"估价（{voice.money_unit}）"), "right", 1.1),
        ),
        tuple(
            (
                p.asset_tag,
                p.title or p.part,
                p.replace_by.isoformat(),
                voice.word(STATES, p.state),
                _estimate(p, voice),
            )
            for p in sorted(parts, key=lambda p: (p.replace_by, p.asset_tag, p.part))
        ),
    )
    return Section(
        voice("Next steps", "下一步安排"),
        tuple(steps) or (voice("Work goes on as planned.", "按服务方案正常开展工作。"),),
        tables=(table,) if parts else (),
    )


def _estimate(part: PartForecast, voice: Voice) -> str:
    return voice("not priced", "未估价") if part.estimated_cost is None else voice.cell(part.estimated_cost)
