"""Can meetings, promises and bulletins be kept from the command line, and is every mistake a sentence? (B7)"""

from datetime import date
from pathlib import Path

import pytest

from models.rules.cycles import CycleKind
from tasks.engagements import set_simulated_date
from tasks.outbox import drain_outbox
from tasks.owner_meetings import call_owner_meeting
from tests import factories
from tests.conftest import MailServer
from tests.deployments.conftest import Steward

MINUTES = """
meeting: {attended: 18, entitled: 40, quorum: "0.5", minutes: Held}
resolutions:
  - {ref: "1", text: "Better [bold]light[/bold]", due: 2027-03-01}
  - {ref: "2", text: Nonsense, post: astronaut}
"""
BULLETIN = """
ref: water-works
title: Water off on Friday
text: |
  The water is off from 9 to 12.

  Please fill a kettle before.
boards: [1F-LOBBY]
"""


@pytest.fixture
def code(sqlite_in_service: str) -> str:
    cycle = factories.claim(sqlite_in_service, CycleKind.OWNER_MEETING, "2027-Q1", date(2027, 2, 1))
    call_owner_meeting.fn(cycle)
    set_simulated_date(sqlite_in_service, date(2027, 2, 17))
    return sqlite_in_service


def test_minutes_are_recorded_and_bad_rows_end_with_an_exit_code(
    code: str, steward: Steward, tmp_path: Path
) -> None:
    file = tmp_path / "minutes.yaml"
    file.write_text(MINUTES, encoding="utf-8")
    answer = steward("meeting", "minutes", code, "2027-Q1", str(file))
    assert answer.code == 1, "a row was not taken"
    assert "1 new resolutions, 1 actions opened, 2 mails queued" in answer.out
    assert "astronaut" in answer.out
    found = steward("meeting", "show", code, "2027-Q1", "--json").json
    assert (found["attended"], found["quorum_reached"]) == (18, False)
    assert "[bold]light[/bold]" in steward("meeting", "show", code, "2027-Q1").out
    assert steward("meeting", "list", code, "--json").json[0]["state"] == "held"
    assert "minutes" in steward("engagement", "quarantine", code).out
    agenda = steward("meeting", "agenda", code, "--json").json
    assert agenda[0]["topic"] == "Promised last time"


def test_an_action_is_listed_moved_and_done(code: str, steward: Steward, tmp_path: Path) -> None:
    file = tmp_path / "minutes.yaml"
    file.write_text(MINUTES, encoding="utf-8")
    steward("meeting", "minutes", code, "2027-Q1", str(file))
    ref = "meeting:2027-Q1:1"
    assert [row["ref"] for row in steward("action", "list", code, "--json").json] == [ref]
    set_simulated_date(code, date(2027, 3, 2))
    assert "overdue" in steward("action", "list", code).out
    moved = steward("action", "move", code, ref, "--due", "2027-04-01", "--reason", "lamps are late")
    assert "moved" in moved.out
    assert steward("action", "done", code, ref, "--on", "2027-03-20").out == f"{ref}: done.\n"
    assert "was done before" in steward("action", "done", code, ref).out
    assert steward("action", "list", code).out == f"Actions of {code}: none.\n"
    assert steward("action", "list", code, "--all", "--json").json[0]["done"] == "2027-03-20"
    answer = steward("action", "done", code, "nothing")
    assert (answer.code, "steward action list" in answer.err) == (1, True)


def test_the_calendar_is_shown_and_written(code: str, steward: Steward, tmp_path: Path) -> None:
    file = tmp_path / "meetings.ics"
    rows = steward("meeting", "calendar", code, "--out", str(file), "--json").json
    assert [row["state"] for row in rows] == ["missed", "planned", "planned", "planned"]
    assert file.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    answer = steward("meeting", "calendar", code, "--out", str(tmp_path / "nowhere" / "x.ics"))
    assert (answer.code, "no folder" in answer.err) == (1, True)


def test_a_bulletin_is_followed_from_issue_to_reader(
    code: str, steward: Steward, tmp_path: Path, mail_server: MailServer
) -> None:
    file = tmp_path / "bulletin.yaml"
    file.write_text(BULLETIN, encoding="utf-8")
    first = steward("bulletin", "issue", code, str(file), "--json").json
    assert (first["new"], first["mails"], first["boards"]) == (True, factories.RESIDENTS, 1)
    again = steward("bulletin", "issue", code, str(file)).out
    assert "was issued before: 0 new mails, 0 new notice boards" in again
    mail_server.refuse["unit-002@residents.example.com"] = "550 no such user"
    drain_outbox.fn()
    at = ("--at", "2027-02-18T09:00")
    assert "put up at" in steward("bulletin", "posted", code, "water-works", "1F-LOBBY", *at).out
    assert "has read" in steward("bulletin", "read", code, "water-works", "unit-001", *at).out
    (row,) = steward("bulletin", "list", code, "--json").json
    counts = (row["readers"], row["sent"], row["failed"], row["boards"], row["read"])
    assert counts == (factories.RESIDENTS, factories.RESIDENTS - 1, 1, "1 of 1", 1)
    deliveries = {
        line["recipient"]: line
        for line in steward("bulletin", "show", code, "water-works", "--json").json["deliveries"]
    }
    assert deliveries["unit-002"]["state"] == "failed"
    assert deliveries["unit-001"]["read"] == "2027-02-18 09:00"
    file.write_text(BULLETIN.replace("9 to 12", "9 to 13"), encoding="utf-8")
    answer = steward("bulletin", "issue", code, str(file))
    assert (answer.code, "use another ref" in answer.err) == (1, True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("boards: [1F-LOBBY]", "boards: [MOON]"), "boards: 'MOON' is no place"),
        (("from 9 to 12", "call 13812345678"), "holds personal data"),
        (("ref: water-works", "ref: 2027-03"), "months are for the monthly bulletin"),
        (("title: Water off on Friday", "headline: x"), "expected the entries ref, title, text"),
        (("boards: [1F-LOBBY]", "roles: [mayor]"), "roles: 'mayor' is not known"),
    ],
)
def test_a_bulletin_that_cannot_go_out_is_refused_in_a_sentence(
    code: str, steward: Steward, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    file = tmp_path / "bulletin.yaml"
    file.write_text(BULLETIN.replace(*change), encoding="utf-8")
    answer = steward("bulletin", "issue", code, str(file))
    assert answer.code == 1
    assert words in answer.err
    assert steward("bulletin", "list", code, "--json").json == []
