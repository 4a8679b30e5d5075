"""Does an emergency start its plan once, is each step timed, and is a bad response followed up? (B8)"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from models.db import reading, writing
from models.emergency import Incident, IncidentStep
from models.errors import Terminal
from models.outbox import OutboxMail
from models.review import ImprovementAction
from models.rules.cycles import CycleKind
from models.rules.drills import DrillState
from tasks.after_action import review_incident
from tasks.drill_schedule import standings_on
from tasks.emergencies import (
    activate_plan,
    call_drill,
    count_drills,
    emergency_plan_kinds,
    incident_steps,
    open_incidents,
    record_loss,
    record_step,
    stand_down,
)
from tasks.engagements import find_engagement
from tests import factories

ALARM = datetime(2027, 1, 1, 6, 40, tzinfo=UTC)


def test_activating_a_plan_starts_its_clock_and_calls_both_sides_once(in_service: str) -> None:
    for _ in range(2):
        assert _activate(in_service) == "E-1"
    steps = incident_steps(in_service, "E-1")
    assert len(steps) >= 3
    assert [ordinal for ordinal, _minutes in steps] == list(range(1, len(steps) + 1))
    assert open_incidents(in_service) == [("E-1", ALARM)]
    with reading() as session:
        assert len(session.exec(select(Incident)).all()) == 1
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "emergency")).all()
    assert sorted(mail.person_ref for mail in mails) == ["client-1", "custodian-1"]
    body = mails[0].body
    assert len(body["facts"]) == 1 + len(steps), "the call-out says what to do, minute by minute"
    assert body["facts"][0] == ["Clock starts", "2027-01-01 14:40"]
    assert body["paragraphs"] == ["Water in the basement", "Place: B1-PUMP Pump room"]


def test_a_kind_of_emergency_the_plan_does_not_know_names_those_it_knows(in_service: str) -> None:
    with pytest.raises(Terminal, match=r"'meteor'; it has .*burst_pipe.*fire"):
        activate_plan.fn(in_service, "E-1", "meteor", "x", ALARM)
    assert open_incidents(in_service) == []


def test_a_response_in_time_scores_full_and_opens_no_action(in_service: str) -> None:
    _activate(in_service)
    _do_steps(in_service, "E-1", late=())
    score = stand_down.fn(
        in_service, "E-1", ALARM + timedelta(hours=2), Decimal("1500.00"), "label the valves"
    )
    assert score == 1
    assert open_incidents(in_service) == []
    with reading() as session:
        incident = session.exec(select(Incident)).one()
        assert (incident.loss_amount, incident.lesson) == (Decimal("1500.00"), "label the valves")
        assert session.exec(select(ImprovementAction)).all() == []


def test_a_response_that_went_badly_becomes_an_action(in_service: str) -> None:
    _activate(in_service)
    steps = incident_steps(in_service, "E-1")
    late = tuple(ordinal for ordinal, _minutes in steps[: len(steps) // 2])
    _do_steps(in_service, "E-1", late=late)
    score = stand_down.fn(
        in_service, "E-1", ALARM + timedelta(hours=9), Decimal("0.00"), "nobody had the key"
    )
    assert score == Decimal(len(steps) - len(late)) / Decimal(len(steps))
    with reading() as session:
        action = session.exec(select(ImprovementAction)).one()
    assert (action.ref, action.text, action.state) == ("incident:E-1", "nobody had the key", "open")
    assert stand_down.fn(in_service, "E-1", ALARM, Decimal("9.00"), "again") == score
    with reading() as session:
        assert session.exec(select(Incident.lesson)).one() == "nobody had the key", "it ended once"
    review_incident(in_service, "E-1", ALARM + timedelta(days=1), "The key", ["nobody had the key"])
    with reading() as session:
        texts = session.exec(select(ImprovementAction.text)).all()
    assert texts.count("nobody had the key") == 1, "promised once"


def test_a_step_keeps_the_time_it_was_first_recorded_with(in_service: str) -> None:
    _activate(in_service)
    first = ALARM + timedelta(minutes=1)
    assert record_step(in_service, "E-1", 1, first) is True
    assert record_step(in_service, "E-1", 1, first + timedelta(hours=1)) is False
    with reading() as session:
        assert session.exec(select(IncidentStep.done_at).where(IncidentStep.ordinal == 1)).one() == first
    with pytest.raises(Terminal, match="no step 99"):
        record_step(in_service, "E-1", 99, first)
    with pytest.raises(Terminal, match="no incident 'E-2'"):
        record_step(in_service, "E-2", 1, first)


def test_drills_go_through_the_plans_fire_first_and_are_counted_when_reviewed(in_service: str) -> None:
    kinds = emergency_plan_kinds(in_service)
    first = _drill(in_service, "2027-Q1")
    second = _drill(in_service, "2027-Q3")
    assert first == "fire"
    assert second in set(kinds) - {"fire"}
    assert _drills(in_service) == (0, Decimal(0)), "a drill nobody has stood down proves nothing"
    _do_steps(in_service, "drill-2027-Q1", late=())
    stand_down.fn(in_service, "drill-2027-Q1", ALARM + timedelta(hours=1), Decimal("0.00"), "")
    assert _drills(in_service) == (1, Decimal(1))


def test_a_year_of_drills_leaves_no_plan_overdue_that_the_rules_ask_for(in_service: str) -> None:
    for quarter, month in (("Q1", 3), ("Q2", 6), ("Q3", 9), ("Q4", 12)):
        day = date(2027, month, 1)
        at = datetime(2027, month, 1, 2, tzinfo=UTC)
        call_drill.fn(factories.claim(in_service, CycleKind.DRILL, f"2027-{quarter}", day), at)
        for ref, _begun in open_incidents(in_service):
            stand_down.fn(in_service, ref, at + timedelta(hours=1), Decimal("0.00"), "")
    with reading() as session:
        held = list(session.exec(select(Incident.plan_kind).order_by(Incident.id)).all())
        left = standings_on(session, find_engagement(session, in_service), date(2027, 12, 31))
    assert held.count("fire") >= 2
    assert "lift_entrapment" in held
    assert len(set(held)) >= 4, "others in turn"
    assert [one.kind for one in left if one.state is DrillState.OVERDUE] == []


def test_a_drill_called_by_the_clock_begins_in_the_morning_of_the_propertys_own_day(in_service: str) -> None:
    with writing() as session:
        engagement = find_engagement(session, in_service)
        engagement.timezone = "America/New_York"
        session.add(engagement)
    call_drill.fn(factories.claim(in_service, CycleKind.DRILL, "2027-Q1", date(2027, 1, 20)))
    with reading() as session:
        begins = session.exec(select(Incident.activated_at)).one()
    assert begins.astimezone(ZoneInfo("America/New_York")) == datetime(
        2027, 1, 20, 10, tzinfo=ZoneInfo("America/New_York")
    )


def test_a_poor_response_nobody_drew_a_lesson_from_is_followed_up_in_words(in_service: str) -> None:
    _activate(in_service)
    stand_down.fn(in_service, "E-1", ALARM + timedelta(hours=9), Decimal("0.00"), "")
    with reading() as session:
        text = session.exec(select(ImprovementAction.text)).one()
    assert text == "Burst pipe 2027-01-01 14:40: 0.0% of the steps in time; find out why, and mend it"


def test_a_loss_is_not_below_nothing_and_not_before_the_alarm(in_service: str) -> None:
    _activate(in_service)
    with pytest.raises(Terminal, match="0 or more"):
        stand_down.fn(in_service, "E-1", ALARM + timedelta(hours=1), Decimal("-5.00"), "")
    with pytest.raises(Terminal, match="nothing was lost in it before"):
        record_loss(in_service, "E-1", "carpet", "equipment", Decimal(5), ALARM - timedelta(hours=1))


def _activate(code: str) -> str:
    return activate_plan.fn(code, "E-1", "burst_pipe", "Water in the basement", ALARM, "B1-PUMP")


def _drill(code: str, period: str) -> str:
    cycle = factories.claim(code, CycleKind.DRILL, period, date(2027, 1, 1))
    assert call_drill.fn(cycle, ALARM) == f"drill-{period}"
    with reading() as session:
        return session.exec(select(Incident.plan_kind).where(Incident.ref == f"drill-{period}")).one()


def _drills(code: str) -> tuple[int, Decimal]:
    with reading() as session:
        key = find_engagement(session, code).id or 0
        return count_drills(session, key, date(2027, 1, 1), date(2027, 12, 31))


def _do_steps(code: str, ref: str, late: tuple[int, ...]) -> None:
    for ordinal, minutes in incident_steps(code, ref):
        taken = timedelta(minutes=minutes + (1 if ordinal in late else 0))
        assert record_step(code, ref, ordinal, ALARM + taken)
