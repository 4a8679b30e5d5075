"""Which sheets does a plan file from outside hold? XLSX through the gate, YAML as plain text; no formulas."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from xml.parsers import expat
from zipfile import ZipFile

import yaml

from models.errors import Terminal
from models.rules.plan_sheets import COLUMNS, PLAN, Cell, CellProblem, cell_text
from tasks.workbook import WorkbookRefused, read_workbook

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 6
MAX_ROWS = 50_000
SUFFIXES = (".xlsx", ".yaml", ".yml")

Sheets = dict[str, list[list[str]]]


class PlanFileRefused(Terminal):
    """The file cannot be read as a plan; the message says what was expected."""


def read_plan_file(path: Path) -> tuple[Sheets, list[CellProblem]]:
    """The sheets of a plan file as text, and every formula in it as a problem.

    Raises:
        PlanFileRefused: not such a file, too large, unsafe to open, or not readable.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise PlanFileRefused(f"{path.name} is no plan file: expected one of {', '.join(SUFFIXES)}.")
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise PlanFileRefused(f"{path.name} cannot be read ({error.strerror}).") from error
    if len(data) > MAX_BYTES:
        raise PlanFileRefused(f"{path.name} is larger than {MAX_BYTES // 1024**2} MB: no plan is.")
    if path.suffix.lower() == ".xlsx":
        return _from_workbook(data, path.name)
    return _from_yaml(data, path.name), []


def _from_workbook(data: bytes, name: str) -> tuple[Sheets, list[CellProblem]]:
    """The gate and the search for formulas look at the same bytes: a private copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "plan.xlsx"
        copy.write_bytes(data)
        try:
            sheets = read_workbook(copy)
        except WorkbookRefused as error:
            raise PlanFileRefused(f"{name} was refused: the file {error.reason}.") from error
    return sheets, _formulas(data, list(sheets))


def _formulas(data: bytes, names: Sequence[str]) -> list[CellProblem]:
    """Every cell that calculates: its shown value is whatever the last program left there."""
    found: list[CellProblem] = []
    with ZipFile(BytesIO(data)) as archive:
        parts = sorted(
            (part for part in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.lower())),
            key=lambda part: (len(part), part),
        )
        for number, part in enumerate(parts):
            for reference, text in _formula_cells(archive.read(part)):
                match = re.fullmatch(r"([A-Z]{1,3})(\d+)", reference)
                sheet = names[number] if len(parts) == len(names) else part
                found.append(
                    CellProblem(
                        sheet,
                        int(match[2]) if match else 0,
                        match[1] if match else reference,
                        f"={text}"[:80],
                        "a plain value; formulas are refused",
                    )
                )
    return found


def _formula_cells(xml: bytes) -> list[tuple[str, str]]:
    cells: list[tuple[str, str]] = []
    here = [""]
    inside: list[str] | None = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        kind = tag.rpartition(":")[2]
        if kind == "c":
            here[0] = attributes.get("r", "")
        elif kind == "f":
            inside = []

    def text(part: str) -> None:
        if inside is not None:
            inside.append(part)

    def end(tag: str) -> None:
        nonlocal inside
        if tag.rpartition(":")[2] == "f" and inside is not None:
            cells.append((here[0], "".join(inside)))
            inside = None

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.Parse(xml, True)  # a positional-only argument of expat
    return cells


def _from_yaml(data: bytes, name: str) -> Sheets:
    try:
        text = data.decode("utf-8-sig")
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise PlanFileRefused(
                    f"{name}: anchors and aliases are not used in a plan; write values out."
                )
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise PlanFileRefused(f"{name} is nested more than {MAX_DEPTH} deep: no plan is.")
        # Every scalar stays the text that was written: no number, date or "no" is guessed.
        content = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # makes text, lists and maps only
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where is not None else ""
        raise PlanFileRefused(f"{name}{line}: is not YAML in UTF-8 as it was exported.") from error
    if not isinstance(content, dict):
        raise PlanFileRefused(f"{name}: expected the entries {', '.join(COLUMNS)} at the top.")
    return {sheet: _rows(content.get(sheet), sheet, name) for sheet in COLUMNS if sheet in content}


def _rows(entries: object, sheet: str, name: str) -> list[list[str]]:
    if sheet == PLAN and isinstance(entries, dict):
        return [["key", "value"], *([str(key), str(value)] for key, value in entries.items())]
    if not isinstance(entries, list) or len(entries) > MAX_ROWS:
        raise PlanFileRefused(f"{name}: {sheet} must be a list of at most {MAX_ROWS} entries.")
    columns = COLUMNS[sheet]
    rows = [list(columns)]
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
            raise PlanFileRefused(
                f"{name}: {sheet}, entry {number}: expected one value for each of {', '.join(columns)}."
            )
        unknown = sorted(set(entry) - set(columns))
        if unknown:
            raise PlanFileRefused(f"{name}: {sheet}, entry {number}: {unknown[0]!r} is not known here.")
        rows.append([entry.get(column, "") for column in columns])
    return rows


def plan_yaml(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """The sheets as YAML text: a map for the plan, a list of maps for each other sheet."""
    content: dict[str, object] = {}
    for sheet, rows in sheets.items():
        if sheet == PLAN:
            content[sheet] = {str(row[0]): cell_text(row[1]) for row in rows[1:]}
        else:
            content[sheet] = [
                {str(title): cell_text(cell) for title, cell in zip(rows[0], row, strict=True)}
                for row in rows[1:]
            ]
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110).encode()
