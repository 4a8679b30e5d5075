"""What do the sheets about people, places and assets say (Contact to System)?"""

from dataclasses import replace
from decimal import Decimal

from models.rules.cobie_reading import Keys, Record, RowReader, rows_of
from models.rules.cobie_rows import Component, ComponentType, Contact, Facility, Floor, Space, System, Zone
from models.rules.cobie_sheets import Table
from models.rules.cobie_values import NameIndex, name_key


def read_contacts(record: Record, table: Table | None) -> tuple[Contact, ...]:
    """Read the Contact sheet; the key is the e-mail address."""
    keys = Keys()
    return tuple(
        Contact(
            row=row.number,
            email=row.text("Email"),
            category=row.text("Category"),
            company=row.text("Company"),
            phone=row.text("Phone"),
            department=row.text("Department"),
            given_name=row.text("GivenName"),
            family_name=row.text("FamilyName"),
            address=", ".join(
                part
                for column in ("Street", "PostalBox", "Town", "StateRegion", "PostalCode", "Country")
                if (part := row.text(column))
            ),
        )
        for row in rows_of(record, table)
        if keys.admit(row, "Email", row.text("Email"))
    )


def read_facility(record: Record, table: Table | None) -> Facility | None:
    """Read the Facility sheet; a register describes one property, so further rows are refused."""
    facility: Facility | None = None
    for row in rows_of(record, table):
        if facility is not None:
            row.reject(
                "Name", f"is a second facility beside row {facility.row}; expected one register for each"
            )
            continue
        facility = Facility(
            row=row.number,
            name=row.text("Name"),
            category=row.text("Category"),
            project_name=row.text("ProjectName"),
            site_name=row.text("SiteName"),
            currency=row.text("CurrencyUnit"),
            description=row.text("Description"),
            phase=row.text("Phase"),
        )
    return facility


def read_floors(record: Record, table: Table | None) -> tuple[Floor, ...]:
    """Read the Floor sheet."""
    keys = Keys()
    return tuple(
        Floor(
            row=row.number,
            name=row.text("Name"),
            category=row.text("Category"),
            description=row.text("Description"),
            elevation=row.level("Elevation"),
        )
        for row in rows_of(record, table)
        if keys.admit(row, "Name", row.text("Name"))
    )


def read_spaces(record: Record, table: Table | None, floors: NameIndex) -> tuple[Space, ...]:
    """Read the Space sheet; a space on an unknown floor is kept, because assets stand in it."""
    keys = Keys()
    return tuple(
        Space(
            row=row.number,
            name=row.text("Name"),
            category=row.text("Category"),
            description=row.text("Description"),
            floor_name=_floor(row, floors),
            room_tag=row.text("RoomTag"),
            gross_area=row.amount("GrossArea"),
            net_area=row.amount("NetArea"),
        )
        for row in rows_of(record, table)
        if keys.admit(row, "Name", row.text("Name"))
    )


def _floor(row: RowReader, floors: NameIndex) -> str:
    if not row.text("FloorName"):
        row.warn("FloorName", "is empty; expected a floor")
        return ""
    floor = row.reference("FloorName", floors, "Floor")
    if floor is None:
        row.warn("FloorName", "is not a name of sheet Floor")
    return floor or ""


def read_zones(record: Record, table: Table | None, spaces: NameIndex) -> dict[str, Zone]:
    """Read the Zone sheet, merging the rows of one zone; a row that names only unknown spaces is refused."""
    zones: dict[str, Zone] = {}
    for row in rows_of(record, table):
        if row.text("SpaceNames") and not spaces.split(row.text("SpaceNames"))[0]:
            row.reject("SpaceNames", "names no space of sheet Space")
            continue
        members = row.references("SpaceNames", spaces, "Space")
        key = name_key(row.text("Name"))
        held = zones.get(key)
        if held is None:
            zones[key] = Zone(
                row.number, row.text("Name"), row.text("Category"), row.text("Description"), members
            )
        else:
            _note_merge(record, table, row, held)
            merged = tuple(dict.fromkeys(held.space_names + members))
            zones[key] = replace(held, space_names=merged)
    return {zone.name: zone for zone in zones.values()}


