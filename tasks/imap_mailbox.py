"""What waits in the mailbox of the desk? Read over IMAP by the standard library; nothing in it is ever deleted (B6)."""

import base64
import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any

from models.errors import MailboxRefused, MailboxUnavailable, NotReady
from models.settings import MailboxSettings, settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")
HEADS_AT_ONCE = 100
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FOR_NOW = (b"UNAVAILABLE", b"INUSE", b"SERVERBUG", b"LIMIT", b"CONTACTADMIN")
"""Codes of RFC 5530 with which a login is refused for now, not for ever."""


@dataclass(frozen=True)
class MailHead:
    """A mail in the mailbox, before it is fetched."""

    uid: int
    size: int
    message_id: str
    """Empty where its head names none."""
    arrived_at: datetime | None


class ImapMailbox:
    """The folder of a mailbox, opened for reading; to be used in a `with` block.

    Raises:
        NotReady: the mailbox has no server or no user.
        MailboxRefused: its password would be read on the way.
    """

    def __init__(self, chosen: MailboxSettings) -> None:
        self._chosen = _checked(chosen)
        self._imap: imaplib.IMAP4 | None = None
        self.uid_validity = 0
        self.next_uid = 0
        """What comes from now on has this number or a higher one."""
        self.mails = 0

    def __enter__(self) -> "ImapMailbox":
        """Connect, log in, open the folder.

        Raises:
            MailboxUnavailable: the server cannot be reached, or breaks off.
            MailboxRefused: it does not accept the login, or there is no such folder.
        """
        with self._translated():
            self._imap = self._connect()
            try:
                self._login()
                self._open()
            except BaseException:
                self._leave()
                raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Say good-bye; whatever becomes of it, nothing is lost."""
        self._leave()

    def numbers(self, criteria: str) -> list[int]:
        """Numbers of the mails the server finds by these criteria, in rising order."""
        with self._translated():
            found = self._ask("SEARCH", criteria)
        return sorted({int(number) for line in found if isinstance(line, bytes) for number in line.split()})

    def heads(self, uids: Sequence[int]) -> Iterator[MailHead]:
        """Size, Message-ID and time of arrival of these mails, a hundred at a time; of those still there."""
        for start in range(0, len(uids), HEADS_AT_ONCE):
            chunk = uids[start : start + HEADS_AT_ONCE]
            with self._translated():
                found = self._ask(
                    "FETCH",
                    ",".join(map(str, chunk)),
                    "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])",
                )
            heads = {head.uid: head for head in map(_head, _answers(found)) if head is not None}
            yield from (heads[uid] for uid in chunk if uid in heads)

    def content(self, uid: int, most: int) -> bytes | None:
        """The bytes of a mail, at most so many; it is not marked by this. None if it is gone."""
        with self._translated():
            found = self._ask("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{most}>)")
        for attributes, literal in _answers(found):
            if _number(rb"UID", attributes) == uid and b"BODY[" in attributes.upper():
                return literal
        return None

    def settle(self, uid: int) -> None:
        """Mark a mail as seen, or move it to the folder for those that are done; it is never deleted."""
        with self._translated():
            self._ask("STORE", str(uid), "+FLAGS.SILENT (\\Seen)")
            if self._chosen.done_folder:
                self._ask("MOVE", str(uid), _folder(self._chosen.done_folder))

    def _connect(self) -> imaplib.IMAP4:
        chosen = self._chosen
        host, port, patience = chosen.host, chosen.port, chosen.timeout_seconds
        if chosen.security == "tls":
            context = ssl.create_default_context()
            return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=patience)
        imap = imaplib.IMAP4(host, port, timeout=patience)
        if chosen.security == "starttls":
            try:
                imap.starttls(ssl.create_default_context())
            except BaseException:
                with contextlib.suppress(OSError):
                    imap.shutdown()
                raise
        return imap

    def _login(self) -> None:
        imap = self._connection()
        user, password = self._chosen.user, self._chosen.password.get_secret_value()
        try:
            if user.isascii() and password.isascii():
                imap.login(user, password)
            else:  # LOGIN has no letters but those of ASCII
                imap.authenticate("PLAIN", lambda _challenge: f"\0{user}\0{password}".encode())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            if any(code in str(error).encode().upper() for code in _FOR_NOW):
                raise
            raise MailboxRefused(
                f"The mailbox's server refused our login. Correct {self._chosen.said_in('user')} and "
                f"{self._chosen.said_in('password')}."
            ) from error

    def _open(self) -> None:
        imap, chosen = self._connection(), self._chosen
        try:
            status, found = imap.select(_folder(chosen.folder))
        except imaplib.IMAP4.readonly:
            status, found = "NO", []
        if status != "OK":
            raise MailboxRefused(
                f"The mailbox has no folder {chosen.folder!r} that may be written to. Correct "
                f"{chosen.said_in('folder')}."
            )
        self.mails = int(found[0] or 0)
        self.uid_validity = _first(imap.response("UIDVALIDITY")[1])
        self.next_uid = _first(imap.response("UIDNEXT")[1])
        if not self.next_uid:  # older servers do not say
            self.next_uid = (
                max((int(n) for n in b" ".join(self._ask("SEARCH", "ALL")).split()), default=0) + 1
            )
        # Asked again: many servers tell what they can only to those who have logged in.
        if chosen.done_folder and b"MOVE" not in b" ".join(imap.capability()[1]).upper().split():
            raise MailboxRefused(
                "The mailbox's server cannot move mails (RFC 6851), and deleting them is not done. Take "
                f"{chosen.said_in('done_folder')} away: they are then marked as seen."
            )

    def _ask(self, command: str, *arguments: str) -> list[Any]:
        status, found = self._connection().uid(command, *arguments)
        if status != "OK":
            raise imaplib.IMAP4.error(f"{command}: {status}")
        return [part for part in found if part is not None]

    def _connection(self) -> imaplib.IMAP4:
        if self._imap is None:
            raise ValueError("the mailbox is not open")
        return self._imap

    def _leave(self) -> None:
        if self._imap is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                self._imap.logout()
            self._imap = None

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Whatever the wire does is a sentence; what the server says itself may name people and is not repeated."""
        try:
            yield
        except (imaplib.IMAP4.error, OSError, EOFError, ValueError) as error:
            chosen = self._chosen
            raise MailboxUnavailable(
                f"The mailbox's server {chosen.host}:{chosen.port} ({chosen.security}) could not be used "
                f"({type(error).__name__}); what was recorded stays recorded, the rest waits. Check "
                f"{chosen.said_in('host')} and {chosen.said_in('port')}, then `steward doctor`."
            ) from error


