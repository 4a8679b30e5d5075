"""How good was the service in figures? Reckons each period's indicators from its records (C1)."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, or_, select

from models.accounts import Statement
from models.audit import record_event
from models.engagement import Engagement
from models.review import IndicatorFigure
from models.rules.coverage import prove_coverage
from models.rules.indicators import (
    INDICATORS,
    Figure,
    FigureState,
    IndicatorCode,
    budget_variance_figure,
    mean_figure,
    share_figure,
)
from models.rules.periods import Period, PeriodKind, period_bounds_utc
from models.rules.satisfaction import Bounds, WithInterval
from models.rules.survey_special import PREFIX as SPECIAL
from models.staff import StaffMember
from models.survey import SurveyFigure, SurveyWave
from models.upsert import insert_if_absent
from models.work import WorkOrder, WorkRecord
from reports.indicator_sections import indicator_name, indicator_value
from reports.words import voice_of
from tasks.camera_log import count_healthy
from tasks.cycles import CycleRef, cycle_transaction
from tasks.drill_schedule import readiness_on
from tasks.emergencies import count_drills
from tasks.engagements import engagement_id, engagement_of
from tasks.inspections import count_first_looks
from tasks.maintenance_figures import PLANNED_MAINTENANCE, maintenance_figures
from tasks.patrols import count_rounds, first_route_day
from tasks.promises import Targets, manned_posts, targets_for
from tasks.request_quality import desk_quality
from tasks.rosters import shifts_between
from tasks.service_desk import desk_counts
from tasks.standing_records import is_standing_result
from tasks.steps import step
from tasks.survey_fieldwork import wave_dispositions
from tasks.wear_parts import settle_replaced_parts
from tasks.work_orders import count_orders

_MINUTE = timedelta(minutes=1)


@step("Reckon the indicators")
def compute_indicators(cycle: CycleRef) -> list[dict[str, str]]:
    """Reckon and keep the indicators of the cycle's period; figures kept before stay as they are.

    Returns:
        Indicator, figure against target in words, and state of each, for the UI.
    """
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        period = judged_days(Period.parse(cycle.period), engagement, cycle.as_of)
        targets = targets_for(session, cycle.engagement_id, period)
        settle_replaced_parts(session, cycle.engagement_id)
        figures = [
            *_work_figures(session, cycle.engagement_id, period, targets),
            *maintenance_figures(session, engagement, period, targets),
            *_desk_figures(session, engagement, period, targets),
            *_people_figures(session, engagement, period, targets),
            *_money_figures(session, cycle.engagement_id, period, targets),
            *_owner_figures(session, cycle.engagement_id, period, targets),
        ]
        insert_if_absent(
            session,
            IndicatorFigure,
            [
                {
                    "engagement_id": cycle.engagement_id,
                    "code": figure.code.value,
                    "period": cycle.period,
                    "numerator": figure.numerator,
                    "denominator": figure.denominator,
                    "value": None if figure.value is None else round(figure.value, 6),
                    "target": figure.target,
                    "state": figure.state.value,
                    "formula": INDICATORS[figure.code].formula,
                }
                for figure in figures
            ],
        )
        states = {figure.code.value: figure.state.value for figure in figures}
        record_event(session, cycle.engagement_id, "indicators.reckoned", cycle.period, states)
        voice = voice_of(engagement)
        return [
            {
                "indicator": indicator_name(row.code, voice),
                "figure": figure_against_target(engagement, row),
                "state": row.state,
            }
            for row in figures_of(session, cycle.engagement_id, cycle.period)
        ]


def figures_of(session: Session, key: int, period: str) -> list[IndicatorFigure]:
    """The kept figures of a period, in the registry's order."""
    order = [code.value for code in IndicatorCode]
    rows = session.exec(
        select(IndicatorFigure).where(IndicatorFigure.engagement_id == key, IndicatorFigure.period == period)
    ).all()
    return sorted(rows, key=lambda row: order.index(row.code))


def figure_against_target(engagement: Engagement, figure: IndicatorFigure) -> str:
    """A figure and its target in words, in the engagement's language."""
    voice = voice_of(engagement)
    value = indicator_value(figure.code, figure.value, voice, figure.target)
    if figure.target is None:
        return value
    target = indicator_value(figure.code, figure.target, voice)
    return f"{value}（目标 {target}）" if engagement.language == "zh" else f"{value} (target {target})"


