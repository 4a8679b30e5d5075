"""Which wear parts reach the end of their life soon? Reported ahead, replaced before they fail (B2)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import literal
from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.db import reading
from models.rules.periods import Period
from models.rules.plan_figures import months_after
from models.service_plan import PlannedPart
from models.upsert import insert_if_absent
from models.work import PartForecast, WorkOrder
from reports.parts_pack import parts_pack
from tasks.cycles import CycleRef, cycle_transaction
from tasks.decisions import ask_decision
from tasks.engagements import engagement_of
from tasks.packs import issue_pack
from tasks.part_approvals import PART, SUBJECT
from tasks.promises import planned_parts
from tasks.spare_stock import stock_levels
from tasks.steps import step

HORIZON = timedelta(days=60)
FACTS_SHOWN = 40
"""So many parts stand in the mail itself; all of them in the document."""


@step("Report wear parts ahead")
def report_wear_parts(cycle: CycleRef) -> int:
    """Report the parts whose order must go out by the end of next month, and ask the client to allow their replacement.

    One question holds the month's parts; asking twice asks once. What follows is in `tasks.part_approvals`.

    Returns:
        How many were reported for the first time.
    """
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        month = Period.parse(cycle.period)
        horizon = month.last + HORIZON
        due = [
            (part, limit)
            for part, limit in _limits(session, cycle.engagement_id, month)
            if limit - timedelta(days=part.lead_days) <= horizon and limit <= engagement.last_day
        ]
        zh = engagement.language == "zh"
        new = insert_if_absent(
            session,
            PartForecast,
            [
                {
                    "engagement_id": cycle.engagement_id,
                    "asset_tag": part.asset_tag,
                    "part": part.part,
                    "title": part.title_zh if zh else part.title_en,
                    "replace_by": limit,
                    "report_by": limit - timedelta(days=part.lead_days),
                    "state": "reported",
                    "reported_on": cycle.as_of,
                    "question": cycle.period,
                }
                for part, limit in due
            ],
        )
        if new:
            record_event(session, cycle.engagement_id, "parts.reported", cycle.period, {"parts": new})
    _ask(cycle)
    return new


def _limits(session: Session, key: int, month: Period) -> Iterator[tuple[PlannedPart, date]]:
    """The wear parts of the plan with the end of their life: the planned one, or a life after the last replacement."""
    replaced = {
        (series, tag): on
        for series, tag, on in session.exec(
            select(WorkOrder.series, WorkOrder.target_code, func.max(col(WorkOrder.done_on)))
            .where(
                WorkOrder.engagement_id == key,
                col(WorkOrder.series).startswith(PART),
                WorkOrder.state == "done",
            )
            .group_by(col(WorkOrder.series), col(WorkOrder.target_code))
        ).all()
    }
    for part in planned_parts(session, key, month):
        last = replaced.get((f"{PART}{part.part}", part.asset_tag))
        limit = part.due_on if last is None else months_after(last, part.life_months)
        if limit is not None:
            yield part, limit


def _ask(cycle: CycleRef) -> None:
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        zh = engagement.language == "zh"
        parts = session.exec(
            select(PartForecast)
            .where(
                PartForecast.engagement_id == cycle.engagement_id,
                PartForecast.question == cycle.period,
                PartForecast.state == "reported",
            )
            .order_by(col(PartForecast.replace_by), PartForecast.asset_tag, PartForecast.part)
        ).all()
        if not parts:
            return
        stock = stock_levels(session, cycle.engagement_id, cycle.as_of)
        shelf = {part.part: _on_the_shelf(stock.get(part.part), zh) for part in parts}
        pack = parts_pack(engagement, cycle.period, parts, shelf, cycle.as_of)
    issued = issue_pack(cycle, SUBJECT, pack, cycle.as_of)
    with cycle_transaction(cycle) as session:
        ask_decision(
            session,
            engagement_of(session, cycle.engagement_id),
            SUBJECT,
            cycle.period,
            ("client",),
            issued.sha256,
            f"请审批 {cycle.period} 易损部件更换"
            if zh
            else f"Please decide on the wear parts reported in {cycle.period}",
            cycle.as_of,
            issued.files,
            tuple(
                (
                    f"{part.asset_tag} · {part.title or part.part}",
                    ("，" if zh else ", ").join(filter(None, (str(part.replace_by), shelf[part.part]))),
                )
                for part in parts[:FACTS_SHOWN]
            ),
        )


def _on_the_shelf(kept: dict[str, Any] | None, zh: bool) -> str:
    """What the stock says about a part, for the client: there, or to be ordered; nothing if it is not kept."""
    if kept is None:
        return ""
    if kept["level"] > 0:
        return f"库存{kept['level']}{kept['unit']}" if zh else f"{kept['level']} {kept['unit']} in stock"
    days = kept["lead_days"]
    return f"无库存，采购周期{days}天" if zh else f"none in stock, {days} days to deliver"


def settle_replaced_parts(session: Session, key: int) -> int:
    """Mark the forecasts whose replacement order is done; returns how many."""
    rows = session.exec(
        select(PartForecast, func.min(col(WorkOrder.done_on)))
        .join(
            WorkOrder,
            (col(WorkOrder.engagement_id) == col(PartForecast.engagement_id))
            & (col(WorkOrder.series) == literal(PART) + col(PartForecast.part))
            & (col(WorkOrder.target_code) == col(PartForecast.asset_tag)),
        )
        .where(
            PartForecast.engagement_id == key,
            col(PartForecast.state).in_(("reported", "approved")),
            WorkOrder.state == "done",
            # The order of the part before this one, in the same place, replaced that one.
            col(WorkOrder.done_on) >= col(PartForecast.reported_on),
        )
        .group_by(col(PartForecast.id))
    ).all()
    for forecast, done_on in rows:
        forecast.state, forecast.replaced_on = "replaced", done_on
        session.add(forecast)
    return len(rows)
