"""How good is the condition of an element, of a building, and how long will it last?

After NEN 2767-1 (severity x intensity x extent -> score 1 to 6). The tables here were written down from
memory and not read in the standard: a scheme says so (`verified`), and so must every report showing a score.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from types import MappingProxyType


class Severity(StrEnum):
    """How far a defect touches what the element is for (NEN 2767: gering, serieus, ernstig)."""

    MINOR = "minor"
    SERIOUS = "serious"
    CRITICAL = "critical"


SCORE_LABELS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        1: ("Excellent", "优"),
        2: ("Good", "良"),
        3: ("Fair", "一般"),
        4: ("Mediocre", "较差"),
        5: ("Bad", "差"),
        6: ("Very bad", "很差"),
    }
)
"""English and Chinese label of each score; 1 is best."""

EXTENT_LIMITS = (Decimal("0.02"), Decimal("0.10"), Decimal("0.30"), Decimal("0.70"))
"""Where extent classes 2 to 5 begin, as a share of the element: 2, 10, 30, 70 % (from memory)."""
_EXTENT_MIDDLES = (Decimal("0.01"), Decimal("0.06"), Decimal("0.20"), Decimal("0.50"), Decimal("0.85"))


@dataclass(frozen=True)
class ConditionScheme:
    """The tables that turn defects into scores; data, because their edition and proof must be nameable."""

    name: str
    matrix: Mapping[tuple[Severity, int], tuple[int, int, int, int, int]]
    """(severity, intensity 1 low to 3 advanced) -> score for extent classes 1 to 5."""
    factors: tuple[Decimal, Decimal, Decimal, Decimal, Decimal, Decimal]
    """Correction factor of scores 1 to 6, used when several are averaged."""
    bands: tuple[Decimal, Decimal, Decimal, Decimal, Decimal]
    """Highest average factor that still is score 1, 2, 3, 4, 5; above the last it is 6."""
    verified: bool = False
    """Whether somebody compared the tables with the text of the standard."""

    def banded(self, average_factor: Decimal) -> int:
        """The score 1 to 6 that an average correction factor stands for."""
        return 1 + sum(average_factor > limit for limit in self.bands)


NEN_2767_RECALLED = ConditionScheme(
    name="After NEN 2767-1:2019 (recalled, not compared with the standard)",
    matrix=MappingProxyType(
        {
            (Severity.CRITICAL, 3): (2, 3, 4, 5, 6),
            (Severity.CRITICAL, 2): (1, 2, 3, 4, 5),
            (Severity.CRITICAL, 1): (1, 1, 2, 3, 4),
            (Severity.SERIOUS, 3): (1, 2, 3, 4, 5),
            (Severity.SERIOUS, 2): (1, 1, 2, 3, 4),
            (Severity.SERIOUS, 1): (1, 1, 1, 2, 3),
            (Severity.MINOR, 3): (1, 1, 2, 3, 4),
            (Severity.MINOR, 2): (1, 1, 1, 2, 3),
            (Severity.MINOR, 1): (1, 1, 1, 1, 2),
        }
    ),
    factors=(Decimal("1.0"), Decimal("1.02"), Decimal("1.1"), Decimal("1.3"), Decimal("1.7"), Decimal("2.0")),
    bands=(Decimal("1.01"), Decimal("1.04"), Decimal("1.15"), Decimal("1.4"), Decimal("1.78")),
)


@dataclass(frozen=True)
class Defect:
    """One defect seen on one element.

    Raises:
        ValueError: intensity, extent or part out of range, or a part that lies in another extent class.
    """

    severity: Severity
    intensity: int
    """1 low, 2 middle, 3 advanced."""
    extent: int
    """Class 1 to 5 of the share of the element touched."""
    part: Decimal | None = None
    """The share itself (0 to 1) where it was measured; else the middle of the class stands for it."""

    def __post_init__(self) -> None:
        if self.intensity not in (1, 2, 3):
            raise ValueError(
                f"Intensity {self.intensity} is not a class: expected 1 (low), 2 or 3 (advanced)."
            )
        if self.extent not in (1, 2, 3, 4, 5):
            raise ValueError(f"Extent {self.extent} is not a class: expected 1 to 5.")
        if self.part is not None and extent_class(self.part) != self.extent:
            raise ValueError(
                f"A part of {self.part} lies in extent class {extent_class(self.part)}, "
                f"not in class {self.extent} as given."
            )

    @property
    def weight(self) -> Decimal:
        """The share of the element that the defect stands for in an average."""
        return _EXTENT_MIDDLES[self.extent - 1] if self.part is None else self.part


@dataclass(frozen=True)
class ElementCondition:
    """The condition of one element."""

    score: int
    """1 to 6, over all defects."""
    worst_score: int
    """The score of the worst single defect: an average may hide one dangerous spot among harmless ones."""
    scheme: str
    verified: bool


@dataclass(frozen=True)
class BuildingCondition:
    """The condition of a group of elements, weighted by what it would cost to replace them."""

    score: int | None
    """1 to 6; None where no element has a replacement value: there is nothing to weigh by."""
    average_factor: Decimal | None
    replacement_value: Decimal
    scheme: str
    verified: bool


def extent_class(part: Decimal) -> int:
    """The extent class 1 to 5 of a share of the element.

    Raises:
        ValueError: the share is not above 0 and at most 1.
    """
    if not 0 < part <= 1:
        raise ValueError(f"A part of {part} is not a share of the element: expected above 0 and at most 1.")
    return 1 + sum(part >= limit for limit in EXTENT_LIMITS)


def defect_score(defect: Defect, scheme: ConditionScheme = NEN_2767_RECALLED) -> int:
    """The score 1 (excellent) to 6 (very bad) of a single defect, read from the scheme's matrix."""
    return scheme.matrix[(defect.severity, defect.intensity)][defect.extent - 1]


