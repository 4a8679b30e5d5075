"""Is every occurrence of every promise planned once, given out, and brought to an end that can be read? (B2-B5)"""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import Session, col, select

from models.db import reading, writing
from models.engagement import Engagement
from models.occurrence import Occurrence
from models.rules.cycles import CycleKind
from models.service_plan import Commitment, CommitmentTarget
from models.work import WorkOrder
from tasks.absorbing import count_absorbed
from tasks.cycles import finish_cycle, give_up_attempt
from tasks.engagements import set_simulated_date
from tasks.work_entries import WorkEntry, record_work
from tasks.work_months import close_month_orders, release_month
from tasks.work_orders import open_orders
from tasks.work_records import FieldNote, complete_work
from tasks.work_views import listed_work
from tests import factories

LIFTS = ("LIFT-1", "LIFT-2")


def ledger() -> list[dict[str, Any]]:
    with reading() as session:
        return [one.model_dump(exclude={"id"}) for one in _all(session)]


def _all(session: Session) -> list[Occurrence]:
    return list(session.exec(select(Occurrence).order_by(Occurrence.series, col(Occurrence.ordinal))).all())


def orders() -> list[WorkOrder]:
    with reading() as session:
        return list(session.exec(select(WorkOrder)).all())


def do_all(code: str, until: date) -> None:
    entries = [WorkEntry(o.id, o.due_on, "staff-1", "passed") for o in open_orders(code, until)]
    record_work(code, entries, until)


def close(code: str, period: str, on: date) -> int:
    cycle = factories.claim(code, CycleKind.MONTH_CLOSE, period, on)
    missed = close_month_orders.fn(cycle)
    finish_cycle.fn(cycle)
    return missed


def add_promise(code: str, targets: tuple[str, ...] = ("LIFT-1",), job: str = "X", **fields: Any) -> None:
    """A further commitment of the plan in force."""
    with writing() as session:
        model = session.exec(select(Commitment).order_by(Commitment.code)).first()
        assert model is not None
        values = model.model_dump(exclude={"id"}) | {
            "code": f"PPM-{job}",
            "subject": "preventive_maintenance",
            "clause": "B2",
            "start_on": factories.TERM_START,
            "longest_interval_days": None,
            "statutory": "",
            "on_demand": False,
        }
        planning = {"job": job, **fields.pop("planning", {})}
        added = Commitment(**(values | fields | {"planning": planning}))
        session.add(added)
        session.flush()
        for target in targets:
            session.add(CommitmentTarget(commitment_id=added.id or 0, kind="asset", code=target))


def of(job: str, target: str = "LIFT-1") -> list[dict[str, Any]]:
    return [
        one for one in ledger() if one["commitment_code"] == f"PPM-{job}" and one["target_code"] == target
    ]


def test_a_month_is_planned_with_the_next_and_given_out_alone(in_service: str) -> None:
    factories.open_the_month(in_service)
    found = ledger()
    states = Counter((one["state"], one["due_on"].month) for one in found)
    assert set(states) <= {("released", 1), ("planned", 2), ("absorbed", 1), ("absorbed", 2)}
    assert states["released", 1] == len(orders())
    assert len({(one["series"], one["ordinal"]) for one in found}) == len(found)


def test_planning_again_changes_nothing(in_service: str) -> None:
    cycle = factories.claim(in_service, CycleKind.MONTH_OPEN, "2027-01")
    release_month.fn(cycle)
    before = ledger()
    release_month.fn(cycle)
    assert ledger() == before


def test_three_weeks_of_downtime_give_the_same_ledger(in_service: str) -> None:
    """Opened late, with the month before closed late too, the same work is planned under the same numbers."""
    on_time = _year(in_service, late=0)
    assert {one["state"] for one in on_time} >= {"done", "planned"}
    with writing() as session:
        for table in ("workrecord", "workorder", "occurrence", "cycle"):
            session.connection().exec_driver_sql(
                f"delete from {table}"
                + (" where kind in ('month_open', 'month_close')" if table == "cycle" else "")
            )
    assert _year(in_service, late=21) == on_time


