"""Which rows stand in a table too long to be held? Text is read row by row, its header found as in any sheet."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from models.rules.handover_sheet import HEADER_ROWS, SheetColumn, find_header
from tasks.sheet_rows import (
    TEXT_FILES,
    SheetRefused,
    SheetRow,
    SheetTooLong,
    cells_of,
    headings_of,
    read_table,
)
from tasks.survey_lines import AS_TEXT, csv_rows
from tasks.workbook import WorkbookRefused

_BLOCK = 1 << 20
_NO_SIGN = "\ufffd"
"""Stands for bytes that are not text in the encoding of the file."""


@dataclass(frozen=True)
class LongTable:
    """A table whose rows can be read one by one, as often as needed."""

    file: str
    sheet: str
    """Empty for a text file."""
    sha256: str
    lines: int
    """About how many rows there are: cells may hold line ends."""
    rows: Callable[[], Iterator[SheetRow]]


def open_long_table(path: Path, columns: tuple[SheetColumn, ...], required: tuple[str, ...]) -> LongTable:
    """Find the header of a text file of any length, or of a workbook within the limits of workbooks.

    Raises:
        Terminal: no such file, no text, no header, or a column twice.
    """
    if path.suffix.lower() not in TEXT_FILES:
        with _told_of_text():
            table = read_table(path, columns, required)
        return LongTable(table.file, table.sheet, table.sha256, len(table.rows), lambda: iter(table.rows))
    first = list(islice(_text_rows(path), HEADER_ROWS))
    found = find_header([row for _, row in first], columns, required)
    if found is None:
        names = ", ".join(column.zh + "/" + column.en for column in columns if column.key in required)
        raise SheetRefused(f"{path.name}: none of the first {HEADER_ROWS} rows holds the columns {names}.")
    at, places, twice = found
    head = first[at][0]
    if twice:
        raise SheetRefused(
            f"{path.name}, row {head}: the column {', '.join(twice)} stands there twice; keep one."
        )
    digest, lines = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            lines += block.count(b"\n")

    def rows() -> Iterator[SheetRow]:
        for number, row in _text_rows(path):
            if number > head and any((cells := cells_of(row, places)).values()):
                yield SheetRow(number, cells, _problem(row, cells))

    return LongTable(path.name, "", digest.hexdigest(), lines, rows)


def first_headings(path: Path) -> tuple[str, ...]:
    """As `headings_of`, of a file of any length."""
    if path.suffix.lower() not in TEXT_FILES:
        with _told_of_text():
            return headings_of(path)
    return tuple(next((row for _, row in _text_rows(path) if any(cell.strip() for cell in row)), []))


@contextmanager
def _told_of_text() -> Iterator[None]:
    """What a workbook is too long or not fit for, text can do."""
    try:
        yield
    except SheetRefused as error:
        if isinstance(error, SheetTooLong) or isinstance(error.__cause__, WorkbookRefused):
            raise SheetTooLong(f"{error} {AS_TEXT}") from error
        raise


def _text_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    if not path.is_file():
        raise SheetRefused(f"{path.name}: there is no such file.")
    yield from csv_rows(path)


def _problem(row: list[str], cells: dict[str, str]) -> str:
    """A line in another encoding bears the sign at its very beginning, whichever column that is."""
    if row[0].startswith(_NO_SIGN) or any(_NO_SIGN in cell for cell in cells.values()):
        return "holds bytes that are not text in the encoding of the other rows; save the file as CSV UTF-8"
    return ""
