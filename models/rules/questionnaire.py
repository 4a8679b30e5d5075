"""What is asked in a satisfaction survey? An append-only codebook: one code, one wording, one scale."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One question on the scale 1 (very dissatisfied) to 5 (very satisfied); may be left out."""

    code: str
    text_en: str
    text_zh: str
    metric_post: str
    """The post that answers for a weak result."""


CODEBOOK: tuple[Item, ...] = (
    Item(
        "OV1",
        "All in all, how satisfied are you with the property service?",
        "总体而言，您对物业服务是否满意？",
        "manager",
    ),
    Item(
        "RE1", "How satisfied are you with the handling of repairs?", "您对报修处理是否满意？", "technician"
    ),
    Item(
        "CL1",
        "How satisfied are you with the cleanliness of the common areas?",
        "您对公共区域清洁是否满意？",
        "cleaner",
    ),
    Item("GR1", "How satisfied are you with the greenery?", "您对绿化养护是否满意？", "gardener"),
    Item(
        "SE1",
        "How safe do you feel on the property, day and night?",
        "您对小区日夜安全是否满意？",
        "gate_guard",
    ),
    Item(
        "IN1",
        "How satisfied are you with what we tell you about the property?",
        "您对信息公开与沟通是否满意？",
        "service_agent",
    ),
)
"""Never change or reuse a code: a new wording is a new item."""

_SHOP_ITEM = Item(
    "BU1",
    "How satisfied are you with opening hours, deliveries and signage?",
    "您对营业时间、装卸与导视是否满意？",
    "manager",
)


ALL_ITEMS = (*CODEBOOK, _SHOP_ITEM)
"""Every item that was ever asked."""


def questionnaire(property_type: str) -> tuple[Item, ...]:
    """The items asked somewhere on a property of this type; a mixed one has them all (D2)."""
    return CODEBOOK if property_type == "residential" else ALL_ITEMS


def asked_of(code: str, stratum: str) -> bool:
    """Whether an item is asked of the users of this type of space: homes have no opening hours (D2)."""
    return not (code == _SHOP_ITEM.code and stratum == "residential")


def item_post(code: str) -> str:
    """The post that answers for an item."""
    return next((item.metric_post for item in ALL_ITEMS if item.code == code), "manager")
