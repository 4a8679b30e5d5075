"""Which rows stand in this file of service requests? Read as a stream, whatever encoding and delimiter it has (B6)."""

import codecs
import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from models.errors import Terminal
from models.rules.request_presets import Heading, HeadingRefused, RequestPreset, read_heading
from tasks.workbook import WorkbookRefused, private_copy, workbook_cells
from tasks.workbook_formulas import formula_cells

MAX_BYTES = 4 * 1024**3
MAX_LINE = 1_000_000
"""Characters; a file without line ends would else be read whole."""
HEADING_ROWS = 10
DELIMITERS = ",;\t|"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class RequestFileRefused(Terminal):
    """The file cannot be read as service requests; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: its number as an editor shows it, its cells, and why it cannot be read, if so."""

    number: int
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True)
class RequestFile:
    """A file that can be read row by row, as often as needed."""

    path: Path
    sha256: str
    encoding: str
    """Empty for a workbook."""
    delimiter: str
    heading: Heading
    heading_row: int
    sheet: str = ""
    cells: tuple[FileRow, ...] = ()
    """Rows of a workbook; a text file is read anew."""

    def rows(self) -> Iterator[FileRow]:
        """Every row below the heading that is not empty.

        Raises:
            RequestFileRefused: a line is too long to be one.
        """
        if self.sheet:
            yield from self.cells
            return
        with self.path.open(encoding=self.encoding, newline="") as stream:
            for row in _rows(stream, self.delimiter, self.path.name):
                if row.number > self.heading_row and (row.problem or any(cell.strip() for cell in row.cells)):
                    yield row


def open_request_file(path: Path, preset: RequestPreset) -> RequestFile:
    """Find out how a CSV file or workbook of requests is to be read.

    Raises:
        RequestFileRefused: no such file, no text, too large, or without the preset's columns.
    """
    if not path.is_file():
        raise RequestFileRefused(f"{path.name}: there is no such file.")
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".xlsb"):
        return _workbook(path, preset)
    encoding, sha256 = _encoding(path, preset.encodings)
    first: list[str] = []
    with path.open(encoding=encoding, newline="") as stream:
        for line in _lines(stream, path.name):
            first.append(line)
            if len(first) == HEADING_ROWS:
                break
    if not any(line.strip() for line in first):
        raise RequestFileRefused(f"{path.name}: the file is empty.")
    refusal: HeadingRefused | None = None
    likely = next(line for line in first if line.strip())
    for delimiter in sorted(DELIMITERS, key=likely.count, reverse=True):
        try:
            row, heading = _heading(_rows(first, delimiter, path.name), preset)
        except HeadingRefused as error:
            refusal = refusal or error
            continue
        return RequestFile(path, sha256, encoding, delimiter, heading, row)
    raise RequestFileRefused(f"{path.name}: {refusal}.")


def _heading(rows: Iterable[FileRow], preset: RequestPreset) -> tuple[int, Heading]:
    refusal = HeadingRefused("there is no heading")
    first = True
    for row in rows:
        if not any(cell.strip() for cell in row.cells):
            continue
        try:
            return row.number, read_heading(row.cells, preset)
        except HeadingRefused as error:
            refusal = error if first or "twice" in str(error) else refusal
            first = False
    raise refusal


def _encoding(path: Path, candidates: tuple[str, ...]) -> tuple[str, str]:
    """The first encoding in which the whole file is text, and the hash of its bytes."""
    digest, size, start = hashlib.sha256(), 0, b""
    with path.open("rb") as stream:
        start = stream.read(4)
        stream.seek(0)
        wide = start[:2] in _UTF_16
        names = ("utf-16",) if wide else candidates
        decoders = {name: codecs.getincrementaldecoder(name)() for name in names}
        while piece := stream.read(1024 * 1024):
            size += len(piece)
            digest.update(piece)
            if size > MAX_BYTES:
                raise RequestFileRefused(
                    f"{path.name}: larger than {MAX_BYTES // 1024**3} GB; split the file."
                )
            if not wide and b"\x00" in piece:
                raise RequestFileRefused(f"{path.name}: is no text; expected CSV, or a workbook named .xlsx.")
            _feed(decoders, piece)
    _feed(decoders, b"", final=True)
    if not decoders:
        raise RequestFileRefused(f"{path.name}: is not text in {' or '.join(names)}; save it as CSV UTF-8.")
    return next(iter(decoders)), digest.hexdigest()


def _feed(decoders: dict[str, codecs.IncrementalDecoder], piece: bytes, *, final: bool = False) -> None:
    for name, decoder in list(decoders.items()):
        try:
            decoder.decode(piece, final)
        except UnicodeDecodeError:
            del decoders[name]


def _lines(stream: TextIO, name: str) -> Iterator[str]:
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise RequestFileRefused(f"{name}, row {number}: longer than {MAX_LINE:,} characters; is it CSV?")
        yield line


def _rows(source: TextIO | list[str], delimiter: str, name: str) -> Iterator[FileRow]:
    lines = iter(source) if isinstance(source, list) else _lines(source, name)
    # Strict, so that a quote that is not closed is noticed and does not swallow the rows that follow unseen.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            yield FileRow(start, next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            until = "" if reader.line_num == start else f" up to row {reader.line_num}"
            yield FileRow(start, [], f"cannot be read as CSV{until} ({error})")


def _workbook(path: Path, preset: RequestPreset) -> RequestFile:
    try:
        data = private_copy(path)
        sheets = workbook_cells(data, path.name)
    except WorkbookRefused as error:
        raise RequestFileRefused(str(error)) from error
    formulas: dict[tuple[str, int], str] = {}
    for cell in formula_cells(data, list(sheets)):
        formulas.setdefault(
            (cell.sheet, int("".join(c for c in cell.reference if c.isdigit()) or 0)), cell.reference
        )
    refusal: HeadingRefused | None = None
    for sheet, rows in sheets.items():
        numbered = [FileRow(number, cells) for number, cells in enumerate(rows, start=1)]
        try:
            at, heading = _heading(numbered[:HEADING_ROWS], preset)
        except HeadingRefused as error:
            refusal = refusal or error
            continue
        kept = tuple(
            FileRow(row.number, row.cells, f"holds a formula in {reference}; expected its value")
            if (reference := formulas.get((sheet, row.number)))
            else row
            for row in numbered[at:]
            if any(cell.strip() for cell in row.cells)
        )
        return RequestFile(path, hashlib.sha256(data).hexdigest(), "", "", heading, at, sheet, kept)
    raise RequestFileRefused(f"{path.name}: {refusal or 'the workbook is empty'}.")
