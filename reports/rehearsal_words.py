"""What are the figures, costs and assumptions of a rehearsal called, in both languages? (A4)"""

from decimal import Decimal

from models.rules.plan_types import FeeModel
from models.rules.rehearsal import Change, Rehearsal
from models.rules.rehearsal_changes import duty_of
from models.rules.rhythm import frequency_words
from reports.words import COST_ITEMS, POSTS, SUBJECTS, Vocabulary, Voice

FIGURES: Vocabulary = {
    "overloaded_months": ("Overloaded months (post x month)", "超负荷月份（岗位×月）"),
    "excess_hours": ("Hours beyond what heads can work", "超出可用的工时"),
    "overloaded_weeks": ("Overloaded weeks (post x week)", "超负荷周（岗位×周）"),
    "undone_hours": ("Hours never worked", "未完成工时"),
    "uncovered_hours": ("Uncovered hours of 24 h posts", "全天候岗位缺岗小时"),
    "statutory_missed": ("Statutory work missed (pieces)", "法定工作未完成（件）"),
    "statutory_late": ("Statutory work late (pieces)", "法定工作逾期（件）"),
    "unlawful_intervals": ("Intervals longer than the law allows", "超过法定最长间隔的周期"),
    "cost": ("Paid in the term", "合同期支出"),
    "deepest_balance": ("Deepest balance", "最低资金余额"),
    "final_balance": ("Balance at the end", "期末余额"),
}
MONEY_FIGURES = frozenset({"cost", "deepest_balance", "final_balance"})

KINDS: Vocabulary = {
    "staff": ("Staff", "人员"),
    "materials": ("Materials", "材料"),
    "bought": ("Bought services", "外购服务"),
    "overheads": ("Overheads", "其他费用"),
    "contingency": ("Contingency", "预备费"),
    "remuneration": ("Remuneration", "酬金"),
    "tax": ("Tax", "税费"),
}


def line_name(label: str, voice: Voice) -> str:
    """The label of a line of cost, which names a cost item and a subject or post by their codes."""
    item, colon, what = label.partition(": ")
    if not colon:
        return voice.word(KINDS, label)
    known = SUBJECTS if what in SUBJECTS else POSTS
    return f"{voice.word(COST_ITEMS, item)}{voice(': ', '：')}{voice.word(known, what)}"


def change_name(change: Change, voice: Voice) -> str:
    """A scenario in a few words."""
    parts = [
        voice(f"{post} less {heads.normalize():f}", f"{voice.word(POSTS, post)}减 {heads.normalize():f} 人")
        for post, heads in change.less
    ]
    parts += [
        f"{code}{voice(': ', '：')}{frequency_words(rule, voice.language)}"
        for code, rule in {duty_of(c): rule for c, rule in change.intervals}.items()
    ]
    if change.inflation:
        percent = f"{change.inflation.normalize():f}"
        parts.append(voice(f"inflation {percent} % a year", f"年涨价 {percent}%"))
    if change.fee_late_days:
        parts.append(voice(f"fee {change.fee_late_days} days late", f"付款晚 {change.fee_late_days} 天"))
    return voice("; ", "；").join(parts) or voice("the plan as it stands", "方案原样")


def figure_shown(figure: str, value: Decimal, *, cents: bool = True) -> str:
    """A compared figure as a table shows it: money with or without cents, hours with a tenth, counts whole."""
    if figure in MONEY_FIGURES:
        return f"{value:,.2f}" if cents else f"{value:,.0f}"
    return f"{value:,.1f}" if figure.endswith("hours") else f"{value:,.0f}"


def assumptions(run: Rehearsal, voice: Voice) -> tuple[str, ...]:
    """What the rehearsal takes for granted; the reader judges the figures by it."""
    lump = run.plan.budget.fee_model == FeeModel.LUMP_SUM
    return (
        voice(
            "A head works its productive hours of the plan (leave, sickness and training taken off) evenly over 365 days; "
            "public holidays are not known to the plan.",
            "每人按方案中的年有效工时（已扣除休假、病假和培训）均摊到365天；方案未含法定节假日信息。",
        ),
        voice(
            "Work bought by the hour is always available; only its cost is rehearsed.",
            "外购工时视为随时可得，仅推演其费用。",
        ),
        voice(
            "On-demand work comes evenly, as often as the plan expects; emergencies count with what the plan expects of them.",
            "按需工作按方案预计次数均匀发生；突发事件同样按方案预计次数计入。",
        ),
        voice(
            "A short month does first what has a legal basis, then the presence of 24 h posts, then the rest, the oldest first. "
            "Daily and weekly work and presence lapse with their month; everything else waits for a month with free hours.",
            "工时不足时，先做有法定依据的工作，再保证全天候岗位在岗，其余按到期先后。"
            "每日、每周的工作和在岗时间当月未完成即失效，其他工作顺延到有空余工时的月份。",
        ),
        voice(
            "The slack of a duty's first date counts from the start of the term: when it was last done before is not known.",
            "法定工作首次到期的余量自合同期首日起算：此前最近一次完成日期未知。",
        ),
        voice(
            "The costs of a month are paid on its last day, an instalment comes in on its due day; instalments are quarterly in "
            "advance, as the contract is drawn up by default. The balance starts at 0.",
            "当月费用于月末支付，分期款按到期日到账；分期为按季预付（合同默认方式）；期初余额为 0。",
        ),
        voice(
            "Materials and bought work are paid in the month they fall due. Staff, overheads, contingency and tax are spread as the "
            "fee is: a twelfth a month. The contingency is taken as spent.",
            "材料和外购服务在到期当月支付；人员、其他费用、预备费和税费与费用同一口径按月均摊；预备费视为全部使用。",
        ),
        voice(
            "Fewer heads lower the wages alone; overheads per head and the agreed fee stay.",
            "减员只减少工资，人均费用和约定收费不变。",
        ),
        voice(
            "Inflation raises every cost but tax and remuneration month by month; the fee is not adjusted.",
            "涨价按月逐步作用于除税费和酬金外的全部成本，收费不调整。",
        ),
        voice(
            "The budget counts dated work over the first year times the length of the term; the rehearsal counts the dates of the "
            "whole term (a leap day, a duty every five years), so a line may differ. Each line is rounded once over its months: "
            "its months add up to it to the cent.",
            "预算按首年次数乘合同年数计算有日期的工作，推演则逐日计数（如闰日、五年一次的工作），"
            "因此个别项目可能有差异；每项累计后一次取整，各月之和与合计一分不差。",
        ),
        voice(
            "Lump sum: the purse is the custodian's; what is left at the end is the profit.",
            "包干制：资金属托管方，期末余额即利润。",
        )
        if lump
        else voice(
            "Cost plus fee: the purse is the owners'; the remuneration is drawn from it month by month, what is left is theirs.",
            "酬金制：资金属业主，酬金按月提取，期末余额归业主。",
        ),
    )
