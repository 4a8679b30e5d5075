"""Which rows stand in this table from outside, CSV or workbook? Read as text, within limits, header found."""

import csv
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from models.errors import Terminal
from models.rules.handover_sheet import HEADER_ROWS, SheetColumn, find_header
from models.rules.personal_data import masked
from tasks.outside_text import decoded, is_chinese_utf8, is_utf8, read_at_most
from tasks.workbook import WorkbookRefused, read_workbook

MAX_CSV_BYTES = 20_000_000
MAX_ROWS = 100_000
TEXT_FILES = (".csv", ".txt", ".tsv")
_MAX_CELL = 10_000
_NO_SIGN = "\ufffd"
"""Stands for bytes that are not text in the encoding of the file, and before a line that is in another."""
_OTHER_LINES = "holds bytes that are not text in the encoding of the other rows; save the file as CSV UTF-8"
T = TypeVar("T")


class SheetRefused(Terminal):
    """The file cannot be read as the table that was expected; the message says what was."""


class SheetTooLong(SheetRefused):
    """The table has more rows than are read of such a file."""


@dataclass(frozen=True)
class RowDoubt:
    """A row that was not taken, or a cell that was doubted: where, what stood there, what was expected."""

    row: int
    column: str
    value: str
    """Empty where it may be a person's name."""
    reason: str
    taken: bool = False
    """True where the row was taken without the doubted cell."""


