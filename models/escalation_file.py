"""At which part of a target is whom to be told? Reads `escalation.yaml` of the catalogue (B6)."""

from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from models.catalogue_files import open_entry
from models.catalogue_reading import Entry, refuse_repeated
from models.rules.catalogue import Certainty
from models.rules.escalation import ClockName, EscalationStep, EscalationTable


@lru_cache(maxsize=1)
def load_escalation() -> EscalationTable:
    """The table shipped with the product, read once.

    Raises:
        CatalogueInvalid: the file is wrong; the message names entry and key.
    """
    return read_escalation(resources.files("models.catalogue"))


def read_escalation(folder: Traversable | Path) -> EscalationTable:
    """Read and check `escalation.yaml` of a catalogue folder."""
    whole = open_entry(folder, "escalation.yaml")
    steps = tuple(_step(entry) for entry in whole.entries("steps"))
    table = EscalationTable(whole.text("source"), whole.choice("certainty", Certainty), steps)
    whole.finish()
    refuse_repeated("escalation.yaml", "step", (step.key for step in steps))
    return table


def _step(entry: Entry) -> EscalationStep:
    step = EscalationStep(
        entry.choice("clock", ClockName), entry.number("at", at_least="0.01"), entry.texts("posts")
    )
    if not step.posts:
        raise entry.refuse("posts", "expected at least one post")
    entry.finish()
    return step
