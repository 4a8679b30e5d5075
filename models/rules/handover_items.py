"""What is given back besides assets, papers and accounts: money held, meters, rooms, keys and tools? (C4)

The list is asked by kind of property and by form of contract; what a property does not have is answered "none".
Sources: 物业管理条例 art. 29, 37-39 (rooms and papers of the management), Civil Code art. 281-282 (maintenance fund and
common income belong to the owners), art. 949 (rooms, facilities, papers and what is needed for them are handed over).
"""

from collections.abc import Set
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from models.rules.elements import ElementClass
from models.rules.file_values import plain_text


@dataclass(frozen=True)
class StandardItem:
    """One line that every handover of such a property asks for."""

    kind: str
    """money, meter or belonging."""
    ref: str
    en: str
    zh: str
    unit: str = ""
    """Of the figure that is stated at the count: a unit, `money` for the engagement's currency, or nothing."""


FIGURED = ("money", "meter")
"""Kinds that are not counted without a figure, unless the property has none of it."""

_HOMES = ("residential", "mixed")
_LETTINGS = ("commercial", "office", "mixed")


def standard_items(
    property_type: str, fee_model: str, present: Set[ElementClass]
) -> tuple[StandardItem, ...]:
    """The lines to ask for at a handover.

    Args:
        property_type: residential, commercial, office or mixed.
        fee_model: lump_sum (包干制) or cost_plus_fee (酬金制): under the second what is left over is the owners'.
        present: the element classes the register has.
    """
    items = [
        StandardItem("money", "deposits", "Deposits held (fitting-out, access cards, keys)", "代收押金（装修、门禁卡、钥匙）", "money"),
        StandardItem("money", "receivables", "Fees owed by owners and users", "业主与使用人欠缴费用", "money"),
        StandardItem("money", "advances", "Fees paid ahead for the time after the handover", "预收的交接日以后费用", "money"),
        StandardItem("money", "common-income", "Common income held (parking, advertising)", "公共收益结余（停车、广告等）", "money"),
        StandardItem("meter", "water", "Main water meter", "供水总表", "m³"),
        StandardItem("meter", "power", "Main electricity meter", "供电总表", "kWh"),
        StandardItem("belonging", "rooms", "Rooms of the management, and what is in them", "物业服务用房及其设施"),
        StandardItem("belonging", "room-keys", "Keys of plant rooms, roofs and gates, counted", "机房、屋面、大门钥匙（点数）"),
        StandardItem("belonging", "tools", "Tools and stock that the owners paid for", "业主出资购置的工具与物料"),
        StandardItem("belonging", "systems", "Administration of access, CCTV and other systems", "门禁、监控等系统管理权限"),
    ]  # fmt: skip
    if property_type in _HOMES:
        items += [
            StandardItem("money", "maintenance-fund", "Maintenance fund: balance of its account", "住宅专项维修资金账面余额", "money"),
            StandardItem("belonging", "committee-room", "Room of the owners' committee", "业主委员会用房"),
        ]  # fmt: skip
    if property_type in _LETTINGS:
        items.append(
            StandardItem("money", "rent-deposits", "Deposits of tenants", "租户履约押金", "money"),
        )
    if fee_model == "cost_plus_fee":
        items.append(
            StandardItem(
                "money",
                "unspent",
                "Fees not spent, which are the owners'",
                "酬金制结余资金（归业主）",
                "money",
            ),
        )
    if ElementClass.HVAC in present:
        items.append(StandardItem("meter", "heat", "Main heat or gas meter", "供热或燃气总表", "kWh or m³"))
    if ElementClass.FIRE in present:
        items.append(StandardItem("belonging", "fire-room", "Fire control room: panel, keys, log", "消防控制室：主机、钥匙、值班记录"))  # fmt: skip
    if ElementClass.LIFT in present:
        items.append(StandardItem("belonging", "lift-keys", "Lift keys and registration plates", "电梯专用钥匙与使用登记标志"))  # fmt: skip
    return tuple(items)


def figure_of(text: str) -> Decimal | None:
    """A stated figure; None where it is no plain number of at most 15 digits."""
    plain = plain_text(text).replace(",", "").replace("，", "").lstrip("¥￥$ ").strip()
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None
    if not value.is_finite() or len(value.as_tuple().digits) > 15 or abs(value) >= Decimal(10) ** 15:
        return None
    exponent = value.as_tuple().exponent
    return value if isinstance(exponent, int) and -6 <= exponent <= 0 else None
