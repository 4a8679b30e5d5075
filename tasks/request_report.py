"""How does the analysis of a file of requests become a workbook? Every row with what became of it (B6)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reports.request_workbook import Row, write_request_workbook
from tasks.exported_files import whole_file
from tasks.request_analysis import ReadRequests
from tasks.request_tally import instant

_FIGURES = (
    *("requests", "open", "closed", "measurable", "median_hours", "p90_hours"),
    *("closed_within.24h.of_closed", "closed_within.24h.of_due"),
    *("closed_within.72h.of_closed", "closed_within.72h.of_due", "on_time", "on_time_as_published"),
)


def write_report(path: Path, read: ReadRequests, found: dict[str, Any]) -> None:
    """Write the workbook: summary, types, requests taken, rows not taken, repeated rows, personal data.

    Args:
        path: the file to write, whole or not at all.
        read: the file that was read.
        found: its analysis.

    Raises:
        Terminal: it cannot be written there.
    """
    with whole_file(path) as partial:
        write_request_workbook(
            partial,
            (
                ("Summary", ("Figure", "Value"), _summary(found)),
                ("By type", ("Type", *_headings()), ((t["type"], *_cells(t)) for t in found["by_type"])),
                ("Taken", _TAKEN, _taken(read)),
                ("Not taken", ("Row", "Column", "Value", "Expected"), map(_values, read.kept.doubts())),
                ("Told again", ("Row", "Id", "What", "First row"), map(_values, read.kept.repeated())),
                ("Personal data", ("Row", "Column", "Kinds"), map(_values, read.kept.personal())),
            ),
            "{rows} more rows do not fit on a sheet; split the file.",
        )


_TAKEN = ("Row", "Id", "Type", "Kind", "Opened", "Closed", "Due", "Hours", "On time as published", "Text")


def _taken(read: ReadRequests) -> Iterator[Row]:
    zone = read.zone
    for row in read.kept.requests():
        opened, closed, due = (
            "" if row[name] is None else instant(row[name]).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
            for name in ("opened", "closed", "due")
        )
        measurable = row["closed"] is not None and row["rough"] & 3 == 0
        hours = round((row["closed"] - row["opened"]) / 3600, 2) if measurable else None
        yield (
            row["row"],
            row["id"],
            row["type"],
            row["kind"],
            opened,
            closed,
            due,
            hours,
            row["on_time"],
            row["text"],
        )


def _summary(found: dict[str, Any]) -> Iterator[Row]:
    plain = ("file", "sha256", "preset", "encoding", "date_order", "timezone", "as_of", "rows", "taken")
    for name in (*plain, "duplicates", "later_states", "quarantined"):
        yield name, found[name]
    for name, value in zip(_headings(), _cells(found), strict=True):
        yield name, value
    yield "percentile", found["percentile"]
    for name, value in found["notes"].items():
        yield name, int(value)


def _headings() -> tuple[str, ...]:
    return tuple(name.replace(".", " ").replace("_", " ") for name in _FIGURES)


def _cells(figures: dict[str, Any]) -> tuple[str | float | None, ...]:
    return tuple(_cell(figures, name.split(".")) for name in _FIGURES)


def _cell(figures: dict[str, Any], path: list[str]) -> str | float | None:
    value: Any = figures
    for name in path:
        value = value[name]
    if isinstance(value, dict):
        return share_words(value)
    return "no data" if value is None else value


def share_words(share: dict[str, Any]) -> str:
    """A share with its parts, such as "58 of 85 (68.2 %)"; "no data" of nothing."""
    if share["share"] is None:
        return "no data"
    return f"{share['numerator']:,} of {share['denominator']:,} ({share['share']:.1%})".replace("%)", " %)")


def _values(row: dict[str, Any]) -> Row:
    return tuple(row.values())
