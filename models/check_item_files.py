"""What is looked at on a round, within which limits? Reads `check_items.yaml` (B2)."""

from decimal import Decimal
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from models.catalogue_files import open_entry
from models.catalogue_reading import CatalogueInvalid, Entry, refuse_repeated
from models.rules.catalogue import Certainty
from models.rules.check_items import CheckKind, RoundItem, RoundItems
from models.rules.elements import ElementClass


@lru_cache(maxsize=1)
def load_round_items() -> RoundItems:
    """The items shipped with the product, read once.

    Raises:
        CatalogueInvalid: the file is missing or wrong; the message names entry and key.
    """
    return read_round_items(resources.files("models.catalogue"))


def read_round_items(folder: Traversable | Path) -> RoundItems:
    """Read and check `check_items.yaml` of a catalogue folder; every element class must have an item.

    Raises:
        CatalogueInvalid: the file is missing or wrong; the message names entry and key.
    """
    file = "check_items.yaml"
    whole = open_entry(folder, file)
    whole.text("edition")
    classes = whole.entry("classes")
    found: dict[ElementClass, tuple[RoundItem, ...]] = {}
    for element_class in ElementClass:
        found[element_class] = tuple(_item(entry) for entry in classes.entries(element_class.value))
        if not found[element_class]:
            raise CatalogueInvalid(file, f"classes, {element_class}", "missing, or has no items")
    classes.finish()
    whole.finish()
    refuse_repeated(file, "item", (item.code for items in found.values() for item in items))
    return found


def _item(entry: Entry) -> RoundItem:
    kind = entry.choice("kind", CheckKind)
    reading = kind is CheckKind.READING
    item = RoundItem(
        code=entry.text("code"),
        kind=kind,
        label=entry.label(),
        unit=entry.text("unit") if reading else "",
        low=entry.number("low") if entry.has("low") else None,
        high=entry.number("high") if entry.has("high") else None,
        early=entry.number("early", "0") if reading else Decimal(0),
        matches=entry.texts("matches"),
        source=entry.text("source"),
        certainty=entry.choice("certainty", Certainty),
    )
    if reading and item.low is None and item.high is None:
        raise entry.refuse("high", "a reading needs low, high or both")
    if item.low is not None and item.high is not None and item.low + 2 * item.early >= item.high:
        raise entry.refuse("early", "leaves nothing between the two warning bands")
    entry.finish()
    return item
