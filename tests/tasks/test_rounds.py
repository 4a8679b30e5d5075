"""Does a round go where the plan says, and does what it finds become work, warnings and a ledger? (B2)"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import col, select

from models.db import reading
from models.intake import PersonForm
from models.outbox import OutboxMail
from models.register import Asset
from models.work import WorkOrder
from tasks.asset_ledger import asset_ledger
from tasks.check_readings import SaidCheck, early_warnings
from tasks.engagements import set_simulated_date
from tasks.intake import record_people
from tasks.reading_watch import warn_of_readings, warn_of_readings_everywhere
from tasks.routes import routes_of
from tasks.work_orders import OpenOrder, open_orders
from tasks.work_records import FieldNote, WorkRefused, complete_work, correct_work
from tasks.work_views import shown_order
from tests import factories

WHO = "custodian-1"
MONTH_END = date(2027, 1, 31)


@pytest.fixture
def code(in_service: str) -> str:
    factories.open_the_month(in_service)
    set_simulated_date(in_service, date(2027, 1, 20))
    return in_service


def water_rounds(code: str) -> list[OpenOrder]:
    return [o for o in open_orders(code, MONTH_END) if o.series == "ROUND-WATER-1D"]


def read(code: str, order: OpenOrder, *answers: str, reason: str = "") -> None:
    checks = tuple(SaidCheck("PUMP-1", *answer.split("=")) for answer in answers)
    act = correct_work if reason else complete_work
    assert act(code, order.id, FieldNote(WHO, order.due_on, checks=checks, reason=reason))


def test_a_route_leads_past_the_machines_of_its_round_in_order(code: str) -> None:
    rows = routes_of(code)
    by_round = {row["round"]: [r for r in rows if r["round"] == row["round"]] for row in rows}
    assert {r["asset"] for r in by_round["ROUND-WATER-1D"]} == {"PUMP-1"}
    lifts = [r["asset"] for r in by_round["ROUND-LIFT-1D"]]
    assert list(dict.fromkeys(lifts)) == ["LIFT-1", "LIFT-2"]
    pressure = next(r for r in by_round["ROUND-WATER-1D"] if r["item"] == "WS-PRESS")
    assert pressure["limits"] == "0.20-0.60 MPa"
    post = rows[0]["post"]
    assert {row["post"] for row in routes_of(code, post)} == {post}


def test_a_reading_beyond_its_limit_becomes_urgent_or_normal_work_linked_to_it(code: str) -> None:
    order = water_rounds(code)[0]
    read(code, order, "WS-PRESS=0.75", "WS-LEAK=passed")
    with reading() as session:
        (repair,) = session.exec(select(WorkOrder).where(WorkOrder.subject == "corrective", WorkOrder.target_code == "PUMP-1")).all()  # fmt: skip
        assert session.exec(select(Asset.in_order).where(Asset.tag == "PUMP-1")).one() is False
    assert repair.series == f"finding:ROUND-WATER-1D:{order.due_on}:WS-PRESS"
    assert "0.75 MPa (0.20-0.60 MPa)" in repair.title
    assert repair.priority == "normal"
    assert repair.respond_by is not None
    assert shown_order(code, order.id)["state"] == "done", "the round itself was walked"
    complete_work(code, repair.id or 0, FieldNote(WHO, order.due_on))
    with reading() as session:
        assert session.exec(select(Asset.in_order).where(Asset.tag == "PUMP-1")).one() is True


def test_a_finding_that_lasts_is_one_order_until_it_is_repaired(code: str) -> None:
    def repairs() -> list[str]:
        with reading() as session:
            rows = session.exec(select(WorkOrder).where(WorkOrder.subject == "corrective")).all()
            return [row.state for row in rows if row.series.startswith("finding:ROUND-WATER-1D")]

    first, second, third = water_rounds(code)[:3]
    read(code, first, "WS-PRESS=0.75")
    read(code, second, "WS-PRESS=0.78")
    assert repairs() == ["released"]
    repair = next(o for o in open_orders(code, MONTH_END) if o.series.startswith("finding:ROUND-WATER-1D"))
    complete_work(code, repair.id, FieldNote(WHO, second.due_on))
    read(code, third, "WS-PRESS=0.75")
    assert sorted(repairs()) == ["done", "released"]
    read(code, third, "WS-PRESS=0.35", reason="misread")
    assert sorted(repairs()) == ["done", "skipped"]
    with reading() as session:
        assert session.exec(select(Asset.in_order).where(Asset.tag == "PUMP-1")).one() is True


def test_the_same_round_twice_is_one_and_a_corrected_reading_takes_the_place_of_the_first(code: str) -> None:
    order = water_rounds(code)[0]
    note = FieldNote(WHO, order.due_on, checks=(SaidCheck("PUMP-1", "WS-PRESS", "0.21"),))
    assert complete_work(code, order.id, note)
    assert not complete_work(code, order.id, note)
    assert [w["state"] for w in early_warnings(code)] == ["early"]
    read(code, order, "WS-PRESS=0.31", reason="misread")
    assert early_warnings(code) == []


def test_readings_that_lead_to_a_limit_warn_before_it(code: str) -> None:
    rounds = water_rounds(code)[:6]
    for number, order in enumerate(rounds):
        read(code, order, f"WS-PRESS={Decimal('0.40') + number * Decimal('0.02')}")
    (warning,) = early_warnings(code)
    assert (warning["asset"], warning["item"], warning["state"]) == ("PUMP-1", "WS-PRESS", "ok")
    assert warning["limit_reached_on"] == str(rounds[0].due_on + timedelta(days=10))
    assert warning["since"] == str(rounds[4].due_on), "five readings are the fewest that make a trend"


def test_a_warning_that_stands_for_long_keeps_its_first_day(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = water_rounds(code)[:16]
    for number, order in enumerate(rounds):
        read(code, order, "WS-PRESS=0.35" if number == 0 else "WS-PRESS=0.58")
    monkeypatch.setattr("tasks.check_readings._LOOKED_AT", 13)
    (warning,) = early_warnings(code)
    assert (warning["state"], warning["since"]) == ("early", str(rounds[1].due_on))


def test_a_machine_is_back_in_order_once_everything_found_wrong_with_it_is_repaired(code: str) -> None:
    first = water_rounds(code)[0]
    read(code, first, "WS-PRESS=0.75", "WS-LEAK=failed")
    with reading() as session:
        both = session.exec(select(WorkOrder).where(col(WorkOrder.series).startswith("finding:"))).all()
    assert len(both) == 2
    for repair, in_order in zip(both, (False, True), strict=True):
        complete_work(code, repair.id or 0, FieldNote(WHO, first.due_on))
        with reading() as session:
            assert session.exec(select(Asset.in_order).where(Asset.tag == "PUMP-1")).one() is in_order


def test_a_drifting_reading_is_mailed_once_to_the_post_that_looks_after_the_machine(code: str) -> None:
    record_people(code, [PersonForm(ref="staff-technician-1", role="staff", name="Sam", email="sam@custodian.example.com")])  # fmt: skip
    first, second, third, fourth = water_rounds(code)[:4]
    on = date(2027, 1, 20)
    read(code, first, "WS-PRESS=0.40")
    assert warn_of_readings(code, on) == []
    read(code, second, "WS-PRESS=0.59")
    assert warn_of_readings_everywhere.fn() == [], "a demonstration has no clock of its own"
    assert warn_of_readings(code, on) == [("PUMP-1", "WS-PRESS")]
    assert warn_of_readings(code, on) == []
    read(code, third, "WS-PRESS=0.40")
    read(code, fourth, "WS-PRESS=0.58")
    assert warn_of_readings(code, on + timedelta(days=1)) == [("PUMP-1", "WS-PRESS")]
    with reading() as session:
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "reading-drift")).all()
    assert {mail.person_ref for mail in mails} == {"staff-technician-1"}
    assert len(mails) == 2
    assert sum("0.59 MPa" in str(mail.body) for mail in mails) == 1


def test_what_is_beyond_its_limit_is_an_order_and_no_mail(code: str) -> None:
    read(code, water_rounds(code)[0], "WS-PRESS=0.75")
    assert warn_of_readings(code, date(2027, 1, 20)) == []


@pytest.mark.parametrize(
    ("check", "why"),
    [
        (SaidCheck("PUMP-9", "WS-PRESS", "1"), "'PUMP-9' is no asset of the register"),
        (SaidCheck("PUMP-1", "LIFT-LEVEL", "1"), "is not looked at on PUMP-1; expected WS-LEAK, WS-PRESS"),
        (SaidCheck("PUMP-1", "WS-PRESS", "high"), "expected a number in MPa"),
        (SaidCheck("PUMP-1", "WS-PRESS", "nan"), "expected a number in MPa"),
        (SaidCheck("PUMP-1", "WS-LEAK", "3"), "expected passed or failed"),
    ],
)
def test_a_check_that_cannot_be_is_refused_and_nothing_is_recorded(
    code: str, check: SaidCheck, why: str
) -> None:
    order = water_rounds(code)[0]
    with pytest.raises(WorkRefused, match=why):
        complete_work(code, order.id, FieldNote(WHO, order.due_on, checks=(check,)))
    assert shown_order(code, order.id)["records"] == []


def test_the_ledger_tells_everything_about_a_machine(code: str) -> None:
    order = water_rounds(code)[0]
    read(code, order, "WS-PRESS=0.75")
    lines = asset_ledger(code, "PUMP-1")["entries"]
    kinds = {line["kind"] for line in lines}
    assert {"installed", "reading", "order"} <= kinds
    assert [line["on"] for line in lines] == sorted(line["on"] for line in lines)
    assert any("0.75 MPa" in line["text"] and line["kind"] == "reading" for line in lines)
    lift = asset_ledger(code, "LIFT-2")
    assert any(
        line["kind"] == "finding" and "door closes with a jerk" in line["text"] for line in lift["entries"]
    )
