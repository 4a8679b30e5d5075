"""Who was told, by which way, and was it read? Bulletins issued by hand, notice boards, delivery and reading (B7)."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.outbox import OutboxMail
from models.owners import Bulletin, BulletinDelivery
from models.register import Place
from models.rules.file_values import plain_text, prose
from models.rules.personal_data import personal_kinds
from models.upsert import insert_if_absent
from reports.words import voice_of
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.notice_boards import BOARD, boards_on
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.outside_text import read_yaml_file
from tasks.places import require_place
from tasks.references import require_acting

MAIL = "mail"
ROLES = ("owner", "tenant", "client", "custodian")
KEYS = ("ref", "title", "text", "roles", "boards")
MAX_BYTES = 256 * 1024
MAX_TEXT = 8000


class BulletinFileRefused(Terminal):
    """The file cannot be read as a bulletin; the message says what was expected."""


@dataclass(frozen=True)
class BulletinForm:
    """A bulletin as it was written."""

    ref: str
    title: str
    text: str
    roles: tuple[str, ...]
    boards: tuple[str, ...]


@dataclass(frozen=True)
class BulletinIssued:
    """What became of it."""

    ref: str
    new: bool
    mails: int
    boards: int


def read_bulletin(path: Path) -> BulletinForm:
    """Read a bulletin: YAML with ref, title, text, and where wanted roles and boards.

    Raises:
        BulletinFileRefused: no such file, or something in it is not as expected; the key is named.
    """
    content, _data = read_yaml_file(path, MAX_BYTES, "bulletin", BulletinFileRefused)
    if not isinstance(content, dict) or set(content) - set(KEYS):
        raise BulletinFileRefused(f"{path.name}: expected the entries {', '.join(KEYS)}, and no others.")
    ref, title = _line(content, "ref", path, 40), _line(content, "title", path, 120)
    if not ref.replace("-", "").isalnum() or ref[:4].isdigit():
        raise BulletinFileRefused(
            f"{path.name}, ref: {ref!r} must be letters, digits and hyphens, and begin with a letter; months are for "
            "the monthly bulletin."
        )
    text = content.get("text")
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT:
        raise BulletinFileRefused(f"{path.name}, text: expected a text of at most {MAX_TEXT} characters.")
    found = personal_kinds(f"{title}\n{text}")
    if found:
        raise BulletinFileRefused(
            f"{path.name}: holds personal data ({', '.join(found)}); a bulletin goes to everybody. Take them out."
        )
    roles = _list(content, "roles", path) or ("owner", "tenant")
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        raise BulletinFileRefused(
            f"{path.name}, roles: {unknown[0]!r} is not known; expected {', '.join(ROLES)}."
        )
    return BulletinForm(ref, title, text.strip(), roles, _list(content, "boards", path))


def _line(content: dict[Any, Any], key: str, path: Path, most: int) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not plain_text(value) or len(value) > most:
        raise BulletinFileRefused(f"{path.name}, {key}: expected a text of at most {most} characters.")
    return prose(value)


def _list(content: dict[Any, Any], key: str, path: Path) -> tuple[str, ...]:
    value = content.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise BulletinFileRefused(f"{path.name}, {key}: expected a list of single values.")
    return tuple(dict.fromkeys(plain_text(one) for one in value))


def issue_by_hand(code: str, path: Path) -> BulletinIssued:
    """Issue the bulletin of a file: mail to its readers, and a sheet for each notice board. Again issues nothing new.

    Raises:
        BulletinFileRefused: the file is not as expected, or a board's place is not in the register.
        Terminal: the reference was used for another text.
    """
    form = read_bulletin(path)
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        places = set(session.exec(select(Place.code).where(Place.engagement_id == key)).all())
        for board in form.boards:
            if board not in places:
                raise BulletinFileRefused(
                    f"{path.name}, boards: {board!r} is no place of the register of {code}."
                )
        readers = people_with_role(session, engagement, *form.roles)
        before = session.exec(
            select(Bulletin).where(Bulletin.engagement_id == key, Bulletin.period == form.ref)
        ).one_or_none()
        if before is not None and (before.title, before.text) != (form.title, form.text):
            raise Terminal(f"{form.ref} was issued on {before.issued_on} with another text: use another ref.")
        bulletin = before or Bulletin(
            engagement_id=key,
            period=form.ref,
            issued_on=today,
            title=form.title,
            text=form.text,
            recipient_count=len(readers),
        )
        session.add(bulletin)
        session.flush()
        boards = _deliver(session, bulletin, BOARD, form.boards or boards_on(session, key, today))
        _deliver(session, bulletin, MAIL, readers)
        mails = queue_letters(session, engagement, readers, _letter(engagement, form), today)
        if before is None:
            record_event(session, key, "bulletin.issued", form.ref, {"readers": len(readers)})
        return BulletinIssued(form.ref, before is None, mails, boards)


def _deliver(
    session: Session, bulletin: Bulletin, channel: str, recipients: list[str] | tuple[str, ...]
) -> int:
    return insert_if_absent(
        session,
        BulletinDelivery,
        [{"bulletin_id": bulletin.id, "channel": channel, "recipient": one} for one in recipients],
    )


def _letter(engagement: Engagement, form: BulletinForm) -> Letter:
    return Letter(
        kind="bulletin",
        period=form.ref,
        title=f"{engagement.property_name} · {form.title}",
        paragraphs=tuple(part.strip() for part in form.text.split("\n\n") if part.strip()),
    )


def post_bulletin(code: str, ref: str, place: str, at: datetime, by: str = "") -> bool:
    """Record that a bulletin was put up on the notice board of a place, and by whom. False if that was recorded.

    One that was taken down may be put up again.

    Raises:
        Terminal: no such bulletin or place, or who put it up is nobody.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        bulletin, key = _bulletin(session, engagement, ref), engagement_id(engagement)
        require_place(session, engagement, place)
        require_acting(session, engagement, by)
        _not_before(bulletin, engagement, at)
        _deliver(session, bulletin, BOARD, [place])
        row = _delivery(session, bulletin, BOARD, place)
        if row.posted_at is not None and row.taken_down_at is None:
            return False
        if row.taken_down_at is not None and at < row.taken_down_at:
            raise Terminal(
                f"{ref} was taken down at {place} later than that: give the time it was put up again."
            )
        row.posted_at, row.posted_by, row.taken_down_at, row.taken_down_by = at, by, None, ""
        session.add(row)
        record_event(session, key, "bulletin.posted", f"{ref}:{place}")
        return True


