"""When is a respondent reminded of a survey, and may that mail leave today? (D4)"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

INVITATION = "survey-invitation"
REMINDER = "survey-reminder"
"""Kinds of mail that carry a single-use code; put in as they leave, never stored."""
REMIND_AFTER = (4, 9)
"""Days after the invitation; our assumption for a fieldwork of two weeks, no standard sets any."""
MOST_REMINDERS = 2
LEAST_GAP = timedelta(days=3)
"""Between two mails about surveys to one person, of whichever wave (own rule)."""


def reminder_days(text: str) -> tuple[int, ...]:
    """The days of `4,9`; none of `none`.

    Raises:
        ValueError: no such list; the text says what was expected.
    """
    plain = text.strip().casefold()
    if plain in ("none", ""):
        return ()
    parts = [part.strip() for part in plain.split(",")]
    days = [int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) <= 2]
    if len(days) != len(parts) or len(days) > MOST_REMINDERS or days != sorted(set(days)) or days[0] < 1:
        raise ValueError(
            f"{text!r}: expected at most {MOST_REMINDERS} rising numbers of days such as 4,9, or none"
        )
    if any(later - before < LEAST_GAP.days for before, later in pairwise(days)):
        raise ValueError(f"{text!r}: expected at least {LEAST_GAP.days} days between two reminders")
    return tuple(days)


def reminder_due(
    invited_on: date, closes_on: date, last_mail_on: date, after: Sequence[int], today: date
) -> int:
    """Number of the reminder that is due on a day, or 0.

    Reckoned from the day itself: after weeks without a clock the last one is due, not those that were left out. On
    the last day of the fieldwork and later nobody is reminded any more.

    Args:
        invited_on: when the invitation left.
        closes_on: last day of the fieldwork.
        last_mail_on: when this person last got a mail about any survey.
        after: days after the invitation, rising.
        today: the business date.
    """
    if today >= closes_on or today - last_mail_on < LEAST_GAP:
        return 0
    return sum((today - invited_on).days >= days for days in after[:MOST_REMINDERS])


def reminder_period(wave: str, number: int) -> str:
    """What the outbox calls a reminder of a wave."""
    return f"{wave}#{number}"


def wave_of_mail(kind: str, period: str) -> str:
    """Which wave an invitation or a reminder is about."""
    return period.rpartition("#")[0] if kind == REMINDER else period
