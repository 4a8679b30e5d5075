"""What does the text of one register cell mean: a name, a date, a sum, a span of time?"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

_LIST_BREAK = re.compile(r"[,，、;；\n]")
_ISO_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_CHINESE_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日?")
_OTHER_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_CURRENCY = re.compile(r"^(?:CNY|RMB|USD|EUR|GBP|[¥￥$€£])\s*|\s*(?:CNY|RMB|USD|EUR|GBP|元)$", re.IGNORECASE)
_AMOUNT = re.compile(r"\d{1,15}(?:\.\d{1,6})?")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?")
PLACEHOLDER_DATE = date(1900, 12, 31)
"""COBie's stand-in for "no date known" (NBIMS-US V3, section 4.2, default values)."""


class Unreadable(ValueError):
    """A cell holds something else than expected; the message says what was expected."""


class TimeUnit(StrEnum):
    """The units registers count time in."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_UNIT_WORDS: dict[TimeUnit, str] = {
    TimeUnit.MINUTE: "minute minutes min mins 分 分钟",
    TimeUnit.HOUR: "hour hours hr hrs h 时 小时",
    TimeUnit.DAY: "day days d 天 日",
    TimeUnit.WEEK: "week weeks wk wks 周 星期 礼拜",
    TimeUnit.MONTH: "month months mon mth mths 月 个月",
    TimeUnit.QUARTER: "quarter quarters qtr qtrs 季 季度 个季度",
    TimeUnit.YEAR: "year years yr yrs y 年",
}
_UNITS = {word: unit for unit, words in _UNIT_WORDS.items() for word in words.split()}
_AS_REQUIRED = frozenset(
    {"as required", "asrequired", "as needed", "on demand", "on condition", "when required"}
    | {"按需", "视情况", "必要时", "需要时"}
)
_RRULE_STEP = {
    TimeUnit.DAY: ("DAILY", 1),
    TimeUnit.WEEK: ("WEEKLY", 1),
    TimeUnit.MONTH: ("MONTHLY", 1),
    TimeUnit.QUARTER: ("MONTHLY", 3),
    TimeUnit.YEAR: ("YEARLY", 1),
}
_SMALLER = {
    TimeUnit.YEAR: (12, TimeUnit.MONTH),
    TimeUnit.QUARTER: (3, TimeUnit.MONTH),
    TimeUnit.WEEK: (7, TimeUnit.DAY),
    TimeUnit.DAY: (24, TimeUnit.HOUR),
    TimeUnit.HOUR: (60, TimeUnit.MINUTE),
}


@dataclass(frozen=True)
class Interval:
    """How often something is due: every `count` units."""

    count: int
    unit: TimeUnit

    @property
    def rrule(self) -> str:
        """The interval as an iCalendar rule (RFC 5545), or "" where it is shorter than a day."""
        count, unit = self.count, self.unit
        if unit is TimeUnit.HOUR and count % 24 == 0:
            count, unit = count // 24, TimeUnit.DAY
        if unit not in _RRULE_STEP:
            return ""
        step, factor = _RRULE_STEP[unit]
        return f"FREQ={step}" + (f";INTERVAL={count * factor}" if count * factor > 1 else "")


_ADVERBS: dict[str, Interval] = {
    "hourly": Interval(1, TimeUnit.HOUR),
    "daily": Interval(1, TimeUnit.DAY),
    "weekly": Interval(1, TimeUnit.WEEK),
    "fortnight": Interval(2, TimeUnit.WEEK),
    "fortnightly": Interval(2, TimeUnit.WEEK),
    "monthly": Interval(1, TimeUnit.MONTH),
    "quarterly": Interval(1, TimeUnit.QUARTER),
    "half-yearly": Interval(6, TimeUnit.MONTH),
    "half year": Interval(6, TimeUnit.MONTH),
    "semi-annual": Interval(6, TimeUnit.MONTH),
    "semiannual": Interval(6, TimeUnit.MONTH),
    "半年": Interval(6, TimeUnit.MONTH),
    "半月": Interval(15, TimeUnit.DAY),
    "yearly": Interval(1, TimeUnit.YEAR),
    "annual": Interval(1, TimeUnit.YEAR),
    "annually": Interval(1, TimeUnit.YEAR),
}
"""Units that already say how often. "Biannual" is missing on purpose: it is read both ways."""


@dataclass(frozen=True)
class Span:
    """A length of time as the register states it; `unit` is None where the register leaves it out."""

    value: Decimal
    unit: TimeUnit | None

    @property
    def hours(self) -> Decimal | None:
        """Working hours: a day of work is 8 hours, a week 40; longer units are no labour time."""
        factor = {
            TimeUnit.MINUTE: Decimal(1) / 60,
            TimeUnit.HOUR: Decimal(1),
            TimeUnit.DAY: Decimal(8),
            TimeUnit.WEEK: Decimal(40),
        }
        return self.value * factor[self.unit] if self.unit in factor else None

    @property
    def years(self) -> Decimal | None:
        """Calendar years, a year being 365.25 days; hours and minutes are no life time."""
        per_year = {
            TimeUnit.DAY: Decimal("365.25"),
            TimeUnit.WEEK: Decimal("365.25") / 7,
            TimeUnit.MONTH: Decimal(12),
            TimeUnit.QUARTER: Decimal(4),
            TimeUnit.YEAR: Decimal(1),
        }
        return self.value / per_year[self.unit] if self.unit in per_year else None


def cell_text(raw: str) -> str:
    """Strip a cell's text; `n/a`, COBie's word for "no value" (NBIMS-US V3, 4.2), becomes ""."""
    text = raw.strip()
    return "" if text.casefold() in {"n/a", "#n/a"} else text


def name_key(name: str) -> str:
    """Fold a name for comparison: width, case and runs of white space do not tell two names apart."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class NameIndex:
    """The names of one sheet, found in spite of case and spacing."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._most_breaks = 0

    def add(self, name: str) -> None:
        """Make a name known; the spelling that came first stays."""
        self._names.setdefault(name_key(name), name)
        self._most_breaks = max(self._most_breaks, len(_LIST_BREAK.findall(name)))

    def find(self, text: str) -> str | None:
        """Return the name as its own sheet spells it, or None if it is not known."""
        return self._names.get(name_key(text))

    def split(self, text: str) -> tuple[list[str], list[str]]:
        """Split a list cell into known names (own spelling, no repeats) and texts that are no known name.

        A name may itself hold a comma: at each place the longest known name wins.
        """
        spans = _item_spans(text)
        known: dict[str, None] = {}
        unknown: list[str] = []
        at = 0
        while at < len(spans):
            longest = min(len(spans), at + self._most_breaks + 1)
            for end in range(longest, at, -1):
                name = self.find(text[spans[at][0] : spans[end - 1][1]])
                if name is not None:
                    known[name] = None
                    at = end
                    break
            else:
                unknown.append(text[spans[at][0] : spans[at][1]].strip())
                at += 1
        return list(known), unknown


def _item_spans(text: str) -> list[tuple[int, int]]:
    starts = [0, *(found.end() for found in _LIST_BREAK.finditer(text))]
    ends = [*(found.start() for found in _LIST_BREAK.finditer(text)), len(text)]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if cell_text(text[start:end])]


def list_items(text: str) -> list[str]:
    """Split a list cell whose items need not be known names."""
    return [text[start:end].strip() for start, end in _item_spans(text)]


def read_date(text: str) -> date:
    """Read a day; the time of day and zone of an instant are dropped, the day stays as written.

    Raises:
        Unreadable: not a date, the register's placeholder, or day and month cannot be told apart.
    """
    found = _ISO_DATE.fullmatch(text) or _CHINESE_DATE.fullmatch(text)
    if found:
        year, month, day = (int(part) for part in found.groups())
    elif found := _OTHER_DATE.fullmatch(text):
        first, second, year = (int(part) for part in found.groups())
        if first <= 12 and second <= 12 and first != second:
            raise Unreadable("day and month cannot be told apart; expected a date such as 2024-05-31")
        day, month = (first, second) if second <= 12 else (second, first)
    else:
        raise Unreadable("expected a date such as 2024-05-31")
    try:
        read = date(year, month, day)
    except ValueError as error:
        raise Unreadable("this day does not exist; expected a date such as 2024-05-31") from error
    if read == PLACEHOLDER_DATE:
        raise Unreadable("1900-12-31 stands for an unknown date; the date is left empty")
    return read


def read_amount(text: str) -> Decimal:
    """Read a number of zero or more, with or without currency sign and thousands commas.

    Raises:
        Unreadable: not such a number; a decimal comma is not guessed at.
    """
    bare = _CURRENCY.sub("", unicodedata.normalize("NFKC", text).strip()).strip()
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    if not _AMOUNT.fullmatch(bare):
        raise Unreadable("expected a number such as 1250.00")
    try:
        return Decimal(bare)
    except InvalidOperation as error:
        raise Unreadable("expected a number such as 1250.00") from error


def read_unit(text: str) -> TimeUnit:
    """Read a unit of time in English or Chinese, singular, plural or short.

    Raises:
        Unreadable: not a known unit.
    """
    unit = _UNITS.get(name_key(text))
    if unit is None:
        raise Unreadable(f"expected a unit of time: {', '.join(TimeUnit)}")
    return unit


def is_as_required(text: str) -> bool:
    """Say whether a frequency cell means "no fixed interval"."""
    return name_key(text) in _AS_REQUIRED


def read_interval(count_text: str, unit_text: str) -> Interval:
    """Read a frequency from its two cells.

    A fraction becomes the next smaller unit ("0.5 year" is 6 months); it is refused where that is not whole.

    Raises:
        Unreadable: the count or the unit is missing or not understood.
    """
    word = name_key(unit_text).removeprefix("每").removeprefix("every ")
    adverb = _ADVERBS.get(word)
    if adverb is None and not count_text and word in _UNITS and word != name_key(unit_text):
        adverb = Interval(1, _UNITS[word])
    if adverb is not None:
        times = read_amount(count_text) if count_text else Decimal(1)
        return _whole_interval(times * adverb.count, adverb.unit)
    if not unit_text:
        raise Unreadable("expected a unit beside the frequency: day, week, month, quarter or year")
    unit = read_unit(word)
    if not count_text:
        raise Unreadable("expected a number beside the frequency's unit")
    return _whole_interval(read_amount(count_text), unit)


def _whole_interval(count: Decimal, unit: TimeUnit) -> Interval:
    while count != count.to_integral_value() and unit in _SMALLER:
        factor, unit = _SMALLER[unit]
        count *= factor
    if count < 1 or count != count.to_integral_value() or count > 10_000:
        raise Unreadable("expected a whole frequency of one or more")
    return Interval(int(count), unit)
