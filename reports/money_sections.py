"""How are income, spending and the budget shown, and do the lines add up?"""

from collections.abc import Sequence
from decimal import Decimal

from models.accounts import Statement, StatementLine
from reports.pack import Column, Table
from reports.words import COST_ITEMS, NOTHING, Voice, cost_item_name


def budget_sentence(statement: Statement | None, voice: Voice) -> str:
    """Income, spending and their distance from the budget, in one sentence; empty without a statement."""
    if statement is None:
        return ""
    spent, budget = statement.expense, statement.budget
    head = voice(
        f"Income was {voice.money(statement.income)} and spending {voice.money(spent)}",
        f"收入{voice.money(statement.income)}，支出{voice.money(spent)}",
    )
    if budget <= 0:
        return head + voice("; no budget was set for the period.", "，本期未设预算。")
    if spent == budget:
        return head + voice(", exactly the budget.", "，与预算一致。")
    gap = voice.share(abs(spent - budget) / budget)
    over = spent > budget
    return head + voice(
        f", {gap} {'above' if over else 'below'} the budget of {voice.money(budget)}.",
        f"，{'超出' if over else '低于'}预算（{voice.money(budget)}）{gap}。",
    )


def money_table(lines: Sequence[StatementLine], kind: str, fee_model: str, voice: Voice) -> Table:
    """Income or spending by cost item, against the budget, with a total.

    Args:
        lines: of the statement.
        kind: income or expense.
        fee_model: of the engagement; it says what the custodian's own share is called.
        voice: of the report.
    """
    shown = [line for line in lines if line.kind == kind]
    order = list(COST_ITEMS)
    shown.sort(key=lambda line: order.index(line.cost_item) if line.cost_item in order else len(order))

    def row(label: str, actual: Decimal, budget: Decimal) -> tuple[str, ...]:
        gap = NOTHING if budget <= 0 else voice.share((actual - budget) / budget)
        return label, voice.cell(actual), voice.cell(budget), voice.cell(actual - budget), gap

    actual = sum((line.actual for line in shown), Decimal(0))
    budget = sum((line.budget for line in shown), Decimal(0))
    caption = (
        voice("Income", "收入")
        if kind == "income"
        else voice("Spending against the budget", "支出与预算对照")
    )
    return Table(
        voice(f"{caption} ({voice.currency})", f"{caption}（{voice.money_unit}）"),
        (
            Column(voice("Item", "项目"), width=2.8),
            Column(voice("Actual", "实际"), "right", 1.3),
            Column(voice("Budget", "预算"), "right", 1.3),
            Column(voice("Difference", "差异"), "right", 1.3),
            Column(voice("Share", "差异率"), "right", 0.9),
        ),
        tuple(
            row(cost_item_name(line.cost_item, fee_model, voice), line.actual, line.budget) for line in shown
        ),
        total=row(voice("Total", "合计"), actual, budget) if shown else None,
    )


def lines_disagree(statement: Statement, lines: Sequence[StatementLine], voice: Voice) -> str:
    """A warning where the lines do not add up to the statement's totals; empty where they do."""
    if not lines:
        return ""
    income = sum((line.actual for line in lines if line.kind == "income"), Decimal(0))
    expense = sum((line.actual for line in lines if line.kind == "expense"), Decimal(0))
    if (income, expense) == (statement.income, statement.expense):
        return ""
    return voice(
        f"Attention: the lines add up to {voice.money(income)} income and {voice.money(expense)} spending, "
        "which is not what the statement says. Ask for a correction before the audit.",
        f"注意：明细合计为收入{voice.money(income)}、支出{voice.money(expense)}，与报表总数不一致，"
        "审核前应先更正。",
    )
