"""Which cycle is this run working on, may it still write, and what is due next?"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import Session, col, func, select, update

from models.audit import AuditEvent, record_event
from models.clock import utc_now
from models.contract import Contract
from models.db import reading, writing
from models.decision import Decision, DecisionRequest
from models.diligence import ElementCondition
from models.engagement import Cycle, Engagement
from models.errors import CycleSuperseded, Terminal
from models.faults import fault_point
from models.rules.cycles import CycleFacts, CycleKind, due_cycles
from models.rules.evaluation import root_of, terms_of
from models.rules.personal_data import masked
from models.rules.stages import Stage
from models.service_plan import ServicePlan
from models.settings import settings
from models.upsert import insert_if_absent
from tasks.engagements import business_today, engagement_id, find_engagement, record_is_confirmed
from tasks.steps import step
from tasks.survey_changes import special_facts

MAX_ATTEMPTS = 5
"""After so many deaths in a row a person must look; putting off is none."""


@dataclass(frozen=True)
class CycleRef:
    """A claim on a cycle: only the holder of the newest attempt may write."""

    id: int
    engagement_id: int
    code: str
    kind: str
    period: str
    as_of: date
    attempt: int


@contextmanager
def cycle_transaction(cycle: CycleRef) -> Iterator[Session]:
    """A writing transaction of a cycle's run: fenced by its attempt, and a sign of life.

    Raises:
        CycleSuperseded: a newer attempt works on the cycle; nothing of this block is kept.
    """
    with writing() as session:
        alive = session.exec(
            update(Cycle)
            .where(
                col(Cycle.id) == cycle.id, col(Cycle.attempt) == cycle.attempt, col(Cycle.state) == "started"
            )
            .values(lease_until=_lease_end())
        )
        if alive.rowcount != 1:
            raise CycleSuperseded(
                f"{cycle.kind} {cycle.period} of {cycle.code}: attempt {cycle.attempt} was given up and "
                "another one took over; this run writes nothing more."
            )
        yield session


@step("Claim the cycle")
def begin_cycle(
    engagement: str, kind: CycleKind, period: str, as_of: date | None, attempt: int | None, run_id: str
) -> CycleRef | None:
    """Claim a cycle for this run, or return None when it is done or in other hands.

    The dispatcher names the attempt it started; a person who starts the flow in the UI names none and
    gets the next one.
    """
    with writing() as session:
        found = find_engagement(session, engagement)
        row = _find_or_plan(session, found, kind, period, as_of)
        if row.state in ("done", "cancelled"):
            return None
        if attempt is None:
            if row.state == "started" and row.lease_until and row.lease_until > utc_now():
                return None
            row.attempt += 1
        elif not _is_of_this_run(row, attempt, run_id):
            return None
        row.state, row.lease_until, row.flow_run_id = "started", _lease_end(), run_id
        session.add(row)
        session.flush()
        return _ref(row, found.code)


def _is_of_this_run(row: Cycle, attempt: int, run_id: str) -> bool:
    """Whether the dispatcher's claim still stands and no second run of the same attempt holds it."""
    return row.state == "started" and row.attempt == attempt and row.flow_run_id in ("", run_id)


@step("Finish the cycle")
def finish_cycle(cycle: CycleRef) -> None:
    """Mark the cycle done, once; a superseded run is refused."""
    with cycle_transaction(cycle) as session:
        session.exec(
            update(Cycle)
            .where(col(Cycle.id) == cycle.id)
            .values(state="done", lease_until=None, finished_at=utc_now(), last_error="")
        )
        record_event(
            session,
            cycle.engagement_id,
            "cycle.done",
            f"{cycle.kind}:{cycle.period}",
            {"attempt": cycle.attempt},
        )
        fault_point("cycle.before_finish")


