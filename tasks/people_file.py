"""Who stands in a file of people? Good rows are kept, bad ones named without repeating what may be personal (A3)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlmodel import col, select

from models.db import reading, writing
from models.intake import PersonForm
from models.people import Person
from models.rules.file_values import plain_text
from models.rules.handover_sheet import SheetColumn, word_key
from reports.mail import MailRefused, mail_address
from tasks.decisions import BOTH_SIDES
from tasks.engagements import engagement_id, find_engagement
from tasks.intake import record_people
from tasks.intake_versions import ask_confirmation
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import RowDoubt, SheetRow, read_table

PEOPLE_COLUMNS = (
    SheetColumn("ref", "Ref", "人员编号", ("reference", "id", "编号")),
    SheetColumn("role", "Role", "角色", ("kind", "身份", "类别")),
    SheetColumn("name", "Name", "姓名", ("full name", "名称")),
    SheetColumn("email", "Email", "邮箱", ("e-mail", "mail", "电子邮箱", "邮件")),
    SheetColumn("phone", "Phone", "电话", ("telephone", "mobile", "手机", "联系电话")),
    SheetColumn("unit", "Unit", "房号", ("flat", "apartment", "房屋", "单元")),
    SheetColumn("property_type", "Property_type", "物业类型", ("property type", "type", "业态")),
)
ROLE_WORDS = {
    "client": ("client", "委托方", "委托人"),
    "custodian": ("custodian", "manager", "托管方", "托管人", "物业"),
    "receiver": ("receiver", "接收方"),
    "owner": ("owner", "业主"),
    "tenant": ("tenant", "user", "使用人", "租户"),
    "staff": ("staff", "员工"),
    "contact": ("contact", "联系人"),
}
_SHOWN = ("ref", "role", "property_type")
"""Cells whose value may be repeated; the others are personal."""


@dataclass(frozen=True)
class PeopleImport:
    """What became of a file: rows = recorded + known before + not taken."""

    file: str
    rows: int
    recorded: int
    known_before: int
    asked: bool
    """Whether people of a side are new, who now hold the record and are asked about it."""
    doubts: tuple[RowDoubt, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return {
            "file": self.file,
            "rows": self.rows,
            "recorded": self.recorded,
            "known_before": self.known_before,
            "asked": self.asked,
            "not_taken": len(self.doubts),
            "doubts": [doubt.__dict__ for doubt in self.doubts],
        }


def import_people(code: str, path: Path, *, dry_run: bool = False) -> PeopleImport:
    """Record the people of a file; a reference recorded before is left as it is.

    Args:
        code: the engagement.
        path: CSV or workbook with Ref, Role, Name and, where known, Email, Phone, Unit, Property_type.
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a table.
    """
    table = read_table(path, PEOPLE_COLUMNS, ("ref", "role", "name"))
    people: list[PersonForm] = []
    doubts: list[RowDoubt] = []
    seen: dict[str, int] = {}
    for row in table.rows:
        read = _person(row, seen)
        if isinstance(read, RowDoubt):
            doubts.append(read)
        else:
            seen[read.ref] = row.number
            people.append(read)
    known = _known_refs(code)
    fresh = [person for person in people if person.ref not in known]
    recorded = len(fresh)
    if not dry_run:
        recorded = record_people(code, people)
        with writing() as session:
            keep_doubts(session, engagement_id(find_engagement(session, code)), "people", table, doubts)
        ask_confirmation.fn(code)  # a client or custodian who is known only now; asking again asks once
    asked = not dry_run and any(person.role in BOTH_SIDES for person in fresh)
    return PeopleImport(table.file, len(table.rows), recorded, len(people) - recorded, asked, tuple(doubts))


def _known_refs(code: str) -> set[str]:
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return set(session.exec(select(Person.ref).where(col(Person.engagement_id) == key)).all())


def _person(row: SheetRow, seen: dict[str, int]) -> PersonForm | RowDoubt:
    cells = {column.key: plain_text(row.cells.get(column.key, "")) for column in PEOPLE_COLUMNS}

    def doubt(column: str, reason: str) -> RowDoubt:
        return RowDoubt(row.number, column, cells[column][:80] if column in _SHOWN else "", reason)

    if cells["ref"] in seen:
        return doubt("ref", f"stands in row {seen[cells['ref']]} already")
    role = word_key(cells["role"], ROLE_WORDS)
    if role is None:
        return doubt("role", f"expected one of: {', '.join(ROLE_WORDS)}")
    try:
        person = PersonForm.model_validate({**cells, "role": role})
    except ValidationError as error:
        column, length = str(error.errors()[0]["loc"][0]), error.errors()[0].get("ctx", {})
        expected = f"at most {length['max_length']} characters" if "max_length" in length else "a value"
        return doubt(column, f"expected {expected}")
    if person.email:
        try:
            mail_address(person.email)
        except MailRefused:
            return doubt("email", "is not one plain mail address")
    return person
