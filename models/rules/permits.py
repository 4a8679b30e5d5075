"""Which work is dangerous, and may it begin or end? Permits to work and their sign-off (B2)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from models.rules.catalogue import Certainty, Label, words_in


@dataclass(frozen=True)
class Precaution:
    """What is checked on the spot before a permit is issued."""

    code: str
    label: Label


@dataclass(frozen=True)
class PermitKind:
    """A kind of dangerous work."""

    code: str
    label: Label
    longest_hours: int
    plans: tuple[str, ...]
    parts: tuple[str, ...]
    words: tuple[str, ...]
    precautions: tuple[Precaution, ...]
    source: str
    certainty: Certainty


@dataclass(frozen=True)
class PermitFacts:
    """A permit as the rules see it."""

    kind: str
    holder: str
    valid_from: datetime
    valid_until: datetime
    closed_by: str
    """Empty while it is open."""


@dataclass(frozen=True)
class Moment:
    """When something was done: the day, and the instant where it was said."""

    on: date
    at: datetime | None
    zone: ZoneInfo

    def within(self, permit: PermitFacts) -> bool:
        """Whether a permit held then; without an instant the days decide."""
        if self.at is not None:
            return permit.valid_from <= self.at <= permit.valid_until
        first, last = (at.astimezone(self.zone).date() for at in (permit.valid_from, permit.valid_until))
        return first <= self.on <= last


def kinds_required(
    kinds: Iterable[PermitKind], series: str, title: str, *, corrective: bool = True
) -> list[PermitKind]:
    """The kinds of danger of a work order.

    Args:
        kinds: of the catalogue.
        series: of the order: the commitment of its job plan, `finding:` or `part:` with it, or another origin.
        title: of the order.
        corrective: whether it is work that came up; planned work is told by its plan alone, for a round that looks
            after hot work names it and does none.
    """
    # `PPM-DR-SEPTIC-6M.02@2` is a part of the plan DR-SEPTIC-6M, as its second version has it.
    origins = {re.split(r"[.@]", part.removeprefix("PPM-"))[0] for part in re.split(r"[:/]", series)}
    return [
        kind
        for kind in kinds
        if origins & {*kind.plans, *kind.parts} or (corrective and words_in(kind.words, title))
    ]


def why_not_begun(needed: Iterable[str], permits: Iterable[PermitFacts], who: str, when: Moment) -> str:
    """What is in the way of beginning, as the end of a sentence; empty if nothing is.

    Args:
        needed: codes of the kinds of the order.
        permits: of the order.
        who: begins.
        when: it is begun.
    """
    known = list(permits)
    for kind in needed:
        mine = [permit for permit in known if permit.kind == kind and permit.holder == who]
        if not mine:
            return f"needs a permit for {kind} in the hands of {who}; `steward permit issue` gives one"
        held = [permit for permit in mine if when.within(permit)]
        if not held:
            return f"has no permit for {kind} that holds at that time; issue a further one"
        if all(permit.closed_by for permit in held):
            return f"has a permit for {kind} that is signed off; issue a further one before going on"
    return ""


def why_not_finished(needed: Iterable[str], permits: Iterable[PermitFacts], who: str, when: Moment) -> str:
    """What is in the way of recording a result, as the end of a sentence; empty if nothing is.

    Args:
        needed: codes of the kinds of the order.
        permits: of the order.
        who: records the result.
        when: the work was done.
    """
    known = list(permits)
    for kind in dict.fromkeys((*needed, *(permit.kind for permit in known))):
        held = [permit for permit in known if permit.kind == kind and when.within(permit)]
        if not held:
            return f"needs a permit for {kind} that held when the work was done"
        if any(not permit.closed_by for permit in known if permit.kind == kind):
            return (
                f"has a permit for {kind} that no second person has signed off; `steward permit close` does"
            )
        if all(permit.closed_by == who for permit in held):
            return f"needs its permit for {kind} signed off by another person than {who}"
    return ""
