"""Which planned work does the weather leave out or move, and how is that taken back? (B3, B4)"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from models.audit import record_event
from models.clock import utc_now
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import Terminal
from models.occurrence import Occurrence
from models.rules.weather import WEATHER, WeatherAct, WeatherDecision, decide_weather
from models.weather import WeatherException
from models.weather_rule_files import load_weather_rules
from models.work import WorkOrder
from reports.words import voice_of
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.moved_occurrences import move_occurrence
from tasks.occurrence_changes import skip_in
from tasks.occurrences import release_what_is_open
from tasks.series import working_days_of
from tasks.weather import AHEAD, weather_facts
from tasks.work_orders import any_record

BACK = timedelta(days=7)
"""Weather excuses no work that was due longer ago: by then it was done or missed (our assumption)."""


@dataclass(frozen=True)
class WeatherChange:
    """What the weather does, or did, to one occurrence."""

    series: str
    ordinal: int
    act: str
    """skip, move, or stay where the window holds no better day."""
    due_on: date
    to_on: date | None
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Plain values, for people and programs."""
        return {
            "series": self.series,
            "k": self.ordinal,
            "act": self.act,
            "due": self.due_on.isoformat(),
            "to": "" if self.to_on is None else self.to_on.isoformat(),
            "reason": self.reason,
        }


def apply_weather(
    code: str, first: date | None = None, last: date | None = None, *, dry_run: bool = False
) -> list[WeatherChange]:
    """Leave out or move what the recorded weather of some days forbids; the same days again change nothing.

    What somebody has begun or done is left alone, and so is work asked for by law.

    Args:
        code: the engagement.
        first: the first day; by default the business date.
        last: the last day; by default the first.
        dry_run: say what would change, and write nothing.

    Raises:
        Terminal: days the wrong way round, too long ago, or beyond any forecast.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        today = business_today(engagement)
        since = first or today
        until = last or since
        if not today - BACK <= since <= until <= today + AHEAD:
            raise Terminal(
                f"--from is {since}, --to is {until}; expected days from {today - BACK} to {today + AHEAD}, "
                "the first before the last: work due longer ago was done or missed, whatever the weather."
            )
        changes: list[WeatherChange] = []
        day = since
        while day <= until:  # in order: what moved to a day is judged by the weather of that day too
            changes += _apply_day(session, engagement, day)
            day += timedelta(days=1)
        made = [change for change in changes if change.act != WeatherAct.STAY]
        if dry_run:
            session.rollback()  # tried in earnest, so that what it says is what would happen
        elif made:
            detail = {"changed": len(made), "from": str(since), "to": str(until)}
            record_event(session, engagement_id(engagement), "weather.applied", code, detail)
        return changes


def _apply_day(session: Session, engagement: Engagement, day: date) -> list[WeatherChange]:
    key, rules = engagement_id(engagement), load_weather_rules()
    weather = weather_facts(session, key, day - timedelta(days=max(r.rain_days for r in rules)), day + AHEAD)
    if day not in weather:
        return []
    codes = sorted({code for rule in rules for code in rule.activities})
    found = session.exec(
        select(Occurrence)
        .where(
            Occurrence.engagement_id == key,
            Occurrence.due_on == day,
            col(Occurrence.commitment_code).in_(codes),
            col(Occurrence.state).in_(("planned", "released")),
            col(Occurrence.legal_latest_on).is_(None),
        )
        .order_by(Occurrence.series, col(Occurrence.ordinal))
    ).all()
    changes = []
    for occurrence in found:
        decision = decide_weather(
            rules,
            weather,
            occurrence.commitment_code,
            (occurrence.due_on, _last_day(session, occurrence)),
            _taken(session, engagement, occurrence),
        )
        if decision is not None and not any_record(session, occurrence):
            changes.append(_apply(session, engagement, occurrence, decision))
    return changes


def _last_day(session: Session, occurrence: Occurrence) -> date:
    """The last day to which it may move: of its window, and before the next of its series."""
    following = session.exec(
        select(func.min(Occurrence.due_on)).where(
            Occurrence.engagement_id == occurrence.engagement_id,
            Occurrence.series == occurrence.series,
            Occurrence.ordinal > occurrence.ordinal,
        )
    ).one()
    if following is None:
        return occurrence.latest_on
    return min(occurrence.latest_on, following - timedelta(days=1))


def _taken(session: Session, engagement: Engagement, occurrence: Occurrence) -> set[date]:
    """The days of the window that are not free: the same work is planned there, or nobody works."""
    first, last = occurrence.due_on, occurrence.latest_on
    days = working_days_of(engagement)
    resting = {
        day
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
        if days.is_working(first) and not days.is_working(day)
    }
    planned = session.exec(
        select(col(Occurrence.due_on)).where(
            Occurrence.engagement_id == occurrence.engagement_id,
            Occurrence.commitment_code == occurrence.commitment_code,
            Occurrence.target_code == occurrence.target_code,
            col(Occurrence.due_on).between(first, last),
        )
    ).all()
    ordered = session.exec(
        select(col(WorkOrder.due_on)).where(
            WorkOrder.engagement_id == occurrence.engagement_id,
            WorkOrder.series == occurrence.commitment_code,
            WorkOrder.target_code == occurrence.target_code,
            col(WorkOrder.due_on).between(first, last),
        )
    ).all()
    return {*resting, *planned, *ordered}


def _apply(
    session: Session, engagement: Engagement, occurrence: Occurrence, decision: WeatherDecision
) -> WeatherChange:
    label = voice_of(engagement)(decision.rule.label.en, decision.rule.label.zh)
    reason = f"{WEATHER}{label} ({decision.facts}) [{decision.rule.code}]"
    change = WeatherChange(
        occurrence.series,
        occurrence.ordinal,
        decision.act.value,
        occurrence.due_on,
        decision.to_on,
        reason,
    )
    if decision.act is WeatherAct.STAY:
        return change
    last = session.exec(
        select(WeatherException.sequence)
        .where(
            WeatherException.engagement_id == occurrence.engagement_id,
            WeatherException.series == occurrence.series,
            WeatherException.ordinal == occurrence.ordinal,
        )
        .order_by(col(WeatherException.sequence).desc())
    ).first()
    session.add(
        WeatherException(
            engagement_id=occurrence.engagement_id,
            series=occurrence.series,
            ordinal=occurrence.ordinal,
            sequence=(last or 0) + 1,
            act=decision.act.value,
            rule=decision.rule.code,
            from_on=occurrence.due_on,
            to_on=decision.to_on,
            state_before=occurrence.state,
            reason=reason,
            applied_at=utc_now(),
        )
    )
    if decision.to_on is None:
        skip_in(session, engagement, occurrence, reason)
    else:
        move_occurrence(session, occurrence, decision.to_on, occurrence.latest_on)
        occurrence.reason = reason
        session.add(occurrence)
    session.flush()
    return change


def undo_weather(
    code: str,
    first: date | None = None,
    last: date | None = None,
    series: str = "",
    *,
    dry_run: bool = False,
) -> tuple[list[WeatherChange], list[str]]:
    """Take back what the weather changed on some days, newest first.

    Args:
        code: the engagement.
        first: the first day on which the work was due; by default the business date.
        last: the last day; by default the first.
        series: only this one.
        dry_run: say what would be taken back, and write nothing.

    Returns:
        What was taken back, and why the rest was not, in sentences.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        since = first or today
        until = last or since
        rows = session.exec(
            select(WeatherException)
            .where(
                WeatherException.engagement_id == key,
                WeatherException.from_on >= since,
                WeatherException.from_on <= until,
                col(WeatherException.undone_at).is_(None),
            )
            .order_by(col(WeatherException.id).desc())
        ).all()
        undone, left = [], []
        for row in rows:
            if series and row.series != series:
                continue
            why = _undo(session, row, today)
            if why:
                left.append(f"{row.series} {row.ordinal} {why}.")
            else:
                undone.append(
                    WeatherChange(row.series, row.ordinal, row.act, row.from_on, row.to_on, row.reason)
                )
        if dry_run:
            session.rollback()
        elif undone:
            release_what_is_open(session, engagement, today)
            detail = {"undone": len(undone), "left": len(left)}
            record_event(session, key, "weather.undone", code, detail)
        return undone, left


