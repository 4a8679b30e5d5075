"""How are survey figures shown, so that no small group can be read out of them?"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from models.rules.questionnaire import CODEBOOK
from models.rules.satisfaction import MINIMUM_CELL, ThresholdVerdict, threshold_verdict
from models.rules.survey_cells import hidden_cells
from models.survey import SurveyFigure
from reports.pack import Bar, BarChart, BarState, Column, Table
from reports.words import NOTHING, PROPERTY_TYPES, Voice, percent

_BAR_OF_VERDICT: Mapping[ThresholdVerdict, BarState] = {
    ThresholdVerdict.MET: "met",
    ThresholdVerdict.NOT_MET: "missed",
    ThresholdVerdict.UNDETERMINED: "undetermined",
}
OVERALL_ITEM = CODEBOOK[0].code
"""The codebook opens with the question about the service as a whole."""
ALL = "all"
"""The stratum of a figure over all respondents."""


def item_texts(items: Iterable[Mapping[str, object]], voice: Voice) -> dict[str, str]:
    """The questionnaire's wording by item code; an item without a text is named by its code."""
    key = voice("text_en", "text_zh")
    return {str(item["code"]): str(item.get(key) or item["code"]) for item in items if "code" in item}


def withheld(figures: Sequence[SurveyFigure]) -> frozenset[tuple[str, str]]:
    """The (item, stratum) cells that may not be shown; further groups go with a small one, see `hidden_cells`."""
    hidden = {(f.item_code, f.stratum) for f in figures if f.suppressed or f.share is None}
    for item in {f.item_code for f in figures}:
        counts = {f.stratum: f.n for f in figures if f.item_code == item and f.stratum != ALL}
        small = hidden_cells(counts, total_shown=(item, ALL) not in hidden)
        hidden |= {(item, stratum) for stratum in small}
    return frozenset(hidden)


def survey_table(
    figures: Sequence[SurveyFigure],
    texts: Mapping[str, str],
    voice: Voice,
    previous: Sequence[SurveyFigure] = (),
) -> Table:
    """The share satisfied with each item and group: answers, interval, and the wave before beside it."""
    hidden, hidden_before = withheld(figures), withheld(previous)
    before = {(f.item_code, f.stratum): f for f in previous}
    few = voice(f"not shown (fewer than {MINIMUM_CELL} answers)", f"不予显示（不足{MINIMUM_CELL}份）")
    guard = voice("not shown (protects a small group)", "不予显示（保护小样本）")
    rows = []
    for figure in _in_order(figures, texts):
        cell = (figure.item_code, figure.stratum)
        old = before.get(cell)
        if cell in hidden:
            shown: tuple[str, ...] = (
                NOTHING,
                (few if figure.suppressed else guard) if figure.n else voice.no_data,
                NOTHING,
            )
        else:
            shown = (f"{figure.n:,}", voice.share(figure.share), interval(figure, voice))
        rows.append(
            (
                texts.get(figure.item_code, figure.item_code),
                voice.word(PROPERTY_TYPES, figure.stratum),
                *shown,
                NOTHING if old is None or cell in hidden_before else voice.share(old.share),
            )
        )
    return Table(
        voice("Satisfied answers by item and group", "各题项满意率（按受访群体）"),
        (
            Column(voice("Item", "题项"), width=2.6),
            Column(voice("Group", "群体"), width=1.3),
            Column(voice("Answers", "有效答卷"), "right", 0.9),
            Column(voice("Satisfied", "满意率"), "right", 1.2),
            Column(voice("95% interval", "95%置信区间"), "center", 1.3),
            Column(voice("Wave before", "上次"), "right", 0.9),
        ),
        tuple(rows),
    )


def survey_chart(
    figures: Sequence[SurveyFigure], texts: Mapping[str, str], target: Decimal | None, voice: Voice
) -> tuple[BarChart, ...]:
    """The share satisfied over all respondents by item, against the target where one was agreed.

    Without a target nothing is drawn, for a bar always carries a verdict: that of the interval, as in the table.
    """
    if target is None:
        return ()
    hidden = withheld(figures)
    bars = []
    for figure in _in_order(figures, texts):
        if figure.stratum != ALL:
            continue
        name = texts.get(figure.item_code, figure.item_code)
        if figure.share is None or (figure.item_code, ALL) in hidden:
            bars.append(Bar(name, None, percent(target), "no_data"))
        else:
            bars.append(
                Bar(
                    name,
                    percent(figure.share, target),
                    percent(target),
                    _BAR_OF_VERDICT[threshold_verdict(figure, target)],
                )
            )
    if not bars:
        return ()
    return (
        BarChart(
            voice("Satisfied answers by item, all respondents (%)", "各题项满意率（全部受访者，%）"),
            "%",
            tuple(bars),
        ),
    )


def interval(figure: SurveyFigure, voice: Voice) -> str:
    """The interval of a share as "88.1–94.9%", or "no data" in words."""
    if figure.low is None or figure.high is None:
        return voice.no_data
    return f"{percent(figure.low)}–{percent(figure.high)}%"


def extremes_sentence(figures: Sequence[SurveyFigure], texts: Mapping[str, str], voice: Voice) -> str:
    """Which items respondents are most and least satisfied with; empty where fewer than two are shown."""
    hidden = withheld(figures)
    shown = [
        (f.share, texts.get(f.item_code, f.item_code))
        for f in figures
        if f.stratum == ALL and f.share is not None and (f.item_code, ALL) not in hidden
    ]
    if len(shown) < 2:
        return ""
    (low, worst), (high, best) = min(shown), max(shown)
    if low == high:
        return voice(f"All items lie at {voice.share(low)}.", f"各题项满意率均为{voice.share(low)}。")
    return voice(
        f"Most satisfied with: {best} ({voice.share(high)}); least with: {worst} ({voice.share(low)}).",
        f"满意率最高：{best}（{voice.share(high)}）；最低：{worst}（{voice.share(low)}）。",
    )


def overall_figure(figures: Iterable[SurveyFigure]) -> SurveyFigure | None:
    """The figure of the item that asks about the service as a whole, over all respondents."""
    return next((f for f in figures if f.stratum == ALL and f.item_code == OVERALL_ITEM), None)


def _in_order(figures: Iterable[SurveyFigure], texts: Mapping[str, str]) -> list[SurveyFigure]:
    place = {code: number for number, code in enumerate(texts)}
    return sorted(
        figures, key=lambda f: (place.get(f.item_code, len(place)), f.item_code, f.stratum != ALL, f.stratum)
    )
