"""Does the survey report say what was found, worst first, and what is not known?"""

from datetime import date
from decimal import Decimal

import pytest

from models.rules.condition import remaining_life
from reports.condition_detail import AssetLife, CheckedLine, SurveyDetail
from reports.condition_report import condition_report
from tests.reports.lifecycle import (
    ON,
    document,
    element,
    engagement,
    finding,
    foreign_words,
    in_latin,
    text_of,
)


def report(language="zh", **over):
    rows = {
        "visit": "entry",
        "elements": [element("lift", 5), element("fabric", 2, backlog_cost=None)],
        "findings": [
            finding("F-1", "lift", 2),
            finding("F-2", "lift", 5, "critical", repair_cost=Decimal("12000.00")),
            finding("F-3", "fabric", 3, "serious"),
        ],
        "documents": [
            document("D-1", "received", received_on=date(2026, 11, 3), received_from="开发商"),
            document("D-2", "missing"),
            document("D-3", "partial"),
        ],
        "asset_counts": {"lift": 6, "fabric": 40, "fire": 210},
        "history_count": 0,
    }
    return condition_report(engagement(language), **{**rows, **over}, on=ON)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_report_is_in_one_language(language):
    pack = report(language)
    if language == "en":
        rows = [element("lift", 5)]
        pack = report(
            language,
            elements=rows,
            findings=in_latin([finding("F-1", "lift", 5, "critical")]),
            documents=in_latin([document("D-1", "missing")]),
        )
    assert foreign_words(pack) == []


def test_lines_nobody_looked_at_stand_beside_the_score_they_are_not_in():
    lines = tuple(
        CheckedLine(f"L-{number}", "lift", "", ("Doors", "门"), state)
        for number, state in enumerate(("looked", "", "", "not_applicable"))
    )
    detail = SurveyDetail(lines, True, False, {}, (), {})
    cells = {row[0]: row[3] for row in report("en", detail=detail).sections[1].tables[0].rows}
    assert cells["Lifts"].endswith("\n2 lines not inspected")
    assert "not inspected" not in cells["Building fabric"]


def test_defects_stand_worst_first():
    defects = report().sections[2]
    assert [table.caption for table in defects.tables] == ["电梯", "房屋本体结构"]
    assert [row[0] for row in defects.tables[0].rows] == ["F-2", "F-1"]


def test_what_cannot_wait_is_in_the_summary_though_no_element_scores_badly():
    urgent, soon = finding("F-7", "lift", 1, "critical"), finding("F-8", "lift", 1)
    urgent.priority, soon.priority = 1, 2
    said = report("en", elements=[element("lift", 1)], findings=[urgent, soon]).sections[0].paragraphs[1]
    assert "No element scored mediocre or worse." in said
    assert "To be dealt with at once (priority 1): 1 defect, F-7." in said
    assert "before the service starts (priority 2): 1 defect, F-8." in said


def test_what_ends_first_is_grouped_by_year_and_class_and_what_is_not_known_is_no_zero():
    def ends(year, years=20):
        return remaining_life(date(year - years, 6, 1), Decimal(years), None, ON)

    detail = SurveyDetail(
        lines=(),
        inspected=False,
        entry_inspected=False,
        entry_findings={},
        lives=(
            *(AssetLife("Door", "fabric", ends(2020)) for _ in range(3)),
            AssetLife("Window", "fabric", ends(2020)),
            AssetLife("Pump", "water_supply", ends(2012)),
            AssetLife("Panel", "electricity_lv", ends(2040)),
            AssetLife("Socket", "electricity_lv", None),
        ),
        photos={},
    )
    lives = next(s for s in report("en", detail=detail).sections if s.heading == "Remaining life")
    assert lives.tables[0].rows == (
        ("2012", "Water supply", "1", "Pump"),
        ("2020", "Building fabric", "4", "Door ×3, Window"),
        ("unknown", "Low-voltage electricity", "1", "Socket"),
    )
    assert "Known for 6 of 7 assets: 5 are past their expected life, 0 more end" in lives.paragraphs[0]
    assert "unknown is not zero" in lives.paragraphs[0]


def test_scheme_is_named_as_not_verified():
    assert "not verified" in text_of(report("en"))
    assert "未经核对" in text_of(report("zh"))


def test_class_with_assets_but_no_survey_is_not_taken_for_good():
    pack = report("en")
    row = next(row for row in pack.sections[1].tables[0].rows if row[0] == "Fire protection")
    assert row == ("Fire protection", "210", "—", "not surveyed", "—")
    assert "Registered but not surveyed: Fire protection" in "\n".join(pack.sections[4].paragraphs)


def test_repair_without_a_price_is_not_zero():
    pack = report("en")
    assert [row[-1] for row in pack.sections[2].tables[0].rows] == ["12,000.00", "not priced"]
    assert "1 element class has no price" in pack.sections[0].paragraphs[1]


def test_a_class_without_defects_has_nothing_to_be_priced():
    sound = element("hvac", 1, finding_count=0, backlog_cost=None)
    pack = report("en", elements=[element("lift", 5), sound])
    costs = {row[0]: row[-1] for row in pack.sections[1].tables[0].rows}
    assert costs["Heating, ventilation, air conditioning"] == "—"
    assert "no price" not in pack.sections[0].paragraphs[1]


def test_missing_papers_come_first_and_are_a_risk():
    pack = report()
    assert [row[3] for row in pack.sections[3].tables[0].rows] == ["缺失", "部分收到", "已收到"]
    assert any("资料D-2" in risk for risk in pack.sections[4].paragraphs)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("visit", ["entry", "exit"])
def test_empty_survey_still_makes_a_report(language, visit):
    pack = report(
        language, visit=visit, elements=[], findings=[], documents=[], asset_counts={}, history_count=3
    )
    assert len(pack.sections) == 5
    assert foreign_words(pack) == []
