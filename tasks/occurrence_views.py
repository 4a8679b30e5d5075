"""What is planned in a month, and why does one promise fall due on just these days? (B2-B5)"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from models.db import reading
from models.engagement import Engagement
from models.errors import Terminal
from models.occurrence import Occurrence
from models.rules.floating import used_since
from models.rules.periods import Period
from models.rules.planning import Planning
from models.rules.recurrence import Recurrence
from models.rules.schedule import Series, Shift
from models.service_plan import Commitment
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.floating_series import readings_of
from tasks.series import working_days_of

MAX_EXPLAINED = 60


@dataclass(frozen=True)
class SeriesExplanation:
    """One promise at one target, and how each of its dates came about."""

    series: str
    title: str
    rrule: str
    start_on: date
    basis: str
    longest_interval_days: int | None
    law: str
    window_days: int
    absorbs: tuple[str, ...]
    meter: str
    working_days: dict[int, str]
    """Year and what its working days rest on."""
    occurrences: list[dict[str, Any]] = field(default_factory=list)


def listed_occurrences(
    code: str, month: str | None, series: str = "", state: str = ""
) -> list[dict[str, Any]]:
    """The occurrences of a month (the current one by default), in order of their days.

    Raises:
        Terminal: the month is not written like 2027-03.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        period = _month(month or f"{business_today(engagement):%Y-%m}")
        query = (
            select(Occurrence)
            .where(
                Occurrence.engagement_id == engagement_id(engagement),
                Occurrence.due_on >= period.first,
                Occurrence.due_on <= period.last,
            )
            .order_by(col(Occurrence.due_on), Occurrence.series)
        )
        if series:
            query = query.where(col(Occurrence.series).startswith(series, autoescape=True))
        if state:
            query = query.where(Occurrence.state == state)
        return [_listed(one) for one in session.exec(query).all()]


def _month(text: str) -> Period:
    try:
        period = Period.parse(text)
    except ValueError:
        raise Terminal(f"--month is {text!r}; expected a month such as 2027-03.") from None
    if len(period.label) != 7 or "Q" in period.label:
        raise Terminal(f"--month is {text!r}; expected a month such as 2027-03.")
    return period


def _listed(one: Occurrence) -> dict[str, Any]:
    return {
        "due_on": one.due_on,
        "series": one.series,
        "ordinal": one.ordinal,
        "post": one.post_code,
        "state": one.state,
        "nominal_on": one.nominal_on,
        "latest_on": one.latest_on,
        "legal_latest_on": one.legal_latest_on or "",
        "why": why(one),
    }


def why(one: Occurrence) -> str:
    """In words, what is not as the bare rule has it."""
    told = []
    if one.by_meter:
        told.append("the meter came first")
    elif one.due_on < one.nominal_on and one.shift != Shift.EARLIER:
        told.append("brought forward: the legal interval runs from the day the one before was done")
    if one.shift == Shift.EARLIER:
        told.append(f"{one.nominal_on} is no working day")
    elif one.shift == Shift.KEPT_BY_LAW:
        told.append(f"{one.nominal_on} is no working day, but earlier the next would come too late by law")
    elif one.shift == Shift.KEPT:
        told.append(f"{one.nominal_on} is no working day, and there is none to move to")
    if one.absorbed_by:
        told.append(f"done with {one.absorbed_by}")
    if one.reason:
        told.append(one.reason)
    return "; ".join(told)


def explained_series(code: str, series: str) -> SeriesExplanation:
    """How the dates of a series come about: rule, start, k, clipping, shift and law.

    Args:
        code: the engagement.
        series: as `schedule show` names it.

    Raises:
        Terminal: no such series is planned; the message names some that begin alike.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        rows = session.exec(
            select(Occurrence)
            .where(Occurrence.engagement_id == engagement_id(engagement), Occurrence.series == series)
            .order_by(col(Occurrence.ordinal).desc())
            .limit(MAX_EXPLAINED)
        ).all()
        if not rows:
            raise Terminal(_unknown_series(session, engagement, series))
        commitment = session.get_one(Commitment, rows[0].commitment_id)
        planning = Planning.from_json(commitment.planning or {})
        rule = Recurrence.parse(commitment.rrule) if commitment.rrule else None
        one = Series(rule, commitment.start_on, commitment.start_on, commitment.longest_interval_days)
        days = working_days_of(engagement)
        return SeriesExplanation(
            series=series,
            title=commitment.title_zh if engagement.language == "zh" else commitment.title_en,
            rrule=commitment.rrule,
            start_on=commitment.start_on,
            basis=planning.basis.value,
            longest_interval_days=commitment.longest_interval_days,
            law=commitment.statutory,
            window_days=one.window.days,
            absorbs=planning.absorbs,
            meter=_meter_words(session, engagement, planning, list(rows)),
            working_days={year: days.basis(year) for year in sorted({row.due_on.year for row in rows})},
            occurrences=[_explained(row, one) for row in reversed(rows)],
        )


def _meter_words(
    session: Session, engagement: Engagement, planning: Planning, newest_first: list[Occurrence]
) -> str:
    if planning.meter is None:
        return ""
    tag = newest_first[0].target_code
    readings = readings_of(session, engagement_id(engagement), [tag]).get(tag, [])
    served = next((one.done_on for one in newest_first if one.done_on is not None), None)
    used = used_since(served, readings)
    since = f"since {served}" if served else "since the first reading"
    every = f"every {planning.meter.every} {planning.meter.unit}"
    return f"{every}; no reading yet" if used is None else f"{every}; {_plain(used)} {since}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _explained(one: Occurrence, series: Series) -> dict[str, Any]:
    clipped = (
        not one.floating
        and series.rule is not None
        and series.rule.frequency in ("MONTHLY", "YEARLY")
        and series.rule.nth_weekday is None
        and one.nominal_on.day != series.start.day
    )
    return {
        "k": one.ordinal,
        "nominal_on": one.nominal_on,
        "clipped": f"to the month's end, from the {series.start.day}." if clipped else "",
        "due_on": one.due_on,
        "latest_on": one.latest_on,
        "legal_latest_on": one.legal_latest_on or "",
        "state": one.state,
        "done_on": one.done_on or "",
        "why": why(one),
    }


def _unknown_series(session: Session, engagement: Engagement, series: str) -> str:
    alike = session.exec(
        select(Occurrence.series)
        .where(
            Occurrence.engagement_id == engagement_id(engagement),
            col(Occurrence.series).startswith(series.partition("/")[0], autoescape=True),
        )
        .distinct()
        .order_by(Occurrence.series)
        .limit(5)
    ).all()
    known = f"Planned are {', '.join(alike)}." if alike else "`steward schedule show` lists what is planned."
    return f"{engagement.code} has no planned series {series!r}. {known}"
