"""How does a pack become a PDF that a client can read, search, file and hear read aloud?

Typst sets the template `templates/pack.typ`; the pack travels to it as one JSON string in `sys.inputs` and
is read by `json()` there, so no text of a user is ever compiled. The root is the template folder: nothing
else can be read.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from reports.glyphs import FONT_FAMILIES, font_folder
from reports.pack import Pack
from reports.pdf_view import pack_view

_TEMPLATES = Path(__file__).parent / "templates"
# A compiler keeps the parsed fonts (a second pack takes a tenth of the time) and may be used by one thread
# at a time.
_ONE_AT_A_TIME = Lock()
_LARGE_PACK = 60_000  # characters of JSON, about 400 table rows


class PdfFailed(RuntimeError):
    """The typesetter refused the document or lacks a font: a fault of the installation, not of the data."""


@cache
def _compiler(template: str) -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(font_folder())])
    missing = set(FONT_FAMILIES) - set(fonts.families())
    if missing:
        raise PdfFailed(
            f"fonts {sorted(missing)} are not installed: reinstall the package pylopdf-fonts-zh-cn"
        )
    return typst.Compiler(_TEMPLATES / template, root=_TEMPLATES, font_paths=fonts, ignore_system_fonts=True)


@cache
def _blank_compiler() -> typst.Compiler:
    return typst.Compiler(b"", ignore_system_fonts=True)


def _forget_layouts() -> None:
    """Free the layouts that typst keeps for a next compilation: it drops what ten compilations did not use.

    Measured with packs of 800 rows: the process grows to 1,050 MB without this and stays at 200 MB with it.
    """
    for _ in range(11):
        _blank_compiler().compile(input=b"", format="pdf")


def render_pdf(pack: Pack) -> bytes:
    """Set a pack as a tagged PDF (PDF/UA-1, ISO 14289-1) in A4.

    The same pack gives the same bytes: the dates inside the file are midnight UTC of ``pack.issued_on``.

    Args:
        pack: The pack.

    Returns:
        The file.

    Raises:
        PdfFailed: The typesetter refused the document, or a font family is missing.
    """
    return typeset("pack.typ", pack_view(pack), pack.issued_on, pack.title)


def typeset(template: str, content: Mapping[str, Any], issued_on: date, title: str) -> bytes:
    """Set plain values with one of our templates as a tagged PDF (PDF/UA-1).

    Args:
        template: File name in the template folder.
        content: What the template reads as JSON; `fonts` are the font families.
        issued_on: The day that stands inside the file.
        title: Names the document in an error.

    Raises:
        PdfFailed: As `render_pdf`.
    """
    return _compiled(template, content, issued_on, title, {"format": "pdf", "pdf_standards": ["ua-1"]})


def typeset_png(template: str, content: Mapping[str, Any], issued_on: date, title: str) -> bytes:
    """As `typeset`, as a picture for the screen; the template must make one page.

    Raises:
        PdfFailed: As `render_pdf`.
    """
    return _compiled(template, content, issued_on, title, {"format": "png", "ppi": 144})


def _compiled(
    template: str, content: Mapping[str, Any], issued_on: date, title: str, form: Mapping[str, Any]
) -> bytes:
    data = json.dumps(content, ensure_ascii=False)
    issued_at = datetime.combine(issued_on, datetime.min.time(), tzinfo=UTC)
    try:
        with _ONE_AT_A_TIME:
            document, warnings = _compiler(template).compile_with_warnings(
                **form,
                sys_inputs={"data": data},
                timestamp=int(issued_at.timestamp()),
            )
            if len(data) > _LARGE_PACK:
                _forget_layouts()
    except typst.TypstError as refusal:
        raise PdfFailed(f"the typesetter refused pack {title!r}: {refusal.message}") from refusal
    for warning in warnings:
        if "unknown font family" in warning.message:
            raise PdfFailed(f"pack {title!r}: {warning.message}")
    if not isinstance(document, bytes):
        raise PdfFailed(f"pack {title!r}: the typesetter returned no document")
    return document
