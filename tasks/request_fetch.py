"""Which mails of a mailbox are still to be taken? Each once, whatever breaks off in between (B6)."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement
from sqlalchemy.exc import DataError
from sqlmodel import col, select, update

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.errors import MailboxRefused, MailboxUnavailable, StewardError
from models.register import ImportRowDoubt
from models.rules.incoming_mail import MailUnreadable, read_mail
from models.service_desk import MailboxBookmark, RequestMessage
from models.settings import MailboxSettings, settings
from models.upsert import insert_if_absent
from tasks.engagements import engagement_id, find_engagement
from tasks.imap_mailbox import ImapMailbox, MailHead, arrived_since, mailboxes_of
from tasks.mailbox_door import closed, note_entry, note_refusal
from tasks.request_mail import MOST_BYTES, MailTaken, take_mail
from tasks.steps import step

SOURCE = "mailbox"
"""Under which mails that could not be taken stand in `steward engagement quarantine`."""
OVERLAP = timedelta(days=2)
"""After a renumbering so much more than the time since the last look is looked at; what is known stays as it is."""
_MOST_ROW = 2**31 - 1
_POISON = (MailUnreadable, ValueError, LookupError, TypeError, AttributeError, RecursionError, DataError)
"""What a mail can bring about by what stands in it; whatever else goes wrong is not its fault, and is told."""


@dataclass(frozen=True)
class _Place:
    """Where mails are fetched from, and for whom."""

    code: str
    key: int
    mailbox: str
    folder: str
    uid_validity: int

    def name(self, uid: int) -> str:
        return f"{self.folder}/{uid}"


def fetch_mails(code: str, limit: int = 500) -> list[MailTaken]:
    """Take what came into the mailbox since the last time, in the order of arrival; each Message-ID once.

    A mail is marked as seen, or moved, only after it is recorded. One that cannot be taken stays as it is, stands in the
    quarantine, and holds up no other. The first time only what nobody has seen is taken.

    Args:
        code: the engagement whose mailbox it is.
        limit: at most so many; the rest waits for the next time.

    Raises:
        NotReady: no mailbox is configured.
        MailboxRefused: the server accepts neither login nor folder; other mailboxes of the engagement were read.
        MailboxUnavailable: it cannot be reached, or broke off; what was taken stays taken.
    """
    taken: list[MailTaken] = []
    errors: list[StewardError] = []
    for chosen in mailboxes_of(code):
        try:
            taken += _fetch(code, chosen, limit)
        except (MailboxRefused, MailboxUnavailable) as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return taken


@step("Fetch the mails of the service desk")
def fetch_configured(engagement: str | None = None, limit: int = 500) -> dict[str, int]:
    """The same for every engagement that has a mailbox; nothing where none is configured.

    A mailbox that refused us is left alone for a while, and after some refusals until its settings change.

    Args:
        engagement: only this one's; all by default.
        limit: at most so many mails of each mailbox.

    Returns:
        How many mails became what, and how many mailboxes were left alone.

    Raises:
        MailboxRefused: as `fetch_mails`, after all mailboxes were tried.
        MailboxUnavailable: the same.
    """
    counts: dict[str, int] = {}
    errors: list[StewardError] = []
    for code, chosen in _to_fetch(engagement):
        if closed(chosen) is not None:
            counts["mailbox left alone"] = counts.get("mailbox left alone", 0) + 1
            continue
        try:
            for mail in _fetch(code, chosen, limit):
                counts[mail.outcome] = counts.get(mail.outcome, 0) + 1
        except (MailboxRefused, MailboxUnavailable) as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return counts


def _to_fetch(engagement: str | None) -> list[tuple[str, MailboxSettings]]:
    if engagement and settings().all_mailboxes:
        return [(engagement, chosen) for chosen in mailboxes_of(engagement)]
    return [(chosen.engagement, chosen) for chosen in settings().all_mailboxes if chosen.engagement]


def _fetch(code: str, chosen: MailboxSettings, limit: int) -> list[MailTaken]:
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
    taken: list[MailTaken] = []
    try:
        with ImapMailbox(chosen) as box:
            note_entry(chosen)
            place = _Place(code, key, chosen.key, chosen.folder, box.uid_validity)
            bookmark = _bookmark(place, box.next_uid)
            for head in box.heads(_waiting(box, bookmark)[:limit]):
                taken.append(_take(box, place, head))
                _advance(place, head.uid)
    except MailboxRefused as refused:
        note_refusal(code, chosen, str(refused))
        raise
    return taken


def _waiting(box: ImapMailbox, bookmark: MailboxBookmark) -> list[int]:
    after, first = bookmark.last_uid + 1, bookmark.first_uid
    found: set[int] = set()
    if after < first:  # the first look is not through yet
        wanted = "UNSEEN" if bookmark.since is None else f"OR UNSEEN {arrived_since(bookmark.since)}"
        found.update(box.numbers(f"UID {after}:{first - 1} {wanted}"))
    # "n:*" names the last mail even if its number is lower than n.
    found.update(uid for uid in box.numbers(f"UID {max(after, first)}:*") if uid >= max(after, first))
    return sorted(found)


def _take(box: ImapMailbox, place: _Place, head: MailHead) -> MailTaken:
    name = place.name(head.uid)
    if head.message_id and (known := _known(place.key, head.message_id)):
        box.settle(head.uid)
        return MailTaken(name, "known", note=known)
    try:
        if head.size > MOST_BYTES:
            raise MailUnreadable(f"is larger than {MOST_BYTES // 1024**2} MB")
        content = box.content(head.uid, MOST_BYTES + 1)
        if content is None:
            return MailTaken(name, "gone", note="somebody took it out of the mailbox meanwhile")
        if len(content) > MOST_BYTES:
            raise MailUnreadable(f"is larger than {MOST_BYTES // 1024**2} MB")
        mail = read_mail(content)
        now = utc_now()
        taken = take_mail(place.code, name, content, mail, min(head.arrived_at or mail.sent_at or now, now))
    except _POISON as error:
        # Text from outside that no part of ours could take; it must not stand in the way of the next one.
        reason = (
            str(error) if isinstance(error, MailUnreadable) else f"cannot be taken ({type(error).__name__})"
        )
        _quarantine(place, head.uid, reason)
        return MailTaken(name, "refused", note=f"{name}: {reason}.")
    box.settle(head.uid)
    return taken


def _known(key: int, message_id: str) -> str:
    with reading() as session:
        row = session.exec(
            select(RequestMessage).where(
                RequestMessage.engagement_id == key, RequestMessage.message_id == message_id
            )
        ).one_or_none()
    return "" if row is None else row.outcome


def _quarantine(place: _Place, uid: int, reason: str) -> None:
    numbering = sha256(f"{place.mailbox}:{place.uid_validity}".encode()).hexdigest()
    with writing() as session:
        row = {
            "engagement_id": place.key,
            "source": SOURCE,
            "sha256": numbering,
            "file_name": place.folder,
            "sheet": "",
            "row": min(uid, _MOST_ROW),
            "column": "mail",
            "value": "",
            "expected": reason,
        }
        if insert_if_absent(session, ImportRowDoubt, [row]):
            record_event(session, place.key, "request.mail_refused", f"{place.mailbox[:12]}:{uid}")


def _bookmark(place: _Place, next_uid: int) -> MailboxBookmark:
    """Where to go on; begun at the first look, and begun anew where the server has numbered its mails anew."""
    with writing() as session:
        start = {
            "engagement_id": place.key,
            "mailbox": place.mailbox,
            "uid_validity": place.uid_validity,
            "first_uid": next_uid,
            "last_uid": 0,
            "since": None,
            "read_at": utc_now(),
        }
        insert_if_absent(session, MailboxBookmark, [start])
        found = session.exec(select(MailboxBookmark).where(*_is(place)).with_for_update()).one()
        if found.uid_validity != place.uid_validity:
            found.since = (found.read_at - OVERLAP).date()
            found.uid_validity, found.first_uid, found.last_uid = place.uid_validity, next_uid, 0
        found.read_at = utc_now()
        session.add(found)
        return found


def _advance(place: _Place, uid: int) -> None:
    """Everything up to this mail is dealt with; another process that has come further is not set back."""
    with writing() as session:
        session.exec(
            update(MailboxBookmark)
            .where(
                *_is(place),
                col(MailboxBookmark.uid_validity) == place.uid_validity,
                col(MailboxBookmark.last_uid) < uid,
            )
            .values(last_uid=uid)
        )


def _is(place: _Place) -> tuple[ColumnElement[bool], ...]:
    return col(MailboxBookmark.engagement_id) == place.key, col(MailboxBookmark.mailbox) == place.mailbox
