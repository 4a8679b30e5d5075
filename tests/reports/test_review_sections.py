"""Do the chapters of a review and the papers around the joint evaluation say the same in one language each? (C1, C3)"""

from datetime import date
from decimal import Decimal

import pytest

from models.evaluation import EarlyEnd
from models.review import ImprovementAction, JointScore, Review, ReviewWords
from models.rules.action_outcomes import ActionFacts, outcome_of
from models.rules.early_end import milestones
from models.rules.evaluation import DIMENSIONS, terms_of
from models.rules.what_follows import tasks_of
from reports.early_end_notice import early_end_notice
from reports.evaluation_result import evaluation_result
from reports.evaluation_scores import Difference, EvaluationOutcome, PartyAnswer
from reports.follow_ups import FollowUp
from reports.indicator_records import (
    FORMULAS_ZH,
    CountedRecord,
    TargetSource,
    Trace,
    records_pack,
    term_index_pack,
)
from reports.pack import Language, Pack, Section
from reports.review_sections import (
    Coverage,
    LookBack,
    PastAction,
    ProblemLine,
    coverage_section,
    past_actions_section,
    problems_section,
    words_paragraph,
)
from reports.sections import pack_of
from reports.words import voice_of
from tests.reports.lifecycle import ON, engagement, figure, foreign_words, text_of

BOTH = pytest.mark.parametrize("language", ["zh", "en"])


def action(ref: str, **over: object) -> ImprovementAction:
    said = {"engagement_id": 1, "ref": ref, "text": "X", "post_code": "manager"}
    days = {"opened_on": date(2027, 2, 1), "due_on": date(2027, 3, 1)}
    return ImprovementAction(**{**said, **days, **over})


def wrapped(language: Language, *sections: Section) -> Pack:
    return pack_of(engagement(language), title="X", subtitle="X", period="2027", on=ON, sections=sections)


@BOTH
def test_every_problem_has_an_action_a_reason_or_is_owed_an_answer(language: Language) -> None:
    voice = voice_of(engagement(language))
    section = problems_section(
        [
            ProblemLine("indicator:round_completion", 1, action("indicator:2027-02:round_completion"), ""),
            ProblemLine("work:cleaning", 12, None, "R"),
            ProblemLine("survey:OV1@office", 1, None, ""),
            ProblemLine("incident:E-1", 1, None, ""),
        ],
        voice,
    )
    owed = voice("answer owed", "待说明")
    assert [row[4] for row in section.tables[0].rows] == ["—", "R", owed, owed]
    assert "2" in section.paragraphs[0]
    assert foreign_words(wrapped(language, section)) == []


@BOTH
def test_the_last_actions_are_told_as_kept_late_overdue_and_worked(language: Language) -> None:
    voice = voice_of(engagement(language))
    since, on = date(2027, 2, 10), date(2027, 4, 1)
    acts = [
        action("meeting:2027-Q1:1", state="verified", done_on=date(2027, 2, 20)),
        action("review:2027-01:work:round", state="done", done_on=date(2027, 3, 20)),
        action("review:2027-01:incident:E-1"),
    ]
    past = [
        PastAction(one, one.due_on, outcome_of(ActionFacts(one.state, one.due_on, one.done_on), on))
        for one in acts
    ]
    answered = (ProblemLine("work:round", 2, None, "R"), ProblemLine("work:cleaning", 1, None, ""))
    section = past_actions_section(LookBack(since, tuple(past), answered), voice)
    assert [row[4] for row in section.tables[0].rows] == [
        voice("done in time", "按期完成"),
        voice("done late", "逾期完成"),
        voice("overdue", "已逾期未完成"),
    ]
    assert [row[2] for row in section.tables[1].rows] == ["R", voice("still owed", "仍待说明")]
    first = past_actions_section(LookBack(None), voice)
    assert foreign_words(wrapped(language, section, first)) == []
    words = ReviewWords(engagement_id=1, period="2027-01", text="X", written_by="c-1", written_on=ON)
    assert "c-1" in words_paragraph(words, voice)
    assert words_paragraph(None, voice) == ""


