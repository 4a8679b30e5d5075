"""Who is reminded of a survey, how often at most, and does a reminder tell nobody who has answered? (D4)"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlmodel import col, select, update

from models.clock import utc_now
from models.db import reading, writing
from models.outbox import OutboxMail
from models.survey import SurveyWave
from tasks.engagements import set_simulated_date
from tasks.outbox import drain_outbox
from tasks.survey_calls import import_calls
from tasks.survey_fieldwork import fieldwork
from tasks.survey_reminders import (
    remind_of_surveys,
    remind_of_surveys_everywhere,
    withdraw_late_reminders,
)
from tasks.surveys import record_answers
from tests.conftest import MailServer
from tests.survey_field import FULL, ON, Q1, case, open_planned_wave, sheet, token, write_csv

DAY = timedelta(days=1)


def reminded() -> Counter[str]:
    with reading() as session:
        return Counter(
            f"{mail.period} {mail.person_ref}"
            for mail in session.exec(select(OutboxMail).where(OutboxMail.kind == "survey-reminder"))
        )


def invited(on: date = ON) -> None:
    """The invitations have left on the day the wave opened."""
    with writing() as session:
        session.exec(
            update(OutboxMail)
            .where(col(OutboxMail.kind) == "survey-invitation")
            .values(state="sent", sent_at=datetime.combine(on, time(2), utc_now().tzinfo))
        )


def test_a_confidential_wave_reminds_those_who_have_not_answered_twice_at_most(
    in_service: str, tmp_path: Path
) -> None:
    open_planned_wave(in_service, tmp_path, confidential=True)
    invited()
    record_answers(in_service, Q1, [sheet(in_service, 1, FULL)], ON)
    assert remind_of_surveys(in_service, ON + 3 * DAY) == []
    assert remind_of_surveys(in_service, ON + 4 * DAY) == [(Q1, 1, 5)]
    assert remind_of_surveys(in_service, ON + 4 * DAY) == []
    assert remind_of_surveys(in_service, ON + 5 * DAY) == []
    record_answers(in_service, Q1, [sheet(in_service, 2, FULL)], ON)
    assert remind_of_surveys(in_service, ON + 9 * DAY) == [(Q1, 2, 4)]
    assert remind_of_surveys(in_service, ON + 12 * DAY) == []
    assert set(reminded().values()) == {1}
    assert f"{Q1}#2 unit-002" not in reminded()


def test_an_anonymous_wave_reminds_everybody_so_that_no_mail_tells_who_has_answered(
    in_service: str, tmp_path: Path
) -> None:
    open_planned_wave(in_service, tmp_path)
    invited()
    record_answers(in_service, Q1, [sheet(in_service, n, FULL) for n in (1, 2, 3)], ON)
    assert remind_of_surveys(in_service, ON + 4 * DAY) == [(Q1, 1, 6)]
    with reading() as session:
        bodies = {
            str(mail.body["paragraphs"])
            for mail in session.exec(select(OutboxMail).where(OutboxMail.kind == "survey-reminder"))
        }
    assert all("goes to everybody who was invited" in body for body in bodies)


def test_weeks_without_a_clock_bring_one_reminder_and_a_closed_wave_none(
    in_service: str, tmp_path: Path
) -> None:
    open_planned_wave(in_service, tmp_path)
    invited()
    assert remind_of_surveys(in_service, ON + 14 * DAY) == [], "nobody is reminded on the last day"
    assert remind_of_surveys(in_service, ON + 13 * DAY) == [(Q1, 2, 6)]
    assert remind_of_surveys(in_service, ON + 21 * DAY) == []
    assert set(reminded().values()) == {1}
    with writing() as session:
        session.exec(update(SurveyWave).values(closed_on=ON + DAY))
    assert remind_of_surveys(in_service, ON + 10 * DAY) == []


def test_whom_no_invitation_reached_and_who_refused_is_not_reminded(in_service: str, tmp_path: Path) -> None:
    open_planned_wave(in_service, tmp_path)
    invited()
    with writing() as session:
        for ref, state in (("unit-001", "failed"), ("unit-002", "queued")):
            session.exec(update(OutboxMail).where(col(OutboxMail.person_ref) == ref).values(state=state))
    refusal = [("Case", "Called at", "Outcome"), (case(in_service, 3), f"{ON} 18:30", "refused")]
    set_simulated_date(in_service, ON)
    import_calls(in_service, Q1, write_csv(tmp_path / "calls.csv", refusal))
    assert remind_of_surveys(in_service, ON + 4 * DAY) == [(Q1, 1, 3)]
    assert {name.split()[1] for name in reminded()} == {"unit-004", "unit-005", "unit-006"}


def test_two_mails_about_surveys_lie_days_apart(sqlite_in_service: str, tmp_path: Path) -> None:
    open_planned_wave(sqlite_in_service, tmp_path)
    invited(ON + 2 * DAY)
    assert remind_of_surveys(sqlite_in_service, ON + 4 * DAY) == [], "the invitation left two days late"
    assert remind_of_surveys(sqlite_in_service, ON + 8 * DAY) == [(Q1, 1, 6)]
    assert remind_of_surveys(sqlite_in_service, ON + 10 * DAY) == []
    assert remind_of_surveys(sqlite_in_service, ON + 11 * DAY) == [(Q1, 2, 6)]


@pytest.mark.parametrize("after", [(), (2, 6)])
def test_the_plan_of_a_wave_says_when(sqlite_in_service: str, tmp_path: Path, after: tuple[int, ...]) -> None:
    open_planned_wave(sqlite_in_service, tmp_path, remind=after)
    invited()
    days = [n for n in range(1, 14) if remind_of_surveys(sqlite_in_service, ON + n * DAY)]
    assert days == ([3, 6] if after else [])


def test_the_code_is_in_the_mail_and_nowhere_else(
    in_service: str, tmp_path: Path, mail_server: MailServer
) -> None:
    open_planned_wave(in_service, tmp_path, link="https://form.example.com/1?token={code}")
    drain_outbox.fn()
    invited()
    mail_server.envelopes.clear()
    remind_of_surveys(in_service, ON + 4 * DAY)
    with reading() as session:
        stored = str(
            [mail.model_dump() for mail in session.exec(select(OutboxMail).order_by(col(OutboxMail.id)))]
        )
    assert token(in_service, 1) not in stored
    assert drain_outbox.fn().sent == 6
    sent = [
        str(message["Subject"]) + message.get_body(("plain",)).get_content()
        for message in (
            message_from_bytes(one.original_content or b"", policy=default) for one in mail_server.envelopes
        )
    ]
    mine = [text for text in sent if token(in_service, 1) in text]
    assert len(mine) == 1, "the code of the invitation, once more, to one person alone"
    assert "Reminder: " in mine[0]
    assert f"https://form.example.com/1?token={token(in_service, 1)}" in mine[0]
    assert "Answer online by the button, or by telephone" in " ".join(mine[0].split())
    assert fieldwork(in_service, Q1)["reminders"] == [{"reminder": 1, "state": "sent", "mails": 6}]


def test_a_reminder_that_waited_until_the_wave_closed_is_withdrawn(in_service: str, tmp_path: Path) -> None:
    open_planned_wave(in_service, tmp_path)
    invited()
    remind_of_surveys(in_service, ON + 4 * DAY)
    assert withdraw_late_reminders.fn(ON + 14 * DAY) == 0
    assert withdraw_late_reminders.fn(ON + 15 * DAY) == 6
    assert withdraw_late_reminders.fn(ON + 15 * DAY) == 0
    assert fieldwork(in_service, Q1)["reminders"] == [{"reminder": 1, "state": "cancelled", "mails": 6}]


def test_a_demonstration_is_left_alone_by_the_clockwork(sqlite_in_service: str, tmp_path: Path) -> None:
    open_planned_wave(sqlite_in_service, tmp_path)
    invited()
    set_simulated_date(sqlite_in_service, ON + 4 * DAY)
    assert remind_of_surveys_everywhere.fn() == []
    assert remind_of_surveys(sqlite_in_service) == [(Q1, 1, 6)]


def test_invitation_and_reminder_are_written_in_the_language_of_who_reads_them(
    sqlite_in_service: str, tmp_path: Path
) -> None:
    open_planned_wave(sqlite_in_service, tmp_path, languages={1: "zh", 2: "zh"})
    invited()
    remind_of_surveys(sqlite_in_service, ON + 4 * DAY)
    with reading() as session:
        mails = session.exec(select(OutboxMail).where(col(OutboxMail.kind).startswith("survey-"))).all()
    said = {(mail.kind, mail.person_ref): mail.body for mail in mails}
    for kind, title_zh, title_en in (
        ("survey-invitation", "满意度调查", "survey"),
        ("survey-reminder", "提醒：", "Reminder: "),
    ):
        assert title_zh in said[kind, "unit-001"]["title"]
        assert said[kind, "unit-001"]["language"] == "zh"
        assert title_en in said[kind, "unit-003"]["title"]
        assert said[kind, "unit-003"]["language"] == "en"
