"""Does an emergency lead to one survey of its own, which closes, settles nothing it did not ask, and is seen? (D3)"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import col, select, update

from models.audit import AuditEvent
from models.db import reading, writing
from models.engagement import Engagement
from models.outbox import OutboxMail
from models.rules.cycles import CycleKind
from models.rules.survey_special import SpecialRule
from models.survey import SurveyFigure, SurveyWave
from models.survey_codes import survey_code
from tasks.cycles import claim_due, due_now, finish_cycle
from tasks.emergencies import activate_plan, stand_down
from tasks.engagements import set_simulated_date
from tasks.satisfaction import issue_satisfaction_report
from tasks.survey_changes import set_special_rule
from tasks.survey_specials import special_overview
from tasks.surveys import AnswerSheet, close_wave, open_wave, record_answers, wave_items
from tests import factories
from tests.survey_field import filled

DAY = timedelta(days=1)
FLOODED = date(2027, 4, 10)
OPENS = FLOODED + 14 * DAY
PERIOD = "special:incident-E-1"


def flood(code: str, ref: str = "E-1", on: date = FLOODED) -> None:
    alarm = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
    activate_plan.fn(code, ref, "burst_pipe", "Water in the basement", alarm)
    stand_down.fn(code, ref, alarm + timedelta(hours=2), Decimal("0.00"), "Label the valves")


def follow_the_wall_clock(code: str) -> None:
    """What no demonstration does; the plan of the engagement promises the special survey."""
    with writing() as session:
        session.exec(update(Engagement).where(col(Engagement.code) == code).values(simulated_on=None))


def special_due(code: str, on: date) -> list[tuple[CycleKind, str, date]]:
    return [due for due in due_now(code, on) if due[1].startswith("special:")]


def test_an_emergency_is_followed_by_one_wave_that_closes_after_its_fieldwork(in_service: str) -> None:
    follow_the_wall_clock(in_service)
    flood(in_service)
    assert special_due(in_service, OPENS - DAY) == []
    assert special_due(in_service, OPENS) == [(CycleKind.SURVEY_OPEN, PERIOD, OPENS)]
    (cycle,) = [ref for ref in claim_due(in_service, OPENS) if ref.period == PERIOD]
    assert open_wave.fn(cycle) == factories.RESIDENTS
    assert open_wave.fn(cycle) == factories.RESIDENTS, "opened again it invites nobody twice"
    finish_cycle.fn(cycle)
    with reading() as session:
        wave = session.exec(select(SurveyWave)).one()
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "survey-invitation")).all()
        tags = [event.tag for event in session.exec(select(AuditEvent)) if event.subject == PERIOD]
    assert (wave.purpose, wave.confidential) == ("risk", False)
    assert "SA2" in wave_items(in_service, PERIOD)
    assert len(mails) == factories.RESIDENTS
    assert all(mail.body["title"].endswith("survey after an emergency") for mail in mails)
    assert "survey.opened" in tags, "the timeline tells it"
    flood(in_service, "E-2", FLOODED + 7 * DAY)
    assert special_due(in_service, OPENS + 14 * DAY) == []
    assert special_due(in_service, OPENS + 15 * DAY) == [(CycleKind.SURVEY_CLOSE, PERIOD, OPENS + 15 * DAY)]


def test_a_special_wave_is_analysed_and_reported(in_service: str) -> None:
    flood(in_service)
    cycle = factories.claim(in_service, CycleKind.SURVEY_OPEN, PERIOD, OPENS)
    open_wave.fn(cycle)
    finish_cycle.fn(cycle)
    sheets = [
        AnswerSheet(
            survey_code(in_service, PERIOD, f"unit-{n:03d}"),
            "online",
            filled(in_service, PERIOD, {"OV1": 4, "SE1": 2, "NP1": 9}),
        )
        for n in range(1, 13)
    ]
    assert record_answers(in_service, PERIOD, sheets, OPENS).accepted == 12
    closing = factories.claim(in_service, CycleKind.SURVEY_CLOSE, PERIOD, OPENS + 15 * DAY)
    result = close_wave.fn(closing)
    assert (result.answered, result.overall_share) == (12, 1.0)
    assert issue_satisfaction_report.fn(closing).sha256
    with reading() as session:
        assert session.exec(select(SurveyFigure).where(SurveyFigure.item_code == "SE1")).first() is not None


def test_what_follows_and_what_does_not_is_shown_with_its_reason(sqlite_in_service: str) -> None:
    code = sqlite_in_service
    flood(code)
    flood(code, "E-2", FLOODED + 7 * DAY)
    set_simulated_date(code, FLOODED + 8 * DAY)
    assert set_special_rule(code, SpecialRule(after_days=14)) is True
    assert set_special_rule(code, SpecialRule(after_days=14)) is False
    first, second = special_overview(code)["changes"]
    assert (first["wave"], first["opens_on"], first["state"]) == (PERIOD, OPENS, "planned")
    assert (second["opens_on"], second["state"]) == (None, "none")
    assert "less than 90 days" in second["reason"]


@pytest.mark.parametrize("how", ["off", "demonstration"])
def test_none_is_held_where_it_was_turned_off_and_in_a_demonstration(
    sqlite_in_service: str, how: str
) -> None:
    code = sqlite_in_service
    flood(code)
    if how == "off":
        follow_the_wall_clock(code)
        assert special_due(code, OPENS) != []
        set_special_rule(code, SpecialRule(active=False))
    else:
        set_simulated_date(code, OPENS)
    assert special_due(code, OPENS) == []
