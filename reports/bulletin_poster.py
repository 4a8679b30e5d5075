"""How does a bulletin look on a notice board? One sheet of A4, read from two steps away, with a square code (B7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from reports.glyphs import FONT_FAMILIES, printable
from reports.pack import Language
from reports.pdf import typeset
from reports.square_codes import square_code_svg


@dataclass(frozen=True)
class Poster:
    """What is put up."""

    code: str
    """Of the engagement."""
    ref: str
    """Of the bulletin."""
    issued_on: date
    property_name: str
    custodian: str
    title: str
    text: str
    facts: Sequence[tuple[str, str]]
    language: Language
    desk_address: str = ""
    """Mail address of the service desk, where there is one."""


def poster_code(poster: Poster) -> str:
    """What the square code says: a mail to the desk about this bulletin, else its reference; nothing of any person."""
    if poster.desk_address:
        return f"mailto:{poster.desk_address}?subject={quote(f'{poster.code} {poster.ref}')}"
    return f"steward:bulletin:{poster.code}:{poster.ref}"


def render_poster(poster: Poster) -> bytes:
    """The sheet as a PDF; the same poster gives the same bytes."""
    zh = poster.language == "zh"
    if poster.desk_address:
        caption = "扫码向服务台咨询本通报" if zh else "Scan to ask the service desk about it"
    else:
        caption = "通报编号" if zh else "Reference"
    content = {
        "fonts": list(FONT_FAMILIES),
        "language": poster.language,
        "kind": "物业服务通报" if zh else "Notice to owners and users",
        "title": printable(poster.title),
        "property": printable(poster.property_name),
        "paragraphs": [printable(part.strip()) for part in poster.text.split("\n\n") if part.strip()],
        "facts": [[printable(label), printable(value)] for label, value in poster.facts],
        "issued": (f"发布日期：{poster.issued_on}" if zh else f"Issued on {poster.issued_on}"),
        "by": printable(poster.custodian),
        "ref": printable(f"{poster.code} · {poster.ref}"),
        "caption": caption,
        "svg": square_code_svg(poster_code(poster)),
    }
    return typeset("poster.typ", content, poster.issued_on, poster.title)
