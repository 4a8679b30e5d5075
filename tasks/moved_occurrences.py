"""Which open occurrence must come earlier than planned: work done early, a meter? Its order moves with it (B2)."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.engagement import Engagement
from models.occurrence import Occurrence
from models.rules.working_days import WorkingDays
from models.service_plan import Commitment
from tasks.engagements import engagement_id
from tasks.occurrences import released_order

_AT_ONCE = 400


def hold_the_law(session: Session, engagement: Engagement, since: date, days: WorkingDays) -> int:
    """Bring forward what would come later after the work before it than the law allows; returns how many.

    A legal interval runs from the day the work was really done, by itself or within a larger service. Work done
    early therefore makes the next one due early, on the last working day the law leaves.

    Args:
        session: the writing session.
        engagement: whose work it is.
        since: only what is planned after this day.
        days: the working days.
    """
    key = engagement_id(engagement)
    moved = 0
    for done_on, occurrence, limit in [
        *_done_early(session, key, since),
        *_done_early_within(session, key, since),
    ]:
        legal = done_on + timedelta(days=limit)
        if occurrence.due_on > legal:
            free = days.latest_working(legal, done_on + timedelta(days=1)) or legal
            move_occurrence(session, occurrence, free, legal)
            moved += 1
        elif occurrence.latest_on > legal:
            move_occurrence(session, occurrence, occurrence.due_on, legal)
        occurrence.legal_latest_on = legal
        session.add(occurrence)
    session.flush()
    return moved


_Early = tuple[date, Occurrence, int]
"""The day work was done before its nominal one, the open occurrence that follows it, and the legal interval in days."""


def _done_early(session: Session, key: int, since: date) -> list[_Early]:
    done, following = aliased(Occurrence), aliased(Occurrence)
    rows = session.exec(
        select(col(done.done_on), following, col(Commitment.longest_interval_days))
        .join(following, _follows(following, done))
        .join(Commitment, col(Commitment.id) == col(following.commitment_id))
        .where(
            done.engagement_id == key,
            done.state == "done",
            col(done.done_on) < col(done.nominal_on),
            *_open_after(following, since),
        )
    ).all()
    return [(on, one, limit) for on, one, limit in rows if on is not None and limit is not None]


def _done_early_within(session: Session, key: int, since: date) -> list[_Early]:
    """The same where a larger service contained the work."""
    small, following = aliased(Occurrence), aliased(Occurrence)
    rows = session.exec(
        select(
            col(small.absorbed_by), col(small.nominal_on), following, col(Commitment.longest_interval_days)
        )
        .join(following, _follows(following, small))
        .join(Commitment, col(Commitment.id) == col(following.commitment_id))
        .where(small.engagement_id == key, small.state == "absorbed", *_open_after(following, since))
    ).all()
    done_on = _days_done(session, key, sorted({row[0] for row in rows}))
    return [
        (on, one, limit)
        for containing, nominal_on, one, limit in rows
        if (on := done_on.get(containing)) is not None and on < nominal_on and limit is not None
    ]


def _days_done(session: Session, key: int, names: Sequence[str]) -> dict[str, date]:
    """When each of these occurrences, named by series and ordinal, was done."""
    found: dict[str, date] = {}
    for start in range(0, len(names), _AT_ONCE):
        wanted = [
            (series, int(ordinal))
            for series, _hash, ordinal in (name.rpartition("#") for name in names[start : start + _AT_ONCE])
        ]
        for series, ordinal, on in session.exec(
            select(Occurrence.series, Occurrence.ordinal, col(Occurrence.done_on)).where(
                Occurrence.engagement_id == key,
                Occurrence.state == "done",
                tuple_(col(Occurrence.series), col(Occurrence.ordinal)).in_(wanted),
            )
        ).all():
            if on is not None:
                found[f"{series}#{ordinal}"] = on
    return found


def _follows(following: type[Occurrence], before: type[Occurrence]) -> ColumnElement[bool]:
    return (
        (col(following.engagement_id) == col(before.engagement_id))
        & (col(following.series) == col(before.series))
        & (col(following.ordinal) == col(before.ordinal) + 1)
    )


def _open_after(following: type[Occurrence], since: date) -> tuple[ColumnElement[bool], ...]:
    return (
        col(following.due_on) > since,
        col(following.state).in_(("planned", "released")),
        col(Commitment.longest_interval_days).is_not(None),
    )


def move_occurrence(session: Session, occurrence: Occurrence, due_on: date, latest_on: date) -> None:
    """Give an open occurrence another day; its order, if it is out already, moves with it."""
    order = released_order(session, occurrence)
    lead = occurrence.due_on - occurrence.release_on
    if occurrence.due_on != due_on:
        occurrence.revision += 1
    occurrence.due_on, occurrence.latest_on, occurrence.release_on = due_on, latest_on, due_on - lead
    session.add(occurrence)
    if order is not None:
        order.due_on, order.latest_on = due_on, latest_on
        session.add(order)
