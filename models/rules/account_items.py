"""To which fund does an item of the ledger belong, and which way may it be booked? (C2)

Money that is not the service's stands in no result. Income from common parts belongs to the owners (Civil Code Art. 282)
and is published apart from service fees (Art. 943); deposits, utilities collected for others and the special maintenance
fund (MoC/MoF Order 165, 2008) are held for those who paid them. The nine cost items: 物业服务收费管理办法
(发改价格[2003]1864) Art. 11. Certainty of all: memory.
"""

from enum import StrEnum


class Fund(StrEnum):
    """A purse of its own: its balance is never mixed with another's."""

    SERVICE = "service"
    COMMON_INCOME = "common_income"
    DEPOSIT = "deposit"
    UTILITIES = "utilities"
    MAINTENANCE_FUND = "maintenance_fund"


NINE_COST_ITEMS = (
    *("staff", "operation", "cleaning", "greening", "order"),
    *("office", "depreciation", "insurance", "other"),
)
OWN_SHARE = "remuneration"
"""What the custodian draws: profit in a lump sum, the agreed remuneration otherwise."""
SPENT = (*NINE_COST_ITEMS, OWN_SHARE, "tax")
FEE, FEE_ARREARS, FEE_ADVANCE = "fee", "fee_arrears", "fee_advance"
EARNED = (FEE, FEE_ARREARS, FEE_ADVANCE, "parking", "other_income")
ALSO_CALLED: dict[str, tuple[str, ...]] = {
    "staff": (
        "人员费用",
        "人工费",
        "人工成本",
        "工资",
        "工资福利",
        "薪酬",
        "payroll",
        "staff costs",
        "wages",
    ),
    "operation": (
        "运行维护费",
        "设施设备维护",
        "设备维护费",
        "维修费",
        "维修保养费",
        "能耗",
        "公共水电费",
        "maintenance",
    ),
    "cleaning": ("清洁费", "清洁卫生费", "保洁费", "保洁"),
    "greening": ("绿化费", "绿化养护费", "绿化", "gardening", "landscaping"),
    "order": ("秩序维护费", "保安费", "安保费", "security"),
    "office": ("办公费", "管理费用", "office costs"),
    "depreciation": ("折旧", "折旧费", "固定资产折旧费"),
    "insurance": ("保险费", "保险", "公众责任险"),
    "other": ("其他费用", "其他支出", "预备费", "contingency", "other costs"),
    "remuneration": ("酬金", "托管酬金", "托管利润", "管理酬金", "利润", "remuneration", "profit"),
    "tax": ("税金", "税金及附加", "增值税", "taxes"),
    "fee": ("物业费", "物业服务费", "托管费", "服务费", "service fee", "custody fees"),
    "fee_arrears": ("以前欠费", "收回欠费", "追缴欠费", "arrears"),
    "fee_advance": ("预收物业费", "预收服务费", "advance"),
    "parking": ("停车费", "停车服务费", "车位管理费", "parking fees"),
    "other_income": ("其他收入", "利息收入", "interest"),
    "common_income": ("公共收益", "公共部位经营收益", "广告收入", "场地租金", "common income"),
    "deposit": ("押金", "保证金", "装修押金", "装修保证金", "deposits"),
    "utilities": ("代收水电费", "代付水电费", "代收代付", "代收代缴", "水电费代收", "utilities collected"),
    "maintenance_fund": ("维修资金", "专项维修资金", "维修基金", "sinking fund", "reserve fund"),
}
"""What accountants write beside the names of the reports."""
_HELD = {fund.value: fund for fund in Fund if fund is not Fund.SERVICE}


def fund_of(item: str) -> Fund:
    """The fund of an item; what names no other fund is service money."""
    return _HELD.get(item, Fund.SERVICE)


FUND_ITEMS = tuple(_HELD)


def way_refused(kind: str, item: str) -> str:
    """Why an item cannot be booked that way; empty where it can.

    Args:
        kind: income or expense.
        item: code of the item.
    """
    if kind == "income" and item in SPENT:
        return f"{item} is spending: what comes back is booked as expense (支出) with a negative amount"
    if kind == "expense" and item in EARNED:
        return f"{item} is income: what is paid back is booked as income (收入) with a negative amount"
    return ""
