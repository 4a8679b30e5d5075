"""Does each mail that a person wrote become one request, or join the one it answers, and nothing else? (B6)"""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import select

from models.db import reading
from models.errors import Terminal
from models.rules.incoming_mail import MailUnreadable, html_text, read_mail
from models.service_desk import RequestMessage, ServiceRequest
from models.work import WorkOrder
from tasks.files import read_file
from tasks.request_mail import take_mails
from tasks.request_views import request_list, request_thread
from tasks.service_desk import record_request_event

FIRST = "Tue, 05 Jan 2027 09:00:00 +0800"
LATER = "Tue, 05 Jan 2027 15:00:00 +0800"
AS_OF = datetime(2027, 1, 6, tzinfo=UTC)


def test_a_mail_is_taken_once_and_answers_join_its_thread(in_service: str, tmp_path: Path) -> None:
    mail = _mail(body="The tap drips.\nCall 13812345678", attach=("../../evil/tap.jpg", b"picture"))
    answer = _mail(
        own="b@x", refers="<a@x>", subject="Re: tap", date=LATER, body="Still dripping\n> The tap drips."
    )
    for name, message in (("1-answer", answer), ("2-first", mail)):  # read by date, not by name
        (tmp_path / f"{name}.eml").write_bytes(message.as_bytes())
    taken = take_mails(in_service, tmp_path)
    assert [(row.file, row.outcome) for row in taken] == [
        ("2-first.eml", "request"),
        ("1-answer.eml", "follow_up"),
    ]
    number = taken[0].number
    assert taken[1].number == number
    again = take_mails(in_service, tmp_path)
    assert [(row.outcome, row.number) for row in again] == [("known", number), ("known", number)]
    with reading() as session:
        (request,) = session.exec(select(ServiceRequest)).all()
        first, second = session.exec(select(RequestMessage).order_by(RequestMessage.id)).all()
    assert (request.requester_ref, request.kind, request.source) == ("unit-001", "enquiry", "mail")
    assert request.text == "Tap\nThe tap drips.\nCall [telephone]"
    assert request.resolution_due_at is not None
    assert second.text == "Still dripping"
    (file,) = first.attachments
    assert (file["name"], file["size"]) == ("tap.jpg", 7)
    assert read_file(file["sha256"]) == b"picture"
    assert read_file(first.sha256) == mail.as_bytes()
    thread = request_thread(in_service, number, AS_OF)
    assert [entry["subject"] for entry in thread["mails"]] == ["Tap", "Re: tap"]


def test_who_writes_again_about_what_was_settled_is_on_the_desks_list_until_somebody_acts(
    in_service: str, tmp_path: Path
) -> None:
    def listed() -> list[tuple[str, str]]:
        return [(row["state"], row["mail"]) for row in request_list(in_service, AS_OF)]

    early = "Thu, 05 Nov 2026 0{}:00:00 +0000"
    (tmp_path / "1.eml").write_bytes(_mail(date=early.format(1)).as_bytes())
    number = take_mails(in_service, tmp_path)[0].number
    record_request_event(in_service, number, "resolved", datetime(2026, 11, 5, 2, tzinfo=UTC))
    assert listed() == []
    (tmp_path / "2.eml").write_bytes(_mail(own="b@x", refers="<a@x>", date=early.format(3)).as_bytes())
    take_mails(in_service, tmp_path)
    assert listed() == [("resolved", "new")]
    record_request_event(in_service, number, "called_back", datetime(2026, 11, 5, 4, tzinfo=UTC))
    assert listed() == []
    (tmp_path / "3.eml").write_bytes(_mail(own="c@x", refers="<b@x>", date=early.format(5)).as_bytes())
    take_mails(in_service, tmp_path)
    record_request_event(in_service, number, "reopened", datetime(2026, 11, 5, 6, tzinfo=UTC))
    assert listed() == [("responded", "")]


def test_an_mbox_is_parted_into_its_mails(in_service: str, tmp_path: Path) -> None:
    first, second = _mail(body="It drips.\n\nFrom here to there.\n"), _mail(own="b@x", subject="Light")
    mbox = b"".join(
        b"From desk Tue Jan  5 09:00:00 2027\n"
        + mail.as_bytes().replace(b"\nFrom here", b"\n>From here")
        + b"\n"
        for mail in (first, second)
    )
    (tmp_path / "inbox").write_bytes(mbox + b"From nobody Tue Jan  5 09:00:00 2027\n\nno mail\n")
    taken = take_mails(in_service, tmp_path / "inbox")
    assert [(row.file, row.outcome) for row in taken] == [
        ("inbox:3", "refused"),
        ("inbox:1", "request"),
        ("inbox:2", "request"),
    ]
    with reading() as session:
        texts = session.exec(select(RequestMessage.text).order_by(RequestMessage.id)).all()
    assert texts[0] == "It drips.\n\nFrom here to there."
    assert [row.outcome for row in take_mails(in_service, tmp_path / "inbox")[1:]] == ["known", "known"]


