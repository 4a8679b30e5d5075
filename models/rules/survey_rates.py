"""How many of those asked answered? Outcome rates as survey research defines them.

Source: AAPOR, Standard Definitions, 10th edition 2023. An undelivered mail is of unknown eligibility, not ineligible.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass

DISPOSITIONS = ("I", "P", "R", "NC", "O", "UH", "UO", "NE")
"""Complete, partial, refusal, non-contact, other, unknown household, unknown other, not eligible."""


@dataclass(frozen=True)
class Dispositions:
    """What became of each invitation; together they are all who were invited."""

    complete: int = 0
    partial: int = 0
    refusal: int = 0
    non_contact: int = 0
    other: int = 0
    unknown_household: int = 0
    unknown_other: int = 0
    not_eligible: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "Dispositions":
        """From counts by the codes in `DISPOSITIONS`.

        Raises:
            ValueError: another code, or a count below 0.
        """
        for code, count in counts.items():
            if code not in DISPOSITIONS or count < 0:
                raise ValueError(
                    f"disposition {code!r}: {count}; expected a count of {', '.join(DISPOSITIONS)}"
                )
        return cls(*(counts.get(code, 0) for code in DISPOSITIONS))

    def counts(self) -> dict[str, int]:
        """Count by code, in the order of `DISPOSITIONS`."""
        return dict(zip(DISPOSITIONS, astuple(self), strict=True))

    @property
    def invited(self) -> int:
        """All dispositions together."""
        return self._known + self.unknown_household + self.unknown_other + self.not_eligible

    @property
    def answered(self) -> int:
        """Complete and partial answers, which the figures rest on; a break-off is none."""
        return self.complete + self.partial

    @property
    def not_ineligible(self) -> int:
        """All but those known to be not eligible: what RR1 and RR2 divide by."""
        return self.invited - self.not_eligible

    @property
    def _known(self) -> int:
        return self.complete + self.partial + self.refusal + self.non_contact + self.other

    @property
    def eligible_share(self) -> float:
        """The share e of those of known eligibility that is eligible; 1 where none is known."""
        return self.eligible_beside(0)

    def eligible_beside(self, quota_full: int) -> float:
        """The share e where so many of the not eligible were left because a quota was full: of these nothing is known."""
        known = self._known + self.not_eligible - quota_full
        return self._known / known if known else 1.0


def rr1_with_quota_full(counts: Dispositions, quota_full: int) -> float | None:
    """RR1 if those left because of a full quota stayed below the line: a quota must not flatter the response."""
    base = counts.invited - counts.not_eligible + quota_full
    return counts.complete / base if base else None


def outcome_rates(counts: Dispositions, eligible: float | None = None) -> dict[str, float | None]:
    """Response, cooperation, refusal and contact rates; None where nothing lies under the line.

    Args:
        counts: the dispositions.
        eligible: estimated share e of the unknown that is eligible; from the known ones by default.
    """
    e = counts.eligible_share if eligible is None else eligible
    full, partial, refused = counts.complete, counts.partial, counts.refusal
    unknown = counts.unknown_household + counts.unknown_other
    known = counts._known
    bases = (known + unknown, known + e * unknown, known)
    talked = full + partial + refused + counts.other
    spoke = full + partial + refused

    def share(count: float, base: float) -> float | None:
        return count / base if base > 0 else None

    rates: dict[str, float | None] = {}
    for number, base in enumerate(bases):
        rates[f"RR{2 * number + 1}"] = share(full, base)
        rates[f"RR{2 * number + 2}"] = share(full + partial, base)
    for number, base in enumerate((talked, spoke)):
        rates[f"COOP{2 * number + 1}"] = share(full, base)
        rates[f"COOP{2 * number + 2}"] = share(full + partial, base)
    for number, base in enumerate(bases, start=1):
        rates[f"REF{number}"] = share(refused, base)
        rates[f"CON{number}"] = share(talked, base)
    return rates
