"""Which mails that came in are requests, and which belong to one that is there? Each is taken once (B6)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.errors import Terminal
from models.people import Person
from models.request_presets import load_request_presets
from models.rules.incoming_mail import IncomingMail, MailUnreadable, read_mail
from models.rules.personal_data import masked
from models.rules.request_presets import kind_of
from models.rules.service_levels import Priority, RequestKind
from models.service_desk import RequestMessage, ServiceRequest
from models.upsert import insert_if_absent
from tasks.engagements import engagement_id, find_engagement
from tasks.files import keep_file
from tasks.outside_text import read_at_most
from tasks.request_clocks import MAIL
from tasks.service_desk import MAX_TEXT, NewRequest, find_request, take_request

MOST_BYTES = 25 * 1024 * 1024
MOST_FILES = 10_000


@dataclass(frozen=True)
class MailTaken:
    """What became of a mail file."""

    file: str
    outcome: str
    """request, follow_up, auto_reply, bounce, known or refused."""
    number: str = ""
    attachments: int = 0
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self)


def take_mails(code: str, path: Path) -> list[MailTaken]:
    """Take a mail file, or every .eml of a folder in the order they were written; each Message-ID once.

    Args:
        code: the engagement.
        path: the file or folder.

    Raises:
        Terminal: there is neither, or a folder holds too many files.
    """
    results: list[MailTaken] = []
    readable: list[tuple[datetime, Path]] = []
    now = utc_now()
    with reading() as session:
        find_engagement(session, code)
    for file in _files(path):
        try:
            _content, mail = _read(file)
            readable.append((mail.sent_at or now, file))
        except (MailUnreadable, OSError) as error:
            said = error.strerror if isinstance(error, OSError) else error
            results.append(MailTaken(file.name, "refused", note=f"{file.name}: {said}."))
    for sent_at, file in sorted(readable):
        content, mail = _read(file)
        # In the order they were written; but none was received later than now.
        results.append(_take(code, file.name, content, mail, min(sent_at, now)))
    return results


def _files(path: Path) -> Sequence[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise Terminal(f"{path.name}: there is no such file or folder.")
    found = [
        f for f in sorted(path.iterdir()) if f.suffix.lower() == ".eml" and f.is_file() and not f.is_symlink()
    ]
    if len(found) > MOST_FILES:
        raise Terminal(f"{path.name}: more than {MOST_FILES:,} mails; take them in parts.")
    return found


def _read(file: Path) -> tuple[bytes, IncomingMail]:
    content = read_at_most(file, MOST_BYTES)
    if content is None:
        raise MailUnreadable(f"is larger than {MOST_BYTES // 1024**2} MB")
    return content, read_mail(content)


def _take(code: str, name: str, content: bytes, mail: IncomingMail, sent_at: datetime) -> MailTaken:
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        known = _message(session, key, (mail.message_id,))
        thread = _message(session, key, mail.answers)
        sender = _sender(session, key, mail.sender)
        number = _number(session, known or thread)
        state = (found.state if (found := find_request(session, key, number)) else "") if number else ""
    if known is not None:
        return MailTaken(name, "known", number, len(known.attachments))
    outcome = mail.automatic or ("follow_up" if number else "request")
    if outcome == "request":
        number = take_request(code, _request(mail, sent_at, sender), f"M-{_digest(mail.message_id)[:12]}")
    elif outcome != "follow_up":
        number = ""
    with writing() as session:
        request = find_request(session, key, number) if number else None
        files = (
            []
            if mail.automatic
            else [
                {
                    "name": masked(file.name),
                    "media_type": file.media_type,
                    "size": len(file.content),
                    "sha256": keep_file(session, file.content, masked(file.name), file.media_type),
                }
                for file in mail.files
            ]
        )
        row = {
            "engagement_id": key,
            "request_id": None if request is None else request.id,
            "message_id": mail.message_id,
            "outcome": outcome,
            "sent_at": sent_at,
            "sender_ref": sender,
            "subject": masked(mail.subject),
            "text": "" if mail.automatic else masked(mail.text)[:MAX_TEXT],
            "attachments": files,
            "sha256": "" if mail.automatic else keep_file(session, content, "mail.eml", "message/rfc822"),
        }
        if insert_if_absent(session, RequestMessage, [row]):
            detail = {"outcome": outcome, "files": len(files), "sha256": row["sha256"]}
            record_event(session, key, "request.mail", number or outcome, detail)
    note = (
        f"the request is {state}: reopen it if it is not settled" if state in ("resolved", "closed") else ""
    )
    return MailTaken(name, outcome, number, len(files), note)


def _request(mail: IncomingMail, sent_at: datetime, sender: str) -> NewRequest:
    preset = load_request_presets()["desk"]
    text = f"{mail.subject}\n{mail.text}".strip() or "(empty mail)"
    kind = kind_of(preset, text)
    # Only what says so becomes a repair, and with it a work order: anybody can write a mail.
    said = any(word in text.casefold() for word, _kind in preset.kinds)
    return NewRequest(
        kind=kind if said else RequestKind.ENQUIRY,
        priority=Priority.NORMAL,
        channel=MAIL,
        text=text,
        received_at=sent_at,
        requester_ref=sender,
        source=MAIL,
        source_id=_digest(mail.message_id),
    )


def _message(session: Session, key: int, ids: Sequence[str]) -> RequestMessage | None:
    """The recorded mail with the first of these Message-IDs that is known."""
    rows = session.exec(
        select(RequestMessage).where(
            RequestMessage.engagement_id == key, col(RequestMessage.message_id).in_(ids[:100])
        )
    ).all()
    found = {row.message_id: row for row in rows}
    return next((found[name] for name in ids if name in found), None)


def _number(session: Session, message: RequestMessage | None) -> str:
    if message is None or message.request_id is None:
        return ""
    request = session.get(ServiceRequest, message.request_id)
    return "" if request is None else request.number


def _sender(session: Session, key: int, address: str) -> str:
    """Reference of the person with this address; who wrote is as declared, for anybody can write any sender."""
    if not address:
        return ""
    return (
        session.exec(
            select(Person.ref)
            .where(
                Person.engagement_id == key,
                func.lower(Person.email) == address,
                col(Person.erased_on).is_(None),
            )
            .order_by(Person.ref)
        ).first()
        or ""
    )


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def messages_of(session: Session, request_id: int) -> list[RequestMessage]:
    """The mails of a request, oldest first."""
    return list(
        session.exec(
            select(RequestMessage)
            .where(RequestMessage.request_id == request_id)
            .order_by(col(RequestMessage.sent_at), col(RequestMessage.id))
        ).all()
    )
