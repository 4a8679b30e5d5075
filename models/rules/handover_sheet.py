"""Which columns has a handover sheet, in both languages, and what may stand in them? (A3)"""

from dataclasses import dataclass

from models.rules.file_values import plain_text


@dataclass(frozen=True)
class SheetColumn:
    """One column of a sheet: its key, its heading in both languages, and other headings people use."""

    key: str
    en: str
    zh: str
    also: tuple[str, ...] = ()
    width: int = 14


HANDOVER_COLUMNS = (
    SheetColumn("ref", "Ref", "编号", ("reference", "code", "资料编号"), 24),
    SheetColumn("title", "Paper", "资料名称", ("title", "document", "名称"), 44),
    SheetColumn("group", "Group", "类别", ("kind",), 16),
    SheetColumn("basis", "Basis", "依据", (), 28),
    SheetColumn("received", "Received (yes/partly/waived)", "移交情况（是/部分/免交）", ("received", "移交情况", "是否移交", "state"), 16),
    SheetColumn("originals", "Originals", "原件份数", ("original", "原件"), 10),
    SheetColumn("copies", "Copies", "复印件份数", ("copy", "复印件"), 10),
    SheetColumn("pages", "Pages", "页数", ("page count",), 8),
    SheetColumn("condition", "Condition", "完好情况", ("状况", "完好程度"), 12),
    SheetColumn("received_from", "Handed over by (role or reference)", "移交人（角色或编号）", ("handed over by", "from", "移交人", "移交方"), 20),
    SheetColumn("received_by", "Received by (role or reference)", "接收人（角色或编号）", ("received by", "接收人", "接收方"), 20),
    SheetColumn("date", "Date", "移交日期", ("received on", "日期"), 13),
    SheetColumn("file_name", "File name", "文件名", ("file",), 26),
    SheetColumn("signature_ref", "Signature reference", "签收单号", ("signature", "签收"), 18),
    SheetColumn("note", "Note", "备注", ("remark", "remarks"), 30),
)  # fmt: skip
HISTORY_COLUMNS = (
    SheetColumn("asset_tag", "Asset tag", "资产编号", ("asset", "tag", "asset no", "equipment", "设备编号", "编号", "设备编码", "资产编码")),
    SheetColumn("date", "Date", "日期", ("done on", "completed", "维修日期", "保养日期", "完成日期", "时间")),
    SheetColumn("kind", "Kind", "类型", ("type", "work type", "类别", "维保类型", "作业类型")),
    SheetColumn("text", "Text", "内容", ("what", "description", "work", "details", "维保内容", "维修内容", "作业内容", "说明")),
    SheetColumn("cost", "Cost", "费用", ("cost cny", "cost usd", "cost gbp", "cost eur", "amount", "金额", "费用(元)", "费用（元）")),
    SheetColumn("downtime", "Downtime hours", "停机小时", ("downtime", "downtime h", "停机时间", "停机时长", "停机小时数")),
)  # fmt: skip
STATE_WORDS = {
    "received": ("yes", "y", "received", "是", "已收到", "已移交", "√", "✓"),
    "partial": ("partly", "part", "partial", "部分", "部分收到", "部分移交"),
    "waived": ("waived", "免交", "双方同意免交", "不适用"),
    "missing": ("no", "n", "missing", "否", "未移交", "缺失"),
}
CONDITION_WORDS = {
    "good": ("good", "ok", "完好", "良好", "好"),
    "damaged": ("damaged", "破损", "损坏"),
    "illegible": ("illegible", "unreadable", "字迹不清", "无法辨认", "模糊"),
    "incomplete": ("incomplete", "不完整", "缺页", "残缺"),
}
HANDOVER_ROLES = {
    "client": ("client", "委托方", "业主委员会", "甲方"),
    "custodian": ("custodian", "托管方", "乙方"),
    "developer": ("developer", "建设单位", "开发商"),
    "previous manager": ("previous manager", "原物业", "原物业服务人", "前物业"),
    "contractor": ("contractor", "施工单位", "维保单位"),
    "authority": ("authority", "主管部门", "档案馆"),
}
"""Who hands papers over where it is no recorded person; a name is personal data and stands in the people table only."""
HEADER_ROWS = 20
"""A header is looked for in so many rows: people put a title above their table."""


def word_key(text: str, words: dict[str, tuple[str, ...]]) -> str | None:
    """The key whose words hold the text, in any case; None for a word that is not known."""
    said = plain_text(text).casefold()
    return next((key for key, known in words.items() if said in known), None)


def find_header(
    rows: list[list[str]], columns: tuple[SheetColumn, ...], required: tuple[str, ...]
) -> tuple[int, dict[str, int], tuple[str, ...]] | None:
    """Row (from 0) of the header, column key to place, and the keys that stand there twice; None if there is none.

    The first row that has all required columns is the header.
    """
    names = {
        _heading(name): column.key
        for column in columns
        for name in (column.key, column.en, column.zh, *column.also)
    }
    for number, row in enumerate(rows[:HEADER_ROWS]):
        places: dict[str, int] = {}
        twice = []
        for place, cell in enumerate(row):
            key = names.get(_heading(cell))
            if key is None:
                continue
            if key in places:
                twice.append(key)
            places.setdefault(key, place)
        if all(key in places for key in required):
            return number, places, tuple(twice)
    return None


def _heading(text: str) -> str:
    return plain_text(text).casefold().replace("_", " ").strip(" *:：")
