"""Which units and contacts may a survey ask? The frame, taken in from a file, and its doubtful rows (D2)."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.db import reading, writing
from models.people import Person
from models.rules.file_values import plain_text
from models.rules.handover_sheet import word_key
from models.rules.survey_frame import (
    FRAME_COLUMNS,
    FRAME_REQUIRED,
    KIND_WORDS,
    LANGUAGE_WORDS,
    MODE_WORDS,
    TYPE_WORDS,
    unit_ref,
)
from models.rules.survey_sample import CONTACTS, ONE_PER_UNIT
from models.survey import SurveyFrameUnit
from models.upsert import insert_if_absent
from tasks.engagements import engagement_id, find_engagement, lock_engagement
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import RowDoubt, SheetRow, read_table

_PERSONAL = ("person",)
_UNIQUE_KINDS = frozenset(kind for population in ONE_PER_UNIT for kind in CONTACTS[population])


@dataclass(frozen=True)
class FrameImport:
    """What became of a frame file: rows = taken + not taken."""

    file: str
    rows: int
    new: int
    changed: int
    as_before: int
    dropped: int
    """Contacts of an earlier frame that this file does not name; they are not asked any more."""
    doubts: tuple[RowDoubt, ...]
    dry_run: bool
    unread: tuple[str, ...] = ()
    """Headings of the file that name no column of a frame; what stands below them is not taken in."""
    kept: int = 0
    """Contacts this file does not name that stay, as one of its doubtful rows may be theirs."""

    @property
    def taken(self) -> int:
        """Rows that stand in the frame."""
        return self.new + self.changed + self.as_before

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self) | {"taken": self.taken, "not_taken": len(self.doubts)}


class _Doubted(Exception):
    def __init__(self, column: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.parts = (column, value, reason)


def import_frame(code: str, path: Path, *, dry_run: bool = False) -> FrameImport:
    """Take in the whole frame of an engagement; the same file again changes nothing.

    Args:
        code: the engagement.
        path: CSV or XLSX with unit, building, type, kind, modes, and if known person and language.
        dry_run: only say what would become of it.

    Raises:
        SheetRefused: the file cannot be read as a frame.
    """
    table = read_table(path, FRAME_COLUMNS, FRAME_REQUIRED)
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        people = {
            person.ref: (bool(person.email), bool(person.phone))
            for person in session.exec(
                select(Person).where(Person.engagement_id == key, col(Person.erased_on).is_(None))
            ).all()
        }
        default = "zh" if engagement.language.startswith("zh") else "en"
        wanted: dict[str, dict[str, Any]] = {}
        seen: dict[tuple[str, ...], int] = {}
        doubts: list[RowDoubt] = []
        for row in table.rows:
            try:
                found = _read(row, people, default)
                _refuse_repeated(found, row.number, seen)
            except _Doubted as doubted:
                doubts.append(RowDoubt(row.number, *doubted.parts))
                continue
            wanted[found["ref"]] = found
        known = {
            unit.ref: unit
            for unit in session.exec(
                select(SurveyFrameUnit).where(SurveyFrameUnit.engagement_id == key)
            ).all()
        }
        changed = [
            ref
            for ref, row in wanted.items()
            if ref in known
            and any(getattr(known[ref], name) != value for name, value in (row | {"active": True}).items())
        ]
        fresh = [ref for ref in wanted if ref not in known]
        missing = [ref for ref, unit in known.items() if unit.active and ref not in wanted]
        # A contact may be missing because its row is doubtful: nobody is dropped until the file has no doubtful row.
        dropped = [] if doubts else missing
        found_all = FrameImport(
            table.file,
            len(table.rows),
            len(fresh),
            len(changed),
            len(wanted) - len(fresh) - len(changed),
            len(dropped),
            tuple(doubts),
            dry_run,
            table.unread,
            len(missing) - len(dropped),
        )
        if dry_run:
            return found_all
        _write(session, key, wanted, known, changed, fresh, dropped)
        keep_doubts(session, key, "frame", table, doubts)
        if fresh or changed or dropped:
            detail = {"new": len(fresh), "changed": len(changed), "dropped": len(dropped)}
            record_event(session, key, "survey.frame", table.sha256[:12], detail)
        return found_all


def _write(
    session: Session,
    key: int,
    wanted: dict[str, dict[str, Any]],
    known: dict[str, SurveyFrameUnit],
    changed: list[str],
    fresh: list[str],
    dropped: list[str],
) -> None:
    for ref in changed:
        for name, value in (wanted[ref] | {"active": True}).items():
            setattr(known[ref], name, value)
        session.add(known[ref])
    for ref in dropped:
        known[ref].active = False
        session.add(known[ref])
    insert_if_absent(
        session,
        SurveyFrameUnit,
        [{"engagement_id": key, "active": True, **wanted[ref]} for ref in fresh],
    )


def _read(row: SheetRow, people: dict[str, tuple[bool, bool]], default: str) -> dict[str, Any]:
    unit, building = (_some(row, name) for name in ("unit", "building"))
    kind = _word(row, "kind", KIND_WORDS)
    person = plain_text(row.cells.get("person", ""))[:60]
    if person and person not in people:
        raise _Doubted("person", "", "expected the reference of a recorded person (`steward people import`)")
    if kind == "employee" and not person:
        raise _Doubted("person", "", "an employee needs a reference: a unit has several")
    return {
        "ref": person or unit_ref(building, unit, kind),
        "unit": unit,
        "building": building,
        "property_type": _word(row, "type", TYPE_WORDS),
        "contact_kind": kind,
        "language": _word(row, "language", LANGUAGE_WORDS) if row.cells.get("language") else default,
        "modes": ",".join(_modes(row, people.get(person))),
    }


def _modes(row: SheetRow, reachable: tuple[bool, bool] | None) -> list[str]:
    text = row.cells.get("modes", "")
    words = [
        word
        for word in plain_text(text).replace("、", ",").replace(";", ",").replace("/", ",").split(",")
        if word
    ]
    modes = [word_key(word.strip(), MODE_WORDS) for word in words]
    if not modes or None in modes:
        raise _Doubted("modes", text[:80], "expected some of online, telephone, paper")
    found = list(dict.fromkeys(mode for mode in modes if mode is not None))
    email, phone = reachable or (False, False)
    if "online" in found and not email:
        raise _Doubted("modes", text[:80], "online needs a recorded person with a mail address")
    if "telephone" in found and not phone:
        raise _Doubted("modes", text[:80], "telephone needs a recorded person with a number")
    return found


def _some(row: SheetRow, name: str) -> str:
    text = plain_text(row.cells.get(name, ""))[:60]
    if not text:
        raise _Doubted(name, "", "expected a text")
    return text


def _word(row: SheetRow, name: str, words: dict[str, tuple[str, ...]]) -> str:
    text = row.cells.get(name, "")
    found = word_key(text, words)
    if found is None:
        raise _Doubted(name, text[:80], f"expected one of {', '.join(words)}")
    return found


def _refuse_repeated(found: dict[str, Any], number: int, seen: dict[tuple[str, ...], int]) -> None:
    keys: list[tuple[str, ...]] = [("ref", found["ref"])]
    if found["contact_kind"] in _UNIQUE_KINDS:
        keys.append(("unit", found["building"], found["unit"], found["contact_kind"]))
    for key in keys:
        if key in seen:
            column = "person" if key[0] == "ref" and not found["ref"].startswith("unit:") else "unit"
            value = "" if column in _PERSONAL else found["unit"]
            raise _Doubted(
                column, value, f"stands in row {seen[key]} already; one contact of a kind for each unit"
            )
    seen.update(dict.fromkeys(keys, number))


def frame_summary(code: str) -> list[dict[str, Any]]:
    """The frame by building, type and contact kind."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        columns = (SurveyFrameUnit.building, SurveyFrameUnit.property_type, SurveyFrameUnit.contact_kind)
        rows = session.exec(
            select(*columns, func.count())
            .where(SurveyFrameUnit.engagement_id == key, col(SurveyFrameUnit.active))
            .group_by(*(col(column) for column in columns))
            .order_by(*(col(column) for column in columns))
        ).all()
    return [
        {"building": building, "type": ptype, "contact": kind, "contacts": count}
        for building, ptype, kind, count in rows
    ]


def reading_languages(session: Session, key: int) -> dict[str, str]:
    """Reference to the language of the contact, of everybody the frame names."""
    return dict(
        session.exec(
            select(SurveyFrameUnit.ref, SurveyFrameUnit.language).where(
                SurveyFrameUnit.engagement_id == key, col(SurveyFrameUnit.active)
            )
        ).all()
    )
