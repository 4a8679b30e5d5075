"""Which rows stand behind each figure of a review, and who promised its target? The workbook beside the pack (C1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from models.engagement import Engagement
from models.review import IndicatorFigure
from models.rules.indicators import INDICATORS, IndicatorCode
from reports.indicator_sections import indicator_name, indicator_value
from reports.pack import Column, Pack, Section, Table
from reports.sections import pack_of
from reports.words import CLAUSES, NOTHING, STATES, Vocabulary, Voice, period_words, voice_of

ROUNDED = Decimal(1)
"""Figures of minutes and hours are kept rounded: a difference below one is none."""
_MIDDLE = (IndicatorCode.DRILL_MEDIAN,)
"""Figures that are the middle of their records and no sum of them."""

KINDS: Vocabulary = {
    "order": ("Work order", "工单"),
    "work_record": ("Work record", "作业记录"),
    "inspection": ("Quality inspection", "质量检查"),
    "round": ("Patrol round", "巡逻班次"),
    "camera_check": ("Camera check", "摄像机检查"),
    "request": ("Service request", "服务请求"),
    "shift_day": ("Post on a day", "岗位当日值守"),
    "staff": ("Person on post", "在岗人员"),
    "drill": ("Drill", "演练"),
    "plan": ("Emergency plan", "应急预案"),
    "statement_line": ("Line of the accounts", "报表科目"),
    "failure": ("Failure", "故障"),
    "machine": ("Machine", "设备"),
    "wave": ("Survey wave", "调查批次"),
    "capacity": ("Base", "基数"),
}
SAID: Vocabulary = {
    "done": ("done in time", "按时完成"),
    "late": ("done, but late", "已完成（逾期）"),
    "missed": ("missed", "漏做"),
    "skipped": ("left out", "未做（已说明）"),
    "released": ("still open", "尚未完成"),
    "passed": ("passed", "合格"),
    "failed": ("failed", "不合格"),
    "unseen": ("nobody looked", "未检查"),
    "kept": ("in time", "按时"),
    "broken": ("not in time", "超时"),
    "settled": ("settled at once", "一次办结"),
    "reopened": ("opened again", "重新打开"),
    "open": ("open", "未结"),
    "received": ("received", "已受理"),
    "counted": ("counted", "计入"),
    "covered": ("manned", "有人值守"),
    "gaps": ("with gaps", "有空岗"),
    "missing": ("not yet", "尚未通过"),
    "held": ("held", "已开展"),
    "overdue": ("overdue", "逾期"),
    "in_time": ("in time", "按期"),
    "over": ("above budget", "超预算"),
    "within": ("within budget", "预算内"),
    "closed": ("closed", "已结束"),
    "planned": ("planned work", "计划工作"),
    "unplanned": ("repair", "维修"),
    "watched": ("hours of all machines", "全部设备运行时数"),
    "restored": ("restored", "已修复"),
    "out_of_order": ("out of order", "故障中"),
    "in_order": ("in good order", "完好"),
    "complete": ("every point in its window", "全部按时到点"),
    "out_of_window": ("points outside the window", "超出时段"),
    "incomplete": ("points left out", "漏点"),
}
FORMULAS_ZH: Mapping[IndicatorCode, str] = {
    IndicatorCode.PM_COMPLIANCE: "窗口期内完成的维护次数 ÷ 本期到期次数；漏做和未做的计入分母",
    IndicatorCode.SCHEDULE_COMPLIANCE: "不晚于计划日完成的计划工单 ÷ 本期计划工单",
    IndicatorCode.STATUTORY_COMPLIANCE: "在法定最迟日前完成的法定检验 ÷ 到期的法定检验",
    IndicatorCode.ROUND_COMPLETION: "窗口期内全部完成的巡检 ÷ 应做巡检",
    IndicatorCode.CLEANING_PASS_RATE: "保洁检查合格数 ÷ 保洁检查数",
    IndicatorCode.CLEANING_FIRST_PASS: "首次检查合格数 ÷ 首次检查数；复查不计",
    IndicatorCode.GREENING_COMPLETION: "窗口期内完成的绿化工作 ÷ 到期的绿化工作；因天气无需进行的不计",
    IndicatorCode.GREENING_FIRST_PASS: "首次检查合格数 ÷ 首次检查数；复查不计",
    IndicatorCode.PATROL_COMPLETION: "全部点位按时到达的巡逻 ÷ 应做巡逻；未设路线时按方案工单计",
    IndicatorCode.POST_COVERAGE: "在岗人分钟 ÷ 应在岗人分钟",
    IndicatorCode.RESPONSE_ON_TIME: "按时响应的请求 ÷ 已到响应时限的请求",
    IndicatorCode.RESOLUTION_ON_TIME: "按承诺时间修复的报修 ÷ 报修数",
    IndicatorCode.COMPLAINT_HANDLING: "按时处理的有效投诉 ÷ 有效投诉",
    IndicatorCode.REOPEN_RATE: "本期首次办结且期末前又重新打开的请求 ÷ 本期首次办结的请求",
    IndicatorCode.FIRST_TIME_FIX: "本期首次办结且期末前未重新打开的报修 ÷ 本期首次办结的报修",
    IndicatorCode.BACKLOG_AGE: "期末未结请求自受理起的小时数之和 ÷ 期末未结请求数",
    IndicatorCode.COMPLAINTS_PER_100: "100 × 本期受理的投诉 ÷ 户数",
    IndicatorCode.TRAINING_COVERAGE: "通过岗位培训的人员 ÷ 在岗人员",
    IndicatorCode.DRILL_SCORE: "演练得分（0–100）之和 ÷ 演练次数",
    IndicatorCode.PLANS_DRILLED: "最近一次演练未超期的预案 ÷ 已演练或已逾期的预案",
    IndicatorCode.DRILL_MEDIAN: "两年内演练得分的中位数",
    IndicatorCode.EMERGENCY_TRAINED: "通过应急预案培训的在岗人员 ÷ 在岗人员",
    IndicatorCode.BUDGET_VARIANCE: "（实际支出 − 预算）÷ 预算；小于0为节余",
    IndicatorCode.SATISFACTION_SHARE: "非常满意和满意的回答 ÷ 有效回答",
    IndicatorCode.RESPONSE_RATE: "完成的问卷 ÷ 应访且非不合格的全部对象",
    IndicatorCode.EQUIPMENT_IN_ORDER: "各设备当日结束时完好的天数之和 ÷ 设备台数 × 天数",
    IndicatorCode.CAMERAS_HEALTHY: "无故障的检查 ÷ 检查数，每台每日一次",
    IndicatorCode.MTBF: "全部设备时数减去故障时数 ÷ 故障次数；相接或同日开始的合为一次",
    IndicatorCode.MTTR: "从发现或报修到修复的小时数 ÷ 已修复故障数",
    IndicatorCode.PLANNED_WORK: "计划工作的记录工时 ÷ 全部记录工时",
    IndicatorCode.BACKLOG_WEEKS: "期末未完成维护的计划工时（维修按平均工时）÷ 维护岗位每周工时",
    IndicatorCode.FEE_COLLECTION: "本期实收 ÷ 本期应收；欠费与预收另列",
}


@dataclass(frozen=True)
class CountedRecord:
    """One record behind a figure; it names nobody."""

    kind: str
    """One of `KINDS`."""
    ref: str
    about: str
    day: str
    said: str
    """What was found: one of `SAID`."""
    part: Decimal
    """What it adds to the numerator, in the indicator's unit of counting."""
    whole: Decimal
    """What it adds to the denominator."""


