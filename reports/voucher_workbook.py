"""Which vouchers stand behind each figure of the accounts? A sheet for each line, for the auditor (C2)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from models.accounts import LedgerEntry, Statement, StatementFund, StatementLine
from models.engagement import Engagement
from models.rules.account_items import Fund
from models.rules.bank_matching import BankComparison
from models.rules.periods import Period
from models.rules.statement import NOTHING, line_item
from reports.accounts_sections import bank_section, control_table, entries_table, item_name
from reports.pack import Column, Pack, Section, Table
from reports.sections import pack_of
from reports.words import Voice, period_words, voice_of


def voucher_workbook(
    engagement: Engagement,
    statement: Statement,
    period: Period,
    lines: Sequence[StatementLine],
    funds: Sequence[StatementFund],
    entries: Sequence[LedgerEntry],
    bank: BankComparison | None,
    *,
    on: date,
) -> Pack:
    """Every figure of a statement with its vouchers; meant for a workbook, one sheet a line.

    Args:
        engagement: the engagement.
        statement: the statement.
        period: its days.
        lines: its lines.
        funds: its funds.
        entries: every voucher of the period.
        bank: the bank beside the books, if a bank statement was taken in.
        on: the day of issue.
    """
    voice, model = voice_of(engagement), engagement.fee_model
    behind: dict[tuple[str, str], list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        behind[entry.kind, line_item(entry.cost_item, entry.owed_on, period)].append(entry)
    figures = [
        *((line.kind, line.cost_item, line.actual) for line in lines),
        *(("income", fund.fund, fund.received) for fund in funds if fund.fund != Fund.SERVICE),
        *(("expense", fund.fund, fund.paid) for fund in funds if fund.fund != Fund.SERVICE),
    ]
    sheets = [
        (_headed(item_name(item, model, voice), kind, voice), figure, behind[kind, item])
        for kind, item, figure in figures
        if behind[kind, item] or figure
    ]
    overview = Table(
        voice(
            f"Figures of the statement and their vouchers ({voice.currency})",
            f"报表数字与凭证（{voice.money_unit}）",
        ),
        (
            Column(voice("Figure", "项目"), width=3),
            Column(voice("In the statement", "报表金额"), "right"),
            Column(voice("Vouchers", "凭证笔数"), "right"),
            Column(voice("Their sum", "凭证合计"), "right"),
            Column(voice("Difference", "差额"), "right"),
        ),
        tuple(
            (
                name,
                voice.cell(figure),
                str(len(mine)),
                voice.cell(_sum(mine)),
                voice.cell(figure - _sum(mine)),
            )
            for name, figure, mine in sheets
        ),
    )
    return pack_of(
        engagement,
        title=voice("Vouchers behind the accounts", "财务报告凭证明细"),
        subtitle=voice("Each figure on a sheet of its own", "每项数字一张明细表"),
        period=period_words(statement.period, voice.language)
        + (
            voice(f" (version {statement.version})", f"（第{statement.version}版）")
            if statement.version > 1
            else ""
        ),
        on=on,
        sections=(
            Section(voice("Figures", "数字总览"), tables=(overview, control_table(statement, voice))),
            *(
                Section(name, tables=(entries_table(mine, name, model, voice, total=_sum(mine)),))
                for name, _figure, mine in sheets
            ),
            bank_section(bank, voice),
        ),
    )


def _headed(name: str, kind: str, voice: Voice) -> str:
    way = voice("In", "收") if kind == "income" else voice("Out", "支")
    return f"{way} {name}"


def _sum(entries: Sequence[LedgerEntry]) -> Decimal:
    return sum((entry.amount for entry in entries), NOTHING)
