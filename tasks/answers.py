"""Has who was called answered, by link or by mail? Each token once, while the incident lasts (B8)."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select, update

from models.answer_tokens import TOKEN, token_hash
from models.clock import utc_now
from models.db import reading, writing
from models.emergency import Incident, IncidentToken
from models.engagement import Engagement
from models.errors import Terminal
from tasks.call_tree import acknowledge_in
from tasks.engagements import lock_engagement
from tasks.incident_log import add_entry, running_incident

MOST_SAID = 200


class Verdict(StrEnum):
    """What became of an answer."""

    RECORDED = "recorded"
    BEFORE = "answered before"
    LATE = "too late"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """An answer, and to which incident it belongs."""

    verdict: Verdict
    ref: str = ""
    person_ref: str = ""


def answer_by_token(token: str, at: datetime, way: str, said: str = "", *, only: int | None = None) -> Answer:
    """Record that somebody who was called has answered; the first time counts.

    Args:
        token: as it stood in the call-out.
        at: when the answer came.
        way: link or answer.
        said: the first line of what was written; personal data are masked in the log.
        only: key of the engagement it must belong to.
    """
    if not TOKEN.fullmatch(token):
        return Answer(Verdict.UNKNOWN)
    with reading() as session:
        known = _known(session, token)
    if known is None or (only is not None and known[2].id != only):
        return Answer(Verdict.UNKNOWN)
    row, incident, engagement = known
    at = max(at, incident.activated_at)  # nobody answered before the call, whatever the clock of a mail says
    if row.used_at is not None:
        return Answer(Verdict.BEFORE, incident.ref, row.person_ref)
    try:
        with writing() as session:
            held = lock_engagement(session, engagement.code)
            running = running_incident(session, held, incident.ref, at)
            if not _use(session, row, way):
                return Answer(Verdict.BEFORE, incident.ref, row.person_ref)
            acknowledge_in(session, running, row.person_ref, at)
            if said.strip():
                add_entry(session, running, at, "note", said.strip()[:MOST_SAID], row.person_ref)
    except (Terminal, _RanOut):
        return Answer(Verdict.LATE, incident.ref, row.person_ref)
    return Answer(Verdict.RECORDED, incident.ref, row.person_ref)


class _RanOut(Exception):
    """The token's time is over."""


def _known(session: Session, token: str) -> tuple[IncidentToken, Incident, Engagement] | None:
    wanted = token_hash(token)
    found = session.exec(
        select(IncidentToken, Incident, Engagement)
        .join(Incident, col(Incident.id) == col(IncidentToken.incident_id))
        .join(Engagement, col(Engagement.id) == col(Incident.engagement_id))
        .where(IncidentToken.token_hash == wanted)
    ).first()
    # The index compares hashes that nobody outside can choose; the last word is a comparison in constant time.
    return found if found is not None and hmac.compare_digest(found[0].token_hash, wanted) else None


def _use(session: Session, row: IncidentToken, way: str) -> bool:
    """Whether this is the one use of the token; of two at the same moment one wins."""
    now = utc_now()
    if row.expires_at <= now:
        raise _RanOut
    used = session.exec(
        update(IncidentToken)
        .where(col(IncidentToken.id) == row.id, col(IncidentToken.used_at).is_(None))
        .values(used_at=now, used_by=way)
    )
    return used.rowcount == 1
