"""Does every figure of a review come to exactly the records it is said to rest on? (C1)"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlmodel import col, select

from models.db import reading
from models.errors import Terminal
from models.outbox import OutboxMail
from models.review import Pack
from models.rules.coverage import Shift
from models.rules.cycles import CycleKind
from models.rules.indicators import IndicatorCode
from models.rules.request_states import Act
from models.rules.service_levels import Priority, RequestKind
from models.work import WorkOrder
from tasks.accounts import Voucher, book
from tasks.emergencies import call_drill, incident_steps, record_step, stand_down
from tasks.engagements import find_engagement, set_simulated_date
from tasks.files import read_file
from tasks.indicator_records import READERS, RECORDS, shown_trace, traces_of
from tasks.indicators import compute_indicators
from tasks.reviews import issue_month_report, review_period
from tasks.rosters import record_shifts
from tasks.service_desk import NewRequest, record_request_event, take_request
from tasks.statements import compile_statement
from tasks.work_months import close_month_orders
from tasks.work_records import FieldNote, complete_work
from tests import factories

ZONE = ZoneInfo("Asia/Shanghai")
MONTH, REVIEWED = "2027-01", date(2027, 2, 1)
WHO = "custodian-1"


def local(day: int, hour: int) -> datetime:
    return datetime(2027, 1, day, hour, tzinfo=ZONE)


@pytest.fixture
def reviewed(in_service: str) -> str:
    """January with work done, late and missed, requests, shifts, a drill and bills, reviewed on 1 February."""
    factories.open_the_month(in_service)
    set_simulated_date(in_service, REVIEWED)
    with reading() as session:
        orders = session.exec(select(WorkOrder).order_by(col(WorkOrder.id))).all()
    for number, order in enumerate(orders):
        if number % 3 and (number < 60 or (order.subject == "round" and not number % 4)):
            outcome = "failed" if number % 20 == 1 and order.subject == "cleaning" else "done"
            at = datetime.combine(order.due_on, datetime.min.time(), ZONE) + timedelta(hours=9)
            complete_work(
                in_service, order.id or 0, FieldNote(WHO, at=at, outcome=outcome, hours=Decimal("0.5"))
            )
    for day, kind in ((4, RequestKind.REPAIR), (5, RequestKind.COMPLAINT), (6, RequestKind.ENQUIRY)):
        asked = NewRequest(kind, Priority.NORMAL, "phone", "No water", local(day, 9), asset_tag="PUMP-1")
        number_ = take_request(in_service, asked)
        record_request_event(in_service, number_, Act.RESPONDED, local(day, 10))
        if kind is not RequestKind.ENQUIRY:
            record_request_event(in_service, number_, Act.RESOLVED, local(day + 3, 10))
    record_shifts(
        in_service,
        [Shift("gate_guard", local(day, 0), local(day, 20), "staff-gate_guard-1") for day in range(1, 20)],
    )
    call_drill.fn(factories.claim(in_service, CycleKind.DRILL, "2027-H1", local(9, 9).date()), local(9, 9))
    for ordinal, minutes in incident_steps(in_service, "drill-2027-H1"):
        record_step(in_service, "drill-2027-H1", ordinal, local(9, 9) + timedelta(minutes=minutes))
    stand_down.fn(in_service, "drill-2027-H1", local(9, 11), Decimal(0), "label the valves")
    book(in_service, [Voucher("V1", date(2027, 1, 8), "expense", "cleaning", Decimal("812.50"), "soap")])
    cycle = factories.claim(in_service, CycleKind.MONTH_CLOSE, MONTH, REVIEWED)
    close_month_orders.fn(cycle)
    compile_statement.fn(cycle)
    compute_indicators.fn(cycle)
    review_period.fn(cycle, "month")
    issue_month_report.fn(cycle)
    return in_service


def test_every_indicator_that_is_reckoned_can_be_followed() -> None:
    assert set(READERS) == set(IndicatorCode) - {IndicatorCode.FEE_COLLECTION}, "no review reckons that one"


def test_the_records_come_to_every_figure_of_the_month(reviewed: str) -> None:
    with reading() as session:
        traces = traces_of(session, find_engagement(session, reviewed), MONTH, REVIEWED)
    assert {one.figure.code for one in traces if not one.agrees} == set()
    counted = {one.figure.code for one in traces if one.rows}
    assert {
        "pm_compliance", "round_completion", "post_coverage", "response_on_time", "resolution_on_time",
        "complaint_handling", "budget_variance", "planned_work", "drill_median", "equipment_in_order", "mtbf",
        "training_coverage", "cleaning_pass_rate", "backlog_age",
    } <= counted  # fmt: skip
    kept = {one.figure.code: one.figure for one in traces}
    assert 0 < (kept["round_completion"].numerator or 0) < (kept["round_completion"].denominator or 0)
    assert 0 < (kept["post_coverage"].numerator or 0) < (kept["post_coverage"].denominator or 0)


def test_a_target_is_followed_to_the_commitment_and_the_clause_of_the_contract(reviewed: str) -> None:
    found = shown_trace(reviewed, "round_completion", MONTH)
    (decides, *_rest) = [source for source in found["targets"] if source["decides"]]
    assert decides["target"] == found["kept"]["target"]
    assert (decides["plan"], decides["clause"]) == (1, "B2")
    assert found["contract"].startswith("contract-1, clause ")


def test_what_is_recorded_after_the_review_is_told_and_the_figure_stays(reviewed: str) -> None:
    with reading() as session:
        late = session.exec(
            select(WorkOrder).where(WorkOrder.subject == "round", WorkOrder.state == "missed")
        ).all()[0]
    before = shown_trace(reviewed, "round_completion", MONTH)
    at = datetime.combine(late.due_on, datetime.min.time(), ZONE) + timedelta(hours=8)
    complete_work(reviewed, late.id or 0, FieldNote(WHO, at=at))
    after = shown_trace(reviewed, "round_completion", MONTH)
    assert (before["agrees"], after["agrees"]) == (True, False)
    assert after["kept"] == before["kept"]


def test_the_rows_leave_the_house_beside_the_report(reviewed: str) -> None:
    with reading() as session:
        (kept,) = session.exec(select(Pack).where(Pack.kind == RECORDS)).all()
        mails = session.exec(select(OutboxMail).where(col(OutboxMail.dedup_key).contains("pack-month"))).all()
    book_ = load_workbook(BytesIO(read_file(kept.sha256)))
    sheet = book_["Inspection rounds completed"]
    words = [str(cell) for row in sheet.values for cell in row if cell is not None]
    assert "Work order" in words
    assert "missed" in words
    assert mails
    assert all(kept.sha256 in str(mail.attachments) for mail in mails)


def test_an_unknown_indicator_or_period_is_said_with_what_is_known(reviewed: str) -> None:
    with pytest.raises(Terminal, match="'happiness' is no indicator; expected one of pm_compliance"):
        shown_trace(reviewed, "happiness", MONTH)
    with pytest.raises(Terminal, match="'2031-01'; expected one of 2027-01"):
        shown_trace(reviewed, "mttr", "2031-01")
