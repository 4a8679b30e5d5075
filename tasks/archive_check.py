"""Is an archive whole, and is it the one the protocol names? It is asked without a database (C4)."""

import csv
import hashlib
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models.errors import Terminal
from tasks.archive_store import MANIFEST, SUMS, Opened, opened_archive

_MANIFEST_BYTES = 256 * 1024 * 1024
"""Of a million files; a manifest beyond it is none of ours."""
_SHORTEST = 12


@dataclass(frozen=True)
class ArchiveFault:
    """One thing that is not as the manifest says."""

    path: str
    fault: str


@dataclass(frozen=True)
class CheckedArchive:
    """What was found: the hash to compare with the protocol's, how much there is, and what is wrong."""

    manifest_sha256: str
    files: int
    bytes: int
    faults: tuple[ArchiveFault, ...]


def check_archive(path: Path, expected: str = "") -> CheckedArchive:
    """Compare every file of an archive with its manifest, and the manifest with a hash if one is given.

    Args:
        path: the folder or ZIP file.
        expected: SHA-256 of the manifest as the protocol names it, or its first twelve signs or more.

    Raises:
        Terminal: it is no archive, or the hash is none.
    """
    expected = expected.strip().lower()
    if expected and (not _SHORTEST <= len(expected) <= 64 or set(expected) - set("0123456789abcdef")):
        raise Terminal(
            f"{expected!r} is no SHA-256; expected 64 signs of 0-9 and a-f, or the first twelve or more."
        )
    with opened_archive(path) as archive:
        names = archive.names()
        if MANIFEST not in names:
            raise Terminal(f"{path.name} is no archive: it holds no {MANIFEST}.")
        manifest = _manifest(archive)
        digest = hashlib.sha256(manifest).hexdigest()
        listed = _listed(manifest, path)
        faults = [ArchiveFault(name, "stands twice") for name, count in Counter(names).items() if count > 1]
        faults += [ArchiveFault(name, "is not in the manifest") for name in _strangers(names, listed)]
        for name, (size, sha256) in listed.items():
            why = _fault(archive, name, size, sha256) if name in names else "is missing"
            if why:
                faults.append(ArchiveFault(name, why))
        if expected and not digest.startswith(expected):
            faults.insert(0, ArchiveFault(MANIFEST, f"is not the one asked for: its SHA-256 is {digest}"))
    return CheckedArchive(digest, len(listed), sum(size for size, _sha in listed.values()), tuple(faults))


def files_of_others(folder: Path) -> list[str]:
    """What lies in the folder of an archive and is not of it: somebody put it there.

    Raises:
        Terminal: the manifest cannot be read.
    """
    with opened_archive(folder) as archive:
        return _strangers(archive.names(), _listed(_manifest(archive), folder))


def _strangers(names: Iterable[str], listed: Iterable[str]) -> list[str]:
    return sorted(set(names) - set(listed) - {MANIFEST, SUMS})


def _manifest(archive: Opened) -> bytes:
    content = bytearray()
    try:
        for chunk in archive.chunks(MANIFEST):
            content += chunk
            if len(content) > _MANIFEST_BYTES:
                raise Terminal(f"{MANIFEST} is too large to be one of ours.")
    except (OSError, zipfile.BadZipFile, zlib.error) as error:
        raise Terminal(f"{MANIFEST} cannot be read.") from error
    return bytes(content)


def _listed(manifest: bytes, path: Path) -> dict[str, tuple[int, str]]:
    try:
        rows = list(csv.reader(io.StringIO(manifest.decode("utf-8-sig"), newline="")))
        return {row[0]: (int(row[1]), row[2]) for row in rows[1:]}
    except (UnicodeDecodeError, csv.Error, ValueError, IndexError) as error:
        raise Terminal(
            f"{MANIFEST} of {path.name} cannot be read; expected path, bytes and SHA-256 in each row."
        ) from error


def _fault(archive: Opened, name: str, size: int, sha256: str) -> str:
    digest, seen = hashlib.sha256(), 0
    try:
        for chunk in archive.chunks(name):
            seen += len(chunk)
            if seen > size:
                break
            digest.update(chunk)
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
    ):  # RuntimeError: a ZIP entry with a password
        return "cannot be read"
    if seen != size:
        return f"is not {size:,} bytes long"
    return "" if digest.hexdigest() == sha256 else "was changed: its SHA-256 differs"
