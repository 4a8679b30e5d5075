"""Who is drawn for a wave, how many answers are needed, and which change could be seen? (D2, D5)"""

import hashlib
import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from models.rules.satisfaction import margin_of_error, plan_sample
from models.rules.survey_allocation import allocate
from models.rules.survey_reminders import REMIND_AFTER
from models.rules.survey_special import CONTACT_GAP

Key = TypeVar("Key", bound=Hashable)
CONTACTS = {"household": ("user", "owner"), "tenant_contact": ("tenant_contact",), "employee": ("employee",)}
"""Population of a wave to the contacts that belong to it, the first preferred where a unit has several."""
ONE_PER_UNIT = ("household", "tenant_contact")
USUAL_SHARE = 0.8
"""Share satisfied at which the detectable change is told."""
CAP_DAYS = 60
"""Nobody is invited twice within so many days: our assumption, so that a quarterly census stays possible."""
Z95 = 1.959964
LONGEST_LINK = 160
"""A longer address looks like a trap in a mail."""


@dataclass(frozen=True)
class FrameContact:
    """One contact of the frame."""

    ref: str
    unit: str
    building: str
    kind: str
    last_invited: date | None = None
    """By a wave of the same sort: to a routine one by a routine one, to a special one by a special one."""
    last_other: date | None = None
    """By a wave of the other sort, from which only the gap between any two waves is kept."""
    stratum: str = ""
    """Type of space."""


@dataclass(frozen=True)
class SampleChoices:
    """What is decided before a sample is drawn."""

    seed: str
    on: date
    population: str = "household"
    margin: float = 0.05
    response_rate: float = 0.5
    floor: int = 5
    """Fewest invitations of each building."""
    part: int = 1
    parts: int = 1
    """Rotation: this part of so many that do not overlap."""
    cap_days: int = CAP_DAYS
    remind: tuple[int, ...] = REMIND_AFTER
    """Days after the invitation on which who was invited by mail is reminded."""
    link: str = ""
    """Address of a form elsewhere, with {code} where the single-use code stands; empty where there is none."""

    def as_record(self) -> dict[str, Any]:
        """Plain values, to keep and to compare."""
        plain = {name: str(v) if isinstance(v, date) else v for name, v in self.__dict__.items()}
        return plain | {"remind": list(self.remind)}


@dataclass(frozen=True)
class BuildingPart:
    """One building in a sample."""

    building: str
    frame: int
    eligible: int
    invited: int
    wanted: int
    """Answers wanted: its quota."""


@dataclass(frozen=True)
class FramePart:
    """One type of space in one building: what answers are weighted by."""

    stratum: str
    building: str
    frame: int
    invited: int


@dataclass(frozen=True)
class DrawnSample:
    """A sample and what it can show."""

    refs: tuple[str, ...]
    census: bool
    frame: int
    capped: int
    """Left out because they were invited lately."""
    rotated_out: int
    answers_needed: int
    answers_expected: int
    reachable: bool
    margin_expected: float | None
    detectable: float | None
    buildings: tuple[BuildingPart, ...]
    design_effect: float = 1.0
    """Expected of the weights: what asking small buildings more closely costs."""
    parts: tuple[FramePart, ...] = ()

    def figures(self) -> dict[str, Any]:
        """Plain values, without the references."""
        kept = {
            name: value for name, value in self.__dict__.items() if name not in ("refs", "buildings", "parts")
        }
        return kept | {
            "invited": len(self.refs),
            "buildings": [part.__dict__ for part in self.buildings],
            "parts": [part.__dict__ for part in self.parts],
        }


def checked_link(text: str) -> str:
    """The address of a form, as it is kept.

    Raises:
        ValueError: it is no https address with {code} in it once; the text says what was expected.
    """
    link = text.strip()
    plain = link.startswith("https://") and link.isascii() and link.isprintable() and " " not in link
    if link and not (plain and len(link) <= LONGEST_LINK and link.count("{code}") == 1):
        raise ValueError(
            f"{link[:80]!r}: expected an https address with {{code}} in it once, such as "
            "https://survey.example.com/index.php/123456?token={code}"
        )
    return link


def detectable_change(
    answers: int, population: int, p: float = USUAL_SHARE, z: float = Z95, *, deff: float = 1.0
) -> float:
    """Smallest change of a share between two waves of so many answers that an interval would show.

    z sqrt(2 deff p (1 - p) / n x (N - n) / (N - 1)): of 300 households with 150 answers in each wave 6.4 points.
    """
    if answers < 1 or population <= 1:
        return math.inf
    correction = max(0, population - answers) / (population - 1)
    return z * math.sqrt(2 * deff * p * (1 - p) / answers * correction)


def respondents(contacts: Sequence[FrameContact], population: str) -> list[FrameContact]:
    """The contacts a wave may ask: of one population alone, and one of a unit where the unit is what answers."""
    kinds = CONTACTS[population]
    mine = sorted((c for c in contacts if c.kind in kinds), key=lambda c: (kinds.index(c.kind), c.ref))
    if population not in ONE_PER_UNIT:
        return sorted(mine, key=lambda c: c.ref)
    first: dict[tuple[str, str], FrameContact] = {}
    for contact in mine:
        first.setdefault((contact.building, contact.unit), contact)
    return sorted(first.values(), key=lambda c: c.ref)


