"""How does a file get into a folder of the user's? Whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import Terminal


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, so that a half-written one never stands under its name.

    Raises:
        Terminal: it cannot be written there.
    """
    with whole_file(path) as partial:
        partial.write_bytes(content)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write a file meanwhile; it gets its own name at the end, and leaves nothing behind if there is none.

    Raises:
        Terminal: it cannot be written there.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        if not path.parent.is_dir():
            raise Terminal(f"{path} cannot be written: there is no folder {path.parent}.") from error
        raise Terminal(f"{path} cannot be written ({error.strerror}).") from error
    finally:
        partial.unlink(missing_ok=True)
