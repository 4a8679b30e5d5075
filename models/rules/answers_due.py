"""When is a party reminded that its answer is awaited? (A4, A5, B2, C2-C4)"""

from datetime import date, timedelta

BEFORE = timedelta(days=3)
"""So long before the last day the first reminder goes out (own rule)."""
AGAIN_EVERY = 14
"""Days between the reminders of an answer that is late."""
MOST_LATE = 4
"""After so many the matter belongs on the table of both sides, not into one more mail."""


def reminder_due(asked_on: date, due_on: date, today: date) -> str:
    """The reminder that is due on a day: `due`, `late-1` to `late-4`, or empty.

    Reckoned from the day itself: after weeks without a clock one reminder is due, not those that were left out.

    Args:
        asked_on: when the party was asked; on that day it is not reminded.
        due_on: the last day for the answer.
        today: the business date.
    """
    if today <= asked_on or today < due_on - BEFORE:
        return ""
    if today <= due_on:
        return "due"
    return f"late-{min((today - due_on).days // AGAIN_EVERY + 1, MOST_LATE)}"
