"""What do the sheets about maintenance and papers say (Spare, Resource, Job, Document)?"""

from collections.abc import Iterable, Mapping
from datetime import date

from models.rules.cobie_places import required_type
from models.rules.cobie_reading import Keys, Record, RowReader, rows_of
from models.rules.cobie_rows import Document, Job, JobPlan, Resource, Spare
from models.rules.cobie_sheets import KNOWN_SHEETS, Table, sheet_named
from models.rules.cobie_values import (
    Interval,
    NameIndex,
    Span,
    Unreadable,
    is_as_required,
    list_items,
    name_key,
    read_amount,
    read_date,
    read_interval,
    read_unit,
)

_NO_PRIOR = "0"
"""Registers write 0 where a step has no step before it."""


def read_spares(record: Record, table: Table | None, types: NameIndex) -> tuple[Spare, ...]:
    """Read the Spare sheet; the key is type and name, and the type must be known."""
    keys = Keys()
    return tuple(
        Spare(
            row=row.number,
            name=row.text("Name"),
            category=row.text("Category"),
            type_name=type_name,
            description=row.text("Description"),
            suppliers=tuple(list_items(row.text("Suppliers"))),
            set_number=row.text("SetNumber"),
            part_number=row.text("PartNumber"),
        )
        for row in rows_of(record, table)
        if (type_name := required_type(row, types)) is not None
        and keys.admit(row, "Name", type_name, row.text("Name"))
    )


def read_resources(record: Record, table: Table | None) -> tuple[Resource, ...]:
    """Read the Resource sheet."""
    keys = Keys()
    return tuple(
        Resource(row.number, row.text("Name"), row.text("Category"), row.text("Description"))
        for row in rows_of(record, table)
        if keys.admit(row, "Name", row.text("Name"))
    )


def read_jobs(
    record: Record, table: Table | None, types: NameIndex, resources: NameIndex
) -> tuple[tuple[Job, ...], tuple[JobPlan, ...]]:
    """Read the Job sheet and gather its rows into job plans.

    The key of a row is type, name and task number: the same job stands once for each type it serves and
    once for each step.
    """
    keys = Keys()
    jobs: list[Job] = []
    rows: dict[int, RowReader] = {}
    for row in rows_of(record, table):
        type_name = required_type(row, types)
        if type_name is None:
            continue
        if keys.admit(row, "Name", type_name, row.text("Name"), row.text("TaskNumber")):
            jobs.append(_job(row, type_name, resources))
            rows[row.number] = row
    _doubt_unknown_priors(jobs, rows)
    return tuple(jobs), tuple(_job_plans(jobs, rows))


def _job(row: RowReader, type_name: str, resources: NameIndex) -> Job:
    interval, as_required = _frequency(row)
    start_on, start_after = _start(row)
    return Job(
        row=row.number,
        type_name=type_name,
        name=row.text("Name"),
        task_number=row.text("TaskNumber"),
        category=row.text("Category"),
        status=row.text("Status"),
        description=row.text("Description"),
        duration=row.span("Duration", "DurationUnit"),
        start_on=start_on,
        start_after=start_after,
        interval=interval,
        as_required=as_required,
        priors=tuple(list_items(row.text("Priors"))),
        resource_names=row.references("ResourceNames", resources, "Resource"),
    )


def _frequency(row: RowReader) -> tuple[Interval | None, bool]:
    count, unit = row.text("Frequency"), row.text("FrequencyUnit")
    if not count and not unit:
        return None, False
    if is_as_required(unit) or is_as_required(count):
        return None, True
    try:
        return read_interval(count, unit), False
    except Unreadable as error:
        column = "Frequency" if count else "FrequencyUnit"
        row.warn(column, f"with unit {unit!r} is not taken: {error}" if count else f"is not taken: {error}")
        return None, False


