"""Does the interval of reminders rise, end, and never pile up however late the clock ticks? (A3)"""

from dataclasses import replace
from datetime import date, timedelta

from models.rules.document_chasing import MOST_REMINDERS, ChasedPaper, reminders_due

LISTED = date(2026, 10, 1)
PAPER = ChasedPaper("keys", "Keys", "missing", LISTED)


def asked(ticks: list[int]) -> list[tuple[int, int]]:
    """(Day, number) of each reminder when the clock ticks on these days after the listing."""
    paper, sent = PAPER, []
    for tick in ticks:
        today = LISTED + timedelta(days=tick)
        for reminder in reminders_due([paper], today):
            sent.append((tick, reminder.number))
            paper = replace(paper, reminders=reminder.number, reminded_on=today)
    return sent


def test_the_interval_rises_and_the_reminders_end() -> None:
    days = [day for day, _ in asked(list(range(400)))]
    assert days == [7, 21, 51, 81, 111, 141]
    assert len(days) == MOST_REMINDERS


def test_late_and_double_ticks_ask_once_and_go_on_from_there() -> None:
    assert asked([3, 40, 40, 41, 53, 54, 54, 300, 301]) == [(40, 1), (54, 2), (300, 3)]


def test_what_came_in_or_was_waived_is_not_asked_for() -> None:
    for state in ("received", "waived"):
        assert reminders_due([replace(PAPER, state=state)], LISTED + timedelta(days=30)) == ()


def test_papers_due_within_days_share_a_letter() -> None:
    papers = [
        PAPER,
        replace(PAPER, ref="plans", listed_on=LISTED + timedelta(days=2)),
        replace(PAPER, ref="z", listed_on=LISTED + timedelta(days=9)),
    ]
    assert [r.paper.ref for r in reminders_due(papers, LISTED + timedelta(days=7))] == ["keys", "plans"]
