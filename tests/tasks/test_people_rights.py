"""Does a person get all that is held of them, and is nothing left that says who they were? (A3; PIPL 45, 47)"""

import json
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import SQLModel, select

from models.audit import verify_chain
from models.db import reading, writing
from models.outbox import OutboxMail
from models.people import Person
from models.register import StoredFile
from models.rules.cycles import CycleKind
from models.service_desk import RequestMessage, ServiceRequest
from models.survey import Invitation, SurveyResponse
from models.survey_codes import survey_code
from reports.workbook import render_xlsx
from tasks.engagements import engagement_id, find_engagement
from tasks.files import file_path
from tasks.intake import record_people
from tasks.mobilisation import leave_post
from tasks.outbox import Letter, queue_letters
from tasks.people_records import PersonRefused
from tasks.people_rights import erase_person, held_of
from tasks.request_mail import take_mails
from tasks.service_desk import record_request_event
from tasks.surveys import AnswerSheet, open_wave, record_answers, wave_items
from tests import factories

WHO, Q1 = "unit-001", "2027-Q1"
NAME, ADDRESS = "Resident 1", "unit-001@residents.example.com"


@pytest.fixture
def code(in_service: str, tmp_path: Path) -> str:
    """A resident with an address, an invitation, a mail that waits, and a settled request that came by mail."""
    mail = EmailMessage()
    mail["From"], mail["To"] = f"{NAME} <{ADDRESS}>", "desk@custodian.example.com"
    mail["Subject"], mail["Date"], mail["Message-ID"] = "Tap", "Tue, 05 Jan 2027 09:00:00 +0800", "<a@x>"
    mail.set_content("It drips.")
    mail.add_attachment(b"a picture of the bath", maintype="image", subtype="jpeg", filename="../bath.jpg")
    (tmp_path / "mail.eml").write_bytes(mail.as_bytes())
    (taken,) = take_mails(in_service, tmp_path / "mail.eml")
    record_request_event(in_service, taken.number, "closed", factories.at(date(2027, 1, 6), 3))
    open_wave.fn(factories.claim(in_service, CycleKind.SURVEY_OPEN, Q1, date(2027, 3, 20)))
    with writing() as session:
        letter = Letter("notice", "2027-01", "Notice", ("Text",))
        queue_letters(
            session, find_engagement(session, in_service), [WHO, "unit-002"], letter, date(2027, 1, 5)
        )
    return in_service


def kept_files() -> set[str]:
    with reading() as session:
        noted = set(session.exec(select(StoredFile.sha256)).all())
    return {sha256 for sha256 in noted if file_path(sha256).exists()}


def everything_written(code: str) -> str:
    """Every row of every table, and every kept file, as one text."""
    with reading() as session:
        rows = [
            repr(tuple(row))
            for table in SQLModel.metadata.sorted_tables
            for row in session.execute(table.select())
        ]
    files = [file_path(sha256).read_bytes().decode("utf-8", "replace") for sha256 in kept_files()]
    return "\n".join(rows + files)


def test_a_person_gets_what_is_held_and_nothing_of_others(code: str) -> None:
    held, pack = held_of(code, WHO)
    assert (held.person["name"], held.person["email"]) == (NAME, ADDRESS)
    assert {"outboxmail", "requestmessage", "servicerequest", "invitation"} <= set(held.records)
    assert held.records["requestmessage"][0]["text"] == "It drips."
    assert [name for name, _sha256 in held.files] == ["mail-1.eml", "bath.jpg"]
    told = json.dumps(held.as_json())
    assert "unit-002" not in told
    assert "token" not in told, "no hash of a code"
    assert "surveyresponse" not in held.records, "nothing says whose an answer is"
    assert render_xlsx(pack).startswith(b"PK")


