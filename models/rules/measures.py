"""What is usually done when an indicator is missed? A first measure for each, to be adapted by the post."""

from models.rules.catalogue import Label
from models.rules.indicators import IndicatorCode

FIRST_MEASURES: dict[IndicatorCode, Label] = {
    IndicatorCode.PM_COMPLIANCE: Label(
        "make up the missed maintenance and level the team's weekly plan", "补做漏做保养，重新均衡班组周计划"
    ),
    IndicatorCode.STATUTORY_COMPLIANCE: Label(
        "do the overdue statutory checks at once and set a deputy for each",
        "立即补做逾期法定检验，逐项指定替补责任人",
    ),
    IndicatorCode.ROUND_COMPLETION: Label(
        "name a stand-in for every round and check the ledger daily", "为每条巡检路线指定替班，每日核对台账"
    ),
    IndicatorCode.CLEANING_PASS_RATE: Label(
        "re-clean what failed and add an inspection in the zones concerned",
        "返工不合格区域，相关区域增加抽检",
    ),
    IndicatorCode.GREENING_COMPLETION: Label(
        "catch up on plant care and plan around the weather", "补做养护，按天气调整计划"
    ),
    IndicatorCode.PATROL_COMPLETION: Label(
        "check patrol points each shift and brief the guards", "每班核对巡更点并班前交底"
    ),
    IndicatorCode.POST_COVERAGE: Label(
        "hand over on the post itself and keep a reserve guard on call", "交接班须在岗完成，安排机动保安备勤"
    ),
    IndicatorCode.RESPONSE_ON_TIME: Label("add desk cover at peak hours", "高峰时段增加客服值守"),
    IndicatorCode.RESOLUTION_ON_TIME: Label(
        "review open repairs daily and keep the parts that held them up in stock",
        "每日清理未结报修，备足常用配件",
    ),
    IndicatorCode.COMPLAINT_HANDLING: Label(
        "the manager answers each open complaint in person", "项目经理逐件回复未结投诉"
    ),
    IndicatorCode.TRAINING_COVERAGE: Label("hold a make-up course before the next roster", "排班前补训补考"),
    IndicatorCode.DRILL_SCORE: Label("exercise the slow steps again within a month", "一个月内复训超时步骤"),
    IndicatorCode.BUDGET_VARIANCE: Label(
        "approve each further expense of the item singly", "该项后续支出逐笔审批"
    ),
    IndicatorCode.SATISFACTION_SHARE: Label("visit the owners who were not satisfied", "回访不满意业主"),
    IndicatorCode.RESPONSE_RATE: Label(
        "remind by telephone and offer paper forms at the desk", "电话提醒并在前台提供纸质问卷"
    ),
    IndicatorCode.EQUIPMENT_IN_ORDER: Label(
        "repair what is out of order by priority", "按优先级修复故障设备"
    ),
}
"""The custodian's own starting points; an indicator without an entry gets a measure from the post that answers."""


def first_measure(code: IndicatorCode, language: str) -> str:
    """The usual first measure for a missed indicator, in a language."""
    known = FIRST_MEASURES.get(code)
    if known is None:
        known = Label("the post that answers proposes a measure", "由责任岗位提出措施")
    return known.in_language(language)
