"""Does each team get its calendar once, and does a program that took it in follow each change? (B2-B5)"""

import io
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlmodel import col, select

from models.db import reading
from models.errors import NotReady, Terminal
from models.intake import PersonForm
from models.occurrence import Occurrence
from models.outbox import OutboxMail
from models.rules.cycles import CycleKind
from models.staff import StaffMember
from tasks.cycles import finish_cycle
from tasks.files import read_file
from tasks.intake import record_people
from tasks.occurrence_changes import skip_occurrence
from tasks.team_calendars import send_calendars, write_calendars
from tasks.work_months import release_month
from tests import factories
from tests.reports.test_ics import read_back


def open_and_send(code: str, period: str = "2027-01") -> int:
    cycle = factories.claim(code, CycleKind.MONTH_OPEN, period, date.fromisoformat(f"{period}-01"))
    release_month.fn(cycle)
    sent = send_calendars.fn(cycle)
    assert send_calendars.fn(cycle) == 0, "no second mail when it runs twice"
    finish_cycle.fn(cycle)
    return sent


def mails() -> list[OutboxMail]:
    with reading() as session:
        return list(
            session.exec(
                select(OutboxMail)
                .where(col(OutboxMail.kind).startswith("calendar"))
                .order_by(OutboxMail.dedup_key)
            ).all()
        )


def calendars(mail: OutboxMail) -> dict[str, bytes]:
    return {a["file_name"]: read_file(a["sha256"]) for a in mail.attachments}


def test_the_custodian_gets_the_calendars_of_all_teams_in_one_mail(in_service: str) -> None:
    assert open_and_send(in_service) == 1
    (mail,) = mails()
    assert mail.person_ref == "custodian-1"
    files = calendars(mail)
    assert sum(name.endswith(".pdf") for name in files) == 1
    with reading() as session:
        posts = set(session.exec(select(Occurrence.post_code)).all())
    assert {
        name.removesuffix(".ics").rpartition("2027-01_")[2] for name in files if name.endswith(".ics")
    } == posts
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(next(iter(files.values())))).pages)
    assert "LIFT-1" in text
    assert "weekend rule: no holiday notice for 2027" in " ".join(text.split())


def test_a_technician_with_an_address_gets_the_teams_own_file(in_service: str) -> None:
    with reading() as session:
        member = session.exec(select(StaffMember).where(StaffMember.post_code == "lift_technician")).first()
        assert member is not None
        ref = member.ref
    record_people(
        in_service, [PersonForm(ref=ref, role="staff", name="Sam", email="sam@custodian.example.com")]
    )
    assert open_and_send(in_service) == 2
    to_team, to_all = mails()
    assert to_team.person_ref == ref
    own = [name for name in calendars(to_team) if name.endswith(".ics")]
    assert own == [f"{in_service}_2027-01_lift_technician.ics"]
    assert own[0] not in calendars(to_all)
    assert b"LIFT-1" in calendars(to_team)[own[0]]


def test_the_calendar_holds_the_days_of_the_ledger(in_service: str) -> None:
    open_and_send(in_service)
    events = [
        event
        for name, content in calendars(mails()[0]).items()
        if name.endswith(".ics")
        for event in read_back(content)
    ]
    single = {
        (event["DTSTART"], event["DESCRIPTION"].partition(":")[0]) for event in events if "RRULE" not in event
    }
    with reading() as session:
        rows = session.exec(
            select(Occurrence).where(
                col(Occurrence.state).in_(("planned", "released")),
                Occurrence.subject == "preventive_maintenance",
            )
        ).all()
    assert rows
    for row in rows:
        assert (f"{row.due_on:%Y%m%d}", row.series.rpartition("/")[0]) in single
    assert len({event["UID"] for event in events}) == len(events)
    assert any(event.get("RRULE", "").startswith("FREQ=DAILY") for event in events), "routine is one entry"


def test_next_months_entry_is_taken_over_not_doubled(in_service: str) -> None:
    open_and_send(in_service)
    open_and_send(in_service, "2027-02")
    first, second = (
        {
            event["UID"]: event["STATUS"]
            for name, content in calendars(mail).items()
            if name.endswith(".ics")
            for event in read_back(content)
            if event["DTSTART"].startswith("202702")
        }
        for mail in mails()
    )
    assert first.keys() == second.keys()
    assert set(first.values()) == {"TENTATIVE"}
    assert set(second.values()) == {"CONFIRMED"}


def test_what_is_left_out_is_called_off_in_the_calendar(in_service: str, tmp_path: Path) -> None:
    factories.open_the_month(in_service)
    with reading() as session:
        row = session.exec(
            select(Occurrence).where(
                Occurrence.target_code == "PUMP-1", Occurrence.subject == "preventive_maintenance"
            )
        ).first()
    assert row is not None
    month = f"{row.due_on:%Y-%m}"

    def entry() -> dict[str, str]:
        written = write_calendars(in_service, month, tmp_path)
        (file,) = [path for path in written if path.name.endswith(f"{month}_{row.post_code}.ics")]
        (event,) = [
            event
            for event in read_back(file.read_bytes())
            if event["DESCRIPTION"].startswith(row.series.rpartition("/")[0])
        ]
        return event

    before = entry()
    skip_occurrence(in_service, row.series, row.ordinal, "pump is being replaced")
    after = entry()
    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["STATUS"] == "CANCELLED"


def test_a_wrong_month_or_folder_is_said_in_a_sentence(sqlite_in_service: str, tmp_path: Path) -> None:
    with pytest.raises(Terminal, match=r"expected one such as 2027-03"):
        write_calendars(sqlite_in_service, "March", tmp_path)
    with pytest.raises(Terminal, match=r"expected a month"):
        write_calendars(sqlite_in_service, "2027-Q1", tmp_path)
    with pytest.raises(NotReady, match="no folder"):
        write_calendars(sqlite_in_service, "2027-01", tmp_path / "nowhere")
    assert write_calendars(sqlite_in_service, "2027-01", tmp_path) == []
