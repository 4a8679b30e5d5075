"""What would a mailbox's server answer? A small IMAP4rev1 server on a real socket, with one folder for the desk."""

import asyncio
import re
import ssl
import threading
from dataclasses import dataclass, field
from datetime import date, datetime

USER, PASSWORD = "desk", 's3cret\\"word'


@dataclass
class StoredMail:
    """A mail in the folder."""

    uid: int
    content: bytes
    arrived: str
    flags: set[str] = field(default_factory=set)
    claimed_size: int | None = None
    """What the server says of its size, where a test wants another than its own."""


@dataclass
class ImapServer:
    """Serves `mails` of one folder; cuts the line after so many whole mails fetched, when told to."""

    folder: str = "INBOX"
    can_move: bool = True
    tls: ssl.SSLContext | None = None
    starttls: ssl.SSLContext | None = None
    uid_validity: int = 7
    next_uid: int = 1
    gone_after: int | None = None
    says_unavailable: bool = False
    password: str = PASSWORD
    mails: list[StoredMail] = field(default_factory=list)
    done: list[StoredMail] = field(default_factory=list)
    port: int = 0
    asked: list[str] = field(default_factory=list)
    """Every command, without its tag and without passwords."""

    def put(
        self, content: bytes, arrived: str = "05-Nov-2026 09:00:00 +0800", *, seen: bool = False
    ) -> StoredMail:
        """A mail comes in."""
        mail = StoredMail(self.next_uid, content, arrived, {"\\Seen"} if seen else set())
        self.mails.append(mail)
        self.next_uid += 1
        return mail

    def number_anew(self) -> None:
        """As after a restored backup: other numbers for the same mails."""
        self.uid_validity += 1
        for uid, mail in enumerate(self.mails, start=1):
            mail.uid = uid
        self.next_uid = len(self.mails) + 1

    def start(self) -> None:
        """Listen on a free port of the loopback address."""
        ready = threading.Event()
        self._loop = asyncio.new_event_loop()

        async def listen() -> None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
            self.port = self._server.sockets[0].getsockname()[1]
            ready.set()

        def run() -> None:
            self._loop.run_until_complete(listen())
            self._loop.run_forever()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert ready.wait(15)

    def stop(self) -> None:
        """Listen no more."""
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(15)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = _Session(self, reader, writer)
        try:
            await session.run()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


def _day(text: str) -> date:
    return datetime.strptime(f"{text} +0000", "%d-%b-%Y %z").date()


