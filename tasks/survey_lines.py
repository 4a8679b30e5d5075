"""Which rows stand in a file of survey answers, however long it is? Read line by line, in one known encoding."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from models.errors import Terminal
from tasks.outside_text import is_chinese_utf8, is_utf8
from tasks.workbook import WorkbookRefused, read_workbook

LONGEST_LINE = 200_000
"""Bytes; a longer line is no row of answers."""
MOST_COLUMNS = 2_000
AS_TEXT = "Saved as CSV UTF-8 a table is read at any length."
"""What to do with a workbook that is not read."""
_BLOCK = 1 << 20
_OTHER_ENCODING = "\ufffd"
"""Before a line that does not fit the file's encoding."""


class AnswersRefused(Terminal):
    """The file cannot be read as a table of answers; the message says why and what to do."""


def answer_rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Row number (as a spreadsheet shows it) and the needed cells of each row that holds anything.

    CSV is streamed. Bytes that do not fit the file's encoding come as U+FFFD, so that only their row is lost.

    Raises:
        AnswersRefused: no such file, unsafe, no header with the needed columns, or a column twice.
    """
    if not path.is_file():
        raise AnswersRefused(f"{path.name}: there is no such file.")
    rows = _sheet_rows(path) if path.suffix.lower() in (".xlsx", ".xls", ".xlsm") else csv_rows(path)
    header: list[str] | None = None
    places: dict[str, int] = {}
    for number, row in rows:
        if header is None:
            if not any(cell.strip() for cell in row):
                continue
            header = [cell.strip() for cell in row]
            places = _places(path, number, header, needed)
            continue
        if any(cell.strip() for cell in row):
            cells = {name: row[at] if at < len(row) else "" for name, at in places.items()}
            if row[0].startswith(_OTHER_ENCODING) and needed:
                # The mark of a line in another encoding stands in its first cell, which may be none of those needed.
                cells[needed[0]] = _OTHER_ENCODING + cells[needed[0]].removeprefix(_OTHER_ENCODING)
            yield number, cells
    if header is None:
        raise AnswersRefused(f"{path.name}: is empty; expected a header row.")


def _places(path: Path, number: int, header: list[str], needed: tuple[str, ...]) -> dict[str, int]:
    missing = [name for name in needed if name not in header]
    if missing:
        shown = ", ".join(name for name in header[:30] if name)
        raise AnswersRefused(
            f"{path.name}, row {number}: the column {', '.join(missing)} is missing; the header holds {shown}."
        )
    twice = [name for name in needed if header.count(name) > 1]
    if twice:
        raise AnswersRefused(f"{path.name}, row {number}: the column {', '.join(twice)} stands there twice.")
    return {name: header.index(name) for name in needed}


def _sheet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        sheets = read_workbook(path)
    except WorkbookRefused as error:
        raise AnswersRefused(f"{error} {AS_TEXT}") from error
    yield from enumerate(next(iter(sheets.values()), []), start=1)


def csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number of its first line and cells of each row of a text file, header and empty rows too.

    Raises:
        AnswersRefused: it is no CSV text, a line is too long or a row too wide.
    """
    encoding = _encoding(path)
    with path.open("rb") as stream:
        lines = _lines(path, stream, encoding)
        first = next(lines, "")
        delimiter = max(",;\t", key=first.count)

        def all_lines() -> Iterator[str]:
            yield first
            yield from lines

        reader = csv.reader(all_lines(), delimiter=delimiter)
        while True:
            number = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise AnswersRefused(
                    f"{path.name}, row {number}: cannot be read as CSV ({error})."
                ) from error
            if len(row) > MOST_COLUMNS:
                raise AnswersRefused(f"{path.name}, row {number}: more than {MOST_COLUMNS} columns.")
            yield number, row


def _lines(path: Path, stream: BinaryIO, encoding: str) -> Iterator[str]:
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise AnswersRefused(f"{path.name}, row {number}: longer than {LONGEST_LINE} bytes.")
        text = line.decode(encoding, "replace")
        if encoding != "utf-8" and not line.isascii() and is_chinese_utf8(line):
            text = _OTHER_ENCODING + text  # it would read as other signs, without a complaint
        yield text.removeprefix("\ufeff") if number == 1 else text


def _encoding(path: Path) -> str:
    """UTF-8 if more lines beyond ASCII read so than not, else GB18030; the few others are doubted row by row."""
    utf8, other = 0, 0
    with path.open("rb") as stream:
        head = stream.read(4)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in head:
            raise AnswersRefused(f"{path.name}: is UTF-16 or no text; save it as CSV UTF-8, or as .xlsx.")
        stream.seek(0)
        rest = b""
        while block := stream.read(_BLOCK):
            if b"\x00" in block:
                raise AnswersRefused(f"{path.name}: is no text; expected CSV, or a workbook named .xlsx.")
            whole, _, tail = (rest + block).rpartition(b"\n")
            if len(tail) > LONGEST_LINE:
                raise AnswersRefused(f"{path.name}: a line is longer than {LONGEST_LINE} bytes.")
            rest = tail
            found = _count(whole)
            utf8, other = utf8 + found[0], other + found[1]
        found = _count(rest)
    utf8, other = utf8 + found[0], other + found[1]
    return "gb18030" if other > utf8 else "utf-8"


def _count(block: bytes) -> tuple[int, int]:
    if block.isascii():
        return 0, 0
    utf8 = other = 0
    for line in block.split(b"\n"):
        if line.isascii():
            continue
        if is_chinese_utf8(line):
            utf8 += 1
        elif not is_utf8(line):
            other += 1
    return utf8, other
