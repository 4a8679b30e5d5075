"""What is to be done now that both sides said how they go on, and what is done already? (C3, C4)

A task is done when the records prove it, or where they cannot, when somebody says so.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlmodel import Session, col, func, select

from models.accounts import Statement
from models.audit import record_event
from models.contract import Contract
from models.db import reading, writing
from models.decision import Decision, DecisionRequest
from models.diligence import ConditionFinding, ElementCondition
from models.engagement import Cycle, Engagement, Renewal
from models.errors import Terminal
from models.evaluation import FollowUpTask
from models.handover import COUNTED, HandoverItem
from models.rules.cycles import CycleKind
from models.rules.periods import contract_quarters, contract_years
from models.rules.personal_data import masked
from models.rules.what_follows import path_of, tasks_of
from models.service_plan import ServicePlan
from models.upsert import insert_if_absent
from reports.follow_ups import FollowUp
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.improvements import MAX_NOTE
from tasks.references import require_known_person


def open_follow_ups(session: Session, engagement: Engagement, said: dict[str, str], on: date) -> str:
    """Open the tasks of the way both sides chose, or of the end where they differ; returns which way.

    Args:
        session: the transaction of the decision.
        engagement: whose custody it is.
        said: what each side wishes.
        on: the day both had said it.
    """
    key, path = engagement_id(engagement), path_of(said)
    new = insert_if_absent(
        session,
        FollowUpTask,
        [
            {
                "engagement_id": key,
                "path": path,
                "task": task.code,
                "owner": task.owner,
                "due_on": task.due_on,
                "opened_on": on,
                "done_by": "",
                "note": "",
            }
            for task in tasks_of(path, engagement.term_end, on)
        ],
    )
    if new:
        record_event(session, key, "evaluation.follows", path, {"tasks": new})
    return path


def drop_follow_ups(session: Session, key: int) -> None:
    """Nothing follows any more: what both sides agreed on was taken back."""
    rows = session.exec(select(FollowUpTask).where(FollowUpTask.engagement_id == key)).all()
    for row in rows:
        session.delete(row)
    if rows:
        record_event(session, key, "evaluation.follows_no_more", rows[0].path, {"tasks": len(rows)})


def follow_ups_of(session: Session, engagement: Engagement) -> list[FollowUp]:
    """The tasks by their day, each with the day it was done: proved by the records, or said by somebody."""
    key = engagement_id(engagement)
    rows = session.exec(
        select(FollowUpTask)
        .where(FollowUpTask.engagement_id == key)
        .order_by(col(FollowUpTask.due_on), col(FollowUpTask.id))
    ).all()
    found = []
    for row in rows:
        prove = _EVIDENCE.get(row.task)
        proved = None if prove is None else prove(session, engagement)
        found.append(
            FollowUp(
                row.path, row.task, row.owner, row.due_on, row.done_on or proved,
                "record" if row.done_on is None and proved else "said" if row.done_on else "",
            )
        )  # fmt: skip
    return found


def listed_follow_ups(code: str) -> list[dict[str, Any]]:
    """The same as plain values; an open one past its day is overdue."""
    with reading() as session:
        engagement = find_engagement(session, code)
        today = business_today(engagement)
        return [
            {
                "path": one.path,
                "task": one.task,
                "owner": one.owner,
                "due": str(one.due_on),
                "state": "done" if one.done_on else "overdue" if one.due_on < today else "open",
                "done": "" if one.done_on is None else str(one.done_on),
                "known_by": one.known_by,
            }
            for one in follow_ups_of(session, engagement)
        ]


def complete_follow_up(code: str, task: str, by: str, *, on: date | None = None, note: str = "") -> bool:
    """Say that a task is done which no record of the product proves; False if it was done.

    Raises:
        Terminal: no such task, the records prove it by themselves, an unknown person, or a day still to come.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        rows = session.exec(select(FollowUpTask).where(FollowUpTask.engagement_id == key)).all()
        row = next((one for one in rows if one.task == task), None)
        if row is None:
            known = ", ".join(one.task for one in rows) or "none: not both sides have said how they go on"
            raise Terminal(f"{code} has no task {task!r}; expected one of {known}.")
        if row.done_on is not None:
            return False
        if task in _EVIDENCE and (
            task not in _OF_THE_NEXT_TERM or _next_term(session, engagement) is not None
        ):
            raise Terminal(
                f"{task} is done when the records show it ({_SHOWN_BY[task]}); nobody needs to say so."
            )
        require_known_person(session, engagement, by)
        if (on or today) > today:
            raise Terminal(f"{task} cannot have been done on {on}: that day is still to come.")
        row.done_on, row.done_by, row.note = on or today, by, masked(note)[:MAX_NOTE]
        session.add(row)
        record_event(session, key, "evaluation.followed", task)
        return True


