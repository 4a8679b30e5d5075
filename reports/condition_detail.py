"""What was looked at, what is repaired first and by whom, how worn is the building, entry beside exit? (A2)"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.diligence import ConditionFinding, ElementCondition
from models.rules.condition import FACILITY_BANDS, RemainingLife, building_condition, facility_condition
from reports.condition_form import PAYERS
from reports.condition_sections import ELEMENTS, backlog_text, elements_in_order, score_text
from reports.pack import Column, Section, Table
from reports.words import NOTHING, Voice

_SOON_YEARS = 3
_MOST_TYPES = 12
_BANDS = {
    "good": ("good", "良好"),
    "fair": ("fair", "一般"),
    "poor": ("poor", "较差"),
    "critical": ("critical", "危急"),
}
PAYER_BASES = {
    "stated": ("stated by the surveyor", "勘查人注明"),
    "warranty_runs": ("warranty still runs", "保修期内"),
    "warranty_unknown": ("warranty not known", "保修情况不明"),
    "arose_in_term": ("arose during the custody", "托管期内发生"),
    "fund_renewal": ("renewal of a shared part", "共用部位更新"),
    "before_term": ("was there before the term", "托管前已存在"),
}


@dataclass(frozen=True)
class CheckedLine:
    """One line of the form: `state` is looked, not_applicable, or empty for not inspected."""

    ref: str
    element_class: str
    tag: str
    item: tuple[str, str]
    state: str
    entry_state: str = ""


@dataclass(frozen=True)
class AssetLife:
    """What is left of an asset's life; None where its age or expected life is not known."""

    type_name: str
    element_class: str
    life: RemainingLife | None


@dataclass(frozen=True)
class SurveyDetail:
    """What a report of one visit shows beyond grades and defects."""

    lines: tuple[CheckedLine, ...]
    inspected: bool
    """Whether a form was taken in for this visit: else nothing is known line by line."""
    entry_inspected: bool
    entry_findings: Mapping[str, ConditionFinding]
    lives: tuple[AssetLife, ...]
    photos: Mapping[str, tuple[str, ...]]


def detail_sections(
    detail: SurveyDetail,
    elements: Sequence[ElementCondition],
    findings: Sequence[ConditionFinding],
    voice: Voice,
) -> tuple[Section, ...]:
    """The sections, those without content left out."""
    sections = [_repairs(detail, findings, voice)] if findings else []
    if detail.inspected:
        sections.append(_coverage(detail, voice))
    sections += [_index(elements, voice), _lives(detail, voice)]
    if detail.entry_findings or detail.entry_inspected:
        sections.append(_comparison(detail, findings, voice))
    return tuple(sections)


def _repairs(detail: SurveyDetail, findings: Sequence[ConditionFinding], voice: Voice) -> Section:
    shown = sorted(findings, key=lambda f: (f.priority or 9, -f.score, f.ref))
    rows = tuple(
        (
            str(f.priority or NOTHING),
            f.ref,
            f.text + "".join(f"\n{name}" for name in detail.photos.get(f.ref, ())),
            voice.word(PAYERS, f.payer or "unknown"),
            voice.word(PAYER_BASES, f.payer_basis) if f.payer_basis else NOTHING,
            voice("not priced", "未估价") if f.repair_cost is None else voice.cell(f.repair_cost),
        )
        for f in shown
    )
    return Section(
        voice("What to repair first, and who pays", "维修优先次序与费用承担"),
        (
            voice(
                "Priority 1 at once, 2 before the service starts, 3 within the year, 4 with the next maintenance. Who pays "
                "is a proposal by rule: warranty periods and the fund's purpose were recalled, not verified; "
                "the sides agree on it. Names of photos stand below the defect.",
                "优先级1立即、2进场前、3一年内、4随下次保养。费用承担为按规则提出的建议，保修期与维修资金用途凭记忆整理、"
                "未经核对，以双方约定为准。缺陷描述下方为照片文件名。",
            ),
        ),
        tables=(
            Table(
                voice("Defects by priority", "缺陷清单（按优先级）"),
                (
                    Column(voice("Priority", "优先级"), "center", 0.8),
                    Column(voice("No.", "编号"), width=1.4),
                    Column(voice("Defect and photos", "缺陷与照片"), width=3),
                    Column(voice("Who pays", "费用承担"), width=1.2),
                    Column(voice("Because", "理由"), width=1.3),
                    Column(voice(f"Cost ({voice.currency})", f"费用（{voice.money_unit}）"), "right", 1.2),
                ),
                rows,
            ),
        ),
    )


