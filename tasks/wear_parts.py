"""Which wear parts reach the end of their life soon? Reported ahead, replaced before they fail (B2)."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from models.audit import record_event
from models.rules.periods import Period
from models.upsert import insert_if_absent
from models.work import PartForecast, WorkOrder
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import engagement_of
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.promises import planned_parts
from tasks.spare_stock import stock_levels
from tasks.steps import step
from tasks.work_orders import raise_corrective_order

HORIZON = timedelta(days=60)


@step("Report wear parts ahead")
def report_wear_parts(cycle: CycleRef) -> int:
    """Report the parts whose order must go out by the end of next month, with a replacement order each.

    Returns:
        How many were reported for the first time.
    """
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        month = Period.parse(cycle.period)
        horizon = month.last + HORIZON
        due = [
            part
            for part in planned_parts(session, cycle.engagement_id, month)
            if part.due_on is not None
            and part.due_on - timedelta(days=part.lead_days) <= horizon
            and part.due_on <= engagement.term_end
        ]
        zh = engagement.language == "zh"
        stock = stock_levels(session, cycle.engagement_id, cycle.as_of)
        fresh = []
        for part in due:
            new = insert_if_absent(
                session,
                PartForecast,
                [
                    {
                        "engagement_id": cycle.engagement_id,
                        "asset_tag": part.asset_tag,
                        "part": part.part,
                        "title": part.title_zh if zh else part.title_en,
                        "replace_by": part.due_on,
                        "report_by": (part.due_on or cycle.as_of) - timedelta(days=part.lead_days),
                        "state": "reported",
                        "reported_on": cycle.as_of,
                    }
                ],
            )
            if new:
                fresh.append(part)
                raise_corrective_order(
                    session,
                    cycle.engagement_id,
                    series=f"part:{part.part}",
                    title=("更换" if zh else "Replace ") + (part.title_zh if zh else part.title_en),
                    target=("asset", part.asset_tag),
                    clause="B2",
                    post_code="technician",
                    on=max(cycle.as_of, (part.due_on or cycle.as_of) - timedelta(days=7)),
                )
        if fresh:
            queue_letters(
                session,
                engagement,
                people_with_role(session, engagement, "client"),
                Letter(
                    kind="parts",
                    period=cycle.period,
                    title=f"{engagement.property_name}：易损部件更换提前报备"
                    if zh
                    else f"{engagement.property_name}: wear parts to be replaced",
                    paragraphs=(
                        (
                            "下列部件将到使用期限，拟在失效前更换，特此提前报备。"
                            if zh
                            else "The parts below reach the end of their life and will be replaced before they fail."
                        ),
                    ),
                    facts=tuple(
                        (
                            f"{part.asset_tag} · {part.title_zh if zh else part.title_en}",
                            f"{part.due_on}{_on_the_shelf(stock.get(part.part), zh)}",
                        )
                        for part in fresh[:40]
                    ),
                ),
                cycle.as_of,
            )
            record_event(session, cycle.engagement_id, "parts.reported", cycle.period, {"parts": len(fresh)})
        return len(fresh)


def _on_the_shelf(kept: dict[str, Any] | None, zh: bool) -> str:
    """What the stock says about a part, for the client: there, or to be ordered; nothing if it is not kept."""
    if kept is None:
        return ""
    if kept["level"] > 0:
        return f"，库存{kept['level']}{kept['unit']}" if zh else f", {kept['level']} {kept['unit']} in stock"
    days = kept["lead_days"]
    return f"，无库存，采购周期{days}天" if zh else f", none in stock, {days} days to deliver"


def settle_replaced_parts(session: Session, key: int) -> int:
    """Mark the forecasts whose replacement order is done; returns how many."""
    settled = 0
    for forecast in session.exec(
        select(PartForecast).where(PartForecast.engagement_id == key, PartForecast.state == "reported")
    ).all():
        order = session.exec(
            select(WorkOrder).where(
                WorkOrder.engagement_id == key,
                WorkOrder.series == f"part:{forecast.part}",
                WorkOrder.target_code == forecast.asset_tag,
                WorkOrder.state == "done",
            )
        ).first()
        if order is not None:
            forecast.state, forecast.replaced_on = "replaced", order.done_on
            session.add(forecast)
            settled += 1
    return settled
