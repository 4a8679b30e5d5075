"""Which sheets and columns does a COBie workbook have, and under which spellings?

Sheets and columns: COBie 2.4, National BIM Standard - United States V3, section 4.2; the spellings of
release 2.26 and of the UK edition (BS 1192-4) are listed as variants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.rules.cobie_values import cell_text

HEADER_WITHIN_ROWS = 30
"""How far down a header is looked for: title lines above it are common."""

_COMMON = (
    "CreatedBy",
    "CreatedOn",
    "ExtSystem ExternalSystem",
    "ExtObject ExternalObject",
    "ExtIdentifier ExternalIdentifier ExtId",
)

_COLUMNS: dict[str, tuple[str, ...]] = {
    "Contact": (
        "Email EMail EmailAddress",
        "Category",
        "Company",
        "Phone PhoneNumber Telephone",
        "Department",
        "OrganizationCode OrganisationCode",
        "GivenName FirstName",
        "FamilyName LastName Surname",
        "Street",
        "PostalBox POBox",
        "Town City",
        "StateRegion State",
        "PostalCode PostCode ZipCode",
        "Country",
    ),
    "Facility": (
        "Name FacilityName",
        "Category",
        "ProjectName",
        "SiteName",
        "LinearUnits LinearUnit",
        "AreaUnits AreaUnit",
        "VolumeUnits VolumeUnit",
        "CurrencyUnit CurrencyUnits CostUnit Currency",
        "AreaMeasurement",
        "ExternalProjectObject",
        "ExternalProjectIdentifier",
        "ExternalSiteObject",
        "ExternalSiteIdentifier",
        "ExternalFacilityObject",
        "ExternalFacilityIdentifier",
        "Description",
        "ProjectDescription",
        "SiteDescription",
        "Phase",
    ),
    "Floor": ("Name FloorName", "Category", "Description", "Elevation", "Height"),
    "Space": (
        "Name SpaceName SpaceNumber",
        "Category",
        "FloorName Floor FloorNames",
        "Description SpaceDescription",
        "RoomTag",
        "UsableHeight",
        "GrossArea",
        "NetArea",
    ),
    "Zone": ("Name ZoneName", "Category", "SpaceNames SpaceName Space Spaces", "Description"),
    "Type": (
        "Name TypeName",
        "Category",
        "Description",
        "AssetType",
        "Manufacturer",
        "ModelNumber Model",
        "WarrantyGuarantorParts",
        "WarrantyDurationParts",
        "WarrantyGuarantorLabor WarrantyGuarantorLabour",
        "WarrantyDurationLabor WarrantyDurationLabour",
        "WarrantyDurationUnit WarrantyDurationUnits",
        "ReplacementCost",
        "ExpectedLife",
        "DurationUnit ExpectedLifeUnit ExpectedLifeUnits",
        "WarrantyDescription",
        *(
            "NominalLength",
            "NominalWidth",
            "NominalHeight",
            "ModelReference",
            "Shape",
            "Size",
            "Color Colour",
        ),
        *("Finish", "Grade", "Material", "Constituents", "Features"),
        *("AccessibilityPerformance", "CodePerformance", "SustainabilityPerformance"),
        *("Area", "Length"),
    ),
    "Component": (
        "Name ComponentName",
        "TypeName Type TypeNames",
        "Space SpaceName SpaceNames Spaces",
        "Description",
        "SerialNumber",
        "InstallationDate InstalledOn",
        "WarrantyStartDate WarrantyStart",
        "TagNumber Tag",
        "BarCode",
        "AssetIdentifier",
        *("Area", "Length"),
    ),
    "System": (
        "Name SystemName",
        "Category",
        "ComponentNames ComponentName Component Components",
        "Description",
    ),
    "Spare": (
        "Name SpareName",
        "Category",
        "TypeName Type TypeNames",
        "Suppliers Supplier",
        "Description",
        "SetNumber",
        "PartNumber",
    ),
    "Resource": ("Name ResourceName", "Category", "Description"),
    "Job": (
        "Name JobName",
        "Category",
        "Status",
        "TypeName Type TypeNames",
        "Description",
        "Duration",
        "DurationUnit DurationUnits",
        "Start TaskStart",
        "TaskStartUnit StartUnit",
        "Frequency",
        "FrequencyUnit FrequencyUnits",
        "TaskNumber",
        "Priors Prior",
        "ResourceNames ResourceName Resources",
    ),
    "Document": (
        "Name DocumentName",
        "Category",
        "ApprovalBy ApprovedBy",
        "Stage",
        "SheetName",
        "RowName",
        "Directory",
        "File FileName",
        "Description",
        "Reference",
    ),
}
IMPORTED_SHEETS: tuple[str, ...] = tuple(_COLUMNS)
KNOWN_SHEETS: tuple[str, ...] = (
    *IMPORTED_SHEETS,
    *("Instruction", "Assembly", "Connection", "Impact", "Attribute", "Coordinate", "Issue", "PickLists"),
)
KEY_COLUMNS: dict[str, str] = {"Contact": "Email"}
"""The column that names a row, where it is not `Name`."""


@dataclass(frozen=True)
class Row:
    """One row that holds a value: its number in the spreadsheet, and cell texts by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """One sheet with its header found."""

    sheet: str
    title: str
    """The sheet's name as this file spells it."""
    headers: Mapping[str, str]
    """Column to the header as this file spells it."""
    header_row: int | None
    """Row number of the header; None where none was found, and all cells are then unread."""
    rows: tuple[Row, ...]
    unknown_headers: tuple[str, ...]
    variants: tuple[tuple[str, str], ...]
    """(header in the file, column it was taken for), where they differ in more than case and spacing."""


