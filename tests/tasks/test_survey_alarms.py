"""Is a single bad answer told within a day, once, without telling whose it is, and is something done about it? (D6)"""

from datetime import date, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

from sqlmodel import col, delete, select, update

from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.outbox import OutboxMail
from models.people import Person
from models.review import ImprovementAction
from models.rules.cycles import CycleKind
from models.survey import SurveyDigest, SurveyWave
from models.survey_codes import survey_code
from tasks.cycles import finish_cycle
from tasks.outbox import drain_outbox
from tasks.survey_alarms import tell_survey_alarms, tell_survey_alarms_everywhere
from tasks.surveys import AnswerSheet, close_wave, open_wave, record_answers
from tests import factories
from tests.conftest import MailServer
from tests.survey_field import filled

ON = date(2027, 3, 17)
DAY = timedelta(days=1)
RISKS = "special:incident-E-1"


def begin(code: str, period: str = RISKS) -> None:
    """The wave is open, and the clock has looked that day."""
    opened = factories.claim(code, CycleKind.SURVEY_OPEN, period, ON)
    open_wave.fn(opened)
    finish_cycle.fn(opened)
    assert tell_survey_alarms(code, local(ON, 9)) == 0


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZoneInfo("Asia/Shanghai"))


def answer(code: str, *numbers: int, on: date = ON, period: str = RISKS, **scores: int) -> None:
    sheets = [
        AnswerSheet(
            survey_code(code, period, f"unit-{n:03d}"),
            "online",
            filled(code, period, {"OV1": 5, "SE1": 5} | scores),
        )
        for n in numbers
    ]
    assert record_answers(code, period, sheets, on).accepted == len(sheets)


def mails() -> list[OutboxMail]:
    with reading() as session:
        return list(
            session.exec(
                select(OutboxMail).where(OutboxMail.kind == "survey-alarm").order_by(col(OutboxMail.id))
            )
        )


def actions() -> dict[str, ImprovementAction]:
    with reading() as session:
        return {one.ref: one for one in session.exec(select(ImprovementAction))}


def reach_the_custodian(address: str) -> None:
    with writing() as session:
        session.exec(update(Person).where(col(Person.ref) == "custodian-1").values(email=address))


def test_the_next_morning_tells_item_and_count_once_and_opens_the_actions(in_service: str) -> None:
    begin(in_service)
    answer(in_service, 1, SA0=1)
    answer(in_service, 2, 3, SA0=0, SE1=2)
    assert tell_survey_alarms(in_service, local(ON, 9, 10)) == 0, "never as an answer comes in"
    assert tell_survey_alarms(in_service, local(ON + DAY, 8, 50)) == 0
    assert mails() == []
    assert actions() == {}, "an action that opened at once would tell as much"
    assert tell_survey_alarms(in_service, local(ON + DAY, 9)) == 3
    assert tell_survey_alarms(in_service, local(ON + DAY, 9, 10)) == 0
    (mail,) = mails()
    assert mail.person_ref == "custodian-1", "nobody is on the manager's post"
    assert mail.body["facts"] == [
        ["Have you seen anything unsafe on the property in the last 3 months?", "1 answer"],
        ["How safe do you feel on the property, day and night?", "2 answers"],
    ]
    for told in ("unit-", "esidential", "ommercial", "online", "10:", "09:"):
        assert told not in str(mail.body)
    found = actions()
    unsafe, low = found[f"survey:{RISKS}:SA0"], found[f"survey:{RISKS}:SE1"]
    assert (unsafe.due_on, low.due_on) == (ON + 8 * DAY, ON + 31 * DAY)
    assert (unsafe.post_code, unsafe.target) == ("gate_guard", None)
    assert "Somebody said yes" in unsafe.text


def test_only_what_came_in_since_is_told_the_day_after_and_no_second_action_is_opened(
    sqlite_in_service: str,
) -> None:
    code = sqlite_in_service
    begin(code)
    answer(code, 1, 2, SA0=1)
    assert tell_survey_alarms(code, local(ON + DAY, 9)) == 2
    answer(code, 3, SA0=1)
    answer(code, 4, SA0=0)
    assert tell_survey_alarms(code, local(ON + 2 * DAY, 9)) == 1
    assert tell_survey_alarms(code, local(ON + 3 * DAY, 9)) == 0
    assert [mail.body["facts"][0][1] for mail in mails()] == ["2 answers", "1 answer"]
    assert list(actions()) == [f"survey:{RISKS}:SA0"]


