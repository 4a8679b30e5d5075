"""Who is told of work that nobody has begun in time, or that is past its last day? Its post and the manager, once (B2-B5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, literal
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.upsert import insert_selected_if_absent
from models.work import WorkAlert, WorkOrder, WorkRecord
from reports.words import POSTS, Voice, voice_of
from tasks.engagements import (
    business_today,
    codes_by_the_clock,
    engagement_id,
    find_engagement,
    lock_engagement,
    now_of,
)
from tasks.outbox import Letter, people_on_posts, people_with_role, queue_letters
from tasks.steps import step

_MOST_NAMED = 20
"""So many orders stand in a mail; how many more there are is said."""
_MANAGER = "manager"


class Late(StrEnum):
    """What is late about an order."""

    NOT_BEGUN = "not_begun"
    """A repair that somebody should have begun by now."""
    OVERDUE = "overdue"
    """Its last day in time is past."""


@dataclass(frozen=True)
class _Batch:
    """What is late and was not told: how many by post, and the first of each."""

    counts: dict[str, int]
    first: dict[str, list[WorkOrder]]


def tell_overdue_work(code: str) -> dict[str, int]:
    """Tell each post of its late work, and the manager (else the custodian) of all of it; running it again tells nobody twice.

    Args:
        code: the engagement.

    Returns:
        How many orders were told of now, by what is late about them.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        if not any(_first_id(session, engagement, late) for late in Late):
            return {}
    with writing() as session:
        engagement = lock_engagement(session, code)
        return {late.value: told for late in Late if (told := _tell(session, engagement, late))}


@step("Tell the posts of work that is late")
def tell_overdue_work_everywhere() -> list[tuple[str, int]]:
    """The same for every engagement in service; a demonstration has no clock of its own. Code and orders."""
    return [(code, sum(told.values())) for code in codes_by_the_clock() if (told := tell_overdue_work(code))]


def _tell(session: Session, engagement: Engagement, late: Late) -> int:
    key, on, first = (
        engagement_id(engagement),
        business_today(engagement),
        _first_id(session, engagement, late),
    )
    people = people_on_posts(session, key)
    in_charge = people.get(_MANAGER) or people_with_role(session, engagement, "custodian")
    if first is None or not in_charge:
        return 0
    batch = _batch(session, engagement, late)
    name = f"{late.value}:{on}:{first}"
    for post in batch.counts:
        if post != _MANAGER and (mine := [ref for ref in people.get(post, ()) if ref not in in_charge]):
            queue_letters(session, engagement, mine, _letter(engagement, late, name, batch, (post,)), on)
    letter = _letter(engagement, late, name, batch, tuple(sorted(batch.counts)))
    queue_letters(session, engagement, in_charge, letter, on)
    _keep(session, engagement, late)
    record_event(session, key, f"work.{late.value}", str(on), {"orders": sum(batch.counts.values())})
    return sum(batch.counts.values())


def _untold(engagement: Engagement, late: Late) -> tuple[ColumnElement[bool], ...]:
    """The conditions of an order that is late in this way and was not told of."""
    told = (
        select(WorkAlert.id)
        .where(WorkAlert.work_order_id == WorkOrder.id, WorkAlert.late == late.value)
        .correlate(WorkOrder)
        .exists()
    )
    begun = (
        select(WorkRecord.id).where(WorkRecord.work_order_id == WorkOrder.id).correlate(WorkOrder).exists()
    )
    mine = (
        col(WorkOrder.engagement_id) == engagement_id(engagement),
        col(WorkOrder.state) == "released",
        ~told,
    )
    if late is Late.OVERDUE:
        return (*mine, col(WorkOrder.latest_on) < business_today(engagement))
    return (*mine, col(WorkOrder.respond_by) < now_of(engagement), ~begun)


def _first_id(session: Session, engagement: Engagement, late: Late) -> int | None:
    return session.exec(select(func.min(WorkOrder.id)).where(*_untold(engagement, late))).one()


