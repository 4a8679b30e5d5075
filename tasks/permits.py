"""Who allows dangerous work, and who signs it off? Permits to work (B2)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.permit import Permit
from models.permit_files import load_permit_kinds
from models.rules.permits import PermitKind
from models.upsert import insert_if_absent
from models.work import WorkOrder
from reports.words import voice_of
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.permit_checks import needed_kinds, permits_of
from tasks.references import is_known_person
from tasks.work_orders import still_to_do
from tasks.work_records import kept_text, order_named

OPEN_STATES = ("released", "missed")


class PermitRefused(Terminal):
    """A permit cannot be issued or closed; the message says why."""


@dataclass(frozen=True)
class PermitWish:
    """What a permit is to allow."""

    kind: str
    holder: str
    issued_by: str
    valid_from: datetime | None = None
    """The moment it is issued by default."""
    hours: int | None = None
    """As long as the kind allows by default."""
    all_checked: bool = False
    """Whether every precaution of the kind was checked on the spot."""


def issue_permit(code: str, order_id: int, wish: PermitWish) -> tuple[int, bool]:
    """Allow one kind of dangerous work on one order; returns the permit's number, and whether it is new.

    Raises:
        PermitRefused: an unknown kind or person, the holder issues it, precautions not checked, or too long.
        WorkRefused: no such order.
    """
    kind = _kind(wish.kind)
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        order = order_named(session, engagement, order_id)
        if order.state not in OPEN_STATES:
            raise PermitRefused(
                f"Order {order_id} ({order.series}) is {order.state}: nothing is to be allowed."
            )
        for ref in (wish.holder, wish.issued_by):
            _refuse_stranger(session, key, ref)
        if wish.holder == wish.issued_by:
            raise PermitRefused(f"{wish.holder} cannot allow the own work: another person issues the permit.")
        hours = wish.hours or kind.longest_hours
        if not 1 <= hours <= kind.longest_hours:
            raise PermitRefused(
                f"A permit for {kind.code} of {hours} hours is too long; expected 1 to {kind.longest_hours}, then a "
                "further one."
            )
        if not wish.all_checked:
            voice = voice_of(engagement)
            asked = "; ".join(voice(one.label.en, one.label.zh) for one in kind.precautions)
            raise PermitRefused(f"Check first on the spot, and say --all-checked: {asked}.")
        since = wish.valid_from or _now(engagement)
        row = {
            "engagement_id": key,
            "work_order_id": order_id,
            "kind": kind.code,
            "holder": wish.holder,
            "issued_by": wish.issued_by,
            "valid_from": since,
            "valid_until": since + timedelta(hours=hours),
            "state": "issued",
            "closed_by": "",
            "closed_at": None,
            "note": "",
            "issued_at": utc_now(),
        }
        known = next(
            (
                one
                for one in permits_of(session, order_id)
                if (one.kind, one.holder) == (kind.code, wish.holder)
                and one.state == "issued"
                and (one.valid_from == since or (wish.valid_from is None and since <= one.valid_until))
            ),
            None,
        )
        if known is not None and known.id is not None:
            return known.id, False  # the same person has one that holds
        insert_if_absent(session, Permit, [row])
        number = permits_of(session, order_id)[-1].id or 0
        record_event(
            session,
            key,
            "permit.issued",
            f"{order.series}/{order.target_code}",
            {"permit": number, "order": order_id, "kind": kind.code, "hours": hours},
        )
        return number, True


def close_permit(code: str, number: int, by: str, *, note: str = "", at: datetime | None = None) -> bool:
    """Sign a permit off: the work is over, the place is safe; False if the same person did so before.

    Raises:
        PermitRefused: no such permit, an unknown person, its holder, before its time, or signed off by another.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        permit = session.exec(
            select(Permit).where(Permit.engagement_id == key, Permit.id == number)
        ).one_or_none()
        if permit is None:
            raise PermitRefused(f"{code} has no permit {number}; `steward permit list {code}` shows them.")
        _refuse_stranger(session, key, by)
        if by == permit.holder:
            raise PermitRefused(f"{by} holds permit {number}: a second person signs it off.")
        if permit.state == "closed":
            if permit.closed_by == by:
                return False
            raise PermitRefused(f"Permit {number} was signed off by {permit.closed_by} already.")
        moment = at or max(_now(engagement), permit.valid_from)
        if moment < permit.valid_from:
            raise PermitRefused(f"Permit {number} cannot be signed off before it holds.")
        permit.state, permit.closed_by, permit.closed_at = "closed", by, moment
        permit.note = kept_text(note)
        session.add(permit)
        record_event(
            session, key, "permit.closed", str(number), {"order": permit.work_order_id, "kind": permit.kind}
        )
        return True


