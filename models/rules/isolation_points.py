"""Where is water, power or gas cut off, and what is started, in an emergency? Found in the register by its words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar


@dataclass(frozen=True)
class IsolationRule:
    """Assets that matter in a kind of emergency: one of the words in name or type, in one of the classes."""

    kind: str
    words: tuple[str, ...]
    """Case folded."""
    element_classes: frozenset[str]
    """Empty: any class."""


class Findable(Protocol):
    """What the rule reads of an asset."""

    tag: str
    name: str
    type_name: str
    element_class: str


Asset = TypeVar("Asset", bound=Findable)


def isolation_points(rules: Sequence[IsolationRule], kind: str, assets: Iterable[Asset]) -> list[Asset]:
    """The assets that matter in a kind of emergency, in the order of the rules and then of the tags.

    What the register does not name cannot be found: an empty list says that nothing was found, not that there is
    nothing.
    """
    own = [rule for rule in rules if rule.kind == kind]
    found: list[tuple[int, str, Asset]] = []
    for asset in assets:
        text = f"{asset.name} {asset.type_name}".casefold()
        for number, rule in enumerate(own):
            fits = not rule.element_classes or asset.element_class in rule.element_classes
            if fits and any(word in text for word in rule.words):
                found.append((number, asset.tag, asset))
                break
    return [asset for _number, _tag, asset in sorted(found, key=lambda one: one[:2])]
