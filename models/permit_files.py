"""Which work needs a permit, and what is checked before it is issued? Reads `permits.yaml` (B2)."""

from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from models.catalogue_files import open_entry
from models.catalogue_reading import Entry, refuse_repeated
from models.rules.catalogue import Certainty
from models.rules.permits import PermitKind, Precaution

FILE = "permits.yaml"


@lru_cache(maxsize=1)
def load_permit_kinds() -> tuple[PermitKind, ...]:
    """The kinds shipped with the product, read once.

    Raises:
        CatalogueInvalid: the file is missing or wrong; the message names entry and key.
    """
    return read_permit_kinds(resources.files("models.catalogue"))


def read_permit_kinds(folder: Traversable | Path) -> tuple[PermitKind, ...]:
    """Read and check `permits.yaml` of a catalogue folder.

    Raises:
        CatalogueInvalid: the file is missing or wrong; the message names entry and key.
    """
    whole = open_entry(folder, FILE)
    whole.text("edition")
    kinds = tuple(_kind(entry) for entry in whole.entries("kinds"))
    whole.finish()
    refuse_repeated(FILE, "kind", (kind.code for kind in kinds))
    return kinds


def _kind(entry: Entry) -> PermitKind:
    kind = PermitKind(
        code=entry.text("code"),
        label=entry.label(),
        longest_hours=entry.whole("longest_hours", at_least=1),
        plans=entry.texts("plans"),
        parts=entry.texts("parts"),
        words=entry.texts("words"),
        precautions=tuple(_precaution(one) for one in entry.entries("precautions")),
        source=entry.text("source"),
        certainty=entry.choice("certainty", Certainty),
    )
    if not (kind.plans or kind.parts or kind.words):
        raise entry.refuse("words", "needs plans, parts or words, else no order is ever of this kind")
    if not kind.precautions:
        raise entry.refuse("precautions", "needs at least one")
    entry.finish()
    return kind


def _precaution(entry: Entry) -> Precaution:
    found = Precaution(entry.text("code"), entry.label())
    entry.finish()
    return found
