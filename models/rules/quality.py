"""What does a quality inspection come to, and when is the next look at a zone due? (B3, B4)

How often a zone is looked at follows its record, in the manner of the switching rules of acceptance sampling (ISO
2859-1, recalled; the figures are ours): twice as often after a failure until two looks in a row passed, half as often after
five in a row that passed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from models.rules.catalogue import Certainty, Label

HIGHEST = Decimal(100)
_TENTH = Decimal("0.1")
_RELAXES_AFTER = 2
_REDUCED_AFTER = 5


class QualitySubject(StrEnum):
    """What is inspected."""

    CLEANING = "cleaning"
    GREENING = "greening"


class SamplingMode(StrEnum):
    """How often a zone is looked at."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    """Twice as often: it failed a short while ago."""
    REDUCED = "reduced"
    """Half as often: it passed time after time."""
    AGAIN = "again"
    """What failed is to be looked at again."""


@dataclass(frozen=True)
class Criterion:
    """One line of a score sheet."""

    code: str
    label: Label
    weight: Decimal
    least: Decimal
    """Below this mark the whole inspection fails."""


@dataclass(frozen=True)
class ScoreSheet:
    """What is looked at in a kind of zone or at a group of plants."""

    code: str
    subject: QualitySubject
    label: Label
    activities: tuple[str, ...]
    general: bool
    """It stands for every activity of its subject that no other sheet names."""
    pass_mark: Decimal
    interval_days: int
    rework_hours: int
    source: str
    certainty: Certainty
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Score:
    """What an inspection came to."""

    value: Decimal
    """0 to 100, to a tenth; the verdict is made before it is rounded."""
    passed: bool
    below: tuple[str, ...]
    """The criteria below their own mark."""


@dataclass(frozen=True)
class Look:
    """One inspection of a zone, as its history holds it."""

    on: date
    passed: bool
    first: bool
    """False for the repetition of a failed one."""


@dataclass(frozen=True)
class NextLook:
    """When a zone is to be looked at again, and why then."""

    due_on: date
    mode: SamplingMode


def sheet_for(sheets: Sequence[ScoreSheet], subject: str, activity: str) -> ScoreSheet | None:
    """The sheet of an activity: the one that names it, else the general one of its subject."""
    mine = [sheet for sheet in sheets if sheet.subject.value == subject]
    named = next((sheet for sheet in mine if activity in sheet.activities), None)
    return named or next((sheet for sheet in mine if sheet.general), None)


def score_of(sheet: ScoreSheet, marks: Mapping[str, Decimal]) -> Score:
    """The score of marks by a sheet.

    Raises:
        ValueError: a criterion without a mark, one the sheet does not have, or a mark not from 0 to 100.
    """
    wanted = [criterion.code for criterion in sheet.criteria]
    if unknown := [code for code in marks if code not in wanted]:
        raise ValueError(f"{unknown[0][:40]!r} is no criterion of {sheet.code}; expected {', '.join(wanted)}")
    if missing := [code for code in wanted if code not in marks]:
        raise ValueError(
            f"{', '.join(missing)} of {sheet.code} has no mark; expected 0 to 100 for each criterion"
        )
    for code, mark in marks.items():
        if not mark.is_finite() or not 0 <= mark <= HIGHEST:
            raise ValueError(f"{code} is marked {mark}; expected 0 to 100")
    total = sum((criterion.weight for criterion in sheet.criteria), Decimal(0))
    weighted = sum((c.weight * marks[c.code] for c in sheet.criteria), Decimal(0))
    below = tuple(c.code for c in sheet.criteria if marks[c.code] < c.least)
    passed = not below and weighted >= sheet.pass_mark * total
    return Score((weighted / total).quantize(_TENTH, ROUND_HALF_EVEN), passed, below)


def next_look(
    history: Sequence[Look], interval_days: int, since: date, rework_hours: int, *, here: bool = True
) -> NextLook:
    """When the next look at a zone is due.

    Args:
        history: its inspections, oldest first.
        interval_days: of its sheet.
        since: the day from which it has been served; a zone nobody looked at yet is due one interval after it.
        rework_hours: of its sheet; what failed is looked at again when they are over.
        here: False where the last look was at a part of the zone, which is looked at again by itself.
    """
    if not history:
        return NextLook(since + timedelta(days=interval_days), SamplingMode.NORMAL)
    last = history[-1]
    if here and not last.passed:
        return NextLook(last.on + timedelta(days=-(-rework_hours // 24)), SamplingMode.AGAIN)
    mode = sampling_mode([look.passed for look in history if look.first])
    days = {
        SamplingMode.TIGHTENED: -(-interval_days // 2),
        SamplingMode.REDUCED: 2 * interval_days,
    }.get(mode, interval_days)
    return NextLook(last.on + timedelta(days=days), mode)


def sampling_mode(passed: Sequence[bool]) -> SamplingMode:
    """How often a zone is looked at, from what its first looks came to, oldest first."""
    in_a_row = 0
    for good in reversed(passed):
        if not good:
            break
        in_a_row += 1
    if in_a_row < len(passed) and in_a_row < _RELAXES_AFTER:
        return SamplingMode.TIGHTENED
    return SamplingMode.REDUCED if in_a_row >= _REDUCED_AFTER else SamplingMode.NORMAL
