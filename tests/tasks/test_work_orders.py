"""Does the plan's promise become work once, is every outcome recorded, and does nothing vanish? (B2-B5)"""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from models.db import reading
from models.errors import CycleSuperseded
from models.register import Asset
from models.rules.cycles import CycleKind
from models.work import WorkOrder, WorkRecord
from tasks.cycles import give_up_attempt
from tasks.engagements import find_engagement, set_simulated_date
from tasks.findings import CORRECTIVE_TIME
from tasks.work_entries import WorkEntry, record_work
from tasks.work_months import close_month_orders, release_month
from tasks.work_orders import OpenOrder, count_orders, open_orders
from tasks.work_views import listed_work
from tests import factories

MONTH_END = date(2027, 1, 31)


def test_a_month_is_released_as_the_plan_promises(in_service: str) -> None:
    released = factories.open_the_month(in_service)
    orders = _orders()
    assert Counter(order.subject for order in orders) == released
    assert set(released) >= {"preventive_maintenance", "round", "cleaning", "security_patrol", "fire_check"}
    assert all(date(2027, 1, 1) <= order.due_on <= MONTH_END for order in orders)
    assert all(order.due_on <= order.latest_on for order in orders)
    lift_service = [o for o in orders if o.target_code == "LIFT-1" and o.subject == "preventive_maintenance"]
    assert len(lift_service) >= 2, "every fifteen days, as the register and the rules for lifts ask"
    assert all(order.statutory for order in lift_service)


def test_releasing_a_month_again_adds_nothing(in_service: str) -> None:
    cycle = factories.claim(in_service, CycleKind.MONTH_OPEN, "2027-01")
    first = release_month.fn(cycle)
    before = len(_orders())
    assert before == sum(first.values()) > 0
    again = release_month.fn(cycle)
    assert sum(again.values()) == 0
    assert len(_orders()) == before


def test_a_run_that_was_given_up_releases_nothing(in_service: str) -> None:
    cycle = factories.claim(in_service, CycleKind.MONTH_OPEN, "2027-01")
    assert give_up_attempt(cycle, "the test says so") == "planned"
    with pytest.raises(CycleSuperseded, match="attempt 1 was given up"):
        release_month.fn(cycle)
    assert _orders() == []


def test_work_recorded_twice_is_recorded_once(in_service: str) -> None:
    order = _first(in_service, "preventive_maintenance")
    entry = WorkEntry(order.id, order.due_on, "staff-1", "passed")
    assert record_work(in_service, [entry], order.due_on) == 1
    assert record_work(in_service, [entry], order.due_on) == 0
    with reading() as session:
        records = session.exec(select(WorkRecord)).all()
        assert [(r.work_order_id, r.outcome, r.late_entry) for r in records] == [(order.id, "passed", False)]


def test_a_failed_check_takes_the_asset_out_of_order_until_it_is_repaired(in_service: str) -> None:
    order = _first(in_service, "preventive_maintenance")
    assert _in_order(order.target_code)
    failed = WorkEntry(order.id, order.due_on, "staff-1", "failed", note="brake worn")
    record_work(in_service, [failed], order.due_on)
    assert not _in_order(order.target_code)

    (repair,) = _repairs_raised(in_service)
    assert repair.target_code == order.target_code
    assert repair.series == f"finding:{order.series}:{order.due_on}", "the repair names what it came from"
    assert "brake worn" in repair.title
    assert repair.due_on == order.due_on + CORRECTIVE_TIME

    record_work(in_service, [WorkEntry(repair.id, repair.due_on, "staff-1", "done")], repair.due_on)
    assert _in_order(order.target_code)


def test_a_repair_that_fails_leaves_the_asset_out_of_order_and_raises_another(in_service: str) -> None:
    order = _first(in_service, "preventive_maintenance")
    record_work(in_service, [WorkEntry(order.id, order.due_on, "staff-1", "failed")], order.due_on)
    (repair,) = _repairs_raised(in_service)
    record_work(in_service, [WorkEntry(repair.id, repair.due_on, "staff-1", "failed")], repair.due_on)
    assert not _in_order(order.target_code)
    assert [again.target_code for again in _repairs_raised(in_service)] == [order.target_code]


