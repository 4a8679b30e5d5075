"""Is that a place of the register?"""

from sqlmodel import Session, select

from models.engagement import Engagement
from models.errors import Terminal
from models.register import Place
from tasks.engagements import engagement_id


def require_place(session: Session, engagement: Engagement, place: str) -> None:
    """Refuse a place that is not in the register.

    Raises:
        Terminal: there is none with this code.
    """
    known = select(Place.id).where(Place.engagement_id == engagement_id(engagement), Place.code == place)
    if session.exec(known).first() is None:
        raise Terminal(f"There is no place {place!r} in the register of {engagement.code}.")
