"""Do the owners get everything that was recorded, readable without us and provably whole? Their archive (C4)."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Column
from sqlmodel import Session, SQLModel, col, select

from models.audit import AuditEvent, record_event
from models.belonging import rows_of_engagement
from models.condition import ConditionPhoto
from models.db import reading, writing
from models.diligence import DocumentItem
from models.errors import FileInTheWay
from models.handover import HandoverArchive
from models.people import Person
from models.register import RegisterImport
from models.review import Pack
from models.rules.archive import NOT_ARCHIVED, PARTS, WITHOUT, LeftOut, Part, safe_name
from models.rules.personal_data import masked
from models.service_plan import ServicePlan
from models.upsert import insert_if_absent
from models.work import WorkOrder, WorkPhoto, WorkRecord
from reports.archive_guide import READ_ME, left_out_rows, part_title, read_me
from reports.archive_words import column_heading
from reports.cells import safe_csv_cell
from reports.words import Voice, voice_of
from tasks.archive_check import files_of_others
from tasks.archive_store import MANIFEST, SUMS, Sink, Written, archive_at
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.files import read_file

ARCHIVED = "handover.archived"
"""Tag of the audit entry of an archive; such entries at the end of the trail do not make another archive."""
_ROWS = 1_000
"""So many rows are held at once."""
_TEXTS = {
    "text",
    "note",
    "remark",
    "reason",
    "summary",
    "lesson",
    "after_action",
    "done_note",
    "objection",
    "outcome",
    "returned_because",
    "question",
    "title",
}
"""Columns into which people type; of tables with such texts personal data are masked in them."""
_FIGURES = ("satisfied", "share", "low", "high")
"""Of a group too small to be told of: its figures stay behind."""


@dataclass(frozen=True)
class MadeArchive:
    """What was written, and the hash by which it is known."""

    manifest_sha256: str
    files: int
    bytes: int
    lost: tuple[str, ...]
    """Files that the records name and the store no longer has as they were."""
    new: bool
    """False if this very archive was made before."""


@dataclass(frozen=True)
class _Kept:
    """A file of the store that goes into the archive."""

    path: str
    sha256: str
    what: str


@dataclass
class _Contents:
    """What has been written so far."""

    files: list[tuple[Written, str, str]] = field(default_factory=list)
    """With the number of rows, and what it is."""
    left_out: list[tuple[str, str, LeftOut]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def make_archive(
    code: str, out: Path, *, with_people: bool = False, force: bool = False, on: date | None = None
) -> MadeArchive:
    """Write everything the owners are entitled to as a folder or a ZIP file; the same records give the same bytes.

    Rows are written as they are read, at one moment of the database. It is noted under the hash of its manifest,
    which the protocol names; one that was made before is noted once.

    Args:
        code: the engagement.
        out: a name ending in .zip, or a folder.
        with_people: put in the register of owners and users, with names and addresses.
        force: replace an archive that is there.
        on: the day it is made; the engagement's today by default.

    Raises:
        FileInTheWay: something is there already.
        Terminal: it cannot be written there.
    """
    if force and (out / MANIFEST).is_file() and (others := files_of_others(out)):
        raise FileInTheWay(
            f"{out.name} holds {others[0]}, which is not of the archive; nothing was replaced."
        )
    contents = _Contents()
    with archive_at(out, force=force) as sink:
        with reading() as session:
            _at_one_moment(session)
            engagement = find_engagement(session, code)
            key, voice = engagement_id(engagement), voice_of(engagement)
            day = on or business_today(engagement)
            sequence, digest = _reaches(session, key)
            _add(
                contents,
                sink,
                READ_ME,
                read_me(engagement, sequence, digest, with_people=with_people),
                voice("Read this first", "先读此文"),
            )
            for part in PARTS:
                _add_part(contents, sink, session, key, part, voice, sequence)
            if with_people:
                _add_people(contents, sink, session, key, voice)
            kept = _kept_files(session, key, voice)
        for file in kept:
            _add_kept(contents, sink, file)
        _add_left_out(contents, sink, voice, with_people=with_people)
        manifest = _close(contents, sink, voice)
        size = sum(written.size for written, _rows, _what in contents.files)
        with writing() as session:
            new = insert_if_absent(
                session,
                HandoverArchive,
                [
                    {
                        "engagement_id": key,
                        "manifest_sha256": manifest.sha256,
                        "file_count": len(contents.files),
                        "byte_count": size,
                        "with_people": with_people,
                        "audit_sequence": sequence,
                        "made_on": day,
                    }
                ],
            )
            if new:
                detail = {
                    "sha256": manifest.sha256,
                    "files": len(contents.files),
                    "people": with_people,
                    "lost": len(contents.lost),
                }
                record_event(session, key, ARCHIVED, code, detail)
    return MadeArchive(manifest.sha256, len(contents.files), size, tuple(contents.lost), bool(new))


def newest_archive(session: Session, key: int) -> tuple[str, date, int] | None:
    """Manifest hash, day and number of files of the archive that was made last; None before the first."""
    found = session.exec(
        select(HandoverArchive)
        .where(HandoverArchive.engagement_id == key)
        .order_by(col(HandoverArchive.id).desc())
    ).first()
    return None if found is None else (found.manifest_sha256, found.made_on, found.file_count)


def _at_one_moment(session: Session) -> None:
    """All tables as they were at the first look; SQLite does so by itself."""
    if session.get_bind().dialect.name != "sqlite":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _reaches(session: Session, key: int) -> tuple[int, str]:
    """Sequence and hash of the last audit entry but those of archives at the very end."""
    last = session.exec(
        select(AuditEvent.sequence, AuditEvent.hash)
        .where(AuditEvent.engagement_id == key, AuditEvent.tag != ARCHIVED)
        .order_by(col(AuditEvent.sequence).desc())
    ).first()
    return (0, "") if last is None else (last[0], last[1])


def _add(
    contents: _Contents, sink: Sink, path: str, text: str | Iterable[bytes], what: str, rows: str = ""
) -> Written:
    written = sink.add(path, [text.encode()] if isinstance(text, str) else text)
    contents.files.append((written, rows, what))
    return written


def _add_part(
    contents: _Contents, sink: Sink, session: Session, key: int, part: Part, voice: Voice, sequence: int
) -> None:
    table = SQLModel.metadata.tables[part.table]
    columns = [column for column in table.columns if column.name not in (*part.without, "engagement_id")]
    query = select(*columns).where(rows_of_engagement(table, key)).order_by(*table.primary_key.columns)
    if part.table == "auditevent":
        query = query.where(table.c.sequence <= sequence)
    rows = session.execute(query.execution_options(yield_per=_ROWS)).mappings()
    count = 0

    def lines() -> Iterator[list[str]]:
        nonlocal count
        yield [column_heading(column.name, voice) for column in columns]
        for row in rows:
            count += 1
            yield [_cell(part, column, row, voice) for column in columns]

    written = sink.add(f"{part.path}.csv", _csv(lines()))
    contents.files.append((written, str(count), part_title(part, voice)))
    contents.left_out += [(part.table, name, WITHOUT[part.table, name]) for name in part.without]


def _cell(part: Part, column: Column[Any], row: Mapping[Any, Any], voice: Voice) -> str:
    value = row[column.name]
    if part.table == "surveyfigure" and column.name in _FIGURES and row["suppressed"]:
        return voice("too few", "样本过少")
    text = value_text(value, voice)
    if part.masks and (column.name in _TEXTS or isinstance(column.type, JSON)):
        text = masked(text)
    return text


def value_text(value: object, voice: Voice) -> str:
    """A value of a record as it is read in any spreadsheet: ISO days, the property's own time, plain figures."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return voice("yes", "是") if value else voice("no", "否")
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(ZoneInfo(voice.zone)).isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def _csv(lines: Iterable[list[str]]) -> Iterator[bytes]:
    """Lines of a CSV file as bytes, so many at a time; spreadsheets know UTF-8 by the mark at its beginning."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    for number, line in enumerate(lines, start=1):
        writer.writerow([safe_csv_cell(text) for text in line])
        if number % _ROWS == 0:
            yield buffer.getvalue().encode("utf-8", "replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8", "replace")


_REGISTER = ("ref", "role", "unit", "property_type", "name", "email", "phone")


def _add_people(contents: _Contents, sink: Sink, session: Session, key: int, voice: Voice) -> None:
    """The register of owners and users, which the client gave at entry and gets back; nobody's who was erased."""
    rows = session.exec(
        select(Person)
        .where(
            Person.engagement_id == key,
            col(Person.role).in_(("owner", "tenant")),
            col(Person.erased_on).is_(None),
        )
        .order_by(Person.ref)
    ).all()
    lines = [
        [column_heading(name, voice) for name in _REGISTER],
        *([str(getattr(row, name)) for name in _REGISTER] for row in rows),
    ]
    written = sink.add("03-papers/owners-register.csv", _csv(lines))
    contents.files.append((written, str(len(rows)), voice("Owners' register", "业主名册")))


