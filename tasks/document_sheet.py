"""What does the filled-in handover sheet say came in? Read row by row, files kept by their hash (A3)."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from models.db import reading, writing
from models.diligence import DocumentItem
from models.errors import Terminal
from models.people import Person
from models.rules.file_values import ValueDoubted, plain_text, read_count, read_date
from models.rules.handover_sheet import (
    CONDITION_WORDS,
    HANDOVER_COLUMNS,
    HANDOVER_ROLES,
    STATE_WORDS,
    word_key,
)
from reports.document_form import document_form
from reports.document_receipt import document_receipt
from reports.pack import Pack
from tasks.documents import Receipt, changes, documents_of, take_in_document
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.files import keep_file
from tasks.handover_files import HandedFile, HandedFileRefused, file_in, handed_file
from tasks.sheet_rows import RowDoubt, SheetRow, read_table

_PERSONAL = ("received_from", "received_by", "signature_ref", "note")
"""Cells in which a name may stand: their text is not repeated in a message."""
_MAX_TEXT = 500


@dataclass(frozen=True)
class SheetImport:
    """What became of a handover sheet: rows = changed + as before + without a statement + not taken."""

    file: str
    rows: int
    changed: tuple[tuple[str, str, str], ...]
    """Reference, state before, state now."""
    as_before: int
    unstated: int
    files_kept: int
    doubts: tuple[RowDoubt, ...]
    dry_run: bool

    @property
    def not_taken(self) -> int:
        """Rows that were refused."""
        return len({doubt.row for doubt in self.doubts if not doubt.taken})

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self) | {"not_taken": self.not_taken}


@dataclass(frozen=True)
class _Known:
    """What rows are judged against."""

    items: dict[str, DocumentItem]
    people: frozenset[str]
    today: date
    folder: Path | None


def form_of(code: str) -> bytes:
    """The expected list as a sheet to fill in.

    Raises:
        Terminal: the list was not drawn up yet.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        return document_form(engagement, _listed(session, code), business_today(engagement))


