"""Is what the field records kept whole: who, when, where, with photos; late ones marked, corrections added? (B2-B5)"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from models.db import reading
from models.occurrence import Occurrence
from models.register import Asset
from models.rules.cycles import CycleKind
from models.work import WorkOrder
from tasks.engagements import find_engagement, set_simulated_date
from tasks.files import read_file
from tasks.work_months import close_month_orders
from tasks.work_orders import OpenOrder, open_orders
from tasks.work_records import (
    FieldNote,
    WorkRefused,
    complete_work,
    correct_work,
    reject_work,
    start_work,
    taken_photos,
)
from tasks.work_views import listed_work, shown_order
from tests import factories
from tests.reports.test_photographs import jpeg

MONTH_END = date(2027, 1, 31)
WHO = "custodian-1"


@pytest.fixture
def code(in_service: str) -> str:
    factories.open_the_month(in_service)
    set_simulated_date(in_service, date(2027, 1, 20))
    return in_service


def lift_service(code: str) -> OpenOrder:
    return next(
        o
        for o in open_orders(code, MONTH_END)
        if o.subject == "preventive_maintenance" and o.target_code == "LIFT-1"
    )


def test_a_record_says_who_when_where_and_shows_its_photo(code: str, tmp_path: Path) -> None:
    order, picture = lift_service(code), tmp_path / "shaft.jpg"
    picture.write_bytes(jpeg())
    said = FieldNote(
        WHO, order.due_on, outcome="passed", reading="1.6 m/s", note="ok", hours=Decimal("1.5"), photos=taken_photos([picture])
    )  # fmt: skip
    assert complete_work(code, order.id, said)
    shown = shown_order(code, order.id)
    (record,) = shown["records"]
    assert (shown["state"], shown["done_on"]) == ("done", str(order.due_on))
    assert (record["by"], record["done"], record["place"]) == (WHO, str(order.due_on), "LIFT-1")
    assert (record["outcome"], record["reading"], record["hours"]) == ("passed", "1.6 m/s", "1.5")
    assert record["recorded"]
    assert read_file(record["photos"]) == jpeg()


def test_the_same_record_twice_is_one_and_another_needs_a_correction(code: str) -> None:
    order = lift_service(code)
    said = FieldNote(WHO, order.due_on, outcome="passed")
    assert complete_work(code, order.id, said)
    assert not complete_work(code, order.id, said)
    with pytest.raises(WorkRefused, match="is done already; `steward work correct`"):
        complete_work(code, order.id, replace(said, note="something else"))
    assert len(shown_order(code, order.id)["records"]) == 1


def test_begun_and_sent_back_work_stays_open_and_is_seen(code: str) -> None:
    order = lift_service(code)
    assert start_work(code, order.id, FieldNote(WHO, order.due_on))
    assert not start_work(code, order.id, FieldNote(WHO, order.due_on))
    assert _listed(code, order.id)["state"].endswith(f"started {order.due_on}")
    no_key = FieldNote(WHO, order.due_on, reason="no key, call 13812345678")
    assert reject_work(code, order.id, no_key)
    assert not reject_work(code, order.id, no_key)
    state = _listed(code, order.id)["state"]
    assert "sent back" in state
    assert "no key" in state
    assert "13812345678" not in state
    assert complete_work(code, order.id, FieldNote(WHO, date(2027, 1, 19), outcome="passed"))
    assert [r["outcome"] for r in shown_order(code, order.id)["records"]] == ["started", "rejected", "passed"]


@pytest.mark.parametrize(
    ("on", "why"),
    [
        (date(2027, 1, 21), "after the business date 2027-01-20"),
        (date(2026, 12, 30), "it was given out on 2027-01-01"),
    ],
)
def test_work_cannot_be_done_before_its_release_or_in_the_future(code: str, on: date, why: str) -> None:
    with pytest.raises(WorkRefused, match=why):
        complete_work(code, lift_service(code).id, FieldNote(WHO, on))


def test_an_unknown_order_or_person_is_refused_and_no_name_is_repeated(code: str) -> None:
    with pytest.raises(WorkRefused, match="has no work order 999999; `steward work list"):
        complete_work(code, 999999, FieldNote(WHO))
    with pytest.raises(WorkRefused) as refused:
        complete_work(code, lift_service(code).id, FieldNote("Wang Xiaoming"))
    assert "Wang" not in str(refused.value)
    with pytest.raises(WorkRefused, match="never a name"):
        complete_work(code, lift_service(code).id, FieldNote("unit-001"))


def test_a_correction_is_added_and_the_first_record_stays(code: str) -> None:
    order = lift_service(code)
    complete_work(code, order.id, FieldNote(WHO, order.due_on, outcome="passed"))
    other_day = order.due_on + timedelta(days=1)
    fix = FieldNote(WHO, other_day, outcome="passed", reason="wrong day")
    assert correct_work(code, order.id, fix)
    assert not correct_work(code, order.id, fix)
    shown = shown_order(code, order.id)
    assert [(r["done"], r["standing"]) for r in shown["records"]] == [
        (str(order.due_on), "replaced by 2"),
        (str(other_day), "holds"),
    ]
    assert shown["done_on"] == str(other_day)
    with reading() as session:
        found = session.exec(
            select(Occurrence.done_on).where(
                Occurrence.commitment_code == order.series,
                Occurrence.target_code == order.target_code,
                Occurrence.due_on == order.due_on,
            )
        ).one()
    assert found == other_day, "what follows is reckoned from the corrected day"


def test_a_wrongly_failed_check_withdraws_its_repair_and_a_wrongly_passed_one_raises_it(code: str) -> None:
    order = lift_service(code)
    complete_work(code, order.id, FieldNote(WHO, order.due_on, outcome="failed", note="brake worn"))
    (repair,) = _repairs(code)
    assert (repair.state, repair.priority) == ("released", "urgent")
    assert repair.respond_by is not None
    assert not _in_order("LIFT-1")
    correct_work(code, order.id, FieldNote(WHO, order.due_on, outcome="passed", reason="it was LIFT-2"))
    (repair,) = _repairs(code)
    assert (repair.state, "it was LIFT-2" in repair.reason) == ("skipped", True)
    assert _in_order("LIFT-1")
    with pytest.raises(WorkRefused, match="has no result yet"):
        correct_work(code, lift_service(code).id, FieldNote(WHO, order.due_on, reason="x"))


def test_work_entered_after_its_month_was_closed_counts_as_done_and_is_marked_late(code: str) -> None:
    order = lift_service(code)
    close_month_orders.fn(factories.claim(code, CycleKind.MONTH_CLOSE, "2027-01", date(2027, 2, 1)))
    set_simulated_date(code, date(2027, 2, 3))
    assert shown_order(code, order.id)["state"] == "missed"
    complete_work(code, order.id, FieldNote(WHO, order.due_on, outcome="passed"))
    shown = shown_order(code, order.id)
    assert (shown["state"], shown["records"][0]["late"]) == ("done", "late entry")


def test_a_picture_that_is_none_is_refused(code: str, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(WorkRefused, match=r"a\.jpg: expected a JPEG or PNG picture"):
        taken_photos([tmp_path / "a.jpg"])


def test_only_what_is_past_its_last_day_is_overdue(code: str) -> None:
    everything, overdue = listed_work(code), listed_work(code, overdue=True)
    assert 0 < len(overdue) < len(everything)
    assert all(row["latest_on"] < "2027-01-20" and "overdue" in row["state"] for row in overdue)
    posts = {row["post"] for row in everything}
    one = sorted(posts)[0]
    assert {row["post"] for row in listed_work(code, one)} == {one}


def _listed(code: str, order_id: int) -> dict[str, str]:
    return next(row for row in listed_work(code, until=MONTH_END) if row["order"] == order_id)


def _repairs(code: str) -> list[WorkOrder]:
    with reading() as session:
        key = find_engagement(session, code).id
        found = select(WorkOrder).where(WorkOrder.engagement_id == key, WorkOrder.subject == "corrective")
        return [o for o in session.exec(found).all() if o.series.startswith("finding:")]


def _in_order(tag: str) -> bool:
    with reading() as session:
        return session.exec(select(Asset.in_order).where(Asset.tag == tag)).one()
