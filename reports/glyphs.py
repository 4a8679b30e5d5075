"""Which characters can the documents' own fonts draw, and what is printed in place of the others?

A tagged PDF (PDF/UA-1) may hold no character without a glyph: one emoji in a tenant's name would otherwise
stop the whole pack. The coverage is read from the fonts' `cmap` table, format 12 (OpenType 1.9, chapter
"cmap").
"""

import struct
import unicodedata
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn

FONT_FAMILIES = ("Noto Sans SC", "Noto Serif SC")
REPLACEMENT = "□"

_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})
_LINE_ENDS = str.maketrans(
    {"\u2028": "\n", "\u2029": "\n", "\u0085": "\n", "\t": " ", "\v": "\n", "\f": "\n"}
)


def font_folder() -> Path:
    """Return the folder of the fonts that come with the product (Noto Sans and Serif SC, OFL 1.1)."""
    return pylopdf_fonts_zh_cn.sans_path().parent


def _covered_by(font: Path) -> set[int]:
    """Return the code points of one font; glyph 0 is the empty box and does not count."""
    data = font.read_bytes()
    (table_count,) = struct.unpack_from(">H", data, 4)
    records = [struct.unpack_from(">4sLLL", data, 12 + 16 * i) for i in range(table_count)]
    start = next(offset for tag, _sum, offset, _length in records if tag == b"cmap")
    (subtable_count,) = struct.unpack_from(">H", data, start + 2)
    covered: set[int] = set()
    for i in range(subtable_count):
        _platform, _encoding, offset = struct.unpack_from(">HHL", data, start + 4 + 8 * i)
        at = start + offset
        if struct.unpack_from(">H", data, at)[0] != 12:
            continue
        (group_count,) = struct.unpack_from(">L", data, at + 12)
        for first, last, glyph in struct.iter_unpack(">LLL", data[at + 16 : at + 16 + 12 * group_count]):
            covered.update(range(first if glyph else first + 1, last + 1))
    return covered


@cache
def drawable() -> frozenset[int]:
    """Return the code points that the sans font, in which all running text is set, can draw."""
    return frozenset(_covered_by(pylopdf_fonts_zh_cn.sans_path()))


def printable(text: str) -> str:
    """Return a text as it can be printed: unknown characters as □, invisible ones left out.

    Control, format (zero-width, direction override) and surrogate characters are dropped, for they would let
    a text look different from what it says. Line ends become a newline; everything else that the fonts hold
    is kept.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_ENDS)
    if lines.isascii() and lines.isprintable():
        return lines
    covered = drawable()
    return "".join(
        c if c == "\n" or (ord(c) in covered and unicodedata.category(c) != "Cf") else REPLACEMENT
        for c in lines
        if c == "\n" or (unicodedata.category(c) not in _DROPPED_CATEGORIES and not _is_selector(c))
    )


def _is_selector(character: str) -> bool:
    """Say whether a character only chooses between shapes of the one before it (variation selectors)."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
