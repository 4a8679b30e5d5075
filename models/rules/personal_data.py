"""Does a free text hold personal data, and how is it shown without them?

Found: addresses of electronic mail, telephone numbers, Chinese identity numbers (GB 11643 check digit), bank cards
(Luhn check digit). Names cannot be found by a rule, and are not.
"""

import re
from collections.abc import Iterator

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}\.[A-Za-z]{2,24}")
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z])(?:[0-9][ -]?){15,18}[0-9](?![0-9A-Za-z])")
_PHONE = re.compile(
    r"(?<![0-9A-Za-z./-])(?<![0-9]:)(?:"
    r"(?:\+?86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"  # Chinese mobile numbers
    r"|0[0-9]{2,3}[ -][0-9]{7,8}|\(0[0-9]{2,3}\)[ -]?[0-9]{7,8}"  # Chinese landlines
    r"|(?:\+?1[ .-]?)?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[.-])[0-9]{3}[.-][0-9]{4}"  # North American numbers
    r"|07[0-9]{3} ?[0-9]{3} ?[0-9]{3}|0[0-9]{2,4} [0-9]{3,4} [0-9]{3,4}"  # British numbers
    r"|\+[0-9]{1,3}(?:[ -]?[0-9]){7,12}"  # others with a country code
    r")(?![0-9A-Za-z])"
)
_MANY_DIGITS = re.compile(r"[0-9](?:[ .()/+-]{0,2}[0-9]){8}")
"""Cheap to look for: without so many digits in a row none of the numbers can be there."""
_PLAIN = str.maketrans(
    "０１２３４５６７８９＠．－（）＋：\u00a0\u2002\u2009\u202f\u3000\u2010\u2011\u2012\u2013\u2014",
    "0123456789@.-()+:     -----",
)
"""What keyboards of other scripts and word processors write instead; one sign for one, so that places stay the same."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def personal_kinds(text: str) -> tuple[str, ...]:
    """Which kinds of personal data stand in a text: email, identity number, bank card, telephone."""
    return tuple(dict.fromkeys(kind for kind, _start, _end in _found(text)))


def masked(text: str) -> str:
    """The text with personal data replaced by their kind in brackets."""
    kept, at = [], 0
    for kind, start, end in sorted(_found(text), key=lambda found: found[1]):
        if start >= at:
            kept.append(f"{text[at:start]}[{kind}]")
            at = end
    return "".join((*kept, text[at:]))


def masked_address(address: str) -> str:
    """A mail address as it may be shown: first letter and domain; empty stays empty."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if at else "***" if address else ""


def _found(text: str) -> Iterator[tuple[str, int, int]]:
    if not text.isascii():
        text = text.translate(_PLAIN)
    if "@" in text:
        yield from (("email", *found.span()) for found in _EMAIL.finditer(text))
    if _MANY_DIGITS.search(text) is None:
        return
    for kind, pattern in (("identity number", _IDENTITY), ("bank card", _CARD), ("telephone", _PHONE)):
        for found in pattern.finditer(text):
            if _is(kind, found.group()):
                yield (kind, *found.span())


def _is(kind: str, written: str) -> bool:
    if kind == "identity number":
        total = sum(int(digit) * weight for digit, weight in zip(written, _WEIGHTS, strict=False))
        return _CHECK[total % 11] == written[-1].upper()
    if kind == "bank card":
        digits = [int(char) for char in written if char.isdigit()]
        doubled = [d if place % 2 == 0 else sum(divmod(2 * d, 10)) for place, d in enumerate(digits[::-1])]
        return sum(doubled) % 10 == 0
    return True
