"""How does the rehearsal of a plan read on paper, with its peaks and its cash in pictures? (A4)"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from models.engagement import Engagement
from models.rules.catalogue import Engaged
from models.rules.rehearsal import Rehearsal, compare
from models.rules.rehearsal_types import PostMonth, StatutoryDate
from models.rules.rhythm import frequency_words
from reports.pack import Bar, Column, ColumnChart, Pack, Section, Table
from reports.rehearsal_words import FIGURES, KINDS, assumptions, change_name, figure_shown
from reports.sections import pack_of
from reports.words import Voice, voice_of

_TENTH, _WHOLE = Decimal("0.1"), Decimal(1)
_ROWS = 40
"""Longer lists are cut on paper, and the cut is said; the workbook holds the plan's own lists whole."""
_ROWS_OF_A_SCENARIO = 12


def rehearsal_pack(
    engagement: Engagement, version: int, base: Rehearsal, changed: Sequence[Rehearsal], on: date
) -> Pack:
    """The rehearsal as a document.

    Args:
        engagement: whose plan it is; language and parties.
        version: of the plan; 0 where it is not kept.
        base: the plan as it stands.
        changed: the scenarios, in the order they are shown.
        on: the day on the cover.
    """
    voice = voice_of(engagement)
    return pack_of(
        engagement,
        title=voice("Rehearsal of the service plan", "服务方案推演"),
        subtitle=voice(
            f"Version {version} of the plan, the whole term before signing",
            f"方案第{version}版，签约前全合同期推演",
        ),
        period=f"{base.plan.term_start.isoformat()} – {base.plan.term_end.isoformat()}",
        period_name=voice("Term", "推演期限"),
        on=on,
        sections=(
            _short(base, voice),
            _scenarios(base, changed, voice),
            _workload(base, voice),
            *(_scenario_workload(base, run, voice) for run in changed),
            _statutory(base, voice),
            _cash(base, changed, voice),
            Section(voice("What is assumed", "推演假设"), assumptions(base, voice)),
        ),
    )


def titles_of(run: Rehearsal, voice: Voice) -> dict[str, str]:
    """Code to title of the posts and commitments."""
    titles = {c.code: voice(c.title_en, c.title_zh) for c in run.plan.commitments}
    return titles | {post.code: voice(post.title_en, post.title_zh) for post in run.plan.posts}


def scenario_table(
    base: Rehearsal, changed: Sequence[Rehearsal], voice: Voice, *, cents: bool = True
) -> Table:
    """What decides, side by side."""
    rows = tuple(
        (
            voice.word(FIGURES, row.figure),
            figure_shown(row.figure, row.base, cents=cents),
            *(figure_shown(row.figure, value, cents=cents) for value in row.changed),
        )
        for row in compare(base, changed)
    )
    columns = (
        Column(voice("Figure", "指标"), width=2.2),
        Column(voice("As planned", "方案原样"), "right", 1.4),
        *(Column(_letter(number), "right", 1.4) for number in range(len(changed))),
    )
    return Table(voice(f"Money in {base.plan.currency}", f"金额单位：{base.plan.currency}"), columns, rows)


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else str(number + 1)


def scenario_names(changed: Sequence[Rehearsal], voice: Voice) -> tuple[tuple[str, str], ...]:
    """Letter and words of each scenario."""
    return tuple((_letter(number), change_name(run.change, voice)) for number, run in enumerate(changed))


