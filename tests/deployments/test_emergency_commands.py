"""Can an emergency be led from the command line without any server, and is every mistake a sentence? (B8)"""

from datetime import date

import pytest
from sqlmodel import select

from deployments.prefect_environment import free_port
from models.db import writing
from models.people import Person
from tasks.engagements import set_simulated_date
from tests.conftest import MailServer
from tests.databases import environment
from tests.deployments.conftest import Steward
from tests.text_gateway import TextGateway

AT = "2027-01-05T14:40"


@pytest.fixture
def code(sqlite_in_service: str) -> str:
    set_simulated_date(sqlite_in_service, date(2027, 1, 5))
    return sqlite_in_service


def test_a_plan_is_printed_with_steps_contacts_and_isolation_points(code: str, steward: Steward) -> None:
    assert "burst_pipe" in {row["kind"] for row in steward("emergency", "plans", code, "--json").json}
    found = steward("emergency", "plan", code, "burst_pipe", "--json").json
    assert found["steps"][0]["within_minutes"] == 0
    assert {one["person"] for one in found["contacts"]} == {"custodian-1"}
    assert "phone" not in found["contacts"][0], "personal data only when asked for"
    assert "phone" in steward("emergency", "plan", code, "fire", "--phones", "--json").json["contacts"][0]
    assert [one["tag"] for one in found["isolation_points"]] == ["PUMP-1"]
    assert found["drills"][0]["every_months"] == 24
    text = steward("emergency", "plan", code, "burst_pipe").out
    assert "Close the valve of the riser or the main" in text
    assert "Isolation points in the register" in text
    answer = steward("emergency", "plan", code, "meteor")
    assert (answer.code, "it has" in answer.err) == (1, True)


def test_mails_leave_though_the_text_gateway_is_gone_and_texts_though_the_mail_server_is(
    code: str, steward: Steward, mail_server: MailServer
) -> None:
    with writing() as session:
        person = session.exec(select(Person).where(Person.ref == "custodian-1")).one()
        person.phone = "138 0000 0001"
        session.add(person)
    start = ("burst_pipe", "--summary", "Water", "--at", AT)
    with environment(STEWARD_SMS_URL="http://127.0.0.1:1/x"):
        said = steward("emergency", "start", code, "E-1", *start)
    assert (said.code, "text messages could not be sent and stay queued: telephone" in said.err) == (0, True)
    assert [e for e in mail_server.envelopes if b"Burst pipe" in (e.content or b"")]
    gateway = TextGateway()
    gateway.start()
    try:
        with environment(STEWARD_SMS_URL=gateway.url, STEWARD_SMTP_PORT="1"):
            said = steward("emergency", "start", code, "E-2", *start)
            assert (said.code, "mails could not be sent" in said.err) == (0, True)
        rows = steward("emergency", "texts", code, "--json").json
    finally:
        gateway.stop()
    assert len(gateway.messages) == 2
    assert [(row["of"], row["state"]) for row in rows] == [("E-2", "sent"), ("E-1", "sent")]


def test_an_emergency_from_alarm_to_review(code: str, steward: Steward, mail_server: MailServer) -> None:
    started = steward(
        *("emergency", "start", code, "E-1", "burst_pipe", "--summary", "Water [red]everywhere[/red]"),
        *("--place", "B1-PUMP", "--at", AT),
    )
    assert started.code == 0, started.err
    assert "[red]everywhere[/red]" in started.out, "text of people is no markup"
    assert len([e for e in mail_server.envelopes if b"Burst pipe" in (e.content or b"")]) >= 1
    said = steward("emergency", "step", code, "E-1", "1", "--by", "custodian-1", "--at", AT).out
    assert "step 1 done" in said
    assert "Next: 2" in said
    assert "was done before" in steward("emergency", "step", code, "E-1", "1").out
    late = steward("emergency", "step", code, "E-1", "2", "--at", "2027-01-05T15:40").out
    assert "Overdue: 3, 4" in late
    assert "noted" in steward("emergency", "log", code, "E-1", "Riser closed", "--at", AT).out
    assert "has answered" in steward("emergency", "ack", code, "E-1", "custodian-1", "--at", AT).out
    assert "0 more called" in steward("emergency", "call", code, "E-1", "--at", "2027-01-05T16:00").out
    loss = ("emergency", "loss", code, "E-1", "carpet", "--kind", "common_parts", "--amount", "1,200.50")
    assert "recorded" in steward(*loss, "--at", AT).out
    assert [row["ref"] for row in steward("emergency", "list", code, "--json").json] == ["E-1"]
    ended = steward("emergency", "stand-down", code, "E-1", "--at", "2027-01-05T17:00", "--json").json
    assert (ended["loss"], ended["score"]) == ("1200.50", str(round(1 / len(ended["steps"]), 4)))
    assert {step["state"] for step in ended["steps"]} == {"done", "done_late", "not_done"}
    review = ("emergency", "review", code, "E-1", "--found", "Valve not labelled", "--gap", "Label it")
    first, second = steward(*review, "--json").json, steward(*review, "--json").json
    assert (first["actions"] > 2, second["actions"]) == (True, 0)
    actions = {row["ref"]: row for row in steward("action", "list", code, "--json").json}
    assert "incident:E-1:step-2" in actions
    shown = steward("emergency", "show", code, "E-1").out
    assert "Riser closed" in shown
    assert ended["log"][0]["what"] == "activated"
    assert steward("emergency", "list", code).out == f"Incidents and drills of {code}: none.\n"


