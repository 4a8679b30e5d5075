"""Which text messages are to leave? Queued with the fact they tell of, posted later, never twice where it is not known (B8)."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import TextGatewayRefused, TextGatewayUnavailable
from models.faults import fault_point
from models.outbox import TextMessage
from models.people import Person
from models.settings import settings
from models.upsert import insert_if_absent
from tasks.answer_ways import answer_ways
from tasks.engagements import engagement_id, find_engagement
from tasks.outbox import DeliveryCount
from tasks.steps import step

LOOPBACK = ("127.0.0.1", "::1", "localhost")
LONGEST = 300
"""Characters of a text; longer ones are sent in many parts, and nobody reads them in an emergency."""
LIFE = timedelta(hours=2)
"""A call-out that could not leave for so long is not sent any more."""
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=5))
MAX_REFUSALS = 5
LEASE = timedelta(minutes=5)
"""Longer than any call of the gateway: whoever is still `sending` after it died there."""
_MOST_ANSWER = 64 * 1024
_NUMBER = re.compile(r"\+?[0-9]{5,15}")
_ID_NAMES = ("id", "message_id", "messageId", "sid")
_LATER = (429, 503)
"""The gateway says itself that it did not take the message and may later."""
_REFUSED = (401, 403)
_NOT_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""Before a byte of the message has left."""


@dataclass(frozen=True)
class _Taken:
    """A message this process sends, and to which number; none if there is none that can be called."""

    key: int
    attempt: int
    reference: str
    number: str
    text: str


def text_gateway_configured() -> bool:
    """Whether somebody said where text messages go."""
    return bool(settings().sms_url)


def queue_text(
    session: Session, engagement: Engagement, person_ref: str, kind: str, period: str, text: str
) -> bool:
    """Queue a text message in the caller's transaction; one queued before is not queued again. False if it was."""
    now = utc_now()
    row = {
        "engagement_id": engagement_id(engagement),
        "dedup_key": f"{engagement.code}:{kind}:{period}:{person_ref}",
        "person_ref": person_ref,
        "kind": kind,
        "period": period,
        "text": text if len(text) <= LONGEST else text[: LONGEST - 1] + "…",
        "state": "queued",
        "attempt": 0,
        "refusals": 0,
        "not_before": now,
        "not_after": now + LIFE,
        "last_code": "",
        "gateway_id": "",
    }
    queued = insert_if_absent(session, TextMessage, [row]) == 1
    if queued:
        record_event(session, engagement_id(engagement), "text.queued", f"{kind}:{period}:{person_ref}")
    return queued


@step("Send the text messages that are waiting")
def send_texts(limit: int = 100) -> DeliveryCount:
    """Post what is queued to the gateway, one message a call; nothing where none is configured.

    Raises:
        TextGatewayUnavailable: it cannot be reached; everything stays queued.
        TextGatewayRefused: it does not accept our token or our kind of request; everything stays queued.
    """
    if not text_gateway_configured():
        return DeliveryCount()
    _give_up_the_dead()
    counts = {"sent": 0, "deferred": 0, "failed": 0, "uncertain": 0}
    with _client() as client:
        for _ in range(limit):
            taken = _take_next()
            if taken is None:
                break
            counts[_send(client, taken)] += 1
    return DeliveryCount(**counts)


def text_state(
    session: Session, engagement: Engagement, person_ref: str, kind: str, period: str
) -> TextMessage | None:
    """What became of a text message; None if none was queued."""
    return session.exec(
        select(TextMessage).where(
            TextMessage.dedup_key == f"{engagement.code}:{kind}:{period}:{person_ref}",
            TextMessage.engagement_id == engagement_id(engagement),
        )
    ).one_or_none()


