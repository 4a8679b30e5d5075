"""How are the conditions of a building's elements shown, at entry and beside those at exit?"""

from collections.abc import Iterable, Mapping, Sequence

from models.diligence import ElementCondition
from models.rules.condition import NEN_2767_RECALLED, SCORE_LABELS
from models.rules.elements import ELEMENT_LABELS
from reports.pack import Column, Table
from reports.words import NOTHING, Voice

ELEMENTS: Mapping[str, tuple[str, str]] = {str(code): label for code, label in ELEMENT_LABELS.items()}
_ELEMENT_ORDER = list(ELEMENTS)
_SCHEMES = {NEN_2767_RECALLED.name: NEN_2767_RECALLED}
_SCHEME_NAMES_ZH = {NEN_2767_RECALLED.name: "参照 NEN 2767-1:2019（凭记忆整理，未与标准原文核对）"}


def score_text(score: int, voice: Voice) -> str:
    """A condition score with its meaning: "3 fair"."""
    en, zh = SCORE_LABELS.get(score, ("", ""))
    return voice(f"{score} {en.lower()}".strip(), f"{score} {zh}".strip())


def scheme_text(name: str, voice: Voice) -> str:
    """The name of a scoring scheme, and whether its tables were compared with the standard's text."""
    known = _SCHEMES.get(name)
    shown = voice(name, _SCHEME_NAMES_ZH.get(name, name))
    if known is not None and known.verified:
        return shown + voice("; verified against the standard.", "；已与标准原文核对。")
    return shown + voice(
        "; not verified: use the scores to compare, not as a certificate.",
        "；未经核对：评分供比较之用，不作为鉴定结论。",
    )


def elements_in_order(codes: Iterable[str]) -> list[str]:
    """Element classes in the order of clause A2, unknown ones last."""
    return sorted(set(codes), key=lambda c: (_ELEMENT_ORDER.index(c) if c in ELEMENTS else len(ELEMENTS), c))


def backlog_text(element: ElementCondition, voice: Voice) -> str:
    """The cost of an element's repairs for a cell; one without a price says so, it is not zero."""
    if not element.finding_count:
        return NOTHING
    if element.backlog_cost is None:
        return voice("not priced", "未估价")
    return voice.cell(element.backlog_cost)


def conditions_table(
    entry: Sequence[ElementCondition], exit_: Sequence[ElementCondition] | None, voice: Voice
) -> Table:
    """The condition of each element class at entry and at exit side by side; `None` means no exit survey yet."""
    before = {e.element_class: e for e in entry}
    after = {e.element_class: e for e in exit_ or ()}
    unseen = voice("not surveyed", "未勘查")
    rows = []
    for code in elements_in_order([*before, *after]):
        old, new = before.get(code), after.get(code)
        rows.append(
            (
                voice.word(ELEMENTS, code),
                unseen if old is None else score_text(old.score, voice),
                unseen if new is None else score_text(new.score, voice),
                _change(old, new, voice),
                NOTHING if old is None else backlog_text(old, voice),
                NOTHING if new is None else backlog_text(new, voice),
            )
        )
    unit = voice.money_unit
    return Table(
        voice("Condition at entry and at exit (1 best, 6 worst)", "接管时与移交时状况对照（1最好，6最差）"),
        (
            Column(voice("Element", "部位与系统"), width=1.9),
            Column(voice("Entry", "接管时"), width=1),
            Column(voice("Exit", "移交时"), width=1),
            Column(voice("Change", "变化"), width=1.1),
            Column(voice(f"Repair backlog at entry ({unit})", f"接管时待修费用（{unit}）"), "right", 1.2),
            Column(voice(f"Repair backlog at exit ({unit})", f"移交时待修费用（{unit}）"), "right", 1.2),
        ),
        tuple(rows),
    )


def _change(old: ElementCondition | None, new: ElementCondition | None, voice: Voice) -> str:
    if old is None or new is None:
        return NOTHING
    if old.scheme != new.scheme:
        return voice("not comparable", "评分体系不同")
    if old.score == new.score:
        return voice("unchanged", "不变")
    steps = abs(old.score - new.score)
    if new.score < old.score:
        return voice(f"better by {steps}", f"改善{steps}级")
    return voice(f"worse by {steps}", f"下降{steps}级")
