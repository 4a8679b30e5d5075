"""Are photos of defects shown small and without the camera's notes, and can no file break the report? (A2)"""

import hashlib
import io
import struct
import zlib
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader
from pypdf.generic import StreamObject

from reports.pack import Pack, Section
from reports.pdf import render_pdf
from reports.photographs import MOST_PICTURES, Photo, PictureRefused, small_picture, with_photos
from tests.reports.reading import pdf_text

SECRET = b"GPS 31.2304N 121.4737E"


def png(width: int, height: int, *, rows: int | None = None, note: bytes = b"") -> bytes:
    """A grey picture; `rows` says how many of its lines are really there."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = (b"\0" + b"\x80" * width) * (height if rows is None else rows)
    text = chunk(b"tEXt", b"Comment\0" + note) if note else b""
    body = chunk(b"IDAT", zlib.compress(lines))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + text + body + chunk(b"IEND", b"")


def jpeg(note: bytes = b"") -> bytes:
    """Eight by eight grey pixels (ITU-T T.81, baseline), with an EXIF segment that holds a note."""

    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    one_code = bytes([1] + [0] * 15 + [0])
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0" + note),
            segment(0xDB, b"\0" + b"\x01" * 64),
            segment(0xC0, struct.pack(">BHHB", 8, 8, 8, 1) + b"\x01\x11\x00"),
            segment(0xC4, b"\x00" + one_code),
            segment(0xC4, b"\x10" + one_code),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            b"\x3f\xff\xd9",
        )
    )


def report(files: dict[str, bytes], language: str = "en") -> Pack:
    kept = {hashlib.sha256(content).hexdigest(): content for content in files.values()}
    photos = [
        Photo("F-001", "door jerks", name, hashlib.sha256(content).hexdigest())
        for name, content in files.items()
    ]
    empty = Pack("Survey", "", "T-1", "Garden", "C", "D", "entry", date(2026, 10, 24), (Section("A"), Section("B")), language)  # type: ignore[arg-type]  # fmt: skip
    return with_photos(empty, photos, kept.__getitem__, 1)


def streams(document: bytes) -> bytes:
    reader = PdfReader(io.BytesIO(document))
    found = [document]
    for number in range(1, int(reader.trailer["/Size"])):
        thing = reader.get_object(number)
        if isinstance(thing, StreamObject):
            found.append(thing.get_data())
    return b"\n".join(found)


def images(document: bytes) -> int:
    reader = PdfReader(io.BytesIO(document))
    things = (reader.get_object(number) for number in range(1, int(reader.trailer["/Size"])))
    return sum(isinstance(thing, StreamObject) and thing.get("/Subtype") == "/Image" for thing in things)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_photo_stands_with_its_defect_name_and_hash(language: str) -> None:
    content = png(600, 400)
    pack = report({"door.png": content}, language)
    assert [section.heading for section in pack.sections][::2] == ["A", "B"]
    document = render_pdf(pack)
    assert images(document) >= 1
    for words in ("F-001", "doorjerks", "door.png", hashlib.sha256(content).hexdigest()[:12]):
        assert words in pdf_text(document)
    assert render_pdf(report({"door.png": content}, language)) == document, "the same bytes again"


@pytest.mark.parametrize("content", [jpeg(SECRET), png(40, 30, note=SECRET)], ids=["jpeg", "png"])
def test_what_the_camera_noted_does_not_reach_the_report(content: bytes) -> None:
    assert SECRET in content
    document = render_pdf(report({"door": content}))
    assert images(document) >= 1
    assert SECRET not in streams(document)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (png(100_000, 100_000, rows=1), "100000 x 100000 pixels are too many"),
        (png(0, 5), "damaged"),
        (png(50, 50)[:60], "damaged"),
        (jpeg()[:40], "damaged"),
        (b"\xff\xd8\xff" + b"\0" * 50, "damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "neither JPEG nor PNG"),
        (b"", "neither JPEG nor PNG"),
    ],
    ids=["huge", "empty", "cut-png", "cut-jpeg", "noise", "svg", "nothing"],
)
def test_a_picture_that_cannot_be_shown_is_named_and_the_others_are_shown(content: bytes, why: str) -> None:
    with pytest.raises(PictureRefused, match=why):
        small_picture(content)
    document = render_pdf(report({"bad.png": content, "good.png": png(20, 20)}))
    text = pdf_text(document)
    assert images(document) >= 1
    assert "bad.png" in text and "Notshown:" in text and "".join(why.split()) in text
    assert "1of2photos" in text


def test_a_kept_file_that_is_gone_is_named() -> None:
    def gone(_sha256: str) -> bytes:
        raise FileNotFoundError

    pack = with_photos(report({}), [Photo("F-1", "x", "a.png", "ab" * 32)], gone, 1)
    assert pack.sections[1].photographs[0].missing == "Not shown: the kept file is missing or was changed"


def test_a_large_photo_is_made_small_and_a_long_one_stays_on_its_square() -> None:
    for width, height in ((4000, 3000), (9, 200_000)):
        drawn = small_picture(png(width, height))
        assert struct.unpack(">II", drawn[16:24]) == (360, 360)
        assert len(drawn) < 400_000


def test_a_report_holds_so_many_pictures_and_names_the_rest() -> None:
    pack = report({f"{n}.png": png(4, 4 + n) for n in range(MOST_PICTURES + 2)})
    pictures = pack.sections[1].photographs
    assert [bool(p.png) for p in pictures].count(True) == MOST_PICTURES
    assert pictures[-1].missing == "Not shown: the report is full"


@pytest.mark.parametrize("lines_before", [12, 13, 18, 22, 23])
def test_the_heading_of_the_photos_never_stands_alone_at_the_end_of_a_page(lines_before: int) -> None:
    pack = report({"a.png": png(90, 60)})
    filled = Section("Before", tuple(f"Line {number}." for number in range(lines_before)))
    document = render_pdf(replace(pack, sections=(filled, pack.sections[1])))
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]
    (heading,) = [number for number, text in enumerate(pages) if "Photos of the defects" in text]
    assert "door jerks" in pages[heading]