def take_down_bulletin(code: str, ref: str, place: str, at: datetime, by: str = "") -> bool:
    """Record that a bulletin was taken off a notice board, and by whom. False if that was recorded.

    Raises:
        Terminal: no such bulletin, it was not put up there, not before that time, or who took it down is nobody.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        bulletin, key = _bulletin(session, engagement, ref), engagement_id(engagement)
        row = next((r for r in _board_rows(session, bulletin) if r.recipient == place), None)
        if row is None or row.posted_at is None:
            raise Terminal(f"{ref} was not put up at {place!r}: `steward bulletin posted` records that.")
        if row.taken_down_at is not None:
            return False
        require_acting(session, engagement, by)
        if at < row.posted_at:
            raise Terminal(
                f"{ref} was put up at {place} later than that: it cannot have been taken down before."
            )
        row.taken_down_at, row.taken_down_by = at, by
        session.add(row)
        record_event(session, key, "bulletin.taken_down", f"{ref}:{place}")
        return True


def _board_rows(session: Session, bulletin: Bulletin) -> list[BulletinDelivery]:
    return list(
        session.exec(
            select(BulletinDelivery).where(
                BulletinDelivery.bulletin_id == bulletin.id, BulletinDelivery.channel == BOARD
            )
        ).all()
    )


def mark_read(code: str, ref: str, person_ref: str, at: datetime) -> bool:
    """Record that a reader is known to have read a bulletin; the first time counts. False if that was recorded.

    Raises:
        Terminal: no such bulletin, or it was not sent to this person.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        bulletin = _bulletin(session, engagement, ref)
        _not_before(bulletin, engagement, at)
        row = _delivery(session, bulletin, MAIL, person_ref)
        if row.read_at is not None:
            return False
        row.read_at = at
        session.add(row)
        record_event(session, engagement_id(engagement), "bulletin.read", f"{ref}:{person_ref}")
        return True


