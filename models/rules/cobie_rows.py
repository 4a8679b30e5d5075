"""What does an asset register say, once read? The rows a property manager works with, and what was doubted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from models.rules.cobie_values import Interval, Span


class NotARegister(ValueError):
    """The workbook is no COBie asset register.

    Attributes:
        file: name of the file.
        sheets: the sheets it does hold.
    """

    def __init__(self, file: str, reason: str, sheets: tuple[str, ...]) -> None:
        self.file = file
        self.sheets = sheets
        listed = ", ".join(sheets[:20]) or "none"
        super().__init__(
            f"The workbook {file} is not a COBie asset register: {reason}. Its sheets: {listed}."
        )


class Severity(StrEnum):
    """What became of the row a complaint is about."""

    REJECTED = "rejected"
    """The row was not taken."""
    WARNING = "warning"
    """The row was taken; the cell named was left out or is doubted."""


@dataclass(frozen=True)
class Rejection:
    """One complaint about one cell, so that the sender can find and mend it."""

    file: str
    sheet: str
    row: int
    """As the spreadsheet program numbers it, from 1."""
    column: str
    """The header as the file spells it."""
    value: str
    reason: str
    severity: Severity

    @property
    def sentence(self) -> str:
        """The complaint in one line."""
        taken = "not taken" if self.severity is Severity.REJECTED else "taken with a doubt"
        where = f"{self.file}, sheet {self.sheet}, row {self.row}, column {self.column}"
        return f"{where}: {self.value!r} {self.reason} (row {taken})."


@dataclass(frozen=True)
class SheetCount:
    """Rows of one sheet that hold a value; `rows == accepted + rejected`."""

    sheet: str
    rows: int
    accepted: int
    rejected: int


@dataclass(frozen=True)
class Contact:
    """A firm or person of the Contact sheet, keyed by e-mail address."""

    row: int
    email: str
    category: str
    company: str
    phone: str
    department: str
    given_name: str
    family_name: str
    address: str
    """Street, box, town, region, postal code and country in one line."""


@dataclass(frozen=True)
class Facility:
    """The property itself."""

    row: int
    name: str
    category: str
    project_name: str
    site_name: str
    currency: str
    """As stated, e.g. "CNY" or "Dollars": the unit of every replacement cost."""
    description: str
    phase: str


@dataclass(frozen=True)
class Floor:
    """A storey, roof or site level."""

    row: int
    name: str
    category: str
    description: str
    elevation: Decimal | None
    """In the facility's linear unit; below ground it is negative."""


@dataclass(frozen=True)
class Space:
    """A room or an outdoor area."""

    row: int
    name: str
    category: str
    description: str
    floor_name: str
    """A name of the Floor sheet, or "" where the register names none that exists."""
    room_tag: str
    gross_area: Decimal | None
    net_area: Decimal | None


@dataclass(frozen=True)
class Zone:
    """A set of spaces; repeated rows are merged."""

    row: int
    name: str
    category: str
    description: str
    space_names: tuple[str, ...]


@dataclass(frozen=True)
class ComponentType:
    """A make and model, with what its maintenance and replacement are reckoned from."""

    row: int
    name: str
    category: str
    description: str
    ifc_class: str
    asset_type: str
    manufacturer: str
    model_number: str
    warranty_guarantor_parts: str
    warranty_parts: Span | None
    warranty_guarantor_labor: str
    warranty_labor: Span | None
    warranty_description: str
    expected_life: Span | None
    replacement_cost: Decimal | None


@dataclass(frozen=True)
class Component:
    """One asset."""

    row: int
    name: str
    type_name: str
    space_names: tuple[str, ...]
    description: str
    ifc_class: str
    serial_number: str
    installed_on: date | None
    warranty_start_on: date | None
    tag_number: str
    bar_code: str
    asset_identifier: str


@dataclass(frozen=True)
class System:
    """A set of components that work together; repeated rows are merged."""

    row: int
    name: str
    category: str
    description: str
    component_names: tuple[str, ...]


@dataclass(frozen=True)
class Spare:
    """A part or set of parts kept for one type."""

    row: int
    name: str
    category: str
    type_name: str
    description: str
    suppliers: tuple[str, ...]
    set_number: str
    part_number: str


@dataclass(frozen=True)
class Resource:
    """A tool, material or training that jobs need."""

    row: int
    name: str
    category: str
    description: str


@dataclass(frozen=True)
class Job:
    """One row of the Job sheet: a maintenance job of a type, or one step of it."""

    row: int
    type_name: str
    name: str
    task_number: str
    category: str
    status: str
    description: str
    duration: Span | None
    start_on: date | None
    start_after: Span | None
    """Where the register gives the start as a span, not as a day."""
    interval: Interval | None
    as_required: bool
    """True where the register says "as required"; with False and no interval it says nothing."""
    priors: tuple[str, ...]
    """Task numbers of the same job that come first."""
    resource_names: tuple[str, ...]


@dataclass(frozen=True)
class JobPlan:
    """All rows of one job of one type: how often as a whole, and its steps in the register's order."""

    type_name: str
    name: str
    interval: Interval | None
    as_required: bool
    start_on: date | None
    duration: Span | None
    """The head row's (the one that states the frequency), which covers the steps."""
    steps: tuple[Job, ...]


@dataclass(frozen=True)
class Document:
    """A paper that belongs to a row of another sheet."""

    row: int
    name: str
    category: str
    description: str
    approval_by: str
    stage: str
    sheet_name: str
    row_name: str
    is_linked: bool
    """False where the row it is said to belong to does not exist; the paper is catalogued all the same."""
    directory: str
    file: str
    reference: str


@dataclass(frozen=True)
class RegisterReading:
    """A whole register, with every row that was not taken and every cell that was doubted."""

    file: str
    facility: Facility | None
    floors: tuple[Floor, ...]
    spaces: tuple[Space, ...]
    zones: Mapping[str, Zone]
    types: tuple[ComponentType, ...]
    components: tuple[Component, ...]
    systems: Mapping[str, System]
    jobs: tuple[Job, ...]
    job_plans: tuple[JobPlan, ...]
    spares: tuple[Spare, ...]
    resources: tuple[Resource, ...]
    documents: tuple[Document, ...]
    contacts: tuple[Contact, ...]
    counts: tuple[SheetCount, ...]
    rejections: tuple[Rejection, ...]
    notes: tuple[str, ...]

    @property
    def rejected(self) -> tuple[Rejection, ...]:
        """Complaints about rows that were not taken: exactly one for each such row."""
        return tuple(found for found in self.rejections if found.severity is Severity.REJECTED)

    @property
    def warnings(self) -> tuple[Rejection, ...]:
        """Complaints about rows that were taken."""
        return tuple(found for found in self.rejections if found.severity is Severity.WARNING)
