"""Do two people who keyed in the same paper forms agree, and what must be looked at again? (D4)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.rules.file_values import plain_text


@dataclass(frozen=True)
class KeyedForm:
    """One form as it was keyed in."""

    row: int
    serial: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Discrepancy:
    """A cell on which the two entries differ, or a form that stands in one of them alone."""

    serial_end: str
    """Last four characters: enough to find the form, too little to answer with."""
    first_row: int
    """0 where the form is missing."""
    second_row: int
    column: str
    first: str
    second: str


def compare_entries(
    first: Sequence[KeyedForm], second: Sequence[KeyedForm], columns: Sequence[str]
) -> list[Discrepancy]:
    """Everything on which two entries differ, in the order of the first.

    A serial that stands twice in one file is a discrepancy too: nobody can tell which form is meant.
    """
    found: list[Discrepancy] = []
    repeated: set[str] = set()
    for which, forms in enumerate((first, second)):
        seen: dict[str, int] = {}
        for form in forms:
            if form.serial in seen:
                rows = (form.row, 0) if which == 0 else (0, form.row)
                said = f"stands in row {seen[form.serial]} already"
                texts = (said, "") if which == 0 else ("", said)
                found.append(Discrepancy(form.serial[-4:], *rows, "serial", *texts))
                repeated.add(form.serial)
            seen.setdefault(form.serial, form.row)
    mine = {form.serial: form for form in first if form.serial not in repeated}
    theirs = {form.serial: form for form in second if form.serial not in repeated}
    for serial, form in mine.items():
        other = theirs.get(serial)
        if other is None:
            if serial not in {form.serial for form in second}:
                found.append(Discrepancy(serial[-4:], form.row, 0, "serial", "entered", "missing"))
            continue
        found += [
            Discrepancy(serial[-4:], form.row, other.row, column, one, two)
            for column in columns
            if (one := plain_text(form.cells.get(column, "")))
            != (two := plain_text(other.cells.get(column, "")))
        ]
    found += [
        Discrepancy(serial[-4:], 0, form.row, "serial", "missing", "entered")
        for serial, form in theirs.items()
        if serial not in {form.serial for form in first}
    ]
    return found


def agreed_forms(
    first: Sequence[KeyedForm],
    second: Sequence[KeyedForm],
    columns: Sequence[str],
    resolved: Mapping[tuple[int, int, str], str],
) -> tuple[list[KeyedForm], list[Discrepancy]]:
    """The forms on which both agree or whose differences were settled, and what is still open.

    Args:
        first: one entry.
        second: the other.
        columns: what is compared.
        resolved: (row of the first, row of the second, column) to the value that stands on paper.
    """
    differences = compare_entries(first, second, columns)
    still_open = [d for d in differences if (d.first_row, d.second_row, d.column) not in resolved]
    doubted = {d.first_row for d in still_open if d.first_row}
    doubted |= {d.first_row for d in differences if d.column == "serial"}
    doubted_serials = {form.serial for form in first if form.row in doubted}
    partner = {form.serial: form for form in second}
    agreed = []
    for form in first:
        if form.serial in doubted_serials or form.serial not in partner:
            continue
        other = partner[form.serial].row
        cells = {
            column: resolved.get((form.row, other, column), form.cells.get(column, "")) for column in columns
        }
        agreed.append(KeyedForm(form.row, form.serial, cells))
    return agreed, [d for d in differences if d in still_open or d.column == "serial"]
