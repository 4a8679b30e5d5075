"""Which chapters do accounts have beside income and spending? Fee form, funds, arrears, vouchers, bank, changes (C2)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from models.accounts import FormerStatement, LedgerEntry, Statement, StatementFund, StatementLine
from models.rules.accounts_terms import Terms, needs_reason
from models.rules.bank_matching import BankComparison
from models.rules.personal_data import masked
from models.rules.receivables import BUCKETS, Owed, aged
from models.rules.remuneration import FeeResult
from models.rules.statement import NOTHING as ZERO
from models.rules.statement import BookedLine
from reports.pack import Column, Section, Table
from reports.words import COST_ITEMS, FUNDS, NOTHING, Voice, cost_item_name

_SHOWN = 20
"""Rows of a list in the report; the workbook of vouchers has all of them."""


def reasons_table(
    lines: Sequence[StatementLine],
    reasons: Mapping[tuple[str, str], str],
    terms: Terms,
    fee_model: str,
    voice: Voice,
) -> Table | None:
    """The items far from their budget, each with what the custodian says; None where there is none."""
    rows = tuple(
        (
            cost_item_name(line.cost_item, fee_model, voice),
            voice.cell(line.actual - line.budget),
            NOTHING if line.budget <= 0 else voice.share((line.actual - line.budget) / line.budget),
            masked(reasons.get((line.kind, line.cost_item), "")) or voice("no reason given", "未说明原因"),
        )
        for line in sorted(lines, key=lambda line: -abs(line.actual - line.budget))
        if needs_reason(line.kind, line.actual, line.budget, terms)
    )
    if not rows:
        return None
    limit = voice(
        f"more than {voice.share(terms.reason_share)} and {voice.money(terms.reason_amount)} from the budget",
        f"偏离预算超过{voice.share(terms.reason_share)}且超过{voice.money(terms.reason_amount)}",
    )
    return Table(
        voice(f"To be explained: {limit}", f"应说明原因的差异（{limit}）"),
        (
            Column(voice("Item", "项目"), width=1.8),
            Column(voice("Difference", "差异"), "right", 1.1),
            Column(voice("Share", "差异率"), "right", 0.8),
            Column(voice("Reason given by the custodian", "托管方说明的原因"), width=3),
        ),
        rows,
    )


def fee_section(
    result: FeeResult | None,
    so_far: FeeResult | None,
    terms: Terms,
    fee_model: str,
    voice: Voice,
    *,
    in_china: bool,
) -> Section | None:
    """How the fee form leads to the custodian's profit or remuneration, and to what is the owners'.

    The rule that names both forms is cited where it holds.
    """
    if result is None or so_far is None:
        return None
    held = fee_model == "cost_plus_fee"
    rows = _held_rows(result, so_far, voice) if held else _lump_rows(result, so_far, voice)
    if held:
        how = (
            voice(
                f"The custodian draws {voice.share(result.share)} of cost, as agreed.",
                f"按约定，托管方提取成本的{voice.share(result.share)}作为酬金。",
            )
            if result.share is not None
            else voice(
                f"The custodian draws a fixed sum of {voice.money(terms.remuneration_fixed or ZERO)} a year, as agreed.",
                f"按约定，托管方每年提取固定酬金{voice.money(terms.remuneration_fixed or ZERO)}。",
            )
        )
        said = voice.sentences(
            voice(
                "The money is held for those who paid it; what is left over or short is the owners' and carried forward.",
                "预收的服务资金属于交纳人所有，结余或不足由业主享有或承担并结转。",
            ),
            how,
        )
        heading = voice("Remuneration and the owners' balance", "酬金计算与业主结余")
    else:
        said = voice("Profit or loss is the custodian's alone.", "盈余或者亏损均由托管方享有或者承担。")
        heading = voice("Result under the lump sum", "包干制经营结果")
    source = voice(
        "Basis: Measures on Charges for Property Services (NDRC Price [2003] No. 1864), forms of charging.",
        "依据：《物业服务收费管理办法》（发改价格〔2003〕1864号）关于计费方式的规定。",
    )
    table = Table(
        voice(f"Calculation ({voice.currency})", f"计算过程（{voice.money_unit}）"),
        (
            Column(voice("Step", "步骤"), width=3),
            Column(voice("This period", "本期"), "right", 1.3),
            *(() if so_far == result else (Column(voice("Year so far", "本年累计"), "right", 1.3),)),
        ),
        tuple(
            (label, voice.cell(now), *(() if so_far == result else (voice.cell(year),)))
            for label, now, year in rows
        ),
    )
    return Section(heading, (said, source if in_china else ""), tables=(table,))


Row = tuple[str, Decimal, Decimal]


def _common_rows(now: FeeResult, year: FeeResult, voice: Voice) -> list[Row]:
    return [
        (voice("Income", "收入"), now.income, year.income),
        (voice("Cost of service", "减：服务成本"), -now.cost, -year.cost),
        (voice("Tax", "减：税费"), -now.tax, -year.tax),
    ]


def _lump_rows(now: FeeResult, year: FeeResult, voice: Voice) -> list[Row]:
    return [
        *_common_rows(now, year, voice),
        (voice("Custodian's profit (below 0: loss)", "托管方盈余（负数为亏损）"), now.result, year.result),
        (voice("of which booked as profit", "其中：已列支利润"), now.drawn, year.drawn),
    ]


def _held_rows(now: FeeResult, year: FeeResult, voice: Voice) -> list[Row]:
    return [
        *_common_rows(now, year, voice),
        (voice("Before remuneration", "提取酬金前结余"), now.result, year.result),
        (
            voice("Remuneration due", "应提酬金")
            if now.share is None
            else voice(
                f"Remuneration due: {voice.share(now.share)} of cost",
                f"应提酬金：成本×{voice.share(now.share)}",
            ),
            now.due or ZERO,
            year.due or ZERO,
        ),
        (voice("Remuneration drawn", "已提酬金"), now.drawn, year.drawn),
        (
            voice("Drawn too much (below 0: still to be drawn)", "多提酬金（负数为尚未提取）"),
            now.overdrawn,
            year.overdrawn,
        ),
        (
            voice("Owners' surplus (below 0: shortfall)", "归业主的结余（负数为不足）"),
            now.owners,
            year.owners,
        ),
    ]


def funds_section(funds: Sequence[StatementFund], carried: Decimal | None, voice: Voice) -> Section | None:
    """Each fund with its own balance, carried from the statement before to the next."""
    if not funds:
        return None
    service = next((fund for fund in funds if fund.fund == "service"), None)
    said = [
        voice(
            "Money held for others is in no result: deposits, utilities, the maintenance fund and income from common parts "
            "are kept apart, each with its own balance.",
            "代管资金不计入经营结果：押金、代收代付、专项维修资金和公共收益分别核算、各自结存。",
        )
    ]
    if service is not None and carried is not None:
        gap = service.opening - carried
        said.append(
            voice(
                f"The opening balance is the closing balance of the statement before ({voice.money(carried)}).",
                f"期初余额与上期期末余额（{voice.money(carried)}）一致。",
            )
            if not gap
            else voice(
                f"Attention: the statement before closed with {voice.money(carried)}; corrections of earlier periods since "
                f"then make the difference of {voice.money(gap)}.",
                f"注意：上期报表期末余额为{voice.money(carried)}，差额{voice.money(gap)}系此后对以前期间的更正。",
            )
        )
    rows = tuple(
        (
            voice.word(FUNDS, fund.fund),
            *(voice.cell(amount) for amount in (fund.opening, fund.received, fund.paid, fund.closing)),
        )
        for fund in funds
    )
    table = Table(
        voice(f"Balances ({voice.currency})", f"资金余额（{voice.money_unit}）"),
        (
            Column(voice("Fund", "资金"), width=2.2),
            Column(voice("Opening", "期初余额"), "right", 1.3),
            Column(voice("Received", "本期收入"), "right", 1.3),
            Column(voice("Paid", "本期支出"), "right", 1.3),
            Column(voice("Closing, carried forward", "期末余额（结转下期）"), "right", 1.4),
        ),
        rows,
    )
    return Section(voice("Balances, each fund apart", "各项资金余额"), tuple(said), tables=(table,))


def year_section(lines: Sequence[BookedLine], period: str, fee_model: str, voice: Voice) -> Section | None:
    """The year up to the end of a period that is no year itself."""
    if not lines or len(period) == 4:
        return None
    order = {item: place for place, item in enumerate(COST_ITEMS)}
    ordered = sorted(lines, key=lambda line: order.get(line.cost_item, len(order)))
    return Section(
        voice("The year so far", "本年累计"),
        tables=tuple(
            Table(
                caption,
                (
                    Column(voice("Item", "项目"), width=2.8),
                    Column(voice("Actual", "实际"), "right", 1.3),
                    Column(voice("Budget", "预算"), "right", 1.3),
                    Column(voice("Difference", "差异"), "right", 1.3),
                ),
                tuple(
                    (
                        cost_item_name(line.cost_item, fee_model, voice),
                        *_three(line.actual, line.budget, voice),
                    )
                    for line in shown
                ),
                total=(
                    voice("Total", "合计"),
                    *_three(
                        sum((line.actual for line in shown), ZERO),
                        sum((line.budget for line in shown), ZERO),
                        voice,
                    ),
                ),
            )
            for kind, caption in (
                ("income", voice(f"Income ({voice.currency})", f"收入（{voice.money_unit}）")),
                ("expense", voice(f"Spending ({voice.currency})", f"支出（{voice.money_unit}）")),
            )
            if (shown := [line for line in ordered if line.kind == kind])
        ),
    )


def _three(actual: Decimal, budget: Decimal, voice: Voice) -> tuple[str, str, str]:
    return voice.cell(actual), voice.cell(budget), voice.cell(actual - budget)


def receivables_section(owed: Sequence[Owed], on: date | None, voice: Voice) -> Section | None:
    """Fees due and not paid, by age."""
    if on is None:
        return None
    heading = voice("Fees due and not paid", "应收未收服务费")
    if not owed:
        return Section(
            heading,
            (voice(f"None on {voice.day(on)}.", f"截至{voice.day(on)}，无应收未收款项。"),),
        )
    sums = aged(owed, on)
    buckets = tuple(
        Column(
            voice(f"{first} to {last} days", f"{first}至{last}天")
            if last is not None
            else voice(f"over {first - 1} days", f"{first - 1}天以上"),
            "right",
        )
        for first, last in BUCKETS
    )
    return Section(
        heading,
        tables=(
            Table(
                voice(
                    f"By age on {voice.day(on)} ({voice.currency})",
                    f"账龄（截至{voice.day(on)}，{voice.money_unit}）",
                ),
                (*buckets, Column(voice("Total", "合计"), "right")),
                ((*(voice.cell(amount) for amount in sums), voice.cell(sum(sums, ZERO))),),
            ),
            Table(
                voice("Instalments", "各期款项"),
                (
                    Column(voice("Due", "应付日期"), "center"),
                    Column(voice("Days", "逾期天数"), "right"),
                    Column(voice("Amount", "金额"), "right"),
                ),
                tuple(
                    (one.due_on.isoformat(), str((on - one.due_on).days), voice.cell(one.amount))
                    for one in sorted(owed, key=lambda one: one.due_on)
                ),
            ),
        ),
    )


def vouchers_section(
    large: Sequence[LedgerEntry], terms: Terms, fee_model: str, voice: Voice
) -> Section | None:
    """The vouchers of a large amount, one by one."""
    heading = voice("Large vouchers", "大额凭证")
    limit = voice.money(terms.large_amount)
    if not large:
        return None
    ordered = sorted(large, key=lambda entry: (-abs(entry.amount), entry.voucher))
    more = len(ordered) - _SHOWN
    said = voice(
        f"{voice.counted(len(ordered), 'voucher', 'vouchers', '')} of {limit} or more.",
        f"单笔金额达到{limit}的凭证共{len(ordered)}笔。",
    )
    rest = voice(f"The {more} smallest of them are in the workbook.", f"其中较小的{more}笔见凭证明细。")
    return Section(
        heading,
        (voice.sentences(said, rest if more > 0 else ""),),
        tables=(entries_table(ordered[:_SHOWN], voice("Vouchers", "凭证"), fee_model, voice),),
    )


def entries_table(
    entries: Sequence[LedgerEntry],
    caption: str,
    fee_model: str,
    voice: Voice,
    total: Decimal | None = None,
) -> Table:
    """Vouchers one by one, with their sum where it is a figure of the statement."""
    return Table(
        f"{caption} ({voice.currency})" if voice.language == "en" else f"{caption}（{voice.money_unit}）",
        (
            Column(voice("Voucher", "凭证号"), width=1.6),
            Column(voice("Date", "日期"), "center", 1.1),
            Column(voice("Way", "收支"), "center", 0.8),
            Column(voice("Item", "科目"), width=1.8),
            Column(voice("Text", "摘要"), width=2.4),
            Column(voice("Amount", "金额"), "right", 1.2),
        ),
        tuple(
            (
                entry.voucher,
                entry.booked_on.isoformat(),
                voice("in", "收") if entry.kind == "income" else voice("out", "支"),
                item_name(entry.cost_item, fee_model, voice),
                masked(entry.text) + _correction(entry, voice),
                voice.cell(entry.amount),
            )
            for entry in entries
        ),
        total=None if total is None else (voice("Total", "合计"), "", "", "", "", voice.cell(total)),
    )


def _correction(entry: LedgerEntry, voice: Voice) -> str:
    return voice(f" (corrects {entry.corrects})", f"（更正{entry.corrects}）") if entry.corrects else ""


def item_name(code: str, fee_model: str, voice: Voice) -> str:
    """An item of the ledger in words, those of other funds too."""
    return voice.word(FUNDS, code) if code in FUNDS else cost_item_name(code, fee_model, voice)


def bank_section(bank: BankComparison | None, voice: Voice) -> Section:
    """The bank beside the books: what explains the difference, to the cent."""
    heading = voice("Bank reconciliation", "银行对账")
    if bank is None:
        return Section(
            heading,
            (
                voice(
                    "No bank statement of this period was taken in, so the books are not reconciled with the bank.",
                    "本期未导入银行对账单，账面未与银行核对。",
                ),
            ),
        )
    at_bank = sum((line.amount for line, _ in bank.bank_open), ZERO)
    in_books = sum((one.amount for one, _ in bank.books_open), ZERO)
    rest = bank.books_total - in_books + at_bank - bank.bank_total
    rows = (
        (voice("Movement in the books", "账面收支净额"), bank.books_total + bank.no_cash),
        (
            voice("less what never reaches a bank (depreciation)", "减：不涉及资金收付的项目（折旧）"),
            -bank.no_cash,
        ),
        (voice("less vouchers without a movement of the bank", "减：账面已记、银行未达"), -in_books),
        (voice("plus movements of the bank without a voucher", "加：银行已记、账面未记"), at_bank),
        (voice("Movement at the bank", "银行收支净额"), bank.bank_total),
        (voice("Not explained", "未能解释的差额"), rest),
    )
    tables = [
        Table(
            voice(f"Reconciliation ({voice.currency})", f"余额调节（{voice.money_unit}）"),
            (Column(voice("Step", "步骤"), width=3), Column(voice("Amount", "金额"), "right", 1.3)),
            tuple((label, voice.cell(amount)) for label, amount in rows),
        )
    ]
    if bank.bank_open:
        tables.append(
            _open_table(
                voice("Movements of the bank without a voucher", "银行已记、账面未记"),
                [
                    (line.booked_on, line.reference, line.text, line.amount, other)
                    for line, other in bank.bank_open
                ],
                voice,
            )
        )
    if bank.books_open:
        tables.append(
            _open_table(
                voice("Vouchers without a movement of the bank", "账面已记、银行未达"),
                [(one.booked_on, one.voucher, one.text, one.amount, other) for one, other in bank.books_open],
                voice,
            )
        )
    said = voice(
        f"{voice.counted(bank.matched, 'movement', 'movements', '')} of the bank matched; "
        f"{len(bank.bank_open)} without a voucher, {len(bank.books_open)} vouchers without a movement.",
        f"银行流水与凭证相符{bank.matched}笔；银行有而账面无{len(bank.bank_open)}笔，账面有而银行无{len(bank.books_open)}笔。",
    )
    return Section(heading, (said,), tables=tuple(tables))


def _open_table(
    caption: str, rows: Sequence[tuple[date, str, str, Decimal, date | None]], voice: Voice
) -> Table:
    more = len(rows) - _SHOWN
    shown = (
        voice(f", the first {_SHOWN} of {len(rows)}", f"（共{len(rows)}笔，列示前{_SHOWN}笔）")
        if more > 0
        else ""
    )
    return Table(
        caption + shown,
        (
            Column(voice("Date", "日期"), "center", 1),
            Column(voice("Reference", "凭证号、流水号"), width=1.5),
            Column(voice("Text", "摘要"), width=2.2),
            Column(voice("Amount", "金额"), "right", 1.1),
            Column(voice("On the other side", "对方入账日"), width=1.2),
        ),
        tuple(
            (
                day.isoformat(),
                reference,
                masked(text),
                voice.cell(amount),
                other.isoformat() if other else voice("not found", "未找到"),
            )
            for day, reference, text, amount, other in rows[:_SHOWN]
        ),
    )


def changes_section(
    statement: Statement,
    details: tuple[Sequence[StatementLine], Sequence[StatementFund]],
    former: FormerStatement | None,
    corrections: Sequence[LedgerEntry],
    fee_model: str,
    voice: Voice,
) -> Section | None:
    """What a version says otherwise than the one that was sent back, and by which entries."""
    if former is None:
        return None
    lines, funds = details
    before = {(line["kind"], line["cost_item"]): Decimal(line["actual"]) for line in former.lines}
    now = {(line.kind, line.cost_item): line.actual for line in lines}
    if former.funds:  # a version from before there were funds tells nothing of their balances
        before |= {("closing", fund["fund"]): Decimal(fund["closing"]) for fund in former.funds}
        now |= {("closing", fund.fund): fund.closing for fund in funds}
    changed = tuple(
        (
            item_name(item, fee_model, voice)
            + (voice(": closing balance", "期末余额") if kind == "closing" else ""),
            voice.cell(before.get((kind, item), ZERO)),
            voice.cell(now.get((kind, item), ZERO)),
            voice.cell(now.get((kind, item), ZERO) - before.get((kind, item), ZERO)),
        )
        for kind, item in sorted({*before, *now}, key=lambda place: (place[0] == "closing", place))
        if now.get((kind, item), ZERO) != before.get((kind, item), ZERO)
    )
    why = masked(former.returned_because)
    said = voice(
        f"Version {former.version} of {voice.day(former.compiled_on)} was sent back"
        + (f": {why}" if why else ", without a reason."),
        f"{voice.day(former.compiled_on)}编制的第{former.version}版被退回"
        + (f"，原因：{why}" if why else "，未说明原因。"),
    )
    none = voice("No figure has changed.", "各项数字均未变动。")
    return Section(
        voice("What changed since the version before", "与上一版的差异"),
        (said, none if not changed else ""),
        tables=(
            Table(
                voice(f"Changed items ({voice.currency})", f"变动项目（{voice.money_unit}）"),
                (
                    Column(voice("Item", "项目"), width=2.6),
                    Column(voice(f"Version {former.version}", f"第{former.version}版"), "right", 1.3),
                    Column(voice(f"Version {statement.version}", f"第{statement.version}版"), "right", 1.3),
                    Column(voice("Change", "变动"), "right", 1.2),
                ),
                changed,
            ),
            entries_table(
                corrections, voice("Entries that correct this period", "更正凭证"), fee_model, voice
            ),
        )
        if changed or corrections
        else (),
    )


def control_table(statement: Statement, voice: Voice) -> Table:
    """By which figures a later look sees that nothing was changed."""
    return Table(
        voice("Control total over all vouchers of the period", "本期全部凭证控制总数"),
        (
            Column(voice("Vouchers", "凭证笔数"), "right", 0.8),
            Column(voice("Sum, income less expense", "净额（收入减支出）"), "right", 1.2),
            Column("SHA-256", width=4),
        ),
        (
            (
                f"{statement.control_count:,}",
                voice.cell(statement.control_sum),
                statement.control_sha256 or NOTHING,
            ),
        ),
    )
