"""Does each problem a review finds lead to an action or to a reason, and does the next review look back? (C1)"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from models.db import reading, writing
from models.errors import Terminal
from models.review import ImprovementAction, ReviewProblem
from models.rules.cycles import CycleKind
from models.rules.periods import Period
from tasks.emergencies import activate_plan, incident_steps, record_step, stand_down
from tasks.engagements import find_engagement, set_simulated_date
from tasks.files import read_file
from tasks.improvements import complete_action, move_action, open_action
from tasks.indicators import compute_indicators
from tasks.packs import XLSX, IssuedPack
from tasks.plan_coverage import coverage_of
from tasks.review_problems import answer_problem, shown_review, write_words
from tasks.reviews import issue_month_report, issue_period_review, review_period
from tasks.work_months import close_month_orders
from tests import factories

ALARM = datetime(2027, 1, 20, 6, tzinfo=UTC)


@pytest.fixture
def code(in_service: str) -> str:
    """January went by with nothing done and one burst pipe, stood down with a lesson."""
    factories.open_the_month(in_service)
    set_simulated_date(in_service, ALARM.date())
    activate_plan.fn(in_service, "E-1", "burst_pipe", "Water in the basement", ALARM)
    for ordinal, minutes in incident_steps(in_service, "E-1"):
        record_step(in_service, "E-1", ordinal, ALARM + timedelta(minutes=minutes))
    stand_down.fn(in_service, "E-1", ALARM + timedelta(hours=2), Decimal(0), "label the valves")
    set_simulated_date(in_service, date(2027, 2, 1))
    return in_service


def test_missed_figures_have_an_action_and_what_has_none_is_owed_an_answer(code: str) -> None:
    _review(code, "2027-01")
    found = {one["ref"]: one for one in shown_review(code, "2027-01")["problems"]}
    assert found["indicator:round_completion"]["action"] == "indicator:2027-01:round_completion"
    assert found["work:round"]["action"] == "indicator:2027-01:round_completion", "one action answers both"
    assert found["work:round"]["cases"] > 20
    lesson = next(one for ref, one in found.items() if ref == "incident:E-1")
    assert (lesson["action"], lesson["reason"]) == ("", "ANSWER OWED")
    with pytest.raises(Terminal, match="expected one of the two"):
        answer_problem(code, "2027-01", "incident:E-1", "custodian-1")
    with pytest.raises(Terminal, match="noted no problem 'work:ballet'"):
        answer_problem(code, "2027-01", "work:ballet", "custodian-1", reason="x")
    assert answer_problem(
        code, "2027-01", "incident:E-1", "custodian-1", action="Label the valves", post="technician"
    )
    assert not answer_problem(code, "2027-01", "incident:E-1", "custodian-1", action="Label the valves")
    with pytest.raises(Terminal, match="is answered already"):
        answer_problem(code, "2027-01", "incident:E-1", "custodian-1", reason="not needed")
    with reading() as session:
        action = session.exec(
            select(ImprovementAction).where(ImprovementAction.ref == "review:2027-01:incident:E-1")
        ).one()
    assert (action.text, action.post_code) == ("Label the valves", "technician")


def test_a_repeated_review_notes_nothing_twice(code: str) -> None:
    cycle = factories.claim(code, CycleKind.MONTH_CLOSE, "2027-01", date(2027, 2, 1))
    close_month_orders.fn(cycle)
    compute_indicators.fn(cycle)
    review_period.fn(cycle, "month")
    with reading() as session:
        before = {(row.ref, row.count) for row in session.exec(select(ReviewProblem)).all()}
    review_period.fn(cycle, "month")
    with reading() as session:
        after = [(row.ref, row.count) for row in session.exec(select(ReviewProblem)).all()]
    assert sorted(after) == sorted(before)


def test_the_next_review_says_what_became_of_the_actions_of_the_last_one(code: str) -> None:
    with writing() as session:
        for number in (1, 2, 3):
            open_action(
                session, find_engagement(session, code), ref=f"meeting:2027-Q1:{number}", text=f"Promise {number}",
                post_code="manager", on=date(2027, 1, 10), target=None, due_on=date(2027, 2, 10),
            )  # fmt: skip
    _review(code, "2027-01")
    set_simulated_date(code, date(2027, 2, 20))
    answer_problem(code, "2027-01", "incident:E-1", "custodian-1", reason="the valves are labelled")
    complete_action(code, "meeting:2027-Q1:1", date(2027, 2, 5))
    move_action(code, "meeting:2027-Q1:2", due_on=date(2027, 3, 10), reason="lamps are late")
    complete_action(code, "meeting:2027-Q1:2", date(2027, 2, 15))
    factories.open_the_month(code, "2027-02")
    set_simulated_date(code, date(2027, 3, 1))
    pack = _review(code, "2027-02")
    found = {one["ref"]: one["kept"] for one in shown_review(code, "2027-02")["actions_of_it"]}
    assert {ref: kept for ref, kept in found.items() if ref.startswith("meeting")} == {
        "meeting:2027-Q1:1": "in_time",
        "meeting:2027-Q1:2": "late",
        "meeting:2027-Q1:3": "overdue",
    }
    words = _words(pack)
    assert "Actions of the last review" in words
    assert "the valves are labelled" in words, "the answer came after its own report"
    assert "Beside earlier months, 2027-01 to 2027-02" in words


def test_the_custodians_own_words_stand_in_the_report_and_not_after_it_is_issued(code: str) -> None:
    with pytest.raises(Terminal, match="'once' is no period"):
        write_words(code, "once", "x", "custodian-1")
    assert write_words(code, "2027-01", "Two pumps were renewed", "custodian-1")
    assert write_words(code, "2027-01", "Three pumps were renewed", "custodian-1")
    pack = _review(code, "2027-01")
    with pytest.raises(Terminal, match="is issued"):
        write_words(code, "2027-01", "Four pumps were renewed", "custodian-1")
    assert shown_review(code, "2027-01")["own_words"] == "Three pumps were renewed"
    assert pack.sha256


def test_a_quarter_takes_over_what_its_months_answered(code: str) -> None:
    _review(code, "2027-01")
    answer_problem(code, "2027-01", "incident:E-1", "custodian-1", reason="the valves are labelled")
    set_simulated_date(code, date(2027, 4, 5))
    cycle = factories.claim(code, CycleKind.QUARTER_REVIEW, "2027-Q1", date(2027, 4, 5))
    compute_indicators.fn(cycle)
    review_period.fn(cycle, "quarter")
    words = _words(issue_period_review.fn(cycle, "quarter"))
    assert "the valves are labelled" in words


def test_promises_without_work_and_work_nobody_promised_are_told(code: str) -> None:
    with reading() as session:
        engagement = find_engagement(session, code)
        january = coverage_of(session, engagement, Period.parse("2027-01"))
        march = coverage_of(session, engagement, Period.parse("2027-03"))
    assert 0 < january.worked < january.promised
    assert all(not due for *_what, due in january.without_work), "what fell due in January was given out"
    assert any(due for *_what, due in march.without_work) or march.worked == 0, "March was never opened"


def _review(code: str, period: str) -> IssuedPack:
    on = Period.parse(period).following().first
    cycle = factories.claim(code, CycleKind.MONTH_CLOSE, period, on)
    close_month_orders.fn(cycle)
    compute_indicators.fn(cycle)
    review_period.fn(cycle, "month")
    return issue_month_report.fn(cycle)


def _words(pack: IssuedPack) -> str:
    sha256 = next(sha256 for _name, media_type, sha256 in pack.files if media_type == XLSX)
    sheets = load_workbook(BytesIO(read_file(sha256))).worksheets
    return "\n".join(str(cell) for sheet in sheets for row in sheet.values for cell in row if cell)
