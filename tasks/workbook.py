"""May this workbook be opened, and what text stands in its cells?

The one gate for spreadsheets from outside. Everything is judged before the parser sees a byte, and the parser
is then given a fresh archive of the judged parts only: two zip readers may disagree on a crafted file, so the
file itself is never handed on.
"""

import hashlib
import io
import math
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from tasks.workbook_scan import PartScan, PartUnsafe, SharedText, SharedUse, unpack_part

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_PARTS = 2_000
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_RATIO = 200
RATIO_COUNTS_FROM_BYTES = 1024 * 1024
"""Small parts of one repeated letter compress well without doing harm."""
MAX_CELLS = 8_000_000
"""Cells of all sheets together, empty ones inside the used rectangle included: the parser allocates them."""
MAX_CHARACTERS = 100_000_000
"""Text of all cells together: one long shared string may be pointed at by a million cells."""

_LONGEST_CELL = 64 * 1024
"""Of a tag, or of a cell with its formula; nothing longer is waited for."""
_ERROR_CELL = re.compile(rb"""(<(?:\w+:)?c\s(?:[^<>]*\s)?t=)(["'])e\2""")
_EMPTY_FORMULA = re.compile(
    rb"""<((?:\w+:)?)c(?=[\s>])((?:\s+(?!t=)[\w:]+=(?:"[^"<>]*"|'[^'<>]*'))*)\s*>\s*"""  # a cell that says no type
    rb"""(<\1f(?:\s[^<>]*)?(?:/>|>([^<]*)</\1f>))\s*"""  # its formula, which may be that of another cell
    rb"""(?:(?:<\1v\s*/>|<\1v>\s*</\1v>)\s*)?</\1c>"""  # and no value
)
_CELL_OPENS = re.compile(rb"<(?:\w+:)?c[\s>]")
_CELL_ENDS = re.compile(rb"</(?:\w+:)?c>")
_ZIP_START = b"PK\x03\x04"
_ZIP_DIRECTORY_ENTRY = b"PK\x01\x02"
_OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHARED_STRINGS = "xl/sharedstrings.xml"
_MACRO_SUFFIXES = (".xlsm", ".xltm", ".xlam")


class WorkbookRefused(ValueError):
    """A file was not opened as a workbook.

    Attributes:
        file: its name, without folders.
        reason: what is wrong and what to do, for the person who sent it.
    """

    def __init__(self, file: str, reason: str) -> None:
        self.file = file
        self.reason = reason
        super().__init__(f"The workbook {file} was refused: the file {reason}.")

    def __reduce__(self) -> tuple[type["WorkbookRefused"], tuple[str, str]]:
        """Survive the way between processes with both attributes."""
        return type(self), (self.file, self.reason)


def read_workbook(path: Path) -> dict[str, list[list[str]]]:
    """Read every cell of an .xlsx workbook as text, from a private copy of its bytes.

    Whole numbers read "1", dates "2010-04-18", instants "2010-04-18T09:30:00", empty cells ""; text such as
    "0101" or "NA" is kept as written. Row n of a list is row n + 1 of the sheet.

    Args:
        path: the file; its name is judged as well as its content.

    Returns:
        Sheet name to rows, in the order of the workbook.

    Raises:
        WorkbookRefused: the file is not a plain .xlsx workbook, or is unsafe to open.
    """
    return workbook_cells(private_copy(path), path.name)


