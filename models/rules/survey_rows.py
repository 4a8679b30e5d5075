"""Can this row of answers be taken, and what does it say? One judgement for every way answers come in."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from models.rules.survey_plan import PlanItem, ScaleKind, SurveyPlan

NO_ANSWER = -1
COMPLETE_SHARE = 0.8
PARTIAL_SHARE = 0.5
"""Of the items, answered or not applicable: 80% make a complete answer, 50% a partial one, less a break-off."""
LONGEST_COMMENT = 500
_CHINESE_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日\s*")
_MOST_WORDS = 10_000
_EMPTY = frozenset({"", "n/a", "na", "-", "不适用", "不清楚", "不知道", "-99"})


@dataclass(frozen=True)
class Doubt:
    """Why a row is not taken: column, value as written (empty where it may tell who answered), what was expected."""

    column: str
    value: str
    reason: str
    kind: str
    """The reason in one word, for counting."""


class _Doubted(Exception):
    """Carries a doubt out of the reading of a row."""

    def __init__(self, column: str, value: str, reason: str, kind: str) -> None:
        super().__init__(reason)
        self.doubt = Doubt(column, value, reason, kind)


@dataclass(frozen=True, slots=True)
class GoodRow:
    """What a row says, as numbers and short texts."""

    values: tuple[int, ...]
    complete: bool
    token: int
    """64 bits of a hash; 0 without a token."""
    answered_at: float
    """Seconds, for the order of two answers with one code."""
    mode: str
    wave: str
    stratum: str
    cluster: str
    weight: float
    groups: tuple[str, ...]
    comment: str


@dataclass
class RowJudge:
    """Judges rows of one file against a plan; remembers how a text was read, so that a million rows are quick."""

    plan: SurveyPlan
    _known: list[dict[str, int | None]] = field(default_factory=list)
    _grouping: tuple[str, ...] = ()
    _instants: dict[str, float] = field(default_factory=dict)
    _listed: tuple[tuple[str, frozenset[str], str], ...] = ()

    def __post_init__(self) -> None:
        plan, columns = self.plan, self.plan.columns
        self._known = [{} for _ in plan.items]
        self._grouping = plan.grouping_columns
        listed = (
            (columns.mode, frozenset(plan.modes), "mode"),
            (columns.wave, frozenset(plan.waves), "wave"),
            (columns.stratum, frozenset(plan.population.strata), "stratum"),
        )
        self._listed = tuple(entry for entry in listed if entry[0] and entry[1])

    def judge(self, row: Mapping[str, str]) -> GoodRow | Doubt:
        """What the row says, or why it is not taken.

        Args:
            row: column name to text; every column of the plan is there.
        """
        try:
            return self._read(row)
        except _Doubted as error:
            return error.doubt

    def _read(self, row: Mapping[str, str]) -> GoodRow:
        columns = self.plan.columns
        if "\ufffd" in "".join(row.values()):
            raise _Doubted("", "", "the row is in another encoding than the file", "encoding")
        values = tuple(
            [
                self._value(item, known, row[item.column])
                for item, known in zip(self.plan.items, self._known, strict=True)
            ]
        )
        when = self._when(row[columns.answered_at]) if columns.answered_at else 0.0
        complete = self._extent(row, values)
        self._check_place(row)
        token = self._some(row, columns.token, "expected the code of the invitation", "token")
        return GoodRow(
            values,
            complete,
            token_hash(token) if token else 0,
            when,
            _plain(row[columns.mode]).lower() if columns.mode else "",
            _plain(row[columns.wave]) if columns.wave else "",
            self._some(row, columns.stratum, "expected the stratum of the answer", "stratum"),
            self._some(row, columns.cluster, "expected the cluster of the answer", "cluster"),
            _weight(row[columns.weight], columns.weight) if columns.weight else 1.0,
            tuple(
                self._some(row, column, "expected the group of the answer", "group")
                for column in self._grouping
            ),
            row[columns.comment].strip()[:LONGEST_COMMENT] if columns.comment else "",
        )

    def _value(self, item: PlanItem, known: dict[str, int | None], text: str) -> int:
        value = known.get(text, -2)
        if value == -2:
            value = read_value(text, item)
            if len(known) < _MOST_WORDS:
                known[text] = value
        if value is None:
            reason = f"expected {item.scale.shown()}, a word of scale {item.scale.name!r}, or empty"
            raise _Doubted(item.column, text[:80], reason, "value")
        return value

    @staticmethod
    def _some(row: Mapping[str, str], column: str, reason: str, kind: str) -> str:
        """The text of a column that must hold one; empty where the plan names no column."""
        text = _plain(row[column]) if column else ""
        if column and not text:
            raise _Doubted(column, "", reason, kind)
        return text

    def _when(self, text: str) -> float:
        plan, column = self.plan, self.plan.columns.answered_at
        if text in self._instants:
            return self._instants[text]
        when = read_time(text)
        if when is None:
            raise _Doubted(column, text[:80], "expected a time such as 2027-01-25T18:30", "time")
        if plan.closes is not None and when > plan.closes:
            raise _Doubted(column, text[:80], f"answered after the survey closed at {plan.closes}", "late")
        if plan.opens is not None and when < plan.opens:
            raise _Doubted(column, text[:80], f"answered before the survey opened at {plan.opens}", "early")
        seconds = when.replace(tzinfo=UTC).timestamp()
        if len(self._instants) < _MOST_WORDS:
            self._instants[text] = seconds
        return seconds

    def _extent(self, row: Mapping[str, str], values: Sequence[int]) -> bool:
        """Whether the answer is complete; a break-off is doubted."""
        if NO_ANSWER not in values:
            return True
        given = sum(
            value != NO_ANSWER or bool(row[item.column].strip())
            for value, item in zip(values, self.plan.items, strict=True)
        )
        if all(value == NO_ANSWER for value in values):
            raise _Doubted("", "", "no item was answered", "empty")
        if given < PARTIAL_SHARE * len(values):
            reason = f"{given} of {len(values)} items answered; expected at least half"
            raise _Doubted("", "", reason, "break_off")
        return given >= COMPLETE_SHARE * len(values)

    def _check_place(self, row: Mapping[str, str]) -> None:
        """The columns whose values the plan lists."""
        for column, allowed, kind in self._listed:
            text = _plain(row[column])
            if (text.lower() if kind == "mode" else text) not in allowed:
                shown = ", ".join(sorted(allowed)[:10])
                raise _Doubted(column, row[column][:80], f"expected {shown}", kind)
        for entry in self.plan.population.margins:
            value = "|".join(_plain(row[column]) for column in entry.columns)
            if value not in entry.counts:
                shown = ", ".join(list(entry.counts)[:10])
                raise _Doubted(entry.name, value[:80], f"expected one of {shown}", "margin")


def read_value(text: str, item: PlanItem) -> int | None:
    """The value of an answer, `NO_ANSWER` where the item does not apply, None where it cannot be read.

    Full-width digits, "4.0" and the words of the scale are understood. A reversed item is turned round.
    """
    plain = _plain(text).lower()
    scale = item.scale
    if plain in scale.words:
        value = scale.words[plain]
    elif plain in scale.not_applicable or plain in _EMPTY:
        return NO_ANSWER
    else:
        whole = plain[:-2] if plain.endswith(".0") else plain
        if not (whole.isascii() and whole.isdecimal() and len(whole) <= 3):
            return None
        value = int(whole)
    if value not in scale.values:
        return None
    if item.reverse and scale.kind is ScaleKind.RATING:
        return scale.low + scale.high - value
    return value


def read_time(text: str) -> datetime | None:
    """A time of the survey's own zone: 2027-01-25, 2027-01-25T18:30, 2027/1/25 18:30:05, 2027年1月25日; None if it is none."""
    plain = _CHINESE_DAY.sub(r"\1-\2-\3 ", _plain(text)).strip().replace("/", "-").replace(" ", "T", 1)
    try:
        when = datetime.fromisoformat(plain)
    except ValueError:
        day, _, clock = plain.partition("T")
        parts = day.split("-")
        if len(parts) != 3 or not all(part.isdecimal() for part in parts):
            return None
        try:
            clock = ":".join(part.zfill(2) for part in clock.split(":")) if clock else "00:00"
            when = datetime.fromisoformat(f"{parts[0]:0>4}-{parts[1]:0>2}-{parts[2]:0>2}T{clock}")
        except ValueError:
            return None
    return when.replace(tzinfo=None)


def token_hash(token: str) -> int:
    """64 bits that stand for a code; letters in any case, dashes and spaces do not matter."""
    plain = token.upper().replace("-", "").replace(" ", "")
    return int.from_bytes(hashlib.blake2b(plain.encode(), digest_size=8).digest(), "big") or 1


def _weight(text: str, column: str) -> float:
    try:
        weight = float(_plain(text))
    except ValueError:
        weight = 0.0
    if not 0 < weight < 1e9:
        raise _Doubted(column, text[:80], "expected a weight above 0", "weight")
    return weight


def _plain(text: str) -> str:
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()
