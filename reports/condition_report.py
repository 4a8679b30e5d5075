"""What state is the building in, which papers are there, and what follows from it? (A2, A3)"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from models.diligence import ConditionFinding, DocumentItem, ElementCondition
from models.engagement import Engagement
from reports.condition_detail import SurveyDetail, detail_sections
from reports.condition_risks import documents_section, scored_name, survey_risks, worst_first
from reports.condition_sections import ELEMENTS, backlog_text, elements_in_order, scheme_text, score_text
from reports.pack import Column, Pack, Section, Table
from reports.sections import pack_of
from reports.words import (
    NOTHING,
    PROPERTY_TYPES,
    SEVERITIES,
    Voice,
    voice_of,
)

_MOST_NAMED = 6
POOR = 4
"""From this score on (mediocre) an element is named in the summary."""


def condition_report(
    engagement: Engagement,
    *,
    visit: str,
    elements: Sequence[ElementCondition],
    findings: Sequence[ConditionFinding],
    documents: Sequence[DocumentItem],
    asset_counts: Mapping[str, int],
    history_count: int,
    on: date,
    detail: SurveyDetail | None = None,
) -> Pack:
    """The survey report of a building: conclusions in words, scores, defects, papers and risks.

    Args:
        engagement: the engagement.
        visit: `entry` or `exit`.
        elements: the condition of each element class on that visit.
        findings: the defects of that visit.
        documents: every paper that is expected, whatever its state.
        asset_counts: assets of the register by element class.
        history_count: entries of maintenance history that were handed over.
        on: the day the report is issued.
        detail: coverage, money, remaining life and comparison, where they were read.
    """
    voice = voice_of(engagement)
    leaving = visit == "exit"
    return pack_of(
        engagement,
        title=(
            voice("Condition survey at exit", "物业移交勘查报告")
            if leaving
            else voice("Condition survey at entry", "物业承接勘查报告")
        ),
        subtitle=voice("Building, systems, surroundings and papers", "房屋本体、设施设备、环境与资料"),
        period=voice("At exit", "移交时") if leaving else voice("At entry", "接管时"),
        period_name=voice("Visit", "勘查时点"),
        on=on,
        sections=(
            _summary(engagement, elements, findings, documents, asset_counts, history_count, voice),
            _elements(elements, asset_counts, _lines_left(detail), voice),
            _defects(findings, voice),
            *(detail_sections(detail, elements, findings, voice) if detail is not None else ()),
            documents_section(documents, history_count, voice),
            Section(
                voice("Risks both sides should know", "双方应知悉的风险"),
                survey_risks(elements, findings, documents, asset_counts, history_count, voice),
            ),
        ),
    )


def _summary(
    engagement: Engagement,
    elements: Sequence[ElementCondition],
    findings: Sequence[ConditionFinding],
    documents: Sequence[DocumentItem],
    asset_counts: Mapping[str, int],
    history_count: int,
    voice: Voice,
) -> Section:
    assets = sum(asset_counts.values())
    poor = [e for e in elements if e.score >= POOR]
    names = voice.listed([scored_name(e, voice) for e in sorted(poor, key=lambda e: -e.score)])
    kind = voice.word(PROPERTY_TYPES, engagement.property_type)
    size = [] if engagement.floor_area is None else [f"{engagement.floor_area:,f} m²"]
    if engagement.unit_count is not None:
        size.append(voice.counted(engagement.unit_count, "unit", "units", "户（单元）"))
    received = sum(d.state == "received" for d in documents)
    return Section(
        voice("Summary", "总体结论"),
        (
            voice(
                f"{engagement.property_name} ({', '.join([kind.lower(), *size])}) was surveyed with "
                f"{voice.counted(assets, 'asset', 'assets', '')} in the register.",
                f"本次勘查对象为{engagement.property_name}（{'，'.join([kind, *size])}），"
                f"台账登记设施设备{assets:,}项。",
            ),
            voice.sentences(
                voice(
                    f"{voice.counted(len(findings), 'defect was', 'defects were', '')} found in "
                    f"{voice.counted(len({f.element_class for f in findings}), 'element class', 'element classes', '')}.",
                    f"共发现缺陷{len(findings)}项，涉及{len({f.element_class for f in findings})}类部位与系统。",
                )
                if findings
                else voice("No defect was recorded.", "未记录缺陷。"),
                voice(f"In mediocre condition or worse: {names}.", f"状况较差及以下的有：{names}。")
                if poor
                else voice("No element scored mediocre or worse.", "没有部位或系统评为较差及以下。")
                if elements
                else "",
                _urgent_sentence(findings, voice),
                _backlog_sentence(elements, voice),
            ),
            voice(
                f"Of {voice.counted(len(documents), 'expected paper', 'expected papers', '')}, {received} "
                f"{'is' if received == 1 else 'are'} here in full; "
                f"{voice.counted(history_count, 'entry', 'entries', '')} of maintenance history came with them.",
                f"应移交资料{len(documents)}项，已完整收到{received}项；收到历史维保记录{history_count:,}条。",
            ),
        ),
    )


def _urgent_sentence(findings: Sequence[ConditionFinding], voice: Voice) -> str:
    """Defects that cannot wait: a small spot can be a danger and hardly lowers the score of its element."""
    said = []
    for priority, when_en, when_zh in (
        (1, "at once", "须立即处理"),
        (2, "before the service starts", "须在进场前处理"),
    ):
        refs = [f.ref for f in sorted(findings, key=worst_first) if f.priority == priority]
        shown = voice.listed(refs[:_MOST_NAMED])
        if len(refs) > _MOST_NAMED:
            shown += voice(f" and {len(refs) - _MOST_NAMED} more", "等")
        if refs:
            said.append(
                voice(
                    f"To be dealt with {when_en} (priority {priority}): "
                    f"{voice.counted(len(refs), 'defect', 'defects', '')}, {shown}.",
                    f"{when_zh}（优先级{priority}）的缺陷{len(refs)}项：{shown}。",
                )
            )
    return voice.sentences(*said)


def _backlog_sentence(elements: Sequence[ElementCondition], voice: Voice) -> str:
    priced = [e.backlog_cost for e in elements if e.backlog_cost is not None]
    if not priced:
        return voice("No repair cost was estimated.", "未估算维修费用。") if elements else ""
    unpriced = sum(e.backlog_cost is None and e.finding_count > 0 for e in elements)
    total = voice.money(sum(priced, Decimal(0)))
    return voice(
        f"The repairs that were priced come to {total}"
        + (
            f"; {voice.counted(unpriced, 'element class has', 'element classes have', '')} no price."
            if unpriced
            else "."
        ),
        f"已估价的待修费用合计{total}" + (f"，另有{unpriced}类未估价。" if unpriced else "。"),
    )


def _lines_left(detail: SurveyDetail | None) -> Mapping[str, int]:
    """Element class to the lines of the form nobody looked at; they are in no score."""
    if detail is None or not detail.inspected:
        return {}
    return Counter(line.element_class for line in detail.lines if not line.state)


def _elements(
    elements: Sequence[ElementCondition],
    asset_counts: Mapping[str, int],
    left: Mapping[str, int],
    voice: Voice,
) -> Section:
    by_class = {e.element_class: e for e in elements}
    rows = []
    for code in elements_in_order([*by_class, *asset_counts]):
        element = by_class.get(code)
        assets = asset_counts.get(code, 0 if element is None else element.asset_count)
        rows.append(
            (
                voice.word(ELEMENTS, code),
                f"{assets:,}",
                NOTHING if element is None else f"{element.finding_count:,}",
                voice("not surveyed", "未勘查")
                if element is None
                else score_text(element.score, voice) + _unseen(left.get(code, 0), voice),
                NOTHING if element is None else backlog_text(element, voice),
            )
        )
    schemes = sorted({e.scheme for e in elements})
    return Section(
        voice("Condition by element", "各部位与系统状况"),
        tuple(
            voice("Basis of the scores: ", "评分依据：") + scheme_text(scheme, voice) for scheme in schemes
        ),
        tables=(
            Table(
                voice("Condition scores (1 best, 6 worst)", "状况评分（1最好，6最差）"),
                (
                    Column(voice("Element", "部位与系统"), width=2.4),
                    Column(voice("Assets", "设备数"), "right"),
                    Column(voice("Defects", "缺陷数"), "right"),
                    Column(voice("Score", "评分"), width=1.3),
                    Column(
                        voice(f"Repair backlog ({voice.currency})", f"待修费用（{voice.money_unit}）"),
                        "right",
                        1.5,
                    ),
                ),
                tuple(rows),
            ),
        ),
    )


def _unseen(lines: int, voice: Voice) -> str:
    """A score is that of what was looked at: how many lines were not stands beside it."""
    return (
        ""
        if not lines
        else f"\n{voice.counted(lines, 'line', 'lines', '项')}{voice(' not inspected', '未查')}"
    )


def _defects(findings: Sequence[ConditionFinding], voice: Voice) -> Section:
    by_class: dict[str, list[ConditionFinding]] = {}
    for finding in sorted(findings, key=worst_first):
        by_class.setdefault(finding.element_class, []).append(finding)
    tables = tuple(_defect_table(code, found, voice) for code, found in by_class.items())
    return Section(
        voice("Defects, worst first", "缺陷清单（由重到轻）"),
        (
            voice(
                "Intensity 1 to 3 says how far a defect has gone; extent 1 to 5 how much of the element it touches.",
                "程度1至3表示缺陷发展的深浅，范围1至5表示涉及部位的多少。",
            )
            if findings
            else voice("No defect was recorded.", "未记录缺陷。"),
        ),
        tables=tables,
    )


def _defect_table(code: str, findings: Sequence[ConditionFinding], voice: Voice) -> Table:
    return Table(
        voice.word(ELEMENTS, code),
        (
            Column(voice("No.", "编号"), width=1.5),
            Column(voice("Asset", "设备编号"), width=1.4),
            Column(voice("Defect", "缺陷描述"), width=2.2),
            Column(voice("Severity", "严重性"), width=0.9),
            Column(voice("Intens. / extent", "程度/范围"), "center", 1.1),
            Column(voice("Score", "评分"), width=1.2),
            Column(voice(f"Repair ({voice.currency})", f"维修（{voice.money_unit}）"), "right", 1.2),
        ),
        tuple(
            (
                f.ref,
                f.asset_tag or NOTHING,
                f.text,
                voice.word(SEVERITIES, f.severity),
                f"{f.intensity} / {f.extent}",
                score_text(f.score, voice),
                voice("not priced", "未估价") if f.repair_cost is None else voice.cell(f.repair_cost),
            )
            for f in findings
        ),
    )
