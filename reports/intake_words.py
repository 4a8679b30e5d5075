"""How is each field of the intake record called, in both languages?"""

from decimal import Decimal

from reports.words import FEE_MODELS, LANGUAGES, PROPERTY_TYPES, Vocabulary, Voice

FIELDS: Vocabulary = {
    "code": ("Code, e.g. JC-2027", "项目编号"),
    "property_name": ("Property", "物业名称"),
    "property_type": ("Property type: residential, commercial, office or mixed", "物业类型"),
    "client_name": ("Client (organisation, not a person)", "委托方（单位名称）"),
    "custodian_name": ("Custodian", "托管方"),
    "scope": ("Scope", "托管范围"),
    "service_standard": ("Service standard", "服务标准"),
    "term_start": ("Term begins (YYYY-MM-DD)", "托管期限起"),
    "term_end": ("Term ends (YYYY-MM-DD)", "托管期限止"),
    "fee_model": ("Fee model: lump_sum or cost_plus_fee", "收费模式：包干制或酬金制"),
    "remuneration_share": (
        "Remuneration: share of cost such as 8%, only for cost_plus_fee; empty for the catalogue's",
        "酬金比例：占成本的百分比，如8%，仅酬金制；留空按目录取值",
    ),
    "currency": ("Currency: CNY, USD, GBP or EUR", "币种"),
    "timezone": ("Time zone, e.g. Asia/Shanghai", "时区"),
    "language": ("Language of documents: zh or en", "文件语言"),
    "jurisdiction": ("Country (two letters)", "适用法域"),
    "floor_area": ("Floor area, square metres", "建筑面积（平方米）"),
    "unit_count": ("Units", "户数"),
    "working_calendar.monday": ("Monday", "周一"),
    "working_calendar.tuesday": ("Tuesday", "周二"),
    "working_calendar.wednesday": ("Wednesday", "周三"),
    "working_calendar.thursday": ("Thursday", "周四"),
    "working_calendar.friday": ("Friday", "周五"),
    "working_calendar.saturday": ("Saturday", "周六"),
    "working_calendar.sunday": ("Sunday", "周日"),
    "working_calendar.holidays": ("Holidays", "节假日"),
    "working_calendar.makeup_workdays": ("Make-up workdays", "调休工作日"),
}


def field_label(name: str, voice: Voice) -> str:
    """The field in words, without the hint on how to fill it in; a demand by its reference."""
    if name.startswith("demands."):
        return f"{voice('Demand', '诉求')} {name.partition('.')[2]}"
    label = voice.word(FIELDS, name)
    for sign in (" (", ":", "：", ",", "（"):
        label = label.partition(sign)[0]
    return label


_WORDS = {"property_type": PROPERTY_TYPES, "fee_model": FEE_MODELS, "language": LANGUAGES}


def field_value(name: str, value: str, voice: Voice) -> str:
    """A value of the record as a reader shall see it: codes in words, figures with their unit."""
    if not value:
        return ""
    if name in _WORDS:
        return voice.word(_WORDS[name], value)
    if name == "remuneration_share":
        percent = f"{(Decimal(value) * 100).normalize():f}%"
        return voice(f"{percent} of cost", f"成本的{percent}")
    if name == "floor_area":
        return f"{Decimal(value):,f} m²"
    return value
