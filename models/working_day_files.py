"""What does the catalogue know of holidays and make-up workdays, as checked values?"""

from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from models.catalogue_files import open_entry
from models.catalogue_reading import Entry
from models.rules.catalogue import Certainty
from models.rules.working_days import WEEKEND, NoticeYear

FILE = "working_days.yaml"


@lru_cache(maxsize=1)
def load_working_days() -> tuple[NoticeYear, ...]:
    """The notices shipped with the product, read once.

    Raises:
        CatalogueInvalid: the file is wrong; the message names entry and key.
    """
    return read_working_days(resources.files("models.catalogue"))


def read_working_days(folder: Traversable | Path) -> tuple[NoticeYear, ...]:
    """Read and check `working_days.yaml` of a catalogue folder.

    Raises:
        CatalogueInvalid: a day is no date, lies in another year, is twice, or a made-up day is no weekend day.
    """
    file = open_entry(folder, FILE)
    file.text("edition")
    years = tuple(_year(entry) for entry in file.entries("years"))
    file.finish()
    return years


def _year(entry: Entry) -> NoticeYear:
    year = entry.whole("year", at_least=1949)
    holidays = [day for text in entry.texts("holidays") for day in _days(entry, text, year)]
    workdays = [day for text in entry.texts("workdays") for day in _days(entry, text, year)]
    if len(set(holidays) | set(workdays)) < len(holidays) + len(workdays):
        raise entry.refuse("holidays", f"a day of {year} is named twice")
    for day in workdays:
        if day.weekday() not in WEEKEND:
            raise entry.refuse("workdays", f"{day} is no Saturday or Sunday")
    notice = NoticeYear(
        jurisdiction=entry.text("jurisdiction"),
        year=year,
        holidays=frozenset(holidays),
        workdays=frozenset(workdays),
        source=entry.text("source"),
        certainty=entry.choice("certainty", Certainty),
    )
    entry.finish()
    return notice


def _days(entry: Entry, text: str, year: int) -> list[date]:
    first_text, _, last_text = text.partition("/")
    try:
        first, last = date.fromisoformat(first_text), date.fromisoformat(last_text or first_text)
    except ValueError:
        raise entry.refuse(
            "holidays", f"expected a date or first/last such as 2026-02-15/2026-02-23, found {text!r}"
        ) from None
    if first.year != year or last.year != year or last < first:
        raise entry.refuse("holidays", f"expected days of {year} in order, found {text!r}")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
