"""What is looked at in a condition survey, and by which tables is it scored? Reads the two catalogue files (A2)."""

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from models.catalogue_files import open_entry
from models.catalogue_reading import CatalogueInvalid, Entry, refuse_repeated
from models.rules.catalogue import Certainty
from models.rules.condition import ConditionScheme, FacilityBands, Severity
from models.rules.condition_checks import CheckItem, Checklists, CheckScope, ClassChecks
from models.rules.elements import ElementClass

_LONGEST_CODE = 20
"""A line's reference adds nine characters, a second defect three; a finding's reference holds 40."""


@lru_cache(maxsize=1)
def load_checklists() -> Checklists:
    """The checklists shipped with the product, read once.

    Raises:
        CatalogueInvalid: the file is missing or wrong; the message names entry and key.
    """
    return read_checklists(resources.files("models.catalogue"))


@lru_cache(maxsize=1)
def load_condition_tables() -> tuple[ConditionScheme, FacilityBands]:
    """The scoring scheme and the bands of the facility condition index, read once.

    Raises:
        CatalogueInvalid: the file is missing or wrong; the message names entry and key.
    """
    return read_condition_tables(resources.files("models.catalogue"))


def read_checklists(folder: Traversable | Path) -> Checklists:
    """Read and check `checklists.yaml` of a catalogue folder; every element class must have an item."""
    file = "checklists.yaml"
    whole = open_entry(folder, file)
    edition, source = whole.text("edition"), whole.text("source")
    certainty = whole.choice("certainty", Certainty)
    named = whole.each("classes", _class_checks)
    whole.finish()
    unknown = sorted(set(named) - {member.value for member in ElementClass})
    if unknown:
        raise CatalogueInvalid(file, f"classes, {unknown[0]}", "is not an element class")
    for element_class in ElementClass:
        if not named.get(element_class.value) or not named[element_class.value].items:
            raise CatalogueInvalid(file, f"classes, {element_class}", "missing, or has no items")
    refuse_repeated(file, "item", (item.code for checks in named.values() for item in checks.items))
    return Checklists(edition, source, certainty, {c: named[c.value] for c in ElementClass})


def _class_checks(entry: Entry) -> ClassChecks:
    return ClassChecks(
        items=tuple(_item(item) for item in entry.entries("items")),
        warranty_months=entry.whole_or_none("warranty_months"),
        fund=entry.flag("fund"),
        source=entry.text("source"),
        certainty=entry.choice("certainty", Certainty),
    )


def _item(entry: Entry) -> CheckItem:
    item = CheckItem(
        code=entry.text("code"),
        scope=entry.choice("scope", CheckScope),
        label=entry.label(),
        defect=entry.label("defect"),
        photo=entry.label("photo"),
        matches=entry.texts("matches"),
    )
    if len(item.code) > _LONGEST_CODE:
        raise entry.refuse("code", f"expected at most {_LONGEST_CODE} characters, found {item.code!r}")
    entry.finish()
    return item


def read_condition_tables(folder: Traversable | Path) -> tuple[ConditionScheme, FacilityBands]:
    """Read and check `condition_tables.yaml` of a catalogue folder."""
    whole = open_entry(folder, "condition_tables.yaml")
    entry = whole.entry("scheme")
    matrix = entry.entry("matrix")
    scores: dict[tuple[Severity, int], tuple[int, int, int, int, int]] = {}
    for severity in Severity:
        row = matrix.entry(severity.value)
        for intensity in (1, 2, 3):
            a, b, c, d, e = _figures(row, str(intensity), 5)
            values = (int(a), int(b), int(c), int(d), int(e))
            if any(not 1 <= value <= 6 for value in values):
                raise row.refuse(str(intensity), "expected scores 1 to 6")
            scores[(severity, intensity)] = values
        row.finish()
    matrix.finish()
    f = _figures(entry, "factors", 6)
    b5 = _rising(entry, "bands", 5)
    scheme = ConditionScheme(
        name=entry.text("name"),
        matrix=scores,
        factors=(f[0], f[1], f[2], f[3], f[4], f[5]),
        bands=(b5[0], b5[1], b5[2], b5[3], b5[4]),
        verified=entry.flag("verified"),
    )
    entry.finish()
    index = whole.entry("facility_index")
    labels = index.texts("labels")
    bands = FacilityBands(
        name=index.text("name"),
        limits=tuple(zip(_rising(index, "limits", len(labels)), labels, strict=True)),
        beyond=index.text("beyond"),
        verified=index.flag("verified"),
    )
    index.finish()
    whole.finish()
    return scheme, bands


def _figures(entry: Entry, key: str, count: int) -> tuple[Decimal, ...]:
    text = entry.text(key)
    try:
        figures = tuple(Decimal(word) for word in text.split())
    except InvalidOperation:
        raise entry.refuse(key, f"expected {count} numbers, found {text!r}") from None
    if len(figures) != count or not all(figure.is_finite() for figure in figures):
        raise entry.refuse(key, f"expected {count} numbers, found {text!r}")
    return figures


def _rising(entry: Entry, key: str, count: int) -> tuple[Decimal, ...]:
    figures = _figures(entry, key, count)
    if list(figures) != sorted(set(figures)):
        raise entry.refuse(key, "expected rising numbers")
    return figures
