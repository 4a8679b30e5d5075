"""What does each service indicator come to, and is its target met?

An empty denominator is `no_data`: never 0 % (nobody failed) and never 100 % (nobody was served).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from models.rules.satisfaction import ThresholdVerdict, WithInterval, threshold_verdict


class Unit(StrEnum):
    """What the value of an indicator counts."""

    SHARE = "share"
    COUNT = "count"
    HOURS = "hours"
    WEEKS = "weeks"
    MONEY = "money"
    INDEX = "index"


class FigureState(StrEnum):
    """What a figure says about its target."""

    MET = "met"
    MISSED = "missed"
    UNDETERMINED = "undetermined"
    """A share of those who answered a survey whose interval holds the target: neither is shown."""
    NO_DATA = "no_data"
    NOT_APPLICABLE = "not_applicable"
    """The service is not part of the plan, or no target was agreed; a value may still be shown."""


class IndicatorCode(StrEnum):
    """The indicators of a service plan."""

    PM_COMPLIANCE = "pm_compliance"
    SCHEDULE_COMPLIANCE = "schedule_compliance"
    STATUTORY_COMPLIANCE = "statutory_compliance"
    ROUND_COMPLETION = "round_completion"
    CLEANING_PASS_RATE = "cleaning_pass_rate"  # noqa: S105 - a share of passed checks
    CLEANING_FIRST_PASS = "cleaning_first_pass"  # noqa: S105 - a share of inspections
    GREENING_COMPLETION = "greening_completion"
    GREENING_FIRST_PASS = "greening_first_pass"  # noqa: S105 - a share of inspections
    PATROL_COMPLETION = "patrol_completion"
    POST_COVERAGE = "post_coverage"
    RESPONSE_ON_TIME = "response_on_time"
    RESOLUTION_ON_TIME = "resolution_on_time"
    COMPLAINT_HANDLING = "complaint_handling"
    REOPEN_RATE = "reopen_rate"
    FIRST_TIME_FIX = "first_time_fix"
    BACKLOG_AGE = "backlog_age"
    COMPLAINTS_PER_100 = "complaints_per_100"
    TRAINING_COVERAGE = "training_coverage"
    DRILL_SCORE = "drill_score"
    PLANS_DRILLED = "plans_drilled"
    DRILL_MEDIAN = "drill_median"
    EMERGENCY_TRAINED = "emergency_trained"
    BUDGET_VARIANCE = "budget_variance"
    SATISFACTION_SHARE = "satisfaction_share"
    RESPONSE_RATE = "response_rate"
    EQUIPMENT_IN_ORDER = "equipment_in_order"
    CAMERAS_HEALTHY = "cameras_healthy"
    MTBF = "mtbf"
    MTTR = "mttr"
    PLANNED_WORK = "planned_work"
    BACKLOG_WEEKS = "backlog_weeks"
    FEE_COLLECTION = "fee_collection"


@dataclass(frozen=True)
class Indicator:
    """The definition behind a figure."""

    code: IndicatorCode
    label_en: str
    label_zh: str
    formula: str
    source: str
    unit: Unit = Unit.SHARE
    higher_is_better: bool = True


_CN_TABLE = "全国物业管理示范住宅小区标准, table of indicators (recalled, not compared with the text)"
_PLAN = "Definition of this product; the target is the plan's"

_DEFINITIONS = (
    Indicator(
        IndicatorCode.PM_COMPLIANCE,
        "Preventive maintenance compliance",
        "预防性维护完成率",
        "occurrences done within their window / occurrences due in the period; missed and skipped ones stay below",
        "After SMRP 5.4.14 (recalled)",
    ),
    Indicator(
        IndicatorCode.SCHEDULE_COMPLIANCE,
        "Planned work done by its day",
        "计划工作准时率",
        "planned orders done no later than the day they were planned for / orders planned for the period",
        "After SMRP 5.4.4 (recalled)",
    ),
    Indicator(
        IndicatorCode.STATUTORY_COMPLIANCE,
        "Statutory inspections in date",
        "法定检验检测按期率",
        "statutory occurrences done by their legal latest date / statutory occurrences due",
        _PLAN,
    ),
    Indicator(
        IndicatorCode.ROUND_COMPLETION,
        "Inspection rounds completed",
        "巡检完成率",
        "rounds with every checkpoint recorded in their window / rounds due",
        _PLAN,
    ),
    Indicator(
        IndicatorCode.CLEANING_PASS_RATE,
        "Cleaning checks passed",
        "保洁合格率",
        "cleaning checks passed / cleaning checks made",
        _CN_TABLE,
    ),
    Indicator(
        IndicatorCode.CLEANING_FIRST_PASS,
        "Cleaning passed at the first inspection",
        "保洁一次检查合格率",
        "quality inspections of cleaning passed at the first look / first looks; repetitions of a failed one do not count",
        _PLAN,
    ),
    Indicator(
        IndicatorCode.GREENING_COMPLETION,
        "Greening work completed",
        "绿化养护完成率",
        "greening tasks done in their window / greening tasks due; what the weather made needless was not due",
        _PLAN,
    ),
    Indicator(
        IndicatorCode.GREENING_FIRST_PASS,
        "Greening passed at the first inspection",
        "绿化一次检查合格率",
        "quality inspections of greening passed at the first look / first looks; repetitions of a failed one do not count",
        _PLAN,
    ),
    Indicator(
        IndicatorCode.PATROL_COMPLETION,
        "Patrols completed",
        "巡逻完成率",
        "patrol rounds with every point scanned in their window / rounds due; without routes the patrol orders of the plan",
        _PLAN,
    ),
    Indicator(
        IndicatorCode.POST_COVERAGE,
        "Security posts covered",
        "门岗值守覆盖率",
        "person-minutes on post / person-minutes required",
        _PLAN,
    ),
    Indicator(
        IndicatorCode.RESPONSE_ON_TIME,
        "Requests answered on time",
        "响应及时率",
        "requests whose response target was met / requests whose response target was met or breached",
        _PLAN,
    ),
    Indicator(
        IndicatorCode.RESOLUTION_ON_TIME,
        "Repairs done on time",
        "维修及时率",
        "repairs done in the promised time / repairs received",
        _CN_TABLE,
    ),
    Indicator(
        IndicatorCode.COMPLAINT_HANDLING,
        "Complaints handled",
        "投诉处理率",
        "valid complaints handled in time / valid complaints",
        _CN_TABLE,
    ),
    Indicator(
        IndicatorCode.REOPEN_RATE,
        "Requests reopened",
        "返修率",
        "requests settled for the first time in the period and opened again by its end / requests settled so",
        _PLAN,
        higher_is_better=False,
    ),
    Indicator(
        IndicatorCode.FIRST_TIME_FIX,
        "Repairs settled at the first attempt",
        "一次修复率",
        "repairs settled for the first time in the period and not opened again by its end / repairs settled so",
        _PLAN,
    ),
    Indicator(
        IndicatorCode.BACKLOG_AGE,
        "Mean age of open requests",
        "未结报事平均时长",
        "hours since receipt of the requests open at the end of the period / requests open then",
        _PLAN,
        Unit.HOURS,
        higher_is_better=False,
    ),
    Indicator(
        IndicatorCode.COMPLAINTS_PER_100,
        "Complaints per 100 households",
        "百户投诉量",
        "100 x complaints received in the period / households of the engagement (unit count)",
        _PLAN,
        Unit.COUNT,
        higher_is_better=False,
    ),
    Indicator(
        IndicatorCode.TRAINING_COVERAGE,
        "Staff trained",
        "培训合格率",
        "people who passed the training their post needs / people on post",
        _CN_TABLE,
    ),
    Indicator(
        IndicatorCode.DRILL_SCORE,
        "Emergency drill score",
        "应急演练得分",
        "sum of drill scores (0-100) / drills held",
        _PLAN,
        Unit.INDEX,
    ),
    Indicator(
        IndicatorCode.PLANS_DRILLED,
        "Emergency plans drilled in time",
        "预案按期演练率",
        "emergency plans whose last drill is within their interval / plans that were drilled or are overdue",
        _PLAN,
    ),
    Indicator(
        IndicatorCode.DRILL_MEDIAN,
        "Middle drill score of two years",
        "两年演练得分中位数",
        "sum of the one or two middle scores (0-100) of the drills of two years / how many those are",
        _PLAN,
        Unit.INDEX,
    ),
    Indicator(
        IndicatorCode.EMERGENCY_TRAINED,
        "Staff trained in the emergency plans",
        "应急预案培训合格率",
        "people on post who passed the module on emergency plans / people on post",
        _PLAN,
    ),
    Indicator(
        IndicatorCode.BUDGET_VARIANCE,
        "Overspending against budget",
        "预算超支率",
        "(actual - budget) / budget; below 0 is underspending",
        _PLAN,
        higher_is_better=False,
    ),
    Indicator(
        IndicatorCode.SATISFACTION_SHARE,
        "Satisfied respondents",
        "业主满意率",
        "answers very or fairly satisfied / valid answers",
        _CN_TABLE + "; rule of the satisfied share as in satisfaction.py",
    ),
    Indicator(
        IndicatorCode.RESPONSE_RATE,
        "Survey response rate (AAPOR RR2)",
        "问卷回收率（AAPOR RR2）",
        "complete and partial answers / all who were asked and are not known to be ineligible (RR2); a break-off is no answer",
        "AAPOR Standard Definitions, response rate 2",
    ),
    Indicator(
        IndicatorCode.EQUIPMENT_IN_ORDER,
        "Equipment in good order",
        "设备完好率",
        "days at whose end a machine was in good order, over all machines / machines x days; "
        "out of order from a finding or fault until its repair",
        _CN_TABLE + ", weighted by days",
    ),
    Indicator(
        IndicatorCode.CAMERAS_HEALTHY,
        "Cameras healthy",
        "监控摄像机完好率",
        "checks of cameras without a fault / checks made, one for each camera and day",
        _PLAN,
    ),
    Indicator(
        IndicatorCode.MTBF,
        "Mean time between failures",
        "平均故障间隔时间",
        "hours of all machines less those out of order / failures; what touches or begins on one day is one failure",
        "After SMRP 3.5.1 (recalled)",
        Unit.HOURS,
    ),
    Indicator(
        IndicatorCode.MTTR,
        "Mean time to restore",
        "平均修复时间",
        "hours from finding or report to repair / failures restored; where only a day is known, its beginning and end",
        "After SMRP 3.5.2 (recalled)",
        Unit.HOURS,
        higher_is_better=False,
    ),
    Indicator(
        IndicatorCode.PLANNED_WORK,
        "Planned share of the work",
        "计划工作占比",
        "recorded hours of planned work / recorded hours of all work",
        "After SMRP 5.3.1 (recalled)",
    ),
    Indicator(
        IndicatorCode.BACKLOG_WEEKS,
        "Backlog of maintenance",
        "维修保养积压",
        "planned hours of maintenance open at the end of the period, a repair with the mean recorded hours of repairs / "
        "hours a week of the posts with maintenance",
        "After SMRP 5.4.9 (recalled)",
        Unit.WEEKS,
        higher_is_better=False,
    ),
    Indicator(
        IndicatorCode.FEE_COLLECTION,
        "Fees collected",
        "管理费收缴率",
        "received for the period / receivable for the period; arrears and advances apart",
        _CN_TABLE,
    ),
)

INDICATORS: Mapping[IndicatorCode, Indicator] = MappingProxyType({i.code: i for i in _DEFINITIONS})
"""Every indicator by its code."""


@dataclass(frozen=True)
class Figure:
    """One indicator over one window."""

    code: IndicatorCode
    numerator: Decimal
    denominator: Decimal | None
    value: Decimal | None
    """numerator / denominator in the indicator's unit (a share is 0 to 1); None where there is no data."""
    target: Decimal | None
    state: FigureState