def _year(code: str, late: int) -> list[dict[str, Any]]:
    for month in (1, 2, 3):
        period = f"2027-{month:02d}"
        opened = date(2027, month, 1) + timedelta(days=late)
        cycle = factories.claim(code, CycleKind.MONTH_OPEN, period, opened)
        release_month.fn(cycle)
        finish_cycle.fn(cycle)
        last = date(2027, month + 1, 1) - timedelta(days=1)
        do_all(code, last)
        close(code, period, last + timedelta(days=1 + late))
    return ledger()


def test_nothing_vanishes_over_a_quarter_and_the_fifteen_days_hold(in_service: str) -> None:
    _year(in_service, late=0)
    found = ledger()
    by_series: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        by_series.setdefault(one["series"], []).append(one)
    for name, ones in by_series.items():
        ordinals = [one["ordinal"] for one in ones]
        assert ordinals == list(range(ordinals[0], ordinals[0] + len(ordinals))), name
    with reading() as session:
        limits = dict(session.exec(select(Commitment.code, Commitment.longest_interval_days)).all())
    limited = 0
    for ones in by_series.values():
        limit = limits[ones[0]["commitment_code"]]
        if limit is None:
            continue
        for before, after in pairwise(ones):
            if "absorbed" not in (before["state"], after["state"]):
                limited += 1
                assert (after["due_on"] - before["due_on"]).days <= limit
                assert (
                    after["latest_on"] <= after["legal_latest_on"] == before["due_on"] + timedelta(days=limit)
                )
    assert limited > 10


def test_what_was_done_and_what_was_missed_stands_in_the_ledger(in_service: str) -> None:
    factories.open_the_month(in_service)
    january = [o for o in open_orders(in_service, date(2027, 1, 31)) if not o.series.startswith("FIND")]
    left = next(o for o in january if o.subject == "round")
    record_work(
        in_service,
        [WorkEntry(o.id, o.due_on, "staff-1", "passed") for o in january if o.id != left.id],
        date(2027, 1, 31),
    )
    close(in_service, "2027-01", date(2027, 2, 1))
    states = {
        (one["commitment_code"], one["target_code"], one["due_on"]): (one["state"], one["done_on"])
        for one in ledger()
    }
    assert states[left.series, left.target_code, left.due_on] == ("missed", None)
    for order in orders():
        if order.commitment_id is not None:
            assert states[order.series, order.target_code, order.due_on] == (order.state, order.done_on)


def test_a_run_that_was_given_up_plans_nothing(in_service: str) -> None:
    cycle = factories.claim(in_service, CycleKind.MONTH_OPEN, "2027-01")
    give_up_attempt(cycle, "the test says so")
    with pytest.raises(Exception, match="given up"):
        release_month.fn(cycle)
    assert ledger() == []