def test_without_a_mail_server_the_response_starts_all_the_same(code: str, steward: Steward) -> None:
    with environment(STEWARD_SMTP_HOST="127.0.0.1", STEWARD_SMTP_PORT=str(free_port(0))):
        answer = steward("emergency", "start", code, "E-1", "fire", "--summary", "Smoke", "--at", AT)
    assert answer.code == 0
    assert "stay queued: telephone" in answer.err
    again = steward("emergency", "start", code, "E-1", "fire", "--summary", "Smoke", "--at", AT, "--json")
    assert len(again.json["log"]) == len(
        steward("emergency", "show", code, "E-1", "--at", AT, "--json").json["log"]
    )


def test_nothing_is_sent_to_a_server_nobody_named(
    code: str, steward: Steward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    start = ("emergency", "start", code, "E-1", "fire", "--summary", "Smoke", "--at", AT)
    assert "No mail server is configured here" in steward(*start).err
    for command in (("automate",), ("alarm", code, "W-1", "fire", "--summary", "x")):
        answer = steward("emergency", *command)
        assert answer.code == 1
        assert "No Prefect server is known here" in answer.err


def test_a_drill_is_scheduled_held_and_counted(code: str, steward: Steward, mail_server: MailServer) -> None:
    first = steward("emergency", "drills", code, "--json").json[0]
    assert (first["kind"], first["due"], first["certainty"]) == ("fire", "2027-07-01", "secondary")
    figures = {r["figure"]: r["value"] for r in steward("emergency", "readiness", code, "--json").json}
    assert figures == {
        "plans drilled in time": "no data",
        "median drill score": "no data",
        "staff trained in the plans": "1.0000",
    }
    assert "100.0%" in steward("emergency", "readiness", code).out
    drill = steward("emergency", "drill", code, "fire", "--at", AT, "--json").json
    assert (drill["ref"], drill["drill"]) == ("drill-fire-20270105", True)
    for step in drill["steps"]:
        steward("emergency", "step", code, drill["ref"], str(step["step"]), "--at", AT)
    steward("emergency", "stand-down", code, drill["ref"], "--at", "2027-01-05T15:30")
    assert steward("emergency", "drills", code, "--json").json[0]["due"] == "2027-07-05"
    figures = {r["figure"]: r["value"] for r in steward("emergency", "readiness", code, "--json").json}
    assert (figures["plans drilled in time"], figures["median drill score"]) == ("1.0000", "1.0000")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("start", "CODE", "E-1", "fire", "--summary", " "), "--summary must not be empty"),
        (("step", "CODE", "E-9", "1"), "no incident 'E-9'"),
        (("loss", "CODE", "E-9", "x", "--kind", "people", "--amount", "much"), "'much' is no amount"),
        (("loss", "CODE", "E-9", "x", "--kind", "people", "--amount", "1.005"), "finer than hundredths"),
        (("drill", "CODE", "meteor"), "no emergency plan 'meteor'"),
        (("show", "NOWHERE", "E-1"), "There is no engagement 'NOWHERE'"),
    ],
)
def test_a_mistake_is_a_sentence(code: str, steward: Steward, command: tuple[str, ...], words: str) -> None:
    answer = steward("emergency", *(code if part == "CODE" else part for part in command))
    assert answer.code == 1
    assert words in answer.err
    assert "Traceback" not in answer.err
