"""When is a paper that was not handed over asked for again, and when do we stop asking? (A3)"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

PAUSES = (7, 14, 30)
"""Days before the first, the second and every later reminder: the interval rises to a month (own rule)."""
MOST_REMINDERS = 6
"""After so many the matter belongs on the table of both sides, not into one more mail."""
TOGETHER = 3
"""Papers due within so many days go into the same mail: one letter a week, not one a day."""
CHASED = ("missing", "partial")


@dataclass(frozen=True)
class ChasedPaper:
    """One paper of the list as chasing needs it."""

    ref: str
    title: str
    state: str
    listed_on: date
    reminders: int = 0
    """How many were sent."""
    reminded_on: date | None = None
    """When the last one was sent."""


@dataclass(frozen=True)
class PaperReminder:
    """One paper to be asked for, and for the how-manieth time."""

    paper: ChasedPaper
    number: int


def next_reminder_on(paper: ChasedPaper) -> date | None:
    """The day from which the next reminder is due; None if it came in, was waived or was asked for often enough.

    Reckoned from the day the last one was really sent: late ticks never pile reminders up.
    """
    if paper.state not in CHASED or paper.reminders >= MOST_REMINDERS:
        return None
    since = paper.reminded_on or paper.listed_on
    return since + timedelta(days=PAUSES[min(paper.reminders, len(PAUSES) - 1)])


def reminders_due(papers: Iterable[ChasedPaper], today: date) -> tuple[PaperReminder, ...]:
    """What is asked for today, in the order of the references; empty unless one paper's time has come."""
    open_papers = [(day, paper) for paper in papers if (day := next_reminder_on(paper)) is not None]
    if not any(day <= today for day, _ in open_papers):
        return ()
    return tuple(
        PaperReminder(paper, paper.reminders + 1)
        for day, paper in sorted(open_papers, key=lambda pair: pair[1].ref)
        if day <= today + timedelta(days=TOGETHER)
    )
