"""What do we say about the period, and what will we do better? Self-reviews and their packs (C1, C2)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session, and_, col, or_, select

from models.audit import AuditHead, record_event
from models.db import reading
from models.emergency import Incident
from models.engagement import Engagement
from models.owners import OwnerMeeting
from models.review import IndicatorFigure, Review
from models.rules.indicators import INDICATORS, IndicatorCode
from models.rules.measures import first_measure
from models.rules.periods import (
    Period,
    PeriodKind,
    contract_months,
    contract_quarters,
    contract_years,
    period_bounds_utc,
)
from models.upsert import insert_if_absent
from models.work import PartForecast
from reports.month_report import month_report
from reports.period_review import PERIODS_ABREAST, period_review
from tasks.absorbing import count_absorbed
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import engagement_id, engagement_of
from tasks.improvements import (
    JUDGED_STATES,
    OPEN_STATES,
    actions_in_state,
    actions_of_month,
    open_action,
    settle_action,
)
from tasks.indicator_records import issue_records
from tasks.indicators import (
    count_states,
    figure_against_target,
    figures_of,
    judged_days,
    work_by_subject,
)
from tasks.packs import IssuedPack, issue_pack, mail_pack, with_workbook
from tasks.plan_coverage import coverage_of
from tasks.review_problems import look_back, note_problems, problems_of, words_of
from tasks.service_desk import desk_counts
from tasks.statements import statement_of
from tasks.steps import step
from tasks.survey_figures import figures_of_wave, last_wave_of, wave_before

POST_OF_INDICATOR = {
    "pm_compliance": "technician",
    "statutory_compliance": "technician",
    "round_completion": "technician",
    "cleaning_pass_rate": "cleaner",
    "greening_completion": "gardener",
    "patrol_completion": "patrol_guard",
    "post_coverage": "gate_guard",
    "response_on_time": "service_agent",
    "resolution_on_time": "technician",
    "complaint_handling": "service_agent",
}
"""Who answers for a missed indicator; the manager for all others."""


@step("Review the period")
def review_period(cycle: CycleRef, kind: str) -> dict[str, int]:
    """Hold the self-review: count what was met and missed, and open an action for each missed indicator.

    Args:
        cycle: the cycle of the period.
        kind: month, quarter or year.
    """
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        figures = figures_of(session, cycle.engagement_id, cycle.period)
        met, missed, no_data = count_states(figures)
        held = insert_if_absent(
            session,
            Review,
            [
                {
                    "engagement_id": cycle.engagement_id,
                    "kind": kind,
                    "period": cycle.period,
                    "held_on": cycle.as_of,
                    "met_count": met,
                    "missed_count": missed,
                    "no_data_count": no_data,
                    "summary": _summary(engagement, figures),
                }
            ],
        )
        if kind == "month":
            _judge_actions(session, cycle.engagement_id, figures, cycle.as_of)
        opened = sum(
            _open_action(session, engagement, figure, cycle.as_of)
            for figure in figures
            if figure.state == "missed" and kind == "month"
        )
        if held:  # a repetition holds no second review, and finds nothing more
            days = judged_days(Period.parse(cycle.period), engagement, cycle.as_of)
            note_problems(session, engagement, days, figures, cycle.as_of)
            record_event(
                session,
                cycle.engagement_id,
                f"review.{kind}",
                cycle.period,
                {"met": met, "missed": missed, "no_data": no_data, "actions": opened},
            )
        return {"met": met, "missed": missed, "no_data": no_data, "actions": opened}


def _open_action(session: Session, engagement: Engagement, figure: IndicatorFigure, on: date) -> bool:
    indicator = INDICATORS[IndicatorCode(figure.code)]
    label = indicator.label_zh if engagement.language == "zh" else indicator.label_en
    return open_action(
        session,
        engagement,
        ref=f"indicator:{figure.period}:{figure.code}",
        text=f"{label} {figure_against_target(engagement, figure)}{'：' if engagement.language == 'zh' else ': '}"
        f"{first_measure(IndicatorCode(figure.code), engagement.language)}",
        post_code=POST_OF_INDICATOR.get(figure.code, "manager"),
        on=on,
        target=figure.target,
    )


def _judge_actions(session: Session, key: int, figures: Sequence[IndicatorFigure], on: date) -> None:
    """A month shows whether what was done about an indicator before it worked: is the target met now?"""
    for action in actions_in_state(session, key, "done"):
        source, _, rest = action.ref.partition(":")
        period, _, code = rest.partition(":")
        now = next((figure for figure in figures if figure.code == code), None)
        if source != "indicator" or now is None or now.period <= period or now.value is None:
            continue
        if action.done_on is not None and action.done_on < Period.parse(now.period).last:
            verdict = "verified" if now.state == "met" else "not_demonstrated"
            settle_action(session, action, verdict, now.period, on)


def _summary(engagement: Engagement, figures: Sequence[IndicatorFigure]) -> str:
    zh = engagement.language == "zh"
    missed = [
        INDICATORS[IndicatorCode(figure.code)].label_zh
        if zh
        else INDICATORS[IndicatorCode(figure.code)].label_en
        for figure in figures
        if figure.state == "missed"
    ]
    if not missed:
        return "有数据的指标均达标。" if zh else "Every indicator with data met its target."
    listed = ("、" if zh else ", ").join(missed)
    return f"未达标：{listed}。" if zh else f"Below target: {listed}."


@step("Issue the month's report")
def issue_month_report(cycle: CycleRef) -> IssuedPack:
    """Compile the month's report from the records, keep it, and queue it for client and custodian."""
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        month = Period.parse(cycle.period)
        figures = figures_of(session, cycle.engagement_id, cycle.period)
        start, end = period_bounds_utc(month, ZoneInfo(engagement.timezone))
        desk = desk_counts(session, cycle.engagement_id, start, end)
        statement, lines = statement_of(session, cycle.engagement_id, cycle.period)
        head = session.get(AuditHead, cycle.engagement_id)
        pack = month_report(
            engagement,
            period=cycle.period,
            figures=figures,
            work_counts=work_by_subject(session, cycle.engagement_id, month.first, month.last),
            absorbed=count_absorbed(session, cycle.engagement_id, month.first, month.last),
            desk={
                "received": desk.received,
                "responded_on_time": desk.responded_on_time,
                "repairs": desk.repairs,
                "repairs_on_time": desk.repairs_on_time,
                "complaints": desk.complaints,
                "complaints_on_time": desk.complaints_on_time,
                "reopened": desk.reopened,
            },
            incidents=session.exec(
                select(Incident)
                .where(
                    Incident.engagement_id == cycle.engagement_id,
                    Incident.activated_at >= start,
                    Incident.activated_at < end,
                )
                .order_by(col(Incident.activated_at))
            ).all(),
            statement=statement,
            lines=lines,
            actions=actions_of_month(session, cycle.engagement_id, month),
            parts=session.exec(
                select(PartForecast)
                .where(
                    PartForecast.engagement_id == cycle.engagement_id,
                    col(PartForecast.state).in_(("reported", "approved", "refused")),
                    PartForecast.reported_on
                    <= month.last,  # next month opens at the same time as this report
                )
                .order_by(col(PartForecast.replace_by), col(PartForecast.asset_tag))
            ).all(),
            audit_head=f"{head.sequence}:{head.hash}" if head else "",
            on=cycle.as_of,
            words=words_of(session, cycle.engagement_id, cycle.period),
            problems=problems_of(session, engagement, cycle.period),
            past=look_back(session, engagement, "month", cycle.period, cycle.as_of),
            before=_series(session, engagement, figures, _earlier(engagement, month, PeriodKind.MONTH)),
        )
    issued = with_workbook(issue_pack(cycle, "month", pack, cycle.as_of), issue_records(cycle))
    mail_pack(
        cycle,
        issued,
        ("client", "custodian"),
        (_covering_text(engagement, cycle.period),),
        _key_facts(engagement, figures),
        cycle.as_of,
    )
    return issued


