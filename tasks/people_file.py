"""Who stands in a file of people? Reads a CSV row by row; good rows are kept, bad ones named (A3)."""

import csv
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from models.errors import Terminal
from models.intake import PersonForm
from reports.mail import MailRefused, mail_address
from tasks.intake import record_people
from tasks.intake_versions import ask_confirmation
from tasks.outside_text import decoded, read_at_most

COLUMNS = ("ref", "role", "name", "email", "phone", "unit", "property_type")
REQUIRED = ("ref", "role", "name")
MAX_BYTES = 20_000_000


class PeopleFileRefused(Terminal):
    """The file cannot be read as a list of people; the message says what was expected."""


@dataclass(frozen=True)
class BadRow:
    """A row that was not taken; the value is shown only where it is no personal data."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class PeopleFile:
    """What a file of people holds."""

    people: tuple[PersonForm, ...]
    bad_rows: tuple[BadRow, ...]


@dataclass(frozen=True)
class PeopleImport:
    """What became of a file: rows = recorded + known before + rejected."""

    rows: int
    recorded: int
    known_before: int
    bad_rows: tuple[BadRow, ...]


def import_people(code: str, path: Path) -> PeopleImport:
    """Record the people of a CSV file; a reference recorded before is left as it is.

    Raises:
        PeopleFileRefused: no such file, not UTF-8 or GB18030 text, or a required column is missing.
    """
    found = read_people(path)
    recorded = record_people(code, found.people)
    ask_confirmation.fn(code)  # a client or custodian who is known only now; asking again asks once
    return PeopleImport(
        rows=len(found.people) + len(found.bad_rows),
        recorded=recorded,
        known_before=len(found.people) - recorded,
        bad_rows=found.bad_rows,
    )


def read_people(path: Path) -> PeopleFile:
    """Read a CSV file with the columns ref, role, name and, where known, email, phone, unit, property_type.

    Raises:
        PeopleFileRefused: as `import_people`.
    """
    reader = csv.DictReader(_text(path).splitlines())
    header = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise PeopleFileRefused(
            f"{path.name}, row 1: the column {', '.join(missing)} is missing; expected {', '.join(COLUMNS)}."
        )
    reader.fieldnames = header
    people: list[PersonForm] = []
    bad: list[BadRow] = []
    seen: dict[str, int] = {}
    for row in reader:
        number = reader.line_num
        values = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if not any(values.values()):
            continue
        doubt = _doubt(values, seen)
        if doubt is not None:
            bad.append(BadRow(number, *doubt))
            continue
        seen[values["ref"]] = number
        people.append(PersonForm.model_validate(values))
    return PeopleFile(tuple(people), tuple(bad))


def _doubt(values: dict[str, str], seen: dict[str, int]) -> tuple[str, str] | None:
    """Column and reason if the row cannot be taken."""
    if values["ref"] in seen:
        return "ref", f"{values['ref']!r} stands in row {seen[values['ref']]} already"
    try:
        PersonForm.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        return str(first["loc"][0]), first["msg"]
    if values["email"]:
        try:
            mail_address(values["email"])
        except MailRefused:
            return "email", "is not one plain mail address"
    return None


def _text(path: Path) -> str:
    if not path.is_file():
        raise PeopleFileRefused(f"{path.name}: there is no such file.")
    content = read_at_most(path, MAX_BYTES)
    if content is None:
        raise PeopleFileRefused(
            f"{path.name}: larger than {MAX_BYTES // 1_000_000} MB; is it a list of people?"
        )
    text = decoded(content)
    if text is None:
        raise PeopleFileRefused(f"{path.name}: neither UTF-8 nor GB18030 text; save it as CSV UTF-8.")
    return text
