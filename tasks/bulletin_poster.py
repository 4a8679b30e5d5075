"""What is put on the notice board? The bulletin as one sheet of A4 (B7)."""

from sqlmodel import select

from models.db import reading
from models.errors import Terminal
from models.owners import Bulletin
from models.settings import settings
from reports.bulletin_poster import Poster, render_poster
from tasks.engagements import engagement_id, find_engagement
from tasks.imap_mailbox import reply_address_of


def bulletin_poster(code: str, ref: str) -> bytes:
    """The sheet of a bulletin, by hand or of a month.

    Raises:
        Terminal: there is no such bulletin.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        row = session.exec(
            select(Bulletin).where(
                Bulletin.engagement_id == engagement_id(engagement), Bulletin.period == ref
            )
        ).one_or_none()
    if row is None:
        raise Terminal(f"There is no bulletin {ref!r} of {code}; `steward bulletin list {code}` shows them.")
    return render_poster(
        Poster(
            code=engagement.code,
            ref=row.period,
            issued_on=row.issued_on,
            property_name=engagement.property_name,
            custodian=engagement.custodian_name,
            title=row.title,
            text=row.text,
            facts=tuple((str(fact["label"]), str(fact["value"])) for fact in row.facts),
            language="zh" if engagement.language == "zh" else "en",
            desk_address=reply_address_of(code) or settings().reply_address,
        )
    )
