"""Is late work told to those who can do it, once, and by the clock alone? (B2-B5)"""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from models.db import reading
from models.intake import PersonForm
from models.outbox import OutboxMail
from models.work import WorkOrder
from tasks.engagements import set_simulated_date
from tasks.intake import record_people
from tasks.overdue_work import tell_overdue_work, tell_overdue_work_everywhere
from tasks.work_orders import open_orders
from tasks.work_records import FieldNote, complete_work, start_work
from tests import factories

WHO = "custodian-1"


@pytest.fixture
def code(in_service: str) -> str:
    factories.open_the_month(in_service)
    set_simulated_date(in_service, date(2027, 1, 20))
    return in_service


def mails(kind: str) -> dict[str, OutboxMail]:
    with reading() as session:
        rows = session.exec(
            select(OutboxMail).where(OutboxMail.kind == kind).order_by(col(OutboxMail.id))
        ).all()
    return {mail.person_ref: mail for mail in rows}


def test_the_post_is_told_of_its_own_late_work_and_the_custodian_of_all_of_it_once(code: str) -> None:
    record_people(code, [PersonForm(ref="staff-technician-1", role="staff", name="Sam", email="sam@custodian.example.com")])  # fmt: skip
    late = [o for o in open_orders(code, date(2027, 1, 31)) if o.latest_on < date(2027, 1, 20)]
    assert tell_overdue_work_everywhere.fn() == [], "a demonstration has no clock of its own"
    assert tell_overdue_work(code) == {"overdue": len(late)}
    assert tell_overdue_work(code) == {}
    told = mails("work-overdue")
    assert set(told) == {"staff-technician-1", "custodian-1"}
    mine = sum(order.post_code == "technician" for order in late)
    assert told["staff-technician-1"].body["title"].endswith(f": {mine}")
    assert told["custodian-1"].body["title"].endswith(f": {len(late)}")
    facts = told["custodian-1"].body["facts"]
    assert "asked for by law" in facts[0][1], "what the law asks for comes first"
    assert facts[-1] == ["And", f"{len(late) - 20} further orders"]


def test_the_next_day_tells_what_became_late_since(code: str) -> None:
    tell_overdue_work(code)
    set_simulated_date(code, date(2027, 1, 21))
    new = [o for o in open_orders(code, date(2027, 1, 31)) if o.latest_on == date(2027, 1, 20)]
    assert tell_overdue_work(code) == {"overdue": len(new)}


def test_a_repair_nobody_has_begun_in_time_is_told_and_one_that_was_begun_is_not(code: str) -> None:
    tell_overdue_work(code)
    services = {
        order.target_code: order
        for order in open_orders(code, date(2027, 1, 31))
        if order.subject == "preventive_maintenance" and order.target_code in ("LIFT-1", "LIFT-2")
    }
    for order in services.values():
        complete_work(code, order.id, FieldNote(WHO, date(2027, 1, 20), outcome="failed", note="brake"))
    begun, left = _repairs()
    start_work(code, begun.id or 0, FieldNote(WHO, date(2027, 1, 20)))
    assert tell_overdue_work(code) == {"not_begun": 1}
    (fact,) = mails("work-not-begun")["custodian-1"].body["facts"]
    assert fact[0] == f"{left.id} · {left.target_code}"
    assert tell_overdue_work(code) == {}


def test_after_three_weeks_of_downtime_everything_still_open_is_told_in_one_mail(code: str) -> None:
    set_simulated_date(code, date(2027, 1, 20) + timedelta(days=21))
    told = tell_overdue_work(code)
    assert told["overdue"] == len(open_orders(code, date(2027, 2, 9)))
    assert len(mails("work-overdue")) == 1


def _repairs() -> list[WorkOrder]:
    with reading() as session:
        return list(
            session.exec(
                select(WorkOrder)
                .where(col(WorkOrder.series).startswith("finding:"))
                .order_by(col(WorkOrder.id))
            ).all()
        )
