"""Which records stand behind a figure, row by row, and where does its target come from? (C1)

Each row says what it adds to the numerator and to the denominator, by the same rule as the figure itself; a test holds
the two together. What was recorded after the figure was kept shows as a difference, and is told.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, select

from models.accounts import Statement, StatementLine
from models.contract import Contract, ContractAmendment, ContractClause
from models.db import reading
from models.emergency import Incident
from models.engagement import Engagement
from models.errors import Terminal
from models.inspection import QualityInspection
from models.register import Asset
from models.review import IndicatorFigure, Review
from models.review import Pack as PackRow
from models.rules.coverage import prove_coverage
from models.rules.drills import DrillState
from models.rules.failures import machine_days_out_of_order, separate_failures
from models.rules.indicators import INDICATORS, IndicatorCode
from models.rules.patrols import RoundState
from models.rules.periods import Period, PeriodKind, day_bounds_utc, period_bounds_utc
from models.rules.service_levels import RequestKind
from models.service_desk import ServiceRequest
from models.service_plan import Commitment, ServicePlan
from models.work import WorkOrder, WorkRecord
from reports.indicator_records import (
    ContractSource,
    CountedRecord,
    TargetSource,
    Trace,
    contract_words,
    number,
    records_pack,
    term_index_pack,
)
from reports.indicator_sections import indicator_name, indicator_value
from reports.words import voice_of
from reports.workbook import render_xlsx
from tasks.camera_log import due_checks
from tasks.cycles import CycleRef
from tasks.drill_schedule import drills_scored, standings_on, trained_staff
from tasks.engagements import business_today, engagement_id, engagement_of, find_engagement
from tasks.exported_files import write_whole
from tasks.findings import OUT_OF_ORDER
from tasks.indicators import (
    figures_of,
    judged_days,
    overall_answers,
    quarterly_waves,
    staff_of,
)
from tasks.maintenance_figures import (
    PLANNED_MAINTENANCE,
    maintenance_open,
    repairs_under_way,
    usual_repair_hours,
    weekly_hours,
)
from tasks.packs import IssuedPack, issue_workbook, issued_pack
from tasks.patrols import first_route_day, judged_rounds
from tasks.plans_in_force import plan_in_force
from tasks.promises import manned_posts
from tasks.request_quality import complaints_between, standing_requests
from tasks.rosters import shifts_between
from tasks.service_desk import judged_requests
from tasks.standing_records import is_standing_result
from tasks.survey_fieldwork import wave_dispositions
from tasks.work_orders import remained_due

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
RECORDS = "records"
"""Kind of the workbook with the records behind a period's figures."""

DAILY = frozenset(
    {
        IndicatorCode.PM_COMPLIANCE,
        IndicatorCode.SCHEDULE_COMPLIANCE,
        IndicatorCode.STATUTORY_COMPLIANCE,
        IndicatorCode.ROUND_COMPLETION,
        IndicatorCode.CLEANING_PASS_RATE,
        IndicatorCode.GREENING_COMPLETION,
        IndicatorCode.PATROL_COMPLETION,
        IndicatorCode.POST_COVERAGE,
        IndicatorCode.CAMERAS_HEALTHY,
        IndicatorCode.PLANNED_WORK,
    }
)
"""Indicators with rows for every day."""


def trace_of(session: Session, engagement: Engagement, code: str, period: str) -> Trace:
    """A kept figure with everything it can be followed to.

    Raises:
        Terminal: no such indicator, or no figure of it was kept for the period.
    """
    if code not in {one.value for one in IndicatorCode}:
        raise Terminal(
            f"{code!r} is no indicator; expected one of {', '.join(one.value for one in IndicatorCode)}."
        )
    key = engagement_id(engagement)
    figure = session.exec(
        select(IndicatorFigure).where(
            IndicatorFigure.engagement_id == key,
            IndicatorFigure.code == code,
            IndicatorFigure.period == period,
        )
    ).one_or_none()
    if figure is None:
        kept = session.exec(
            select(IndicatorFigure.period)
            .where(IndicatorFigure.engagement_id == key, IndicatorFigure.code == code)
            .order_by(IndicatorFigure.period)
        ).all()
        raise Terminal(
            f"No figure of {code} was kept for {period!r}; expected one of {', '.join(kept) or 'none yet'}."
        )
    days = judged_days(Period.parse(period), engagement, _reviewed_on(session, engagement, period))
    return _trace(session, engagement, figure, days, _sources(session, engagement_id(engagement), days.last))


