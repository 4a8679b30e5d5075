"""Which open occurrence must come earlier than planned: work done early, a meter? Its order moves with it (B2)."""

from datetime import date, timedelta

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.engagement import Engagement
from models.occurrence import Occurrence
from models.rules.working_days import WorkingDays
from models.service_plan import Commitment
from tasks.engagements import engagement_id
from tasks.occurrences import released_order


def hold_the_law(session: Session, engagement: Engagement, since: date, days: WorkingDays) -> int:
    """Bring forward what would come later after the work before it than the law allows; returns how many.

    A legal interval runs from the day the work was really done. Work done early therefore makes the next one due
    early, on the last working day the law leaves.

    Args:
        session: the writing session.
        engagement: whose work it is.
        since: only what is planned after this day.
        days: the working days.
    """
    done, following = aliased(Occurrence), aliased(Occurrence)
    rows = session.exec(
        select(col(done.done_on), following, col(Commitment.longest_interval_days))
        .join(
            following,
            (col(following.engagement_id) == col(done.engagement_id))
            & (col(following.series) == col(done.series))
            & (col(following.ordinal) == col(done.ordinal) + 1),
        )
        .join(Commitment, col(Commitment.id) == col(following.commitment_id))
        .where(
            done.engagement_id == engagement_id(engagement),
            done.state == "done",
            col(done.done_on) < col(done.nominal_on),
            col(following.due_on) > since,
            col(following.state).in_(("planned", "released")),
            col(Commitment.longest_interval_days).is_not(None),
        )
    ).all()
    moved = 0
    for done_on, occurrence, limit in rows:
        if done_on is None or limit is None:
            continue
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
