"""What is a review pack made of, whatever its subject?

A pack is plain values: every renderer (PDF, workbook, mail) reads the same one, so a figure cannot differ
between the document a client opens and the workbook beside it.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from reports.pictures import Picture

Language = Literal["zh", "en"]
Align = Literal["left", "right", "center"]
BarState = Literal["met", "missed", "undetermined", "no_data"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    ``align="right"`` says that the column holds quantities: the workbook writes its plain numbers as
    numbers. Codes and telephone numbers ("0101", "13800001111") belong in a left or centred column and stay text.
    ``width`` is a weight beside the other columns, not a length.
    """

    label: str
    align: Align = "left"
    width: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.width < 1000:
            raise ValueError(f"column {self.label!r}: width must be a weight above 0, got {self.width}")


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose cells are already written as a reader shall see them.

    Raises:
        ValueError: A row has another number of cells than there are columns.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError(f"table {self.caption!r} has no columns")
        total = () if self.total is None else (self.total,)
        for number, row in enumerate((*self.rows, *total), start=1):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"table {self.caption!r}, row {number}: {len(row)} cells for {len(self.columns)} columns"
                )


@dataclass(frozen=True, slots=True)
class Bar:
    """One measured figure against its target.

    Raises:
        ValueError: A figure that is not finite, or a state that contradicts the value: a figure that was not
        measured
            must say "no_data", for a reader may never take an absent figure for a zero.
    """

    label: str
    value: Decimal | None
    target: Decimal | None
    state: BarState

    def __post_init__(self) -> None:
        if (self.value is None) != (self.state == "no_data"):
            raise ValueError(f"bar {self.label!r}: value {self.value} contradicts state {self.state!r}")
        for figure in (self.value, self.target):
            if figure is not None and not figure.is_finite():
                raise ValueError(f"bar {self.label!r}: {figure} is not a finite number")


@dataclass(frozen=True, slots=True)
class BarChart:
    """Figures of one unit, drawn on one scale."""

    caption: str
    unit: str
    bars: tuple[Bar, ...]
    met: str = ""
    """What is said of a bar that keeps its target, where "met" is not the word for it; and of one that does not."""
    missed: str = ""


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Figures over time, drawn as columns beside one another; a bar's target is a mark across its column."""

    caption: str
    unit: str
    bars: tuple[Bar, ...]
    summary: str
    """The drawing in words, for those who hear the document: a chart is never the only carrier of a figure."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """A small PNG, or the reason why it is not shown."""

    title: str
    """What it is a picture of; also read aloud in its place."""
    caption: str
    png: bytes | None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One chapter: what is said, then what is shown (charts, tables, photographs)."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    bars: tuple[BarChart, ...] = ()
    over_time: tuple[ColumnChart, ...] = ()
    pictures: tuple[Picture, ...] = ()
    """Drawings of figures that a table of the section holds too."""
    photographs: tuple[Photograph, ...] = ()
    across: int = 3
    """Photographs side by side."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A document about one engagement, in one language, as of one day.

    ``issued_on`` is also the date inside the PDF and the workbook: the same pack gives the same bytes on any
    day.
    """

    title: str
    subtitle: str
    engagement_code: str
    property_name: str
    client: str
    custodian: str
    period_label: str
    issued_on: date
    sections: tuple[Section, ...]
    language: Language
    footer_note: str = ""
    period_name: str = ""
    """What the period is called on the cover: a contract has a term; empty for that of a report."""


def pack_file_name(pack: Pack, extension: str, period: str | None = None) -> str:
    """Return a file name for a rendered pack that every file system and mail client takes.

    Args:
        pack: The pack.
        extension: Without the dot, for example "pdf".
        period: in its sorting form, such as 2027-03; without it the words of the cover.
    """
    words = (pack.engagement_code, period or pack.period_label, pack.title)
    stem = "_".join(
        re.sub("-+", "-", "".join(c if c.isalnum() or c in "-." else "-" for c in word)).strip("-.")[:40]
        for word in words
    )
    return f"{stem.strip('_') or 'pack'}.{extension}"
