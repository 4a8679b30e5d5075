"""By which figures is it seen that no voucher was added, taken out or changed? (C2)"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class ControlTotal:
    """Number, sum and hash of the vouchers behind a statement."""

    count: int
    total: Decimal
    """Income less expense, over all funds."""
    sha256: str


@dataclass(frozen=True)
class SealedEntry:
    """What of a voucher is sealed: all of it."""

    voucher: str
    booked_on: date
    kind: str
    cost_item: str
    amount: Decimal
    text: str
    owed_on: date | None
    corrects: str


def control_total(entries: Iterable[SealedEntry]) -> ControlTotal:
    """The control total; the order of the entries does not matter.

    Each entry is one line of its fields, each with its length before it so that no two entries can be written alike.
    """
    lines, total = [], Decimal("0.00")
    for entry in entries:
        total += entry.amount if entry.kind == "income" else -entry.amount
        fields = (
            entry.voucher,
            entry.booked_on.isoformat(),
            entry.kind,
            entry.cost_item,
            f"{entry.amount:.2f}",
            entry.text,
            entry.owed_on.isoformat() if entry.owed_on else "",
            entry.corrects,
        )
        lines.append("".join(f"{len(field)}:{field}" for field in fields))
    content = "\n".join(sorted(lines)).encode()
    return ControlTotal(len(lines), total, hashlib.sha256(content).hexdigest())
