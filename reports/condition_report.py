"""What state is the building in, which papers are there, and what follows from it? (A2, A3)"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from models.diligence import ConditionFinding, DocumentItem, ElementCondition
from models.engagement import Engagement
from reports.condition_sections import ELEMENTS, elements_in_order, scheme_text, score_text
from reports.pack import Column, Pack, Section, Table
from reports.sections import pack_of
from reports.words import (
    DOCUMENT_KINDS,
    DOCUMENT_STATES,
    NOTHING,
    PROPERTY_TYPES,
    SEVERITIES,
    Voice,
    voice_of,
)

POOR = 4
"""From this score on (mediocre) an element is named in the summary."""
_SEVERITY_ORDER = ("critical", "serious", "minor")
_STATE_ORDER = ("missing", "partial", "received", "waived")


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
        on=on,
        sections=(
            _summary(engagement, elements, findings, documents, asset_counts, history_count, voice),
            _elements(elements, asset_counts, voice),
            _defects(findings, voice),
            _documents(documents, history_count, voice),
            Section(
                voice("Risks both sides should know", "双方应知悉的风险"),
                _risks(elements, findings, documents, asset_counts, history_count, voice),
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
    names = voice.listed([_named(e, voice) for e in sorted(poor, key=lambda e: -e.score)])
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


def _backlog_sentence(elements: Sequence[ElementCondition], voice: Voice) -> str:
    priced = [e.backlog_cost for e in elements if e.backlog_cost is not None]
    if not priced:
        return voice("No repair cost was estimated.", "未估算维修费用。") if elements else ""
    unpriced = len(elements) - len(priced)
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


def _named(element: ElementCondition, voice: Voice) -> str:
    name, score = voice.word(ELEMENTS, element.element_class), score_text(element.score, voice)
    return voice(f"{name} ({score})", f"{name}（{score}）")


def _elements(elements: Sequence[ElementCondition], asset_counts: Mapping[str, int], voice: Voice) -> Section:
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
                voice("not surveyed", "未勘查") if element is None else score_text(element.score, voice),
                NOTHING if element is None else voice.cell(element.backlog_cost),
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


def _defects(findings: Sequence[ConditionFinding], voice: Voice) -> Section:
    by_class: dict[str, list[ConditionFinding]] = {}
    for finding in sorted(findings, key=_worst_first):
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


def _worst_first(finding: ConditionFinding) -> tuple[int, int, int, int, str]:
    order = _SEVERITY_ORDER
    rank = order.index(finding.severity) if finding.severity in order else len(order)
    return (-finding.score, rank, -finding.intensity, -finding.extent, finding.ref)


def _defect_table(code: str, findings: Sequence[ConditionFinding], voice: Voice) -> Table:
    return Table(
        voice.word(ELEMENTS, code),
        (
            Column(voice("No.", "编号"), width=1.1),
            Column(voice("Asset", "设备编号"), width=1.2),
            Column(voice("Defect", "缺陷描述"), width=3.2),
            Column(voice("Severity", "严重性"), width=0.9),
            Column(voice("Intens. / extent", "程度/范围"), "center", 0.9),
            Column(voice("Score", "评分"), width=1),
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


def _documents(documents: Sequence[DocumentItem], history_count: int, voice: Voice) -> Section:
    counts = {state: sum(d.state == state for d in documents) for state in _STATE_ORDER}
    order = {state: rank for rank, state in enumerate(_STATE_ORDER)}
    shown = sorted(documents, key=lambda d: (order.get(d.state, len(order)), d.kind, d.ref))
    return Section(
        voice("Papers handed over", "资料移交情况"),
        (
            voice(
                f"Received {counts['received']}, received in part {counts['partial']}, missing {counts['missing']}, "
                f"waived {counts['waived']}; maintenance history: "
                f"{voice.counted(history_count, 'entry', 'entries', '')}.",
                f"已收到{counts['received']}项，部分收到{counts['partial']}项，缺失{counts['missing']}项，"
                f"双方同意免交{counts['waived']}项；历史维保记录{history_count:,}条。",
            ),
        ),
        tables=(
            Table(
                voice("Papers expected, the missing ones first", "应移交资料清单（缺失在前）"),
                (
                    Column(voice("Paper", "资料名称"), width=2.6),
                    Column(voice("Group", "类别"), width=1.2),
                    Column(voice("Basis", "依据"), width=1.7),
                    Column(voice("State", "状态"), width=1),
                    Column(voice("Received", "收到日期"), "center", 1.1),
                    Column(voice("From", "移交方"), width=1.1),
                ),
                tuple(
                    (
                        d.title,
                        voice.word(DOCUMENT_KINDS, d.kind),
                        d.basis or NOTHING,
                        voice.word(DOCUMENT_STATES, d.state),
                        NOTHING if d.received_on is None else d.received_on.isoformat(),
                        d.received_from or NOTHING,
                    )
                    for d in shown
                ),
            ),
        ),
    )


def _risks(
    elements: Sequence[ElementCondition],
    findings: Sequence[ConditionFinding],
    documents: Sequence[DocumentItem],
    asset_counts: Mapping[str, int],
    history_count: int,
    voice: Voice,
) -> tuple[str, ...]:
    """What follows from the survey for the plan and the contract, each in one sentence."""
    risks: list[str] = []
    critical = [f for f in findings if f.severity == "critical"]
    if critical:
        refs = voice.listed([f.ref for f in sorted(critical, key=_worst_first)[:10]])
        risks.append(
            voice(
                f"{voice.counted(len(critical), 'critical defect touches', 'critical defects touch', '')} what the "
                f"element is for ({refs}); they are dealt with before the service starts or excluded in writing.",
                f"有{len(critical)}项严重缺陷影响部位的基本功能（{refs}），应在服务开始前处理或书面约定除外。",
            )
        )
    bad = [e for e in elements if e.score >= 5]
    if bad:
        names = voice.listed([_named(e, voice) for e in bad])
        risks.append(
            voice(
                f"Failures are likely in {names}; renewal is not covered by a service fee.",
                f"{names}故障风险高，更新改造不包含在服务费内。",
            )
        )
    unseen = [
        c
        for c in elements_in_order(asset_counts)
        if asset_counts[c] and c not in {e.element_class for e in elements}
    ]
    if unseen:
        names = voice.listed([voice.word(ELEMENTS, code) for code in unseen])
        risks.append(
            voice(
                f"Registered but not surveyed: {names}. Their condition is unknown.",
                f"台账有记录但未勘查：{names}，状况未知。",
            )
        )
    gone = [d for d in documents if d.state in ("missing", "partial")]
    if gone:
        shown = voice.listed([d.title for d in gone[:5]])
        rest = len(gone) - 5
        more = voice(f" and {rest} more", f"等{len(gone)}项") if rest > 0 else ""
        risks.append(
            voice(
                f"Papers missing or incomplete: {shown}{more}. What only they could show is not known.",
                f"资料缺失或不全：{shown}{more}，相关情况无从核实。",
            )
        )
    if history_count == 0:
        risks.append(
            voice(
                "No maintenance history was handed over: age and condition alone set the first maintenance dates.",
                "未收到历史维保记录：首次保养日期只能依据使用年限与现状确定。",
            )
        )
    return tuple(risks) or (voice("The survey shows none.", "本次勘查未发现。"),)