def traces_of(session: Session, engagement: Engagement, period: str, as_of: date) -> list[Trace]:
    """The traces of every figure of a period that was reviewed on a day, in the registry's order.

    Of a longer period than a month, the rows of what is done daily stay in the workbooks of its months.
    """
    days = judged_days(Period.parse(period), engagement, as_of)
    kept = {
        row.code: row
        for row in session.exec(
            select(IndicatorFigure).where(
                IndicatorFigure.engagement_id == engagement_id(engagement), IndicatorFigure.period == period
            )
        ).all()
    }
    sources = _sources(session, engagement_id(engagement), days.last)
    return [
        _trace(
            session,
            engagement,
            kept[code],
            days,
            sources,
            by_month=days.kind is not PeriodKind.MONTH and code in DAILY,
        )
        for code in (one.value for one in IndicatorCode)
        if code in kept
    ]


@dataclass(frozen=True)
class _Sources:
    """Where the targets of one day come from: read once for all figures of a period."""

    by_code: Mapping[str, Sequence[tuple[Commitment, ServicePlan]]]
    contract: ContractSource | None


def _sources(session: Session, key: int, on: date) -> _Sources:
    by_code: dict[str, list[tuple[Commitment, ServicePlan]]] = {}
    for promise, plan in session.exec(
        select(Commitment, ServicePlan)
        .join(ServicePlan, col(ServicePlan.id) == col(Commitment.plan_id))
        .where(
            Commitment.plan_id == plan_in_force(session, key, on), col(Commitment.target_value).is_not(None)
        )
        .order_by(Commitment.clause, Commitment.code)
    ).all():
        by_code.setdefault(promise.metric, []).append((promise, plan))
    return _Sources(by_code, contract_source(session, key, on))


def _trace(
    session: Session,
    engagement: Engagement,
    figure: IndicatorFigure,
    days: Period,
    sources: _Sources,
    *,
    by_month: bool = False,
) -> Trace:
    code = IndicatorCode(figure.code)
    reader = READERS.get(code)
    return Trace(
        figure,
        days.first,
        days.last,
        () if reader is None or by_month else tuple(reader(session, engagement, days)),
        tuple(_targets(code, sources.by_code.get(code.value, ()))),
        sources.contract,
        by_month,
    )


def _reviewed_on(session: Session, engagement: Engagement, period: str) -> date:
    """The day on which the period was reviewed: what was recorded later is not in its figures' days."""
    held = session.exec(
        select(col(Review.held_on)).where(
            Review.engagement_id == engagement_id(engagement),
            Review.period == period,
            Review.kind == Period.parse(period).kind.value,
        )
    ).one_or_none()
    return held or business_today(engagement)


def _targets(code: IndicatorCode, promises: Sequence[tuple[Commitment, ServicePlan]]) -> list[TargetSource]:
    """The promises that name an indicator in the plan version in force; the strictest one decides."""
    found = [
        (promise, plan, promise.target_value)
        for promise, plan in promises
        if promise.target_value is not None
    ]
    if not found:
        return []
    named = [target for _promise, _plan, target in found]
    strictest = max(named) if INDICATORS[code].higher_is_better else min(named)
    return [
        TargetSource(
            plan.version,
            plan.effective_on,
            promise.code,
            promise.clause,
            promise.title_en,
            promise.title_zh,
            target,
            target == strictest,
        )
        for promise, plan, target in found
    ]