def _start(row: RowReader) -> tuple[date | None, Span | None]:
    """A start is a day or, in some registers, a span after handover in units of TaskStartUnit."""
    text = row.text("Start")
    if not text or is_as_required(text):
        return None, None
    try:
        return read_date(text), None
    except Unreadable as error:
        problem = error
    try:
        return None, Span(read_amount(text), read_unit(row.text("TaskStartUnit")))
    except Unreadable:
        row.warn("Start", f"is not taken: {problem}")
        return None, None


def _by_plan(jobs: Iterable[Job]) -> dict[tuple[str, str], list[Job]]:
    plans: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        plans.setdefault((job.type_name, name_key(job.name)), []).append(job)
    return plans


def _doubt_unknown_priors(jobs: Iterable[Job], rows: Mapping[int, RowReader]) -> None:
    for plan in _by_plan(jobs).values():
        numbers = {job.task_number for job in plan}
        for job in plan:
            for prior in job.priors:
                if prior not in numbers and prior != _NO_PRIOR:
                    rows[job.row].warn("Priors", f"names task {prior}, which this job does not have")
                elif prior == job.task_number and prior != _NO_PRIOR:
                    rows[job.row].warn("Priors", "puts a task before itself")


def _job_plans(jobs: Iterable[Job], rows: Mapping[int, RowReader]) -> list[JobPlan]:
    plans = []
    for steps in _by_plan(jobs).values():
        head = next((job for job in steps if job.interval or job.as_required), None)
        if head is None:
            rows[steps[0].row].warn(
                "Frequency", "is empty in every row of this job; expected how often it is due"
            )
        lead = head or steps[0]
        _doubt_other_intervals(lead, steps, rows)
        plans.append(
            JobPlan(
                type_name=lead.type_name,
                name=lead.name,
                interval=lead.interval,
                as_required=lead.as_required,
                start_on=lead.start_on,
                duration=head.duration if head else None,
                steps=tuple(steps),
            )
        )
    return plans


def _doubt_other_intervals(lead: Job, steps: Iterable[Job], rows: Mapping[int, RowReader]) -> None:
    """Steps of one job are done together: one that says another interval contradicts it, or is another job."""
    if lead.interval is None:
        return
    for step in steps:
        if step.interval is not None and step.interval.rrule != lead.interval.rrule:
            rows[step.row].warn(
                "Frequency",
                f"is not taken: row {lead.row} says every {lead.interval.count} {lead.interval.unit} of the same job; "
                "expected the same, or another name",
            )


def read_documents(
    record: Record, table: Table | None, names: Mapping[str, NameIndex]
) -> tuple[Document, ...]:
    """Read the Document sheet; a paper for a row that does not exist is kept and doubted.

    Clause A3 asks which papers were received: a misspelt reference does not make the paper disappear.
    """
    keys = Keys()
    return tuple(
        _document(record, row, names)
        for row in rows_of(record, table)
        if keys.admit(row, "Name", row.text("Name"), row.text("SheetName"), row.text("RowName"))
    )


def _document(record: Record, row: RowReader, names: Mapping[str, NameIndex]) -> Document:
    sheet = sheet_named(row.text("SheetName")) if row.text("SheetName") else None
    target: str | None = None
    if sheet is not None and sheet in names:
        target = row.reference("RowName", names[sheet], sheet)
        if target is None:
            row.warn("RowName", f"is not a name of sheet {sheet}")
    elif sheet is not None:
        record.note(f"Document: papers of sheet {sheet} are not checked, because it is not imported.")
    elif row.text("SheetName"):
        row.warn("SheetName", f"is not a sheet; expected one of {', '.join(KNOWN_SHEETS[:12])}")
    else:
        row.warn("SheetName", "is empty; expected the sheet the paper belongs to")
    return Document(
        row=row.number,
        name=row.text("Name"),
        category=row.text("Category"),
        description=row.text("Description"),
        approval_by=row.text("ApprovalBy"),
        stage=row.text("Stage"),
        sheet_name=sheet or row.text("SheetName"),
        row_name=target or row.text("RowName"),
        is_linked=target is not None,
        directory=row.text("Directory"),
        file=row.text("File"),
        reference=row.text("Reference"),
    )
