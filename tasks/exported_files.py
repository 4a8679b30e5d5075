"""How does a file get into a folder of the user's? Whole or not at all."""

from pathlib import Path

from models.errors import Terminal


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a passing name first, so that a half-written one never stands under its own.

    Raises:
        Terminal: it cannot be written there.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        raise Terminal(f"{path.name} cannot be written ({error.strerror}).") from error
