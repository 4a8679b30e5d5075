"""May this file be taken into the store as a handed-over paper? Its name, its place and its size are judged."""

import mimetypes
import stat
from dataclasses import dataclass
from pathlib import Path

from models.errors import Terminal
from models.rules.file_values import plain_text
from tasks.outside_text import read_at_most

MAX_FILE_BYTES = 64 * 1024 * 1024
"""A scan of a set of drawings fits; a film of the walk-round does not belong in the list of papers."""
_NAME_BYTES = 255


class HandedFileRefused(Terminal):
    """A file was not taken; the message says which one and what was expected."""


@dataclass(frozen=True)
class HandedFile:
    """The bytes of a paper, read once, and what people call them."""

    name: str
    content: bytes
    media_type: str


def file_in(folder: Path, name: str) -> HandedFile:
    """Read a file that a handover sheet names, out of the folder given with the sheet.

    Raises:
        HandedFileRefused: the name is more than a name, or leads out of the folder; no such ordinary file; too large.
    """
    shown = plain_text(name)[:80]
    if not _is_plain_name(name):
        raise HandedFileRefused(f"{shown!r} is no plain file name; expected a name without folders.")
    path = folder / name
    if path.is_symlink() or path.resolve().parent != folder.resolve():
        raise HandedFileRefused(f"{shown!r} leads out of the folder; expected an ordinary file inside it.")
    return handed_file(path)


def handed_file(path: Path) -> HandedFile:
    """Read one file that a person chose.

    Raises:
        HandedFileRefused: no such ordinary file, empty, or larger than 64 MB.
    """
    shown = plain_text(path.name)[:80]
    try:
        # Before it is opened: opening a pipe would wait for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise HandedFileRefused(f"{shown!r} is not an ordinary file.")
        content = read_at_most(path, MAX_FILE_BYTES)
    except OSError as error:
        raise HandedFileRefused(f"{shown!r} cannot be read ({error.strerror}).") from error
    if content is None:
        raise HandedFileRefused(f"{shown!r} is larger than {MAX_FILE_BYTES // 1024**2} MB.")
    if not content:
        raise HandedFileRefused(f"{shown!r} is empty.")
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return HandedFile(path.name, content, media)


def _is_plain_name(name: str) -> bool:
    return (
        bool(name)
        and name not in (".", "..")
        and not name.startswith(".")
        and not set(name) & set('/\\:*?"<>|')
        and name.isprintable()
        and len(name.encode()) <= _NAME_BYTES
    )
