"""How far has a wave come, do its counts agree, and when is the door closed to wrong codes? (D4)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from models.rules.file_values import plain_text
from models.rules.survey_rows import COMPLETE_SHARE, PARTIAL_SHARE

NOT_ANSWERED = frozenset({"", "-", "—", "n/a", "na", "-99", "不适用", "不清楚", "不知道", "未答"})
_YES_NO = {"yes": 1, "no": 0, "是": 1, "否": 0, "y": 1, "n": 0}
RATING = (1, 2, 3, 4, 5)
RATE_FORMULAS = {
    "RR1": "I/(I+P+R+NC+O+UH+UO)",
    "RR2": "(I+P)/(I+P+R+NC+O+UH+UO)",
    "RR3": "I/(I+P+R+NC+O+e(UH+UO))",
    "RR4": "(I+P)/(I+P+R+NC+O+e(UH+UO))",
    "RR5": "I/(I+P+R+NC+O)",
    "RR6": "(I+P)/(I+P+R+NC+O)",
    "COOP1": "I/(I+P+R+O)",
    "COOP2": "(I+P)/(I+P+R+O)",
    "COOP3": "I/(I+P+R)",
    "COOP4": "(I+P)/(I+P+R)",
    "REF1": "R/(I+P+R+NC+O+UH+UO)",
    "REF2": "R/(I+P+R+NC+O+e(UH+UO))",
    "REF3": "R/(I+P+R+NC+O)",
    "CON1": "(I+P+R+O)/(I+P+R+NC+O+UH+UO)",
    "CON2": "(I+P+R+O)/(I+P+R+NC+O+e(UH+UO))",
    "CON3": "(I+P+R+O)/(I+P+R+NC+O)",
}
"""AAPOR, Standard Definitions, 10th edition 2023; what `survey_rates.outcome_rates` reckons."""
LEAST_MISSES = 20
"""Wrong codes of a wave that raise an alarm; a large wave has more slips of the pen, so a tenth of the invited counts too."""
FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=24)
MISSES_COUNT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Equation:
    """Two counts that must be equal; if they are not, something was lost or counted twice."""

    says: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        """Whether both sides are equal."""
        return self.left == self.right

    def as_row(self) -> dict[str, Any]:
        """Plain values."""
        return {"equation": self.says, "left": self.left, "right": self.right, "holds": self.holds}


def asked_items(
    items: Sequence[Mapping[str, Any]], stratum: str, scores: Mapping[str, int]
) -> list[Mapping[str, Any]]:
    """The scored items this respondent was asked: of the type of space, and with the filter answered yes."""
    return [
        item
        for item in items
        if item.get("values", RATING)
        and (
            stratum in item.get("strata", (stratum,))
            or stratum not in ("residential", "commercial", "office")
        )
        and (not item.get("when") or scores.get(str(item["when"])) == 1)
    ]


def extent(items: Sequence[Mapping[str, Any]], stratum: str, scores: Mapping[str, int]) -> str:
    """I (complete, 80 % of the asked items or more), P (half or more), or R: a break-off."""
    asked = asked_items(items, stratum, scores)
    given = sum(item["code"] in scores for item in asked)
    if asked and given >= COMPLETE_SHARE * len(asked):
        return "I"
    return "P" if asked and given >= PARTIAL_SHARE * len(asked) else "R"


def read_score(text: str, item: Mapping[str, Any]) -> int | None:
    """The value of a cell; None where it was not answered. Full-width digits and "4.0" are understood.

    Raises:
        ValueError: no value of the item's scale; the text says which there are.
    """
    values = tuple(item.get("values", RATING))
    plain = plain_text(text).casefold()
    if plain in NOT_ANSWERED:
        return None
    if item.get("kind") == "yes_no" and plain in _YES_NO:
        return _YES_NO[plain]
    whole = plain[:-2] if plain.endswith(".0") else plain
    if whole.isascii() and whole.isdecimal() and len(whole) <= 3 and int(whole) in values:
        return int(whole)
    words = ", yes or no" if item.get("kind") == "yes_no" else ""
    raise ValueError(f"expected {values[0]} to {values[-1]}{words}, or nothing where it was not answered")


def closed_for(misses: int, invited: int) -> timedelta:
    """How long after the last wrong code no code is looked up; doubles with each further lot of wrong ones.

    Args:
        misses: wrong codes of the last 24 hours.
        invited: of the wave.
    """
    lots = misses // allowed_misses(invited)
    if not lots:
        return timedelta(0)
    return min(FIRST_WAIT * int(2 ** min(lots - 1, 10)), LONGEST_WAIT)


def allowed_misses(invited: int) -> int:
    """Wrong codes that close the door."""
    return max(LEAST_MISSES, invited // 10)