def share_figure(
    code: IndicatorCode,
    numerator: Decimal | int,
    denominator: Decimal | int,
    target: Decimal | None = None,
    *,
    applicable: bool = True,
    interval: WithInterval | None = None,
) -> Figure:
    """The share `numerator / denominator`, for every indicator that counts a part of a whole.

    `applicable=False` says that the plan does not contain the service: no verdict is given. Of a share that only
    estimates what all would say, `interval` decides (`threshold_verdict`).

    Raises:
        ValueError: the indicator is no share of a whole, a count is negative, or the part exceeds the whole.
    """
    if INDICATORS[code].unit is not Unit.SHARE or code is IndicatorCode.BUDGET_VARIANCE:
        raise ValueError(f"{code} is not a share of a whole.")
    if not 0 <= numerator <= denominator:
        raise ValueError(f"{code}: {numerator} of {denominator} is not a part of a whole.")
    found = _figure(code, Decimal(numerator), Decimal(denominator), target, applicable=applicable)
    if interval is None or target is None or found.state not in (FigureState.MET, FigureState.MISSED):
        return found
    return replace(found, state=_STATE_OF_VERDICT[threshold_verdict(interval, target)])


_STATE_OF_VERDICT = {
    ThresholdVerdict.MET: FigureState.MET,
    ThresholdVerdict.NOT_MET: FigureState.MISSED,
    ThresholdVerdict.UNDETERMINED: FigureState.UNDETERMINED,
}