def draw_sample(contacts: Sequence[FrameContact], choices: SampleChoices) -> DrawnSample:
    """Draw a wave's sample; the same contacts and choices give the same sample.

    Below about 300, or where that many are needed, everybody who may be asked is; else a stratified sample: allocated in
    proportion to the buildings, none below the floor, drawn within each by the order of a seeded hash.

    Raises:
        ValueError: nobody belongs to the population, or nobody of it may be asked now; the text says why.
    """
    everybody = respondents(contacts, choices.population)
    if not everybody:
        raise ValueError(f"the frame has no contact of kind {' or '.join(CONTACTS[choices.population])}")
    rotated = [c for c in everybody if rotation_part(c, choices.parts) == choices.part]
    if not rotated:
        raise ValueError(f"part {choices.part} of {choices.parts} of the rotation holds nobody")
    eligible = [c for c in rotated if not _capped(c, choices)]
    if not eligible:
        raise ValueError(
            f"all {len(rotated)} who could be asked were invited within the last {choices.cap_days} days, or to another wave "
            f"within {CONTACT_GAP.days}; plan it later, or lower --cap-days"
        )
    plan = plan_sample(len(everybody), choices.margin, response_rate=choices.response_rate)
    inside: dict[str, list[FrameContact]] = {}
    for contact in eligible:
        inside.setdefault(contact.building, []).append(contact)
    frame_of = _counted(contact.building for contact in everybody)
    names = sorted(frame_of)
    sizes = [len(inside.get(name, ())) for name in names]
    # A part of a rotation carries its part of the year's figure.
    wanted = math.ceil(plan.invitations / choices.parts)
    census = plan.census or wanted >= len(eligible)
    given = sizes if plan.census else allocate_with_floor(min(wanted, len(eligible)), sizes, choices.floor)
    drawn: list[str] = []
    for name, count in zip(names, given, strict=True):
        order = sorted(inside.get(name, ()), key=lambda c: _hash(choices.seed, c.ref))
        drawn += [contact.ref for contact in order[:count]]
    # Rounded up as the invitations were, so that half an answer does not call the margin out of reach.
    expected = min(len(drawn), math.ceil(len(drawn) * choices.response_rate - 1e-9))
    needed = min(len(drawn), math.ceil(plan.answers_needed / choices.parts))
    quotas = allocate(needed, given)
    deff = 1.0 if census else _weights_effect([frame_of[name] for name in names], given)
    return DrawnSample(
        refs=tuple(sorted(drawn)),
        census=census,
        frame=len(everybody),
        capped=len(rotated) - len(eligible),
        rotated_out=len(everybody) - len(rotated),
        answers_needed=plan.answers_needed,
        answers_expected=expected,
        reachable=expected * choices.parts >= plan.answers_needed,
        margin_expected=margin_of_error(expected, len(everybody), deff=deff) if expected else None,
        detectable=detectable_change(expected, len(everybody), deff=deff) if expected else None,
        buildings=tuple(
            BuildingPart(name, frame_of[name], size, count, quota)
            for name, size, count, quota in zip(names, sizes, given, quotas, strict=True)
        ),
        design_effect=deff,
        parts=_parts(everybody, frozenset(drawn)),
    )


def allocate_with_floor(n: int, sizes: Sequence[int], floor: int) -> list[int]:
    """Divide n in proportion to the sizes, but give each at least the floor or all it has; the sum may grow for it."""
    least = [min(size, floor) for size in sizes]
    if n <= sum(least):
        return least
    fixed: dict[int, int] = {}
    while True:
        free = [h for h in range(len(sizes)) if h not in fixed]
        given = dict(zip(free, allocate(n - sum(fixed.values()), [sizes[h] for h in free]), strict=True))
        low = [h for h in free if given[h] < least[h]]
        if not low:
            return [fixed[h] if h in fixed else given[h] for h in range(len(sizes))]
        fixed |= {h: least[h] for h in low}


def rotation_part(contact: FrameContact, parts: int) -> int:
    """Which part of a rotation a unit belongs to, from 1; it does not change from wave to wave."""
    return _hash("rotation", f"{contact.building}|{contact.unit}") % parts + 1


def _capped(contact: FrameContact, choices: SampleChoices) -> bool:
    """Whether somebody was invited lately.

    A special wave does not count against the next quarter's, else all who were asked of an emergency would be missing
    there; the thirty days between any two waves hold all the same.
    """
    caps = ((contact.last_invited, choices.cap_days), (contact.last_other, CONTACT_GAP.days))
    return any(
        last is not None and (choices.on - last).days < min(days, choices.cap_days) for last, days in caps
    )


def _hash(seed: str, text: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}|{text}".encode()).digest()[:8], "big")


def _counted(keys: Iterable[Key]) -> dict[Key, int]:
    counts: dict[Key, int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    return counts


def _parts(everybody: Sequence[FrameContact], drawn: frozenset[str]) -> tuple[FramePart, ...]:
    frame = _counted((contact.stratum, contact.building) for contact in everybody)
    invited = _counted((contact.stratum, contact.building) for contact in everybody if contact.ref in drawn)
    return tuple(FramePart(*place, count, invited.get(place, 0)) for place, count in sorted(frame.items()))


def _weights_effect(frame: Sequence[int], invited: Sequence[int]) -> float:
    """Kish's design effect of the weights N / n: n sum(N^2 / n) / sum(N)^2, over the buildings that were asked."""
    asked = [(size, count) for size, count in zip(frame, invited, strict=True) if count]
    total = sum(size for size, _ in asked)
    drawn = sum(count for _, count in asked)
    return drawn * sum(size * size / count for size, count in asked) / total**2 if total else 1.0
