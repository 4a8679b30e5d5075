"""What do the books say? Instalments of the fee, and a period item by item (C2)."""

from typing import Any

from models.db import reading
from reports.words import COST_ITEMS, FUNDS, voice_of
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.instalments import signed_instalments
from tasks.statements import booked_lines, held_in, period_named


def instalments_of(code: str) -> list[dict[str, Any]]:
    """The instalments of the signed contract: due, amount, paid, and whether one is overdue today."""
    with reading() as session:
        engagement = find_engagement(session, code)
        today = business_today(engagement)
        rows = session.exec(signed_instalments(engagement_id(engagement))).all()
        return [
            {
                "due": row.due_on,
                "amount": row.amount,
                "paid": row.paid_on or "",
                "state": "paid" if row.paid_on else "overdue" if row.due_on < today else "open",
            }
            for row in rows
        ]


def booked_in(code: str, label: str) -> list[dict[str, Any]]:
    """What was booked in a period so far, item by item, compiled into a statement or not.

    Raises:
        Terminal: that is no period.
    """
    period_named(label)
    with reading() as session:
        engagement = find_engagement(session, code)
        voice = voice_of(engagement)
        lines = [
            {
                "kind": line.kind,
                "item": voice.word(COST_ITEMS, line.cost_item),
                "code": line.cost_item,
                "booked": line.actual,
                "planned": line.budget,
                "difference": line.actual - line.budget,
            }
            for line in booked_lines(session, engagement, label)
        ]
        # Beside the result: what moved in the period of money held for others.
        return lines + [
            {
                "kind": "held",
                "item": voice.word(FUNDS, fund.fund),
                "code": fund.fund,
                "booked": fund.closing - fund.opening,
                "planned": None,
                "difference": None,
            }
            for fund in held_in(session, engagement, label)
        ]