def _not_before(bulletin: Bulletin, engagement: Engagement, at: datetime) -> None:
    if at.astimezone(ZoneInfo(engagement.timezone)).date() < bulletin.issued_on:
        raise Terminal(
            f"{bulletin.period} was issued on {bulletin.issued_on}: nobody can have seen it before."
        )


def _delivery(session: Session, bulletin: Bulletin, channel: str, recipient: str) -> BulletinDelivery:
    row = session.exec(
        select(BulletinDelivery).where(
            BulletinDelivery.bulletin_id == bulletin.id,
            BulletinDelivery.channel == channel,
            BulletinDelivery.recipient == recipient,
        )
    ).one_or_none()
    if row is None:
        raise Terminal(
            f"{bulletin.period} was not sent to {recipient!r}; `steward bulletin show` lists its readers."
        )
    return row


def _bulletin(session: Session, engagement: Engagement, ref: str) -> Bulletin:
    rows = {
        row.period: row
        for row in session.exec(
            select(Bulletin).where(Bulletin.engagement_id == engagement_id(engagement))
        ).all()
    }
    if ref not in rows:
        known = ", ".join(sorted(rows)[-6:]) or "none yet"
        raise Terminal(f"There is no bulletin {ref!r} of {engagement.code}; the latest are {known}.")
    return rows[ref]


def listed_bulletins(code: str) -> list[dict[str, Any]]:
    """The bulletins, latest first: how many readers, what became of the mails, boards, and how many have read."""
    with reading() as session:
        engagement = find_engagement(session, code)
        rows = session.exec(
            select(Bulletin)
            .where(Bulletin.engagement_id == engagement_id(engagement))
            .order_by(col(Bulletin.issued_on).desc(), col(Bulletin.period).desc())
        ).all()
        found = []
        for row in rows:
            lines = _lines(session, engagement, row)
            mails = Counter(line["state"] for line in lines if line["channel"] == MAIL)
            boards = [line for line in lines if line["channel"] == BOARD]
            found.append(
                {
                    "ref": row.period,
                    "issued": row.issued_on.isoformat(),
                    "title": row.title,
                    "readers": sum(mails.values()),
                    "sent": mails["sent"],
                    "failed": mails["failed"] + mails["uncertain"],
                    "waiting": mails["queued"] + mails["claimed"],
                    "boards": f"{sum(bool(b['posted']) for b in boards)} of {len(boards)}",
                    "read": sum(bool(line["read"]) for line in lines),
                }
            )
        return found


def shown_bulletin(code: str, ref: str) -> dict[str, Any]:
    """One bulletin with each delivery.

    Raises:
        Terminal: there is no such bulletin.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        row = _bulletin(session, engagement, ref)
        return {
            "ref": row.period,
            "issued": row.issued_on.isoformat(),
            "title": row.title,
            "text": row.text,
            "facts": row.facts,
            "deliveries": _lines(session, engagement, row),
        }


def _lines(session: Session, engagement: Engagement, bulletin: Bulletin) -> list[dict[str, Any]]:
    voice = voice_of(engagement)
    states = dict(
        session.exec(
            select(OutboxMail.person_ref, OutboxMail.state).where(
                OutboxMail.engagement_id == engagement_id(engagement),
                OutboxMail.kind == "bulletin",
                OutboxMail.period == bulletin.period,
            )
        ).all()
    )
    rows = session.exec(
        select(BulletinDelivery)
        .where(BulletinDelivery.bulletin_id == bulletin.id)
        .order_by(col(BulletinDelivery.channel), col(BulletinDelivery.recipient))
    ).all()
    return [
        {
            "channel": row.channel,
            "recipient": row.recipient,
            "state": states.get(row.recipient, "not queued")
            if row.channel == MAIL
            else ("taken down" if row.taken_down_at else "posted" if row.posted_at else "to be posted"),
            "posted": "" if row.posted_at is None else voice.instant(row.posted_at),
            "posted_by": row.posted_by,
            "taken_down": "" if row.taken_down_at is None else voice.instant(row.taken_down_at),
            "taken_down_by": row.taken_down_by,
            "read": "" if row.read_at is None else voice.instant(row.read_at),
        }
        for row in rows
    ]
