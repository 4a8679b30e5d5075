"""On which points do the sides differ at a joint evaluation, and how is each settled? (C3)

A difference is raised with the mark or the rejection that makes it, in the same transaction.
"""

from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.decision import SIDES, Decision, DecisionRequest
from models.engagement import Engagement
from models.errors import Terminal
from models.evaluation import EvaluationDifference
from models.review import JointScore, Review
from models.rules.evaluation import JUDGEMENT, OWNERS, settle_by, too_far_apart
from models.rules.personal_data import masked
from models.upsert import insert_if_absent
from reports.evaluation_scores import Difference
from reports.words import POSTS
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.improvements import MAX_NOTE
from tasks.references import require_known_person


def joint_review(session: Session, key: int, period: str = "") -> Review:
    """A joint evaluation; the newest by default.

    Raises:
        Terminal: none has been opened, or none of this name.
    """
    held = session.exec(
        select(Review)
        .where(Review.engagement_id == key, Review.kind == "joint")
        .order_by(col(Review.held_on), col(Review.id))
    ).all()
    if not held:
        raise Terminal("No joint evaluation has been opened.")
    found = [one for one in held if period in ("", one.period)]
    if not found:
        raise Terminal(
            f"There is no joint evaluation {period!r}; expected one of {', '.join(one.period for one in held)}."
        )
    return found[-1]


def marks_of(session: Session, review: Review) -> dict[str, dict[str, int]]:
    """What each party has marked so far: party to dimension to mark."""
    given: dict[str, dict[str, int]] = {party: {} for party in SIDES}
    for row in session.exec(select(JointScore).where(JointScore.review_id == review.id)).all():
        given[row.party][row.dimension] = row.score
    return given


def raise_differences(session: Session, engagement: Engagement, review: Review, on: date) -> int:
    """Note every dimension on which the marks differ too far; returns how many are new."""
    marks = marks_of(session, review)
    return _raise(session, engagement, review, too_far_apart(marks["client"], marks["custodian"]), on)


def raise_rejection(session: Session, engagement: Engagement, period: str, on: date) -> int:
    """Note that a side rejected the evaluation as a whole; returns 1 where that is new."""
    review = joint_review(session, engagement_id(engagement), period)
    return _raise(session, engagement, review, (JUDGEMENT,), on)


def _raise(session: Session, engagement: Engagement, review: Review, about: tuple[str, ...], on: date) -> int:
    new = insert_if_absent(
        session,
        EvaluationDifference,
        [
            {
                "review_id": review.id,
                "about": one,
                "owner": OWNERS.get(one, "manager"),
                "raised_on": on,
                "settle_by": settle_by(on, engagement.term_end),
                "outcome": "",
                "settled_by": "",
            }
            for one in about
        ],
    )
    if new:
        record_event(
            session, review.engagement_id, "evaluation.differs", review.period, {"about": sorted(about)}
        )
    return new


def differences_of(session: Session, review: Review) -> list[Difference]:
    """The points on which the sides differ, each with what both said and why, and how it stands."""
    rows = session.exec(
        select(EvaluationDifference)
        .where(EvaluationDifference.review_id == review.id)
        .order_by(col(EvaluationDifference.id))
    ).all()
    scores = {
        (row.party, row.dimension): (str(row.score), row.remark)
        for row in session.exec(select(JointScore).where(JointScore.review_id == review.id)).all()
    }
    verdicts = {
        party: (verdict, masked(remark))
        for party, verdict, remark in session.exec(
            select(DecisionRequest.party, Decision.verdict, Decision.remark)
            .join(Decision, col(Decision.request_id) == col(DecisionRequest.id))
            .where(
                DecisionRequest.engagement_id == review.engagement_id,
                DecisionRequest.subject == "evaluation",
                DecisionRequest.reference == review.period,
            )
        ).all()
    }
    return [
        Difference(
            row.about,
            tuple(
                (
                    verdicts
                    if row.about == JUDGEMENT
                    else {p: scores.get((p, row.about), ("", "")) for p in SIDES}
                ).get(party, ("", ""))
                for party in SIDES
            ),
            row.owner,
            row.settle_by,
            row.settled_on,
            row.outcome,
        )
        for row in rows
    ]


