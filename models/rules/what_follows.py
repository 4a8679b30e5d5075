"""What is to be done because both sides go on, change or end: who, and by when? (C3, C4)"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

PATHS = ("renew", "change", "end")


@dataclass(frozen=True)
class Task:
    """One thing to do."""

    code: str
    owner: str
    """A post, or client."""
    due_on: date


@dataclass(frozen=True)
class _Step:
    code: str
    owner: str
    days: int
    """Days from the end of the term; negative before it."""


_GOING_ON = (
    _Step("new_plan", "manager", -14),
    _Step("plan_confirmed", "client", -7),
    _Step("new_contract", "manager", -3),
    _Step("open_actions_carried", "manager", 0),
)
_ENDING = (
    _Step("handover_list", "manager", -10),
    _Step("people_told", "manager", -7),
    _Step("exit_survey", "technician", 0),
    _Step("list_counted", "manager", 8),
    _Step("final_accounts", "accountant", 10),
    _Step("protocol_accepted", "client", 10),
)
"""Ten days after a change of manager everything is given back: 物业承接查验办法 (from memory)."""
_STEPS: Mapping[str, tuple[_Step, ...]] = {
    "renew": (*_GOING_ON, *(one for one in _ENDING if one.code != "people_told")),
    "change": (
        _Step("changes_agreed", "client", -16),
        *_GOING_ON,
        *(one for one in _ENDING if one.code != "people_told"),
    ),
    "end": _ENDING,
}


def path_of(wishes: Mapping[str, str]) -> str:
    """Which way it goes once both sides have said what they wish: theirs if they agree, else the term ends."""
    said = set(wishes.values())
    return said.pop() if len(said) == 1 and said <= set(PATHS) else "end"


def tasks_of(path: str, term_end: date, decided_on: date) -> tuple[Task, ...]:
    """The dated tasks of a path; none is due before the day it was decided.

    Args:
        path: one of `PATHS`.
        term_end: the last day of the term.
        decided_on: the day both sides had said what they wish.
    """
    return tuple(
        Task(one.code, one.owner, max(decided_on, term_end + timedelta(days=one.days)))
        for one in _STEPS[path]
    )
