"""Do the records of repairs become time between failures, time to restore, good order and backlog? (B2, C1)"""

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from models.db import reading
from models.review import IndicatorFigure
from models.rules.cycles import CycleKind
from models.rules.indicators import IndicatorCode
from models.rules.periods import Period
from models.rules.service_levels import Priority, RequestKind
from models.service_plan import Commitment
from models.work import WorkOrder
from tasks.engagements import find_engagement, set_simulated_date
from tasks.indicators import compute_indicators, figures_of
from tasks.maintenance_figures import maintenance_figures
from tasks.service_desk import NewRequest, take_request
from tasks.work_records import FieldNote, complete_work
from tests import factories

ZONE = ZoneInfo("Asia/Shanghai")
WHO = "custodian-1"
MACHINES, DAYS = 7, 31


@pytest.fixture
def code(in_service: str) -> str:
    factories.open_the_month(in_service)
    set_simulated_date(in_service, date(2027, 2, 1))
    return in_service


def local(day: int, hour: int) -> datetime:
    return datetime(2027, 1, day, hour, tzinfo=ZONE)


def order_at(tag: str, *, series: str = "", subject: str = "preventive_maintenance") -> WorkOrder:
    with reading() as session:
        return session.exec(
            select(WorkOrder)
            .where(
                WorkOrder.target_code == tag,
                WorkOrder.subject == subject,
                col(WorkOrder.series).startswith(series),
            )
            .order_by(col(WorkOrder.due_on), col(WorkOrder.id))
        ).all()[0]


def figures(code: str, as_of: date = date(2027, 2, 1)) -> dict[str, IndicatorFigure]:
    cycle = factories.claim(code, CycleKind.MONTH_CLOSE, "2027-01", as_of)
    compute_indicators.fn(cycle)
    with reading() as session:
        return {f.code: f for f in figures_of(session, cycle.engagement_id, "2027-01")}


def done(code: str, order: WorkOrder, at: datetime, outcome: str = "done", hours: str = "0") -> None:
    complete_work(code, order.id or 0, FieldNote(WHO, at=at, outcome=outcome, hours=Decimal(hours)))


def test_a_failed_check_and_a_reported_breakdown_are_failures_until_their_repair(code: str) -> None:
    done(code, order_at("LIFT-1"), local(5, 10), "failed")
    done(code, order_at("LIFT-1", series="finding:", subject="corrective"), local(7, 16))
    take_request(
        code,
        NewRequest(
            RequestKind.REPAIR, Priority.NORMAL, "phone", "No water", local(12, 8), asset_tag="PUMP-1"
        ),
    )
    done(code, order_at("PUMP-1", series="request:", subject="corrective"), local(12, 14))
    take_request(
        code,
        NewRequest(
            RequestKind.ENQUIRY, Priority.NORMAL, "phone", "How old is it?", local(13, 8), asset_tag="PUMP-1"
        ),
    )
    found = figures(code)
    down = Decimal(54 + 6)
    assert (found["mttr"].numerator, found["mttr"].denominator, found["mttr"].value) == (down, 2, 30)
    assert found["mtbf"].numerator == MACHINES * DAYS * 24 - down
    assert found["mtbf"].denominator == 2
    order = found["equipment_in_order"]
    assert (order.numerator, order.denominator) == (MACHINES * DAYS - 2, MACHINES * DAYS)


def test_a_review_that_comes_late_says_what_was_so_at_the_end_of_the_month(code: str) -> None:
    done(code, order_at("LIFT-1"), local(30, 10), "failed")
    set_simulated_date(code, date(2027, 2, 20))
    repair = order_at("LIFT-1", series="finding:", subject="corrective")
    done(code, repair, datetime(2027, 2, 3, 9, tzinfo=ZONE), hours="3")
    found = figures(code, date(2027, 2, 20))
    order = found["equipment_in_order"]
    assert (order.numerator, order.denominator) == (MACHINES * DAYS - 2, MACHINES * DAYS), "30 and 31 January"
    assert found["mtbf"].denominator == 1
    assert (found["mttr"].value, found["mttr"].state) == (None, "no_data"), "nothing was restored in January"


def test_a_month_without_a_failure_has_no_mean_and_says_how_long_was_watched(code: str) -> None:
    found = figures(code)
    assert (found["mtbf"].numerator, found["mtbf"].denominator) == (MACHINES * DAYS * 24, 0)
    assert (found["mtbf"].value, found["mtbf"].state) == (None, "no_data")
    assert found["equipment_in_order"].value == 1


def test_work_done_after_its_day_was_in_its_window_and_not_as_scheduled(code: str) -> None:
    with reading() as session:
        order = session.exec(
            select(WorkOrder).where(
                WorkOrder.subject == "preventive_maintenance",
                WorkOrder.due_on >= date(2027, 1, 1),
                WorkOrder.due_on < WorkOrder.latest_on,
                WorkOrder.latest_on <= date(2027, 1, 31),
            )
        ).all()[0]
    done(code, order, datetime.combine(order.latest_on, time(9), ZONE))
    found = figures(code)
    assert found["pm_compliance"].numerator == 1
    assert found["schedule_compliance"].numerator == 0
    assert (found["schedule_compliance"].denominator or 0) > 1


def test_the_share_of_planned_work_is_one_of_hours(code: str) -> None:
    assert figures(code)["planned_work"].state == "no_data", "nobody recorded an hour yet"


def test_hours_of_a_repair_are_not_planned_work(code: str) -> None:
    done(code, order_at("LIFT-1"), local(5, 10), "failed", hours="2")
    done(code, order_at("LIFT-1", series="finding:", subject="corrective"), local(7, 16), hours="3")
    share = figures(code)["planned_work"]
    assert (share.numerator, share.denominator, share.value) == (2, 5, Decimal("0.4"))


def test_an_open_repair_adds_the_usual_hours_of_repairs_to_the_backlog(code: str) -> None:
    done(code, order_at("LIFT-1"), local(5, 10), "failed")
    done(code, order_at("LIFT-1", series="finding:", subject="corrective"), local(7, 16), hours="3")
    base = _backlog(code)
    done(code, order_at("LIFT-2"), local(20, 10), "failed")
    with_repair = _backlog(code)
    closed = order_at("LIFT-2").due_on
    assert closed <= date(2027, 1, 31)
    assert with_repair - base == 3 - _hours_of(order_at("LIFT-2")), "the check is done, its repair is open"


def _backlog(code: str) -> Decimal:
    with reading() as session:
        found = maintenance_figures(session, find_engagement(session, code), Period.parse("2027-01"), {})
    (figure,) = (f for f in found if f.code is IndicatorCode.BACKLOG_WEEKS)
    assert figure.denominator, "the technicians have some hours a week"
    return figure.numerator


def _hours_of(order: WorkOrder) -> Decimal:
    with reading() as session:
        return session.exec(select(Commitment).where(Commitment.id == order.commitment_id)).one().hours
