"""How does a photo come into a report small, without what the camera wrote about the place, or not at all?

The typesetter draws each photo onto a small page of its own and only that drawing is printed: position, serial
numbers and other metadata (EXIF, XMP) stay behind, and so do surprises in the file.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from reports.pack import Pack, Photograph, Section

SIDE_POINTS, PIXELS_PER_INCH = 240, 108.0
"""Drawn as a square of 360 by 360 pixels, about 150 to the inch as printed."""
MOST_PIXELS = 30_000_000
"""About 160 MB while one is drawn; one is drawn at a time."""
MOST_PICTURES, MOST_BYTES = 40, 6_000_000
"""Of all pictures of one report: it goes out by mail."""
_PAGE = (
    f"#set page(width: {SIDE_POINTS}pt, height: {SIDE_POINTS}pt, margin: 0pt, fill: white)\n"
    '#image("picture", format: sys.inputs.format, width: 100%, height: 100%, fit: "contain")'
)
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""JPEG markers after which the size stands (ITU-T T.81, table B.1)."""


class PictureRefused(ValueError):
    """The picture cannot be shown; the text says why, in English and Chinese."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.words = (english, chinese)


@dataclass(frozen=True)
class Photo:
    """A kept photo of a defect."""

    finding_ref: str
    finding_text: str
    file_name: str
    sha256: str


def small_picture(content: bytes) -> bytes:
    """A photo as a small PNG without metadata.

    Args:
        content: JPEG or PNG.

    Raises:
        PictureRefused: not a picture, damaged, or of more than `MOST_PIXELS` pixels.
    """
    kind, width, height = _size(content)
    if not width * height:
        raise _damaged()
    if width * height > MOST_PIXELS:
        raise PictureRefused(f"{width} x {height} pixels are too many", f"{width}×{height}像素，尺寸过大")
    with TemporaryDirectory(prefix="steward-picture-") as name:
        folder = Path(name)
        (folder / "page.typ").write_text(_PAGE, encoding="utf-8")
        (folder / "picture").write_bytes(content)
        try:
            drawn = typst.compile(
                folder / "page.typ",
                root=folder,
                format="png",
                ppi=PIXELS_PER_INCH,
                sys_inputs={"format": kind},
                ignore_system_fonts=True,
            )
        except RuntimeError:  # typst.TypstError is one; what the decoder says helps no reader
            raise _damaged() from None
    if not isinstance(drawn, bytes):
        raise _damaged()
    return drawn


def with_photos(pack: Pack, photos: Sequence[Photo], read: Callable[[str], bytes], position: int) -> Pack:
    """The report with a chapter of the photos, each beside its defect; what cannot be shown is named.

    Args:
        pack: the report.
        photos: in the order of the defects.
        read: gives the bytes kept under a hash; OSError or ValueError where they are gone or changed.
        position: how many chapters stand before it.
    """
    if not photos:
        return pack
    zh = pack.language == "zh"
    photographs = []
    shown = used = 0
    for photo in photos:
        drawn, why = None, ""
        try:
            if shown >= MOST_PICTURES or used >= MOST_BYTES:
                raise PictureRefused("the report is full", "本报告图片已满")
            drawn = small_picture(read(photo.sha256))
            shown, used = shown + 1, used + len(drawn)
        except PictureRefused as refused:
            why = refused.words[zh]
        except (OSError, ValueError):
            why = "原文件缺失或已改动" if zh else "the kept file is missing or was changed"
        photographs.append(
            Photograph(
                title=f"{photo.finding_ref} · {photo.finding_text}",
                caption=f"{photo.file_name} · SHA-256 {photo.sha256[:12]}",
                png=drawn,
                missing=(f"未显示：{why}" if zh else f"Not shown: {why}") if why else "",
            )
        )
    said = (
        f"共{len(photos)}张，显示{shown}张；照片已缩小并去除拍摄信息（含位置），原件按哈希值保存。"
        if zh
        else f"{shown} of {len(photos)} photos are shown, made smaller and without what the camera noted (such as the "
        "position); the originals are kept under their hashes."
    )
    chapter = Section("缺陷照片" if zh else "Photos of the defects", (said,), photographs=tuple(photographs))
    return replace(pack, sections=(*pack.sections[:position], chapter, *pack.sections[position:]))


def _damaged() -> PictureRefused:
    return PictureRefused("the file is damaged", "文件已损坏")


def _size(content: bytes) -> tuple[str, int, int]:
    """Kind, width and height, from the header alone: nothing is decoded that may be a bomb."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and len(content) > 24:
        width, height = struct.unpack(">II", content[16:24])
        return "png", width, height
    if not content.startswith(b"\xff\xd8"):
        raise PictureRefused("neither JPEG nor PNG", "非JPEG或PNG文件")
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return "jpg", width, height
        at += 2 + length
    raise _damaged()
