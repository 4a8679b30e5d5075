"""How ready is a property for its emergencies? Reads `readiness.yaml` of the catalogue (B8)."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from models.catalogue_files import open_entry
from models.catalogue_reading import Entry
from models.rules.catalogue import Certainty, PropertyType
from models.rules.drills import DrillRule
from models.rules.elements import ElementClass
from models.rules.isolation_points import IsolationRule


@dataclass(frozen=True)
class Readiness:
    """The tables of the file."""

    patience: timedelta
    source: str
    certainty: Certainty
    isolation: tuple[IsolationRule, ...]
    drills: tuple[DrillRule, ...]


@lru_cache(maxsize=1)
def load_readiness() -> Readiness:
    """The tables shipped with the product, read once.

    Raises:
        CatalogueInvalid: the file is wrong; the message names entry and key.
    """
    return read_readiness(resources.files("models.catalogue"))


def read_readiness(folder: Traversable | Path) -> Readiness:
    """Read and check `readiness.yaml` of a catalogue folder."""
    whole = open_entry(folder, "readiness.yaml")
    tables = Readiness(
        patience=timedelta(minutes=whole.whole("patience_minutes", at_least=1)),
        source=whole.text("source"),
        certainty=whole.choice("certainty", Certainty),
        isolation=tuple(_isolation(entry) for entry in whole.entries("isolation")),
        drills=tuple(_drill(entry) for entry in whole.entries("drills")),
    )
    whole.finish()
    return tables


def _isolation(entry: Entry) -> IsolationRule:
    rule = IsolationRule(
        kind=entry.text("type"),
        words=tuple(word.casefold() for word in entry.texts("words")),
        element_classes=frozenset(one.value for one in entry.choices("element_classes", ElementClass)),
    )
    if not rule.words:
        raise entry.refuse("words", "expected at least one word")
    entry.finish()
    return rule


def _drill(entry: Entry) -> DrillRule:
    rule = DrillRule(
        kind=entry.text("type", default=""),
        property_types=frozenset(one.value for one in entry.choices("property_types", PropertyType)),
        months=entry.whole("months", at_least=1),
        source=entry.text("source"),
        certainty=entry.choice("certainty", Certainty),
    )
    entry.finish()
    return rule