def _exit_surveyed(session: Session, engagement: Engagement) -> date | None:
    """The day of the last defect found at the exit survey; of one that found none, today."""
    key = engagement_id(engagement)
    held = session.exec(
        select(ElementCondition.id).where(
            ElementCondition.engagement_id == key, ElementCondition.visit == "exit"
        )
    ).first()
    found_on = session.exec(
        select(func.max(col(ConditionFinding.found_on))).where(
            ConditionFinding.engagement_id == key, ConditionFinding.visit == "exit"
        )
    ).one()
    return None if held is None else found_on or business_today(engagement)


def _list_drawn_up(session: Session, engagement: Engagement) -> date | None:
    return session.exec(
        select(col(Cycle.as_of)).where(
            Cycle.engagement_id == engagement_id(engagement),
            Cycle.kind == CycleKind.HANDOVER_OPEN.value,
            Cycle.state == "done",
        )
    ).first()


def _list_counted(session: Session, engagement: Engagement) -> date | None:
    items = session.exec(
        select(HandoverItem).where(
            HandoverItem.engagement_id == engagement_id(engagement), col(HandoverItem.kind).in_(COUNTED)
        )
    ).all()
    if not items or any(item.state == "listed" for item in items):
        return None
    return max((item.returned_on for item in items if item.returned_on), default=business_today(engagement))


def _accounts_audited(session: Session, engagement: Engagement) -> date | None:
    """The day the client had audited the last quarter, and the final accounts of the last year with it."""
    quarter = contract_quarters(engagement.term_start, engagement.term_end)[-1].label
    year = contract_years(engagement.term_start, engagement.term_end)[-1].label
    found = {
        row.period: row.audited_on if row.state == "audited" else None
        for row in session.exec(
            select(Statement).where(
                Statement.engagement_id == engagement_id(engagement),
                col(Statement.period).in_((quarter, year)),
            )
        )
    }
    days = [day for day in found.values() if day is not None]
    # A quarter from before there were final accounts of a year has none beside it.
    return max(days) if quarter in found and len(days) == len(found) else None


def _protocol_accepted(session: Session, engagement: Engagement) -> date | None:
    return _agreed_on(session, engagement_id(engagement), "handover")


def _agreed_on(session: Session, key: int, subject: str) -> date | None:
    """The day on which the last of all parties that were asked said yes to the same document; of the first such one."""
    rows = session.exec(
        select(DecisionRequest.reference, Decision)
        .join(Decision, col(Decision.request_id) == col(DecisionRequest.id), isouter=True)
        .where(DecisionRequest.engagement_id == key, DecisionRequest.subject == subject)
    ).all()
    answers: dict[str, list[Decision | None]] = {}
    for reference, decision in rows:
        answers.setdefault(reference, []).append(decision)
    return min(
        (
            max(one.decided_on for one in said if one is not None)
            for said in answers.values()
            if all(one is not None and one.verdict == "accepted" for one in said)
        ),
        default=None,
    )


def _next_term(session: Session, engagement: Engagement) -> int | None:
    """The engagement that follows this one, where it was opened here."""
    return session.exec(
        select(Renewal.engagement_id).where(Renewal.from_engagement_id == engagement_id(engagement))
    ).first()


def _next_plan_drawn_up(session: Session, engagement: Engagement) -> date | None:
    return session.exec(
        select(func.min(col(ServicePlan.compiled_on))).where(
            ServicePlan.engagement_id == _next_term(session, engagement)
        )
    ).one()


def _next_plan_confirmed(session: Session, engagement: Engagement) -> date | None:
    following = _next_term(session, engagement)
    return None if following is None else _agreed_on(session, following, "plan")


def _next_contract_signed(session: Session, engagement: Engagement) -> date | None:
    return session.exec(
        select(func.min(col(Contract.signed_on))).where(
            Contract.engagement_id == _next_term(session, engagement)
        )
    ).one()


_EVIDENCE: dict[str, Callable[[Session, Engagement], date | None]] = {
    "new_plan": _next_plan_drawn_up,
    "plan_confirmed": _next_plan_confirmed,
    "new_contract": _next_contract_signed,
    "handover_list": _list_drawn_up,
    "exit_survey": _exit_surveyed,
    "list_counted": _list_counted,
    "final_accounts": _accounts_audited,
    "protocol_accepted": _protocol_accepted,
}
_OF_THE_NEXT_TERM = ("new_plan", "plan_confirmed", "new_contract")
"""Proved by the engagement that follows; where the next term is kept elsewhere somebody says so."""
_SHOWN_BY = {
    "new_plan": "the plan of the engagement that follows",
    "plan_confirmed": "both sides' answers on the plan of the engagement that follows",
    "new_contract": "both sides' answers on the contract of the engagement that follows",
    "handover_list": "`steward handover list`",
    "exit_survey": "`steward condition import ... exit`",
    "list_counted": "`steward handover import`",
    "final_accounts": "the client's answers on the accounts of the last quarter and year",
    "protocol_accepted": "the answers of all parties on the protocol",
}
