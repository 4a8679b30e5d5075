"""How does the handover protocol tell why elements are worse or better than at entry, and what may be claimed? (C4)"""

from collections.abc import Sequence

from models.rules.condition_change import NEGLECT_SHARE, Cause, Explained
from reports.condition_sections import ELEMENTS, elements_in_order
from reports.pack import Column, Section, Table
from reports.words import NOTHING, Vocabulary, Voice

CAUSES: Vocabulary = {
    Cause.AS_BEFORE: ("as before", "与接管时一致"),
    Cause.KEPT_UP: ("kept up in spite of its age", "虽逐年老化，仍保持原状"),
    Cause.REPAIRED: ("better by the repairs done", "经维修改善"),
    Cause.BETTER_UNEXPLAINED: ("better; no repair is on record", "改善，但无维修记录"),
    Cause.AGEING: ("no more than its age explains", "属正常老化"),
    Cause.REFUSED: ("replacements were refused by the client", "委托方未同意更换"),
    Cause.NEGLECT: ("promised maintenance was missed", "约定维保未完成"),
    Cause.UNEXPLAINED: ("not explained by age or records", "老化与记录均无法解释"),
    Cause.NOT_COMPARABLE: ("cannot be compared", "无法对照"),
}


def change_sections(changes: Sequence[Explained], voice: Voice) -> tuple[Section, ...]:
    """Why the condition changed, element by element, and the losses that may be claimed; nothing before the exit survey."""
    if not changes:
        return ()
    by_class = {one.facts.element_class: one for one in changes}
    ordered = [by_class[code] for code in elements_in_order(by_class)]
    claims = [one for one in ordered if one.disputable]
    return (
        Section(
            voice("Why the condition changed", "状况变化的原因"),
            (
                voice(
                    "By age: the grades the element would have lost in the term without any defect of care, after the "
                    "theoretical course of NEN 2767 (recalled, not compared with the standard), from the life and the age "
                    "of its assets. What goes beyond it is put down to maintenance that was missed (any statutory one, or "
                    f"{NEGLECT_SHARE:.0%} of what was promised), else to replacements the client refused, "
                    "else it is not explained. Counted are orders at assets of the element.",
                    "老化：按设施寿命与年限，依NEN 2767理论曲线（凭记忆，未经原文核对）推算本期内正常下降的级数。超出部分依次归于："
                    f"约定维保未完成（法定项目任一，或达承诺的{NEGLECT_SHARE:.0%}）、委托方未同意更换；仍不能解释的，"
                    "列为无法解释。工单按该类设施统计。",
                ),
            ),
            tables=(
                Table(
                    voice("Change of grade and its cause", "等级变化及原因"),
                    (
                        Column(voice("Element", "部位与系统"), width=1.7),
                        Column(
                            voice("Grades worse (+) or better (-)", "等级变化（+下降，-改善）"), "right", 1
                        ),
                        Column(voice("By age", "正常老化"), "right", 0.8),
                        Column(voice("Repairs done", "完成维修"), "right", 0.8),
                        Column(voice("Maintenance missed / promised", "维保未完成/应完成"), "right", 1.3),
                        Column(voice("Put down to", "归因"), width=2),
                    ),
                    tuple(_row(one, voice) for one in ordered),
                ),
            ),
        ),
        Section(
            voice("Losses that may be claimed", "可主张的损失"),
            (
                voice(
                    "Elements that are worse than their age explains, by maintenance that was missed or without an "
                    "explanation. The parties settle them; the list decides nothing.",
                    "下降超出正常老化、且系维保未完成或无法解释的部位。由双方协商，本表不构成裁定。",
                )
                if claims
                else voice("None.", "无。"),
            ),
            tables=(_claims(claims, voice),) if claims else (),
        ),
    )


def _row(one: Explained, voice: Voice) -> tuple[str, ...]:
    facts = one.facts
    return (
        voice.word(ELEMENTS, facts.element_class),
        NOTHING if one.change is None else f"{one.change:+d}" if one.change else "0",
        voice("not known", "不详") if one.by_age is None else f"{one.by_age:+d}" if one.by_age else "0",
        f"{facts.repairs_done:,}",
        f"{facts.missed:,} / {facts.promised:,}",
        voice.word(CAUSES, one.cause),
    )


def _claims(claims: Sequence[Explained], voice: Voice) -> Table:
    return Table(
        voice("Losses that may be claimed", "可主张的损失"),
        (
            Column(voice("Element", "部位与系统"), width=1.7),
            Column(voice("Grades beyond age", "超出老化的级数"), "right", 1),
            Column(
                voice(f"Repair backlog added ({voice.money_unit})", f"新增待修费用（{voice.money_unit}）"),
                "right",
                1.3,
            ),
            Column(voice("Of it statutory maintenance missed", "其中未完成的法定维保"), "right", 1.2),
            Column(voice("Ground", "依据"), width=2),
        ),
        tuple(
            (
                voice.word(ELEMENTS, one.facts.element_class),
                f"{(one.change or 0) - (one.by_age or 0)}",
                voice("not priced", "未估价")
                if one.facts.backlog_added is None
                else f"{one.facts.backlog_added:,.2f}",
                f"{one.facts.statutory_missed:,}",
                voice.word(CAUSES, one.cause),
            )
            for one in claims
        ),
    )