class CellDoubted(ValueError):
    """A cell for which its row is not taken: the column, and what was expected."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


@dataclass(frozen=True)
class RowsTaken:
    """What became of a file: rows = recorded + as before + not taken."""

    file: str
    rows: int
    recorded: int
    as_before: int
    doubts: tuple[RowDoubt, ...]
    """Rows not taken, and those taken with a mark."""

    @property
    def not_taken(self) -> int:
        """How many rows were left out."""
        return sum(not doubt.taken for doubt in self.doubts)

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return {**self.__dict__, "not_taken": self.not_taken, "doubts": [d.__dict__ for d in self.doubts]}


@dataclass(frozen=True)
class SheetRow:
    """One row: its number as a spreadsheet shows it, and its cells by column key."""

    number: int
    cells: dict[str, str]
    problem: str = ""
    """Why it cannot be read, if so."""


@dataclass(frozen=True)
class TableRead:
    """A table as it was read."""

    file: str
    sheet: str
    sha256: str
    rows: tuple[SheetRow, ...]
    unread: tuple[str, ...] = ()
    """Headings that name none of the columns."""


def read_table(
    path: Path, columns: tuple[SheetColumn, ...], required: tuple[str, ...], *, mixed: bool = False
) -> TableRead:
    """Read the first sheet whose header holds the required columns.

    Args:
        path: CSV or XLSX.
        columns: the columns there may be.
        required: those that must be there.
        mixed: take text some of whose lines are in another encoding; their rows bear it as their problem.

    Raises:
        SheetRefused: no such file, unsafe, too large, lines in another encoding, no header, or a column twice.
    """
    sheets = _sheets(path, mixed=mixed)
    for sheet, rows in sheets.items():
        found = find_header(rows, columns, required)
        if found is None:
            continue
        head, places, twice = found
        where = f"{path.name}, {f'sheet {sheet!r}, ' if sheet else ''}row {head + 1}"
        if twice:
            raise SheetRefused(f"{where}: the column {', '.join(twice)} stands there twice; keep one.")
        if len(rows) - head - 1 > MAX_ROWS:
            raise SheetTooLong(f"{where}: more than {MAX_ROWS:,} rows follow; split the file.")
        read = tuple(
            SheetRow(number, cells, _OTHER_LINES if mixed and any(_NO_SIGN in cell for cell in row) else "")
            for number, row in enumerate(rows[head + 1 :], start=head + 2)
            if any((cells := cells_of(row, places)).values())
        )
        unread = tuple(
            cell.strip()[:60]
            for place, cell in enumerate(rows[head])
            if cell.strip() and place not in places.values()
        )
        return TableRead(path.name, sheet, hashlib.sha256(path.read_bytes()).hexdigest(), read, unread)
    names = ", ".join(column.zh + "/" + column.en for column in columns if column.key in required)
    raise SheetRefused(
        f"{path.name}: none of the first {HEADER_ROWS} rows of any sheet holds the columns {names}."
    )


def cells_of(row: list[str], places: dict[str, int]) -> dict[str, str]:
    """The cells of a row by column key, each within a limit."""
    return {key: row[at].strip()[:_MAX_CELL] if at < len(row) else "" for key, at in places.items()}


def judge_rows(
    table: TableRead, judge: Callable[[SheetRow], T], *, never_shown: tuple[str, ...] = ()
) -> tuple[list[T], list[RowDoubt]]:
    """What each good row says, and the doubts about the others.

    Args:
        table: the table as it was read.
        judge: reads a row, or raises `CellDoubted`.
        never_shown: columns whose value is not repeated, not even masked.
    """
    good: list[T] = []
    doubts: list[RowDoubt] = []
    for row in table.rows:
        try:
            good.append(judge(row))
        except CellDoubted as doubted:
            shown = "" if doubted.column in never_shown else masked(row.cells.get(doubted.column, ""))[:80]
            doubts.append(RowDoubt(row.number, doubted.column, shown, str(doubted)))
    return good, doubts


def headings_of(path: Path) -> tuple[str, ...]:
    """The cells of the first row of the first sheet that holds anything.

    Raises:
        SheetRefused: no such file, unsafe or too large.
    """
    rows = next(iter(_sheets(path, mixed=True).values()), [])
    return tuple(next((row for row in rows if any(cell.strip() for cell in row)), []))


def _sheets(path: Path, *, mixed: bool) -> dict[str, list[list[str]]]:
    if not path.is_file():
        raise SheetRefused(f"{path.name}: there is no such file.")
    return _csv(path, mixed=mixed) if path.suffix.lower() in TEXT_FILES else _workbook(path)


def _workbook(path: Path) -> dict[str, list[list[str]]]:
    try:
        return read_workbook(path)
    except WorkbookRefused as error:
        raise SheetRefused(str(error)) from error


def _csv(path: Path, *, mixed: bool) -> dict[str, list[list[str]]]:
    content = read_at_most(path, MAX_CSV_BYTES)
    if content is None:
        raise SheetRefused(f"{path.name}: larger than {MAX_CSV_BYTES // 1_000_000} MB; split the file.")
    if b"\x00" in content:
        raise SheetRefused(f"{path.name}: is no text; expected CSV in UTF-8, or a workbook named .xlsx.")
    text = _text(path, content, mixed=mixed)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        for row in reader:
            # A row keeps the number an editor shows, also after a cell with line breaks.
            rows.extend([] for _ in range(reader.line_num - len(rows) - 1))
            rows.append(row)
            if len(rows) > MAX_ROWS + HEADER_ROWS:
                raise SheetTooLong(f"{path.name}: more than {MAX_ROWS:,} rows; split the file.")
    except csv.Error as error:
        raise SheetRefused(f"{path.name}, row {reader.line_num}: cannot be read as CSV ({error}).") from error
    return {"": rows}


def _text(path: Path, content: bytes, *, mixed: bool) -> str:
    """The text of a file; each line that is in another encoding than most begins with `_NO_SIGN`, if there may be any.

    GB18030 gives signs for nearly any bytes, so that lines in UTF-8 would read as other signs without a complaint.
    """
    if is_utf8(content):
        return content.decode("utf-8-sig")
    lines = content.split(b"\n")
    chinese = [
        number for number, line in enumerate(lines, start=1) if not line.isascii() and is_chinese_utf8(line)
    ]
    other = [number for number, line in enumerate(lines, start=1) if not is_utf8(line)]
    stray = chinese if len(other) > len(chinese) else other
    if not chinese or not stray:
        text = decoded(content)
        if text is None:
            raise SheetRefused(f"{path.name}: neither UTF-8 nor GB18030 text; save it as CSV UTF-8.")
        return text
    if not mixed:
        named = ", ".join(map(str, stray[:5])) + (f" and {len(stray) - 5} more" if len(stray) > 5 else "")
        raise SheetRefused(
            f"{path.name}, row {named}: in another encoding than the other rows; save it as CSV UTF-8."
        )
    encoding, strays = "gb18030" if stray is chinese else "utf-8", frozenset(stray)
    return "\n".join(
        (_NO_SIGN if number in strays else "") + line.decode(encoding, "replace").removeprefix("\ufeff")
        for number, line in enumerate(lines, start=1)
    )
