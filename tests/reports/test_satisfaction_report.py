"""Does the survey report say how sure its figures are, and hide who answered?"""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.survey_comments import grouped_comments
from models.survey import SurveyWave
from reports.pdf import render_pdf
from reports.satisfaction_report import satisfaction_report
from reports.survey_sections import OVERALL_ITEM, withheld
from tests.reports.lifecycle import (
    ITEMS,
    ON,
    actions,
    engagement,
    foreign_words,
    in_latin,
    survey_figure,
    text_of,
)
from tests.reports.reading import pdf_text


def wave(**over) -> SurveyWave:
    values = {
        "engagement_id": 1,
        "period": "2027-Q1",
        "purpose": "overall",
        "opened_on": date(2027, 3, 17),
        "closes_on": date(2027, 3, 31),
        "frame_count": 412,
        "invited_count": 412,
        "items": ITEMS,
    }
    return SurveyWave(**{**values, **over})


FIGURES = [
    survey_figure("OV1", "all", 150, 180),
    survey_figure("OV1", "residential", 118, 140),
    survey_figure("OV1", "office", 27, 33),
    survey_figure("OV1", "commercial", 5, 7),
    survey_figure("RE1", "all", 120, 180),
]


def report(language="zh", **over):
    rows = {
        "wave": wave(),
        "figures": FIGURES,
        "previous": [survey_figure("OV1", "all", 120, 160)],
        "invited": 412,
        "answered_by_mode": {"online": 120, "paper": 60},
        "comments": grouped_comments(["乙", "  ", "甲"] * 5, {}),
        "actions": actions(),
    }
    return satisfaction_report(engagement(language), **{**rows, **over}, on=ON)


def test_share_stands_beside_its_interval_its_base_and_the_wave_before():
    first = report("en").sections[1].tables[0].rows[0]
    assert first == ("The service as a whole", "All respondents", "180", "83.3%", "78.3–88.3%", "75.0%")


def test_small_group_and_the_one_it_follows_from_are_not_shown():
    rows = {row[1]: row for row in report("en").sections[1].tables[0].rows[:4]}
    assert rows["Commercial"][2:] == ("—", "not shown (fewer than 10 answers)", "—", "—")
    assert rows["Office"][2:] == ("—", "not shown (protects a small group)", "—", "—")
    assert rows["Residential"][3] == "84.3%"


@given(st.lists(st.integers(0, 60), min_size=1, max_size=5))
def test_no_hidden_group_follows_from_the_total(sizes):
    figures = [survey_figure("OV1", "all", 0, sum(sizes))]
    figures += [survey_figure("OV1", f"group {i}", 0, n) for i, n in enumerate(sizes)]
    hidden = withheld(figures)
    if ("OV1", "all") not in hidden:
        answered = [n for i, n in enumerate(sizes) if ("OV1", f"group {i}") in hidden and n > 0]
        # One group alone could be had by subtraction, unless it is the whole of what was answered.
        assert len(answered) != 1 or sum(n > 0 for n in sizes) == 1


def test_response_rate_is_said_and_never_invented():
    assert (
        "response rate 43.7% (AAPOR RR2: complete and partial answers)"
        in report("en").sections[0].paragraphs[1]
    )
    assert "问卷回收率无数据" in report("zh", invited=0, answered_by_mode={}).sections[0].paragraphs[1]


def test_chart_is_drawn_only_against_an_agreed_target():
    assert report().sections[0].bars == ()
    (chart,) = report(target=Decimal("0.80")).sections[0].bars
    assert [(bar.value, bar.state) for bar in chart.bars] == [
        (Decimal("83.3"), "undetermined"),
        (Decimal("66.7"), "missed"),
    ]


@pytest.mark.parametrize(("target", "said"), [("0.78", "met"), ("0.85", "undetermined"), ("0.90", "missed")])
def test_a_bar_judges_by_the_interval_as_the_table_does(target: str, said: str) -> None:
    """83.3 %, interval 78.3 to 88.3 %: the point alone would say met or missed where neither is shown."""
    (chart,) = report(target=Decimal(target)).sections[0].bars
    assert chart.bars[0].state == said
    shown = "".join(pdf_text(render_pdf(report("en", target=Decimal(target)))).split())
    assert ("undetermined" in shown) is (said == "undetermined")


def test_remarks_are_grouped_sorted_and_hidden_among_few():
    assert report().sections[4].tables[1].rows == (("其他", "乙"), ("其他", "甲"))
    few = report(comments=grouped_comments(["甲"] * 9, {}))
    assert few.sections[4].tables == ()
    assert "甲" not in text_of(few)
    assert "不足10条" in text_of(few)


def test_report_is_in_one_language():
    assert (
        foreign_words(
            report(
                "en",
                comments=grouped_comments(["fine"] * 10, {"Praise": ("fine",)}),
                actions=in_latin(actions()),
            )
        )
        == []
    )
    assert foreign_words(report("zh", actions=actions()[:1])) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_wave_nobody_answered_still_makes_a_report(language):
    pack = report(
        language,
        wave=wave(items=[], frame_count=0, invited_count=0),
        figures=[],
        previous=[],
        invited=0,
        answered_by_mode={},
        comments=None,
        actions=[],
    )
    assert foreign_words(pack) == []


def test_printed_report_holds_the_interval():
    text = pdf_text(render_pdf(report("zh")))
    assert "客户满意度调查报告" in text
    assert "78.3–88.3%" in text


def test_overall_question_is_the_one_about_the_whole_service():
    assert OVERALL_ITEM == "OV1"
    assert report("en").sections[0].paragraphs[0].startswith("83.3% of 180 answers are satisfied overall")