def count_states(figures: Sequence[IndicatorFigure]) -> tuple[int, int, int]:
    """How many of the figures with a target are met, missed and without data."""
    states = [figure.state for figure in figures if figure.target is not None]
    return (
        states.count(FigureState.MET),
        states.count(FigureState.MISSED),
        states.count(FigureState.NO_DATA),
    )


def judged_days(period: Period, engagement: Engagement, as_of: date) -> Period:
    """The part of a period that can be judged: inside the term, and over before the day of the review."""
    first = max(period.first, engagement.term_start)
    last = min(period.last, engagement.last_day, as_of - timedelta(days=1))
    return Period(period.kind, period.label, first, max(first, last))


def _work_figures(session: Session, key: int, period: Period, targets: Targets) -> list[Figure]:
    def in_time(code: IndicatorCode, *subjects: str, statutory: bool = False) -> Figure:
        done, total = count_orders(session, key, period.first, period.last, subjects, statutory)
        return share_figure(code, done, total, targets.get(code))

    def first_time(code: IndicatorCode, subject: str) -> Figure:
        passed, looks = count_first_looks(session, key, subject, period.first, period.last)
        return share_figure(code, passed, looks, targets.get(code))

    passed, checked = _cleaning_results(session, key, period)
    return [
        in_time(IndicatorCode.PM_COMPLIANCE, *PLANNED_MAINTENANCE),
        in_time(
            IndicatorCode.STATUTORY_COMPLIANCE,
            *PLANNED_MAINTENANCE,
            "round",
            "security_patrol",
            statutory=True,
        ),
        in_time(IndicatorCode.ROUND_COMPLETION, "round"),
        share_figure(IndicatorCode.CLEANING_PASS_RATE, passed, checked, targets.get("cleaning_pass_rate")),
        first_time(IndicatorCode.CLEANING_FIRST_PASS, "cleaning"),
        in_time(IndicatorCode.GREENING_COMPLETION, "greening"),
        first_time(IndicatorCode.GREENING_FIRST_PASS, "greening"),
        share_figure(
            IndicatorCode.PATROL_COMPLETION,
            *_patrol_results(session, key, period),
            targets.get("patrol_completion"),
        ),
        share_figure(
            IndicatorCode.CAMERAS_HEALTHY,
            *count_healthy(session, key, period.first, period.last),
            targets.get("cameras_healthy"),
        ),
    ]


def _patrol_results(session: Session, key: int, period: Period) -> tuple[int, int]:
    """Patrols complete and due: rounds from the first day of a route on, before it the orders of the plan."""
    since = first_route_day(session, key)
    if since is None or since > period.last:
        return count_orders(session, key, period.first, period.last, ("security_patrol",))
    first = max(since, period.first)
    complete, due = count_rounds(session, engagement_of(session, key), first, period.last)
    done, orders = count_orders(session, key, period.first, first - timedelta(days=1), ("security_patrol",))
    return complete + done, due + orders


def _cleaning_results(session: Session, key: int, period: Period) -> tuple[int, int]:
    rows = session.exec(
        select(WorkRecord.outcome, func.count())
        .join(WorkOrder, col(WorkOrder.id) == col(WorkRecord.work_order_id))
        .where(
            WorkOrder.engagement_id == key,
            WorkOrder.subject == "cleaning",
            WorkRecord.done_on >= period.first,
            WorkRecord.done_on <= period.last,
            is_standing_result(),
        )
        .group_by(col(WorkRecord.outcome))
    ).all()
    counts = dict(rows)
    return sum(counts.values()) - counts.get("failed", 0), sum(counts.values())


