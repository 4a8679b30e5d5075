"""Which sheets does a plan file from outside hold? XLSX through the gate, YAML as plain text; no formulas."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from models.errors import Terminal
from models.rules.plan_sheets import COLUMNS, PLAN, Cell, CellProblem, cell_text
from tasks.outside_text import DEEPEST_YAML, YamlRefused, plain_yaml, read_at_most
from tasks.workbook import WorkbookRefused, workbook_cells
from tasks.workbook_formulas import FormulaCell, formula_cells

MAX_BYTES = 8 * 1024 * 1024
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
        data = read_at_most(path, MAX_BYTES)
    except OSError as error:
        raise PlanFileRefused(f"{path.name} cannot be read ({error.strerror}).") from error
    if data is None:
        raise PlanFileRefused(f"{path.name} is larger than {MAX_BYTES // 1024**2} MB: no plan is.")
    if path.suffix.lower() == ".xlsx":
        return _from_workbook(data, path.name)
    return _from_yaml(data, path.name), []


def _from_workbook(data: bytes, name: str) -> tuple[Sheets, list[CellProblem]]:
    try:
        sheets = workbook_cells(data, name)
    except WorkbookRefused as error:
        raise PlanFileRefused(f"{name} was refused: the file {error.reason}.") from error
    return sheets, [_formula_problem(cell) for cell in formula_cells(data, list(sheets))]


def _formula_problem(cell: FormulaCell) -> CellProblem:
    match = re.fullmatch(r"([A-Z]{1,3})(\d+)", cell.reference)
    row, column = (int(match[2]), match[1]) if match else (0, cell.reference)
    return CellProblem(cell.sheet, row, column, f"={cell.text}"[:80], "a plain value; formulas are refused")


def _from_yaml(data: bytes, name: str) -> Sheets:
    try:
        content = plain_yaml(data)
    except YamlRefused as error:
        match error.problem:
            case "alias":
                reason = ": anchors and aliases are not used in a plan; write values out."
            case "deep":
                reason = f" is nested more than {DEEPEST_YAML} deep: no plan is."
            case _:
                line = f", line {error.line}" if error.line else ""
                reason = f"{line}: is not YAML in UTF-8 as it was exported."
        raise PlanFileRefused(f"{name}{reason}") from error
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
