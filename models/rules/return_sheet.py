"""What does a row of the counted handover list say: given back, or in dispute? (C4)"""

from models.rules.handover_sheet import SheetColumn

RETURN_COLUMNS = (
    SheetColumn("kind", "Kind", "类别", (), 12),
    SheetColumn("ref", "Ref", "编号", ("reference", "code"), 26),
    SheetColumn("title", "Item", "名称", ("title",), 40),
    SheetColumn(
        "state", "Returned (yes/disputed)", "交还情况（是/争议）", ("returned", "state", "交还情况"), 22
    ),
    SheetColumn("condition", "Condition", "状况", ("完好情况",), 22),
    SheetColumn("remark", "Remark", "备注", ("note", "remarks"), 40),
    SheetColumn(
        "figure",
        "Figure (amount or reading)",
        "数值（金额或读数）",
        ("amount", "reading", "数值", "金额", "读数"),
        22,
    ),
    SheetColumn("unit", "Unit", "单位", (), 10),
)
STATE_WORDS = {
    "yes": "returned",
    "returned": "returned",
    "是": "returned",
    "已交还": "returned",
    "none": "none",
    "无": "none",
    "无此项": "none",
    "disputed": "disputed",
    "dispute": "disputed",
    "no": "disputed",
    "争议": "disputed",
    "有争议": "disputed",
    "否": "disputed",
}
"""What is not given back is in dispute until both sides settle it; "none" says that the property has no such thing."""
