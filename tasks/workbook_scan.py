"""What does a zipped workbook hold, judged without believing what it says about itself?

Sizes are counted while unpacking, XML is walked as a stream, and nothing is kept but a few numbers, so that
a hostile file costs neither memory nor time before it is refused.
"""

import re
import struct
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

CHUNK_BYTES = 64 * 1024
MAX_ROWS = 300_000
MAX_COLUMNS = 512
MAX_DEPTH = 200
"""Nesting of XML elements; workbooks use about ten. Each open element costs memory."""
MAX_MARKUP_BYTES = 1024 * 1024
"""One tag or comment: expat holds it whole and scans it again with every chunk."""

_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")


class PartUnsafe(ValueError):
    """A part of the workbook must not be opened; the message completes "the file ..."."""


@dataclass
class SheetExtent:
    """The rectangle a reader would allocate for one part, from cells that hold a value."""

    rows: int = 0
    columns: int = 0
    shared_cells: int = 0

    @property
    def area(self) -> int:
        """Cells of the rectangle that starts at A1."""
        return self.rows * self.columns


@dataclass
class SharedText:
    """How long each shared string is, and how much text the cells that point at them add up to."""

    lengths: "array[int]" = field(default_factory=lambda: array("L"))

    @property
    def longest(self) -> int:
        """Characters of the longest shared string."""
        return max(self.lengths, default=0)


def unpack_part(archive: bytes, part: ZipInfo) -> Iterator[bytes]:
    """Yield the unpacked bytes of one zip member in pieces of at most 64 KiB, counting them.

    `zipfile` would stop silently at the declared size, while another reader might not.

    Raises:
        PartUnsafe: it unpacks to another size or checksum than declared, or is cut off.
    """
    try:
        header = _LOCAL_HEADER.unpack_from(archive, part.header_offset)
    except struct.error as error:
        raise PartUnsafe("is cut off") from error
    start = part.header_offset + _LOCAL_HEADER.size + header[9] + header[10]
    packed = memoryview(archive)[start : start + part.compress_size]
    if header[0] != b"PK\x03\x04" or len(packed) != part.compress_size:
        raise PartUnsafe("is cut off")
    count = checksum = 0
    for piece in _stored(packed) if part.compress_type == ZIP_STORED else _inflated(packed, part):
        count += len(piece)
        checksum = zlib.crc32(piece, checksum)
        if count > part.file_size:
            raise PartUnsafe(f"holds a part that unpacks to more than it declares ({part.filename})")
        yield piece
    if count != part.file_size or checksum != part.CRC:
        raise PartUnsafe(f"is damaged: a part does not match its checksum ({part.filename})")


def _stored(packed: memoryview) -> Iterator[bytes]:
    for start in range(0, len(packed), CHUNK_BYTES):
        yield bytes(packed[start : start + CHUNK_BYTES])


def _inflated(packed: memoryview, part: ZipInfo) -> Iterator[bytes]:
    if part.compress_type != ZIP_DEFLATED:
        raise PartUnsafe(f"uses a compression that workbooks do not use ({part.filename})")
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for start in range(0, len(packed), CHUNK_BYTES):
            pending: bytes = bytes(packed[start : start + CHUNK_BYTES])
            while pending:
                piece = inflater.decompress(pending, CHUNK_BYTES)
                pending = inflater.unconsumed_tail
                if piece:
                    yield piece
                elif inflater.eof:
                    break
        while piece := inflater.decompress(inflater.unconsumed_tail, CHUNK_BYTES):
            yield piece
    except zlib.error as error:
        raise PartUnsafe(f"is damaged: a part cannot be unpacked ({part.filename})") from error
    if not inflater.eof:
        raise PartUnsafe(f"is cut off inside a part ({part.filename})")


