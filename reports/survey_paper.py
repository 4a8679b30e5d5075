"""How does an instrument look on paper? One form for each respondent, with its serial number and square code (D4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.rules.survey_instrument import AnswerKind, Asked, Instrument, asked_of_type
from reports.glyphs import FONT_FAMILIES, printable
from reports.pack import Language
from reports.pdf import typeset
from reports.square_codes import square_code_svg


@dataclass(frozen=True)
class PaperCopy:
    """One form: the serial that identifies it, and whose questions it holds."""

    serial: str
    """The single-use code of an invitation, or a running number of blank forms."""
    stratum: str = ""
    """Type of space; all questions where empty."""


_KEPT = {
    False: (
        "答复不记名：编号仅用于保证每份问卷只计一次，录入核对后不与答案一并保存。",
        "Answers are anonymous: the serial only makes sure that a form counts once, and is not kept with the answers "
        "once they are typed and checked.",
    ),
    True: (
        "答复予以保密：与编号对应的记录分开保存，仅用于本调查及您要求的回访，不向物业服务人员公开。",
        "Answers are confidential: they can be traced by the serial, are kept apart from it, used for this survey alone "
        "and not shown to the staff of the property.",
    ),
}
"""Who is asked on paper gets no letter, so the form itself says what becomes of the answer: Chinese, English."""


def form_code(serial: str) -> str:
    """What the square code on a form says."""
    return f"steward:survey:{serial}"


def render_paper_forms(
    instrument: Instrument,
    copies: Sequence[PaperCopy],
    language: Language,
    on: date,
    *,
    place: str = "",
    closes_on: date | None = None,
    confidential: bool | None = None,
) -> bytes:
    """All copies in one PDF, each beginning on a page of its own.

    Args:
        instrument: what is asked.
        copies: serial and type of each.
        language: of the form.
        on: the day of issue.
        place: name of the property, where it is known.
        closes_on: last day to hand it in, where it is known.
        confidential: whether answers of the wave stay joined to the serial; None for blank forms of no wave.
    """
    zh = language == "zh"
    title = instrument.title_zh if zh else instrument.title_en
    until = (
        f"请于 {closes_on} 前交回服务窗口。"
        if zh
        else f"Please hand it in at the service desk by {closes_on}."
    )
    content = {
        "fonts": list(FONT_FAMILIES),
        "language": language,
        "title": printable(title),
        "place": printable(place),
        "intro": printable(instrument.intro_zh if zh else instrument.intro_en),
        "until": until if closes_on else "",
        "kept": "" if confidential is None else _KEPT[confidential][not zh],
        "how": "请在一个方框内打√；填错时涂黑该框并另选一格。请勿填写姓名、房号或电话。"
        if zh
        else "Tick one box in each row. Wrong box? Fill it in and tick another. Please write no name, flat or number.",
        "serial_label": "编号" if zh else "Serial",
        "page": ["第 ", " 页"] if zh else ["Page ", ""],
        "forms": [_form(instrument, copy, zh) for copy in copies],
    }
    return typeset("survey_form.typ", content, on, title)


def _form(instrument: Instrument, copy: PaperCopy, zh: bool) -> dict[str, Any]:
    shown = {entry.question.code for entry in asked_of_type(instrument, copy.stratum)}
    parts = []
    for part in instrument.parts:
        asked = [entry for entry in part.asked if entry.question.code in shown]
        if asked:
            parts.append({"title": printable(part.zh if zh else part.en), "blocks": _blocks(asked, zh)})
    svg = square_code_svg(form_code(copy.serial))
    return {"serial": printable(copy.serial), "svg": svg, "parts": parts}


def _blocks(asked: Sequence[Asked], zh: bool) -> list[dict[str, Any]]:
    """Neighbours on one scale share a table with one heading."""
    blocks: list[dict[str, Any]] = []
    for entry in asked:
        question = entry.question
        kind, scale = question.scale.kind, question.scale
        text = printable(question.zh if zh else question.en)
        if entry.when:
            text = (f"（仅 {entry.when} 答“是”者填写）" if zh else f"(only if {entry.when} is yes) ") + text
        row = {"code": question.code, "text": text}
        if kind is AnswerKind.TEXT:
            blocks.append({"kind": "text", "rows": [row], "heads": []})
            continue
        if kind is AnswerKind.RECOMMENDATION:
            heads = [str(choice.value) for choice in scale.choices]
            ends = [scale.choices[0], scale.choices[-1]]
            row["text"] = text + " " + " … ".join(printable(c.zh if zh else c.en) for c in ends)
        else:
            heads = [printable(choice.zh if zh else choice.en) for choice in scale.choices]
        if blocks and blocks[-1]["heads"] == heads:
            blocks[-1]["rows"].append(row)
        else:
            blocks.append({"kind": kind.value, "rows": [row], "heads": heads})
    return blocks