def _undo(session: Session, row: WeatherException, today: date) -> str:
    """Put one occurrence back as it was; or what is in the way, as the end of a sentence."""
    occurrence = session.exec(
        select(Occurrence).where(
            Occurrence.engagement_id == row.engagement_id,
            Occurrence.series == row.series,
            Occurrence.ordinal == row.ordinal,
        )
    ).one_or_none()
    if occurrence is None:
        return "is not planned any more"
    if occurrence.latest_on < today:
        return f"counted up to {occurrence.latest_on}, which has passed"
    if row.act == WeatherAct.MOVE:
        if occurrence.state not in ("planned", "released") or occurrence.due_on != row.to_on:
            return f"is {occurrence.state} and due on {occurrence.due_on}; it was changed since"
        if any_record(session, occurrence):
            return "was begun since"
        move_occurrence(session, occurrence, row.from_on, occurrence.latest_on)
    else:
        if occurrence.state != "skipped" or occurrence.reason != row.reason:
            return f"is {occurrence.state}; it was changed since"
        order = session.exec(
            select(WorkOrder).where(
                WorkOrder.engagement_id == row.engagement_id,
                WorkOrder.series == occurrence.commitment_code,
                WorkOrder.target_code == occurrence.target_code,
                WorkOrder.due_on == occurrence.due_on,
                WorkOrder.state == "skipped",
                WorkOrder.reason == row.reason,
            )
        ).one_or_none()
        if order is not None:
            order.state, order.reason = "released", ""
            session.add(order)
        occurrence.state = "released" if order is not None else "planned"
        occurrence.revision += 1
    occurrence.reason = ""
    row.undone_at = utc_now()
    session.add(occurrence)
    session.add(row)
    session.flush()
    return ""


def listed_changes(code: str) -> list[dict[str, Any]]:
    """Everything the weather left out or moved, newest first, and whether it was taken back."""
    with reading() as session:
        engagement = find_engagement(session, code)
        rows = session.exec(
            select(WeatherException)
            .where(WeatherException.engagement_id == engagement_id(engagement))
            .order_by(col(WeatherException.id).desc())
        ).all()
        return [
            {
                **WeatherChange(
                    row.series, row.ordinal, row.act, row.from_on, row.to_on, row.reason
                ).as_json(),
                "taken_back": "" if row.undone_at is None else row.undone_at.date().isoformat(),
            }
            for row in rows
        ]
