"""How is an archive written and read: a folder or a ZIP file, whole or not at all, and the same bytes each time? (C4)"""

import hashlib
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from models.errors import FileInTheWay, Terminal
from tasks.exported_files import whole_file

MANIFEST = "manifest.csv"
SUMS = "SHA256SUMS"
CHUNK = 1 << 20
_MODE = 0o100644 << 16
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""A ZIP file knows no earlier day; the same for all, so that the same content gives the same bytes."""


@dataclass(frozen=True)
class Written:
    """One file of the archive as it was written."""

    path: str
    size: int
    sha256: str


class Sink(Protocol):
    """Where the files of an archive go."""

    def add(self, path: str, chunks: Iterable[bytes]) -> Written:
        """Write a file by its path inside the archive."""


class _Sink:
    """Writes through an opener, and reckons size and hash of what passes."""

    def __init__(self, opened: Callable[[str], IO[bytes]]) -> None:
        self._opened = opened

    def add(self, path: str, chunks: Iterable[bytes]) -> Written:
        size, digest = 0, hashlib.sha256()
        with self._opened(path) as out:
            for chunk in chunks:
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        return Written(path, size, digest.hexdigest())


@contextmanager
def archive_at(out: Path, *, force: bool) -> Iterator[Sink]:
    """Where to write an archive: a ZIP file if it is called so, else a folder; it stands under its name when whole.

    Raises:
        FileInTheWay: something is there, and is no archive or nobody said to replace it.
        Terminal: it cannot be written there.
    """
    _refuse_to_replace(out, force=force)
    if out.suffix.lower() == ".zip":
        with whole_file(out) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as book:
            yield _Sink(lambda path: book.open(_entry(path), "w", force_zip64=True))
        return
    partial = out.with_name(f".{out.name}.part")
    try:
        shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
        partial.mkdir()
        yield _Sink(lambda path: _file(partial / path))
        if out.exists():
            shutil.rmtree(out)
        partial.replace(out)
    except OSError as error:
        if not out.parent.is_dir():
            raise Terminal(f"{out} cannot be written: there is no folder {out.parent}.") from error
        raise Terminal(f"{out} cannot be written ({error.strerror}).") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _refuse_to_replace(out: Path, *, force: bool) -> None:
    if not out.exists():
        return
    if not force:
        raise FileInTheWay(f"{out.name} is there already: name another place, or say --force to replace it.")
    if out.is_dir() == (out.suffix.lower() == ".zip") or (
        out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file()
    ):
        raise FileInTheWay(f"{out.name} is there already and is no archive; nothing was replaced.")


def _entry(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, _EPOCH)
    info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, _MODE
    return info


def _file(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb")


class Opened(Protocol):
    """An archive that is looked at."""

    def names(self) -> list[str]:
        """The paths of everything in it, in order; one that stands twice twice."""

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a file."""


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        return sorted(
            one.relative_to(self._folder).as_posix()
            for one in self._folder.rglob("*")
            if one.is_symlink() or not one.is_dir()
        )

    def chunks(self, path: str) -> Iterator[bytes]:
        # A name out of the manifest is not followed out of the folder.
        place = self._folder / path
        if not place.resolve().is_relative_to(self._folder.resolve()) or not stat.S_ISREG(
            place.lstat().st_mode
        ):
            raise OSError("is no ordinary file")
        with place.open("rb") as source:
            while chunk := source.read(CHUNK):
                yield chunk


class _Zip:
    def __init__(self, book: zipfile.ZipFile) -> None:
        self._book = book

    def names(self) -> list[str]:
        return sorted(info.filename for info in self._book.infolist() if not info.is_dir())

    def chunks(self, path: str) -> Iterator[bytes]:
        with self._book.open(path) as source:
            while chunk := source.read(CHUNK):
                yield chunk


@contextmanager
def opened_archive(path: Path) -> Iterator[Opened]:
    """An archive to look at.

    Raises:
        Terminal: there is none, or it is neither a folder nor a ZIP file that can be read.
    """
    if path.is_dir():
        yield _Folder(path)
        return
    try:
        with zipfile.ZipFile(path) as book:
            yield _Zip(book)
    except FileNotFoundError as error:
        raise Terminal(f"There is no archive {path}.") from error
    except (zipfile.BadZipFile, OSError) as error:
        raise Terminal(f"{path.name} is no folder and no whole ZIP file.") from error
