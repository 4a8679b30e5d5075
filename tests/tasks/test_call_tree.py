"""Is everybody told in an emergency whatever fails, is the log kept, and does a review turn gaps into actions? (B8)"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes

import pytest
from sqlmodel import Session, col, select

from models.audit import AuditEvent, verify_chain
from models.clock import utc_now
from models.db import reading, writing
from models.emergency import Incident, IncidentEntry, IncidentNotice, IncidentStep
from models.engagement import Engagement
from models.errors import NotReady, Terminal
from models.intake import PersonForm
from models.outbox import OutboxMail
from models.review import ImprovementAction, IndicatorFigure
from models.rules.cycles import CycleKind
from models.staff import StaffMember
from tasks.after_action import review_incident
from tasks.call_tree import acknowledge, call_on, call_on_everywhere, tell_roles
from tasks.cycles import finish_cycle, give_up_attempt
from tasks.drill_reminders import remind_drills, remind_drills_everywhere
from tasks.drill_schedule import drills_of, readiness_on
from tasks.emergencies import (
    activate_plan,
    call_drill,
    note_in_log,
    record_loss,
    record_step,
    stand_down,
    start_drill,
)
from tasks.engagements import find_engagement, lock_engagement
from tasks.incident_log import incident_of
from tasks.indicators import compute_indicators
from tasks.intake import record_people
from tasks.notice_channels import MailChannel
from tasks.outbox import Letter, drain_outbox
from tests import factories
from tests.conftest import MailServer

ALARM = datetime(2027, 1, 5, 6, 40, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_the_deputy_is_called_when_a_mail_fails_and_when_nobody_answers(in_service: str) -> None:
    _staffed(in_service)
    _start(in_service)
    assert _told(in_service, "electrician") == ["electrician-1"]
    with writing() as session:
        mail = session.exec(select(OutboxMail).where(OutboxMail.person_ref == "electrician-1")).one()
        mail.state, mail.last_code = "failed", "550"
        session.add(mail)
    call_on(in_service, "E-1", ALARM + MINUTE)
    assert _told(in_service, "electrician") == ["electrician-1", "manager-1"]
    assert _told(in_service, "technician") == ["technician-1"], "still has its ten minutes"
    acknowledge(in_service, "E-1", "technician-1", ALARM + 2 * MINUTE)
    for _ in range(2):
        call_on(in_service, "E-1", ALARM + 30 * MINUTE)
    assert _told(in_service, "technician") == ["technician-1"], "who answered is not gone over"
    assert _told(in_service, "electrician") == ["electrician-1", "manager-1", "custodian-1"]
    assert any("electrician-1; mail failed 550" in text for text in _log(in_service, "missed"))
    call_on(in_service, "E-1", ALARM + 60 * MINUTE)
    call_on(in_service, "E-1", ALARM + 90 * MINUTE)
    said = [text for text in _log(in_service, "missed") if "nobody reached" in text]
    assert len(said) == len(set(said)), "said once"
    assert "electrician: nobody reached; tell them by telephone" in said


def test_a_channel_that_breaks_for_one_person_stops_no_other(in_service: str) -> None:
    _staffed(in_service)
    _start(in_service, "E-0")

    class Broken(MailChannel):
        def tell(
            self, session: Session, engagement: Engagement, person_ref: str, letter: Letter, on: date
        ) -> None:
            super().tell(session, engagement, person_ref, letter, on)
            if person_ref in ("electrician-1", "manager-1"):
                raise RuntimeError("provider gone")

    with writing() as session:  # an incident of which nobody was told yet
        engagement = lock_engagement(session, in_service)
        incident = incident_of(session, engagement, "E-0")
        for notice in session.exec(select(IncidentNotice)).all():
            session.delete(notice)
        session.flush()
        incident.ref = "E-1"
        tell_roles(session, engagement, incident, ALARM, (Broken(),))
    assert _told(in_service, "electrician") == ["electrician-1", "manager-1", "custodian-1"]
    assert _told(in_service, "technician") == ["technician-1"]
    with reading() as session:
        mails = session.exec(select(OutboxMail.person_ref).where(OutboxMail.period == "E-1")).all()
    assert "electrician-1" not in mails, "what a broken channel wrote is gone"
    assert {"technician-1", "custodian-1"} <= set(mails)
    assert any("electrician-1 by mail; mail: RuntimeError" in text for text in _log(in_service, "missed"))


def test_acts_that_make_no_sense_are_refused_with_a_reason(sqlite_in_service: str) -> None:
    code = sqlite_in_service
    _start(code)
    with pytest.raises(Terminal, match="'stranger' was not told of E-1; told were custodian-1"):
        acknowledge(code, "E-1", "stranger", ALARM)
    with pytest.raises(Terminal, match="nothing of it happened before"):
        record_step(code, "E-1", 1, ALARM - MINUTE)
    with pytest.raises(Terminal, match="must not be empty"):
        note_in_log(code, "E-1", ALARM, "  ")
    with pytest.raises(Terminal, match="choose another reference"):
        start_drill(code, "E-1", "fire", ALARM)
    with pytest.raises(NotReady, match="still under way"):
        review_incident(code, "E-1", ALARM, "x")
    with pytest.raises(Terminal, match="no kind of loss"):
        record_loss(code, "E-1", "a", "feelings", Decimal(1), ALARM)
    stand_down.fn(code, "E-1", ALARM + MINUTE, Decimal("0.00"), "")
    with pytest.raises(Terminal, match="was stood down"):
        note_in_log(code, "E-1", ALARM + 2 * MINUTE, "late news")
    with pytest.raises(Terminal, match="no incident 'E-9'; under way: none"):
        note_in_log(code, "E-9", ALARM, "x")


def test_the_log_is_whole_masked_and_witnessed_by_the_audit_trail(in_service: str) -> None:
    _start(in_service)
    for _ in range(2):
        note_in_log(in_service, "E-1", ALARM + MINUTE, "Called 13812345678", "custodian-1")
    with reading() as session:
        log = session.exec(select(IncidentEntry).order_by(col(IncidentEntry.sequence))).all()
        trail = session.exec(select(AuditEvent).where(AuditEvent.tag == "incident.logged")).all()
        assert verify_chain(session, session.exec(select(Incident)).one().engagement_id) is None
    assert [entry.sequence for entry in log] == list(range(1, len(log) + 1))
    assert log[0].kind == "activated"
    notes = [entry.text for entry in log if entry.kind == "note"]
    assert len(notes) == 1
    assert "13812345678" not in notes[0]
    assert len(trail) == len(log), "each line leaves its hash in the trail"


def test_losses_are_summed_once_whenever_they_are_found(in_service: str) -> None:
    _start(in_service)
    for _ in range(2):
        record_loss(in_service, "E-1", "carpet", "common_parts", Decimal("1200.00"), ALARM + MINUTE)
    with pytest.raises(Terminal, match="needs a reference of its own"):
        record_loss(in_service, "E-1", "carpet", "common_parts", Decimal("9.00"), ALARM)
    stand_down.fn(in_service, "E-1", ALARM + 60 * MINUTE, Decimal("50.00"), "")
    record_loss(in_service, "E-1", "ceiling", "private_property", Decimal("300.50"), ALARM + 99 * MINUTE)
    with reading() as session:
        assert session.exec(select(Incident)).one().loss_amount == Decimal("1550.50")


def test_a_review_turns_late_steps_silent_roles_and_said_gaps_into_actions_once(in_service: str) -> None:
    _start(in_service)
    with reading() as session:
        steps = [
            (s.ordinal, s.role, s.within_minutes)
            for s in session.exec(select(IncidentStep).order_by(col(IncidentStep.ordinal))).all()
        ]
    late, silent = steps[1], steps[-1]
    for ordinal, role, minutes in steps:
        if role == silent[1] and ordinal != late[0]:
            continue
        more = 12 if ordinal == late[0] else 0
        record_step(in_service, "E-1", ordinal, ALARM + (minutes + more) * MINUTE)
    stand_down.fn(in_service, "E-1", ALARM + timedelta(hours=9), Decimal("0.00"), "")
    first, second = (
        review_incident(
            in_service, "E-1", ALARM + timedelta(days=1), "Valve not labelled", ["Label the valves"]
        )
        for _ in range(2)
    )
    assert first.actions == len(first.gaps)
    assert second.actions == 0
    with reading() as session:
        texts = {
            row.ref: row.text
            for row in session.exec(
                select(ImprovementAction).where(col(ImprovementAction.ref).startswith("incident:E-1:"))
            )
        }
    assert "12 min late" in texts[f"incident:E-1:step-{late[0]}"]
    assert "not done" in texts[f"incident:E-1:step-{silent[0]}"]
    assert "Label the valves" in texts.values()


def test_a_drill_moves_its_next_day_and_makes_the_property_readier(in_service: str) -> None:
    assert all(one["state"] == "not_yet" for one in drills_of(in_service))
    start_drill(in_service, "D-1", "fire", ALARM)
    record_step(in_service, "D-1", 1, ALARM)
    with reading() as session:
        engagement = find_engagement(session, in_service)
        before = readiness_on(session, engagement, date(2027, 1, 6))
    assert (before.median, before.drilled.judged) == (None, 0), "a drill under way proves nothing"
    assert (before.taught, before.trained, before.staff > 0) == (True, before.staff, True)
    score = stand_down.fn(in_service, "D-1", ALARM + 60 * MINUTE, Decimal("0.00"), "")
    with reading() as session:
        after = readiness_on(session, find_engagement(session, in_service), date(2027, 1, 6))
    assert (after.median, after.drilled.in_time, after.drilled.judged) == (score, 1, 1)
    with pytest.raises(Terminal, match="is a drill"):
        record_loss(in_service, "D-1", "a", "people", Decimal(1), ALARM)


def _start(code: str, ref: str = "E-1") -> None:
    activate_plan.fn(code, ref, "burst_pipe", "Water in the basement", ALARM, "B1-PUMP")


def _staffed(code: str) -> None:
    """People on three posts who can be written to."""
    posts = ("manager", "electrician", "technician")
    record_people(
        code,
        [
            PersonForm(ref=f"{post}-1", role="staff", name="N", email=f"{post}@custodian.example.com")
            for post in posts
        ],
    )
    with writing() as session:
        key = find_engagement(session, code).id or 0
        for post in posts:
            session.add(
                StaffMember(
                    engagement_id=key, ref=f"{post}-1", post_code=post, assigned_on=date(2026, 12, 15)
                )
            )


def _told(code: str, role: str) -> list[str]:
    with reading() as session:
        return list(
            session.exec(
                select(IncidentNotice.person_ref)
                .join(Incident)
                .where(IncidentNotice.role == role, Incident.ref == "E-1")
                .order_by(col(IncidentNotice.rank))
            ).all()
        )


def _log(code: str, kind: str) -> list[str]:
    with reading() as session:
        return list(session.exec(select(IncidentEntry.text).where(IncidentEntry.kind == kind)).all())


def test_readiness_is_a_figure_of_the_month_and_no_data_before_the_first_drill(
    sqlite_in_service: str,
) -> None:
    code = sqlite_in_service
    states = _figures(code, "2027-01", date(2027, 2, 1))
    assert states["plans_drilled"] == ("no_data", None)
    assert states["drill_median"] == ("no_data", None)
    assert states["emergency_trained"][1] == 1
    start_drill(code, "D-1", "fire", datetime(2027, 2, 3, 2, tzinfo=UTC))
    stand_down.fn(code, "D-1", datetime(2027, 2, 3, 3, tzinfo=UTC), Decimal("0.00"), "nobody came")
    states = _figures(code, "2027-02", date(2027, 3, 1))
    assert states["plans_drilled"][1] == 1
    assert states["drill_median"][1] == 0, "a bad drill is a figure, not missing"


def _figures(code: str, period: str, on: date) -> dict[str, tuple[str, Decimal | None]]:
    cycle = factories.claim(code, CycleKind.MONTH_CLOSE, period, on)
    compute_indicators.fn(cycle)
    finish_cycle.fn(cycle)
    with reading() as session:
        rows = session.exec(select(IndicatorFigure).where(IndicatorFigure.period == period)).all()
    return {row.code: (row.state, row.value) for row in rows}


def test_a_drill_is_announced_a_month_ahead_and_again_when_it_is_late_each_once(in_service: str) -> None:
    assert remind_drills(in_service, date(2027, 5, 1)) == []
    assert remind_drills(in_service, date(2027, 6, 5)) == ["fire"]
    assert remind_drills(in_service, date(2027, 6, 20)) == []
    assert remind_drills(in_service, date(2027, 7, 2)) == ["fire"]
    with reading() as session:
        mails = session.exec(
            select(OutboxMail).where(OutboxMail.kind == "drill-due").order_by(col(OutboxMail.dated_at))
        ).all()
    assert [(mail.person_ref, mail.body["title"]) for mail in mails] == [
        ("custodian-1", "Drill due: Fire"),
        ("custodian-1", "Drill overdue: Fire"),
    ]
    assert "Order 61" in str(mails[0].body["facts"])


def test_the_clock_holds_the_drill_that_is_due_before_the_round_goes_on(in_service: str) -> None:
    start_drill(in_service, "D-1", "fire", datetime(2027, 1, 5, 2, tzinfo=UTC))
    stand_down.fn(in_service, "D-1", datetime(2027, 1, 5, 3, tzinfo=UTC), Decimal("0.00"), "")
    cycle = factories.claim(in_service, CycleKind.DRILL, "2027-Q3", date(2027, 9, 1))
    call_drill.fn(cycle, datetime(2027, 9, 1, 2, tzinfo=UTC))
    with reading() as session:
        incident = session.exec(select(Incident).where(Incident.ref == "drill-2027-Q3")).one()
    assert incident.plan_kind == "fire", "half a year is over"


def test_a_drill_whose_run_died_after_calling_it_is_the_same_drill_for_the_next_run(in_service: str) -> None:
    at = datetime(2027, 9, 1, 2, tzinfo=UTC)
    start_drill(in_service, "D-1", "fire", datetime(2027, 1, 5, 2, tzinfo=UTC))
    stand_down.fn(in_service, "D-1", datetime(2027, 1, 5, 3, tzinfo=UTC), Decimal("0.00"), "")
    died = factories.claim(in_service, CycleKind.DRILL, "2027-Q3", date(2027, 9, 1))
    call_drill.fn(died, at)
    give_up_attempt(died, "its process died")
    again = factories.claim(in_service, CycleKind.DRILL, "2027-Q3", date(2027, 9, 1))
    assert call_drill.fn(again, at) == "drill-2027-Q3", (
        "the fire drill is held by now, another plan would be due"
    )
    with reading() as session:
        assert session.exec(select(Incident.plan_kind).where(col(Incident.is_drill).is_(True))).all() == [
            "fire",
            "fire",
        ]


def test_the_call_out_leaves_before_whatever_else_waits(
    sqlite_in_service: str, mail_server: MailServer
) -> None:
    _start(sqlite_in_service)
    drain_outbox.fn(2)
    subjects = [message_from_bytes(e.content or b"")["subject"] for e in mail_server.envelopes]
    assert len(subjects) == 2
    assert all("Burst pipe" in subject for subject in subjects), "mails of months before it were waiting"


def test_the_clockwork_calls_deputies_and_announces_drills_of_real_engagements_only(in_service: str) -> None:
    _staffed(in_service)
    begun = utc_now() - timedelta(hours=1)
    activate_plan.fn(in_service, "E-1", "burst_pipe", "Water", begun)
    start_drill(in_service, "D-1", "fire", begun)
    stand_down.fn(in_service, "D-1", begun + MINUTE, Decimal("0.00"), "")
    assert call_on_everywhere.fn() == [], "a demonstration has its own date"
    assert remind_drills_everywhere.fn() == []
    with writing() as session:
        engagement = find_engagement(session, in_service)
        engagement.simulated_on = None
        session.add(engagement)
    ((code, ref, told),) = call_on_everywhere.fn()
    assert (code, ref, told > 0) == (in_service, "E-1", True)
    assert _told(in_service, "electrician") == ["electrician-1", "manager-1"]
    assert call_on_everywhere.fn() == [], "told once"