@step("Issue the review pack")
def issue_period_review(cycle: CycleRef, kind: str) -> IssuedPack:
    """Compile the quarterly or annual review pack, keep it, and queue it for client and custodian."""
    with reading() as session:
        engagement = engagement_of(session, cycle.engagement_id)
        period = Period.parse(cycle.period)
        figures = figures_of(session, cycle.engagement_id, cycle.period)
        statement, lines = statement_of(session, cycle.engagement_id, cycle.period)
        review = session.exec(
            select(Review).where(
                Review.engagement_id == cycle.engagement_id,
                Review.kind == kind,
                Review.period == cycle.period,
            )
        ).one()
        wave = last_wave_of(session, cycle.engagement_id, period)
        start, end = period_bounds_utc(period, ZoneInfo(engagement.timezone))
        pack = period_review(
            engagement,
            review=review,
            figures=figures,
            monthly=_monthly(session, engagement, period, figures),
            statement=statement,
            lines=lines,
            survey_figures=figures_of_wave(session, wave),
            survey_before=figures_of_wave(session, wave_before(session, wave) if wave else None),
            items=wave.items if wave else [],
            actions=actions_in_state(
                session,
                cycle.engagement_id,
                *OPEN_STATES,
                *JUDGED_STATES,
            ),
            meetings=session.exec(
                select(OwnerMeeting)
                .where(
                    OwnerMeeting.engagement_id == cycle.engagement_id,
                    OwnerMeeting.held_on >= period.first,
                    OwnerMeeting.held_on <= period.last,
                )
                .order_by(OwnerMeeting.period)
            ).all(),
            incidents=session.exec(
                select(Incident)
                .where(
                    Incident.engagement_id == cycle.engagement_id,
                    or_(
                        and_(
                            col(Incident.is_drill).is_(True),
                            col(Incident.reviewed_on) >= period.first,
                            col(Incident.reviewed_on) <= period.last,
                        ),
                        and_(
                            col(Incident.is_drill).is_(False),
                            Incident.activated_at >= start,
                            Incident.activated_at < end,
                        ),
                    ),
                )
                .order_by(Incident.ref)
            ).all(),
            on=cycle.as_of,
            words=words_of(session, cycle.engagement_id, cycle.period),
            problems=problems_of(session, engagement, cycle.period),
            past=look_back(session, engagement, kind, cycle.period, cycle.as_of),
            before=_series(session, engagement, figures, _earlier(engagement, period, period.kind)),
            coverage=coverage_of(session, engagement, judged_days(period, engagement, cycle.as_of))
            if kind == "year"
            else None,
        )
    issued = with_workbook(issue_pack(cycle, kind, pack, cycle.as_of), issue_records(cycle))
    mail_pack(
        cycle,
        issued,
        ("client", "custodian"),
        (_covering_text(engagement, cycle.period), review.summary),
        _key_facts(engagement, figures),
        cycle.as_of,
    )
    return issued


