"""What happens by chance in the scenario? The same answer for the same question, whenever it is asked."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Chance:
    """Seeded by a text and asked by a key, not drawn in order: a killed run goes on as if it never was."""

    seed: str

    def share(self, *key: object) -> float:
        """A number from 0 (inclusive) to 1 (exclusive) that belongs to the key."""
        digest = hashlib.sha256("|".join([self.seed, *map(str, key)]).encode()).digest()
        return int.from_bytes(digest[:8]) / 2**64

    def happens(self, likelihood: float, *key: object) -> bool:
        """Whether something of this likelihood happens."""
        return self.share(*key) < likelihood

    def pick(self, choices: Sequence[T], *key: object) -> T:
        """One of the choices."""
        return choices[int(self.share(*key) * len(choices))]

    def between(self, low: float, high: float, *key: object) -> float:
        """A number between two others."""
        return low + (high - low) * self.share(*key)

    def minutes(self, low: float, high: float, *key: object) -> timedelta:
        """A length of time in whole minutes."""
        return timedelta(minutes=round(self.between(low, high, *key)))