def test_an_erased_person_is_named_nowhere_and_what_was_sent_is_gone(code: str) -> None:
    assert NAME in everything_written(code)
    files = kept_files()
    tried = erase_person(code, WHO, dry_run=True)
    assert kept_files() == files
    assert ADDRESS in everything_written(code)
    erased = erase_person(code, WHO)
    assert erased == tried
    assert erased.taken["files of these mails"] == 2
    assert erased.taken["mails that waited"] >= 1
    assert len(kept_files()) == len(files) - 2
    left = everything_written(code)
    for said in (NAME + "'", ADDRESS, "a picture of the bath"):
        assert said not in left.replace("Resident 10", "").replace("Resident 11", "").replace(
            "Resident 12", ""
        )
    with reading() as session:
        (message,) = session.exec(select(RequestMessage)).all()
        (request,) = session.exec(select(ServiceRequest)).all()
    assert (message.subject, message.text, message.attachments, message.sha256) == ("", "", [], "")
    assert "It drips." in request.text, "what was to be repaired stays, masked"
    why = {row["what"]: row["why"] for row in erased.kept}
    assert "fees" in why["servicerequest"]
    assert "never changed" in why["auditevent"]
    again = erase_person(code, WHO)
    assert set(again.taken.values()) == {0}
    assert again.before
    with reading() as session:
        assert verify_chain(session, engagement_id(find_engagement(session, code))) is None
        waiting = session.exec(select(OutboxMail).where(OutboxMail.kind == "notice")).all()
        assert {mail.person_ref: mail.state for mail in waiting} == {WHO: "cancelled", "unit-002": "queued"}
        assert session.exec(select(Person.role).where(Person.ref == WHO)).one() == "owner"
    record_people(code, [person for person in factories.people() if person.ref == WHO])
    assert ADDRESS not in everything_written(code), "the same file of people again brings nobody back"


def test_an_unused_code_of_a_survey_opens_nothing_and_answers_stay(code: str) -> None:
    def answered(number: int) -> int:
        scores = dict.fromkeys(wave_items(code, Q1), 4)
        sheet = AnswerSheet(code=survey_code(code, Q1, f"unit-{number:03d}"), mode="paper", scores=scores)
        return record_answers(code, Q1, [sheet], date(2027, 3, 21)).accepted

    assert answered(2) == 1
    erase_person(code, "unit-002")
    erase_person(code, WHO)
    assert answered(1) == 0
    with reading() as session:
        invited = session.exec(select(Invitation)).all()
        assert len(session.exec(select(SurveyResponse)).all()) == 1
    assert len(invited) == factories.RESIDENTS, "the response rate stands on as many as before"
    assert sorted(row.person_ref for row in invited if row.token_hash.startswith("void:")) == [WHO]


def test_nobody_is_erased_whose_part_would_be_left_empty(code: str) -> None:
    with pytest.raises(PersonRefused, match="the only client who can be written to"):
        erase_person(code, "client-1")
    with pytest.raises(PersonRefused, match="is on a post"):
        with writing() as session:
            key = engagement_id(find_engagement(session, code))
            session.add(Person(engagement_id=key, ref="staff-cleaner-1", role="staff", name="Li"))
        erase_person(code, "staff-cleaner-1")
    leave_post(code, "staff-cleaner-1", date(2027, 1, 2))
    erased = erase_person(code, "staff-cleaner-1")
    assert {row["what"] for row in erased.kept} >= {"staffmember", "trainingrecord"}
    for act in (erase_person, held_of):
        with pytest.raises(PersonRefused, match="no person of the reference 'nobody'"):
            act(code, "nobody")


def test_staff_who_were_never_recorded_by_name_get_their_copy_too(code: str) -> None:
    held, _pack = held_of(code, "staff-cleaner-1")
    assert held.person == {"ref": "staff-cleaner-1"}
    assert {"staffmember", "trainingrecord"} <= set(held.records)
    leave_post(code, "staff-cleaner-1", date(2027, 1, 2))
    assert set(erase_person(code, "staff-cleaner-1").taken.values()) == {0}, "nothing says who it is"


def test_a_file_that_somebody_else_sent_too_stays(code: str, tmp_path: Path) -> None:
    with writing() as session:
        (mine,) = session.exec(select(RequestMessage)).all()
        copy = mine.model_copy(
            update={"id": None, "message_id": "<b@x>", "sender_ref": "unit-002", "sha256": ""}
        )
        session.add(RequestMessage(**copy.model_dump()))
        (shared,) = (file["sha256"] for file in mine.attachments)
    erased = erase_person(code, WHO)
    assert erased.taken["files of these mails"] == 1
    assert file_path(shared).exists()
