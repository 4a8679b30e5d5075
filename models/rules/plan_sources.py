"""Why is a promise in the plan, in the language of the reader?

The source of a commitment is kept in English, part by part; it is a part of the bytes both sides confirm.
"""

import re
from collections.abc import Callable, Iterable

from models.rules.elements import ELEMENT_LABELS

BY_HAND_EN = "Set by hand: "
BY_HAND_ZH = "人工确定："
"""How an explanation begins whose figure was not computed; the mark travels with the confirmed bytes."""
ADDED_BY_HAND = f"{BY_HAND_EN}added by an edit"
PRICED_BY_HAND = "material_cost"
_FIELDS_ZH = {
    "hours": "工时",
    "material_cost": "材料费",
    "rrule": "周期",
    "start_on": "起始日",
    "expected_per_year": "年预计次数",
    "added by an edit": "修改时新增",
}
SET_BY_HAND = tuple(name for name in _FIELDS_ZH if name.isidentifier())
"""Fields of a commitment whose change makes a figure of the plan somebody's own."""
_CLASSES_ZH = {en.casefold(): zh for en, zh in ELEMENT_LABELS.values()}
_TYPES_ZH = {"residential": "住宅", "commercial": "商业", "office": "写字楼", "mixed": "综合体"}
_UNPRICED_ZH = {"not priced": "未估价"}
_SCALES_ZH = {"staffed": "驻场", "visiting": "上门"}
_PARTS: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (
        r"catalogue (\S+) (\S+) for (.+?)(?:: one route over (\d+) assets)?",
        lambda m: (
            f"目录{m[1]}的{m[2]}（{_CLASSES_ZH.get(m[3].casefold(), m[3])}）"
            + (f"，一条路线覆盖{m[4]}项资产" if m[4] else "")
        ),
    ),
    (r"catalogue (\S+) emergency plan (\S+)", lambda m: f"目录{m[1]}的应急预案{m[2]}"),
    (
        r"catalogue (\S+) (\S+), (\w+), (\w+)",
        lambda m: f"目录{m[1]}的{m[2]}（{_TYPES_ZH.get(m[3], m[3])}，{_SCALES_ZH.get(m[4], m[4])}）",
    ),
    (r"catalogue (\S+) (\S+)", lambda m: f"目录{m[1]}的{m[2]}"),
    (r"COBie job (.+), row (.+)", lambda m: f"台账作业“{m[1]}”（第{m[2]}行）"),
    (
        r"finding (.+), score (\d)(?:, priority (\d))?",
        lambda m: f"勘查问题{m[1]}，评分{m[2]}" + (f"，优先级{m[3]}" if m[3] else ""),
    ),
    (
        r"estimated by the surveyor at (\S+) (\S+), labour of (\S+) h included",
        lambda m: f"勘查人员估价{m[1]} {m[2]}，含{m[3]}小时人工",
    ),
    (
        r"paid by the developer under warranty, beside the fee: (.+)",
        lambda m: f"建设单位保修承担，不在服务费内：{_UNPRICED_ZH.get(m[1], m[1])}",
    ),
    (
        r"paid from the maintenance fund, beside the fee: (.+)",
        lambda m: f"维修资金列支，不在服务费内：{_UNPRICED_ZH.get(m[1], m[1])}",
    ),
    (r"history: last done (\S+)", lambda m: f"历史记录：上次{m[1]}"),
    (r"demand (.+)", lambda m: f"诉求{m[1]}"),
    (
        rf"{BY_HAND_EN}(.+)",
        lambda m: BY_HAND_ZH + "、".join(_FIELDS_ZH.get(name, name) for name in m[1].split(", ")),
    ),
)


def source_words(source: str, language: str) -> str:
    """Why a commitment is in the plan; a part that is not known stays as it was written.

    Args:
        source: as in `CommitmentDraft.source`.
        language: of the reader: Chinese for `zh`, else English.
    """
    if not language.lower().startswith("zh"):
        return source
    return "；".join(_chinese(part) for part in source.split("; "))


def _chinese(part: str) -> str:
    for pattern, told in _PARTS:
        if found := re.fullmatch(pattern, part):
            return told(found)
    return part


def fields_by_hand(source: str) -> tuple[str, ...]:
    """The fields that somebody set after the plan was computed, as its source says."""
    marks = [part for part in source.split("; ") if part.startswith(BY_HAND_EN)]
    return tuple(name for mark in marks for name in mark.removeprefix(BY_HAND_EN).split(", "))


def marked_by_hand(source: str, changed: Iterable[str]) -> str:
    """The source with a mark of what an edit set by hand, beside what earlier edits did; as it is without a change."""
    names = set(changed)
    if not names or source.startswith(ADDED_BY_HAND):
        return source
    names |= set(fields_by_hand(source))
    kept = [part for part in source.split("; ") if not part.startswith(BY_HAND_EN)]
    listed = ", ".join(name for name in SET_BY_HAND if name in names)
    return "; ".join((*kept, f"{BY_HAND_EN}{listed}"))


def is_paid_beside(source: str) -> bool:
    """Whether somebody else than the payer of the fee pays a repair."""
    return ", beside the fee: " in source


def is_estimated(source: str) -> bool:
    """Whether a repair costs what the surveyor estimated."""
    return "estimated by the surveyor at " in source


def is_priced_by_hand(source: str) -> bool:
    """Whether the materials of a commitment cost what somebody wrote, not what catalogue or surveyor say."""
    return bool({PRICED_BY_HAND, "added by an edit"} & set(fields_by_hand(source)))
