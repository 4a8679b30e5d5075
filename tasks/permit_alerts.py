"""Who is told of a permit that ran out and that nobody signed off? The manager, once: somebody may still be in there (B2)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from models.db import reading, writing
from models.engagement import Engagement
from models.permit import Permit
from models.permit_files import load_permit_kinds
from models.work import WorkOrder
from reports.words import voice_of
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


def tell_overdue_permits(code: str) -> list[int]:
    """Tell the manager, else the custodian, of each permit past its time that nobody signed off, once each.

    Args:
        code: the engagement.

    Returns:
        Numbers of the permits that were told of now.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        if not _overdue(session, engagement):
            return []
    told = []
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        people = people_on_posts(session, key).get("manager") or people_with_role(
            session, engagement, "custodian"
        )
        for permit, order in _overdue(session, engagement):
            letter = _letter(engagement, permit, order)
            if queue_letters(session, engagement, people, letter, business_today(engagement)):
                told.append(permit.id or 0)
    return told


@step("Tell of permits that nobody signed off")
def tell_overdue_permits_everywhere() -> list[tuple[str, int]]:
    """The same for every engagement in service; a demonstration has no clock of its own. Code and permit."""
    return [(code, number) for code in codes_by_the_clock() for number in tell_overdue_permits(code)]


def _overdue(session: Session, engagement: Engagement) -> list[tuple[Permit, WorkOrder]]:
    rows = session.exec(
        select(Permit, WorkOrder)
        .join(WorkOrder, col(WorkOrder.id) == col(Permit.work_order_id))
        .where(
            Permit.engagement_id == engagement_id(engagement),
            Permit.state == "issued",
            col(Permit.valid_until) < now_of(engagement),
        )
        .order_by(col(Permit.id))
    ).all()
    return [(permit, order) for permit, order in rows]


def _letter(engagement: Engagement, permit: Permit, order: WorkOrder) -> Letter:
    voice = voice_of(engagement)
    kind = next((one.label for one in load_permit_kinds() if one.code == permit.kind), None)

    def local(at: datetime) -> str:
        return f"{at.astimezone(ZoneInfo(engagement.timezone)):%Y-%m-%d %H:%M}"

    return Letter(
        kind="permit-overdue",
        period=str(permit.id),
        title=voice(
            f"{engagement.property_name}: nobody signed off permit {permit.id}",
            f"{engagement.property_name}：作业许可{permit.id}到期未验收签字",
        ),
        paragraphs=(
            voice(
                "The permit below has run out, and no second person has seen the place safe again. Please make sure now "
                "that everybody is out, and have it signed off (`steward permit close`).",
                "以下作业许可已到期，尚无第二人确认现场安全。请立即确认人员全部撤离，并完成验收签字（steward permit close）。",
            ),
        ),
        facts=(
            (voice("Kind", "种类"), permit.kind if kind is None else voice(kind.en, kind.zh)),
            (voice("Order", "工单"), f"{order.id} · {order.target_code} · {order.title}"),
            (voice("Holder", "持有人"), permit.holder),
            (voice("From", "自"), local(permit.valid_from)),
            (voice("Until", "至"), local(permit.valid_until)),
        ),
        may_repeat=True,
    )
