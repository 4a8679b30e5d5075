"""Where did the money come from, where did it go, whose is the rest, and was that audited? (C2)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from models.accounts import FormerStatement, LedgerEntry, Statement, StatementFund, StatementLine
from models.engagement import Engagement
from models.rules.account_items import Fund, fund_of
from models.rules.accounts_terms import Terms, days_late
from models.rules.bank_matching import BankComparison
from models.rules.receivables import Owed
from models.rules.remuneration import FeeResult
from models.rules.statement import BookedLine
from reports.accounts_sections import (
    bank_section,
    changes_section,
    control_table,
    fee_section,
    funds_section,
    reasons_table,
    receivables_section,
    vouchers_section,
    year_section,
)
from reports.money_sections import budget_sentence, lines_disagree, money_table
from reports.pack import Bar, BarChart, Column, Pack, Section, Table
from reports.sections import pack_of, signature_table
from reports.words import FEE_MODELS, STATES, Voice, cost_item_name, period_words, voice_of


@dataclass(frozen=True)
class AccountsFacts:
    """What the books say of a period, beside its statement."""

    statement: Statement
    lines: Sequence[StatementLine]
    funds: Sequence[StatementFund] = ()
    parts: Sequence[Statement] = ()
    """The months of a quarter, the quarters of a year."""
    result: FeeResult | None = None
    result_so_far: FeeResult | None = None
    """Of the year up to the end of the period."""
    year_so_far: Sequence[BookedLine] = ()
    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Kind and item to what the custodian says."""
    owed: Sequence[Owed] = ()
    """Instalments due and not paid by the end of the period."""
    owed_on: date | None = None
    large: Sequence[LedgerEntry] = ()
    corrections: Sequence[LedgerEntry] = ()
    """Entries of later days that correct this period."""
    former: FormerStatement | None = None
    """The version before, if it was sent back."""
    bank: BankComparison | None = None
    carried: Decimal | None = None
    """Service money at the end of the statement before this; None where there is none."""
    terms: Terms = field(default_factory=Terms)


def accounts_report(engagement: Engagement, facts: AccountsFacts, *, on: date) -> Pack:
    """The accounts of a period, for the client's audit.

    Args:
        engagement: the engagement.
        facts: what the books say.
        on: the day the report is issued.
    """
    voice = voice_of(engagement)
    statement, lines, model = facts.statement, facts.lines, engagement.fee_model
    final = len(statement.period) == 4
    version = (
        voice(f" (version {statement.version})", f"（第{statement.version}版）")
        if statement.version > 1
        else ""
    )
    reasons = reasons_table(lines, facts.reasons, facts.terms, model, voice)
    return pack_of(
        engagement,
        title=voice("Final accounts of the year", "年度财务决算报告")
        if final
        else voice("Income and expense report", "财务收支报告"),
        subtitle=voice(
            f"Fee model: {voice.word(FEE_MODELS, model)}", f"计费方式：{voice.word(FEE_MODELS, model)}"
        ),
        period=period_words(statement.period, voice.language) + version,
        on=on,
        sections=(
            Section(
                voice("Summary", "总体结论"),
                (
                    budget_sentence(statement, voice),
                    _balance_sentence(engagement, statement.income - statement.expense, voice),
                    _overspent_sentence(lines, model, voice),
                    _late_sentence(statement, on, voice),
                    lines_disagree(statement, lines, voice),
                ),
                bars=_chart(lines, model, voice),
            ),
            Section(
                voice("Income and spending by item", "收支明细"),
                tables=(
                    money_table(lines, "income", model, voice),
                    money_table(lines, "expense", model, voice),
                    *((reasons,) if reasons else ()),
                ),
            ),
            changes_section(
                facts.statement, (lines, facts.funds), facts.former, facts.corrections, model, voice
            ),
            fee_section(
                facts.result,
                facts.result_so_far,
                facts.terms,
                model,
                voice,
                in_china=engagement.jurisdiction == "CN",
            ),
            funds_section(facts.funds, facts.carried, voice),
            year_section(facts.year_so_far, statement.period, model, voice),
            Section(
                voice("Quarter by quarter", "各季度收支") if final else voice("Month by month", "各月收支"),
                tables=(_parts(facts.parts, facts.corrections, final, voice),),
            )
            if facts.parts
            else None,
            receivables_section(facts.owed, facts.owed_on, voice),
            vouchers_section(facts.large, facts.terms, model, voice),
            bank_section(facts.bank, voice),
            Section(
                voice("Review, audit and control", "复核、审核与控制"),
                (
                    _audit_sentence(statement, voice),
                    voice(
                        "The accounts are prepared by one person of the custodian, reviewed by another, and audited by the "
                        "client. The control total below tells at any time whether a voucher was changed since.",
                        "财务报告由托管方编制人编制、另一人复核后，提交委托方审核。此后可随时用下列控制总数核验凭证有无变动。",
                    ),
                ),
                tables=(
                    control_table(statement, voice),
                    signature_table(_three_hands(engagement, voice), voice),
                ),
            ),
        ),
    )


