"""May we knock at this mailbox again? Refusals are counted, so that a wrong password never locks the account (B6)."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from models.audit import audit_key, record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.rules.mailbox_backoff import next_try
from models.service_desk import MailboxRefusal
from models.settings import MailboxSettings
from tasks.engagements import business_today, engagement_id
from tasks.outbox import Letter, people_with_role, queue_letters


@dataclass(frozen=True)
class Closed:
    """Why a mailbox is not tried now."""

    refusals: int
    since: datetime
    until: datetime | None
    """When it is tried again; None: when its settings change, or somebody fetches by command."""
    reason: str

    def __str__(self) -> str:
        when = (
            f"it is tried again at {self.until:%Y-%m-%d %H:%M} UTC"
            if self.until
            else "no further try is made before its settings change, lest the account be locked"
        )
        return (
            f"refused {self.refusals} times, last at {self.since:%Y-%m-%d %H:%M} UTC; {when}. {self.reason}"
        )


def closed(chosen: MailboxSettings, now: datetime | None = None) -> Closed | None:
    """Whether the mailbox refused these settings so lately that it is not to be tried now."""
    with reading() as session:
        row = _row(session, chosen)
    if row is None or row.settings_hash != _settings_hash(chosen):
        return None
    until = next_try(row.refusals, row.refused_at)
    if until is not None and until <= (now or utc_now()):
        return None
    return Closed(row.refusals, row.refused_at, until, row.reason)


def note_refusal(code: str, chosen: MailboxSettings, reason: str, at: datetime | None = None) -> None:
    """Count a refusal; after the last one that is risked, the custodian is told by mail, once.

    Args:
        code: the engagement for which mails were to be fetched; of one that is not there the refusal is counted alone.
        chosen: the mailbox.
        reason: in words that hold neither the password nor what the server said.
        at: when; by default now.
    """
    now, hashed = at or utc_now(), _settings_hash(chosen)
    with writing() as session:
        engagement = session.exec(select(Engagement).where(Engagement.code == code)).one_or_none()
        row = _row(session, chosen) or MailboxRefusal(mailbox=chosen.key, refused_at=now)
        if row.settings_hash != hashed:
            row.settings_hash, row.refusals = hashed, 0
        row.refusals += 1
        row.refused_at, row.reason = now, reason
        session.add(row)
        if engagement is None:
            return  # a mailbox that is read by command only: nobody is there to be told by mail
        detail = {"mailbox": chosen.key[:12], "refusals": row.refusals}
        record_event(session, engagement_id(engagement), "mailbox.refused", chosen.key[:12], detail)
        before = next_try(row.refusals - 1, now) if row.refusals > 1 else now
        if before is not None and next_try(row.refusals, now) is None:
            people = people_with_role(session, engagement, "custodian")
            queue_letters(session, engagement, people, _letter(engagement, row), business_today(engagement))


def note_entry(chosen: MailboxSettings) -> None:
    """We were let in: former refusals count no more."""
    with reading() as session:
        if _row(session, chosen) is None:
            return
    with writing() as session:
        session.exec(delete(MailboxRefusal).where(col(MailboxRefusal.mailbox) == chosen.key))


def _row(session: Session, chosen: MailboxSettings) -> MailboxRefusal | None:
    return session.exec(
        select(MailboxRefusal).where(MailboxRefusal.mailbox == chosen.key).with_for_update()
    ).one_or_none()


def _settings_hash(chosen: MailboxSettings) -> str:
    """Keyed: it changes with the password, and says nothing about it."""
    told = [chosen.host, chosen.port, chosen.security, chosen.user, chosen.password.get_secret_value()]
    told += [chosen.folder, chosen.done_folder]
    return hmac.new(audit_key(), repr(("mailbox", *told)).encode(), hashlib.sha256).hexdigest()


def _letter(engagement: Engagement, row: MailboxRefusal) -> Letter:
    zh = engagement.language == "zh"
    at = f"{row.refused_at:%Y-%m-%d %H:%M} UTC"
    return Letter(
        kind="mailbox_refused",
        period=f"{row.mailbox[:12]}:{row.refused_at:%Y%m%dT%H%M%S}",
        title=f"{engagement.property_name}：服务台邮箱已停止收取"
        if zh
        else f"{engagement.property_name}: the service desk's mailbox is read no more",
        paragraphs=(
            "邮件服务器多次拒绝系统登录。为避免账号被锁定，在设置更改之前不再尝试；其间寄来的报修和投诉不会被登记。"
            "请系统管理员更正设置后运行 `steward requests fetch`。"
            if zh
            else "Its server has refused us several times. Lest the account be locked, no further try is made before the "
            "settings change; requests that come in by mail are not recorded meanwhile. Let whoever runs the system "
            "correct the settings, then run `steward requests fetch`.",
            row.reason,
        ),
        facts=(
            ("拒绝次数" if zh else "Refusals", str(row.refusals)),
            ("最近一次" if zh else "Last", at),
        ),
    )
