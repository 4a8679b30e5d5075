"""The month: work is released, and at its end closed, reckoned and reported (B2-B7, C1)."""

from datetime import date
from typing import Any

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State

from flows.cycle_runs import RUN_NAME, nothing_to_do, take_cycle
from models.rules.cycles import CycleKind
from tasks.artifacts import Progress, show_pack, show_table
from tasks.cycles import finish_cycle, postpone_cycle
from tasks.indicators import compute_indicators
from tasks.owner_meetings import call_owner_meeting, issue_bulletin
from tasks.reviews import issue_month_report, review_period
from tasks.statements import compile_statement
from tasks.team_calendars import send_calendars
from tasks.wear_parts import report_wear_parts
from tasks.work_months import close_month_orders, release_month, what_keeps_the_month_closed


@flow(name="open-month", flow_run_name=RUN_NAME)
def open_month(
    engagement: str, period: str, as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, int] | dict[str, str]:
    """Release the month's rounds, maintenance, cleaning, greening and patrols, report wear parts, send calendars (B2-B5).

    Args:
        engagement: code of the engagement.
        period: the month, for example 2027-03.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.MONTH_OPEN, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    why_not = what_keeps_the_month_closed(cycle)
    if why_not:  # started by hand: the dispatcher finds no month due before service begins
        get_run_logger().warning("Nothing is released for %s. %s", period, why_not)
        postpone_cycle(cycle, why_not)
        return {"nothing_released": why_not}
    released = release_month(cycle)
    parts = report_wear_parts(cycle)
    calendars = send_calendars(cycle)
    show_table(
        f"work-{engagement}",
        [{"subject": subject, "released": count} for subject, count in sorted(released.items())],
        f"Work orders released for {period}",
    )
    finish_cycle(cycle)
    return {**released, "parts_reported": parts, "calendars_sent": calendars}


@flow(name="close-month", flow_run_name=RUN_NAME)
def close_month(
    engagement: str, period: str, as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, Any]:
    """Close the month: missed work, statement, indicators, self-review, report and bulletin (B7, C1, C2).

    Args:
        engagement: code of the engagement.
        period: the month, for example 2027-03.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.MONTH_CLOSE, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    progress = Progress(f"close-{engagement}", 6, f"Closing {period}")
    missed = close_month_orders(cycle)
    progress.advance()
    compile_statement(cycle)
    progress.advance()
    figures = compute_indicators(cycle)
    progress.advance()
    review = review_period(cycle, "month")
    progress.advance()
    report = issue_month_report(cycle)
    progress.advance()
    readers = issue_bulletin(cycle)
    progress.advance()
    show_table(
        f"indicators-{engagement}",
        figures,
        f"Indicators of {period}",
    )
    show_pack(f"month-{engagement}", report)
    finish_cycle(cycle)
    return {"orders_missed": missed, "bulletin_readers": readers, **review}


@flow(name="call-owner-meeting", flow_run_name=RUN_NAME)
def call_meeting(
    engagement: str, period: str, as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, int]:
    """Call the quarter's owner meeting with an agenda made from the records (clause B7).

    Args:
        engagement: code of the engagement.
        period: the quarter, for example 2027-Q1.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.OWNER_MEETING, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    invited = call_owner_meeting(cycle)
    finish_cycle(cycle)
    return {"invited": invited}
