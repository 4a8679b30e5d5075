"""How is one row of a register read so that nothing in it is lost in silence?"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from models.rules.cobie_rows import Rejection, Severity, SheetCount
from models.rules.cobie_sheets import KEY_COLUMNS, Row, Table
from models.rules.cobie_values import (
    NameIndex,
    Span,
    Unreadable,
    name_key,
    read_amount,
    read_date,
    read_unit,
)


class Record:
    """Collects complaints, notes and counts while a register is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.rejections: list[Rejection] = []
        self.counts: list[SheetCount] = []
        self._notes: dict[str, None] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """Each note once, in the order they arose."""
        return tuple(self._notes)

    def note(self, sentence: str) -> None:
        """Write down something that is worth knowing but doubts no cell."""
        self._notes[sentence] = None

    def complain(self, table: Table, row: Row, column: str, reason: str, severity: Severity) -> None:
        """Write down a complaint about a cell, under the names the file itself uses."""
        self.rejections.append(
            Rejection(
                file=self.file,
                sheet=table.title,
                row=row.number,
                column=table.headers.get(column, column),
                value=row.cells.get(column, ""),
                reason=reason,
                severity=severity,
            )
        )


class RowReader:
    """Reads the cells of one row; what it cannot read becomes a warning and an empty value."""

    def __init__(self, record: Record, table: Table, row: Row) -> None:
        self.number = row.number
        self._record = record
        self._table = table
        self._row = row
        self.is_rejected = False

    def text(self, column: str) -> str:
        """The cell's text, "" where it is empty, `n/a` or the column is absent."""
        return self._row.cells.get(column, "")

    def warn(self, column: str, reason: str) -> None:
        """Doubt a cell but take the row."""
        self._record.complain(self._table, self._row, column, reason, Severity.WARNING)

    def reject(self, column: str, reason: str) -> None:
        """Refuse the row; the first reason is the one reported, so that a row counts once."""
        if not self.is_rejected:
            self._record.complain(self._table, self._row, column, reason, Severity.REJECTED)
        self.is_rejected = True

    def day(self, column: str) -> date | None:
        """The cell as a date."""
        try:
            return read_date(self.text(column)) if self.text(column) else None
        except Unreadable as error:
            self.warn(column, f"is not taken: {error}")
            return None

    def amount(self, column: str) -> Decimal | None:
        """The cell as a number of zero or more."""
        try:
            return read_amount(self.text(column)) if self.text(column) else None
        except Unreadable as error:
            self.warn(column, f"is not taken: {error}")
            return None

    def level(self, column: str) -> Decimal | None:
        """The cell as a number that may be below zero."""
        text = self.text(column)
        try:
            return -read_amount(text[1:]) if text.startswith("-") else read_amount(text) if text else None
        except Unreadable as error:
            self.warn(column, f"is not taken: {error}")
            return None

    def span(self, column: str, unit_column: str, *, above_zero: bool = False) -> Span | None:
        """A length of time from two cells; a missing or unknown unit is doubted, the number kept."""
        value = self.amount(column)
        if value is None:
            return None
        if above_zero and value == 0:
            self.warn(column, "is not taken: a length of zero stands for an unknown one")
            return None
        if not self.text(unit_column):
            self.warn(column, f"has no unit: {unit_column} is empty")
            return Span(value, None)
        try:
            return Span(value, read_unit(self.text(unit_column)))
        except Unreadable as error:
            self.warn(unit_column, f"is not taken: {error}")
            return Span(value, None)

    def reference(self, column: str, names: NameIndex, sheet: str) -> str | None:
        """One name of another sheet, in that sheet's spelling; None where it is not known there."""
        text = self.text(column)
        found = names.find(text)
        if found is not None and found != text:
            self._record.note(f"{self._table.title}: {text!r} was taken for {found!r} of sheet {sheet}.")
        return found

    def references(self, column: str, names: NameIndex, sheet: str) -> tuple[str, ...]:
        """The known names of a list cell; each unknown one is doubted."""
        known, unknown = names.split(self.text(column))
        for text in unknown:
            self.warn(column, f"names {text!r}, which sheet {sheet} does not have")
        return tuple(known)


def rows_of(record: Record, table: Table | None) -> Iterator[RowReader]:
    """Yield the rows of a sheet and keep its count; rows without their name are refused here."""
    if table is None:
        return
    key = KEY_COLUMNS.get(table.sheet, "Name")
    rejected = 0
    for row in table.rows:
        reader = RowReader(record, table, row)
        if key not in table.headers:
            reader.reject(key, "cannot be read: the sheet has no such column")
        elif not reader.text(key):
            reader.reject(key, "is empty, but names the row")
        if not reader.is_rejected:
            yield reader
        rejected += reader.is_rejected
    record.counts.append(SheetCount(table.title, len(table.rows), len(table.rows) - rejected, rejected))


class Keys:
    """Refuses a row whose key an earlier row of the sheet already has."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, ...], int] = {}

    def admit(self, reader: RowReader, column: str, *parts: str) -> bool:
        """Say whether the key is new; if not, reject the row, naming the first one."""
        key = tuple(name_key(part) for part in parts)
        first = self._first.setdefault(key, reader.number)
        if first != reader.number:
            reader.reject(column, f"repeats row {first}, which has the same key ({', '.join(parts)})")
        return first == reader.number
