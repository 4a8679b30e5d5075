"""What will be done about a weakness, and did it work? Improvement actions from any source (C1, D6)."""

from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import writing
from models.engagement import Engagement
from models.errors import Terminal
from models.review import ImprovementAction
from models.upsert import insert_if_absent
from tasks.engagements import business_today, engagement_id, find_engagement

ACTION_TIME = timedelta(days=30)


def open_action(
    session: Session,
    engagement: Engagement,
    *,
    ref: str,
    text: str,
    post_code: str,
    on: date,
    target: Decimal | None,
) -> bool:
    """Open an action in the caller's transaction; one per reference. True if it is new."""
    key = engagement_id(engagement)
    new = insert_if_absent(
        session,
        ImprovementAction,
        [
            {
                "engagement_id": key,
                "ref": ref,
                "text": text,
                "post_code": post_code,
                "opened_on": on,
                "due_on": on + ACTION_TIME,
                "target": target,
                "state": "open",
                "verified_in": "",
            }
        ],
    )
    if new:
        record_event(session, key, "action.opened", ref)
    return bool(new)


def complete_action(code: str, ref: str, on: date | None = None) -> bool:
    """Record that an action's work is done; whether it worked, a later period shows. False if it was done."""
    with writing() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        action = session.exec(
            select(ImprovementAction).where(
                ImprovementAction.engagement_id == key, ImprovementAction.ref == ref
            )
        ).one_or_none()
        if action is None:
            raise Terminal(f"There is no action {ref!r} in {code}.")
        if action.done_on is not None:
            return False
        action.state, action.done_on = "done", on or business_today(engagement)
        session.add(action)
        record_event(session, key, "action.done", ref)
        return True


def settle_action(session: Session, action: ImprovementAction, state: str, period: str) -> None:
    """Write down what a later period showed about an action, in the caller's transaction."""
    action.state, action.verified_in = state, period
    session.add(action)
    record_event(session, action.engagement_id, f"action.{state}", action.ref, {"period": period})


def actions_in_state(session: Session, key: int, *states: str) -> list[ImprovementAction]:
    """The engagement's actions in these states, oldest first."""
    return list(
        session.exec(
            select(ImprovementAction)
            .where(ImprovementAction.engagement_id == key, col(ImprovementAction.state).in_(states))
            .order_by(col(ImprovementAction.opened_on), col(ImprovementAction.ref))
        ).all()
    )