def _desk_figures(session: Session, engagement: Engagement, period: Period, targets: Targets) -> list[Figure]:
    start, end = period_bounds_utc(period, ZoneInfo(engagement.timezone))
    desk = desk_counts(session, engagement_id(engagement), start, end)
    quality = desk_quality(session, engagement_id(engagement), start, end)
    return [
        share_figure(
            IndicatorCode.RESPONSE_ON_TIME,
            desk.responded_on_time,
            desk.received,
            targets.get("response_on_time"),
        ),
        share_figure(
            IndicatorCode.RESOLUTION_ON_TIME,
            desk.repairs_on_time,
            desk.repairs,
            targets.get("resolution_on_time"),
        ),
        share_figure(
            IndicatorCode.COMPLAINT_HANDLING,
            desk.complaints_on_time,
            desk.complaints,
            targets.get("complaint_handling"),
        ),
        share_figure(
            IndicatorCode.REOPEN_RATE, quality.reopened, quality.settled, targets.get("reopen_rate")
        ),
        share_figure(
            IndicatorCode.FIRST_TIME_FIX,
            quality.repairs_at_once,
            quality.repairs,
            targets.get("first_time_fix"),
        ),
        mean_figure(IndicatorCode.BACKLOG_AGE, quality.open_hours, quality.open, targets.get("backlog_age")),
        mean_figure(
            IndicatorCode.COMPLAINTS_PER_100,
            100 * quality.complaints,
            engagement.unit_count or 0,
            targets.get("complaints_per_100"),
            applicable=bool(engagement.unit_count),
        ),
    ]