@step("Put the cycle off")
def postpone_cycle(cycle: CycleRef, reason: str) -> None:
    """Leave a cycle for the dispatcher's next round, because something must be done first.

    The attempts are counted on: a number used twice would let a stopped process of the first one in again.
    """
    with cycle_transaction(cycle) as session:
        session.exec(
            update(Cycle).where(*_held_by(cycle)).values(state="planned", lease_until=None, last_error=reason)
        )
        record_event(
            session, cycle.engagement_id, "cycle.postponed", f"{cycle.kind}:{cycle.period}", {"why": reason}
        )


def due_now(code: str, as_of: date | None) -> list[tuple[CycleKind, str, date]]:
    """What is due for an engagement: kind, period and due date, nothing that is done."""
    with reading() as session:
        engagement = find_engagement(session, code)
        today = as_of or business_today(engagement)
        return [(c.kind, c.period, c.due_on) for c in due_cycles(cycle_facts(session, engagement), today)]


def cycle_facts(session: Session, engagement: Engagement) -> CycleFacts:
    """What the due rule needs to know, read from the database."""
    key = engagement_id(engagement)
    recorded = session.exec(
        select(Cycle.kind, Cycle.period, Cycle.state).where(Cycle.engagement_id == key)
    ).all()
    visits = set(
        session.exec(
            select(ElementCondition.visit).where(ElementCondition.engagement_id == key).distinct()
        ).all()
    )
    plans = session.exec(
        select(func.count()).where(
            ServicePlan.engagement_id == key, col(ServicePlan.state).in_(("returned", "superseded"))
        )
    ).one()
    offers = session.exec(
        select(func.count()).where(Contract.engagement_id == key, Contract.state == "returned")
    ).one()
    return CycleFacts(
        stage=Stage(engagement.stage),
        term_start=engagement.term_start,
        term_end=engagement.term_end,
        serving_until=engagement.serving_until,
        surveyed="entry" in visits,
        exit_surveyed="exit" in visits,
        plans_returned=plans,
        contracts_returned=offers,
        record_confirmed=record_is_confirmed(session, key),
        done=frozenset((CycleKind(kind), period) for kind, period, state in recorded if state == "done"),
        begun=frozenset((CycleKind(kind), period) for kind, period, state in recorded if state != "done"),
        protocols_returned=tuple(day for _party, day, _remark in returned_protocols(session, key)),
        evaluations_rejected=rejected_evaluations(session, key),
        evaluated_yearly=terms_of(engagement.evaluation_terms).yearly,
        special=special_facts(session, engagement),
    )


def rejected_evaluations(session: Session, key: int) -> tuple[tuple[str, date], ...]:
    """The joint evaluations that a side rejected, by what they repeat, each with its day, in order."""
    rows = session.exec(
        select(DecisionRequest.reference, col(Decision.decided_on))
        .join(Decision, col(Decision.request_id) == col(DecisionRequest.id))
        .where(
            DecisionRequest.engagement_id == key,
            DecisionRequest.subject == "evaluation",
            Decision.verdict == "rejected",
        )
        .order_by(col(Decision.id))
    ).all()
    return tuple((root_of(reference), day) for reference, day in rows)


def returned_protocols(session: Session, key: int) -> list[tuple[str, date, str]]:
    """Party, day and reason of every handover protocol that was sent back, in order."""
    rows = session.exec(
        select(DecisionRequest, Decision)
        .join(Decision, col(Decision.request_id) == col(DecisionRequest.id))
        .where(
            DecisionRequest.engagement_id == key,
            DecisionRequest.subject == "handover",
            Decision.verdict == "rejected",
        )
        .order_by(col(Decision.id))
    ).all()
    return [(asked.party, said.decided_on, masked(said.remark)) for asked, said in rows]


def claim_due(code: str, as_of: date | None) -> list[CycleRef]:
    """Insert the cycles that are due and claim those nobody works on, one short transaction each.

    Two dispatchers at once find the same UNIQUE rows: each cycle is claimed by exactly one of them.
    """
    end_answered_cycles(code)
    claimed = []
    for kind, period, due_on in due_now(code, as_of):
        fault_point("cycle.before_insert")
        with writing() as session:
            engagement = find_engagement(session, code)
            row = _find_or_plan(session, engagement, kind, period, as_of, due_on)
            ref = _claim(session, row, engagement.code)
        if ref is not None:
            fault_point("cycle.after_claim")
            claimed.append(ref)
    return claimed


