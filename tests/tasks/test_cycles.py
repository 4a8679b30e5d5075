"""Is each piece of the clockwork worked on by one run at a time, and done once? (E1, E3)"""

import threading
from datetime import date, timedelta

import pytest
from sqlmodel import select, update

from models.audit import AuditEvent
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Cycle, IntakeVersion
from models.errors import CycleSuperseded, Terminal
from models.rules.cycles import CycleKind
from tasks.contracts import draw_up_contract, offer_contract
from tasks.cycles import (
    MAX_ATTEMPTS,
    begin_cycle,
    claim_due,
    cycle_transaction,
    due_now,
    failed_cycles,
    finish_cycle,
    give_up_attempt,
    postpone_cycle,
    release_claims,
    remember_run,
    retry_failed,
    started_cycles,
)
from tasks.planning import draft_plan, submit_plan
from tests import factories

MONTH = ("2027-01", date(2027, 1, 1))


def test_a_cycle_that_is_done_is_not_begun_again(in_service: str) -> None:
    cycle = factories.claim(in_service, CycleKind.MONTH_OPEN, *MONTH)
    finish_cycle.fn(cycle)
    assert begin_cycle.fn(in_service, CycleKind.MONTH_OPEN, *MONTH, None, "") is None
    assert (CycleKind.MONTH_OPEN, "2027-01") not in [(k, p) for k, p, _due in due_now(in_service, MONTH[1])]


def test_a_cycle_in_other_hands_is_left_alone_until_its_lease_ends(in_service: str) -> None:
    assert factories.claim(in_service, CycleKind.MONTH_OPEN, *MONTH).attempt == 1
    assert begin_cycle.fn(in_service, CycleKind.MONTH_OPEN, *MONTH, None, "") is None
    with writing() as session:
        session.exec(update(Cycle).values(lease_until=utc_now() - timedelta(seconds=1)))
    assert factories.claim(in_service, CycleKind.MONTH_OPEN, *MONTH).attempt == 2


def test_a_run_of_an_older_attempt_writes_nothing_more(in_service: str) -> None:
    old = factories.claim(in_service, CycleKind.MONTH_OPEN, *MONTH)
    give_up_attempt(old, "its process died")
    new = factories.claim(in_service, CycleKind.MONTH_OPEN, *MONTH)
    with pytest.raises(CycleSuperseded), cycle_transaction(old):
        raise AssertionError("the block of a superseded run must not be entered")
    with pytest.raises(CycleSuperseded):
        finish_cycle.fn(old)
    assert begin_cycle.fn(in_service, CycleKind.MONTH_OPEN, *MONTH, old.attempt, "") is None
    finish_cycle.fn(new)
    assert _states() == {"2027-01": "done"}


def test_of_many_dispatchers_at_once_one_claims_each_cycle(in_service: str) -> None:
    claims: list[tuple[str, str, int]] = []
    errors: list[BaseException] = []
    barrier = threading.Barrier(4)

    def dispatch() -> None:
        barrier.wait(20)
        try:
            claims.extend((c.kind, c.period, c.attempt) for c in claim_due(in_service, date(2027, 3, 20)))
        except BaseException as error:
            errors.append(error)

    dispatchers = [threading.Thread(target=dispatch) for _ in range(4)]
    for dispatcher in dispatchers:
        dispatcher.start()
    for dispatcher in dispatchers:
        dispatcher.join(60)
    assert errors == []
    assert len(claims) == len(set(claims)) == len(started_cycles())
    assert {(CycleKind.MONTH_OPEN, f"2027-0{month}", 1) for month in (1, 2, 3)} <= set(claims)


def test_work_that_dies_again_and_again_is_left_to_a_person_who_may_let_it_go_on(in_service: str) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        cycle = factories.claim(in_service, CycleKind.MONTH_OPEN, *MONTH)
        assert cycle.attempt == attempt
        state = give_up_attempt(cycle, f"death {attempt}")
        assert state == ("failed" if attempt == MAX_ATTEMPTS else "planned")
    assert failed_cycles(in_service) == [("month_open", "2027-01", f"death {MAX_ATTEMPTS}")]
    claimed = [(c.kind, c.period) for c in claim_due(in_service, MONTH[1])]
    assert ("month_open", "2027-01") not in claimed
    retry_failed(in_service, CycleKind.MONTH_OPEN, "2027-01")
    assert ("month_open", "2027-01") in [(c.kind, c.period) for c in claim_due(in_service, MONTH[1])]
    with pytest.raises(Terminal, match="has not failed"):
        retry_failed(in_service, CycleKind.MONTH_OPEN, "2027-01")


def test_what_was_put_off_is_due_again_with_the_reason_kept(in_service: str) -> None:
    cycle = factories.claim(in_service, CycleKind.MONTH_OPEN, *MONTH)
    postpone_cycle.fn(cycle, "the gardener is missing")
    with reading() as session:
        row = session.exec(select(Cycle).where(Cycle.period == "2027-01")).one()
    assert (row.state, row.last_error) == ("planned", "the gardener is missing")
    assert ("month_open", "2027-01") in [(c.kind, c.period) for c in claim_due(in_service, MONTH[1])]


