"""How fast were the requests of a file answered for, and which rows are in doubt? Reads, reckons, reports (B6)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from models.clock import utc_now
from models.request_presets import ENGAGEMENT_ZONE, load_request_presets
from models.rules.percentiles import DEFINITION
from models.rules.request_presets import RequestPreset
from models.rules.request_rows import Doubt, RowDoubted, RowReader
from models.rules.written_instants import InstantDoubted, OrderEvidence
from models.settings import settings
from tasks.request_file import RequestFile, RequestFileRefused, open_request_file
from tasks.request_tally import Figures, Share, Tally, instant, tally

SHOWN_ROWS = 1000
"""Rows in doubt, repeated or with personal data in the output for a program; the workbook has all."""
_CLOCK_SLACK = timedelta(days=1)
"""A publisher's clock or zone may be off; a day more is in the future."""


@dataclass(frozen=True)
class ReadRequests:
    """A file whose rows are judged and stand in a tally."""

    file: RequestFile
    preset: RequestPreset
    zone: ZoneInfo
    order: str
    as_of: datetime
    kept: Tally
    rows: int


def preset_named(name: str) -> RequestPreset:
    """The preset of that name.

    Raises:
        RequestFileRefused: there is none.
    """
    presets = load_request_presets()
    if name not in presets:
        raise RequestFileRefused(f"{name!r} is no preset; expected one of {', '.join(presets)}.")
    return presets[name]


@contextmanager
def reading_requests(
    path: Path, preset_name: str, *, date_order: str = "", zone: str = "", as_of: datetime | None = None
) -> Iterator[ReadRequests]:
    """Read a file of requests row by row into a tally that lasts as long as the block.

    Args:
        path: a CSV file or workbook.
        preset_name: whose form it has.
        date_order: dmy or mdy where the file does not decide it.
        zone: time zone of the engagement, for a preset without its own.
        as_of: what is open is judged at this instant; by default the latest one in the file.

    Raises:
        RequestFileRefused: it cannot be read as such a file, or its dates are ambiguous.
    """
    preset = preset_named(preset_name)
    file = open_request_file(path, preset)
    named = zone or settings().timezone if preset.timezone == ENGAGEMENT_ZONE else preset.timezone
    order = _order(file, preset, date_order)
    reader = RowReader(preset, file.heading, order, ZoneInfo(named), utc_now() + _CLOCK_SLACK)
    with tally() as kept:
        rows = 0
        id_place = file.heading.places["id"]
        for row in file.rows():
            rows += 1
            if row.problem:
                kept.doubt(row.number, "", (Doubt("", "", row.problem),))
                continue
            try:
                kept.add(row.number, reader.read(row.cells))
            except RowDoubted as error:
                key = row.cells[id_place] if id_place < len(row.cells) else ""
                kept.doubt(row.number, key, error.doubts)
        seen = instant(kept.latest) if kept.latest is not None else utc_now()
        yield ReadRequests(file, preset, ZoneInfo(named), order, as_of or seen, kept, rows)


def _order(file: RequestFile, preset: RequestPreset, given: str) -> str:
    evidence = OrderEvidence()
    places = [file.heading.places[f] for f in ("opened", "closed", "due") if f in file.heading.places]
    for row in file.rows():
        evidence.see(row.number, (row.cells[place] for place in places if place < len(row.cells)))
    try:
        return evidence.order(preset.date_order, given)
    except InstantDoubted as error:
        raise RequestFileRefused(f"{file.path.name}: {error}.") from error


def analysis(read: ReadRequests) -> dict[str, Any]:
    """Everything a file says, as plain values for a program; rows = taken + duplicates + later + quarantined."""
    kept, counts = read.kept, read.kept.counts
    return {
        "file": read.file.path.name,
        "sha256": read.file.sha256,
        "preset": read.preset.name,
        "encoding": read.file.encoding or "workbook",
        "delimiter": read.file.delimiter,
        "date_order": read.order,
        "timezone": read.zone.key,
        "as_of": read.as_of.isoformat(),
        "rows": read.rows,
        "taken": counts["taken"],
        "duplicates": counts["duplicate"],
        "later_states": counts["later"],
        "quarantined": counts["quarantined"],
        **figures_json(kept.figures(read.as_of)),
        "percentile": DEFINITION,
        "notes": {**kept.notes, "times_all_midnight": any(kept.midnights())},
        "by_type": [
            {"type": name or "(none)", **figures_json(figures)} for name, figures in kept.by_type(read.as_of)
        ],
        "not_taken": list(kept.doubts(SHOWN_ROWS)),
        "repeated": list(kept.repeated(SHOWN_ROWS)),
        "personal_data": list(kept.personal(SHOWN_ROWS)),
    }


def figures_json(figures: Figures) -> dict[str, Any]:
    """Figures as plain values; null is no data."""
    return {
        "requests": figures.taken,
        "open": figures.open,
        "closed": figures.closed,
        "measurable": figures.measurable,
        "median_hours": _rounded(figures.median_hours),
        "p90_hours": _rounded(figures.p90_hours),
        "closed_within": {
            f"{hours}h": {"of_closed": share_json(of_closed), "of_due": share_json(of_due)}
            for hours, (of_closed, of_due) in figures.within.items()
        },
        "on_time": {
            **share_json(figures.on_time),
            "without_due_time": figures.without_due,
            "not_decided": figures.undecided,
        },
        "on_time_as_published": share_json(figures.said_on_time),
    }


def share_json(share: Share) -> dict[str, Any]:
    """Numerator, denominator and value; a null value is no data."""
    return {"numerator": share.numerator, "denominator": share.denominator, "share": _rounded(share.value, 4)}


def _rounded(value: float | None, places: int = 2) -> float | None:
    return None if value is None else round(value, places)