def _batch(session: Session, engagement: Engagement, late: Late) -> _Batch:
    conditions = _untold(engagement, late)
    counts = dict(
        session.exec(
            select(WorkOrder.post_code, func.count()).where(*conditions).group_by(col(WorkOrder.post_code))
        ).all()
    )
    first = {
        post: list(
            session.exec(
                select(WorkOrder)
                .where(*conditions, WorkOrder.post_code == post)
                .order_by(
                    col(WorkOrder.statutory).desc(),
                    col(WorkOrder.latest_on),
                    col(WorkOrder.series),
                    col(WorkOrder.target_code),
                )
                .limit(_MOST_NAMED)
            ).all()
        )
        for post in counts
    }
    return _Batch(counts, first)


def _keep(session: Session, engagement: Engagement, late: Late) -> None:
    values: dict[str, Any] = {
        "engagement_id": WorkOrder.engagement_id,
        "work_order_id": WorkOrder.id,
        "late": literal(late.value),
        "told_on": literal(business_today(engagement)),
        "recorded_at": literal(utc_now()),
    }
    rows = sa_select(*(value.label(name) for name, value in values.items())).where(*_untold(engagement, late))
    insert_selected_if_absent(session, WorkAlert, list(values), rows)


def _letter(engagement: Engagement, late: Late, name: str, batch: _Batch, posts: Sequence[str]) -> Letter:
    voice, zone = voice_of(engagement), ZoneInfo(engagement.timezone)
    total = sum(batch.counts[post] for post in posts)
    shown = sorted(
        (order for post in posts for order in batch.first[post]),
        key=lambda order: (not order.statutory, order.latest_on, order.id),
    )[:_MOST_NAMED]
    facts = [_fact(order, late, voice, zone) for order in shown]
    if total > len(shown):
        facts.append(
            (voice("And", "另有"), voice(f"{total - len(shown)} further orders", f"{total - len(shown)} 项"))
        )
    if late is Late.OVERDUE:
        title = voice(f"Work past its last day: {total}", f"逾期作业：{total} 项")
        text = voice(
            "Nobody has recorded the work below by its last day. Please have it done, or have what was done entered; "
            "`steward work list` shows everything that is open. Work the law asks for comes first.",
            "以下作业超过最迟日期仍无记录，请尽快完成或补录；法定项目列前，全部未完工单见 steward work list。",
        )
    else:
        title = voice(f"Repairs nobody has begun: {total}", f"未按时开始的维修：{total} 项")
        text = voice(
            "Somebody should have begun the repairs below by the time beside them. Please have them begun, and recorded "
            "(`steward work start`).",
            "以下维修已超过规定开始时间，请立即安排并登记开工（steward work start）。",
        )
    return Letter(
        kind=f"work-{late.value.replace('_', '-')}",
        period=name,
        title=f"{engagement.property_name}: {title}"
        if engagement.language != "zh"
        else f"{engagement.property_name}：{title}",
        paragraphs=(text,),
        facts=tuple(facts),
        may_repeat=True,
    )


def _fact(order: WorkOrder, late: Late, voice: Voice, zone: ZoneInfo) -> tuple[str, str]:
    until = _until(order, late, zone)
    law = voice(", asked for by law", "，法定") if order.statutory else ""
    post = voice.word(POSTS, order.post_code)
    return (
        f"{order.id} · {order.target_code}",
        voice(f"{order.title} ({post}, until {until}{law})", f"{order.title}（{post}，截止 {until}{law}）"),
    )


def _until(order: WorkOrder, late: Late, zone: ZoneInfo) -> str:
    by: date | datetime | None = order.respond_by if late is Late.NOT_BEGUN else order.latest_on
    return f"{by.astimezone(zone):%Y-%m-%d %H:%M}" if isinstance(by, datetime) else str(by)
