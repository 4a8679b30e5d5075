"""How does a table fit the width of a terminal without a word cut in two?"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_FRAME = 3
"""What each column takes beside its text; one more closes the table."""
_LONGEST_WORD = 40
"""A longer run of letters, such as a hash, is folded: no table has room for it."""
_LEAST_CHINESE = 8
"""Four signs side by side."""
_WORD = re.compile(r"[\x21-\x7e]+")  # Chinese breaks between any two signs


def print_table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    title: str,
    *,
    less: Sequence[str] = (),
    right: Iterable[int] = (),
    console: Console | None = None,
) -> None:
    """Print rows under their headings, each column at least as wide as its longest word.

    A column without a value in any row is left out. Where the terminal is too narrow, the less important columns
    are left out, and it is said which; where that is not enough, each row is printed as lines of heading and value:
    a code can be copied whole, and no word is broken.

    Args:
        heads: the headings.
        rows: the cells, as they shall be read; no markup in them is obeyed.
        title: of the table.
        less: headings that may be left out, the least important first.
        right: numbers of the columns that are aligned to the right.
        console: where to; standard output by default.
    """
    out = console or Console()
    kept = [number for number, _head in enumerate(heads) if any(row[number] for row in rows)]
    gone: list[str] = []
    widths = column_widths(*_chosen(heads, rows, kept), out.width)
    for head in less:
        if widths is None and head in heads and (number := heads.index(head)) in kept:
            kept.remove(number)
            gone.append(head)
            widths = column_widths(*_chosen(heads, rows, kept), out.width)
    if widths is None:
        out.print(Text(title, style="italic"), soft_wrap=True)
        for line in _records(heads, rows):
            out.print(line)
        return
    table = Table(title=Text(title), title_justify="left")
    aligned = set(right)
    for number, width in zip(kept, widths, strict=True):
        justify: Literal["right", "left"] = "right" if number in aligned else "left"
        table.add_column(Text(heads[number]), overflow="fold", width=width, justify=justify)
    for row in rows:
        # Text from files and people is shown as it is: a "[red]" in it is no markup.
        table.add_row(*(Text(row[number]) for number in kept))
    out.print(table)
    if gone:
        out.print(Text(f"Not shown for want of room: {', '.join(gone)} (--json shows all)."), soft_wrap=True)


def _chosen(
    heads: Sequence[str], rows: Sequence[Sequence[str]], kept: Sequence[int]
) -> tuple[list[str], list[list[str]]]:
    return [heads[number] for number in kept], [[row[number] for number in kept] for row in rows]


def column_widths(heads: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """The width of each column in `room` letters; None where not even the longest words fit side by side."""
    columns = [[head, *(row[number] for row in rows)] for number, head in enumerate(heads)]
    least = [max((_longest_word(text) for text in column), default=1) for column in columns]
    wanted = [max(_longest_line(text) for text in column) for column in columns]
    left = room - _FRAME * len(heads) - 1 - sum(least)
    if left < 0:
        return None
    widths = list(least)
    # What is left goes, letter by letter, to the column that would otherwise be folded into most lines.
    while left and any(wide < want for wide, want in zip(widths, wanted, strict=True)):
        most = max(range(len(widths)), key=lambda number: wanted[number] / widths[number])
        widths[most] += 1
        left -= 1
    return widths


def _longest_word(text: str) -> int:
    longest = max((len(word) for word in _WORD.findall(text)), default=2)
    if not text.isascii():  # Chinese breaks anywhere, but two signs a line stand like a tower
        longest = max(longest, min(_longest_line(text), _LEAST_CHINESE))
    return min(longest, _LONGEST_WORD)


def _longest_line(text: str) -> int:
    return max((cell_len(line) for line in text.split("\n")), default=1) or 1


def _records(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Table | Padding]:
    label = max(cell_len(head) for head in heads)
    for row in rows:
        lines = Table.grid(padding=(0, 2, 0, 0))
        lines.add_column(width=label)
        lines.add_column(overflow="fold")
        for head, cell in zip(heads, row, strict=True):
            if cell:
                lines.add_row(Text(head, style="bold"), Text(cell))
        yield Padding(lines, (0, 0, 1, 2))