def mailboxes_of(code: str) -> list[MailboxSettings]:
    """The mailboxes of an engagement; where only one is configured at all, and by STEWARD_IMAP_*, it serves any.

    Raises:
        NotReady: none is configured, or only those of others are.
    """
    every = settings().all_mailboxes
    own = [box for box in every if box.engagement == code] or [box for box in every if not box.engagement]
    if not own and not settings().mailboxes:
        own = list(every)
    if not own and every:
        raise NotReady(
            f"No mailbox names {code!r} as its engagement; STEWARD_IMAP_ENGAGEMENT and STEWARD_MAILBOXES name "
            f"{', '.join(sorted({box.engagement for box in every}))}."
        )
    if not own:
        raise NotReady(
            "No mailbox is configured: set STEWARD_IMAP_HOST, STEWARD_IMAP_USER and STEWARD_IMAP_PASSWORD, or "
            "STEWARD_MAILBOXES. Mails saved as files are taken by `steward request mail`."
        )
    return own


def reply_address_of(code: str) -> str:
    """Address of the mailbox that is fetched for an engagement; empty where there is none."""
    try:
        return next((box.reply_address for box in mailboxes_of(code) if box.reply_address), "")
    except NotReady:
        return ""


def arrived_since(day: date) -> str:
    """The criterion of the mails that arrived on this day or later."""
    return f"SINCE {day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"


def _checked(chosen: MailboxSettings) -> MailboxSettings:
    if not chosen.host or not chosen.user:
        raise NotReady(
            f"A mailbox needs a server and a user: set {chosen.said_in('host')} and {chosen.said_in('user')}."
        )
    if chosen.security == "none" and chosen.host not in LOOPBACK:
        raise MailboxRefused(
            f"{chosen.said_in('security')}: none is for a server on this machine only, and {chosen.host} is another one: the "
            "password would be read on the way. Set it to tls or starttls."
        )
    return chosen


def _folder(name: str) -> str:
    """A folder's name as it goes over the wire: modified UTF-7 (RFC 3501, 5.1.3), in quotes."""
    parts = re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", name)
    encoded = "".join(part.replace("&", "&-") if part.isascii() else _shifted(part) for part in parts)
    escaped = encoded.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _shifted(text: str) -> str:
    packed = base64.b64encode(text.encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
    return f"&{packed.decode()}-"


def _answers(found: Sequence[Any]) -> list[tuple[bytes, bytes]]:
    """Attributes and literal of each mail: the library hands out what precedes a literal, it, and what follows."""
    answers: list[tuple[bytes, bytes]] = []
    for part in found:
        if isinstance(part, tuple):
            answers.append((part[0], part[1]))
        elif answers and not re.match(rb"\d+ \(", part):
            before, literal = answers[-1]
            answers[-1] = (before + b" " + part, literal)
        else:
            answers.append((part, b""))
    return answers


def _head(answer: tuple[bytes, bytes]) -> MailHead | None:
    attributes, literal = answer
    uid = _number(rb"UID", attributes)
    if not uid:
        return None  # a change of flags the server tells of unasked
    named = re.search(rb"<[!-;=?-~]{3,250}>", literal)
    arrived = re.search(rb'INTERNALDATE "([^"]+)"', attributes, re.IGNORECASE)
    return MailHead(
        uid,
        _number(rb"RFC822\.SIZE", attributes),
        named[0].decode("ascii") if named else "",
        _instant(arrived[1].decode("ascii", "replace")) if arrived else None,
    )


def _number(name: bytes, attributes: bytes) -> int:
    found = re.search(rb"\b" + name + rb" (\d+)", attributes, re.IGNORECASE)
    return int(found[1]) if found else 0


def _instant(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text.strip().replace("-", " ", 2)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _first(found: Sequence[Any]) -> int:
    return int(found[0]) if found and found[0] else 0