def _coverage(detail: SurveyDetail, voice: Voice) -> Section:
    rows = []
    for code in elements_in_order(line.element_class for line in detail.lines):
        own = [line for line in detail.lines if line.element_class == code]
        counts = [sum(line.state == state for line in own) for state in ("looked", "not_applicable", "")]
        rows.append((voice.word(ELEMENTS, code), f"{len(own):,}", *(f"{count:,}" for count in counts)))
    left = sum(not line.state for line in detail.lines)
    return Section(
        voice("What was looked at", "勘查覆盖情况"),
        (
            voice(
                f"{left:,} of {len(detail.lines):,} lines were not inspected; their condition is unknown, not good.",
                f"共{len(detail.lines):,}项，其中{left:,}项未查；未查项状况未知，不视为完好。",
            ),
        ),
        tables=(
            Table(
                voice("Lines of the checklist", "检查表完成情况"),
                (
                    Column(voice("Element", "部位与系统"), width=2),
                    Column(voice("Lines", "项数"), "right"),
                    Column(voice("Looked at", "已查"), "right"),
                    Column(voice("n/a", "不适用"), "right"),
                    Column(voice("Not inspected", "未查"), "right"),
                ),
                tuple(rows),
            ),
        ),
    )


def _index(elements: Sequence[ElementCondition], voice: Voice) -> Section:
    names = sorted({e.facility_bands for e in elements if e.facility_bands})
    unknown = voice("unknown", "未知")
    zh = {FACILITY_BANDS.name: "0-5%良好，5-10%一般，10-30%较差，30%以上危急（二手来源）"}
    rows = []
    for code in elements_in_order(e.element_class for e in elements):
        e = next(e for e in elements if e.element_class == code)
        index = unknown if e.facility_index is None else f"{e.facility_index * 100:.2f}%"
        value = unknown if e.replacement_value is None else voice.cell(e.replacement_value)
        band = voice.word(_BANDS, e.facility_band) if e.facility_band else NOTHING
        rows.append((voice.word(ELEMENTS, code), backlog_text(e, voice), value, index, band))
    return Section(
        voice("Facility condition index", "设施状况指数（FCI）"),
        (
            voice(
                "Cost of deferred repair / replacement value; the higher, the worse. Unknown unless every line of the class "
                "was looked at and every defect and asset has a price.",
                "待修费用÷重置价值，越高越差。仅在该类全部查完且缺陷与设备均有价格时计算，否则为未知。",
            ),
            _whole_building(elements, voice),
            *(
                voice(f"Bands: {name}; not verified.", f"分级：{zh.get(name, name)}；未经核对。")
                for name in names
            ),
        ),
        tables=(
            Table(
                voice("Index by element", "各类指数"),
                (
                    Column(voice("Element", "部位与系统"), width=2),
                    Column(
                        voice(f"Backlog ({voice.currency})", f"待修费用（{voice.money_unit}）"), "right", 1.3
                    ),
                    Column(
                        voice(f"Value ({voice.currency})", f"重置价值（{voice.money_unit}）"), "right", 1.4
                    ),
                    Column(voice("Index", "指数"), "right"),
                    Column(voice("Band", "等级")),
                ),
                tuple(rows),
            ),
        ),
    )


def _whole_building(elements: Sequence[ElementCondition], voice: Voice) -> str:
    """Score and index of all classes together, weighted by what they would cost to replace; unknown is said."""
    priced = [(e, e.replacement_value) for e in elements if e.replacement_value is not None]
    if not priced:
        return voice("The building as a whole: unknown, for no value is known.", "整体：未知（无重置价值）。")
    whole = building_condition((e.score, value) for e, value in priced)
    score = voice("unknown", "未知") if whole.score is None else score_text(whole.score, voice)
    index = voice("unknown", "未知")
    if all(e.facility_index is not None for e, _value in priced):
        backlog = sum((e.backlog_cost or Decimal(0) for e, _value in priced), Decimal(0))
        found = facility_condition(backlog, whole.replacement_value).index
        index = index if found is None else f"{found * 100:.2f}%"
    left = len(elements) - len(priced)
    return voice(
        f"The building as a whole, weighted by replacement value: score {score}, index {index}"
        + (f"; {left} element classes without a value are left out." if left else "."),
        f"整体（按重置价值加权）：评分{score}，指数{index}"
        + (f"；另有{left}类无重置价值，未计入。" if left else "。"),
    )


