"""Does a request tell of what another one told already? A hint by place, kind and words, for a person to judge."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

ALIKE = 0.6
"""Share of the text in common from which two texts are shown as alike: a rule of thumb of this product."""
_SHORTEST_COMPARED = 400
_WORDS = re.compile(r"\w+")


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
        matcher = SequenceMatcher(None, text, _plain(other.text), autojunk=False)
        if matcher.real_quick_ratio() >= alike and (share := matcher.ratio()) >= alike:
            found.append((other.number, round(share, 2)))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))[:_SHORTEST_COMPARED]