def _short(run: Rehearsal, voice: Voice) -> Section:
    cash = run.cash
    peak = max(
        (e for e in run.workload if e.utilisation is not None), key=lambda e: e.utilisation or 0, default=None
    )
    title = titles_of(run, voice)
    said = [
        voice(
            f"{run.overloaded_months} of {sum(e.available is not None for e in run.workload)} months of a post ask for more hours "
            f"than its heads can work; {run.undone_hours:,.1f} hours are never worked in the term.",
            f"{sum(e.available is not None for e in run.workload)} 个岗位月中有 {run.overloaded_months} 个超负荷；"
            f"合同期内未完成工时 {run.undone_hours:,.1f} 小时。",
        ),
        voice(
            f"Statutory work: {run.statutory_missed} missed, {run.statutory_late} late; {len(run.unlawful)} intervals longer than the "
            f"law allows. Round-the-clock posts: {run.uncovered_hours:,.1f} uncovered hours.",
            f"法定工作：未完成 {run.statutory_missed} 件，逾期 {run.statutory_late} 件；超过法定间隔的周期 {len(run.unlawful)} 项。"
            f"全天候岗位缺岗 {run.uncovered_hours:,.1f} 小时。",
        ),
        voice(
            f"Paid in the term: {voice.money(cash.cost)}; received: {voice.money(cash.received)}; deepest balance "
            f"{voice.money(cash.deepest)}{f' on {voice.day(cash.deepest_on)}' if cash.deepest_on else ''}; balance at the end "
            f"{voice.money(cash.final)}.",
            f"合同期支出 {voice.money(cash.cost)}，收款 {voice.money(cash.received)}；最低余额 {voice.money(cash.deepest)}"
            f"{f'（{voice.day(cash.deepest_on)}）' if cash.deepest_on else ''}；期末余额 {voice.money(cash.final)}。",
        ),
    ]
    if peak is not None and peak.utilisation is not None:
        said.append(
            voice(
                f"The highest load is {_percent(peak.utilisation)} % of the available hours: {title[peak.post]}, {peak.month.label}.",
                f"最高负荷为可用工时的 {_percent(peak.utilisation)}%：{title[peak.post]}，{peak.month.label}。",
            )
        )
    return Section(voice("In short", "摘要"), tuple(said))


def _scenarios(base: Rehearsal, changed: Sequence[Rehearsal], voice: Voice) -> Section | None:
    if not changed:
        return None
    names = tuple(f"{letter}: {words}" for letter, words in scenario_names(changed, voice))
    law = tuple(
        voice(
            f"Unlawful: {entry.code} every {entry.interval_days or '?'} days, the law allows {entry.longest_days}.",
            f"违法：{entry.code} 间隔 {entry.interval_days or '?'} 天，法定最长 {entry.longest_days} 天。",
        )
        for entry in {e: None for run in changed for e in run.unlawful}
    )
    return Section(
        voice("What a change does", "变化的影响"),
        (*names, *law),
        (scenario_table(base, changed, voice, cents=False),),
    )


def _workload(run: Rehearsal, voice: Voice) -> Section:
    return Section(
        voice("Workload against staffing", "工作量与人员配置"),
        (
            voice(
                "Each column is the share of the available hours that a month asks for; the line is 100 %. "
                "Red months ask for more than the heads can work.",
                "柱高为当月所需工时占可用工时的比例，横线为100%；红色月份超出人员可用工时。",
            ),
        ),
        (_overload_table(run, voice),),
        over_time=tuple(
            _load_chart(run, post.code, voice) for post in run.plan.posts if post.engaged == Engaged.EMPLOYED
        ),
    )


def _scenario_workload(base: Rehearsal, run: Rehearsal, voice: Voice) -> Section | None:
    """Only the posts whose months look otherwise than in the plan as it stands."""
    before = {(e.post, e.month): e.utilisation for e in base.workload}
    touched = {e.post for e in run.workload if before[e.post, e.month] != e.utilisation}
    staffed = [p.code for p in run.plan.posts if p.engaged == Engaged.EMPLOYED and p.code in touched]
    if not staffed or (len(run.change.less) + len(run.change.intervals)) == 0:
        return None
    return Section(
        voice("Workload if: ", "推演工作量：") + change_name(run.change, voice),
        (),
        (_overload_table(run, voice, frozenset(staffed)),),
        over_time=tuple(_load_chart(run, code, voice) for code in staffed),
    )


