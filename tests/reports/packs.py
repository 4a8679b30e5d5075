"""Which packs do the report tests render?"""

from datetime import date
from decimal import Decimal

from reports.pack import Bar, BarChart, Column, Pack, Section, Table


def rich_pack(rows: int = 40) -> Pack:
    """A Chinese monthly review with every kind of content, over several pages."""
    chart = BarChart(
        "本月关键指标与方案目标",
        "%",
        (
            Bar("报修按时响应率", Decimal("97.4"), Decimal("95"), "met"),
            Bar("计划性维护完成率", Decimal("88.0"), Decimal("98"), "missed"),
            Bar("消防设施巡检完好率（含地下车库与设备层）", Decimal("100"), Decimal("100"), "met"),
            Bar("业主满意度", None, Decimal("85"), "no_data"),
            Bar("绿化成活率", Decimal("96.5"), None, "met"),
        ),
    )
    costs = BarChart(
        "预算差异",
        "元",
        (
            Bar("人工", Decimal("-12500.00"), Decimal("0"), "met"),
            Bar("能耗", Decimal("8300.50"), Decimal("0"), "missed"),
        ),
    )
    orders = Table(
        "工单明细",
        (
            Column("工单号", width=1.3),
            Column("位置", width=1.2),
            Column("内容", width=3.2),
            Column("完成日", "center", 1.1),
            Column("工时", "right", 0.7),
            Column("费用（元）", "right", 1.1),
        ),
        tuple(
            (
                f"WO-2026-{n:04d}",
                f"{n % 9 + 1:02d}{n % 4 + 1:02d}",
                "更换水泵房2号泵机械密封，试运行 30 min 无渗漏"
                if n % 3
                else "电梯月度维保：曳引机、制动器、门系统检查",
                f"2026-06-{n % 28 + 1:02d}",
                f"{n % 5 + 1}.5",
                f"{1234.5 + n:,.2f}",
            )
            for n in range(1, rows + 1)
        ),
        total=("合计", "", "", "", "140.0", "50,200.00"),
    )
    issues = Table("未结问题", (Column("问题"), Column("责任岗位"), Column("期限")), ())
    text = (
        "本月共处理工单 40 件，按时响应率高于服务方案目标；计划性维护因备件到货延迟低于目标，"
        "已与供应商约定缓冲库存，并在下月例会上复核。"
    )
    return Pack(
        title="月度服务评审报告",
        subtitle="对照服务方案第 3 版与合同约定的指标",
        engagement_code="ENG-2026-01",
        property_name="滨河花园二期",
        client="滨河花园业主委员会",
        custodian="安居托管服务有限公司",
        period_label="2026年6月",
        issued_on=date(2026, 7, 3),
        sections=(
            Section("总体结论", (text, "第二段：风险集中在给排水系统。"), bars=(chart,)),
            Section("财务", (text,), bars=(costs,)),
            Section("工单与维护", (text,), tables=(orders,)),
            Section("问题与改进", (), tables=(issues,)),
            Section("下期安排", (text, text)),
        ),
        language="zh",
        footer_note="本报告数据可追溯至工单、方案承诺与签署记录。",
    )


def english_pack(title: str = "Quarterly service review", cell: str = "Replaced seal of pump 2") -> Pack:
    """A short English pack, open for one strange title and one strange cell."""
    return Pack(
        title=title,
        subtitle="Against version 3 of the service plan",
        engagement_code="ENG-2026-02",
        property_name="Harbour Point Tower",
        client="Harbour Point Owners Ltd",
        custodian="Anju Custody Services",
        period_label="2026 Q2",
        issued_on=date(2026, 7, 3),
        sections=(
            Section(
                "Findings",
                (f"One remark: {cell}",),
                tables=(
                    Table(
                        "Work orders",
                        (Column("Code"), Column("Work", width=3), Column("Cost", "right")),
                        (("0101", cell, "1,234.50"), ("13800001111", "Cleaned the roof drains", "98.5%")),
                    ),
                ),
                bars=(
                    BarChart(
                        "Key figures",
                        "h",
                        (
                            Bar("Response time", Decimal("1.5"), Decimal("2"), "met"),
                            Bar("Resolution time", None, Decimal("24"), "no_data"),
                        ),
                    ),
                ),
            ),
        ),
        language="en",
    )
