"""What text stands in a file from outside? Read within a limit, decoded as people save it, YAML as plain text."""

from pathlib import Path
from typing import Any

import yaml

from models.errors import Terminal

ENCODINGS = ("utf-8-sig", "gb18030")
"""What spreadsheets write: UTF-8, or the national standard that Chinese ones still prefer."""
DEEPEST_YAML = 6
"""No form or plan of ours is nested deeper; what is, was made to exhaust the reader."""


class YamlRefused(ValueError):
    """A text was not read as YAML.

    Attributes:
        problem: encoding, alias, deep or broken.
        line: where, counted from 1; 0 if that is not known.
    """

    def __init__(self, problem: str, line: int = 0) -> None:
        self.problem, self.line = problem, line
        super().__init__(problem)


def read_at_most(path: Path, most: int) -> bytes | None:
    """The bytes of a file; None if there are more than `most`, of which no more is read.

    Raises:
        OSError: as opening does.
    """
    with path.open("rb") as stream:
        content = stream.read(most + 1)
    return content if len(content) <= most else None


def decoded(content: bytes) -> str | None:
    """The text in one of `ENCODINGS`; None if it is neither."""
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def is_chinese_utf8(line: bytes) -> bool:
    """Whether a line holds Chinese in UTF-8.

    Short texts in GB18030, such as a single 一, read as UTF-8 too, but as letters of other scripts.
    """
    try:
        return max(line.decode("utf-8"), default="") >= "\u0800"
    except UnicodeDecodeError:
        return False


def is_utf8(line: bytes) -> bool:
    """Whether a line reads as UTF-8."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def read_yaml_file(
    path: Path, most: int, what: str, refused: type[Terminal] = Terminal
) -> tuple[object, bytes]:
    """What stands in a YAML file of a user's, and its bytes.

    Args:
        path: the file.
        most: bytes; none of its kind is larger.
        what: its kind, as in "no bulletin is".
        refused: what is raised.

    Raises:
        Terminal: or the kind given; it cannot be read, is too large, or is not plain YAML, with the line.
    """
    try:
        content = read_at_most(path, most)
    except OSError as error:
        raise refused(f"{path.name} cannot be read ({error.strerror}).") from error
    if content is None:
        raise refused(f"{path.name} is larger than {most // 1024} KB: no {what} is.")
    try:
        return plain_yaml(content), content
    except YamlRefused as error:
        line = f", line {error.line}" if error.line else ""
        raise refused(f"{path.name}{line}: is not plain YAML in UTF-8.") from error


def plain_yaml(content: bytes) -> object:
    """Maps, lists and texts of a YAML file in UTF-8; no value is guessed to be a number, a date or "no".

    Raises:
        YamlRefused: not UTF-8, not YAML, nested too deep, or with anchors or aliases: a few aliases of aliases
            unfold to gigabytes.
    """
    try:
        text = content.decode("utf-8-sig")
        depth = 0
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise YamlRefused("alias", _line(event.start_mark))
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST_YAML:
                raise YamlRefused("deep", _line(event.start_mark))
        # BaseLoader makes text, lists and maps only: stricter than the safe loader.
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except UnicodeDecodeError as error:
        raise YamlRefused("encoding") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise YamlRefused("broken", _line(getattr(error, "problem_mark", None))) from error


def _line(mark: Any) -> int:
    return mark.line + 1 if mark else 0
