"""What is held of one person, and what is left when the person asks for it to be erased? (A3; PIPL 44-47)"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import JSON, ColumnElement, Table, cast, false, or_
from sqlalchemy import String as Text
from sqlmodel import Session, SQLModel, col, func, select, update

from models.audit import record_event
from models.belonging import rows_of_engagement
from models.clock import utc_now
from models.db import writing
from models.emergency import IncidentToken
from models.engagement import Engagement
from models.outbox import OutboxMail, TextMessage
from models.people import Person
from models.personal_columns import REFERENCES
from models.register import StoredFile
from models.rules.stages import SERVING
from models.service_desk import RequestMessage, ServiceRequest
from models.staff import StaffLeave, StaffMember
from models.survey import Invitation
from reports.pack import Column, Pack, Section
from reports.pack import Table as PackTable
from reports.words import voice_of
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.files import file_path, read_file
from tasks.people_records import PersonRefused

PERSONAL = ("name", "email", "phone", "unit", "property_type")
OTHERS = "(another person)"
_INTERNAL = ("id", "engagement_id", "dedup_key", "message_id", "lease_until", "attempt", "settings_hash")


@dataclass(frozen=True)
class Held:
    """Everything that is held of one person."""

    ref: str
    on: date
    person: dict[str, str]
    records: dict[str, list[dict[str, str]]]
    """Rows by the name of their table."""
    files: tuple[tuple[str, str], ...]
    """(name, hash) of the mails and attachments the person sent."""

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return {
            "ref": self.ref,
            "on": self.on.isoformat(),
            "person": self.person,
            "records": self.records,
            "files": [{"name": name, "sha256": sha256} for name, sha256 in self.files],
        }


@dataclass(frozen=True)
class Erased:
    """What an erasure takes away, and what stays and why."""

    ref: str
    before: str
    """The day of an earlier erasure; empty where there was none."""
    taken: dict[str, int]
    kept: tuple[dict[str, str], ...]
    """`what`, `rows`, `why`."""

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return {"ref": self.ref, "erased_before": self.before, "taken": self.taken, "kept": list(self.kept)}


def held_of(code: str, ref: str) -> tuple[Held, Pack]:
    """Everything that is held of a person, for the person, and the same as a document; the audit trail notes it.

    Other people's references in the same rows are not shown, nor hashes of codes and certificates. Answers to surveys
    are not among it: nothing says whose they are.

    Raises:
        PersonRefused: no such person.
    """
    with writing() as session:
        engagement = find_engagement(session, code)
        records = {
            name: rows for name in REFERENCES if (rows := list(_told_rows(session, engagement, name, ref)))
        }
        person = _person(session, engagement, ref)
        if person is None and not records:
            raise _unknown(engagement, ref)
        fields = {} if person is None else {name: getattr(person, name) for name in ("role", *PERSONAL)}
        held = Held(
            ref,
            business_today(engagement),
            {"ref": ref, **fields},
            records,
            tuple(_files(_messages(session, engagement, ref))),
        )
        count = sum(map(len, records.values()))
        record_event(session, engagement_id(engagement), "person.exported", ref, {"rows": count})
        return held, _pack(engagement, held)


def file_of(sha256: str) -> bytes | None:
    """The bytes of a file of the export; None where they are gone."""
    try:
        return read_file(sha256)
    except FileNotFoundError:
        return None


def erase_person(code: str, ref: str, *, dry_run: bool = False) -> Erased:
    """Take away who a reference is, what waits for the person, and what the person sent; again changes nothing.

    What the contract or the law needs stays under the reference alone, which from then on says nothing of anybody.

    Args:
        code: the engagement.
        ref: of the person.
        dry_run: say what would be taken and kept, and write nothing.

    Raises:
        PersonRefused: no such person, or one whose part somebody else must take over first.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        person, kept = _person(session, engagement, ref), tuple(_kept(session, engagement, ref))
        if person is None and len(kept) == 1:  # the trail alone, which is always kept
            raise _unknown(engagement, ref)
        before = "" if person is None or person.erased_on is None else person.erased_on.isoformat()
        if not before:
            _refuse_needed(session, engagement, ref, "" if person is None else person.role)
        taken = {
            **_forget(session, engagement, person),
            **_take_away(session, engagement, ref, dry_run=dry_run),
        }
        if dry_run:
            session.rollback()
        elif any(taken.values()):
            record_event(session, engagement_id(engagement), "person.erased", ref, taken)
        return Erased(ref, before, taken, kept)