def element_condition(
    defects: Sequence[Defect], scheme: ConditionScheme = NEN_2767_RECALLED
) -> ElementCondition:
    """The condition of an element from its defects: sum(part x factor) / sum(part), banded; none found is 1.

    Source: NEN 2767-1 as recalled in the project's notes. With one defect it is that defect's own score.
    """
    scores = [defect_score(defect, scheme) for defect in defects]
    if not scores:
        return ElementCondition(1, 1, scheme.name, scheme.verified)
    parts = sum((defect.weight for defect in defects), Decimal(0))
    corrected = sum(
        (defect.weight * scheme.factors[score - 1] for defect, score in zip(defects, scores, strict=True)),
        Decimal(0),
    )
    return ElementCondition(scheme.banded(corrected / parts), max(scores), scheme.name, scheme.verified)


def building_condition(
    elements: Iterable[tuple[int, Decimal]], scheme: ConditionScheme = NEN_2767_RECALLED
) -> BuildingCondition:
    """The condition of a building from (score, replacement value) of its elements.

    sum(value x factor) / sum(value), banded. Source: as `element_condition`; the weights are the owner's.

    Raises:
        ValueError: a score outside 1 to 6 or a negative value.
    """
    total = corrected = Decimal(0)
    for score, value in elements:
        if score not in SCORE_LABELS:
            raise ValueError(f"{score} is not a condition score: expected 1 to 6.")
        if value < 0:
            raise ValueError(f"A replacement value of {value} is negative.")
        total += value
        corrected += value * scheme.factors[score - 1]
    if total == 0:
        return BuildingCondition(None, None, total, scheme.name, scheme.verified)
    average = corrected / total
    return BuildingCondition(scheme.banded(average), average, total, scheme.name, scheme.verified)


