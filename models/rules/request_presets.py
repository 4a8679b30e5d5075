"""What does a publisher's file of service requests look like? Its columns, dates, zone and states."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.rules.catalogue import Certainty, Label
from models.rules.service_levels import RequestKind

FIELDS = (
    *("id", "opened", "due", "closed", "state", "on_time"),
    *("type", "kind", "text", "note", "place", "channel"),
)
"""Our names of what a column may hold."""
REQUIRED = ("id", "opened", "closed")
DATE_ORDERS = ("ymd", "mdy", "dmy")


@dataclass(frozen=True)
class RequestPreset:
    """One publisher's form."""

    name: str
    label: Label
    source: str
    certainty: Certainty
    timezone: str
    """IANA name, or `engagement` for the engagement's own."""
    date_order: str
    """Order of a date that does not begin with the year; empty where the file has to show it."""
    encodings: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    """Field to the headings it may stand under, in small letters."""
    open_states: frozenset[str]
    closed_states: frozenset[str]
    met: frozenset[str]
    missed: frozenset[str]
    kinds: tuple[tuple[str, RequestKind], ...]
    """Words in kind, type or text that tell the kind, in order."""
    otherwise: RequestKind


@dataclass(frozen=True)
class Heading:
    """Where the fields stand in a file."""

    places: Mapping[str, int]
    width: int
    written: Mapping[str, str]
    """Field to the heading as the file has it."""


class HeadingRefused(ValueError):
    """The first row is not the heading this preset expects; the text says what was expected."""


def read_heading(cells: list[str], preset: RequestPreset) -> Heading:
    """Find the preset's fields in a heading row; an alias given first wins.

    Raises:
        HeadingRefused: a required column is missing, or a column that is needed stands there twice.
    """
    names = [folded(cell) for cell in cells]
    places: dict[str, int] = {}
    for field, aliases in preset.columns.items():
        found = next((alias for alias in aliases if alias in names), None)
        if found is None:
            continue
        if names.count(found) > 1:
            raise HeadingRefused(f"the column {found!r} stands there twice; keep one")
        places[field] = names.index(found)
    missing = [field for field in REQUIRED if field not in places]
    if missing:
        expected = "; ".join(
            f"{field} as {' or '.join(repr(alias) for alias in preset.columns[field])}" for field in missing
        )
        raise HeadingRefused(f"columns are missing for the preset {preset.name}; expected {expected}")
    return Heading(places, len(cells), {field: cells[place].strip() for field, place in places.items()})


def folded(text: str) -> str:
    """A heading or a state as it is compared: small letters, one space between words."""
    return " ".join(text.replace("\ufeff", "").split()).casefold()


def kind_of(preset: RequestPreset, *texts: str) -> RequestKind:
    """The kind of request by the preset's words: the first text that holds one decides."""
    for text in texts:
        written = text.casefold()
        for word, kind in preset.kinds:
            if word in written:
                return kind
    return preset.otherwise
