"""Which sheets does the fieldwork hand to people: forms to type, cells to settle, respondents to call? (D4)"""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from reports.cells import GUARDED, workbook_text

Row = Sequence[str | int | None]


def field_workbook(sheets: Iterable[tuple[str, str, Sequence[str], Iterable[Row]]]) -> bytes:
    """A workbook of plain tables; every text stays a text.

    Args:
        sheets: name, a sentence above the table (none where empty), headings and rows of each.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, GUARDED) as book:
        head = book.add_format({"bold": True, "bg_color": "#174A5F", "font_color": "#FFFFFF"})
        warning = book.add_format({"bold": True, "font_color": "#9C1C1C"})
        for name, note, headings, rows in sheets:
            sheet = book.add_worksheet(name)
            at = 0
            if note:
                sheet.write_string(0, 0, workbook_text(note), warning)
                at = 1
            for column, heading in enumerate(headings):
                sheet.set_column(column, column, 20)
                sheet.write_string(at, column, workbook_text(heading), head)
            sheet.freeze_panes(at + 1, 0)
            for number, row in enumerate(rows, start=at + 1):
                for column, value in enumerate(row):
                    if isinstance(value, int):
                        sheet.write_number(number, column, value)
                    elif value:
                        sheet.write_string(number, column, workbook_text(value))
    return buffer.getvalue()