@BOTH
def test_the_annual_review_tells_promises_without_work_and_work_without_promise(language: Language) -> None:
    voice = voice_of(engagement(language))
    section = coverage_section(
        Coverage(
            10, 8, (("B2", "P1", "X", True), ("B3", "P2", "X", False)), (("request", 5, 4), ("cctv", 1, 1))
        ),
        voice,
    )
    assert [row[3] for row in section.tables[0].rows] == [
        voice("fell due, no work", "到期无作业"),
        voice("not due in the period", "本期未到期"),
    ]
    assert foreign_words(wrapped(language, section)) == []


@BOTH
def test_the_result_tells_weighted_marks_differences_and_tasks(language: Language) -> None:
    of_term = engagement(language)
    scores = tuple(
        JointScore(review_id=1, dimension=one, party=party, score=mark, remark="R")
        for one in DIMENSIONS
        for party, mark in (("client", 2), ("custodian", 4))
    )
    outcome = EvaluationOutcome(
        scores,
        (PartyAnswer("evaluation", "client", "rejected", "R"), PartyAnswer("renewal", "client", "end", "")),
        (
            Difference("finance", (("2", "R"), ("4", "R")), "accountant", ON, ON, "O"),
            Difference("judgement", (("rejected", "R"), ("", "")), "manager", ON, None, ""),
        ),
        terms_of({"weights": dict.fromkeys(DIMENSIONS, 25), "agreed_in": "S1"}),
        tuple(
            FollowUp(path, one.code, one.owner, one.due_on, None, "")
            for path in ("renew", "change", "end")
            for one in tasks_of(path, of_term.term_end, ON)
        ),
    )
    review = Review(
        engagement_id=1, kind="joint", period="once", held_on=ON, met_count=0, missed_count=0, no_data_count=0
    )
    pack = evaluation_result(of_term, review=review, outcome=outcome, on=ON)
    text = text_of(pack)
    for said in ("2.00", "4.00", "3.00", "25%", "S1"):
        assert said in text, said
    assert foreign_words(pack) == []


@BOTH
def test_the_notice_of_an_early_end_names_day_ground_and_what_falls_due(language: Language) -> None:
    for ground in ("agreement", "breach", "notice"):
        notice = EarlyEnd(
            engagement_id=1, number="early-end-1", ground=ground, party="client", given_on=date(2027, 6, 1),
            ends_on=date(2027, 9, 30), former_end=date(2027, 12, 31), reason="R", recorded_by="c-1",
        )  # fmt: skip
        pack = early_end_notice(
            engagement(language), notice, falls_due=milestones(notice.given_on, notice.ends_on),
            owed=Decimal("750000.00"), orders=1, on=notice.given_on,
        )  # fmt: skip
        text = text_of(pack)
        for said in ("2027-09-10", "2027-10-08", "750,000.00"):
            assert said in text, said
        assert foreign_words(pack) == []


@BOTH
def test_the_workbook_of_records_sums_its_rows_and_names_nobody(language: Language) -> None:
    rows = (
        CountedRecord("staff", "staff-7", "cleaner", "2027-03-01", "passed", Decimal(1), Decimal(1)),
        CountedRecord("staff", "staff-8", "cleaner", "2027-03-01", "missing", Decimal(0), Decimal(1)),
    )
    source = TargetSource(1, ON, "P1", "B1", "X", "X", Decimal(1), True)
    kept = figure("training_coverage", "1", "2", "1", "missed", period="2027-03")
    trace = Trace(kept, ON, ON, rows, (source,), None)
    assert trace.agrees
    assert not Trace(figure("training_coverage", "2", "2", "1", "met"), ON, ON, rows, (), None).agrees
    pack = records_pack(engagement(language), period="2027-03", traces=[trace], on=ON)
    assert pack.sections[1].tables[0].total is not None
    assert pack.sections[1].tables[0].total[5:] == ("1", "2")
    assert "staff-7" not in text_of(pack), "the count is what the reader needs"
    index = term_index_pack(engagement(language), figures=[kept], files={"2027-03": "F.xlsx"}, on=ON)
    assert "F.xlsx" in text_of(index)


def test_every_formula_has_a_chinese_wording() -> None:
    from models.rules.indicators import IndicatorCode

    assert set(FORMULAS_ZH) == set(IndicatorCode)
