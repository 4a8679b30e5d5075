"""May this file become a finding's photo? A name in one folder, a picture by its bytes, not too large (A2)."""

import os
import stat
from pathlib import Path

MAX_PHOTO_BYTES = 15_000_000
_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"


class PhotoRefused(ValueError):
    """The text says what was expected."""


def read_photo(folder: Path, name: str) -> tuple[bytes, str]:
    """The bytes and the media type of a photo.

    Links are not followed: a form must not be able to name a file elsewhere. The type is told from the bytes
    (JPEG: SOI marker; PNG: signature and IHDR, ISO/IEC 15948); pictures are kept, never decoded.

    Raises:
        PhotoRefused: not a plain name, not there, not a picture, or too large.
    """
    if (
        name in (".", "..")
        or len(name) > 200
        or any(c in name for c in '/\\:*?"<>|')
        or not name.isprintable()
    ):
        raise PhotoRefused("a file name without folders")
    try:
        handle = os.open(
            folder / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        )
    except OSError:
        raise PhotoRefused("a file in the folder of photos (missing, or a link)") from None
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise PhotoRefused("an ordinary file")
        content = stream.read(MAX_PHOTO_BYTES + 1)
    if len(content) > MAX_PHOTO_BYTES:
        raise PhotoRefused(f"at most {MAX_PHOTO_BYTES // 1_000_000} MB")
    if content.startswith(_JPEG):
        return content, "image/jpeg"
    if content.startswith(_PNG) and content[12:16] == b"IHDR":
        return content, "image/png"
    raise PhotoRefused("a JPEG or PNG picture, by its content")