def mean_figure(
    code: IndicatorCode,
    total: Decimal | int,
    count: Decimal | int,
    target: Decimal | None = None,
    *,
    applicable: bool = True,
) -> Figure:
    """The mean `total / count` of an indicator in hours, weeks, money or points.

    Raises:
        ValueError: the indicator is a share, or the count is negative.
    """
    if INDICATORS[code].unit is Unit.SHARE:
        raise ValueError(f"{code} is a share: it has no mean.")
    if count < 0:
        raise ValueError(f"{code}: a count of {count} is negative.")
    return _figure(code, Decimal(total), Decimal(count), target, applicable=applicable)


def budget_variance_figure(
    actual: Decimal, budget: Decimal, target: Decimal | None = None, *, applicable: bool = True
) -> Figure:
    """Overspending as a share of the budget, (actual - budget) / budget; the target is the most that is allowed.

    Raises:
        ValueError: the budget is negative.
    """
    if budget < 0:
        raise ValueError(f"A budget of {budget} is negative.")
    return _figure(IndicatorCode.BUDGET_VARIANCE, actual - budget, budget, target, applicable=applicable)


@dataclass(frozen=True)
class FailureInterval:
    """Mean time between failures, or what can be said without one."""

    operating_hours: Decimal
    failures: int
    mean_hours: Decimal | None
    """None without a failure: operating time is then only a part of an interval not yet ended."""
    at_least_hours: Decimal | None
    """Without a failure: the one-sided lower bound T / -ln(1 - confidence); at 95 % that is T / 3.00."""
    confidence: Decimal


