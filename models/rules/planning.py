"""What, beside its interval, decides when a promise falls due? Basis, meter, lead time and what it contains."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Basis(StrEnum):
    """From what the next date is reckoned."""

    FIXED = "fixed"
    """From the start of the series, whatever was done when."""
    FLOATING = "floating"
    """From the day it was last done."""


@dataclass(frozen=True)
class Meter:
    """Due again after so many units since the last service, whichever of meter and calendar comes first."""

    every: Decimal
    unit: str
    """Such as `h` or `km`."""


@dataclass(frozen=True)
class Planning:
    """How the dates of one promise are found; the default is a fixed series that contains nothing else."""

    job: str = ""
    """Code of the job plan it was made from, by which others contain it."""
    absorbs: tuple[str, ...] = ()
    """Codes of the job plans whose whole task list this one contains."""
    basis: Basis = Basis.FIXED
    lead_days: int = 0
    """So many days before the month begins its orders are already given out."""
    meter: Meter | None = None

    @property
    def follows_the_work(self) -> bool:
        """Whether the next date is known only once the last one is settled."""
        return self.basis is Basis.FLOATING or self.meter is not None

    def as_json(self) -> dict[str, Any]:
        """What differs from the default, as plain values."""
        told: dict[str, Any] = {}
        if self.job:
            told["job"] = self.job
        if self.absorbs:
            told["absorbs"] = list(self.absorbs)
        if self.basis is not Basis.FIXED:
            told["basis"] = self.basis.value
        if self.lead_days:
            told["lead_days"] = self.lead_days
        if self.meter is not None:
            told["meter"] = {"every": str(self.meter.every), "unit": self.meter.unit}
        return told

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Planning":
        """The reverse of `as_json`; nothing told is the default."""
        meter = told.get("meter")
        return cls(
            job=told.get("job", ""),
            absorbs=tuple(told.get("absorbs", ())),
            basis=Basis(told.get("basis", Basis.FIXED)),
            lead_days=int(told.get("lead_days", 0)),
            meter=None if meter is None else Meter(Decimal(meter["every"]), meter["unit"]),
        )


FIXED_SERIES = Planning()
"""The default: reckoned from its start, and containing nothing else."""
