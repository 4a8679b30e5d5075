"""On which day may a custody end before its term, and what falls due before that day? (A5, C3, C4)"""

from dataclasses import dataclass
from datetime import date, timedelta

from models.rules.cycles import (
    HANDOVER_COMPLETION,
    HANDOVER_LEAD,
    JOINT_EVALUATION_LEAD,
    YEAR_REVIEW_LEAD,
)

GROUNDS = ("agreement", "breach", "notice")
NOTICE_DAYS = 60
"""What the contract's clause on the term says, where nothing else was agreed (`ContractTerms.notice_days`)."""


@dataclass(frozen=True)
class Milestone:
    """Something that falls due because of the new end."""

    code: str
    """A code of `reports.early_end_notice.MILESTONES`."""
    on: date


def end_problem(ground: str, given_on: date, ends_on: date, term: tuple[date, date]) -> str:
    """Why a custody cannot end on a day, in a sentence; empty if nothing is in the way.

    Args:
        ground: one of `GROUNDS`.
        given_on: the day of the notice.
        ends_on: the last day of the shortened term.
        term: first and last day of the term as it stands.
    """
    if ground not in GROUNDS:
        return f"{ground!r} is no ground; expected one of {', '.join(GROUNDS)}."
    earliest = max(given_on + timedelta(days=NOTICE_DAYS if ground == "notice" else 0), term[0])
    if ends_on < earliest:
        why = f", {NOTICE_DAYS} days after the notice" if ground == "notice" else ""
        return f"The custody cannot end on {ends_on}; expected {earliest} or later{why}."
    if ends_on >= term[1]:
        return f"The term ends on {term[1]} by itself; expected a day before."
    return ""


def milestones(given_on: date, ends_on: date) -> tuple[Milestone, ...]:
    """What falls due by when against the new end; nothing before the day of the notice."""
    return tuple(
        Milestone(code, max(given_on, day))
        for code, day in (
            ("year_review", ends_on - YEAR_REVIEW_LEAD),
            ("joint_evaluation", ends_on - JOINT_EVALUATION_LEAD),
            ("handover_list", ends_on - HANDOVER_LEAD),
            ("last_day", ends_on),
            ("protocol", ends_on + HANDOVER_COMPLETION),
        )
    )