def _kept_files(session: Session, key: int, voice: Voice) -> list[_Kept]:
    """Every file of the store that a record of the archive names, under a name that tells what it is."""
    found = [
        ("02-building/files", row.file_name, row.sha256, voice("Register taken in", "接收的台账"))
        for row in session.exec(
            select(RegisterImport).where(RegisterImport.engagement_id == key).order_by(col(RegisterImport.id))
        )
    ]
    found += [
        (f"03-papers/files/{safe_name(row.ref)}", row.file_name or row.ref, row.evidence, row.title)
        for row in session.exec(
            select(DocumentItem).where(DocumentItem.engagement_id == key).order_by(DocumentItem.ref)
        )
        if _is_hash(row.evidence)
    ]
    found += [
        (
            f"04-condition/photos/{row.visit}",
            f"{row.finding_ref}-{row.file_name}",
            row.sha256,
            voice("Photo of a finding", "勘查照片"),
        )
        for row in session.exec(
            select(ConditionPhoto).where(ConditionPhoto.engagement_id == key).order_by(col(ConditionPhoto.id))
        )
    ]
    found += [
        (
            "05-plan-and-contract/plans",
            f"plan-{row.version}.json",
            row.content_sha256,
            voice("Content of a plan version", "方案版本内容"),
        )
        for row in session.exec(
            select(ServicePlan).where(ServicePlan.engagement_id == key).order_by(col(ServicePlan.version))
        )
    ]
    found += [
        ("06-work/photos", f"{record}-{name}", sha256, voice("Photo of work", "作业照片"))
        for record, name, sha256 in session.exec(
            select(WorkPhoto.work_record_id, WorkPhoto.file_name, WorkPhoto.sha256)
            .join(WorkRecord, col(WorkRecord.id) == col(WorkPhoto.work_record_id))
            .join(WorkOrder, col(WorkOrder.id) == col(WorkRecord.work_order_id))
            .where(WorkOrder.engagement_id == key)
            .order_by(col(WorkPhoto.id))
        )
    ]
    found += [
        (f"17-packs/{safe_name(row.kind)}", row.file_name, row.sha256, row.title)
        for row in session.exec(select(Pack).where(Pack.engagement_id == key).order_by(col(Pack.id)))
    ]
    taken: set[str] = set()
    kept: list[_Kept] = []
    for folder, name, sha256, what in found:
        path = f"{folder}/{safe_name(name)}"
        if path.casefold() in taken:  # a disk may not tell A from a
            path = f"{folder}/{sha256[:8]}-{safe_name(name)}"
        if path.casefold() in taken:
            continue  # the same bytes under the same name
        taken.add(path.casefold())
        kept.append(_Kept(path, sha256, what))
    return kept