def _person(session: Session, engagement: Engagement, ref: str) -> Person | None:
    """Who the reference is; staff may stand in rosters without ever having been recorded by name."""
    return session.exec(
        select(Person).where(Person.engagement_id == engagement_id(engagement), Person.ref == ref)
    ).one_or_none()


def _unknown(engagement: Engagement, ref: str) -> PersonRefused:
    return PersonRefused(
        f"{engagement.code} has no person of the reference {ref[:40]!r}; `steward people list {engagement.code}` and "
        f"`steward staff list {engagement.code}` show them."
    )


def _refuse_needed(session: Session, engagement: Engagement, ref: str, role: str) -> None:
    """Nobody is erased whose part would be left empty: the person is replaced first."""
    key, code = engagement_id(engagement), engagement.code
    if session.exec(
        select(StaffMember.id).where(
            StaffMember.engagement_id == key, StaffMember.ref == ref, col(StaffMember.left_on).is_(None)
        )
    ).first():
        raise PersonRefused(
            f"{ref} is on a post; take the person off it first: steward staff release {code} {ref}."
        )
    waiting = session.exec(
        select(ServiceRequest.number).where(
            ServiceRequest.engagement_id == key,
            ServiceRequest.requester_ref == ref,
            col(ServiceRequest.state).not_in(("resolved", "closed")),
        )
    ).first()
    if waiting:
        raise PersonRefused(f"{ref} waits for an answer to request {waiting}; settle it first.")
    if role in ("client", "custodian") and engagement.stage in SERVING:
        others = session.exec(
            select(Person.id).where(
                Person.engagement_id == key,
                Person.role == role,
                Person.ref != ref,
                Person.email != "",
                col(Person.erased_on).is_(None),
            )
        ).first()
        if others is None:
            raise PersonRefused(
                f"{ref} is the only {role} who can be written to; record another one first (`steward people import`)."
            )


def _forget(session: Session, engagement: Engagement, person: Person | None) -> dict[str, int]:
    if person is None:
        return {}
    known = [field for field in PERSONAL if getattr(person, field)]
    for field in known:
        setattr(person, field, "")
    person.erased_on = person.erased_on or business_today(engagement)
    session.add(person)
    return {"fields of the person": len(known)}


def _take_away(session: Session, engagement: Engagement, ref: str, *, dry_run: bool) -> dict[str, int]:
    key, taken = engagement_id(engagement), dict[str, int]()
    taken["mails that waited"] = session.exec(
        update(OutboxMail)
        .where(
            col(OutboxMail.engagement_id) == key,
            col(OutboxMail.person_ref) == ref,
            col(OutboxMail.state).in_(("queued", "failed")),
        )
        .values(state="cancelled", last_code="erased")
    ).rowcount
    taken["text messages that waited"] = session.exec(
        update(TextMessage)
        .where(
            col(TextMessage.engagement_id) == key,
            col(TextMessage.person_ref) == ref,
            col(TextMessage.state) == "queued",
        )
        .values(state="failed", last_code="erased")
    ).rowcount
    taken["reasons for leave"] = session.exec(
        update(StaffLeave)
        .where(
            col(StaffLeave.engagement_id) == key,
            col(StaffLeave.staff_ref) == ref,
            col(StaffLeave.reason) != "",
        )
        .values(reason="")
    ).rowcount
    taken["codes of surveys not yet used"] = _void_invitations(session, engagement, ref)
    taken["links to answer a call-out"] = session.exec(
        update(IncidentToken)
        .where(
            rows_of_engagement(_table("incidenttoken"), key),
            col(IncidentToken.person_ref) == ref,
            col(IncidentToken.used_at).is_(None),
            col(IncidentToken.expires_at) > utc_now(),
        )
        .values(expires_at=utc_now())
    ).rowcount
    messages = _messages(session, engagement, ref)
    files = {sha256 for _name, sha256 in _files(messages)}
    taken["texts of mails sent to the desk"] = sum(bool(row.text or row.subject) for row in messages)
    for row in messages:
        row.subject, row.text, row.attachments, row.sha256 = "", "", [], ""
        session.add(row)
    session.flush()
    alone = sorted(sha256 for sha256 in files if not _referred_to(session, sha256))
    taken["files of these mails"] = len(alone)
    if not dry_run:
        for sha256 in alone:
            # Before the commit: if the process dies here, the rows still name the file and the next try takes both.
            file_path(sha256).unlink(missing_ok=True)
            session.execute(_table("storedfile").delete().where(col(StoredFile.sha256) == sha256))
    return taken