class _Session:
    def __init__(
        self, server: ImapServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.logged_in = self.selected = False
        self.fetched = 0

    async def run(self) -> None:
        self._say("* OK ready")
        while line := (await self.reader.readline()).decode():
            tag, _space, rest = line.strip("\r\n").partition(" ")
            verb, _space, arguments = rest.partition(" ")
            uid = verb.upper() == "UID"
            if uid:
                verb, _space, arguments = arguments.partition(" ")
            verb = verb.upper()
            self.server.asked.append(
                verb if verb in ("LOGIN", "AUTHENTICATE") else f"{verb} {arguments}".strip()
            )
            answer = await getattr(self, f"_{verb.lower()}", self._unknown)(tag, arguments)
            if answer:
                self._say(f"{tag} {answer}")
            await self.writer.drain()
            if verb == "LOGOUT":
                return

    def _say(self, text: str, literal: bytes | None = None, after: str = "") -> None:
        self.writer.write(text.encode())
        if literal is not None:
            self.writer.write(f" {{{len(literal)}}}\r\n".encode() + literal + after.encode())
        self.writer.write(b"\r\n")

    async def _unknown(self, _tag: str, _arguments: str) -> str:
        return "BAD what?"

    async def _capability(self, _tag: str, _arguments: str) -> str:
        more = (" MOVE UNSELECT" if self.server.can_move else " UNSELECT") if self.logged_in else ""
        tls = " STARTTLS" if self.server.starttls else ""
        self._say(f"* CAPABILITY IMAP4rev1 AUTH=PLAIN{tls}{more}")
        return "OK done"

    async def _starttls(self, tag: str, _arguments: str) -> str:
        if self.server.starttls is None:
            return "BAD no"
        self._say(f"{tag} OK begin")
        await self.writer.drain()
        await self.writer.start_tls(self.server.starttls)
        return ""

    async def _login(self, _tag: str, arguments: str) -> str:
        words = [
            re.sub(r"\\(.)", r"\1", word)
            for word in re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', arguments)
            for word in word
            if word
        ]
        return self._admit(words == [USER, self.server.password])

    async def _authenticate(self, _tag: str, _arguments: str) -> str:
        import base64

        self._say("+ ")
        await self.writer.drain()
        given = base64.b64decode((await self.reader.readline()).strip()).decode().split("\0")
        return self._admit(given[1:] == ["desk", "密码"])

    def _admit(self, known: bool) -> str:
        if self.server.says_unavailable:
            return "NO [UNAVAILABLE] come back later"
        self.logged_in = known
        return "OK in" if known else "NO [AUTHENTICATIONFAILED] desk is not let in"

    async def _select(self, _tag: str, arguments: str) -> str:
        if not self.logged_in or arguments.strip('"') != self.server.folder:
            return "NO no such folder"
        self.selected = True
        self._say(f"* {len(self.server.mails)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self.server.uid_validity}] ok")
        self._say(f"* OK [UIDNEXT {self.server.next_uid}] ok")
        return "OK [READ-WRITE] selected"

    async def _search(self, _tag: str, arguments: str) -> str:
        found = [mail for mail in self.server.mails if self._matches(mail, arguments)]
        self._say("* SEARCH " + " ".join(str(mail.uid) for mail in found))
        return "OK searched"

    def _matches(self, mail: StoredMail, criteria: str) -> bool:
        words = re.fullmatch(r"UID (\d+):(\d+|\*)(?: (OR UNSEEN SINCE (\S+)|UNSEEN))?", criteria)
        assert words, criteria
        last = max((each.uid for each in self.server.mails), default=0)
        first, end = int(words[1]), last if words[2] == "*" else int(words[2])
        if not min(first, end) <= mail.uid <= max(first, end):
            return False
        if not words[3]:
            return True
        day = _day(words[4]) if words[4] else None
        arrived = _day(mail.arrived[:11])
        return "\\Seen" not in mail.flags or (day is not None and arrived >= day)

    async def _fetch(self, _tag: str, arguments: str) -> str:
        numbers, _space, items = arguments.partition(" ")
        for position, mail in enumerate(self.server.mails, start=1):
            if str(mail.uid) not in numbers.split(","):
                continue
            if "HEADER.FIELDS" in items:
                named = re.search(rb"(?im)^Message-ID:.*\r?\n", mail.content.replace(b"\n", b"\r\n"))
                size = mail.claimed_size or len(mail.content)
                self._say(
                    f'* {position} FETCH (UID {mail.uid} RFC822.SIZE {size} INTERNALDATE "{mail.arrived}" '
                    "BODY[HEADER.FIELDS (MESSAGE-ID)]",
                    (named[0] if named else b"") + b"\r\n",
                    ")",
                )
                continue
            if self.server.gone_after == self.fetched:
                self.writer.transport.abort()
                raise ConnectionError
            self.fetched += 1
            most = int(re.search(r"<0\.(\d+)>", items)[1])  # type: ignore[index]
            self._say(f"* {position} FETCH (FLAGS (\\Recent))")  # what servers tell unasked
            self._say(f"* {position} FETCH (BODY[]<0>", mail.content[:most], f" UID {mail.uid})")
        return "OK fetched"

    async def _store(self, _tag: str, arguments: str) -> str:
        number, _space, _flags = arguments.partition(" ")
        for mail in self.server.mails:
            if str(mail.uid) == number:
                mail.flags.add("\\Seen")
        return "OK stored"

    async def _move(self, _tag: str, arguments: str) -> str:
        number, _space, folder = arguments.partition(" ")
        assert folder == '"Erledigt &- &ZeVnLIqe-"', folder
        self.server.done += [mail for mail in self.server.mails if str(mail.uid) == number]
        self.server.mails = [mail for mail in self.server.mails if str(mail.uid) != number]
        return "OK moved"

    async def _logout(self, _tag: str, _arguments: str) -> str:
        self._say("* BYE")
        return "OK bye"
