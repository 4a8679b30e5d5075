"""Which element classes does a building divide into, for survey, maintenance and staffing?"""

from enum import StrEnum


class ElementClass(StrEnum):
    """The classes of clause A2; every asset and every survey finding belongs to exactly one."""

    FABRIC = "fabric"
    WATER_SUPPLY = "water_supply"
    DRAINAGE = "drainage"
    ELECTRICITY_HV = "electricity_hv"
    ELECTRICITY_LV = "electricity_lv"
    FIRE = "fire"
    LIFT = "lift"
    HVAC = "hvac"
    LANDSCAPE = "landscape"
    SECURITY = "security"
    OTHER = "other"


ELEMENT_LABELS: dict[ElementClass, tuple[str, str]] = {
    ElementClass.FABRIC: ("Building fabric", "房屋本体结构"),
    ElementClass.WATER_SUPPLY: ("Water supply", "给水"),
    ElementClass.DRAINAGE: ("Drainage", "排水"),
    ElementClass.ELECTRICITY_HV: ("High-voltage electricity", "强电（高压）"),
    ElementClass.ELECTRICITY_LV: ("Low-voltage electricity", "强弱电（低压）"),
    ElementClass.FIRE: ("Fire protection", "消防"),
    ElementClass.LIFT: ("Lifts", "电梯"),
    ElementClass.HVAC: ("Heating, ventilation, air conditioning", "暖通空调"),
    ElementClass.LANDSCAPE: ("Landscaping", "绿化环境"),
    ElementClass.SECURITY: ("Security systems", "安防系统"),
    ElementClass.OTHER: ("Other", "其他"),
}
"""English and Chinese label of each class."""
