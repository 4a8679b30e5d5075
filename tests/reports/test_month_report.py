"""Does the monthly report tell the client what happened, without making a good month of missing data?"""

from datetime import date
from decimal import Decimal

import pytest

from models.work import PartForecast
from reports.month_report import month_report
from reports.pdf import render_pdf
from reports.workbook import render_xlsx
from tests.reports.lifecycle import (
    ON,
    actions,
    engagement,
    figures,
    foreign_words,
    in_latin,
    incidents,
    lines,
    statement,
    text_of,
)
from tests.reports.reading import pdf_text

DESK = {
    "received": 59,
    "responded_on_time": 57,
    "repairs": 44,
    "repairs_on_time": 38,
    "complaints": 0,
    "complaints_on_time": 0,
    "reopened": 1,
}
HEAD = "C0FFEE" * 10


def part() -> PartForecast:
    return PartForecast(
        engagement_id=1,
        asset_tag="PUMP-02",
        part="P-1",
        replace_by=date(2027, 6, 1),
        report_by=date(2027, 5, 1),
        reported_on=date(2027, 3, 28),
    )


def report(language="zh", **over):
    rows = {
        "period": "2027-03",
        "figures": figures(),
        "work_counts": [
            ("B2", "round", 120, 2, 1),
            ("B3", "cleaning", 31, 0, 0),
            ("B4", "greening", 0, 0, 4),
        ],
        "desk": DESK,
        "incidents": incidents(),
        "statement": statement(),
        "lines": lines(),
        "actions": actions()[:1],
        "parts": [part()],
        "audit_head": HEAD,
    }
    return month_report(engagement(language), **{**rows, **over}, on=ON)


def test_summary_tells_the_month_in_one_paragraph():
    (summary,) = report("en").sections[0].paragraphs
    assert summary.startswith(
        "March 2027: Of 11 indicators with a target, 8 met it and 2 missed it; for 1 there is no data."
    )
    assert "Preventive maintenance compliance (94.9%, target 95.0%)" in summary
    assert "Of 158 planned jobs 151 were done, 2 missed and 5 are still open." in summary
    assert "59 requests and answered 57" in summary
    assert "There was one emergency, with a loss of ¥3,200.00." in summary
    assert "3.3% below the budget of ¥158,000.00" in summary


def test_one_chart_for_each_unit_and_no_bar_without_a_verdict():
    charts = report("en").sections[0].bars
    bars = {bar.label: bar for chart in charts for bar in chart.bars}
    assert [chart.unit for chart in charts] == ["%", "points", "h"]
    assert bars["Satisfied respondents"].value is None
    assert "Greening work completed" not in bars
    assert bars["Inspection rounds completed"].value == Decimal("99.9")
    assert bars["Overspending against budget (at most)"].value == Decimal("-3.3")


def test_failure_free_time_is_said_in_words():
    row = next(
        row for row in report("en").sections[-1].tables[0].rows if row[0].startswith("Mean time between")
    )
    assert row[2:] == ("no failure", "≥ 200.0 h", "met")


def test_open_work_counts_neither_for_nor_against():
    table = report().sections[1].tables[0]
    assert [row[5] for row in table.rows] == ["98.4%", "100.0%", "无数据"]
    assert table.total == ("合计", "", "151", "2", "5", "98.7%")


def test_no_complaint_is_no_data_not_full_marks():
    assert report("en").sections[2].tables[0].rows[2] == ("Complaints: handled", "0", "0", "no data")


def test_missed_target_without_an_action_is_shown_as_such():
    rows = {row[0]: row[3] for row in report().sections[3].tables[0].rows}
    assert rows == {"预防性维护完成率": "尚无改进措施", "维修及时率": actions()[0].text}


def test_emergency_stands_on_the_property_s_own_clock():
    alarms, drills = report().sections[4].tables
    assert alarms.rows[0][0] == "2027-03-10 02:40"
    assert alarms.rows[0][3:] == ("95", "83.3%", "3,200.00")
    assert drills.rows[0][5] == "—"


def test_lines_that_do_not_add_up_are_reported():
    assert "which is not what the statement says" in text_of(report("en", lines=lines()[:-1]))
    assert "which is not what the statement says" not in text_of(report("en"))


def test_report_ends_with_the_head_of_the_audit_trail():
    assert report().sections[-1].paragraphs[-1].endswith(HEAD)


def test_report_is_in_one_language():
    english = report("en", incidents=in_latin(incidents()), actions=in_latin(actions()[:1]))
    assert foreign_words(english) == []
    assert foreign_words(report("zh")) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_month_without_any_record_still_makes_a_report(language):
    pack = report(
        language,
        figures=[],
        work_counts=[],
        desk={},
        incidents=[],
        statement=None,
        lines=[],
        actions=[],
        parts=[],
        audit_head="",
    )
    assert foreign_words(pack) == []
    assert pdf_text(render_pdf(pack))


def test_report_renders_as_pdf_and_workbook():
    pack = report()
    text = pdf_text(render_pdf(pack))
    for word in ("月度服务报告", "2027年3月", "预防性维护完成率", "无数据", HEAD):
        assert word in text
    assert render_xlsx(pack).startswith(b"PK")


def test_work_that_larger_services_contain_is_told_beside_the_counts() -> None:
    def told(absorbed: int, language: str) -> str:
        (section,) = [
            s
            for s in report(language, absorbed=absorbed).sections
            if s.heading in ("Work done", "工作完成情况")
        ]
        return " ".join(section.paragraphs)

    assert told(0, "en") == ""
    assert told(1, "en").startswith("1 planned job has no order of its own")
    assert told(1200, "en").startswith("1,200 planned jobs have no order of their own")
    assert "1,200项计划作业" in told(1200, "zh")
