"""How can who is called answer without a telephone? A token for each, and what the message that leaves says of it (B8)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from models.answer_tokens import answer_token, token_hash
from models.clock import utc_now
from models.emergency import Incident, IncidentToken
from models.engagement import Engagement
from models.settings import settings
from models.upsert import insert_if_absent
from tasks.imap_mailbox import reply_address_of

CALLING = ("emergency", "drill")
"""Kinds of messages that ask for an answer."""
LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class AnswerWays:
    """What is put into a call-out as it leaves; kept nowhere."""

    token: str
    link: str
    """Empty where no answer page is reachable."""
    reply_to: str
    """Empty where nobody fetches what is answered."""


def issue_token(session: Session, engagement: Engagement, incident: Incident, person_ref: str) -> None:
    """Give somebody who is or may be called the right to answer once, in the caller's transaction; again changes nothing."""
    row = {
        "incident_id": incident.id,
        "person_ref": person_ref,
        "token_hash": token_hash(answer_token(engagement.code, incident.ref, person_ref)),
        "expires_at": utc_now() + LIFE,
        "used_by": "",
    }
    insert_if_absent(session, IncidentToken, [row])


def answer_ways(
    session: Session, engagement_key: int, kind: str, ref: str, person_ref: str
) -> AnswerWays | None:
    """What a call-out to this person may say; None if it asks for no answer, or there is no way to give one."""
    if kind not in CALLING:
        return None
    found = session.exec(
        select(Engagement.code, IncidentToken)
        .join(Incident, col(Incident.engagement_id) == col(Engagement.id))
        .join(IncidentToken, col(IncidentToken.incident_id) == col(Incident.id))
        .where(
            Engagement.id == engagement_key,
            Incident.ref == ref,
            IncidentToken.person_ref == person_ref,
            col(IncidentToken.used_at).is_(None),
        )
    ).first()
    if found is None:
        return None
    answer_url, reply_address = settings().answer_url, reply_address_of(found[0])
    if not (answer_url or reply_address):
        return None
    token = answer_token(found[0], ref, person_ref)
    link = f"{answer_url.rstrip('/')}/a/{token}" if answer_url else ""
    return AnswerWays(token, link, reply_address)