def _load_chart(run: Rehearsal, code: str, voice: Voice) -> ColumnChart:
    entries = [entry for entry in run.workload if entry.post == code]
    post = next(post for post in run.plan.posts if post.code == code)
    bars = tuple(
        Bar(
            entry.month.label[2:],
            None if entry.utilisation is None else _percent(entry.utilisation),
            Decimal(100),
            "no_data" if entry.utilisation is None else "missed" if entry.overloaded else "met",
        )
        for entry in entries
    )
    shares = [bar.value for bar in bars if bar.value is not None]
    over = [entry.month.label for entry in entries if entry.overloaded]
    low, high = min(shares, default=Decimal(0)), max(shares, default=Decimal(0))
    summary = voice(
        f"{low} % to {high} %; {len(over)} overloaded months{': ' + _some(over) if over else ''}.",
        f"{low}% 至 {high}%；超负荷 {len(over)} 个月{'：' + _some(over) if over else ''}。",
    )
    if not shares:
        summary = voice("Nobody is left in this post.", "该岗位已无人员。")
    return ColumnChart(
        voice(
            f"{post.title_en}, heads: {post.heads.normalize():f}",
            f"{post.title_zh}，{post.heads.normalize():f} 人",
        ),
        "%",
        bars,
        summary,
    )


def _some(labels: Sequence[str]) -> str:
    return ", ".join(labels[:6]) + (" …" if len(labels) > 6 else "")


def _overload_table(run: Rehearsal, voice: Voice, posts: frozenset[str] | None = None) -> Table:
    title = titles_of(run, voice)
    over = [e for e in run.workload if e.overloaded and (posts is None or e.post in posts)]
    rows = _ROWS if posts is None else _ROWS_OF_A_SCENARIO
    return Table(
        _cut(voice("Overloaded months", "超负荷月份"), len(over), voice, rows),
        (
            Column(voice("Month", "月份")),
            Column(voice("Post", "岗位"), width=1.4),
            Column(voice("Needed h", "所需工时"), "right"),
            Column(voice("Available h", "可用工时"), "right"),
            Column(voice("Carried on h", "结转工时"), "right"),
            Column(voice("Raised most by", "主要原因"), width=2.6),
        ),
        tuple(overload_row(entry, title, codes=False) for entry in over[:rows]),
    )


def overload_row(entry: PostMonth, title: Mapping[str, str], *, codes: bool = True) -> tuple[str, ...]:
    """A month of a post, in figures and with what lifts it."""
    return (
        entry.month.label,
        title[entry.post],
        f"{entry.needed:,.1f}",
        f"{entry.available or 0:,.1f}",
        f"{entry.carried_out:,.1f}",
        "\n".join(
            f"{title[code]} ({code})" if codes else title[code] for code in dict.fromkeys(entry.causes)
        ),
    )


def _cut(caption: str, count: int, voice: Voice, rows: int = _ROWS) -> str:
    if count <= rows:
        return caption
    return caption + voice(
        f" (the first {_ROWS} of {count}; all in the workbook)",
        f"（前{_ROWS}项，共{count}项，完整内容见工作簿）",
    )


def _statutory(run: Rehearsal, voice: Voice) -> Section:
    title = titles_of(run, voice)
    narrow = sorted(
        run.statutory, key=lambda row: (row.slack_days is None, row.slack_days or 0, row.due_on, row.code)
    )
    shown = sorted(narrow[:_ROWS], key=lambda row: (row.due_on, row.code))
    caption = _cut(voice("Statutory dates with the least slack", "余量最小的法定日期"), len(narrow), voice)
    return Section(
        voice("Statutory dates", "法定日期"),
        (
            voice(
                f"{sum(row.count for row in run.statutory):,} due dates of "
                f"{len({row.code for row in run.statutory})} duties with a legal basis fall in the term. "
                "Slack: how many days later the work may be done and keep the longest interval.",
                f"合同期内共有 {len({row.code for row in run.statutory})} 项法定工作、"
                f"{sum(row.count for row in run.statutory):,} 个到期日。余量：仍满足法定最长间隔的可推迟天数。",
            ),
        ),
        (
            Table(
                caption,
                (
                    Column(voice("Due", "到期"), width=1.3),
                    Column(voice("Duty", "工作"), width=2.6),
                    Column(voice("On", "对象数"), "right", 0.7),
                    Column(voice("Days since", "间隔天数"), "right", 0.9),
                    Column(voice("Longest", "最长间隔"), "right", 0.9),
                    Column(voice("Slack", "余量"), "right", 0.7),
                ),
                tuple(statutory_row(row, title, run, voice) for row in shown),
            ),
        ),
    )


