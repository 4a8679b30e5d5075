"""Which words does the engine itself put around a pack's content, in Chinese or English?"""

from dataclasses import dataclass
from decimal import Decimal

from reports.pack import Bar, BarState, Language


@dataclass(frozen=True, slots=True)
class Words:
    """The engine's own words in one language. ``{...}`` places are filled by the engine."""

    contents: str
    page_of: str
    prepared_on: str
    engagement: str
    property_name: str
    client: str
    custodian: str
    period: str
    indicator: str
    value: str
    target: str
    state: str
    met: str
    missed: str
    undetermined: str
    no_data: str
    no_target: str
    no_rows: str
    missing_glyphs: str
    cut_text: str
    cover_sheet: str
    sheet: str
    dear: str
    dear_reader: str
    notice_for: str


_ZH = Words(
    contents="目录",
    page_of="第 {page} 页 / 共 {pages} 页",
    prepared_on="编制日期",
    engagement="托管项目编号",
    property_name="物业",
    client="委托方",
    custodian="托管方",
    period="报告期",
    indicator="指标",
    value="实际",
    target="目标",
    state="结论",
    met="达标",
    missed="未达标",
    undetermined="无法判定",
    no_data="无数据",
    no_target="未设目标",
    no_rows="本期无记录",
    missing_glyphs="注：符号 □ 表示原文中字库未收录的字符，原文以系统记录为准。",
    cut_text="……（内容过长，此处截断）",
    cover_sheet="封面",
    sheet="工作表",
    dear="{name}，您好：",
    dear_reader="您好：",
    notice_for="本邮件由物业托管系统自动发送。",
)

_EN = Words(
    contents="Contents",
    page_of="Page {page} of {pages}",
    prepared_on="Prepared on",
    engagement="Engagement",
    property_name="Property",
    client="Client",
    custodian="Custodian",
    period="Period",
    indicator="Indicator",
    value="Actual",
    target="Target",
    state="Result",
    met="met",
    missed="missed",
    undetermined="undetermined",
    no_data="no data",
    no_target="no target",
    no_rows="No entries in this period",
    missing_glyphs="Note: □ stands for a character that the fonts of this document lack; see the record.",
    cut_text="… (too long, cut here)",
    cover_sheet="Cover",
    sheet="Sheet",
    dear="Dear {name},",
    dear_reader="Good day,",
    notice_for="Sent automatically by the property custody service.",
)


def words_for(language: Language) -> Words:
    """Return the engine's own words in a language."""
    return _ZH if language == "zh" else _EN


def state_word(state: BarState, language: Language, met: str = "", missed: str = "") -> str:
    """Return the verdict on a figure in words, so that colour is never the only sign of it.

    Args:
        state: the verdict.
        language: of the words.
        met: the chart's own word for a target that was kept; the usual one if empty.
        missed: the same for one that was not.
    """
    words = words_for(language)
    return {
        "met": met or words.met,
        "missed": missed or words.missed,
        "undetermined": words.undetermined,
        "no_data": words.no_data,
    }[state]


def figure_text(figure: Decimal | None, unit: str, language: Language) -> str:
    """Write a figure with its unit, or "no data" in words.

    The digits are the builder's: nothing is rounded here. Thousands are grouped by commas in both languages.
    """
    if figure is None:
        return words_for(language).no_data
    joint = "" if unit in ("", "%", "‰") or language == "zh" else " "
    return f"{figure:,f}{joint}{unit}"


def target_text(bar: Bar, unit: str, language: Language) -> str:
    """Write the target of a bar with its unit, or "no target" in words."""
    if bar.target is None:
        return words_for(language).no_target
    return figure_text(bar.target, unit, language)