def listed_permits(code: str, *, open_only: bool = False) -> list[dict[str, Any]]:
    """The permits of an engagement, the newest first; one past its time that nobody signed off is overdue."""
    with reading() as session:
        engagement = find_engagement(session, code)
        zone, now = ZoneInfo(engagement.timezone), _now(engagement)
        rows = session.exec(
            select(Permit, WorkOrder)
            .join(WorkOrder, col(WorkOrder.id) == col(Permit.work_order_id))
            .where(Permit.engagement_id == engagement_id(engagement))
            .order_by(col(Permit.id).desc())
        ).all()
        return [
            {
                "permit": permit.id,
                "order": order.id,
                "target": order.target_code,
                "kind": permit.kind,
                "holder": permit.holder,
                "issued_by": permit.issued_by,
                "from": f"{permit.valid_from.astimezone(zone):%Y-%m-%d %H:%M}",
                "until": f"{permit.valid_until.astimezone(zone):%Y-%m-%d %H:%M}",
                "state": "overdue" if permit.state == "issued" and permit.valid_until < now else permit.state,
                "signed_off_by": permit.closed_by,
                "note": permit.note,
            }
            for permit, order in rows
            if not open_only or permit.state == "issued"
        ]


def orders_in_need(code: str) -> list[dict[str, Any]]:
    """The open orders that need a permit, with the kinds of which none is open or signed off yet."""
    with reading() as session:
        engagement = find_engagement(session, code)
        orders = session.exec(
            select(WorkOrder)
            .where(WorkOrder.engagement_id == engagement_id(engagement), still_to_do())
            .order_by(col(WorkOrder.due_on), col(WorkOrder.id))
        ).all()
        found = []
        for order in orders:
            needed = needed_kinds(order)
            if not needed:
                continue
            given = {permit.kind for permit in permits_of(session, order.id or 0)}
            found.append(
                {
                    "order": order.id,
                    "target": order.target_code,
                    "due": order.due_on,
                    "title": order.title,
                    "needs": ", ".join(needed),
                    "lacks": ", ".join(kind for kind in needed if kind not in given),
                }
            )
        return found


def permit_kinds(language: str = "en") -> list[dict[str, Any]]:
    """The kinds with what is checked before a permit is issued."""
    zh = language == "zh"
    return [
        {
            "kind": kind.code,
            "title": kind.label.zh if zh else kind.label.en,
            "longest_hours": kind.longest_hours,
            "checked": "; ".join(one.label.zh if zh else one.label.en for one in kind.precautions),
            "source": f"{kind.source} ({kind.certainty.value})",
        }
        for kind in load_permit_kinds()
    ]


def _kind(code: str) -> PermitKind:
    kinds = {kind.code: kind for kind in load_permit_kinds()}
    if code not in kinds:
        raise PermitRefused(f"{code[:40]!r} is no kind of permit; expected one of {', '.join(kinds)}.")
    return kinds[code]


def _refuse_stranger(session: Session, key: int, ref: str) -> None:
    if not is_known_person(session, key, ref):
        raise PermitRefused(
            "Holder, issuer and second person are references of staff or of people of either side, never names; "
            "one of them is not known here."
        )


def _now(engagement: Engagement) -> datetime:
    """Now; in a simulation eight o'clock of its day."""
    if engagement.simulated_on is None:
        return utc_now()
    day = business_today(engagement)
    return datetime.combine(day, time(8), ZoneInfo(engagement.timezone))