def test_an_entry_made_after_the_window_says_so(in_service: str) -> None:
    order = _first(in_service, "preventive_maintenance")
    late = order.latest_on + timedelta(days=1)
    record_work(in_service, [WorkEntry(order.id, order.due_on, "staff-1", "passed")], late)
    with reading() as session:
        assert session.exec(select(WorkRecord.late_entry)).one() is True


def test_what_nobody_did_is_marked_and_counted_against_the_month(in_service: str) -> None:
    factories.open_the_month(in_service)
    rounds = [o for o in open_orders(in_service, MONTH_END) if o.subject == "round"]
    done, left = rounds[:-3], rounds[-3:]
    record_work(in_service, [WorkEntry(o.id, o.due_on, "staff-1", "passed") for o in done], MONTH_END)
    cycle = factories.claim(in_service, CycleKind.MONTH_CLOSE, "2027-01", date(2027, 2, 1))
    missed = close_month_orders.fn(cycle)
    with reading() as session:
        states = Counter(session.exec(select(WorkOrder.state).where(WorkOrder.subject == "round")).all())
        key = find_engagement(session, in_service).id or 0
        kept, total = count_orders(session, key, date(2027, 1, 1), MONTH_END, ["round"])
        open_past = session.exec(
            select(WorkOrder).where(WorkOrder.state == "released", col(WorkOrder.latest_on) <= MONTH_END)
        ).all()
    assert states == {"done": len(done), "missed": len(left)}
    assert (kept, total) == (len(done), len(rounds))
    assert missed >= 3
    assert open_past == [], "nothing whose window has closed is left open"
    assert close_month_orders.fn(cycle) == 0


def test_a_repair_outlives_its_month_and_is_no_late_entry_when_it_is_done(in_service: str) -> None:
    order = _first(in_service, "preventive_maintenance")
    record_work(in_service, [WorkEntry(order.id, order.due_on, "staff-1", "failed")], order.due_on)
    (repair,) = _repairs_raised(in_service)
    close_month_orders.fn(factories.claim(in_service, CycleKind.MONTH_CLOSE, "2027-01", date(2027, 2, 1)))
    set_simulated_date(in_service, date(2027, 2, 3))
    (listed,) = [o for o in listed_work(in_service, overdue=True) if o["order"] == repair.id]
    assert listed["state"] == "overdue"
    assert record_work(in_service, [WorkEntry(repair.id, date(2027, 2, 3), "staff-1")], date(2027, 2, 3)) == 1
    with reading() as session:
        record = session.exec(select(WorkRecord).where(WorkRecord.work_order_id == repair.id)).one()
    assert record.late_entry is False, "it was entered on the day it was done"


def test_work_done_outside_its_window_does_not_count_as_in_time(in_service: str) -> None:
    factories.open_the_month(in_service)
    rounds = [o for o in open_orders(in_service, MONTH_END) if o.subject == "round"]
    late, others = rounds[0], rounds[1:]
    entries = [WorkEntry(late.id, late.latest_on + timedelta(days=1), "staff-1", "passed")]
    entries += [WorkEntry(o.id, o.due_on, "staff-1", "passed") for o in others]
    record_work(in_service, entries, MONTH_END)
    with reading() as session:
        key = find_engagement(session, in_service).id or 0
        assert count_orders(session, key, date(2027, 1, 1), MONTH_END, ["round"]) == (
            len(rounds) - 1,
            len(rounds),
        )


def test_another_engagements_orders_cannot_be_closed(in_service: str) -> None:
    order = _first(in_service, "round")
    other = factories.create_engagement("OTHER")
    assert record_work(other, [WorkEntry(order.id, order.due_on, "staff-1", "passed")], order.due_on) == 0
    assert order.id in {o.id for o in open_orders(in_service, MONTH_END)}


def _first(code: str, subject: str) -> OpenOrder:
    factories.open_the_month(code)
    return next(
        order
        for order in open_orders(code, MONTH_END)
        if order.subject == subject and (subject != "preventive_maintenance" or order.target_code == "LIFT-1")
    )


def _repairs_raised(code: str) -> list[OpenOrder]:
    """Open repairs that came from a failed check, not from the condition survey."""
    return [order for order in open_orders(code, MONTH_END) if order.series.startswith("finding:")]


def _orders() -> list[WorkOrder]:
    with reading() as session:
        return list(session.exec(select(WorkOrder)).all())


def _in_order(tag: str) -> bool:
    with reading() as session:
        return session.exec(select(Asset.in_order).where(Asset.tag == tag)).one()
