"""Does a reference name somebody of this engagement? Names never stand where a reference is asked for."""

from sqlmodel import Session, col, select

from models.engagement import Engagement
from models.errors import Terminal
from models.people import Person
from models.service_plan import PlanPost
from models.staff import StaffMember
from tasks.engagements import engagement_id
from tasks.plans_in_force import plan_in_force


def is_known_person(session: Session, key: int, ref: str) -> bool:
    """Whether a reference is that of a member of staff, or of a person of either side, not of an owner or user."""
    return any(
        session.exec(query).first() is not None
        for query in (
            select(StaffMember.id).where(StaffMember.engagement_id == key, StaffMember.ref == ref),
            select(Person.id).where(
                Person.engagement_id == key,
                Person.ref == ref,
                col(Person.role).not_in(("owner", "tenant")),  # they ask for work, they do not do it
            ),
        )
    )


def require_acting(session: Session, engagement: Engagement, ref: str) -> None:
    """Refuse who acts if the reference is nobody's of staff or either side; an empty one says nothing.

    Raises:
        Terminal: there is no such person. The text does not repeat what was said, which may be a name.
    """
    if ref and not is_known_person(session, engagement_id(engagement), ref):
        raise Terminal(
            "Who did it is no reference of staff or of a person of either side; expected one as "
            f"`steward people list {engagement.code}` shows them, never a name, or nothing."
        )


def require_known_person(session: Session, engagement: Engagement, ref: str) -> None:
    """Refuse who answers for something if the reference is nobody's of staff or either side; an empty one is nobody's.

    Raises:
        Terminal: there is no such person.
    """
    if not is_known_person(session, engagement_id(engagement), ref):
        raise Terminal(
            f"{ref!r} is no person of {engagement.code}; expected a reference of `steward people`."
        )


def require_requester(session: Session, engagement: Engagement, ref: str) -> None:
    """Refuse who asks if the reference is nobody's; an empty one says nothing.

    Raises:
        Terminal: there is no such person.
    """
    key = engagement_id(engagement)
    known = select(Person.id).where(Person.engagement_id == key, Person.ref == ref)
    if ref and not is_known_person(session, key, ref) and session.exec(known).first() is None:
        raise Terminal(
            f"Who asks is no reference of a person of {engagement.code}; expected one as "
            f"`steward people list {engagement.code}` shows them, never a name, or nothing."
        )


def require_assignee(session: Session, engagement: Engagement, ref: str) -> None:
    """Refuse to whom something is assigned if it is neither a person who acts nor a post of the plan in force.

    Raises:
        Terminal: neither; the posts are listed.
    """
    if is_known_person(session, engagement_id(engagement), ref):
        return
    posts = _posts(session, engagement)
    if ref not in posts:
        raise Terminal(
            "A request is assigned to a member of staff, by reference, or to a post of the plan: "
            f"{', '.join(posts) or 'none is confirmed yet'}."
        )


def require_post(session: Session, engagement: Engagement, code: str) -> None:
    """Refuse a post that the plan in force does not have.

    Raises:
        Terminal: there is none; the posts are listed.
    """
    posts = _posts(session, engagement)
    if code not in posts:
        raise Terminal(
            f"The plan of {engagement.code} has no post {code[:40]!r}; it has "
            f"{', '.join(posts) or 'none: no plan is confirmed'}."
        )


def _posts(session: Session, engagement: Engagement) -> list[str]:
    plan = plan_in_force(session, engagement_id(engagement))
    return sorted(session.exec(select(PlanPost.code).where(PlanPost.plan_id == plan)).all())
