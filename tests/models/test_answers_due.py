"""Is a party reminded before and after the last day, once each, and not for ever?"""

from datetime import date, timedelta

import pytest

from models.rules.answers_due import MOST_LATE, reminder_due

ASKED, DUE = date(2027, 3, 1), date(2027, 3, 11)


@pytest.mark.parametrize(
    ("day", "which"),
    [
        (date(2027, 3, 1), ""),
        (date(2027, 3, 7), ""),
        (date(2027, 3, 8), "due"),
        (date(2027, 3, 11), "due"),
        (date(2027, 3, 12), "late-1"),
        (date(2027, 3, 24), "late-1"),
        (date(2027, 3, 25), "late-2"),
        (date(2027, 12, 31), "late-4"),
    ],
)
def test_which_reminder_is_due_follows_from_the_day_alone(day: date, which: str) -> None:
    assert reminder_due(ASKED, DUE, day) == which


def test_nobody_is_reminded_on_the_day_of_the_question() -> None:
    assert reminder_due(ASKED, ASKED + timedelta(days=1), ASKED) == ""


def test_reminders_of_a_late_answer_end() -> None:
    days = (DUE + timedelta(days=n) for n in range(1, 700))
    assert len({reminder_due(ASKED, DUE, day) for day in days}) == MOST_LATE
