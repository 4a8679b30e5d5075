"""What did the surveyors fill in? Reads a returned form as untrusted input, row by row (A2)."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from models.columns import CENT
from models.errors import Terminal
from models.rules.condition import Severity
from models.rules.condition_checks import CheckLine, earlier_form
from reports.condition_form import CHECKS_SHEET, COLUMNS, LOOKED, PAYERS
from reports.words import SEVERITIES
from tasks.outside_text import decoded, read_at_most
from tasks.workbook import WorkbookRefused, read_workbook

NEEDED = (
    "ref",
    "tag",
    "looked",
    "severity",
    "intensity",
    "extent",
    "text",
    "photos",
    "repair_cost",
    "priority",
    "payer",
    "form",
)
MAX_BYTES = 20_000_000
MAX_TEXT = 2_000
MAX_COST = Decimal(10_000_000_000)
_YES = {"yes", "y", "1", "true", "是", "已查", "√", "✓"}
_NO = {"", "no", "n", "0", "否", "未查"}
_ABSENT = {"n/a", "na", "不适用", "无此项"}


class ConditionFormRefused(Terminal):
    """The file is no form of this register and visit, or not safe to open; the message says what was expected."""


@dataclass(frozen=True)
class RowProblem:
    """A row or cell that was not taken: where, what stood there, what was expected."""

    sheet: str
    row: int
    column: str
    value: str
    expected: str


@dataclass(frozen=True)
class SeenDefect:
    """A defect as it stands in a row."""

    severity: Severity
    intensity: int
    extent: int
    text: str
    repair_cost: Decimal | None
    priority: int | None
    payer: str
    photos: tuple[str, ...]


@dataclass(frozen=True)
class SeenLine:
    """A row that was filled in."""

    row: int
    ref: str
    """Of the finding: the line's own, with -2, -3 for further defects on the same line."""
    line: CheckLine
    state: str
    defect: SeenDefect | None


@dataclass(frozen=True)
class FilledForm:
    """Everything a form says."""

    sheet: str
    rows: int
    seen: tuple[SeenLine, ...]
    problems: tuple[RowProblem, ...]
    register_changed: bool
    """The form was written when the register stood otherwise; what came since is not on it."""


class _Bad(ValueError):
    def __init__(self, column: str, value: str, expected: str) -> None:
        super().__init__(column)
        self.column, self.value, self.expected = column, value, expected


def read_form(path: Path, form_id: str, lines: Mapping[str, CheckLine]) -> FilledForm:
    """Read a returned form; rows left empty say nothing.

    Args:
        path: the workbook or CSV.
        form_id: what a form of this register, visit and edition carries.
        lines: the lines of that form by reference.

    Raises:
        ConditionFormRefused: not such a form, or no file that may be opened.
    """
    sheet, table = _table(path)
    header = _header(path.name, sheet, table)
    seen: list[SeenLine] = []
    problems: list[RowProblem] = []
    counts: dict[str, int] = {}
    carried, changed, rows = False, False, 0
    for number, cells in enumerate(table[1:], start=2):
        values = {name: _cell(cells, place) for name, place in header.items()}
        if not any(values.values()):
            continue
        rows += 1
        if earlier_form(values["form"], form_id):
            changed = True
        elif values["form"] and values["form"] != form_id:
            raise ConditionFormRefused(
                f"{path.name}, sheet {sheet}, row {number}, column {_title('form')}: {values['form'][:60]!r} is a form "
                f"of another register, visit or edition; expected {form_id!r}. Write a new form "
                "with `steward condition form`."
            )
        carried = carried or bool(values["form"])
        try:
            found = _line(number, values, lines, counts)
        except _Bad as bad:
            # Counted all the same: a later defect on the line must keep its own number.
            counts[values["ref"]] = counts.get(values["ref"], 0) + 1
            problems.append(RowProblem(sheet, number, _title(bad.column), bad.value[:120], bad.expected))
            continue
        if found is not None:
            seen.append(found)
    if not carried:
        raise ConditionFormRefused(
            f"{path.name}, sheet {sheet}: no row carries the form's mark in column {_title('form')}; expected {form_id!r}."
        )
    return FilledForm(sheet, rows, tuple(seen), tuple(problems), changed)


def _title(name: str) -> str:
    en, zh = COLUMNS[name]
    return f"{en} / {zh}"


def _table(path: Path) -> tuple[str, list[list[str]]]:
    if not path.is_file():
        raise ConditionFormRefused(f"{path.name}: there is no such file.")
    if path.suffix.lower() == ".csv":
        return "CSV", _csv(path)
    try:
        sheets = read_workbook(path)
    except WorkbookRefused as error:
        raise ConditionFormRefused(str(error)) from error
    if CHECKS_SHEET not in sheets:
        raise ConditionFormRefused(f"{path.name}: the sheet {CHECKS_SHEET} is missing; is it a survey form?")
    return CHECKS_SHEET, sheets[CHECKS_SHEET]


