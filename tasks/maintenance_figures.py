"""How reliable was the equipment, and how well was its maintenance planned? Figures of a period (B2, C1).

Everything is reckoned from the dates of the records, so a review that comes weeks late says the same.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, literal
from sqlmodel import Session, col, func, or_, select

from models.catalogue_files import load_catalogue
from models.engagement import Engagement
from models.register import Asset
from models.rules.failures import (
    Failure,
    begun_within,
    hours_out_of_order,
    machine_days_out_of_order,
    restoration,
    separate_failures,
)
from models.rules.finding_priority import RESPONSE_TIME, FindingPriority
from models.rules.indicators import (
    Figure,
    IndicatorCode,
    failure_interval_figure,
    mean_figure,
    mean_time_between_failures,
    mean_time_to_restore_figure,
    share_figure,
)
from models.rules.periods import Period, day_bounds_utc, instant_of, period_bounds_utc
from models.rules.service_levels import RequestKind
from models.service_desk import ServiceRequest
from models.service_plan import Commitment, PlanPost
from models.work import WorkOrder, WorkRecord
from tasks.engagements import engagement_id
from tasks.findings import FOUND, OUT_OF_ORDER
from tasks.plans_in_force import plan_in_force
from tasks.promises import Targets
from tasks.service_desk import order_series
from tasks.standing_records import is_standing_result
from tasks.work_orders import remained_due

PLANNED_MAINTENANCE = ("preventive_maintenance", "fire_check", "cctv_check")
MAINTENANCE = (*PLANNED_MAINTENANCE, "corrective")
"""Subjects of work whose open orders are the backlog of maintenance."""
_WEEKS_A_YEAR = Decimal("365") / 7


def maintenance_figures(
    session: Session, engagement: Engagement, period: Period, targets: Targets
) -> list[Figure]:
    """Schedule compliance, share of planned work, backlog, time to restore and between failures, good order."""
    key = engagement_id(engagement)
    return [
        share_figure(
            IndicatorCode.SCHEDULE_COMPLIANCE,
            *_done_as_scheduled(session, key, period),
            targets.get("schedule_compliance"),
        ),
        share_figure(
            IndicatorCode.PLANNED_WORK, *_planned_hours(session, key, period), targets.get("planned_work")
        ),
        _backlog_figure(session, key, period.last, targets),
        *_reliability_figures(session, engagement, period, targets),
    ]


def _done_as_scheduled(session: Session, key: int, period: Period) -> tuple[int, int]:
    """Planned orders done by the day they were planned for, and all that were planned for the period."""
    as_planned = (col(WorkOrder.state) == "done") & (col(WorkOrder.done_on) <= col(WorkOrder.due_on))
    total, done = session.exec(
        select(func.count(), func.sum(case((as_planned, 1), else_=0))).where(
            WorkOrder.engagement_id == key,
            col(WorkOrder.commitment_id).is_not(None),
            WorkOrder.due_on >= period.first,
            WorkOrder.due_on <= period.last,
            remained_due(),
        )
    ).one()
    return int(done or 0), int(total)


def _planned_hours(session: Session, key: int, period: Period) -> tuple[Decimal, Decimal]:
    """Recorded hours of planned work, and of all work."""
    repair = col(WorkOrder.commitment_id).is_(None)
    rows = session.exec(
        select(repair, col(WorkRecord.hours), func.count())
        .join(WorkRecord, col(WorkRecord.work_order_id) == col(WorkOrder.id))
        .where(
            WorkOrder.engagement_id == key,
            WorkRecord.done_on >= period.first,
            WorkRecord.done_on <= period.last,
            is_standing_result(),
        )
        .group_by(repair, col(WorkRecord.hours))
    ).all()
    planned = sum((hours * count for unplanned, hours, count in rows if not unplanned), Decimal(0))
    return planned, sum((hours * count for _unplanned, hours, count in rows), Decimal(0))


def _backlog_figure(session: Session, key: int, on: date, targets: Targets) -> Figure:
    """Hours of maintenance open at the end of a day over the hours its posts work in a week."""
    code = IndicatorCode.BACKLOG_WEEKS
    rows = session.exec(
        select(WorkOrder.commitment_id, col(Commitment.hours), func.count())
        .join(Commitment, col(Commitment.id) == col(WorkOrder.commitment_id), isouter=True)
        .where(WorkOrder.engagement_id == key, maintenance_open(on))
        .group_by(col(WorkOrder.commitment_id), col(Commitment.hours))
    ).all()
    repairs = sum(count for commitment, _hours, count in rows if commitment is None)
    repair_hours = usual_repair_hours(session, key, on) if repairs else Decimal(0)
    capacity = weekly_hours(session, key, on)
    if repair_hours is None or not capacity:
        return mean_figure(code, 0, 0, targets.get("backlog_weeks"))
    planned = sum(
        (Decimal(hours) * count for commitment, hours, count in rows if commitment is not None), Decimal(0)
    )
    return mean_figure(code, planned + repairs * repair_hours, capacity, targets.get("backlog_weeks"))


def maintenance_open(on: date) -> ColumnElement[bool]:
    """The condition that an order is maintenance which was open at the end of a day."""
    return (
        col(WorkOrder.subject).in_(MAINTENANCE)
        & (col(WorkOrder.released_on) <= on)
        & or_(
            col(WorkOrder.done_on) > on,
            col(WorkOrder.state) == "released",
            # A planned occurrence whose window has closed will not be done any more; a repair will, and
            # is never missed.
            (col(WorkOrder.state) == "missed") & (col(WorkOrder.latest_on) > on),
        )
    )


def usual_repair_hours(session: Session, key: int, on: date) -> Decimal | None:
    """The mean of the hours recorded for corrective work so far; None where none were."""
    rows = session.exec(
        select(col(WorkRecord.hours), func.count())
        .join(WorkOrder, col(WorkOrder.id) == col(WorkRecord.work_order_id))
        .where(
            WorkOrder.engagement_id == key,
            WorkOrder.subject == "corrective",
            WorkRecord.done_on <= on,
            is_standing_result(),
        )
        .group_by(col(WorkRecord.hours))
    ).all()
    worked = sum((hours * count for hours, count in rows), Decimal(0))
    told = sum(count for hours, count in rows if hours)
    return (worked / told).quantize(Decimal("0.01")) if told else None


def weekly_hours(session: Session, key: int, on: date) -> Decimal:
    """Hours a week that the posts with maintenance in the plan in force have for work, by the catalogue's shares."""
    plan_id = plan_in_force(session, key, on)
    posts = session.exec(
        select(PlanPost.code, col(PlanPost.headcount))
        .where(
            PlanPost.plan_id == plan_id,
            col(PlanPost.round_the_clock).is_(False),
            col(PlanPost.code).in_(
                select(Commitment.post_code).where(
                    Commitment.plan_id == plan_id, col(Commitment.subject).in_(MAINTENANCE)
                )
            ),
        )
        .order_by(PlanPost.code)
    ).all()
    known = load_catalogue().posts
    hours = sum(
        (
            heads * known[code].hours_per_month * 12 * known[code].productive_share / _WEEKS_A_YEAR
            for code, heads in posts
            if code in known
        ),
        Decimal(0),
    )
    return hours.quantize(Decimal("0.1"))