def _lives(detail: SurveyDetail, voice: Voice) -> Section:
    known = [(a, a.life) for a in detail.lives if a.life is not None]
    unknown = [a for a in detail.lives if a.life is None]
    soon: dict[tuple[int, str], list[AssetLife]] = {}
    for asset, life in known:
        if life.years <= _SOON_YEARS:
            ends = min(life.ends_on, life.expected_until)
            soon.setdefault((ends.year, asset.element_class), []).append(asset)
    outlived = sum(life.outlived for _asset, life in known)
    order = elements_in_order(a.element_class for a in detail.lives)
    groups = [
        (str(year), code, soon[year, code])
        for year, code in sorted(soon, key=lambda group: (group[0], order.index(group[1])))
    ]
    for code in order:
        if own := [a for a in unknown if a.element_class == code]:
            groups.append((voice("unknown", "未知"), code, own))
    return Section(
        voice("Remaining life", "剩余寿命"),
        (
            voice(
                f"Expected life less age, shortened where the condition says so (recalled rule, not verified). Known for "
                f"{len(known):,} of {len(detail.lives):,} assets: {outlived:,} are past their expected life, "
                f"{sum(map(len, soon.values())) - outlived:,} more end within three years. For {len(unknown):,} the age or "
                "the expected life is not in the register: unknown is not zero.",
                f"设计寿命减使用年限，并按现状折减（规则凭记忆整理，未核对）。{len(detail.lives):,}台中{len(known):,}台可计算："
                f"{outlived:,}台已超过设计寿命，另有{sum(map(len, soon.values())) - outlived:,}台三年内到期。"
                f"{len(unknown):,}台台账无安装日期或设计寿命，剩余寿命未知，不视为零。",
            ),
        ),
        tables=(
            Table(
                voice("What ends first, by year and element", "到期年份与类别（先到期在前）"),
                (
                    Column(voice("Year", "年份"), "center", 0.8),
                    Column(voice("Element", "部位与系统"), width=1.6),
                    Column(voice("Assets", "台数"), "right", 0.7),
                    Column(voice("Of which type", "设备类型"), width=4),
                ),
                tuple(
                    (year, voice.word(ELEMENTS, code), f"{len(own):,}", _types(own, voice))
                    for year, code, own in groups
                ),
            ),
        ),
    )


def _types(assets: Sequence[AssetLife], voice: Voice) -> str:
    """The types of some assets with their numbers, the most frequent first."""
    counts = Counter(asset.type_name for asset in assets)
    named = sorted(counts, key=lambda name: (-counts[name], name))
    shown = [f"{name} ×{counts[name]}" if counts[name] > 1 else name for name in named[:_MOST_TYPES]]
    rest = len(named) - len(shown)
    more = voice(f"; {rest} more types", f"等另{rest}种") if rest else ""
    return voice(", ", "、").join(shown) + more


def _comparison(detail: SurveyDetail, findings: Sequence[ConditionFinding], voice: Voice) -> Section:
    """Every line with a defect on either visit, and every one that was looked at on one visit only."""
    now = {f.ref: f for f in findings}
    by_line = {line.ref: line for line in detail.lines}
    refs = sorted(
        {*now, *detail.entry_findings}
        | {r for r, x in by_line.items() if bool(x.state) != bool(x.entry_state)}
    )
    rows = []
    for ref in refs:
        line, old, new = by_line.get(ref), detail.entry_findings.get(ref), now.get(ref)
        before = _result(old, line.entry_state if line else "", voice)
        after = _result(new, line.state if line else "", voice)
        shown = new or old
        tag = line.tag if line else shown.asset_tag if shown else ""
        item = voice(*line.item) if line else shown.text if shown else ref
        rows.append((ref, tag or NOTHING, item, before, after, _verdict(old, new, line, voice)))
    return Section(
        voice("Entry and exit line by line", "接管与移交逐项对照"),
        (
            voice(
                "Lines with a defect on either visit, and lines looked at on one visit only.",
                "列出任一次有缺陷的项目，以及仅查过一次的项目。",
            ),
        ),
        tables=(
            Table(
                voice("Line by line", "逐项对照"),
                (
                    Column(voice("No.", "编号"), width=1.5),
                    Column(voice("Asset", "设备编号"), width=1.2),
                    Column(voice("Looked at", "检查内容"), width=2.2),
                    Column(voice("Entry", "接管时")),
                    Column(voice("Exit", "移交时")),
                    Column(voice("Change", "变化"), width=1.2),
                ),
                tuple(rows),
            ),
        ),
    )


def _result(finding: ConditionFinding | None, state: str, voice: Voice) -> str:
    if finding is not None:
        return score_text(finding.score, voice)
    if state == "looked":
        return voice("no defect", "无缺陷")
    return voice("n/a", "不适用") if state else voice("not inspected", "未查")


def _verdict(
    old: ConditionFinding | None, new: ConditionFinding | None, line: CheckedLine | None, voice: Voice
) -> str:
    if old is not None and new is not None:
        if old.scheme != new.scheme:
            return voice("not comparable", "评分体系不同")
        if old.score == new.score:
            return voice("unchanged", "不变")
        return voice("better", "改善") if new.score < old.score else voice("worse", "变差")
    if new is not None:
        return (
            voice("new", "新增") if line and line.entry_state else voice("not known at entry", "接管时未查")
        )
    if old is not None and line and line.state == "looked":
        return voice("repaired", "已修复")
    return voice("unknown", "未知")
