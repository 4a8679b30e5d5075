"""What is looked at in a building's condition survey, line by line, and by which reference is it found again? (A2)

The same register gives the same lines at entry and at exit: a line's reference is made of asset and item alone.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.rules.catalogue import Certainty, Label, words_in
from models.rules.elements import ElementClass


class CheckScope(StrEnum):
    """Whether an item is looked at on each asset, or once for the whole building."""

    ASSET = "asset"
    SITE = "site"


@dataclass(frozen=True)
class CheckItem:
    """One thing to look at."""

    code: str
    scope: CheckScope
    label: Label
    defect: Label
    """What counts as a defect."""
    photo: Label
    """What to photograph."""
    matches: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassChecks:
    """The items of one element class, and what is known about who pays for its repair."""

    items: tuple[CheckItem, ...]
    warranty_months: int | None
    """From installation; None where no period is known."""
    fund: bool
    """Whether renewal is usually paid from the maintenance fund."""
    source: str
    certainty: Certainty


@dataclass(frozen=True)
class Checklists:
    """All classes of one edition."""

    edition: str
    source: str
    certainty: Certainty
    classes: Mapping[ElementClass, ClassChecks]


@dataclass(frozen=True)
class AssetToCheck:
    """What the form must know of an asset."""

    tag: str
    name: str
    element_class: ElementClass
    type_name: str = ""
    category: str = ""
    place: str = ""


@dataclass(frozen=True)
class CheckLine:
    """One row of the form; without an asset it concerns the whole building."""

    ref: str
    element_class: ElementClass
    item: CheckItem
    asset: AssetToCheck | None

    @property
    def tag(self) -> str:
        """The asset's tag, empty for the whole building."""
        return "" if self.asset is None else self.asset.tag


def line_ref(tag: str, item_code: str) -> str:
    """The reference of a line, the same at every visit (at most 40 characters whatever the tag)."""
    return f"{item_code}-{hashlib.sha256(tag.encode()).hexdigest()[:8]}" if tag else item_code


def check_lines(assets: Iterable[AssetToCheck], checklists: Checklists) -> tuple[CheckLine, ...]:
    """Every line to look at: by class in the order of clause A2, the building first, then asset by asset."""
    by_class: dict[ElementClass, list[AssetToCheck]] = {}
    for asset in assets:
        by_class.setdefault(asset.element_class, []).append(asset)
    lines = []
    for element_class, checks in checklists.classes.items():
        lines += [
            CheckLine(line_ref("", item.code), element_class, item, None)
            for item in checks.items
            if item.scope is CheckScope.SITE
        ]
        for asset in sorted(by_class.get(element_class, ()), key=lambda a: a.tag):
            lines += [
                CheckLine(line_ref(asset.tag, item.code), element_class, item, asset)
                for item in checks.items
                if item.scope is CheckScope.ASSET and _concerns(item, asset)
            ]
    return tuple(lines)


def _concerns(item: CheckItem, asset: AssetToCheck) -> bool:
    return not item.matches or words_in(item.matches, asset.name, asset.type_name, asset.category)


def form_id(code: str, visit: str, assets: Iterable[AssetToCheck], edition: str) -> str:
    """What a form carries so that one of another register, visit or edition is noticed."""
    content = "\n".join(sorted(f"{a.tag}\t{a.element_class}" for a in assets))
    register = hashlib.sha256(content.encode()).hexdigest()[:12]
    checklist = hashlib.sha256(edition.encode()).hexdigest()[:6]
    return f"{code}/{visit}/{register}/{checklist}"


def earlier_form(carried: str, expected: str) -> bool:
    """Whether a form is of the same engagement, visit and edition, written when the register stood otherwise."""
    was, now = carried.rsplit("/", 2), expected.rsplit("/", 2)
    return len(was) == len(now) and (was[0], was[-1]) == (now[0], now[-1]) and was[1] != now[1]
