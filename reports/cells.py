"""Which form may a text take in a cell, a sheet name or a CSV field, so that it stays the text it is?"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from reports.labels import words_for
from reports.pack import Language

# Limits of the file format: ECMA-376 part 1, 18.3.1.73 and Excel's "Specifications and limits".
_CELL_CHARACTERS = 32_767
_SHEET_NAME_UNITS = 31

_SHEET_NAME_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_QUANTITY = re.compile(
    r"(?P<sign>-?)(?P<unit>[¥￥]?)(?P<whole>0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*)(?:\.(?P<part>\d+))?(?P<percent>%?)"
)
_CSV_LIVE = re.compile(r"[\s\x00-\x1f\ufeff\u200b-\u200f\u2060]*[=+\-@＝＋－＠]|[\t\r\n']")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


GUARDED = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""Options of every workbook we write: a text that looks like a formula, an address or a number stays a text."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A cell text that is a number: its value and the number format that shows it as it was written."""

    value: float
    number_format: str


def quantity(text: str) -> Quantity | None:
    """Read a cell text as a number where that loses nothing, otherwise return None.

    Codes keep their zeros ("0101" is text), and more than 15 digits stay text because a spreadsheet would
    round them (IEEE 754 binary64).

    Args:
        text: For example "1,234.50", "98.5%", "¥12.00" or "-3".
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return None
    whole, part = match["whole"].replace(",", ""), match["part"] or ""
    if len((whole + part).lstrip("0")) > 15:
        return None
    value = Decimal(f"{match['sign']}{whole}.{part or '0'}")
    number_format = "#,##0" if "," in match["whole"] else "0"
    if part:
        number_format += "." + "0" * len(part)
    if match["percent"]:
        return Quantity(float(value / 100), number_format + "%")
    if match["unit"]:
        return Quantity(float(value), f'"{match["unit"]}"{number_format}')
    return Quantity(float(value), number_format)


def workbook_text(text: str, language: Language = "zh") -> str:
    """Return a text as a cell can hold it: characters that XML forbids left out, and cut at Excel's 32,767.

    Excel counts UTF-16 units, so a character outside the basic plane counts twice. A cut is said in words.
    """
    clean = _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if _units(clean) <= _CELL_CHARACTERS:
        return clean
    note = words_for(language).cut_text
    return _first_units(clean, _CELL_CHARACTERS - _units(note)) + note


def safe_csv_cell(text: str) -> str:
    """Guard a text for a CSV cell, so that no spreadsheet takes it for a formula.

    A single quote goes before a text whose first visible character is an operator (also full-width, also
    after blanks or invisible characters), and before one that starts with a tab, a line end or a quote;
    taking one leading quote away restores the text. Plain numbers stay numbers. Line ends inside a text are
    the CSV writer's to quote. Source: OWASP, "CSV Injection".
    """
    clean = _NOT_IN_XML.sub("", text)
    if _PLAIN_NUMBER.fullmatch(clean) or not _CSV_LIVE.match(clean):
        return clean
    return f"'{clean}"


def sheet_names(headings: Iterable[str], taken: str, fallback: str) -> list[str]:
    """Return a valid and unique sheet name for each heading, in order.

    Args:
        headings: Section headings, of any text.
        taken: A name already used, for the cover.
        fallback: The word for a sheet whose heading leaves no usable character.
    """
    used = {taken.casefold(), "history"}  # "History" is reserved by Excel
    names: list[str] = []
    for heading in headings:
        stem = _SHEET_NAME_FORBIDDEN.sub(" ", heading).strip(" '") or fallback
        stem = _first_units(stem, _SHEET_NAME_UNITS).strip(" '") or fallback
        name, number = stem, 1
        while name.casefold() in used:
            number += 1
            tail = f" ({number})"
            name = _first_units(stem, _SHEET_NAME_UNITS - len(tail)).rstrip(" '") + tail
        used.add(name.casefold())
        names.append(name)
    return names


def _units(text: str) -> int:
    """Count UTF-16 units, as Excel does."""
    return len(text) + sum(ord(character) > 0xFFFF for character in text)


def _first_units(text: str, units: int) -> str:
    """Cut a text after so many UTF-16 units, never through a character."""
    if _units(text) <= units:
        return text
    kept = 0
    for at, character in enumerate(text):
        kept += 2 if ord(character) > 0xFFFF else 1
        if kept > units:
            return text[:at]
    return text
