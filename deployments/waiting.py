"""What does an engagement wait for, and from whom? The record both sides confirm, open gates, one line an item."""

from datetime import timedelta
from typing import Any

import httpx
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_URL
from sqlmodel import Session, col, func, select

from models.db import reading
from models.decision import Decision, DecisionRequest
from models.engagement import Cycle, Engagement, IntakeVersion
from models.outbox import OutboxMail
from models.rules.cycles import due_cycles
from models.rules.stages import SERVING, Stage
from models.settings import settings
from tasks.cycles import cycle_facts, due_now
from tasks.decisions import BOTH_SIDES, open_decisions
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.evaluation_differences import open_differences
from tasks.follow_ups import follow_ups_of
from tasks.gates import unfinished_gates
from tasks.mailbox_door import closed
from tasks.review_problems import answers_owed
from tasks.statement_checks import accounts_awaited

Row = dict[str, Any]

UNSETTLED = {"open": "awaited", "withdrawn": "no longer asked"}
"""What is said of a question nobody answered."""


def intake_state(session: Session, engagement: Engagement) -> Row:
    """The newest version of the intake record, and who confirmed which document of it."""
    key = engagement_id(engagement)
    newest = session.exec(
        select(IntakeVersion)
        .where(IntakeVersion.engagement_id == key)
        .order_by(col(IntakeVersion.version).desc())
    ).first()
    if newest is None:
        return {"version": None, "state": "recorded before there were versions", "record": "", "sides": []}
    asked = {
        request.party: (request, decision)
        for request, decision in session.exec(
            select(DecisionRequest, Decision)
            .outerjoin(Decision, col(Decision.request_id) == col(DecisionRequest.id))
            .where(
                DecisionRequest.engagement_id == key,
                DecisionRequest.subject == "intake",
                DecisionRequest.reference == str(newest.version),
            )
        ).all()
    }
    return {
        "version": newest.version,
        "state": newest.state,
        "record": newest.sha256,
        "sides": [_side(party, *asked.get(party, (None, None))) for party in BOTH_SIDES],
    }


def _side(party: str, request: DecisionRequest | None, decision: Decision | None) -> Row:
    if request is None:
        return {"party": party, "answer": "not asked yet", "document": "", "by": "", "how": "", "on": ""}
    if decision is None:
        answer = UNSETTLED[request.state]
        return {
            "party": party, "answer": answer, "document": request.document_sha256, "by": "", "how": "",
            "on": f"by {request.due_on}" if request.state == "open" else "",
        }  # fmt: skip
    return {
        "party": party,
        "answer": decision.verdict,
        "document": decision.document_sha256,
        "by": decision.declared_by,
        "how": decision.authenticated_by,
        "on": str(decision.decided_on),
    }


def open_gates(code: str) -> list[Row] | None:
    """The `decide` runs of an engagement that are not over, with their page; None if no server answers."""
    try:
        runs = unfinished_gates(code)
    except (httpx.HTTPError, RuntimeError, ValueError):
        return None
    pages = (PREFECT_API_URL.value() or "").removesuffix("/api")
    return [
        {
            "subject": run.parameters["subject"],
            "reference": run.parameters["reference"],
            "party": run.parameters["party"],
            "state": run.state_name or "",
            "page": f"{pages}/runs/flow-run/{run.id}",
        }
        for run in sorted(runs, key=_order)
    ]


def _order(run: FlowRun) -> tuple[str, str, str]:
    """A run that nobody took up yet has a name drawn at random; its question has a lasting order."""
    asked = run.parameters
    return asked["subject"], asked["reference"], asked["party"]


def waited_for(code: str) -> list[Row]:
    """Who has to do what next, one row an item; what only the calendar waits for comes last."""
    with reading() as session:
        engagement = find_engagement(session, code)
        today = business_today(engagement)
        cycles = session.exec(
            select(Cycle)
            .where(Cycle.engagement_id == engagement.id, Cycle.state != "done")
            .order_by(col(Cycle.due_on), col(Cycle.id))
        ).all()
        facts = cycle_facts(session, engagement)
        accounts = accounts_awaited(session, engagement, today) if facts.stage in SERVING else []
        uncertain = session.exec(
            select(func.count()).where(
                OutboxMail.engagement_id == engagement.id, OutboxMail.state == "uncertain"
            )
        ).one()
    rows = [
        {
            "from": question.party,
            "for": f"a decision on {question.subject} {question.reference}, document "
            f"{question.document_sha256[:12]}, by {question.due_on}",
        }
        for question in open_decisions(code)
    ]
    rows += [{"from": who, "for": what} for who, what in accounts]
    if facts.stage is Stage.DUE_DILIGENCE and not facts.surveyed:
        rows.append(
            {"from": "custodian", "for": "the condition survey at entry (`steward condition import`)"}
        )
    if facts.stage is Stage.CONTRACTING and not facts.record_confirmed:
        rows.append(
            {"from": "both sides", "for": "the confirmed record (above): no contract is drawn up before"}
        )
    rows += [row for cycle in cycles if (row := _cycle(cycle)) is not None]
    at_work = {(cycle.kind, cycle.period) for cycle in cycles}
    due = {(kind.value, period): due_on for kind, period, due_on in due_now(code, None)}
    rows += [
        {"from": "dispatcher", "for": f"the start of {kind} {period}, due since {due_on}"}
        for (kind, period), due_on in due.items()
        if (kind, period) not in at_work
    ]
    rows += _of_the_reviews(code)
    if uncertain:
        rows.append(
            {
                "from": "operator",
                "for": f"{uncertain} mails that may have arrived (`steward mail list --state uncertain`)",
            }
        )
    rows += [
        {"from": "operator", "for": f"the mailbox of {code}: {refused}"}
        for chosen in settings().all_mailboxes
        if chosen.engagement == code and (refused := closed(chosen)) is not None and refused.until is None
    ]
    later = due_cycles(facts, engagement.term_end + timedelta(days=60))
    following = next((c for c in later if c.due_on > today and (c.kind.value, c.period) not in due), None)
    if following is not None:
        rows.append({"from": "calendar", "for": f"{following.kind} {following.period} on {following.due_on}"})
    return rows


def _of_the_reviews(code: str) -> list[Row]:
    """Problems without an answer, differences to be settled, and what follows from the wishes of both sides."""
    with reading() as session:
        engagement = find_engagement(session, code)
        owed = answers_owed(session, engagement)
        differences = open_differences(session, engagement)
        tasks = [one for one in follow_ups_of(session, engagement) if one.done_on is None]
    rows = [
        {"from": "custodian", "for": f"an answer to {count} problems (`steward review show {code} {period}`)"}
        for period, count in owed
    ]
    rows += [
        {"from": one.owner, "for": f"the sides differ on {one.about}: settled by {one.settle_by}"}
        for one in differences
    ]
    return rows + [{"from": one.owner, "for": f"{one.task} by {one.due_on}"} for one in tasks]


def _cycle(cycle: Cycle) -> Row | None:
    what = f"{cycle.kind} {cycle.period}"
    match cycle.state:
        case "started":
            return {"from": "worker", "for": f"the end of {what}, attempt {cycle.attempt}"}
        case "failed":
            return {
                "from": "operator",
                "for": f"a look at {what}, which failed for good: {cycle.last_error} (`steward cycle retry`)",
            }
        case "planned":
            why = f": {cycle.last_error}" if cycle.last_error else ""
            return {"from": "dispatcher", "for": f"the next attempt at {what}{why}"}
    return None