def end_answered_cycles(code: str) -> int:
    """Mark done the cycles that put a plan or contract to both sides, where its answer is on record.

    Their runs died after they had asked, and the stage went on with the answer: no rule calls them due again.

    Returns:
        How many there were.
    """
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        versions = session.exec(
            select(ServicePlan.version).where(
                ServicePlan.engagement_id == key, ServicePlan.state != "submitted"
            )
        ).all()
        numbers = session.exec(
            select(Contract.number).where(Contract.engagement_id == key, Contract.state != "offered")
        ).all()
        answered = [(CycleKind.DUE_DILIGENCE, f"plan-{version}") for version in versions]
        answered += [(CycleKind.CONTRACT, number) for number in numbers]
        left = session.exec(
            select(Cycle).where(
                Cycle.engagement_id == key,
                Cycle.state == "planned",
                tuple_(col(Cycle.kind), col(Cycle.period)).in_(answered),
            )
        ).all()
        for cycle in left:
            cycle.state, cycle.finished_at, cycle.last_error = "done", utc_now(), ""
            session.add(cycle)
            record_event(
                session, key, "cycle.done", f"{cycle.kind}:{cycle.period}", {"attempt": cycle.attempt}
            )
        return len(left)


def _claim(session: Session, row: Cycle, code: str) -> CycleRef | None:
    claimed = session.exec(
        update(Cycle)
        .where(col(Cycle.id) == row.id, col(Cycle.state) == "planned", col(Cycle.attempt) == row.attempt)
        .values(state="started", attempt=row.attempt + 1, lease_until=_lease_end(), flow_run_id="")
    )
    if claimed.rowcount != 1:
        return None
    session.refresh(row)
    return _ref(row, code)


def _find_or_plan(
    session: Session,
    engagement: Engagement,
    kind: CycleKind,
    period: str,
    as_of: date | None,
    due_on: date | None = None,
) -> Cycle:
    key = engagement_id(engagement)
    query = (
        select(Cycle)
        .where(Cycle.engagement_id == key, Cycle.kind == kind, Cycle.period == period)
        .with_for_update()
    )
    found = session.exec(query).one_or_none()
    if found is not None:
        return found
    today = as_of or business_today(engagement)
    insert_if_absent(
        session,
        Cycle,
        [
            {
                "engagement_id": key,
                "kind": kind.value,
                "period": period,
                "due_on": due_on or today,
                "as_of": today,
                "state": "planned",
                "attempt": 0,
                "flow_run_id": "",
                "last_error": "",
                "created_at": utc_now(),
            }
        ],
    )
    return session.exec(query).one()


def release_claims(cycles: Sequence[CycleRef], reason: str) -> int:
    """Give back what was claimed but could not be started; this is no death and is not counted as one.

    Returns:
        How many were given back; a run that began after all keeps its cycle.
    """
    released = 0
    with writing() as session:
        for cycle in cycles:
            released += session.exec(
                update(Cycle)
                .where(*_held_by(cycle), col(Cycle.flow_run_id) == "")
                .values(state="planned", lease_until=None, last_error=reason)
            ).rowcount
    return released


def remember_run(cycle: CycleRef, flow_run_id: str) -> None:
    """Note which Prefect run works on the cycle, for people and for the reconciler."""
    with writing() as session:
        session.exec(
            update(Cycle)
            .where(col(Cycle.id) == cycle.id, col(Cycle.attempt) == cycle.attempt)
            .values(flow_run_id=flow_run_id)
        )


@dataclass(frozen=True)
class StartedCycle:
    """A cycle that is marked as being worked on."""

    ref: CycleRef
    flow_run_id: str
    lease_expired: bool


