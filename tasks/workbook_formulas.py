"""Which cells of a workbook calculate? Their shown value is whatever the last program left there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from xml.parsers import expat
from zipfile import ZipFile


@dataclass(frozen=True)
class FormulaCell:
    """A cell with a formula: its sheet, its reference such as C5, and the formula without the sign."""

    sheet: str
    reference: str
    text: str


def formula_cells(data: bytes, names: Sequence[str]) -> list[FormulaCell]:
    """Every cell with a formula, by sheet.

    Args:
        data: the bytes of a workbook that `workbook_cells` has judged.
        names: of its sheets, in order.
    """
    found: list[FormulaCell] = []
    with ZipFile(BytesIO(data)) as archive:
        parts = sorted(
            (part for part in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.lower())),
            key=lambda part: (len(part), part),
        )
        for number, part in enumerate(parts):
            sheet = names[number] if len(parts) == len(names) else part
            found += [FormulaCell(sheet, *cell) for cell in _formulas_in(archive.read(part))]
    return found


def _formulas_in(xml: bytes) -> list[tuple[str, str]]:
    cells: list[tuple[str, str]] = []
    here = [""]
    inside: list[str] | None = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        kind = tag.rpartition(":")[2]
        if kind == "c":
            here[0] = attributes.get("r", "")
        elif kind == "f":
            inside = []

    def text(part: str) -> None:
        if inside is not None:
            inside.append(part)

    def end(tag: str) -> None:
        nonlocal inside
        if tag.rpartition(":")[2] == "f" and inside is not None:
            cells.append((here[0], "".join(inside)))
            inside = None

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.Parse(xml, True)  # a positional-only argument of expat
    return cells
