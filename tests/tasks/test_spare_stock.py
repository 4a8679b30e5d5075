"""Does the shelf's ledger add up, refuse what cannot be, and say in time what to order? (B2)"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import col, select

from models.db import reading
from models.outbox import OutboxMail
from models.rules.cycles import CycleKind
from models.rules.spare_stock import Moved, Movement, level_after, reorder_point, use_per_day
from models.service_plan import PlannedPart
from tasks.engagements import set_simulated_date
from tasks.spare_stock import NewMovement, StockRefused, keep_part, listed_stock, move_stock, stock_ledger
from tasks.wear_parts import report_wear_parts
from tasks.work_orders import open_orders
from tests import factories

ROPE = "ROPE"
TODAY = date(2027, 1, 20)


@pytest.fixture
def code(in_service: str) -> str:
    factories.open_the_month(in_service)
    set_simulated_date(in_service, TODAY)
    keep_part(in_service, ROPE, "Hoist rope", "m", 30, Decimal(5))
    return in_service


def receipt(quantity: int, reference: str, on: date | None = None) -> NewMovement:
    return NewMovement(Movement.RECEIPT, Decimal(quantity), reference, on=on)


def test_what_comes_goes_and_is_counted_adds_up_once(code: str) -> None:
    order = open_orders(code, date(2027, 1, 31))[0]
    issue = NewMovement(Movement.ISSUE, Decimal(12), order_id=order.id, staff_ref="custodian-1")
    assert move_stock(code, ROPE, receipt(60, "DN-1", date(2027, 1, 2))) == (True, Decimal(60))
    assert move_stock(code, ROPE, issue) == (True, Decimal(48))
    assert move_stock(code, ROPE, issue) == (False, Decimal(48))
    count = NewMovement(Movement.COUNT, Decimal(46), "COUNT-1")
    assert move_stock(code, ROPE, count) == (True, Decimal(46))
    assert [(row["kind"], row["level"]) for row in stock_ledger(code, ROPE)] == [
        ("receipt", "60"),
        ("issue", "48"),
        ("count", "46"),
    ]
    assert stock_ledger(code, ROPE)[1]["reference"] == f"order {order.id}"


def test_more_than_there_is_cannot_be_issued_and_nothing_is_overwritten(code: str) -> None:
    move_stock(code, ROPE, receipt(10, "DN-1"))
    with pytest.raises(StockRefused, match=r"would stand at -1 m; count the shelf"):
        move_stock(code, ROPE, NewMovement(Movement.ISSUE, Decimal(11), "taken"))
    with pytest.raises(StockRefused, match="was recorded with 10 m"):
        move_stock(code, ROPE, receipt(20, "DN-1"))
    assert [row["level"] for row in stock_ledger(code, ROPE)] == ["10"]


@pytest.mark.parametrize(
    ("part", "new", "why"),
    [
        ("NONE", receipt(1, "x"), "keeps no part 'NONE'; `steward stock part`"),
        (ROPE, receipt(0, "x"), "is 0; expected more"),
        (ROPE, receipt(-1, "x"), "expected a number from 0"),
        (ROPE, receipt(1, ""), "needs a reference"),
        (ROPE, receipt(1, "x", TODAY + timedelta(days=1)), "after the business date"),
        (ROPE, NewMovement(Movement.ISSUE, Decimal(1), order_id=999999), "has no work order 999999"),
        (ROPE, NewMovement(Movement.RECEIPT, Decimal(1), "x", staff_ref="Wang"), "never a name"),
    ],
)
def test_a_movement_that_cannot_be_is_refused(code: str, part: str, new: NewMovement, why: str) -> None:
    with pytest.raises(Exception, match=why):
        move_stock(code, part, new)


def test_a_part_below_its_reorder_point_is_to_be_ordered(code: str) -> None:
    move_stock(code, ROPE, receipt(60, "DN-1", date(2027, 1, 2)))
    assert listed_stock(code, low=True) == []
    move_stock(code, ROPE, NewMovement(Movement.ISSUE, Decimal(30), "works", on=date(2027, 1, 10)))
    (row,) = listed_stock(code, low=True)
    assert (row["level"], row["reorder_point"], row["order_now"]) == ("30", "35", "yes")
    assert keep_part(code, ROPE, "Hoist rope", "m", 10, Decimal(5)) == "changed"
    assert listed_stock(code, low=True) == []
    assert keep_part(code, ROPE, "Hoist rope", "m", 10, Decimal(5)) == "as before"


def test_the_reorder_point_is_the_use_during_the_lead_time_plus_safety() -> None:
    moved = [Moved(TODAY - timedelta(days=364), Movement.RECEIPT, Decimal(500))]
    moved += [Moved(TODAY - timedelta(days=k), Movement.ISSUE, Decimal(73)) for k in (300, 200, 100, 50, 1)]
    assert use_per_day(moved, TODAY) == Decimal(1)
    assert reorder_point(Decimal(1), 14, Decimal("2.5")) == 17
    assert reorder_point(Decimal(0), 14, Decimal(0)) == 0
    assert level_after(moved).quantity == 135
    assert use_per_day([], TODAY) == 0


def test_a_count_keeps_its_difference_and_later_entries_of_earlier_days_stay_before_it() -> None:
    moved = [
        Moved(date(2027, 1, 1), Movement.RECEIPT, Decimal(10)),
        Moved(date(2027, 1, 5), Movement.COUNT, Decimal(8)),
        Moved(date(2027, 1, 6), Movement.ISSUE, Decimal(3)),
    ]
    level = level_after(moved)
    assert (level.quantity, level.difference, level.lowest) == (5, -2, 0)


def test_the_mail_about_wear_parts_says_what_is_on_the_shelf(code: str) -> None:
    with reading() as session:
        parts = session.exec(select(PlannedPart).where(col(PlannedPart.due_on).is_not(None))).all()
    soon = min(parts, key=lambda part: part.due_on or date.max)
    due = soon.due_on or date.max
    period = f"{due:%Y-%m}"
    keep_part(code, soon.part, soon.title_en, "piece", 20, Decimal(0))
    move_stock(code, soon.part, receipt(3, "DN-9"))
    assert report_wear_parts.fn(factories.claim(code, CycleKind.MONTH_CLOSE, period, due)) > 0
    with reading() as session:
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "decision-parts")).all()
        told = [str(mail.body) for mail in mails]
    assert told
    assert all("3 piece in stock" in body for body in told)