class PartScan:
    """Walks the XML of one part: how far its valued cells reach and how long its strings are.

    Only cells with a value count: spreadsheet programs leave styled, empty cells and a `dimension`
    down to the last row of the sheet, and a reader does not allocate for those.
    """

    def __init__(self, name: str, shared: SharedText | None = None) -> None:
        self.extent = SheetExtent()
        self._name = name
        self._shared = shared
        self._row = self._column = self._depth = self._text = self._fed = 0
        self._in_cell = self._in_string = False
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.EntityDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Take the next piece of the part.

        Raises:
            PartUnsafe: the XML declares a document type, is not well formed, is absurdly nested, or holds a
                value beyond MAX_ROWS or MAX_COLUMNS.
        """
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise PartUnsafe(f"is damaged: a part is not well-formed XML ({self._name})") from error
        self._fed += len(piece)
        if not last and self._fed - self._parser.CurrentByteIndex > MAX_MARKUP_BYTES:
            raise PartUnsafe(f"holds a single tag of more than 1 MB ({self._name})")

    def _refuse_doctype(self, *_declaration: object) -> None:
        raise PartUnsafe(f"declares a document type or entities, which workbooks never need ({self._name})")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise PartUnsafe(f"nests its XML more than {MAX_DEPTH} deep ({self._name})")
        match tag.rpartition(":")[2]:
            case "row":
                self._row = _whole(attributes.get("r"), self._row + 1)
                self._column = 0
            case "c":
                self._place(attributes.get("r"))
                self._in_cell = True
                if attributes.get("t") == "s":
                    self.extent.shared_cells += 1
            case "si" if self._shared is not None:
                self._in_string = True
                self._text = 0
                self._parser.CharacterDataHandler = self._count_text
            case "v" | "t" if self._in_cell and self._grows():
                # Only a cell that widens the rectangle needs a look at whether it holds a value.
                self._parser.CharacterDataHandler = self._value_found

    def _end(self, tag: str) -> None:
        self._depth -= 1
        match tag.rpartition(":")[2]:
            case "c":
                self._in_cell = False
            case "si" if self._shared is not None:
                self._in_string = False
                self._shared.lengths.append(self._text)
                self._parser.CharacterDataHandler = None
            case "v" | "t" if not self._in_string:
                self._parser.CharacterDataHandler = None

    def _place(self, reference: str | None) -> None:
        if reference is None:
            self._column += 1
            return
        found = _CELL.fullmatch(reference)
        if found is None:
            raise PartUnsafe(f"holds a cell with an impossible address ({self._name})")
        self._column = 0
        for letter in found[1].upper():
            self._column = self._column * 26 + ord(letter) - 64
        self._row = int(found[2])

    def _grows(self) -> bool:
        return self._row > self.extent.rows or self._column > self.extent.columns

    def _value_found(self, _text: str) -> None:
        self._parser.CharacterDataHandler = None
        if self._row > MAX_ROWS or self._column > MAX_COLUMNS:
            raise PartUnsafe(
                f"holds a value in row {self._row}, column {self._column} ({self._name}); "
                f"at most {MAX_ROWS} rows and {MAX_COLUMNS} columns are read"
            )
        self.extent.rows = max(self.extent.rows, self._row)
        self.extent.columns = max(self.extent.columns, self._column)

    def _count_text(self, text: str) -> None:
        self._text += len(text)


class SharedUse:
    """Adds up, for one sheet, the characters its cells draw from the shared strings."""

    def __init__(self, shared: SharedText) -> None:
        self.characters = 0
        self._shared = shared
        self._in_shared_cell = False
        self._digits = ""
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Take the next piece of a part that `PartScan` has found well formed."""
        self._parser.Parse(piece, last)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "c":
            self._in_shared_cell = attributes.get("t") == "s"
        elif local == "v" and self._in_shared_cell:
            self._digits = ""
            self._parser.CharacterDataHandler = self._collect

    def _collect(self, text: str) -> None:
        self._digits += text[:20]

    def _end(self, tag: str) -> None:
        if tag.rpartition(":")[2] != "v" or not self._in_shared_cell:
            return
        self._parser.CharacterDataHandler = None
        index = _whole(self._digits.strip(), -1)
        if 0 <= index < len(self._shared.lengths):
            self.characters += self._shared.lengths[index]


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and len(text) < 10 and text.isdecimal() else otherwise
