"""What is to be done because of how both sides go on, by whom and by when, and what of it is done? (C3, C4)"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.pack import Column, Section, Table
from reports.words import FOLLOW_UPS, PARTIES, PATHS, POSTS, Voice


@dataclass(frozen=True)
class FollowUp:
    """One thing to do because of how both sides go on."""

    path: str
    task: str
    owner: str
    due_on: date
    done_on: date | None
    known_by: str
    """record (the product's own records prove it), said (somebody said so), or empty."""


def follow_ups_sentence(follow_ups: Sequence[FollowUp], voice: Voice) -> str:
    """Which way it goes, and how much of what follows is done."""
    done = sum(one.done_on is not None for one in follow_ups)
    path = voice.word(PATHS, follow_ups[0].path)
    return voice(
        f"Both wishes are in: {path}. {done} of {voice.counted(len(follow_ups), 'task', 'tasks', '')} done.",
        f"双方意向已明确：{path}。后续事项{len(follow_ups)}项，已完成{done}项。",
    )


def follow_ups_table(follow_ups: Sequence[FollowUp], voice: Voice, on: date) -> Table:
    """The tasks with who does them by when, and their state on a day."""
    return Table(
        voice("Tasks", "后续事项清单"),
        (
            Column(voice("What", "事项"), width=3),
            Column(voice("Who", "责任方"), width=1.4),
            Column(voice("By", "期限"), "center", 1.1),
            Column(voice("State", "状态"), width=1.4),
        ),
        tuple(
            (
                voice.word(FOLLOW_UPS, one.task),
                voice.word({**POSTS, **PARTIES}, one.owner),
                one.due_on.isoformat(),
                _state(one, voice, on),
            )
            for one in follow_ups
        ),
    )


def follow_ups_section(follow_ups: Sequence[FollowUp], voice: Voice, on: date) -> Section:
    """The same as a chapter."""
    return Section(
        voice("What follows", "后续事项"),
        (follow_ups_sentence(follow_ups, voice),),
        tables=(follow_ups_table(follow_ups, voice, on),),
    )


def _state(one: FollowUp, voice: Voice, on: date) -> str:
    if one.done_on is not None and one.done_on <= on:
        return voice(f"done {one.done_on}", f"{one.done_on}完成")
    return voice("overdue", "已逾期") if one.due_on < on else voice("open", "待办")
