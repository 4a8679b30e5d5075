"""The satisfaction survey: whom we ask, what they say, what follows (D1-D6)."""

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.cycle_runs import RUN_NAME, nothing_to_do, take_cycle
from models.rules.cycles import CycleKind
from tasks.artifacts import show_pack, show_picture, show_table
from tasks.cycles import finish_cycle
from tasks.satisfaction import issue_satisfaction_report, wave_pictures, wave_rows
from tasks.surveys import close_wave, open_wave


@flow(name="open-survey", flow_run_name=RUN_NAME)
def open_survey(
    engagement: str, period: str, as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, int]:
    """Open the quarter's survey: frame, sample, single-use codes, invitations (clauses D1-D4).

    Args:
        engagement: code of the engagement.
        period: the quarter, for example 2027-Q1.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.SURVEY_OPEN, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    invited = open_wave(cycle)
    finish_cycle(cycle)
    return {"invited": invited}


@flow(name="close-survey", flow_run_name=RUN_NAME)
def close_survey(
    engagement: str, period: str, as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, Any]:
    """Close the survey: figures with their intervals, actions for weak spots, verdicts on earlier ones (D5, D6).

    Args:
        engagement: code of the engagement.
        period: the quarter, for example 2027-Q1.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.SURVEY_CLOSE, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    result = close_wave(cycle)
    report = issue_satisfaction_report(cycle)
    show_pack(f"satisfaction-{engagement}", report)
    pictures = wave_pictures(cycle)
    if pictures is not None:
        show_picture(f"satisfaction-{engagement}", pictures)
    figures = {
        "invited": result.invited,
        "answered": result.answered,
        "actions_opened": result.actions_opened,
        "actions_settled": result.actions_settled,
    }
    show_table(f"satisfaction-{engagement}-figures", [figures], f"Survey {period} in figures")
    show_table(f"satisfaction-{engagement}-items", wave_rows(cycle), f"Survey {period}, satisfied by item")
    finish_cycle(cycle)
    return figures
