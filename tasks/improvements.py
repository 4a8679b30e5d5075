"""What will be done about a weakness, and did it work? Improvement actions from any source (C1, D6)."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.review import ActionMove, ImprovementAction
from models.rules.periods import Period
from models.rules.personal_data import masked
from models.upsert import insert_if_absent
from reports.words import POSTS
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement

ACTION_TIME = timedelta(days=30)
OPEN_STATES = ("open", "done")
JUDGED_STATES = ("verified", "not_demonstrated", "worsened", "insufficient_n", "not_comparable")
MAX_NOTE = 2000


def open_action(
    session: Session,
    engagement: Engagement,
    *,
    ref: str,
    text: str,
    post_code: str,
    on: date,
    target: Decimal | None,
    due_on: date | None = None,
) -> bool:
    """Open an action in the caller's transaction; one per reference. True if it is new.

    Args:
        session: the writing session.
        engagement: whose action it is.
        ref: its natural key.
        text: what is to be done.
        post_code: who does it.
        on: the day it is opened.
        target: what the figure behind it is to come to, where there is one.
        due_on: until when; `ACTION_TIME` after it was opened by default.
    """
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
                "due_on": due_on or on + ACTION_TIME,
                "target": target,
                "state": "open",
                "verified_in": "",
                "done_note": "",
            }
        ],
    )
    if new:
        record_event(session, key, "action.opened", ref)
    return bool(new)


def aim_action(session: Session, engagement: Engagement, ref: str, target: Decimal) -> None:
    """Give an action that a single answer opened the target its wave calls for, so that a later one can judge it."""
    action = action_of(session, engagement, ref)
    if action.target is None:
        action.target = target
        session.add(action)
        record_event(session, engagement_id(engagement), "action.target", ref, {"target": str(target)})


def complete_action(code: str, ref: str, on: date | None = None, note: str = "") -> bool:
    """Record that an action's work is done; whether it worked, a later period shows. False if it was done.

    Raises:
        Terminal: there is no such action, or it is said to be done before it was opened or in days to come.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        action = action_of(session, engagement, ref)
        if action.done_on is not None:
            return False
        done_on = on or business_today(engagement)
        if done_on < action.opened_on:
            raise Terminal(f"Action {ref} was opened on {action.opened_on}: it cannot be done on {done_on}.")
        if done_on > business_today(engagement):
            raise Terminal(f"Action {ref} cannot have been done on {done_on}: that day is still to come.")
        action.state, action.done_on, action.done_note = "done", done_on, masked(note)[:MAX_NOTE]
        session.add(action)
        record_event(session, key, "action.done", ref)
        return True


def move_action(code: str, ref: str, *, due_on: date | None = None, post_code: str = "", reason: str) -> bool:
    """Give an open action another day or post, for a reason that stays on record. False if it has them already.

    Raises:
        Terminal: no such action, it is done, no reason, an unknown post, or a day before it was opened.
    """
    if not reason.strip():
        raise Terminal("An action is moved for a reason: --reason must not be empty.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        action = action_of(session, engagement, ref)
        if action.done_on is not None:
            raise Terminal(f"Action {ref} was done on {action.done_on}: it is not moved any more.")
        due, post = due_on or action.due_on, post_code or action.post_code
        if (due, post) == (action.due_on, action.post_code):
            return False
        if due < action.opened_on:
            raise Terminal(f"Action {ref} was opened on {action.opened_on}: it cannot be due on {due}.")
        if post not in POSTS:
            raise Terminal(f"{post!r} is no post; expected one of {', '.join(POSTS)}.")
        session.add(
            ActionMove(
                action_id=action.id or 0,
                sequence=len(moves_of(session, action)) + 1,
                moved_on=business_today(engagement),
                from_due=action.due_on,
                to_due=due,
                from_post=action.post_code,
                to_post=post,
                reason=masked(reason.strip())[:MAX_NOTE],
            )
        )
        action.due_on, action.post_code = due, post
        session.add(action)
        record_event(session, engagement_id(engagement), "action.moved", ref, {"due": str(due), "post": post})
        return True


def action_of(session: Session, engagement: Engagement, ref: str) -> ImprovementAction:
    """The action with this reference.

    Raises:
        Terminal: there is none; the message says where they are listed.
    """
    action = session.exec(
        select(ImprovementAction).where(
            ImprovementAction.engagement_id == engagement_id(engagement), ImprovementAction.ref == ref
        )
    ).one_or_none()
    if action is None:
        raise Terminal(
            f"There is no action {ref!r} in {engagement.code}; `steward action list {engagement.code}` shows them."
        )
    return action


def moves_of(session: Session, action: ImprovementAction) -> list[ActionMove]:
    """How often and why an action was moved, in order."""
    return list(
        session.exec(
            select(ActionMove).where(ActionMove.action_id == action.id).order_by(col(ActionMove.sequence))
        ).all()
    )


def listed_actions(code: str, *, everything: bool = False, source: str = "") -> list[dict[str, Any]]:
    """The actions of an engagement by due date; an open one past its day is overdue.

    Args:
        code: the engagement.
        everything: those that are done too.
        source: only those whose reference begins so, for example `meeting:2027-Q1`.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        today = business_today(engagement)
        rows = session.exec(
            select(ImprovementAction)
            .where(
                ImprovementAction.engagement_id == engagement_id(engagement),
                col(ImprovementAction.ref).startswith(source, autoescape=True),
            )
            .order_by(col(ImprovementAction.due_on), col(ImprovementAction.ref))
        ).all()
        return [
            {
                "ref": row.ref,
                "text": row.text,
                "post": row.post_code,
                "opened": row.opened_on.isoformat(),
                "due": row.due_on.isoformat(),
                "state": "overdue" if row.state == "open" and row.due_on < today else row.state,
                "done": "" if row.done_on is None else row.done_on.isoformat(),
                "moved": len(moves_of(session, row)),
            }
            for row in rows
            if everything or row.state == "open"
        ]


def settle_action(session: Session, action: ImprovementAction, state: str, period: str, on: date) -> None:
    """Write down what a later period showed about an action, in the caller's transaction."""
    action.state, action.verified_in, action.verified_on = state, period, on
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


def actions_of_month(session: Session, key: int, month: Period) -> list[ImprovementAction]:
    """Actions that are open, wait for their effect to be shown, or were finished in the month."""
    return [
        action
        for action in map(
            partial(_as_the_month_ended, month), actions_in_state(session, key, *OPEN_STATES, *JUDGED_STATES)
        )
        if _known_by(action, month)
        if action.state == "open"
        or (action.state == "done" and action.target is not None)
        or (action.done_on is not None and month.contains(action.done_on))
        or action.verified_in == month.label
    ]


def _known_by(action: ImprovementAction, month: Period) -> bool:
    """Whether an action belongs to what is told of a month: its own figures' actions do, and what was open by its end.

    Waves close, and their actions open, on the day of the report: by chance before it or after.
    """
    if action.ref.startswith("indicator:"):
        return action.ref.split(":")[1] <= month.label
    return action.opened_on <= month.last


def _as_the_month_ended(month: Period, action: ImprovementAction) -> ImprovementAction:
    """The action without the verdict of a wave that closed after the month."""
    if action.ref.startswith("indicator:") or action.verified_on is None or action.verified_on <= month.last:
        return action
    before: dict[str, Any] = {
        "state": "open" if action.done_on is None else "done",
        "verified_in": "",
        "verified_on": None,
        "evidence": {},
    }
    return ImprovementAction(**{**action.model_dump(), **before})