def workbook_cells(data: bytes, name: str) -> dict[str, list[list[str]]]:
    """As `read_workbook`, of bytes that are held already.

    Raises:
        WorkbookRefused: as `read_workbook`.
    """
    try:
        _check_kind(data, name)
        judged = _judged_copy(data)
    except PartUnsafe as error:
        raise WorkbookRefused(name, str(error)) from error
    except (BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise WorkbookRefused(name, "is not a complete .xlsx workbook; it may be cut off") from error
    return _parsed(judged, name)


def file_sha256(path: Path) -> str:
    """Hash a file's bytes, so that the same file is known again (64 hexadecimal digits)."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def private_copy(path: Path) -> bytes:
    """The bytes of a workbook file, so that all who judge it judge the same.

    Raises:
        WorkbookRefused: no ordinary file, not readable, or too large.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise WorkbookRefused(path.name, "is not an ordinary file")
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise WorkbookRefused(path.name, f"cannot be read ({error.strerror})") from error
    if len(data) > MAX_FILE_BYTES:
        raise WorkbookRefused(path.name, f"is larger than {MAX_FILE_BYTES // 1024**2} MB")
    return data


def _check_kind(data: bytes, name: str) -> None:
    """Tell the kinds of file people send by mistake from a workbook, each with its remedy."""
    if data.startswith(_OLE_START):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise PartUnsafe("is protected with a password; remove the password and send it again")
        raise PartUnsafe("is in the old .xls format; open it and save it as .xlsx")
    if name.lower().endswith(_MACRO_SUFFIXES):
        raise PartUnsafe("may hold macros (.xlsm); save it as .xlsx without macros")
    if not data:
        raise PartUnsafe("is empty")
    if not data.startswith(_ZIP_START):
        remedy = "; open it and save it as .xlsx" if name.lower().endswith(".xls") else ""
        raise PartUnsafe(f"is not an .xlsx workbook{remedy}")
    # Counted in the raw bytes: the list of parts itself can be the bomb.
    if data.count(_ZIP_DIRECTORY_ENTRY) > MAX_PARTS:
        raise PartUnsafe(f"holds more than {MAX_PARTS} parts")


def _judged_copy(data: bytes) -> io.BytesIO:
    """Judge every part and copy the XML parts that passed into a fresh archive."""
    with ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
    _check_parts(parts)
    shared, extents = SharedText(), dict[str, int]()
    copy = io.BytesIO()
    cells = 0
    with ZipFile(copy, "w", ZIP_DEFLATED, compresslevel=1) as fresh:
        for part in parts:
            name = _plain_name(part)
            if not name.lower().endswith((".xml", ".rels")):
                _refuse_nested(data, part)
                continue
            scan = PartScan(name, shared if name.lower() == _SHARED_STRINGS else None)
            with fresh.open(name, "w") as target:
                pieces = (
                    _empty_as_text(unpack_part(data, part)) if _is_sheet(name) else unpack_part(data, part)
                )
                for piece in pieces:
                    scan.feed(piece)
                    _refuse_declared_dangers(name, piece)
                    target.write(piece)
            scan.feed(b"", last=True)
            cells += scan.extent.area
            if cells > MAX_CELLS:
                raise PartUnsafe(f"spreads its values over more than {MAX_CELLS} cells")
            extents[name] = scan.extent.shared_cells
    _check_text_volume(copy, shared, extents)
    copy.seek(0)
    return copy


def _is_sheet(name: str) -> bool:
    return name.lower().startswith("xl/worksheets/") and name.lower().endswith(".xml")


def _empty_as_text(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The XML of a sheet in which what the parser would hand on as empty cells are texts.

    #DIV/0! and the like stand as they are shown; a formula whose value no program has calculated stands as `=B2+1`.
    One that was calculated and came out empty says that its value is a text, and stays empty.
    """
    rest = b""
    for piece in pieces:
        whole = rest + piece
        cut = _settled(whole)
        rest, whole = whole[cut:], whole[:cut]
        yield _texts(whole)
    yield _texts(rest)


def _settled(xml: bytes) -> int:
    """How much of the XML may be judged: a tag and a cell may go on in the next piece, but not for ever."""
    cut = xml.rfind(b"<")
    if cut <= xml.rfind(b">"):
        cut = len(xml)
    last = max(
        (cell.start() for cell in _CELL_OPENS.finditer(xml, max(0, cut - _LONGEST_CELL), cut)), default=cut
    )
    if _CELL_ENDS.search(xml, last, cut) is None:
        cut = last
    return cut if len(xml) - cut <= _LONGEST_CELL else len(xml)


def _texts(xml: bytes) -> bytes:
    if b'"e"' in xml or b"'e'" in xml:
        xml = _ERROR_CELL.sub(rb"\1\2str\2", xml)
    if b"f>" in xml or b"<f" in xml or b":f" in xml:
        xml = _EMPTY_FORMULA.sub(
            lambda at: (
                b'<%bc%b t="str">%b<%bv>=%b</%bv></%bc>'
                % (at[1], at[2], at[3], at[1], at[4] or b"", at[1], at[1])
            ),
            xml,
        )
    return xml


def _check_parts(parts: Iterable[ZipInfo]) -> None:
    """Judge the archive by its table of contents alone.

    Raises:
        PartUnsafe: a path, kind, size or number of parts that no spreadsheet program writes.
    """
    names: set[str] = set()
    unpacked = 0
    for part in parts:
        name = _plain_name(part).lower()
        if name in names:
            raise PartUnsafe(f"holds the same part twice ({name})")
        names.add(name)
        _check_name(name)
        if part.flag_bits & 0x1:
            raise PartUnsafe("is encrypted; remove the password and send it again")
        if stat.S_ISLNK(part.external_attr >> 16):
            raise PartUnsafe(f"holds a symbolic link ({name})")
        unpacked += part.file_size
        if unpacked > MAX_UNPACKED_BYTES:
            raise PartUnsafe(f"unpacks to more than {MAX_UNPACKED_BYTES // 1024**2} MB")
        if part.file_size > max(RATIO_COUNTS_FROM_BYTES, MAX_RATIO * part.compress_size):
            raise PartUnsafe(f"is compressed more than {MAX_RATIO} to 1 ({name})")
    if "xl/workbook.bin" in names:
        raise PartUnsafe("is in the binary .xlsb format; open it and save it as .xlsx")
    if not {"[content_types].xml", "xl/workbook.xml"} <= names:
        raise PartUnsafe("is a zip archive but not an .xlsx workbook")


def _check_name(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or ":" in name or not name.isprintable():
        raise PartUnsafe(f"holds a part with an unsafe path ({name!r})")
    if path.name == "vbaproject.bin" or name.startswith("xl/macrosheets/"):
        raise PartUnsafe("holds macros; save it as .xlsx without macros")
    if name.startswith("xl/externallinks/"):
        raise PartUnsafe("links to other workbooks; break the links (Data, Edit Links) and save it again")


def _plain_name(part: ZipInfo) -> str:
    # The original name: zipfile cuts `filename` at a NUL, which is how a bad name hides.
    return part.orig_filename.replace("\\", "/")


def _refuse_nested(data: bytes, part: ZipInfo) -> None:
    if next(unpack_part(data, part), b"").startswith(_ZIP_START):
        raise PartUnsafe(f"holds another archive or workbook inside ({part.filename})")


@dataclass(frozen=True)
class _Danger:
    part: str
    text: bytes
    reason: str


_DANGERS = (
    _Danger("[content_types].xml", b"macroEnabled", "holds macros; save it as .xlsx without macros"),
    _Danger("_rels/workbook.xml.rels", b"/externalLink", "links to other workbooks; break the links first"),
    _Danger("_rels/workbook.xml.rels", b"/vbaProject", "holds macros; save it as .xlsx without macros"),
)


def _refuse_declared_dangers(name: str, piece: bytes) -> None:
    for danger in _DANGERS:
        if name.lower().endswith(danger.part) and danger.text in piece:
            raise PartUnsafe(danger.reason)


def _check_text_volume(copy: io.BytesIO, shared: SharedText, shared_cells: dict[str, int]) -> None:
    """Count the text of the cells exactly, but only where the cheap upper bound does not already clear it."""
    if shared.longest * sum(shared_cells.values()) <= MAX_CHARACTERS:
        return
    characters = 0
    with ZipFile(copy) as fresh:
        for name in (name for name, cells in shared_cells.items() if cells):
            use = SharedUse(shared)
            with fresh.open(name) as part:
                while piece := part.read(64 * 1024):
                    use.feed(piece)
                    if characters + use.characters > MAX_CHARACTERS:
                        raise PartUnsafe(f"holds more than {MAX_CHARACTERS} characters of text")
            use.feed(b"", last=True)
            characters += use.characters


def _parsed(judged: io.BytesIO, name: str) -> dict[str, list[list[str]]]:
    # Here, because pandas needs more memory than a refusal may take.
    import pandas as pd

    try:
        frames = pd.read_excel(
            judged,
            engine="calamine",
            header=None,
            # Not dtype=str, which would write a date as "2010-04-18 00:00:00" and a duration as "1 day".
            dtype=object,
            keep_default_na=False,
            sheet_name=None,
        )
    except Exception as error:
        # Whatever the parser dislikes, the person who sent the file needs a sentence.
        raise WorkbookRefused(name, f"cannot be read as a workbook ({error})") from error
    except BaseException as error:
        # A panic of the Rust parser derives from BaseException only.
        if type(error).__name__ != "PanicException":
            raise
        raise WorkbookRefused(name, "cannot be read as a workbook (the parser failed)") from error
    return {
        str(sheet): [[_as_text(cell) for cell in row] for row in frame.to_numpy().tolist()]
        for sheet, frame in frames.items()
    }


def _as_text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        # The 15 digits a spreadsheet shows; its seventeenth is noise of the binary form.
        return str(int(cell)) if cell.is_integer() else "" if math.isnan(cell) else f"{cell:.15g}"
    if isinstance(cell, datetime):
        whole_day = cell.hour == cell.minute == cell.second == cell.microsecond == 0
        return cell.date().isoformat() if whole_day else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)
