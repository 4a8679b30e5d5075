"""Is what owners were promised followed up and told of at the next meeting, without anybody asking? (B7)"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import xlsxwriter
from sqlmodel import col, select

from models.db import reading
from models.errors import NotReady, Terminal
from models.outbox import OutboxMail
from models.owners import MeetingAttendance, MeetingResolution, OwnerMeeting
from models.review import ImprovementAction, Pack
from models.rules.cycles import CycleKind
from models.rules.service_levels import Priority, RequestKind
from tasks.emergencies import activate_plan, stand_down
from tasks.engagements import set_simulated_date
from tasks.files import read_file
from tasks.improvements import complete_action, listed_actions, move_action
from tasks.meeting_calendar import meeting_calendar, set_meeting_place, write_meeting_calendar
from tasks.meeting_minutes import import_minutes
from tasks.minutes_file import MinutesFileRefused
from tasks.outbox import drain_outbox
from tasks.owner_meetings import call_owner_meeting
from tasks.quarantine import quarantine_of
from tasks.service_desk import NewRequest, take_request
from tests import factories
from tests.conftest import MailServer
from tests.reports.reading import pdf_text

MINUTES = """
meeting:
  held_on: 2027-02-16
  attended: 18
  entitled: 40
  quorum: 50%
  minutes: Lifts were discussed; call 13812345678 about the car park.
attendance:
  - unit-001
  - {ref: unit-002, how: proxy}
resolutions:
  - {ref: "1", text: Better light in the car park, post: electrician, due: 2027-04-30, for: "15", against: "2", abstained: "1"}
  - {ref: "2", text: Paint the lobby pink, for: "3", against: "14"}
