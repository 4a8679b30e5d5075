"""Which columns has the frame of a survey, and what may stand in them? (D2)"""

from models.rules.handover_sheet import SheetColumn

FRAME_COLUMNS = (
    SheetColumn("unit", "Unit", "房号", ("房屋", "room", "lease", "单元房号")),
    SheetColumn("building", "Building", "楼栋", ("楼号", "tower", "block", "phase")),
    SheetColumn("type", "Property type", "物业类型", ("property_type", "业态")),
    SheetColumn("kind", "Contact kind", "联系人类别", ("contact", "contact_kind", "身份")),
    SheetColumn("person", "Person reference", "人员编号", ("ref", "person_ref", "reference")),
    SheetColumn("language", "Language", "语言", ("lang",)),
    SheetColumn("modes", "Modes", "可用方式", ("mode", "reachable by", "联系方式")),
)
FRAME_REQUIRED = ("unit", "building", "type", "kind", "modes")
KIND_WORDS: dict[str, tuple[str, ...]] = {
    "owner": ("owner", "业主", "产权人"),
    "user": ("user", "tenant", "resident", "使用人", "承租人", "租户", "住户"),
    "tenant_contact": (
        "tenant_contact",
        "tenant contact",
        "contract contact",
        "租赁联系人",
        "企业联系人",
        "租户联系人",
    ),
    "employee": ("employee", "staff of tenant", "员工"),
}
TYPE_WORDS: dict[str, tuple[str, ...]] = {
    "residential": ("residential", "home", "住宅"),
    "commercial": ("commercial", "shop", "retail", "商业", "商铺"),
    "office": ("office", "写字楼", "办公"),
}
MODE_WORDS: dict[str, tuple[str, ...]] = {
    "online": ("online", "email", "e-mail", "mail", "线上", "邮件"),
    "telephone": ("telephone", "phone", "电话"),
    "paper": ("paper", "纸质", "书面"),
}
LANGUAGE_WORDS: dict[str, tuple[str, ...]] = {
    "zh": ("zh", "chinese", "中文", "汉语"),
    "en": ("en", "english", "英文", "英语"),
}


def unit_ref(building: str, unit: str, kind: str) -> str:
    """The reference of a contact of whom no person is recorded: the form goes to the unit."""
    return f"unit:{building}/{unit}/{kind}"
