"""Where did both sides differ, what follows from their wishes, and did a custody end early? (C3)"""

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import foreign_key


class EvaluationDifference(SQLModel, table=True):
    """A point of a joint evaluation on which the sides differ: who brings them together, until when, and how it ended.

    Marks and reasons stand in the marks and decisions themselves; here is only what is done about the difference.
    """

    __table_args__ = (UniqueConstraint("review_id", "about"),)

    id: int | None = Field(default=None, primary_key=True)
    review_id: int = foreign_key("review.id")
    about: str
    """A dimension, or `judgement`: a side rejected the evaluation."""
    owner: str
    """The post that brings both sides together."""
    raised_on: date
    settle_by: date
    settled_on: date | None = None
    outcome: str = ""
    """What both sides agreed on."""
    settled_by: str = ""
    """Reference of the person who recorded it."""


class FollowUpTask(SQLModel, table=True):
    """What is to be done because both sides said that they go on, change or end: who, and by when."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "path", "task"),
        CheckConstraint("path in ('renew','change','end')", name="path"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    path: str
    task: str
    """Code of `models.rules.what_follows`."""
    owner: str
    """A post, or client: never a person."""
    due_on: date
    opened_on: date
    done_on: date | None = None
    """Where somebody said so; what the records prove needs nobody's word."""
    done_by: str = ""
    """Reference of the person who said so."""
    note: str = ""


class EarlyEnd(SQLModel, table=True):
    """A notice that the custody ends before its term, what both sides said, and what became of it."""

    __table_args__ = (
        UniqueConstraint("engagement_id", "number"),
        CheckConstraint("ground in ('agreement','breach','notice')", name="ground"),
        CheckConstraint("party in ('client','custodian')", name="party"),
        CheckConstraint("state in ('given','agreed','refused','taken_back')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    number: str
    """`early-end-1`, ...: the reference of its question to both sides."""
    ground: str
    party: str
    """Who gave notice."""
    given_on: date
    ends_on: date
    """The last day of the shortened term."""
    former_end: date
    """The last day of the term as it was, to which it returns if the notice is taken back."""
    reason: str
    recorded_by: str
    """Reference of the person who entered it."""
    state: str = "given"
    settled_on: date | None = None
    """The day it was agreed, refused or taken back."""
    former_instalments: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """Instalments as they were: `due_on`, `amount` of each, to which they return if the notice is taken back."""
