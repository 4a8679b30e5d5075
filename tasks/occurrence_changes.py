"""What do people change in the planned work? Leave one occurrence out for a reason, record a meter (B2)."""

from datetime import date
from decimal import Decimal, InvalidOperation

from sqlmodel import Session, col, select

from models.audit import record_event
from models.clock import utc_now
from models.db import writing
from models.engagement import Engagement
from models.errors import Terminal
from models.occurrence import MeterReading, Occurrence
from models.register import Asset
from models.rules.weather import WEATHER
from models.upsert import insert_if_absent
from tasks.absorbing import give_back_absorbed
from tasks.amended_occurrences import CANCELLED
from tasks.engagements import business_today, engagement_id, lock_engagement
from tasks.floating_series import plan_following
from tasks.occurrences import release_what_is_open, released_order
from tasks.series import working_days_of

MAX_REASON = 300


def skip_occurrence(code: str, series: str, ordinal: int, reason: str) -> bool:
    """Leave one occurrence out; it keeps its record with the reason, and counts as not done.

    What a larger service contained is planned again by itself. The next one of the series is not touched.

    Returns:
        Whether it was open; an occurrence left out before for the same reason is not left out again.

    Raises:
        Terminal: there is no such occurrence, it is settled, or no reason is given.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > MAX_REASON:
        raise Terminal(f"--reason has {len(reason)} characters; expected a reason of 1 to {MAX_REASON}.")
    if reason.casefold().startswith((WEATHER, CANCELLED)):
        raise Terminal(
            f"--reason begins with {reason.partition(' ')[0]!r}, as only what the product itself calls off does: it is "
            "not counted as missed. Say it in other words; `steward weather apply` leaves out what the weather forbids."
        )
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        found = session.exec(
            select(Occurrence).where(
                Occurrence.engagement_id == key, Occurrence.series == series, Occurrence.ordinal == ordinal
            )
        ).one_or_none()
        if found is None:
            raise Terminal(
                f"{code} has no occurrence {ordinal} of {series!r}: only what is planned can be left out "
                "(this month and the next); `steward schedule show` lists it."
            )
        if found.state == "skipped" and found.reason == reason:
            return False
        if found.state not in ("planned", "released", "absorbed"):
            raise Terminal(
                f"Occurrence {ordinal} of {series} is {found.state}; only an open one can be left out."
            )
        skip_in(session, engagement, found, reason)
        return True


def skip_in(session: Session, engagement: Engagement, found: Occurrence, reason: str) -> None:
    """Leave an open occurrence out, in the caller's transaction, which holds the engagement."""
    key = engagement_id(engagement)
    _call_off_order(session, found, reason)
    found.state, found.reason, found.absorbed_by = "skipped", reason, ""
    found.revision += 1
    session.add(found)
    session.flush()
    given_back = give_back_absorbed(session, key)
    days, today = working_days_of(engagement), business_today(engagement)
    if found.floating:
        plan_following(session, engagement, today, days, [found.commitment_code])
    release_what_is_open(session, engagement, today)
    record_event(
        session,
        key,
        "occurrence.skipped",
        f"{found.series}#{found.ordinal}",
        {"due_on": str(found.due_on), "planned_again": given_back},
    )


def _call_off_order(session: Session, found: Occurrence, reason: str) -> None:
    order = released_order(session, found)
    if order is not None:
        order.state, order.reason = "skipped", reason
        session.add(order)


def record_reading(code: str, asset_tag: str, value: str, on: date | None = None) -> tuple[bool, list[str]]:
    """Record what a meter shows; work it makes due is planned and given out at once, however often it is read.

    Args:
        code: the engagement.
        asset_tag: the asset whose meter it is.
        value: the number it shows.
        on: the day of the reading; the business date by default.

    Returns:
        Whether the reading is new, and the series that are due by the meter now.

    Raises:
        Terminal: no such asset, no number, a day in the future, or less than the meter showed before.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, today = engagement_id(engagement), business_today(engagement)
        day, number = on or today, _number(value)
        if day > today:
            raise Terminal(f"The reading is dated {day}, after the business date {today}.")
        if not session.exec(
            select(Asset.id).where(Asset.engagement_id == key, Asset.tag == asset_tag)
        ).first():
            raise Terminal(f"The register of {code} has no asset {asset_tag!r}.")
        _refuse_backwards(session, key, asset_tag, day, number)
        new = insert_if_absent(
            session,
            MeterReading,
            [
                {
                    "engagement_id": key,
                    "asset_tag": asset_tag,
                    "read_on": day,
                    "value": number,
                    "recorded_at": utc_now(),
                }
            ],
        )
        if new:
            record_event(session, key, "meter.read", asset_tag, {"on": str(day), "value": str(number)})
        plan_following(session, engagement, today, working_days_of(engagement))
        release_what_is_open(session, engagement, today)
        session.flush()
        due = session.exec(
            select(Occurrence.series)
            .where(
                Occurrence.engagement_id == key,
                Occurrence.target_code == asset_tag,
                col(Occurrence.by_meter).is_(True),
                col(Occurrence.state).in_(("planned", "released")),
            )
            .order_by(Occurrence.series)
        ).all()
        return bool(new), list(due)


def _number(value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0 or len(value) > 30:
        raise Terminal(f"The reading is {value!r}; expected a number such as 1250.5.")
    return number


def _refuse_backwards(session: Session, key: int, tag: str, day: date, number: Decimal) -> None:
    rows = session.exec(
        select(col(MeterReading.read_on), col(MeterReading.value))
        .where(MeterReading.engagement_id == key, MeterReading.asset_tag == tag)
        .order_by(col(MeterReading.id))
    ).all()
    newest = dict(rows)
    before = max((value for on, value in newest.items() if on < day), default=None)
    after = min((value for on, value in newest.items() if on > day), default=None)
    if before is not None and number < before:
        raise Terminal(f"The meter of {tag} showed {before} before {day}, so it cannot show {number} then.")
    if after is not None and number > after:
        raise Terminal(f"The meter of {tag} showed {after} after {day}, so it cannot show {number} then.")
