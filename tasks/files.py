"""Where are documents kept? In the data folder under their content hash, written whole or not at all."""

import hashlib
import os
import secrets
from pathlib import Path

from sqlmodel import Session

from models.clock import utc_now
from models.register import StoredFile
from models.settings import settings
from models.upsert import insert_if_absent


def keep_file(session: Session, content: bytes, name: str, media_type: str) -> str:
    """Keep a file's bytes and note it in the caller's transaction; the same bytes are kept once.

    Args:
        session: the writing session of the row that will refer to the file.
        content: the bytes.
        name: what people call it; never used as a path.
        media_type: for example `application/pdf`.

    Returns:
        The SHA-256 of the bytes, by which it is found again.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = file_path(sha256)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        with partial.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    insert_if_absent(
        session,
        StoredFile,
        [
            {
                "sha256": sha256,
                "name": name,
                "media_type": media_type,
                "size": len(content),
                "created_at": utc_now(),
            }
        ],
    )
    return sha256


def file_path(sha256: str) -> Path:
    """Where the bytes with this hash are, or would be.

    Raises:
        ValueError: the text is not a SHA-256, so it must not become a path.
    """
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("not a file hash")
    return settings().files / sha256[:2] / sha256


def read_file(sha256: str) -> bytes:
    """The kept bytes, checked against their name.

    Raises:
        FileNotFoundError: no such file is kept.
        ValueError: the file was changed on disk.
    """
    content = file_path(sha256).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"the stored file {sha256[:12]} was changed on disk")
    return content