"""


def test_minutes_become_votes_actions_and_a_pack_for_both_sides_once(in_service: str, tmp_path: Path) -> None:
    _call(in_service, "2027-Q1", date(2027, 2, 1))
    set_simulated_date(in_service, date(2027, 2, 17))
    file = _file(tmp_path, MINUTES)
    first, second = import_minutes(in_service, "2027-Q1", file), import_minutes(in_service, "2027-Q1", file)
    assert (first.resolutions, first.actions, first.mails, first.problems) == (2, 1, 2, ())
    assert (second.first_time, second.resolutions, second.actions, second.mails) == (False, 0, 0, 0)
    assert second.version == first.version == 1
    with reading() as session:
        meeting = session.exec(select(OwnerMeeting)).one()
        assert (meeting.state, meeting.attended_count, meeting.quorum) == ("held", 18, Decimal("0.5"))
        assert "13812345678" not in meeting.minutes, "personal data are masked"
        assert {row.person_ref: row.how for row in session.exec(select(MeetingAttendance))} == {
            "unit-001": "present",
            "unit-002": "proxy",
        }
        rows = {row.ref: row for row in session.exec(select(MeetingResolution))}
        assert (rows["1"].adopted, rows["2"].adopted) == (True, False), "the votes decide"
        action = session.exec(select(ImprovementAction)).one()
        assert (action.ref, action.post_code, action.due_on) == (
            "meeting:2027-Q1:1",
            "electrician",
            date(2027, 4, 30),
        )
        packs = session.exec(select(Pack).where(Pack.kind == "minutes")).all()
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "pack-minutes")).all()
    assert sorted(mail.person_ref for mail in mails) == ["client-1", "custodian-1"]
    text = pdf_text(read_file(next(p.sha256 for p in packs if p.media_type == "application/pdf")))
    assert "Recordedquorum50" in text
    assert "notreached" in text
    assert "notjudged" in text, "no legal validity is claimed"


def test_the_next_agenda_opens_with_what_was_promised_and_how_it_stands(
    in_service: str, tmp_path: Path
) -> None:
    _call(in_service, "2027-Q1", date(2027, 2, 1))
    set_simulated_date(in_service, date(2027, 2, 17))
    more = MINUTES + '  - {ref: "3", text: Mend the gate, due: 2027-03-15}\n'
    import_minutes(in_service, "2027-Q1", _file(tmp_path, more))
    set_simulated_date(in_service, date(2027, 3, 20))
    complete_action(in_service, "meeting:2027-Q1:1", date(2027, 3, 20))
    set_simulated_date(in_service, date(2027, 5, 1))
    _call(in_service, "2027-Q2", date(2027, 5, 1))
    with reading() as session:
        meeting = session.exec(select(OwnerMeeting).where(OwnerMeeting.period == "2027-Q2")).one()
    promised = [item["fact"] for item in meeting.agenda if item["topic"] == "Promised last time"]
    assert len(promised) == 2
    assert "Mend the gate (overdue" in promised[0]
    assert "Better light in the car park (done" in promised[1]
    assert meeting.agenda[0]["topic"] == "Promised last time"


def test_the_agenda_tells_of_requests_and_emergencies_since_the_last_meeting(in_service: str) -> None:
    at = datetime(2027, 1, 20, 2, tzinfo=UTC)
    for kind in (RequestKind.REPAIR, RequestKind.COMPLAINT):
        take_request(in_service, NewRequest(kind, Priority.NORMAL, "phone", "The tap drips", at))
    activate_plan.fn(in_service, "E-1", "burst_pipe", "Water", at)
    stand_down.fn(in_service, "E-1", at + timedelta(hours=1), Decimal("500.00"), "")
    _call(in_service, "2027-Q1", date(2027, 2, 1))
    with reading() as session:
        agenda = session.exec(select(OwnerMeeting.agenda)).one()
    facts = {item["topic"]: item["fact"] for item in agenda}
    assert facts["Service desk"] == ("2 requests since 2027-01-01, 1 of them complaints; 2 are still open")
    assert facts["Emergency"] == "Burst pipe 2027-01-20 10:00: 0.0% of the steps in time, loss ¥500.00"
    assert "incident" not in facts["Still owed"], "the bad response is owed an improvement, in words"
    assert "Promised last time" not in facts, "there was no last time"
    with reading() as session:
        mail = session.exec(select(OutboxMail.body).where(OutboxMail.kind == "meeting")).first()
    assert mail is not None
    assert "last time" not in mail["paragraphs"][0]


def test_no_day_is_left_out_between_two_agendas_and_none_is_told_of_before_it_is_over(
    in_service: str, tmp_path: Path
) -> None:
    def emergency(ref: str, day: date) -> None:
        activate_plan.fn(in_service, ref, "burst_pipe", "Water", factories.at(day, 10))

    emergency("E-1", date(2027, 1, 31))
    emergency("E-2", date(2027, 2, 1))  # the day of the call
    _call(in_service, "2027-Q1", date(2027, 2, 1))
    emergency("E-3", date(2027, 2, 10))  # after the call, before the meeting
    set_simulated_date(in_service, date(2027, 2, 17))
    import_minutes(in_service, "2027-Q1", _file(tmp_path, MINUTES))
    emergency("E-4", date(2027, 4, 30))
    set_simulated_date(in_service, date(2027, 5, 1))
    _call(in_service, "2027-Q2", date(2027, 5, 1))
    with reading() as session:
        agendas = session.exec(select(OwnerMeeting.agenda).order_by(col(OwnerMeeting.period))).all()
    told = [[i["fact"][11:21] for i in agenda if i["topic"] == "Emergency"] for agenda in agendas]
    assert told == [["2027-01-31"], ["2027-02-01", "2027-02-10", "2027-04-30"]]


def test_a_bad_row_is_named_and_kept_out_and_a_corrected_file_adds_what_was_missing(
    in_service: str, tmp_path: Path
) -> None:
    _call(in_service, "2027-Q1", date(2027, 2, 1))
    set_simulated_date(in_service, date(2027, 2, 17))
    bad = MINUTES.replace("post: electrician", "post: astronaut").replace("unit-002", "Mr Wang 13812345678")
    taken = import_minutes(in_service, "2027-Q1", _file(tmp_path, bad))
    found = {(p.sheet, p.row, p.column): p for p in taken.problems}
    assert set(found) == {("resolutions", 2, "post"), ("attendance", 3, "ref")}
    assert "electrician" in found["resolutions", 2, "post"].expected
    assert found["attendance", 3, "ref"].value == "", "it may be a name"
    assert {cell.source for cell in quarantine_of(in_service)} == {"minutes"}
    again = import_minutes(in_service, "2027-Q1", _file(tmp_path, MINUTES))
    assert (again.resolutions, again.actions, again.version, again.mails) == (1, 1, 2, 2)
    with reading() as session:
        periods = {row.period for row in session.exec(select(Pack).where(Pack.kind == "minutes"))}
    assert periods == {"2027-Q1", "2027-Q1-v2"}


def test_what_was_said_in_chinese_is_kept_as_it_was_written(sqlite_in_service: str, tmp_path: Path) -> None:
    code = sqlite_in_service
    _call(code, "2027-Q1", date(2027, 2, 1))
    set_simulated_date(code, date(2027, 2, 17))
    text = MINUTES.replace(
        "Lifts were discussed; call 13812345678 about", "讨论了电梯；请致电１３８１２３４５６７８（白天）："
    )
    import_minutes(code, "2027-Q1", _file(tmp_path, text.replace("Paint the lobby pink", "大堂刷粉色！")))
    with reading() as session:
        assert (
            session.exec(select(OwnerMeeting.minutes))
            .one()
            .startswith("讨论了电梯；请致电[telephone]（白天）：")
        )
        assert "大堂刷粉色！" in session.exec(select(MeetingResolution.text)).all()
    half = (
        text.replace("；", ";")
        .replace("（", "(")
        .replace("）", ")")
        .replace("Paint the lobby pink", "大堂刷粉色!")
    )
    assert import_minutes(code, "2027-Q1", _file(tmp_path, half)).problems == (), "recorded so before"


def test_a_file_that_contradicts_the_record_changes_nothing_and_says_where(
    in_service: str, tmp_path: Path
) -> None:
    _call(in_service, "2027-Q1", date(2027, 2, 1))
    set_simulated_date(in_service, date(2027, 2, 17))
    import_minutes(in_service, "2027-Q1", _file(tmp_path, MINUTES))
    other = MINUTES.replace("attended: 18", "attended: 30").replace('for: "15"', 'for: "16"')
    taken = import_minutes(in_service, "2027-Q1", _file(tmp_path, other))
    assert {p.column for p in taken.problems} == {"attended", "1: votes_for"}
    assert (taken.version, taken.mails) == (1, 0)
    with reading() as session:
        assert session.exec(select(OwnerMeeting.attended_count)).one() == 18


def test_minutes_in_a_workbook_are_read_and_formulas_are_refused(in_service: str, tmp_path: Path) -> None:
    _call(in_service, "2027-Q1", date(2027, 2, 1))
    set_simulated_date(in_service, date(2027, 2, 17))
    path = tmp_path / "minutes.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Meeting")
        sheet.write_row(0, 0, ["key", "value"])
        sheet.write_row(1, 0, ["attended", 12])
        sheet = book.add_worksheet("Resolutions")
        sheet.write_row(0, 0, ["ref", "text", "due"])
        sheet.write_row(1, 0, ["1", "Mend the gate", "2027-04-01"])
        sheet.write_row(2, 0, ["2"])
        sheet.write_formula(2, 1, '=HYPERLINK("http://evil.example")', value="click")
    taken = import_minutes(in_service, "2027-Q1", path)
    assert (taken.resolutions, taken.actions) == (1, 1)
    assert [(p.row, p.column) for p in taken.problems] == [(3, "B")]
    assert "formulas are refused" in taken.problems[0].expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("just text", "expected the entries meeting, attendance, resolutions"),
        ("meeting: [1, 2]", "meeting must be a map"),
        ("meeting: &a {minutes: x}\nattendance: *a", "line 1: anchors and aliases"),
        ("gathering: {}", "'gathering' is not known"),
        ("resolutions: [{ref: '1', txt: x}]", "entry 1: 'txt' is not known"),
    ],
)
def test_a_file_that_is_no_minutes_is_refused_in_a_sentence(
    sqlite_in_service: str, tmp_path: Path, content: str, words: str
) -> None:
    _call(sqlite_in_service, "2027-Q1", date(2027, 2, 1))
    with pytest.raises(MinutesFileRefused, match=words):
        import_minutes(sqlite_in_service, "2027-Q1", _file(tmp_path, content))


def test_minutes_wait_for_the_meeting(sqlite_in_service: str, tmp_path: Path) -> None:
    file = _file(tmp_path, MINUTES.replace("  held_on: 2027-02-16\n", ""))
    with pytest.raises(Terminal, match=r"No owner meeting was called for 2027-Q1 .*none yet"):
        import_minutes(sqlite_in_service, "2027-Q1", file)
    _call(sqlite_in_service, "2027-Q1", date(2027, 2, 1))
    with pytest.raises(NotReady, match="is called for 2027-02-16"):
        import_minutes(sqlite_in_service, "2027-Q1", file)


def test_the_invitation_brings_an_entry_for_the_calendar(
    sqlite_in_service: str, mail_server: MailServer
) -> None:
    for wrong in (" ", "x" * 121, "call 13812345678"):
        with pytest.raises(Terminal, match="The place"):
            set_meeting_place(sqlite_in_service, wrong)
    assert set_meeting_place(sqlite_in_service, "Community room, 1F")
    assert not set_meeting_place(sqlite_in_service, "Community room, 1F")
    _call(sqlite_in_service, "2027-Q1", date(2027, 2, 1))
    drain_outbox.fn()
    mails = [message_from_bytes(e.content or b"", policy=policy.default) for e in mail_server.envelopes]
    invitation = next(mail for mail in mails if "owner meeting 2027-02-16" in mail["subject"])
    (entry,) = [part for part in invitation.walk() if part.get_content_type() == "text/calendar"]
    text = entry.get_content()
    text = text.decode() if isinstance(text, bytes) else text
    assert "DTSTART:20270216T110000Z" in text, "19:00 in Shanghai"
    assert "DTEND:20270216T123000Z" in text
    assert "LOCATION:Community room\\, 1F" in text
    assert "Where: Community room, 1F" in invitation.get_body(("plain",)).get_content()


def test_the_term_has_a_calendar_of_meetings(sqlite_in_service: str, tmp_path: Path) -> None:
    planned = meeting_calendar(sqlite_in_service)
    assert [(one.period, one.held_on, one.state) for one in planned][:2] == [
        ("2027-Q1", "2027-02-16", "planned"),
        ("2027-Q2", "2027-05-16", "planned"),
    ]
    assert {one.promise for one in planned} == {"MEETING-3M"}
    set_simulated_date(sqlite_in_service, date(2027, 3, 1))
    assert meeting_calendar(sqlite_in_service)[0].state == "missed"
    written = write_meeting_calendar(sqlite_in_service, tmp_path / "meetings.ics").read_bytes()
    assert written.count(b"BEGIN:VEVENT") == 4


def test_an_action_is_moved_for_a_reason_and_its_first_day_stays_on_record(
    in_service: str, tmp_path: Path
) -> None:
    _call(in_service, "2027-Q1", date(2027, 2, 1))
    set_simulated_date(in_service, date(2027, 2, 17))
    import_minutes(in_service, "2027-Q1", _file(tmp_path, MINUTES))
    ref = "meeting:2027-Q1:1"
    assert move_action(in_service, ref, due_on=date(2027, 6, 30), reason="lamps are late")
    assert not move_action(in_service, ref, due_on=date(2027, 6, 30), reason="lamps are late")
    (row,) = listed_actions(in_service)
    assert (row["due"], row["state"], row["moved"]) == ("2027-06-30", "open", 1)
    set_simulated_date(in_service, date(2027, 7, 1))
    assert listed_actions(in_service)[0]["state"] == "overdue"
    with pytest.raises(Terminal, match="'astronaut' is no post"):
        move_action(in_service, ref, post_code="astronaut", reason="x")
    with pytest.raises(Terminal, match="for a reason"):
        move_action(in_service, ref, due_on=date(2027, 8, 1), reason=" ")
    with pytest.raises(Terminal, match=r"no action 'nothing' .*steward action list"):
        complete_action(in_service, "nothing")
    with pytest.raises(Terminal, match="cannot be done on 2027-01-01"):
        complete_action(in_service, ref, date(2027, 1, 1))
    with pytest.raises(Terminal, match="still to come"):
        complete_action(in_service, ref, date(2027, 7, 2))
    assert complete_action(in_service, ref)
    with pytest.raises(Terminal, match="not moved any more"):
        move_action(in_service, ref, due_on=date(2027, 8, 1), reason="x")


def _call(code: str, period: str, on: date) -> None:
    call_owner_meeting.fn(factories.claim(code, CycleKind.OWNER_MEETING, period, on))


def _file(folder: Path, text: str) -> Path:
    path = folder / "minutes.yaml"
    path.write_text(text, encoding="utf-8")
    return path
