"""Is the party that has not answered reminded, once for each reminder, with the document, and nobody after the answer?"""

from datetime import timedelta

from sqlmodel import col, select

from models.db import reading
from models.outbox import OutboxMail
from tasks.decision_reminders import remind_of_answers, remind_of_answers_everywhere
from tasks.engagements import set_simulated_date
from tests import factories

LAST_DAY = factories.SURVEYED_ON + timedelta(days=10)
DAY = timedelta(days=1)


def reminders() -> list[OutboxMail]:
    with reading() as session:
        return list(
            session.exec(
                select(OutboxMail).where(OutboxMail.kind == "decision-reminder").order_by(col(OutboxMail.id))
            ).all()
        )


def test_the_party_that_has_not_answered_is_reminded_once_with_the_document(surveyed: str) -> None:
    pack = factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan", parties=["custodian"])
    assert remind_of_answers(surveyed, LAST_DAY - 4 * DAY) == []
    assert remind_of_answers(surveyed, LAST_DAY - 3 * DAY) == [("plan", "1", "client")]
    assert remind_of_answers(surveyed, LAST_DAY) == []
    mails = reminders()
    assert {mail.person_ref for mail in mails} == {"client-1"}
    assert pack.sha256 in [one["sha256"] for one in mails[0].attachments]
    assert mails[0].body["title"].startswith(("Answer awaited", "请答复"))


def test_of_a_late_answer_both_sides_know_and_weeks_without_a_clock_pile_nothing_up(surveyed: str) -> None:
    factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan", parties=["custodian"])
    assert remind_of_answers(surveyed, LAST_DAY + 40 * DAY) == [("plan", "1", "client")]
    assert sorted(mail.person_ref for mail in reminders()) == ["client-1", "custodian-1"]
    assert remind_of_answers(surveyed, LAST_DAY + 40 * DAY) == []


def test_nobody_is_reminded_of_what_was_answered(surveyed: str) -> None:
    factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan")
    assert remind_of_answers(surveyed, LAST_DAY + DAY) == []


def test_the_round_of_the_clockwork_leaves_a_demonstration_alone(surveyed: str) -> None:
    factories.propose_plan(surveyed)
    set_simulated_date(surveyed, LAST_DAY + DAY)
    assert remind_of_answers_everywhere.fn() == []
    assert remind_of_answers(surveyed) == [("plan", "1", "client"), ("plan", "1", "custodian")]