def _three_hands(engagement: Engagement, voice: Voice) -> tuple[tuple[str, str], ...]:
    return (
        (voice("Prepared by (custodian)", "编制人（托管方）"), engagement.custodian_name),
        (voice("Reviewed by (custodian)", "复核人（托管方）"), engagement.custodian_name),
        (voice("Audited by (client)", "审核人（委托方）"), engagement.client_name),
    )


def _late_sentence(statement: Statement, on: date, voice: Voice) -> str:
    if statement.due_on is None:
        return ""
    due, late = voice.day(statement.due_on), days_late(statement.due_on, on)
    if late:
        days = voice.counted(late, "day", "days", "天")
        return voice(
            f"These accounts are late: due on {due}, issued {days} after.",
            f"本报告逾期：应于{due}前提交，迟{days}。",
        )
    return voice(f"Due to the client by {due}.", f"提交委托方的期限为{due}。")


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
    within, over = voice("within budget", "预算内"), voice("over budget", "超预算")
    return (BarChart(caption, "", bars, within, over),) if bars else ()


def _parts(
    parts: Sequence[Statement], corrections: Sequence[LedgerEntry], final: bool, voice: Voice
) -> Table:
    def row(label: str, income: Decimal, expense: Decimal, budget: Decimal, state: str) -> tuple[str, ...]:
        amounts = (voice.cell(amount) for amount in (income, expense, budget, income - expense))
        return (label, *amounts, *((state,) if final else ()))

    rows = [
        row(
            period_words(part.period, voice.language),
            part.income,
            part.expense,
            part.budget,
            voice.word(STATES, part.state) if final else "",
        )
        for part in sorted(parts, key=lambda part: part.period)
    ]
    income = sum((part.income for part in parts), Decimal(0))
    expense = sum((part.expense for part in parts), Decimal(0))
    # A year's corrections of its quarters are in the quarters already.
    later = [
        entry
        for entry in corrections
        if fund_of(entry.cost_item) is Fund.SERVICE and (not final or "-Q" not in entry.corrects)
    ]
    if later:
        more = [
            sum((entry.amount for entry in later if entry.kind == kind), Decimal(0))
            for kind in ("income", "expense")
        ]
        rows.append(
            row(voice("Corrections after the return", "退回后更正"), more[0], more[1], Decimal(0), "")
        )
        income, expense = income + more[0], expense + more[1]
    budget = sum((part.budget for part in parts), Decimal(0))
    return Table(
        voice(f"Statements of the quarters ({voice.currency})", f"季度收支（{voice.money_unit}）")
        if final
        else voice(f"Monthly statements ({voice.currency})", f"月度收支（{voice.money_unit}）"),
        (
            Column(voice("Quarter", "季度") if final else voice("Month", "月份"), width=1.5),
            Column(voice("Income", "收入"), "right", 1.2),
            Column(voice("Spending", "支出"), "right", 1.2),
            Column(voice("Budget", "预算"), "right", 1.2),
            Column(voice("Balance", "结余"), "right", 1.2),
            *((Column(voice("State", "状态"), width=1.4),) if final else ()),
        ),
        tuple(rows),
        total=row(voice("Total", "合计"), income, expense, budget, ""),
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