def contract_source(session: Session, key: int, on: date) -> ContractSource | None:
    """The signed contract with its clause on quality, whose list holds the targets; None before it is signed.

    Args:
        session: any session.
        key: the engagement.
        on: the day judged: amendments that came into force later are none of its matter.
    """
    contract = session.exec(
        select(Contract).where(Contract.engagement_id == key, col(Contract.state).in_(("signed", "ended")))
    ).first()
    if contract is None:
        return None
    clause = session.exec(
        select(ContractClause).where(
            ContractClause.contract_id == contract.id, ContractClause.head == "service_quality"
        )
    ).first()
    amended_on = session.exec(
        select(func.max(col(ContractAmendment.effective_on))).where(
            ContractAmendment.contract_id == contract.id, ContractAmendment.effective_on <= on
        )
    ).one()
    return ContractSource(
        contract.number,
        contract.signed_on,
        0 if clause is None else clause.ordinal,
        "" if clause is None else clause.title,
        amended_on,
    )


Reader = Callable[[Session, Engagement, Period], Iterable[CountedRecord]]


def _one(*, counts: bool) -> Decimal:
    return Decimal(1 if counts else 0)


def _in_window(subjects: Sequence[str], *, statutory: bool = False) -> Reader:
    def read(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
        query = select(WorkOrder).where(
            WorkOrder.engagement_id == engagement_id(engagement),
            WorkOrder.latest_on >= days.first,
            WorkOrder.latest_on <= days.last,
            col(WorkOrder.subject).in_(subjects),
            remained_due(),
        )
        if statutory:
            query = query.where(col(WorkOrder.statutory).is_(True))
        for order in session.exec(query.order_by(col(WorkOrder.latest_on), col(WorkOrder.id))).all():
            kept = order.state == "done" and order.done_on is not None and order.done_on <= order.latest_on
            yield _order(order, order.latest_on, kept=kept)

    return read


def _order(order: WorkOrder, day: date, *, kept: bool) -> CountedRecord:
    late = order.state == "done" and not kept
    about = f"{order.series} {order.target_code}".strip()
    return CountedRecord(
        "order",
        str(order.id),
        about,
        str(day),
        "late" if late else order.state,
        _one(counts=kept),
        Decimal(1),
    )


def _as_scheduled(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    orders = session.exec(
        select(WorkOrder)
        .where(
            WorkOrder.engagement_id == engagement_id(engagement),
            col(WorkOrder.commitment_id).is_not(None),
            WorkOrder.due_on >= days.first,
            WorkOrder.due_on <= days.last,
            remained_due(),
        )
        .order_by(col(WorkOrder.due_on), col(WorkOrder.id))
    ).all()
    for order in orders:
        kept = order.state == "done" and order.done_on is not None and order.done_on <= order.due_on
        yield _order(order, order.due_on, kept=kept)


def _patrols(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    """Rounds from the first day of a route on, before it the orders of the plan; as the figure counts them."""
    since = first_route_day(session, engagement_id(engagement))
    orders = _in_window(("security_patrol",))
    if since is None or since > days.last:
        yield from orders(session, engagement, days)
        return
    first = max(since, days.first)
    if days.first < first:
        yield from orders(session, engagement, Period(days.kind, days.label, days.first, first - _DAY))
    for one in judged_rounds(session, engagement, first, days.last, None):
        yield CountedRecord(
            "round",
            f"{one.round.route} {one.round.starts_at.astimezone(ZoneInfo(engagement.timezone)):%Y-%m-%d %H:%M}",
            f"{len(one.round.points)}",
            str(one.round.day),
            one.state.value,
            _one(counts=one.state is RoundState.COMPLETE),
            Decimal(1),
        )


def _cleaning(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    rows = session.exec(
        select(WorkRecord, WorkOrder)
        .join(WorkOrder, col(WorkOrder.id) == col(WorkRecord.work_order_id))
        .where(
            WorkOrder.engagement_id == engagement_id(engagement),
            WorkOrder.subject == "cleaning",
            WorkRecord.done_on >= days.first,
            WorkRecord.done_on <= days.last,
            is_standing_result(),
        )
        .order_by(col(WorkRecord.done_on), col(WorkRecord.id))
    ).all()
    for record, order in rows:
        yield CountedRecord(
            "work_record",
            f"{order.id}/{record.sequence}",
            f"{order.series} {order.target_code}".strip(),
            str(record.done_on),
            record.outcome,
            _one(counts=record.outcome != "failed"),
            Decimal(1),
        )


def _first_looks(subject: str) -> Reader:
    def read(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
        looks = session.exec(
            select(QualityInspection)
            .where(
                QualityInspection.engagement_id == engagement_id(engagement),
                QualityInspection.subject == subject,
                col(QualityInspection.reinspects).is_(None),
                QualityInspection.inspected_on >= days.first,
                QualityInspection.inspected_on <= days.last,
            )
            .order_by(col(QualityInspection.inspected_at), col(QualityInspection.id))
        ).all()
        for look in looks:
            yield CountedRecord(
                "inspection",
                str(look.id),
                f"{look.sheet} {look.target_code}",
                str(look.inspected_on),
                "passed" if look.passed else "failed",
                _one(counts=look.passed),
                Decimal(1),
            )

    return read


def _cameras(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    due = due_checks(session, engagement_id(engagement), days.first, days.last)
    for (tag, day), row in sorted(due.items(), key=lambda item: (item[0][1], item[0][0])):
        said = "unseen" if row is None else "passed" if row.healthy else "failed"
        yield CountedRecord(
            "camera_check", tag, "", str(day), said, _one(counts=row is not None and row.healthy), Decimal(1)
        )


def _promises(kind: RequestKind | None, *, resolution: bool) -> Reader:
    def read(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
        start, end = period_bounds_utc(days, ZoneInfo(engagement.timezone))
        for one in judged_requests(session, engagement_id(engagement), start, end):
            due, kept = (
                (one.resolution_due, one.resolution_kept)
                if resolution
                else (one.response_due, one.response_kept)
            )
            if due and kind in (None, one.request.kind):
                yield _request(
                    engagement,
                    one.request,
                    "kept" if kept else "broken",
                    _one(counts=kept),
                    Decimal(1),
                )

    return read


def _request(
    engagement: Engagement, request: ServiceRequest, said: str, part: Decimal, whole: Decimal
) -> CountedRecord:
    received = f"{request.received_at.astimezone(ZoneInfo(engagement.timezone)):%Y-%m-%d %H:%M}"
    return CountedRecord("request", request.number, request.kind, received, said, part, whole)


def _settled(kind: RequestKind | None, *, once: bool) -> Reader:
    """Requests settled for the first time: those opened again count, or those that were settled at once."""

    def read(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
        start, end = period_bounds_utc(days, ZoneInfo(engagement.timezone))
        for one in standing_requests(session, engagement_id(engagement), start, end):
            if one.first_settled and kind in (None, one.request.kind):
                counts = (one.reopened == 0) if once else (one.reopened > 0)
                yield _request(
                    engagement,
                    one.request,
                    "reopened" if one.reopened else "settled",
                    _one(counts=counts),
                    Decimal(1),
                )

    return read


def _backlog_age(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    start, end = period_bounds_utc(days, ZoneInfo(engagement.timezone))
    for one in standing_requests(session, engagement_id(engagement), start, end):
        if one.open_for is not None:
            hours = Decimal(one.open_for // _MINUTE) / 60
            yield _request(
                engagement,
                one.request,
                "open",
                hours,
                Decimal(1),
            )


def _complaints(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    start, end = period_bounds_utc(days, ZoneInfo(engagement.timezone))
    for request in complaints_between(session, engagement_id(engagement), start, end):
        yield _request(
            engagement,
            request,
            "received",
            Decimal(100),
            Decimal(0),
        )
    yield CountedRecord(
        "capacity",
        "households",
        "",
        str(days.last),
        "counted",
        Decimal(0),
        Decimal(engagement.unit_count or 0),
    )


def _on_post(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    key, zone = engagement_id(engagement), ZoneInfo(engagement.timezone)
    for span in manned_posts(session, key, days):
        start, end = period_bounds_utc(Period(days.kind, days.label, span.first, span.last), zone)
        shifts = shifts_between(session, key, start, end, qualified=True)
        day = span.first
        while day <= span.last:
            begins, ends = day_bounds_utc(day, zone)
            today = [one for one in shifts if one.end > begins and one.start < ends]
            for post, heads in sorted(span.posts.items()):
                proof = prove_coverage(today, {post: heads}, begins, ends)
                yield CountedRecord(
                    "shift_day",
                    post,
                    f"{heads}",
                    str(day),
                    "covered" if proof.covered == proof.required else "gaps",
                    Decimal(proof.covered // _MINUTE),
                    Decimal(proof.required // _MINUTE),
                )
            day += _DAY


def _released_staff(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    for member in staff_of(session, engagement_id(engagement), days.last):
        ready = member.released_on is not None and member.released_on <= days.last
        yield CountedRecord(
            "staff",
            member.ref,
            member.post_code,
            str(member.released_on if ready else member.assigned_on),
            "passed" if ready else "missing",
            _one(counts=ready),
            Decimal(1),
        )


def _trained_staff(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    key = engagement_id(engagement)
    trained = trained_staff(session, key, days.last)
    for member in staff_of(session, key, days.last):
        yield CountedRecord(
            "staff",
            member.ref,
            member.post_code,
            str(days.last),
            "passed" if member.ref in trained else "missing",
            _one(counts=member.ref in trained),
            Decimal(1),
        )


def _drills(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    drills = session.exec(
        select(Incident)
        .where(
            Incident.engagement_id == engagement_id(engagement),
            col(Incident.is_drill).is_(True),
            col(Incident.reviewed_on) >= days.first,
            col(Incident.reviewed_on) <= days.last,
            col(Incident.score).is_not(None),
        )
        .order_by(col(Incident.reviewed_on), Incident.ref)
    ).all()
    for drill in drills:
        yield _drill(drill, drill.reviewed_on or days.last)


def _drill(drill: Incident, on: date) -> CountedRecord:
    score = (drill.score or Decimal(0)) * 100
    return CountedRecord("drill", drill.ref, drill.plan_kind, str(on), "held", score, Decimal(1))


def _drills_of_two_years(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    for on, drill in drills_scored(session, engagement, days.last):
        yield _drill(drill, on)


def _plans_drilled(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    for one in standings_on(session, engagement, days.last):
        overdue = one.state is DrillState.OVERDUE
        if one.last_on is not None or overdue:
            yield CountedRecord(
                "plan",
                one.kind,
                "",
                str(one.last_on or one.due_on),
                "overdue" if overdue else "in_time",
                _one(counts=not overdue),
                Decimal(1),
            )


def _spending(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    statement = session.exec(
        select(Statement).where(
            Statement.engagement_id == engagement_id(engagement), Statement.period == days.label
        )
    ).one_or_none()
    if statement is None:
        return
    lines = session.exec(
        select(StatementLine)
        .where(StatementLine.statement_id == statement.id, StatementLine.kind == "expense")
        .order_by(StatementLine.cost_item)
    ).all()
    for line in lines:
        said = "over" if line.actual > line.budget else "within"
        yield CountedRecord(
            "statement_line", line.cost_item, "", days.label, said, line.actual - line.budget, line.budget
        )


def _satisfied(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    for wave, satisfied, n in overall_answers(
        session, quarterly_waves(session, engagement_id(engagement), days)
    ):
        yield CountedRecord(
            "wave", wave.period, "OV1", str(wave.closed_on), "closed", Decimal(satisfied), Decimal(n)
        )


def _answered(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    for wave in quarterly_waves(session, engagement_id(engagement), days):
        counts = wave_dispositions(session, wave)
        yield CountedRecord(
            "wave",
            wave.period,
            "",
            str(wave.closed_on),
            "closed",
            Decimal(counts.answered),
            Decimal(counts.not_ineligible),
        )


def _hours_worked(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    rows = session.execute(  # columns alone: of a year there are ten thousands
        sa_select(
            col(WorkRecord.done_on),
            col(WorkRecord.sequence),
            col(WorkRecord.hours),
            col(WorkOrder.id),
            col(WorkOrder.commitment_id),
            col(WorkOrder.series),
            col(WorkOrder.target_code),
        )
        .join(WorkOrder, col(WorkOrder.id) == col(WorkRecord.work_order_id))
        .where(
            col(WorkOrder.engagement_id) == engagement_id(engagement),
            col(WorkRecord.done_on) >= days.first,
            col(WorkRecord.done_on) <= days.last,
            col(WorkRecord.hours) != Decimal(0),
            is_standing_result(),
        )
        .order_by(col(WorkRecord.done_on), col(WorkRecord.id))
    ).all()
    for done_on, sequence, hours, order, commitment, series, target in rows:
        yield CountedRecord(
            "work_record",
            f"{order}/{sequence}",
            f"{series} {target}".strip(),
            str(done_on),
            "unplanned" if commitment is None else "planned",
            Decimal(0) if commitment is None else hours,
            hours,
        )


def _backlog_weeks(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    key, on = engagement_id(engagement), days.last
    rows = session.exec(
        select(WorkOrder, col(Commitment.hours))
        .join(Commitment, col(Commitment.id) == col(WorkOrder.commitment_id), isouter=True)
        .where(WorkOrder.engagement_id == key, maintenance_open(on))
        .order_by(col(WorkOrder.due_on), col(WorkOrder.id))
    ).all()
    capacity = weekly_hours(session, key, on)
    repair_hours = (
        usual_repair_hours(session, key, on)
        if any(order.commitment_id is None for order, _hours in rows)
        else Decimal(0)
    )
    if repair_hours is None or not capacity:
        return  # the figure says that there is no data
    for order, hours in rows:
        about = f"{order.series} {order.target_code}".strip()
        yield CountedRecord(
            "order",
            str(order.id),
            about,
            str(order.due_on),
            "open",
            repair_hours if order.commitment_id is None else Decimal(hours),
            Decimal(0),
        )
    yield CountedRecord("capacity", "weekly_hours", "", str(on), "counted", Decimal(0), capacity)


def _failures(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    """All machines' hours, less those out of order, over the failures that began."""
    zone = ZoneInfo(engagement.timezone)
    start, end = period_bounds_utc(days, zone)
    assets = _tags(session, engagement)
    yield CountedRecord(
        "machine",
        f"{len(assets)}",
        "",
        str(days.last),
        "watched",
        len(assets) * _hours(end - start),
        Decimal(0),
    )
    for failure in separate_failures(
        (spell for _series, spell in repairs_under_way(session, engagement, days)), zone
    ):
        out = max(timedelta(0), min(failure.restored or end, end) - max(failure.began, start))
        begun = start <= failure.began < end
        if out or begun:
            yield CountedRecord(
                "failure",
                failure.asset_tag,
                "",
                f"{failure.began.astimezone(zone):%Y-%m-%d %H:%M}",
                "out_of_order" if failure.restored is None else "restored",
                -_hours(out),
                _one(counts=begun),
            )


def _restored(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    zone = ZoneInfo(engagement.timezone)
    start, end = period_bounds_utc(days, zone)
    for failure in separate_failures(
        (spell for _series, spell in repairs_under_way(session, engagement, days)), zone
    ):
        if failure.restored is not None and start < failure.restored <= end:
            yield CountedRecord(
                "failure",
                failure.asset_tag,
                "",
                f"{failure.began.astimezone(zone):%Y-%m-%d %H:%M}",
                "restored",
                _hours(failure.restored - failure.began),
                Decimal(1),
            )


def _in_order(session: Session, engagement: Engagement, days: Period) -> Iterable[CountedRecord]:
    zone = ZoneInfo(engagement.timezone)
    found = separate_failures(
        (
            spell
            for series, spell in repairs_under_way(session, engagement, days)
            if series.startswith(OUT_OF_ORDER)
        ),
        zone,
    )
    out = machine_days_out_of_order(found, days.first, days.last, zone)
    length = (days.last - days.first).days + 1
    for tag in _tags(session, engagement):
        bad = out.get(tag, 0)
        yield CountedRecord(
            "machine",
            tag,
            "",
            str(days.last),
            "out_of_order" if bad else "in_order",
            Decimal(length - bad),
            Decimal(length),
        )


def _tags(session: Session, engagement: Engagement) -> Sequence[str]:
    return session.exec(
        select(Asset.tag).where(Asset.engagement_id == engagement_id(engagement)).order_by(Asset.tag)
    ).all()


def _hours(span: timedelta) -> Decimal:
    return Decimal(span // timedelta(seconds=1)) / 3600


READERS: dict[IndicatorCode, Reader] = {
    IndicatorCode.PM_COMPLIANCE: _in_window(PLANNED_MAINTENANCE),
    IndicatorCode.SCHEDULE_COMPLIANCE: _as_scheduled,
    IndicatorCode.STATUTORY_COMPLIANCE: _in_window(
        (*PLANNED_MAINTENANCE, "round", "security_patrol"), statutory=True
    ),
    IndicatorCode.ROUND_COMPLETION: _in_window(("round",)),
    IndicatorCode.CLEANING_PASS_RATE: _cleaning,
    IndicatorCode.CLEANING_FIRST_PASS: _first_looks("cleaning"),
    IndicatorCode.GREENING_COMPLETION: _in_window(("greening",)),
    IndicatorCode.GREENING_FIRST_PASS: _first_looks("greening"),
    IndicatorCode.PATROL_COMPLETION: _patrols,
    IndicatorCode.POST_COVERAGE: _on_post,
    IndicatorCode.RESPONSE_ON_TIME: _promises(None, resolution=False),
    IndicatorCode.RESOLUTION_ON_TIME: _promises(RequestKind.REPAIR, resolution=True),
    IndicatorCode.COMPLAINT_HANDLING: _promises(RequestKind.COMPLAINT, resolution=True),
    IndicatorCode.REOPEN_RATE: _settled(None, once=False),
    IndicatorCode.FIRST_TIME_FIX: _settled(RequestKind.REPAIR, once=True),
    IndicatorCode.BACKLOG_AGE: _backlog_age,
    IndicatorCode.COMPLAINTS_PER_100: _complaints,
    IndicatorCode.TRAINING_COVERAGE: _released_staff,
    IndicatorCode.DRILL_SCORE: _drills,
    IndicatorCode.PLANS_DRILLED: _plans_drilled,
    IndicatorCode.DRILL_MEDIAN: _drills_of_two_years,
    IndicatorCode.EMERGENCY_TRAINED: _trained_staff,
    IndicatorCode.BUDGET_VARIANCE: _spending,
    IndicatorCode.SATISFACTION_SHARE: _satisfied,
    IndicatorCode.RESPONSE_RATE: _answered,
    IndicatorCode.EQUIPMENT_IN_ORDER: _in_order,
    IndicatorCode.CAMERAS_HEALTHY: _cameras,
    IndicatorCode.MTBF: _failures,
    IndicatorCode.MTTR: _restored,
    IndicatorCode.PLANNED_WORK: _hours_worked,
    IndicatorCode.BACKLOG_WEEKS: _backlog_weeks,
}
"""Who reads the records of which indicator."""


def issue_records(cycle: CycleRef) -> IssuedPack:
    """Keep the workbook with the records behind every figure of the cycle's period; issued before, it stays."""
    before = issued_pack(cycle.engagement_id, RECORDS, cycle.period)
    if before is not None:
        return before
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        pack = records_pack(
            engagement,
            period=cycle.period,
            traces=traces_of(session, engagement, cycle.period, cycle.as_of),
            on=cycle.as_of,
        )
    return issue_workbook(cycle, RECORDS, pack, cycle.as_of)


def issue_term_index(cycle: CycleRef, periods: Sequence[str]) -> IssuedPack:
    """Keep the workbook that says where the records of every figure of the dossier lie."""
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        figures = session.exec(
            select(IndicatorFigure).where(
                IndicatorFigure.engagement_id == cycle.engagement_id, col(IndicatorFigure.period).in_(periods)
            )
        ).all()
        files = dict(
            session.exec(
                select(PackRow.period, PackRow.file_name).where(
                    PackRow.engagement_id == cycle.engagement_id, PackRow.kind == RECORDS
                )
            ).all()
        )
        pack = term_index_pack(engagement, figures=figures, files=files, on=cycle.as_of)
    return issue_workbook(cycle, "evaluation_records", pack, cycle.as_of)


def shown_trace(code: str, indicator: str, period: str) -> dict[str, Any]:
    """A kept figure with its days, its rows and the origin of its target, as plain values."""
    with reading() as session:
        engagement = find_engagement(session, code)
        trace = trace_of(session, engagement, indicator, period)
        voice = voice_of(engagement)
        figure, contract = trace.figure, trace.contract
        part, whole = trace.summed
        return {
            "indicator": figure.code,
            "name": indicator_name(figure.code, voice),
            "period": figure.period,
            "days": f"{trace.first} – {trace.last}",
            "formula": figure.formula,
            "kept": {
                "numerator": figure.numerator,
                "denominator": figure.denominator,
                "value": figure.value,
                "target": figure.target,
                "state": figure.state,
            },
            "records_come_to": {"numerator": number(part), "denominator": number(whole)},
            "agrees": trace.agrees,
            "is_a_sum": trace.is_a_sum,
            "contract": "" if contract is None else contract_words(contract, voice),
            "targets": [
                {
                    "plan": source.plan_version,
                    "from": str(source.effective_on),
                    "clause": source.clause,
                    "commitment": source.commitment,
                    "promise": voice(source.title_en, source.title_zh),
                    "target": source.target,
                    "decides": source.decides,
                }
                for source in trace.targets
            ],
            "rows": [
                {
                    "record": row.kind,
                    "ref": row.ref,
                    "about": row.about,
                    "day": row.day,
                    "found": row.said,
                    "numerator": number(row.part),
                    "denominator": number(row.whole),
                }
                for row in trace.rows
            ],
        }


def write_trace(code: str, indicator: str, period: str, out: Path) -> None:
    """Write the same as a workbook."""
    with reading() as session:
        engagement = find_engagement(session, code)
        trace = trace_of(session, engagement, indicator, period)
        pack = records_pack(engagement, period=period, traces=[trace], on=business_today(engagement))
    write_whole(out, render_xlsx(pack))


def listed_figures(code: str, period: str = "") -> list[dict[str, Any]]:
    """The kept figures of a period, by default of the newest month, with how many promises name each.

    Raises:
        Terminal: no figure is kept for the period.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        kept = session.exec(
            select(IndicatorFigure.period).where(IndicatorFigure.engagement_id == key).distinct()
        ).all()
        months = sorted(one for one in kept if len(one) == len("2027-01"))
        wanted = period or (months[-1] if months else "")
        if wanted not in kept:
            raise Terminal(
                f"No figures are kept for {wanted or 'any period'!r}; expected one of {', '.join(sorted(kept)) or 'none yet'}."
            )
        voice = voice_of(engagement)
        return [
            {
                "indicator": row.code,
                "name": indicator_name(row.code, voice),
                "period": row.period,
                "counted": ""
                if row.numerator is None
                else f"{number(row.numerator)} / {number(row.denominator or Decimal(0))}",
                "value": "" if row.value is None else indicator_value(row.code, row.value, voice, row.target),
                "target": "" if row.target is None else indicator_value(row.code, row.target, voice),
                "state": row.state,
            }
            for row in figures_of(session, key, wanted)
        ]
