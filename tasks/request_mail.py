"""Which mails that came in are requests, and which belong to one that is there? Each is taken once (B6)."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, func, select

from models.answer_tokens import TOKEN, without_tokens
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
from tasks.answers import Answer, Verdict, answer_by_token
from tasks.engagements import engagement_id, find_engagement
from tasks.files import keep_file
from tasks.outside_text import read_at_most
from tasks.request_clocks import MAIL
from tasks.service_desk import MAX_TEXT, NewRequest, find_request, take_request

MOST_BYTES = 25 * 1024 * 1024
MOST_FILES = 10_000
_LONGEST_LINE = 1024**2
_UNHIDE = re.compile(rb"(?m)^>(>*From )")
"""What hides a line of a mail in an mbox that begins as the next mail would."""


@dataclass(frozen=True)
class MailTaken:
    """What became of a mail file."""

    file: str
    outcome: str
    """request, follow_up, answer (to a call-out), auto_reply, bounce, known, gone or refused."""
    number: str = ""
    attachments: int = 0
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self)


@dataclass(frozen=True)
class _Piece:
    """One mail of a file: all of it, or a part of an mbox."""

    file: Path
    name: str
    start: int = 0
    size: int | None = None


def take_mails(code: str, path: Path) -> list[MailTaken]:
    """Take the mails of a file in the order they were written; each Message-ID once.

    Args:
        code: the engagement.
        path: a mail file (.eml), a file of many (mbox), or a folder of .eml files.

    Raises:
        Terminal: there is no such thing, or it holds too many mails.
    """
    results: list[MailTaken] = []
    readable: list[tuple[datetime, int, _Piece]] = []
    now = utc_now()
    with reading() as session:
        find_engagement(session, code)
    for number, piece in enumerate(_pieces(path)):
        try:
            _content, mail = _read(piece)
            readable.append((mail.sent_at or now, number, piece))
        except (MailUnreadable, OSError) as error:
            said = error.strerror if isinstance(error, OSError) else error
            results.append(MailTaken(piece.name, "refused", note=f"{piece.name}: {said}."))
    for sent_at, _number, piece in sorted(readable, key=lambda one: one[:2]):
        content, mail = _read(piece)
        # In the order they were written; but none was received later than now.
        results.append(take_mail(code, piece.name, content, mail, min(sent_at, now)))
    return results


def _pieces(path: Path) -> Sequence[_Piece]:
    if path.is_file():
        return _of_file(path)
    if not path.is_dir():
        raise Terminal(f"{path.name}: there is no such file or folder.")
    found = [
        f for f in sorted(path.iterdir()) if f.suffix.lower() == ".eml" and f.is_file() and not f.is_symlink()
    ]
    if len(found) > MOST_FILES:
        raise Terminal(f"{path.name}: more than {MOST_FILES:,} mails; take them in parts.")
    return [_Piece(file, file.name) for file in found]


def _of_file(file: Path) -> list[_Piece]:
    """The mails of a file; one that begins as an mbox does (RFC 4155) is parted where another one begins."""
    found: list[tuple[int, int]] = []
    with file.open("rb") as stream:
        at, fresh = 0, True
        while line := stream.readline(_LONGEST_LINE):
            if fresh and line.startswith(b"From "):
                found.append((at, at + len(line)))
                if len(found) > MOST_FILES:
                    raise Terminal(f"{file.name}: more than {MOST_FILES:,} mails; take them in parts.")
            elif at == 0:
                return [_Piece(file, file.name)]
            fresh = not line.strip(b"\r\n") and line.endswith(b"\n")
            at += len(line)
    ends = [*(line for line, _start in found[1:]), at]
    return [
        _Piece(file, f"{file.name}:{number}", start, end - start)
        for number, ((_line, start), end) in enumerate(zip(found, ends, strict=True), start=1)
    ] or [_Piece(file, file.name)]


def _read(piece: _Piece) -> tuple[bytes, IncomingMail]:
    if piece.size is None:
        content = read_at_most(piece.file, MOST_BYTES)
    else:
        with piece.file.open("rb") as stream:
            stream.seek(piece.start)
            content = stream.read(piece.size) if piece.size <= MOST_BYTES else None
    if content is None:
        raise MailUnreadable(f"is larger than {MOST_BYTES // 1024**2} MB")
    if piece.size is not None:
        content = _UNHIDE.sub(rb"\1", content)
    return content, read_mail(content)


def take_mail(code: str, name: str, content: bytes, mail: IncomingMail, sent_at: datetime) -> MailTaken:
    """Take one mail that was read; its Message-ID once.

    Args:
        code: the engagement.
        name: where it lies, for what is said of it.
        content: its bytes, kept under their hash.
        mail: what it says.
        sent_at: since when its clocks run.
    """
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        known = _message(session, key, (mail.message_id,))
        thread = _message(session, key, mail.answers)
        sender = _sender(session, key, mail.sender)
        number = _number(session, known or thread)
        state = (found.state if (found := find_request(session, key, number)) else "") if number else ""
    if known is not None:
        return MailTaken(name, "known", number, len(known.attachments))
    answer = _answer(key, mail, sent_at)
    outcome = mail.automatic or ("answer" if answer else "follow_up" if number else "request")
    if outcome == "request":
        number = take_request(code, _request(mail, sent_at, sender), f"M-{_digest(mail.message_id)[:12]}")
    elif outcome != "follow_up":
        number = ""
    keeps_nothing = bool(mail.automatic) or answer is not None
    with writing() as session:
        request = find_request(session, key, number) if number else None
        files = (
            []
            if keeps_nothing
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
            "subject": without_tokens(masked(mail.subject)),
            "text": "" if keeps_nothing else without_tokens(masked(mail.text))[:MAX_TEXT],
            "attachments": files,
            "sha256": "" if keeps_nothing else keep_file(session, content, "mail.eml", "message/rfc822"),
        }
        if insert_if_absent(session, RequestMessage, [row]):
            detail = {"outcome": outcome, "files": len(files), "sha256": row["sha256"]}
            record_event(session, key, "request.mail", number or outcome, detail)
    note = (
        f"the request is {state}: reopen it if it is not settled" if state in ("resolved", "closed") else ""
    )
    if answer:
        note = f"{answer.person_ref} of {answer.ref}: {answer.verdict}"
    return MailTaken(name, outcome, number, len(files), note)


def _answer(key: int, mail: IncomingMail, at: datetime) -> Answer | None:
    """The answer to a call-out that a mail is; None if it is none. A robot's is no answer."""
    token = TOKEN.search(mail.subject)
    if token is None or mail.automatic:
        return None
    first = next((line for line in mail.text.splitlines() if line.strip()), "")
    found = answer_by_token(token[0], at, "answer", without_tokens(first), only=key)
    return None if found.verdict is Verdict.UNKNOWN else found


def _request(mail: IncomingMail, sent_at: datetime, sender: str) -> NewRequest:
    preset = load_request_presets()["desk"]
    text = without_tokens(f"{mail.subject}\n{mail.text}").strip() or "(empty mail)"
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
