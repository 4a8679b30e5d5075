"""Who did what, when, from which run? An append-only trail; each entry carries the last one's hash."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.acting import current_actor
from models.clock import utc_now
from models.columns import foreign_key
from models.settings import settings

GENESIS = "0" * 64


class AuditEvent(SQLModel, table=True):
    """One act. `detail` holds references, counts, codes and hashes, never personal data."""

    __table_args__ = (UniqueConstraint("engagement_id", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    engagement_id: int = foreign_key("engagement.id")
    sequence: int
    tag: str
    subject: str
    who: str
    run: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime
    previous_hash: str
    hash: str


class AuditHead(SQLModel, table=True):
    """The end of an engagement's chain; locked while an entry is appended, so that chains do not fork."""

    engagement_id: int = Field(foreign_key="engagement.id", primary_key=True)
    sequence: int = 0
    hash: str = GENESIS


@dataclass(frozen=True)
class ChainFault:
    """The first entry that does not verify, and why."""

    sequence: int
    reason: str


def record_event(
    session: Session, engagement_id: int, tag: str, subject: str, detail: dict[str, Any] | None = None
) -> None:
    """Append one entry in the caller's transaction: the act and its trace are committed together.

    Args:
        session: the writing session of the act.
        engagement_id: whose chain.
        tag: what kind of act, for example `plan.submitted`.
        subject: what it was done to, by its business key.
        detail: references, counts, codes, hashes; values must be JSON.
    """
    head = session.exec(
        select(AuditHead).where(AuditHead.engagement_id == engagement_id).with_for_update()
    ).one_or_none()
    if head is None:
        head = AuditHead(engagement_id=engagement_id)
    actor = current_actor()
    event = AuditEvent(
        engagement_id=engagement_id,
        sequence=head.sequence + 1,
        tag=tag,
        subject=subject,
        who=actor.who,
        run=actor.run,
        detail=detail or {},
        at=utc_now(),
        previous_hash=head.hash,
        hash="",
    )
    event.hash = _hash_of(event)
    head.sequence, head.hash = event.sequence, event.hash
    session.add(event)
    session.add(head)
    session.flush()


def verify_chain(session: Session, engagement_id: int) -> ChainFault | None:
    """Check every entry of an engagement's chain in order, and its end against the head."""
    previous, expected = GENESIS, 0
    for event in _entries(session, engagement_id):
        expected += 1
        if event.sequence != expected:
            return ChainFault(expected, f"entry {expected} is missing or out of order")
        if event.previous_hash != previous:
            return ChainFault(event.sequence, "it does not follow from the entry before it")
        if not hmac.compare_digest(event.hash, _hash_of(event)):
            return ChainFault(event.sequence, "its content was changed after it was written")
        previous = event.hash
    head = session.get(AuditHead, engagement_id)
    if head is None:
        return None if expected == 0 else ChainFault(expected, "the head of the chain is missing")
    if (head.sequence, head.hash) != (expected, previous):
        return ChainFault(expected + 1, f"the trail was cut: the head says {head.sequence} entries")
    return None


def _entries(session: Session, engagement_id: int) -> Iterator[AuditEvent]:
    query = (
        select(AuditEvent)
        .where(AuditEvent.engagement_id == engagement_id)
        .order_by(col(AuditEvent.sequence))
        .execution_options(yield_per=500)
    )
    yield from session.exec(query)


def _hash_of(event: AuditEvent) -> str:
    content = [
        event.engagement_id,
        event.sequence,
        event.tag,
        event.subject,
        event.who,
        event.run,
        event.detail,
        event.at.isoformat(),
        event.previous_hash,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(audit_key(), text.encode(), hashlib.sha256).hexdigest()


def audit_key() -> bytes:
    """The key of the chain: from the environment, else from a file in the data folder made once."""
    configured = settings().audit_key.get_secret_value()
    if configured:
        return configured.encode()
    path = settings().home / "audit.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(f".{secrets.token_hex(4)}")
        made.write_text(secrets.token_hex(32))
        made.chmod(0o600)
        try:
            path.hardlink_to(made)  # only the first of two processes wins
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text().encode()
