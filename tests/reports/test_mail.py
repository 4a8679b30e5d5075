"""Is every mail the same twice, for one person only, and within the limits of the wire?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.mail import Attachment, MailDraft, MailRefused, build_message, mail_address

DRAFT = MailDraft(
    subject="[ENG-2026-01] 月度服务评审报告 · 2026年6月",
    to_name="王丽",
    to_address="wang.li@example.cn",
    html="<p>您好</p>",
    text="您好\n",
    attachments=(Attachment("月度评审 6月.pdf", "application/pdf", b"%PDF-1.7 \x00\xff"),),
    message_id="<pack-1.v1@example.cn>",
    sent_at=datetime(2026, 7, 3, 1, 2, 3, tzinfo=UTC),
    sender_name="安居托管服务有限公司",
    sender_address="no-reply@example.cn",
    reply_to="desk@example.cn",
)


def received(draft: MailDraft) -> EmailMessage:
    return message_from_bytes(build_message(draft), policy=policy.default)


def test_receiver_reads_what_was_drafted() -> None:
    mail = received(DRAFT)
    assert mail["Subject"] == DRAFT.subject
    assert mail["Message-ID"] == DRAFT.message_id
    assert mail["Date"].datetime == DRAFT.sent_at
    assert [(a.display_name, a.addr_spec) for a in mail["To"].addresses] == [("王丽", "wang.li@example.cn")]
    assert mail["Reply-To"] == "desk@example.cn"
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None and html.get_content().strip() == DRAFT.html
    assert text is not None and text.get_content().strip() == DRAFT.text.strip()
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("月度评审 6月.pdf", b"%PDF-1.7 \x00\xff")


def test_same_draft_gives_same_bytes_and_another_gives_others() -> None:
    assert build_message(DRAFT) == build_message(replace(DRAFT))
    assert build_message(DRAFT) != build_message(replace(DRAFT, text="您好。\n"))


def test_no_line_is_longer_than_the_wire_allows() -> None:
    long = replace(DRAFT, html="<p>" + "x" * 50_000 + "</p>", text="字" * 20_000, subject="W" * 300)
    assert max(map(len, build_message(long).split(b"\r\n"))) <= 998


def test_body_cannot_close_a_part() -> None:
    boundary = message_from_bytes(build_message(DRAFT)).get_boundary()
    mail = received(replace(DRAFT, text=f"--{boundary}--\n\nBcc: evil@example.com\n.\n"))
    assert mail["Bcc"] is None
    assert len(list(mail.iter_attachments())) == 1


@pytest.mark.parametrize(
    "sign", ["\r", "\n", "\r\n", "\x00", "\x0b", "\x85", "\u2028", "\u2029", "\u202e", "\ud800"]
)
@pytest.mark.parametrize(
    ("value", "draft_with"),
    [
        (DRAFT.subject, lambda text: replace(DRAFT, subject=text)),
        (DRAFT.to_name, lambda text: replace(DRAFT, to_name=text)),
        (DRAFT.sender_name, lambda text: replace(DRAFT, sender_name=text)),
        (DRAFT.to_address, lambda text: replace(DRAFT, to_address=text)),
        (DRAFT.sender_address, lambda text: replace(DRAFT, sender_address=text)),
        (DRAFT.message_id, lambda text: replace(DRAFT, message_id=text)),
    ],
    ids=["subject", "recipient name", "sender name", "recipient", "sender", "message id"],
)
def test_control_character_in_a_header_is_refused(
    value: str, draft_with: Callable[[str], MailDraft], sign: str
) -> None:
    for spoiled in (value[:3] + sign + "Bcc: evil@example.com" + value[3:], value + sign):
        with pytest.raises(MailRefused):
            build_message(draft_with(spoiled))


@pytest.mark.parametrize(
    "name",
    [
        '"A, b" <a@example.cn>, evil@example.com',
        "evil@example.com",
        "A <b>",
        "王 evil＠example.com",
        "a" * 201,
    ],
    ids=["list of two", "address as name", "angle brackets", "full-width at", "too long"],
)
def test_name_that_hides_an_address_is_refused(name: str) -> None:
    with pytest.raises(MailRefused):
        build_message(replace(DRAFT, to_name=name))


@pytest.mark.parametrize(
    "name",
    ["", "O'Neil, Ann", 'Ann "Q" Lee', "Müller; Groß: (a)", "王，丽; x, y", "=?utf-8?q?x?=", "x" * 199],
)
def test_odd_but_honest_name_reaches_one_person(name: str) -> None:
    try:
        mail = received(replace(DRAFT, to_name=name))
    except MailRefused:
        assert name == "=?utf-8?q?x?="  # would be decoded to another name by the receiver
        return
    (person,) = mail["To"].addresses
    assert (person.display_name, person.addr_spec) == (name, DRAFT.to_address)


@pytest.mark.parametrize(
    "address",
    [
        "", "a", "a@", "@b.cn", "a@b@c.cn", "a b@c.cn", "a@b.cn, c@d.cn", "a@b.cn;c@d.cn", "<a@b.cn>", '"a b"@c.cn',
        "a@-b.cn", "a@b..cn", ".a@b.cn", "a..b@c.cn", "王@b.cn", "a@[127.0.0.1]", "a" * 65 + "@b.cn", "a@" + "b" * 64 + ".cn",
    ],
)  # fmt: skip
def test_anything_but_one_plain_address_is_refused(address: str) -> None:
    for draft in (
        replace(DRAFT, to_address=address),
        replace(DRAFT, sender_address=address),
        replace(DRAFT, reply_to=address),
    ):
        with pytest.raises(MailRefused):
            build_message(draft)


def test_international_domain_travels_in_ascii() -> None:
    address = mail_address("desk@物业.中国")
    assert address.isascii() and address.endswith(".xn--fiqs8s")
    assert address.split("@")[1].encode().decode("idna") == "物业.中国"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("../x.pdf", "application/pdf"), ("a\\b.pdf", "application/pdf"), ("", "application/pdf"),
        (".htaccess", "text/plain"), ("a\r\nb.pdf", "application/pdf"), ("a\x00.pdf", "application/pdf"),
        ("fdp\u202eexe.pdf", "application/pdf"), ("a.pdf", "application/pdf\r\nX: y"), ("a.pdf", "pdf"),
        ("a.eml", "message/rfc822"), ("a", "multipart/mixed"),
    ],
)  # fmt: skip
def test_attachment_that_deceives_is_refused(name: str, media_type: str) -> None:
    with pytest.raises(MailRefused):
        build_message(replace(DRAFT, attachments=(Attachment(name, media_type, b""),)))


def test_long_chinese_attachment_name_survives() -> None:
    name = "滨河花园二期" * 20 + ".pdf"
    (attached,) = received(
        replace(DRAFT, attachments=(Attachment(name, "application/pdf", b"1"),))
    ).iter_attachments()
    assert attached.get_filename() == name


def test_instant_without_zone_is_refused() -> None:
    with pytest.raises(MailRefused, match="time zone"):
        build_message(replace(DRAFT, sent_at=datetime(2026, 7, 3)))  # noqa: DTZ001


HOSTILE = st.text(st.characters() | st.sampled_from('\r\n\x00",;:<>@()\\=?. 王é'), max_size=120)


@settings(max_examples=300, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_any_text_is_refused_or_reaches_exactly_one_person(
    subject: str, name: str, file_name: str, body: str
) -> None:
    draft = replace(
        DRAFT, subject=subject, to_name=name, sender_name=name, text=body, html=body,
        attachments=(Attachment(file_name, "text/csv", body.encode("utf-8", "replace")),),
    )  # fmt: skip
    try:
        raw = build_message(draft)
    except MailRefused:
        return
    head = raw.split(b"\r\n\r\n")[0].decode("ascii")
    names = [line.split(":")[0] for line in head.split("\r\n") if line[:1] not in (" ", "\t")]
    assert names == [
        "Subject", "From", "To", "Reply-To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert b"\n" not in raw.replace(b"\r\n", b"") and b"\x00" not in raw
    mail = message_from_bytes(raw, policy=policy.default)
    assert [a.addr_spec for a in mail["To"].addresses] == [DRAFT.to_address]
    assert [a.addr_spec for a in mail["From"].addresses] == [DRAFT.sender_address]
    assert build_message(draft) == raw


@given(st.text(max_size=40) | st.from_regex(r"[a-z\"<>, ]{0,6}@[a-z.\-]{0,8}[,;@]?.{0,5}"))
def test_any_address_is_refused_or_plain(text: str) -> None:
    try:
        address = mail_address(text)
    except MailRefused:
        return
    assert address.isascii() and address.count("@") == 1 and not set(address) & set(' ,;<>"()\r\n\t')
