"""What does a COBie workbook say about a property, and which of its rows could not be taken?

COBie: Construction-Operations Building information exchange, release 2.4, National BIM Standard - United
States V3, section 4.2. A row is refused only where it cannot be used: no name, a key that an earlier row has,
or no known type, space or component where the row is about nothing else. A doubtful cell is left empty and
reported; the rest of its row is taken.
"""

from collections.abc import Iterable, Mapping, Sequence

from models.rules.cobie_places import (
    read_components,
    read_contacts,
    read_facility,
    read_floors,
    read_spaces,
    read_systems,
    read_types,
    read_zones,
)
from models.rules.cobie_reading import Record
from models.rules.cobie_rows import ComponentType, Contact, NotARegister, RegisterReading
from models.rules.cobie_sheets import IMPORTED_SHEETS, Table, find_table, sheet_named
from models.rules.cobie_values import NameIndex
from models.rules.cobie_work import read_documents, read_jobs, read_resources, read_spares

__all__ = ["NotARegister", "RegisterReading", "read_register"]

_NEEDED = {"Component": ("Name", "TypeName"), "Type": ("Name",)}
"""Sheets without which there is no asset register, and the columns they need."""


def read_register(sheets: Mapping[str, Sequence[Sequence[str]]], file_name: str) -> RegisterReading:
    """Read a COBie workbook whose cells are texts, row 0 of each sheet being spreadsheet row 1.

    Args:
        sheets: sheet name to rows, as `tasks.workbook.read_workbook` returns them.
        file_name: what the sender calls the file, for complaints.

    Returns:
        Everything the register says that could be used, and every complaint, in workbook order.

    Raises:
        NotARegister: the sheets Type and Component, or the columns that name their rows, are missing.
    """
    record = Record(file_name)
    tables = _tables(sheets, record)
    _refuse_foreign(tables, sheets, file_name)

    contacts = read_contacts(record, tables.get("Contact"))
    facility = read_facility(record, tables.get("Facility"))
    floors = read_floors(record, tables.get("Floor"))
    floor_names = _index(floor.name for floor in floors)
    spaces = read_spaces(record, tables.get("Space"), floor_names)
    space_names = _index(space.name for space in spaces)
    zones = read_zones(record, tables.get("Zone"), space_names)
    types = read_types(record, tables.get("Type"))
    type_names = _index(component_type.name for component_type in types)
    components = read_components(record, tables.get("Component"), type_names, space_names)
    component_names = _index(component.name for component in components)
    systems = read_systems(record, tables.get("System"), component_names)
    spares = read_spares(record, tables.get("Spare"), type_names)
    resources = read_resources(record, tables.get("Resource"))
    resource_names = _index(resource.name for resource in resources)
    jobs, job_plans = read_jobs(record, tables.get("Job"), type_names, resource_names)
    documents = read_documents(
        record,
        tables.get("Document"),
        {
            "Contact": _index(contact.email for contact in contacts),
            "Facility": _index([facility.name] if facility else []),
            "Floor": floor_names,
            "Space": space_names,
            "Zone": _index(zones),
            "Type": type_names,
            "Component": component_names,
            "System": _index(systems),
            "Spare": _index(spare.name for spare in spares),
            "Resource": resource_names,
            "Job": _index(job.name for job in jobs),
        },
    )
    _note_unknown_manufacturers(record, types, contacts)
    order = {table.title: place for place, table in enumerate(tables.values())}
    return RegisterReading(
        file=file_name,
        facility=facility,
        floors=floors,
        spaces=spaces,
        zones=zones,
        types=types,
        components=components,
        systems=systems,
        jobs=jobs,
        job_plans=job_plans,
        spares=spares,
        resources=resources,
        documents=documents,
        contacts=contacts,
        counts=tuple(sorted(record.counts, key=lambda count: order[count.sheet])),
        rejections=tuple(sorted(record.rejections, key=lambda found: (order[found.sheet], found.row))),
        notes=record.notes,
    )


def _tables(sheets: Mapping[str, Sequence[Sequence[str]]], record: Record) -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for title, rows in sheets.items():
        sheet = sheet_named(title)
        if sheet is None:
            record.note(f"Sheet {title!r} is not a COBie sheet and was not read.")
        elif sheet not in IMPORTED_SHEETS:
            record.note(f"Sheet {title!r} is known but not imported.")
        elif sheet in tables:
            record.note(f"Sheet {title!r} was not read: {tables[sheet].title!r} already stands for {sheet}.")
        else:
            tables[sheet] = find_table(sheet, title, rows)
            _note_headers(record, tables[sheet])
    absent = [sheet for sheet in IMPORTED_SHEETS if sheet not in tables]
    if absent:
        record.note(f"Absent sheets: {', '.join(absent)}.")
    return tables


def _note_headers(record: Record, table: Table) -> None:
    if table.unknown_headers:
        record.note(f"{table.title}: columns not read, {', '.join(table.unknown_headers)}.")
    for header, column in table.variants:
        record.note(f"{table.title}: column {header!r} was taken for {column}.")
    if table.title.strip() != table.sheet:
        record.note(f"Sheet {table.title!r} was taken for {table.sheet}.")


def _refuse_foreign(
    tables: Mapping[str, Table], sheets: Mapping[str, Sequence[Sequence[str]]], file_name: str
) -> None:
    missing = [sheet for sheet in _NEEDED if sheet not in tables]
    if missing:
        raise NotARegister(file_name, f"it has no sheet named {' or '.join(missing)}", tuple(sheets))
    for sheet, columns in _NEEDED.items():
        absent = [column for column in columns if column not in tables[sheet].headers]
        if absent:
            reason = f"its sheet {tables[sheet].title} has no column named {' or '.join(absent)}"
            raise NotARegister(file_name, reason, tuple(sheets))


def _note_unknown_manufacturers(
    record: Record, types: Iterable[ComponentType], contacts: Iterable[Contact]
) -> None:
    known = _index(contact.email for contact in contacts)
    unknown = {kind.manufacturer for kind in types if "@" in kind.manufacturer} - {""}
    unknown = {email for email in unknown if known.find(email) is None}
    if unknown:
        record.note(f"Manufacturers without a row in sheet Contact: {', '.join(sorted(unknown))}.")


def _index(names: Iterable[str]) -> NameIndex:
    index = NameIndex()
    for name in names:
        index.add(name)
    return index
