"""What is there to look after? Places, assets, their types, jobs, parts, and where they were read from."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.clock import utc_now
from models.columns import Exact, Money, foreign_key


class StoredFile(SQLModel, table=True):
    """A file kept under its content hash; `name` is what people call it and never a path."""

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True, max_length=64)
    name: str
    media_type: str
    size: int
    """Bytes."""
    created_at: datetime = Field(default_factory=utc_now)


class RegisterImport(SQLModel, table=True):
    """One workbook taken in, once per engagement and content; `counts` holds rows by sheet."""

    __table_args__ = (UniqueConstraint("engagement_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    sha256: str
    file_name: str
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    imported_at: datetime = Field(default_factory=utc_now)


class QuarantinedRow(SQLModel, table=True):
    """A row that was not taken, or a cell that was doubted: where, what stood there, what was expected."""

    id: int | None = Field(default=None, primary_key=True)
    register_import_id: int = foreign_key("registerimport.id")
    sheet: str
    row: int
    column: str
    value: str
    reason: str
    severity: str


class ImportRowDoubt(SQLModel, table=True):
    """A row of a sheet from outside that was not taken, or a cell that was doubted."""

    __table_args__ = (
        # Named by hand: PostgreSQL takes at most 63 characters.
        UniqueConstraint(
            *("engagement_id", "source", "sha256", "sheet", "row", "column", "expected"),
            name="uq_importrowdoubt_cell",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    source: str
    """people, history, minutes, certificates, training, roster, shifts, work, patrol, inspection, weather, camera, frame,
    paper or calls; mailbox for a mail."""
    sha256: str
    file_name: str
    sheet: str
    row: int
    column: str
    value: str
    """Empty where it may be personal."""
    expected: str


class Place(SQLModel, table=True):
    """A site, floor, space or zone."""

    __table_args__ = (UniqueConstraint("engagement_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    code: str
    name: str
    kind: str
    category: str = ""
    parent_code: str = ""


class AssetType(SQLModel, table=True):
    """A make and model, with what its maintenance is reckoned from."""

    __table_args__ = (UniqueConstraint("engagement_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    name: str
    category: str = ""
    element_class: str
    manufacturer: str = ""
    model_number: str = ""
    expected_life_years: Decimal | None = Field(default=None, sa_type=Exact)
    replacement_cost: Decimal | None = Field(default=None, sa_type=Money)


class Asset(SQLModel, table=True):
    """One piece of equipment or one building element in the ledger."""

    __table_args__ = (UniqueConstraint("engagement_id", "tag"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    tag: str
    name: str
    type_name: str
    element_class: str
    place_code: str = ""
    serial_number: str = ""
    tag_number: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The label on the machine (COBie TagNumber), by which other records may name it."""
    installed_on: date | None = None
    in_order: bool = True
    """False from a failed check until the corrective order is done (设备完好率)."""


class AssetJob(SQLModel, table=True):
    """A maintenance job the register itself asks for, keyed by type, name and task number."""

    __table_args__ = (UniqueConstraint("engagement_id", "type_name", "name", "task_number"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    type_name: str
    name: str
    task_number: str
    category: str = ""
    rrule: str = ""
    """Empty where the register says "as required"."""
    hours: Decimal = Field(default=Decimal(0), sa_type=Exact)
    source_row: int


class SparePart(SQLModel, table=True):
    """A spare named in the register."""

    __table_args__ = (UniqueConstraint("engagement_id", "type_name", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    type_name: str
    name: str
    part_number: str = ""
