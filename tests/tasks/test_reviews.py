"""Does the self-review of a quarter tell what happened in it? (C1)"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

from openpyxl import load_workbook

from models.rules.cycles import CycleKind
from tasks.emergencies import activate_plan, call_drill, incident_steps, record_step, stand_down
from tasks.files import read_file
from tasks.packs import XLSX, IssuedPack
from tasks.reviews import issue_period_review, review_period
from tests import factories

ALARM = datetime(2027, 3, 30, 6, 40, tzinfo=UTC)


def test_an_emergency_stands_in_the_review_of_its_quarter(in_service: str) -> None:
    activate_plan.fn(in_service, "E-1", "burst_pipe", "Water in the basement", ALARM)
    _end(in_service, "E-1", ALARM)
    assert "Water in the basement" in _words(_review(in_service, "2027-Q1"))
    assert "Water in the basement" not in _words(_review(in_service, "2027-Q2"))


def test_a_drill_stands_in_the_review_of_its_quarter(in_service: str) -> None:
    call_drill.fn(factories.claim(in_service, CycleKind.DRILL, "2027-H1", ALARM.date()), ALARM)
    _end(in_service, "drill-2027-H1", ALARM)
    assert "Drill of 2027-H1" in _words(_review(in_service, "2027-Q1"))
    assert "Drill of 2027-H1" not in _words(_review(in_service, "2027-Q2"))


def _end(code: str, reference: str, at: datetime) -> None:
    for ordinal, minutes in incident_steps(code, reference):
        record_step(code, reference, ordinal, at + timedelta(minutes=minutes))
    stand_down.fn(code, reference, at + timedelta(hours=2), Decimal("1500.00"), "label the valves")


def _review(code: str, period: str) -> IssuedPack:
    cycle = factories.claim(code, CycleKind.QUARTER_REVIEW, period, date(2027, 7, 5))
    review_period.fn(cycle, "quarter")
    return issue_period_review.fn(cycle, "quarter")


def _words(pack: IssuedPack) -> str:
    sha256 = next(sha256 for _name, media_type, sha256 in pack.files if media_type == XLSX)
    sheets = load_workbook(BytesIO(read_file(sha256))).worksheets
    return "\n".join(str(cell) for sheet in sheets for row in sheet.values for cell in row if cell)
