"""Which date, amount or whole number did somebody write into a cell? What can be read in two ways is refused."""

import re
import unicodedata
from datetime import date
from decimal import Decimal

_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[Tt ]\d{2}:\d{2}(?::\d{2})?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_DAY_NAMED = re.compile(r"(\d{1,2})[- ]([a-z]{3,9})\.?[- ,]+(\d{4})")
_MONTH_NAMED = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:,| |, )(\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_AMOUNT = re.compile(r"(?:[¥$£€]|cny|rmb|usd|gbp|eur)? ?(\d{1,3}(?:,\d{3})+|\d{1,12})(\.\d{1,6})? ?元?")
EARLIEST = date(1950, 1, 1)
"""A building's papers and its machines' records are younger; an earlier date is a slip of the pen."""


class ValueDoubted(ValueError):
    """A cell cannot be read, or not in one way only; the text says what was expected."""


def plain_text(text: str) -> str:
    """Full-width forms made plain, spaces at the ends and in rows taken out, control characters dropped."""
    if text.isascii() and text.isprintable():  # nothing to make plain or to drop: most cells of long files
        return " ".join(text.split())
    kept = "".join(
        " " if char in "\t\r\n" else char
        for char in unicodedata.normalize("NFKC", text)
        if char in "\t\r\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return " ".join(kept.split())


def prose(text: str) -> str:
    """A text that is read and printed: as `plain_text`, but signs stay as they were written, full-width ones too."""
    kept = "".join(
        " " if char in "\t\r\n" else char
        for char in text
        if char in "\t\r\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return " ".join(kept.split())


def read_date(text: str, last: date) -> date:
    """The day that was written: 2024-03-05, 2024/3/5, 2024年3月5日, 20240305, 5 Mar 2024 or 25/03/2024.

    Args:
        text: the cell.
        last: the last day that can be meant; what was done lies not in the future.

    Raises:
        ValueDoubted: no such day, day and month could be swapped, before 1950 or after `last`.
    """
    written = plain_text(text).lower()
    found = _read_year_first(written) or _read_year_last(written) or _read_named(written)
    if found is None:
        raise ValueDoubted("is no date; expected year-month-day such as 2024-03-05")
    try:
        day = date(*found)
    except ValueError as error:
        raise ValueDoubted("is no day of the calendar; expected year-month-day such as 2024-03-05") from error
    if day < EARLIEST:
        raise ValueDoubted(f"lies before {EARLIEST.year}")
    if day > last:
        raise ValueDoubted(f"lies after {last.isoformat()}")
    return day


def _read_year_first(text: str) -> tuple[int, int, int] | None:
    match = _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _read_year_last(text: str) -> tuple[int, int, int] | None:
    match = _YEAR_LAST.fullmatch(text)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    if first <= 12 and second <= 12 and first != second:
        raise ValueDoubted(
            "could be read with day and month swapped; write year-month-day such as 2024-03-05"
        )
    return (year, first, second) if first <= 12 else (year, second, first)


def _read_named(text: str) -> tuple[int, int, int] | None:
    if match := _DAY_NAMED.fullmatch(text):
        day, name, year = match[1], match[2], match[3]
    elif match := _MONTH_NAMED.fullmatch(text):
        name, day, year = match[1], match[2], match[3]
    else:
        return None
    for names in (_MONTHS, _LONG_MONTHS):
        if name in names:
            return int(year), names.index(name) + 1, int(day)
    return None


def read_amount(text: str, places: int = 2) -> Decimal | None:
    """An amount of 0 or more with at most `places` decimals; None for an empty cell.

    Raises:
        ValueDoubted: anything else; a comma as decimal point is not guessed.
    """
    written = plain_text(text).lower()
    if written in ("", "n/a", "-", "—"):
        return None
    match = _AMOUNT.fullmatch(written)
    if match is None:
        raise ValueDoubted("is no amount of 0 or more; expected a figure such as 1250.00")
    value = Decimal(match[1].replace(",", "") + (match[2] or ""))
    exact = value.quantize(Decimal(1).scaleb(-places))
    if exact != value:
        raise ValueDoubted(f"has more than {places} decimal places")
    return exact


def read_count(text: str, most: int = 100_000) -> int | None:
    """A whole number from 0 to `most`; None for an empty cell.

    Raises:
        ValueDoubted: anything else.
    """
    written = plain_text(text)
    if not written:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", written) or int(written) > most:
        raise ValueDoubted(f"is no whole number from 0 to {most}")
    return int(written)
