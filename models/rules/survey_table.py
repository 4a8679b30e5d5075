"""Where do the answers of a survey stand for reckoning? In columns of numbers: a million rows fit in little memory."""

import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.rules.survey_plan import Duplicates, SurveyPlan
from models.rules.survey_rows import GoodRow
from models.rules.survey_weights import Codes, Vector

COMMENTS_KEPT = 200
"""Comments kept for each wave and theme, chosen by a hash of the text: which are shown says nothing about order."""
MOST_GROUPS = 5_000
"""Different values of one grouping column; more are no groups."""
_HAS_COMMENT = 1 << 62


@dataclass(frozen=True)
class Labels:
    """A column of names, as codes into their list."""

    names: tuple[str, ...]
    codes: Codes

    def chosen(self, name: str) -> npt.NDArray[np.bool_]:
        """Which answers bear the name."""
        return np.asarray(
            self.codes == (self.names.index(name) if name in self.names else -1), dtype=np.bool_
        )


@dataclass(frozen=True)
class AnswerTable:
    """The accepted answers; every array has one row for each."""

    values: npt.NDArray[np.int16]
    """A column for each item of the plan; -1 without an answer."""
    complete: npt.NDArray[np.bool_]
    mode: Labels
    wave: Labels
    stratum: Labels
    cluster: Labels
    weight: Vector
    columns: dict[str, Labels]
    """Grouping columns by name."""
    themes: npt.NDArray[np.int64]
    comments: tuple[tuple[int, str], ...]
    """(row, text) of the comments that were kept."""

    def __len__(self) -> int:
        """How many answers were accepted."""
        return len(self.weight)

    def part(self, chosen: npt.NDArray[np.bool_]) -> "AnswerTable":
        """The chosen answers only."""
        place = np.cumsum(chosen) - 1

        def cut(labels: Labels) -> Labels:
            return Labels(labels.names, labels.codes[chosen])

        return AnswerTable(
            self.values[chosen],
            self.complete[chosen],
            cut(self.mode),
            cut(self.wave),
            cut(self.stratum),
            cut(self.cluster),
            self.weight[chosen],
            {name: cut(labels) for name, labels in self.columns.items()},
            self.themes[chosen],
            tuple((int(place[row]), text) for row, text in self.comments if chosen[row]),
        )

    def commented(self) -> npt.NDArray[np.bool_]:
        """Which answers hold a comment."""
        return np.asarray((self.themes & _HAS_COMMENT) != 0, dtype=np.bool_)

    def in_theme(self, number: int) -> npt.NDArray[np.bool_]:
        """Whose comment belongs to a theme of the plan, by its place."""
        return np.asarray((self.themes >> number & 1) != 0, dtype=np.bool_)


@dataclass
class _Names:
    known: dict[str, int] = field(default_factory=dict)
    codes: "array[int]" = field(default_factory=lambda: array("i"))

    def add(self, name: str) -> None:
        self.codes.append(self.known.setdefault(name, len(self.known)))

    def labels(self) -> Labels:
        return Labels(tuple(self.known), np.array(self.codes, dtype=np.int64))