def statutory_row(
    row: StatutoryDate, title: Mapping[str, str], run: Rehearsal, voice: Voice
) -> tuple[str, ...]:
    """A statutory date; a daily or weekly duty says its rhythm instead of its dates."""
    due = row.due_on.isoformat()
    if row.count > 1:
        rule = next(c.rrule for c in run.plan.commitments if c.code == row.code)
        due = f"{frequency_words(rule, voice.language)} ({row.count:,})"
    dash = "–"
    return (
        due,
        f"{row.code} {title[row.code]}",
        f"{row.targets:,}",
        f"{row.gap_days:,}",
        dash if row.longest_days is None else f"{row.longest_days:,}",
        dash if row.slack_days is None else f"{row.slack_days:,}",
    )


def _cash(base: Rehearsal, changed: Sequence[Rehearsal], voice: Voice) -> Section:
    # A head or an interval less moves the balance little: their sums stand in the comparison.
    runs = [base, *(r for r in changed if r.change.inflation or r.change.fee_late_days)]
    return Section(
        voice("Cash flow", "现金流"),
        (),
        (_lines_table(base, voice),),
        over_time=tuple(_balance_chart(run, voice) for run in runs),
    )


def _balance_chart(run: Rehearsal, voice: Voice) -> ColumnChart:
    cash = run.cash
    bars = tuple(
        Bar(
            month.label[2:],
            month.balance.quantize(_WHOLE),
            None,
            "missed" if month.balance < 0 else "met",
        )
        for month in cash.months
    )
    name = "" if run.change.is_nothing else voice(": ", "：") + change_name(run.change, voice)
    on = f" ({cash.deepest_on.isoformat()})" if cash.deepest_on else ""
    return ColumnChart(
        voice("Balance at the end of each month", "各月末余额") + name,
        voice.money_unit,
        bars,
        voice(
            f"Deepest {cash.deepest:,.2f}{on}, at the end {cash.final:,.2f}.",
            f"最低 {cash.deepest:,.2f}{on}，期末 {cash.final:,.2f}。",
        ),
    )


def _lines_table(run: Rehearsal, voice: Voice) -> Table:
    kinds = [kind for kind in KINDS if any(line.kind == kind for line in run.cash.lines)]
    rows = []
    for kind in kinds:
        lines = [line for line in run.cash.lines if line.kind == kind]
        budget = sum((line.budget for line in lines), Decimal("0.00"))
        rehearsed = sum((line.rehearsed for line in lines), Decimal("0.00"))
        rows.append(
            (voice.word(KINDS, kind), f"{budget:,.2f}", f"{rehearsed:,.2f}", f"{rehearsed - budget:,.2f}")
        )
    budget = sum((line.budget for line in run.cash.lines), Decimal("0.00"))
    return Table(
        voice(f"Cost of the term, {run.plan.currency}", f"合同期费用（{run.plan.currency}）"),
        (
            Column(voice("Kind", "类别"), width=1.6),
            Column(voice("By the budget", "按预算"), "right"),
            Column(voice("By the dates of the term", "按日期推演"), "right"),
            Column(voice("Difference", "差异"), "right"),
        ),
        tuple(rows),
        (
            voice("Total", "合计"),
            f"{budget:,.2f}",
            f"{run.cash.cost:,.2f}",
            f"{run.cash.cost - budget:,.2f}",
        ),
    )


def _percent(share: Decimal) -> Decimal:
    return (share * 100).quantize(_TENTH)
