"""Which sheets does a file of minutes hold? XLSX through the gate, YAML as plain text; formulas are refused."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from models.errors import Terminal
from models.rules.meeting_minutes import ATTENDANCE, COLUMNS, MEETING, RESOLUTIONS, MinutesProblem
from tasks.outside_text import YamlRefused, plain_yaml, read_at_most
from tasks.workbook import WorkbookRefused, workbook_cells
from tasks.workbook_formulas import FormulaCell, formula_cells

MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 20_000
SUFFIXES = (".yaml", ".yml", ".xlsx")

Sheets = dict[str, list[list[str]]]


class MinutesFileRefused(Terminal):
    """The file cannot be read as minutes; the message says what was expected."""


@dataclass(frozen=True)
class MinutesFile:
    """The sheets of a file as text, what was doubted already, and which file it was."""

    name: str
    sha256: str
    sheets: Sheets
    problems: tuple[MinutesProblem, ...]


def read_minutes_file(path: Path) -> MinutesFile:
    """Read a file of minutes.

    Raises:
        MinutesFileRefused: not such a file, too large, unsafe to open, or without any of the sheets.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise MinutesFileRefused(f"{path.name} holds no minutes: expected one of {', '.join(SUFFIXES)}.")
    try:
        data = read_at_most(path, MAX_BYTES)
    except OSError as error:
        raise MinutesFileRefused(f"{path.name} cannot be read ({error.strerror}).") from error
    if data is None:
        raise MinutesFileRefused(f"{path.name} is larger than {MAX_BYTES // 1024**2} MB: no minutes are.")
    sheets, problems = (
        _from_workbook(data, path.name)
        if path.suffix.lower() == ".xlsx"
        else (_from_yaml(data, path.name), [])
    )
    if not sheets:
        raise MinutesFileRefused(f"{path.name} has none of the sheets {', '.join(COLUMNS)}.")
    return MinutesFile(path.name, hashlib.sha256(data).hexdigest(), sheets, tuple(problems))


def _from_workbook(data: bytes, name: str) -> tuple[Sheets, list[MinutesProblem]]:
    try:
        found = workbook_cells(data, name)
    except WorkbookRefused as error:
        raise MinutesFileRefused(f"{name} was refused: the file {error.reason}.") from error
    sheets = {sheet.strip().lower(): rows for sheet, rows in found.items()}
    formulas = [cell for cell in formula_cells(data, list(found)) if cell.sheet.strip().lower() in COLUMNS]
    for cell in formulas:
        _blank(sheets[cell.sheet.strip().lower()], cell.reference)
    return (
        {sheet: rows[:MAX_ROWS] for sheet, rows in sheets.items() if sheet in COLUMNS},
        [_formula_problem(cell) for cell in formulas],
    )


def _blank(rows: list[list[str]], reference: str) -> None:
    """Take the whole row out: what its formula shows is whatever some program left there."""
    match = re.fullmatch(r"[A-Z]{1,3}(\d+)", reference)
    if match and int(match[1]) <= len(rows):
        rows[int(match[1]) - 1] = []


def _formula_problem(cell: FormulaCell) -> MinutesProblem:
    match = re.fullmatch(r"([A-Z]{1,3})(\d+)", cell.reference)
    row, column = (int(match[2]), match[1]) if match else (0, cell.reference)
    return MinutesProblem(
        cell.sheet, row, column, f"={cell.text}"[:80], "a plain value; formulas are refused"
    )


def _from_yaml(data: bytes, name: str) -> Sheets:
    try:
        content = plain_yaml(data)
    except YamlRefused as error:
        reason = {
            "alias": "anchors and aliases are not used in minutes; write values out",
            "deep": "is nested deeper than any minutes are",
        }.get(error.problem, "is not YAML in UTF-8")
        line = f", line {error.line}" if error.line else ""
        raise MinutesFileRefused(f"{name}{line}: {reason}.") from error
    if not isinstance(content, dict):
        raise MinutesFileRefused(f"{name}: expected the entries {', '.join(COLUMNS)} at the top.")
    unknown = [str(key) for key in content if key not in COLUMNS]
    if unknown:
        raise MinutesFileRefused(f"{name}: {unknown[0][:40]!r} is not known; expected {', '.join(COLUMNS)}.")
    sheets: Sheets = {}
    if MEETING in content:
        facts = content[MEETING]
        if not isinstance(facts, dict) or not all(isinstance(value, str) for value in facts.values()):
            raise MinutesFileRefused(f"{name}: {MEETING} must be a map of single values.")
        sheets[MEETING] = [["key", "value"], *([str(key), value] for key, value in facts.items())]
    for sheet in (ATTENDANCE, RESOLUTIONS):
        if sheet in content:
            sheets[sheet] = _listed(content[sheet], sheet, name)
    return sheets


def _listed(entries: object, sheet: str, name: str) -> list[list[str]]:
    if not isinstance(entries, list) or len(entries) > MAX_ROWS:
        raise MinutesFileRefused(f"{name}: {sheet} must be a list of at most {MAX_ROWS} entries.")
    columns = list(COLUMNS[sheet])
    rows = [columns]
    for number, entry in enumerate(entries, start=1):
        if sheet == ATTENDANCE and isinstance(entry, str):  # a bare reference: was present
            rows.append([entry, ""])
            continue
        if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
            raise MinutesFileRefused(
                f"{name}: {sheet}, entry {number}: expected one value for each of {', '.join(columns)}."
            )
        unknown = sorted(str(key) for key in entry if key not in columns)
        if unknown:
            raise MinutesFileRefused(
                f"{name}: {sheet}, entry {number}: {unknown[0][:40]!r} is not known here."
            )
        rows.append([entry.get(column, "") for column in columns])
    return rows
