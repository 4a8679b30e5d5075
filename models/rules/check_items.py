"""What is looked at on a round, and is a reading good, near a limit or beyond it? (B2)"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.rules.catalogue import Certainty, Label, words_in
from models.rules.elements import ElementClass


class CheckKind(StrEnum):
    """Whether an item is passed or failed, or read from an instrument."""

    LOOK = "pass_fail"
    READING = "reading"


class Verdict(StrEnum):
    """What a check says."""

    OK = "ok"
    EARLY = "early"
    """Inside the limits, within the warning band of one."""
    OUT = "out"
    """Beyond a limit, or failed."""


@dataclass(frozen=True)
class RoundItem:
    """One thing to look at, at each asset of a class."""

    code: str
    kind: CheckKind
    label: Label
    unit: str
    low: Decimal | None
    high: Decimal | None
    early: Decimal
    """Width of the warning band inside a limit, in the unit of the reading."""
    matches: tuple[str, ...]
    source: str
    certainty: Certainty

    @property
    def limits(self) -> str:
        """Both limits with the unit, for people: "0.20-0.60 MPa"."""
        if self.low is None and self.high is None:
            return ""
        if self.low is None:
            return f"≤ {self.high} {self.unit}"
        return f"≥ {self.low} {self.unit}" if self.high is None else f"{self.low}-{self.high} {self.unit}"


RoundItems = Mapping[ElementClass, tuple[RoundItem, ...]]


def items_for(items: RoundItems, element_class: str, *texts: str) -> tuple[RoundItem, ...]:
    """The items of an asset.

    Args:
        items: the catalogue.
        element_class: of the asset.
        texts: its name and type, in which the words of `matches` are looked for.
    """
    try:
        known = items.get(ElementClass(element_class), ())
    except ValueError:
        return ()
    return tuple(item for item in known if not item.matches or words_in(item.matches, *texts))


def verdict_of(value: Decimal, low: Decimal | None, high: Decimal | None, early: Decimal) -> Verdict:
    """Judge a reading; a limit itself is still inside.

    Args:
        value: in the unit of the limits.
        low: the lower limit, None for none.
        high: the upper limit, None for none.
        early: width of the warning band inside a limit.
    """
    if (low is not None and value < low) or (high is not None and value > high):
        return Verdict.OUT
    if (low is not None and value < low + early) or (high is not None and value > high - early):
        return Verdict.EARLY
    return Verdict.OK