def _csv(path: Path) -> list[list[str]]:
    content = read_at_most(path, MAX_BYTES)
    if content is None:
        raise ConditionFormRefused(
            f"{path.name}: larger than {MAX_BYTES // 1_000_000} MB; is it a survey form?"
        )
    text = decoded(content)
    if text is None:
        raise ConditionFormRefused(f"{path.name}: neither UTF-8 nor GB18030 text; save it as CSV UTF-8.")
    try:
        # The quote that keeps a spreadsheet from running a cell is taken away again.
        return [
            [c[1:] if c[:1] == "'" else c for c in row] for row in csv.reader(io.StringIO(text, newline=""))
        ]
    except csv.Error as error:
        raise ConditionFormRefused(f"{path.name}: is not CSV ({error}).") from error


def _header(file: str, sheet: str, table: list[list[str]]) -> dict[str, int]:
    titles = [title.strip().casefold() for title in (table[0] if table else [])]
    places: dict[str, int] = {}
    for name in NEEDED:
        wanted = {word.casefold() for word in COLUMNS[name]}
        found = [place for place, title in enumerate(titles) if title in wanted]
        if len(found) != 1:
            problem = "is missing or was renamed" if not found else "stands twice"
            raise ConditionFormRefused(f"{file}, sheet {sheet}, row 1: the column {_title(name)} {problem}.")
        places[name] = found[0]
    return places


def _cell(cells: list[str], place: int) -> str:
    text = cells[place] if place < len(cells) else ""
    return "".join(c for c in text if c.isprintable() or c == "\n").strip()


def _line(
    number: int, values: Mapping[str, str], lines: Mapping[str, CheckLine], counts: dict[str, int]
) -> SeenLine | None:
    line = lines.get(values["ref"])
    if line is None:
        raise _Bad("ref", values["ref"], "a reference of this register as it is now")
    if values["tag"] != line.tag:
        raise _Bad("tag", values["tag"], f"the asset tag {line.tag!r} of this reference")
    looked = values["looked"].casefold()
    if looked not in _YES | _NO | _ABSENT:
        raise _Bad("looked", values["looked"], "yes, n/a or empty / 已查、不适用或留空")
    defect = _defect(values)
    if defect is None and looked in _NO:
        return None
    if defect is not None and looked in _ABSENT:
        raise _Bad("looked", values["looked"], "yes, because a defect is described in this row")
    if defect is not None and looked and looked in _NO:
        raise _Bad("looked", values["looked"], "yes or empty, because a defect is described in this row")
    place = counts.get(line.ref, 0) + 1
    ref = line.ref if place == 1 else f"{line.ref}-{place}"
    if len(ref) > 40:
        raise _Bad("ref", values["ref"], "fewer defects on one line")
    counts[line.ref] = place
    state = next(iter(LOOKED)) if looked not in _ABSENT else "not_applicable"
    return SeenLine(number, ref, line, state, defect)


def _defect(values: Mapping[str, str]) -> SeenDefect | None:
    core = ("severity", "intensity", "extent", "text")
    if not any(values[name] for name in (*core, "photos", "repair_cost", "priority", "payer")):
        return None
    for name in core:
        if not values[name]:
            raise _Bad(name, "", "a value: a defect needs severity, intensity, extent and a sentence")
    if len(values["text"]) > MAX_TEXT:
        raise _Bad("text", values["text"], f"at most {MAX_TEXT} characters")
    return SeenDefect(
        severity=Severity(_code(values, "severity", SEVERITIES)),
        intensity=_whole(values, "intensity", 3),
        extent=_whole(values, "extent", 5),
        text=values["text"],
        repair_cost=_cost(values),
        priority=_whole(values, "priority", 4) if values["priority"] else None,
        payer=_code(values, "payer", PAYERS) if values["payer"] else "",
        photos=tuple(
            dict.fromkeys(
                p.strip()
                for p in values["photos"].replace("；", ";").replace("\n", ";").split(";")
                if p.strip()
            )
        ),
    )


def _code(values: Mapping[str, str], name: str, vocabulary: Mapping[str, tuple[str, str]]) -> str:
    given = values[name].casefold()
    for code, words in vocabulary.items():
        if given in {code, *(word.casefold() for word in words)}:
            return code
    known = ", ".join(f"{en} / {zh}" for en, zh in vocabulary.values())
    raise _Bad(name, values[name], f"one of {known}")


def _whole(values: Mapping[str, str], name: str, most: int) -> int:
    if values[name] not in {str(figure) for figure in range(1, most + 1)}:
        raise _Bad(name, values[name], f"a whole number 1 to {most}")
    return int(values[name])


def _cost(values: Mapping[str, str]) -> Decimal | None:
    text = values["repair_cost"].replace(",", "")
    if not text:
        return None
    try:
        cost = Decimal(text)
    except InvalidOperation:
        cost = Decimal("NaN")
    if not cost.is_finite() or not 0 <= cost < MAX_COST or cost != cost.quantize(CENT):
        raise _Bad(
            "repair_cost", values["repair_cost"], "an amount of at least 0 with at most two decimal places"
        )
    return cost.quantize(CENT)