def test_a_mail_that_says_it_is_a_repair_becomes_a_work_order_and_another_does_not(
    in_service: str, tmp_path: Path
) -> None:
    _take(in_service, tmp_path, _mail(own="r@x", subject="报修：灯不亮"))
    _take(in_service, tmp_path, _mail(own="e@x", subject="When do you open?"))
    with reading() as session:
        kinds = session.exec(select(ServiceRequest.kind).order_by(ServiceRequest.id)).all()
        orders = session.exec(select(WorkOrder).where(WorkOrder.clause == "B6")).all()
    assert kinds == ["repair", "enquiry"]
    assert len(orders) == 1


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        pytest.param({"Auto-Submitted": "auto-replied"}, "auto_reply", id="RFC 3834"),
        pytest.param({"Precedence": "auto_reply"}, "auto_reply", id="precedence"),
        pytest.param({"Return-Path": "<>"}, "bounce", id="empty return path"),
        pytest.param({"From": "MAILER-DAEMON@x.example"}, "bounce", id="mailer daemon"),
        pytest.param({"Subject": "自动回复：我不在"}, "auto_reply", id="subject"),
        pytest.param({"Auto-Submitted": "no"}, "request", id="a person"),
    ],
)
def test_what_no_person_wrote_is_no_request(
    in_service: str, tmp_path: Path, headers: dict[str, str], outcome: str
) -> None:
    mail = _mail()
    for name, value in headers.items():
        del mail[name]
        mail[name] = value
    assert _take(in_service, tmp_path, mail) == outcome
    with reading() as session:
        assert len(session.exec(select(ServiceRequest)).all()) == (outcome == "request")


def test_html_is_reduced_to_its_words() -> None:
    html = "<head><style>p{x}</style></head><p>Tap&nbsp;<b>drips</b></p><script>alert(1)</script><div>Floor 3</div>"
    assert html_text(html).split() == ["Tap", "drips", "Floor", "3"]
    mail = _mail()
    mail.set_content(html, subtype="html")
    assert read_mail(mail.as_bytes()).text == "Tap drips\n\nFloor 3"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00\xff\xfe" * 50, id="binary"),
        pytest.param(b"just words\n\nand more", id="no headers"),
    ],
)
def test_what_is_no_mail_is_named_and_the_others_are_taken(
    in_service: str, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "bad.eml").write_bytes(content)
    (tmp_path / "good.eml").write_bytes(_mail().as_bytes())
    taken = take_mails(in_service, tmp_path)
    assert [(row.file, row.outcome) for row in taken] == [("bad.eml", "refused"), ("good.eml", "request")]
    assert "names no sender" in taken[0].note
    with pytest.raises(Terminal, match="no such file or folder"):
        take_mails(in_service, tmp_path / "nowhere")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(
            b"From: a@x.example\nContent-Type: text/plain; charset=klingon\n\nHi \xff", id="unknown charset"
        ),
        pytest.param(
            b"From: a@x.example\nDate: never\nMessage-ID: broken\nSubject: =?x?q?=\n\nHi", id="broken headers"
        ),
        pytest.param(
            b"From: a@x.example\nContent-Type: multipart/mixed\n\nHi", id="parts without a boundary"
        ),
    ],
)
def test_a_malformed_mail_is_read_as_far_as_it_goes(raw: bytes) -> None:
    assert read_mail(raw).sender == "a@x.example"


def test_a_mail_with_too_many_parts_is_refused() -> None:
    mail = _mail()
    for number in range(300):
        mail.add_attachment(b"x", maintype="text", subtype="plain", filename=f"{number}.txt")
    with pytest.raises(MailUnreadable, match="more than 200 parts"):
        read_mail(mail.as_bytes())


def _take(code: str, folder: Path, mail: EmailMessage) -> str:
    file = folder / "mail.eml"
    file.write_bytes(mail.as_bytes())
    (taken,) = take_mails(code, file)
    return taken.outcome


def _mail(
    own: str = "a@x",
    refers: str = "",
    subject: str = "Tap",
    date: str = FIRST,
    body: str = "The tap drips.",
    attach: tuple[str, bytes] | None = None,
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Resident <UNIT-001@residents.example.com>", "desk@custodian.example.com"
    mail["Subject"], mail["Date"], mail["Message-ID"] = subject, date, f"<{own}>"
    if refers:
        mail["In-Reply-To"] = refers
    mail.set_content(body)
    if attach:
        mail.add_attachment(attach[1], maintype="image", subtype="jpeg", filename=attach[0])
    return mail
