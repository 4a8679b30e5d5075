"""How are a period's indicators shown: as bars, as a table, in a sentence?"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from models.review import IndicatorFigure
from models.rules.indicators import INDICATORS, Indicator, IndicatorCode, Unit
from reports.pack import Bar, BarChart, BarState, Column, Table
from reports.words import NOTHING, STATES, Voice, percent

INDICATOR_BY_CODE: Mapping[str, Indicator] = {str(code): value for code, value in INDICATORS.items()}
_INDICATOR_ORDER = list(INDICATOR_BY_CODE)
_UNITS = {
    Unit.HOURS: ("h", "小时"),
    Unit.WEEKS: ("weeks", "周"),
    Unit.INDEX: ("points", "分"),
    Unit.COUNT: ("", ""),
}


def indicator_name(code: str, voice: Voice) -> str:
    """The label of an indicator, or its code where the registry does not know it."""
    known = INDICATOR_BY_CODE.get(code)
    return code if known is None else voice(known.label_en, known.label_zh)


def indicator_unit(code: str, voice: Voice) -> str:
    """The unit of an indicator as it stands behind its figure; a code not in the registry has none."""
    known = INDICATOR_BY_CODE.get(code)
    if known is None:
        return ""
    if known.unit is Unit.SHARE:
        return "%"
    if known.unit is Unit.MONEY:
        return voice.money_unit
    return voice(*_UNITS[known.unit])


def indicator_number(code: str, value: Decimal, limit: Decimal | None = None) -> Decimal:
    """The digits of an indicator's value as printed: a share in percent, hours, weeks and points to a tenth."""
    known = INDICATOR_BY_CODE.get(code)
    if known is not None and known.unit is Unit.SHARE:
        return percent(value, limit)
    places = Decimal("0.01") if known is None or known.unit is Unit.MONEY else Decimal("0.1")
    return value.quantize(places, ROUND_HALF_EVEN)


def indicator_value(code: str, value: Decimal | None, voice: Voice, limit: Decimal | None = None) -> str:
    """An indicator's value with its unit, or "no data" in words."""
    if value is None:
        return voice.no_data
    unit = indicator_unit(code, voice)
    joint = "" if unit in ("", "%") or voice.language == "zh" else " "
    return f"{indicator_number(code, value, limit):,f}{joint}{unit}"


def figures_in_order(figures: Iterable[IndicatorFigure]) -> list[IndicatorFigure]:
    """Figures in the registry's order, unknown codes last."""
    known = {code: place for place, code in enumerate(_INDICATOR_ORDER)}
    return sorted(figures, key=lambda f: (known.get(f.code, len(known)), f.code, f.period))


def indicator_charts(figures: Iterable[IndicatorFigure], voice: Voice) -> tuple[BarChart, ...]:
    """One chart for each unit, of the figures that have a verdict; what is not assessed is in the table only."""
    by_unit: dict[str, list[Bar]] = {}
    for figure in figures_in_order(figures):
        state: BarState | None = _bar_state(figure)
        if state is None:
            continue
        value = None if figure.value is None else indicator_number(figure.code, figure.value, figure.target)
        target = None if figure.target is None else indicator_number(figure.code, figure.target)
        name = indicator_name(figure.code, voice)
        known = INDICATOR_BY_CODE.get(figure.code)
        if known is not None and not known.higher_is_better:
            name += voice(" (at most)", "（不超过）")
        by_unit.setdefault(indicator_unit(figure.code, voice), []).append(Bar(name, value, target, state))
    return tuple(
        BarChart(
            voice("Indicators against their targets", "各项指标与目标对照")
            + (f" ({unit})" if unit and voice.language == "en" else f"（{unit}）" if unit else ""),
            unit,
            tuple(bars),
        )
        for unit, bars in by_unit.items()
    )


def indicator_table(figures: Iterable[IndicatorFigure], voice: Voice) -> Table:
    """Every indicator with what it was reckoned from, its target and its verdict."""
    rows = []
    for figure in figures_in_order(figures):
        known = INDICATOR_BY_CODE.get(figure.code)
        sign = "≥ " if known is None or known.higher_is_better else "≤ "
        counted = (
            NOTHING
            if figure.numerator is None or figure.denominator is None
            else f"{_plain(figure.numerator)} / {_plain(figure.denominator)}"
        )
        value = indicator_value(figure.code, figure.value, voice, figure.target)
        if figure.value is None and figure.code == IndicatorCode.MTBF and figure.numerator:
            # Without a failure there is no mean; the hours that were watched stand beside it.
            value = voice("no failure", "未发生故障")
        rows.append(
            (
                indicator_name(figure.code, voice),
                counted,
                value,
                NOTHING
                if figure.target is None
                else sign + indicator_value(figure.code, figure.target, voice),
                voice.word(STATES, figure.state),
            )
        )
    return Table(
        voice("Indicators and what they were reckoned from", "指标明细及计算依据"),
        (
            Column(voice("Indicator", "指标"), width=2.6),
            Column(voice("Counted", "计算依据"), "right", 1.6),
            Column(voice("Actual", "实际"), "right", 1.1),
            Column(voice("Target", "目标"), "right", 1.1),
            Column(voice("Result", "结论"), width=1.2),
        ),
        tuple(rows),
    )


def verdict_sentence(figures: Sequence[IndicatorFigure], voice: Voice) -> str:
    """How many indicators met their target, in one sentence."""
    states = [figure.state for figure in figures if figure.target is not None]
    met, missed, unsure, unknown = (
        states.count(state) for state in ("met", "missed", "undetermined", "no_data")
    )
    if not states:
        return voice("No indicator was reckoned for this period.", "本期未计算任何指标。")
    total = met + missed + unsure + unknown
    return voice(
        f"Of {total} indicators with a target, {met} met it and {missed} missed it"
        + (
            f"; {unsure} lies too near to it to say"
            if unsure == 1
            else f"; {unsure} lie too near to it to say"
            if unsure
            else ""
        )
        + (f"; for {unknown} there is no data." if unknown else "."),
        f"纳入考核的{total}项指标中，{met}项达标，{missed}项未达标"
        + (f"，{unsure}项因抽样误差无法判定" if unsure else "")
        + (f"，{unknown}项无数据。" if unknown else "。"),
    )


def missed_names(figures: Iterable[IndicatorFigure], voice: Voice) -> list[str]:
    """The names of the indicators that missed their target, each with actual value and target."""
    return [
        voice(
            f"{indicator_name(f.code, voice)} ({indicator_value(f.code, f.value, voice, f.target)}, "
            f"target {indicator_value(f.code, f.target, voice)})",
            f"{indicator_name(f.code, voice)}（{indicator_value(f.code, f.value, voice, f.target)}，"
            f"目标{indicator_value(f.code, f.target, voice)}）",
        )
        for f in figures_in_order(figures)
        if f.state == "missed"
    ]


def _bar_state(figure: IndicatorFigure) -> BarState | None:
    """The verdict a bar can show; None where there is none, or where it stands without a value."""
    if figure.state == "no_data":
        return "no_data" if figure.value is None else None
    if figure.value is None:
        return None
    states: Mapping[str, BarState] = {"met": "met", "missed": "missed", "undetermined": "undetermined"}
    return states.get(figure.state)


def _plain(number: Decimal) -> str:
    """A count or an amount without trailing zeros: "12", "1,234.5"."""
    text = f"{number.quantize(Decimal('0.01'), ROUND_HALF_EVEN):,f}"
    return text.rstrip("0").rstrip(".")
