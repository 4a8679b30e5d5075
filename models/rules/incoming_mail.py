"""What does a mail that came in say, and did a person write it? Read by the standard library, never trusted (B6)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from email.utils import getaddresses
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import PurePosixPath, PureWindowsPath

from models.rules.file_values import plain_text

MOST_PARTS = 200
MOST_TEXT = 20_000
_IDS = re.compile(r"<[!-;=?-~]{3,250}>")
_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "table", "ul", "ol"})
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript"})
_DAEMONS = ("mailer-daemon", "postmaster")
_AUTOMATIC_SUBJECTS = ("automatic reply", "auto reply", "autoreply", "out of office", "自动回复", "自动答复")


class MailUnreadable(ValueError):
    """The bytes are no mail that can be read; the text says why."""


@dataclass(frozen=True)
class MailFile:
    """A file that came with a mail."""

    name: str
    """Without folders."""
    media_type: str
    content: bytes


@dataclass(frozen=True)
class IncomingMail:
    """A mail as it is taken."""

    message_id: str
    """Its own, or one made of its bytes where it has none."""
    answers: tuple[str, ...]
    """Message-IDs it answers or refers to, the nearest first."""
    sent_at: datetime | None
    sender: str
    """The address, in small letters."""
    subject: str
    text: str
    """Plain; tags taken out of HTML, quoted lines left out."""
    files: tuple[MailFile, ...]
    automatic: str
    """auto_reply or bounce, where no person wrote it; else empty."""


def read_mail(content: bytes) -> IncomingMail:
    """Read a mail file.

    Raises:
        MailUnreadable: no sender, or more parts than any mail has.
    """
    try:
        message = message_from_bytes(content, policy=policy.default)
        parts = list(message.walk())
    except (MessageError, ValueError, IndexError, RecursionError) as error:
        raise MailUnreadable("cannot be read as a mail") from error
    if len(parts) > MOST_PARTS:
        raise MailUnreadable(f"has more than {MOST_PARTS} parts")
    senders = getaddresses([_header(message, "From")])
    sender = next((address.casefold() for _name, address in senders if "@" in address), "")
    automatic = _automatic(message, sender)
    if not sender and not automatic:
        raise MailUnreadable("names no sender; expected a mail file with its headers")
    own = _IDS.findall(_header(message, "Message-ID"))
    refers = _IDS.findall(_header(message, "References"))[::-1]
    return IncomingMail(
        message_id=own[0] if own else f"<{sha256(content).hexdigest()}@none>",
        answers=tuple(dict.fromkeys((*_IDS.findall(_header(message, "In-Reply-To")), *refers))),
        sent_at=_sent_at(message),
        sender=sender,
        subject=plain_text(_header(message, "Subject"))[:200],
        text=_text(message),
        files=tuple(_files(message)),
        automatic=automatic,
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (MessageError, ValueError, IndexError, AttributeError, TypeError):
        return ""  # a header that breaks the parser tells nothing


def _automatic(message: EmailMessage, sender: str) -> str:
    """Source: RFC 3834 (Auto-Submitted), RFC 3464 (delivery reports), and what older responders write."""
    if message.get_content_type() == "multipart/report" or sender.partition("@")[0] in _DAEMONS:
        return "bounce"
    if _header(message, "Return-Path").replace(" ", "") == "<>":
        return "bounce"
    submitted = _header(message, "Auto-Submitted").strip().casefold()
    if submitted and submitted != "no":
        return "auto_reply"
    if _header(message, "Precedence").strip().casefold() in ("auto_reply", "bulk", "junk", "list"):
        return "auto_reply"
    if any(_header(message, name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder")):
        return "auto_reply"
    subject = _header(message, "Subject").strip().casefold()
    return "auto_reply" if subject.startswith(_AUTOMATIC_SUBJECTS) else ""


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        found = getattr(message.get("Date"), "datetime", None)
        if not isinstance(found, datetime):
            return None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (MessageError, ValueError, IndexError, TypeError, OverflowError):
        return None


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    written = _content(body)
    if body.get_content_type() == "text/html":
        written = html_text(written)
    lines = [plain_text(line) for line in written[:MOST_TEXT].splitlines()]
    kept = [line for line in lines if not line.startswith(">")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _content(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, MessageError, ValueError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _files(message: EmailMessage) -> list[MailFile]:
    found: list[MailFile] = []
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        nested = part.get_content_type() == "message/rfc822"
        if part.is_multipart() and not nested:
            waiting += [inner for inner in part.iter_parts() if isinstance(inner, EmailMessage)]
            continue
        name = part.get_filename() or ""
        if not (nested or name or part.is_attachment()):
            continue
        payload = part.as_bytes() if nested else part.get_payload(decode=True)
        if isinstance(payload, bytes):
            found.append(MailFile(_file_name(name, len(found)), part.get_content_type(), payload))
    return found


def _file_name(name: str, number: int) -> str:
    last = PureWindowsPath(PurePosixPath(plain_text(name)).name).name
    return last[:120] if last.strip(". ") else f"attachment-{number + 1}"


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in _SILENT
        if tag in _BLOCKS:
            self.kept.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(0, self.silent - (tag in _SILENT))
        if tag in _BLOCKS:
            self.kept.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.kept.append(data)


def html_text(html: str) -> str:
    """The words of an HTML text: no tags, no scripts, no styles, a line for each block."""
    stripper = _Stripper()
    stripper.feed(html[: 10 * MOST_TEXT])
    stripper.close()
    return "".join(stripper.kept)