@dataclass(frozen=True)
class TargetSource:
    """A promise of the plan that names the indicator."""

    plan_version: int
    effective_on: date
    commitment: str
    clause: str
    title_en: str
    title_zh: str
    target: Decimal
    decides: bool
    """It is the strictest: the figure was judged by it."""


@dataclass(frozen=True)
class ContractSource:
    """The signed contract and the clause of it that lists the indicators; ordinal 0 where none does."""

    number: str
    signed_on: date | None
    ordinal: int
    title: str
    amended_on: date | None = None
    """From when the last amendment holds that was in force on the days judged."""


@dataclass(frozen=True)
class Trace:
    """A kept figure with its records and the origin of its target."""

    figure: IndicatorFigure
    first: date
    last: date
    """The days that were judged, both included."""
    rows: tuple[CountedRecord, ...]
    targets: tuple[TargetSource, ...]
    contract: ContractSource | None
    by_month: bool = False
    """Its rows stand in the workbooks of the months: a year of rounds and shifts is no sheet to look through."""

    @property
    def summed(self) -> tuple[Decimal, Decimal]:
        """What the records add up to: numerator and denominator."""
        return sum((r.part for r in self.rows), Decimal(0)), sum((r.whole for r in self.rows), Decimal(0))

    @property
    def is_a_sum(self) -> bool:
        """Whether the figure is a sum of its records, and not the middle one of them."""
        return self.figure.code not in _MIDDLE

    @property
    def agrees(self) -> bool:
        """Whether the records, as they stand now, still come to the figure that was kept."""
        part, whole = self.summed
        kept = self.figure.numerator or Decimal(0), self.figure.denominator or Decimal(0)
        return (
            self.by_month
            or not self.is_a_sum
            or (abs(part - kept[0]) < ROUNDED and abs(whole - kept[1]) < ROUNDED)
        )