def _void_invitations(session: Session, engagement: Engagement, ref: str) -> int:
    """Codes not yet used open nothing any more; how many were invited, and answers given, are not touched."""
    waiting = session.exec(
        select(Invitation).where(
            rows_of_engagement(_table("invitation"), engagement_id(engagement)),
            Invitation.person_ref == ref,
            col(Invitation.used_on).is_(None),
            col(Invitation.token_hash).not_like("void:%"),
        )
    ).all()
    for invitation in waiting:
        invitation.token_hash = f"void:{secrets.token_hex(29)}"
        session.add(invitation)
    return len(waiting)


def _kept(session: Session, engagement: Engagement, ref: str) -> Iterator[dict[str, str]]:
    for name, (_columns, why) in REFERENCES.items():
        table = _table(name)
        rows = session.execute(
            select(func.count()).select_from(table).where(*_rows_of(table, engagement, ref))
        ).scalar_one()
        if rows:
            yield {"what": name, "rows": str(rows), "why": why.value}
    yield {
        "what": "auditevent",
        "rows": "",
        "why": "the audit trail holds references and counts, and is never changed",
    }
    papers = {
        sha256
        for (attachments,) in session.execute(
            select(col(OutboxMail.attachments)).where(
                col(OutboxMail.engagement_id) == engagement_id(engagement), col(OutboxMail.person_ref) == ref
            )
        )
        for sha256 in (attachment["sha256"] for attachment in attachments)
    }
    if papers:
        yield {
            "what": "documents that were sent to the person",
            "rows": str(len(papers)),
            "why": "sealed by their hash and shared with others; look for a name in them by hand",
        }


def _told_rows(session: Session, engagement: Engagement, name: str, ref: str) -> Iterator[dict[str, str]]:
    table, (columns, _why) = _table(name), REFERENCES[name]
    for row in session.execute(table.select().where(*_rows_of(table, engagement, ref))).mappings():
        yield {
            column: OTHERS if column in columns and value != ref else str(value)
            for column, value in row.items()
            if column not in _INTERNAL
            and not column.endswith(("_id", "_hash"))
            and value not in (None, "", [], {})
        }


def _rows_of(table: Table, engagement: Engagement, ref: str) -> tuple[ColumnElement[bool], ...]:
    columns, _why = REFERENCES[table.name]
    return (
        rows_of_engagement(table, engagement_id(engagement)),
        or_(false(), *(table.c[column] == ref for column in columns)),
    )


def _messages(session: Session, engagement: Engagement, ref: str) -> list[RequestMessage]:
    return list(
        session.exec(
            select(RequestMessage)
            .where(
                RequestMessage.engagement_id == engagement_id(engagement), RequestMessage.sender_ref == ref
            )
            .order_by(col(RequestMessage.id))
        ).all()
    )


def _files(messages: list[RequestMessage]) -> Iterator[tuple[str, str]]:
    for row in messages:
        if row.sha256:
            yield f"mail-{row.id}.eml", row.sha256
        yield from ((str(file["name"]), str(file["sha256"])) for file in row.attachments)


def _referred_to(session: Session, sha256: str) -> bool:
    """Whether any row still names the file, in a column of its own or among others."""
    for table in SQLModel.metadata.sorted_tables:
        if table.name in ("storedfile", "auditevent"):
            continue
        named = [
            column == sha256
            for column in table.c
            if (column.name.endswith("sha256") or column.name == "evidence")
            and not isinstance(column.type, JSON)
        ]
        named += [
            cast(column, Text).like(f"%{sha256}%") for column in table.c if isinstance(column.type, JSON)
        ]
        if named and session.execute(select(1).select_from(table).where(or_(*named)).limit(1)).first():
            return True
    return False


def _table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


def _pack(engagement: Engagement, held: Held) -> Pack:
    voice = voice_of(engagement)
    key_value = (Column(voice("Field", "项目")), Column(voice("Value", "内容")))
    sections = [
        Section(
            voice("Person", "个人信息"),
            tables=(PackTable("", key_value, tuple((name, value) for name, value in held.person.items())),),
        )
    ]
    for name, rows in held.records.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        cells = tuple(tuple(row.get(column, "") for column in columns) for row in rows)
        sections.append(Section(name, tables=(PackTable("", tuple(map(Column, columns)), cells),)))
    if held.files:
        head = (Column(voice("File", "文件")), Column("SHA-256"))
        sections.append(Section(voice("Files", "文件"), tables=(PackTable("", head, held.files),)))
    return Pack(
        title=voice("What is held of you", "您的个人信息副本"),
        subtitle=held.ref,
        engagement_code=engagement.code,
        property_name=engagement.property_name,
        client=engagement.client_name,
        custodian=engagement.custodian_name,
        period_label=held.on.isoformat(),
        issued_on=held.on,
        sections=tuple(sections),
        language=voice.language,
    )