def _is_hash(text: str) -> bool:
    return len(text) == 64 and not set(text) - set("0123456789abcdef")


def _add_kept(contents: _Contents, sink: Sink, file: _Kept) -> None:
    try:
        content = read_file(file.sha256)
    except (FileNotFoundError, ValueError):
        contents.lost.append(file.path)
        contents.left_out.append((file.path, file.sha256, LeftOut.LOST))
        return
    contents.files.append((sink.add(file.path, [content]), "", file.what))


def _add_left_out(contents: _Contents, sink: Sink, voice: Voice, *, with_people: bool) -> None:
    tables: list[tuple[str, str, LeftOut]] = [
        (table, "", why)
        for table, why in sorted(NOT_ARCHIVED.items(), key=lambda item: (item[1].value, item[0]))
    ]
    if with_people:
        tables = [
            (table, voice("people of both sides and staff", "双方及员工"), why)
            if table == "person"
            else (table, what, why)
            for table, what, why in tables
        ]
    lines = [
        [voice(*head) for head in _LEFT_OUT_HEADS],
        *(list(row) for row in left_out_rows([*tables, *contents.left_out], voice)),
    ]
    written = sink.add("left-out.csv", _csv(lines))
    contents.files.append(
        (written, str(len(lines) - 1), voice("What is left out, and why", "未附内容及原因"))
    )


_LEFT_OUT_HEADS = (
    ("record or file", "记录或文件"),
    ("column or hash", "列或文件指纹"),
    ("code", "代码"),
    ("why", "原因"),
)


def _close(contents: _Contents, sink: Sink, voice: Voice) -> Written:
    """The manifest, by whose hash the archive is known, and the same as a list that common tools check."""
    files = sorted(contents.files, key=lambda one: one[0].path)
    heads = (("path", "路径"), ("bytes", "字节"), ("sha256", "SHA-256"), ("rows", "行数"), ("what", "内容"))
    manifest = sink.add(
        MANIFEST,
        _csv(
            [
                [voice(*head) for head in heads],
                *([one.path, str(one.size), one.sha256, rows, what] for one, rows, what in files),
            ]
        ),
    )
    sums = "".join(f"{one.sha256}  {one.path}\n" for one in (*(one for one, _r, _w in files), manifest))
    sink.add(SUMS, [sums.encode()])
    return manifest
