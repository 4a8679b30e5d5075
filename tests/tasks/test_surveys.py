"""Is every voice counted once, can nobody be found out, and does the loop close? (D1-D6)"""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col, func, select

from models.db import engine, reading
from models.outbox import OutboxMail
from models.review import ImprovementAction, IndicatorFigure
from models.rules.cycles import CycleKind
from models.rules.periods import Period
from models.rules.satisfaction import MINIMUM_CELL
from models.rules.survey_rates import outcome_rates
from models.survey import Invitation, SurveyAnswer, SurveyFigure, SurveyResponse, SurveyWave
from models.survey_codes import survey_code
from tasks.cycles import CycleRef, finish_cycle
from tasks.engagements import engagement_id, find_engagement, set_simulated_date
from tasks.improvements import actions_of_month, complete_action
from tasks.indicators import compute_indicators
from tasks.intake import record_people
from tasks.survey_fieldwork import wave_dispositions
from tasks.surveys import AnswerSheet, close_wave, open_invitations, open_wave, record_answers, wave_items
from tests import factories

OPENED = date(2027, 3, 17)
CLOSES = OPENED + timedelta(days=14)
Q1, Q2 = "2027-Q1", "2027-Q2"
HOUSEHOLDS = 30


def test_every_household_is_invited_once_by_a_code_of_its_own(in_service: str) -> None:
    cycle = _open(in_service)
    assert open_wave.fn(cycle) == factories.RESIDENTS, "opening again invites nobody twice"
    with reading() as session:
        invitations = session.exec(select(Invitation)).all()
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "survey-invitation")).all()
    assert len(invitations) == len({i.token_hash for i in invitations}) == factories.RESIDENTS
    assert {i.stratum for i in invitations} == {"residential", "commercial"}
    assert sorted(mail.person_ref for mail in mails) == sorted(i.person_ref for i in invitations)
    assert "OV1" in wave_items(in_service, Q1)


def test_whoever_has_no_mail_address_is_to_be_telephoned(in_service: str) -> None:
    person = factories.people()[-1].model_copy(update={"ref": "unit-900", "email": ""})
    record_people(in_service, [person])
    _open(in_service)
    modes = {ref: mode for ref, _stratum, mode in open_invitations(in_service, Q1)}
    assert (modes["unit-900"], modes["unit-001"]) == ("telephone", "online")
    with reading() as session:
        assert session.exec(select(OutboxMail).where(OutboxMail.person_ref == "unit-900")).all() == []


def test_a_code_is_good_for_one_answer(in_service: str) -> None:
    _open(in_service)
    sheet = _sheet(in_service, 1)
    assert record_answers(in_service, Q1, [sheet], OPENED).accepted == 1
    again = record_answers(in_service, Q1, [sheet, _sheet(in_service, 1, OV1=1)], OPENED)
    assert again.accepted == 0
    assert [reason for _code, reason in again.rejected] == ["the code is unknown or was used before"] * 2
    with reading() as session:
        assert session.exec(select(SurveyAnswer.score).where(SurveyAnswer.item_code == "OV1")).all() == [5]


@pytest.mark.parametrize(
    ("changes", "on", "said"),
    [
        ({"code": "0000000000000"}, OPENED, "unknown"),
        ({"scores": {"OV1": 6}}, OPENED, "score 6, expected 1 to 5"),
        ({"scores": {"XX9": 5}}, OPENED, "'XX9' was not asked"),
        ({"scores": {}}, OPENED, "no item was answered"),
        ({"mode": "pigeon"}, OPENED, "mode 'pigeon'"),
        ({}, CLOSES + timedelta(days=1), "the wave closed on"),
    ],
)
def test_a_sheet_that_cannot_be_taken_is_given_back_with_its_reason_and_its_code_stays_good(
    in_service: str, changes: dict[str, object], on: date, said: str
) -> None:
    _open(in_service)
    good = _sheet(in_service, 1)
    bad = AnswerSheet(**{**good.__dict__, **changes})  # type: ignore[arg-type]
    count = record_answers(in_service, Q1, [bad], on)
    assert count.accepted == 0
    assert said in count.rejected[0][1]
    assert record_answers(in_service, Q1, [good], OPENED).accepted == 1