def _monthly(
    session: Session, engagement: Engagement, period: Period, figures: Sequence[IndicatorFigure]
) -> dict[str, list[tuple[str, Decimal | None]]]:
    months = [
        month
        for month in contract_months(engagement.term_start, engagement.term_end)
        if period.contains(month.first)
    ]
    return _series(session, engagement, figures, months)


def _series(
    session: Session, engagement: Engagement, figures: Sequence[IndicatorFigure], periods: Sequence[Period]
) -> dict[str, list[tuple[str, Decimal | None]]]:
    """The kept values of the figures' indicators in some periods; an indicator without any is left out."""
    found: dict[str, list[tuple[str, Decimal | None]]] = {figure.code: [] for figure in figures}
    for period in periods:
        kept = {
            figure.code: figure for figure in figures_of(session, engagement_id(engagement), period.label)
        }
        for code, series in found.items():
            if code in kept:
                series.append((period.label, kept[code].value))
    return {code: series for code, series in found.items() if series}


def _earlier(engagement: Engagement, period: Period, kind: PeriodKind) -> list[Period]:
    """The periods of the same kind up to this one, at most so many as stand side by side; of the first one none."""
    of_term = {
        PeriodKind.MONTH: contract_months,
        PeriodKind.QUARTER: contract_quarters,
        PeriodKind.YEAR: contract_years,
    }[kind](engagement.term_start, engagement.term_end)
    upto = [one for one in of_term if one.first <= period.first]
    return upto[-PERIODS_ABREAST:] if len(upto) > 1 else []


def _covering_text(engagement: Engagement, period: str) -> str:
    if engagement.language == "zh":
        return f"附件为 {period} 的服务报告（PDF 与工作簿，内容一致），另附各项指标的原始记录工作簿。"
    return (
        f"The report for {period} is attached, as PDF and as a workbook with the same content. "
        "A further workbook lists the records behind every figure."
    )


def _key_facts(engagement: Engagement, figures: Sequence[IndicatorFigure]) -> tuple[tuple[str, str], ...]:
    zh = engagement.language == "zh"
    facts = []
    for figure in figures:
        if figure.value is None or figure.state == "not_applicable":
            continue
        indicator = INDICATORS[IndicatorCode(figure.code)]
        mark = {"met": "✓", "missed": "✗"}.get(figure.state, "")
        facts.append(
            (
                indicator.label_zh if zh else indicator.label_en,
                f"{figure_against_target(engagement, figure)} {mark}".strip(),
            )
        )
    return tuple(facts)
