"""Evaluation: quarterly and annual review, audited accounts, joint evaluation (C1-C3)."""

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.cycle_runs import RUN_NAME, nothing_to_do, take_cycle
from models.rules.cycles import CycleKind
from tasks.accounts_issue import issue_accounts
from tasks.artifacts import show_pack
from tasks.cycles import CycleRef, finish_cycle
from tasks.evaluation import issue_dossier, open_evaluation
from tasks.indicators import compute_indicators
from tasks.reviews import issue_period_review, review_period
from tasks.statements import compile_final_accounts, compile_statement


@flow(name="review-quarter", flow_run_name=RUN_NAME)
def review_quarter(
    engagement: str, period: str, as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, Any]:
    """Review the quarter against plan and contract, and put its accounts to audit (clauses C1, C2).

    Args:
        engagement: code of the engagement.
        period: the quarter, for example 2027-Q1.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.QUARTER_REVIEW, engagement, period, as_of, attempt)
    return nothing_to_do(engagement, period) if cycle is None else _review(cycle, "quarter")


@flow(name="review-year", flow_run_name=RUN_NAME)
def review_year(
    engagement: str, period: str, as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, Any]:
    """Review the contract year so far, in time for the joint evaluation (clause C1).

    Args:
        engagement: code of the engagement.
        period: the year, for example 2027.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.YEAR_REVIEW, engagement, period, as_of, attempt)
    return nothing_to_do(engagement, period) if cycle is None else _review(cycle, "year")


def _review(cycle: CycleRef, kind: str) -> dict[str, Any]:
    if kind == "quarter":
        compile_statement(cycle)
    compute_indicators(cycle)
    counts = review_period(cycle, kind)
    show_pack(f"{kind}-{cycle.code}", issue_period_review(cycle, kind))
    if kind == "quarter":
        show_pack(f"accounts-{cycle.code}", issue_accounts(cycle))
        year = compile_final_accounts(cycle)
        if year:
            show_pack(f"final-accounts-{cycle.code}", issue_accounts(cycle, year))
    finish_cycle(cycle)
    return counts


@flow(name="evaluate-jointly", flow_run_name=RUN_NAME)
def evaluate_jointly(
    engagement: str, period: str = "once", as_of: date | None = None, attempt: int | None = None
) -> State[Any] | dict[str, Any]:
    """Put the term so far before both sides: service, equipment, finance, owner feedback; at its end ask about renewal (C3).

    Args:
        engagement: code of the engagement.
        period: once for the one before the end, evaluation-2 after a rejected one, a year or a day for one in between.
        as_of: the business date; today by default.
        attempt: set by the dispatcher; leave empty.
    """
    cycle = take_cycle(CycleKind.JOINT_EVALUATION, engagement, period, as_of, attempt)
    if cycle is None:
        return nothing_to_do(engagement, period)
    counts = open_evaluation(cycle)
    show_pack(f"evaluation-{engagement}", issue_dossier(cycle))
    finish_cycle(cycle)
    return counts
