"""Can meetings, promises and bulletins be kept from the command line, and is every mistake a sentence? (B7)"""

from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

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
    assert "still to come" in steward("action", "done", code, ref, "--on", "2027-03-20").err.replace(
        "\n", " "
    )
    set_simulated_date(code, date(2027, 3, 20))
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


def test_a_notice_is_put_up_and_taken_down_on_every_board(
    code: str, steward: Steward, tmp_path: Path
) -> None:
    assert "recorded" in steward("bulletin", "board", code, "1F-LOBBY", "--on", "2027-02-16").out
    assert "was recorded before" in steward("bulletin", "board", code, "1F-LOBBY").out
    unknown = steward("bulletin", "board", code, "MOON")
    assert (unknown.code, "no place 'MOON'" in unknown.err) == (1, True)
    file = tmp_path / "bulletin.yaml"
    file.write_text(
        "ref: water-works\ntitle: Water works\ntext: |\n  No water on Monday.\n\n  We are sorry.\n"
    )
    steward("bulletin", "issue", code, str(file))
    (board,) = steward("bulletin", "boards", code, "--json").json
    assert (board["hanging"], board["to be put up"]) == ("", "water-works")
    early = steward("bulletin", "taken-down", code, "water-works", "1F-LOBBY")
    assert (early.code, "was not put up" in early.err) == (1, True)
    up = (
        "bulletin",
        "posted",
        code,
        "water-works",
        "1F-LOBBY",
        "--by",
        "custodian-1",
        "--at",
        "2027-02-18T09:00",
    )
    down = ("bulletin", "taken-down", code, "water-works", "1F-LOBBY", "--by", "client-1")
    assert "put up at" in steward(*up).out
    (board,) = steward("bulletin", "boards", code, "--json").json
    assert "water-works" in board["hanging"]
    assert "custodian-1" in board["hanging"]
    assert board["to be put up"] == ""
    before = steward(*down, "--at", "2027-02-18T08:00")
    assert (before.code, "put up" in before.err) == (1, True)
    assert "taken down at" in steward(*down, "--at", "2027-02-25T09:00").out
    assert "was taken down before" in steward(*down, "--at", "2027-02-25T09:00").out
    (line,) = [
        line
        for line in steward("bulletin", "show", code, "water-works", "--json").json["deliveries"]
        if line["channel"] == "notice_board"
    ]
    assert (line["state"], line["posted_by"], line["taken_down_by"]) == (
        "taken down",
        "custodian-1",
        "client-1",
    )
    assert "gone" in steward("bulletin", "board", code, "1F-LOBBY", "--gone", "--on", "2027-02-17").out
    file.write_text("ref: lift-works\ntitle: Lift works\ntext: No lift on Monday.\n")
    issued = steward("bulletin", "issue", code, str(file), "--json").json
    assert issued["boards"] == 0, "no board hangs any more"


def test_a_poster_is_one_sheet_and_its_code_names_nobody(code: str, steward: Steward, tmp_path: Path) -> None:
    file, sheet = tmp_path / "bulletin.yaml", tmp_path / "notice.pdf"
    file.write_text(
        "ref: water-works\ntitle: 停水通知\ntext: |\n  周一停水。\n\n  #set text(red) *bold*\n",
        encoding="utf-8",
    )
    steward("bulletin", "issue", code, str(file))
    assert "written" in steward("bulletin", "poster", code, "water-works", "--out", str(sheet)).out
    pages = PdfReader(sheet).pages
    text = pages[0].extract_text()
    assert len(pages) == 1
    assert (round(float(pages[0].mediabox.width)), round(float(pages[0].mediabox.height))) == (595, 842)
    assert "停水通知" in text
    assert "#set text(red) *bold*" in text, "nothing of a text is markup"
    first = sheet.read_bytes()
    taken = steward("bulletin", "poster", code, "water-works", "--out", str(sheet))
    assert (taken.code, "there already" in taken.err) == (1, True)
    steward("bulletin", "poster", code, "water-works", "--out", str(sheet), "--force")
    assert sheet.read_bytes() == first, "the same sheet again"
    missing = steward("bulletin", "poster", code, "nothing", "--out", str(tmp_path / "x.pdf"))
    assert (missing.code, "no bulletin 'nothing'" in missing.err) == (1, True)


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