def _people_figures(
    session: Session, engagement: Engagement, period: Period, targets: Targets
) -> list[Figure]:
    key = engagement_id(engagement)
    on_post, required = _time_on_post(session, engagement, period)
    staff = staff_of(session, key, period.last)
    drills, score = count_drills(session, key, period.first, period.last)
    return [
        share_figure(
            IndicatorCode.POST_COVERAGE,
            Decimal(on_post // _MINUTE),
            Decimal(required // _MINUTE),
            targets.get("post_coverage"),
            applicable=bool(required),
        ),
        share_figure(
            IndicatorCode.TRAINING_COVERAGE,
            sum(member.released_on is not None and member.released_on <= period.last for member in staff),
            len(staff),
            targets.get("training_coverage"),
        ),
        mean_figure(
            IndicatorCode.DRILL_SCORE,
            score * 100,
            drills,
            targets.get("drill_score"),
            applicable=bool(drills),
        ),
        *_readiness_figures(session, engagement, period, targets),
    ]


def staff_of(session: Session, key: int, on: date) -> list[StaffMember]:
    """Who was on a post at the end of a day, by reference."""
    return list(
        session.exec(
            select(StaffMember)
            .where(
                StaffMember.engagement_id == key,
                StaffMember.assigned_on <= on,
                or_(col(StaffMember.left_on).is_(None), col(StaffMember.left_on) > on),
            )
            .order_by(StaffMember.ref)
        ).all()
    )


def _readiness_figures(
    session: Session, engagement: Engagement, period: Period, targets: Targets
) -> list[Figure]:
    """How ready the property was at the end of the period (B8)."""
    ready = readiness_on(session, engagement, period.last)
    return [
        share_figure(
            IndicatorCode.PLANS_DRILLED,
            ready.drilled.in_time,
            ready.drilled.judged,
            targets.get("plans_drilled"),
        ),
        mean_figure(
            IndicatorCode.DRILL_MEDIAN,
            (ready.median or Decimal(0)) * 100,
            0 if ready.median is None else 1,
            targets.get("drill_median"),
        ),
        share_figure(
            IndicatorCode.EMERGENCY_TRAINED,
            ready.trained,
            ready.staff,
            targets.get("emergency_trained"),
            applicable=ready.taught,
        ),
    ]


def _time_on_post(session: Session, engagement: Engagement, period: Period) -> tuple[timedelta, timedelta]:
    """Person-time on the posts manned day and night, and person-time promised, each day by the plan in force."""
    key = engagement_id(engagement)
    on_post = required = timedelta(0)
    for span in manned_posts(session, key, period):
        days = Period(period.kind, period.label, span.first, span.last)
        start, end = period_bounds_utc(days, ZoneInfo(engagement.timezone))
        # Whoever might not have stood there keeps no promise of a qualified guard, though the shift is on record.
        shifts = shifts_between(session, key, start, end, qualified=True)
        proof = prove_coverage(shifts, span.posts, start, end)
        on_post += proof.covered
        required += proof.required
    return on_post, required


def _money_figures(session: Session, key: int, period: Period, targets: Targets) -> list[Figure]:
    statement = session.exec(
        select(Statement).where(Statement.engagement_id == key, Statement.period == period.label)
    ).one_or_none()
    if statement is None:
        return []
    return [budget_variance_figure(statement.expense, statement.budget, targets.get("budget_variance"))]


def _owner_figures(session: Session, key: int, period: Period, targets: Targets) -> list[Figure]:
    """What owners said in the quarterly waves of a quarter or a longer period; special ones ask another question.

    A month has no wave of its own. The wave of its quarter closes on the day of the month's report, whichever
    comes first: the quarter's review waits for it, the month's report does not tell half of it.
    """
    waves = quarterly_waves(session, key, period)
    if not waves:
        return []
    answers = overall_answers(session, waves)
    interval = _pooled_interval(_shown_figures(session, waves))
    asked = [wave_dispositions(session, wave) for wave in waves]
    return [
        share_figure(
            IndicatorCode.SATISFACTION_SHARE,
            sum((satisfied for _wave, satisfied, _n in answers), Decimal(0)),
            sum(n for _wave, _satisfied, n in answers),
            targets.get("satisfaction_share"),
            interval=interval,
        ),
        share_figure(
            IndicatorCode.RESPONSE_RATE,
            sum(counts.answered for counts in asked),
            sum(counts.not_ineligible for counts in asked),
            targets.get("response_rate"),
        ),
    ]


def quarterly_waves(session: Session, key: int, period: Period) -> list[SurveyWave]:
    """The closed quarterly waves that opened in a quarter or a longer period; of a month none."""
    if period.kind is PeriodKind.MONTH:
        return []
    return list(
        session.exec(
            select(SurveyWave)
            .where(
                SurveyWave.engagement_id == key,
                ~col(SurveyWave.period).startswith(SPECIAL, autoescape=True),
                col(SurveyWave.closed_on).is_not(None),
                SurveyWave.opened_on >= period.first,
                SurveyWave.opened_on <= period.last,
            )
            .order_by(SurveyWave.period)
        ).all()
    )


def overall_answers(session: Session, waves: Sequence[SurveyWave]) -> list[tuple[SurveyWave, Decimal, int]]:
    """Of each wave whose overall question may be shown: satisfied answers, and answers."""
    by_wave = {figure.wave_id: figure for figure in _shown_figures(session, waves)}
    weighted = {wave.id for wave in waves if wave.cells}
    return [
        (wave, _satisfied(by_wave[wave.id], weighted), by_wave[wave.id].n)
        for wave in waves
        if wave.id is not None and wave.id in by_wave
    ]


def _shown_figures(session: Session, waves: Sequence[SurveyWave]) -> list[SurveyFigure]:
    """What was said to the overall question by all, where enough answered for it to be shown."""
    overall = session.exec(
        select(SurveyFigure).where(
            col(SurveyFigure.wave_id).in_([wave.id for wave in waves]),
            SurveyFigure.item_code == "OV1",
            SurveyFigure.stratum == "all",
        )
    ).all()
    return [figure for figure in overall if not figure.suppressed]


def _pooled_interval(shown: Sequence[SurveyFigure]) -> WithInterval | None:
    """The interval of one wave, or of several of a longer period; None where none is shown.

    The same households may have answered each time, so that their errors do not even out: the bounds are the mean of those
    of the waves, each with its own design effect, by their answers. That is cautious.
    """
    n = sum(figure.n for figure in shown)
    if not n:
        return None
    low, high = (
        sum(float(getattr(figure, bound) or 0) * figure.n for figure in shown) / n
        for bound in ("low", "high")
    )
    return Bounds(low, high)


def _satisfied(figure: SurveyFigure, weighted: Collection[int | None]) -> Decimal:
    """Satisfied answers; of a weighted wave its share times the answers, so that the indicator is the share reported."""
    if figure.wave_id in weighted and figure.share is not None:
        return figure.share * figure.n
    return Decimal(figure.satisfied)


def work_by_subject(
    session: Session, key: int, first: date, last: date
) -> list[tuple[str, str, int, int, int]]:
    """Clause, subject and the numbers done, missed and still open of the orders due in the days."""
    rows = session.exec(
        select(WorkOrder.clause, WorkOrder.subject, WorkOrder.state, func.count())
        .where(WorkOrder.engagement_id == key, WorkOrder.due_on >= first, WorkOrder.due_on <= last)
        .group_by(col(WorkOrder.clause), col(WorkOrder.subject), col(WorkOrder.state))
    ).all()
    table: dict[tuple[str, str], dict[str, int]] = {}
    for clause, subject, state, count in rows:
        table.setdefault((clause, subject), {})[state] = count
    return [
        (clause, subject, states.get("done", 0), states.get("missed", 0), states.get("released", 0))
        for (clause, subject), states in sorted(table.items())
    ]
