"""Which papers are there, and which risks follow from a condition survey? (A2, A3)"""

from collections.abc import Mapping, Sequence

from models.diligence import ConditionFinding, DocumentItem, ElementCondition
from reports.condition_sections import ELEMENTS, elements_in_order, score_text
from reports.pack import Column, Section, Table
from reports.words import (
    DOCUMENT_KINDS,
    DOCUMENT_STATES,
    NOTHING,
    Voice,
)

_SEVERITY_ORDER = ("critical", "serious", "minor")
_STATE_ORDER = ("missing", "partial", "received", "waived")


def documents_section(documents: Sequence[DocumentItem], history_count: int, voice: Voice) -> Section:
    """The papers that are expected, the missing ones first."""
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
                        voice.basis(d.basis) or NOTHING,
                        voice.word(DOCUMENT_STATES, d.state),
                        NOTHING if d.received_on is None else d.received_on.isoformat(),
                        d.received_from or NOTHING,
                    )
                    for d in shown
                ),
            ),
        ),
    )


def survey_risks(
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
        refs = voice.listed([f.ref for f in sorted(critical, key=worst_first)[:10]])
        risks.append(
            voice(
                f"{voice.counted(len(critical), 'critical defect touches', 'critical defects touch', '')} what the "
                f"element is for ({refs}); they are dealt with before the service starts or excluded in writing.",
                f"有{len(critical)}项严重缺陷影响部位的基本功能（{refs}），应在服务开始前处理或书面约定除外。",
            )
        )
    bad = [e for e in elements if e.score >= 5]
    if bad:
        names = voice.listed([scored_name(e, voice) for e in bad])
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


def worst_first(finding: ConditionFinding) -> tuple[int, int, int, int, str]:
    """Order of defects: score, severity, intensity, extent, then their number."""
    order = _SEVERITY_ORDER
    rank = order.index(finding.severity) if finding.severity in order else len(order)
    return (-finding.score, rank, -finding.intensity, -finding.extent, finding.ref)


def scored_name(element: ElementCondition, voice: Voice) -> str:
    """An element with its score, for a sentence."""
    name, score = voice.word(ELEMENTS, element.element_class), score_text(element.score, voice)
    return voice(f"{name} ({score})", f"{name}（{score}）")