def _reliability_figures(
    session: Session, engagement: Engagement, period: Period, targets: Targets
) -> list[Figure]:
    key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
    start, end = period_bounds_utc(period, zone)
    assets = session.exec(select(func.count()).where(Asset.engagement_id == key)).one()
    repairs = repairs_under_way(session, engagement, period)
    failures = separate_failures((spell for _series, spell in repairs), zone)
    hours = Decimal((end - start) // timedelta(seconds=1)) / 3600
    operating = assets * hours - hours_out_of_order(failures, start, end)
    found = separate_failures((spell for series, spell in repairs if series.startswith(OUT_OF_ORDER)), zone)
    days = (period.last - period.first).days + 1
    out = sum(machine_days_out_of_order(found, period.first, period.last, zone).values())
    return [
        failure_interval_figure(
            mean_time_between_failures(operating, begun_within(failures, start, end)), targets.get("mtbf")
        ),
        mean_time_to_restore_figure(*restoration(failures, start, end), targets.get("mttr")),
        share_figure(
            IndicatorCode.EQUIPMENT_IN_ORDER,
            assets * days - out,
            assets * days,
            targets.get("equipment_in_order"),
        ),
    ]


def repairs_under_way(session: Session, engagement: Engagement, period: Period) -> list[tuple[str, Failure]]:
    """Series and spell of the repairs, for what was found or reported, of the machines under repair in a period.

    Of such a machine all repairs up to the end of the period: what touches is one failure, however far back.
    """
    key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
    series = col(WorkOrder.series)
    repair = (
        WorkOrder.engagement_id == key,
        WorkOrder.subject == "corrective",
        WorkOrder.target_kind == "asset",
        WorkOrder.released_on <= period.last,
        WorkOrder.state != "skipped",  # withdrawn: nothing had been wrong, or both sides let it be
        or_(*(series.startswith(origin) for origin in (*OUT_OF_ORDER, order_series("")))),
    )
    # With the day before: what ended with it touches what began with the period.
    since = period.first - timedelta(days=1)
    under_repair = select(WorkOrder.target_code).where(
        *repair, col(WorkOrder.done_on).is_(None) | (col(WorkOrder.done_on) >= since)
    )
    rows = session.exec(
        select(
            WorkOrder, ServiceRequest.kind, col(ServiceRequest.received_at), func.max(col(WorkRecord.done_at))
        )
        .join(
            Asset,
            (col(Asset.engagement_id) == col(WorkOrder.engagement_id))
            & (col(Asset.tag) == col(WorkOrder.target_code)),
        )
        .join(
            WorkRecord,
            (col(WorkRecord.work_order_id) == col(WorkOrder.id)) & is_standing_result(),
            isouter=True,
        )
        .join(
            ServiceRequest,
            (col(ServiceRequest.engagement_id) == col(WorkOrder.engagement_id))
            & (literal(order_series("")) + col(ServiceRequest.number) == series),
            isouter=True,
        )
        .where(*repair, col(WorkOrder.target_code).in_(under_repair))
        .group_by(col(WorkOrder.id), col(ServiceRequest.id))
        .order_by(col(WorkOrder.id))
    ).all()
    repairs = []
    for order, kind, received_at, done_at in rows:
        if order.series.startswith(order_series("")) and kind != RequestKind.REPAIR:
            continue  # an enquiry or a complaint about a machine is no failure of it
        began = _began(order, received_at, zone)
        restored = _restored(order, done_at, zone)
        ended = None if restored is None else max(began, restored)
        repairs.append((order.series, Failure(order.target_code, began, ended)))
    return repairs


def _began(order: WorkOrder, received_at: datetime | None, zone: ZoneInfo) -> datetime:
    """When it was reported or found; the beginning of the day where nothing finer is known."""
    if received_at is not None:
        return received_at
    if order.series.startswith(FOUND) and order.respond_by is not None and order.priority:
        return order.respond_by - RESPONSE_TIME[FindingPriority(order.priority)]
    return instant_of(order.released_on, time(0), zone)


def _restored(order: WorkOrder, done_at: datetime | None, zone: ZoneInfo) -> datetime | None:
    """When the repair was done; the end of its day where nothing finer is known."""
    if order.done_on is None:
        return None
    return done_at if done_at is not None else day_bounds_utc(order.done_on, zone)[1]
