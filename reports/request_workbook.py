"""How is the analysis of a file of service requests shown as a workbook? Figures, types, every row (B6)."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from reports.cells import GUARDED, workbook_text

MOST_ROWS = 1_048_000
"""A sheet holds 1,048,576 rows (ECMA-376); what is beyond is said in its last line."""

Row = Sequence[str | int | float | None]


def write_request_workbook(
    path: Path, sheets: Iterable[tuple[str, Sequence[str], Iterable[Row]]], note: str
) -> None:
    """Write sheets row by row; texts stay texts, and no row is held in memory.

    Args:
        path: the file to write.
        sheets: name, headings and rows of each.
        note: how many rows a cut sheet could not show, with `{rows}` for its number.
    """
    options: dict[str, Any] = {**GUARDED, "in_memory": False, "constant_memory": True}
    with xlsxwriter.Workbook(path, options) as book:
        bold = book.add_format({"bold": True, "bg_color": "#174A5F", "font_color": "#FFFFFF"})
        for name, headings, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column, heading in enumerate(headings):
                sheet.set_column(column, column, 24)
                sheet.write_string(0, column, heading, bold)
            at, beyond = 0, 0
            for row in rows:
                if at == MOST_ROWS:
                    beyond += 1
                    continue
                at += 1
                _write(sheet, at, row)
            if beyond:
                sheet.write_string(at + 1, 0, note.format(rows=f"{beyond:,}"))


def _write(sheet: Worksheet, at: int, row: Row) -> None:
    for column, value in enumerate(row):
        if isinstance(value, int | float):
            sheet.write_number(at, column, value)
        elif value:
            sheet.write_string(at, column, workbook_text(value, "en"))