def open_differences(session: Session, engagement: Engagement) -> list[EvaluationDifference]:
    """The differences of all joint evaluations that are not settled, by their day."""
    return list(
        session.exec(
            select(EvaluationDifference)
            .join(Review, col(Review.id) == col(EvaluationDifference.review_id))
            .where(
                Review.engagement_id == engagement_id(engagement),
                col(EvaluationDifference.settled_on).is_(None),
            )
            .order_by(col(EvaluationDifference.settle_by), col(EvaluationDifference.id))
        ).all()
    )


def listed_differences(code: str, period: str = "") -> list[dict[str, Any]]:
    """The same as plain values; an open one past its day is overdue."""
    with reading() as session:
        engagement = find_engagement(session, code)
        review = joint_review(session, engagement_id(engagement), period)
        today = business_today(engagement)
        return [
            {
                "evaluation": review.period,
                "about": one.about,
                "client": one.said[0][0] or "no answer",
                "client_why": one.said[0][1],
                "custodian": one.said[1][0] or "no answer",
                "custodian_why": one.said[1][1],
                "owner": one.owner,
                "settle_by": str(one.settle_by),
                "state": "settled" if one.settled_on else "overdue" if one.settle_by < today else "open",
                "outcome": one.outcome,
            }
            for one in differences_of(session, review)
        ]


def settle_difference(
    code: str, about: str, outcome: str, by: str, *, period: str = "", on: date | None = None
) -> bool:
    """Record what both sides agreed on about a difference; False if this very outcome was recorded before.

    The marks stay as they were given: what was agreed stands beside them.

    Raises:
        Terminal: no such difference, it was settled otherwise, no outcome, or an unknown person.
    """
    if not outcome.strip():
        raise Terminal("A difference is settled by what both sides agreed on: --outcome must not be empty.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        row, review = _difference(session, engagement, about, period)
        said = masked(outcome.strip())[:MAX_NOTE]
        if row.settled_on is not None:
            if row.outcome == said:
                return False
            raise Terminal(f"The difference on {about} was settled on {row.settled_on}: {row.outcome}")
        require_known_person(session, engagement, by)
        row.settled_on, row.outcome, row.settled_by = on or business_today(engagement), said, by
        session.add(row)
        record_event(session, review.engagement_id, "evaluation.settled", f"{review.period}:{about}")
        return True


def assign_difference(
    code: str, about: str, *, owner: str = "", until: date | None = None, period: str = ""
) -> bool:
    """Give an open difference another post or day; False if it has them.

    Raises:
        Terminal: no such difference, it is settled, an unknown post, or a day before it was raised.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        row, review = _difference(session, engagement, about, period)
        if row.settled_on is not None:
            raise Terminal(f"The difference on {about} was settled on {row.settled_on}.")
        post, day = owner or row.owner, until or row.settle_by
        if post not in POSTS:
            raise Terminal(f"{post!r} is no post; expected one of {', '.join(POSTS)}.")
        if day < row.raised_on:
            raise Terminal(
                f"The difference on {about} was raised on {row.raised_on}: it cannot be due on {day}."
            )
        if (post, day) == (row.owner, row.settle_by):
            return False
        row.owner, row.settle_by = post, day
        session.add(row)
        detail = {"owner": post, "until": str(day)}
        record_event(session, review.engagement_id, "evaluation.assigned", f"{review.period}:{about}", detail)
        return True


def _difference(
    session: Session, engagement: Engagement, about: str, period: str
) -> tuple[EvaluationDifference, Review]:
    review = joint_review(session, engagement_id(engagement), period)
    rows = session.exec(select(EvaluationDifference).where(EvaluationDifference.review_id == review.id)).all()
    found = next((row for row in rows if row.about == about), None)
    if found is None:
        known = ", ".join(sorted(row.about for row in rows)) or "none"
        raise Terminal(f"The sides do not differ on {about!r} at {review.period}; they differ on: {known}.")
    return found, review
