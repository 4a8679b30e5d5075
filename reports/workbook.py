"""How does a pack become a workbook whose cells are exactly the pack's texts, and never a formula?

Every cell is written by `write_string` or `write_number`, links to sheets of the book by `write_url`; nothing is left to
a library's guess (a text "=1+1" became a live formula with two writers that were measured). Quantities in right-aligned
columns become numbers.
"""

import io
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.cells import GUARDED, quantity, sheet_names, workbook_text
from reports.labels import figure_text, state_word, target_text, words_for
from reports.pack import BarChart, Column, ColumnChart, Pack, Section, Table


def render_xlsx(pack: Pack) -> bytes:
    """Write a pack as a workbook: a cover, then one sheet for each section that has tables or charts.

    The same pack gives the same bytes: the date inside is ``pack.issued_on``.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, GUARDED) as book:
        book.set_properties(
            {
                "title": workbook_text(pack.title)[:255],
                "author": workbook_text(pack.custodian)[:255],
                "created": datetime.combine(
                    pack.issued_on, datetime.min.time()
                ),  # naive: the library writes it as Z
            }
        )
        _Writer(book, pack).write()
    return buffer.getvalue()


_LOOKS: dict[str, dict[str, str | int | bool]] = {
    "title": {"font_size": 18, "bold": True, "font_color": "#174A5F"},
    "heading": {"font_size": 14, "bold": True, "font_color": "#174A5F"},
    "caption": {"bold": True, "font_color": "#174A5F"},
    "label": {"font_color": "#5D6B76", "valign": "top"},
    "link": {"font_color": "#174A5F", "underline": 1},
    "head": {"bold": True, "font_color": "#FFFFFF", "bg_color": "#174A5F", "text_wrap": True},
    "body": {"text_wrap": True, "valign": "top", "bottom": 4, "bottom_color": "#C8D3D9"},
    "total": {"bold": True, "top": 1, "bottom": 1, "font_color": "#174A5F"},
    "note": {"italic": True, "font_color": "#5D6B76"},
}


class _Writer:
    """Holds the open workbook and its formats while one pack is written."""

    def __init__(self, book: xlsxwriter.Workbook, pack: Pack) -> None:
        self.book = book
        self.pack = pack
        self.words = words_for(pack.language)
        self._formats: dict[tuple[str, str, str], Format] = {}

    def write(self) -> None:
        cover = self.book.add_worksheet(self.words.cover_sheet)
        shown = [
            section for section in self.pack.sections if section.tables or section.bars or section.over_time
        ]
        names = sheet_names((s.heading for s in shown), self.words.cover_sheet, self.words.sheet)
        self._cover(cover, names)
        for section, name in zip(shown, names, strict=True):
            self._section(self.book.add_worksheet(name), section)

    def _format(self, kind: str, align: str = "left", number_format: str = "") -> Format:
        """Return a cell format; a workbook may hold each only once to stay small and equal."""
        key = (kind, align, number_format)
        if key not in self._formats:
            font = "Microsoft YaHei" if self.pack.language == "zh" else "Calibri"
            look: dict[str, str | int | bool] = {"font_name": font, **_LOOKS[kind]}
            look["align"] = align
            if number_format:
                look["num_format"] = number_format
            self._formats[key] = self.book.add_format(look)
        return self._formats[key]

    def _text(self, sheet: Worksheet, row: int, column: int, text: str, form: Format) -> None:
        clean = workbook_text(text, self.pack.language)
        if clean:
            sheet.write_string(row, column, clean, form)
        else:
            sheet.write_blank(row, column, None, form)

    def _cover(self, sheet: Worksheet, names: Sequence[str]) -> None:
        pack, words = self.pack, self.words
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 1, 60)
        self._text(sheet, 0, 0, pack.title, self._format("title"))
        self._text(sheet, 1, 0, pack.subtitle, self._format("note"))
        facts = (
            (words.property_name, pack.property_name),
            (words.engagement, pack.engagement_code),
            (words.client, pack.client),
            (words.custodian, pack.custodian),
            (pack.period_name or words.period, pack.period_label),
            (words.prepared_on, pack.issued_on.isoformat()),
        )
        row = 3
        for label, value in facts:
            self._text(sheet, row, 0, label, self._format("label"))
            self._text(sheet, row, 1, value, self._format("body"))
            row += 1
        if names:
            row += 1
            self._text(sheet, row, 0, words.contents, self._format("caption"))
            for name in names:
                row += 1
                # A link within the book: sheet names are cleaned, and a quote in one is doubled as the format asks.
                place = "internal:'" + name.replace("'", "''") + "'!A1"
                sheet.write_url(row, 0, place, self._format("link"), name)
        if pack.footer_note:
            self._text(sheet, row + 2, 0, pack.footer_note, self._format("note"))
        _for_print(sheet)

    def _section(self, sheet: Worksheet, section: Section) -> None:
        tables = [self._chart_as_table(chart) for chart in section.bars]
        tables += [self._chart_as_table(chart) for chart in section.over_time]
        tables += section.tables
        sheet.hide_gridlines(2)
        for column, width in enumerate(_widths(tables)):
            sheet.set_column(column, column, width)
        self._text(sheet, 0, 0, section.heading, self._format("heading"))
        row = 2
        for table in tables:
            row = self._table(sheet, row, table) + 2
        if len(tables) == 1:
            # The header stays in sight; with several tables on a sheet only the heading can.
            sheet.freeze_panes(4, 0)
            sheet.repeat_rows(3)
            if tables[0].rows:
                sheet.autofilter(3, 0, 3 + len(tables[0].rows), len(tables[0].columns) - 1)
        else:
            sheet.freeze_panes(1, 0)
        _for_print(sheet)

    def _table(self, sheet: Worksheet, row: int, table: Table) -> int:
        """Write a table with its caption from a row on and return the row after it."""
        self._text(sheet, row, 0, table.caption, self._format("caption"))
        row += 1
        for place, column in enumerate(table.columns):
            self._text(sheet, row, place, column.label, self._format("head", column.align))
        for cells in table.rows:
            row += 1
            self._row(sheet, row, cells, table.columns, "body")
        if not table.rows:
            row += 1
            self._text(sheet, row, 0, self.words.no_rows, self._format("note"))
        if table.total is not None:
            row += 1
            self._row(sheet, row, table.total, table.columns, "total")
        return row + 1

    def _row(
        self, sheet: Worksheet, row: int, cells: Sequence[str], columns: Sequence[Column], kind: str
    ) -> None:
        for place, (text, column) in enumerate(zip(cells, columns, strict=True)):
            number = quantity(text) if column.align == "right" else None
            if number is None:
                self._text(sheet, row, place, text, self._format(kind, column.align))
            else:
                form = self._format(kind, column.align, number.number_format)
                sheet.write_number(row, place, number.value, form)

    def _chart_as_table(self, chart: BarChart | ColumnChart) -> Table:
        """Show a chart's figures as a table; "no data" stays in words, never a zero."""
        words, language = self.words, self.pack.language
        head = f"{chart.caption}（{chart.unit}）" if language == "zh" else f"{chart.caption} ({chart.unit})"
        percent = "%" if chart.unit == "%" else ""
        said = (chart.met, chart.missed) if isinstance(chart, BarChart) else ("", "")

        def cell(shown: str, absent: bool) -> str:
            return shown if absent else shown + percent

        rows = tuple(
            (
                bar.label,
                cell(figure_text(bar.value, "", language), bar.value is None),
                cell(target_text(bar, "", language), bar.target is None),
                state_word(bar.state, language, *said),
            )
            for bar in chart.bars
        )
        columns = (
            Column(words.indicator),
            Column(words.value, "right"),
            Column(words.target, "right"),
            Column(words.state),
        )
        return Table(head if chart.unit else chart.caption, columns, rows)


def _for_print(sheet: Worksheet) -> None:
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")


def _widths(tables: Sequence[Table]) -> list[int]:
    """Return a width in characters for each column of a sheet; a Chinese character takes two."""
    widths: dict[int, int] = {}
    for table in tables:
        for row in (
            tuple(column.label for column in table.columns),
            *table.rows,
            *filter(None, (table.total,)),
        ):
            for place, text in enumerate(row):
                widths[place] = max(widths.get(place, 10), min(_width(text) + 3, 60))
    return [widths[place] for place in sorted(widths)]


def _width(text: str) -> int:
    """The longest line in characters, at most 80 of each looked at."""
    if text.isascii() and "\n" not in text:  # most cells of a long list
        return min(len(text), 80)
    return max(sum(2 if ord(c) > 0x2E80 else 1 for c in part[:80]) for part in text.split("\n"))
