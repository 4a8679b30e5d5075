"""Does dangerous work wait for its permit, and its result for a second person? (B2)"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from models.db import reading, writing
from models.permit import Permit
from models.work import WorkOrder
from tasks.engagements import find_engagement, set_simulated_date
from tasks.findings import raise_corrective_order
from tasks.permit_alerts import tell_overdue_permits, tell_overdue_permits_everywhere
from tasks.permits import (
    PermitRefused,
    PermitWish,
    close_permit,
    issue_permit,
    listed_permits,
    orders_in_need,
)
from tasks.work_records import FieldNote, WorkRefused, complete_work, correct_work, reject_work, start_work

TECH, OTHER, BOSS = "staff-technician-1", "staff-electrician-1", "custodian-1"
ON = date(2027, 1, 20)
WISH = PermitWish("hot_work", TECH, BOSS, all_checked=True)


@pytest.fixture
def code(in_service: str) -> str:
    set_simulated_date(in_service, ON)
    return in_service


@pytest.fixture
def order(code: str) -> int:
    with writing() as session:
        key = find_engagement(session, code).id or 0
        raise_corrective_order(
            session,
            key,
            series="request:R-1",
            title="Welding of the gate",
            target=("asset", "PUMP-1"),
            clause="B2",
            post_code="technician",
            on=ON,
        )
        session.flush()
        return session.exec(select(WorkOrder.id).where(WorkOrder.series == "request:R-1")).one() or 0


def test_work_begins_with_a_permit_and_ends_with_a_sign_off(code: str, order: int) -> None:
    (need,) = [row for row in orders_in_need(code) if row["order"] == order]
    assert (need["needs"], need["lacks"]) == ("hot_work", "hot_work")
    with pytest.raises(WorkRefused, match=r"needs a permit for hot_work in the hands of staff-technician-1"):
        start_work(code, order, FieldNote(TECH))
    with pytest.raises(WorkRefused, match="held when the work was done"):
        complete_work(code, order, FieldNote(TECH))
    number, new = issue_permit(code, order, WISH)
    assert new
    assert issue_permit(code, order, WISH) == (number, False)
    assert [row["lacks"] for row in orders_in_need(code) if row["order"] == order] == [""]
    assert start_work(code, order, FieldNote(TECH)) is True
    with pytest.raises(WorkRefused, match="no second person has signed off"):
        complete_work(code, order, FieldNote(TECH))
    with pytest.raises(PermitRefused, match="a second person signs it off"):
        close_permit(code, number, TECH)
    assert close_permit(code, number, OTHER, note="Cold; call 13812345678") is True
    assert close_permit(code, number, OTHER) is False
    with pytest.raises(PermitRefused, match="signed off by staff-electrician-1 already"):
        close_permit(code, number, BOSS)
    with pytest.raises(WorkRefused, match="another person than staff-electrician-1"):
        complete_work(code, order, FieldNote(OTHER))
    assert complete_work(code, order, FieldNote(TECH)) is True
    assert complete_work(code, order, FieldNote(TECH)) is False
    (row,) = listed_permits(code)
    assert (row["state"], row["signed_off_by"]) == ("closed", OTHER)
    assert "13812345678" not in row["note"]
    assert correct_work(code, order, FieldNote(TECH, note="Weld seam 2", reason="more to say")) is True


def test_a_permit_nobody_signed_off_in_time_is_overdue_and_another_day_needs_another(
    code: str, order: int
) -> None:
    first, _new = issue_permit(code, order, WISH)
    assert start_work(code, order, FieldNote(TECH)) is True
    set_simulated_date(code, ON + timedelta(days=1))
    assert [row["state"] for row in listed_permits(code, open_only=True)] == ["overdue"]
    assert tell_overdue_permits_everywhere.fn() == [], "a demonstration has no clock of its own"
    assert (tell_overdue_permits(code), tell_overdue_permits(code)) == ([first], []), "told once"
    with pytest.raises(WorkRefused, match=r"no second person|held when"):
        complete_work(code, order, FieldNote(TECH))
    second, new = issue_permit(code, order, WISH)
    assert new
    assert second != first
    for number in (first, second):
        close_permit(code, number, OTHER)
    assert complete_work(code, order, FieldNote(TECH)) is True


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "juggling"}, "expected one of hot_work"),
        ({"holder": "a stranger"}, "never names"),
        ({"issued_by": TECH}, "cannot allow the own work"),
        ({"hours": 9}, "expected 1 to 8"),
        ({"all_checked": False}, "Fire watch named"),
    ],
)
def test_a_permit_that_may_not_be_is_refused_in_words(
    code: str, order: int, change: dict[str, object], said: str
) -> None:
    with pytest.raises(PermitRefused, match=said):
        issue_permit(code, order, replace(WISH, **change))  # type: ignore[arg-type]
    with reading() as session:
        assert session.exec(select(Permit)).all() == []


def test_sending_back_needs_no_permit_and_a_finished_order_gets_none(code: str, order: int) -> None:
    assert reject_work(code, order, FieldNote(TECH, reason="No gas bottle")) is True
    number, _new = issue_permit(code, order, WISH)
    close_permit(code, number, OTHER)
    complete_work(code, order, FieldNote(TECH))
    with pytest.raises(PermitRefused, match="is done: nothing is to be allowed"):
        issue_permit(code, order, WISH)
