"""Who is this engagement, and how does its stage change? Lookups and the guarded stage change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select, update

from models.audit import record_event
from models.clock import today_in, utc_now
from models.db import reading, writing
from models.engagement import Engagement, IntakeVersion, Renewal
from models.errors import IllegalStageChange, Terminal, UnknownEngagement
from models.rules.stages import SERVING, TRANSITIONS

CLOCKS_DIFFER = timedelta(minutes=5)
"""By so much the clock of a browser or of an alarm panel may go ahead of ours."""


def find_engagement(session: Session, code: str) -> Engagement:
    """The engagement with this code.

    Raises:
        UnknownEngagement: there is none; the message lists those there are.
    """
    found = session.exec(select(Engagement).where(Engagement.code == code)).one_or_none()
    if found is None:
        known = ", ".join(session.exec(select(Engagement.code).order_by(Engagement.code)).all()[:10])
        raise UnknownEngagement(f"There is no engagement {code!r}. Known: {known or 'none yet'}.")
    return found


def lock_engagement(session: Session, code: str) -> Engagement:
    """The engagement with this code, held until the transaction ends: whoever else asks for it so waits.

    What reads the plan and writes work by it asks, and so does what changes the plan: else a month could be
    released by a version that was replaced meanwhile. On SQLite there is one writer at a time anyway. Rows that
    only refer to the engagement are still let in. Ask first in a transaction, or two may wait for each other.

    Raises:
        UnknownEngagement: there is none.
    """
    key = engagement_id(find_engagement(session, code))
    return session.exec(
        select(Engagement)
        .where(Engagement.id == key)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)  # as it is now, not as it was read a moment ago
    ).one()


def engagement_id(engagement: Engagement) -> int:
    """The key of a stored engagement."""
    if engagement.id is None:
        raise ValueError("the engagement is not stored yet")
    return engagement.id


def business_today(engagement: Engagement) -> date:
    """The engagement's date: its own in a demonstration, else today in its time zone."""
    return engagement.simulated_on or today_in(engagement.timezone)


def now_of(engagement: Engagement) -> datetime:
    """The instant up to which things can have happened; a demonstration has days, not hours: the end of its day."""
    if engagement.simulated_on is None:
        return utc_now()
    next_day = engagement.simulated_on + timedelta(days=1)
    return datetime.combine(next_day, time(0), ZoneInfo(engagement.timezone)).astimezone(UTC)


def instant_meant(engagement: Engagement, at: datetime | None = None) -> datetime:
    """The instant that is meant, in UTC: as said, a wall time being one of the engagement's zone; else now.

    In a demonstration now is this time of day on its own day, so that what is recorded fits its records.
    """
    zone = ZoneInfo(engagement.timezone)
    if at is not None:
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    if engagement.simulated_on is None:
        return utc_now()
    return datetime.combine(engagement.simulated_on, utc_now().astimezone(zone).timetz()).astimezone(UTC)


def instant_done(engagement: Engagement, at: datetime | None = None) -> datetime:
    """As `instant_meant`, of something that has happened; a clock that goes a little ahead of ours means now.

    Raises:
        Terminal: it is still to come; a demonstration moves through its days by itself and is not asked.
    """
    meant, now = instant_meant(engagement, at), utc_now()
    if engagement.simulated_on is not None or meant <= now:
        return meant
    if meant > now + CLOCKS_DIFFER:  # nobody's emergency is refused because two clocks differ
        local = meant.astimezone(ZoneInfo(engagement.timezone))
        raise Terminal(f"{local:%Y-%m-%d %H:%M} is still to come; expected when it happened.")
    return now


def instant_done_of(code: str, at: datetime | None = None) -> datetime:
    """The same by the engagement's code."""
    with reading() as session:
        return instant_done(find_engagement(session, code), at)


def change_stage(session: Session, engagement: Engagement, transition: str) -> bool:
    """Take a named transition in the caller's transaction; False if it was taken before.

    Raises:
        IllegalStageChange: the engagement is in another stage than the transition starts from.
    """
    wanted = TRANSITIONS[transition]
    changed = session.exec(
        update(Engagement)
        .where(col(Engagement.id) == engagement.id, col(Engagement.stage).in_(wanted.sources))
        .values(stage=wanted.target.value, version=col(Engagement.version) + 1)
    )
    session.refresh(engagement)
    if changed.rowcount == 1:
        record_event(session, engagement_id(engagement), f"stage.{transition}", engagement.code)
        return True
    if engagement.stage == wanted.target:
        return False
    raise IllegalStageChange(
        f"{engagement.code} is in stage {engagement.stage}; `{transition}` starts from "
        f"{', '.join(sorted(wanted.sources))}."
    )


def set_simulated_date(code: str, today: date) -> None:
    """Move a demonstration's date forward; it never goes back."""
    with writing() as session:
        engagement = find_engagement(session, code)
        if engagement.simulated_on is None or engagement.simulated_on < today:
            engagement.simulated_on = today
            session.add(engagement)


def engagement_codes() -> list[str]:
    """The codes of all engagements, in order."""
    with reading() as session:
        return list(session.exec(select(Engagement.code).order_by(Engagement.code)).all())


def codes_by_the_clock(*, serving: bool = True) -> list[str]:
    """The codes of the engagements that follow the wall clock, in order; a demonstration has no clock of its own.

    Args:
        serving: only those whose plan drives work.
    """
    query = select(Engagement.code).where(col(Engagement.simulated_on).is_(None))
    if serving:
        query = query.where(col(Engagement.stage).in_(SERVING))
    with reading() as session:
        return list(session.exec(query.order_by(Engagement.code)).all())


def engagement_of(session: Session, key: int) -> Engagement:
    """The engagement with this key."""
    found = session.get(Engagement, key)
    if found is None:
        raise Terminal("The engagement was removed.")
    return found


def with_earlier_terms(session: Session, key: int) -> list[int]:
    """The key of an engagement and those of the terms it follows, the newest first."""
    keys = [key]
    while True:
        before = session.exec(
            select(Renewal.from_engagement_id).where(Renewal.engagement_id == keys[-1])
        ).first()
        if before is None or before in keys:
            return keys
        keys.append(before)


def record_is_confirmed(session: Session, key: int) -> bool:
    """Whether both sides confirmed the newest version of the agreed record (A1).

    An engagement recorded before there were versions counts as confirmed.
    """
    newest = session.exec(
        select(IntakeVersion.state)
        .where(IntakeVersion.engagement_id == key)
        .order_by(col(IntakeVersion.version).desc())
    ).first()
    return newest in (None, "confirmed")
