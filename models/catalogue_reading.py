"""How is one mapping of a catalogue file read so that a mistake is named by file, entry and key?"""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from models.rules.catalogue import Certainty, Label, Statutory
from models.rules.recurrence import Recurrence, RecurrenceNotSupported, first_due

_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")

_ANY_DAY = date(2026, 1, 1)
"""A day to try a recurrence on: whether it ever falls due hardly depends on it."""


class CatalogueInvalid(ValueError):
    """A catalogue file that cannot be used, with the place and what was expected."""

    def __init__(self, file: str, where: str, problem: str) -> None:
        super().__init__(f"Catalogue file {file}, {where}: {problem}.")
        self.file = file
        self.where = where


class Entry:
    """One mapping of a file; every key must be asked for, so that a misspelled one is noticed by `finish`."""

    def __init__(self, file: str, where: str, value: object) -> None:
        if not isinstance(value, dict):
            raise CatalogueInvalid(file, where, f"expected a mapping, found {value!r}")
        self.file = file
        self.where = where
        self._left: dict[str, object] = {str(key): item for key, item in value.items()}
        if "code" in self._left:
            self.where = f"{where} ({self._left['code']})"

    def refuse(self, key: str, problem: str) -> CatalogueInvalid:
        """The error for one key of this entry, to be raised by the caller."""
        return CatalogueInvalid(self.file, f"{self.where}, key {key!r}", problem)

    def take(self, key: str) -> object:
        """The raw value of a key that must be there."""
        if key not in self._left:
            raise self.refuse(key, "missing")
        return self._left.pop(key)

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return self._left.get(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be there and not be empty (a default also allows the empty text)."""
        if default is not None and not self.has(key):
            self._left.pop(key, None)
            return default
        value = self.take(key)
        if not isinstance(value, str) or (not value.strip() and default is None):
            raise self.refuse(key, f"expected a text, found {value!r}")
        return value

    def number(self, key: str, default: str | None = None, at_least: str = "0") -> Decimal:
        """A decimal; a YAML float is refused because it is not exact: quote it."""
        value: object = default if default is not None and not self.has(key) else self.take(key)
        self._left.pop(key, None)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.refuse(key, f'expected a quoted decimal such as "0.5", found {value!r}')
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise self.refuse(key, f"expected a number, found {value!r}") from None
        if not number.is_finite() or number < Decimal(at_least):
            raise self.refuse(key, f"expected a number of at least {at_least}, found {value!r}")
        return number

    def whole(self, key: str, default: int | None = None, at_least: int = 0) -> int:
        """A whole number."""
        if default is not None and not self.has(key):
            self._left.pop(key, None)
            return default
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
            raise self.refuse(key, f"expected a whole number of at least {at_least}, found {value!r}")
        return value

    def whole_or_none(self, key: str) -> int | None:
        """A whole number, or None where the key is absent or null."""
        if not self.has(key):
            self._left.pop(key, None)
            return None
        return self.whole(key)

    def flag(self, key: str) -> bool:
        """True or false; absent is false."""
        value = self._left.pop(key, False)
        if not isinstance(value, bool):
            raise self.refuse(key, f"expected true or false, found {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; absent is empty."""
        value = self._left.pop(key, None)
        if value is None:
            return ()
        if not isinstance(value, list) or any(not isinstance(item, str) or not item for item in value):
            raise self.refuse(key, f"expected a list of texts, found {value!r}")
        return tuple(str(item) for item in value)

    def choice(self, key: str, kind: type[_E], default: _E | None = None) -> _E:
        """One member of an enum by its value."""
        if default is not None and not self.has(key):
            self._left.pop(key, None)
            return default
        return self._member(key, kind, self.take(key))

    def choices(self, key: str, kind: type[_E]) -> tuple[_E, ...]:
        """A list of members of an enum; absent is empty."""
        return tuple(self._member(key, kind, value) for value in self.texts(key))

    def _member(self, key: str, kind: type[_E], value: object) -> _E:
        try:
            return kind(str(value))
        except ValueError:
            known = ", ".join(member.value for member in kind)
            raise self.refuse(key, f"expected one of {known}, found {value!r}") from None

    def label(self, key: str | None = None) -> Label:
        """English and Chinese text, under `key` or in the entry itself."""
        source = self if key is None else self.entry(key)
        label = Label(en=source.text("en"), zh=source.text("zh"))
        if key is not None:
            source.finish()
        return label

    def entry(self, key: str) -> "Entry":
        """The mapping under a key."""
        return Entry(self.file, f"{self.where}, {key}", self.take(key))

    def entries(self, key: str) -> tuple["Entry", ...]:
        """The list of mappings under a key; absent is empty."""
        value = self._left.pop(key, None)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.refuse(key, f"expected a list, found {value!r}")
        return tuple(
            Entry(self.file, f"{self.where}, {key}[{number}]", item) for number, item in enumerate(value)
        )

    def each(self, key: str, read: Callable[["Entry"], _T]) -> dict[str, _T]:
        """A mapping of named entries, each read by `read`."""
        named = self.entry(key)
        result = {}
        for name in named.names():
            inner = named.entry(name)
            result[name] = read(inner)
            inner.finish()
        return result

    def amounts(self, key: str) -> dict[str, Decimal]:
        """Currency code to decimal."""
        inner = self.entry(key)
        return {name: inner.number(name) for name in inner.names()}

    def names(self) -> tuple[str, ...]:
        """The keys not yet read."""
        return tuple(self._left)

    def rrule(self, key: str) -> str:
        """A recurrence this product carries out exactly and that falls due at all; empty is allowed."""
        text = self.text(key, "")
        if not text:
            return ""
        try:
            rule = Recurrence.parse(text)
        except RecurrenceNotSupported as refusal:
            raise self.refuse(key, str(refusal).rstrip(".")) from None
        if first_due(rule, _ANY_DAY) is None:
            raise self.refuse(key, f"{text!r} never falls due")
        return text

    def statutory(self) -> Statutory | None:
        """The legal basis, where there is one."""
        if not self.has("statutory"):
            self._left.pop("statutory", None)
            return None
        inner = self.entry("statutory")
        basis = Statutory(
            longest_interval_days=inner.whole("longest_interval_days", at_least=1),
            source=inner.text("source"),
            certainty=inner.choice("certainty", Certainty),
        )
        inner.finish()
        return basis

    def finish(self) -> None:
        """Refuse keys that nobody asked for: most are misspelled."""
        if self._left:
            unknown = ", ".join(sorted(self._left))
            raise CatalogueInvalid(self.file, self.where, f"unknown key {unknown}")


def refuse_repeated(file: str, what: str, codes: Iterable[str]) -> None:
    """Refuse a code that stands twice."""
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise CatalogueInvalid(file, f"{what} {code}", "the code stands twice")
        seen.add(code)