def test_no_join_leads_from_an_answer_to_a_person(in_service: str) -> None:
    """Neither a reference nor an equal value: what an answer keeps is shared by its whole stratum and mode."""
    _open(in_service)
    answered = range(1, factories.RESIDENTS + 1)
    record_answers(in_service, Q1, [_sheet(in_service, number) for number in answered], OPENED)
    tables = SQLModel.metadata.tables
    for answer in ("surveyresponse", "surveyanswer"):
        targets = {key.column.table.name for key in tables[answer].foreign_keys}
        assert targets <= {"surveywave", "surveyresponse"}
    with engine().connect() as connection:
        for answer in ("surveyresponse", "surveyanswer"):
            for other in ("invitation", "person", "outboxmail", "auditevent"):
                for mine, theirs in _text_columns(answer, other):
                    values = {
                        row[0]
                        for row in connection.execute(
                            sa.select(mine).join(
                                tables[other], sa.cast(theirs, sa.Text) == sa.cast(mine, sa.Text)
                            )
                        )
                    }
                    assert all(_shared(connection, theirs, value) for value in values), (mine, theirs, values)


def test_the_order_of_answers_says_nothing_about_the_order_of_people(in_service: str) -> None:
    """Codes are used on different days: rows numbered as they came in would tell whose answer is whose."""
    _open(in_service)
    numbers = range(1, factories.RESIDENTS + 1)
    for number in numbers:
        sheet = AnswerSheet(**{**_sheet(in_service, number).__dict__, "comment": f"{number:03d}"})
        record_answers(in_service, Q1, [sheet], OPENED + timedelta(days=number // 5))
    with reading() as session:
        comments = select(SurveyResponse.comment)
        by_response = session.exec(comments.order_by(col(SurveyResponse.id))).all()
        by_answer = session.exec(
            comments.join(SurveyAnswer).group_by(col(SurveyResponse.id)).order_by(func.min(SurveyAnswer.id))
        ).all()
        serials = session.exec(select(SurveyResponse.serial)).all()
    assert len(set(serials)) == len(numbers)
    for order in (by_response, by_answer):
        assert sorted(order) == [f"{number:03d}" for number in numbers]
        assert list(order) != sorted(order), "as they came in"


def test_the_code_stands_nowhere_in_the_database(in_service: str) -> None:
    _open(in_service)
    record_answers(in_service, Q1, [_sheet(in_service, 1)], OPENED)
    codes = [
        survey_code(in_service, Q1, f"unit-{number:03d}") for number in range(1, factories.RESIDENTS + 1)
    ]
    everything = _dump()
    assert "unit-001" in everything, "the dump does hold what the database holds"
    assert not [code for code in codes if code in everything.upper()]


def test_figures_are_withheld_where_too_few_answered(in_service: str) -> None:
    cycle = _open(in_service)
    answered = [_sheet(in_service, number, OV1=1) for number in range(1, MINIMUM_CELL)]
    record_answers(in_service, Q1, answered, OPENED)
    result = close_wave.fn(cycle)
    assert (result.answered, result.overall_share, result.actions_opened) == (MINIMUM_CELL - 1, None, 0)
    with reading() as session:
        figures = session.exec(select(SurveyFigure)).all()
    assert figures
    assert all(figure.suppressed and figure.share is None and figure.low is None for figure in figures)


def test_a_small_stratum_is_withheld_while_the_whole_is_shown(in_service: str) -> None:
    _more_households(in_service)
    cycle = _open(in_service)
    sheets = [_sheet(in_service, number) for number in range(1, HOUSEHOLDS + 1) if number % 3 or number <= 9]
    record_answers(in_service, Q1, sheets, OPENED)
    close_wave.fn(cycle)
    with reading() as session:
        shown = {
            figure.stratum: (figure.n, figure.share)
            for figure in session.exec(select(SurveyFigure).where(SurveyFigure.item_code == "OV1")).all()
        }
    assert shown["commercial"] == (3, None)
    assert shown["all"] == (len(sheets), Decimal(1))


def test_a_weak_item_becomes_an_action_and_the_next_wave_judges_it(in_service: str) -> None:
    _more_households(in_service)
    cycle = _open(in_service)
    numbers = range(1, HOUSEHOLDS + 1)
    record_answers(in_service, Q1, [_sheet(in_service, number, CL1=2) for number in numbers], OPENED)
    result = close_wave.fn(cycle)
    finish_cycle.fn(cycle)
    assert (result.overall_share, result.actions_opened) == (1.0, 1)
    with reading() as session:
        action = session.exec(select(ImprovementAction)).one()
    assert (action.ref, action.post_code, action.state) == (f"survey:{Q1}:CL1", "cleaner", "open")
    set_simulated_date(in_service, date(2027, 5, 1))
    complete_action(in_service, action.ref, date(2027, 5, 1))

    later = OPENED + timedelta(days=91)
    second = _open(in_service, Q2, later)
    record_answers(in_service, Q2, [_sheet(in_service, number, Q2) for number in numbers], later)
    assert close_wave.fn(second).actions_settled == 1
    with reading() as session:
        action = session.exec(select(ImprovementAction)).one()
    assert (action.state, action.verified_in) == ("verified", Q2)


def test_a_months_report_tells_the_same_actions_before_and_after_the_wave_that_closes_that_day(
    in_service: str,
) -> None:
    _more_households(in_service)
    numbers = range(1, HOUSEHOLDS + 1)
    finish_cycle.fn(_open(in_service))
    record_answers(in_service, Q1, [_sheet(in_service, number, CL1=2) for number in numbers], OPENED)
    march, june = Period.parse("2027-03"), Period.parse("2027-06")
    before = _told_of(in_service, march)
    first = factories.claim(in_service, CycleKind.SURVEY_CLOSE, Q1, date(2027, 4, 1))
    close_wave.fn(first)
    finish_cycle.fn(first)
    assert before == _told_of(in_service, march) == []
    set_simulated_date(in_service, date(2027, 5, 1))
    complete_action(in_service, f"survey:{Q1}:CL1", date(2027, 5, 1))

    later = OPENED + timedelta(days=91)
    finish_cycle.fn(_open(in_service, Q2, later))
    record_answers(in_service, Q2, [_sheet(in_service, number, Q2, SE1=2) for number in numbers], later)
    before = _told_of(in_service, june)
    settled = close_wave.fn(factories.claim(in_service, CycleKind.SURVEY_CLOSE, Q2, date(2027, 7, 1)))
    assert (settled.actions_settled, settled.actions_opened) == (1, 1)
    assert before == _told_of(in_service, june) == [(f"survey:{Q1}:CL1", "done", "")]
    assert [told[0] for told in _told_of(in_service, Period.parse("2027-07"))] == [f"survey:{Q2}:SE1"]


def _told_of(code: str, month: Period) -> list[tuple[str, str, str]]:
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return [(a.ref, a.state, a.verified_in) for a in actions_of_month(session, key, month)]


def test_a_closed_wave_takes_no_more_answers_and_keeps_its_figures(in_service: str) -> None:
    cycle = _open(in_service)
    record_answers(in_service, Q1, [_sheet(in_service, number) for number in range(1, 12)], OPENED)
    first = close_wave.fn(cycle)
    late = record_answers(in_service, Q1, [_sheet(in_service, 12, OV1=1)], OPENED)
    assert late.accepted == 0
    assert close_wave.fn(cycle) == first
    with reading() as session:
        assert session.exec(select(SurveyWave.closed_on)).one() == OPENED


def _open(code: str, period: str = Q1, on: date = OPENED) -> CycleRef:
    cycle = factories.claim(code, CycleKind.SURVEY_OPEN, period, on)
    assert open_wave.fn(cycle) > 0
    return cycle


def _more_households(code: str) -> None:
    record_people(code, factories.people(HOUSEHOLDS))


def _sheet(code: str, number: int, period: str = Q1, **scores: int) -> AnswerSheet:
    return AnswerSheet(
        code=survey_code(code, period, f"unit-{number:03d}"),
        mode="paper",
        scores={item: 5 for item in wave_items(code, period)} | scores,
        comment="Fine" if number % 5 == 0 else "",
    )


def _text_columns(answer: str, other: str) -> list[tuple[sa.Column[object], sa.Column[object]]]:
    tables = SQLModel.metadata.tables
    return [
        (mine, theirs)
        for mine in tables[answer].columns
        for theirs in tables[other].columns
        if isinstance(mine.type, sa.String) and isinstance(theirs.type, sa.String)
    ]


def _shared(connection: sa.Connection, column: sa.Column[object], value: object) -> bool:
    """Whether a value stands in many rows of the other table, so that it points at nobody."""
    query = sa.select(sa.func.count()).select_from(column.table).where(sa.cast(column, sa.Text) == str(value))
    return connection.execute(query).scalar_one() > 1


def _dump() -> str:
    """Every cell of every table as text."""
    with engine().connect() as connection:
        return "\n".join(
            str(tuple(row))
            for table in SQLModel.metadata.sorted_tables
            for row in connection.execute(sa.select(table))
        )


def test_the_dump_would_find_a_code_that_is_kept(in_service: str) -> None:
    """The guard above is worth nothing if its net has holes."""
    code = survey_code(in_service, Q1, "unit-001")
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{13}", code)
    with engine().begin() as connection:
        connection.execute(sa.text("UPDATE person SET unit = :code WHERE ref = 'unit-001'"), {"code": code})
    assert code in _dump()


def test_the_report_draws_the_wave_from_the_figures_that_are_kept(in_service: str) -> None:
    from models.rules.survey_analysis import overall_figure
    from tasks.survey_waves import wave_analysis

    _more_households(in_service)
    cycle = _open(in_service)
    numbers = range(1, HOUSEHOLDS - 2)
    sheets = [_sheet(in_service, n, OV1=1 + n % 5, CL1=1 + n % 4) for n in numbers]
    record_answers(in_service, Q1, sheets, OPENED)
    close_wave.fn(cycle)
    with reading() as session:
        kept = session.exec(
            select(SurveyFigure).where(SurveyFigure.item_code == "OV1", SurveyFigure.stratum == "all")
        ).one()
        analysis = wave_analysis(session, session.exec(select(SurveyWave)).one(), "zh")
    assert analysis is not None
    shown = overall_figure(analysis)
    assert (shown.n, round(shown.share or 0, 6)) == (kept.n, float(kept.share or 0))
    assert (round(shown.low or 0, 6), round(shown.high or 0, 6)) == (
        float(kept.low or 0),
        float(kept.high or 0),
    )
    assert sum((shown.distribution or {}).values()) == pytest.approx(1)
    assert analysis.response.invited == sum(analysis.response.dispositions.values())


def test_the_indicator_of_responses_is_the_rate_of_the_report_and_counts_no_break_off(
    sqlite_in_service: str,
) -> None:
    code = sqlite_in_service
    cycle = _open(code)
    record_answers(code, Q1, [_sheet(code, number) for number in range(1, 12)], OPENED)
    short = replace(_sheet(code, 12), scores={"OV1": 4})
    record_answers(code, Q1, [short], OPENED)
    close_wave.fn(cycle)
    compute_indicators.fn(factories.claim(code, CycleKind.QUARTER_REVIEW, Q1, date(2027, 4, 5)))
    with reading() as session:
        wave = session.exec(select(SurveyWave)).one()
        counts = wave_dispositions(session, wave)
        told = session.exec(select(IndicatorFigure).where(IndicatorFigure.code == "response_rate")).one()
    assert (counts.refusal, counts.answered) == (1, 11), "the twelfth broke off"
    assert (told.numerator, told.denominator) == (11, factories.RESIDENTS)
    assert float(told.value or 0) == pytest.approx(outcome_rates(counts)["RR2"], abs=1e-6)


def test_a_wave_is_told_by_the_review_of_its_quarter_and_by_no_month(in_service: str) -> None:
    """The month's report and the wave's close fall on one day, in any order: neither order may change the report."""
    _open(in_service)
    record_answers(in_service, Q1, [_sheet(in_service, number) for number in range(1, 21)], OPENED)
    close_wave.fn(factories.claim(in_service, CycleKind.SURVEY_CLOSE, Q1, date(2027, 4, 1)))
    for kind, period in ((CycleKind.MONTH_CLOSE, "2027-03"), (CycleKind.QUARTER_REVIEW, Q1)):
        compute_indicators.fn(factories.claim(in_service, kind, period, date(2027, 4, 5)))
    with reading() as session:
        told = session.exec(
            select(IndicatorFigure.period, IndicatorFigure.denominator).where(
                IndicatorFigure.code == "response_rate"
            )
        ).all()
    assert told == [(Q1, factories.RESIDENTS)]
