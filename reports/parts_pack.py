"""Which wear parts are to be replaced before they fail, and what does the client allow? (B2)"""

from collections.abc import Mapping, Sequence
from datetime import date

from models.engagement import Engagement
from models.work import PartForecast
from reports.pack import Column, Pack, Section, Table
from reports.sections import pack_of
from reports.words import voice_of


def parts_pack(
    engagement: Engagement,
    period: str,
    parts: Sequence[PartForecast],
    on_the_shelf: Mapping[str, str],
    on: date,
) -> Pack:
    """The parts that are reported ahead together, for the client's decision.

    Args:
        engagement: whose property it is.
        period: the month in which they are reported.
        parts: their forecasts.
        on_the_shelf: what the stock says about a part, by its code; nothing where it is not kept.
        on: the day of the report.
    """
    voice = voice_of(engagement)
    return pack_of(
        engagement,
        title=voice("Wear parts to be replaced", "易损部件更换申请"),
        subtitle=voice("Reported ahead, for the client's decision", "提前报备，请委托方审批"),
        period=period,
        on=on,
        sections=(
            Section(
                voice("Parts", "部件清单"),
                (
                    voice(
                        "The parts below reach the end of their life. If accepted, the work is ordered so that each "
                        "is replaced before its day. If rejected, none of this list is replaced; please say why.",
                        "下列部件将到使用期限。同意后安排更换作业，确保在期限前完成；不同意则本清单部件均不更换，请说明理由。",
                    ),
                ),
                tables=(
                    Table(
                        voice("Life limits", "使用期限"),
                        (
                            Column(voice("Asset", "设备编号"), width=1.4),
                            Column(voice("Part", "部件"), width=2),
                            Column(voice("Order by", "最迟订货"), width=1.1),
                            Column(voice("Replace by", "更换期限"), width=1.1),
                            Column(voice("Stock", "库存"), width=1.6),
                        ),
                        tuple(
                            (
                                part.asset_tag,
                                part.title or part.part,
                                part.report_by.isoformat(),
                                part.replace_by.isoformat(),
                                on_the_shelf.get(part.part, ""),
                            )
                            for part in parts
                        ),
                    ),
                ),
            ),
        ),
    )
