"""By which criteria are cleaning and greening judged? Reads `quality_sheets.yaml` (B3, B4)."""

from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from models.catalogue_files import open_entry
from models.catalogue_reading import CatalogueInvalid, Entry, refuse_repeated
from models.rules.catalogue import Certainty
from models.rules.quality import HIGHEST, Criterion, QualitySubject, ScoreSheet

_FILE = "quality_sheets.yaml"


@lru_cache(maxsize=1)
def load_quality_sheets() -> tuple[ScoreSheet, ...]:
    """The sheets shipped with the product, read once.

    Raises:
        CatalogueInvalid: the file is missing or wrong; the message names entry and key.
    """
    return read_quality_sheets(resources.files("models.catalogue"))


def read_quality_sheets(folder: Traversable | Path) -> tuple[ScoreSheet, ...]:
    """Read and check `quality_sheets.yaml` of a catalogue folder; each subject must have one general sheet.

    Raises:
        CatalogueInvalid: the file is missing or wrong; the message names entry and key.
    """
    whole = open_entry(folder, _FILE)
    whole.text("edition")
    sheets = tuple(_sheet(entry) for entry in whole.entries("sheets"))
    whole.finish()
    refuse_repeated(_FILE, "sheet", (sheet.code for sheet in sheets))
    refuse_repeated(_FILE, "activity", (code for sheet in sheets for code in sheet.activities))
    for subject in QualitySubject:
        if sum(sheet.general and sheet.subject is subject for sheet in sheets) != 1:
            raise CatalogueInvalid(_FILE, f"sheets of {subject}", "expected just one with `general: true`")
    return sheets


def _sheet(entry: Entry) -> ScoreSheet:
    sheet = ScoreSheet(
        code=entry.text("code"),
        subject=entry.choice("subject", QualitySubject),
        label=entry.label(),
        activities=entry.texts("activities"),
        general=entry.flag("general"),
        pass_mark=entry.number("pass_mark"),
        interval_days=entry.whole("interval_days", at_least=1),
        rework_hours=entry.whole("rework_hours", at_least=1),
        source=entry.text("source"),
        certainty=entry.choice("certainty", Certainty),
        criteria=tuple(_criterion(criterion) for criterion in entry.entries("criteria")),
    )
    if sheet.pass_mark > HIGHEST:
        raise entry.refuse("pass_mark", f"expected at most 100, found {sheet.pass_mark}")
    if not sheet.criteria:
        raise entry.refuse("criteria", "expected at least one criterion")
    if sheet.general == bool(sheet.activities):
        raise entry.refuse("activities", "expected activities, or `general: true` without any")
    refuse_repeated(_FILE, f"criterion of {sheet.code}", (c.code for c in sheet.criteria))
    entry.finish()
    return sheet


def _criterion(entry: Entry) -> Criterion:
    criterion = Criterion(
        entry.text("code"), entry.label(), entry.number("weight", at_least="0.01"), entry.number("least", "0")
    )
    if criterion.least > HIGHEST:
        raise entry.refuse("least", f"expected at most 100, found {criterion.least}")
    entry.finish()
    return criterion
