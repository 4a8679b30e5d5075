"""May this be recorded about a work order, and is it a late entry? (B2-B5)

The rules are the product's own: a record says when the work was done and when it was entered, an entry that comes
after its window or after its month was closed is marked, and nothing recorded is ever overwritten.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Outcome(StrEnum):
    """What a record says about the order."""

    STARTED = "started"
    REJECTED = "rejected"
    """It could not be done; the order stays open."""
    DONE = "done"
    PASSED = "passed"
    FAILED = "failed"
    """It was looked at and found wrong: corrective work follows."""


RESULTS = (Outcome.DONE, Outcome.PASSED, Outcome.FAILED)
"""Outcomes that close an order."""
MAX_TEXT = 500
"""Characters of a note or a reason."""


@dataclass(frozen=True)
class OrderFacts:
    """What is known about an order when something is recorded about it."""

    state: str
    """released, done, skipped or missed."""
    released_on: date
    due_on: date
    latest_on: date

    @property
    def earliest_on(self) -> date:
        """The first day on which it can have been done.

        An order given out late, after the product stood still, may have been done on its day all the same.
        """
        return min(self.released_on, self.due_on)


@dataclass(frozen=True)
class RecordFacts:
    """One record as its order's log holds it."""

    sequence: int
    outcome: str
    corrects: int | None


def why_not_recordable(order: OrderFacts, done_on: date, today: date) -> str:
    """What is in the way of recording work on an order, as the end of a sentence; empty if nothing is.

    Args:
        order: as it stands.
        done_on: the day of the work, in the engagement's time zone.
        today: the business date.
    """
    if order.state == "done":
        return "is done already; `steward work correct` adds a correction"
    if order.state == "skipped":
        return "was left out for a reason; nothing can be recorded about it"
    return why_not_that_day(order, done_on, today)


def why_not_that_day(order: OrderFacts, done_on: date, today: date) -> str:
    """What is wrong with the day of the work, as the end of a sentence; empty if nothing is.

    Args:
        order: as it stands.
        done_on: the day of the work, in the engagement's time zone.
        today: the business date.
    """
    if done_on > today:
        return f"cannot have been done on {done_on}: that is after the business date {today}"
    if done_on < order.earliest_on:
        return f"cannot have been done on {done_on}: it was given out on {order.earliest_on}"
    return ""


def is_late_entry(order: OrderFacts, done_on: date, recorded_on: date) -> bool:
    """Whether the record came too late for anybody to see in time that the work was done.

    True for work done within its window and entered after it, and for any work entered after its month was closed,
    when the order was already counted as missed.

    Args:
        order: as it stood before the record.
        done_on: the day of the work.
        recorded_on: the business date of the entry.
    """
    return order.state == "missed" or done_on <= order.latest_on < recorded_on


def standing_record(records: Iterable[RecordFacts]) -> RecordFacts | None:
    """The result that holds: the newest one that no other takes the place of; None while the order is open."""
    found = list(records)
    replaced = {record.corrects for record in found if record.corrects is not None}
    results = [r for r in found if r.outcome in RESULTS and r.sequence not in replaced]
    return max(results, key=lambda r: r.sequence, default=None)


def progress(records: Iterable[RecordFacts]) -> str:
    """What became of an order that is still open: started, rejected, or empty where nobody has begun."""
    newest = max(records, key=lambda r: r.sequence, default=None)
    return newest.outcome if newest is not None and newest.outcome not in RESULTS else ""
