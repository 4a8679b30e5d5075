"""Which notice boards hang in the property, and what hangs on each? (B7)"""

from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.errors import Terminal
from models.owners import Bulletin, BulletinDelivery, NoticeBoard
from models.upsert import insert_if_absent
from reports.words import voice_of
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.places import require_place

BOARD = "notice_board"


def boards_on(session: Session, key: int, day: date) -> list[str]:
    """Places of the notice boards that hang on a day: a bulletin issued then goes on each."""
    return list(
        session.exec(
            select(NoticeBoard.place_code)
            .where(
                NoticeBoard.engagement_id == key,
                col(NoticeBoard.since) <= day,
                col(NoticeBoard.until).is_(None),
            )
            .order_by(NoticeBoard.place_code)
        ).all()
    )


def keep_board(code: str, place: str, on: date | None = None, *, gone: bool = False) -> bool:
    """Record that a notice board hangs at a place, or no longer does. False if that was recorded.

    Args:
        code: the engagement.
        place: code of the place in the register.
        on: since when, or until when; the engagement's today by default.
        gone: it was taken away.

    Raises:
        Terminal: no such place, or no board hangs there.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, day = engagement_id(engagement), on or business_today(engagement)
        row = _board(session, key, place)
        if gone:
            if row is None:
                raise Terminal(
                    f"No notice board of {code} is recorded at {place!r}; `steward bulletin boards` lists them."
                )
            if row.until is not None:
                return False
            if day < row.since:
                raise Terminal(f"The board at {place} hangs since {row.since}: it cannot be gone on {day}.")
            row.until = day
        elif row is None:
            require_place(session, engagement, place)
            insert_if_absent(
                session,
                NoticeBoard,
                [{"engagement_id": key, "place_code": place, "since": day, "until": None}],
            )
        elif row.until is None:
            return False
        else:
            row.since, row.until = day, None
        if row is not None:
            session.add(row)
        record_event(session, key, "board.gone" if gone else "board.kept", place)
        return True


def boards_of(code: str) -> list[dict[str, Any]]:
    """The boards: since when, what hangs there and by whom it was put up, and what is still to be put up."""
    with reading() as session:
        engagement = find_engagement(session, code)
        key, voice = engagement_id(engagement), voice_of(engagement)
        boards = session.exec(
            select(NoticeBoard).where(NoticeBoard.engagement_id == key).order_by(NoticeBoard.place_code)
        ).all()
        deliveries = session.exec(
            select(Bulletin.period, BulletinDelivery)
            .join(BulletinDelivery, col(BulletinDelivery.bulletin_id) == col(Bulletin.id))
            .where(Bulletin.engagement_id == key, BulletinDelivery.channel == BOARD)
            .order_by(col(Bulletin.issued_on), Bulletin.period)
        ).all()
    recorded = {board.place_code: board for board in boards}
    found = []
    for place in sorted({*recorded, *(row.recipient for _ref, row in deliveries)}):
        own = [(ref, row) for ref, row in deliveries if row.recipient == place]
        board = recorded.get(place)
        hanging = [
            f"{ref} ({voice.instant(row.posted_at)}{', ' + row.posted_by if row.posted_by else ''})"
            for ref, row in own
            if row.posted_at is not None and row.taken_down_at is None
        ]
        found.append(
            {
                "place": place,
                "since": "" if board is None else board.since.isoformat(),
                "gone": board.until.isoformat() if board is not None and board.until is not None else "",
                "hanging": "; ".join(hanging),
                "to be put up": "; ".join(ref for ref, row in own if row.posted_at is None),
            }
        )
    return found


def _board(session: Session, key: int, place: str) -> NoticeBoard | None:
    return session.exec(
        select(NoticeBoard).where(NoticeBoard.engagement_id == key, NoticeBoard.place_code == place)
    ).one_or_none()