def receipt_of(code: str, on: date | None = None) -> Pack:
    """The receipt of all papers as they stand, for two signatures.

    Raises:
        Terminal: the list was not drawn up yet.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        return document_receipt(engagement, _listed(session, code), on or business_today(engagement))


def import_sheet(code: str, path: Path, folder: Path | None = None, *, dry_run: bool = False) -> SheetImport:
    """Take in a filled-in sheet: good rows in one transaction, bad ones named; again it changes nothing.

    Args:
        code: the engagement.
        path: the workbook (or CSV) made by `form_of`, filled in.
        folder: where the files it names lie; None takes the rows without files.
        dry_run: say what would change, and write nothing, files included.

    Raises:
        SheetRefused: the file is no such sheet.
        Terminal: the list was not drawn up yet.
    """
    table = read_table(path, HANDOVER_COLUMNS, ("ref", "received"))
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        people = session.exec(
            select(Person.ref).where(
                Person.engagement_id == key, Person.role != "owner", Person.role != "tenant"
            )
        ).all()
        items = {item.ref: item for item in _listed(session, code)}
        known = _Known(items, frozenset(people), business_today(engagement), folder)
    doubts: list[RowDoubt] = []
    taken: dict[str, tuple[Receipt, date, HandedFile | None]] = {}
    unstated = as_before = 0
    for row in table.rows:
        if not row.cells["received"]:
            unstated += 1
            continue
        judge = _Judge(row, known)
        judged = judge.receipt(row.cells["ref"] in taken)
        doubts += judge.doubts
        if judged is None:
            continue
        receipt, on, file = judged
        if changes(known.items[row.cells["ref"]], receipt):
            taken[row.cells["ref"]] = (receipt, on, file)
        else:
            as_before += 1
    changed = tuple((ref, known.items[ref].state, receipt.state) for ref, (receipt, _, _) in taken.items())
    if taken and not dry_run:
        with writing() as session:
            for ref, (receipt, on, file) in taken.items():
                if file is not None:
                    keep_file(session, file.content, file.name, file.media_type)
                take_in_document(session, code, ref, receipt, on)
    return SheetImport(
        file=table.file,
        rows=len(table.rows),
        changed=changed,
        as_before=as_before,
        unstated=unstated,
        files_kept=sum(file is not None for _, _, file in taken.values()),
        doubts=tuple(doubts),
        dry_run=dry_run,
    )


def receive_one(
    code: str, ref: str, receipt: Receipt, on: date | None = None, file: Path | None = None
) -> bool:
    """Record one paper by hand, with its file if there is one; False if it was so before.

    Raises:
        Terminal: no such document, a giver who is neither a role nor a recorded person, a day to come.
        HandedFileRefused: the file cannot be taken.
    """
    handed = None if file is None else handed_file(file)
    with writing() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        people = frozenset(session.exec(select(Person.ref).where(Person.engagement_id == key)).all())
        today = business_today(engagement)
        if on is not None and on > today:
            raise Terminal(
                f"{on.isoformat()} lies after today, {today.isoformat()}; expected the day of the receipt."
            )
        stated = replace(
            receipt,
            received_from=_checked_giver("--from", receipt.received_from, people),
            received_by=_checked_giver("--received-by", receipt.received_by, people),
        )
        if handed is not None:
            kept = keep_file(session, handed.content, handed.name, handed.media_type)
            stated = replace(stated, evidence=kept, file_name=handed.name)
        return take_in_document(session, code, ref, stated, on or today)


def _checked_giver(option: str, text: str, people: frozenset[str]) -> str:
    giver = _giver(text, people)
    if giver is None:
        raise Terminal(
            f"What {option} says is neither a role ({', '.join(HANDOVER_ROLES)}) nor the reference of a recorded "
            "person; a name stands in the people table only (`steward people import`)."
        )
    return giver


def _giver(text: str, people: frozenset[str]) -> str | None:
    """The role or person reference as it is kept; None for anything else, a name above all."""
    written = plain_text(text)
    if not written or written in people:
        return written
    return word_key(written, HANDOVER_ROLES)


def _listed(session: Session, code: str) -> list[DocumentItem]:
    items = documents_of(session, engagement_id(find_engagement(session, code)))
    if not items:
        raise Terminal(
            f"No list of papers was drawn up for {code} yet: import its register, or run conduct-due-diligence."
        )
    return items


class _Judge:
    """Judges one row; every reason against it is kept, so that a person mends all of them at once."""

    def __init__(self, row: SheetRow, known: _Known) -> None:
        self.row, self.known = row, known
        self.doubts: list[RowDoubt] = []
        self.item = known.items.get(row.cells["ref"])

    def receipt(self, seen: bool) -> tuple[Receipt, date, HandedFile | None] | None:
        """What the row states; None if it cannot be taken."""
        if self.item is None:
            self._doubt("ref", "is not on the list of papers")
        if seen:
            self._doubt("ref", "stands in an earlier row already")
        state, on, file = self._state(), self._day(), self._file()
        receipt = Receipt(
            state=state,
            received_from=self._giver("received_from"),
            received_by=self._giver("received_by"),
            signature_ref=plain_text(self._cell("signature_ref"))[:80],
            condition=self._condition(),
            pages=self._count("pages"),
            originals=self._count("originals"),
            copies=self._count("copies"),
            note=plain_text(self._cell("note"))[:_MAX_TEXT],
        )
        if any(not doubt.taken for doubt in self.doubts):
            return None
        if file is not None:
            receipt = replace(receipt, evidence=sha256(file.content).hexdigest(), file_name=file.name)
        return receipt, on, file

    def _cell(self, column: str) -> str:
        return self.row.cells.get(column, "")

    def _doubt(self, column: str, reason: str, *, taken: bool = False) -> None:
        value = "" if column in _PERSONAL else plain_text(self._cell(column))[:80]
        self.doubts.append(RowDoubt(self.row.number, column, value, reason, taken))

    def _state(self) -> str:
        state = word_key(self._cell("received"), STATE_WORDS)
        if state is None:
            self._doubt("received", "is no answer; expected yes, partly, waived or no")
        elif state == "missing" and self.item is not None and self.item.state != "missing":
            said = f"says missing, but it is recorded as {self.item.state}; use `steward document receive`"
            self._doubt("received", said)
        return state or ""

    def _condition(self) -> str:
        condition = word_key(self._cell("condition"), CONDITION_WORDS)
        if condition is None and self._cell("condition"):
            self._doubt("condition", f"is no condition; expected {', '.join(CONDITION_WORDS)}")
        return condition or ""

    def _day(self) -> date:
        try:
            return read_date(self._cell("date"), self.known.today) if self._cell("date") else self.known.today
        except ValueDoubted as error:
            self._doubt("date", str(error))
            return self.known.today

    def _count(self, column: str) -> int | None:
        try:
            return read_count(self._cell(column))
        except ValueDoubted as error:
            self._doubt(column, str(error))
            return None

    def _giver(self, column: str) -> str:
        found = _giver(self._cell(column), self.known.people)
        if found is None:
            roles = ", ".join(HANDOVER_ROLES)
            self._doubt(column, f"is neither a role ({roles}) nor the reference of a recorded person")
        return found or ""

    def _file(self) -> HandedFile | None:
        name = self._cell("file_name")
        if name and self.known.folder is not None:
            try:
                return file_in(self.known.folder, name)
            except HandedFileRefused as error:
                self._doubt("file_name", str(error))
        elif name and (self.item is None or self.item.file_name != name):
            reason = "names a file, but no folder was given (--files); taken without it"
            self._doubt("file_name", reason, taken=True)
        return None
