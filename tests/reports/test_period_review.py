"""Does the quarterly and the annual review show the course of each indicator and what is unknown?"""

from datetime import date
from decimal import Decimal

import pytest

from models.owners import OwnerMeeting
from models.review import Review
from reports.period_review import period_review
from tests.reports.lifecycle import (
    ITEMS,
    ON,
    actions,
    engagement,
    figures,
    foreign_words,
    in_latin,
    incidents,
    lines,
    statement,
    survey_figure,
    text_of,
)


def review(kind="quarter", period="2027-Q1") -> Review:
    return Review(
        engagement_id=1,
        kind=kind,
        period=period,
        held_on=date(2027, 4, 5),
        met_count=8,
        missed_count=2,
        no_data_count=1,
    )


def meeting(**over) -> OwnerMeeting:
    values = {
        "engagement_id": 1,
        "period": "2027-Q1",
        "called_on": date(2027, 2, 1),
        "held_on": date(2027, 2, 15),
        "state": "held",
        "invited_count": 412,
        "minutes": "M",
    }
    return OwnerMeeting(**{**values, **over})


def report(language="zh", **over):
    rows = {
        "review": review(),
        "figures": figures(),
        "monthly": {
            "round_completion": [("2027-01", Decimal("0.99")), ("2027-02", None), ("2027-03", Decimal(1))],
            "mttr": [("2027-01", Decimal("4.25")), ("2027-03", Decimal(3))],
        },
        "statement": statement("2027-Q1"),
        "lines": lines(),
        "survey_figures": [survey_figure("OV1", "all", 50, 60), survey_figure("RE1", "all", 40, 60)],
        "survey_before": [survey_figure("OV1", "all", 45, 60)],
        "items": ITEMS,
        "actions": actions(),
        "meetings": [meeting()],
        "incidents": incidents(),
    }
    return period_review(engagement(language), **{**rows, **over}, on=ON)


def test_course_of_the_months_keeps_gaps_as_gaps():
    trend = report("en").sections[1].tables[1]
    assert [column.label for column in trend.columns] == ["Indicator", "2027-01", "2027-02", "2027-03"]
    assert trend.rows == (
        ("Inspection rounds completed", "99.0%", "no data", "100.0%"),
        ("Mean time to restore", "4.2 h", "—", "3.0 h"),
    )


def test_year_is_shown_six_months_abreast():
    months = [(f"2027-{n:02d}", Decimal("0.98")) for n in range(1, 13)]
    pack = report("zh", review=review("year", "2027"), monthly={"round_completion": months})
    assert pack.title == "年度服务评估报告"
    assert pack.period_label == "2027年"
    assert [len(table.columns) for table in pack.sections[1].tables[1:]] == [7, 7]


def test_attendance_that_was_not_counted_is_no_data():
    assert report("en").sections[5].tables[0].rows[0] == ("2027-02-15", "held", "412", "no data", "M")


def test_actions_are_counted_by_outcome():
    said = report("en").sections[0].paragraphs[0]
    assert "2 improvement actions: 1 open, 1 shown to have worked." in said
    assert "shown to have worked (2027-Q1)" in text_of(report("en"))


def test_satisfaction_stands_beside_that_of_the_wave_before():
    table = report("en").sections[2].tables[0]
    assert [(row[0], row[-1]) for row in table.rows] == [
        ("The service as a whole", "75.0%"),
        ("Repairs", "—"),
    ]


def test_weakest_item_is_named():
    assert "least with: Repairs (66.7%)" in text_of(report("en"))


def test_review_is_in_one_language():
    english = report("en", incidents=in_latin(incidents()), actions=in_latin(actions()))
    assert foreign_words(english) == []
    assert foreign_words(report("zh", actions=actions()[:1])) == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("kind", "period"), [("quarter", "2027-Q1"), ("year", "2027")])
def test_period_without_any_record_still_makes_a_review(language, kind, period):
    pack = report(
        language,
        review=review(kind, period),
        figures=[],
        monthly={},
        statement=None,
        lines=[],
        survey_figures=[],
        survey_before=[],
        items=[],
        actions=[],
        meetings=[],
        incidents=[],
    )
    assert foreign_words(pack) == []
    assert len(pack.sections) == 7


def test_action_from_a_survey_is_named_in_the_respondents_words():
    action = actions()[0]
    action.ref = "survey:2027-Q1:RE1"
    assert report("en", actions=[action]).sections[4].tables[0].rows[0][0] == "Repairs"