def spelling_key(text: str) -> str:
    """Fold a sheet or header name: case, spaces, underscores and hyphens do not count."""
    return "".join(character for character in text.casefold() if character.isalnum())


def sheet_named(title: str) -> str | None:
    """Return the COBie sheet a sheet title stands for, in singular or plural, or None."""
    key = spelling_key(title)
    return _SHEET_KEYS.get(key) or _SHEET_KEYS.get(key.removesuffix("s"))


def find_table(sheet: str, title: str, rows: Sequence[Sequence[str]]) -> Table:
    """Find a sheet's header and cut its rows into cells.

    The header is the first of the leading rows that names the key column or, failing that, the first that
    names two columns. Rows without a value are left out.
    """
    known = _COLUMN_KEYS[sheet]
    at = _header_index(sheet, rows)
    header = rows[at] if at is not None else ()
    headers: dict[str, str] = {}
    places: dict[int, str] = {}
    unknown: list[str] = []
    variants: list[tuple[str, str]] = []
    for place, raw in enumerate(header):
        column = known.get(spelling_key(raw))
        if column is None or column in headers:
            unknown.extend([raw.strip()] if raw.strip() else [])
            continue
        headers[column] = raw.strip()
        places[place] = column
        if spelling_key(raw) != spelling_key(column):
            variants.append((raw.strip(), column))
    body = range(0 if at is None else at + 1, len(rows))
    return Table(
        sheet=sheet,
        title=title,
        headers=headers,
        header_row=None if at is None else at + 1,
        rows=tuple(
            Row(
                index + 1,
                {places[place]: cell_text(raw) for place, raw in enumerate(rows[index]) if place in places},
            )
            for index in body
            if any(cell_text(raw) for raw in rows[index])
        ),
        unknown_headers=tuple(unknown),
        variants=tuple(variants),
    )


def _header_index(sheet: str, rows: Sequence[Sequence[str]]) -> int | None:
    key = KEY_COLUMNS.get(sheet, "Name")
    fallback: int | None = None
    for index, row in enumerate(rows[:HEADER_WITHIN_ROWS]):
        named = {_COLUMN_KEYS[sheet].get(spelling_key(raw)) for raw in row} - {None}
        if key in named:
            return index
        if len(named) > 1 and fallback is None:
            fallback = index
    return fallback


_SHEET_KEYS = {spelling_key(name): name for name in KNOWN_SHEETS}
_COLUMN_KEYS: dict[str, dict[str, str]] = {
    sheet: {
        spelling_key(spelling): spellings.split()[0]
        for spellings in (*columns, *_COMMON)
        for spelling in spellings.split()
    }
    for sheet, columns in _COLUMNS.items()
}
