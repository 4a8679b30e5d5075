"""Was every promise of the plan worked on in a period, and which work did no promise ask for? (C1)"""

from sqlmodel import Session, col, func, select

from models.engagement import Engagement
from models.occurrence import Occurrence
from models.rules.periods import Period
from models.service_plan import Commitment
from models.work import WorkOrder
from reports.review_sections import Coverage
from reports.words import voice_of
from tasks.amended_occurrences import CANCELLED
from tasks.engagements import engagement_id
from tasks.plans_in_force import plan_spans
from tasks.series import WORK_SUBJECTS


def coverage_of(session: Session, engagement: Engagement, period: Period) -> Coverage:
    """The commitments in force in a period that become work, against its orders, both ways.

    Args:
        session: any session.
        engagement: whose plan it is.
        period: its days that can be judged.
    """
    key, voice = engagement_id(engagement), voice_of(engagement)
    plans = [span.plan.id for span in plan_spans(session, key, period.first, period.last)]
    promises = {
        row.code: row
        for row in session.exec(
            select(Commitment)
            .where(
                col(Commitment.plan_id).in_(plans),
                col(Commitment.subject).in_(WORK_SUBJECTS),
                col(Commitment.on_demand).is_(False),
            )
            .order_by(col(Commitment.plan_id))
        ).all()
    }
    within = (
        WorkOrder.engagement_id == key,
        WorkOrder.due_on >= period.first,
        WorkOrder.due_on <= period.last,
    )
    worked = set(
        session.exec(
            select(WorkOrder.series).where(*within, col(WorkOrder.commitment_id).is_not(None)).distinct()
        ).all()
    )
    due = set(
        session.exec(
            select(Occurrence.commitment_code)
            .where(
                Occurrence.engagement_id == key,
                Occurrence.due_on >= period.first,
                Occurrence.due_on <= period.last,
                Occurrence.state != "absorbed",
                ~col(Occurrence.reason).startswith(CANCELLED),
            )
            .distinct()
        ).all()
    )
    unasked: dict[str, tuple[int, int]] = {}
    for series, state, count in session.exec(
        select(WorkOrder.series, WorkOrder.state, func.count())
        .where(*within, col(WorkOrder.commitment_id).is_(None))
        .group_by(col(WorkOrder.series), col(WorkOrder.state))
    ).all():
        origin = series.partition(":")[0]
        orders, done = unasked.get(origin, (0, 0))
        unasked[origin] = orders + int(count), done + (int(count) if state == "done" else 0)
    missing = [row for code, row in sorted(promises.items()) if code not in worked]
    return Coverage(
        len(promises),
        len(promises) - len(missing),
        tuple((row.clause, row.code, voice(row.title_en, row.title_zh), row.code in due) for row in missing),
        tuple((origin, *counts) for origin, counts in sorted(unasked.items())),
    )