@dataclass
class AnswerStore:
    """Takes good rows one by one."""

    plan: SurveyPlan
    numbers: "array[int]" = field(default_factory=lambda: array("q"))
    _values: "array[int]" = field(default_factory=lambda: array("h"))
    _complete: "array[int]" = field(default_factory=lambda: array("b"))
    _tokens: "array[int]" = field(default_factory=lambda: array("Q"))
    _times: "array[float]" = field(default_factory=lambda: array("d"))
    _weights: "array[float]" = field(default_factory=lambda: array("d"))
    _themes: "array[int]" = field(default_factory=lambda: array("q"))
    _places: dict[str, _Names] = field(default_factory=dict)
    _kept: dict[tuple[str, int], list[tuple[bytes, int, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = ("mode", "wave", "stratum", "cluster")
        self._places = {name: _Names() for name in (*names, *self._columns())}

    def _columns(self) -> tuple[str, ...]:
        return tuple(f"column {name}" for name in self.plan.grouping_columns)

    def add(self, number: int, row: GoodRow) -> None:
        """Keep a row; `number` is where a spreadsheet shows it."""
        at = len(self.numbers)
        self.numbers.append(number)
        self._values.extend(row.values)
        self._complete.append(row.complete)
        self._tokens.append(row.token)
        self._times.append(row.answered_at)
        self._weights.append(row.weight)
        for name, value in zip(
            self._places, (row.mode, row.wave, row.stratum, row.cluster, *row.groups), strict=True
        ):
            self._places[name].add(value)
        self._themes.append(self._theme_bits(at, row))

    def _theme_bits(self, at: int, row: GoodRow) -> int:
        if not row.comment:
            return 0
        plain = row.comment.lower()
        themes = [
            number
            for number, words in enumerate(self.plan.themes.values())
            if any(word in plain for word in words)
        ]
        digest = hashlib.blake2b(plain.encode(), digest_size=8).digest()
        for number in themes or [-1]:
            kept = self._kept.setdefault((row.wave, number), [])
            kept.append((digest, at, row.comment))
            if len(kept) > 2 * COMMENTS_KEPT:
                kept.sort()
                del kept[COMMENTS_KEPT:]
        return _HAS_COMMENT | sum(1 << number for number in themes)

    def crowded_column(self) -> str | None:
        """A grouping column with too many different values, such as one that holds a name."""
        return next(
            (
                name.removeprefix("column ")
                for name in self._columns()
                if len(self._places[name].known) > MOST_GROUPS
            ),
            None,
        )

    def finish(self) -> tuple[AnswerTable, tuple[tuple[int, int], ...]]:
        """The table of what is accepted, and (row, row that counts instead) of each repeated code."""
        tokens = np.array(self._tokens, dtype=np.uint64)
        times = np.array(self._times)
        numbers = np.array(self.numbers, dtype=np.int64)
        wave = np.array(self._places["wave"].codes, dtype=np.int64)
        direction = -1.0 if self.plan.duplicates is Duplicates.LAST else 1.0
        order = np.lexsort((direction * numbers, direction * times, wave, tokens))
        same = np.zeros(len(tokens), dtype=bool)
        winner = np.arange(len(tokens))
        if len(tokens) > 1:
            sorted_tokens, sorted_waves = tokens[order], wave[order]
            repeated = (
                (sorted_tokens[1:] == sorted_tokens[:-1])
                & (sorted_waves[1:] == sorted_waves[:-1])
                & (sorted_tokens[1:] != 0)
            )
            start = np.maximum.accumulate(
                np.where(np.concatenate([[True], ~repeated]), np.arange(len(tokens)), 0)
            )
            same[order[1:]] = repeated
            winner[order] = order[start]
        table = AnswerTable(
            np.array(self._values, dtype=np.int16).reshape(-1, len(self.plan.items)),
            np.array(self._complete, dtype=bool),
            self._places["mode"].labels(),
            self._places["wave"].labels(),
            self._places["stratum"].labels(),
            self._places["cluster"].labels(),
            np.array(self._weights),
            {name: self._places[f"column {name}"].labels() for name in self.plan.grouping_columns},
            np.array(self._themes, dtype=np.int64),
            tuple(self._chosen_comments()),
        )
        repeats = np.flatnonzero(same)
        return table.part(~same), tuple((int(numbers[row]), int(numbers[winner[row]])) for row in repeats)

    def _chosen_comments(self) -> Iterator[tuple[int, str]]:
        chosen = {
            (digest, at): text
            for kept in self._kept.values()
            for digest, at, text in sorted(kept)[:COMMENTS_KEPT]
        }
        for (_, at), text in sorted(chosen.items()):
            yield at, text