def test_the_closing_finds_the_action_and_gives_it_its_target(sqlite_in_service: str) -> None:
    code = sqlite_in_service
    begin(code)
    answer(code, 1, 2, SA0=1)
    tell_survey_alarms(code, local(ON + DAY, 9))
    answer(code, *range(3, 12), SA0=0)
    answer(code, 12, SA0=1)
    result = close_wave.fn(factories.claim(code, CycleKind.SURVEY_CLOSE, RISKS, ON + 15 * DAY))
    assert result.actions_opened == 0
    (found,) = actions().values()
    assert (found.opened_on, found.due_on, str(found.target)) == (ON + DAY, ON + 8 * DAY, "0.95")
    assert tell_survey_alarms(code, local(ON + 16 * DAY, 9)) == 1, "the last day's answer is told too"
    assert tell_survey_alarms(code, local(ON + 17 * DAY, 9)) == 0


def test_low_marks_are_told_of_waves_about_risks_alone(sqlite_in_service: str) -> None:
    code = sqlite_in_service
    begin(code, "2027-Q1")
    answer(code, 1, period="2027-Q1", SE1=1)
    assert tell_survey_alarms(code, local(ON + DAY, 9)) == 0
    with reading() as session:
        assert session.exec(select(SurveyDigest)).all() == [], "nothing in it is looked for"


def test_where_nobody_can_be_told_the_action_opens_and_a_later_day_tells(sqlite_in_service: str) -> None:
    code = sqlite_in_service
    begin(code)
    with writing() as session:
        session.exec(update(Engagement).where(col(Engagement.code) == code).values(language="zh"))
    answer(code, 1, SA0=1)
    reach_the_custodian("")
    assert tell_survey_alarms(code, local(ON + DAY, 9)) == 0
    assert list(actions()) == [f"survey:{RISKS}:SA0"]
    reach_the_custodian("robin@custodian.example.com")
    assert tell_survey_alarms(code, local(ON + DAY, 15)) == 0
    assert tell_survey_alarms(code, local(ON + 2 * DAY, 9)) == 1
    (mail,) = mails()
    assert mail.body["title"] == "Test Garden：调查中须即时处理的答复：1条"
    assert mail.body["facts"] == [["过去3个月您是否在本物业区域内发现过安全隐患？", "1条"]]


def test_the_digest_leaves_through_the_outbox_once(sqlite_in_service: str, mail_server: MailServer) -> None:
    code = sqlite_in_service
    begin(code)
    answer(code, 1, SA0=1)
    drain_outbox.fn()
    mail_server.envelopes.clear()
    tell_survey_alarms(code, local(ON + DAY, 9))
    assert drain_outbox.fn().sent == 1
    assert drain_outbox.fn().sent == 0
    (envelope,) = mail_server.envelopes
    message = message_from_bytes(envelope.original_content or b"", policy=default)
    assert message["Subject"] == "Test Garden: answers in a survey that do not wait: 1"
    body = message.get_body(("plain",))
    assert body is not None
    assert "nobody is to be asked" in " ".join(body.get_content().split())


def test_the_clock_looks_after_real_engagements_alone(sqlite_in_service: str) -> None:
    code = sqlite_in_service
    begin(code)
    answer(code, 1, SA0=1)
    with writing() as session:
        session.exec(update(SurveyWave).values(opened_on=utc_now().date() - 3 * DAY))
        session.exec(delete(SurveyDigest))
    assert tell_survey_alarms_everywhere.fn() == [], "a demonstration has no clock of its own"
    with writing() as session:
        session.exec(update(Engagement).values(simulated_on=None))
    assert tell_survey_alarms_everywhere.fn() == [(code, 1)]
    assert tell_survey_alarms_everywhere.fn() == []