def test_many_assets_are_planned_in_parts_and_a_part_that_died_is_made_up(
    sqlite_in_service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.open_the_month(sqlite_in_service)
    whole, given_out = ledger(), len(orders())
    with writing() as session:
        for table in ("workorder", "occurrence", "cycle"):
            session.connection().exec_driver_sql(
                f"delete from {table}"
                + (" where kind in ('month_open', 'month_close')" if table == "cycle" else "")
            )
    monkeypatch.setattr("tasks.series.ROWS_AT_ONCE", 50)
    cycle = factories.claim(sqlite_in_service, CycleKind.MONTH_OPEN, "2027-01", date(2027, 1, 1))
    from tasks import work_months

    calls = iter(range(100))

    def dies(*arguments: Any) -> None:
        if next(calls) == 3:
            raise RuntimeError("killed in the fourth part")
        planned(*arguments)

    planned = work_months.plan_part
    with monkeypatch.context() as patch:
        patch.setattr(work_months, "plan_part", dies)
        with pytest.raises(RuntimeError):
            release_month.fn(cycle)
    assert 0 < len(ledger()) < len(whole)
    assert orders() == []
    release_month.fn(cycle)
    assert ledger() == whole
    assert len(orders()) == given_out


def test_a_larger_service_takes_the_place_of_the_smaller_one(in_service: str) -> None:
    add_promise(in_service, LIFTS, "SMALL", rrule="FREQ=MONTHLY", start_on=date(2027, 1, 14))
    add_promise(
        in_service,
        ("LIFT-1",),
        "LARGE",
        rrule="FREQ=YEARLY",
        start_on=date(2027, 1, 13),
        planning={"absorbs": ["SMALL"]},
    )
    factories.open_the_month(in_service)
    small, other = of("SMALL"), of("SMALL", "LIFT-2")
    assert (small[0]["state"], small[0]["absorbed_by"]) == ("absorbed", "PPM-LARGE/LIFT-1#0")
    with reading() as session:
        key, day = session.exec(select(Engagement.id)).one() or 0, small[0]["due_on"]
        assert count_absorbed(session, key, day, day) == 1
        assert count_absorbed(session, key, date(2027, 1, 1), day - timedelta(days=1)) == 0
    assert [one["state"] for one in small[1:]] == ["planned"]
    assert other[0]["state"] == "released", "another lift has no yearly service"
    given_out = {(o.series, o.target_code) for o in orders() if o.due_on.month == 1}
    assert ("PPM-LARGE", "LIFT-1") in given_out
    assert ("PPM-SMALL", "LIFT-1") not in given_out


def test_if_the_larger_service_is_missed_the_smaller_one_is_too(in_service: str) -> None:
    add_promise(in_service, ("LIFT-1",), "SMALL", rrule="FREQ=MONTHLY", start_on=date(2027, 1, 4))
    add_promise(
        in_service, ("LIFT-1",), "LARGE", rrule="FREQ=MONTHLY;INTERVAL=3", planning={"absorbs": ["SMALL"]}
    )
    factories.open_the_month(in_service)
    assert of("SMALL")[0]["state"] == "absorbed"
    close(in_service, "2027-01", date(2027, 2, 1))
    assert of("LARGE")[0]["state"] == "missed"
    assert (of("SMALL")[0]["state"], of("SMALL")[0]["reason"]) == (
        "missed",
        "the service that contains it was missed",
    )


def test_a_floating_series_goes_on_from_the_day_it_was_done(in_service: str) -> None:
    add_promise(
        in_service,
        job="FLOAT",
        rrule="FREQ=DAILY;INTERVAL=10",
        start_on=date(2027, 1, 5),
        planning={"basis": "floating"},
    )
    factories.open_the_month(in_service)
    assert [(one["ordinal"], one["due_on"], one["state"]) for one in of("FLOAT")] == [
        (0, date(2027, 1, 5), "released")
    ]
    first = next(o for o in open_orders(in_service, date(2027, 1, 31)) if o.series == "PPM-FLOAT")
    record_work(in_service, [WorkEntry(first.id, date(2027, 1, 8), "staff-1", "passed")], date(2027, 1, 8))
    assert [(one["ordinal"], one["due_on"], one["state"]) for one in of("FLOAT")] == [
        (0, date(2027, 1, 5), "done"),
        (1, date(2027, 1, 18), "released"),
    ]
    close(in_service, "2027-01", date(2027, 2, 1))
    assert of("FLOAT")[1]["state"] == "missed"
    factories.open_the_month(in_service, "2027-02")
    assert of("FLOAT")[2]["nominal_on"] == date(2027, 1, 28), "an order nobody looked at stops nothing"


def test_work_given_out_ahead_has_its_lead_time(in_service: str) -> None:
    add_promise(
        in_service,
        job="PERMIT",
        rrule="FREQ=YEARLY",
        start_on=date(2027, 2, 10),
        planning={"lead_days": 14},
    )
    factories.open_the_month(in_service)
    assert [(one["due_on"], one["state"], one["release_on"]) for one in of("PERMIT")] == [
        (date(2027, 2, 10), "released", date(2027, 1, 27))
    ]


def test_a_rest_day_is_avoided_and_the_order_is_due_on_the_working_day(in_service: str) -> None:
    add_promise(in_service, job="MOVED", rrule="FREQ=MONTHLY", start_on=date(2027, 1, 10))
    factories.open_the_month(in_service)
    moved = of("MOVED")[0]
    assert (moved["nominal_on"], moved["due_on"], moved["shift"]) == (
        date(2027, 1, 10),
        date(2027, 1, 8),
        "earlier",
    )
    assert [o.due_on for o in orders() if o.series == "PPM-MOVED"] == [date(2027, 1, 8)]


def test_days_agreed_with_the_client_move_the_work(in_service: str) -> None:
    add_promise(in_service, job="MOVED", rrule="FREQ=MONTHLY", start_on=date(2027, 1, 13))
    with writing() as session:
        engagement = session.exec(select(Engagement)).one()
        engagement.working_calendar = {"holidays": ["2027-01-13"]}
        session.add(engagement)
    factories.open_the_month(in_service)
    assert of("MOVED")[0]["due_on"] == date(2027, 1, 12)


def test_a_lift_done_early_is_due_again_fifteen_days_later(in_service: str) -> None:
    add_promise(
        in_service,
        job="LAW",
        rrule="FREQ=DAILY;INTERVAL=15",
        start_on=date(2027, 1, 11),
        longest_interval_days=15,
        statutory="the law",
    )
    factories.open_the_month(in_service)
    for done_on in (date(2027, 1, 7), date(2027, 1, 22)):
        order = next(o for o in open_orders(in_service, date(2027, 1, 31)) if o.series == "PPM-LAW")
        record_work(in_service, [WorkEntry(order.id, done_on, "staff-1", "passed")], done_on)
    assert [(one["due_on"], one["done_on"], one["legal_latest_on"]) for one in of("LAW")[:3]] == [
        (date(2027, 1, 11), date(2027, 1, 7), None),
        (date(2027, 1, 22), date(2027, 1, 22), date(2027, 1, 22)),
        (date(2027, 2, 5), None, date(2027, 2, 6)),  # a Saturday
    ]
    factories.open_the_month(in_service, "2027-02")
    february = [o for o in open_orders(in_service, date(2027, 2, 28)) if o.series == "PPM-LAW"]
    assert february[0].due_on == date(2027, 2, 5)
    assert february[0].latest_on == date(2027, 2, 6)


def test_a_lift_served_early_within_a_larger_service_is_due_again_fifteen_days_later(in_service: str) -> None:
    add_promise(
        in_service,
        job="SMALL",
        rrule="FREQ=DAILY;INTERVAL=15",
        start_on=date(2027, 1, 11),
        longest_interval_days=15,
        statutory="the law",
    )
    add_promise(
        in_service,
        job="LARGE",
        rrule="FREQ=MONTHLY;INTERVAL=3",
        start_on=date(2027, 1, 11),
        planning={"absorbs": ["SMALL"]},
    )
    factories.open_the_month(in_service)
    assert (of("SMALL")[0]["state"], of("SMALL")[1]["due_on"]) == ("absorbed", date(2027, 1, 26))
    large = next(o for o in open_orders(in_service, date(2027, 1, 31)) if o.series == "PPM-LARGE")
    record_work(in_service, [WorkEntry(large.id, date(2027, 1, 7), "staff-1", "passed")], date(2027, 1, 7))
    following = of("SMALL")[1]
    assert following["due_on"] == following["latest_on"] == date(2027, 1, 22)
    assert [o.due_on for o in open_orders(in_service, date(2027, 1, 31)) if o.series == "PPM-SMALL"] == [
        date(2027, 1, 22)
    ]


def test_a_missed_quarterly_test_is_owed_until_the_next_and_missed_sweeping_is_past(in_service: str) -> None:
    add_promise(in_service, job="TEST", rrule="FREQ=MONTHLY;INTERVAL=3", start_on=date(2027, 1, 4))
    factories.open_the_month(in_service)
    close(in_service, "2027-01", date(2027, 2, 1))
    factories.open_the_month(in_service, "2027-02")
    set_simulated_date(in_service, date(2027, 2, 1))
    owed = [o for o in listed_work(in_service) if o["state"] == "missed, still owed"]
    assert ("PPM-TEST", "LIFT-1") in {(o["series"], o["target"]) for o in owed}
    assert len(owed) < sum(order.state == "missed" for order in orders())
    given_out = {(o.series, o.target_code) for o in open_orders(in_service, date(2027, 2, 28))}
    assert not given_out & {(o["series"], o["target"]) for o in owed}, "it is swept again today"
    number = next(o["order"] for o in owed if o["series"] == "PPM-TEST")
    assert complete_work(in_service, number, FieldNote("custodian-1", date(2027, 2, 1)))
    assert of("TEST")[0]["state"] == "done"
    assert "PPM-TEST" not in {o["series"] for o in listed_work(in_service)}
