"""How does a draft become the bytes of one mail to exactly one person?

The same draft gives the same bytes, so a mail can be stored, compared and sent again as the mail it was.
Whatever could reach a second person, add a header or change a line's meaning is refused here, before any
network.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address, AddressHeader
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser

# RFC 5321 section 4.5.3.1 gives the lengths; the letters are RFC 5322's dot-atom. Quoted local parts, though
# legal, are refused: no mailbox of a client has one, and they are how a second address is hidden.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+=-]{1,200}@[A-Za-z0-9.-]{1,200}>")
_MEDIA_TYPE = re.compile(r"(?!multipart/|message/)[a-z0-9]+/[a-z0-9.+-]+")
_ADDRESS_IN_NAME = re.compile(r"[<>]|\S@\S")
_LONGEST_NAME = 200
_LONGEST_SUBJECT = 300


class MailRefused(ValueError):
    """A draft that may not be sent as it is; the message says what to change, never the mail's content."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a mail. ``media_type`` as "application/pdf"."""

    file_name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class MailDraft:
    """One mail to one person; ``sent_at`` is an aware instant, ``message_id`` as "<...@...>"."""

    subject: str
    to_name: str
    to_address: str
    html: str
    text: str
    attachments: tuple[Attachment, ...]
    message_id: str
    sent_at: datetime
    sender_name: str
    sender_address: str
    reply_to: str | None = None


def mail_address(text: str) -> str:
    """Return an address as it goes on the wire: an international domain in its ASCII form (RFC 5890).

    The envelope must use this same form.

    Raises:
        MailRefused: Anything but one plain address; a non-ASCII local part, which many servers cannot take.
    """
    if any(_is_unsafe(character) or character.isspace() for character in text):
        raise MailRefused(
            "the address holds a blank or a control character; expected one address like name@example.cn"
        )
    local, at, domain = text.partition("@")
    if not at or "@" in domain:
        raise MailRefused("the address needs exactly one @; expected one address like name@example.cn")
    try:
        domain = domain.encode("ascii" if domain.isascii() else "idna").decode("ascii")
    except UnicodeError:
        raise MailRefused("the domain of the address cannot be written in ASCII (IDNA)") from None
    if not _LOCAL.fullmatch(local) or len(local) > 64:
        raise MailRefused(
            "the part before @ may hold only ASCII letters, digits and .!#$%&'*+/=?^_`{|}~- (64 at most)"
        )
    if not _DOMAIN.fullmatch(domain) or len(domain) > 253 or len(local) + len(domain) > 253:
        raise MailRefused("the part after @ is not a domain name; expected one address like name@example.cn")
    return f"{local}@{domain}"


def build_message(draft: MailDraft) -> bytes:
    """Build the bytes of a mail: text and HTML alternatives, then the attachments.

    Bodies travel as base64 with CRLF, so no line of theirs can pass the 998 characters of RFC 5322 section
    2.1.1, and part boundaries come from a hash of the draft, so equal drafts give equal bytes.

    Raises:
        MailRefused: A header with a line end or other control character, an invalid or second address, a bad
            attachment name, media type or message id, or an instant without a time zone.
    """
    to = _person(draft.to_name, draft.to_address, "recipient")
    sender = _person(draft.sender_name, draft.sender_address, "sender")
    if not _MESSAGE_ID.fullmatch(draft.message_id):
        raise MailRefused("the message id must be <left@right> in plain ASCII")
    if draft.sent_at.utcoffset() is None:
        raise MailRefused("sent_at needs a time zone; expected an aware instant")
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = _header_text(draft.subject, "subject", _LONGEST_SUBJECT)
    message["From"] = sender
    message["To"] = to
    if draft.reply_to is not None:
        message["Reply-To"] = _person("", draft.reply_to, "reply-to")
    message["Date"] = draft.sent_at.replace(microsecond=0)
    message["Message-ID"] = draft.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office robots stay silent
    message.set_content(_body(draft.text), cte="base64")
    message.add_alternative(_body(draft.html), subtype="html", cte="base64")
    for attachment in draft.attachments:
        _attach(message, attachment)
    _fix_boundaries(message, hashlib.sha256(repr(draft).encode("utf-8", "backslashreplace")).hexdigest())
    raw = message.as_bytes()
    _check_as_received(raw, to, sender)
    return raw


def plain_line(text: str) -> str:
    """Return a text on one line, as a header may hold it: what would be refused becomes a blank."""
    return " ".join("".join(" " if _is_unsafe(character) else character for character in text).split())


def _is_unsafe(character: str) -> bool:
    """Say whether a character can end a line, hide, or turn the reading direction."""
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in (
        "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
    )


def _header_text(text: str, what: str, longest: int) -> str:
    if any(map(_is_unsafe, text)):
        raise MailRefused(
            f"the {what} holds a line end, control or direction character; write it on one plain line"
        )
    if len(text) > longest:
        raise MailRefused(f"the {what} has {len(text)} characters; at most {longest} can be sent")
    return " ".join(text.split())


def _person(name: str, address: str, what: str) -> Address:
    """Build one address; the name may hold any plain text that is not itself an address."""
    plain = _header_text(name, f"{what}'s name", _LONGEST_NAME)
    if _ADDRESS_IN_NAME.search(unicodedata.normalize("NFKC", plain)):
        raise MailRefused(f"the {what}'s name holds an address or < >; expected a name only")
    return Address(display_name=plain, addr_spec=mail_address(address))


def _body(text: str) -> str:
    """Return a body that UTF-8 can hold, without NUL, which ends a text for some readers."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    name = _header_text(attachment.file_name, "attachment name", _LONGEST_NAME)
    if not name or name != attachment.file_name or name.startswith(".") or re.search(r'[/\\:*?"<>|]', name):
        raise MailRefused(
            "an attachment name may not be empty, start with a dot or hold a path; expected like 报告.pdf"
        )
    if not _MEDIA_TYPE.fullmatch(attachment.media_type):
        raise MailRefused("an attachment's media type must be like application/pdf")
    main, _slash, sub = attachment.media_type.partition("/")
    message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=name)


def _fix_boundaries(message: EmailMessage, seed: str) -> None:
    """Give each multipart a boundary of its own from the seed. "=_" cannot occur in base64."""
    multiparts = [part for part in message.walk() if part.get_content_maintype() == "multipart"]
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{number}_{seed[:40]}")


def _check_as_received(raw: bytes, to: Address, sender: Address) -> None:
    """Read the mail as a receiver would and refuse it where that differs from what was meant.

    The standard library folds long names by rules with a history of faults; reading back proves each mail.
    """
    received: Message = BytesHeaderParser(policy=policy.SMTP).parsebytes(raw)
    for name, meant in (("To", to), ("From", sender)):
        headers = received.get_all(name, [])
        people = [
            person for header in headers if isinstance(header, AddressHeader) for person in header.addresses
        ]
        if [(p.addr_spec, p.display_name) for p in people] != [(meant.addr_spec, meant.display_name)]:
            raise MailRefused(
                f"the {name} header would not be read as the one person meant; simplify the name"
            )
    if max(map(len, raw.split(b"\r\n"))) > 998:
        raise MailRefused("a header is too long for one line of mail")