def read_systems(record: Record, table: Table | None, components: NameIndex) -> dict[str, System]:
    """Read the System sheet, merging as for zones; a row that names only unknown components is refused."""
    systems: dict[str, System] = {}
    for row in rows_of(record, table):
        if row.text("ComponentNames") and not components.split(row.text("ComponentNames"))[0]:
            row.reject("ComponentNames", "names no component of sheet Component")
            continue
        members = row.references("ComponentNames", components, "Component")
        key = name_key(row.text("Name"))
        held = systems.get(key)
        if held is None:
            category, description = row.text("Category"), row.text("Description")
            systems[key] = System(row.number, row.text("Name"), category, description, members)
        else:
            _note_merge(record, table, row, held)
            merged = tuple(dict.fromkeys(held.component_names + members))
            systems[key] = replace(held, component_names=merged)
    return {system.name: system for system in systems.values()}


def _note_merge(record: Record, table: Table | None, row: RowReader, held: Zone | System) -> None:
    title = table.title if table else ""
    if row.text("Name") != held.name:
        record.note(f"{title}: {row.text('Name')!r} (row {row.number}) was merged into {held.name!r}.")
    if row.text("Category") and row.text("Category") != held.category:
        record.note(
            f"{title}: {held.name!r} also has the category {row.text('Category')!r}; "
            f"that of row {held.row} was kept, {held.category!r}."
        )


def read_types(record: Record, table: Table | None) -> tuple[ComponentType, ...]:
    """Read the Type sheet."""
    keys = Keys()
    return tuple(
        ComponentType(
            row=row.number,
            name=row.text("Name"),
            category=row.text("Category"),
            description=row.text("Description"),
            ifc_class=row.text("ExtObject"),
            asset_type=row.text("AssetType"),
            manufacturer=row.text("Manufacturer"),
            model_number=row.text("ModelNumber"),
            warranty_guarantor_parts=row.text("WarrantyGuarantorParts"),
            warranty_parts=row.span("WarrantyDurationParts", "WarrantyDurationUnit"),
            warranty_guarantor_labor=row.text("WarrantyGuarantorLabor"),
            warranty_labor=row.span("WarrantyDurationLabor", "WarrantyDurationUnit"),
            warranty_description=row.text("WarrantyDescription"),
            # A life of zero would ask for replacement on the day of handover.
            expected_life=row.span("ExpectedLife", "DurationUnit", above_zero=True),
            replacement_cost=_replacement_cost(row),
        )
        for row in rows_of(record, table)
        if keys.admit(row, "Name", row.text("Name"))
    )


def _replacement_cost(row: RowReader) -> Decimal | None:
    cost = row.amount("ReplacementCost")
    if cost == 0:
        # It would make the reserve fund too small without anyone noticing.
        row.warn("ReplacementCost", "is not taken: a cost of zero stands for an unknown one")
        return None
    return cost


def read_components(
    record: Record, table: Table | None, types: NameIndex, spaces: NameIndex
) -> tuple[Component, ...]:
    """Read the Component sheet: the type must be known, while an unknown place is only doubted.

    The asset exists wherever it stands, and the condition survey will find it; without a type nobody
    knows what to maintain.
    """
    keys = Keys()
    return tuple(
        Component(
            row=row.number,
            name=row.text("Name"),
            type_name=type_name,
            space_names=_standing_places(row, spaces),
            description=row.text("Description"),
            ifc_class=row.text("ExtObject"),
            serial_number=row.text("SerialNumber"),
            installed_on=row.day("InstallationDate"),
            warranty_start_on=row.day("WarrantyStartDate"),
            tag_number=row.text("TagNumber"),
            bar_code=row.text("BarCode"),
            asset_identifier=row.text("AssetIdentifier"),
        )
        for row in rows_of(record, table)
        if (type_name := required_type(row, types)) is not None and keys.admit(row, "Name", row.text("Name"))
    )


def _standing_places(row: RowReader, spaces: NameIndex) -> tuple[str, ...]:
    if not row.text("Space"):
        row.warn("Space", "is empty; expected the space the asset stands in")
    return row.references("Space", spaces, "Space")


def required_type(row: RowReader, types: NameIndex) -> str | None:
    """Return the row's type in its own spelling, or reject the row."""
    if not row.text("TypeName"):
        row.reject("TypeName", "is empty; expected a name of sheet Type")
        return None
    type_name = row.reference("TypeName", types, "Type")
    if type_name is None:
        row.reject("TypeName", "is not a name of sheet Type")
    return type_name