def records_pack(engagement: Engagement, *, period: str, traces: Sequence[Trace], on: date) -> Pack:
    """The workbook of a period: every figure with its formula and the origin of its target, then its rows.

    Args:
        engagement: whose it is.
        period: its label.
        traces: of every figure of the period.
        on: the day the review is issued.
    """
    voice = voice_of(engagement)
    return pack_of(
        engagement,
        title=voice("Records behind the indicators", "指标原始记录"),
        subtitle=voice("What each figure was reckoned from, row by row", "各项指标逐条计算依据"),
        period=period_words(period, voice.language),
        on=on,
        sections=(
            Section(
                voice("Figures and targets", "指标与目标来源"),
                (
                    voice(
                        "Each row of the sheets that follow says what it adds to the numerator and to the denominator.",
                        "以下各表逐条列明计入分子与分母的数量。",
                    ),
                ),
                tables=(
                    figures_table([(period, one) for one in traces], voice),
                    targets_table(traces, voice),
                ),
            ),
            *(
                Section(indicator_name(one.figure.code, voice), tables=(_rows_table(one, voice),))
                for one in traces
                if one.rows
            ),
        ),
    )


def term_index_pack(
    engagement: Engagement, *, figures: Sequence[IndicatorFigure], files: Mapping[str, str], on: date
) -> Pack:
    """Where the records of every figure of the dossier lie: figure, formula, and the workbook of its period.

    Args:
        engagement: whose it is.
        figures: those of the dossier.
        files: period to the name of the workbook with its records.
        on: the day of the dossier.
    """
    voice = voice_of(engagement)
    table = Table(
        voice("Figures of the dossier and their workbooks", "联合评估指标及其记录文件"),
        (
            Column(voice("Period", "期间"), width=1),
            Column(voice("Indicator", "指标"), width=2),
            Column(voice("Counted", "计算依据"), "right", 1.2),
            Column(voice("Actual", "实际"), "right"),
            Column(voice("Result", "结论")),
            Column(voice("Formula", "公式"), width=3),
            Column(voice("Workbook with the records", "记录所在文件"), width=2.4),
        ),
        tuple(
            (
                figure.period,
                indicator_name(figure.code, voice),
                _counted(figure),
                indicator_value(figure.code, figure.value, voice, figure.target),
                voice.word(STATES, figure.state),
                _formula(figure, voice),
                files.get(figure.period, NOTHING),
            )
            for figure in sorted(figures, key=lambda f: (f.period, _place(f)))
        ),
    )
    return pack_of(
        engagement,
        title=voice("Records behind the dossier", "联合评估原始记录索引"),
        subtitle=voice("Which workbook holds the rows of which figure", "各项指标的记录文件"),
        period=f"{engagement.term_start.isoformat()} – {engagement.term_end.isoformat()}",
        on=on,
        sections=(Section(voice("Index", "索引"), tables=(table,)),),
    )


def figures_table(traces: Sequence[tuple[str, Trace]], voice: Voice) -> Table:
    """Every figure with formula, days judged, rows, and whether the rows come to it."""
    return Table(
        voice("Figures", "指标"),
        (
            Column(voice("Indicator", "指标"), width=2),
            Column(voice("Formula", "公式"), width=3.2),
            Column(voice("Days judged", "统计期间"), "center", 1.6),
            Column(voice("Counted", "计算依据"), "right", 1.2),
            Column(voice("Actual", "实际"), "right"),
            Column(voice("Target", "目标"), "right"),
            Column(voice("Result", "结论")),
            Column(voice("Rows", "记录数"), "right", 0.8),
            Column(voice("Rows add up", "与记录相符"), width=1.1),
        ),
        tuple(
            (
                indicator_name(one.figure.code, voice),
                _formula(one.figure, voice),
                f"{one.first} – {one.last}",
                _counted(one.figure),
                indicator_value(one.figure.code, one.figure.value, voice, one.figure.target),
                NOTHING
                if one.figure.target is None
                else indicator_value(one.figure.code, one.figure.target, voice),
                voice.word(STATES, one.figure.state),
                NOTHING if one.by_month else f"{len(one.rows):,}",
                agreement(one, voice),
            )
            for _period, one in traces
        ),
    )


