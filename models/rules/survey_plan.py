"""What is to be found out from a file of answers, and how was it asked? The plan of a survey analysis."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from models.rules.satisfaction import MINIMUM_CELL
from models.rules.survey_tests import DeclaredControl, ScreenControl
from models.rules.survey_weights import TRIM, Weighting

ALL = "all"
"""The group of all answers; no group of a file may have this name."""


class ScaleKind(StrEnum):
    """What an answer on a scale means."""

    RATING = "rating"
    """1 to k, k best: share satisfied and index."""
    RECOMMENDATION = "recommendation"
    """0 to 10: promoters less detractors."""


class Duplicates(StrEnum):
    """Which of several answers with one code counts; the others are rejected."""

    FIRST = "first"
    LAST = "last"
    """As in the English Tenant Satisfaction Measures."""


@dataclass(frozen=True)
class Scale:
    """The values an answer may take and the words people write for them."""

    name: str
    kind: ScaleKind
    values: tuple[int, ...]
    words: Mapping[str, int]
    """Further ways to write a value, in lower case: 很满意, very satisfied."""
    satisfied: frozenset[int] = frozenset()
    not_applicable: frozenset[str] = frozenset()
    """What stands for "does not apply" besides an empty cell, in lower case."""

    @property
    def low(self) -> int:
        """The worst value."""
        return self.values[0]

    @property
    def high(self) -> int:
        """The best value."""
        return self.values[-1]

    def shown(self) -> str:
        """The values as a person is told them."""
        return f"{self.low} to {self.high}"


@dataclass(frozen=True)
class PlanItem:
    """One question: its code stands for one wording and one scale for ever."""

    code: str
    column: str
    en: str
    zh: str
    scale: Scale
    target: float | None = None
    """Share satisfied that was promised, 0 to 1."""
    reverse: bool = False
    """True where the lowest value is the best answer; it is turned round when it is read."""
    households: int | None = None
    """Whom it was asked of; all households where None."""

    @property
    def satisfied(self) -> frozenset[int]:
        """The values, as read, that count as satisfied."""
        if not self.reverse:
            return self.scale.satisfied
        return frozenset(self.scale.low + self.scale.high - value for value in self.scale.satisfied)


@dataclass(frozen=True)
class Columns:
    """Names of the other columns of the file; empty where the file has none."""

    token: str = ""
    answered_at: str = ""
    mode: str = ""
    wave: str = ""
    stratum: str = ""
    cluster: str = ""
    weight: str = ""
    comment: str = ""


@dataclass(frozen=True)
class PopulationMargin:
    """How many households each group has; several columns make a joint margin, its values joined by `|`."""

    columns: tuple[str, ...]
    counts: Mapping[str, float]

    @property
    def name(self) -> str:
        """The columns in one word."""
        return " x ".join(self.columns)


@dataclass(frozen=True)
class Population:
    """Whom the answers stand for."""

    households: int | None = None
    strata: Mapping[str, int] = field(default_factory=dict)
    """Households of each stratum: weights N_h / n_h and finite population correction."""
    clusters: int | None = None
    """First-stage clusters there are, for the correction of a cluster sample."""
    margins: tuple[PopulationMargin, ...] = ()
    groups: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Households of a group, by (column, group), for its finite population correction where answers are not weighted."""


@dataclass(frozen=True)
class ItemSet:
    """Items that are meant to measure one thing."""

    name: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class SurveyPlan:
    """Everything an analysis needs besides the answers."""

    title: str
    language: Literal["zh", "en"]
    items: tuple[PlanItem, ...]
    overall: str
    columns: Columns = Columns()
    confidence: float = 0.95
    minimum: int = MINIMUM_CELL
    opens: datetime | None = None
    closes: datetime | None = None
    duplicates: Duplicates = Duplicates.LAST
    modes: tuple[str, ...] = ()
    """Allowed modes; any where empty."""
    population: Population = Population()
    weighting: Weighting = Weighting.RAKING
    trim: tuple[float, float] | None = TRIM
    groups: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    """Names of the waves in order; the last is the one reported on."""
    wave_control: DeclaredControl = DeclaredControl.HOLM
    """Of the comparisons with the wave before."""
    group_control: ScreenControl = ScreenControl.BENJAMINI_HOCHBERG
    """Of the comparisons of groups."""
    index: Mapping[str, float] = field(default_factory=dict)
    """Weight of each item in the index."""
    drivers: tuple[str, ...] = ()
    sets: tuple[ItemSet, ...] = ()
    invited: int | None = None
    dispositions: Mapping[str, int] = field(default_factory=dict)
    themes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name of a theme to words that mark a comment as belonging to it."""

    def item(self, code: str) -> PlanItem:
        """The item of a code."""
        return next(item for item in self.items if item.code == code)

    @property
    def grouping_columns(self) -> tuple[str, ...]:
        """Columns whose values are kept: groups and margins."""
        named = (*self.groups, *(column for m in self.population.margins for column in m.columns))
        return tuple(dict.fromkeys(named))
