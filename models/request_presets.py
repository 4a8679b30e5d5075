"""Which forms of service-request files are known? Reads the mapping files of the catalogue (B6)."""

import codecs
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.catalogue_files import open_entry
from models.catalogue_reading import CatalogueInvalid, Entry
from models.rules.catalogue import Certainty
from models.rules.request_presets import DATE_ORDERS, FIELDS, REQUIRED, RequestPreset, folded
from models.rules.service_levels import RequestKind

ENGAGEMENT_ZONE = "engagement"


@lru_cache(maxsize=1)
def load_request_presets() -> dict[str, RequestPreset]:
    """The presets shipped with the product, by name, read once.

    Raises:
        CatalogueInvalid: a file is wrong; the message names file and key.
    """
    return read_request_presets(resources.files("models.catalogue") / "request_presets")


def read_request_presets(folder: Traversable | Path) -> dict[str, RequestPreset]:
    """Read and check every mapping file of a folder."""
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".yaml"))
    found = [_preset(open_entry(folder, name)) for name in names]
    return {preset.name: preset for preset in found}


def _preset(entry: Entry) -> RequestPreset:
    columns = entry.entry("columns")
    unknown = set(columns.names()) - set(FIELDS)
    if unknown:
        raise columns.refuse(min(unknown), f"is no field; expected {', '.join(FIELDS)}")
    aliases = {field: tuple(map(folded, columns.texts(field))) for field in columns.names()}
    for field in REQUIRED:
        if not aliases.get(field):
            raise columns.refuse(field, "missing")
    states, on_time, kinds = entry.entry("states"), entry.entry("on_time"), entry.entry("kinds")
    preset = RequestPreset(
        name=entry.text("name"),
        label=entry.label("label"),
        source=entry.text("source"),
        certainty=entry.choice("certainty", Certainty),
        timezone=_zone(entry),
        date_order=_order(entry),
        encodings=_encodings(entry),
        columns=aliases,
        open_states=frozenset(map(folded, states.texts("open"))),
        closed_states=frozenset(map(folded, states.texts("closed"))),
        met=frozenset(map(folded, on_time.texts("met"))),
        missed=frozenset(map(folded, on_time.texts("missed"))),
        kinds=tuple(
            (word.casefold(), RequestKind(name)) for name in kinds.names() for word in _words(kinds, name)
        ),
        otherwise=entry.choice("otherwise", RequestKind),
    )
    for inner in (columns, states, on_time, kinds, entry):
        inner.finish()
    return preset


def _words(kinds: Entry, name: str) -> tuple[str, ...]:
    if name not in set(RequestKind):
        raise kinds.refuse(name, f"is no kind; expected {', '.join(RequestKind)}")
    return kinds.texts(name)


def _zone(entry: Entry) -> str:
    name = entry.text("timezone")
    try:
        return name if name == ENGAGEMENT_ZONE else ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        raise entry.refuse("timezone", f"{name!r} is no time zone") from None


def _order(entry: Entry) -> str:
    order = entry.text("date_order", "")
    if order and order not in DATE_ORDERS:
        raise entry.refuse("date_order", f"expected {', '.join(DATE_ORDERS)} or nothing, found {order!r}")
    return order


def _encodings(entry: Entry) -> tuple[str, ...]:
    names = entry.texts("encodings")
    try:
        for name in names:
            codecs.lookup(name)
    except LookupError as error:
        raise CatalogueInvalid(entry.file, entry.where, str(error)) from None
    return names