def agreement(trace: Trace, voice: Voice) -> str:
    """Whether the rows come to the figure, in a word; a difference with what they come to."""
    if trace.by_month:
        return voice("see the months", "见各月工作簿")
    if not trace.is_a_sum:
        return voice("the middle one", "取中位数")
    if trace.agrees:
        return voice("yes", "是")
    part, whole = trace.summed
    return voice(f"now {number(part)} / {number(whole)}", f"现为 {number(part)} / {number(whole)}")


def targets_table(traces: Sequence[Trace], voice: Voice) -> Table:
    """Which promise of which plan version, and which clause of the contract, each target comes from."""
    rows = []
    for one in traces:
        contract = one.contract
        signed = NOTHING if contract is None else contract_words(contract, voice)
        rows += [
            (
                indicator_name(one.figure.code, voice),
                indicator_value(one.figure.code, source.target, voice),
                voice("decides", "适用") if source.decides else voice("milder", "较宽"),
                voice(f"version {source.plan_version}", f"第{source.plan_version}版"),
                source.effective_on.isoformat(),
                f"{source.clause} {voice.word(CLAUSES, source.clause)}",
                source.commitment,
                voice(source.title_en, source.title_zh),
                signed,
            )
            for source in one.targets
        ]
    return Table(
        voice("Where the targets come from", "目标来源"),
        (
            Column(voice("Indicator", "指标"), width=2),
            Column(voice("Target", "目标"), "right"),
            Column(voice("Holds", "适用性")),
            Column(voice("Plan", "服务方案")),
            Column(voice("In force from", "生效日期"), "center", 1.1),
            Column(voice("Clause", "条款"), width=1.6),
            Column(voice("Commitment", "承诺编号"), width=1.6),
            Column(voice("What was promised", "承诺内容"), width=2.4),
            Column(voice("Contract", "合同"), width=2),
        ),
        tuple(rows),
    )


def contract_words(contract: ContractSource, voice: Voice) -> str:
    """The contract and its clause, in words."""
    clause = (
        voice(f", clause {contract.ordinal} {contract.title}", f"第{contract.ordinal}条{contract.title}")
        if contract.ordinal
        else ""
    )
    amended = (
        voice(f", as amended from {contract.amended_on}", f"（{contract.amended_on}起按补充协议）")
        if contract.amended_on
        else ""
    )
    return f"{contract.number}{clause}{amended}"


def _rows_table(trace: Trace, voice: Voice) -> Table:
    part, whole = trace.summed
    return Table(
        f"{indicator_name(trace.figure.code, voice)}{voice(': ', '：')}{_formula(trace.figure, voice)}",
        (
            Column(voice("Record", "记录"), width=1.2),
            Column(voice("Reference", "编号"), width=1.6),
            Column(voice("About", "对象"), width=2),
            Column(voice("Day", "日期"), "center", 1.2),
            Column(voice("Found", "结果"), width=1.3),
            Column(voice("Numerator", "计入分子"), "right"),
            Column(voice("Denominator", "计入分母"), "right"),
        ),
        tuple(
            (
                voice.word(KINDS, row.kind),
                ""
                if row.kind == "staff"
                else row.ref,  # whoever it is: the reader needs the count, not the person
                row.about,
                row.day,
                voice.word(SAID, row.said),
                number(row.part),
                number(row.whole),
            )
            for row in trace.rows
        ),
        total=(voice("Sum", "合计"), "", "", "", "", number(part), number(whole)) if trace.is_a_sum else None,
    )


def _formula(figure: IndicatorFigure, voice: Voice) -> str:
    if voice.language == "zh" and figure.code in FORMULAS_ZH:
        return FORMULAS_ZH[IndicatorCode(figure.code)]
    return figure.formula


def _counted(figure: IndicatorFigure) -> str:
    if figure.numerator is None or figure.denominator is None:
        return NOTHING
    return f"{number(figure.numerator)} / {number(figure.denominator)}"


def _place(figure: IndicatorFigure) -> int:
    order = [str(code) for code in INDICATORS]
    return order.index(figure.code) if figure.code in order else len(order)


def number(value: Decimal) -> str:
    """A count, hours or an amount without trailing zeros."""
    text = f"{value.quantize(Decimal('0.01'), ROUND_HALF_EVEN):,f}"
    return text.rstrip("0").rstrip(".")