def mean_time_between_failures(
    operating_hours: Decimal, failures: int, confidence: Decimal = Decimal("0.95")
) -> FailureInterval:
    """MTBF = operating hours / failures; with none, the bound under a constant failure rate.

    Source: SMRP 3.5.1 as recalled; the bound is P(no failure in T) = exp(-T / MTBF) >= 1 - confidence.

    Raises:
        ValueError: negative hours or failures, or a confidence not between 0 and 1.
    """
    if operating_hours < 0 or failures < 0:
        raise ValueError(f"{operating_hours} operating hours and {failures} failures must not be negative.")
    if not 0 < confidence < 1:
        raise ValueError(f"A confidence of {confidence} is not between 0 and 1.")
    mean = operating_hours / failures if failures else None
    bound = operating_hours / -(1 - confidence).ln() if not failures and operating_hours else None
    return FailureInterval(operating_hours, failures, mean, bound, confidence)


def failure_interval_figure(interval: FailureInterval, target: Decimal | None = None) -> Figure:
    """MTBF as a figure; without a failure the target is met only if the lower bound shows it, else no data."""
    code = IndicatorCode.MTBF
    if interval.failures:
        return _figure(code, interval.operating_hours, Decimal(interval.failures), target, applicable=True)
    state = FigureState.NO_DATA
    if interval.at_least_hours is not None and target is not None and interval.at_least_hours >= target:
        state = FigureState.MET
    return Figure(code, interval.operating_hours, Decimal(0), None, target, state)


def mean_time_to_restore_figure(
    restoration_hours: Decimal, restored: int, target: Decimal | None = None
) -> Figure:
    """MTTR = hours from failure to restoration / failures restored; none restored is no data."""
    return mean_figure(IndicatorCode.MTTR, restoration_hours, restored, target)


def _figure(
    code: IndicatorCode,
    numerator: Decimal,
    denominator: Decimal,
    target: Decimal | None,
    *,
    applicable: bool,
) -> Figure:
    value = numerator / denominator if denominator else None
    if not applicable:
        state = FigureState.NOT_APPLICABLE
    elif value is None:
        state = FigureState.NO_DATA
    elif target is None:
        state = FigureState.NOT_APPLICABLE
    else:
        # Compared before division, so that 1 of 3 against a third is not decided by rounding.
        promised = target * denominator
        better = INDICATORS[code].higher_is_better
        met = numerator >= promised if better else numerator <= promised
        state = FigureState.MET if met else FigureState.MISSED
    return Figure(code, numerator, denominator, value, target, state)
