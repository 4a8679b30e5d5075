"""Where did the money come from, where did it go, and was that audited? (C2)"""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from models.accounts import Statement, StatementLine
from models.engagement import Engagement
from reports.money_sections import budget_sentence, lines_disagree, money_table
from reports.pack import Bar, BarChart, Column, Pack, Section, Table
from reports.sections import both_sides, pack_of, signature_table
from reports.words import FEE_MODELS, STATES, Voice, cost_item_name, period_words, voice_of


def accounts_report(
    engagement: Engagement,
    *,
    statement: Statement,
    lines: Sequence[StatementLine],
    months: Sequence[Statement],
    on: date,
) -> Pack:
    """The income and expense report of a period, for the client's audit.

    Args:
        engagement: the engagement.
        statement: the period's statement.
        lines: its lines.
        months: the monthly statements of the period; may be empty.
        on: the day the report is issued.
    """
    voice = voice_of(engagement)
    balance = statement.income - statement.expense
    return pack_of(
        engagement,
        title=voice("Income and expense report", "财务收支报告"),
        subtitle=voice(
            f"Fee model: {voice.word(FEE_MODELS, engagement.fee_model)}",
            f"计费方式：{voice.word(FEE_MODELS, engagement.fee_model)}",
        ),
        period=period_words(statement.period, voice.language),
        on=on,
        sections=(
            Section(
                voice("Summary", "总体结论"),
                (
                    budget_sentence(statement, voice),
                    _balance_sentence(engagement, balance, voice),
                    _overspent_sentence(lines, engagement.fee_model, voice),
                    lines_disagree(statement, lines, voice),
                ),
                bars=_chart(lines, engagement.fee_model, voice),
            ),
            Section(
                voice("Income and spending by item", "收支明细"),
                tables=(
                    money_table(lines, "income", engagement.fee_model, voice),
                    money_table(lines, "expense", engagement.fee_model, voice),
                ),
            ),
            Section(voice("Month by month", "各月收支"), tables=(_months(months, voice),))
            if months
            else None,
            Section(
                voice("Audit", "审核"),
                (_audit_sentence(statement, voice),),
                tables=(signature_table(both_sides(engagement, voice), voice),),
            ),
        ),
    )


def _balance_sentence(engagement: Engagement, balance: Decimal, voice: Voice) -> str:
    result = voice(
        f"The period closes with {'a surplus' if balance >= 0 else 'a deficit'} of {voice.money(abs(balance))}.",
        f"本期{'结余' if balance >= 0 else '亏空'}{voice.money(abs(balance))}。",
    )
    whose = {
        "lump_sum": voice(
            "Under the lump-sum model profit and loss are the custodian's.", "实行包干制，盈亏由托管方承担。"
        ),
        "cost_plus_fee": voice(
            "Under cost plus fee it belongs to the owners and is carried forward.",
            "实行酬金制，结余或不足由业主享有或承担并结转。",
        ),
    }.get(engagement.fee_model, "")
    return voice.sentences(result, whose)


def _overspent_sentence(lines: Sequence[StatementLine], fee_model: str, voice: Voice) -> str:
    over = [line for line in lines if line.kind == "expense" and line.actual > line.budget]
    if not lines:
        return voice("There are no bookings in this period.", "本期无入账记录。")
    if not over:
        return voice("No item spent more than its budget.", "各项支出均未超出预算。")
    names = [
        voice(
            f"{cost_item_name(line.cost_item, fee_model, voice)} (by {voice.money(line.actual - line.budget)})",
            f"{cost_item_name(line.cost_item, fee_model, voice)}（超出{voice.money(line.actual - line.budget)}）",
        )
        for line in sorted(over, key=lambda line: line.budget - line.actual)
    ]
    return voice(f"Above budget: {voice.listed(names)}.", f"超出预算的项目：{voice.listed(names)}。")


def _chart(lines: Sequence[StatementLine], fee_model: str, voice: Voice) -> tuple[BarChart, ...]:
    bars = tuple(
        Bar(
            cost_item_name(line.cost_item, fee_model, voice),
            line.actual.quantize(Decimal(1), ROUND_HALF_EVEN),
            line.budget.quantize(Decimal(1), ROUND_HALF_EVEN),
            "met" if line.actual <= line.budget else "missed",
        )
        for line in lines
        if line.kind == "expense"
    )
    caption = voice(
        f"Spending, with the budget as target, in whole {voice.currency}",
        f"各项支出（目标为预算，取整到{voice.money_unit}）",
    )
    # Without the unit behind each figure: six-digit amounts fill the column, and the caption names it.
    return (BarChart(caption, "", bars),) if bars else ()


def _months(months: Sequence[Statement], voice: Voice) -> Table:
    def row(label: str, income: Decimal, expense: Decimal, budget: Decimal, state: str) -> tuple[str, ...]:
        return (
            label,
            voice.cell(income),
            voice.cell(expense),
            voice.cell(budget),
            voice.cell(income - expense),
            state,
        )

    return Table(
        voice(f"Monthly statements ({voice.currency})", f"月度收支（{voice.money_unit}）"),
        (
            Column(voice("Month", "月份"), width=1.3),
            Column(voice("Income", "收入"), "right", 1.2),
            Column(voice("Spending", "支出"), "right", 1.2),
            Column(voice("Budget", "预算"), "right", 1.2),
            Column(voice("Balance", "结余"), "right", 1.2),
            Column(voice("State", "状态"), width=1.4),
        ),
        tuple(
            row(
                period_words(m.period, voice.language),
                m.income,
                m.expense,
                m.budget,
                voice.word(STATES, m.state),
            )
            for m in sorted(months, key=lambda m: m.period)
        ),
        total=row(
            voice("Total", "合计"),
            sum((m.income for m in months), Decimal(0)),
            sum((m.expense for m in months), Decimal(0)),
            sum((m.budget for m in months), Decimal(0)),
            "",
        ),
    )


def _audit_sentence(statement: Statement, voice: Voice) -> str:
    if statement.state == "audited" and statement.audited_on is not None:
        return voice(
            f"Compiled on {voice.day(statement.compiled_on)} and audited on {voice.day(statement.audited_on)}.",
            f"{voice.day(statement.compiled_on)}编制，{voice.day(statement.audited_on)}经审核。",
        )
    state = voice.word(STATES, statement.state)
    return voice(
        f"Compiled on {voice.day(statement.compiled_on)}; state: {state}.",
        f"{voice.day(statement.compiled_on)}编制；状态：{state}。",
    )
