"""Which columns has the work sheet that goes into the field, in both languages, and what may stand in them? (B2-B5)"""

from models.rules.field_records import Outcome
from models.rules.handover_sheet import SheetColumn

WORK_COLUMNS = (
    SheetColumn("order", "Order", "工单号", ("order no", "工单"), 8),
    SheetColumn("title", "Work", "作业", ("title",), 34),
    SheetColumn("target", "Where", "对象", ("target", "asset"), 16),
    SheetColumn("due", "Due", "应完成日", ("due on",), 12),
    SheetColumn("latest", "In time until", "按期截止", ("latest on",), 12),
    SheetColumn("result", "Result (done/passed/failed/not possible)", "结果（完成/合格/不合格/无法完成）", ("result", "outcome", "结果"), 18),
    SheetColumn("done", "Done on", "完成日期", ("date", "day"), 13),
    SheetColumn("time", "Time", "时间", (), 8),
    SheetColumn("by", "By (reference)", "执行人（编号）", ("by", "who", "执行人"), 20),
    SheetColumn("reading", "Reading", "读数", (), 16),
    SheetColumn("note", "Note", "备注", ("remark",), 30),
    SheetColumn("hours", "Hours", "工时", (), 8),
    SheetColumn("material", "Material cost", "材料费", (), 10),
    SheetColumn("reason", "Why not possible", "无法完成原因", ("reason",), 24),
    SheetColumn("photos", "Photo files", "照片文件名", ("photos", "photo"), 22),
    SheetColumn("sheet", "Sheet", "表单标识", (), 8),
)  # fmt: skip
CHECK_COLUMNS = (
    SheetColumn("order", "Order", "工单号", (), 8),
    SheetColumn("due", "Due", "应完成日", (), 12),
    SheetColumn("place", "Place", "位置", (), 14),
    SheetColumn("asset", "Asset", "设备编号", ("asset tag",), 16),
    SheetColumn("item", "Item", "检查项", (), 14),
    SheetColumn("look_at", "Look at", "检查内容", (), 34),
    SheetColumn("limits", "Limits", "限值", (), 18),
    SheetColumn("answer", "Passed, failed or reading", "合格、不合格或读数", ("answer", "reading"), 20),
)
"""Of the sheet beside it: what a round looks at, point by point."""
CHECK_REQUIRED = ("order", "asset", "item", "answer")
GIVEN = ("order", "title", "target", "due", "latest", "sheet", "place", "asset", "item", "look_at", "limits")
"""Columns that the product fills in."""
REQUIRED = ("order", "target", "result", "by")
RESULT_WORDS = {
    Outcome.DONE.value: ("done", "完成", "已完成", "√", "✓"),
    Outcome.PASSED.value: ("passed", "合格", "正常", "pass", "ok"),
    Outcome.FAILED.value: ("failed", "不合格", "异常", "fail"),
    Outcome.REJECTED.value: ("not possible", "无法完成", "rejected"),
}
"""Outcome to the words for it; the first is English, the second Chinese."""


def sheet_mark(code: str) -> str:
    """What a work sheet of this engagement carries, so that another building's sheet is not taken in."""
    return f"{code}:work:1"
