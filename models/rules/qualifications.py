"""Who holds a certificate that is in date, and whose runs out soon? (B1)

The thresholds of 90, 30 and 7 days are this product's own rule (issue of the execution stage), no legal interval: a
renewal of a special operator's certificate takes weeks, and the last week is the last chance to plan a substitute.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

WARN_DAYS = (90, 30, 7)
"""Days before the last valid day, longest first."""


@dataclass(frozen=True)
class Holding:
    """One certificate of one person."""

    staff_ref: str
    kind: str
    """Code of the certificate, as the posts of the plan name it."""
    expires_on: date | None
    """The last valid day; None where the certificate does not run out."""


@dataclass(frozen=True)
class ExpiryWarning:
    """A certificate that runs out, and which of its warnings is due."""

    staff_ref: str
    kind: str
    expires_on: date
    days: int
    """The threshold in days: one of `WARN_DAYS`."""


def valid_until(holdings: Iterable[Holding], kind: str) -> date | None:
    """The last valid day of the best of a person's certificates of a kind.

    Returns:
        `date.max` for one that does not run out, None where there is none of that kind.
    """
    return max((held.expires_on or date.max for held in holdings if held.kind == kind), default=None)


def refusal(holdings: Iterable[Holding], kind: str, on: date) -> str:
    """Why a post that requires a certificate is closed to its would-be holder on a day; empty if it is open.

    Args:
        holdings: of one person.
        kind: what the post requires; empty for a post that requires none.
        on: the day; a certificate is good on its last day.
    """
    if not kind:
        return ""
    until = valid_until(holdings, kind)
    if until is None:
        return f"the certificate {kind} is missing"
    return f"the certificate {kind} is out of date since {until.isoformat()}" if until < on else ""


def warnings_due(holdings: Iterable[Holding], on: date) -> list[ExpiryWarning]:
    """The one warning due for each certificate that runs out within 90 days; the nearest threshold only.

    A round that comes late (after downtime) gives the latest warning alone, not three at once. A renewed certificate
    of the same kind silences the old one. What has run out is no warning any more: it shows as a vacancy.

    Args:
        holdings: of any number of people.
        on: the business day of the round.
    """
    best: dict[tuple[str, str], date] = {}
    for held in holdings:
        place = (held.staff_ref, held.kind)
        best[place] = max(best.get(place, date.min), held.expires_on or date.max)
    found = []
    for (ref, kind), until in sorted(best.items()):
        left = (until - on).days
        reached = [days for days in WARN_DAYS if 0 <= left <= days]
        if reached:
            found.append(ExpiryWarning(ref, kind, until, min(reached)))
    return found
