"""What follows when the client has decided on wear parts? The replacement is ordered, or the refusal kept (B2)."""

from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading
from models.decision import DecisionRequest
from models.engagement import Engagement
from models.rules.personal_data import masked
from models.work import PartForecast
from reports.words import voice_of
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.findings import raise_corrective_order

SUBJECT = "parts"
PART = "part:"
"""How the series of an order begins that replaces a wear part."""
BEFORE_THE_LIMIT = timedelta(days=7)
"""The replacement is given out so long before the part's last day (our own figure)."""


def settle_parts(
    session: Session, engagement: Engagement, reference: str, *, accepted: bool, reason: str, today: date
) -> int:
    """Order the replacement of the parts of one question, each before its limit, or keep why they were refused.

    Returns:
        How many parts were decided on.
    """
    key, voice = engagement_id(engagement), voice_of(engagement)
    parts = session.exec(
        select(PartForecast)
        .where(
            PartForecast.engagement_id == key,
            PartForecast.question == reference,
            PartForecast.state == "reported",
        )
        .order_by(PartForecast.asset_tag, PartForecast.part)
    ).all()
    for part in parts:
        part.state, part.decided_on = "approved" if accepted else "refused", today
        part.reason = "" if accepted else masked(reason.strip())[:500]
        session.add(part)
        if accepted:
            raise_corrective_order(
                session,
                key,
                series=f"{PART}{part.part}",
                title=voice("Replace ", "更换") + (part.title or part.part),
                target=("asset", part.asset_tag),
                clause="B2",
                post_code="technician",
                on=max(today, part.replace_by - BEFORE_THE_LIMIT),
                latest=part.replace_by,
            )
    if parts:
        what = "approved" if accepted else "refused"
        record_event(session, key, f"parts.{what}", reference, {"parts": len(parts)})
    return len(parts)


def listed_parts(code: str) -> list[dict[str, Any]]:
    """Every wear part reported so far: what was decided, and whether its order has to leave now."""
    with reading() as session:
        engagement = find_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        asked = dict(
            session.exec(
                select(col(DecisionRequest.reference), col(DecisionRequest.due_on)).where(
                    DecisionRequest.engagement_id == key,
                    DecisionRequest.subject == SUBJECT,
                    DecisionRequest.state == "open",
                )
            ).all()
        )
        rows = session.exec(
            select(PartForecast)
            .where(PartForecast.engagement_id == key)
            .order_by(col(PartForecast.replace_by), col(PartForecast.asset_tag), PartForecast.part)
        ).all()
        return [
            {
                "asset": row.asset_tag,
                "part": row.part,
                "replace_by": row.replace_by,
                "order_by": row.report_by,
                "state": row.state,
                "decided": row.decided_on or "",
                "note": row.reason or _waiting(row, asked, today),
            }
            for row in rows
        ]


def _waiting(row: PartForecast, asked: dict[str, date], today: date) -> str:
    if row.state != "reported" or row.question not in asked:
        return ""
    late = "; its order is late" if row.report_by < today else ""
    return f"the client answers parts {row.question} by {asked[row.question]}{late}"