@dataclass(frozen=True)
class FacilityBands:
    """Where a facility condition index stops being good, fair or poor; tables differ, so each has a name."""

    name: str
    limits: tuple[tuple[Decimal, str], ...]
    """(highest index of the band, band), ascending."""
    beyond: str
    """The band above the last limit."""
    verified: bool = False
    """Whether somebody compared the bands with a primary source."""


FACILITY_BANDS = FacilityBands(
    name="0-5 % good, 5-10 % fair, 10-30 % poor, above 30 % critical (secondary source)",
    limits=((Decimal("0.05"), "good"), (Decimal("0.10"), "fair"), (Decimal("0.30"), "poor")),
    beyond="critical",
)


@dataclass(frozen=True)
class FacilityCondition:
    """A facility condition index: the higher, the worse."""

    index: Decimal | None
    """Deferred repair / replacement value; None without a replacement value."""
    band: str | None
    bands: str


def facility_condition(
    deferred_repair: Decimal, replacement_value: Decimal, bands: FacilityBands = FACILITY_BANDS
) -> FacilityCondition:
    """FCI = cost of deferred repair / current replacement value, both in the same money.

    Raises:
        ValueError: one of the amounts is negative.
    """
    if deferred_repair < 0 or replacement_value < 0:
        raise ValueError(
            f"Deferred repair {deferred_repair} and value {replacement_value} must not be negative."
        )
    if replacement_value == 0:
        return FacilityCondition(None, None, bands.name)
    index = deferred_repair / replacement_value
    band = next((name for limit, name in bands.limits if index <= limit), bands.beyond)
    return FacilityCondition(index, band, bands.name)


_DAYS_IN_YEAR = Decimal("365.2425")
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class RemainingLife:
    """What is left of an element's life, in years, on a day."""

    by_age_years: Decimal
    """Expected life less age; negative when the expected life is exceeded."""
    by_condition_years: Decimal | None
    """What the score leaves of the expected life; None where the element was not surveyed."""
    years: Decimal
    """The smaller of the two, never below 0: the figure to plan with."""
    ends_on: date
    expected_until: date
    """The end of the expected life by age alone: past where it is outlived."""

    @property
    def outlived(self) -> bool:
        """Whether the element is older than it was expected to become."""
        return self.by_age_years < 0


def remaining_life(installed_on: date, expected_years: Decimal, score: int | None, on: date) -> RemainingLife:
    """Remaining life from age and, where surveyed, from condition; the cautious one is planned with.

    A score s leaves expected life x 2^(1 - s): the theoretical course score = 1 + log2(L / (L - t)) that goes
    with NEN 2767 (recalled, not verified). Years are rounded half-even to a tenth.

    Raises:
        ValueError: expected life not above 0, a score outside 1 to 6, or a day before the installation.
    """
    if expected_years <= 0:
        raise ValueError(f"An expected life of {expected_years} years is not above 0.")
    if on < installed_on:
        raise ValueError(f"On {on} the element installed on {installed_on} did not exist yet.")
    if score is not None and score not in SCORE_LABELS:
        raise ValueError(f"{score} is not a condition score: expected 1 to 6.")
    by_age = expected_years - Decimal((on - installed_on).days) / _DAYS_IN_YEAR
    by_condition = None if score is None else expected_years / 2 ** (score - 1)
    planned = max(Decimal(0), by_age if by_condition is None else min(by_age, by_condition))
    days_left = int((planned * _DAYS_IN_YEAR).to_integral_value(ROUND_HALF_EVEN))
    return RemainingLife(
        by_age_years=by_age.quantize(_TENTH, ROUND_HALF_EVEN),
        by_condition_years=None if by_condition is None else by_condition.quantize(_TENTH, ROUND_HALF_EVEN),
        years=planned.quantize(_TENTH, ROUND_HALF_EVEN),
        ends_on=on + timedelta(days=min(days_left, (date.max - on).days)),
        expected_until=installed_on
        + timedelta(days=min(int(expected_years * _DAYS_IN_YEAR), (date.max - installed_on).days)),
    )
