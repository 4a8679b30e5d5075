"""How does a plan become a workbook for editing, in which no text is ever a formula?"""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

import xlsxwriter

from models.rules.plan_sheets import READ_ONLY, Cell
from reports.cells import GUARDED, workbook_text


def render_plan_workbook(sheets: Mapping[str, Sequence[Sequence[Cell]]], made_on: datetime) -> bytes:
    """Write the sheets with their headings fixed; columns that are not read back are grey.

    Args:
        sheets: name to rows, the first row the heading.
        made_on: the instant inside the file, so that the same plan gives the same bytes.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, GUARDED) as book:
        book.set_properties({"created": made_on})
        head = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#174A5F"})
        plain = book.add_format({"valign": "top"})
        grey = book.add_format({"valign": "top", "font_color": "#5D6B76", "bg_color": "#EEF1F3"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, max(len(rows[0]) - 1, 0), 18)
            locked = set(READ_ONLY.get(name, ()))
            for column, title in enumerate(rows[0]):
                sheet.write_string(0, column, str(title), head)
            for number, row in enumerate(rows[1:], start=1):
                for column, cell in enumerate(row):
                    look = grey if rows[0][column] in locked else plain
                    if isinstance(cell, str):
                        sheet.write_string(number, column, workbook_text(cell), look)
                    else:
                        sheet.write_number(number, column, float(cell), look)
    return buffer.getvalue()
