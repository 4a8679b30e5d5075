"""What stands in an intake form from outside? YAML or XLSX, untrusted; every wrong field is named (A1)."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import yaml
from pydantic import ValidationError

from models.errors import Terminal
from models.intake import WEEKDAYS, IntakeForm
from reports.intake_form import CALENDAR_SHEET, DEMAND_COLUMNS, DEMANDS_SHEET, RECORD_SHEET
from tasks.workbook import WorkbookRefused, read_workbook

MAX_YAML_BYTES = 256 * 1024
MAX_DEMANDS = 200
_FORMULA = re.compile(rb'<c\s[^>]*?r="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*<f[\s>/]')
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
    for wrong in error.errors():
        spot = tuple(wrong["loc"])
        field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in spot).lstrip(".")
        place = places.get(spot) or places.get(spot[:1], "") if places else ""
        found = "" if isinstance(wrong["input"], (dict, list)) else f" found {_short(wrong['input'])};"
        where = ", ".join(
            part for part in (place, f"field {field}" if field else "the form as a whole") if part
        )
        sentences.append(f"{file}, {where}:{found} {wrong['msg'].removeprefix('Value error, ')}.")
    return sentences


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _from_yaml(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        data = stream.read(MAX_YAML_BYTES + 1)
    if len(data) > MAX_YAML_BYTES:
        raise IntakeFormRefused(
            f"{path.name}: larger than {MAX_YAML_BYTES // 1024} KB; is it an intake form?"
        )
    try:
        text = data.decode("utf-8-sig")
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            # A few aliases of aliases unfold to gigabytes, and a form has no use for them.
            if isinstance(event, yaml.AliasEvent):
                raise IntakeFormRefused(
                    f"{path.name}: holds the alias *{_short(event.anchor)}; a form takes no aliases."
                )
        # BaseLoader makes text of everything: no objects, and 13:30 stays a time, not a number.
        loaded = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - stricter than the safe loader
    except UnicodeDecodeError:
        raise IntakeFormRefused(f"{path.name}: not UTF-8 text; save it as UTF-8.") from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise IntakeFormRefused(f"{path.name}{line}: cannot be read as YAML.") from None
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
        sheets = read_workbook(path)
    except WorkbookRefused as error:
        raise IntakeFormRefused(str(error)) from error
    _refuse_formulas(path)
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


def _refuse_formulas(path: Path) -> None:
    """A formula shows another value on another machine; the gate has judged the archive by now."""
    with ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                found = _FORMULA.search(archive.read(name))
                if found:
                    sheet = name.rpartition("/")[2].removesuffix(".xml")
                    raise IntakeFormRefused(
                        f"{path.name}, {sheet}, cell {found[1].decode()}: a formula; expected a plain value "
                        "(copy the cell and paste it as a value)."
                    )