def started_cycles() -> list[StartedCycle]:
    """Every cycle somebody claims to be working on."""
    with reading() as session:
        rows = session.exec(
            select(Cycle, Engagement.code)
            .join(Engagement, col(Engagement.id) == col(Cycle.engagement_id))
            .where(Cycle.state == "started")
        ).all()
        now = utc_now()
        return [
            StartedCycle(_ref(row, code), row.flow_run_id, not row.lease_until or row.lease_until < now)
            for row, code in rows
        ]


def failed_cycles(code: str) -> list[tuple[str, str, str]]:
    """Kind, period and last error of the cycles that need a person."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        rows = session.exec(
            select(Cycle.kind, Cycle.period, Cycle.last_error).where(
                Cycle.engagement_id == key, Cycle.state == "failed"
            )
        ).all()
        return [(kind, period, error) for kind, period, error in rows]


def give_up_attempt(cycle: CycleRef, reason: str) -> str:
    """Take a cycle from an attempt that died: it becomes due again, or failed after the last attempt.

    Returns:
        The state it is in now; unchanged if the attempt finished or was taken over meanwhile.
    """
    with writing() as session:
        state = "planned" if _deaths(session, cycle) + 1 < MAX_ATTEMPTS else "failed"
        changed = session.exec(
            update(Cycle)
            .where(
                col(Cycle.id) == cycle.id, col(Cycle.attempt) == cycle.attempt, col(Cycle.state) == "started"
            )
            .values(state=state, lease_until=None, last_error=reason)
        )
        if changed.rowcount == 1:
            record_event(
                session,
                cycle.engagement_id,
                "cycle.given_up",
                f"{cycle.kind}:{cycle.period}",
                {"attempt": cycle.attempt, "reason": reason, "state": state},
            )
            return state
        row = session.get(Cycle, cycle.id)
        return row.state if row else "missing"


def _deaths(session: Session, cycle: CycleRef) -> int:
    """How often the cycle was given up since it was last put off or let go on by a person."""
    mine = (
        AuditEvent.engagement_id == cycle.engagement_id,
        AuditEvent.subject == f"{cycle.kind}:{cycle.period}",
    )
    fresh_start = session.exec(
        select(func.max(AuditEvent.sequence)).where(
            *mine, col(AuditEvent.tag).in_(("cycle.postponed", "cycle.retried"))
        )
    ).one()
    return session.exec(
        select(func.count())
        .select_from(AuditEvent)
        .where(*mine, AuditEvent.tag == "cycle.given_up", AuditEvent.sequence > (fresh_start or 0))
    ).one()


def retry_failed(code: str, kind: CycleKind, period: str) -> None:
    """Let a cycle that failed for good be tried again, after a person has mended the cause.

    Raises:
        Terminal: the cycle is not in state failed.
    """
    with writing() as session:
        engagement = find_engagement(session, code)
        changed = session.exec(
            update(Cycle)
            .where(
                col(Cycle.engagement_id) == engagement_id(engagement),
                col(Cycle.kind) == kind,
                col(Cycle.period) == period,
                col(Cycle.state) == "failed",
            )
            .values(state="planned")
        )
        if changed.rowcount != 1:
            raise Terminal(f"{kind} {period} of {code} has not failed, so there is nothing to try again.")
        record_event(session, engagement_id(engagement), "cycle.retried", f"{kind}:{period}")


def _held_by(cycle: CycleRef) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Cycle.id) == cycle.id,
        col(Cycle.attempt) == cycle.attempt,
        col(Cycle.state) == "started",
    )


def _lease_end() -> datetime:
    return utc_now() + timedelta(seconds=settings().cycle_lease_seconds)


def _ref(row: Cycle, code: str) -> CycleRef:
    if row.id is None:
        raise ValueError("the cycle is not stored yet")
    return CycleRef(row.id, row.engagement_id, code, row.kind, row.period, row.as_of, row.attempt)
