"""Does a request tell of what another one told already? A hint by place, kind and words, for a person to judge."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

ALIKE = 0.6
"""Share of the text in common from which two texts are shown as alike: a rule of thumb of this product."""
_SHORTEST_COMPARED = 400
_WORDS = re.compile(r"\w+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_FEWEST_PIECES = 3
"""Two words in common are no sign of anything."""


@dataclass(frozen=True)
class Told:
    """What a request says."""

    number: str
    kind: str
    place: str
    text: str


def likely_duplicates(new: Told, others: Iterable[Told], alike: float = ALIKE) -> list[tuple[str, float]]:
    """Numbers of requests of the same kind that read alike, most alike first; another place is no duplicate.

    Args:
        new: the request to compare.
        others: those it is compared with.
        alike: share of common text from which on.
    """
    text = _plain(new.text)
    found = []
    for other in others:
        if other.number == new.number or other.kind != new.kind:
            continue
        if new.place and other.place and new.place != other.place:
            continue
        share = _share(text, _plain(other.text), alike)
        if share >= alike:
            found.append((other.number, round(share, 2)))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _share(one: str, other: str, alike: float) -> float:
    """Common text in its order, or common words in any: people tell the same in another order."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    in_order = matcher.ratio() if matcher.real_quick_ratio() >= alike else 0.0
    first, second = _pieces(one), _pieces(other)
    if min(len(first), len(second)) < _FEWEST_PIECES:
        return in_order
    return max(in_order, 2 * len(first & second) / (len(first) + len(second)))


def _pieces(text: str) -> set[str]:
    """Words; of Chinese, which has no blanks between them, each two neighbouring characters."""
    found: set[str] = set()
    for word in text.split():
        if _HAN.search(word):
            found.update(word[at : at + 2] for at in range(len(word) - 1))
        else:
            found.add(word)
    return found


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))[:_SHORTEST_COMPARED]