def listed_texts(code: str) -> list[dict[str, Any]]:
    """The text messages of an engagement, the latest first; no numbers, no texts."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        rows = session.exec(
            select(TextMessage).where(TextMessage.engagement_id == key).order_by(col(TextMessage.id).desc())
        ).all()
        return [
            {
                "kind": row.kind,
                "of": row.period,
                "person": row.person_ref,
                "state": row.state,
                "code": row.last_code,
                "gateway id": row.gateway_id,
                "sent": "" if row.sent_at is None else row.sent_at.isoformat(timespec="seconds"),
            }
            for row in rows
        ]


def unsettled_texts() -> dict[str, int]:
    """How many messages wait or are uncertain."""
    with reading() as session:
        rows = session.exec(
            select(TextMessage.state, func.count())
            .where(col(TextMessage.state).in_(("queued", "sending", "uncertain")))
            .group_by(TextMessage.state)
        ).all()
        return {state: count for state, count in rows}


def plain_number(written: str) -> str:
    """A telephone number as gateways take it; empty if it cannot be one."""
    number = re.sub(r"[\s()./-]", "", written)
    return number if _NUMBER.fullmatch(number) else ""


def _client() -> httpx.Client:
    chosen = settings()
    url = httpx.URL(chosen.sms_url)
    if url.scheme != "https" and url.host not in LOOPBACK:
        raise TextGatewayRefused(
            "STEWARD_SMS_URL must begin with https: telephone numbers and the token would be read on the way."
        )
    token = chosen.sms_token.get_secret_value()
    return httpx.Client(
        timeout=chosen.sms_timeout_seconds,
        follow_redirects=False,  # the token is for this address alone
        trust_env=False,
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )


def _give_up_the_dead() -> None:
    """Whoever sent these is gone; whether the gateway has them nobody knows, so they are never sent again."""
    now = utc_now()
    with writing() as session:
        for message in session.exec(
            select(TextMessage)
            .where(TextMessage.state == "sending", col(TextMessage.lease_until) < now)
            .with_for_update(skip_locked=True)
        ).all():
            _settle(session, message, "uncertain", "lease expired")
        for message in session.exec(
            select(TextMessage)
            .where(TextMessage.state == "queued", col(TextMessage.not_after) < now)
            .with_for_update(skip_locked=True)
        ).all():
            _settle(session, message, "failed", "too late")


def _take_next() -> _Taken | None:
    """Take the message that is next, and write down that the gateway may have it from now on."""
    now = utc_now()
    with writing() as session:
        message = session.exec(
            select(TextMessage)
            .where(TextMessage.state == "queued", col(TextMessage.not_before) <= now)
            .order_by(col(TextMessage.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if message is None:
            return None
        person = session.exec(
            select(Person).where(
                Person.engagement_id == message.engagement_id,
                Person.ref == message.person_ref,
                col(Person.erased_on).is_(None),
            )
        ).one_or_none()
        ways = answer_ways(session, message.engagement_id, message.kind, message.period, message.person_ref)
        message.state, message.attempt, message.lease_until = "sending", message.attempt + 1, now + LEASE
        session.add(message)
        return _Taken(
            message.id or 0,
            message.attempt,
            hashlib.sha256(message.dedup_key.encode()).hexdigest()[:32],
            plain_number(person.phone) if person else "",
            f"{message.text} {ways.link}" if ways and ways.link else message.text,
        )


def _send(client: httpx.Client, taken: _Taken) -> str:
    """Post one message, and write down what its answer means; returns the counter it belongs to."""
    if not taken.number:
        return _record(taken, "failed", "no number")
    fault_point("text.before_post")
    body = {"to": taken.number, "text": taken.text, "reference": taken.reference}
    try:
        # A gateway that knows this header never takes the same message twice.
        with client.stream(
            "POST", settings().sms_url, json=body, headers={"Idempotency-Key": taken.reference}
        ) as answer:
            content = b""
            for part in answer.iter_bytes():
                content += part
                if len(content) > _MOST_ANSWER:
                    break
    except _NOT_REACHED as error:
        _record(taken, "queued", type(error).__name__)
        raise TextGatewayUnavailable(
            f"The gateway of text messages could not be reached ({type(error).__name__}); every message stays queued. Check "
            "STEWARD_SMS_URL, then `steward doctor`. Telephone meanwhile."
        ) from error
    except httpx.HTTPError as error:
        return _record(taken, "uncertain", type(error).__name__)
    fault_point("text.after_answer")
    return _judged(taken, answer.status_code, _gateway_id(content))


def _judged(taken: _Taken, status: int, gateway_id: str) -> str:
    code = str(status)
    if 200 <= status < 300:
        return _record(taken, "sent", code, gateway_id)
    if status in _REFUSED or 300 <= status < 400:
        _record(taken, "queued", code)
        raise TextGatewayRefused(
            f"The gateway of text messages refused us (code {code}); every message stays queued. Correct STEWARD_SMS_URL and "
            "STEWARD_SMS_TOKEN. Telephone meanwhile."
        )
    if status in _LATER:
        return _record(taken, "deferred", code)
    return _record(taken, "failed" if status < 500 else "uncertain", code)


def _gateway_id(content: bytes) -> str:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    found = (
        next((answer[name] for name in _ID_NAMES if name in answer), "") if isinstance(answer, dict) else ""
    )
    return re.sub(r"[^\x21-\x7e]", "", str(found))[:100] if isinstance(found, str | int) else ""


def _record(taken: _Taken, outcome: str, code: str, gateway_id: str = "") -> str:
    with writing() as session:
        message = session.get(TextMessage, taken.key, with_for_update=True)
        if message is None or message.attempt != taken.attempt or message.state != "sending":
            return "uncertain"  # this process was given up on meanwhile
        if outcome == "deferred":
            message.refusals += 1
            if message.refusals < MAX_REFUSALS:
                message.not_before = utc_now() + BACK_OFF[min(message.refusals, len(BACK_OFF)) - 1]
                _settle(session, message, "queued", code)
                return "deferred"
            outcome = "failed"
        message.gateway_id = gateway_id
        _settle(session, message, outcome, code)
    return outcome


def _settle(session: Session, message: TextMessage, state: str, code: str) -> None:
    message.state, message.last_code, message.lease_until = state, code, None
    message.sent_at = utc_now() if state == "sent" else None
    session.add(message)
    if state != "queued":
        record_event(session, message.engagement_id, f"text.{state}", message.dedup_key, {"code": code})
