"""What does the PDF template need to know of a pack, as inert JSON values?

Everything the template would have to compute is computed here: which words need break points, where a bar
ends.
"""

import base64
import re
import struct
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from reports.glyphs import FONT_FAMILIES, REPLACEMENT, printable
from reports.labels import figure_text, state_word, target_text, words_for
from reports.pack import Align, BarChart, ColumnChart, Pack, Photograph, Section, Table
from reports.pictures_view import picture_view

JsonValue: TypeAlias = "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"

# The type area of the template: A4 less two margins of 20 mm, in points; both insets of a cell; the advance of a
# capital of Noto Sans as a share of its size. Words near the limit are marked too; they break only where they must.
_TEXT_WIDTH_PT = 481.9
_CELL_INSET_PT = 10.0
_CELL_LETTER_EM = 0.66
_PROSE_WORD = 60
_COVER_WORD = 24
_KEEP_TOGETHER = 400

_WESTERN_RUN = re.compile(r"[^\s\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]+")
_WORD = re.compile(r"[(“]?[A-Za-z]{1,24}[.,;:)”]{0,2}")
_JOINTS = re.compile(r"(?<=[-/_.&?=:,;@#])")


def pack_view(pack: Pack) -> dict[str, JsonValue]:
    """Return a pack as the values that `templates/pack.typ` lays out."""
    words = words_for(pack.language)
    facts = (
        (words.property_name, pack.property_name),
        (words.engagement, pack.engagement_code),
        (words.client, pack.client),
        (words.custodian, pack.custodian),
        (pack.period_name or words.period, pack.period_label),
        (words.prepared_on, pack.issued_on.isoformat()),
    )
    view: dict[str, JsonValue] = {
        "fonts": FONT_FAMILIES,
        "language": pack.language,
        "title": printable(pack.title).replace("\n", " ").strip() or printable(pack.engagement_code) or "–",
        "title_pieces": pieces(_one_line(pack.title), _COVER_WORD),
        "subtitle": pieces(_one_line(pack.subtitle), 50),
        "author": printable(pack.custodian),
        "date": [pack.issued_on.year, pack.issued_on.month, pack.issued_on.day],
        "facts": [[label, pieces(_one_line(value), 30)] for label, value in facts if value.strip()],
        "running_head": [
            _shortened(" · ".join(filter(None, (pack.engagement_code, pack.title))), 44),
            _shortened(pack.property_name, 22),
        ],
        "footer_note": _shortened(pack.footer_note, 60),
        "contents": words.contents if len(pack.sections) > 4 else None,
        "page_of": re.split(r"\{pages?\}", words.page_of),
        "legend_target": words.target,
        "sections": [_section_view(section, pack) for section in pack.sections],
    }
    view["glyph_note"] = words.missing_glyphs if _lacks_glyphs(view) else None
    return view


def pieces(text: str, longest_word: int) -> JsonValue:
    """Cut a text into what the template sets: runs, line breaks, and words too long for their place.

    Args:
        text: As the builder wrote it.
        longest_word: Letters that fit on one line; a longer run of western letters may break anywhere.
        Chinese text
            breaks by itself.

    Returns:
        A plain string where nothing needs care, otherwise a list of strings and of ``{"word": text}`` (one that may
        be hyphenated), ``{"atoms": [text, ...]}`` (a code that may break between its parts) and ``{"line": true}``.
    """
    clean = printable(text)
    if len(clean) <= longest_word and "\n" not in clean:
        return clean
    parts: list[JsonValue] = []
    for number, line in enumerate(clean.split("\n")):
        if number:
            parts.append({"line": True})
        at = 0
        for run in _WESTERN_RUN.finditer(line):
            if len(run[0]) > longest_word:
                if run.start() > at:
                    parts.append(line[at : run.start()])
                parts.append(_long_run(run[0], longest_word))
                at = run.end()
        if at < len(line):
            parts.append(line[at:])
    return parts


def _long_run(run: str, longest_word: int) -> JsonValue:
    """Say how a run that is too long for its place may break: a word by syllables, a code at its own joints.

    A part of a code that is still too long breaks between any two letters.
    """
    if _WORD.fullmatch(run):
        return {"word": run}
    atoms: list[str] = []
    for part in _JOINTS.split(run):
        atoms.extend([part] if len(part) <= longest_word else part)
    return {"atoms": atoms}


def _one_line(text: str) -> str:
    return printable(text).replace("\n", " ").strip()


def _shortened(text: str, length: int) -> str:
    """Cut a line for the page's head or foot. A Chinese character takes the room of two western ones."""
    line = _one_line(text)
    room = 2 * length
    for at, character in enumerate(line):
        room -= 2 if ord(character) > 0x2E80 else 1
        if room < 0:
            return line[:at].rstrip() + "…"
    return line