@pytest.mark.parametrize(
    ("verdict", "parties"), [("accepted", ("client", "custodian")), ("rejected", ("client",))]
)
def test_a_plan_that_was_answered_needs_no_run_more_though_the_one_that_asked_died(
    surveyed: str, verdict: str, parties: tuple[str, ...]
) -> None:
    factories.confirm_the_record()
    cycle = factories.claim(surveyed, CycleKind.DUE_DILIGENCE, "plan-1", factories.SURVEYED_ON)
    submit_plan.fn(cycle, draft_plan.fn(cycle)["version"])
    give_up_attempt(cycle, "its process died")
    factories.answer(surveyed, "plan", verdict, parties)
    claimed = [(c.kind, c.period) for c in claim_due(surveyed, factories.SURVEYED_ON)]
    assert claimed == [
        (CycleKind.CONTRACT, "contract-1") if verdict == "accepted" else (CycleKind.DUE_DILIGENCE, "plan-2")
    ]
    assert _states("due_diligence")["plan-1"] == "done"
    with reading() as session:
        assert session.exec(select(AuditEvent.subject).where(AuditEvent.tag == "cycle.done")).all() == [
            "due_diligence:plan-1"
        ]


def test_no_contract_is_due_or_drawn_up_before_both_sides_confirmed_the_record(surveyed: str) -> None:
    factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan")
    with writing() as session:
        session.exec(update(IntakeVersion).values(state="proposed"))
    assert claim_due(surveyed, factories.SURVEYED_ON) == []
    cycle = factories.claim(surveyed, CycleKind.CONTRACT, "contract-1", factories.SURVEYED_ON)
    with pytest.raises(Terminal, match="Not both sides have confirmed the agreed record"):
        draw_up_contract.fn(cycle)
    give_up_attempt(cycle, "refused")
    with writing() as session:
        session.exec(update(IntakeVersion).values(state="confirmed"))
    assert [(c.kind, c.period) for c in claim_due(surveyed, factories.SURVEYED_ON)] == [
        (CycleKind.CONTRACT, "contract-1")
    ]


def test_a_plan_still_before_the_parties_is_put_to_them_again_where_the_run_that_asked_died(
    surveyed: str,
) -> None:
    cycle = factories.claim(surveyed, CycleKind.DUE_DILIGENCE, "plan-1", factories.SURVEYED_ON)
    submit_plan.fn(cycle, draft_plan.fn(cycle)["version"])
    give_up_attempt(cycle, "its process died")
    factories.answer(surveyed, "plan", parties=["client"])
    assert [(c.kind, c.period) for c in claim_due(surveyed, factories.SURVEYED_ON)] == [
        (CycleKind.DUE_DILIGENCE, "plan-1")
    ]


def test_a_contract_signed_by_both_sides_needs_no_run_more_though_the_one_that_asked_died(
    surveyed: str,
) -> None:
    factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan")
    cycle = factories.claim(surveyed, CycleKind.CONTRACT, "contract-1", factories.SURVEYED_ON)
    draw_up_contract.fn(cycle)
    offer_contract.fn(cycle)
    give_up_attempt(cycle, "its process died")
    factories.answer(surveyed, "contract")
    assert claim_due(surveyed, factories.SURVEYED_ON) == []
    assert _states("contract")["contract-1"] == "done"


def test_a_death_reported_late_does_not_touch_what_was_finished(in_service: str) -> None:
    cycle = factories.claim(in_service, CycleKind.MONTH_OPEN, *MONTH)
    finish_cycle.fn(cycle)
    assert give_up_attempt(cycle, "too late") == "done"
    assert _states() == {"2027-01": "done"}


def test_three_weeks_without_a_dispatcher_lose_nothing(in_service: str) -> None:
    at_once = {(kind, period) for kind, period, _due in due_now(in_service, date(2027, 1, 22))}
    day_by_day = {
        (kind, period)
        for day in range(1, 23)
        for kind, period, _due in due_now(in_service, date(2027, 1, day))
    }
    assert at_once == day_by_day == {(CycleKind.MONTH_OPEN, "2027-01")}


def _states(kind: str = "month_open") -> dict[str, str]:
    with reading() as session:
        rows = session.exec(select(Cycle.period, Cycle.state).where(Cycle.kind == kind)).all()
    return dict(rows)


def test_what_could_not_be_started_is_given_back_and_is_no_death(in_service: str) -> None:
    for _ in range(MAX_ATTEMPTS + 1):
        claimed = claim_due(in_service, MONTH[1])
        assert [(c.kind, c.period) for c in claimed] == [("month_open", "2027-01")]
        assert release_claims(claimed, "no server") == 1
    assert failed_cycles(in_service) == []
    began = claim_due(in_service, MONTH[1])
    remember_run(began[0], "a run that began after all")
    assert release_claims(began, "no server") == 0
    assert [found.flow_run_id for found in started_cycles()] == ["a run that began after all"]


def test_putting_off_is_no_death(in_service: str) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 3):
        cycle = factories.claim(in_service, CycleKind.MONTH_OPEN, *MONTH)
        assert cycle.attempt == attempt, "a number is never used twice"
        postpone_cycle.fn(cycle, "the gardener is missing")
    assert give_up_attempt(factories.claim(in_service, CycleKind.MONTH_OPEN, *MONTH), "a death") == "planned"
