"""What stands in the handed-over register? Takes a COBie workbook into the ledger (A3)."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from models.audit import record_event
from models.columns import CENT
from models.db import writing
from models.diligence import DocumentItem
from models.errors import Terminal
from models.faults import fault_point
from models.people import Person
from models.register import (
    Asset,
    AssetJob,
    AssetType,
    Place,
    QuarantinedRow,
    RegisterImport,
    SparePart,
)
from models.rules.cobie import read_register
from models.rules.cobie_rows import NotARegister, RegisterReading
from models.rules.element_classes import element_class
from models.upsert import insert_if_absent
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.files import keep_file
from tasks.packs import XLSX
from tasks.steps import step
from tasks.workbook import WorkbookRefused, file_sha256, read_workbook


class RegisterRefused(Terminal):
    """The file is no register or is not safe to open; the message names it and says what was expected."""


@dataclass(frozen=True)
class ImportSummary:
    """What became of a workbook: rows by sheet, and every row or cell that was doubted."""

    file: str
    sha256: str
    already_imported: bool
    counts: list[dict[str, Any]]
    rejections: list[dict[str, Any]]
    notes: list[str]


def check_register(path: Path) -> ImportSummary:
    """Read a workbook as the import would, and write nothing.

    Raises:
        RegisterRefused: the file cannot be taken at all.
    """
    return _summary(path, _read(path), already=False)


def take_in_register(code: str, path: Path) -> ImportSummary:
    """Take a workbook into the ledger, whole or not at all; the same content again changes nothing.

    Args:
        code: the engagement.
        path: the .xlsx file; its bytes are kept by their hash.

    Raises:
        RegisterRefused: the file cannot be taken at all.
    """
    found = _read(path)
    summary = _summary(path, found, already=False)
    content = path.read_bytes()
    with writing() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        before = session.exec(
            select(RegisterImport).where(
                RegisterImport.engagement_id == key, RegisterImport.sha256 == summary.sha256
            )
        ).first()
        if before is not None:
            return _summary(path, found, already=True)
        kept = keep_file(session, content, path.name, XLSX)
        if kept != summary.sha256:
            raise RegisterRefused(f"{path.name}: the file changed while it was being read; try again.")
        _write_places(session, key, found)
        _write_assets(session, key, found)
        fault_point("ingest.row")
        _write_contacts(session, key, found)
        _write_named_documents(session, key, found, business_today(engagement))
        _write_import(session, key, summary)
        record_event(
            session,
            key,
            "register.imported",
            path.name,
            {"sha256": kept, "assets": len(found.components), "doubts": len(found.rejections)},
        )
    return summary


import_register = step("Take in the asset register")(take_in_register)
"""The same as a task of a flow."""


def _read(path: Path) -> RegisterReading:
    if not path.is_file():
        raise RegisterRefused(f"{path.name}: there is no such file.")
    try:
        return read_register(read_workbook(path), path.name)
    except (WorkbookRefused, NotARegister) as error:
        raise RegisterRefused(str(error)) from error


def _summary(path: Path, found: RegisterReading, *, already: bool) -> ImportSummary:
    return ImportSummary(
        file=path.name,
        sha256=file_sha256(path),
        already_imported=already,
        counts=[asdict(count) for count in found.counts],
        rejections=[{**asdict(doubt), "severity": doubt.severity.value} for doubt in found.rejections],
        notes=list(found.notes),
    )


def _write_places(session: Session, key: int, found: RegisterReading) -> None:
    rows = (
        [("site", found.facility.site_name or found.facility.name, "site", found.facility.category, "")]
        if (found.facility)
        else [("site", "site", "site", "", "")]
    )
    rows += [
        (floor.name, floor.description or floor.name, "floor", floor.category, "site")
        for floor in found.floors
    ]
    rows += [
        (space.name, space.description or space.name, "space", space.category, space.floor_name)
        for space in found.spaces
    ]
    rows += [(zone.name, zone.name, "zone", zone.category, "site") for zone in found.zones.values()]
    names = ("code", "name", "kind", "category", "parent_code")
    insert_if_absent(
        session, Place, [{"engagement_id": key, **dict(zip(names, row, strict=True))} for row in rows]
    )


def _write_assets(session: Session, key: int, found: RegisterReading) -> None:
    classes = {
        kind.name: element_class(kind.category, kind.name, kind.description).value for kind in found.types
    }
    insert_if_absent(
        session,
        AssetType,
        [
            {
                "engagement_id": key,
                "name": kind.name,
                "category": kind.category,
                "element_class": classes[kind.name],
                "manufacturer": kind.manufacturer,
                "model_number": kind.model_number,
                "expected_life_years": kind.expected_life.years if kind.expected_life else None,
                "replacement_cost": None
                if kind.replacement_cost is None
                else kind.replacement_cost.quantize(CENT),
            }
            for kind in found.types
        ],
    )
    insert_if_absent(
        session,
        Asset,
        [
            {
                "engagement_id": key,
                "tag": component.name,
                "name": component.description or component.name,
                "type_name": component.type_name,
                "element_class": classes[component.type_name],
                "place_code": component.space_names[0] if component.space_names else "",
                "serial_number": component.serial_number,
                "tag_number": component.tag_number,
                "installed_on": component.installed_on,
                "in_order": True,
            }
            for component in found.components
        ],
    )
    insert_if_absent(
        session,
        AssetJob,
        [
            {
                "engagement_id": key,
                "type_name": plan.type_name,
                "name": plan.name,
                "task_number": "",
                "category": plan.steps[0].category,
                "rrule": plan.interval.rrule if plan.interval else "",
                "hours": ((plan.duration.hours if plan.duration else None) or Decimal(0)).quantize(CENT),
                "source_row": plan.steps[0].row,
            }
            for plan in found.job_plans
        ],
    )
    insert_if_absent(
        session,
        SparePart,
        [
            {
                "engagement_id": key,
                "type_name": spare.type_name,
                "name": spare.name,
                "part_number": spare.part_number,
            }
            for spare in found.spares
        ],
    )


def _write_contacts(session: Session, key: int, found: RegisterReading) -> None:
    insert_if_absent(
        session,
        Person,
        [
            {
                "engagement_id": key,
                "ref": f"contact-{contact.row}",
                "role": "contact",
                "name": f"{contact.given_name} {contact.family_name}".strip()
                or contact.company
                or contact.email,
                "email": contact.email,
                "phone": contact.phone,
                "unit": contact.company,
                "property_type": "",
            }
            for contact in found.contacts
        ],
    )


def _write_named_documents(session: Session, key: int, found: RegisterReading, today: date) -> None:
    """A document the register names is known, but it is not here before its file is."""
    insert_if_absent(
        session,
        DocumentItem,
        [
            {
                "engagement_id": key,
                "ref": f"register-{document.row}",
                "title": document.name,
                "kind": "register",
                "basis": f"{document.sheet_name} {document.row_name}".strip(),
                "state": "partial",
                "received_from": "",
                "evidence": f"{found.file}: Document row {document.row}",
                "listed_on": today,
            }
            for document in found.documents
        ],
    )


def _write_import(session: Session, key: int, summary: ImportSummary) -> None:
    imported = RegisterImport(
        engagement_id=key,
        sha256=summary.sha256,
        file_name=summary.file,
        counts={count["sheet"]: count for count in summary.counts},
    )
    session.add(imported)
    session.flush()
    insert_if_absent(
        session,
        QuarantinedRow,
        [
            {
                "register_import_id": imported.id,
                **{name: doubt[name] for name in ("sheet", "row", "column", "value", "reason", "severity")},
            }
            for doubt in summary.rejections
        ],
    )
