"""Does the dossier give both sides the same facts and each its own page?"""

from datetime import date

import pytest

from models.review import JointScore, Review
from models.survey import SurveyWave
from reports.evaluation_dossier import evaluation_dossier
from reports.pdf import render_pdf
from tests.reports.lifecycle import (
    ITEMS,
    ON,
    actions,
    element,
    engagement,
    figure,
    figures,
    foreign_words,
    in_latin,
    statement,
    survey_figure,
    text_of,
)
from tests.reports.reading import pdf_text

REVIEW = Review(
    engagement_id=1,
    kind="joint",
    period="2027",
    held_on=date(2027, 12, 11),
    met_count=0,
    missed_count=0,
    no_data_count=0,
)


def wave(period, opened_on) -> SurveyWave:
    return SurveyWave(
        engagement_id=1,
        period=period,
        purpose="overall",
        opened_on=opened_on,
        closes_on=opened_on,
        frame_count=412,
        invited_count=400,
        items=ITEMS,
    )


def score(party, dimension, points) -> JointScore:
    return JointScore(review_id=1, dimension=dimension, party=party, score=points)


def dossier(language="zh", **over):
    rows = {
        "review": REVIEW,
        "figures_by_period": {
            "2027-Q2": [figure("round_completion", "96", "100", "0.98", "missed")],
            "2027-Q1": figures(),
        },
        "entry": [element("lift", 4), element("fire", 2)],
        "statements": [statement("2027-Q2", state="compiled"), statement("2027-Q1")],
        "waves": [
            (wave("2027-Q2", date(2027, 6, 16)), [survey_figure("OV1", "all", 6, 8)]),
            (wave("2027-Q1", date(2027, 3, 17)), [survey_figure("OV1", "all", 150, 180)]),
        ],
        "actions": actions(),
    }
    return evaluation_dossier(engagement(language), **{**rows, **over}, on=ON)


def test_four_dimensions_stand_in_the_order_of_the_clause():
    headings = [section.heading for section in dossier().sections]
    assert headings[1:5] == ["服务质量", "设备状况", "财务状况", "业主反馈"]


def test_indicator_is_followed_through_the_periods():
    table = dossier("en").sections[1].tables[0]
    assert [column.label for column in table.columns] == ["Indicator", "2027-Q1", "2027-Q2"]
    row = next(row for row in table.rows if row[0] == "Inspection rounds completed")
    assert row[1:] == ("99.9% (met)", "96.0% (missed)")
    assert "no data" in next(row for row in table.rows if row[0] == "Satisfied respondents")[1]


def test_wave_with_few_answers_shows_no_share():
    rows = dossier("en").sections[4].tables[0].rows
    assert rows[0][3:] == ("83.3%", "78.3–88.3%")
    assert rows[1][2:] == ("8", "no data", "—")


def test_each_side_scores_on_its_own_blank_table():
    section = dossier("en").sections[6]
    assert [table.caption for table in section.tables] == [
        "Scores of the client: Riverside Owners' Committee",
        "Scores of the custodian: Anju Custody Services Ltd",
    ]
    assert all(row[1] == "" for table in section.tables for row in table.rows)


def test_one_side_s_scores_alone_show_no_difference_yet():
    one = dossier(scores=[score("client", "finance", 4)])
    assert len(one.sections[6].tables) == 2
    both = dossier(scores=[score("client", "finance", 2), score("custodian", "finance", 5)])
    assert both.sections[6].tables[2].rows == (("财务状况", "2", "5", "3"),)


def test_statements_not_audited_are_counted():
    assert "1 of 2 statements not audited yet." in text_of(dossier("en"))


def test_dossier_is_in_one_language():
    assert foreign_words(dossier("en", actions=in_latin(actions()))) == []
    assert foreign_words(dossier("zh", actions=actions()[:1], entry=[])) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_term_without_any_record_still_makes_a_dossier(language):
    pack = dossier(language, figures_by_period={}, entry=[], statements=[], waves=[], actions=[])
    assert foreign_words(pack) == []
    assert pdf_text(render_pdf(pack))