def _section_view(section: Section, pack: Pack) -> dict[str, JsonValue]:
    return {
        "heading": pieces(_one_line(section.heading) or "–", 40),
        "paragraphs": [pieces(p.strip(), _PROSE_WORD) for p in section.paragraphs if p.strip()],
        "charts": [_chart_view(chart, pack) for chart in section.bars],
        "over_time": [_columns_view(chart, pack) for chart in section.over_time],
        "pictures": [
            picture_view(picture)
            | {
                "caption": pieces(_one_line(picture.caption), _PROSE_WORD),
                "summary": pieces(_one_line(picture.summary), _PROSE_WORD),
            }
            for picture in section.pictures
        ],
        "tables": [_table_view(table, pack) for table in section.tables],
        "photographs": [_photograph_view(photograph) for photograph in section.photographs],
        "across": section.across,
    }


def _photograph_view(photograph: Photograph) -> dict[str, JsonValue]:
    """A PNG travels inside an SVG, for the template takes text only."""
    image = None
    if photograph.png is not None:
        width, height = struct.unpack(">II", photograph.png[16:24])
        size = f'width="{width}" height="{height}"'
        data = base64.b64encode(photograph.png).decode("ascii")
        image = (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {size}>'
            f'<image {size} xlink:href="data:image/png;base64,{data}"/></svg>'
        )
    return {
        "image": image,
        "alt": _one_line(photograph.title) or "–",
        "title": pieces(_one_line(photograph.title), 24),
        "caption": pieces(_one_line(photograph.caption), 24),
        "missing": pieces(_one_line(photograph.missing), 24),
    }


def _table_view(table: Table, pack: Pack) -> dict[str, JsonValue]:
    whole = sum(column.width for column in table.columns)
    size = 8.5 if len(table.columns) <= 7 else 7.5
    rooms = [
        max(3, int((_TEXT_WIDTH_PT * column.width / whole - _CELL_INSET_PT) / (size * _CELL_LETTER_EM)))
        for column in table.columns
    ]

    def cells(row: Sequence[str]) -> list[JsonValue]:
        return [pieces(text, room) for text, room in zip(row, rooms, strict=True)]

    aligns: list[Align] = [column.align for column in table.columns]
    return {
        "caption": pieces(_one_line(table.caption), _PROSE_WORD),
        "size": size,
        "widths": [column.width for column in table.columns],
        "aligns": aligns,
        "head": cells([column.label for column in table.columns]),
        # A row is kept whole on one page unless it is so long that it may not fit one.
        "rows": [{"cells": cells(row), "keep": max(map(len, row)) < _KEEP_TOGETHER} for row in table.rows],
        "empty": None if table.rows else words_for(pack.language).no_rows,
        "total": None if table.total is None else cells(table.total),
    }


def _chart_view(chart: BarChart, pack: Pack) -> dict[str, JsonValue]:
    words = words_for(pack.language)
    figures = [f for bar in chart.bars for f in (bar.value, bar.target) if f is not None]
    low = min(figures, default=Decimal(0))
    high = max(figures, default=Decimal(0))
    low, high = min(low, Decimal(0)), max(high, Decimal(0))
    span = (high - low) or Decimal(1)

    def place(figure: Decimal | None) -> float | None:
        """Where a figure lies on the common scale, 0 to 1."""
        return None if figure is None else round(float((figure - low) / span), 4)

    return {
        "caption": pieces(_one_line(chart.caption), _PROSE_WORD),
        "head": [words.indicator, words.value, words.target, words.state],
        "zero": place(Decimal(0)),
        "bars": [
            {
                "label": pieces(_one_line(bar.label), 22),
                "value": pieces(printable(figure_text(bar.value, chart.unit, pack.language)), 12),
                "target": pieces(printable(target_text(bar, chart.unit, pack.language)), 12),
                "state": bar.state,
                "verdict": state_word(bar.state, pack.language, chart.met, chart.missed),
                "at": place(bar.value),
                "target_at": place(bar.target),
            }
            for bar in chart.bars
        ],
    }


def _columns_view(chart: ColumnChart, pack: Pack) -> dict[str, JsonValue]:
    figures = [f for bar in chart.bars for f in (bar.value, bar.target) if f is not None]
    low, high = min([*figures, Decimal(0)]), max([*figures, Decimal(0)])
    span = (high - low) or Decimal(1)

    def place(figure: Decimal | None) -> float | None:
        return None if figure is None else round(float((figure - low) / span), 4)

    # A label needs about 36 points of the width; the others stand under their columns unsaid.
    every = max(1, -(-len(chart.bars) // 12))
    return {
        "caption": pieces(_one_line(chart.caption), _PROSE_WORD),
        "summary": pieces(_one_line(chart.summary), _PROSE_WORD),
        "zero": place(Decimal(0)),
        "axis": [printable(figure_text(figure, chart.unit, pack.language)) for figure in (high, low)],
        "below": low < 0,
        "step": every,
        "bars": [
            {
                "label": printable(bar.label),
                "state": bar.state,
                "at": place(bar.value),
                "target_at": place(bar.target),
            }
            for bar in chart.bars
        ],
    }


def _lacks_glyphs(value: JsonValue) -> bool:
    """Say whether any text of a view holds the sign for a missing glyph."""
    if isinstance(value, str):
        return REPLACEMENT in value
    if isinstance(value, Mapping):
        return any(map(_lacks_glyphs, value.values()))
    return isinstance(value, Sequence) and any(map(_lacks_glyphs, value))
