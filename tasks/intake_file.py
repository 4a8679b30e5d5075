"""What stands in an intake form from outside? YAML or XLSX, untrusted; every wrong field is named (A1)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from models.errors import Terminal
from models.intake import IntakeForm
from models.intake_expected import faults_of
from models.rules.service_levels import WEEKDAYS
from reports.intake_form import CALENDAR_SHEET, DEMAND_COLUMNS, DEMANDS_SHEET, RECORD_SHEET
from tasks.outside_text import YamlRefused, plain_yaml, read_at_most
from tasks.workbook import WorkbookRefused, private_copy, workbook_cells
from tasks.workbook_formulas import formula_cells

MAX_YAML_BYTES = 256 * 1024
MAX_DEMANDS = 200
_SHOWN = 60

Places = dict[tuple[str | int, ...], str]


class IntakeFormRefused(Terminal):
    """The form cannot be taken; the message names each wrong field, its value and what was expected."""


def read_intake_file(path: Path) -> IntakeForm:
    """Read a filled form.

    Raises:
        IntakeFormRefused: not a form, unsafe, or some fields are wrong: all of them are named.
    """
    if not path.is_file():
        raise IntakeFormRefused(f"{path.name}: there is no such file.")
    if path.suffix.lower() == ".xlsx":
        values, places = _from_workbook(path)
    elif path.suffix.lower() in (".yaml", ".yml"):
        values, places = _from_yaml(path), {}
    else:
        raise IntakeFormRefused(f"{path.name}: expected a .yaml or .xlsx file.")
    try:
        return IntakeForm.model_validate(values)
    except ValidationError as error:
        raise IntakeFormRefused("\n".join(_sentences(path.name, error, places))) from None


def _sentences(file: str, error: ValidationError, places: Places) -> list[str]:
    sentences = []
    for fault in faults_of(error):
        place = places.get(fault.spot) or places.get(fault.spot[:1], "") if places else ""
        found = "" if isinstance(fault.found, (dict, list)) else f" found {_short(fault.found)};"
        where = ", ".join(
            part for part in (place, f"field {fault.field}" if fault.field else "the form as a whole") if part
        )
        sentences.append(f"{file}, {where}:{found} {fault.text}{'' if fault.text.endswith('?') else '.'}")
    return sentences


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _from_yaml(path: Path) -> dict[str, Any]:
    data = read_at_most(path, MAX_YAML_BYTES)
    if data is None:
        raise IntakeFormRefused(
            f"{path.name}: larger than {MAX_YAML_BYTES // 1024} KB; is it an intake form?"
        )
    try:
        loaded = plain_yaml(data)
    except YamlRefused as error:
        where = f"{path.name}{f', line {error.line}' if error.line else ''}"
        match error.problem:
            case "alias":
                reason = "holds an anchor or an alias; a form takes no aliases."
            case "encoding":
                reason = "not UTF-8 text; save it as UTF-8."
            case _:
                reason = "cannot be read as YAML."
        raise IntakeFormRefused(f"{where}: {reason}") from None
    if not isinstance(loaded, dict):
        raise IntakeFormRefused(f"{path.name}: expected fields such as `code: JC-2027`, one a line.")
    values = _without_blanks(loaded)
    calendar = loaded.get("working_calendar")
    if isinstance(calendar, dict):  # an empty day is a day of rest, not a default
        values["working_calendar"] = _without_blanks(calendar) | {
            day: calendar[day] for day in WEEKDAYS if day in calendar
        }
    return values


def _without_blanks(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in values.items() if value != ""}


def _from_workbook(path: Path) -> tuple[dict[str, Any], Places]:
    try:
        data = private_copy(path)
        sheets = workbook_cells(data, path.name)
    except WorkbookRefused as error:
        raise IntakeFormRefused(str(error)) from error
    for cell in formula_cells(data, list(sheets)):
        # It would show another value on another machine.
        raise IntakeFormRefused(
            f"{path.name}, sheet {cell.sheet}, cell {cell.reference}: a formula; expected a plain value "
            "(copy the cell and paste it as a value)."
        )
    missing = [name for name in (RECORD_SHEET, DEMANDS_SHEET, CALENDAR_SHEET) if name not in sheets]
    if missing:
        raise IntakeFormRefused(
            f"{path.name}: the sheet {', '.join(missing)} is missing; fill in the file that "
            "`steward engagement form` writes."
        )
    values: dict[str, Any] = {}
    places: Places = {}
    calendar: dict[str, Any] = {}
    for sheet, target, head in (
        (RECORD_SHEET, values, ()),
        (CALENDAR_SHEET, calendar, ("working_calendar",)),
    ):
        for number, row in enumerate(sheets[sheet][1:], start=2):
            name, text = row[0].strip(), row[2].strip() if len(row) > 2 else ""
            if not name:
                continue
            place = f"sheet {sheet}, cell C{number}"
            if name in target:
                raise IntakeFormRefused(f"{path.name}, {place}: the field {name} stands there twice.")
            places[(*head, name)] = place
            if name in ("holidays", "makeup_workdays"):
                target[name] = [day.strip() for day in text.replace("，", ",").split(",") if day.strip()]
                places |= {(*head, name, index): place for index in range(len(target[name]))}
            elif text or head:
                target[name] = text
    values["working_calendar"] = calendar
    values["demands"] = _demands(path.name, sheets[DEMANDS_SHEET], places)
    return values, places


def _demands(file: str, rows: list[list[str]], places: Places) -> list[dict[str, str]]:
    demands: list[dict[str, str]] = []
    for number, row in enumerate(rows[1:], start=2):
        texts = [text.strip() for text in (*row, "", "", "", "")[: len(DEMAND_COLUMNS)]]
        if not any(texts):
            continue
        if len(demands) == MAX_DEMANDS:
            raise IntakeFormRefused(f"{file}, sheet {DEMANDS_SHEET}: more than {MAX_DEMANDS} demands.")
        for column, name in zip("ABCD", DEMAND_COLUMNS, strict=True):
            places["demands", len(demands), name] = f"sheet {DEMANDS_SHEET}, cell {column}{number}"
        demands.append(dict(zip(DEMAND_COLUMNS, texts, strict=True)))
    return demands
